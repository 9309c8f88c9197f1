"""How a blob that arrives is cut: a tar at its members, any other as the file that it holds.

So a layer shares its chunks with files that were snapshotted, and in its recipe the spans of a member are those of the file. Literal bytes
are kept as :meth:`~jupyter_kit.store.writing.writer.Writer.compose` keeps them: a pulled layer has the root of the same layer composed.
"""

from __future__ import annotations

from jupyter_kit.chunking.chunker import MIB, Selection
from jupyter_kit.chunking.fastcdc import FASTCDC_64K
from jupyter_kit.chunking.select import select
from jupyter_kit.chunking.tar import Member, parts
from jupyter_kit.store.format.recipes import Span
from jupyter_kit.store.writing.arrival import Arrival
from jupyter_kit.store.writing.composition import Composition
from jupyter_kit.store.writing.intake import NOTEBOOK_BYTES_MAX, Added, Intake

REST = Selection(FASTCDC_64K, "sample")
"""How the rest of a stream is cut that is no tar from there on."""

STREAM_BYTES = MIB
"""Content from this many bytes on goes through the pipeline of threads; less is quicker without."""


def take_tar(intake: Intake, arrival: Arrival) -> Added:
    """Take in an uncompressed tar, or whatever else it is. Raises ContentCorrupt, and what the store raises."""
    composition = Composition(intake)
    for part in parts(arrival.read, arrival.left):
        if isinstance(part, Member):
            selection = REST if part.path is None else _selection(arrival, part.path, part.size)
            composition.add_content(_take_content(intake, arrival, part.size, selection))
        else:
            composition.add_literal(part)
    return composition.finish()


def take_file(intake: Intake, arrival: Arrival, path: str) -> Added:
    """Take in a blob that is one file, as a snapshot takes in the file. Raises ContentCorrupt, and what the store raises."""
    size = arrival.left
    selection = _selection(arrival, path, size)
    if size <= (NOTEBOOK_BYTES_MAX if selection.notebook else STREAM_BYTES):
        return intake.add_bytes(arrival.read(size), selection)
    return intake.add_stream(lambda buffer, _: arrival.read_into(buffer), selection)


def _take_content(intake: Intake, arrival: Arrival, size: int, selection: Selection) -> list[Span]:
    if size <= (NOTEBOOK_BYTES_MAX if selection.notebook else STREAM_BYTES):
        return intake.take_bytes(arrival.read(size), selection)[1]
    end = arrival.left - size
    return intake.take_stream(lambda buffer, _: arrival.read_into(buffer[: max(arrival.left - end, 0)]), selection)[0]


def _selection(arrival: Arrival, path: str, size: int) -> Selection:
    return select(path, size, lambda offset, length: arrival.peek(min(offset + length, size))[offset:])
