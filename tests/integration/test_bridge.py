"""What a user of the bridge relies on, on a real JVM whose MBeans move."""

from __future__ import annotations

import re
import time

import pytest

from integration.support import ALL, Watcher, one_number, ours, put, serving
from integration.targets import (
    CACHE,
    ROOT,
    compile_java,
    start_target,
    wait_until,
)
from jmx_bridge.collect.inventory import Inventory

WIRES = ("pipelined", "standard")


@pytest.fixture(params=WIRES)
def wire(request) -> str:
    return request.param


def test_an_mbean_is_served_in_the_scrape_in_which_it_appears(watch, moving_app, wire):
    put(moving_app, "t:type=A", "Count", "long", 1)
    watcher = watch(ALL, wire)
    first = ours(watcher.page())
    put(moving_app, "t:type=B", "Count", "long", 2)

    second = ours(watcher.page())

    assert first == {"t_A_Count": 1.0}
    assert second == {"t_A_Count": 1.0, "t_B_Count": 2.0}


def test_an_mbean_is_gone_in_the_scrape_after_it_vanished(watch, moving_app, wire):
    put(moving_app, "t:type=A", "Count", "long", 1)
    put(moving_app, "t:type=B", "Count", "long", 2)
    watcher = watch(ALL, wire)
    watcher.page()
    moving_app.tell("drop\tt:type=B")

    assert ours(watcher.page()) == {"t_A_Count": 1.0}


def test_values_move(watch, moving_app, wire):
    put(moving_app, "t:type=A", "Count", "long", 1)
    watcher = watch(ALL, wire)
    watcher.page()
    put(moving_app, "t:type=A", "Count", "long", 7)

    assert ours(watcher.page()) == {"t_A_Count": 7.0}


def test_each_rule_is_told_of_if_that_is_asked_for(moving_app, tmp_path):
    one_number(moving_app)
    file = tmp_path / "rules.yml"
    file.write_text(
        "rules:\n- pattern: 't<type=Z>'\n- pattern: 't<type=(.)><>Count: 1'\n"
    )
    flags = f"--jmx.target={moving_app.address}", f"--config.file={file}"

    with serving(*flags, "--rule-metrics") as served:
        page = wait_until(lambda: having("\nt_A_Count 1.0\n", served.metrics()), 30)

    seconds = 'jmx_bridge_rule_planning_seconds_total{rule="%s:%d"} (.+)'
    assert f'\njmx_bridge_rule_samples{{rule="{file}:2"}} 0.0\n' in page
    assert f'\njmx_bridge_rule_samples{{rule="{file}:3"}} 1.0\n' in page
    assert re.findall(seconds % (file, 2), page) == ["0.0"]
    assert 0.0 < float(*re.findall(seconds % (file, 3), page)) < 10.0


def having(line: str, page: str) -> str:
    """A page that has *line*; "" for another, such as one in whose time an MBean was late."""
    return page if line in page else ""


def test_only_attributes_that_became_series_are_read_again(watch, moving_app, wire):
    for attribute in ("Good", "Other"):
        put(moving_app, "t:type=A", attribute, "long", 1)
    put(moving_app, "t:type=B", "Other", "long", 1)
    watcher = watch(ALL + "rules: [{pattern: 't<type=A><>Good', name: good}]\n", wire)

    for _ in range(3):
        assert ours(watcher.page()) == {"good": 1.0}

    assert moving_app.tell("reads\tt:type=A") == "{Good=3, Other=1}"
    assert moving_app.tell("reads\tt:type=B") == "{Other=1}"


def test_attributes_of_an_mbean_registered_anew_are_seen(watch, moving_app, wire):
    put(moving_app, "t:type=A", "Count", "long", 1)
    watcher = watch(ALL, wire)
    watcher.page()
    watcher.page()
    put(moving_app, "t:type=A", "More", "long", 2)
    moving_app.tell("again\tt:type=A")

    assert ours(watcher.page()) == {"t_A_Count": 1.0, "t_A_More": 2.0}


