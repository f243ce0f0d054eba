"""
The bridge's own metrics: jmx_exporter's names where it has them, its own besides.

Strategy: a table of what there is; families are made from it at once. Those about a scrape
are made when it is recorded, so that they describe the scrape that serves them, not the one
before. Only what outlives a scrape, such as counters, is kept as numbers.
"""

from __future__ import annotations

import platform
import resource
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import DeferredFamily, Family, MetricType, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STATM = Path("/proc/self/statm")
PAGE_BYTES = resource.getpagesize()


@dataclass(frozen=True, slots=True)
class Metric:
    """One of the bridge's metrics, without values."""

    name: str
    """The family's: without a counter's "_total" and an info's "_info"."""
    help: str
    labels: tuple[str, ...] = ()
    """Sorted."""
    type: MetricType = MetricType.GAUGE

    def at(self, value: float) -> Family:
        """Return the family with its only sample."""
        return self.by({(): value})

    def by(self, values: Mapping[tuple[str, ...], float]) -> Family:
        """Return the family with a sample for each tuple of its labels' values."""
        samples = [
            Sample(tuple(zip(self.labels, key, strict=True)), float(value))
            for key, value in sorted(values.items())
        ]
        return Family(self.name, self.type, self.help, tuple(samples))


def _counter(name: str, text: str, *labels: str) -> Metric:
    return Metric(name, text, labels, MetricType.COUNTER)


def _info(name: str, text: str, *labels: str) -> Metric:
    return Metric(name, text, labels, MetricType.INFO)


# -- about one scrape --------------------------------------------------------------------------

UP = Metric("jmx_up", "Whether this scrape could read the target.")
# As in jmx_exporter, its text included; 1 also where the scrape is partial.
ERROR = Metric("jmx_scrape_error", "Non-zero if this scrape failed.")
PARTIAL = Metric(
    "jmx_bridge_scrape_partial",
    "1 if MBeans did not answer in time, or a limit cut something off.",
)
SECONDS = Metric(
    "jmx_scrape_duration_seconds", "Time this JMX scrape took, in seconds."
)
TIMEOUT_SECONDS = Metric(
    "jmx_bridge_scrape_timeout_seconds", "Time this scrape had, in seconds."
)
CACHED = Metric(
    "jmx_scrape_cached_beans", "Number of beans with their matching rule cached"
)
MBEANS = Metric(
    "jmx_bridge_mbeans",
    "MBeans of this scrape: present, planned, fetched, failed, cut.",
    ("state",),
)
ATTRIBUTES = Metric(
    "jmx_bridge_attributes",
    "Attributes of this scrape: planned, fetched, failed; all of an MBean that failed, too.",
    ("state",),
)
SAMPLES = Metric("jmx_bridge_samples", "Samples that rules made.")
DROPPED = Metric(
    "jmx_bridge_samples_dropped",
    "Samples that this scrape had to leave out.",
    ("reason",),
)
RULE_DROPPED = Metric(
    "jmx_bridge_rule_dropped",
    "Samples that rules made and this scrape had to leave out, by rule.",
    ("rule", "reason"),
)
RULE_SAMPLES = Metric(
    "jmx_bridge_rule_samples",
    "Samples that each rule made, before a limit cuts any off.",
    ("rule",),
)
RULE_SECONDS = _counter(
    "jmx_bridge_rule_planning_seconds",
    "Time for which each rule's pattern was tried, in seconds of all threads together.",
    "rule",
)
UNREAD = Metric(
    "jmx_bridge_mbean_unread",
    "MBeans that this scrape could not read, some of them if there are many.",
    ("mbean", "reason"),
)
PHASE_SECONDS = Metric(
    "jmx_bridge_scrape_phase_seconds", "Seconds of this scrape, by phase.", ("phase",)
)
PHASES = PHASE_SECONDS.name

# -- about the process -------------------------------------------------------------------------

