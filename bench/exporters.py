"""What is measured: programs that turn a JVM's MBeans into a page for Prometheus."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import yaml

from java_tools import HERE, maven_jar, tool

if TYPE_CHECKING:
    from processes import Processes
    from targets import TargetJvm

PEER_GROUP = "io.prometheus.jmx"
PEER_VERSION = "1.0.1"
START_SECONDS = 60
TARGET_KEYS = {
    "hostPort",
    "jmxUrl",
    "username",
    "password",
    "ssl",
    "startDelaySeconds",
    "httpServer",
    "openTelemetry",
}
"""What a rule file says of a target or server of its own: not its choice here."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A running exporter."""

    url: str
    pids: tuple[int, ...]
    """Its own processes: none for an agent, which lives in the application's."""
    start_seconds: float
    """From the start of the process until its port was open."""


class Exporter(Protocol):
    """A kind of exporter; *port* is where it shall listen."""

    @property
    def name(self) -> str: ...

    def javaagent(self, processes: Processes, rules: Path, port: int) -> str | None:
        """Return what the target's JVM must load, or None if it may stay as it is."""

    def start(
        self, processes: Processes, target: TargetJvm, rules: Path, port: int
    ) -> Endpoint: ...


@dataclass(frozen=True, slots=True)
class Ours:
    """JMX Bridge, run from this checkout."""

    python: str = sys.executable
    name: str = "ours"

    def javaagent(self, processes: Processes, rules: Path, port: int) -> None:  # noqa: ARG002
        return None

    def start(
        self, processes: Processes, target: TargetJvm, rules: Path, port: int
    ) -> Endpoint:
        command = [
            self.python,
            "-m",
            "jmx_bridge",
            "serve",
            f"--jmx.target=127.0.0.1:{target.jmx_port}",
            f"--config.file={prepared(processes, self.name, rules)}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        # As it is installed: compiled once, and not anew at each start.
        ours = ("JMX_BRIDGE", "PYTHONDONTWRITEBYTECODE")
        environ = {
            k: v for k, v in os.environ.items() if not any(one in k for one in ours)
        }
        # The Java that runs the others, too.
        environ["JAVA_HOME"] = str(Path(tool("java")).resolve().parents[1])
        begin = time.perf_counter()
        process = processes.start(self.name, command, cwd=HERE.parent, environ=environ)
        process.wait_for_port(port, seconds=START_SECONDS)
        return endpoint(port, begin, process.pid)


@dataclass(frozen=True, slots=True)
class Standalone:
    """jmx_exporter's server, in a process of its own like ours."""

    jar: Path | None = None
    options: tuple[str, ...] = ()
    """For its JVM; none is how it is used by default."""
    name: str = "standalone"

    def javaagent(self, processes: Processes, rules: Path, port: int) -> None:  # noqa: ARG002
        return None

    def start(
        self, processes: Processes, target: TargetJvm, rules: Path, port: int
    ) -> Endpoint:
        jar = self.jar or peer_jar(processes, "jmx_prometheus_httpserver")
        where = {"hostPort": f"127.0.0.1:{target.jmx_port}"}
        config = prepared(processes, self.name, rules, where)
        command = [tool("java"), *self.options, "-jar", jar, f"127.0.0.1:{port}"]
        begin = time.perf_counter()
        process = processes.start(self.name, [*command, config])
        process.wait_for_port(port, seconds=START_SECONDS)
        return endpoint(port, begin, process.pid)


@dataclass(frozen=True, slots=True)
class Agent:
    """jmx_exporter's agent, inside the application's JVM: no remote calls at all."""

    jar: Path | None = None
    name: str = "agent"

    def javaagent(self, processes: Processes, rules: Path, port: int) -> str:
        jar = self.jar or peer_jar(processes, "jmx_prometheus_javaagent")
        return f"{jar}=127.0.0.1:{port}:{prepared(processes, self.name, rules)}"

    def start(
        self,
        processes: Processes,  # noqa: ARG002
        target: TargetJvm,
        rules: Path,  # noqa: ARG002
        port: int,
    ) -> Endpoint:
        begin = time.perf_counter()
        target.process.wait_for_port(port, seconds=START_SECONDS)
        return endpoint(port, begin)


def endpoint(port: int, begin: float, *pids: int) -> Endpoint:
    url = f"http://127.0.0.1:{port}/metrics"
    return Endpoint(url, pids, time.perf_counter() - begin)


def peer_jar(processes: Processes, artifact: str) -> Path:
    return maven_jar(processes, PEER_GROUP, artifact, PEER_VERSION)


def prepared(
    processes: Processes,
    exporter: str,
    rules: Path,
    additions: dict[str, str] | None = None,
) -> Path:
    """Write *rules* without what concerns another target, and with *additions*."""
    document = yaml.safe_load(rules.read_text()) or {}
    kept = {key: value for key, value in document.items() if key not in TARGET_KEYS}
    path = processes.directory / f"{exporter}-{rules.stem}.yml"
    path.write_text(yaml.safe_dump(kept | (additions or {}), sort_keys=False))
    return path
