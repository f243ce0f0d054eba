"""What the webhook tells of itself: its metrics."""

from __future__ import annotations

import platform
import threading
import time
from bisect import bisect_left
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING

from .._version import __version__
from ..model import Family, MetricType, Sample
from ..observe.telemetry import BRIDGE_BUILD, CPU, MEMORY, Metric, resident_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .verdict import Verdict

REQUESTS = Metric(
    "jmx_bridge_webhook_requests",
    "Requests for admission that came.",
    type=MetricType.COUNTER,
)
INJECTED = Metric(
    "jmx_bridge_webhook_injected",
    "Pods that were given the sidecar.",
    type=MetricType.COUNTER,
)
SKIPPED = Metric(
    "jmx_bridge_webhook_skipped",
    "Pods that were left without it, or had it, by reason.",
    ("reason",),
    MetricType.COUNTER,
)
FAILED = Metric(
    "jmx_bridge_webhook_failed",
    "Requests for admission that could not be answered as they should be, by reason.",
    ("reason",),
    MetricType.COUNTER,
)
SECONDS = Metric(
    "jmx_bridge_webhook_duration_seconds",
    "Time from a request's head to its answer, in seconds.",
    ("le",),
    MetricType.HISTOGRAM,
)
EXPIRES = Metric(
    "jmx_bridge_webhook_certificate_expiry_timestamp_seconds",
    "When the certificate in use expires, in seconds since 1970; of several the earliest.",
)
CERTIFICATE_OK = Metric(
    "jmx_bridge_webhook_certificate_last_reload_successful",
    "Whether the certificate in use is the newest.",
)
BOUNDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
FAILURES = ("bad_review", "busy", "internal", "slow", "too_large", "too_slow")
"""
Why a request could not be answered as it should be.

`bad_review`, `too_large` and `slow` are of the body; `busy`: too many bodies at once;
`too_slow`: deciding took too long; `internal`: an error of ours.
"""


class Counts:
    """The metrics of one webhook; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = self._injected = 0
        self._skipped: Counter[tuple[str, ...]] = Counter()
        self._failed: Counter[tuple[str, ...]] = Counter(
            {(reason,): 0 for reason in FAILURES}
        )
        self._slots = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0
        self.expires = 0.0
        """When the certificate in use expires, in seconds since 1970."""
        self._certificate_ok = True

    def answered(self, seconds: float) -> None:
        """Count a request, and how long it took."""
        with self._lock:
            self._requests += 1
            self._seconds += seconds
            self._slots[bisect_left(BOUNDS, seconds)] += 1

    def decided(self, verdict: Verdict) -> None:
        """Count what became of a pod."""
        with self._lock:
            if verdict.injected:
                self._injected += 1
            else:
                self._skipped[verdict.reason,] += 1

    def failed(self, reason: str) -> None:
        """Count a request that could not be answered as it should be; *reason* is of FAILURES."""
        with self._lock:
            self._failed[reason,] += 1

    def certified(self, expires: float) -> None:
        """Note the certificate in use."""
        with self._lock:
            self.expires, self._certificate_ok = expires, True

    def certificate_refused(self) -> None:
        """Note that there is another certificate, which can't be used."""
        with self._lock:
            self._certificate_ok = False

    def families(self) -> list[Family]:
        """Return all metrics."""
        with self._lock:
            families = [*self._families()]
        build = ("", platform.python_version(), __version__)
        families += [BRIDGE_BUILD.by({build: 1}), CPU.at(time.process_time())]
        if memory := resident_memory():
            families.append(MEMORY.at(memory))
        return families

    def _families(self) -> Iterator[Family]:
        yield REQUESTS.at(self._requests)
        yield INJECTED.at(self._injected)
        if self._skipped:
            yield SKIPPED.by(self._skipped)
        yield FAILED.by(self._failed)
        yield Family(SECONDS.name, SECONDS.type, SECONDS.help, (*self._durations(),))
        yield EXPIRES.at(self.expires)
        yield CERTIFICATE_OK.at(self._certificate_ok)

    def _durations(self) -> Iterator[Sample]:
        bounds = [*map(str, BOUNDS), "+Inf"]
        for bound, count in zip(bounds, accumulate(self._slots), strict=True):
            yield Sample((("le", bound),), float(count), "_bucket")
        yield Sample((), float(sum(self._slots)), "_count")
        yield Sample((), self._seconds, "_sum")
