"""`make demo`, as a user sees it: a real Tomcat, the bridge, a real Prometheus."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from integration.support import prometheus_path
from integration.targets import ROOT, free_port, wait_until

EXAMPLE = ROOT / "examples" / "java-app"
sys.path[:0] = [str(EXAMPLE), str(ROOT / "tools" / "packs")]

import demo as demo_module  # noqa: E402
import servers  # noqa: E402
from programs import DemoFailed  # noqa: E402
from prove import ask, filled, queries  # noqa: E402

VARIABLES = ("APP_PORT", "JMX_PORT", "BRIDGE_PORT", "PROMETHEUS_PORT")
DASHBOARDS = [
    path
    for name in ("tomcat", "jvm", "jmx-bridge", "*fleet*")
    for path in sorted((ROOT / "deploy" / "dashboards").glob(f"{name}.json"))
]
REFUSED = "tomcat_session_rejectedsessions_total"
# What the shop's traffic has to move, so that no panel shows a flat zero.
MOVED = (
    "increase(tomcat_requestcount_total[1m])",
    "increase(tomcat_errorcount_total[1m])",
    "increase(tomcat_bytesreceived_total[1m])",
    "increase(tomcat_bytessent_total[1m])",
    "count(increase(tomcat_servlet_requestcount_total[1m]) > 0) > 3",
    "increase(tomcat_servlet_errorcount_total[1m])",
    f"increase({REFUSED}[1m])",
    "increase(tomcat_session_expiredsessions_total[1m])",
    "max_over_time(tomcat_threadpool_currentthreadsbusy[1m]) > 20",
    "max_over_time(tomcat_threadpool_connectioncount[1m]) > 20",
    "tomcat_maxtime > 2000",
    "increase(jvm_gc_collection_seconds_count[1m])",
    "increase(shop_orders_total[1m])",
    "increase(shop_orders_rejected_total[1m])",
    "increase(shop_sales_total[2m])",
)


@dataclass
class Demo:
    """A demo that runs."""

    process: subprocess.Popen[str]
    ports: dict[str, int]
    output: Path

    @property
    def prometheus(self) -> str:
        return f"http://127.0.0.1:{self.ports['PROMETHEUS_PORT']}"

    def said(self) -> str:
        return self.output.read_text("utf-8")

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.said()
        return "customers are shopping" in self.said()

    def server(self, word: str) -> int:
        """The process among the demo's own whose command line has that word."""
        number = self.process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        found = [
            int(child)
            for child in children
            if word in Path(f"/proc/{child}/cmdline").read_text()
        ]
        assert len(found) == 1
        return found[0]

    def listening(self) -> list[str]:
        """Which of its addresses somebody answers at."""
        return [name for name in VARIABLES if answers(self.ports[name])]


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except (urllib.error.URLError, ConnectionError):
        return False


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """Run the demo until the customers shop; it ends with the block."""
    if not shutil.which("prometheus", path=prometheus_path()):
        assert not os.environ.get("CI"), "prometheus is missing"
        pytest.skip("prometheus is not installed")
    ports = {name: free_port() for name in VARIABLES}
    environment = {
        **os.environ,
        **{name: str(port) for name, port in ports.items()},
        "PATH": prometheus_path(),
        "SCRAPE_INTERVAL": "1s",
    }
    output = folder / "demo.txt"
    with output.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, str(EXAMPLE / "demo.py")],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=environment,
            text=True,
        )
    demo = Demo(process, ports, output)
    try:
        # Maven brings Tomcat, the first time.
        wait_until(demo.is_ready, 240)
        yield demo
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
        shutil.rmtree(servers.CACHE / f"base-{ports['APP_PORT']}", ignore_errors=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[Demo]:
    with running(tmp_path_factory.mktemp("demo")) as one:
        yield one


def rules() -> Iterator[dict]:
    """All alerts that the demo's Prometheus loads."""
    for path in servers.alert_files():
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]:
            yield from (rule for rule in group["rules"] if "alert" in rule)


