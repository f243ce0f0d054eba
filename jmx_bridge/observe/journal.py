"""What is told of a target besides its metrics: its state, the last scrape, and each oddity once."""

from __future__ import annotations

import traceback
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from ..log import get_log
from ..manual import see
from .status import MOST_RECENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .status import LastScrape, RecentScrape

log = get_log(__name__)
# Clients with little time can make a target seem down, and others up again: lines a minute.
MOST_TURNS = 30
# Enough to name the culprits; more would only fill the log.
MOST_LOGGED = 1000
# So many attributes are named in one line.
MOST_IN_LINE = 20
IDLE_HINT = "jmx-bridge check with --jmx.target says what is nearest to each rule"
FULL = "what else is dropped or fails is only counted, in the metrics, until a restart"


@dataclass(frozen=True, slots=True)
class TargetState:
    """How the target is."""

    name: str
    """connecting, up, partial or down."""
    detail: str
    """Why it isn't up; one line."""
    since: datetime
    see: str = ""
    """Where docs tell more; "" for nothing."""


class Journal:
    """Keeps what the status page shows, and logs what changes."""

    def __init__(self) -> None:
        self.state = TargetState("connecting", "", datetime.now(UTC))
        self.last_scrape: LastScrape | None = None
        self.recent: deque[RecentScrape] = deque(maxlen=MOST_RECENT)
        """The last scrapes, the newest last; to be copied at once, as scrapes go on."""
        # Who connects first and the first scrape may find the same at once.
        self._turning = Lock()
        self._turns = get_log(__name__, MOST_TURNS)
        self._logged: set[tuple[str, str]] = set()
        # Whether there was more to log than MOST_LOGGED.
        self._full = False

    def connected(self, url: str) -> None:
        """Log a new session."""
        log.info("jmx.connected", target=url)

    def turn(self, name: str, url: str, detail: str = "", heading: str = "") -> None:
        """Note the state that a scrape found, and why; a change is logged once. For *heading* see `see`."""
        about = see(heading) if heading else ""
        with self._turning:
            before, now = self.state, datetime.now(UTC)
            since = before.since if name == before.name else now
            self.state = TargetState(name, detail, since, about)
        if name != before.name:
            say = self._turns.info if name == "up" else self._turns.warning
            more = {"detail": detail, "see": about}
            told = {key: text for key, text in more.items() if text}
            say("target.state", state=name, target=url, **told)

    def scraped(self, last: LastScrape, recent: RecentScrape) -> None:
        """Note how a scrape went."""
        self.last_scrape = last
        self.recent.append(recent)
        up = recent.state != "down"
        log.debug("scrape.done", seconds=last.seconds, samples=last.samples, up=up)

    def failed(self, error: Exception, event: str = "scrape.failed") -> None:
        """Log an error of our own, with where it came from; the same one once."""
        frames = traceback.extract_tb(error.__traceback__)[-1:]
        at = "".join(f"{Path(one.filename).name}:{one.lineno}" for one in frames)
        key = (event, f"{type(error)} {at}")
        if key not in self._logged:
            self._logged.add(key)
            log.error(event, error=repr(error), at=at)

    def once(self, event: str, entries: Iterable[dict[str, str]]) -> None:
        """Log each of *entries* the first time it is seen, up to MOST_LOGGED of all kinds."""
        for fields in entries:
            if self._first(event, str(fields)):
                log.warning(event, **fields)

    def attributes_failed(
        self, mbean: str, reason: str, attributes: Iterable[str], *, usual: bool
    ) -> None:
        """Log those of an MBean's *attributes* that failed for the first time; *usual* ones at debug."""
        event = "attribute.failed"
        new = [name for name in attributes if self._first(event, f"{mbean} {name}")]
        if new:
            say = log.debug if usual else log.warning
            names = ", ".join(new[:MOST_IN_LINE])
            say(event, mbean=mbean, attributes=names, count=len(new), reason=reason)

    def idle(self, files: Iterable[tuple[str, int]]) -> None:
        """Log rule files none of whose rules matches a value, each once."""
        self.once(
            "rules.match_nothing",
            [
                {"file": file, "rules": str(rules), "hint": IDLE_HINT}
                for file, rules in files
            ],
        )

    def _first(self, event: str, what: str) -> bool:
        """Whether *what* was not logged yet, and is to be."""
        key = (event, what)
        if key in self._logged or self._full:
            return False
        if len(self._logged) >= MOST_LOGGED:
            self._full = True
            log.warning("journal.full", told=MOST_LOGGED, hint=FULL)
            return False
        self._logged.add(key)
        return True
