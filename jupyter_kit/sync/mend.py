"""Mending damaged chunks from what remotes have of them: segments for content, catalogues for the rest."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from jupyter_kit.errors import ContentCorrupt, InvalidInput, NotFound, RegistryError
from jupyter_kit.progress import Progress
from jupyter_kit.store.disk.promises import CATALOGUES, places_of, remote_segments
from jupyter_kit.store.store import Store
from jupyter_kit.sync.download import OpenSource, download
from jupyter_kit.sync.format.catalogue import Catalogue
from jupyter_kit.sync.format.published import CATALOGUE_TYPE, layer, read_whole
from jupyter_kit.sync.incoming.arrivals import Chunks

UNHELPFUL = (NotFound, ContentCorrupt, InvalidInput, RegistryError)
"""What a remote raises that has nothing to mend with."""


def mend(store: Store, damaged: Collection[bytes], open_source: OpenSource, progress: Progress) -> None:
    """Fetch what remotes have of these chunks (ids) and keep it in their place; check tells what is left.

    Raises StoreFull, StoreUnavailable. A remote that cannot be asked mends nothing.
    """
    _from_catalogues(store, damaged, open_source)
    with suppress(*UNHELPFUL):
        download(store, damaged, open_source, progress, heal=True)


def _from_catalogues(store: Store, damaged: Collection[bytes], open_source: OpenSource) -> None:
    """Bases first, as they stand in catalogues: a damaged base is mended before what is made against it is read."""
    known = remote_segments(store.environment)
    numbers = {
        place.segment for places in places_of(store.environment, damaged).values() for place in places if place.segment >= CATALOGUES
    }
    with store.writer() as writer:
        writer.heal(frozenset(damaged))
        for number in sorted(numbers & known.keys()):
            with suppress(*UNHELPFUL):
                descriptor = layer(CATALOGUE_TYPE, known[number].digest, known[number].size)
                catalogue = Catalogue(read_whole(open_source(known[number].remote), descriptor))
                chunks = Chunks(store, writer, {kept.stored[:32] for kept in catalogue.kept()})
                for kept in catalogue.kept():
                    chunks.take(kept.id, kept.codec, kept.raw_length, kept.stored)
        with writer.transaction():
            pass
