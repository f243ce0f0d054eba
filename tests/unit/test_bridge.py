"""The life of a scrape, on recorded MBeans: what is served, and what is told of it."""

from __future__ import annotations

import pytest
from unit import offline
from unit.bridged import DROPPED, A, B
from unit.jmx.mbeans import Holds, Table
from unit.offline import own, scraped, series

from jmx_bridge.jmx.abc import Failure

# -- MBeans that come, change and go -----------------------------------------------------------


def test_an_mbean_registered_anew_without_attributes_is_asked_nothing(target, watch):
    target.put(A, {"Count": 1})
    target.put(B, {"Count": 2})
    watch().page()
    target.put(A, {}, registration=1)

    assert [target.page(), target.page()] == [{"t_B_Count": 2.0}] * 2


def test_one_registered_anew_is_described_however_long_that_takes(target, watch):
    target.put(A, {"Count": 1})
    watch().page()
    target.put(A, {"Count": 1, "More": 2}, registration=1, undescribed=Failure.LATE)
    late = [target.page(), target.page()]
    target.change(A, undescribed=None)

    assert late == [{"t_A_Count": 1.0}] * 2
    assert target.page() == {"t_A_Count": 1.0, "t_A_More": 2.0}


# -- what rules see of values ------------------------------------------------------------------


def test_a_dropped_sample_is_counted_until_its_own_value_is_another(target, watch):
    target.put(A, {"Bad": 1, "State": "on", "Worse": "x"})
    watch(
        "rules:\n"
        "- {pattern: 't<type=A><>Bad', name: bad_$9}\n"
        "- {pattern: 't<type=A><>State: (.+)', name: state, value: 1, labels: {s: $1}}\n"
        "- {pattern: 't<type=A><>Worse: x', name: worse_$9, value: 1}\n"
    )
    first = target.own(DROPPED % "bad_template")
    target.put(A, {"Bad": 1, "State": "off", "Worse": "x"})
    second = target.own(DROPPED % "bad_template")
    target.put(A, {"Bad": 1, "State": "off", "Worse": "y"})

    assert (first, second) == (2.0, 2.0)
    assert target.own(DROPPED % "bad_template") == 1.0
    assert target.page() == {"state{s=off}": 1.0}


@pytest.mark.parametrize("labels", ["", "[State]"])
def test_a_dropped_sample_is_counted_while_other_values_of_its_mbean_change(
    target, watch, labels
):
    watch(
        f"metricCustomizers: [{{mbeanFilter: {{domain: t}}, attributesAsLabels: {labels or '[]'}}}]\n"
        "rules: [{pattern: '<>Bad', name: bad_$9}, {}]\n"
    )
    counts = []
    for rows, state in (((), "on"), ((("a", 1),), "on"), ((("a", 1),), "off")):
        target.put(A, {"Bad": 1, "Rows": Table(rows), "State": state})
        counts.append(target.own(DROPPED % "bad_template"))

    assert counts == [1.0] * 3


def test_a_label_of_a_customizer_follows_a_value_that_was_null(target, watch):
    target.put(A, {"Count": 1, "Version": Holds(None, "java.lang.String")})
    watch(
        "metricCustomizers:\n"
        "- {mbeanFilter: {domain: t}, attributesAsLabels: [Version]}\n"
        "rules: [{pattern: '.*'}]\n"
    )
    pages = [target.page()]
    for version in ("1", "2"):
        target.put(A, {"Count": 1, "Version": version})
        pages.append(target.page())

    assert pages == [
        {"t_A_Count": 1.0},
        {"t_A_Count{Version=1}": 1.0},
        {"t_A_Count{Version=2}": 1.0},
    ]


# -- the same without a JVM that tests/integration/test_bridge.py proves on one ----------------


def test_an_mbean_is_served_in_the_scrape_in_which_it_appears(target, watch):
    target.put(A, {"Count": 1})
    watch()
    first = target.page()
    target.put(B, {"Count": 2})

    assert first == {"t_A_Count": 1.0}
    assert target.page() == {"t_A_Count": 1.0, "t_B_Count": 2.0}


