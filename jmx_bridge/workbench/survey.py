"""
What rules make of every value of one reading, by the code that a scrape runs.

Rules are bound by the same `Planner`, series and their conflicts are decided by the same
`Catalog`, and the jvm_* families come from the same `JvmMetrics`. What is added here is
only that the values are remembered of which nothing becomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ..collect.answers import BeanAnswer
from ..collect.beans import NOTHING_HIDDEN, MBean
from ..collect.catalog import Catalog
from ..collect.jvm_metrics import JvmMetrics
from ..collect.planner import Planner
from ..collect.requests import FirstRequest
from ..collect.series import default_help, origin
from ..exposition import conflicts
from ..jmx.abc import BeanFound, Placed
from ..model import Layout
from .fates import Judged, Samples, lines_of
from .prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..collect.series import Series
    from ..jmx.moment import JvmReading, RecordedMBean
    from ..mapping import Ruleset
    from ..model import Family
    from .lines import Line

# So many MBeans are judged at a time; Java is asked once for all of them.
AT_ONCE = 1000


def _go_on() -> None:
    """Let a survey go on to its end."""


class Page(NamedTuple):
    """What is served of one reading."""

    layout: Layout
    """The families that rules made."""
    values: Sequence[float]
    """One for each series of *layout*."""
    jvm: Sequence[Family]
    """The jvm_* and process_* families that are served besides."""
    order: Sequence[Series]
    """The series of *layout*, in its order."""


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
    surveyor = Surveyor(Prepared(reading), rules)
    surveyor.judge()
    return surveyor.survey()


class Surveyor:
    """Plays one scrape over a reading, and keeps what a scrape throws away."""

    def __init__(
        self, prepared: Prepared, rules: Ruleset, check: Callable[[], None] = _go_on
    ) -> None:
        """*check* is called now and then while it works, and may raise to end that."""
        self._prepared, self.rules, self._check = prepared, rules, check
        self._planner = Planner(rules)
        config, reading = rules.config, prepared.reading
        self._jvm = None if config.exclude_jvm_metrics else JvmMetrics(reading.runtime)
        self._catalog = Catalog(self._origin, lambda one: rules.where(one.rule))
        self._numbers: list[float] = []
        filtered = prepared.filtered(config)
        self.judged = [
            self._begin(number, mbean, filtered[number])
            for number, mbean in enumerate(reading.mbeans)
        ]
        """What became of each MBean, in the order of the reading; complete after `judge`."""
        self.page = Page(Layout(()), (), (), ())

    def judge(self) -> None:
        """Judge every value, and lay out the page."""
        self.rules.matcher.renew()
        for start in range(0, len(self.judged), AT_ONCE):
            self._check()
            self._judge(self.judged[start : start + AT_ONCE])
        self._check()
        layout, values = self._catalog.values(self._numbers)
        jvm = self._jvm.families(self._numbers, None) if self._jvm else []
        beaten = conflicts(layout, jvm)
        jvm = [family for family in jvm if family.name not in beaten]
        self.page = Page(layout, values, jvm, self._catalog.assembled().order)
        sources = self._jvm.sources() if self._jvm else {}
        self._served = Samples(self.page.order, layout, values, sources, beaten)

    def survey(self) -> Survey:
        """Tell what became of each value; all is judged."""
        lines = [line for one in self.judged for line in self.lines_of(one)]
        page = self.page
        return Survey(lines, page.layout, page.values, page.jvm)

    def lines_of(self, one: Judged) -> Iterator[Line]:
        """Yield the lines of one MBean."""
        return lines_of(one, self._served, self.rules)

    def _begin(self, number: int, mbean: RecordedMBean, filtered: str) -> Judged:
        platform = self._jvm is not None and number in self._prepared.platform
        bean = MBean(BeanFound(number, mbean.name, not filtered, platform))
        return Judged(mbean, bean, filtered)

    def _judge(self, some: Sequence[Judged]) -> None:
        answers = [answer for one in some if (answer := self._maybe_answer(one))]
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

    def _maybe_answer(self, one: Judged) -> BeanAnswer | None:
        """Return the MBean's answer to a first reading, with every text; None if it gives none."""
        recorded, bean = one.recorded, one.bean
        if recorded.undescribed is not None or recorded.unanswered is not None:
            return None
        attributes = recorded.attributes
        admitted = (
            self._planner.admitted(bean.name, attributes) if bean.for_rules else ()
        )
        if not (admitted or bean.for_platform):
            return None
        everything = len(admitted) == len(attributes)
        wanted = None if everything else frozenset(a.name for a in admitted)
        answer = self._prepared.answer(bean.id, wanted)
        one.admitted = answer.names if wanted is None else wanted
        if self._jvm and bean.for_platform and wanted is not None:
            wanted |= self._jvm.wants(recorded.name)
            answer = self._prepared.answer(bean.id, wanted)
        one.asked, one.values, one.plain = answer.asked, answer.values, answer.plain
        hidden = NOTHING_HIDDEN if wanted is None else answer.names - one.admitted
        return BeanAnswer(
            bean, answer.number, answer.shape, answer.asked, hidden, answer.texts
        )

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
        shape = [value.leaf for value in self.judged[series.bean.id].values]
        snake = self.rules.rules[series.rule].config.attr_name_snake_case
        return origin(series, shape, snake=snake)
