"""
Measures exporters side by side: same target, same rules, one scrape each in turn.

Every process listens on the loopback and is ended by its pid, also on Ctrl-C.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from exporters import Agent, Endpoint, Exporter, Ours, Standalone
from java_tools import CACHE, HERE, java_version
from measure import (
    CaseResult,
    Figures,
    Observation,
    Page,
    Results,
    cpu_seconds,
    fetch,
    machine_busy_seconds,
    observe,
    resident_bytes,
)
from processes import BenchError, Processes, free_port
from report import case_table, summary
from targets import Kafka, Replay, Synthetic, Target, TargetJvm, warm_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

SIZES = (1_000, 10_000, 50_000)
QUICK_SIZES = (1_000, 10_000)
OWN_RULES = (HERE / "rules" / "kafka-style.yml", HERE / "rules" / "catch-all.yml")
EXPORTERS = ("ours", "standalone", "agent")
REFERENCE = "standalone"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, and how often."""

    cases: tuple[tuple[Target, Path], ...]
    exporters: tuple[Exporter, ...]
    rounds: int
    unmeasured_rounds: int
    """At least as many go before the measured ones, and as many as take that long:"""
    unmeasured_seconds: float
    """a JVM's compilers need scrapes to warm up, more of them if they are short."""
    compressed: bool


@dataclass(frozen=True, slots=True)
class Contestant:
    """An exporter at work on its target."""

    exporter: Exporter
    target: TargetJvm
    endpoint: Endpoint
    application_rss_before: int

    def scrape(self, plan: Plan) -> Observation:
        return observe(
            self.endpoint.url,
            application=self.target.pid,
            exporter=self.endpoint.pids,
            compressed=plan.compressed,
        )


