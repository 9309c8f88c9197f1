"""Which files and folders each layer of a ModelKit has, and what its tar archive is made of.

A layer is a pure function of the snapshot's paths, permissions and contents (kitops.md 1.5): no times, no owners. So the archive is never
built: it is a list of headers and of roots in the store, from which the store composes a blob.

A file belongs to the layer with the innermost path around it. kit up to 1.11 compares paths as text there, so that a layer ``data`` takes
``data.csv`` away from the layer around it and loses it; later generations, and we, compare names. Symlinks have no place in a layer: kit
drops them without a word, we refuse them by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from jupyter_kit.errors import InvalidInput, NotFound
from jupyter_kit.modelkit.archive.header import BLOCK_BYTES, TRAILER, header, padding
from jupyter_kit.modelkit.kitfile import FILE_NAMES, Code, Dataset, Docs, Entry, Kitfile, McpServer, Model, ModelPart, Prompt, entries
from jupyter_kit.modelkit.layer_types import LayerKind
from jupyter_kit.oci.reference import parse_reference
from jupyter_kit.snapshot.ignore import IGNORE_FILE
from jupyter_kit.snapshot.snapshot import FileEntry
from jupyter_kit.snapshot.steps import FileTree

WHOLE = "."
"""The path of a layer that holds everything no other layer does."""

NEVER_PACKED = frozenset({*FILE_NAMES, IGNORE_FILE})
"""What kit leaves out of every layer, in the top folder only: the Kitfile travels as the config."""

NAMES_SHOWN = 10
"""Paths that one message lists; the others are counted."""

_KINDS: dict[type[Entry], LayerKind] = {
    Model: "model",
    ModelPart: "modelpart",
    Code: "code",
    Dataset: "dataset",
    Docs: "docs",
    Prompt: "prompt",
    McpServer: "mcpserver",
}


@dataclass(frozen=True, slots=True)
class TarEntry:
    """A file or folder of a layer. ``name`` has no slash at its end; ``size`` is in bytes, None for a folder; ``root`` is a file's."""

    name: str
    mode: int
    size: int | None = None
    root: str = ""


@dataclass(frozen=True)
class Layer:
    """A layer to be packed: the Kitfile's entry that it is for, by the name that messages give it, its clean path and what it holds."""

    name: str
    entry: Entry
    kind: LayerKind
    path: str
    members: tuple[TarEntry, ...]


def plan_layers(kitfile: Kitfile, files: Iterable[FileEntry], elsewhere: Iterable[str] = ()) -> tuple[Layer, ...]:
    """The layers of a Kitfile in their order, from the file list of a snapshot. What .kitignore names is not in a snapshot.

    ``elsewhere`` are clean paths of layers that the parent ModelKits have: what lies there is in no layer of this one. Raises NotFound for
    a path that the snapshot does not have, InvalidInput for paths outside of the workspace or named twice and for symlinks, all of them.
    """
    tree = FileTree(files)
    paths: dict[str, str] = {}
    wanted: list[tuple[str, Entry, str]] = []
    for name, entry in entries(kitfile):
        path = _checked(name, entry.path)
        if isinstance(entry, Model) and (not entry.path or is_reference(entry.path)):
            continue
        if path in paths:
            raise InvalidInput(f"{name} and {paths[path]} of the Kitfile are the same path “{path}”.", hint="Remove one of them.")
        paths[path] = name
        if isinstance(entry, Dataset) and entry.remote_path:
            continue
        if isinstance(entry, McpServer):
            raise InvalidInput(f"{name} of the Kitfile is an MCP bundle, which is not packed.", hint="Remove it, or pack it as code.")
        if path in NEVER_PACKED or not (path == WHOLE or path in tree):
            raise _missing(name, path)
        wanted.append((name, entry, path))
    members = _members(tree, {*paths, *elsewhere})
    _refuse_symlinks(tree, [member for _, _, path in wanted for member in members.get(path, ())])
    return tuple(
        Layer(name, entry, kind_of(entry), path, tuple(_entries(tree, [*_above(path), *members.get(path, ())])))
        for name, entry, path in wanted
    )


def layers_at(files: Iterable[FileEntry], paths: Iterable[str], elsewhere: Set[str]) -> dict[str, tuple[TarEntry, ...]]:
    """What layers at these clean paths would hold of a snapshot. Nothing is refused: paths that are not there and symlinks are left out.

    ``elsewhere`` are clean paths of other layers: what lies there is in none of these.
    """
    tree = FileTree(entry for entry in files if entry.kind != "symlink")
    there = [path for path in paths if path == WHOLE or path in tree]
    members = _members(tree, {*there, *elsewhere})
    return {path: tuple(_entries(tree, [*_above(path), *members.get(path, ())])) for path in there}


