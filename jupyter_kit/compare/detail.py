"""The change of one file as closely as its type allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jupyter_kit.compare.changes import Change, FileDiff, FileFacts
from jupyter_kit.compare.notebooks import notebook_diff
from jupyter_kit.compare.tables import table_diff
from jupyter_kit.compare.tensors import tensors_diff
from jupyter_kit.compare.text import text_diff

MIB = 1 << 20


@dataclass(frozen=True)
class View:
    """A way to compare two versions of a file. ``diff`` answers None where the content is not what it compares.

    ``max_bytes`` limits each version, since both are held in memory; ``suffixes`` are the file names it is for, all where there are none.
    """

    diff: Callable[[str, bytes, bytes], FileDiff | None]
    max_bytes: int
    suffixes: tuple[str, ...] = ()

    def fits(self, path: str, size: int) -> bool:
        """Whether this is a view for ``path`` of ``size`` bytes."""
        return size <= self.max_bytes and (not self.suffixes or path.lower().endswith(self.suffixes))


VIEWS = (
    View(notebook_diff, 64 * MIB, (".ipynb",)),
    View(tensors_diff, 256 * MIB, (".safetensors",)),
    View(table_diff, 8 * MIB, (".csv", ".tsv")),
    View(text_diff, 16 * MIB),
)
"""The first that fits and answers is shown. Notebooks may be larger than text: most of their bytes are images, which are only hashed."""


def file_diff(
    change: Change, read_before: Callable[[], bytes], read_after: Callable[[], bytes], shared_bytes: Callable[[], int]
) -> FileDiff:
    """Compare the versions of a changed file.

    ``read_before`` and ``read_after`` return a version's content, for a symlink its target; they are called once at most, and only where
    that version exists and a view fits. ``shared_bytes`` returns how many of the new version's bytes the old one has too; it is called
    only where no view answers. What any of them raises passes through.
    """
    if change.kind in {"renamed", "mode"}:
        return FileFacts(change.path, change.old_size, change.new_size, change.new_size or 0)
    entries = {change.old_entry, change.new_entry} - {None}
    views = [view for view in VIEWS if view.fits(change.path, max(change.old_size or 0, change.new_size or 0))]
    if views and "folder" not in entries and len(entries) <= 1:
        before = b"" if change.old_size is None else read_before()
        after = b"" if change.new_size is None else read_after()
        for view in views:
            diff = view.diff(change.path, before, after)
            if diff is not None:
                return diff
    return FileFacts(change.path, change.old_size, change.new_size, shared_bytes())
