"""
The bridge's own metrics: jmx_exporter's names where it has them, `jmx_bridge_*` besides.

Gauges describe the scrape that serves them, not the one before.
"""

from __future__ import annotations

import platform
import time
from collections import Counter as Tally
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge

from .model import DeferredFamily, Family, MetricType, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prometheus_client import Metric

PHASES = "jmx_bridge_scrape_phase_seconds"
TYPES = {
    "counter": MetricType.COUNTER,
    "gauge": MetricType.GAUGE,
}


@dataclass(frozen=True, slots=True)
class ScrapeRecord:
    """The numbers of one scrape."""

    up: bool
    partial: bool
    seconds: float
    samples: int
    mbeans: Mapping[str, int] = field(default_factory=dict)
    """By state: present, planned, fetched, failed, cut."""
    attributes: Mapping[str, int] = field(default_factory=dict)
    """By state: planned, fetched, failed."""
    phases: Mapping[str, float] = field(default_factory=dict)
    """Seconds by phase."""
    dropped: Iterable[str] = ()
    """A reason for each sample that was planned and not served."""
    unread: Iterable[tuple[str, str]] = ()
    """Some of the MBeans that could not be read, with the reasons."""
    cached: int = 0


class Telemetry:
    """The metrics of one bridge, in a registry of their own."""

    def __init__(self, version: str, java: str) -> None:
        self._registry = registry = CollectorRegistry()

        def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
            return Gauge(name, text, labels, registry=registry)

        def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(name, text, labels, registry=registry)

        self._up = gauge("jmx_up", "Whether this scrape could read the target.")
        self._seconds = gauge(
            "jmx_scrape_duration_seconds", "Time this JMX scrape took, in seconds."
        )
        self._error = gauge("jmx_scrape_error", "Non-zero if this scrape failed.")
        self._cached = gauge(
            "jmx_scrape_cached_beans", "Number of beans with their matching rule cached"
        )
        self._reloaded = counter(
            "jmx_config_reload_success",
            "Number of times configuration have successfully been reloaded.",
        )
        self._refused = counter(
            "jmx_config_reload_failure",
            "Number of times configuration have failed to be reloaded.",
        )
        self._success = gauge(
            "jmx_bridge_last_success_timestamp_seconds",
            "When the target was last read, in seconds since 1970.",
        )
        self._connects = counter("jmx_bridge_connects", "Sessions opened.")
        self._failures = counter(
            "jmx_bridge_connect_failures",
            "Sessions that could not be opened.",
            ("reason",),
        )
        self._mbeans = gauge("jmx_bridge_mbeans", "MBeans of this scrape.", ("state",))
        self._attributes = gauge(
            "jmx_bridge_attributes", "Attributes of this scrape.", ("state",)
        )
        self._samples = gauge("jmx_bridge_samples", "Samples that rules made.")
        self._dropped = gauge(
            "jmx_bridge_samples_dropped",
            "Samples that this scrape had to leave out.",
            ("reason",),
        )
        self._unread = gauge(
            "jmx_bridge_mbean_unread",
            "MBeans that this scrape could not read, some of them if there are many.",
            ("mbean", "reason"),
        )
        self._phases = gauge(PHASES, "Seconds of this scrape, by phase.", ("phase",))
        self._partial = gauge(
            "jmx_bridge_scrape_partial",
            "1 if MBeans did not answer in time, or a limit cut something off.",
        )
        self._config_ok = gauge(
            "jmx_bridge_config_last_reload_successful",
            "Whether the rule file in use is the newest.",
        )
        self._config_at = gauge(
            "jmx_bridge_config_last_reload_success_timestamp_seconds",
            "When the rules in use were read, in seconds since 1970.",
        )
        build = gauge(
            "jmx_exporter_build_info",
            "JMX Exporter build information",
            ("name", "version"),
        )
        build.labels("jmx_bridge", version).set(1)
        build = gauge(
            "jmx_bridge_build_info", "What serves this.", ("java", "python", "version")
        )
        build.labels(java, platform.python_version(), version).set(1)
        self._config_ok.set(1)
        self._config_at.set(time.time())

    def connected(self) -> None:
        """Count a session."""
        self._connects.inc()

    def connect_failed(self, reason: str) -> None:
        """Count a session that could not be opened."""
        self._failures.labels(reason).inc()

    def reloaded(self, *, ok: bool) -> None:
        """Count a rule file."""
        (self._reloaded if ok else self._refused).inc()
        self._config_ok.set(ok)
        if ok:
            self._config_at.set(time.time())

    def record(self, record: ScrapeRecord) -> None:
        """Take the numbers of the scrape that is about to be served."""
        self._up.set(record.up)
        self._error.set(not record.up or record.partial)
        self._partial.set(record.partial)
        self._seconds.set(record.seconds)
        self._samples.set(record.samples)
        self._cached.set(record.cached)
        if record.up:
            self._success.set(time.time())
        _set_all(self._mbeans, record.mbeans)
        _set_all(self._attributes, record.attributes)
        _set_all(self._phases, record.phases)
        _set_all(self._dropped, Tally(record.dropped))
        self._unread.clear()
        for name, reason in record.unread:
            self._unread.labels(name, reason).set(1)

    def families(self) -> list[Family]:
        """Return all metrics with their values now, but for the phases of the scrape."""
        return [
            _family(metric)
            for metric in self._registry.collect()
            if metric.samples and metric.name != PHASES
        ]

    def phases(self) -> DeferredFamily:
        """
        Return the phases of the scrape just recorded; rendering lasts until they are asked for.

        They are the scrape's own: several may render it, while the next one runs.
        """
        start = time.monotonic()
        scraped = _family(next(iter(self._phases.collect())))

        def make() -> Family:
            render = Sample((("phase", "render"),), time.monotonic() - start)
            samples = sorted((*scraped.samples, render), key=lambda one: one.labels)
            return replace(scraped, samples=tuple(samples))

        return DeferredFamily(PHASES, make)

    def unanswered(self) -> list[Family]:
        """Return what is true for a request that got no values: the target's side is unknown."""
        told = {
            "jmx_up": 0.0,
            "jmx_scrape_error": 1.0,
            "jmx_bridge_scrape_partial": 0.0,
        }
        scraped = (
            "jmx_scrape_",
            "jmx_bridge_mbean",
            "jmx_bridge_attributes",
            "jmx_bridge_samples",
        )
        families = []
        for family in self.families():
            if family.name in told:
                sample = Sample((), told[family.name])
                families.append(
                    Family(family.name, family.type, family.help, (sample,))
                )
            elif not family.name.startswith(scraped):
                families.append(family)
        return families


def _set_all(gauge: Gauge, values: Mapping[str, float]) -> None:
    gauge.clear()
    for label, value in values.items():
        gauge.labels(label).set(value)


def _family(metric: Metric) -> Family:
    """Return one of prometheus_client's metrics as a family; creation times are left out."""
    kind = TYPES[metric.type]
    name = metric.name
    if name.endswith("_info"):
        kind, name = MetricType.INFO, name.removesuffix("_info")
    samples = [
        Sample(tuple(sorted(sample.labels.items())), sample.value)
        for sample in metric.samples
        if not sample.name.endswith("_created")
    ]
    samples.sort(key=lambda sample: sample.labels)
    return Family(name, kind, metric.documentation, tuple(samples))
