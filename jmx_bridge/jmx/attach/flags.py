"""Whether a JVM was told not to listen: command, argument files, and variables with flags."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from .processes import PROC

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .processes import Process

OFF = "-XX:+DisableAttachMechanism"
VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
MOST_BYTES = 1 << 20


def disabled_by(process: Process) -> str:
    """Return where the flag stands, in words; "" where it is not found."""
    folder = PROC / str(process.pid)
    if OFF in process.command:
        return OFF
    for name, text in _variables(folder / "environ"):
        if OFF in text.split():
            return f"{OFF} in {name}"
    for word in process.command[1:]:
        if word.startswith("@") and OFF in _argument_file(folder, word[1:]).split():
            return f"{OFF} in {word}"
    return ""


def _variables(environ: Path) -> Iterator[tuple[str, str]]:
    for entry in _read(environ).split("\0"):
        name, _, value = entry.partition("=")
        if name in VARIABLES:
            yield name, value


def _argument_file(folder: Path, name: str) -> str:
    # Joined to an absolute path, the folder would be lost.
    base = folder / ("root" if name.startswith("/") else "cwd")
    return _read(base / name.lstrip("/"))


def _read(path: Path) -> str:
    """Return the beginning of a regular file; "" if there is none, or it can't be read."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with suppress(OSError):
        handle = os.open(path, flags)
        with os.fdopen(handle, "rb") as file:
            if stat.S_ISREG(os.fstat(handle).st_mode):
                return file.read(MOST_BYTES).decode("utf-8", "replace")
    return ""