RELOADED = _counter(
    "jmx_config_reload_success",
    "Number of times configuration have successfully been reloaded.",
)
REFUSED = _counter(
    "jmx_config_reload_failure",
    "Number of times configuration have failed to be reloaded.",
)
TIMED_OUT = _counter("jmx_scrape_timeout", "Total number of scrape timeouts.")
SUCCESS_AT = Metric(
    "jmx_bridge_last_success_timestamp_seconds",
    "When the target was last read, in seconds since 1970.",
)
CONNECTS = _counter("jmx_bridge_connects", "Sessions opened.")
CONNECT_FAILURES = _counter(
    "jmx_bridge_connect_failures", "Sessions that could not be opened.", "reason"
)
CONFIG_OK = Metric(
    "jmx_bridge_config_last_reload_successful",
    "Whether the rule file in use is the newest.",
)
CONFIG_AT = Metric(
    "jmx_bridge_config_last_reload_success_timestamp_seconds",
    "When the rules in use were read, in seconds since 1970.",
)
MEMORY = Metric(
    "jmx_bridge_process_resident_memory_bytes",
    "Resident memory of the bridge itself, in bytes.",
)
CPU = _counter(
    "jmx_bridge_process_cpu_seconds",
    "Time that the bridge itself spent on processors, in seconds.",
)
EXPORTER_BUILD = _info(
    "jmx_exporter_build", "JMX Exporter build information", "name", "version"
)
BRIDGE_BUILD = _info(
    "jmx_bridge_build", "What serves this.", "java", "python", "version"
)


@dataclass(frozen=True, slots=True)
class ScrapeRecord:
    """The numbers of one scrape."""

    up: bool
    """Whether the target could be read."""
    partial: bool
    """Whether something is missing: late MBeans, or what a limit cut off."""
    seconds: float
    samples: int
    """How many rules made, without those that a limit cut off."""
    mbeans: Mapping[str, int] = field(default_factory=dict)
    """By state: present, planned, fetched, failed, cut."""
    attributes: Mapping[str, int] = field(default_factory=dict)
    """By state: planned, fetched, failed."""
    timeout: float = 0.0
    """The seconds that it had."""
    phases: Mapping[str, float] = field(default_factory=dict)
    """
    Seconds by phase, but for `render`, which comes later.

    `connect`: a session, next to nothing where one is open. `inventory`: the names of
    MBeans, and which are new. `plan`: new MBeans are described, read
    for the first time, and judged by the rules. `fetch`: planned MBeans are read. `assemble`:
    values become families.
    """
    dropped: Iterable[str] = ()
    """A reason for each sample that was planned and not served."""
    culprits: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """How many of them some rules made: (where the rule stands, reason)."""
    rule_samples: Mapping[str, int] = field(default_factory=dict)
    """How many each rule made, by its place; {} unless that is asked for."""
    rule_seconds: Mapping[str, float] = field(default_factory=dict)
    """How long each rule's pattern was tried since the rules were read, as *rule_samples*."""
    unread: Iterable[tuple[str, str]] = ()
    """Some of the MBeans that could not be read: (ObjectName, reason)."""
    cached: int = 0
    """How many values `cache: true` decided."""
    timed_out: bool = False
    """The target did not answer in time, or some MBeans did not."""

    def families(self) -> Iterator[Family]:
        """Yield what is told of this scrape, but for its phases."""
        yield UP.at(self.up)
        yield ERROR.at(not self.up or self.partial)
        yield PARTIAL.at(self.partial)
        yield SECONDS.at(self.seconds)
        yield TIMEOUT_SECONDS.at(self.timeout)
        yield CACHED.at(self.cached)
        yield MBEANS.by(_keyed(self.mbeans))
        yield ATTRIBUTES.by(_keyed(self.attributes))
        yield SAMPLES.at(self.samples)
        yield DROPPED.by(_keyed(Counter(self.dropped)))
        yield RULE_DROPPED.by(self.culprits)
        yield RULE_SAMPLES.by(_keyed(self.rule_samples))
        yield RULE_SECONDS.by(_keyed(self.rule_seconds))
        yield UNREAD.by(dict.fromkeys(self.unread, 1.0))


