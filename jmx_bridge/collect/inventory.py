"""
Which MBeans the target has, and their values at each scrape.

Follows MBeans from the scrape in which they appear to the one in which they vanish.
`beans` has their states, `newcomers` what happens to new ones, `plans` what becomes of
their answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..jmx.abc import Failure
from ..mapping import safe_value
from .beans import MBean, State
from .counts import Counting, Counts
from .newcomers import Newcomers
from .plans import Plans

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from concurrent.futures import Executor

    from ..jmx.abc import Changes, MBeanTracker, Reading
    from ..mapping import Ruleset
    from .failed import FailedAttributes
    from .jvm_metrics import JvmMetrics
    from .plans import ByRule
    from .series import Dropped
    from .tally import Tally

# One in so many known MBeans is described again at each scrape: a dynamic MBean may change
# its attributes without a word.
ROTATION = 240
# They take their turns in groups, so that with few MBeans most scrapes have none to ask.
TOGETHER = 16
# The same when the target could not tell which MBeans were registered anew.
FAST_ROTATION = 8
# The share of the time left that planning may take: what it planned is still to be read and
# served. The rest is planned in the next scrape.
PLANNING = 0.7
# How fast a target answers that is well but for some MBeans.
WELL_SECONDS = 0.25
# What may be remembered of MBeans and answers that are no more.
MOST_DEAD = 2000
MOST_DEAD_NUMBERS = 200_000


class Inventory:
    """The MBeans of one session under one ruleset."""

    def __init__(
        self,
        tracker: MBeanTracker,
        rules: Ruleset,
        jvm: JvmMetrics | None,
        ahead: Executor,
    ) -> None:
        """*ahead* runs what can be asked of the target before it is needed."""
        self._tracker = tracker
        self._beans: dict[int, MBean] = {}
        self._plans = Plans(tracker, rules, jvm)
        self._newcomers = Newcomers(tracker, self._plans, self._beans, ahead)
        self.jvm = jvm
        self.catalog = self._plans.catalog
        self.counts = Counts()
        self._counting = Counting(tracker, self._plans.requests)
        # Those that are NAMED, and those that were UNREAD last: else each scrape would look for them among all.
        self._waiting: set[int] = set()
        self._missed: set[int] = set()
        # Those that were registered anew, and not described since.
        self._anew: set[int] = set()
        self._rotation = 0
        # How many scrapes FAST_ROTATION still has to go.
        self._fast_rounds = 0
        self._table = 0

    # -- one scrape --------------------------------------------------------------------------

    def follow(self, timeout: float) -> set[int]:
        """
        Learn within *timeout* seconds which MBeans appeared or vanished.

        Returns those that `plan` has to look at.
        """
        self._plans.begin()
        changes = self._tracker.names(timeout)
        for bean_id in changes.vanished:
            self._plans.forget(self._beans.pop(bean_id))
        self._waiting.difference_update(changes.vanished)
        self._missed.difference_update(changes.vanished)
        self._anew.update(changes.registered_anew or ())
        self._anew.difference_update(changes.vanished)
        for found in changes.appeared:
            self._beans[found.id] = MBean(found)
            self._waiting.add(found.id)
        self.counts = Counts(present=changes.found, cut=changes.cut)
        return self._waiting | self._again(changes)

    def plan(self, ids: Iterable[int], timeout: float) -> list[int]:
        """Plan MBeans within *timeout* seconds; return those whose values were read on the way."""
        by_name = sorted(ids, key=lambda i: self._beans[i].name)
        try:
            planned = self._newcomers.plan(by_name, timeout * PLANNING)
            self._anew -= planned.described
            return planned.fresh
        finally:
            known = self._waiting.union(by_name)
            self._waiting = {i for i in known if self._beans[i].state is State.NAMED}

    def read(self, fresh: Sequence[int], timeout: float) -> Sequence[float]:
        """
        Read the planned MBeans' values, but for the *fresh* ones; return the table of numbers.

        Raises DeadlinePassed or SessionLost.
        """
        reading = self._tracker.read(fresh, timeout)
        self._reshape(reading)
        self._revise(reading)
        self._mark_unread(reading.unread)
        self._table = len(reading.numbers)
        self.counts = self._counting.count(
            self._beans.values(), reading.unread, self.counts
        )
        return reading.numbers

    def hurry(self, timeout: float) -> None:
        """Let what is under way end within *timeout* seconds; from any thread."""
        if self._newcomers.planning:
            timeout *= PLANNING
            self._newcomers.hurry(timeout)
        self._tracker.hurry(timeout)

    def back_off_slow(self) -> None:
        """Ask those MBeans less often that held up this scrape."""
        if self.counts.late or self._waiting:
            self._tracker.back_off_slow(WELL_SECONDS)

    # -- names ---------------------------------------------------------------------------------

    def _again(self, changes: Changes) -> set[int]:
        """Return the known MBeans whose description is asked for again."""
        if changes.registered_anew is None:
            self._fast_rounds = FAST_ROTATION
        ratio = FAST_ROTATION if self._fast_rounds else ROTATION
        self._fast_rounds = max(0, self._fast_rounds - 1)
        self._rotation += 1
        turn = self._rotation % ratio
        again = set(self._anew)
        again.update(i for i in self._beans if i // TOGETHER % ratio == turn)
        return again

    # -- values --------------------------------------------------------------------------------

    def _reshape(self, reading: Reading) -> None:
        """Judge anew the MBeans whose answers have another structure than before."""
        if not reading.changed:
            return
        changed = [(self._beans[place.id], place) for place in reading.changed]
        ids = {place.id for place in reading.changed}
        texts: dict[int, dict[int, str]] = {}
        for bean_id, leaf, text in reading.texts:
            if bean_id in ids:
                texts.setdefault(bean_id, {})[leaf] = text
        self._plans.reshape(changed, texts)

    def _revise(self, reading: Reading) -> None:
        """Judge again the values whose text a rule sees and whose text is another."""
        news: dict[MBean, dict[int, str]] = {}
        for bean_id, leaf, text in reading.texts:
            bean = self._beans[bean_id]
            # Those that were judged a moment ago have this very text.
            if (bean.plan.watched or {}).get(leaf, text) != text:
                news.setdefault(bean, {})[leaf] = text
        self._plans.revise(news)

    def _mark_unread(self, unread: Mapping[int, Failure]) -> None:
        """Serve nothing of MBeans that were not read this time."""
        for bean_id in self._missed - unread.keys():
            bean = self._beans[bean_id]
            # One that was judged anew in the meantime is read already.
            if bean.unread:
                bean.read()
            self._plans.touch(bean)
        for bean_id, reason in unread.items():
            bean = self._beans[bean_id]
            if not bean.unread:
                self._plans.touch(bean)
            bean.missed(reason)
        self._missed = set(unread)

    # -- what can be told ------------------------------------------------------------------------

    def unread(self, most: int) -> list[tuple[str, str]]:
        """Return MBeans that this scrape could not read, with the reasons; *most* at most."""
        found = {
            (safe_value(bean.name), bean.reason.name.lower())
            for bean in map(self._beans.__getitem__, self._waiting | self._missed)
            if bean.reason is not None and bean.reason is not Failure.GONE
        }
        return sorted(found)[:most]

    def failed_attributes(self, most: int) -> list[FailedAttributes]:
        """Return *most* planned attributes that gave no value although their MBean answered."""
        return self._counting.failed_attributes(self._beans.values(), most)

    def dropped(self) -> list[Dropped]:
        """Return the samples that this scrape does not serve, with the reasons."""
        return self._plans.dropped(list(self._beans.values()))

    def by_rule(self) -> ByRule:
        """Return how many samples each rule makes, and how long its pattern was tried."""
        return self._plans.by_rule()

    def tally(self) -> Tally:
        """Return what tells which rules and MBeans the samples come from."""
        return self._plans.tally()

    def idle_files(self) -> list[tuple[str, int]]:
        """Return the files none of whose rules claimed a value so far, with the number of those."""
        return self._plans.idle_files()

    def overgrown(self) -> bool:
        """
        Whether most of what is remembered is about MBeans and answers that are no more.

        A table whose rows change, say, has another shape at every scrape. Then it is time
        for an inventory that begins anew.
        """
        tracker, alive = self._tracker, len(self._beans)
        requests = len(self._plans.requests)
        known = max(len(tracker.shapes), len(tracker.descriptions), requests)
        if known > MOST_DEAD + 3 * alive:
            return True
        in_use = self._counting.numbers(self._beans.values())
        return self._table > MOST_DEAD_NUMBERS + 3 * in_use
