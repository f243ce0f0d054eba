"""
What rules make of every value of one reading, by the code that a scrape runs.

Rules are bound by the same `Planner`, series and their conflicts are decided by the same
`Catalog`, and the jvm_* families come from the same `JvmMetrics`. What is added here is
only that the values are remembered of which nothing becomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..collect.answers import BeanAnswer
from ..collect.beans import MBean
from ..collect.catalog import Catalog
from ..collect.jvm_metrics import PLATFORM, JvmMetrics
from ..collect.planner import Planner
from ..collect.requests import FirstRequest
from ..collect.series import default_help, origin
from ..exposition import conflicts
from ..jmx import moment
from ..jmx.abc import BeanFound, Placed
from ..jmx.scopes import matches
from .fates import Judged, Samples, lines_of
from .filters import mbean_filtered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..collect.series import Series
    from ..jmx.moment import JvmReading, RecordedMBean
    from ..mapping import Ruleset
    from ..model import Family, Layout, Shape
    from .lines import Line

# So many MBeans are judged at a time; Java is asked once for all of them.
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Survey:
    """What rules make of one reading."""

    lines: Sequence[Line]
    """Every value, sorted by MBean, in the order of its attributes."""
    layout: Layout
    """The families that rules made."""
    values: Sequence[float]
    """One for each series of *layout*."""
    jvm: Sequence[Family]
    """The jvm_* and process_* families that are served besides."""


def survey(reading: JvmReading, rules: Ruleset) -> Survey:
    """Return what *rules* make of a reading."""
    return _Surveyor(reading, rules).survey()


class _Surveyor:
    """Plays one scrape over a reading, and keeps what a scrape throws away."""

    def __init__(self, reading: JvmReading, rules: Ruleset) -> None:
        self._rules = rules
        self._planner = Planner(rules)
        config = rules.config
        self._jvm = None if config.exclude_jvm_metrics else JvmMetrics(reading.runtime)
        self._catalog = Catalog(self._origin, lambda one: rules.where(one.rule))
        self._shapes: dict[Shape, int] = {}
        self._numbers: list[float] = []
        self._judged = [
            self._begin(number, mbean) for number, mbean in enumerate(reading.mbeans)
        ]

    def survey(self) -> Survey:
        """Judge everything, and tell what became of each value."""
        self._rules.matcher.renew()
        for start in range(0, len(self._judged), AT_ONCE):
            self._judge(self._judged[start : start + AT_ONCE])
        layout, values = self._catalog.values(self._numbers)
        jvm = self._jvm.families(self._numbers, None) if self._jvm else []
        beaten = conflicts(layout, jvm)
        jvm = [family for family in jvm if family.name not in beaten]
        sources = self._jvm.sources() if self._jvm else {}
        served = Samples(
            self._catalog.assembled().order, layout, values, sources, beaten
        )
        lines = [
            line for one in self._judged for line in lines_of(one, served, self._rules)
        ]
        return Survey(lines, layout, values, jvm)

    def _begin(self, number: int, mbean: RecordedMBean) -> Judged:
        filtered = mbean_filtered(self._rules.config, mbean.name)
        platform = self._jvm is not None and any(
            matches(pattern, mbean.name) for pattern in PLATFORM
        )
        bean = MBean(BeanFound(number, mbean.name, not filtered, platform))
        return Judged(mbean, bean, filtered)

    def _judge(self, some: Sequence[Judged]) -> None:
        answers = [self._answer(one) for one in some if self._gives_values(one)]
        drafts, values = self._planner.judged(answers)
        by_id = {one.bean.id: one for one in some}
        for value in values:
            by_id[value.bean.id].take(value)
        for answer in answers:
            one, draft = by_id[answer.bean.id], drafts[answer.bean.id]
            one.draft = draft
            self._settle(one, answer)
            for series in draft.series:
                self._catalog.add(series, partial(self._help, series, answer))

    def _gives_values(self, one: Judged) -> bool:
        recorded = one.recorded
        if recorded.undescribed is not None or recorded.unanswered is not None:
            return False
        if one.bean.for_rules:
            one.admitted = frozenset(
                attribute.name
                for attribute in self._planner.admitted(
                    recorded.name, recorded.attributes
                )
            )
        return bool(one.admitted) or one.bean.for_platform

    def _answer(self, one: Judged) -> BeanAnswer:
        """Return the MBean's answer as a first reading would have it, with every text."""
        recorded = one.recorded
        wanted = one.admitted
        if self._jvm and one.bean.for_platform:
            wanted |= self._jvm.wants(recorded.name)
        one.asked = [a for a in recorded.attributes if a.name in wanted]
        values = moment.answer(recorded, [attribute.name for attribute in one.asked])
        one.values = values
        shape = tuple(value.leaf for value in values)
        number = self._shapes.setdefault(shape, len(self._shapes))
        texts = {
            i: value.text for i, value in enumerate(values) if value.text is not None
        }
        hidden = frozenset(a.name for a in one.asked if a.name not in one.admitted)
        return BeanAnswer(one.bean, number, shape, one.asked, hidden, texts)

    def _settle(self, one: Judged, answer: BeanAnswer) -> None:
        """Give the MBean's numbers a place in the table, as a first reading does."""
        base = len(self._numbers)
        self._numbers += [value.number for value in one.values]
        first = FirstRequest(answer.number, 0, answer.hidden)
        place = Placed(one.bean.id, answer.number, base)
        one.bean.settle(first, one.draft.plan(), place, answer.number)
        if self._jvm and one.bean.for_platform:
            self._jvm.bind(one.bean, answer.shape, one.asked)

    def _help(self, series: Series, answer: BeanAnswer) -> str:
        if series.help is not None:
            return series.help
        return default_help(series, answer.shape, answer.asked)

    def _origin(self, series: Series) -> str:
        shape = [value.leaf for value in self._judged[series.bean.id].values]
        snake = self._rules.rules[series.rule].config.attr_name_snake_case
        return origin(series, shape, snake=snake)
