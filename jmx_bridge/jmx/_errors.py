"""Java's exceptions, turned into ours at the border."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import jpype

from ..errors import (
    ConnectFailed,
    DeadlinePassed,
    LoginFailed,
    SessionLost,
    TargetError,
)
from ._flat import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

# By jmxbridge.SessionException.Kind; a test compares the two.
BY_KIND: dict[str, type[TargetError]] = {
    "CONNECT": ConnectFailed,
    "LOGIN": LoginFailed,
    "LOST": SessionLost,
    "DEADLINE": DeadlinePassed,
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise TargetError for what the Java side throws."""
    try:
        yield
    except jpype.JException as exc:
        name = exc.getClass().getSimpleName()
        if name == "SessionException":
            raise BY_KIND[str(exc.kind())](text_of(exc.getMessage())) from exc
        raise SessionLost(f"{name}: {exc.getMessage()}") from exc
