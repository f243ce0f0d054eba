"""Reads the bodies of requests: none that is too large or takes too long, and not too much at once."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web


class BodyRefused(Exception):
    """A body is not read to its end; *status* is that of the answer."""

    def __init__(self, reason: str, status: int, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status


class Bodies:
    """The bodies that are held now; for one event loop."""

    def __init__(self, most: int, most_together: int, seconds: float) -> None:
        """Of one body *most* bytes, of all together *most_together*, each within *seconds*."""
        self._most = most
        self._most_together = most_together
        self._seconds = seconds
        self.held = 0
        """Bytes."""

    @asynccontextmanager
    async def read(self, request: web.Request) -> AsyncIterator[bytes]:
        """Yield the body of a request, which is held until then; raises BodyRefused."""
        body = bytearray()
        try:
            try:
                async with asyncio.timeout(self._seconds):
                    async for piece in request.content.iter_any():
                        self.held += len(piece)
                        body += piece
                        self._bound(body)
            except TimeoutError:
                text = f"the body took more than {self._seconds:g} s"
                raise BodyRefused("slow", 408, text) from None
            yield bytes(body)
        finally:
            self.held -= len(body)

    def _bound(self, body: bytearray) -> None:
        if len(body) > self._most:
            text = f"the body has more than {self._most} bytes"
            raise BodyRefused("too_large", 413, text)
        if self.held > self._most_together:
            raise BodyRefused("busy", 503, "too many bodies at once")
