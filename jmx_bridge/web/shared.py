"""
Requests that come at the same time share one scrape; each waits only as long as it may.

A request's budget is the seconds that it may take. While a scrape runs, a new request

- joins it, if the scrape was given at least half of the request's budget. The values are
  then older than those of a scrape of its own by no more than this one has taken so far.
- waits for its end and starts another, if the scrape was given less: it may have to end
  without values for which the request has the time.

A request whose budget is used up before that gets a snapshot without values, and the scrape
goes on for the others.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from .reloads import Reloads

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from ..model import Snapshot
    from ..observe import Status

T = TypeVar("T")
# A scrape is joined if it was given this much of the time that the request has.
ENOUGH = 0.5
MARGIN_SECONDS = 0.25


class ScrapeSource(Protocol):
    """What the web needs of the rest of the program; blocking, and safe for threads."""

    def scrape(self, *, deadline: float) -> Snapshot:
        """
        Return what the target has now; *deadline* is on time.monotonic()'s clock.

        Never raises for a fault of the target: the snapshot says so.
        """

    def unanswered(self) -> Snapshot:
        """Return self metrics only, for a request whose own deadline passed."""

    def status(self) -> Status:
        """Return what the status page shows."""

    def reload(self) -> None:
        """Read the rule file again; raises BridgeError, and the old rules stay."""

    def changed(self) -> bool:
        """Whether a file is another than the one that was read last."""


@dataclass(frozen=True, slots=True)
class Running:
    """A scrape under way."""

    budget: float
    """The seconds that it was given."""
    task: asyncio.Task[Snapshot]


class SharedScrape:
    """The scrape of *source* that is running, if one is; for one event loop."""

    def __init__(self, source: ScrapeSource, executor: Executor) -> None:
        """Blocking work goes to *executor*."""
        self.source = source
        self.reloads = Reloads(source)
        self._executor = executor
        self._running: Running | None = None

    async def snapshot(self, budget: float) -> Snapshot:
        """Return a snapshot within *budget* seconds, without values if need be."""
        deadline = time.monotonic() + budget
        while (running := self._running) and running.budget < ENOUGH * budget:
            if not await _ended(running, deadline):
                return self.source.unanswered()
        if running is None:
            task = asyncio.create_task(self._scrape(deadline))
            running = self._running = Running(deadline - time.monotonic(), task)
        if not await _ended(running, deadline):
            return self.source.unanswered()
        return running.task.result()

    async def _scrape(self, deadline: float) -> Snapshot:
        try:
            # What it has fetched by then still has to be put together.
            ends = deadline - min(MARGIN_SECONDS, (deadline - time.monotonic()) / 4)
            return await self.in_thread(lambda: self.source.scrape(deadline=ends))
        finally:
            self._running = None

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking *work* off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(
            self._executor, _carried, work
        )


def _carried(work: Callable[[], T]) -> T:
    """Do *work*; a StopIteration, which no Future carries, would be waited for for ever."""
    try:
        return work()
    except StopIteration as exc:
        raise RuntimeError("StopIteration") from exc


async def _ended(running: Running, deadline: float) -> bool:
    """Wait for the end of a scrape; a client that gives up waiting takes nothing with it."""
    left = max(0.0, deadline - time.monotonic())
    done, _ = await asyncio.wait({running.task}, timeout=left)
    return bool(done)
