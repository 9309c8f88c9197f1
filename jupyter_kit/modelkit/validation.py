"""What a Kitfile may say: kit's rules of all generations (kitops.md 2.1), and ours where kit packs something else than was meant.

Paths are compared after cleaning, so ``./a`` beside ``a`` is found, in prompts as well; nothing lies outside of the folder. All that is
wrong is told at once, by entry.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from jupyter_kit.modelkit.kitfile import Dataset, Entry, Kitfile, McpServer, Model, ModelPart, entries
from jupyter_kit.modelkit.layers import clean, is_reference
from jupyter_kit.modelkit.problems import Problem, refusal, shown
from jupyter_kit.modelkit.yaml.reading import parse_yaml

PART_TYPE_LENGTH_MAX = 64
"""Characters of a model part's type (kit)."""

BUNDLE_SUFFIX = ".mcpb"
"""How the files of MCP bundles end."""

_PART_TYPE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_WINDOWS_ABSOLUTE = re.compile(r"[A-Za-z]:[\\/]|\\")
_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")
_S3 = re.compile(r"s3://[^/]+/.+", re.DOTALL)


def load(document: bytes, origin: str = "Kitfile") -> Kitfile:
    """The Kitfile in a YAML document, checked. Raises InvalidInput (invalid-kitfile) naming all that is wrong, and ``origin``.

    An entry that cannot be read is not looked at any further: what is missing of it would be told as if it had been left out.
    """
    read = parse_yaml(document)
    if read.kitfile is None:
        raise refusal(read.problems, origin)
    unread = {problem.entry for problem in read.problems}
    found = [problem._replace(line=read.lines.get(problem.entry, 0)) for problem in problems(read.kitfile, unread)]
    if found or read.problems:
        raise refusal((*read.problems, *found), origin)
    return read.kitfile


def check(kitfile: Kitfile, origin: str = "Kitfile") -> None:
    """Raises InvalidInput (invalid-kitfile) with all that :func:`problems` finds. ``origin`` names the file."""
    if found := problems(kitfile):
        raise refusal(found, origin)


def problems(kitfile: Kitfile, unread: Collection[str] = ()) -> tuple[Problem, ...]:
    """All that is wrong, sorted by entry. Entries with something in ``unread`` (their name, or one inside of them) are left out."""
    named = tuple((name, entry) for name, entry in entries(kitfile) if not any(_is_inside(place, name) for place in unread))
    reasons = [(name, reason) for name, entry in named for reason in _of_entry(entry)]
    reasons += [*_duplicates(named), *_inside_remote(named), *_bundle_names(kitfile)]
    return tuple(sorted({Problem(0, name, reason) for name, reason in reasons}))


def _is_inside(place: str, name: str) -> bool:
    return place == name or place.startswith((f"{name}.", f"{name}["))


def can_be_written(path: str) -> bool:
    """Whether a Kitfile can hold a path at all: it is text, so a name whose bytes are not UTF-8 has no place in it."""
    return not _IMPOSSIBLE.search(path)


def _of_entry(entry: Entry) -> Iterator[str]:
    """What is wrong with an entry by itself."""
    yield from _path(entry)
    if isinstance(entry, ModelPart) and entry.type:
        if not _PART_TYPE.fullmatch(entry.type):
            yield f"has the type “{shown(entry.type)}”; a type is letters, digits, “_”, “.” and “-”, and begins with none of the last two"
        if len(entry.type) > PART_TYPE_LENGTH_MAX:
            yield f"has a type of {len(entry.type)} characters; {PART_TYPE_LENGTH_MAX} are the most"
    elif isinstance(entry, Dataset):
        yield from _remote(entry)
    elif isinstance(entry, McpServer):
        if not entry.name:
            yield "has no name"
        if not entry.path.endswith(BUNDLE_SUFFIX):
            yield f"has the path “{shown(entry.path)}”, which is no {BUNDLE_SUFFIX} file"


def _path(entry: Entry) -> Iterator[str]:
    path = entry.path
    told = f"has the path “{shown(path)}”, which"
    if isinstance(entry, Model) and is_reference(path):
        return
    if _URL.match(path):
        also = "; an S3 object is a remotePath" if isinstance(entry, Dataset) else ""
        yield f"{told} is a URL, not a file{also}"
    elif path.startswith("/") or _WINDOWS_ABSOLUTE.match(path):
        yield f"{told} is absolute; paths are relative to the Kitfile"
    elif is_reference(path):
        yield f"{told} is a reference to a ModelKit; only model.path and remotePath may be one (a file: “./{shown(path)}”)"
    elif _leaves(path):
        yield f"{told} is outside of the folder"
    if not can_be_written(path):
        yield f"{told} has a character that no path in a Kitfile can have"


def _remote(dataset: Dataset) -> Iterator[str]:
    place = dataset.remote_path
    told = f"has the remotePath “{shown(place)}”, which"
    if not place:
        if dataset.remote_hash:
            yield "has a remoteHash and no remotePath"
    elif place.startswith("s3://"):
        if not _S3.fullmatch(place):
            yield f"{told} names no bucket and key (s3://bucket/key)"
        if not dataset.remote_hash:
            yield f"{told} needs a remoteHash, the ETag of the S3 object"
    elif not is_reference(place):
        yield f"{told} is neither an S3 object (s3://bucket/key) nor a reference to a ModelKit"


def _duplicates(named: tuple[tuple[str, Entry], ...]) -> Iterator[tuple[str, str]]:
    """An empty path is the whole folder, and so it is for a model, which then has no layer; kit sees it in the same way."""
    first: dict[str, str] = {}
    for name, entry in named:
        path = clean(entry.path)
        if path in first:
            yield name, f"has the same path as {first[path]}: “{shown(path)}”"
        first.setdefault(path, name)


def _inside_remote(named: tuple[tuple[str, Entry], ...]) -> Iterator[tuple[str, str]]:
    """A ModelKit that is fetched into a folder would overwrite what lies there."""
    remote = {clean(entry.path): name for name, entry in named if isinstance(entry, Dataset) and is_reference(entry.remote_path)}
    for name, entry in named:
        parents = clean(entry.path).split("/")
        for length in range(1, len(parents)):
            outer = remote.get("/".join(parents[:length]))
            if outer:
                yield name, f"has the path “{shown(entry.path)}” inside of that of {outer}, where a remote ModelKit goes"


def _bundle_names(kitfile: Kitfile) -> Iterator[tuple[str, str]]:
    first: dict[str, int] = {}
    for number, server in enumerate(kitfile.mcp_servers):
        if server.name and server.name in first:
            yield f"mcpServers[{number}]", f"has the same name as mcpServers[{first[server.name]}]: “{shown(server.name)}”"
        first.setdefault(server.name, number)


def _leaves(path: str) -> bool:
    cleaned = clean(path)
    return cleaned == ".." or cleaned.startswith("../")
