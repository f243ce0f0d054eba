"""What the status page tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class LastScrape:
    """How the last scrape went."""

    at: datetime
    seconds: float
    samples: int
    mbeans: int
    failures: int
    unread: tuple[tuple[str, str], ...] = ()
    """Some of the MBeans that failed, with the reasons."""


@dataclass(frozen=True, slots=True)
class Status:
    """The bridge at this moment."""

    version: str
    target: str
    state: str
    """connecting, up, partial or down."""
    detail: str
    """Why it isn't up; one line."""
    since: datetime
    last_scrape: LastScrape | None
    rule_file: str | None
    included: tuple[str, ...]
    """The packs and files that it includes."""
    rules: int
    loaded_at: datetime
    warnings: tuple[str, ...]
    """What is odd in the rule file."""
    problem: str
    """Why the newest rule file is not the one in use; "" if it is."""
    java: str
