"""A Kitfile for a snapshot that has none: what each file is, divided into layers, and what is known of the whole.

A function of values: the entries of a snapshot, and a way to read the first bytes of a file. The same entries give the same Kitfile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from jupyter_kit.modelkit.inference.division import WHOLE, divide
from jupyter_kit.modelkit.inference.licences import is_licence, licence_of_card, spdx_identifier
from jupyter_kit.modelkit.inference.roles import Role, Unit, find_units, folders_above
from jupyter_kit.modelkit.kitfile import MANIFEST_VERSION, Code, Dataset, Docs, Kitfile, Model, ModelPart, Package, Prompt
from jupyter_kit.modelkit.layers import NEVER_PACKED, clean
from jupyter_kit.modelkit.validation import can_be_written, problems
from jupyter_kit.snapshot.snapshot import FileEntry, Skipped

_CARD_NAME = "README.md"

_NO_NAMES = frozenset({"model", "pytorch_model", "tf_model", "flax_model", "diffusion_pytorch_model", "adapter_model", "weights", "export"})
"""What so many models are called that it names none."""


@dataclass(frozen=True)
class Inference:
    """An inferred Kitfile, and what no layer of it holds, sorted by path, each with the reason."""

    kitfile: Kitfile
    left_out: tuple[Skipped, ...]


def infer(
    entries: Iterable[FileEntry],
    read_head: Callable[[str], bytes],
    *,
    name: str,
    author: str = "",
    metrics: Mapping[str, float] | None = None,
) -> Inference:
    """The Kitfile that fits these entries.

    ``read_head`` reads the first bytes of a file by its path, at least ``formats.HEAD_BYTES`` where it has them; it is called for licences,
    READMEs with a card, and files that may be models. ``name`` is that of the workspace's folder. ``metrics`` become parameters of the
    model, if there is one.
    """
    entries, name, author = tuple(entries), _text(name), _text(author)
    sizes = {e.path: e.size for e in entries if e.kind == "file" and e.path not in NEVER_PACKED and can_be_written(e.path)}
    blocked = [e.path for e in entries if e.kind == "symlink" or not can_be_written(e.path)]
    layers = divide(find_units(sizes, read_head), blocked)
    licences = _Licences(sizes, read_head)
    of = {role: [layer for layer in layers if layer.role is role] for role in Role}
    kitfile = Kitfile(
        MANIFEST_VERSION,
        Package(name, license=licences.of_folder(""), authors=(author,) if author else ()),
        _model(of[Role.MODEL], of[Role.PART], name, licences, metrics or {}),
        tuple(Code(_written(layer.path)) for layer in of[Role.CODE]),
        tuple(Dataset(_stem(layer.path) or name, _written(layer.path), license=licences.of_layer(layer)) for layer in of[Role.DATASET]),
        tuple(Docs(_written(layer.path)) for layer in of[Role.DOCS]),
        tuple(Prompt(path=_written(layer.path)) for layer in of[Role.PROMPT]),
    )
    return Inference(kitfile, _left_out(entries, {layer.path for layer in layers}))


def _model(models: list[Unit], parts: list[Unit], name: str, licences: _Licences, metrics: Mapping[str, float]) -> Model | None:
    if not models:
        return None
    (model,) = models
    return Model(
        name=name if "/" not in model.path or _stem(model.path).lower() in _NO_NAMES else _stem(model.path),
        path=_written(model.path),
        license=licences.of_layer(model) or licences.of_folder(model.path.rpartition("/")[0]),
        framework=model.format.framework,
        format=model.format.format,
        parts=tuple(ModelPart(_stem(part.path), _written(part.path), licences.of_layer(part), part.type) for part in parts),
        parameters={"metrics": dict(metrics)} if metrics else None,
    )


class _Licences:
    """The licences of folders, from the licence files and model cards directly in them."""

    def __init__(self, paths: Iterable[str], read_head: Callable[[str], bytes]) -> None:
        self._read = read_head
        self._files: dict[str, list[str]] = {}
        for path in paths:
            folder, _, file = path.rpartition("/")
            if is_licence(file) or file == _CARD_NAME:
                self._files.setdefault(folder, []).append(path)

    def of_folder(self, folder: str) -> str:
        """The one licence of a folder; empty for none, and where several texts differ."""
        paths = self._files.get(folder, [])
        named = {spdx_identifier(self._text(path)) for path in paths if not path.endswith(_CARD_NAME)} - {""}
        named = named or {licence_of_card(self._text(path)) for path in paths if path.endswith(_CARD_NAME)}
        return named.pop() if len(named) == 1 else ""

    def of_layer(self, layer: Unit) -> str:
        """The licence that lies inside of a layer, at its top."""
        return "" if layer.path == WHOLE else self.of_folder(layer.path)

    def _text(self, path: str) -> str:
        return self._read(path).decode("utf-8", "replace")


def _written(path: str) -> str:
    """A path as the Kitfile has it: with ``./`` where it could be taken for a reference or a URL."""
    return f"./{path}" if problems(Kitfile(code=(Code(path),))) else path


def _text(name: str) -> str:
    """A name from the file system as text: bytes that are not UTF-8 become question marks."""
    return name.encode("utf-8", "replace").decode()


def _stem(path: str) -> str:
    """A name for what is at a path."""
    name = path.rpartition("/")[2]
    return "" if path == WHOLE else name[: name.rindex(".")] if "." in name[1:] else name


def _left_out(entries: tuple[FileEntry, ...], layers: set[str]) -> tuple[Skipped, ...]:
    holding = {clean(path) for path in layers}
    full = {folder for entry in entries if entry.kind != "folder" for folder in folders_above(entry.path)}
    left = []
    for entry in sorted(entries, key=lambda entry: entry.path):
        if entry.path in NEVER_PACKED:
            left.append(Skipped(entry.path, "travels as the Kitfile, or tells what to leave out"))
        elif not (WHOLE in holding or entry.path in holding or holding.intersection(folders_above(entry.path))):
            if entry.kind == "symlink":
                left.append(Skipped(entry.path, "a symlink, which a ModelKit cannot hold"))
            elif entry.kind == "file":
                left.append(Skipped(entry.path, "a name that a Kitfile cannot hold"))
            elif entry.path not in full:
                left.append(Skipped(entry.path, "an empty folder"))
    return tuple(left)
