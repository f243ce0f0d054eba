"""
All planned series by family, and the layout in which they are served.

A family is laid out again only when one of its series came, went, or changed; all others
keep their order and whatever a renderer derived from it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, NamedTuple

from ..exposition.formats import Escaping, label_names
from ..mapping import safe_value
from ..model import FamilyLayout, Layout, MetricType
from .series import Dropped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..model import Labels
    from .series import Series

OBJECT_NAME = "_objectname"
"""The label that tells samples apart which would otherwise be the same series."""


@dataclass(slots=True, eq=False)
class Block:
    """One family: its series, and how they are laid out."""

    name: str
    help: str
    series: list[Series] = field(default_factory=list)
    removed: set[Series] = field(default_factory=set)
    """Those of *series* that are no more; left out when the family is laid out again."""
    order: list[Series] = field(default_factory=list)
    layout: FamilyLayout | None = None
    dropped: list[Dropped] = field(default_factory=list)


class Assembled(NamedTuple):
    """The layout of all families, and where their values come from."""

    layout: Layout
    order: list[Series]
    fetch: Callable[[Sequence[float]], tuple[float, ...]]
    computed: list[int]
    """Positions whose value is a constant, or the table's times a factor."""
    counters: list[int]
    """Positions that must not be negative."""


class Catalog:
    """Series, kept in exposition order."""

    def __init__(
        self, tell_apart: Callable[[Series], str], rule: Callable[[Series], str]
    ) -> None:
        """*tell_apart* says where a series comes from, *rule* the place of the rule that made it."""
        self._tell_apart = tell_apart
        self._rule = rule
        self._blocks: dict[str, Block] = {}
        self._dirty: set[str] = set()
        self._negative: set[Series] = set()
        self._assembled: Assembled | None = None
        self._counted: tuple[Assembled, Mapping[str, int]] | None = None

    def add(self, series: Series, help_text: Callable[[], str]) -> None:
        """Plan *series*; *help_text* is asked for if it is the first of its family."""
        block = self._blocks.get(series.family)
        if block is None:
            block = self._blocks[series.family] = Block(series.family, help_text())
        block.series.append(series)
        self._dirty.add(series.family)

    def remove(self, series: Series) -> None:
        """Forget *series*."""
        self._blocks[series.family].removed.add(series)
        self._negative.discard(series)
        self._dirty.add(series.family)

    def touch(self, series: Series) -> None:
        """Lay out the family of *series* again: whether its bean was read has changed."""
        self._dirty.add(series.family)

    def dropped(self) -> list[Dropped]:
        """Return the samples that the current layout leaves out."""
        dropped = [drop for block in self._blocks.values() for drop in block.dropped]
        dropped += [
            self._drop("negative_counter", series, self._tell_apart(series))
            for series in self._negative
        ]
        return dropped

    def _drop(self, reason: str, series: Series, where: str) -> Dropped:
        return Dropped(reason, series.family, where, self._rule(series))

    def values(self, numbers: Sequence[float]) -> tuple[Layout, list[float]]:
        """Return the layout of this scrape and its values, from the table of *numbers*."""
        table = numbers or (0.0,)
        for series in [s for s in self._negative if not _value(s, table) < 0]:
            self._negative.discard(series)
            self._dirty.add(series.family)
        assembled = self.assembled()
        values = self._fetch(assembled, table)
        negative = [i for i in assembled.counters if values[i] < 0]
        if not negative:
            return assembled.layout, values
        for family in {assembled.order[i].family for i in negative}:
            self._leave_out_negative(self._blocks[family], table)
        assembled = self.assembled()
        return assembled.layout, self._fetch(assembled, table)

    def _leave_out_negative(self, block: Block, table: Sequence[float]) -> None:
        """Leave out all negative counters of a family, its duplicates too: one may take another's place."""
        self._dirty.add(block.name)
        self._negative.update(
            series
            for series in block.series
            if series.type is MetricType.COUNTER
            and not series.bean.unread
            and _value(series, table) < 0
        )

    def _fetch(self, assembled: Assembled, table: Sequence[float]) -> list[float]:
        values = list(assembled.fetch(table))
        for i in assembled.computed:
            values[i] = _value(assembled.order[i], table)
        return values

    def assembled(self) -> Assembled:
        """Return the current layout, made anew if any family changed."""
        if self._assembled is not None and not self._dirty:
            return self._assembled
        for name in self._dirty:
            self._lay_out(self._blocks[name])
            if not self._blocks[name].series:
                del self._blocks[name]
        self._dirty.clear()
        blocks = [self._blocks[name] for name in sorted(self._blocks)]
        families = [block.layout for block in blocks if block.layout is not None]
        order = [series for block in blocks for series in block.order]
        counters: list[int] = []
        start = 0
        for block in blocks:
            end = start + len(block.order)
            if block.layout is not None and block.layout.type is MetricType.COUNTER:
                counters += range(start, end)
            start = end
        computed = [
            i
            for i, series in enumerate(order)
            if series.constant is not None or series.factor != 1.0
        ]
        self._assembled = Assembled(
            Layout(families),
            order,
            _getter([s.slot for s in order]),
            computed,
            counters,
        )
        return self._assembled

    def samples_by_rule(self) -> Mapping[str, int]:
        """Return how many samples each rule makes, by its place; counted when the layout changes."""
        assembled = self.assembled()
        if self._counted is None or self._counted[0] is not assembled:
            self._counted = (assembled, Counter(map(self._rule, assembled.order)))
        return self._counted[1]

    def _lay_out(self, block: Block) -> None:
        if block.removed:
            block.series = [one for one in block.series if one not in block.removed]
            block.removed.clear()
        block.dropped = []
        order = [
            series
            for series in block.series
            if not series.bean.unread and series not in self._negative
        ]
        labels = _sorted(order, attrgetter("labels"))
        if _some_alike(labels):
            labels = self._told_apart(block, order)
        block.order = order
        if not order:
            block.layout = None
            return
        types = {series.type for series in order}
        kind = types.pop() if len(types) == 1 else MetricType.UNKNOWN
        block.layout = FamilyLayout(block.name, kind, block.help, labels)

    def _told_apart(self, block: Block, order: list[Series]) -> list[Labels]:
        """
        Give every sample its origin as a label; of those still equal the first stays.

        A sample that has this label by its rule keeps it: twice, it would end the page.
        """
        marked = {
            series: series.labels
            if OBJECT_NAME in dict(series.labels)
            else tuple(
                sorted(
                    (
                        *series.labels,
                        (OBJECT_NAME, safe_value(self._tell_apart(series))),
                    )
                )
            )
            for series in order
        }
        _sorted(order, marked.__getitem__)
        kept: list[Series] = []
        seen: set[Labels] = set()
        for series in order:
            if (written := _written(marked[series])) in seen:
                where = str(dict(marked[series]))
                block.dropped.append(self._drop("duplicate", series, where))
            else:
                seen.add(written)
                kept.append(series)
        order[:] = kept
        return [marked[series] for series in order]


