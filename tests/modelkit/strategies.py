"""Kitfiles as people might have them, and as nobody would."""

from __future__ import annotations

from hypothesis import strategies as st

from jupyter_kit.modelkit.kitfile import Code, Dataset, Docs, Kitfile, McpServer, Model, ModelPart, Package, Prompt

_WORDS = [
    "1.0",
    "0x1F",
    "yes",
    "null",
    "~",
    "2024-01-01",
    "1e3",
    "- a",
    "a: b",
    "#c",
    "a #b",
    "'",
    '"',
    "a, b",
    "[x]",
    "<<",
    "é",
    "数据",
    "🚀",
]
_ODD = [
    "\n",
    "a\nb",
    "a\n",
    "\n\na ",
    " a",
    "a ",
    "a\n b\n\n",
    "\t",
    "a\tb",
    "\r",
    "\x85",
    "\u2028",
    "\ufeff",
    "\x00",
    "\x7f",
    "!",
    "&a",
    "*a",
    "%x",
    "@",
]

TEXTS = st.just("") | st.sampled_from(_WORDS) | st.sampled_from(_ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)

_NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(-(2.0**53), 2.0**53)

VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
"""Values of JSON, as parameters have them."""


def _many(entry: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(entry, max_size=2).map(tuple)


def kitfiles(digests: st.SearchStrategy[str]) -> st.SearchStrategy[Kitfile]:
    """Any Kitfile. ``digests`` are its digests and diffIds, which YAML does not have."""
    layer = {"digest": digests, "diff_id": digests}
    text = TEXTS

    def several(entry: type, names: str, **more: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
        return _many(st.builds(entry, **dict.fromkeys(names.split(), text), **layer, **more))

    model = st.builds(
        Model,
        **dict.fromkeys(["name", "path", "license", "framework", "format", "version", "description"], text),
        parts=several(ModelPart, "name path license type"),
        parameters=VALUES,
        **layer,
    )
    return st.builds(
        Kitfile,
        manifest_version=text,
        package=st.builds(Package, text, text, text, text, _many(text)),
        model=st.none() | model,
        code=several(Code, "path description license"),
        datasets=several(Dataset, "name path remote_path remote_hash description license", parameters=VALUES),
        docs=several(Docs, "path description"),
        prompts=several(Prompt, "name path description"),
        mcp_servers=several(McpServer, "name path description"),
    )
