"""Planned MBeans and their series: what each is called, and where its value comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from .mapping import parse_name, snake_case
from .mapping.subject import tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Attribute, Labels, Leaf, MetricType


@dataclass(slots=True, eq=False)
class Series:
    """One planned series."""

    family: str
    type: MetricType
    labels: Labels
    bean: Bean
    leaf: int
    """Index in the bean's shape; -1 for a constant that a customizer adds."""
    factor: float
    constant: float | None
    """Its value where that is not the MBean's."""
    help: str | None
    snake: bool
    """Its rule saw the attribute's name in snake case."""
    text: str = ""
    """The value's text, if a rule saw it."""
    slot: int = -1
    """Index in the table of numbers; -1 while it has none."""
    alive: bool = True

    def differs_only_in_value(self, other: Series) -> bool:
        """Whether *other* can take the place of this series in its family."""
        return (
            self.family == other.family
            and self.labels == other.labels
            and self.type is other.type
            and (self.constant is None) == (other.constant is None)
            and self.factor == other.factor
        )


@dataclass(slots=True, eq=False)
class Bean:
    """A planned MBean."""

    id: int
    name: str
    description: int = -1
    shape: int = -1
    base: int = -1
    """Where its numbers begin in the table; -1 while it has none there."""
    unread: bool = False
    series: list[Series] = field(default_factory=list)
    watched: dict[int, str] | None = None
    """The texts that verdicts depend on, by leaf."""
    labels_from: frozenset[int] = frozenset()
    """The leaves that a customizer makes labels of all its series."""
    hidden: frozenset[str] = frozenset()
    """Attributes that are read and that the rules may not see."""
    cached: int = 0
    """How many of its values `cache: true` decided."""


class Dropped(NamedTuple):
    """A sample that is not served, and why."""

    reason: str
    detail: str
    where: str


def default_help(
    series: Series, shape: Sequence[Leaf], asked: Sequence[Attribute]
) -> str:
    """Return a family's help text where its rule gives none: description and origin."""
    name = parse_name(series.bean.name)
    if series.leaf < 0:
        return _place(name.domain, dict(name.properties), "")
    leaf = shape[series.leaf]
    if leaf.row:
        name = name.with_row(leaf.row)
    place = _place(name.domain, dict(name.properties), leaf.name)
    described = leaf.description
    if not leaf.path and not leaf.row:
        described = asked[leaf.attribute].description
    if described is None or described == leaf.name:
        return place
    return f"{described} {place}"


def _place(domain: str, properties: dict[str, str], attribute: str) -> str:
    name, kind = properties.get("name", "null"), properties.get("type", "null")
    return f"{domain}:name={name},type={kind},attribute={attribute}"


def origin(series: Series, shape: Sequence[Leaf]) -> str:
    """Return what tells *series* from others of its name: its subject to the last colon."""
    name = parse_name(series.bean.name)
    if series.leaf < 0:
        return name.text
    leaf = shape[series.leaf]
    if leaf.row:
        name = name.with_row(leaf.row)
    attribute = snake_case(leaf.name) if series.snake else leaf.name
    subject = f"{name.text}{tail(leaf.path, attribute)}{series.text}"
    return subject.rpartition(":")[0]
