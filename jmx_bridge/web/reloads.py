"""
Readings of files again: one at a time, in the order in which they were asked for.

Whoever asks while one runs waits for the next, since the one that runs may have read what is
there no more. All who wait share that one, so however many ask, two readings are the most.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, TypeVar

from ..errors import BridgeError
from ..log import get_log

if TYPE_CHECKING:
    from collections.abc import Callable

log = get_log(__name__)
limited = get_log(__name__, 1)
T = TypeVar("T")
POLL_SECONDS = 1.0


class Reloadable(Protocol):
    """What is made of files; blocking."""

    def changed(self) -> bool:
        """Whether a file is another than the one that was read last."""

    def reload(self) -> None:
        """Read them again; raises BridgeError, and what they said before stays."""


class Reloads:
    """The readings of one thing's files, on a thread of their own; for one event loop."""

    def __init__(self, part: Reloadable) -> None:
        self._part = part
        # A file on a mount that hangs takes this thread, and no other.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reload")
        self._turn = asyncio.Lock()
        # Generations: how many have asked, and how many of them the last reading is for.
        self._asked = self._served = 0
        self._error: Exception | None = None
        self.done = 0
        """How many readings found what was good, by now."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def reload(self) -> None:
        """Have all files read that are there now; raises what that raises."""
        self._asked += 1
        generation = self._asked
        async with self._turn:
            if self._served < generation:
                newest = self._asked
                self._error = await self._read()
                self._served = newest
        if self._error:
            raise self._error

    async def _read(self) -> Exception | None:
        """Read, and log what is wrong; return it."""
        try:
            await self._in_thread(self._part.reload)
        except BridgeError as exc:
            log.error("config.refused", problems=str(exc))  # noqa: TRY400
            return exc
        except Exception as exc:  # noqa: BLE001 -- the files must be followed on
            log.error("config.reload_failed", error=repr(exc))  # noqa: TRY400
            return exc
        self.done += 1
        return None

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def soon(self) -> None:
        """Read them again; for a signal handler."""
        task = asyncio.get_running_loop().create_task(self._quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _quietly(self) -> None:
        with suppress(Exception):  # the log has it
            await self.reload()

    async def follow(self, poll_seconds: float = POLL_SECONDS) -> None:
        """Look every *poll_seconds* whether a file is another, and read them then."""
        while True:
            await asyncio.sleep(poll_seconds)
            if await self._changed():
                await self._quietly()

    async def _changed(self) -> bool:
        """Whether a file is another; what goes wrong with looking once is not for ever."""
        try:
            return await self._in_thread(self._part.changed)
        except Exception as exc:  # noqa: BLE001 -- such as no thread or no memory for it now
            limited.error("config.look_failed", error=repr(exc))
            return False

    def close(self) -> None:
        """Wait for nothing."""
        self._thread.shutdown(wait=False, cancel_futures=True)
