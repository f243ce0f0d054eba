"""Values that every layer may speak: what MBeans hold, and what metrics are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Labels = tuple[tuple[str, str], ...]
"""(name, value) pairs, sorted by name, no name twice."""


class MetricType(StrEnum):
    """A family's type, by OpenMetrics' names."""

    COUNTER = "counter"
    GAUGE = "gauge"
    INFO = "info"
    SUMMARY = "summary"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sample:
    """One series' value."""

    labels: Labels
    value: float
    suffix: str = ""
    """What follows the family's name besides what the type implies: "_count" or "_sum" of a summary."""


@dataclass(frozen=True, slots=True)
class Family:
    """
    A few samples with a common name, complete with values.

    *name* is the base name: a counter's "_total" and an info's "_info" are added when it is rendered.
    """

    name: str
    type: MetricType
    help: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FamilyLayout:
    """
    The series of one family, without values, in the order in which they are rendered.

    Kept from scrape to scrape until one of its series changes, and compared by identity: a
    renderer may keep what it derived in *rendered*, under a key of its own.
    """

    name: str
    type: MetricType
    help: str
    series: Sequence[Labels]
    rendered: dict[object, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Which series a scrape has, in exposition order."""

    families: Sequence[FamilyLayout]
    """Sorted by name."""


@dataclass(frozen=True, slots=True)
class Late:
    """A family about the rendering itself, so made when the rest of the text is."""

    name: str
    make: Callable[[], Family]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One scrape's outcome: many planned series and a few complete families."""

    layout: Layout
    values: Sequence[float]
    """One for each series of *layout*, in its order."""
    families: Sequence[Family]
    """Small ones, complete with values, whose names *layout* doesn't have; in any order."""
    late: Late | None = None


class Attribute(NamedTuple):
    """A readable attribute, as its MBean describes it."""

    name: str
    type: str
    description: str | None


Description = tuple[Attribute, ...]


class LeafKind(IntEnum):
    """What is found at a place inside an MBean's answer; in the order of the Java side's enum."""

    NUMBER = 0
    BOOLEAN = 1
    STRING = 2
    NULL = 3
    """No value now."""
    ABSENT = 4
    """The answer lacks the attribute: its getter failed."""
    UNREADABLE = 5
    """The attribute's value can't be carried over the connection, so it is not asked for any more."""
    ARRAY = 6
    UNSUPPORTED = 7
    """A value of a class that is no number, boolean, string, composite, table or array."""
    TABLE = 8
    """No value itself: marks a table whose rows may come and go."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One simple value inside an MBean's answer, or why there is none."""

    attribute: int
    """Index in the request; its name is the attribute's."""
    kind: LeafKind
    path: tuple[str, ...]
    """The names passed on the way down: the attribute, then composite keys; empty at the top."""
    name: str
    """The attribute's name, or the last composite key."""
    description: str | None
    """Of the composite type around it; None at the top, where the attribute has its own."""
    row: tuple[tuple[str, str, str], ...]
    """What a table's index columns add: column, part of a composite index or "", value."""


Shape = tuple[Leaf, ...]