def test_an_mbean_is_gone_in_the_scrape_after_it_vanished(target, watch):
    target.put(A, {"Count": 1})
    target.put(B, {"Count": 2})
    watch().page()
    target.drop(B)

    assert target.page() == {"t_A_Count": 1.0}


def test_values_move(target, watch):
    target.put(A, {"Count": 1, "Well": True, "Share": 0.5})
    watch().page()
    target.put(A, {"Count": 7, "Well": False, "Share": 0.25})

    assert target.page() == {"t_A_Count": 7.0, "t_A_Well": 0.0, "t_A_Share": 0.25}


def test_attributes_of_an_mbean_registered_anew_are_seen(target, watch):
    target.put(A, {"Count": 1})
    watch().page()
    target.put(A, {"More": 2}, registration=1)

    assert target.page() == {"t_A_More": 2.0}


def test_an_mbean_whose_values_became_nothing_may_become_something(target, watch):
    target.put(A, {"Name": "x"})
    first = watch().page()
    target.put(A, {"Count": 1}, registration=1)

    assert first == {}
    assert target.page() == {"t_A_Count": 1.0}


def test_a_null_that_becomes_a_number_is_served_then(target, watch):
    target.put(A, {"Count": None})
    watch()
    pages = [target.page()]
    for value in (5, None):
        target.put(A, {"Count": Holds(value, "java.lang.Long")})
        pages.append(target.page())

    assert pages == [{}, {"t_A_Count": 5.0}, {}]


def test_rows_of_a_table_come_and_go(target, watch):
    watch()
    pages = []
    for rows in ((), (("a", 1),), (("a", 1), ("b", 2)), ()):
        target.put(A, {"Rows": Table(rows)})
        pages.append(target.page())

    a, b = "t_A_Rows{key=a}", "t_A_Rows{key=b}"
    assert pages == [{}, {a: 1.0}, {a: 1.0, b: 2.0}, {}]


def test_a_label_made_of_a_value_follows_the_value(target, watch):
    watch(
        "rules: [{pattern: 't<type=A><>State: (.+)', name: s, value: 1, labels: {s: $1}}]\n"
    )
    pages = []
    for state in ("starting", "running", "starting"):
        target.put(A, {"State": state})
        pages.append(target.page())

    assert pages == [{f"s{{s={s}}}": 1.0} for s in ("starting", "running", "starting")]


def test_a_number_that_a_rule_sees_is_judged_again_when_it_changes(target, watch):
    watch(r"rules: [{pattern: 't<type=A><>Count: 4(\d)', name: forty, value: $1}]")
    pages = []
    for value in (41, 42, 52, 43):
        target.put(A, {"Count": value})
        pages.append(target.page())

    assert pages == [{"forty": 1.0}, {"forty": 2.0}, {}, {"forty": 3.0}]


def test_a_negative_counter_costs_only_its_own_sample(target, watch):
    target.put(A, {"Count": 3})
    target.put(B, {"Count": 4})
    rules = "rules: [{pattern: 't<type=(.)><>Count', name: n, type: COUNTER, labels: {t: $1}}]\n"
    watch(rules).page()
    target.put(A, {"Count": -1})
    page = scraped(target.bridge)
    target.put(A, {"Count": 5})

    told = "jmx_bridge_rule_dropped{rule=rules.yml:2,reason=negative_counter}"
    assert series(page) == {"n_total{t=B}": 4.0}
    assert own(page)[DROPPED % "negative_counter"] == own(page)[told] == 1.0
    assert target.page() == {"n_total{t=A}": 5.0, "n_total{t=B}": 4.0}