def _sorted(order: list[Series], labels: Callable[[Series], Labels]) -> list[Labels]:
    """Sort *order* by label names, then by label values; return the labels."""
    if len({tuple([name for name, _ in labels(series)]) for series in order}) == 1:
        order.sort(key=labels)
    else:
        order.sort(
            key=lambda series: tuple(zip(*labels(series), strict=True)) or ((), ())
        )
    return [labels(series) for series in order]


def _some_alike(labels: list[Labels]) -> bool:
    """Whether two of a family's series, sorted, are the same for Prometheus."""
    if any(one == two for one, two in pairwise(labels)):
        return True
    names = {tuple([name for name, _ in one]) for one in labels}
    # With the same names they are written as differently as they are.
    return len(names) > 1 and len(set(map(_written, labels))) < len(labels)


def _written(labels: Labels) -> Labels:
    """Return labels as Prometheus knows them: without empty ones, under names of the oldest format."""
    names = label_names(tuple([name for name, _ in labels]), Escaping.UNDERSCORES)
    values = [value for _, value in labels]
    return tuple(sorted(pair for pair in zip(names, values, strict=True) if pair[1]))


def _getter(slots: list[int]) -> Callable[[Sequence[float]], tuple[float, ...]]:
    if not slots:
        return lambda _: ()
    if len(slots) == 1:
        return lambda table: (table[slots[0]],)
    return itemgetter(*slots)


def _value(series: Series, table: Sequence[float]) -> float:
    if series.constant is not None:
        return series.constant
    return table[series.slot] * series.factor
