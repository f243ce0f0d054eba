"""New MBeans, from their names to their plans: described, read for the first time, judged."""

from __future__ import annotations

import gc
import time
from concurrent.futures import wait
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from ..jmx.abc import FirstReading
from .beans import State

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from ..jmx.abc import Failure, MBeanTracker
    from .beans import MBean
    from .plans import Plans
    from .requests import FirstRequest

# So many are planned at a time, which bounds what planning needs of memory.
PLANNED_AT_ONCE = 1000
# The first batch is smaller: nothing is judged until it is there.
PLANNED_FIRST = 250
# The share of the time left that a batch's descriptions may take, and of what is left then, its
# first answers: one that never comes must not keep others from being read.
PATIENCE = 0.4
NOTHING_READ = FirstReading({}, {}, {})


class Planned(NamedTuple):
    """How far planning came."""

    fresh: list[int]
    """MBeans whose values were read on the way."""
    described: set[int]
    """MBeans whose description is known to be the newest."""


class FirstAnswers(NamedTuple):
    """What some MBeans were asked first, and what they answered."""

    requests: Mapping[int, FirstRequest]
    """What each was asked, by MBean; also those that have no attribute to ask for."""
    empty: Sequence[int]
    """Those that have none."""
    reading: FirstReading
    described: Collection[int]
    undescribed: Mapping[int, Failure]


NO_ANSWERS = FirstAnswers({}, (), NOTHING_READ, (), {})


class Newcomers:
    """
    Plans MBeans that are new, or whose description may have changed.

    Many go in batches: the target answers for one batch on a thread of its own while the
    one before it is judged.
    """

    def __init__(
        self,
        tracker: MBeanTracker,
        plans: Plans,
        beans: Mapping[int, MBean],
        ahead: Executor,
    ) -> None:
        """*ahead* runs what can be asked of the target before it is needed."""
        self._tracker = tracker
        self._plans = plans
        self._beans = beans
        self._ahead = ahead
        self._deadline = 0.0
        self.planning = False

    def plan(self, ids: Sequence[int], timeout: float) -> Planned:
        """Plan MBeans within *timeout* seconds."""
        planned = Planned([], set())
        if not ids:
            return planned
        self._deadline = time.monotonic() + timeout
        self.planning = True
        try:
            if len(ids) <= PLANNED_AT_ONCE:
                self._take(self._ask(ids), planned)
                return planned
            # Nearly all that planning makes stays, so looking for garbage is in vain.
            gc.disable()
            self._plan_batches(ids, planned)
        finally:
            gc.enable()
            self.planning = False
        return planned

    def hurry(self, timeout: float) -> None:
        """Plan no longer than *timeout* seconds from now on; from any thread."""
        self._deadline = min(self._deadline, time.monotonic() + timeout)

    def _plan_batches(self, ids: Sequence[int], planned: Planned) -> None:
        cuts = [0, *range(PLANNED_FIRST, len(ids), PLANNED_AT_ONCE), len(ids)]
        batches = [ids[start:end] for start, end in pairwise(cuts)]
        coming: Future[FirstAnswers] | None = None
        for batch, following in zip_longest(batches, batches[1:]):
            now = coming.result() if coming else self._ask(batch)
            coming = None
            if following:
                coming = self._ahead.submit(self._ask, following)
            try:
                self._take(now, planned)
            except BaseException:
                if coming:
                    wait((coming,))
                raise

    def _ask(self, batch: Sequence[int]) -> FirstAnswers:
        """Describe one batch and read it for the first time; changes no MBean."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            return NO_ANSWERS
        described, undescribed = self._tracker.describe(batch, left * PATIENCE)
        requests = {}
        for bean_id, description in described.items():
            bean = self._beans[bean_id]
            if bean.state is State.NAMED or bean.description != description:
                requests[bean_id] = self._plans.requests.first(bean, description)
        asked = self._plans.requests.asked
        empty = [i for i, first in requests.items() if not asked(first.number)]
        numbers = {i: first.number for i, first in requests.items() if i not in empty}
        left = max(0.0, self._deadline - time.monotonic()) * PATIENCE
        reading = NOTHING_READ
        if numbers:
            ids, wanted = list(numbers), list(numbers.values())
            reading = self._tracker.read_first(ids, wanted, left)
        return FirstAnswers(requests, empty, reading, list(described), undescribed)

    def _take(self, answers: FirstAnswers, planned: Planned) -> None:
        """Judge what first readings found, settle what is read from now on, and add to *planned*."""
        reading = answers.reading
        for bean_id in answers.requests:
            if self._beans[bean_id].state is not State.NAMED:
                self._plans.begin_anew(self._beans[bean_id])
        for bean_id, reason in (*answers.undescribed.items(), *reading.failed.items()):
            # One that was planned before keeps its plan until its description is known.
            if self._beans[bean_id].state is State.NAMED:
                self._beans[bean_id].unanswered(reason)
        self._plans.settle_empty(
            {self._beans[i]: answers.requests[i] for i in answers.empty}
        )
        self._plans.settle(
            [
                (self._beans[bean_id], answers.requests[bean_id], shape)
                for bean_id, shape in reading.shapes.items()
            ],
            reading.texts,
        )
        planned.fresh.extend(reading.shapes)
        planned.described.update(answers.described)
