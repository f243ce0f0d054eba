"""
Alerts that wait for minutes fire by their real causes: on real JVMs, bridges and a real Prometheus.

The rules are those of deploy/alerts, but that time flies: each `for`, range and offset is a sixtieth.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from integration.support import CACHE, ROOT, prometheus_path, serving
from integration.targets import (
    Target,
    compile_java,
    free_port,
    start_target,
    wait_until,
)

PROMETHEUS = shutil.which("prometheus", path=prometheus_path())
FASTER = 60
CAUSED = {
    "JvmHeapFull",
    "JvmCollectsAllTheTime",
    "JvmThreadsGrow",
    "JmxRulesRefused",
    "JmxScrapeSlow",
}
BASELINE = 75.0
"""Seconds in which threads are few, which is what they are compared with."""
PATIENCE = 240.0
SLOW_MILLIS = 4000
"""Of 4.5 s that a scrape with a timeout of 5 s has."""
GOOD, WRONG = "includeObjectNames: []\n", "rules: [{patern: x}]\nrules: 1\n"
CONFIG = """\
global: {{scrape_interval: 2s, evaluation_interval: 1s}}
rule_files: {rules}
scrape_configs:
  - job_name: trouble
    static_configs: [{{targets: ["127.0.0.1:{trouble}"]}}]
  - job_name: slow
    scrape_interval: 5s
    scrape_timeout: 5s
    static_configs: [{{targets: ["127.0.0.1:{slow}"]}}]
"""


def troubled(millis: int) -> Target:
    """A JVM of 64 MiB with an MBean that takes *millis*."""
    classes = compile_java(
        [ROOT / "tests" / "java" / "TroubledApp.java"], CACHE / "troubled"
    )
    flags = ("-Xmx64m", "-XX:+UseSerialGC")
    return start_target(classes, "TroubledApp", str(millis), flags=flags)


def faster_alerts(folder: Path) -> list[str]:
    """Write all alerts as they are in a hurry; return the files of the JVM's and the bridge's."""
    make = ROOT / "tools" / "deploy" / "make.py"
    command = [sys.executable, str(make), f"--out={folder}", f"--faster={FASTER}"]
    subprocess.run(command, check=True, capture_output=True)
    return [str(folder / "alerts" / f"{name}.yml") for name in ("jvm", "jmx-bridge")]


@pytest.fixture
def watched(tmp_path):
    """Start all of it; return the JVM in trouble, its rule file, and Prometheus' address."""
    if PROMETHEUS is None:
        pytest.skip("there is no Prometheus: make prometheus")
    rules, page = tmp_path / "rules.yml", free_port()
    rules.write_text(GOOD)
    app, sluggish = troubled(0), troubled(SLOW_MILLIS)
    try:
        with (
            serving(f"--jmx.target={app.address}", f"--config.file={rules}") as served,
            serving(f"--jmx.target={sluggish.address}") as slow,
        ):
            config = tmp_path / "prometheus.yml"
            files = json.dumps(faster_alerts(tmp_path / "deploy"))
            ports = {"trouble": served.port, "slow": slow.port}
            config.write_text(CONFIG.format(rules=files, **ports))
            command = [
                PROMETHEUS,
                f"--config.file={config}",
                f"--storage.tsdb.path={tmp_path / 'data'}",
                f"--web.listen-address=127.0.0.1:{page}",
            ]
            with (tmp_path / "prometheus.log").open("w") as log:
                process = subprocess.Popen(command, stderr=log)
            try:
                yield app, rules, f"http://127.0.0.1:{page}"
            finally:
                process.terminate()
                process.wait(10)
    finally:
        app.stop()
        sluggish.stop()


def firing(address: str) -> set[str]:
    """The names of all alerts that fire; none while Prometheus is not up yet."""
    try:
        with urllib.request.urlopen(f"{address}/api/v1/alerts", timeout=5) as answer:
            alerts = json.load(answer)["data"]["alerts"]
    except OSError:
        return set()
    return {one["labels"]["alertname"] for one in alerts if one["state"] == "firing"}


def test_alerts_that_wait_fire_by_their_real_causes(watched):
    app, rules, address = watched
    assert app.tell("fill") == "done"
    seen: dict[str, float] = {}
    begun = time.monotonic()

    def all_fired() -> bool:
        for name in firing(address):
            seen.setdefault(name, time.monotonic() - begun)
        return seen.keys() >= CAUSED

    wait_until(lambda: all_fired() or time.monotonic() - begun > BASELINE, PATIENCE)
    assert "JmxRulesRefused" not in seen
    assert "JvmThreadsGrow" not in seen
    rules.write_text(WRONG)
    assert app.tell("threads") == "done"
    try:
        wait_until(all_fired, PATIENCE)
    finally:
        print({name: round(seconds) for name, seconds in seen.items()})
