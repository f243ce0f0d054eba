"""
What /proc tells of the processes that we see: which are JVMs, and whose they are.

Format: proc(5). `status` and `cmdline` are for everybody to read; `maps`, `cwd` and `root`
only for whoever could trace the process (ptrace(2), PTRACE_MODE_READ_FSCREDS): its user and
group ids are ours, and it may do nothing that we may not.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROC = Path("/proc")
LIBRARIES = (b"/libjvm.so", b"/libj9vm")
# Of a list of mapped files; a JVM's own library comes long before.
MOST_MAPS = 8 << 20
MOST_WORDS = 1 << 20
LAST_THREAD = "VM Periodic Tas"
"""Of HotSpot's own, cut to the 15 characters that a thread's name has in /proc."""
# Options of the java command that take the next word.
WITH_VALUE = frozenset({"-cp", "-classpath", "--class-path", "-p", "--module-path"})
WITH_VALUE |= {"--add-modules", "--upgrade-module-path", "-d", "--describe-module"}


class Runtime(Enum):
    """What a process runs, as far as we may look."""

    HOTSPOT = auto()
    OPENJ9 = auto()
    NO_JVM = auto()
    HIDDEN = auto()
    """We may not look."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a process is, and what it may do."""

    users: frozenset[int]
    """Its real, effective, saved and file system user ids: one, unless it changed them."""
    groups: frozenset[int]
    user: int
    """The effective one."""
    group: int
    capabilities: int
    """The permitted ones, as bits."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process, as it was when it was looked at."""

    pid: int
    inner_pid: int
    """Its number in its own PID namespace."""
    owner: Owner
    catches_quit: bool
    """It has a handler for SIGQUIT, which would end it else."""
    started: int
    """When, in clock ticks since the machine's start."""
    command: tuple[str, ...]
    """Its words; they may hold secrets."""
    runtime: Runtime

    @property
    def is_jvm(self) -> bool:
        """Whether it is known to be a JVM."""
        return self.runtime in {Runtime.HOTSPOT, Runtime.OPENJ9}

    @property
    def looks_like_java(self) -> bool:
        """Whether its command is java's."""
        return bool(self.command) and Path(self.command[0]).name == "java"

    @property
    def label(self) -> str:
        """Its number and main class or jar, without any other word, for messages."""
        main = _main(self.command) if self.looks_like_java else ""
        program = Path(self.command[0]).name if self.command else "?"
        return f"{self.pid} ({main or program})"

    def age(self) -> float:
        """Return for how many seconds it has run."""
        ticks = os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - self.started / ticks


def _main(command: tuple[str, ...]) -> str:
    words = iter(command[1:])
    for word in words:
        if word in {"-jar", "-m", "--module"}:
            return Path(next(words, "")).name
        if word in WITH_VALUE:
            next(words, "")
        elif not word.startswith(("-", "@")):
            return word
    return ""


def processes(proc: Path = PROC) -> Iterator[Process]:
    """Yield all processes that we see but for the kernel's, by their numbers."""
    pids = [int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal()]
    for pid in sorted(pids):
        found = process(pid, proc)
        if found and found.command:
            yield found


def process(pid: int, proc: Path = PROC) -> Process | None:
    """Return the process *pid*; None if there is none."""
    folder = proc / str(pid)
    try:
        status = _fields((folder / "status").read_text("utf-8", "replace"))
        stat = (folder / "stat").read_text("utf-8", "replace")
        with (folder / "cmdline").open("rb") as file:
            words = file.read(MOST_WORDS).split(b"\0")
        users, groups = _numbers(status["Uid"]), _numbers(status["Gid"])
        return Process(
            pid,
            _numbers(status.get("NSpid", str(pid)))[-1],
            Owner(
                frozenset(users),
                frozenset(groups),
                users[1],
                groups[1],
                int(status["CapPrm"], 16),
            ),
            _has_quit(status["SigCgt"]) and not _has_quit(status["SigIgn"]),
            # The command's name stands in brackets, and may have some itself.
            int(stat.rpartition(")")[2].split()[19]),
            tuple(word.decode("utf-8", "replace") for word in words if word),
            _runtime(folder / "maps"),
        )
    except (OSError, KeyError, ValueError, IndexError):
        return None


def has_begun(pid: int, proc: Path = PROC) -> bool:
    """Whether a JVM has the thread that it starts last."""
    try:
        names = (proc / str(pid) / "task").glob("*/comm")
        return any(name.read_text().startswith(LAST_THREAD) for name in names)
    except OSError:
        return False


def ourselves() -> Owner:
    """Return whose this process is; raises RuntimeError where /proc doesn't say."""
    mine = process(os.getpid())
    if mine is None:
        raise RuntimeError("/proc does not show this process")
    return mine.owner


def _fields(status: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in status.splitlines())
    return {name: value.strip() for name, _, value in pairs}


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split()]


def _has_quit(mask: str) -> bool:
    return bool(int(mask, 16) >> (signal.SIGQUIT - 1) & 1)


def _runtime(maps: Path) -> Runtime:
    try:
        with maps.open("rb") as file:
            mapped = file.read(MOST_MAPS)
    except PermissionError:
        return Runtime.HIDDEN
    hotspot, openj9 = (library in mapped for library in LIBRARIES)
    if openj9:
        return Runtime.OPENJ9
    return Runtime.HOTSPOT if hotspot else Runtime.NO_JVM
