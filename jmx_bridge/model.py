"""Values that every layer may speak: what MBeans hold, and what metrics are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

Labels = tuple[tuple[str, str], ...]
"""(name, value) pairs, sorted by name, no name twice."""
RESERVED_SUFFIXES = ("_total", "_created", "_bucket", "_info")
"""Endings that the exposition formats add themselves, so no family's name may have them."""


class MetricType(StrEnum):
    """A family's type, by OpenMetrics' names."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"
    SUMMARY = "summary"
    UNKNOWN = "unknown"

    @property
    def suffix(self) -> str:
        """Return what a sample's name has behind its family's: "_total", "_info" or ""."""
        return TYPE_SUFFIXES.get(self, "")


LEFT_OUT = {
    "bad_template": "a template refers to a group that the pattern doesn't have",
    "conflict": "the name is one of the bridge's own",
    "duplicate": "another value has the same name and labels",
    "duplicate_label": "two labels have the same name once both are legal",
    "negative_counter": "a counter can't be negative",
    "pattern_rests": "the pattern took too many steps before, and is not tried any more",
    "pattern_stack": "the pattern would have recursed too deeply",
    "pattern_steps": "the pattern would have taken too many steps",
    "text_limit": "there was no room for its text",
}
"""Why a sample that a rule made is left out, by what `Drop` and `Dropped` call the reason."""
TYPE_SUFFIXES = {MetricType.COUNTER: "_total", MetricType.INFO: "_info"}
"""Types whose samples are called other than their family; all others have no suffix."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One series' value."""

    labels: Labels
    value: float
    suffix: str = ""
    """What follows the family's name, before the type's suffix: "_count" or "_sum" of a summary, "_bucket" of a histogram, too."""


@dataclass(frozen=True, slots=True)
class Family:
    """
    A few samples with a common name, complete with values.

    *name* is the base name: the type's suffix is added when the family is rendered.
    """

    name: str
    type: MetricType
    help: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FamilyLayout:
    """
    The series of one family, without values, in the order in which they are rendered.

    Kept from scrape to scrape until one of its series changes; compared and hashed by identity.
    *rendered* is the one part that changes: exposition.render keeps the family's text there.
    Kept here, that text ends with the layout, and finding it costs one attribute a family; a
    weak dictionary in the renderer would cost a Python call for each of thousands of families.
    Threads may fill it at the same time: whoever does puts the same text under the same key.
    """

    name: str
    type: MetricType
    help: str
    series: Sequence[Labels]
    rendered: dict[Hashable, list[str]] = field(default_factory=dict, repr=False)
    """What stands before each number; by format, and by escaping where formats share lines."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Which series a scrape has, in exposition order."""

    families: Sequence[FamilyLayout]
    """Sorted by name."""


@dataclass(frozen=True, slots=True)
class DeferredFamily:
    """A family about the rendering itself, so made after the rest of the text."""

    name: str
    make: Callable[[], Family]
    """Called once for each rendering, on the thread that renders."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One scrape's outcome: many planned series and a few complete families."""

    layout: Layout
    values: Sequence[float]
    """One for each series of *layout*, in its order."""
    families: Sequence[Family]
    """Small ones, complete with values, whose names *layout* doesn't have; in any order."""
    deferred: DeferredFamily | None = None


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
