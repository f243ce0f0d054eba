"""What MBeans' values become: which are looked at, asked for again, and served by which rule."""

from __future__ import annotations

import pytest
from unit.collect.world import A, World, world
from unit.jmx.mbeans import Holds, Opaque, Table, Throws

from jmx_bridge.collect.series import NOT_READ, Dropped
from jmx_bridge.jmx.abc import TOO_MUCH
from jmx_bridge.model import LeafKind


def asked(one: World, name: str = A) -> list[str]:
    """Return the attributes that are read of an MBean at each scrape."""
    bean = one.bean(name)
    if bean.request < 0:
        return []
    return [a.name for a in one.inventory._plans.requests.asked(bean.request)]


# -- which attributes ---------------------------------------------------------------------------


def test_only_attributes_that_became_series_are_asked_for_again():
    one = world("rules: [{pattern: Good}]\n", A={"Good": 1, "Other": 2}, B={"Other": 1})

    assert one.scrape() == {"t_A_Good{}": 1.0}
    assert asked(one) == ["Good"]
    assert asked(one, "t:type=B") == []


def test_what_may_become_a_number_that_a_rule_claims_is_asked_for_again():
    values = {
        "Null": Holds(None, "java.lang.Long"),
        "Bad": Holds(Throws(), "long"),
        "Maybe": Holds(None, "java.lang.Object"),
        "Usage": {"used": None},
        "Rows": Table(),
        "Text": "x",
        "Array": Opaque(),
    }

    one = world("", A=values)
    one.scrape()

    assert asked(one) == ["Null", "Bad", "Maybe", "Usage", "Rows"]


def test_what_no_rule_would_claim_is_not_asked_for_again():
    values = {
        "Null": Holds(None, "java.lang.Long"),
        "Rows": Table(),
        "Maybe": Holds(None, "java.lang.Object"),
    }

    one = world("rules: [{pattern: 'other<type=B>'}]\n", A=values)
    one.scrape()

    assert asked(one) == []


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param("", [], id="left out"),
        pytest.param(
            "autoExcludeObjectNameAttributes: false\n",
            ["Odd"],
            id="perhaps a number tomorrow",
        ),
    ],
)
def test_an_object_that_is_no_value_is_asked_for_again_only_if_the_file_says_so(
    rules, expected
):
    odd = Holds(Opaque(LeafKind.UNSUPPORTED), "java.lang.Object")

    one = world(rules, A={"Odd": odd})
    one.scrape()

    assert asked(one) == expected


def test_attributes_are_left_out_by_the_mbeans_name_in_any_order():
    rules = "excludeObjectNameAttributes: {'t:type=A,name=x': [Secret]}\n"
    one = World(rules)
    one.put("t:name=x,type=A", {"Secret": 1, "Count": 2})
    one.put("t:name=y,type=A", {"Secret": 3})

    assert one.scrape() == {
        "t_x_Count{type=A}": 2.0,
        "t_y_Secret{type=A}": 3.0,
    }


def test_only_included_attributes_are_seen_where_some_are():
    rules = "includeObjectNameAttributes: {'t:type=A': [Count]}\n"

    one = world(rules, A={"Secret": 1, "Count": 2}, B={"Secret": 3})

    assert one.scrape() == {"t_A_Count{}": 2.0}


def test_secrets_of_the_runtime_are_never_asked_for(monkeypatch):
    one = World("rules: [{pattern: '.*'}]\n", with_jvm=True)
    one.put("java.lang:type=Runtime", {"ClassPath": 1, "classPath": 2, "Uptime": 3})
    one.put("jdk.management.jfr:type=FlightRecorder", {"Count": 4})
    requests, request = [], one.tracker.request

    def requesting(attributes, texts):
        requests.append(list(attributes))
        return request(attributes, texts)

    monkeypatch.setattr(one.tracker, "request", requesting)

    assert one.scrape() == {"java_lang_Runtime_Uptime{}": 3.0}
    assert requests == [["Uptime"], []]


