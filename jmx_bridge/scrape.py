"""
One scrape: make sure session and plan are current, read, and hand over a snapshot.

A fault of the target never raises: it becomes a snapshot that says so.
"""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from . import jmx
from ._version import __version__
from .config import DEFAULT
from .errors import (
    BridgeError,
    ConfigError,
    DeadlinePassed,
    LoginFailed,
    Problem,
    SessionLost,
    TargetError,
    UsageError,
)
from .exposition import conflicts, limit_samples, without
from .inventory import Counts, Inventory
from .jvm_metrics import PLATFORM, RUNTIME_PROPERTIES, JvmMetrics
from .log import get_log
from .mapping import Ruleset
from .model import Layout, Snapshot
from .observe import PHASES, LastScrape, ScrapeRecord, Status, Telemetry
from .settings import read_password

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .config import Config, TlsConfig
    from .model import Family
    from .series import Dropped

log = get_log(__name__)
EMPTY = Layout(())
# Enough to name the culprits; more would only fill the log.
MOST_LOGGED = 1000
# New MBeans whose planning takes memory worth giving back.
MANY_NEW = 200
# How long the end of the process waits for the target to hear of it.
GOODBYE_SECONDS = 1.0
# How long a target that could not be reached is left alone; twice as long each time.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
EMPTIED = ("was emptied while in use", "write rules: [{}] to serve everything")
# So many of the MBeans that could not be read are named.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Access:
    """How the target is reached, as flags and variables say it; None: as the rule file says."""

    target: str | None = None
    url: str | None = None
    username: str | None = None
    password: str | None = None
    password_file: str | None = None
    """Read again for every login."""
    tls: TlsConfig | None = None
    verify_host: bool = True
    """The target's certificate has to be for the host that is named."""
    connect_timeout: float = 5.0
    calls: int = 4
    wire: str = "auto"
    """auto, pipelined or standard."""
    thread_states: bool = False
    registry_tls: bool = True
    """The registry is reached over TLS when the connection is."""
    most_mbeans: int = 200_000
    most_samples: int = 1_000_000

    def address(self, config: Config) -> jmx.TargetAddress:
        """Return the target's address; raises UsageError if nobody named one."""
        if self.url or self.target:
            url = self.url or _url(self.target or "")
        elif config.jmx_url or config.host_port:
            url = config.jmx_url or _url(config.host_port or "")
        else:
            raise UsageError(
                "no target: neither a flag, nor a variable, nor the rule file names one"
                "\n  hint: --jmx.target=localhost:7199"
            )
        tls = self.tls or config.tls
        return jmx.TargetAddress(
            url,
            self.username or config.username,
            self.password or config.password,
            tls=tls and replace(tls, verify_host=self.verify_host),
            registry_tls=tls is not None and self.registry_tls,
        )

    def with_password(self, address: jmx.TargetAddress) -> jmx.TargetAddress:
        """Return *address* with what is in the password file now; raises LoginFailed."""
        if not self.password_file:
            return address
        try:
            return replace(address, password=read_password(self.password_file))
        except ValueError as exc:
            raise LoginFailed(f"the password file: {exc}") from None


