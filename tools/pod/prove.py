"""
Prove what the pod of examples/kubernetes/shop.yaml promises, on podman and a real Kafka.

Tomcat writes numbered lines to its standard output, 2,000 a second, while things go wrong:
the log sidecar is stopped and started, Kafka is away, files rotate, Tomcat restarts. In
the end every line has to be in Kafka. Meanwhile a Prometheus scrapes the pod; each
query of the dashboards has to have data, and no other port may answer from outside.
"""

from __future__ import annotations

import argparse
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from pod import (
    KAFKA,
    MANIFEST,
    ROOT,
    TOPIC,
    Pod,
    PodFailed,
    Signals,
    Stopped,
    everything,
    fetch,
    kafka_answers,
    podman,
    say,
    serve_customers,
    value_of,
    wait_for,
)

NUMBER = re.compile(r"proof line (\d+),")
RATE = 2000
FILES = 100
"""Of 1 MB each: none of the proof's lines is deleted before it was counted."""


@dataclass
class Most:
    """The most that each container used."""

    pod: Pod
    memory: dict[str, int] = field(default_factory=dict)
    """Bytes."""
    cpu: dict[str, float] = field(default_factory=dict)
    """Processors' seconds until now."""
    seconds: float = 0.0

    def measure(self) -> None:
        """Read what the kernel counted; a container that was started again counts anew."""
        for name in ("tomcat", "logs", "jmx-bridge"):
            group = podman(
                "inspect",
                self.pod.container(name),
                "--format",
                "{{.State.Pid}}",
                check=False,
            )
            with suppress(OSError, ValueError):
                groups = dict(
                    line.split(":", 2)[1:]
                    for line in Path(f"/proc/{int(group)}/cgroup")
                    .read_text()
                    .splitlines()
                )
                if "memory" in groups:
                    usage = Path(
                        f"/sys/fs/cgroup/memory{groups['memory']}/memory.max_usage_in_bytes"
                    )
                    spent = Path(
                        f"/sys/fs/cgroup/cpuacct{groups['cpuacct' if 'cpuacct' in groups else 'cpu,cpuacct']}/cpuacct.usage"
                    )
                else:
                    usage = Path(f"/sys/fs/cgroup{groups['']}/memory.peak")
                    spent = None
                self.memory[name] = max(
                    self.memory.get(name, 0), int(usage.read_text())
                )
                if spent:
                    self.cpu[name] = int(spent.read_text()) / 1e9


class Writer:
    """Lets Tomcat write numbered lines, whatever happens to it."""

    def __init__(self, pod: Pod) -> None:
        self._pod = pod
        self.written = 0

    def write(self, last: int) -> None:
        """Write the lines up to *last*; after a restart goes on where the files end."""
        opener = build_opener(ProxyHandler({}))
        while self.written < last:
            url = f"{self._pod.url(8080)}/shop/lines.jsp?from={self.written + 1}&to={last}&rate={RATE}"
            try:
                with opener.open(url, timeout=600) as answer:
                    answer.read()
                self.written = last
            except OSError:
                wait_for("Tomcat", lambda: fetch(f"{self._pod.url(8080)}/shop/"), 120)
                self.written = max(in_files(self._pod), default=0)


def in_files(pod: Pod) -> Counter[int]:
    """Return the numbers of the lines that are in the log's files."""
    command = "cat /opt/tomcat/logs/stdout.2*.log"
    text = podman("exec", pod.container("tomcat"), "sh", "-c", command)
    return Counter(map(int, NUMBER.findall(text)))


def files(pod: Pod) -> int:
    return len(
        podman(
            "exec",
            pod.container("tomcat"),
            "sh",
            "-c",
            "ls /opt/tomcat/logs/stdout.2*.log",
        ).split()
    )


def in_kafka() -> Counter[int]:
    """Return the numbers of the lines that Kafka has by now; new records come all the time."""
    end = kcat("-Q", "-t", f"{TOPIC}:0:-1").rpartition("offset ")[2].strip()
    if not end.isdecimal() or end == "0":
        return Counter()
    text = kcat("-C", "-q", "-t", TOPIC, "-p", "0", "-o", "beginning", "-c", end)
    return Counter(map(int, NUMBER.findall(text)))


