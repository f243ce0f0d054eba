"""What a rule that matches makes: names, labels, values, types and help, as in jmx_exporter."""

import pytest
from unit.ruled import BEAN, claim, ruleset, verdict

from jmx_bridge.mapping import (
    Claim,
    Drop,
)
from jmx_bridge.mapping import verdict as verdict_module
from jmx_bridge.mapping.naming import safe_name
from jmx_bridge.model import MetricType

# -- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "template"),
    [
        ("plain", "plain"),
        ("a_orders", "a_$1"),
        ("a_orders", "a_${topic}"),
        ("orders2", "$12"),
        ("_orders", "$2_$1"),
        ("a_1", r"a_\$1"),
        ("a_b", "a-+b"),
        ("_9lives", "9lives"),
        ("a:b", "a:b"),
    ],
    ids=[
        "no group",
        "a group by number",
        "a group by name",
        "a digit too many",
        "a group that matched nothing",
        "an escaped dollar sign",
        "illegal characters",
        "a digit first",
        "a colon",
    ],
)
def test_a_name_is_a_template(expected, template):
    found = claim({"pattern": "topic=(?<topic>[a-z]+)(x)?>", "name": template})

    assert expected == found.family


@pytest.mark.parametrize("template", ["$3", "${nope}", "a$", "$x", "a\\"])
def test_a_bad_template_drops_the_sample(template):
    rules = ruleset({"pattern": "topic=(.+)(>)", "name": template})

    assert verdict(rules) == Drop("bad_template")


@pytest.mark.parametrize(
    ("expected", "bean", "path"),
    [
        ("kafka_server_Topics_Count", BEAN, ()),
        ("kafka_server_Topics_Usage_used_Count", BEAN, ("Usage", "used")),
        ("a_b_c_d_Count", "a.b:x=c/d", ()),
        ("_9_c_Count", "9:x=c", ()),
        ("a_quoted_Count", 'a:x="quoted"', ()),
        ("a_Count", "a:x=", ()),
        ("a_Count", "a:*", ()),
    ],
    ids=[
        "plain",
        "path",
        "illegal",
        "digit",
        "quotes",
        "empty value",
        "no properties",
    ],
)
def test_a_default_name_is_domain_first_value_path_and_attribute(expected, bean, path):
    assert expected == claim({"pattern": ".*"}, bean, path=path).family


def test_a_default_name_is_worked_out_once(monkeypatch):
    made = []

    def noted(name):
        made.append(name)
        return safe_name(name)

    monkeypatch.setattr(verdict_module, "safe_name", noted)
    rules = ruleset({"pattern": ".*"}, lowercaseOutputName=True)

    names = [verdict(rules, "a.B:type=C").family for _ in range(2)]

    assert names == ["a_b_c_count"] * 2
    assert made == ["a.B_C_Count"]


def test_names_may_be_lower_case():
    top = {"lowercaseOutputName": True, "lowercaseOutputLabelNames": True}
    rule = {"pattern": "(BytesIn)", "name": "A_$1", "labels": {"Topic": "Orders"}}

    assert claim(rule, top=top)[:3] == (
        "a_bytesin",
        MetricType.UNKNOWN,
        (("topic", "Orders"),),
    )
    assert claim({"pattern": ".*"}, "A:b=C,D=E", top=top).labels == (("d", "E"),)


# -- labels ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "labels"),
    [
        ({"topic": "orders"}, {"topic": "$1"}),
        ({"orders": "x"}, {"$1": "x"}),
        ({}, {"topic": ""}),
        ({}, {"": "x"}),
        ({}, {"topic": "$2"}),
        ({}, {"$2": "x"}),
        ({"a_b": "x"}, {"a b": "x"}),
        ({"_9": "x"}, {"9": "x"}),
        ({"_": "x y"}, {"é": "x y"}),
        ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}),
    ],
    ids=[
        "a value",
        "a name",
        "empty value",
        "empty name",
        "a value that became empty",
        "a name that became empty",
        "an illegal name",
        "a digit first",
        "values stay as they are",
        "sorted",
    ],
)
def test_labels_are_templates(expected, labels):
    found = claim(
        {"pattern": "topic=([a-z]+)(x)?>", "name": "a", "labels": labels}
    ).labels

    assert tuple(expected.items()) == found


def test_default_labels_are_the_other_properties():
    found = claim({"pattern": ".*"}, 'a:b=c,z="1",y=,x-x=3', extra=(("e", "f"),))

    assert found.labels == (("e", "f"), ("x_x", "3"), ("y", ""), ("z", '"1"'))


def test_values_with_the_same_labels_share_them():
    rule = {"pattern": "(.*)<>", "name": "a", "labels": {"b": "$1"}}

    assert claim(rule).labels is claim(rule).labels


