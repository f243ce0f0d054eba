"""The state of the bridge, for the status page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MOST_RECENT = 60
"""So many scrapes are remembered, a few numbers of each."""


class RecentScrape(NamedTuple):
    """A scrape in a few numbers."""

    at: datetime
    """When it ended, in UTC."""
    state: str
    """up, partial or down."""
    seconds: float
    timeout: float
    """Seconds that it might have taken."""
    samples: int
    phases: Mapping[str, float]
    """Seconds by phase."""


class RuleTold(NamedTuple):
    """A rule of those in force."""

    where: str
    """Its place: "kafka.yml:14"."""
    name: str
    """The metric's, as it is written; its pattern where it has none."""
    samples: int
    """Those that it made in the last scrape."""
    claims: bool
    """It claimed a value since the rules and the session are in force; that may be none of a sample."""
    seconds: float | None
    """How long its pattern was tried; None where that isn't measured."""


def idle_text(file: str, rules: int) -> str:
    """Say in words that none of a file's rules matches a value."""
    which = f"none of its {rules:,} rules matches" if rules > 1 else "its rule matches"
    return f"{file}: {which} {'a' if rules > 1 else 'no'} value of this JVM"


class Tallied(Protocol):
    """Counts the samples of a scrape, when it is asked for the first time."""

    @property
    def rules(self) -> tuple[RuleTold, ...]:
        """Each rule with its samples, those first that make most."""

    @property
    def mbeans(self) -> tuple[tuple[str, int], ...]:
        """The MBeans that have most samples, each with their number."""


@dataclass(frozen=True, slots=True)
class LastScrape:
    """How the last scrape went."""

    at: datetime
    """When it ended, in UTC."""
    seconds: float
    samples: int
    """How many rules made, without those that a limit cut off."""
    mbeans: int
    """How many were read."""
    failures: int
    """How many could not be read."""
    unread: tuple[tuple[str, str], ...] = ()
    """Some of those: (ObjectName, reason), for reasons see page.REASONS."""
    culprits: tuple[tuple[str, str, int], ...] = ()
    """Rules whose samples had to be left out: (place, reason, how many), see model.LEFT_OUT."""
    dropped: tuple[str, ...] = ()
    """Some of those samples, each in one line."""
    failed: tuple[str, ...] = ()
    """Some attributes that gave no value although their MBean answered, in one line for each MBean."""
    idle_files: tuple[tuple[str, int], ...] = ()
    """Rule files none of whose rules matches a value: (file, how many rules)."""
    tally: Tallied | None = None
    """Which rules and MBeans its samples come from; None where it has none."""


@dataclass(frozen=True, slots=True)
class Status:
    """The bridge at this moment."""

    version: str
    target: str
    """The target's JMX service URL."""
    state: str
    """connecting, up, partial or down."""
    detail: str
    """Why it isn't up, in one line; "" if it is."""
    see: str
    """Where docs tell more about that; "" if it is up."""
    since: datetime
    """When *state* began, in UTC."""
    last_scrape: LastScrape | None
    """None before the first."""
    rule_file: str | None
    included: tuple[str, ...]
    """The packs and files that it includes."""
    rules: int
    """How many there are, with those of *included*."""
    loaded_at: datetime
    """When the rules in use were read, in UTC."""
    warnings: tuple[str, ...]
    """What is odd in the rule file."""
    problem: str
    """Why the newest rule file is not the one in use; "" if it is."""
    java: str
    """The version of the embedded JVM."""
    recent: tuple[RecentScrape, ...] = ()
    """The last MOST_RECENT scrapes, the newest last."""
