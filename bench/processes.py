"""Starts programs, and ends by pid each one that it started."""

from __future__ import annotations

import socket
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

POLL_SECONDS = 0.02
GRACE_SECONDS = 10
LOG_TAIL_LINES = 15


class BenchError(Exception):
    """The benchmark cannot go on."""


@dataclass(frozen=True, slots=True)
class Process:
    """A started program and the file that takes what it prints."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.popen.pid

    def wait_for_line(self, start: str, *, seconds: float) -> None:
        """Return when a line of the log begins with *start*."""
        self._wait(
            lambda: any(line.startswith(start) for line in self._lines()),
            f"a line {start!r} in its output",
            seconds,
        )

    def wait_for_port(self, port: int, *, seconds: float) -> None:
        """Return when somebody listens on *port*."""
        self._wait(lambda: is_open(port), f"an open port {port}", seconds)

    def wait_for_end(self, *, seconds: float) -> list[str]:
        """Return what the program printed, once it has ended well."""
        try:
            status = self.popen.wait(seconds)
        except subprocess.TimeoutExpired as exc:
            raise BenchError(self._story(f"still runs after {seconds} s")) from exc
        if status != 0:
            raise BenchError(self._story(f"ended with status {status}"))
        return self._lines()

    def _wait(self, ready: Callable[[], bool], what: str, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not ready():
            if self.popen.poll() is not None:
                status = self.popen.returncode
                raise BenchError(self._story(f"ended with status {status}"))
            if time.monotonic() > end:
                raise BenchError(self._story(f"no sign of {what} after {seconds} s"))
            time.sleep(POLL_SECONDS)

    def _lines(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines()

    def _story(self, what: str) -> str:
        tail = "\n  ".join(self._lines()[-LOG_TAIL_LINES:])
        return f"{self.name}: {what}; the end of its output:\n  {tail}"


class Processes:
    """
    The programs of one case; leaving the context ends those that still run.

    Each gets a session of its own, so that Ctrl-C reaches only the benchmark, which
    then ends them.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._started: list[Process] = []
        directory.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._end([p.popen for p in self._started if p.popen.poll() is None])

    def stop(self, pid: int) -> None:
        """End the process with this identifier, one of those started."""
        self._end([p.popen for p in self._started if p.pid == pid])

    def _end(self, running: Sequence[subprocess.Popen[bytes]]) -> None:
        for popen in running:
            popen.terminate()
        end = time.monotonic() + GRACE_SECONDS
        for popen in running:
            try:
                popen.wait(max(0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                popen.kill()
                popen.wait()

    def start(
        self,
        name: str,
        command: Sequence[object],
        *,
        cwd: Path | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Process:
        """Start *command*, each word as text; the output goes to a file *name*.log."""
        log = self.directory / f"{name}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=environ,
                start_new_session=True,
            )
        process = Process(name, popen, log)
        self._started.append(process)
        return process

    def run(
        self, name: str, command: Sequence[object], *, seconds: float = 120
    ) -> list[str]:
        """Run *command* to its end and return the lines it printed."""
        return self.start(name, command).wait_for_end(seconds=seconds)


def is_open(port: int) -> bool:
    """Whether somebody listens on *port* of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
