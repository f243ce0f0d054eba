"""
Scrapes for a long time while everything moves, and looks for growth.

`python tests/integration/soak.py --minutes 60`: clients that scrape every second, MBeans
that come and go, a table whose rows change, a target that is restarted and stopped, and a
network that breaks. The result is a table of what the bridge and the target held.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import statistics
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from integration.proxy import Proxy
from integration.support import Served, moving
from integration.targets import CACHE, Target, start_target

MBEANS = 300
CHURN = 40
RULES = "rules: [{pattern: '.*'}]\n"


@dataclass(frozen=True)
class Sample:
    """What was held at one moment."""

    seconds: float
    mebibytes: float
    threads: int
    descriptors: int
    clients: int
    """Sessions that the target keeps for us."""
    connections: int
    """Threads that the target keeps for our connections."""


@dataclass
class Report:
    """What came of it."""

    samples: list[Sample] = field(default_factory=list)
    scrapes: int = 0
    good: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0
    restarts: int = 0
    cuts: int = 0
    stops: int = 0

    def quarter(self, which: int, name: str) -> float:
        """The median in one quarter of the time, 0 to 3."""
        size = max(1, len(self.samples) // 4)
        some = self.samples[which * size : (which + 1) * size]
        return statistics.median(getattr(sample, name) for sample in some)

    def problems(self) -> list[str]:
        """What grew, or was wrong; empty if all is well."""
        found = list(self.wrong[:5])
        for name, slack in (("mebibytes", 8), ("threads", 4), ("descriptors", 6)):
            early, late = self.quarter(1, name), self.quarter(3, name)
            if late > early * 1.03 + slack:
                found.append(f"{name} grew from {early:.0f} to {late:.0f}")
        for name, most in (("clients", 3), ("connections", 12)):
            peak = max(getattr(sample, name) for sample in self.samples)
            if peak > most:
                found.append(f"the target had {peak} {name} for us")
        if self.good < self.scrapes / 2:
            found.append(f"only {self.good} of {self.scrapes} scrapes were whole")
        return found


class Soak:
    """One run."""

    def __init__(self, seconds: float, interval: float, clients: int) -> None:
        self._seconds = seconds
        self._interval = interval
        self._clients = clients
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._calm = threading.Event()
        self.report = Report()

    def run(self) -> Report:
        classes = moving()
        target = start_target(classes, "MovingApp")
        proxy = Proxy(target.port)
        rules = CACHE / f"soak-{target.port}.yml"
        rules.write_text(RULES)
        url = f"service:jmx:rmi:///jndi/rmi://{proxy.address}/jmxrmi"
        served = Served(f"--jmx.url={url}", f"--config.file={rules}")
        scrapers = [
            threading.Thread(target=self._scrape, args=(served,))
            for _ in range(self._clients)
        ]
        try:
            for thread in scrapers:
                thread.start()
            target = self._live(target, proxy, served, classes)
        finally:
            self._end.set()
            for thread in scrapers:
                thread.join(30)
            served.stop()
            proxy.close()
            target.stop()
            rules.unlink()
        return self.report

    def _live(
        self, target: Target, proxy: Proxy, served: Served, classes: Path
    ) -> Target:
        """Move everything for as long as it takes; return the last target."""
        start = time.monotonic()
        chance = random.Random(1)
        target.tell(f"many\tt:type=M,n=#\t0\t{MBEANS}")
        at, restart, fault, sample = 0, 45.0, 20.0, 5.0
        while (now := time.monotonic() - start) < self._seconds:
            time.sleep(1.0)
            target.tell(f"many\tt:type=N,n=#\t{at + CHURN}\t{at + 2 * CHURN}")
            target.tell(f"few\tt:type=N,n=#\t{at}\t{at + CHURN}") if at else None
            at += CHURN
            target.tell(f"put\tt:type=T\tRows\ttable\tk{at}=1,k{at + 1}=2")
            if now > sample:
                sample += max(2.0, self._seconds / 200)
                self._sample(target, served, now)
            if now > restart:
                restart += 60.0
                port = target.port
                target.stop()
                target = start_target(classes, "MovingApp", port=port)
                target.tell(f"many\tt:type=M,n=#\t0\t{MBEANS}")
                self.report.restarts += 1
                at = 0
            elif now > fault:
                fault += 25.0
                self._fault(chance, target, proxy)
        return target

    def _fault(self, chance: random.Random, target: Target, proxy: Proxy) -> None:
        if chance.random() < 0.5:
            proxy.cut_after(chance.randrange(1000, 50_000))
            self.report.cuts += 1
        else:
            os.kill(target.process.pid, signal.SIGSTOP)
            time.sleep(chance.uniform(0.2, 3.0))
            os.kill(target.process.pid, signal.SIGCONT)
            self.report.stops += 1

    def _sample(self, target: Target, served: Served, now: float) -> None:
        pid = served.process.pid
        status = Path(f"/proc/{pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        assert found
        self.report.samples.append(
            Sample(
                round(now, 1),
                round(int(found[1]) / 1024, 1),
                len(list(Path(f"/proc/{pid}/task").iterdir())),
                len(list(Path(f"/proc/{pid}/fd").iterdir())),
                int(target.tell("clients")),
                int(target.tell("threads")),
            )
        )

    def _scrape(self, served: Served) -> None:
        while not self._end.wait(self._interval):
            start = time.monotonic()
            try:
                _, _, page = served.get("/metrics")
            except OSError as exc:
                with self._lock:
                    self.report.wrong.append(f"no answer: {exc}")
                continue
            took = time.monotonic() - start
            with self._lock:
                self.report.scrapes += 1
                self.report.good += "\njmx_scrape_error 0.0\n" in page
                self.report.slowest = max(self.report.slowest, took)
                if took > 12:
                    self.report.wrong.append(f"a scrape took {took:.1f} s")
                if "\njmx_up 0.0\n" in page and "t_M_Count" in page:
                    self.report.wrong.append("old values beside jmx_up 0")


def soak(seconds: float, interval: float = 1.0, clients: int = 4) -> Report:
    """Run for *seconds*, each client scraping every *interval* seconds."""
    return Soak(seconds, interval, clients).run()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--interval", type=float, default=1.0, metavar="SECONDS")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--output", type=Path, metavar="FILE")
    options = parser.parse_args()
    report = soak(options.minutes * 60, options.interval, options.clients)
    if options.output:
        options.output.write_text(json.dumps(asdict(report), indent=1))
    print(f"{report.scrapes:,} scrapes, {report.good:,} whole, slowest {report.slowest:.1f} s;"
          f" {report.restarts} restarts, {report.cuts} cut connections, {report.stops} stops")  # fmt: skip
    print(f"{'quarter':<14}{'1':>8}{'2':>8}{'3':>8}{'4':>8}")
    for name in ("mebibytes", "threads", "descriptors", "clients", "connections"):
        numbers = "".join(f"{report.quarter(i, name):>8.0f}" for i in range(4))
        print(f"{name:<14}{numbers}")
    for problem in report.problems():
        print(f"PROBLEM: {problem}")
    return 1 if report.problems() else 0


if __name__ == "__main__":
    sys.exit(main())
