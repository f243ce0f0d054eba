"""Programs that the demo runs: started, watched, and stopped with it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class DemoFailed(Exception):
    """What went wrong, in words for the user."""


class Stopped(Exception):
    """The user has seen enough."""


@dataclass(slots=True)
class Signals:
    """Whether somebody asked to stop."""

    asked: bool = False

    def listen(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal for the wish to stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note)

    def note(self, *_: object) -> None:
        """Remember it; an exception here could interrupt the clearing up."""
        self.asked = True


@dataclass(frozen=True, slots=True)
class Child:
    """A process of ours and the file that it writes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self) -> str:
        """Return the last lines of the log."""
        lines = self.log.read_text(errors="replace").splitlines()[-15:]
        return "\n".join(["", f"the end of {self.log}:", *(f"  {s}" for s in lines)])


def find_tool(name: str, what: str, package: str) -> str:
    """Return the path of a program."""
    home = os.environ.get("JAVA_HOME")
    found = (home and shutil.which(name, path=f"{home}/bin")) or shutil.which(name)
    if not found:
        raise DemoFailed(
            f"{what} is needed, and no {name} was found\n"
            f"  hint: apt-get install {package}"
        )
    return found


@cache
def leash() -> tuple[str, ...]:
    """Return what makes the kernel end a program when this process is killed."""
    setpriv = "setpriv", "--pdeathsig", "TERM"
    try:
        subprocess.run([*setpriv, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return ()  # not Linux, or a setpriv that is too old
    return setpriv


@contextmanager
def running(
    name: str, command: list[str], log: Path, environment: dict[str, str] | None = None
) -> Iterator[Child]:
    """Run a program; it ends with the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*leash(), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            # Ctrl-C is for us alone: we stop the programs in order.
            start_new_session=True,
        )
    try:
        yield Child(name, process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run_tool(name: str, command: list[str], log: Path, signals: Signals) -> None:
    """Run a program that ends by itself, and well."""
    with running(name, command, log) as tool:
        while tool.process.poll() is None:
            check(signals)
            time.sleep(0.1)
        if tool.process.returncode:
            raise DemoFailed(f"{name} failed{tool.tail()}")


def check(signals: Signals, *children: Child) -> None:
    """Raise when it is time to stop: asked to, or a program died."""
    if signals.asked:
        raise Stopped
    for child in children:
        code = child.process.poll()
        if code is not None:
            raise DemoFailed(f"{child.name} ended with code {code}{child.tail()}")


def wait_until(
    true: Callable[[], bool], seconds: float, signals: Signals, *children: Child
) -> None:
    """Wait until the last of *children* is ready."""
    end = time.monotonic() + seconds
    while not true():
        check(signals, *children)
        if time.monotonic() > end:
            late = children[-1]
            raise DemoFailed(f"{late.name} isn't ready in {seconds:g} s{late.tail()}")
        time.sleep(0.2)


def say(text: str) -> None:
    """Tell the user at once, also through a pipe."""
    print(f"demo: {text}", flush=True)
