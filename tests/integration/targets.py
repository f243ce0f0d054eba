"""Real JVMs to watch: started, waited for, and ended by their process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache"
COMPAT = Path(os.environ.get("JMX_BRIDGE_COMPAT") or ROOT.parent / "shared" / "compat")
FUZZER = [
    ROOT / "tests" / "java" / "jmxbridge" / f"{name}.java"
    for name in ("FuzzReader", "SentStreams", "Bombs")
]
"""The fuzzer of the reader of streams; its classes go with the helper's own."""


def free_port() -> int:
    """Return a TCP port of loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def java(tool: str = "java") -> str:
    home = os.environ.get("JAVA_HOME")
    path = f"{home}/bin/{tool}" if home else shutil.which(tool)
    assert path, f"{tool} not found: tests need a JDK"
    return path


def compile_java(
    sources: list[Path], to: Path, *flags: str, needs: tuple[Path, ...] = ()
) -> Path:
    """Compile *sources* unless the classes are newer than them and what they need."""
    to.mkdir(parents=True, exist_ok=True)
    stamp = to / ".stamp"
    newest = max(path.stat().st_mtime for path in (*sources, *needs))
    if not stamp.exists() or stamp.stat().st_mtime < newest:
        command = [java("javac"), "-nowarn", "-proc:none", *flags, "-d", str(to)]
        subprocess.run([*command, *map(str, sources)], check=True)
        stamp.touch()
    return to


def jmx_flags(port: int, *more: str) -> list[str]:
    prefix = "-Dcom.sun.management.jmxremote"
    return [
        f"{prefix}.port={port}",
        f"{prefix}.rmi.port={port}",
        f"{prefix}.authenticate=false",
        f"{prefix}.ssl=false",
        f"{prefix}.host=127.0.0.1",
        "-Djava.rmi.server.hostname=127.0.0.1",
        *more,
    ]


@dataclass
class Target:
    """A running JVM with a remote JMX port."""

    process: subprocess.Popen[str]
    port: int
    lines: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"service:jmx:rmi:///jndi/rmi://{self.address}/jmxrmi"

    def tell(self, line: str) -> str:
        """Send one line to the target's standard input and return its answer."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


def start_target(
    classes: Path | str,
    main: str,
    *arguments: str,
    flags: tuple[str, ...] = (),
    port: int = 0,
    log: Path | None = None,
    jvm: str = "",
) -> Target:
    """
    Start *main* and wait until it prints a line that begins with "ready".

    *log* is where its standard error goes; *jvm* another java than the machine's.
    """
    port = port or free_port()
    command = [
        jvm or java(),
        "-Xmx1g",
        *jmx_flags(port),
        *flags,
        "-cp",
        str(classes),
        main,
    ]
    with log.open("w") if log else nullcontext() as errors:
        process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        )
    target = Target(process, port)
    assert process.stdout
    for line in process.stdout:
        target.lines.append(line)
        if line.startswith("ready"):
            return target
    target.stop()
    raise AssertionError(f"{main} ended before it was ready: {target.lines}")


def wait_until(true, seconds: float = 10.0):
    """Poll until *true()* is truthy; return that."""
    end = time.monotonic() + seconds
    while True:
        found = true()
        if found:
            return found
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
