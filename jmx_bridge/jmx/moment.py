"""What MBeans hold at one moment, as values that a recorded session plays and a file keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan
from typing import TYPE_CHECKING

from ..model import Leaf, LeafKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Description
    from .abc import Failure


RUNTIME_PROPERTIES = ("java.runtime.name", "java.vm.vendor", "java.runtime.version")
"""The system properties that jvm_runtime_info shows, and no others are asked for."""


@dataclass(frozen=True, slots=True)
class RecordedValue:
    """One leaf of an answer, with what it holds."""

    leaf: Leaf
    """Its attribute is an index in the MBean's attributes."""
    number: float
    """Not a number where there is none; a boolean is 1 or 0."""
    text: str | None = None
    """As Java writes it; None where there is no value."""


@dataclass(frozen=True, slots=True)
class RecordedMBean:
    """An MBean at one moment."""

    name: str
    """Its ObjectName with the properties in the order of registration."""
    attributes: Description
    values: tuple[RecordedValue, ...] = ()
    """In the order of the attributes, and of what is inside each."""
    unanswered: Failure | None = None
    """Why it gives no values; None if it does."""
    undescribed: Failure | None = None
    """Why it gives no description; None if it does."""
    registration: int = 0
    """Another number is another MBean under the same name."""


@dataclass(frozen=True, slots=True)
class JvmReading:
    """What a JVM told at one moment."""

    mbeans: Sequence[RecordedMBean]
    """All of them, sorted by name."""
    runtime: tuple[str, ...] = ("",) * len(RUNTIME_PROPERTIES)
    """The values of RUNTIME_PROPERTIES."""
    taken_at: float = 0.0
    """Seconds since the epoch."""
    cut: int = 0
    """How many MBeans were there beyond the limit, and not read."""


def answer(mbean: RecordedMBean, names: Sequence[str]) -> tuple[RecordedValue, ...]:
    """Return an MBean's values of some attributes, in that order; one that it lacks is ABSENT."""
    by_name: dict[str, list[RecordedValue]] = {}
    for value in mbean.values:
        attribute = mbean.attributes[value.leaf.attribute]
        by_name.setdefault(attribute.name, []).append(value)
    answered: list[RecordedValue] = []
    for index, name in enumerate(names):
        values = by_name.get(name) or [absent(name)]
        answered += [_asked_as(value, index) for value in values]
    return tuple(answered)


def absent(name: str) -> RecordedValue:
    """Return what stands for an attribute whose getter failed."""
    return RecordedValue(Leaf(0, LeafKind.ABSENT, (), name, None, ()), nan)


def _asked_as(value: RecordedValue, attribute: int) -> RecordedValue:
    """Return a value as the answer to a request has it that names its attribute at this index."""
    if value.leaf.attribute == attribute:
        return value
    leaf = replace(value.leaf, attribute=attribute)
    return RecordedValue(leaf, value.number, value.text)
