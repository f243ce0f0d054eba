"""
Measures exporters as pods run sidecars: a tenth of a CPU and 128 MiB each, one after the other.

It needs to make cgroups, so it is for root, and says so where it can't. With --image ours
runs in its container, too, by podman with the same limits.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from exporters import Ours, Standalone, endpoint, prepared
from java_tools import CACHE, HERE
from measure import cpu_seconds, fetch, resident_bytes
from processes import BenchError, Processes, free_port
from targets import Synthetic, warm_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from exporters import Endpoint, Exporter
    from processes import Process
    from targets import TargetJvm

PERIOD, QUOTA = 100_000, 10_000
"""Microseconds: of each period so many on a CPU."""
MEMORY = 128 << 20
LATER = 5
PAUSE_SECONDS = 3
"""Between scrapes, so that each finds its quota unspent."""
CGROUPS = Path("/sys/fs/cgroup")
NAME = f"jmx-bridge-bench-{os.getpid()}"
# Writes its own pid where the words before "--" say, and becomes the rest.
ENTER = (
    'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"'
)
RULER = "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
HEADER = (
    "| exporter | first s | CPU to it s | later s | slowest s | RSS MiB | samples |"
)


class Skipped(Exception):
    """There is nothing here by which to limit a process."""


@contextmanager
def limits() -> Iterator[list[Path]]:
    """Make cgroups with the limits, of version 2 or 1, and remove them."""
    if (CGROUPS / "cgroup.controllers").exists():
        files = {"cpu.max": f"{QUOTA} {PERIOD}", "memory.max": str(MEMORY)}
        wanted = {CGROUPS / NAME: files}
    else:
        cpu = {"cpu.cfs_period_us": str(PERIOD), "cpu.cfs_quota_us": str(QUOTA)}
        wanted = {
            CGROUPS / "cpu" / NAME: cpu,
            CGROUPS / "memory" / NAME: {"memory.limit_in_bytes": str(MEMORY)},
        }
    try:
        for folder, files in wanted.items():
            folder.mkdir()
            for name, value in files.items():
                (folder / name).write_text(value)
    except OSError as exc:
        _remove(wanted)
        raise Skipped(f"no cgroup can be made here: {exc}") from exc
    try:
        yield [*wanted]
    finally:
        _remove(wanted)


def _remove(folders: Iterable[Path]) -> None:
    for folder in filter(Path.exists, folders):
        folder.rmdir()


@dataclass(frozen=True, slots=True)
class Image:
    """JMX Bridge in its image, with podman's limits."""

    tag: str
    name: str = "ours, image"

    def javaagent(self, processes: Processes, rules: Path, port: int) -> None:  # noqa: ARG002
        return None

    def start(
        self, processes: Processes, target: TargetJvm, rules: Path, port: int
    ) -> Endpoint:
        if not shutil.which("podman"):
            raise Skipped("there is no podman")
        file = prepared(processes, "image", rules)
        file.chmod(0o644)
        begin = time.perf_counter()
        process = processes.start(
            "image",
            [
                *("podman", "run", "--rm", "--name", NAME, "--network", "host"),
                *("--no-healthcheck", f"--cpus={QUOTA / PERIOD}"),
                *(f"--memory={MEMORY}", f"--memory-swap={MEMORY}"),
                *("-v", f"{file}:/rules.yml:ro", self.tag, "--config.file=/rules.yml"),
                f"--jmx.target=127.0.0.1:{target.jmx_port}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
        )
        process.wait_for_port(port, seconds=60)
        ask = ["podman", "inspect", NAME, "--format", "{{.State.Pid}}"]
        pid = subprocess.check_output(ask, stderr=subprocess.DEVNULL, text=True)
        return endpoint(port, begin, int(pid))


class Limited(Processes):
    """Programs of one case, each in all of *groups*."""

    def __init__(self, directory: Path, groups: Sequence[Path]) -> None:
        super().__init__(directory)
        self._groups = groups

    def start(
        self,
        name: str,
        command: Sequence[object],
        *,
        cwd: Path | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Process:
        enter = ["sh", "-c", ENTER, "sh", *self._groups, "--"]
        return super().start(name, [*enter, *command], cwd=cwd, environ=environ)


@dataclass(frozen=True, slots=True)
class Case:
    """What all exporters have in common."""

    target: TargetJvm
    rules: Path
    directory: Path

    def measure(self, exporter: Exporter) -> str:
        """Start *exporter* within the limits, scrape it, end it, and return its row."""
        with (
            limits() as groups,
            Limited(
                self.directory, () if isinstance(exporter, Image) else groups
            ) as processes,
        ):
            begin = time.perf_counter()
            started = exporter.start(processes, self.target, self.rules, free_port())
            page = fetch(started.url, compressed=False)
            first = time.perf_counter() - begin
            cpu = sum(map(cpu_seconds, started.pids))
            later = []
            for _ in range(LATER):
                time.sleep(PAUSE_SECONDS)
                later.append(fetch(started.url, compressed=False).seconds)
            rss = resident_bytes(*started.pids) / 2**20
        times = f"{first:.1f} | {cpu:.2f} | {median(later):.2f} | {max(later):.2f}"
        return f"| {exporter.name} | {times} | {rss:.0f} | {len(page.series()):,} |"

    def break_in(self, exporter: Exporter) -> None:
        """Let *exporter* ask once without limits: the target compiles for each kind of client."""
        with Processes(self.directory) as processes:
            started = exporter.start(processes, self.target, self.rules, free_port())
            fetch(started.url, compressed=False)


def main() -> int:
    options = arguments()
    exporters: list[Exporter] = [Ours(), Standalone(options.standalone_jar)]
    if options.image:
        exporters.insert(0, Image(options.image))
    directory = CACHE / "sidecar"
    try:
        with limits():
            pass
        with Processes(directory) as processes:
            target = Synthetic(options.mbeans).start(processes, "target", None)
            warm_up(processes, target)
            case = Case(target, options.rules, directory)
            print(HEADER, RULER, sep="\n")
            for exporter in exporters:
                case.break_in(exporter)
                print(case.measure(exporter), flush=True)
    except Skipped as exc:
        print(f"bench: skipped: {exc}")
    except BenchError as exc:
        print(f"bench: {exc}", file=sys.stderr)
        return 1
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mbeans", type=int, default=1_000)
    rules = HERE / "rules" / "kafka-style.yml"
    parser.add_argument("--rules", type=Path, default=rules, metavar="FILE")
    parser.add_argument("--image", metavar="TAG", help="ours in its image, too")
    parser.add_argument("--standalone-jar", type=Path, metavar="JAR")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
