"""What ends the process: signals, before and after Java runs in it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

KILLED = 128
"""The exit status of a process that a signal ended is this and the signal's number."""


def on_signals(handler: Callable[[int, FrameType | None], NoReturn]) -> None:
    """Let *handler* take SIGTERM and SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)


def quit_at_once(number: int, _: object) -> NoReturn:
    """
    End at once, while nothing has to be closed.

    An exception would not do: one that is raised while JPype is being imported gets lost.
    """
    os._exit(KILLED + number)


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """
    Raise KeyboardInterrupt with the signal's number, so that what is open gets closed.

    Within JPype the process ends at once: its native code lets an exception that comes out of
    its own Python code go once too often, and the process would crash.
    """
    while frame is not None:
        if str(frame.f_globals.get("__name__")).partition(".")[0] == "jpype":
            quit_at_once(number, frame)
        frame = frame.f_back
    raise KeyboardInterrupt(number)
