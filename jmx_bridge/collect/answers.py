"""
What is known of an MBean's answer, and the plan that is made of it.

These are the words that planning is written in; they know nothing of rules' patterns, of
sessions, or of the catalog.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .series import NO_LEAVES, NOT_READ, BeanPlan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..config import ExtraMetric
    from ..mapping import BeanName, Verdict
    from ..model import Attribute, Leaf, LeafKind, Shape
    from .beans import MBean
    from .series import Dropped, Series


@dataclass(frozen=True, slots=True)
class BeanAnswer:
    """What is known of one MBean's answer."""

    bean: MBean
    number: int
    """Of its shape: equal structures have the same."""
    shape: Shape
    asked: Sequence[Attribute]
    """The attributes that were asked for."""
    hidden: frozenset[str]
    """Those among them that the rules may not see."""
    texts: Mapping[int, str]
    """Values' texts by leaf, as far as they were asked for."""
    only: frozenset[int] | None = None
    """The leaves to look at; None: all."""


@dataclass(slots=True)
class Draft:
    """A plan in the making: what one MBean's values became."""

    series: list[Series] = field(default_factory=list)
    watched: dict[int, str] = field(default_factory=dict)
    labels_from: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    """The attributes that are worth reading again, by index in the request."""
    dropped: list[Dropped] = field(default_factory=list)
    cached: int = 0

    def plan(self, leaves: Mapping[int, int] | None = None) -> BeanPlan:
        """
        Return the finished plan.

        *leaves* says where the leaves are in the answer to a narrower request; None: where
        they were.
        """
        watched = self.watched
        labels_from = frozenset(self.labels_from) if self.labels_from else NO_LEAVES
        dropped = self.dropped
        if leaves is not None:
            for series in self.series:
                series.place(leaves.get(series.leaf, -1))
            watched = {leaves[leaf]: text for leaf, text in watched.items()}
            if labels_from:
                labels_from = frozenset(leaves[leaf] for leaf in labels_from)
            dropped = [
                one
                if one.leaf < 0
                else one._replace(leaf=leaves.get(one.leaf, NOT_READ))
                for one in dropped
            ]
        return BeanPlan(
            tuple(self.series),
            watched or None,
            labels_from,
            tuple(dropped),
            self.cached,
        )


@dataclass(slots=True)
class ValueToMatch:
    """A value to be judged."""

    bean: MBean
    name: BeanName
    leaf: int
    item: Leaf
    kind: LeafKind
    """The leaf's; NULL for whatever is no value now and may be a number later."""
    text: str
    candidates: tuple[int, ...]
    extra: tuple[tuple[str, str], ...]
    added: ExtraMetric | None = None
    """What a customizer adds; then there is no leaf."""
    verdict: Verdict | None = None
    rule: int = -1
    sees: bool = False
    """The verdict may be another when the text is."""