def test_a_null_that_becomes_a_number_is_served_then(watch, moving_app, wire):
    put(moving_app, "t:type=A", "Count", "null", "")
    watcher = watch(ALL, wire)
    first = ours(watcher.page())
    put(moving_app, "t:type=A", "Count", "long", 5)
    second = ours(watcher.page())
    put(moving_app, "t:type=A", "Count", "null", "")
    third = ours(watcher.page())

    assert (first, second, third) == ({}, {"t_A_Count": 5.0}, {})


def test_an_attribute_that_throws_touches_only_itself(watch, moving_app, wire):
    put(moving_app, "t:type=A", "Bad", "throw", "no")
    put(moving_app, "t:type=A", "Good", "long", 1)
    watcher = watch(ALL, wire)
    first = ours(watcher.page())
    put(moving_app, "t:type=A", "Bad", "long", 2)

    assert first == {"t_A_Good": 1.0}
    assert ours(watcher.page()) == {"t_A_Good": 1.0, "t_A_Bad": 2.0}


def test_an_attribute_that_fails_is_named_in_the_log_once(
    watch, moving_app, wire, caplog
):
    one_number(moving_app)
    put(moving_app, "t:type=A", "Bad", "throw", "x")
    put(moving_app, "t:type=A", "Worse", "throw", "x")
    watcher = watch(wire=wire)

    for _ in range(3):
        page = watcher.page()

    assert page["jmx_bridge_attributes{state=failed}"] == 2.0
    told = [one.fields for one in caplog.records if one.msg == "attribute.failed"]
    named = {"mbean": "t:type=A", "attributes": "Bad, Worse", "count": 2}
    named["see"] = "docs/troubleshooting.md#attributefailed"
    assert told == [{**named, "reason": "absent"}]


def test_a_healthy_jvm_is_nothing_to_warn_of(watch, wire, caplog):
    caplog.set_level("DEBUG")
    page = watch("", wire).page()

    failed = [one for one in caplog.records if one.msg == "attribute.failed"]
    pools = {one.fields["mbean"] for one in failed}
    assert page["jmx_bridge_attributes{state=failed}"] > len(pools) > 1
    assert {one.levelname for one in failed} == {"DEBUG"}
    assert [one.msg for one in caplog.records if one.levelname == "WARNING"] == []


def test_rows_of_a_table_come_and_go(watch, moving_app, wire):
    put(moving_app, "t:type=A", "Rows", "table", "a=1")
    watcher = watch(ALL, wire)
    first = ours(watcher.page())
    put(moving_app, "t:type=A", "Rows", "table", "a=1,b=2")
    second = ours(watcher.page())
    put(moving_app, "t:type=A", "Rows", "table", "")

    assert first == {"t_A_Rows{key=a}": 1.0}
    assert second == {"t_A_Rows{key=a}": 1.0, "t_A_Rows{key=b}": 2.0}
    assert ours(watcher.page()) == {}


def test_a_table_that_was_empty_is_watched(watch, moving_app, wire):
    put(moving_app, "t:type=A", "Rows", "table", "")
    watcher = watch(
        ALL
        + "rules: [{pattern: 't<type=A, key=(.+)><>Rows', name: rows, labels: {k: $1}}]\n",
        wire,
    )
    assert ours(watcher.page()) == {}
    put(moving_app, "t:type=A", "Rows", "table", "x=3")

    assert ours(watcher.page()) == {"rows{k=x}": 3.0}


def test_a_label_made_of_a_value_follows_the_value(watch, moving_app, wire):
    put(moving_app, "t:type=A", "State", "text", "starting")
    rules = "rules: [{pattern: 't<type=A><>State: (.+)', name: state, value: 1, labels: {state: $1}}]\n"
    watcher = watch(ALL + rules, wire)
    first = ours(watcher.page())
    put(moving_app, "t:type=A", "State", "text", "running")

    assert first == {"state{state=starting}": 1.0}
    assert ours(watcher.page()) == {"state{state=running}": 1.0}


