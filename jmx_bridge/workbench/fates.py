"""What became of each value of one MBean, as lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..collect.answers import Draft
from ..exposition.page import sample_name
from ..jmx.abc import TOO_MUCH, Failure
from ..mapping import Drop, parse_name
from ..mapping.subject import tail
from ..model import LEFT_OUT, Attribute, LeafKind, MetricType
from .filters import attribute_filtered, never_read
from .lines import Fate, Line, Served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..collect.answers import ValueToMatch
    from ..collect.beans import MBean
    from ..collect.jvm_sources import Source
    from ..collect.series import Series
    from ..jmx.moment import RecordedMBean, RecordedValue
    from ..mapping import BeanName, Ruleset
    from ..model import Labels, Layout

KINDS = {
    LeafKind.NULL: (Fate.EMPTY, "null"),
    LeafKind.TABLE: (Fate.EMPTY, "a table, whose rows stand in lines of their own"),
    LeafKind.ABSENT: (Fate.UNREADABLE, "its getter failed"),
    LeafKind.UNREADABLE: (
        Fate.UNREADABLE,
        "its value can't be carried over the connection",
    ),
    LeafKind.ARRAY: (Fate.UNSUPPORTED, "an array"),
    LeafKind.UNSUPPORTED: (Fate.UNSUPPORTED, "of a class that has no number"),
}
FAILURES = {
    Failure.BROKEN: "the MBean's answer failed",
    Failure.UNREADABLE: "the MBean's answer can't be carried over the connection",
    Failure.LATE: "the MBean did not answer in time",
    Failure.LOST: "the connection was lost",
    Failure.RESTING: "the MBean was late before, and is left alone for a while",
}


@dataclass(slots=True)
class Judged:
    """One MBean of a reading, and what rules made of it so far."""

    recorded: RecordedMBean
    bean: MBean
    filtered: str
    """Why rules don't see it, in words; "" if they do."""
    admitted: frozenset[str] = frozenset()
    """Names of the attributes that the rules see."""
    asked: Sequence[Attribute] = ()
    """The attributes that rules or the jvm_* metrics see."""
    values: Sequence[RecordedValue] = ()
    """Theirs; leaves' attributes are indices in *asked*."""
    plain: Sequence[int] = ()
    """Which of *values* are numbers, booleans and strings whose text is there."""
    matched: dict[int, ValueToMatch] = field(default_factory=dict)
    """What rules might have claimed, by index in *values*."""
    added: list[ValueToMatch] = field(default_factory=list)
    """The constants that customizers add."""
    draft: Draft = field(default_factory=Draft)

    def take(self, value: ValueToMatch) -> None:
        """Note how a value was judged."""
        if value.leaf < 0:
            self.added.append(value)
        else:
            self.matched[value.leaf] = value


class Samples:
    """What is on the page, by the value that it comes from."""

    def __init__(
        self,
        order: Sequence[Series],
        layout: Layout,
        values: Sequence[float],
        sources: Mapping[tuple[int, int], Sequence[tuple[Source, Labels]]],
        beaten: set[str],
    ) -> None:
        """*order* are the series of *layout*; *beaten* are jvm_* families that rules have, too."""
        self._sources = sources
        self._beaten = beaten
        self._served: dict[Series, tuple[str, Labels, MetricType, float]] = {}
        at = 0
        for family in layout.families:
            name = sample_name(family)
            for labels in family.series:
                self._served[order[at]] = (name, labels, family.type, values[at])
                at += 1

    def by_rule(self, series: Series, rule: str) -> Served | None:
        """Return the sample that *series* is; None if it is not served."""
        served = self._served.get(series)
        return served and Served(*served, rule)

    def built_in(self, bean: int, leaf: int, number: float) -> Iterator[Served]:
        """Yield the jvm_* and process_* samples of a value."""
        for source, labels in self._sources.get((bean, leaf), ()):
            if source.family not in self._beaten:
                suffix = source.suffix + source.type.suffix
                value = number / source.divisor
                yield Served(source.family + suffix, labels, source.type, value, "")


def lines_of(one: Judged, samples: Samples, rules: Ruleset) -> Iterator[Line]:
    """Yield a line for each value of an MBean, for what can't be read, and for what is added."""
    recorded, head = one.recorded, parse_name(one.recorded.name)
    reason = (
        recorded.unanswered if recorded.undescribed is None else recorded.undescribed
    )
    if reason is not None:
        why = FAILURES.get(reason, "")
        nothing = Attribute("", "", None)
        yield Line(recorded.name, nothing, None, head.text, None, Fate.UNREADABLE, why)
        return
    yield from _Teller(one, head, samples, rules).lines()