def test_attributes_that_only_the_jvms_metrics_read_are_hidden_from_rules():
    rules = "excludeObjectNameAttributes: {'java.lang:type=Threading': [ThreadCount]}\n"
    one = World(rules, with_jvm=True)
    one.put("java.lang:type=Threading", {"ThreadCount": 7, "Other": 1})
    page = one.scrape()
    jvm = one.inventory.jvm.families(one.inventory.read([], 1.0), None)

    assert page == {"java_lang_Threading_Other{}": 1.0}
    assert [(f.name, f.samples[0].value) for f in jvm] == [("jvm_threads_current", 7.0)]
    assert one.bean("java.lang:type=Threading").hidden == {"ThreadCount"}


def test_mxbeans_that_come_and_go_and_change_move_the_jvms_metrics():
    one = World("excludeObjectNames: ['java.lang:*']\n", with_jvm=True)
    name = "java.lang:type=Threading"

    def jvm():
        one.scrape()
        numbers = one.inventory.read([], 1.0)
        return {
            f.name: f.samples[0].value
            for f in one.inventory.jvm.families(numbers, None)
        }

    found = []
    for values, registration in (
        ({"ThreadCount": 7, "Other": 1}, 0),
        ({"ThreadCount": None, "Other": 1}, 0),
        ({"ThreadCount": 8, "Other": 1}, 0),
        ({"PeakThreadCount": 9}, 1),
    ):
        one.put(name, values, registration=registration)
        found.append(jvm())
    one.drop(name)
    gone = jvm()

    assert found == [
        {"jvm_threads_current": 7.0},
        {},
        {"jvm_threads_current": 8.0},
        {"jvm_threads_peak": 9.0},
    ]
    assert gone == {}
    assert one.inventory.jvm._bound == {}


def test_of_an_mxbean_without_the_jvms_numbers_nothing_is_remembered():
    one = World("rules: [{pattern: nothing}]\n", with_jvm=True)
    bound = []
    for attribute, registration in (("ThreadCount", 0), ("Other", 1)):
        one.put("java.lang:type=Threading", {attribute: 1}, registration=registration)
        one.scrape()
        bound.append(len(one.inventory.jvm._bound))

    assert bound == [1, 0]


def test_to_an_mbean_that_only_the_jvms_metrics_read_rules_add_nothing():
    rules = (
        "excludeObjectNameAttributes: {'java.lang:type=Threading': [ThreadCount]}\n"
        "metricCustomizers:\n"
        "- mbeanFilter: {domain: java.lang}\n"
        "  extraMetrics: [{name: more, value: 1}]\n"
    )
    one = World(rules, with_jvm=True)
    pages = []
    # As with another structure, which is judged anew.
    for value in (7, None, 8):
        one.put("java.lang:type=Threading", {"ThreadCount": value})
        pages.append(one.scrape())

    assert pages == [{}, {}, {}]


# -- which rule -------------------------------------------------------------------------------------


def test_rules_with_and_without_snake_case_and_cache_see_their_own_subjects():
    rules = (
        "rules:\n"
        "- {pattern: '<>some_name: 1', name: snake_$0, attrNameSnakeCase: true}\n"
        "- {pattern: '<>someName: (2)', name: plain_$1}\n"
        "- {pattern: '<>someName: (.*)', name: cached, cache: true, labels: {l: $1}}\n"
    )
    pages = []
    one = world(rules)
    for number in (2, 3):
        one.put(A, {"someName": number})
        pages.append(one.scrape())

    assert pages == [{"plain_2{}": 2.0}, {"cached{l=<cache>}": 3.0}]


def test_a_default_name_has_the_attribute_as_the_rule_sees_it():
    rules = "rules: [{pattern: '<>some_name', attrNameSnakeCase: true}]\n"

    assert world(rules, A={"someName": 1}).scrape() == {"t_A_some_name{}": 1.0}


def test_a_rule_without_a_pattern_claims_what_others_left():
    rules = "rules: [{pattern: 'Good: (1)', name: good_$1}, {}]\n"

    one = world(rules, A={"Good": 1, "Other": 2})

    assert one.scrape() == {"good_1{}": 1.0, "t_A_Other{}": 2.0}


