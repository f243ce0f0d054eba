"""How long one evaluation may take, and how another ends it before."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ...config import Syntax
    from ...mapping.rule import Matcher, PatternMatch

    Patterns = Sequence[tuple[str, Sequence[str]]]

MOST_WAITING = 8
"""Clients whose evaluation runs or waits."""
AGAIN_SECONDS = 0.05


class LimitedMatcher(Protocol):
    """A matcher whose work can be ended from another thread."""

    def renew(self) -> None:
        """As `Matcher.renew`."""

    def seconds(self) -> Sequence[float] | None:
        """As `Matcher.seconds`."""

    def match(
        self, subjects: Sequence[str], questions: Sequence[Sequence[tuple[int, int]]]
    ) -> Sequence[PatternMatch]:
        """As `Matcher.match`."""

    def limit(self, seconds: float) -> None:
        """Let trying end so many seconds from now; what is asked then is undecided."""


class Stopped(Exception):
    """An evaluation was ended; *newer*: by a newer one, else its time was up."""

    def __init__(self, *, newer: bool) -> None:
        super().__init__("ended by a newer one" if newer else "took too long")
        self.newer = newer


class Budget:
    """
    The time of one evaluation.

    Whatever it runs asks `check` now and then; patterns are ended by Java itself.
    """

    def __init__(
        self, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._ends = clock() + seconds
        self._stopped = False
        self._matcher: LimitedMatcher | None = None

    def stop(self) -> None:
        """End it, from another thread: a newer evaluation takes its place."""
        self._stopped = True
        if matcher := self._matcher:
            matcher.limit(0.0)

    def check(self) -> None:
        """Raise Stopped if it has ended."""
        if self._stopped:
            raise Stopped(newer=True)
        if self._clock() >= self._ends:
            raise Stopped(newer=False)

    def compiler(
        self, compile_patterns: Callable[[Patterns], LimitedMatcher]
    ) -> Callable[[Patterns], Matcher]:
        """Return what compiles patterns whose matches end with this budget."""

        def compiled(patterns: Patterns) -> Matcher:
            self.check()
            return BudgetedMatcher(compile_patterns(patterns), self)

        return compiled

    def begins(self, matcher: LimitedMatcher) -> None:
        """Limit a matcher that is about to work; raises Stopped if time is up."""
        self._matcher = matcher
        matcher.limit(self._ends - self._clock())
        self.check()

    def ended(self) -> None:
        """Note that no matcher works; raises Stopped if time is up, as answers are then none."""
        self._matcher = None
        self.check()


class BudgetedMatcher:
    """A matcher that raises Stopped when its budget has ended."""

    def __init__(self, matcher: LimitedMatcher, budget: Budget) -> None:
        self._matcher = matcher
        self._budget = budget

    def renew(self) -> None:
        """Begin a scrape."""
        self._matcher.renew()

    def seconds(self) -> Sequence[float] | None:
        """Return how long each pattern was tried."""
        return self._matcher.seconds()

    def match(
        self, subjects: Sequence[str], questions: Sequence[Sequence[tuple[int, int]]]
    ) -> Sequence[PatternMatch]:
        """Return an answer for each question."""
        self._budget.begins(self._matcher)
        answers = self._matcher.match(subjects, questions)
        self._budget.ended()
        return answers


class BudgetedSyntax:
    """What Java says of patterns, while the budget lasts."""

    def __init__(self, syntax: Syntax, budget: Budget) -> None:
        self._syntax = syntax
        self._budget = budget

    def pattern_problem(self, pattern: str) -> tuple[str, int] | None:
        """Return what is wrong with a pattern and where."""
        self._budget.check()
        return self._syntax.pattern_problem(pattern)

    def group_count(self, pattern: str) -> int:
        """Return how many groups a good pattern has."""
        return self._syntax.group_count(pattern)

    def gives_up(self, pattern: str, text: str) -> bool:
        """Whether a good pattern can't be tried to its end on *text*."""
        self._budget.check()
        return self._syntax.gives_up(pattern, text)

    def object_name_problem(self, name: str, *, is_pattern: bool) -> str | None:
        """Return what is wrong with an ObjectName."""
        self._budget.check()
        return self._syntax.object_name_problem(name, is_pattern=is_pattern)


class Busy(Exception):
    """More clients ask at once than is healthy."""


class Turns:
    """Who may evaluate: one at a time, and of each client the newest."""

    def __init__(self, seconds: float) -> None:
        """Each may take so many *seconds*, with the time that it waits for its turn."""
        self._seconds = seconds
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._newest: dict[str, Budget] = {}

    @contextmanager
    def turn(self, client: str) -> Iterator[Budget]:
        """
        Wait for a turn, and end the client's older evaluation.

        Raises Stopped if a newer one comes or time is up, and Busy if too many wait.
        """
        budget = Budget(self._seconds)
        with self._lock:
            older = self._newest.get(client)
            if older is None and len(self._newest) >= MOST_WAITING:
                raise Busy
            self._newest[client] = budget
        if older:
            older.stop()
        try:
            while not self._turn.acquire(timeout=AGAIN_SECONDS):
                budget.check()
            try:
                budget.check()
                yield budget
            finally:
                self._turn.release()
        finally:
            with self._lock:
                if self._newest.get(client) is budget:
                    del self._newest[client]
