"""A notebook read as cells, and which cells of two notebooks are the same ones.

The JSON is read as it is: nbformat's own reader invents random cell ids where there are none. Whatever has a wrong type is shown as JSON
text rather than refused; only what is no notebook at all is None.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise

from jupyter_kit.compare.alignment import align, longest_increasing

NUMBER_CHARACTERS = 40
"""Longer numbers stay text. Python refuses integers of more than 4,300 digits, and older versions take quadratic time for them."""

ID_CHARACTERS = 64
"""Longest cell id that nbformat 4.5 allows; what is longer is none."""

PAYLOAD_CHARACTERS = 4_096
"""Base64 strings of this length or more are read as size and hash: parsing megabytes of images would take memory and tell nothing."""

SIMILAR = 0.5
"""Least share of words that two cells without other evidence have in common to be versions of one cell."""

SIMILAR_CHARACTERS = 2_000
"""Characters of a cell whose words are compared: enough to recognise it, and keeps the cost of one comparison down."""

NEIGHBOURS = 16
"""Cells on either side of the corresponding position that are compared for similarity."""

COMPARISONS_MAX = 50_000
"""Comparisons of words in one stretch of unmatched cells: about 0.1 s."""

_Key = tuple[str, ...]
"""The id of a cell, or its type and source."""

_PAYLOAD = re.compile(
    rb'"(?:[A-Za-z0-9+/]{%d,}|(?:[A-Za-z0-9+/]{76}\\n){%d,}[A-Za-z0-9+/]*)={0,2}(?:\\n)?"' % (PAYLOAD_CHARACTERS, PAYLOAD_CHARACTERS // 76)
)
"""A JSON string that is all base64, in one line or in the lines of 76 characters that e-mail knows."""

_PAYLOAD_READ = re.compile(r"base64 payload of (\d+) bytes, blake2b [0-9a-f]{32}")
_WORD = re.compile(r"\w+")
_COUNTED_ID = re.compile(r"(.*?)(\d{1,9})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Output:
    """One output without what changes at every run. ``parts`` are (MIME type, text); errors and streams are known by ``name``.

    A stream's name is ``stdout`` or ``stderr``, an error's ``error: ValueError``; other outputs have none. ``metadata`` is JSON text.
    """

    name: str
    parts: tuple[tuple[str, str], ...]
    metadata: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``attachments`` are JSON values by file name."""

    cell_type: str
    id: str | None
    source: str
    outputs: tuple[Output, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    attachments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook's cells in order. ``version`` is nbformat's, as in ``4.5``, empty for an empty file."""

    cells: tuple[Cell, ...]
    metadata: Mapping[str, object]
    version: str


def read_notebook(data: bytes) -> Notebook | None:
    """The notebook in ``data``, or None where that is none. An empty file is a notebook without cells, as JupyterLab has it.

    Raises RecursionError where the JSON is nested deeper than Python follows.
    """
    if not data.strip():
        return Notebook((), {}, "")
    try:
        document = json.loads(_PAYLOAD.sub(_payload, data), parse_int=_integer, parse_float=_float, parse_constant=str)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("cells"), list):
        cells = document["cells"]
    elif isinstance(document.get("worksheets"), list):
        cells = [cell for sheet in document["worksheets"] for cell in _listed(_mapped(sheet).get("cells"))]
    else:
        return None
    version = ".".join(_text(document[key]) for key in ("nbformat", "nbformat_minor") if key in document)
    return Notebook(tuple(map(_cell, cells)), _mapped(document.get("metadata")), version)


def payload_size(text: str) -> int | None:
    """The decoded size in bytes of a base64 string that was read as size and hash; None for other text."""
    match = _PAYLOAD_READ.fullmatch(text)
    return int(match[1]) if match else None


def match_cells(before: Sequence[Cell], after: Sequence[Cell]) -> list[tuple[int, int]]:
    """Positions of the cells that are the same on both sides, modified or not, ordered by the first; no position twice.

    The evidence, strongest first: the id; the same type and source, in the same order or elsewhere; similar words at the same place.
    """
    ids = _ids(before).keys() & _ids(after).keys()
    old_keys, new_keys = ([_key(cell, ids) for cell in cells] for cells in (before, after))
    pairs = {block.before + n: block.after + n for block in align(old_keys, new_keys) for n in range(block.size)}
    _match_elsewhere(pairs, old_keys, new_keys)
    _match_similar(pairs, before, after, ids_tell=bool(ids))
    return sorted(pairs.items())


def backbone(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most pairs that stand in the same order on both sides; the others moved. ``pairs`` are ordered by the first."""
    return [pairs[position] for position in longest_increasing([after for _, after in pairs])]


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= NUMBER_CHARACTERS else digits


def _float(digits: str) -> float | str:
    return float(digits) if len(digits) <= NUMBER_CHARACTERS else digits


def _payload(match: re.Match[bytes]) -> bytes:
    """The JSON string that stands for a long base64 string. Equal strings give equal ones, so nothing else about them need be known."""
    payload = match[0][1:-1].replace(b"\\n", b"")
    size = len(payload) * 3 // 4 - payload[-2:].count(b"=")
    return b'"base64 payload of %d bytes, blake2b %s"' % (size, blake2b(payload, digest_size=16).hexdigest().encode())


def _mapped(value: object) -> dict[str, object]:
    """``value`` where it is a JSON object, otherwise none of its keys."""
    return value if isinstance(value, dict) else {}


def _listed(value: object) -> list[object]:
    """``value`` where it is a JSON list, otherwise nothing."""
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """A text that nbformat allows as a string or as a list of strings; anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return "" if value is None else _json(value)


def _json(value: object) -> str:
    """Canonical JSON: equal values give equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _cell(value: object) -> Cell:
    """One cell of nbformat 4, or of nbformat 3 in the words of 4."""
    if not isinstance(value, dict):
        return Cell("unknown", None, _json(value))
    cell_type = _text(value.get("cell_type")) or "unknown"
    source = _text(value.get("source", value.get("input")))
    if cell_type == "heading":
        level = value.get("level")
        cell_type, source = "markdown", "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1) + " " + source
    cell_id = value.get("id")
    return Cell(
        cell_type,
        cell_id if isinstance(cell_id, str) and len(cell_id) <= ID_CHARACTERS else None,
        source,
        tuple(_outputs(_listed(value.get("outputs")))),
        _mapped(value.get("metadata")),
        _mapped(value.get("attachments")),
    )


_V3_TYPES = {
    "text": "text/plain",
    "html": "text/html",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "latex": "text/latex",
    "json": "application/json",
    "javascript": "application/javascript",
}
"""nbformat 3 keeps the parts of an output beside its type, under short names."""


def _outputs(values: Sequence[object]) -> list[Output]:
    """The outputs of a cell; what was written to one stream in several pieces is one output, for where the pieces end is chance."""
    outputs: list[Output] = []
    for value in values:
        output = _output(value)
        last = outputs[-1] if outputs else None
        if last and last.name == output.name and output.name in {"stdout", "stderr"}:
            outputs[-1] = Output(last.name, (("text/plain", last.parts[0][1] + output.parts[0][1]),))
        else:
            outputs.append(output)
    return outputs


def _output(value: object) -> Output:
    """One output. Of an error only name and value count: its traceback repeats execution counts and file names of temporary modules."""
    if not isinstance(value, dict):
        return Output("unknown", (("application/json", _json(value)),))
    kind = value.get("output_type")
    if kind == "stream":
        name = _text(value.get("name", value.get("stream"))) or "stdout"
        return Output(name, (("text/plain", _text(value.get("text"))),))
    if kind in ("error", "pyerr"):
        return Output(f"error: {_text(value.get('ename')) or 'unknown'}", (("text/plain", _text(value.get("evalue"))),))
    data = value.get("data")
    if not isinstance(data, dict):
        data = {mime: value[key] for key, mime in _V3_TYPES.items() if key in value}
    parts = tuple((mime, _json(data[mime]) if mime.endswith("json") else _text(data[mime])) for mime in sorted(data))
    metadata = value.get("metadata")
    return Output("", parts, _json(metadata) if metadata else "")


def _ids(cells: Sequence[Cell]) -> dict[str, int]:
    """Where each id stands that tells one cell from all others.

    Ids that only count the cells tell nothing: nbstripout numbers them anew each time, so that one inserted cell shifts all that follow.
    """
    counts = Counter(cell.id for cell in cells if cell.id)
    counted = [_COUNTED_ID.fullmatch(cell.id or "") for cell in cells]
    steps = {(match[1], int(match[2]) - position) if match else None for position, match in enumerate(counted)}
    if len(cells) > 1 and len(steps) == 1 and None not in steps:
        return {}
    return {cell.id: position for position, cell in enumerate(cells) if cell.id and counts[cell.id] == 1}


def _key(cell: Cell, ids: Set[str]) -> _Key:
    """What makes a cell the same: its id where both sides have it, otherwise its type and source."""
    return (cell.id,) if cell.id is not None and cell.id in ids else (cell.cell_type, cell.source)


def _match_elsewhere(pairs: dict[int, int], before: Sequence[_Key], after: Sequence[_Key]) -> None:
    """Add what has the same key but stands in another order. Blank sources are alike everywhere and say nothing."""
    taken = set(pairs.values())
    places: defaultdict[_Key, deque[int]] = defaultdict(deque)
    for position, key in enumerate(after):
        if position not in taken and key[-1].strip():
            places[key].append(position)
    for position, key in enumerate(before):
        if position not in pairs and places.get(key):
            pairs[position] = places[key].popleft()


def _match_similar(pairs: dict[int, int], before: Sequence[Cell], after: Sequence[Cell], *, ids_tell: bool) -> None:
    """Add what has similar words, between neighbours that are known."""
    taken = set(pairs.values())
    bounds = [(-1, -1), *backbone(sorted(pairs.items())), (len(before), len(after))]
    for low, high in pairwise(bounds):
        olds = [position for position in range(low[0] + 1, high[0]) if position not in pairs]
        news = [position for position in range(low[1] + 1, high[1]) if position not in taken]
        if len(olds) == len(news) == 1 and not ids_tell and before[olds[0]].cell_type == after[news[0]].cell_type:
            pairs[olds[0]] = news[0]
        elif olds and news:
            pairs.update(_similar(olds, news, before, after))


def _similar(olds: Sequence[int], news: Sequence[int], before: Sequence[Cell], after: Sequence[Cell]) -> list[tuple[int, int]]:
    """The most similar pairs first, as long as they stand in the same order on both sides."""
    reach = min(NEIGHBOURS, COMPARISONS_MAX // (2 * len(olds)))
    old_words = {position: _words(before[position]) for position in olds}
    new_words = {position: _words(after[position]) for position in news}
    candidates = []
    for rank, old in enumerate(olds):
        middle = rank * len(news) // len(olds)
        for new in news[max(0, middle - reach) : middle + reach + 1]:
            if before[old].cell_type != after[new].cell_type:
                continue
            words = len(old_words[old]) + len(new_words[new])
            shared = len(old_words[old] & new_words[new])
            if shared and 2 * shared >= SIMILAR * words:
                candidates.append((-2 * shared / words, old, new))
    chosen: list[tuple[int, int]] = []
    for _, old, new in sorted(candidates):
        place = bisect_left(chosen, (old, new))
        after_left = place == 0 or (chosen[place - 1][0] < old and chosen[place - 1][1] < new)
        before_right = place == len(chosen) or (old < chosen[place][0] and new < chosen[place][1])
        if after_left and before_right:
            chosen.insert(place, (old, new))
    return chosen


def _words(cell: Cell) -> Set[str]:
    """The words a cell is recognised by."""
    return set(_WORD.findall(cell.source[:SIMILAR_CHARACTERS]))
