"""A JVM's values as the lines that rules see, each with what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..model import Attribute, Labels, Leaf, MetricType


class Fate(StrEnum):
    """What becomes of a value."""

    SERVED = "served"
    """It is a sample on the page, by a rule, as a jvm_* metric, or both."""
    DROPPED = "dropped"
    """A rule claims it, and it can't be served."""
    EMPTIED = "emptied"
    """A rule claims it and leaves it out: its name is empty, or its value is no number."""
    TEXT = "text"
    """It is a string, and no rule gives it a value."""
    UNMATCHED = "unmatched"
    """No rule's pattern matches."""
    EXCLUDED = "excluded"
    """The rule file keeps the rules from seeing its MBean or its attribute."""
    EMPTY = "empty"
    """There is no value: it is null, or a table without rows."""
    UNSUPPORTED = "unsupported"
    """It is an array, or of a class that is no number, boolean, string, composite or table."""
    UNREADABLE = "unreadable"
    """It could not be read."""
    NEVER_READ = "never read"
    """The bridge never asks for it."""


class Served(NamedTuple):
    """A sample on the page."""

    name: str
    """The sample's, with the suffix that its type adds."""
    labels: Labels
    type: MetricType
    value: float
    rule: str
    """Where the rule stands: "kafka.yml:14"; "" for a jvm_* metric."""


@dataclass(frozen=True, slots=True)
class Line:
    """One value of the JVM, and what becomes of it."""

    mbean: str
    """ObjectName with the properties in the order of registration."""
    attribute: Attribute
    leaf: Leaf | None
    """Where it is inside the attribute; None for a whole attribute or MBean, and for what a customizer adds."""
    subject: str
    """What rules see but for the value: "domain<key=value><path>name"; of an MBean its beginning."""
    text: str | None
    """The value as Java writes it; None where there is none."""
    fate: Fate
    why: str = ""
    """In words, where *fate* does not say it all."""
    rule: str = ""
    """Where the rule stands that claims it; "" for none."""
    samples: tuple[Served, ...] = ()
    would_be: str = ""
    """The name of the sample that a rule made of it and that is not served."""

    @property
    def full(self) -> str:
        """The line as rules are matched against it."""
        return self.subject if self.text is None else f"{self.subject}: {self.text}"