def _url(host_port: str) -> str:
    return f"service:jmx:rmi:///jndi/rmi://{host_port}/jmxrmi"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule file, ready to run."""

    config: Config
    rules: Ruleset
    address: jmx.TargetAddress
    at: datetime


@dataclass(frozen=True, slots=True)
class Served:
    """What came of one scrape."""

    samples: int = 0
    dropped: Sequence[str] = ()
    """A reason for each sample that is left out."""
    unread: Sequence[tuple[str, str]] = ()
    """Some of the MBeans that could not be read, with the reasons."""
    partial: bool = False
    up: bool = True


@dataclass(slots=True)
class Connected:
    """An open session, and what is known of its MBeans under the rules of *loaded*."""

    session: jmx.JmxSession
    address: jmx.TargetAddress
    runtime: Sequence[str]
    loaded: Loaded
    inventory: Inventory


class Bridge:
    """The target, the rules, and everything kept between scrapes."""

    def __init__(
        self,
        access: Access,
        load: Callable[[], Config] | None = None,
        file: str | None = None,
    ) -> None:
        """
        *load* reads the rule file *file*; None: the defaults.

        Raises ConfigError or UsageError.
        """
        self._access = access
        self._load = load
        self._file = file
        self._problem = ""
        self._loaded = self._read_rules()
        self._connected: Connected | None = None
        self._connecting: Future[jmx.JmxSession] | None = None
        self._pause = Pause()
        self._background = ThreadPoolExecutor(1, thread_name_prefix="background")
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._telemetry = Telemetry(__version__, jmx.java_version())
        self._logged: set[tuple[str, str]] = set()
        self._state = "connecting"
        self._detail = ""
        self._since = datetime.now(UTC)
        self._last: LastScrape | None = None

    def _read_rules(self) -> Loaded:
        config = self._load() if self._load else DEFAULT
        for problem in config.warnings:
            log.warning("config.warning", problem=str(problem))
        rules = Ruleset(config, jmx.JavaPatterns)
        return Loaded(config, rules, self._access.address(config), datetime.now(UTC))

    @property
    def config(self) -> Config:
        """The rule file in use."""
        return self._loaded.config

    # -- what the web asks -----------------------------------------------------------------------

    def reload(self) -> None:
        """Read the rule file again; on ConfigError the old rules stay."""
        try:
            loaded = self._read_rules()
            if loaded.config.blank and not self._loaded.config.blank:
                raise ConfigError((Problem(self._file or "", 0, 0, *EMPTIED),))
        except BridgeError as exc:
            self._problem = str(exc)
            self._telemetry.reloaded(ok=False)
            raise
        self._loaded = loaded
        self._problem = ""
        self._telemetry.reloaded(ok=True)
        log.info(
            "config.loaded", file=loaded.config.file, rules=len(loaded.config.rules)
        )

    def status(self) -> Status:
        """Return what the status page shows."""
        loaded = self._loaded
        return Status(
            version=__version__,
            target=loaded.address.url,
            state=self._state,
            detail=self._detail,
            since=self._since,
            last_scrape=self._last,
            rule_file=loaded.config.file,
            included=tuple(Path(name).stem for name in loaded.config.included_files),
            rules=len(loaded.config.rules),
            loaded_at=loaded.at,
            warnings=tuple(map(str, loaded.config.warnings)),
            problem=self._problem,
            java=jmx.java_version(),
        )

    def unanswered(self) -> Snapshot:
        """Return self metrics only, for a request whose own deadline passed."""
        return Snapshot(EMPTY, (), self._telemetry.unanswered())

    def files(self) -> tuple[str, ...]:
        """Return the files whose change calls for a reload."""
        own = (self._file,) if self._file else ()
        return own + self._loaded.config.included_files

    def close(self) -> None:
        """End the session, so that the target keeps nothing for us."""
        for executor in (self._background, self._ahead):
            executor.shutdown(wait=False, cancel_futures=True)
        if self._connected:
            self._connected.session.close(GOODBYE_SECONDS)

    def scrape(self, *, deadline: float) -> Snapshot:
        """
        Return what the target has now; *deadline* is on time.monotonic()'s clock.

        Scrapes run one at a time.
        """
        if not self._lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return self.unanswered()
        try:
            return self._scrape(Timer(self._limited(deadline)))
        finally:
            self._lock.release()

    def _limited(self, deadline: float) -> float:
        """Return *deadline*, or the moment that the rule file's own limit sets."""
        seconds = self._loaded.config.scrape_timeout_seconds
        return min(deadline, time.monotonic() + seconds) if seconds else deadline

    # -- one scrape -----------------------------------------------------------------------------

    def _scrape(self, timer: Timer) -> Snapshot:
        try:
            self._wait_for_start()
            connected = self._current(timer)
            return self._read(connected, timer)
        except TargetError as exc:
            return self._failed(exc, timer)

    def _wait_for_start(self) -> None:
        delay = self._loaded.config.start_delay_seconds
        left = delay - (time.monotonic() - self._started)
        if left > 0:
            raise DeadlinePassed(f"startDelaySeconds: {left:.0f} s to wait")

    def _current(self, timer: Timer) -> Connected:
        """Return an open session under the current rules, opening one if need be."""
        loaded, connected = self._loaded, self._connected
        if connected and connected.address != loaded.address:
            self._disconnect()
            connected = None
        if connected is None:
            session = self._open(loaded.address, timer)
            runtime = session.properties(RUNTIME_PROPERTIES, timer.left())
            connected = self._watch(session, runtime, loaded)
            self._connected = connected
            self._telemetry.connected()
            log.info("jmx.connected", target=loaded.address.url)
        elif connected.loaded is not loaded or connected.inventory.overgrown():
            connected = self._watch(connected.session, connected.runtime, loaded)
            self._connected = connected
        return connected

    def _open(self, address: jmx.TargetAddress, timer: Timer) -> jmx.JmxSession:
        """Open a session on a thread of its own: the JDK lets no one interrupt it."""
        if self._connecting is None:
            self._pause.check()
            self._connecting = self._background.submit(
                jmx.connect,
                self._access.with_password(address),
                timeout=self._access.connect_timeout,
                calls=self._access.calls,
                wire=self._access.wire,
            )
        try:
            session = self._connecting.result(timer.left())
        except FutureTimeout:
            slow = DeadlinePassed("the target did not let us connect in time")
            self._telemetry.connect_failed(slow.reason)
            raise slow from None
        except BaseException as exc:
            self._connecting = None
            if isinstance(exc, TargetError):
                self._telemetry.connect_failed(exc.reason)
                self._pause.after(exc)
            raise
        self._connecting = None
        self._pause = Pause()
        return session

    def _watch(
        self, session: jmx.JmxSession, runtime: Sequence[str], loaded: Loaded
    ) -> Connected:
        config = loaded.config
        with_jvm = not config.exclude_jvm_metrics
        watch = session.watch(
            jmx.Scope(
                config.include_object_names,
                config.exclude_object_names,
                config.exclude_jvm_metrics,
                PLATFORM if with_jvm else (),
                self._access.most_mbeans,
            )
        )
        jvm = JvmMetrics(runtime) if with_jvm else None
        inventory = Inventory(watch, loaded.rules, jvm, self._ahead)
        return Connected(session, loaded.address, runtime, loaded, inventory)

    def _read(self, connected: Connected, timer: Timer) -> Snapshot:
        inventory = connected.inventory
        with timer.phase("inventory"):
            fresh = inventory.follow(timer.left())
        tidy = jmx.trim if len(fresh) >= MANY_NEW else jmx.settle
        self._afterwards(tidy, inventory.blame)
        with timer.phase("fetch"):
            numbers = inventory.read(fresh, timer.left())
        threads = self._threads(connected, timer)
        with timer.phase("plan"):
            layout, values = inventory.catalog.values(numbers)
            families: list[Family] = []
            if inventory.jvm:
                families = inventory.jvm.families(numbers, threads)
        return self._served(inventory, layout, values, families, timer)

    def _afterwards(self, *works: Callable[[], None]) -> None:
        """Do what can wait until this scrape is over."""

        def work() -> None:
            with self._lock:
                for one in works:
                    one()

        self._background.submit(work)

    def _threads(self, connected: Connected, timer: Timer) -> Sequence[int] | None:
        if not (self._access.thread_states and connected.inventory.jvm):
            return None
        try:
            return connected.session.thread_states(timer.left())
        except DeadlinePassed:
            return None
        except SessionLost as exc:
            self._once("jvm.thread_states_refused", error=str(exc))
            return None

    # -- what is told of it ------------------------------------------------------------------------

    def _served(
        self,
        inventory: Inventory,
        layout: Layout,
        values: Sequence[float],
        families: list[Family],
        timer: Timer,
    ) -> Snapshot:
        counts, dropped = inventory.counts, inventory.dropped()
        whole = len(values)
        layout, values = limit_samples(layout, values, self._access.most_samples)
        cut = whole - len(values)
        mine = {family.name for family in self._telemetry.families()} | {PHASES}
        beaten = conflicts(layout, families)
        self._log_dropped(dropped)
        detail = _partial_detail(counts, cut)
        self._turn("partial" if detail else "up", detail)
        reasons = [drop.reason for drop in dropped] + ["conflict"] * len(beaten)
        reasons += ["limit"] * cut
        unread = inventory.unread(MOST_NAMED)
        self._record(timer, counts, Served(len(values), reasons, unread, bool(detail)))
        layout, values = without(layout, values, mine)
        kept = [family for family in families if family.name not in beaten]
        own = self._telemetry.families()
        return Snapshot(layout, values, [*kept, *own], self._telemetry.phases())

    def _failed(self, exc: TargetError, timer: Timer) -> Snapshot:
        if isinstance(exc, SessionLost):
            self._disconnect()
        self._turn("down", str(exc))
        self._record(timer, Counts(), Served(up=False))
        return Snapshot(EMPTY, (), self._telemetry.families())

    def _disconnect(self) -> None:
        if self._connected:
            self._connected.session.close()
            self._connected = None

    def _record(self, timer: Timer, counts: Counts, served: Served) -> None:
        self._telemetry.record(
            ScrapeRecord(
                up=served.up,
                partial=served.partial,
                seconds=timer.taken(),
                samples=served.samples,
                mbeans={
                    "present": counts.present,
                    "planned": counts.planned,
                    "fetched": counts.fetched,
                    "failed": counts.failed,
                    "cut": counts.cut,
                },
                attributes={
                    "planned": counts.planned_attributes,
                    "fetched": counts.fetched_attributes,
                    "failed": counts.failed_attributes,
                },
                phases=timer.phases,
                dropped=served.dropped,
                unread=served.unread,
                cached=counts.cached,
            )
        )
        self._last = LastScrape(
            datetime.now(UTC),
            timer.taken(),
            served.samples,
            counts.fetched,
            counts.failed,
            tuple(served.unread),
        )
        log.debug(
            "scrape.done",
            seconds=timer.taken(),
            samples=served.samples,
            up=served.up,
        )

    def _turn(self, state: str, detail: str) -> None:
        """Note a change of state, and tell of it once."""
        if (state, detail) == (self._state, self._detail):
            return
        if state != self._state:
            self._since = datetime.now(UTC)
            say = log.info if state == "up" else log.warning
            target = self._loaded.address.url
            say("target.state", state=state, target=target, detail=detail)
        self._state, self._detail = state, detail

    def _log_dropped(self, dropped: Sequence[Dropped]) -> None:
        for drop in dropped:
            self._once(
                "sample.dropped",
                reason=drop.reason,
                detail=drop.detail,
                where=drop.where,
            )

    def _once(self, event: str, **fields: str) -> None:
        key = (event, str(fields))
        if key not in self._logged and len(self._logged) < MOST_LOGGED:
            self._logged.add(key)
            log.warning(event, **fields)


