"""
One scrape, from the request to the snapshot, and what else the web asks of the bridge.

No fault raises, of the target or of our own: it becomes a snapshot that says so.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from . import jmx
from ._version import __version__
from .collect.counts import Counts
from .collect.outcome import (
    MOST_NAMED,
    Served,
    culprits,
    failed_lines,
    partial_detail,
)
from .collect.rules_in_force import RulesInForce
from .collect.target import Target
from .collect.timer import Timer
from .errors import DeadlinePassed, SessionLost, TargetError
from .exposition import conflicts, limit_samples
from .model import Layout, Snapshot
from .observe import (
    Journal,
    LastScrape,
    RecentScrape,
    ScrapeRecord,
    Status,
    Telemetry,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .collect.inventory import Inventory
    from .collect.target import Connected
    from .config import Config
    from .mapping.rule import Compile
    from .model import Family
    from .settings import LimitSettings, TargetSettings

EMPTY = Layout(())
# What the log has of a jvm_* or process_* family that is not served since a rule has its name.
GAVE_WAY = {
    "reason": "conflict",
    "detail": "a rule has the name of this metric of the JVM",
}
State = tuple[str, str, str]
"""Of the target: up, partial or down; why in words; what docs call that. The last two may be ""."""
# New MBeans whose planning takes memory worth giving back.
MANY_NEW = 200


@dataclass(frozen=True, slots=True)
class Collected:
    """What one scrape read, before it is fitted to a page."""

    inventory: Inventory
    layout: Layout
    values: Sequence[float]
    jvm: Sequence[Family]


class Bridge:
    """One target, its rules, and everything kept between scrapes."""

    def __init__(
        self,
        target: TargetSettings,
        limits: LimitSettings,
        load: Callable[[], Config] | None = None,
        file: str | None = None,
        compile_patterns: Compile = jmx.JavaPatterns,
    ) -> None:
        """
        *load* reads the rule file *file*; None: the defaults. *compile_patterns*: see Ruleset.

        Raises ConfigError or UsageError.
        """
        self._telemetry = Telemetry(__version__, jmx.java_version())
        self._journal = Journal()
        rules = RulesInForce(target, self._telemetry, load, file, compile_patterns)
        self._target = Target(target, limits, rules, self._telemetry, self._journal)
        self._lock = threading.Lock()
        # Of the scrape that runs.
        self._timer: Timer | None = None
        self._started = time.monotonic()

    # -- one scrape ---------------------------------------------------------------------------

    def scrape(self, *, deadline: float) -> Snapshot:
        """
        Return what the target has now; *deadline* is on time.monotonic()'s clock.

        Scrapes run one at a time.
        """
        if not self._lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return self.unanswered()
        try:
            timer = self._timer = Timer(self._limited(deadline))
            try:
                self._wait_for_start()
                return self._told(self._collect_again(timer), timer)
            except TargetError as exc:
                return self._failed(exc, timer)
            except Exception as exc:  # noqa: BLE001 -- whoever scrapes hears of it
                self._journal.failed(exc)
                # What is known of the target may be half of it: a new session begins anew.
                broken = SessionLost(f"an error of the bridge: {exc!r}, see the log")
                return self._failed(broken, timer)
        finally:
            self._timer = None
            self._lock.release()

    def hurry(self, deadline: float) -> None:
        """Let the scrape that runs end by *deadline*, with what has arrived; from any thread."""
        if timer := self._timer:
            self._target.hurry(timer.shorten(deadline))

    def _limited(self, deadline: float) -> float:
        """Return *deadline*, or the moment that the rule file's own limit sets."""
        seconds = self.config.scrape_timeout_seconds
        return min(deadline, time.monotonic() + seconds) if seconds else deadline

    def _start_delay(self) -> float:
        """Return the seconds for which the rule file still wants the target left alone."""
        delay = self.config.start_delay_seconds
        return delay - (time.monotonic() - self._started)

    def _wait_for_start(self) -> None:
        """Raise DeadlinePassed while the rule file wants the target left alone."""
        if (left := self._start_delay()) > 0:
            raise DeadlinePassed(f"startDelaySeconds: {left:.0f} s to wait")

    def _collect_again(self, timer: Timer) -> Collected:
        """
        Read the target, over a new session if the one there is turns out to be lost.

        So a target that was restarted between two scrapes costs none.
        """
        known = self._target.has_session
        try:
            return self._collect(timer)
        except SessionLost:
            if not known:
                raise
            self._target.disconnect()
        return self._collect(timer)

    def _collect(self, timer: Timer) -> Collected:
        """Read the target: who is there, what is new, all values; raises TargetError."""
        with timer.phase("connect"):
            connected = self._target.connected(timer)
        inventory = connected.inventory
        with timer.phase("inventory"):
            new = inventory.follow(timer.left())
        with timer.phase("plan"):
            fresh = inventory.plan(new, timer.left())
        tidy = jmx.trim if len(fresh) >= MANY_NEW else jmx.collect_garbage
        self._afterwards(tidy, inventory.back_off_slow)
        with timer.phase("fetch"):
            numbers = inventory.read(fresh, timer.left())
            threads = self._threads(connected, timer)
        with timer.phase("assemble"):
            layout, values = inventory.catalog.values(numbers)
            jvm = inventory.jvm.families(numbers, threads) if inventory.jvm else ()
        return Collected(inventory, layout, values, jvm)

    def _threads(self, connected: Connected, timer: Timer) -> Sequence[int] | None:
        """Return threads by state, if that is asked for and the target lets us."""
        wanted = self._target.settings.thread_states
        if not (wanted and connected.inventory.jvm):
            return None
        try:
            return connected.session.thread_states(timer.left())
        except DeadlinePassed:
            return None
        except SessionLost as exc:
            self._journal.once("jvm.thread_states_refused", [{"error": str(exc)}])
            return None

    def _afterwards(self, *works: Callable[[], object]) -> None:
        """Do what can wait until this scrape is over."""

        def work() -> None:
            with self._lock:
                for one in works:
                    try:
                        one()
                    except Exception as exc:  # noqa: BLE001 -- nobody looks at its Future
                        self._journal.failed(exc, "background.failed")

        self._target.background.submit(work)

    # -- what is told of it ----------------------------------------------------------------------

    def _told(self, collected: Collected, timer: Timer) -> Snapshot:
        """Fit what was read to a page, record how the scrape went, and return all of it."""
        inventory, counts = collected.inventory, collected.inventory.counts
        most = self._target.limits.samples
        layout, values = limit_samples(collected.layout, collected.values, most)
        cut = len(collected.values) - len(values)
        beaten = conflicts(layout, collected.jvm)
        dropped = inventory.dropped()
        self._journal.once("sample.dropped", [drop.told() for drop in dropped])
        gave_way = [{**GAVE_WAY, "where": name} for name in sorted(beaten)]
        self._journal.once("sample.dropped", gave_way)
        failed = failed_lines(inventory, self._journal)
        detail = partial_detail(counts, cut)
        reasons = [drop.reason for drop in dropped]
        reasons += ["conflict"] * len(beaten) + ["limit"] * cut
        unread = inventory.unread(MOST_NAMED)
        late = any(reason == "late" for _, reason in unread)
        culpable = culprits(dropped)
        served = Served(
            samples=len(values),
            dropped=reasons,
            unread=unread,
            culprits=culpable,
            left_out=[drop.line for drop in dropped[:MOST_NAMED]],
            failed=failed,
            by_rule=inventory.by_rule(),
            # What is not all there may have what they match.
            idle_files=() if detail else inventory.idle_files(),
            tally=inventory.tally(),
            partial=bool(detail),
            timed_out=late,
        )
        self._journal.idle(served.idle_files)
        state = ("partial", detail, "partial") if detail else ("up", "", "")
        self._note(state, counts, served, timer)
        jvm = [family for family in collected.jvm if family.name not in beaten]
        families = [*jvm, *self._telemetry.families()]
        return Snapshot(layout, values, families, self._telemetry.phases())

    def _failed(self, exc: TargetError, timer: Timer) -> Snapshot:
        """Record that the target could not be read, and return the bridge's own metrics."""
        if isinstance(exc, SessionLost):
            self._target.disconnect()
        late = isinstance(exc, DeadlinePassed) and self._start_delay() <= 0
        state = ("down", str(exc), exc.heading)
        self._note(state, Counts(), Served(timed_out=late), timer)
        return Snapshot(EMPTY, (), self._telemetry.families())

    def _note(self, state: State, counts: Counts, served: Served, timer: Timer) -> None:
        """Record how the scrape went, for metrics, status page and log."""
        name, detail, heading = state
        seconds, up = timer.taken(), name != "down"
        url = self._target.rules.loaded.address.url
        self._journal.turn(name, url, detail, heading)
        self._telemetry.record(
            ScrapeRecord(
                up=up,
                partial=served.partial,
                seconds=seconds,
                timeout=timer.granted(),
                samples=served.samples,
                mbeans=counts.mbeans(),
                attributes=counts.attributes(),
                phases=timer.phases,
                dropped=served.dropped,
                culprits={(rule, why): n for rule, why, n in served.culprits},
                rule_samples=served.by_rule.samples,
                rule_seconds=served.by_rule.seconds,
                unread=served.unread,
                cached=counts.cached,
                timed_out=served.timed_out,
            )
        )
        now = datetime.now(UTC)
        last = LastScrape(
            now,
            seconds,
            served.samples,
            counts.fetched,
            counts.failed,
            tuple(served.unread),
            tuple(served.culprits),
            tuple(served.left_out),
            tuple(served.failed),
            tuple(served.idle_files),
            served.tally,
        )
        taken = (seconds, timer.granted(), served.samples, dict(timer.phases))
        self._journal.scraped(last, RecentScrape(now, name, *taken))

    def unanswered(self) -> Snapshot:
        """Return self metrics only, for a request whose own deadline passed."""
        return Snapshot(EMPTY, (), self._telemetry.unanswered())

    # -- what else the web asks ------------------------------------------------------------------

    def connect(self) -> None:
        """
        Begin to connect, and wait for nothing: what goes wrong is in the log before a scrape is.

        The first scrape uses the session. A target that is to be left alone at first is.
        """
        if self._start_delay() <= 0:
            self._target.begin()

    @property
    def config(self) -> Config:
        """The rule file in force."""
        return self._target.rules.loaded.config

    def reload(self) -> None:
        """Read the rule file again; raises BridgeError, and the old rules stay."""
        self._target.rules.reload()

    def changed(self) -> bool:
        """Whether a file is another than the one that was read last."""
        return self._target.rules.changed()

    def status(self) -> Status:
        """Return what the status page shows."""
        rules, state = self._target.rules, self._journal.state
        loaded, config = rules.loaded, rules.loaded.config
        return Status(
            version=__version__,
            target=loaded.address.url,
            state=state.name,
            detail=state.detail,
            see=state.see,
            since=state.since,
            last_scrape=self._journal.last_scrape,
            rule_file=config.file,
            included=tuple(Path(name).stem for name in config.included_files),
            rules=len(config.rules),
            loaded_at=loaded.at,
            warnings=tuple(map(str, config.warnings)),
            problem=rules.problem,
            java=jmx.java_version(),
            recent=tuple(self._journal.recent),
        )

    def close(self) -> None:
        """End the session, so that the target keeps nothing for us."""
        self._target.close()
