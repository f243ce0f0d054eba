"""A file's bytes: of regular files only, never more than is wanted, and without waiting."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# A pipe opens at once instead of waiting for its other end; a terminal is not taken over.
FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class NotRegular(OSError):
    """A pipe, a device or a socket: reading it may never end."""


def read_regular(path: str | Path, most: int) -> bytes:
    """
    Return what is in a regular file, but not more than *most* bytes.

    Raises NotRegular for what is none, IsADirectoryError, or another OSError.
    """
    # Looked at before it is opened, too, as opening some devices does something.
    _refuse(path, os.stat(path).st_mode)  # noqa: PTH116 -- Path of a bad text raises elsewhere
    descriptor = os.open(path, FLAGS)
    with open(descriptor, "rb", buffering=0) as stream:  # noqa: PTH123 -- a descriptor
        _refuse(path, os.fstat(descriptor).st_mode)
        data = bytearray()
        while len(data) < most and (piece := stream.read(most - len(data))):
            data += piece
        return bytes(data)


def _refuse(path: str | Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(path)
    if not stat.S_ISREG(mode):
        raise NotRegular(path)