def last_record() -> str:
    """Return Kafka's newest record, with its key and headers."""
    form = "key %k, headers %h, value %s"
    return kcat("-C", "-q", "-t", TOPIC, "-o", "-1", "-c", "1", "-f", form).strip()


def kcat(*arguments: str) -> str:
    """Run kcat beside Kafka; it never takes longer than a minute."""
    command = ("timeout", "60", "kcat", "-b", "kafka:9092", *arguments)
    return podman("exec", KAFKA, *command, check=False)


class Proof:
    """One run: lines, faults, and what came of it."""

    def __init__(self, pod: Pod, prometheus: str, lines: int, faults: set[str]) -> None:
        self.pod, self.prometheus, self.lines, self.faults = (
            pod,
            prometheus,
            lines,
            faults,
        )
        self.writer = Writer(pod)
        self.most = Most(pod)
        self.failed: list[str] = []

    def check(self, name: str, holds: bool, detail: str = "") -> None:
        say(
            f"{'holds ' if holds else 'FAILED'}  {name}{f': {detail}' if detail else ''}"
        )
        if not holds:
            self.failed.append(name)

    def run(self) -> None:
        stop = threading.Event()

        def measure() -> None:
            while not stop.wait(2):
                self.most.measure()

        measuring = threading.Thread(target=measure)
        measuring.start()
        try:
            self.write_through_faults()
        finally:
            stop.set()
            measuring.join()
        self.wait_until_quiet()
        self.count()

    def write_through_faults(self) -> None:
        part = self.lines // 10
        logs = self.pod.container("logs")
        with ThreadPoolExecutor(1) as pool:
            self.writer.write(part)
            if "term" in self.faults:
                writing = pool.submit(self.writer.write, 3 * part)
                time.sleep(part / RATE)
                say("the log sidecar gets SIGTERM, and is started again after 3 s")
                podman("stop", "-t", "40", logs)
                time.sleep(3)
                podman("start", logs)
                writing.result()
            if "kill" in self.faults:
                writing = pool.submit(self.writer.write, 5 * part)
                time.sleep(part / RATE)
                say("the log sidecar gets SIGKILL, and is started again after 3 s")
                podman("kill", "-s", "KILL", logs)
                time.sleep(3)
                podman("start", logs)
                writing.result()
            if "kafka" in self.faults:
                self.without_kafka(pool, logs, 8 * part)
            if "tomcat" in self.faults:
                writing = pool.submit(self.writer.write, 9 * part)
                time.sleep(part / RATE / 3)
                say("Tomcat is restarted")
                podman("restart", "-t", "20", self.pod.container("tomcat"))
                writing.result()
        self.writer.write(self.lines)

    def without_kafka(self, pool: ThreadPoolExecutor, logs: str, last: int) -> None:
        say("Kafka goes away for two minutes")
        writing = pool.submit(self.writer.write, last)
        time.sleep(2)
        podman("stop", "-t", "30", KAFKA)
        gone = time.monotonic()
        if "term-without-kafka" in self.faults:
            time.sleep(30)
            say("the log sidecar gets SIGTERM while Kafka is away")
            podman("stop", "-t", "40", logs)
            podman("start", logs)
        if "kill-without-kafka" in self.faults:
            time.sleep(30)
            say("the log sidecar gets SIGKILL while Kafka is away")
            podman("kill", "-s", "KILL", logs)
            time.sleep(1)
            podman("start", logs)
        time.sleep(max(0.0, 120 - (time.monotonic() - gone)))
        podman("start", KAFKA)
        wait_for("Kafka", kafka_answers, 60)
        say("Kafka is back")
        writing.result()

    def wait_until_quiet(self) -> None:
        before, quiet = -1, 0
        while quiet < 4:
            now = len(in_kafka())
            if now >= self.lines:
                return
            quiet = quiet + 1 if now == before else 0
            before = now
            time.sleep(10)

    def count(self) -> None:
        written, arrived = in_files(self.pod), in_kafka()
        whole = set(range(1, self.lines + 1))
        self.check(
            "every line is in the files",
            set(written) == whole,
            f"{len(written):,} lines, {files(self.pod)} files",
        )
        lost = sorted(set(written) - set(arrived))
        twice = sum(arrived.values()) - len(arrived)
        self.check(
            "every line is in Kafka",
            not lost,
            f"{len(arrived):,} lines, {len(lost):,} lost{f' (the first {lost[:3]})' if lost else ''}, {twice:,} more than once",
        )
        say(f"a record: {last_record()}")
        for name in sorted(self.most.memory):
            limit = podman(
                "inspect",
                self.pod.container(name),
                "--format",
                "{{.HostConfig.Memory}}",
            ).strip()
            used = self.most.memory[name]
            self.check(
                f"{name} stays below its memory",
                used < int(limit),
                f"{used / 2**20:.0f} of {int(limit) / 2**20:.0f} MiB at most; {self.most.cpu.get(name, 0):.1f} s of processor since its last start",
            )

    def ports(self) -> None:
        with ThreadPoolExecutor(64) as pool:
            found = [
                port
                for port, is_open in enumerate(pool.map(self.opens, range(1, 65536)), 1)
                if is_open
            ]
        self.check(
            "only 8080 and 12346 answer from outside",
            found == [8080, 12346],
            str(found),
        )

    def opens(self, port: int) -> bool:
        with socket.socket() as sock:
            sock.settimeout(2)
            return sock.connect_ex((self.pod.address, port)) == 0

    def dashboards(self) -> None:
        boards = [
            str(ROOT / "deploy" / "dashboards" / f"{name}.json")
            for name in ("tomcat", "jvm")
        ]
        done = subprocess.run(
            [sys.executable, ROOT / "tools" / "packs" / "prove.py", self.prometheus, *boards],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        for line in done.stdout.splitlines():
            if found := re.match(r"(\S+): (\d+) of (\d+)", line):
                self.check(
                    f"the queries of {found[1]} have data",
                    found[2] == found[3],
                    f"{found[2]} of {found[3]}",
                )
            else:
                say(line)
        wait_for("jmx_up", lambda: value_of(self.prometheus, "jmx_up") == 1, 60)
        up = value_of(self.prometheus, 'jmx_up{track="stable"}')
        self.check("JMX Bridge reads Tomcat", up == 1, f"jmx_up {up}")


def with_lines() -> None:
    """Build the shop's image with the page that writes lines."""
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        (context / "lines.jsp").write_bytes(
            Path(__file__).with_name("lines.jsp").read_bytes()
        )
        (context / "Dockerfile").write_text(
            "FROM localhost/shop:dev\nCOPY --chmod=644 lines.jsp /opt/tomcat/webapps/shop/\n"
        )
        subprocess.run(
            ["buildah", "bud", "-q", "--isolation", "oci", "--runtime", "runc", "--network", "host",
             "--pull-never", "-t", "localhost/shop:proof", folder],
            check=True, capture_output=True,
        )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, default=MANIFEST)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument(
        "--faults", default="term,kafka,term-without-kafka,tomcat",
        help="of term, kill, kafka, term-without-kafka, kill-without-kafka, tomcat",
    )  # fmt: skip
    parser.add_argument(
        "--only-logs", action="store_true", help="leave out ports and dashboards"
    )
    options = parser.parse_args()
    signals = Signals()
    signals.listen()
    with_lines()
    environment = {"tomcat": {"LOG_FILE_SIZE": "1M", "LOG_FILES": str(FILES)}}
    try:
        with everything(
            options.manifest,
            publish=False,
            environment=environment,
            images={"tomcat": "localhost/shop:proof"},
            signals=signals,
        ) as (pod, prometheus):
            shopping = threading.Thread(
                target=shop, args=(f"{pod.url(8080)}/shop/", signals), daemon=True
            )
            shopping.start()
            proof = Proof(
                pod, prometheus, options.lines, set(options.faults.split(","))
            )
            proof.run()
            if not options.only_logs:
                proof.ports()
                proof.dashboards()
            signals.note()
            shopping.join()
    except Stopped:
        return 130
    except PodFailed as failed:
        print(f"pod: {failed}", file=sys.stderr)
        return 1
    if proof.failed:
        say(f"failed: {'; '.join(proof.failed)}")
    return bool(proof.failed)


def shop(url: str, signals: Signals) -> None:
    with suppress(Stopped):
        serve_customers(url, signals)


if __name__ == "__main__":
    sys.exit(main())