class _Teller:
    """Tells what became of each value of one MBean that answered."""

    def __init__(
        self, one: Judged, head: BeanName, samples: Samples, rules: Ruleset
    ) -> None:
        self._one = one
        self._head = head
        self._samples = samples
        self._rules = rules
        self._series = {(s.leaf, s.added): s for s in one.draft.series}

    def lines(self) -> Iterator[Line]:
        recorded, names = self._one.recorded, [a.name for a in self._one.asked]
        values: dict[int, list[RecordedValue]] = {}
        for value in recorded.values:
            values.setdefault(value.leaf.attribute, []).append(value)
        places: dict[str, list[int]] = {}
        for place, value in enumerate(self._one.values):
            places.setdefault(names[value.leaf.attribute], []).append(place)
        for index, attribute in enumerate(recorded.attributes):
            found = values.get(index, ())
            if not found:
                yield self._without(attribute)
                continue
            where = places.get(attribute.name, ())
            # A recording that somebody made up may have two attributes of one name.
            known = [*where[: len(found)], *[-1] * (len(found) - len(where))]
            for value, place in zip(found, known, strict=True):
                yield self._line(attribute, value, place)
        for extra in self._one.added:
            yield self._added(extra)

    def _without(self, attribute: Attribute) -> Line:
        """Return the line of an attribute that has no value at all."""
        subject = f"{self._head.text}{tail((), attribute.name)[:-2]}"
        fate, why = Fate.UNREADABLE, "its getter failed"
        if never_read(self._one.recorded.name, attribute.name):
            fate, why = Fate.NEVER_READ, "large, useless or secret"
        return Line(self._one.recorded.name, attribute, None, subject, None, fate, why)

    def _line(self, attribute: Attribute, value: RecordedValue, place: int) -> Line:
        leaf, one = value.leaf, self._one
        head = self._head.with_row(leaf.row) if leaf.row else self._head
        fate, why, rule = self._fate(attribute, value, place)
        samples: list[Served] = []
        series = self._series.get((place, None))
        if series:
            rule = self._rules.where(series.rule)
            served = self._samples.by_rule(series, rule)
            fate, why = (Fate.SERVED, "") if served else _left_out(series, value.number)
            samples += [served] if served else []
        built_in = self._samples.built_in(one.bean.id, place, value.number)
        samples += built_in if place >= 0 else ()
        return Line(
            mbean=one.recorded.name,
            attribute=attribute,
            leaf=leaf,
            subject=f"{head.text}{tail(leaf.path, leaf.name)[:-2]}",
            text=None if value.text == TOO_MUCH else value.text,
            fate=Fate.SERVED if samples else fate,
            why=why,
            rule=rule,
            samples=tuple(samples),
            would_be="" if series is None or samples else _name_of(series),
        )

    def _fate(
        self, attribute: Attribute, value: RecordedValue, place: int
    ) -> tuple[Fate, str, str]:
        """Return what becomes of a value that is no series: fate, reason, rule."""
        one, kind = self._one, value.leaf.kind
        if one.filtered:
            return Fate.EXCLUDED, one.filtered, ""
        if attribute.name not in one.admitted:
            config, name = self._rules.config, one.recorded.name
            why = attribute_filtered(config, name, attribute.name)
            return Fate.EXCLUDED, why, ""
        if kind in KINDS:
            return *KINDS[kind], ""
        if value.text == TOO_MUCH:
            return Fate.DROPPED, LEFT_OUT["text_limit"], ""
        if place in one.draft.labels_from:
            return Fate.TEXT, "a label of its MBean's samples", ""
        match = one.matched.get(place)
        return self._judged(match, is_text=kind is LeafKind.STRING)

    def _judged(
        self, match: ValueToMatch | None, *, is_text: bool
    ) -> tuple[Fate, str, str]:
        rule = self._rules.where(match.rule) if match and match.rule >= 0 else ""
        verdict = match.verdict if match else None
        if isinstance(verdict, Drop) and verdict.reason:
            return Fate.DROPPED, LEFT_OUT.get(verdict.reason, verdict.reason), rule
        if is_text:
            why = "the rule gives it no value" if rule else "no rule gives it a value"
            return Fate.TEXT, why, rule
        if isinstance(verdict, Drop):
            return Fate.EMPTIED, "the rule gives it no name, or no number", rule
        return Fate.UNMATCHED, "no rule matches", ""

    def _added(self, value: ValueToMatch) -> Line:
        series = self._series.get((-1, value.added))
        rule = self._rules.where(value.rule) if value.rule >= 0 else ""
        served = series and self._samples.by_rule(series, rule)
        fate, why, rule = self._judged(value, is_text=value.kind is LeafKind.STRING)
        if series:
            fate, why = (Fate.SERVED, "") if served else _left_out(series, 0.0)
        return Line(
            mbean=self._one.recorded.name,
            attribute=Attribute(value.item.name, "", value.item.description),
            leaf=None,
            subject=f"{self._head.text}{tail((), value.item.name)[:-2]}",
            text=value.text,
            fate=fate,
            why=why or "extraMetrics adds it",
            rule=rule,
            samples=(served,) if served else (),
        )


def _name_of(series: Series) -> str:
    return f"{series.family}{series.type.suffix}"


def _left_out(series: Series, number: float) -> tuple[Fate, str]:
    """Say why a series is not on the page."""
    value = number * series.factor if series.constant is None else series.constant
    negative = series.type is MetricType.COUNTER and value < 0
    return Fate.DROPPED, LEFT_OUT["negative_counter" if negative else "duplicate"]
