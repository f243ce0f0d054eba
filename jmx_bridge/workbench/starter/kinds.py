"""MBeans of one kind, and what is known of each of their values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ...collect.values import DATE
from ...mapping import parse_name, snake_case
from ...model import LeafKind
from .counters import RATES, STATISTICS, Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from ...jmx.moment import JvmReading, RecordedMBean, RecordedValue
    from ...mapping import BeanName

TYPE_KEYS = ("type", "j2eeType", "Type")
"""The properties that say what an MBean is; the first one that is there counts."""
ENTERPRISE = ("J2EEApplication", "J2EEServer")
NOTHING = frozenset({"none", "null"})
"""What the properties of ENTERPRISE are where there is no such thing."""
GENERIC = RATES | STATISTICS | {"count", "number", "value", "sum"}
"""Attributes, in snake case, that say nothing of what is measured: `name` does."""

Key = tuple[str, tuple[str, ...], str, tuple[tuple[str, str, str], ...]]
"""Where a value is found again: MBean, path, name, row."""


class Spot(NamedTuple):
    """Which values become one metric: those of all MBeans of a kind that have these in common."""

    subject: str
    """The property `name` where that says what is measured; else ""."""
    path: tuple[str, ...]
    attribute: str


@dataclass(slots=True)
class Slot:
    """What is known of the values of one spot."""

    spot: Spot
    told: Evidence = field(default_factory=Evidence)
    description: str = ""
    duration: str | None = None
    """What the MBean's DurationUnit says."""
    sample: str = ""
    """A line."""
    orders: set[tuple[str, ...]] = field(default_factory=set)
    """The orders of properties of the MBeans that have it."""
    undecided: bool = False
    """Neither its name nor the readings say whether it counts."""


@dataclass(slots=True)
class Kind:
    """The MBeans with one domain, one type and the same key properties, in any order."""

    domain: str
    type_key: str | None
    type: str
    keys: frozenset[str]
    subject_key: str | None = None
    """The property that says what is measured, where attributes don't."""
    slots: dict[Spot, Slot] = field(default_factory=dict)
    values: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """What each property is, over all MBeans."""
    orders: set[tuple[str, ...]] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    """Names of all that has a number."""
    texts: dict[str, str] = field(default_factory=dict)
    """Attributes that are strings, each with a line."""

    @property
    def constants(self) -> frozenset[str]:
        """The properties that are no labels, as they say nothing."""
        return frozenset(
            key
            for key in ENTERPRISE
            if self.values.get(key) and self.values[key] <= NOTHING
        )

    @property
    def label_keys(self) -> list[str]:
        """The properties that become labels, sorted."""
        own = {self.type_key, self.subject_key} | self.constants
        return sorted(self.keys - own)


@dataclass(slots=True)
class _Group:
    """The values of one kind, before it is known what says what is measured."""

    items: list[tuple[RecordedMBean, RecordedValue, BeanName]] = field(
        default_factory=list
    )
    texts: list[tuple[RecordedMBean, RecordedValue, BeanName]] = field(
        default_factory=list
    )


def kinds_of(
    readings: Sequence[JvmReading],
    wanted: Callable[[str], bool],
    *,
    served: AbstractSet[Key] = frozenset(),
    is_secret: Callable[[str], bool] = lambda _: False,
) -> list[Kind]:
    """
    Return the kinds of the MBeans that are *wanted*, with what two readings tell of their values.

    Values in *served* are left out: they are served already. A property that is a secret
    never becomes a part of a name.
    """
    groups: dict[tuple[str, str | None, str, frozenset[str]], _Group] = {}
    for mbean in readings[-1].mbeans:
        if not wanted(mbean.name):
            continue
        head = parse_name(mbean.name)
        for value in mbean.values:
            leaf = value.leaf
            if key_of(mbean.name, value) in served:
                continue
            name = head.with_row(leaf.row) if leaf.row else head
            keys = frozenset(key for key, _ in name.properties)
            type_key = next((key for key in TYPE_KEYS if key in keys), None)
            kind = (name.property(type_key) or "") if type_key else ""
            group = groups.setdefault((name.domain, type_key, kind, keys), _Group())
            if leaf.kind in {LeafKind.NUMBER, LeafKind.BOOLEAN}:
                group.items.append((mbean, value, name))
            elif leaf.kind is LeafKind.STRING:
                group.texts.append((mbean, value, name))
    before = _numbers_before(readings, wanted)
    found = [
        _kind(Kind(*which), group, before, is_secret)
        for which, group in groups.items()
        if group.items
    ]
    return sorted(found, key=lambda kind: (kind.domain, kind.type, sorted(kind.keys)))