def test_a_number_that_a_rule_sees_is_judged_again_when_it_changes(
    watch, moving_app, wire
):
    put(moving_app, "t:type=A", "Count", "long", 41)
    rules = (
        r"rules: [{pattern: 't<type=A><>Count: 4(\d)', name: forty, value: $1}]" + "\n"
    )
    watcher = watch(ALL + rules, wire)
    pages = []
    for value in (41, 42, 52, 43):
        put(moving_app, "t:type=A", "Count", "long", value)
        pages.append(ours(watcher.page()))

    assert pages == [{"forty": 1.0}, {"forty": 2.0}, {}, {"forty": 3.0}]


def test_a_negative_counter_costs_only_its_own_sample(watch, moving_app, wire):
    put(moving_app, "t:type=A", "Count", "long", 3)
    put(moving_app, "t:type=B", "Count", "long", 4)
    rules = "rules: [{pattern: 't<type=(.)><>Count', name: n, type: COUNTER, labels: {t: $1}}]\n"
    watcher = watch(ALL + rules, wire)
    watcher.page()
    put(moving_app, "t:type=A", "Count", "long", -1)
    page = watcher.page()
    put(moving_app, "t:type=A", "Count", "long", 5)

    assert ours(page) == {"n_total{t=B}": 4.0}
    assert page["jmx_bridge_samples_dropped{reason=negative_counter}"] == 1.0
    assert ours(watcher.page()) == {"n_total{t=A}": 5.0, "n_total{t=B}": 4.0}


def test_equal_series_are_told_apart_or_dropped(watch, moving_app):
    put(moving_app, "t:type=A", "x y", "long", 1)
    put(moving_app, "t:type=A", "x_y", "long", 2)
    watcher = watch(ALL)

    assert ours(watcher.page()) == {
        "t_A_x_y{_objectname=t<type=A><>x y}": 1.0,
        "t_A_x_y{_objectname=t<type=A><>x_y}": 2.0,
    }


def test_a_group_that_is_not_there_costs_only_its_own_sample(watch, moving_app):
    put(moving_app, "t:type=A", "Count", "long", 1)
    put(moving_app, "t:type=B", "Count", "long", 2)
    rules = "rules: [{pattern: 't<type=A><>(.+)', name: bad_$9}, {pattern: '.*'}]\n"
    watcher = watch(ALL + rules)

    page = watcher.page()

    assert ours(page) == {"t_B_Count": 2.0}
    assert page["jmx_bridge_samples_dropped{reason=bad_template}"] == 1.0
    assert page["jmx_scrape_error"] == 0.0


def test_a_slow_mbean_does_not_hold_up_the_others(watch, moving_app, wire):
    for name in ("t:type=A", "t:type=B", "t:type=C"):
        put(moving_app, name, "Count", "long", 1)
    watcher = watch(ALL, wire)
    watcher.page()
    moving_app.tell("sleep\tt:type=B\t8000")
    start = time.monotonic()

    page = watcher.page(seconds=2.0)

    assert time.monotonic() - start < 4.0
    assert ours(page) == {"t_A_Count": 1.0, "t_C_Count": 1.0}
    assert page["jmx_bridge_scrape_partial"] == 1.0
    assert page["jmx_scrape_error"] == 1.0
    assert page["jmx_scrape_timeout_total"] == 1.0


def test_the_bridge_only_reads(watch, moving_app, wire):
    put(moving_app, "t:type=A", "Count", "long", 1)
    watcher = watch(ALL, wire)

    for _ in range(3):
        watcher.page()

    assert moving_app.tell("touched") == "0"


@pytest.mark.parametrize(
    ("oddity", "expected"),
    [
        ("nameless", {"t_Good_Count": 1.0, "t_Nameless_Count": 1.0}),
        (
            "surrogate",
            {
                "t_Good_Count": 1.0,
                "t_Half_Count": 1.0,
                "t_Attribute_Count": 1.0,
                "t_Attribute_Half_": 1.0,
            },
        ),
    ],
    ids=["an attribute without a name", "half of a surrogate pair in names"],
)
def test_an_odd_mbean_costs_nothing_and_nobody(jvm, wire, oddity, expected):
    classes = compile_java([ROOT / "tests" / "java" / "OddApp.java"], CACHE / "odd")
    target = start_target(classes, "OddApp", oddity)
    watcher = Watcher(target, ALL, wire)
    try:
        pages = [watcher.page() for _ in range(3)]
    finally:
        watcher.bridge.close()
        target.stop()

    assert [ours(page) for page in pages] == [expected] * 3
    assert pages[-1]["jmx_bridge_connects_total"] == 1.0


