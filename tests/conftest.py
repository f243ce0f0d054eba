"""What all tests share: one JVM in this process, and real JVMs to watch."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jmx_bridge import jmx

sys.path.insert(0, str(Path(__file__).parent))

from integration.targets import (
    CACHE,
    COMPAT,
    ROOT,
    Target,
    compile_java,
    start_target,
)

INVENTORIES = (
    "tomcat-10.1",
    "kafka-3.9",
    "zookeeper-3.9",
    "activemq-5.18",
    "cassandra-5.0-small",
)


def pytest_report_header() -> str:
    jmx.start_jvm()
    return f"embedded Java {jmx.java_version()}"


@pytest.fixture(scope="session")
def jvm() -> None:
    """The one JVM of this process."""
    jmx.start_jvm()


@pytest.fixture(scope="session")
def compat_classes() -> Path:
    """The classes of the compatibility data's programs."""
    if not COMPAT.is_dir():
        # The data is other people's rule files, so it lies beside the checkout, not in it.
        assert not os.environ.get("CI"), f"{COMPAT} is missing"
        pytest.skip(f"the compatibility data is not at {COMPAT}")
    return compile_java(sorted((COMPAT / "app").glob("*.java")), CACHE / "compat")


@pytest.fixture(scope="session")
def compat_app(compat_classes: Path) -> Iterator[Target]:
    """A JVM with an MBean for every kind of name and value."""
    target = start_target(compat_classes, "CompatApp")
    yield target
    target.stop()


@pytest.fixture(scope="session")
def replay_app(compat_classes: Path) -> Iterator[Target]:
    """A JVM with the recorded MBeans of five products."""
    files = [str(COMPAT / "inventories" / f"{name}.tsv.gz") for name in INVENTORIES]
    target = start_target(compat_classes, "ReplayApp", *files)
    yield target
    target.stop()


@pytest.fixture
def moving_app() -> Iterator[Target]:
    """A JVM whose MBeans change on command."""
    sources = [ROOT / "tests" / "java" / "MovingApp.java"]
    target = start_target(compile_java(sources, CACHE / "moving"), "MovingApp")
    yield target
    target.stop()
