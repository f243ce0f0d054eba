"""Unit tests need no Java, and prove it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import jpype
import pytest
from unit.bridged import target, watch  # noqa: F401


@pytest.fixture(autouse=True)
def _no_java() -> Iterator[None]:
    """Fail a test that starts the JVM; run after integration tests it is there before."""
    before = jpype.isJVMStarted()
    yield
    assert jpype.isJVMStarted() == before, "a unit test started Java"


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Undo what a command under test configured: it would decide what others find in the log."""
    loggers = [logging.getLogger(name) for name in (None, "jmx_bridge")]
    before = [(one, one.level, one.handlers[:]) for one in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers
