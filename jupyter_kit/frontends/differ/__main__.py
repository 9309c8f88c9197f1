"""The process that compares: ``python -m jupyter_kit.frontends.differ SECONDS``.

Reads two versions from standard input, the first with its length before it (eight bytes, big-endian), and writes one JSON document:
``{"base": notebook, "diff": nbdime's diff}``. A version of no bytes is one that does not exist. What cannot be compared ends it with exit
code 1 and a sentence on standard error. nbdime keeps its rules in module globals and is quadratic where nothing matches: so it runs here.
"""

from __future__ import annotations

import json
import signal
import sys
from typing import Any

from jupyter_kit.compare.notebooks import TIMINGS

LENGTH_BYTES = 8

NEEDLESS = ("rfc3987_syntax", "rfc3986_validator", "isoduration", "webcolors", "uri_template", "fqdn", "idna", "jsonpointer")
"""What jsonschema imports where it is there, to check formats of texts; there are none here. The first takes 1.7 s, the others a third of
all that is imported without it."""

Notebook = dict[str, Any]


def document(before: bytes, after: bytes) -> bytes:
    """The answer, for the bytes of two versions. Raises ValueError where one of them is no notebook."""
    for name in NEEDLESS:
        sys.modules[name] = None  # type: ignore[assignment]
    # After that, and not where these modules are only looked at: both take time to import, and nbdime may be missing.
    from nbdime.diffing.notebooks import diff_notebooks, set_notebook_diff_ignores  # noqa: PLC0415

    old, new = _notebook(before), _notebook(after)
    old, new = old or _nothing_like(new), new or _nothing_like(old)
    if not all("id" in cell for notebook in (old, new) for cell in notebook["cells"]):
        for cell in (*old["cells"], *new["cells"]):
            cell.pop("id", None)
    new |= {"nbformat_minor": old["nbformat_minor"]}
    set_notebook_diff_ignores({"/cells/*": ("execution_count",), "/cells/*/outputs/*": ("execution_count",)})
    return json.dumps({"base": old, "diff": diff_notebooks(old, new)}, allow_nan=False, separators=(",", ":")).encode()


def _notebook(content: bytes) -> Notebook | None:
    """A version as nbformat 4 has it, without what every run changes; None where there is none. Raises ValueError.

    Ids are as they are in the file: nbformat's own reader would invent those that are missing, other ones each time.
    """
    # Here for the same reason as nbdime.
    import nbformat  # noqa: PLC0415

    if not content:
        return None
    try:
        plain = json.loads(content)
    except ValueError as error:
        raise ValueError(f"it is not JSON ({error})") from error
    if not isinstance(plain, dict) or not isinstance(plain.get("nbformat"), int):
        raise ValueError("it is not a notebook")  # noqa: TRY004 # of content, like the others
    major = plain["nbformat"]
    if major not in nbformat.versions or major > 4:
        raise ValueError(f"nbdime does not know version {major} of the notebook format")
    if major == 4 and not isinstance(plain.get("cells"), list):
        raise ValueError("it is not a notebook")
    notebook = nbformat.reader.reads(content.decode("utf-8"))  # type: ignore[no-untyped-call]
    if major < 4:
        notebook = nbformat.convert(notebook, 4)  # type: ignore[no-untyped-call]
    cells = notebook["cells"]
    if not all(isinstance(cell, dict) and "cell_type" in cell and "source" in cell for cell in cells):
        raise ValueError("it is not a notebook")
    notebook.setdefault("metadata", {}).pop("widgets", None)
    for cell in cells:
        if major < 4:
            cell.pop("id", None)
        for key in TIMINGS:
            cell.setdefault("metadata", {}).pop(key, None)
    return {"nbformat_minor": 5, **notebook}


def _nothing_like(other: Notebook | None) -> Notebook:
    """A notebook without cells, beside which another is all new."""
    return {**(other or {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "cells": []}


def main() -> None:
    """Compare what stands on standard input."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, float(sys.argv[1]))  # ends it even where nobody is left to stop it
    length = int.from_bytes(sys.stdin.buffer.read(LENGTH_BYTES), "big")
    before = sys.stdin.buffer.read(length)
    after = sys.stdin.buffer.read()
    try:
        answer = document(before, after)
    except RecursionError:
        sys.exit("it is nested too deep")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        sys.exit(" ".join(str(error).split())[:200] or type(error).__name__)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
