"""Lists that a registry gives page by page (distribution-spec, “Listing Tags”)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jupyter_kit.errors import RegistryError
from jupyter_kit.registry.http.connection import joined, origin_of
from jupyter_kit.registry.http.exchange import METADATA_BYTES_MAX, Answer
from jupyter_kit.registry.protocol.host import PULL, Access, Host

PAGES_MAX = 1000
"""Pages of one list: with a hundred tags on each, a hundred thousand."""

_NEXT = re.compile(r"<([^>]*)>\s*;(?:[^,]*;)?\s*rel=\"?next\"?", re.IGNORECASE)


def pages(host: Host, path: str, repository: str, *, see_other: bool = True) -> Iterator[Answer]:
    """The answers to ``path`` and to the links to what follows; the last may be an error. Raises RegistryError for a list without end."""
    seen: set[str] = set()
    url = host.url(path)
    while url not in seen:
        seen.add(url)
        with host.send("GET", url, Access(repository, PULL), limit=METADATA_BYTES_MAX, see_other=see_other) as answer:
            following = _NEXT.search(answer.headers.get("link", ""))
            yield answer
        if following is None or answer.status != 200:
            return
        if len(seen) == PAGES_MAX:
            break
        url = joined(url, following[1])
        if origin_of(url) != host.origin:
            raise RegistryError(f"{host.name} goes on with a list on another host.", hint="Ask whoever runs it.")
    raise RegistryError(f"{host.name} gives a list without end.", hint="Ask whoever runs it.")
