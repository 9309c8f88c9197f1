"""What each file of a folder is to a ModelKit: a model, a part of it, code, data, documentation, a prompt.

A file's own name and first bytes decide where they are telling. What could be anything (``.json``, ``.txt``, images) goes with the folder
that it is in: a README beside data belongs to the data, one at the top is documentation.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from jupyter_kit.modelkit.inference import names
from jupyter_kit.modelkit.inference.formats import AMBIGUOUS, ModelFormat, model_format, suffix_of

UNKNOWN_DATA_BYTES = 1024 * 1024
"""A file of no known kind is data from this size on, in bytes; smaller, it belongs to the code."""

IMAGES_OF_DATA = 10
"""So many images in one folder are data; fewer are figures."""


class Role(str, Enum):
    """What a file is."""

    MODEL = "model"
    PART = "part"
    CODE = "code"
    DATASET = "dataset"
    DOCS = "docs"
    PROMPT = "prompt"


class Unit(NamedTuple):
    """What is in one layer in whole: a file or a folder.

    ``type`` is that of a model's part: ``weights``, ``adapter``, ``tokenizer``, ``config``; ``size`` (bytes) and ``format`` are a model's.
    """

    path: str
    role: Role
    type: str = ""
    size: int = 0
    format: ModelFormat = ModelFormat()


_FOLDER_WORDS = {
    Role.DATASET: "data dataset datasets raw processed interim external corpus train test val validation eval",
    Role.DOCS: "doc docs documentation figures reports",
    Role.CODE: "src lib pkg code scripts notebooks app tests tools bin examples",
    Role.MODEL: "model models weights checkpoints",
    Role.PROMPT: "prompts",
}
_FOLDERS = {word: role for role, words in _FOLDER_WORDS.items() for word in words.split()}

_CERTAIN = frozenset({"data", "dataset", "datasets", "corpus", "doc", "docs", "documentation", "figures", "prompts"})
"""Names that say what a folder is about even where it holds something else: ``data`` with a script that fetches it."""

_BUNDLE_MARKS = {"saved_model.pb": ModelFormat("saved_model", "tensorflow"), "MLmodel": ModelFormat("mlflow")}
"""A folder with a file of this name is one model."""

_BUNDLE_SUFFIXES = {".mlpackage": ModelFormat("coreml", "coreml"), ".mlmodelc": ModelFormat("coreml", "coreml")}
"""A folder with this suffix is one model."""


def find_units(sizes: Mapping[str, int], head: Callable[[str], bytes]) -> list[Unit]:
    """What each file is, sorted by path. ``sizes`` is path → bytes; ``head`` reads the first bytes of a path.

    Of several models the largest is the model, whole models before adapters; the others are its parts.
    """
    bundles = _bundles(sizes)
    units = [Unit(folder, Role.MODEL, "weights", size, bundles[folder]) for folder, size in _bundle_sizes(sizes, bundles).items()]
    unclear = []
    for path, size in sizes.items():
        if _outer(path, bundles):
            continue
        if unit := _by_itself(path, size, head):
            units.append(unit)
        else:
            unclear.append(path)
    leaning = _leanings(units)
    surroundings = _Surroundings(
        model=any(unit.role is Role.MODEL for unit in units),
        model_at_top=any(unit.role is Role.MODEL and "/" not in unit.path for unit in units),
        images=Counter(path.rpartition("/")[0] for path in unclear if suffix_of(path) in names.IMAGE_SUFFIXES),
    )
    units += [_by_place(path, sizes[path], leaning(path), surroundings) for path in unclear]
    return sorted(_one_model(units))


def _bundles(paths: Iterable[str]) -> dict[str, ModelFormat]:
    """Folders that are one model, of nested ones the outermost. The top folder is none: its other files would have no place."""
    found: dict[str, ModelFormat] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder and name in _BUNDLE_MARKS:
            found[folder] = _BUNDLE_MARKS[name]
        for above in folders_above(path):
            if suffix_of(above) in _BUNDLE_SUFFIXES:
                found[above] = _BUNDLE_SUFFIXES[suffix_of(above)]
    return {folder: kind for folder, kind in found.items() if not _outer(folder, found)}


def _bundle_sizes(sizes: Mapping[str, int], bundles: Mapping[str, ModelFormat]) -> Counter[str]:
    total: Counter[str] = Counter()
    for path, size in sizes.items():
        if folder := _outer(path, bundles):
            total[folder] += size
    return total


def _by_itself(path: str, size: int, head: Callable[[str], bytes]) -> Unit | None:
    """The unit of a file whose name or first bytes are telling."""
    name, suffix, folder = path.rpartition("/")[2], suffix_of(path), _named_folder(path)
    kind = names.part_type(name)
    role = None
    if names.is_prompt(name) or (folder is Role.PROMPT and not names.is_code(name, suffix)):
        role = Role.PROMPT
    elif names.is_code(name, suffix):
        role = Role.DOCS if folder is Role.DOCS and suffix != ".ipynb" else Role.CODE
    elif suffix in names.DATA_SUFFIXES:
        role = Role.DATASET
    elif kind == "tokenizer" or (suffix == ".txt" and not names.may_be_model(name)):
        return None
    elif found := model_format(path, lambda: head(path)):
        return Unit(path, Role.MODEL, "adapter" if kind == "adapter" else "weights", size, found)
    elif suffix in AMBIGUOUS and suffix != ".txt":
        role = Role.MODEL if names.may_be_model(name) or folder is Role.MODEL else Role.DATASET
    elif "/" not in path and names.is_about(name):
        role = Role.DOCS
    return Unit(path, role, "weights" if role is Role.MODEL else "", size) if role else None


class _Surroundings(NamedTuple):
    """Whether there is a model, and at the top; and how many images of no known use each folder has."""

    model: bool
    model_at_top: bool
    images: Counter[str]


def _by_place(path: str, size: int, leaning: Role | None, surroundings: _Surroundings) -> Unit:
    """The unit of a file that could be anything, from what its folder leans to."""
    folder, _, name = path.rpartition("/")
    suffix, kind = suffix_of(path), names.part_type(name)
    looked_at = suffix in names.LOOKED_AT_SUFFIXES
    metadata = names.is_metadata(name)
    if leaning is Role.MODEL or (leaning is None and surroundings.model_at_top and not folder):
        if metadata or not (looked_at or names.is_about(name) or name.startswith(".")):
            return Unit(path, Role.PART, kind, size)
        return Unit(path, Role.DOCS if looked_at or names.is_about(name) else Role.CODE, size=size)
    if leaning is not None:
        return Unit(path, leaning, size=size)
    if surroundings.model and metadata and (folder or kind == "tokenizer" or name == "model_index.json"):
        return Unit(path, Role.PART, kind, size)
    if suffix in names.IMAGE_SUFFIXES and surroundings.images[folder] >= IMAGES_OF_DATA:
        return Unit(path, Role.DATASET, size=size)
    if looked_at:
        return Unit(path, Role.DOCS, size=size)
    return Unit(path, Role.DATASET if size >= UNKNOWN_DATA_BYTES else Role.CODE, size=size)


def _leanings(units: Iterable[Unit]) -> Callable[[str], Role | None]:
    """What the folder around a path is about: what its name says, if that is certain or it holds any of that; else what it mostly holds.

    A folder that tells nothing is about what the folder around it is about. None for the top folder.
    """
    held: defaultdict[str, Counter[Role]] = defaultdict(Counter)
    for unit in units:
        for folder in folders_above(unit.path):
            held[folder][unit.role] += 1

    def leaning(path: str) -> Role | None:
        for folder in reversed(folders_above(path)):
            name = folder.rpartition("/")[2].lower()
            named, counts = _FOLDERS.get(name), held.get(folder)
            if named and (name in _CERTAIN or (named in counts if counts else named is not Role.MODEL)):
                return named
            if counts:
                return max(counts, key=lambda role: (counts[role], role.value))
        return None

    return leaning


def _one_model(units: list[Unit]) -> list[Unit]:
    models = [unit for unit in units if unit.role is Role.MODEL]
    if not models:
        return units
    main = min(models, key=lambda unit: (unit.type == "adapter", -unit.size, unit.path))
    return [unit._replace(role=Role.PART) if unit.role is Role.MODEL and unit is not main else unit for unit in units]


def _named_folder(path: str) -> Role | None:
    """What the innermost telling name of a folder around a path says."""
    return next((_FOLDERS[name] for name in reversed(path.lower().split("/")[:-1]) if name in _FOLDERS), None)


def folders_above(path: str) -> tuple[str, ...]:
    """The folders that a path lies in, outermost first."""
    return _with_folders_above(path.rpartition("/")[0])


@lru_cache(maxsize=1024)  # Files come folder by folder.
def _with_folders_above(folder: str) -> tuple[str, ...]:
    return (*accumulate(folder.split("/"), "{}/{}".format),) if folder else ()


def _outer(path: str, folders: Mapping[str, object]) -> str | None:
    """The folder of these that a path lies in; None for none, and for itself."""
    return next((folder for folder in folders_above(path) if folder in folders), None) if folders else None
