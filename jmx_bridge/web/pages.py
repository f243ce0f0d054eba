"""
Pages as bytes, made off the event loop: each once for all who want the same.

Whole pages and those of chosen families are made apart, one at a time each, so that no number
of clients that each want other families keeps a plain scrape waiting. Few wait for a turn, and
a page that nobody waits for any more is not begun.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..exposition import render

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ..exposition import Format
    from ..model import Snapshot

# ISA-L's level 1 takes a fifth of zlib's time, and higher levels save no bytes of metrics' text.
GZIP_LEVEL = 1
GZIP_BITS = 31
# So many pages of a kind wait for their turn; all formats of a snapshot are fewer.
MOST_WAITING = 32


class TooMany(Exception):
    """More pages wait to be made than is healthy."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a client wants a page."""

    fmt: Format
    names: frozenset[str]
    """Of the families or samples that it wants; none: all."""
    packed: bool


Key = tuple[int, Wanted]
"""The identity of a snapshot, which lives as long as a page of it is made, and what is wanted."""


@dataclass(slots=True, eq=False)
class Making:
    """A page that is made, or waits for its turn."""

    task: asyncio.Task[bytes]
    waiting: int = 0
    """How many clients want it."""
    begun: bool = False


class Pages:
    """Makes pages of snapshots; for one event loop."""

    def __init__(self, executor: Executor, most_bytes: int) -> None:
        """Two threads of *executor* are used at most; a page has up to *most_bytes*."""
        self._executor = executor
        self._most_bytes = most_bytes
        self._making: dict[Key, Making] = {}
        # Of whole pages, and of those of chosen families.
        self._turns = {False: asyncio.Lock(), True: asyncio.Lock()}
        self.seconds = 0.0
        """How long the last whole page took."""

    async def page(self, snapshot: Snapshot, wanted: Wanted, deadline: float) -> bytes:
        """
        Return a page by *deadline*, on time.monotonic()'s clock.

        Raises TimeoutError, or TooMany if as many as fit wait already.
        """
        key = (id(snapshot), wanted)
        making = self._making.get(key) or self._begin(key, snapshot)
        making.waiting += 1
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                return await asyncio.shield(making.task)
        finally:
            making.waiting -= 1
            if not (making.waiting or making.begun or making.task.done()):
                del self._making[key]
                making.task.cancel()

    def _begin(self, key: Key, snapshot: Snapshot) -> Making:
        kind = bool(key[1].names)
        if (
            sum(bool(wanted.names) is kind for _, wanted in self._making)
            >= MOST_WAITING
        ):
            raise TooMany
        task = asyncio.create_task(self._made(key, snapshot))
        making = self._making[key] = Making(task)
        return making

    async def _made(self, key: Key, snapshot: Snapshot) -> bytes:
        wanted, work = key[1], partial(_body, snapshot, key[1], self._most_bytes)
        async with self._turns[bool(wanted.names)]:
            self._making[key].begun = True
            begun = time.monotonic()
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(self._executor, work)
            finally:
                del self._making[key]
                if not wanted.names:
                    self.seconds = time.monotonic() - begun


def _body(snapshot: Snapshot, wanted: Wanted, most: int) -> bytes:
    text = render(snapshot, wanted.fmt, wanted.names, most)
    if not wanted.packed:
        return text
    from isal import isal_zlib  # noqa: PLC0415 -- only where somebody asks for it

    return isal_zlib.compress(text, GZIP_LEVEL, wbits=GZIP_BITS)