def kind_of(entry: Entry) -> LayerKind:
    """The kind of layer that an entry of a Kitfile has."""
    return _KINDS[type(entry)]


def tar_parts(members: Iterable[TarEntry]) -> Iterator[bytes | str]:
    """The archive of these members: headers and padding as bytes, contents as roots in the store."""
    literal = b""
    for member in members:
        literal += header(member.name, member.mode, member.size)
        if member.size:
            yield literal
            yield member.root
            literal = padding(member.size)
    yield literal + TRAILER


def tar_size(members: Iterable[TarEntry]) -> int:
    """Bytes of the archive of these members."""
    sizes = ((len(header(member.name, member.mode, member.size)), member.size or 0) for member in members)
    return sum(head + size + -size % BLOCK_BYTES for head, size in sizes) + len(TRAILER)


def clean(path: str) -> str:
    """A path of a Kitfile as kit cleans it (Go's ``filepath.Clean``): ``./a/`` is ``a``, nothing is ``.``."""
    names: list[str] = []
    for name in path.split("/"):
        if name == ".." and names and names[-1] != "..":
            names.pop()
        elif name not in ("", "."):
            names.append(name)
    return ("/" if path.startswith("/") else "") + "/".join(names) or WHOLE


def is_reference(path: str) -> bool:
    """Whether ``model.path`` is a reference to another ModelKit, by kit's rule (kitops.md 2.2): it could be one, and has ``:`` or ``@``."""
    if not set(path) & set(":@"):
        return False
    try:
        parse_reference(path)
    except InvalidInput:
        return False
    return True


def _checked(name: str, path: str) -> str:
    cleaned = clean(path)
    if cleaned.startswith(("/", "../")) or cleaned == "..":
        raise InvalidInput(
            f"The path of {name} in the Kitfile, “{path}”, is outside of the workspace.", hint="Use a path inside, relative to the Kitfile."
        )
    return cleaned


def _missing(name: str, path: str) -> NotFound:
    why = "is never part of a layer" if path in NEVER_PACKED else "is not in the snapshot"
    return NotFound(f"“{path}”, {name} of the Kitfile, {why}.", hint="Check its spelling, and whether .kitignore names it.", path=path)


def _members(tree: FileTree, paths: set[str]) -> dict[str, list[str]]:
    """Layer path → everything that belongs to it, in the order in which Go walks a tree: by the bytes of each name on the way."""
    owners: dict[str, str] = {}

    def owner(path: str) -> str:
        if path in paths:
            return path
        if path not in owners:
            folder = path.rpartition("/")[0]
            owners[path] = owner(folder) if folder else WHOLE
        return owners[path]

    members: dict[str, list[str]] = {}
    for path in sorted({*tree.folders, *tree.entries} - NEVER_PACKED, key=_walk_order):
        members.setdefault(owner(path), []).append(path)
    return members


def _walk_order(path: str) -> list[bytes]:
    return path.encode("utf-8", "surrogateescape").split(b"/")


def _above(path: str) -> list[str]:
    """The folders above a path, outermost first: a layer has entries for them, too."""
    names = path.split("/")
    return ["/".join(names[:length]) for length in range(1, len(names))]


def _refuse_symlinks(tree: FileTree, members: list[str]) -> None:
    symlinks = [path for path in members if path in tree.entries and tree.entries[path].kind == "symlink"]
    if symlinks:
        named = ", ".join(f"“{path}”" for path in symlinks[:NAMES_SHOWN])
        more = f" and {len(symlinks) - NAMES_SHOWN} more" if len(symlinks) > NAMES_SHOWN else ""
        raise InvalidInput(
            f"A ModelKit cannot hold symlinks: {named}{more}.",
            hint="Name them in .kitignore to leave them out, or put files in their place; then take a snapshot.",
            path=symlinks[0],
        )


def _entries(tree: FileTree, paths: Iterable[str]) -> Iterator[TarEntry]:
    for path in paths:
        mode = tree.folder_mode(path)
        if mode is None:
            entry = tree.entries[path]
            yield TarEntry(path, entry.mode, entry.size, entry.root)
        else:
            yield TarEntry(path, mode)
