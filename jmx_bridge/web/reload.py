"""
Reads files again: when they changed, or when told to; one reading at a time.

Whoever asks while files are being read shares the next reading, as the one that runs may have
read them before they changed. A file on a mount that hangs holds up its own thread, and nothing
else.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from ..errors import BridgeError
from ..log import get_log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from concurrent.futures import Executor

T = TypeVar("T")
log = get_log(__name__)
POLL_SECONDS = 1.0


class Reloadable(Protocol):
    """What is made of files."""

    def files(self) -> tuple[str, ...]:
        """Return the files whose change calls for a reload."""

    def reload(self) -> None:
        """Read them again; raises BridgeError, and what they said before stays."""


class Reload:
    """Reads what *part* is made of; for one event loop."""

    def __init__(self, part: Reloadable, executor: Executor) -> None:
        """Reading goes to *executor*, one thread at a time."""
        self._part = part
        self._executor = executor
        self._reading = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        self._seen = _state(part.files())

    async def now(self) -> None:
        """Read the files; raises BridgeError, and what they said before stays."""
        if self._next is None:
            self._next = asyncio.create_task(self._after_the_one_that_runs())
        await asyncio.shield(self._next)

    async def if_changed(self) -> None:
        """Read the files if they are not those that were read last."""
        async with self._reading:
            state = await self._in_thread(self._state)
        if state != self._seen:
            await self.now()

    async def _after_the_one_that_runs(self) -> None:
        async with self._reading:
            self._next = None
            await self._in_thread(self._read)

    def _read(self) -> None:
        # Before the files are read: a change meanwhile has to be seen.
        self._seen = self._state()
        self._part.reload()

    def _state(self) -> tuple[object, ...]:
        return _state(self._part.files())

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


class Reloader:
    """Reads files again when they changed, or when told to, and logs what is wrong in them."""

    def __init__(
        self, parts: Sequence[Reload], poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._parts = parts
        self._poll_seconds = poll_seconds
        self._tasks: set[asyncio.Task[None]] = set()

    def soon(self) -> None:
        """Reload all; for a signal handler."""
        for part in self._parts:
            task = asyncio.get_running_loop().create_task(_told(part.now()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def follow(self) -> None:
        """Look every *poll_seconds* whether a file is another."""
        await asyncio.gather(*map(self._follow, self._parts))

    async def _follow(self, part: Reload) -> None:
        while True:
            await asyncio.sleep(self._poll_seconds)
            await _told(part.if_changed())


async def _told(work: Awaitable[None]) -> None:
    """Wait for *work*; a wrong file is logged, and what it said before stays."""
    try:
        await work
    except BridgeError as exc:
        log.error("config.refused", problems=str(exc))  # noqa: TRY400
    except Exception as exc:  # noqa: BLE001 -- the files must be followed on
        log.error("config.reload_failed", error=repr(exc))  # noqa: TRY400


def _state(files: tuple[str, ...]) -> tuple[object, ...]:
    """Return what changes when a file is written, replaced, or its symlink swapped."""
    states: list[object] = []
    for file in files:
        try:
            stat = Path(file).stat()
        except OSError as exc:
            states.append(exc.errno)
        else:
            real = os.path.realpath(file)
            states.append((real, stat.st_ino, stat.st_mtime_ns, stat.st_size))
    return tuple(states)