def test_equal_series_are_told_apart_and_then_dropped(target, watch, caplog):
    target.put(A, {"Count": 1})
    target.put("t:name=x,type=A", {"Count": 2})
    target.put("t:type=B,name=a", {"Rows": {"x": 1, "X": 2}})
    watch(
        "lowercaseOutputName: true\n"
        "rules:\n- {pattern: '<type=A>', name: a}\n- {pattern: 'x, type=A>', name: a}\n"
        "- {pattern: 'type=B', name: b}\n"
    )

    assert target.page() == {
        "a{_objectname=t<name=x, type=A><>Count}": 2.0,
        "a{_objectname=t<type=A><>Count}": 1.0,
        "b{_objectname=t<type=B, name=a><Rows>X}": 2.0,
        "b{_objectname=t<type=B, name=a><Rows>x}": 1.0,
    }


def test_only_one_of_two_samples_that_nothing_tells_apart_is_served(
    target, watch, caplog
):
    caplog.set_level("WARNING")
    target.put(A, {"someName": 1, "some_name": 2})
    watch("rules: [{pattern: 't', name: n, attrNameSnakeCase: true}]\n")

    page = scraped(target.bridge)

    assert list(series(page)) == ["n{_objectname=t<type=A><>some_name}"]
    assert own(page)[DROPPED % "duplicate"] == 1.0
    (told,) = [r.fields for r in caplog.records if r.msg == "sample.dropped"]
    assert (told["reason"], told["detail"]) == ("duplicate", "n")
    assert told["rule"] == "rules.yml:2"
    assert own(page)["jmx_bridge_rule_dropped{rule=rules.yml:2,reason=duplicate}"] == 1


@pytest.mark.parametrize("kind", ["GAUGE", "COUNTER", "INFO"])
@pytest.mark.parametrize(
    "name",
    ["jmx_up", "jmx_bridge_samples_dropped", "jmx_bridge_page_samples_cut", "jmx_bridge_build"],
)  # fmt: skip
def test_a_rules_series_is_never_taken_for_the_bridges_own_and_counted(
    target, watch, name, kind
):
    target.put(A, {"Count": 7})
    target.put(B, {"Count": 8})
    watch(
        f"rules:\n- {{pattern: 'type=A', name: {name}, type: {kind}, labels: {{a: b}}}}\n"
        "- {pattern: 'type=B', name: b}\n"
    )

    snapshot = scraped(target.bridge)
    page, told = series(snapshot), own(snapshot)

    assert page == {"b": 8.0}
    assert not any("a=b" in one for one in told)
    assert told["jmx_bridge_samples"] == 1.0
    assert told[DROPPED % "conflict"] == 1.0
    assert told["jmx_bridge_rule_dropped{rule=rules.yml:3,reason=conflict}"] == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('t:type=A,x="\ud800"', 't:type=A,x="?"'),
        ('t:type=A,x="\0"', 't:type=A,x="\ufffd"'),
        ("t:type=A,x=", "t:type=A"),
    ],
    ids=["surrogate", "nul", "empty"],
)
def test_series_that_are_written_alike_are_told_apart(target, watch, one, other):
    target.put(one, {"Count": 1})
    target.put(other, {"Count": 2})

    watch()
    snapshot = scraped(target.bridge)
    told = own(snapshot).get(DROPPED % "duplicate", 0)
    lines = [line for line in offline.page(snapshot).splitlines() if line[0] != "#"]
    names = {line.rpartition(" ")[0].replace(',x=""', "") for line in lines}

    # Where what would tell them apart is written alike, too, one is left out and counted.
    assert len(names) == len(lines)
    assert len(lines) + told == 2
    assert all("_objectname" in name for name in names)


def test_labels_whose_names_are_written_alike_are_told_apart(target, watch):
    target.put(A, {"Count": 1})
    target.put(B, {"Count": 2})
    watch(
        "rules:\n- {pattern: 'type=A', name: n, labels: {'x:y': v}}\n"
        "- {pattern: 'type=B', name: n, labels: {x_y: v}}\n"
    )

    assert target.page() == {
        "n{_objectname=t<type=A><>Count,x_y=v}": 1.0,
        "n{_objectname=t<type=B><>Count,x_y=v}": 2.0,
    }
