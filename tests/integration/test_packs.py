"""The packs on recorded products, and the files that document and use them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from integration.support import moving
from integration.targets import ROOT, start_target
from jmx_bridge import jmx
from jmx_bridge.bridge import Bridge
from jmx_bridge.commands.check import check_file
from jmx_bridge.config import load_config
from jmx_bridge.exposition import negotiate, render
from jmx_bridge.settings import LimitSettings, TargetSettings

sys.path.append(str(ROOT / "tools" / "deploy"))

from alerts import branches

PACKS = sorted(path.stem for path in (ROOT / "rules").glob("*.yml"))
ALERTS = sorted((ROOT / "deploy" / "alerts").glob("*.test.yml"))
EXPECTED = {
    "tomcat": {
        "tomcat_requestcount_total": {"protocol": "http-nio", "port": "8080"},
        "tomcat_session_sessioncounter_total": {"host": "localhost", "context": "/"},
        "tomcat_servlet_requestcount_total": {"module": "localhost/"},
        "tomcat_threadpool_currentthreadsbusy": {"port": "8080"},
    },
    "tomcat-catalina": {
        "catalina_globalrequestprocessor_requestcount_total": {"port": "8080"},
        "catalina_manager_activesessions": {"context": "/"},
    },
    "kafka": {
        "kafka_server_brokertopicmetrics_bytesinpersec": {},
        "kafka_server_replicamanager_underreplicatedpartitions": {},
        "kafka_controller_kafkacontroller_activecontrollercount": {},
        "kafka_network_requestmetrics_totaltimems": {"quantile": "0.99"},
        "kafka_log_log_size": {"partition": "0"},
    },
    "kafka-strimzi": {
        "kafka_server_brokertopicmetrics_bytesin_total": {},
        "kafka_server_replicamanager_partitioncount": {},
        "kafka_network_socketserver_networkprocessoravgidle_percent": {},
        "kafka_server_raftmetrics_current_state": {"state": "leader"},
    },
    "zookeeper": {
        "zookeeper_avgrequestlatency": {"server_id": "12181"},
        "zookeeper_inmemorydatatree_nodecount": {},
        "zookeeper_packetsreceived_total": {},
    },
    "zookeeper-native": {"avg_latency": {}, "znode_count": {}},
    "activemq": {
        "activemq_memory_usage_ratio": {"broker": "localhost"},
        "activemq_message_total": {},
        "activemq_queue_queue_size": {"destination": "orders"},
        "activemq_topic_consumer_count": {},
    },
    "cassandra": {
        "cassandra_clientrequest_latency_seconds_count": {"clientrequest": "Read"},
        "cassandra_cache_hitrate": {"cache": "KeyCache"},
        "cassandra_storage_load_count": {},
        "cassandra_threadpools_currentlyblockedtasks_count": {"path": "internal"},
    },
    "jvm": {"jvm_process_cpu_load": {}, "jvm_uptime_seconds": {}},
    "jvm-0.x": {
        "jvm_memory_bytes_used": {"area": "heap"},
        "jvm_memory_pool_bytes_used": {},
        "jvm_classes_loaded": {},
    },
    "jvm-grafana-cloud": {
        "jvm_memory_usage_used_bytes": {"area": "Heap"},
        "jvm_gc_collection_count": {},
        "jvm_physical_memory_bytes": {},
    },
}
"""Families with labels that one of their samples has."""


def load(pack: str):
    return load_config(None, syntax=jmx.JavaSyntax(), environ={}, extra=(pack,))


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_is_complete_and_without_warnings(jvm, pack):
    config = load(pack)
    text = yaml.safe_load((ROOT / "rules" / f"{pack}.yml").read_text("utf-8"))

    assert config.warnings == ()
    assert set(text["pack"]) == {"product", "versions", "summary", "cost"}
    assert text["includeObjectNames"]
    for rule in config.rules:
        assert rule.help, rule.name
        assert rule.name
        assert rule.pattern
        assert rule.pattern.startswith("^")


@pytest.mark.parametrize("pack", EXPECTED)
def test_a_pack_gives_what_dashboards_ask_for(jvm, replay_app, pack):
    bridge = Bridge(
        TargetSettings(host_port=replay_app.address),
        LimitSettings(),
        lambda: load(pack),
    )
    try:
        snapshot = bridge.scrape(deadline=time.monotonic() + 60)
    finally:
        bridge.close()
    page = render(snapshot, negotiate(None)).decode()
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)

    for name, labels in EXPECTED[pack].items():
        assert name in found, sorted(found)
        fitting = [one for one in found[name] if labels.items() <= one.items()]
        assert fitting, (name, found[name][:5])


@pytest.mark.parametrize("script", ["packs/document.py", "deploy/make.py"])
def test_generated_files_are_current(script):
    path = ROOT / "tools" / script
    done = subprocess.run(
        [sys.executable, str(path), "--check"],
        capture_output=True,
        text=True,
        check=False,
        cwd=path.parent,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
@pytest.mark.parametrize("file", ALERTS, ids=lambda path: path.stem)
def test_alerts_fire_when_they_should(file: Path):
    done = rules_tested(file)

    assert done.returncode == 0, done.stdout + done.stderr


def rules_tested(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["promtool", "test", "rules", file.name],
        capture_output=True,
        text=True,
        check=False,
        cwd=file.parent,
    )


def parted() -> Iterator[tuple[str, str, int]]:
    """Yield the rule file, the alert and the number of every branch of an expression with `or`."""
    for path in ALERTS:
        name = path.name.removesuffix(".test.yml")
        for rule in alert_rules(path.with_name(f"{name}.yml")):
            count = len(branches(rule["expr"]))
            yield from ((name, rule["alert"], i) for i in range(count) if count > 1)


def alert_rules(file: Path) -> list[dict[str, Any]]:
    return yaml.safe_load(file.read_text("utf-8"))["groups"][0]["rules"]


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
@pytest.mark.parametrize(("name", "alert", "number"), list(parted()))
def test_no_branch_of_an_alert_can_go_unnoticed(tmp_path, name, alert, number):
    folder = ROOT / "deploy" / "alerts"
    rules = alert_rules(folder / f"{name}.yml")
    (one,) = (rule for rule in rules if rule["alert"] == alert)
    left = branches(one["expr"])
    del left[number]
    one["expr"] = " or ".join(left)
    groups = [{"name": "all", "rules": rules}]
    (tmp_path / f"{name}.yml").write_text(yaml.safe_dump({"groups": groups}), "utf-8")
    test = Path(shutil.copy(folder / f"{name}.test.yml", tmp_path))

    done = rules_tested(test)

    assert done.returncode == 1
    assert f"alertname: {alert}" in done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_every_query_of_a_dashboard_is_promql(tmp_path):
    exprs = [
        expr
        for path in sorted((ROOT / "deploy" / "dashboards").glob("*.json"))
        for expr in expressions(json.loads(path.read_text("utf-8")))
    ]
    rules = [
        {"record": f"query_{number}", "expr": re.sub(r"\$__\w+", "1m", expr)}
        for number, expr in enumerate(exprs)
    ]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))

    done = subprocess.run(
        ["promtool", "check", "rules", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(exprs) > 200
    assert done.returncode == 0, done.stdout + done.stderr


def expressions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("expr"), str):
            yield node["expr"]
        for child in node.values():
            yield from expressions(child)
    elif isinstance(node, list):
        for child in node:
            yield from expressions(child)


def test_java_has_nothing_to_say_about_our_rule_files(jvm):
    found = [
        check_file(str(path), jmx.JavaSyntax())
        for pattern in ("rules/*.yml", "examples/**/rules.yml", "examples/rules/*.yml")
        for path in sorted(ROOT.glob(pattern))
    ]

    assert len(found) > len(EXAMPLES)
    assert [str(problem) for one in found for problem in one.problems] == []


EXAMPLES = {
    "01": 'example_pool_used_bytes{pool="',
    "02": "java_lang_threading_threadcount ",
    "03": "example_uptime_seconds ",
    "04": 'example_operating_system{name="Linux"} 1.0',
    "05": "example_java_version ",
    "06": "example_loaded_classes_total ",
    "07": "java_lang_Threading_ThreadCount ",
    "08": "example_daemon_thread_count ",
    "09": 'example_memory_used_bytes{area="Heap"} ',
    "10": "example_os_AvailableProcessors ",
    "11": 'example_runtime_present{VmName="',
    "12": "example_compilation_seconds ",
    "13": "jvm_uptime_seconds ",
    "15": 'example_vm_info{VmName="',
    "14": 'example_after_collection_bytes{collector="',
}
"""What a page of each example has."""


@pytest.mark.parametrize("number", EXAMPLES)
def test_an_example_does_what_it_shows(jvm, collected, number):
    (path,) = (ROOT / "examples" / "rules").glob(f"{number}-*.yml")
    config = load_config(str(path), syntax=jmx.JavaSyntax(), environ={}, strict=True)
    bridge = Bridge(
        TargetSettings(host_port=collected.address), LimitSettings(), lambda: config
    )
    try:
        snapshot = bridge.scrape(deadline=time.monotonic() + 30)
    finally:
        bridge.close()
    page = "\n" + render(snapshot, negotiate(None)).decode()

    assert config.warnings == ()
    assert f"\n{EXAMPLES[number]}" in page, page[:3000]


def test_every_example_is_run():
    files = (ROOT / "examples" / "rules").glob("*.yml")
    assert {path.name[:2] for path in files} == set(EXAMPLES)


@pytest.fixture(scope="module")
def collected():
    """A JVM that has collected its garbage at least once."""
    classes = moving()
    target = start_target(classes, "MovingApp")
    target.tell("collect")
    yield target
    target.stop()
