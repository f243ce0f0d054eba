"""
Sends pages piece by piece: to whoever reads them in time, and holding few at once.

All who want the same page share its bytes. One that reads slowly holds a page that nobody else
wants any more, so the oldest pages are let go where more are held than FEW and than MOST_BYTES.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

# A page is sent in pieces of this many bytes.
PIECE = 64 << 10
FEW = 4
"""So many pages may be held, whatever their size: those of two scrapes in two formats."""
MOST_BYTES = 64 << 20


@dataclass(slots=True, eq=False)
class Held:
    """A page, and the connections that it is being sent over."""

    body: bytes
    readers: set[asyncio.Transport] = field(default_factory=set)


class Sending:
    """The pages that are being sent; for one event loop."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        # By the bytes' identity, the oldest first.
        self._held: dict[int, Held] = {}

    async def send(
        self,
        request: web.Request,
        response: web.StreamResponse,
        body: bytes,
        seconds: float,
    ) -> bool:
        """
        Send *body* as the answer to *request*, within *seconds*.

        A client that does not read it in time, or is the last with an old page where too much
        is held, is cut off; returns whether it was not.
        """
        if (reader := request.transport) is None:
            return True
        held = self._held.setdefault(id(body), Held(body))
        held.readers.add(reader)
        self._let_go()
        try:
            return await _send(request, response, body, seconds) and (
                self._held.get(id(body)) is held
            )
        finally:
            held.readers.discard(reader)
            if not held.readers and self._held.get(id(body)) is held:
                del self._held[id(body)]

    def _let_go(self) -> None:
        """Cut off who reads the oldest pages, while too much is held."""
        while (
            len(self._held) > FEW
            and sum(len(one.body) for one in self._held.values()) > self._most_bytes
        ):
            oldest = self._held.pop(next(iter(self._held)))
            for reader in oldest.readers:
                reader.abort()


async def _send(
    request: web.Request, response: web.StreamResponse, body: bytes, seconds: float
) -> bool:
    """Send *body* piece by piece; return whether the client read it in time."""
    response.content_length = len(body)
    view = memoryview(body)
    try:
        async with asyncio.timeout(seconds):
            await response.prepare(request)
            for start in range(0, len(body), PIECE):
                await response.write(view[start : start + PIECE])
            await response.write_eof()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        return False
    except ConnectionError:
        pass  # the client hung up; there is nobody left to tell
    return True