def test_a_mistake_of_our_own_becomes_a_page_and_is_over_with_the_next(
    watch, moving_app, monkeypatch, caplog
):
    one_number(moving_app)
    watcher = watch()
    watcher.page()

    def mistaken(*_):
        return next(iter(()))

    with monkeypatch.context() as patch:
        patch.setattr(Inventory, "follow", mistaken)
        pages = [watcher.page() for _ in range(2)]
        detail = watcher.bridge.status().detail
    after = watcher.page()

    assert [(page["jmx_up"], ours(page)) for page in pages] == [(0.0, {})] * 2
    assert "StopIteration" in detail
    failures = [one for one in caplog.records if one.msg == "scrape.failed"]
    assert [one.fields["error"] for one in failures] == ["StopIteration()"]
    assert failures[0].fields["at"].startswith("test_bridge.py:")
    assert (after["jmx_up"], ours(after)) == (1.0, {"t_A_Count": 1.0})


def test_the_target_may_be_absent_and_restart(jvm, wire):
    sources = [ROOT / "tests" / "java" / "MovingApp.java"]
    classes = compile_java(sources, CACHE / "moving")
    first = start_target(classes, "MovingApp")
    put(first, "t:type=A", "Count", "long", 1)
    watcher = Watcher(first, ALL, wire)
    try:
        before = watcher.page()
        first.stop()
        down = watcher.page()
        down_again = watcher.page()
        second = start_target(classes, "MovingApp", port=first.port)
        try:
            put(second, "t:type=B", "Count", "long", 2)
            after = wait_until(lambda: ours(watcher.page()), 20)
        finally:
            second.stop()
    finally:
        watcher.bridge.close()

    assert (before["jmx_up"], ours(before)) == (1.0, {"t_A_Count": 1.0})
    assert (down["jmx_up"], ours(down)) == (0.0, {})
    assert down_again["jmx_bridge_connect_failures_total{reason=connect}"] >= 1.0
    assert after == {"t_B_Count": 2.0}


def test_metrics_of_the_jvm_come_without_an_agent(watch, moving_app):
    watcher = watch("rules: []\n")

    page = watcher.page()

    assert page["jvm_memory_used_bytes{area=heap}"] > 1e6
    assert page["jvm_threads_current"] >= page["jvm_threads_daemon"] > 0
    assert page["process_cpu_seconds_total"] > 0
    assert abs(page["process_start_time_seconds"] - time.time()) < 600
    assert any(name.startswith("jvm_gc_collection_seconds_count{gc=") for name in page)
    assert any(name.startswith("jvm_runtime_info{runtime=") for name in page)
    assert not any(name.startswith("jvm_threads_state") for name in page)


def test_thread_states_are_counted_when_operations_are_allowed(watch, moving_app):
    watcher = watch("rules: []\n", thread_states=True)

    page = watcher.page()

    assert page["jvm_threads_state{state=RUNNABLE}"] > 0
    assert page["jvm_threads_deadlocked"] == 0.0


def test_excluding_jvm_metrics_leaves_them_out(watch, moving_app):
    page = watch("excludeJvmMetrics: true\n").page()

    assert not any(name.startswith(("jvm_", "process_", "java_lang")) for name in page)


def test_new_rules_are_in_force_from_the_next_scrape(watch, moving_app):
    put(moving_app, "t:type=A", "Count", "long", 1)
    watcher = watch(ALL)
    watcher.page()
    watcher.rules = ALL + "rules: [{pattern: '.*Count', name: renamed}]\n"
    watcher.bridge.reload()

    assert ours(watcher.page()) == {"renamed": 1.0}