def key_of(mbean: str, value: RecordedValue) -> Key:
    """Return where a value is found again."""
    leaf = value.leaf
    return mbean, leaf.path, leaf.name, leaf.row


def _numbers_before(
    readings: Sequence[JvmReading], wanted: Callable[[str], bool]
) -> dict[Key, float]:
    if len(readings) < 2:
        return {}
    return {
        key_of(mbean.name, value): value.number
        for mbean in readings[0].mbeans
        if wanted(mbean.name)
        for value in mbean.values
        if value.leaf.kind is LeafKind.NUMBER
    }


def _kind(
    kind: Kind,
    group: _Group,
    before: dict[Key, float],
    is_secret: Callable[[str], bool],
) -> Kind:
    names = [name for _, _, name in group.items]
    snakes = {snake_case(value.leaf.name) for _, value, _ in group.items}
    plain = not any(value.leaf.row for _, value, _ in group.items)
    if "name" in kind.keys and plain and snakes <= GENERIC:
        subjects = {name.property("name") or "" for name in names}
        if not any(map(is_secret, subjects)):
            kind.subject_key = "name"
    for name in names:
        kind.orders.add(tuple(key for key, _ in name.properties))
        for key, text in name.properties:
            kind.values[key].add(text)
    durations = {
        mbean.name: value.text
        for mbean, value, _ in group.texts
        if value.leaf.name == "DurationUnit"
    }
    for mbean, value, name in group.items:
        slot = _slot(kind, mbean, value, name)
        slot.told.take(value.number, before.get(key_of(mbean.name, value)))
        slot.duration = slot.duration or durations.get(mbean.name)
    for _, value, name in group.texts:
        kind.texts.setdefault(value.leaf.name, line_of(name, value))
    return kind


def _slot(
    kind: Kind, mbean: RecordedMBean, value: RecordedValue, name: BeanName
) -> Slot:
    leaf = value.leaf
    subject = name.property(kind.subject_key) if kind.subject_key else None
    spot = Spot(subject or "", leaf.path, leaf.name)
    kind.attributes.add(leaf.name)
    slot = kind.slots.get(spot)
    if slot is None:
        slot = kind.slots[spot] = Slot(spot, sample=line_of(name, value))
        attribute = mbean.attributes[leaf.attribute]
        described = leaf.description if leaf.path else attribute.description
        slot.description = described or ""
        slot.told.boolean = leaf.kind is LeafKind.BOOLEAN
        slot.told.date = attribute.type == DATE and not leaf.path
    slot.orders.add(tuple(key for key, _ in name.properties))
    return slot


def line_of(name: BeanName, value: RecordedValue) -> str:
    """Return a value's line as rules see it."""
    leaf = value.leaf
    return f"{name.text}<{', '.join(leaf.path)}>{leaf.name}: {value.text or ''}"


def siblings(slots: Iterable[Slot], spot: Spot) -> set[str]:
    """Return the other attributes of a subject, in snake case."""
    return {
        snake_case(one.spot.attribute)
        for one in slots
        if one.spot.subject == spot.subject and one.spot != spot
    }
