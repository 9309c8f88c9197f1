"""The route that gives a file as a snapshot has it, or as it is on disk."""

from __future__ import annotations

import io
import mimetypes
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado.iostream import StreamClosedError
from tornado.web import authenticated

from jupyter_kit.errors import InvalidInput, Kind, NotFound
from jupyter_kit.frontends.server import house
from jupyter_kit.frontends.server.routes.request import Request

SHOWN_BYTES_MAX = 64 << 20
"""What a browser is given to show; more only to download."""

PIECE_BYTES = 4 << 20
"""Read and sent at once. What is not longer is read whole before the first byte goes out, so that damage is told as an error."""

TYPES = {
    ".ipynb": "application/x-ipynb+json",
    ".md": "text/markdown",
    ".jsonl": "application/jsonl",
    ".parquet": "application/octet-stream",
}
"""Content types that Python's table lacks or has otherwise."""


@dataclass(frozen=True)
class Content:
    """An open file: its bytes, how many there are, and a name for exactly these."""

    stream: io.RawIOBase
    size: int
    etag: str


def open_content(stack: ExitStack, root: str, snapshot: str, path: str) -> Content:
    """A file as a snapshot has it, or as it is on disk where ``snapshot`` is empty, open until the stack ends. Raises KitError."""
    if snapshot:
        workspace = stack.enter_context(house.Workspace.open(root))
        kept = stack.enter_context(workspace.open_file(path, snapshot))
        return Content(kept, kept.size, f'"{kept.root}"')
    try:
        file = stack.enter_context(io.FileIO(os.path.join(root, path)))
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", hint="Refresh the list.", path=path) from error
    facts = os.fstat(file.fileno())
    return Content(file, facts.st_size, f'"{facts.st_mtime_ns:x}-{facts.st_size:x}-{facts.st_ino:x}"')


class FileRoute(Request):
    """The bytes of one file, never run as a page of this server."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """``?folder=&snapshot=&path=&download=``; without a snapshot the file as it is on disk."""
        words = ("folder", "snapshot", "path", "download")
        folder, snapshot, path, download = (self.get_query_argument(word, "", strip=False) for word in words)
        await self.check_may("read")
        folders = self.service.folders
        await folders.check_shown(folder)
        root = await self.service.work(folders.workspace, folder)
        folders.check_inside(path)
        if not snapshot:
            await folders.check_shown(f"{folders.api_path(root)}/{path}", Kind.NOT_FOUND)
        with ExitStack() as stack:
            content = await self.service.work(open_content, stack, str(root), snapshot, path)
            if content.size > SHOWN_BYTES_MAX and not download:
                raise InvalidInput(f"{path} is too large to be shown.", hint="Download it.", path=path)
            self._describe(path, content, download=bool(download))
            if self.request.headers.get("If-None-Match") == content.etag:
                self.set_status(304)
                self.finish()
                return
            await self._send(content)

    def compute_etag(self) -> None:
        """None: the content has a name of its own."""

    def _describe(self, path: str, content: Content, *, download: bool) -> None:
        name = PurePosixPath(path).name
        kind = TYPES.get(PurePosixPath(path).suffix.lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        self.set_header("Content-Type", kind + charset)
        self.set_header("Content-Security-Policy", "sandbox")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("ETag", content.etag)
        if download:
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name.encode('utf-8', 'surrogateescape'))}")

    async def _send(self, content: Content) -> None:
        left = content.size
        piece = await self.service.work(content.stream.read, PIECE_BYTES)
        self.set_header("Content-Length", str(content.size))
        try:
            while piece and left:
                self.write(bytes(piece[:left]))
                left -= len(piece)
                await self.flush()
                piece = await self.service.work(content.stream.read, PIECE_BYTES) if left else b""
            if not content.size:
                await self.flush()
            self.finish()
        except StreamClosedError:
            pass  # Nobody waits any more.