def test_a_customizers_labels_are_added():
    rule = {"pattern": "Count", "name": "a", "labels": {"x": "1"}}

    assert claim(rule, extra=(("w-w", ""),)).labels == (("w_w", ""), ("x", "1"))


@pytest.mark.parametrize(
    ("rule", "bean", "extra"),
    [
        ({"pattern": ".*", "name": "a", "labels": {"a b": "1", "a-b": "2"}}, BEAN, ()),
        ({"pattern": ".*", "name": "a", "labels": {"a": "1"}}, BEAN, (("a", "2"),)),
        ({"pattern": ".*"}, "a:b=c,d-e=1,d e=2", ()),
        ({"pattern": ".*"}, BEAN, (("topic", "x"),)),
    ],
    ids=["of the rule", "of a customizer", "of the MBean", "of both"],
)
def test_two_labels_of_one_name_drop_the_sample(rule, bean, extra):
    found = verdict(ruleset(rule), bean, extra=extra)

    assert found == Drop("duplicate_label")


def test_lower_case_can_make_two_labels_one():
    rule = {"pattern": ".*", "name": "a", "labels": {"A": "1", "a": "2"}}

    assert claim(rule).labels == (("A", "1"), ("a", "2"))
    lower = ruleset(rule, lowercaseOutputLabelNames=True)
    assert verdict(lower).reason == "duplicate_label"


# -- values, types, help -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "value", "text"),
    [
        (12.0, "$1", "12"),
        (12.5, "$1", " 12.5 "),
        (1.0, "1", "anything"),
        (120.0, "$10", "12"),
        (float("inf"), "$1", "Infinity"),
        (None, "$1", "twelve"),
        (None, "$1", "1_000"),
        (None, "null", "12"),
        (None, "$1", "true"),
    ],
)
def test_a_rules_value_is_what_java_reads_as_a_number(expected, value, text):
    rules = ruleset(
        {"pattern": "Text:(.*)", "name": "a", "value": value},
        {"pattern": ".*", "name": "other"},
    )

    found = verdict(rules, attribute=("Text", text), string=True)

    assert expected == (None if found == Drop("") else found.value)


def test_a_factor_multiplies():
    rule = {"pattern": "Count: (.*)", "name": "a", "valueFactor": 0.001}

    assert (claim(rule).value, claim(rule).factor) == (None, 0.001)
    assert claim(rule | {"value": "$1"}).value == 12 * 0.001


def test_a_value_without_a_pattern_drops_everything():
    # Java's exporter fails at every scrape then; the text "null" is no number.
    assert verdict(ruleset({"value": None})) == Drop("")


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        (MetricType.UNKNOWN, {}),
        (MetricType.UNKNOWN, {"type": "UNTYPED"}),
        (MetricType.UNKNOWN, {"type": "gauge"}),
        (MetricType.GAUGE, {"type": "GAUGE"}),
        (MetricType.COUNTER, {"type": "COUNTER"}),
        (MetricType.INFO, {"type": "INFO"}),
    ],
)
def test_a_type_is_the_rules(expected, written):
    assert expected == claim({"pattern": "Count", "name": "a"} | written).type


def test_a_name_can_make_a_counter():
    top = {"inferCounterTypeFromName": True, "lowercaseOutputName": True}
    rule = {"pattern": "Count", "name": "a_TOTAL", "type": "GAUGE"}

    assert claim(rule, top=top)[:2] == ("a", MetricType.COUNTER)
    assert claim(rule | {"name": "totals"}, top=top).type is MetricType.GAUGE
    assert claim(rule)[:2] == ("a_TOTAL", MetricType.GAUGE)
    assert claim({"pattern": ".*"}, attribute=("a_total", "1"), top=top).type is (
        MetricType.COUNTER
    )


def test_an_info_is_always_one():
    rule = {"pattern": "Count", "name": "a_info", "type": "INFO", "valueFactor": 3}

    assert claim(rule)[:2] == ("a", MetricType.INFO)
    assert claim(rule).value == 1.0


def test_help_is_a_template_or_the_default():
    rule = {"pattern": "name=(\\w+)", "name": "a"}

    assert claim(rule).help is None
    assert claim(rule | {"help": "About $1"}).help == "About BytesIn"
    assert claim(rule | {"help": ""}).help == ""


def test_all_templates_come_in_their_order():
    rule = {
        "pattern": "Count: (.*)",
        "name": "n$1",
        "help": "h$1",
        "value": "$1",
        "labels": {"b$1": "y$1", "a$1": "x$1"},
    }

    assert claim(rule) == Claim(
        family="n12",
        type=MetricType.UNKNOWN,
        labels=(("a12", "x12"), ("b12", "y12")),
        help="h12",
        value=12.0,
        factor=1.0,
        rule=0,
    )
