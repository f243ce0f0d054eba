"""Planned series: what each is called, where its value comes from, and which rule made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ..mapping import parse_name, snake_case
from ..mapping.subject import tail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..config import ExtraMetric
    from ..mapping import BeanName
    from ..model import Attribute, Labels, Leaf, MetricType
    from .beans import MBean


@dataclass(slots=True, eq=False)
class Series:
    """
    One planned series.

    It never changes, but for its place in the MBean's answer, and for a value that its
    rule takes from a text; both only by the methods here.
    """

    family: Final[str]
    type: Final[MetricType]
    labels: Final[Labels]
    bean: Final[MBean]
    leaf: int
    """Index in the bean's shape; -1 for a constant that a customizer adds."""
    factor: Final[float]
    constant: float | None
    """Its value where that is not the MBean's."""
    help: Final[str | None]
    """None: the default help; a constant has its own in any case."""
    rule: Final[int]
    """Index of the rule that made it."""
    text: str = ""
    """The value's text, if its rule saw it."""
    added: ExtraMetric | None = None
    """What a customizer adds; then the series has no leaf."""

    @property
    def slot(self) -> int:
        """Return the index in the table of numbers; -1 for what has none there."""
        return self.bean.base + self.leaf if self.leaf >= 0 else -1

    def place(self, leaf: int) -> None:
        """Follow its value to another leaf: a narrower request has fewer of them."""
        self.leaf = leaf

    def take_value(self, other: Series) -> None:
        """Take the value of *other*, from which it differs in nothing else."""
        self.constant, self.text = other.constant, other.text

    def differs_only_in_value(self, other: Series) -> bool:
        """Whether *other* can take the place of this series in its family."""
        return (
            self.family == other.family
            and self.labels == other.labels
            and self.type is other.type
            and (self.constant is None) == (other.constant is None)
            and self.factor == other.factor
        )


# One for all MBeans: each call of frozenset() makes another, of 216 bytes.
NO_LEAVES: Final[frozenset[int]] = frozenset()
NOT_READ: Final = -2
"""Stands for the place of a dropped sample whose value isn't asked for any more."""


class Dropped(NamedTuple):
    """A sample that is not served, and why."""

    reason: str
    detail: str
    where: str
    rule: str = ""
    """Where the rule stands that claimed it, as "kafka.yml:14"; "" where no rule did."""
    leaf: int = -1
    """
    Where its value lies in the MBean's answer; -1 where it has no place there, as a constant
    that a customizer adds, NOT_READ where it isn't read again.
    """

    def told(self) -> dict[str, str]:
        """Return the fields of its line in the log."""
        fields = zip(("reason", "detail", "where", "rule"), self[:4], strict=True)
        return {name: text for name, text in fields if text}

    @property
    def line(self) -> str:
        """What it is about, for a person."""
        what = " ".join(filter(None, (self.detail, self.where and f"of {self.where}")))
        by = f" by {self.rule}" if self.rule else ""
        return f"{what}{by}: {self.reason}"


@dataclass(frozen=True, slots=True)
class BeanPlan:
    """What the answers of one MBean become: decided once, executed by each scrape."""

    series: tuple[Series, ...] = ()
    watched: Mapping[int, str] | None = None
    """The texts that the plan depends on, by leaf: it is made again when one changes."""
    labels_from: frozenset[int] = NO_LEAVES
    """The leaves whose texts a customizer makes labels of all its series."""
    dropped: tuple[Dropped, ...] = ()
    """Samples that rules claim and that can't be served."""
    cached: int = 0
    """How many values `cache: true` decided."""


NO_PLAN: Final = BeanPlan()


def default_help(
    series: Series, shape: Sequence[Leaf], asked: Sequence[Attribute]
) -> str:
    """
    Return a family's help text where its rule gives none: description and origin.

    *shape* and *asked* are those of the series' MBean, in whose answer its value lies.
    """
    leaf, name = shape[series.leaf], parse_name(series.bean.name)
    if leaf.row:
        return described(name.with_row(leaf.row), leaf.name, leaf.description)
    text = leaf.description if leaf.path else asked[leaf.attribute].description
    return described(name, leaf.name, text)


def described(name: BeanName, attribute: str, description: str | None) -> str:
    """Return the default help text of a value; a *description* that is its name is none."""
    where = _origin(name.domain, dict(name.properties), attribute)
    if description is None or description == attribute:
        return where
    return f"{description} {where}"


def _origin(domain: str, properties: dict[str, str], attribute: str) -> str:
    name, kind = properties.get("name", "null"), properties.get("type", "null")
    return f"{domain}:name={name},type={kind},attribute={attribute}"


def origin(series: Series, shape: Sequence[Leaf], *, snake: bool) -> str:
    """
    Return what tells *series* from others of its name: its subject to the last colon.

    *snake*: its rule saw the attribute's name in snake case.
    """
    name = parse_name(series.bean.name)
    path: tuple[str, ...] = ()
    if series.added:
        attribute = series.added.name
    elif series.leaf < 0:
        return name.text
    else:
        leaf = shape[series.leaf]
        if leaf.row:
            name = name.with_row(leaf.row)
        attribute, path = leaf.name, leaf.path
    attribute = snake_case(attribute) if snake else attribute
    subject = f"{name.text}{tail(path, attribute)}{series.text}"
    return subject.rpartition(":")[0]
