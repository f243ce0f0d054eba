"""
The plans in force: how answers become plans, and plans become series of the catalog.

Everything that makes, replaces or withdraws a plan goes through here, so that MBean, plan
and catalog always agree.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from .answers import BeanAnswer, Draft
from .catalog import Catalog
from .planner import Planner
from .requests import Requests
from .series import NO_PLAN, NOT_READ, BeanPlan, Dropped, default_help, origin
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..jmx.abc import MBeanTracker, Placed
    from ..mapping import Ruleset
    from .beans import MBean
    from .jvm_metrics import JvmMetrics
    from .requests import FirstRequest
    from .series import Series

NO_DRAFT = Draft()


class ByRule(NamedTuple):
    """What is told of each rule, by its place: "kafka.yml:14"."""

    samples: Mapping[str, int]
    """How many it makes, of all rules that there are."""
    seconds: Mapping[str, float]
    """How long its pattern was tried, if it has one."""


UNTOLD = ByRule({}, {})


class Plans:
    """What the MBeans of one session become under one ruleset."""

    def __init__(
        self, tracker: MBeanTracker, rules: Ruleset, jvm: JvmMetrics | None
    ) -> None:
        self._tracker = tracker
        self._rules = rules
        self._planner = Planner(rules)
        self.jvm = jvm
        self.requests = Requests(tracker, self._planner, jvm)
        self.catalog = Catalog(self._origin, lambda one: rules.where(one.rule))
        self._by_file: dict[str, set[int]] = {}
        for index, rule in enumerate(rules.rules):
            if rule.config.line:
                self._by_file.setdefault(rule.config.file, set()).add(index)

    def begin(self) -> None:
        """Begin a scrape: whatever a rule may use up in one is there again."""
        self._rules.matcher.renew()

    # -- an MBean's first answer ------------------------------------------------------------

    def settle(
        self,
        answered: Sequence[tuple[MBean, FirstRequest, int]],
        texts: Mapping[int, Mapping[int, str]],
    ) -> None:
        """
        Judge first answers (MBean, request, shape), and settle what is read from now on.

        *texts* are those of the answers: MBean to leaf to text.
        """
        drafts = self._planner.draft(
            [
                self._answer(bean, first, shape, texts.get(bean.id, {}))
                for bean, first, shape in answered
                if self._judged(bean, first.description, first.hidden)
            ]
        )
        chosen: dict[int, int] = {}
        plans: dict[int, BeanPlan] = {}
        for bean, first, shape in answered:
            draft = drafts.get(bean.id, NO_DRAFT)
            chosen[bean.id], plans[bean.id] = self._narrow(bean, first, shape, draft)
        places = self._tracker.select(list(chosen), list(chosen.values()))
        for (bean, first, _), place in zip(answered, places, strict=True):
            bean.settle(first, plans[bean.id], place, chosen[bean.id])
            self._publish(bean)

    def settle_empty(self, empty: Mapping[MBean, FirstRequest]) -> None:
        """Settle MBeans that have nothing to ask for; from now on nothing is asked of them."""
        ids = [bean.id for bean in empty]
        places = self._tracker.select(ids, [-1] * len(ids)) if ids else []
        for (bean, first), place in zip(empty.items(), places, strict=True):
            bean.settle(first, NO_PLAN, place, -1)

    def _judged(self, bean: MBean, description: int, hidden: frozenset[str]) -> bool:
        """Whether the rules see some attribute of an MBean; to one without nothing is added."""
        if not bean.for_rules or not hidden:
            return bean.for_rules
        described = self._tracker.descriptions[description]
        return bool(self._planner.admitted(bean.name, described))

    def _answer(
        self, bean: MBean, first: FirstRequest, shape: int, texts: Mapping[int, str]
    ) -> BeanAnswer:
        asked = self.requests.asked(first.number)
        leaves = self._tracker.shapes[shape]
        return BeanAnswer(bean, shape, leaves, asked, first.hidden, texts)

    def _narrow(
        self, bean: MBean, first: FirstRequest, shape: int, draft: Draft
    ) -> tuple[int, BeanPlan]:
        """Return the request that reads what matters (-1: nothing), and the plan for its answer."""
        kept = frozenset(draft.kept)
        if self.jvm and bean.for_platform:
            wanted = self.jvm.wants(bean.name)
            asked = self.requests.asked(first.number)
            kept |= {i for i, one in enumerate(asked) if one.name in wanted}
        if not kept:
            return -1, draft.plan()
        watched = frozenset(draft.watched)
        request, leaves = self.requests.narrowed(first.number, shape, kept, watched)
        return request, draft.plan(leaves)

    # -- later answers ------------------------------------------------------------------------

    def reshape(
        self,
        changed: Sequence[tuple[MBean, Placed]],
        texts: Mapping[int, Mapping[int, str]],
    ) -> None:
        """Judge anew the MBeans whose answers have another structure than before."""
        answers = [
            self._again(bean, place.shape, texts.get(bean.id, {}))
            for bean, place in changed
            if self._judged(bean, bean.description, bean.hidden)
        ]
        drafts = self._planner.draft(answers)
        for bean, place in changed:
            self._withdraw(bean)
            plan = drafts.get(bean.id, NO_DRAFT).plan()
            plan = replace(plan, dropped=(*_not_read(bean), *plan.dropped))
            bean.reshape(plan, place)
            self._publish(bean)

    def revise(self, news: Mapping[MBean, Mapping[int, str]]) -> None:
        """Judge again the leaves whose text a rule sees and whose text is another."""
        answers = []
        for bean, texts in news.items():
            watched = {**(bean.plan.watched or {}), **texts}
            # A label on all of the MBean's series concerns all of its leaves.
            only = None if bean.plan.labels_from & texts.keys() else frozenset(texts)
            answers.append(self._again(bean, bean.shape, watched, only))
        drafts = self._planner.draft(answers)
        for answer in answers:
            self._exchange(answer, drafts[answer.bean.id])

    def _again(
        self,
        bean: MBean,
        shape: int,
        texts: Mapping[int, str],
        only: frozenset[int] | None = None,
    ) -> BeanAnswer:
        asked = self.requests.asked(bean.request)
        leaves = self._tracker.shapes[shape]
        return BeanAnswer(bean, shape, leaves, asked, bean.hidden, texts, only)

    def _exchange(self, answer: BeanAnswer, draft: Draft) -> None:
        """Replace the series of some leaves; one that is still the same keeps its place."""
        bean, only = answer.bean, answer.only
        old = {
            series.leaf: series
            for series in bean.plan.series
            if only is not None and series.leaf in only
        }
        kept: list[Series] = []
        dropped = draft.dropped
        if only is None:
            self._withdraw(bean)
            dropped = [*_not_read(bean), *dropped]
        else:
            kept = [one for one in bean.plan.series if one.leaf not in old]
            dropped = [d for d in bean.plan.dropped if d.leaf not in only] + dropped
        for new in draft.series:
            before = old.get(new.leaf)
            if before is not None and before.differs_only_in_value(new):
                before.take_value(new)
                kept.append(old.pop(new.leaf))
            else:
                self._add(new)
                kept.append(new)
        for series in old.values():
            self.catalog.remove(series)
        bean.revise(
            BeanPlan(
                tuple(kept),
                answer.texts,
                bean.plan.labels_from,
                tuple(dropped),
                bean.plan.cached,
            )
        )

    # -- coming, going, and what is not read this time -----------------------------------------

    def begin_anew(self, bean: MBean) -> None:
        """Withdraw the plan of an MBean whose description is another than before."""
        self._withdraw(bean)
        if self.jvm:
            self.jvm.forget(bean.id)
        bean.described_anew()

    def forget(self, bean: MBean) -> None:
        """Withdraw the plan of an MBean that is no more."""
        self._withdraw(bean)
        if self.jvm:
            self.jvm.forget(bean.id)
        bean.vanished()

    def touch(self, bean: MBean) -> None:
        """Lay out the MBean's families again: whether it was read has changed."""
        for series in bean.plan.series:
            self.catalog.touch(series)

    def _withdraw(self, bean: MBean) -> None:
        for series in bean.plan.series:
            self.catalog.remove(series)

    def _publish(self, bean: MBean) -> None:
        """Take the series of an MBean's new plan into the catalog."""
        if self.jvm and bean.for_platform and bean.base >= 0:
            asked = self.requests.asked(bean.request)
            self.jvm.bind(bean, self._tracker.shapes[bean.shape], asked)
        for series in bean.plan.series:
            self._add(series)

    def _add(self, series: Series) -> None:
        self.catalog.add(series, lambda: self._help(series))

    # -- what series tell of themselves -----------------------------------------------------------

    def _help(self, series: Series) -> str:
        if series.help is not None:
            return series.help
        asked = self.requests.asked(series.bean.request)
        return default_help(series, self._tracker.shapes[series.bean.shape], asked)

    def _origin(self, series: Series) -> str:
        bean = series.bean
        shape = self._tracker.shapes[bean.shape] if bean.shape >= 0 else ()
        snake = self._rules.rules[series.rule].config.attr_name_snake_case
        return origin(series, shape, snake=snake)

    def dropped(self, beans: Sequence[MBean]) -> list[Dropped]:
        """Return the samples of these MBeans that are not served, with the reasons."""
        mine = [drop for bean in beans for drop in bean.plan.dropped]
        return mine + self.catalog.dropped()

    def by_rule(self) -> ByRule:
        """Return what is told of each rule; UNTOLD unless the patterns are measured."""
        seconds = self._rules.seconds()
        if seconds is None:
            return UNTOLD
        rules = dict.fromkeys([rule.where for rule in self._rules.rules], 0)
        return ByRule({**rules, **self.catalog.samples_by_rule()}, seconds)

    def tally(self) -> Tally:
        """Return what tells which rules and MBeans the samples come from; it counts when it is asked."""
        order = self.catalog.assembled().order
        return Tally(order, self._rules, self._planner.claimed)

    def idle_files(self) -> list[tuple[str, int]]:
        """Return the files none of whose rules claimed a value so far, with the number of those."""
        claimed = self._planner.claimed
        return [
            (file, len(rules))
            for file, rules in self._by_file.items()
            if claimed.isdisjoint(rules)
        ]


def _not_read(bean: MBean) -> list[Dropped]:
    """Return the dropped samples of an MBean that no later answer tells of."""
    return [drop for drop in bean.plan.dropped if drop.leaf == NOT_READ]
