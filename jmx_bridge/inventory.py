"""
What the target has, and what each of its MBeans is asked for.

Follows MBeans from the scrape in which they appear to the one in which they vanish, and
keeps the catalog of series in step with them.
"""

from __future__ import annotations

import gc
import time
from concurrent.futures import wait
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from .catalog import Catalog
from .jmx.abc import Failure, FirstReading, Texts
from .model import LeafKind
from .plan import Answered, Decision, Judge
from .series import Bean, default_help, origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from concurrent.futures import Executor, Future

    from .jmx.abc import Changes, MBeanTracker, Placed, Reading
    from .jvm_metrics import JvmMetrics
    from .mapping import Ruleset
    from .model import Attribute
    from .series import Dropped, Series

# One in so many known MBeans is described again at each scrape: a dynamic MBean may change
# its attributes without a word.
ROTATION = 240
# They take their turns in groups, so that with few MBeans most scrapes have none to ask.
TOGETHER = 16
# New MBeans are planned so many at a time, which bounds what planning needs of memory.
PLANNED_AT_ONCE = 1000
# The same when the target could not tell which MBeans were registered anew.
FAST_ROTATION = 8
# The share of the time left that waits for a batch's first answers: one that never comes
# must not keep others from being read.
PATIENCE = 0.4
# The share of the time left that planning may take: what it planned is still to be read and
# served. The rest is planned in the next scrape.
PLANNING = 0.7
# The first batch is smaller: nothing is judged until it is there.
PLANNED_FIRST = 250
# How fast a target answers that is well but for some MBeans.
BLAME_SECONDS = 0.25
# What may be remembered of MBeans and answers that are no more.
MOST_DEAD = 2000
MOST_DEAD_NUMBERS = 200_000
SLOW = {Failure.LATE, Failure.RESTING}
FAILED = (LeafKind.ABSENT, LeafKind.UNREADABLE)
# What has no value or no fixed rows now and may have others at the next reading.
MAY_GET_TEXT = (LeafKind.TABLE, LeafKind.NULL, *FAILED)
NO_SURVEY = FirstReading({}, {}, {})


@dataclass(frozen=True, slots=True)
class Counts:
    """What one scrape planned and read."""

    present: int = 0
    planned: int = 0
    planned_attributes: int = 0
    fetched_attributes: int = 0
    failed_attributes: int = 0
    fetched: int = 0
    failed: int = 0
    late: int = 0
    cached: int = 0
    cut: int = 0
    """MBeans beyond the limit."""


class FirstRead(NamedTuple):
    """What some MBeans are asked first, and what they answered."""

    requests: dict[int, int]
    """The request of each, by MBean."""
    empty: list[int]
    """Those that have no attribute to ask for."""
    survey: FirstReading
    undescribed: Mapping[int, Failure]


