"""What integration tests share: one JVM in this process, and real JVMs to watch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.support import ALL, Watcher, moving
from integration.targets import CACHE, COMPAT, Target, compile_java, start_target
from jmx_bridge import jmx

INVENTORIES = (
    "tomcat-10.1",
    "kafka-3.9",
    "zookeeper-3.9",
    "activemq-5.18",
    "cassandra-5.0-small",
)


@pytest.fixture(scope="session", autouse=True)
def jvm() -> None:
    """The one JVM of this process."""
    jmx.start_jvm()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if version := jmx.java_version():
        terminalreporter.write_line(f"embedded Java {version}")


@pytest.fixture(scope="session")
def compat_classes() -> Path:
    """The classes of the compatibility data's programs."""
    if not COMPAT.is_dir():
        # The data is other people's rule files, so it lies beside the checkout, not in it.
        wanted = os.environ.get("CI") and str(COMPAT) != "none"
        assert not wanted, f"{COMPAT} is missing"
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
    target = start_target(moving(), "MovingApp")
    yield target
    target.stop()


@pytest.fixture
def watch(moving_app: Target) -> Iterator[Callable[..., Watcher]]:
    """A function that sets bridges on that JVM: rules, the wire, and what else there is to set."""
    bridges = []

    def start(rules: str = ALL, wire: str = "auto", **settings: Any) -> Watcher:
        watcher = Watcher(moving_app, rules, wire, **settings)
        bridges.append(watcher.bridge)
        return watcher

    yield start
    for bridge in bridges:
        bridge.close()
