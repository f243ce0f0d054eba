"""The time that one scrape has, and where it went."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import DeadlinePassed

if TYPE_CHECKING:
    from collections.abc import Iterator


class Timer:
    """A deadline that travels with the work, and a clock for each phase of it."""

    def __init__(self, deadline: float) -> None:
        """*deadline* is on time.monotonic()'s clock."""
        self._deadline = deadline
        self._start = time.monotonic()
        self.phases: dict[str, float] = {}
        """Seconds by phase, of all its parts."""

    def left(self) -> float:
        """Return the seconds left; raises DeadlinePassed when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed("no time left")
        return left

    def shorten(self, deadline: float) -> float:
        """Let the time be over at *deadline*, if it is not before; return the seconds left."""
        self._deadline = min(self._deadline, deadline)
        return max(0.0, self._deadline - time.monotonic())

    def granted(self) -> float:
        """Return how many seconds the scrape has in all, from its beginning."""
        return self._deadline - self._start

    def taken(self) -> float:
        """Return the seconds since the scrape began."""
        return time.monotonic() - self._start

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure a part of the scrape; one that is done again adds to the first."""
        start = time.monotonic()
        try:
            yield
        finally:
            before = self.phases.get(name, 0.0)
            self.phases[name] = before + time.monotonic() - start