class Inventory:
    """The MBeans of one session under one ruleset."""

    def __init__(
        self,
        watch: MBeanTracker,
        rules: Ruleset,
        jvm: JvmMetrics | None,
        ahead: Executor,
    ) -> None:
        """*ahead* runs what can be asked of the target before it is needed."""
        self._watch = watch
        self._ahead = ahead
        self._judge = Judge(rules)
        self._rules = rules
        self.jvm = jvm
        self._beans: dict[int, Bean] = {}
        self._platform: set[int] = set()
        self._rules_see: set[int] = set()
        self._pending: set[int] = set()
        self._requests: dict[tuple[object, ...], int] = {}
        self._asked: dict[int, tuple[Attribute, ...]] = {}
        self._narrowed: dict[
            tuple[int, int, frozenset[int], frozenset[int]], tuple[int, dict[int, int]]
        ] = {}
        self._request_of: dict[int, int] = {}
        self._unread: dict[int, Failure] = {}
        self._pending_why: dict[int, Failure] = {}
        self._dropped: dict[int, list[Dropped]] = {}
        self._absences: dict[int, int] = {}
        self._rotation = 0
        self._fast_rounds = 0
        self._table = 0
        self.catalog = Catalog(self._origin)
        self.counts = Counts()

    # -- one scrape --------------------------------------------------------------------------

    def follow(self, timeout: float) -> list[int]:
        """
        Learn which MBeans appeared or vanished, and plan the new ones.

        Returns those whose values were read on the way.
        """
        end = time.monotonic() + timeout
        changes = self._watch.names(timeout)
        self._forget(changes.vanished)
        for found in changes.appeared:
            self._beans[found.id] = Bean(found.id, found.name)
            self._pending.add(found.id)
            if found.for_platform:
                self._platform.add(found.id)
            if found.for_rules:
                self._rules_see.add(found.id)
        self.counts = Counts(present=changes.present, cut=changes.cut)
        left = max(0.0, end - time.monotonic())
        return self._plan(self._again(changes), left * PLANNING)

    def read(self, fresh: Sequence[int], timeout: float) -> Sequence[float]:
        """Read the planned MBeans' values; return the table of numbers."""
        reading = self._watch.read(fresh, timeout)
        changed = {placed.id: placed for placed in reading.changed}
        if changed:
            self._replan(changed, reading)
        self._take_texts(reading, changed)
        self._mark_unread(reading.unread)
        self._table = len(reading.numbers)
        planned = [bean for bean in self._beans.values() if bean.base >= 0]
        attributes = missing = 0
        for bean in planned:
            asked = len(self._asked[self._request_of[bean.id]])
            attributes += asked
            missing += asked if bean.unread else self._absent(bean.shape)
        waiting = [self._pending_why.get(bean_id) for bean_id in self._pending]
        failures = [f for f in reading.unread.values() if f is not Failure.GONE]
        self.counts = Counts(
            present=self.counts.present,
            cut=self.counts.cut,
            planned=len(planned),
            planned_attributes=attributes,
            fetched_attributes=attributes - missing,
            failed_attributes=missing,
            fetched=len(planned) - len(reading.unread),
            failed=len(failures) + len(self._pending),
            # What waits without a reason was not even asked in time.
            late=sum(why in SLOW or why is None for why in (*failures, *waiting)),
            cached=sum(bean.cached for bean in self._beans.values()),
        )
        return reading.numbers

    def _absent(self, shape: int) -> int:
        """Return how many attributes an answer of this shape lacks."""
        absent = self._absences.get(shape)
        if absent is None:
            leaves = self._watch.shapes[shape]
            absent = sum(leaf.kind in FAILED for leaf in leaves)
            self._absences[shape] = absent
        return absent

    def unread(self, most: int) -> list[tuple[str, str]]:
        """Return MBeans that this scrape could not read, with the reasons."""
        failed = {
            **{i: why for i, why in self._pending_why.items() if i in self._pending},
            **self._unread,
        }
        found = (
            (self._beans[bean_id].name, why.name.lower())
            for bean_id, why in failed.items()
            if why is not Failure.GONE and bean_id in self._beans
        )
        return sorted(found)[:most]

    def overgrown(self) -> bool:
        """
        Whether most of what is remembered is about MBeans and answers that are no more.

        A table whose rows change, say, has another shape at every scrape. Then it is time
        for an inventory that begins anew.
        """
        watch, alive = self._watch, len(self._beans)
        known = max(len(watch.shapes), len(watch.descriptions), len(self._requests))
        return known > MOST_DEAD + 3 * alive or self._table > MOST_DEAD_NUMBERS + 3 * (
            self._numbers_in_use()
        )

    def _numbers_in_use(self) -> int:
        shapes = self._watch.shapes
        return sum(len(shapes[b.shape]) for b in self._beans.values() if b.base >= 0)

    def blame(self) -> None:
        """Ask those MBeans less often that held up this scrape."""
        if self.counts.late or self._pending:
            self._watch.back_off_slow(BLAME_SECONDS)

    def dropped(self) -> list[Dropped]:
        """Return the samples that this scrape does not serve, with the reasons."""
        mine = [drop for drops in self._dropped.values() for drop in drops]
        return mine + self.catalog.dropped()

    # -- coming and going -----------------------------------------------------------------------

    def _forget(self, ids: Iterable[int]) -> None:
        for bean_id in ids:
            bean = self._beans.pop(bean_id)
            for series in bean.series:
                self.catalog.remove(series)
            for known in (self._platform, self._rules_see, self._pending):
                known.discard(bean_id)
            self._unread.pop(bean_id, None)
            self._pending_why.pop(bean_id, None)
            self._dropped.pop(bean_id, None)
            self._request_of.pop(bean_id, None)
            if self.jvm:
                self.jvm.forget(bean_id)

    def _again(self, changes: Changes) -> set[int]:
        """Return the known MBeans whose description is asked for again."""
        if changes.registered_anew is None:
            self._fast_rounds = FAST_ROTATION
        again = set(changes.registered_anew or ())
        ratio = FAST_ROTATION if self._fast_rounds else ROTATION
        self._fast_rounds = max(0, self._fast_rounds - 1)
        self._rotation += 1
        again.update(
            bean_id
            for bean_id in self._beans
            if bean_id // TOGETHER % ratio == self._rotation % ratio
        )
        return again - self._pending

    def _plan(self, again: set[int], timeout: float) -> list[int]:
        """
        Describe, survey, judge and place what is new or may have changed.

        Many MBeans go in batches, and the target answers for one batch while the one
        before it is judged.
        """
        ids = sorted(self._pending | again, key=lambda i: self._beans[i].name)
        if not ids:
            return []
        deadline = time.monotonic() + timeout
        if len(ids) <= PLANNED_AT_ONCE:
            return list(self._take_survey(self._read_first(ids, deadline)))
        # Nearly all that planning makes stays, so looking for garbage is in vain.
        gc.disable()
        try:
            return self._plan_batches(ids, deadline)
        finally:
            gc.enable()

    def _plan_batches(self, ids: Sequence[int], deadline: float) -> list[int]:
        cuts = [0, *range(PLANNED_FIRST, len(ids), PLANNED_AT_ONCE), len(ids)]
        batches = [ids[start:end] for start, end in pairwise(cuts)]
        fresh: list[int] = []
        coming: Future[FirstRead] | None = None
        for batch, following in zip_longest(batches, batches[1:]):
            now = coming.result() if coming else self._read_first(batch, deadline)
            coming = None
            if following:
                coming = self._ahead.submit(self._read_first, following, deadline)
            try:
                fresh += self._take_survey(now)
            except BaseException:
                if coming:
                    wait((coming,))
                raise
        return fresh

    def _read_first(self, batch: Sequence[int], deadline: float) -> FirstRead:
        """Describe and survey one batch; changes nothing that judging another one reads."""
        left = deadline - time.monotonic()
        if left <= 0:
            return FirstRead({}, [], NO_SURVEY, {})
        described, undescribed = self._watch.describe(batch, left * PATIENCE)
        requests = {}
        for bean_id, description in described.items():
            bean = self._beans[bean_id]
            if bean_id in self._pending or bean.description != description:
                bean.description = description
                requests[bean_id] = self._first_request(bean)
        empty = [i for i, request in requests.items() if not self._asked[request]]
        for bean_id in empty:
            del requests[bean_id]
        left = max(0.0, deadline - time.monotonic()) * PATIENCE
        survey = NO_SURVEY
        if requests:
            survey = self._watch.read_first(
                list(requests), list(requests.values()), left
            )
        return FirstRead(requests, empty, survey, undescribed)

    def _take_survey(self, read: FirstRead) -> Iterable[int]:
        """Judge what a survey found, and settle what is read from now on."""
        first, survey = read.requests, read.survey
        for bean_id in read.empty:
            self._clear(self._beans[bean_id])
            self._pending.discard(bean_id)
        self._pending.update(survey.failed)
        self._pending.difference_update(survey.shapes)
        for bean_id in (*survey.shapes, *read.empty):
            self._pending_why.pop(bean_id, None)
        self._pending_why.update({**read.undescribed, **survey.failed})
        beans = [self._beans[bean_id] for bean_id in survey.shapes]
        for bean in beans:
            self._clear(bean)
            bean.shape = survey.shapes[bean.id]
        decisions = self._judge.decide(
            [
                self._answered(bean, first[bean.id], survey.texts.get(bean.id, {}))
                for bean in beans
                if bean.id in self._rules_see
            ]
        )
        final = {
            bean.id: self._narrow(bean, first[bean.id], decisions.get(bean.id))
            for bean in beans
        }
        for placed in self._watch.select(list(final), list(final.values())):
            bean = self._beans[placed.id]
            bean.shape, bean.base = placed.shape, placed.base
            if placed.base >= 0:
                self._request_of[bean.id] = final[bean.id]
            self._adopt(bean, decisions.get(bean.id))
        return survey.shapes

    def _answered(
        self,
        bean: Bean,
        request: int,
        texts: Mapping[int, str],
        only: frozenset[int] | None = None,
    ) -> Answered:
        shape = self._watch.shapes[bean.shape]
        return Answered(bean, shape, self._asked[request], texts, only)

    def _clear(self, bean: Bean) -> None:
        for series in bean.series:
            self.catalog.remove(series)
        bean.series = []
        bean.base = -1
        bean.watched = None
        self._dropped.pop(bean.id, None)

    def _first_request(self, bean: Bean) -> int:
        description = self._watch.descriptions[bean.description]
        admitted = (
            self._judge.admitted(bean, description)
            if bean.id in self._rules_see
            else []
        )
        if self.jvm and bean.id in self._platform:
            names = {attribute.name for attribute in admitted}
            wanted = [
                attribute
                for attribute in description
                if attribute.name in self.jvm.wants(bean.name)
                and attribute.name not in names
            ]
            admitted += wanted
            bean.hidden = frozenset(attribute.name for attribute in wanted)
        texts = Texts.NONE
        if self._rules.any_sees_value or self._rules.config.metric_customizers:
            texts = Texts.ALL
        elif self._rules.any_value:
            texts = Texts.STRINGS
        return self._request(tuple(admitted), (texts,) * len(admitted))

    def _request(
        self, attributes: tuple[Attribute, ...], texts: tuple[Texts, ...]
    ) -> int:
        key = (attributes, texts)
        number = self._requests.get(key)
        if number is None:
            names = [attribute.name for attribute in attributes]
            number = self._requests[key] = self._watch.request(names, texts)
            self._asked[number] = attributes
        return number

    # -- placing what was judged --------------------------------------------------------------------

    def _narrow(self, bean: Bean, first: int, decision: Decision | None) -> int:
        """Return the request that reads what matters, -1 for nothing; renumber leaves."""
        kept = frozenset(decision.kept) if decision else frozenset()
        if self.jvm and bean.id in self._platform:
            wanted = self.jvm.wants(bean.name)
            asked = self._asked[first]
            kept |= {i for i, one in enumerate(asked) if one.name in wanted}
        if not kept:
            return -1
        watched = frozenset(decision.watched) if decision else frozenset()
        key = (first, bean.shape, kept, watched)
        narrowed = self._narrowed.get(key)
        if narrowed is None:
            narrowed = self._narrowed[key] = self._narrower(*key)
        request, leaves = narrowed
        if decision:
            decision.renumber(leaves)
        return request

    def _narrower(
        self, first: int, number: int, kept: frozenset[int], watched: frozenset[int]
    ) -> tuple[int, dict[int, int]]:
        """Return a request for the attributes that are *kept*, and where leaves are in its answer."""
        asked, shape = self._asked[first], self._watch.shapes[number]
        texts = {shape[leaf].attribute for leaf in watched}
        if self._rules.any_sees_value or self._rules.any_value:
            # What has no value or no fixed rows now may get some whose text a rule sees.
            texts |= {leaf.attribute for leaf in shape if leaf.kind in MAY_GET_TEXT}
        order = sorted(kept)
        request = self._request(
            tuple(asked[index] for index in order),
            tuple(Texts.ALL if index in texts else Texts.NONE for index in order),
        )
        stay = [i for i, leaf in enumerate(shape) if leaf.attribute in kept]
        return request, {old: new for new, old in enumerate(stay)}

    def _adopt(self, bean: Bean, decision: Decision | None) -> None:
        """Take a decision's series into the catalog."""
        if self.jvm and bean.id in self._platform and bean.base >= 0:
            asked = self._asked[self._request_of[bean.id]]
            self.jvm.bind(bean, self._watch.shapes[bean.shape], asked)
        if decision is None:
            return
        bean.series = decision.series
        bean.watched = decision.watched or None
        bean.labels_from = frozenset(decision.labels_from)
        bean.cached = decision.cached
        if decision.dropped:
            self._dropped[bean.id] = decision.dropped
        for series in decision.series:
            self._add(bean, series)

    def _add(self, bean: Bean, series: Series) -> None:
        if series.leaf >= 0:
            series.slot = bean.base + series.leaf
        self.catalog.add(series, lambda: self._help(series))

    def _help(self, series: Series) -> str:
        if series.help is not None:
            return series.help
        if series.bean.base < 0:
            return default_help(series, (), ())
        asked = self._asked[self._request_of[series.bean.id]]
        return default_help(series, self._watch.shapes[series.bean.shape], asked)

    def _origin(self, series: Series) -> str:
        shape = self._watch.shapes[series.bean.shape] if series.bean.shape >= 0 else ()
        return origin(series, shape)

    # -- what changes between scrapes -------------------------------------------------------------

    def _replan(self, changed: Mapping[int, Placed], reading: Reading) -> None:
        """Judge anew the MBeans whose answers have another structure than before."""
        texts: dict[int, dict[int, str]] = {}
        for bean_id, leaf, text in reading.texts:
            if bean_id in changed:
                texts.setdefault(bean_id, {})[leaf] = text
        for placed in changed.values():
            bean = self._beans[placed.id]
            self._clear(bean)
            bean.shape, bean.base = placed.shape, placed.base
        decisions = self._judge.decide(
            [
                self._answered(self._beans[i], self._request_of[i], texts.get(i, {}))
                for i in changed
                if i in self._rules_see
            ]
        )
        for bean_id in changed:
            self._adopt(self._beans[bean_id], decisions.get(bean_id))

    def _take_texts(self, reading: Reading, changed: Mapping[int, Placed]) -> None:
        """Judge again the values whose text a rule sees and whose text is another."""
        news: dict[int, dict[int, str]] = {}
        for bean_id, leaf, text in reading.texts:
            bean = self._beans[bean_id]
            if bean_id in changed or not bean.watched or leaf not in bean.watched:
                continue
            if bean.watched[leaf] != text:
                news.setdefault(bean_id, {})[leaf] = text
        answers = []
        for bean_id, texts in news.items():
            bean = self._beans[bean_id]
            bean.watched = {**(bean.watched or {}), **texts}
            # A label on all of the MBean's series concerns all of its leaves.
            only = None if bean.labels_from & texts.keys() else frozenset(texts)
            request = self._request_of[bean_id]
            answers.append(self._answered(bean, request, bean.watched, only))
        decisions = self._judge.decide(answers)
        for answered in answers:
            bean = answered.bean
            self._exchange(bean, answered.only, decisions[bean.id])

    def _exchange(
        self, bean: Bean, leaves: frozenset[int] | None, decision: Decision
    ) -> None:
        """Replace the series of some leaves; one that is still the same keeps its place."""
        if leaves is None:
            for series in bean.series:
                self.catalog.remove(series)
            bean.series = []
        old = {s.leaf: s for s in bean.series if leaves and s.leaf in leaves}
        kept = [series for series in bean.series if series.leaf not in old]
        for new in decision.series:
            before = old.get(new.leaf)
            if before is not None and before.differs_only_in_value(new):
                before.constant, before.text = new.constant, new.text
                kept.append(old.pop(new.leaf))
            else:
                self._add(bean, new)
                kept.append(new)
        for series in old.values():
            self.catalog.remove(series)
        bean.series = kept
        self._dropped[bean.id] = decision.dropped

    def _mark_unread(self, unread: Mapping[int, Failure]) -> None:
        """Serve nothing of MBeans that were not read this time."""
        for bean_id in self._unread.keys() ^ unread.keys():
            bean = self._beans.get(bean_id)
            if bean is None:
                continue
            bean.unread = bean_id in unread
            for series in bean.series:
                self.catalog.touch(series)
        self._unread = dict(unread)