@pytest.mark.parametrize("pattern", ["", ".*", ".+", "type"])
def test_what_a_line_terminator_keeps_from_a_rule_is_left_to_the_next(pattern):
    one = world(
        f"rules: [{{pattern: '{pattern}'}}, {{pattern: '\\n', name: n}}, {{}}]\n"
    )
    one.put("t:type=A\rB", {"Count": 1})
    one.put("t:type=B", {"Count": 2, "More\n": 3})

    assert one.scrape() == {"t_A_B_Count{}": 1.0, "t_B_Count{}": 2.0, "n{}": 3.0}


def test_a_text_with_lines_is_left_to_the_next_rule():
    one = world(
        "rules: [{pattern: '.*'}, {pattern: 'State: ([^x]*)', name: n, value: 1, labels: {s: $1}}]\n",
        A={"State": "a\nb"},
    )

    assert one.scrape() == {"n{s=a\nb}": 1.0}


def test_a_text_with_lines_is_claimed_by_a_rule_that_does_not_see_it():
    one = world(
        "rules: [{pattern: '.*', cache: true}, {pattern: 'State: ([^x]*)', name: n, value: 1}]\n",
        A={"State": "a\nb"},
    )

    assert one.scrape() == {}


def test_a_line_terminator_defeats_a_rule_that_matches_all_but_not_one_without_pattern():
    values = {"Count": 1, "a\nb": 2}

    assert world("rules: [{pattern: '.*'}]\n", A=values).scrape() == {
        "t_A_Count{}": 1.0
    }
    assert world("rules: [{}]\n", A=values).scrape() == {
        "t_A_Count{}": 1.0,
        "t_A_a_b{}": 2.0,
    }


def test_equal_rows_of_tables_are_looked_at_each_by_its_own_name():
    rules = "rules: [{pattern: 'key=b>'}]\n"

    one = world(rules, A={"Rows": Table((("a", 1), ("b", 2)))})

    assert one.scrape() == {"t_A_Rows{key=b}": 2.0}


def test_a_text_becomes_a_series_only_by_a_rules_value():
    rules = (
        "rules:\n"
        "- {pattern: '<>One: (.+)', name: one, value: $1}\n"
        "- {pattern: '<>Two', name: two}\n"
    )

    one = world(rules, A={"One": "12", "Two": "13", "Three": "14"})

    assert one.scrape() == {"one{}": 12.0}


def test_a_factor_concerns_numbers_and_not_flags():
    one = world("rules: [{pattern: 't', valueFactor: 3}]\n", A={"F": True, "N": 1})

    assert one.scrape() == {"t_A_F{}": 1.0, "t_A_N{}": 3.0}


def test_an_empty_text_is_seen_as_empty():
    rules = (
        "rules:\n- {pattern: 'Text: (.+)', name: some, value: 1, labels: {is: $1}}\n"
        "- {pattern: 'Text: ', name: none, value: 1}\n"
    )

    assert world(rules, A={"Text": ""}).scrape() == {"none{}": 1.0}


def test_a_null_is_asked_for_again_if_any_number_there_would_be_claimed():
    one = world("rules: [{pattern: 'Null: .+'}]\n", A={"Null": None})
    one.scrape()

    assert asked(one) == ["Null"]


def test_a_null_is_asked_for_again_if_another_number_would_be_claimed():
    one = world("rules: [{pattern: 'Null: 7'}]\n", A={"Null": None})
    one.scrape()

    assert asked(one) == ["Null"]


def test_what_no_pattern_decided_is_asked_for_again_and_told_by_its_rule():
    one = world("rules:\n- {pattern: '<>N'}\n", A={"N": 1, "Null": None})
    one.rules.matcher.undecided = {0: "pattern_steps"}
    one.scrape()

    assert not one.rules.any_sees_value
    assert asked(one) == ["Null"]
    assert one.inventory.dropped() == [
        Dropped("pattern_steps", "", "", "rules.yml:2", leaf=NOT_READ)
    ]