def main() -> int:
    options = arguments()
    # A shell's background job starts with Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, exit_on_signal)
    signal.signal(signal.SIGHUP, exit_on_signal)
    try:
        run(plan_of(options), options.output)
    except BenchError as exc:
        print(f"bench: {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    return 0


def exit_on_signal(number: int, _frame: FrameType | None) -> None:
    """Leave through every context on the way, which ends what was started."""
    raise SystemExit(128 + number)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_argument_group("what is measured against")
    what.add_argument("--sizes", type=int, nargs="+", metavar="MBEANS")
    what.add_argument("--rules", type=Path, nargs="+", metavar="FILE")
    what.add_argument(
        "--kafka",
        type=int,
        nargs="?",
        const=1_000,
        metavar="PARTITIONS",
        help="a real broker instead of synthetic MBeans (default: 1000 partitions)",
    )
    what.add_argument(
        "--replay",
        type=Path,
        metavar="DIR",
        help="recorded MBeans instead: DIR has app/ReplayApp.java and inventories/",
    )
    what.add_argument(
        "--inventory",
        nargs="+",
        default=["cassandra-5.0"],
        metavar="NAME",
        help="which of DIR/inventories/NAME.tsv.gz (default: cassandra-5.0)",
    )
    who = parser.add_argument_group("what is measured")
    who.add_argument("--exporters", nargs="+", choices=EXPORTERS, default=EXPORTERS)
    who.add_argument(
        "--python", default=sys.executable, help="the Python that runs ours"
    )
    who.add_argument("--standalone-jar", type=Path, metavar="JAR")
    who.add_argument("--agent-jar", type=Path, metavar="JAR")
    who.add_argument(
        "--standalone-jvm",
        default="",
        metavar="OPTIONS",
        help='for the standalone server\'s JVM, as in "-Xmx256m" (default: none)',
    )
    how = parser.add_argument_group("how")
    how.add_argument("--quick", action="store_true", help="fewer MBeans and rounds")
    how.add_argument("--rounds", type=int, metavar="N", help="measured rounds")
    how.add_argument("--gzip", action="store_true", help="ask for compressed pages")
    how.add_argument(
        "--output", type=Path, default=HERE / "results" / "latest.json", metavar="FILE"
    )
    return parser.parse_args()


def plan_of(options: argparse.Namespace) -> Plan:
    exporters: dict[str, Exporter] = {
        "ours": Ours(options.python),
        "standalone": Standalone(
            options.standalone_jar, tuple(options.standalone_jvm.split())
        ),
        "agent": Agent(options.agent_jar),
    }
    return Plan(
        cases=cases_of(options),
        exporters=tuple(exporters[name] for name in options.exporters),
        rounds=options.rounds or (5 if options.quick else 9),
        unmeasured_rounds=1 if options.quick else 2,
        unmeasured_seconds=6 if options.quick else 30,
        compressed=options.gzip,
    )


def cases_of(options: argparse.Namespace) -> tuple[tuple[Target, Path], ...]:
    targets: list[Target] = []
    if options.kafka:
        targets.append(Kafka(options.kafka))
    if options.replay:
        program = options.replay / "app" / "ReplayApp.java"
        inventories = options.replay / "inventories"
        targets += [
            Replay(program, inventories / f"{n}.tsv.gz") for n in options.inventory
        ]
    if options.sizes or not targets:
        sizes = options.sizes or (QUICK_SIZES if options.quick else SIZES)
        targets += [Synthetic(size) for size in sizes]
    rules = options.rules or OWN_RULES
    for file in (*rules, *(t.inventory for t in targets if isinstance(t, Replay))):
        if not file.is_file():
            raise BenchError(f"{file}: no such file")
    return tuple((target, file) for target in targets for file in rules)


def run(plan: Plan, output: Path) -> None:
    """Measure all cases; what is done is saved after each."""
    logs = CACHE / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    when = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    done: list[CaseResult] = []
    for target, rules in plan.cases:
        print(f"{target.name}, {rules.stem} ...", file=sys.stderr, flush=True)
        with Processes(logs / f"{target.name}-{rules.stem}") as processes:
            done.append(measure_case(plan, target, rules, processes))
        results = Results(when, machine(), plan.compressed, tuple(done))
        results.save(output)
        print(case_table(done[-1]), flush=True)
    print(summary(results))
    print(f"saved in {os.path.relpath(output)}", file=sys.stderr)


def measure_case(
    plan: Plan, target: Target, rules: Path, processes: Processes
) -> CaseResult:
    contestants, mbeans = line_up(plan, target, rules, processes)
    first = {c.exporter.name: fetch_first(c, plan) for c in contestants}
    warm_rounds(contestants, plan)

    quiet = Quiet(contestants)
    rounds = [one_round(contestants, plan, number) for number in range(plan.rounds)]
    others = quiet.others_share()

    pages = {name: seen.page for name, seen in rounds[-1].items()}
    reference = pages.get(REFERENCE) or next(iter(pages.values()))
    figures = tuple(
        figures_of(c, first[c.exporter.name], rounds, reference.series())
        for c in contestants
    )
    return CaseResult(target.name, mbeans, rules.stem, others, figures)


def line_up(
    plan: Plan, target: Target, rules: Path, processes: Processes
) -> tuple[list[Contestant], int]:
    """
    Start the exporters and their targets, and return them with the number of MBeans.

    Those that ask from outside share one target; an agent changes its JVM and gets one
    of its own.
    """
    contestants: list[Contestant] = []
    shared: TargetJvm | None = None
    mbeans = 0
    for exporter in plan.exporters:
        port = free_port()
        javaagent = exporter.javaagent(processes, rules, port)
        jvm = None if javaagent else shared
        if jvm is None:
            jvm = target.start(processes, f"target-{exporter.name}", javaagent)
            mbeans = warm_up(processes, jvm)
            if not javaagent:
                break_in(plan, jvm, rules, processes)
        if not javaagent:
            shared = jvm
        before = resident_bytes(jvm.pid)
        endpoint = exporter.start(processes, jvm, rules, port)
        contestants.append(Contestant(exporter, jvm, endpoint, before))
    return contestants, mbeans


def break_in(plan: Plan, target: TargetJvm, rules: Path, processes: Processes) -> None:
    """
    Let one of each kind ask the target once, and end it.

    A JVM compiles what serves a new kind of client, for more than a second; whoever asks
    first would pay for that in the first scrape that is measured.
    """
    for exporter in plan.exporters:
        if isinstance(exporter, Agent):
            continue
        port = free_port()
        endpoint = exporter.start(processes, target, rules, port)
        fetch(endpoint.url, compressed=plan.compressed)
        for pid in endpoint.pids:
            processes.stop(pid)


def fetch_first(contestant: Contestant, plan: Plan) -> Page:
    return fetch(contestant.endpoint.url, compressed=plan.compressed)


def warm_rounds(contestants: Sequence[Contestant], plan: Plan) -> None:
    end = time.monotonic() + plan.unmeasured_seconds
    number = 0
    while number < plan.unmeasured_rounds or time.monotonic() < end:
        one_round(contestants, plan, number)
        number += 1


def one_round(
    contestants: Sequence[Contestant], plan: Plan, number: int
) -> dict[str, Observation]:
    """Scrape each exporter once; who is first changes from round to round."""
    start = number % len(contestants)
    order = [*contestants[start:], *contestants[:start]]
    return {c.exporter.name: c.scrape(plan) for c in order}


class Quiet:
    """Watches how much of the machine unrelated work takes, from its making on."""

    def __init__(self, contestants: Sequence[Contestant]) -> None:
        own = {pid for c in contestants for pid in (c.target.pid, *c.endpoint.pids)}
        self._pids = {*own, os.getpid()}
        self._begin = time.monotonic()
        self._others = self._others_seconds()

    def _others_seconds(self) -> float:
        return machine_busy_seconds() - sum(map(cpu_seconds, self._pids))

    def others_share(self) -> float:
        available = (time.monotonic() - self._begin) * (os.cpu_count() or 1)
        return max(0.0, self._others_seconds() - self._others) / available


def figures_of(
    contestant: Contestant,
    first: Page,
    rounds: Sequence[dict[str, Observation]],
    expected: set[str],
) -> Figures:
    name = contestant.exporter.name
    seen = [observations[name] for observations in rounds]
    page = seen[-1].page
    series = page.series()
    if not series:
        raise BenchError(f"{name}: the rules made no series of this target")
    return Figures(
        exporter=name,
        version=page.version(),
        start_seconds=contestant.endpoint.start_seconds,
        first_seconds=first.seconds,
        first_samples=len(first.series()),
        warm_seconds=tuple(o.page.seconds for o in seen),
        application_cpu=tuple(o.application_cpu for o in seen),
        exporter_cpu=tuple(o.exporter_cpu for o in seen),
        exporter_rss=resident_bytes(*contestant.endpoint.pids),
        application_rss=resident_bytes(contestant.target.pid),
        application_rss_before=contestant.application_rss_before,
        samples=len(series),
        page_bytes=page.size,
        missing=len(expected - series),
        extra=len(series - expected),
    )


def machine() -> dict[str, str]:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {
        "cpu": f"{os.cpu_count()} x {cpu}",
        "memory": f"{memory:.0f} GiB",
        "kernel": platform.release().partition("-")[0],
        "python": platform.python_version(),
        "java": java_version(),
    }


if __name__ == "__main__":
    sys.exit(main())
