"""Unit tests need no Java, and prove it."""

from __future__ import annotations

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
