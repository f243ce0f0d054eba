"""The workbench's process beside `serve`: how it is started, and told what to do."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..web.beside import Running

if TYPE_CHECKING:
    from ..settings import Settings

LENGTH_BYTES = 4
NICE = 10
"""It gets what time scrapes leave."""
START = "import sys; from jmx_bridge.cli import beside; beside(int(sys.argv[1]))"
OUT_OF_MEMORY = Path("/proc/self/oom_score_adj")


def start_beside(settings: Settings) -> Running:
    """Start the process; passwords go over the socket, and stand in no list of arguments."""
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        process = subprocess.Popen(  # noqa: S603 -- this program
            [sys.executable, "-c", START, str(number)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[number],
        )
    told = pickle.dumps(settings)
    ours.sendall(len(told).to_bytes(LENGTH_BYTES, "big") + told)
    return Running(process, ours)


def told_settings(control: socket.socket) -> Settings:
    """Return the settings that `serve`, which started this process, has; raises EOFError."""
    length = int.from_bytes(_exactly(control, LENGTH_BYTES), "big")
    settings: Settings = pickle.loads(_exactly(control, length))  # noqa: S301 -- from our own parent
    return settings


def _exactly(control: socket.socket, number: int) -> bytes:
    found = b""
    while len(found) < number:
        some = control.recv(min(1 << 16, number - len(found)))
        if not some:
            raise EOFError
        found += some
    return found


def give_way() -> None:
    """Let what serves go first, and be ended first where memory is short."""
    os.nice(NICE)
    with suppress(OSError):
        OUT_OF_MEMORY.write_text("1000", "ascii")