def get(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["data"]


def firing(demo: Demo) -> set[str]:
    alerts = get(f"{demo.prometheus}/api/v1/alerts")["alerts"]
    return {one["labels"]["alertname"] for one in alerts if one["state"] == "firing"}


def unanswered(demo: Demo, texts: set[str], seconds: float) -> set[str]:
    """Which of these queries never had data within that time."""
    left = set(texts)
    end = time.monotonic() + seconds
    while left and time.monotonic() < end:
        left = {text for text in left if not ask(demo.prometheus, text)[0]}
        time.sleep(1)
    return left


def test_every_query_of_the_dashboards_has_data_within_two_minutes(demo):
    found = {filled(query.text) for path in DASHBOARDS for query in queries(path)}
    assert len(DASHBOARDS) >= 3
    assert len(found) > 30

    assert unanswered(demo, found, 120) == set()


def test_the_traffic_moves_what_the_panels_show(demo):
    texts = {text if " > " in text else f"{text} > 0" for text in MOVED}

    assert unanswered(demo, texts, 120) == set()


def test_an_alert_fires_within_two_minutes(demo):
    quick = {rule["alert"] for rule in rules() if REFUSED in rule["expr"]}
    assert quick
    named = set(re.findall(r"\((\w+) fires", demo.said()))
    assert named <= quick

    wait_until(lambda: quick & firing(demo), 120)

    assert named <= firing(demo)


def test_all_alerts_are_loaded(demo):
    groups = get(f"{demo.prometheus}/api/v1/rules")["groups"]

    loaded = {rule["name"] for group in groups for rule in group["rules"]}
    assert loaded >= {rule["alert"] for rule in rules()}


def test_the_links_of_the_guide_lead_somewhere(demo):
    links = re.findall(r"(http://[^\s,]+)", demo.said())
    assert len([link for link in links if link.startswith(demo.prometheus)]) == 3

    for link in set(links) - {link for link in links if link.endswith("orders")}:
        with urllib.request.urlopen(link, timeout=10) as answer:
            assert answer.status == 200


def test_an_interrupt_stops_everything(tmp_path):
    with running(tmp_path) as demo:
        assert demo.listening() != []

        demo.process.send_signal(signal.SIGINT)

        assert demo.process.wait(30) == 0
        assert demo.said().endswith("demo: stopped\n")
        assert demo.listening() == []


@pytest.mark.skipif(sys.platform != "linux", reason="finds children in /proc")
@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("JMX Bridge", "jmx_bridge"),
        ("Prometheus", "storage.tsdb.path"),
        ("Tomcat", "catalina"),
    ],
)
def test_the_demo_tells_which_part_died(tmp_path, name, word):
    with running(tmp_path) as demo:
        os.kill(demo.server(word), signal.SIGKILL)

        assert demo.process.wait(30) == 1
        assert f"demo: {name} ended with code -9" in demo.said()
        assert demo.listening() == []


def test_a_taken_port_is_told_with_its_variable(monkeypatch):
    with free_server() as port:
        monkeypatch.setenv("PROMETHEUS_PORT", str(port))
        with pytest.raises(DemoFailed) as failed:
            servers.read_port("Prometheus")

    assert str(failed.value) == (
        f"port {port}, meant for Prometheus, can't be used: Address already in use\n"
        "  hint: choose another one: make demo PROMETHEUS_PORT=..."
    )


@contextmanager
def free_server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_without_prometheus_its_port_is_not_asked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(servers, "ROOT", tmp_path)
    for name in VARIABLES[:3]:
        monkeypatch.setenv(name, str(free_port()))
    monkeypatch.setenv("PROMETHEUS_PORT", "no number")

    ports = servers.read_ports(prometheus=bool(servers.find_prometheus()))

    assert ports.prometheus == 0
    assert "make prometheus" in demo_module.guide(ports, tmp_path, None)


def test_prometheus_is_found_where_it_was_unpacked(monkeypatch, tmp_path):
    program = tmp_path / ".cache" / "prometheus" / "usr" / "bin" / "prometheus"
    program.parent.mkdir(parents=True)
    program.touch(0o755)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(servers, "ROOT", tmp_path)

    assert servers.find_prometheus() == str(program)


def test_an_unpacked_prometheus_is_told_where_its_pages_are(tmp_path):
    program = str(tmp_path / "usr" / "bin" / "prometheus")
    pages = tmp_path / "usr" / "share" / "prometheus" / "web"
    pages.mkdir(parents=True)

    command = servers.prometheus_command(program, tmp_path, servers.Ports(1, 2, 3, 4))

    assert f"--web.local-assets={pages}" in command


def test_a_prometheus_that_has_its_pages_is_told_nothing(tmp_path):
    program = str(tmp_path / "prometheus")

    command = servers.prometheus_command(program, tmp_path, servers.Ports(1, 2, 3, 4))

    assert "--web.local-assets" not in " ".join(command)