OWN_NAMES = frozenset(
    one.name for one in tuple(globals().values()) if isinstance(one, Metric)
)
"""The names of all of them, whether a page has them or not."""
BEFORE_ALL = tuple(
    metric.at(0) for metric in (UP, ERROR, PARTIAL, SECONDS, CACHED, SAMPLES)
)
"""What is told before the first scrape."""
UNANSWERED = (UP.at(0), ERROR.at(1), PARTIAL.at(0))
"""What is told of a scrape to a request that got no values: the target's side is unknown."""


class Telemetry:
    """The metrics of one bridge; safe for threads."""

    def __init__(self, version: str, java: str) -> None:
        """*version* is the bridge's, *java* the embedded JVM's."""
        self._lock = threading.Lock()
        self._scrape = BEFORE_ALL
        self._phases: Mapping[str, float] = {}
        self._connects = self._reloaded = self._refused = self._timed_out = 0
        self._connect_failures: Counter[tuple[str, ...]] = Counter()
        self._success_at = 0.0
        self._config_ok, self._config_at = True, time.time()
        self._build = (
            EXPORTER_BUILD.by({("jmx_bridge", version): 1}),
            BRIDGE_BUILD.by({(java, platform.python_version(), version): 1}),
        )

    def connected(self) -> None:
        """Count a session."""
        with self._lock:
            self._connects += 1

    def connect_failed(self, reason: str) -> None:
        """Count a session that could not be opened; *reason* is a TargetError's."""
        with self._lock:
            self._connect_failures[reason,] += 1

    def reloaded(self, *, ok: bool) -> None:
        """Count a rule file that was read again, and taken (*ok*) or refused."""
        with self._lock:
            self._config_ok = ok
            if ok:
                self._reloaded += 1
                self._config_at = time.time()
            else:
                self._refused += 1

    def record(self, record: ScrapeRecord) -> None:
        """Take the numbers of the scrape that is about to be served."""
        families = tuple(family for family in record.families() if family.samples)
        with self._lock:
            self._scrape = families
            self._phases = dict(record.phases)
            self._timed_out += record.timed_out
            if record.up:
                self._success_at = time.time()

    def families(self) -> list[Family]:
        """Return all metrics that have samples, but for the phases of the scrape."""
        with self._lock:
            return [*self._scrape, *self._about_process()]

    def unanswered(self) -> list[Family]:
        """Return what is true for a request that got no values."""
        with self._lock:
            return [*UNANSWERED, *self._about_process()]

    def phases(self) -> DeferredFamily:
        """
        Return the phases of the scrape just recorded, and `render`, from now until it is made.

        They are the scrape's own: several may render it, while the next one runs.
        """
        start = time.monotonic()
        with self._lock:
            scraped = self._phases

        def make() -> Family:
            rendering = time.monotonic() - start
            return PHASE_SECONDS.by(_keyed({**scraped, "render": rendering}))

        return DeferredFamily(PHASES, make)

    def _about_process(self) -> Iterator[Family]:
        yield RELOADED.at(self._reloaded)
        yield REFUSED.at(self._refused)
        yield TIMED_OUT.at(self._timed_out)
        yield SUCCESS_AT.at(self._success_at)
        yield CONNECTS.at(self._connects)
        if self._connect_failures:
            yield CONNECT_FAILURES.by(self._connect_failures)
        yield CONFIG_OK.at(self._config_ok)
        yield CONFIG_AT.at(self._config_at)
        yield CPU.at(time.process_time())
        if memory := resident_memory():
            yield MEMORY.at(memory)
        yield from self._build


def resident_memory() -> int:
    """Return the bytes of this process that are in memory; 0 where that is not told."""
    try:
        pages = STATM.read_text("ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * PAGE_BYTES


def _keyed(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    """Return *values* of a metric with one label, as Metric.by takes them."""
    return {(key,): value for key, value in values.items()}
