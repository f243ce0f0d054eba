"""
Requests that come at the same time share one scrape; none depends on one with more time.

A request's budget is the seconds that it may take. While a scrape runs, a new request

- joins it, if the scrape was given at least half of the request's budget. The values are
  then older than those of a scrape of its own by no more than this one has taken so far.
  If the request has less time than the scrape, the scrape ends in time for it, with what
  has arrived by then, but not before it ran for FAIR_SECONDS: a client in a great hurry
  can't take the others' values.
- waits for its end and starts another, if the scrape was given less: it may have to end
  without values for which the request has the time.
- does so, too, if rules were read since the scrape began: whoever asks after a reload was
  answered gets nothing of what it replaced. That scrape ends after FAIR_SECONDS.

A request whose budget is used up before that gets a snapshot without values, and the scrape
goes on for the others.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from .pages import Pages
from .reloads import Reloads

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from ..model import Snapshot
    from ..observe import Status

# A scrape is joined if it was given this much of the time that the request has.
ENOUGH = 0.5
MARGIN_SECONDS = 0.25
# A scrape may have this long whoever joins it, unless it was given less.
FAIR_SECONDS = 2.0
# A scrape may begin a question to the target in the moment in which it is told to hurry.
AGAIN_SECONDS = 0.25


class ScrapeSource(Protocol):
    """What the web needs of the rest of the program; blocking, and safe for threads."""

    def connect(self) -> None:
        """Begin to connect to the target, and wait for nothing."""

    def scrape(self, *, deadline: float) -> Snapshot:
        """
        Return what the target has now; *deadline* is on time.monotonic()'s clock.

        Never raises for a fault of the target: the snapshot says so.
        """

    def hurry(self, deadline: float) -> None:
        """Let the scrape that runs end by *deadline*, with what has arrived by then."""

    def unanswered(self) -> Snapshot:
        """Return self metrics only, for a request whose own deadline passed."""

    def status(self) -> Status:
        """Return what the status page shows."""

    def reload(self) -> None:
        """Read the rule file again; raises BridgeError, and the old rules stay."""

    def changed(self) -> bool:
        """Whether a file is another than the one that was read last."""


@dataclass(slots=True, eq=False)
class Running:
    """A scrape under way."""

    begun: float
    ends: float
    """When it has to be over, on time.monotonic()'s clock; comes nearer as requests join."""
    task: asyncio.Task[Snapshot]
    readings: int
    """How many reloads there had been when it began."""
    hurrying: asyncio.Task[None] | None = None

    @property
    def budget(self) -> float:
        """Return the seconds that it was given."""
        return self.ends - self.begun


class SharedScrape:
    """The scrape of *source* that is running, if one is; for one event loop."""

    def __init__(
        self, source: ScrapeSource, executor: Executor, most_bytes: int = 1 << 28
    ) -> None:
        """Blocking work goes to *executor*; a page has *most_bytes* at most."""
        self.source = source
        self.reloads = Reloads(source)
        self.pages = Pages(executor, most_bytes)
        self._executor = executor
        self._running: Running | None = None

    async def snapshot(self, budget: float) -> Snapshot:
        """Return a snapshot within *budget* seconds, without values if need be."""
        deadline = time.monotonic() + budget
        while (running := self._running) and not self._enough(running, budget):
            if not await _ended(running, deadline):
                return self.source.unanswered()
        if running is None:
            task = asyncio.create_task(self._scrape(deadline))
            running = Running(time.monotonic(), deadline, task, self.reloads.done)
            self._running = running
        elif deadline < running.ends:
            self._hurry(running, deadline)
        if not await _ended(running, deadline):
            return self.source.unanswered()
        return running.task.result()

    def _enough(self, running: Running, budget: float) -> bool:
        """Whether a request may share a scrape; one under replaced rules is told to end."""
        if running.readings != self.reloads.done:
            self._hurry(running, time.monotonic())
            return False
        return running.budget >= ENOUGH * budget

    def _hurry(self, running: Running, deadline: float) -> None:
        """Let a scrape end by *deadline*, as far as that is fair."""
        running.ends = max(deadline, min(running.ends, running.begun + FAIR_SECONDS))
        if running.hurrying is None:
            running.hurrying = asyncio.create_task(self._keep_hurrying(running))

    async def _keep_hurrying(self, running: Running) -> None:
        while not running.task.done():
            self.source.hurry(self._with_margin(running.ends))
            await asyncio.wait({running.task}, timeout=AGAIN_SECONDS)

    async def _scrape(self, deadline: float) -> Snapshot:
        try:
            ends = self._with_margin(deadline)
            return await asyncio.get_running_loop().run_in_executor(
                self._executor, _carried, lambda: self.source.scrape(deadline=ends)
            )
        finally:
            self._running = None

    def _with_margin(self, deadline: float) -> float:
        """Return when to stop fetching: what is there by then still has to be a page."""
        margin = max(MARGIN_SECONDS, 2 * self.pages.seconds)
        return deadline - min(margin, max(0.0, deadline - time.monotonic()) / 4)


def _carried(work: Callable[[], Snapshot]) -> Snapshot:
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
