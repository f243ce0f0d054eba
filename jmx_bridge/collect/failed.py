"""Attributes that gave no value although their MBean answered: which, why, and whether that is usual."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from ..mapping import parse_name
from ..model import LeafKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import Attribute, Shape

# So many attributes are named in one line.
MOST_IN_LINE = 20
FAILED = frozenset({LeafKind.ABSENT, LeafKind.UNREADABLE})
# What java.lang.management documents as optional: on a JVM that lacks it the getter throws
# UnsupportedOperationException. An answer leaves failed attributes out and tells no reason.
OPTIONAL = {
    "MemoryPool": frozenset(
        f"{kind}UsageThreshold{about}"
        for kind in ("", "Collection")
        for about in ("", "Count", "Exceeded")
    ),
    "Runtime": frozenset({"BootClassPath"}),
    "Compilation": frozenset({"TotalCompilationTime"}),
    "Threading": frozenset(
        {
            "CurrentThreadAllocatedBytes",
            "CurrentThreadCpuTime",
            "CurrentThreadUserTime",
            "ThreadAllocatedMemoryEnabled",
            "ThreadContentionMonitoringEnabled",
            "ThreadCpuTimeEnabled",
            "TotalThreadAllocatedBytes",
        }
    ),
}
"""By the type of an MBean of java.lang."""


class FailedAttributes(NamedTuple):
    """Some attributes of one MBean that are planned and gave no value, for one reason."""

    mbean: str
    reason: str
    """absent or unreadable."""
    usual: bool
    """Healthy JVMs lack them, too."""
    attributes: tuple[str, ...]

    @property
    def line(self) -> str:
        """What failed, for a person."""
        names = ", ".join(self.attributes[:MOST_IN_LINE])
        more = len(self.attributes) - MOST_IN_LINE
        return f"{self.mbean} {names}{f' and {more} more' * (more > 0)}: {self.reason}"


def failed_attributes(
    mbean: str, shape: Shape, asked: Sequence[Attribute], most: int
) -> Iterator[FailedAttributes]:
    """
    Yield what an answer of *shape* to a request for *asked* lacks, *most* attributes at most.

    Those that are missing for the same reason come together.
    """
    optional: frozenset[str] = frozenset()
    name = parse_name(mbean)
    if name.domain == "java.lang":
        optional = OPTIONAL.get(name.property("type") or "", optional)
    found: dict[tuple[str, bool], list[str]] = {}
    failed = (leaf for leaf in shape if leaf.kind in FAILED)
    for leaf in islice(failed, most):
        attribute = asked[leaf.attribute].name
        usual = leaf.kind is LeafKind.ABSENT and attribute in optional
        key = leaf.kind.name.lower(), usual
        found.setdefault(key, []).append(attribute)
    for (reason, usual), attributes in sorted(found.items()):
        yield FailedAttributes(mbean, reason, usual, tuple(sorted(attributes)))
