"""Asking a remote where a branch stands, and learning what its catalogues say: what a push, a fetch and a sync begin with."""

from __future__ import annotations

from jupyter_kit.oci.target import Source
from jupyter_kit.sync.format.catalogue import Catalogue
from jupyter_kit.sync.format.published import Published, find_published, hexadecimal, read_whole
from jupyter_kit.sync.incoming.arrivals import take_catalogue
from jupyter_kit.sync.incoming.ledger import Ledger


def contact(ledger: Ledger, source: Source, name: str) -> tuple[Published | None, int]:
    """What a branch or tag of the remote names (None: nothing yet), with every catalogue that it lists read; and the bytes that took.

    Raises ContentCorrupt and InvalidInput for what is not as it should be, and what the source raises.
    """
    published = find_published(source, name)
    if published is None:
        return None, 0
    received = published.size
    read = set(ledger.catalogues().values())
    for descriptor in published.catalogues:
        if hexadecimal(descriptor) not in read:
            catalogue = Catalogue(read_whole(source, descriptor))
            received += descriptor.size
            take_catalogue(ledger.store, ledger.writer, catalogue)
            ledger.learn_places(catalogue)
            ledger.learn_catalogue(descriptor, catalogue)
    return published, received