def test_constants_of_customizers_are_served_as_what_they_are():
    rules = (
        "metricCustomizers:\n"
        "- mbeanFilter: {domain: t, properties: {type: A}}\n"
        "  extraMetrics:\n"
        "  - {name: flag, value: true}\n"
        "  - {name: 'off', value: false}\n"
        "  - {name: number, value: 2.5, description: A number}\n"
        "  - {name: text, value: abc}\n"
        "rules:\n"
        "- {pattern: '<>number', name: number, valueFactor: 2}\n"
        "- {pattern: '<>text: (.*)', name: text, value: 1, labels: {is: $1}}\n"
        "- {pattern: '<>flag', name: flag, valueFactor: 2, help: A flag}\n"
        "- {}\n"
    )

    one = world(rules, A={}, B={"Count": 1})

    assert one.scrape() == {"t_B_Count{}": 1.0}
    one.put(A, {"Name": "x"}, registration=1)
    assert one.scrape() == {
        "flag{}": 1.0,
        "number{}": 5.0,
        "t_A_off{}": 0.0,
        "t_B_Count{}": 1.0,
        "text{is=abc}": 1.0,
    }
    assert one.helps()["flag"] == "A flag"
    assert one.helps()["number"] == "A number t:name=null,type=A,attribute=number"
    assert one.helps()["t_A_off"] == "t:name=null,type=A,attribute=off"


def test_constants_that_are_equal_are_told_apart_by_their_mbean():
    rules = (
        "metricCustomizers: [{mbeanFilter: {domain: t}, extraMetrics: [{name: n, value: 1}]}]\n"
        "rules: [{name: n, pattern: '<>n: '}]\n"
    )

    one = world(rules, A={"Name": "x"}, B={"Name": "x"})

    assert one.scrape() == {
        "n{_objectname=t<type=A><>n}": 1.0,
        "n{_objectname=t<type=B><>n}": 1.0,
    }


def test_a_dropped_sample_tells_where_it_is_and_which_rule_claimed_it():
    rules = "rules:\n- {pattern: '<>Count', name: bad_$9}\n"

    one = world(rules, A={"Count": 1})
    one.scrape()

    (dropped,) = one.inventory.dropped()
    assert dropped == Dropped(
        "bad_template", "", "t<type=A><>Count", "rules.yml:2", leaf=0
    )
    assert dropped.told() == {
        "reason": "bad_template",
        "where": "t<type=A><>Count",
        "rule": "rules.yml:2",
    }


def test_a_dropped_sample_of_an_mbean_with_a_colon_in_its_name_is_told_in_full():
    one = World("rules:\n- {pattern: '<>Count', name: bad_$9}\n")
    one.put('t:type="a:b"', {"Count": 1})
    one.scrape()

    assert [one.where for one in one.inventory.dropped()] == ['t<type="a:b"><>Count']


def test_what_a_rule_leaves_out_on_purpose_is_not_told():
    one = world("rules: [{pattern: 't', name: ''}]\n", A={"Count": 1})

    assert one.scrape() == {}
    assert one.inventory.dropped() == []


def test_a_text_that_had_no_room_is_left_out_and_others_are_not():
    rules = "rules:\n- {pattern: 'Text: (.*)', name: said, value: 1, labels: {text: $1}}\n- {pattern: Good}\n"
    one = world(rules, A={"Text": TOO_MUCH, "Good": 1})

    assert one.scrape() == {"t_A_Good{}": 1.0}
    assert one.inventory.dropped() == [Dropped("text_limit", "", "", "", leaf=0)]
    assert asked(one) == ["Text", "Good"]


def test_a_name_of_the_bridges_own_is_left_out_and_told():
    one = world("rules:\n- {pattern: Good, name: jmx_up}\n", A={"Good": 1})

    assert one.scrape() == {}
    assert one.inventory.dropped() == [
        Dropped("conflict", "jmx_up", "t<type=A><>Good", "rules.yml:2", leaf=0)
    ]
