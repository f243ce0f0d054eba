"""
One fetch for all who ask at the same time, each waiting as long as it may.

A request that comes while a scrape runs joins it: its values are then older than those of
a scrape of its own would be by no more than the running one has taken. One that was given
far less time than the request has may end without values, so the request waits for it and
then has another.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from ..model import Snapshot
    from ..observe import Status

T = TypeVar("T")
# A scrape is joined if it was given this much of the time that the request has.
ENOUGH = 0.5
MARGIN_SECONDS = 0.25


class Bridge(Protocol):
    """What the web needs of the rest of the program; blocking, and safe for threads."""

    def scrape(self, *, deadline: float) -> Snapshot:
        """Return what the target has now; never raises for a fault of the target."""

    def unanswered(self) -> Snapshot:
        """Return self metrics only, for a request whose own deadline passed."""

    def status(self) -> Status:
        """Return what the status page shows."""

    def reload(self) -> None:
        """Read the rule file again; raises BridgeError, and the old rules stay."""

    def ready(self) -> bool:
        """Whether scrapes can be served."""

    def files(self) -> tuple[str, ...]:
        """Return the files whose change calls for a reload."""


@dataclass(frozen=True, slots=True)
class Running:
    """A scrape under way."""

    budget: float
    """The seconds that it was given."""
    task: asyncio.Task[Snapshot]


class SharedScrape:
    """The scrape that is running, if one is."""

    def __init__(self, bridge: Bridge, executor: Executor) -> None:
        self._bridge = bridge
        self._executor = executor
        self._running: Running | None = None

    async def snapshot(self, budget: float) -> Snapshot:
        """Return a snapshot within *budget* seconds, without values if need be."""
        deadline = time.monotonic() + budget
        while (running := self._running) and running.budget < ENOUGH * budget:
            if not await _ended(running, deadline):
                return self._bridge.unanswered()
        if running is None:
            task = asyncio.create_task(self._scrape(deadline))
            running = self._running = Running(deadline - time.monotonic(), task)
        if not await _ended(running, deadline):
            return self._bridge.unanswered()
        return running.task.result()

    async def _scrape(self, deadline: float) -> Snapshot:
        try:
            # What it has fetched by then still has to be put together.
            ends = deadline - min(MARGIN_SECONDS, (deadline - time.monotonic()) / 4)
            return await self.in_thread(lambda: self._bridge.scrape(deadline=ends))
        finally:
            self._running = None

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking *work* off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


async def _ended(running: Running, deadline: float) -> bool:
    """Wait for the end of a scrape; a client that gives up waiting takes nothing with it."""
    left = max(0.0, deadline - time.monotonic())
    done, _ = await asyncio.wait({running.task}, timeout=left)
    return bool(done)
