"""What is told of a scrape: what it serves, what it leaves out, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..observe import MOST_LOGGED
from .plans import UNTOLD, ByRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..observe import Journal
    from .counts import Counts
    from .inventory import Inventory
    from .series import Dropped
    from .tally import Tally

# So many of the MBeans that could not be read are named, and so many of what else is missing.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Served:
    """What of a scrape is served."""

    samples: int = 0
    """That rules made."""
    dropped: Sequence[str] = ()
    """A reason for each sample that is left out."""
    unread: Sequence[tuple[str, str]] = ()
    """Some of the MBeans that could not be read: (ObjectName, reason)."""
    culprits: Sequence[tuple[str, str, int]] = ()
    """Some of the rules whose samples are left out: (place, reason, how many)."""
    left_out: Sequence[str] = ()
    """Some of the samples that are left out, each in one line."""
    failed: Sequence[str] = ()
    """Some attributes without a value, in one line for each MBean."""
    by_rule: ByRule = UNTOLD
    """What is told of each rule, where that is asked for."""
    idle_files: Sequence[tuple[str, int]] = ()
    """Rule files none of whose rules matches a value: (file, how many rules)."""
    tally: Tally | None = None
    """Which rules and MBeans the samples come from, for whoever asks."""
    partial: bool = False
    timed_out: bool = False
    """The target, or some of its MBeans, did not answer in time."""


def failed_lines(inventory: Inventory, journal: Journal) -> list[str]:
    """Log attributes that gave no value; return some of them that healthy JVMs have."""
    if not inventory.counts.failed_attributes:
        return []
    # One more than are told, so that it is told that there are more.
    failed = inventory.failed_attributes(MOST_LOGGED + 1)
    for one in failed:
        journal.attributes_failed(
            one.mbean, one.reason, one.attributes, usual=one.usual
        )
    return [one.line for one in failed if not one.usual][:MOST_NAMED]


def culprits(dropped: Iterable[Dropped]) -> list[tuple[str, str, int]]:
    """Return rules whose samples are left out, with reasons and numbers; MOST_NAMED at most."""
    found = Counter((drop.rule, drop.reason) for drop in dropped if drop.rule)
    return [(*key, count) for key, count in found.most_common(MOST_NAMED)]


def partial_detail(counts: Counts, cut_samples: int) -> str:
    """Return in words what a scrape lacks; "" for nothing."""
    reasons = (
        (counts.late, "MBean", "did not answer in time"),
        (counts.cut, "MBean", "beyond --limit.mbeans"),
        (cut_samples, "sample", "beyond --limit.samples"),
    )
    return "; ".join(
        f"{count:,} {what}{'s' * (count != 1)} {text}"
        for count, what, text in reasons
        if count
    )
