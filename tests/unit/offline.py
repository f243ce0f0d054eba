"""A whole bridge without Java: recorded MBeans, and rules matched by Python's re."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from unit.fake_matcher import FakeMatcher
from unit.fake_syntax import FakeSyntax

from jmx_bridge import jmx
from jmx_bridge.bridge import Bridge
from jmx_bridge.config import Config, parse_config
from jmx_bridge.exposition import negotiate, render
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.mapping.rule import Matcher
from jmx_bridge.model import Snapshot
from jmx_bridge.settings import LimitSettings, TargetSettings

ADDRESS = "target:7199"
ALL = "excludeJvmMetrics: true\n"
OWN = re.compile(r"(# \w+ )?jmx_(bridge_|config_|exporter_|scrape_|up)")


def config_of(rules: str) -> Config:
    return parse_config(rules, "rules.yml", syntax=FakeSyntax(), environ={})


@contextmanager
def without_java(
    monkeypatch: pytest.MonkeyPatch, connect: Callable[..., object]
) -> Iterator[None]:
    """Let *connect* open sessions, and what tidies Java's heap do nothing."""
    with monkeypatch.context() as patch:
        patch.setattr(jmx, "connect", connect)
        patch.setattr(jmx, "trim", lambda: None)
        patch.setattr(jmx, "collect_garbage", lambda: None)
        # Another test of this run may have started the JVM.
        patch.setattr(jmx, "java_version", lambda: "")
        yield


def make_bridge(
    load: Callable[[], Config],
    limits: LimitSettings | None = None,
    compile_patterns: Callable[..., Matcher] = FakeMatcher,
    **settings: Any,
) -> Bridge:
    return Bridge(
        TargetSettings(**{"host_port": ADDRESS, **settings}),
        limits or LimitSettings(),
        load,
        "rules.yml",
        compile_patterns,
    )


@contextmanager
def bridge_on(
    monkeypatch: pytest.MonkeyPatch,
    session: RecordedSession,
    rules: str,
    **more: Any,
) -> Iterator[Bridge]:
    """A bridge on *session*; *more* are a target's settings, or *limits*."""
    with without_java(monkeypatch, lambda *_, **__: session):
        bridge = make_bridge(lambda: config_of(rules), **more)
        try:
            yield bridge
        finally:
            bridge.close()


def scraped(bridge: Bridge, seconds: float = 60.0) -> Snapshot:
    return bridge.scrape(deadline=time.monotonic() + seconds)


def page(snapshot: Snapshot) -> str:
    """Return a snapshot as text format 0.0.4, without the bridge's own metrics."""
    text = render(snapshot, negotiate(None)).decode()
    lines = [line for line in text.splitlines() if line and not OWN.match(line)]
    return "".join(f"{line}\n" for line in lines)


def series(snapshot: Snapshot) -> dict[str, float]:
    """Return what a page holds, own metrics left out: "name{label=value}" to value."""
    found = {}
    for line in page(snapshot).splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name.replace('"', "")] = float(value)
    return found


def own(snapshot: Snapshot) -> dict[str, float]:
    """Return the bridge's own metrics on a page."""
    text = render(snapshot, negotiate(None)).decode()
    lines = [line for line in text.splitlines() if OWN.match(line) and line[0] != "#"]
    pairs = (line.rsplit(" ", 1) for line in lines)
    return {name.replace('"', ""): float(value) for name, value in pairs}
