"""Reads clocks, memory and pages, and keeps the figures."""

from __future__ import annotations

import gzip
import http.client
import json
import math
import os
import re
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from processes import BenchError

if TYPE_CHECKING:
    from collections.abc import Sequence

SCRAPE_SECONDS = 300
SETTLE_SECONDS = 0.2
"""After an answer: what collectors and closing connections still do belongs to it."""

OWN_METRICS = re.compile(
    r"jmx_(?:scrape_|config_|exporter_|up\b|bridge_)|jvm_|process_"
)
"""What exporters say of themselves and of the JVM they live in: not made of MBeans."""
SCRAPE_ERROR = re.compile(r"^jmx_scrape_error(?:\{[^}]*\})? (\S+)", re.MULTILINE)
VERSION = re.compile(
    r'^jmx_(?:exporter|bridge)_build_info\{.*version="([^"]*)"', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Page:
    """One scrape's answer."""

    seconds: float
    size: int
    """Bytes as they came."""
    text: str

    def series(self) -> set[str]:
        """Return the names and labels of the samples that were made of MBeans."""
        return {
            line.rpartition(" ")[0]
            for line in self.text.splitlines()
            if line and line[0] != "#" and not OWN_METRICS.match(line)
        }

    def version(self) -> str:
        found = VERSION.search(self.text)
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One scrape and what it cost, in seconds."""

    page: Page
    application_cpu: float
    exporter_cpu: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One exporter in one case, in seconds and bytes; tuples are by warm round."""

    exporter: str
    version: str
    start_seconds: float
    first_seconds: float
    first_samples: int
    warm_seconds: tuple[float, ...]
    application_cpu: tuple[float, ...]
    exporter_cpu: tuple[float, ...]
    exporter_rss: int
    application_rss: int
    application_rss_before: int
    samples: int
    page_bytes: int
    missing: int
    """Series that the case's reference exporter has and this one lacks."""
    extra: int

    @property
    def warm_median(self) -> float:
        return statistics.median(self.warm_seconds)

    @property
    def warm_p95(self) -> float:
        return percentile(self.warm_seconds, 0.95)

    @property
    def application_cpu_mean(self) -> float:
        return statistics.fmean(self.application_cpu)

    @property
    def exporter_cpu_mean(self) -> float:
        return statistics.fmean(self.exporter_cpu)

    @property
    def cpu_mean(self) -> float:
        return self.application_cpu_mean + self.exporter_cpu_mean


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A target and a rule file, and each exporter's figures."""

    target: str
    mbeans: int
    rules: str
    others_cpu: float
    """Share of the machine's CPU that went to unrelated work during the warm rounds."""
    figures: tuple[Figures, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """A whole run."""

    when: str
    machine: dict[str, str]
    gzip: bool
    cases: tuple[CaseResult, ...]

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")


def load_results(path: Path) -> Results:
    """Read what `Results.save` wrote."""
    document = json.loads(path.read_text())
    cases = tuple(
        CaseResult(**{**case, "figures": tuple(Figures(**f) for f in case["figures"])})
        for case in document["cases"]
    )
    return Results(**{**document, "cases": cases})


def percentile(values: Sequence[float], share: float) -> float:
    """Return the percentile by nearest rank: the 95th of few values is the largest."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def fetch(url: str, *, compressed: bool) -> Page:
    """GET *url* as Prometheus would, and read the answer to its end."""
    parts = urlsplit(url)
    headers = {
        "Accept": "text/plain;version=0.0.4",
        "Accept-Encoding": "gzip" if compressed else "identity",
        "X-Prometheus-Scrape-Timeout-Seconds": str(SCRAPE_SECONDS),
    }
    begin = time.perf_counter()
    connection = http.client.HTTPConnection(parts.netloc, timeout=SCRAPE_SECONDS)
    try:
        connection.request("GET", parts.path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as exc:
        raise BenchError(f"{url}: {exc!r}") from exc
    finally:
        connection.close()
    seconds = time.perf_counter() - begin

    if answer.status != http.HTTPStatus.OK:
        raise BenchError(f"{url}: status {answer.status}: {body[:300]!r}")
    size = len(body)
    if answer.getheader("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return checked(url, Page(seconds, size, body.decode()))


def checked(url: str, page: Page) -> Page:
    """Return *page* if it is a complete scrape."""
    error = SCRAPE_ERROR.search(page.text)
    if error and float(error[1]) != 0:
        raise BenchError(f"{url}: the exporter says jmx_scrape_error {error[1]}")
    return page


def observe(
    url: str, *, application: int, exporter: Sequence[int], compressed: bool
) -> Observation:
    """Scrape once; *application* and *exporter* are pids."""
    application_before = cpu_seconds(application)
    exporter_before = sum(map(cpu_seconds, exporter))

    page = fetch(url, compressed=compressed)

    time.sleep(SETTLE_SECONDS)
    return Observation(
        page,
        cpu_seconds(application) - application_before,
        sum(map(cpu_seconds, exporter)) - exporter_before,
    )


def cpu_seconds(pid: int) -> float:
    """
    Return the CPU time of all threads of a process, ended ones included.

    Its CPU clock rather than utime and stime of /proc/PID/stat: the same account in
    nanoseconds, where stat's ticks of 10 ms are coarser than a small scrape.
    The number is Linux's for a process' clock.
    """
    return time.clock_gettime((~pid << 3) | 2)


def resident_bytes(*pids: int) -> int:
    """Return the resident memory (VmRSS) of some processes."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1]) * 1024
    return total


def machine_busy_seconds() -> float:
    """Return the CPU time that the whole machine has spent working."""
    user, nice, system, _idle, _iowait, irq, softirq = map(
        int, Path("/proc/stat").read_text().split()[1:8]
    )
    ticks: int = os.sysconf("SC_CLK_TCK")
    return (user + nice + system + irq + softirq) / ticks
