"""Same rule file, same JVM: the same series as jmx_exporter 1.6."""

from __future__ import annotations

import gzip
import importlib.util
import re
import time
from pathlib import Path

import pytest
import yaml

from integration.targets import COMPAT, Target
from jmx_bridge import jmx
from jmx_bridge.bridge import Bridge
from jmx_bridge.config import load_config
from jmx_bridge.exposition import negotiate, render
from jmx_bridge.model import Snapshot
from jmx_bridge.settings import LimitSettings, TargetSettings

CASES = sorted((COMPAT / "cases").glob("*.yml"))
WILD = sorted(path for path in (COMPAT / "wild").glob("*.y*ml"))
WIRES = ("pipelined", "standard")
# What the expected outputs were made without; the data's README tells it.
LEFT_OUT = [
    "hostPort",
    "jmxUrl",
    "ssl",
    "username",
    "password",
    "startDelaySeconds",
    "httpServer",
    "openTelemetry",
]
PLATFORM = [
    "JMImplementation:*",
    "com.sun.management:*",
    "java.lang:*",
    "java.nio:*",
    "java.util.logging:*",
    "jdk.management.jfr:*",
]


def scrape(target: Target, file: Path, wire: str) -> Snapshot:
    """Scrape twice, since the second scrape has to run the plan of the first."""
    bridge = Bridge(
        TargetSettings(host_port=target.address, wire=wire),
        LimitSettings(),
        lambda: load_config(str(file), syntax=jmx.JavaSyntax(), environ={}),
        str(file),
    )
    try:
        bridge.scrape(deadline=time.monotonic() + 60)
        snapshot = bridge.scrape(deadline=time.monotonic() + 60)
        assert bridge.status().state == "up", bridge.status().detail
    finally:
        bridge.close()
    return snapshot


def load_compare():
    spec = importlib.util.spec_from_file_location("compare", COMPAT / "compare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def series_lines(text: str) -> list[str]:
    """The series of an exposition, without values and exporters' own, in their order."""
    own = re.compile(r"jmx_(bridge_|config_|exporter_|scrape_|http_|up)")
    return [
        line.rpartition(" ")[0]
        for line in text.splitlines()
        if line and not line.startswith("#") and not own.match(line)
    ]


def assert_same(expected: str, actual: str) -> None:
    compare = load_compare()
    own = re.compile(r"jmx_(bridge_|config_|exporter_|scrape_|http_|up)")
    (want, want_types), (got, got_types) = (
        compare.parse(expected),
        compare.parse(actual),
    )
    want = {key: value for key, value in want.items() if not own.match(key[0])}
    got = {key: value for key, value in got.items() if not own.match(key[0])}
    # Only what differs: a diff of thousands of series takes minutes to make.
    assert sorted(want.keys() - got.keys()) == [], "missing"
    assert sorted(got.keys() - want.keys()) == [], "too many"
    assert {
        key: (value, got[key])
        for key, value in want.items()
        if not compare.same(value, got[key])
    } == {}
    types = {name: kind for name, kind in want_types.items() if name in got_types}
    assert {name: got_types[name] for name in types} == types
    lines, ours = series_lines(expected), series_lines(actual)
    assert sorted(set(lines) ^ set(ours))[:5] == []
    assert (lines == ours) is True, "another order"


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_each_feature_gives_the_series_of_jmx_exporter(case, wire, jvm, compat_app):
    expected = case.with_suffix(".prom").read_text("utf-8")

    snapshot = scrape(compat_app, case, wire)

    assert_same(expected, render(snapshot, negotiate(None)).decode())


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("file", WILD, ids=lambda path: path.stem[:60])
def test_each_file_found_in_the_wild_gives_the_series_of_jmx_exporter(
    file, wire, jvm, replay_app, tmp_path
):
    rules = yaml.safe_load(file.read_text("utf-8")) or {}
    for key in LEFT_OUT:
        rules.pop(key, None)
    excludes = "excludeObjectNames"
    if excludes not in rules and "blacklistObjectNames" in rules:
        excludes = "blacklistObjectNames"
    rules[excludes] = [*(rules.get(excludes) or ()), *PLATFORM]
    rules["excludeJvmMetrics"] = True
    adapted = tmp_path / "rules.yml"
    adapted.write_text(yaml.safe_dump(rules, allow_unicode=True), "utf-8")
    expected = gzip.decompress(file.with_suffix(".prom.gz").read_bytes()).decode()

    snapshot = scrape(replay_app, adapted, wire)

    assert_same(expected, render(snapshot, negotiate(None)).decode())