class Timer:
    """The time that one scrape has, and where it went."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._start = time.monotonic()
        self.phases: dict[str, float] = {}

    def left(self) -> float:
        """Return the seconds left; raises DeadlinePassed when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed("no time left")
        return left

    def taken(self) -> float:
        """Return the seconds since the scrape began."""
        return time.monotonic() - self._start

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure a part of the scrape."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.phases[name] = time.monotonic() - start


class Pause:
    """How long to leave a target alone that could not be reached."""

    def __init__(self) -> None:
        self._failures = 0
        self._until = 0.0
        self._error: TargetError | None = None

    def after(self, error: TargetError) -> None:
        """Begin another pause; jitter keeps many bridges from coming back as one."""
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        self._until = time.monotonic() + random.uniform(longest / 2, longest)  # noqa: S311
        self._error = error

    def check(self) -> None:
        """Raise what the last attempt raised, while the pause lasts."""
        if self._error and time.monotonic() < self._until:
            raise type(self._error)(str(self._error))


def _partial_detail(counts: Counts, cut_samples: int) -> str:
    reasons = {
        "MBeans did not answer in time": counts.late,
        "MBeans are beyond --limit.mbeans": counts.cut,
        "samples are beyond --limit.samples": cut_samples,
    }
    return "; ".join(f"{count:,} {text}" for text, count in reasons.items() if count)
