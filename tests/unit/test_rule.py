"""What rules make of values: the first that matches decides, as in jmx_exporter."""

import pytest
import yaml
from fake_matcher import FakeMatcher
from fake_matcher import verdict as verdict_on
from fake_syntax import FakeSyntax

from jmx_bridge.config import DEFAULT, parse_config
from jmx_bridge.mapping import (
    Claim,
    Drop,
    Ruleset,
    parse_name,
)
from jmx_bridge.mapping import verdict as verdict_module
from jmx_bridge.mapping.naming import safe_name
from jmx_bridge.mapping.subject import tail
from jmx_bridge.model import MetricType

BEAN = "kafka.server:type=Topics,name=BytesIn,topic=orders"
COUNT = ("Count", "12")


def ruleset(*rules, **top):
    text = yaml.safe_dump({**top, "rules": list(rules)}, allow_unicode=True)
    config = parse_config(text, "f.yml", syntax=FakeSyntax(), environ={})
    return Ruleset(config, FakeMatcher)


def verdict(rules, bean=BEAN, attribute=COUNT, path=(), **options):
    return verdict_on(rules, parse_name(bean), attribute, path, **options)


def claim(rule, *args, top=None, **options):
    found = verdict(ruleset(rule, **(top or {})), *args, **options)
    assert isinstance(found, Claim), found
    return found


# -- matching ------------------------------------------------------------------------------


def test_the_first_rule_that_matches_decides():
    rules = ruleset(
        {"pattern": "BytesOut", "name": "zero"},
        {"pattern": "BytesIn", "name": "one"},
        {"pattern": "Bytes", "name": "two"},
    )

    found = verdict(rules)

    assert (found.family, found.rule) == ("one", 1)
    assert rules.where(found.rule) == rules.rules[1].where == "f.yml:4"


def test_what_no_rule_matches_becomes_nothing():
    assert verdict(ruleset({"pattern": "BytesOut", "name": "a"})) is None
    assert verdict(ruleset()) is None


def test_a_rule_that_leaves_a_value_out_hides_it_from_later_ones():
    rules = ruleset({"pattern": "Count", "name": ""}, {"pattern": ".*", "name": "a"})

    assert verdict(rules) == Drop("")


@pytest.mark.parametrize(
    ("expected", "pattern"),
    [
        (True, "<>Count"),
        (True, "<>Coun"),
        (True, "^kafka"),
        (True, "12$"),
        (True, "name=BytesIn, topic"),
        (True, "Count: 12"),
        (False, "name=BytesIn,topic"),
        (False, "^Count"),
        (False, "topic=orders, name"),
        (False, "kafka.server:type"),
    ],
)
def test_a_pattern_may_stand_anywhere_in_the_subject(expected, pattern):
    found = verdict(ruleset({"pattern": pattern, "name": "a"}))

    assert expected == (found is not None)


def test_groups_bind_as_far_right_as_they_can():
    assert (
        claim({"pattern": r"(\w=)(.*)", "name": "a_$1_$2"}).family
        == "a_c_orders_Count:_12"
    )


def test_no_pattern_matches_across_lines():
    rule = ruleset({"pattern": "Text: (.*)", "name": "a", "value": "1"})

    found = [
        verdict(rule, attribute=("Text", text), string=True)
        for text in ("one", "two\nlines", "two\u2028lines")
    ]

    assert [one is not None for one in found] == [True, False, False]


def test_a_rule_without_a_pattern_takes_everything():
    rules = ruleset({})

    found = verdict(rules)

    assert found.family == "kafka_server_Topics_Count"
    assert rules.matcher.asked == 0


def test_rules_behind_one_that_takes_everything_are_not_candidates():
    rules = ruleset({"pattern": "a"}, {"pattern": ".*"}, {"pattern": "b"})

    assert rules.candidates(-1, -1) == rules.text_candidates(-1, -1) == (0, 1)


def test_rules_whose_texts_are_missing_are_never_tried():
    rules = ruleset(
        {"pattern": "a<type=(.*)><>x", "name": "a"},
        {"pattern": "kafka.server<type=(.*)><>Value", "name": "b"},
    )

    assert verdict(rules) is None
    assert verdict(rules, attribute=("Text", "x"), string=True) is None
    assert rules.matcher.asked == 0


def test_a_text_is_required_as_often_as_it_stands_in_the_pattern():
    rules = ruleset({"pattern": "x=.*x=.*x=", "name": "a"})

    found = [rules.candidates(rules.bits(f"a<{text}>"), 0) for text in ("x=", "x=x=x=")]

    assert found == [(), (0,)]


def test_a_text_of_the_value_is_not_required_of_the_name():
    # The bits of a number's own text are never looked at.
    rules = ruleset({"pattern": "Count: 12", "name": "a"})

    assert verdict(rules).family == "a"
    assert verdict(rules, attribute=("Count", "13")) is None


# -- snake case and the cache -----------------------------------------------------------------


def test_snake_case_concerns_the_attribute_alone():
    rule = {"pattern": r"(\w+)<type=(\w+).*><(.*)>(\w+):", "attrNameSnakeCase": True}

    found = claim(
        rule | {"name": "$2_$3_$4"}, attribute=("MaxValue", "1"), path=("ThePath",)
    )

    assert found.family == "Topics_ThePath_max_value"
    assert claim(rule, attribute=("MaxValue", "1")).family == (
        "kafka_server_Topics_max_value"
    )


def test_each_rule_sees_the_attribute_as_it_asks_for_it():
    rules = ruleset(
        {"pattern": "<>MaxValue", "attrNameSnakeCase": True, "name": "no"},
        {"pattern": "<>max_value", "name": "neither"},
        {"pattern": "<>max_value", "attrNameSnakeCase": True, "name": "yes"},
    )

    assert verdict(rules, attribute=("MaxValue", "1")).family == "yes"


def test_each_rule_sees_a_texts_attribute_as_it_asks_for_it():
    options = {"attribute": ("SomeText", "x"), "string": True}
    written = {"pattern": "<>SomeText: x", "name": "written"}
    snake = {"pattern": "<>some_text: x", "name": "snake", "attrNameSnakeCase": True}

    assert claim(written, **options).family == "written"
    assert claim(snake, **options).family == "snake"


def test_a_cached_rule_sees_no_value():
    rules = ruleset(
        {"pattern": "Count: 12", "name": "value", "cache": True},
        {"pattern": r"Count: (\d+)", "name": "number", "cache": True},
        {"pattern": "Count: (.+)", "name": "a$1", "cache": True},
    )

    assert verdict(rules).family == "a_cache_"


@pytest.mark.parametrize(
    ("expected", "rule"),
    [
        (False, {"pattern": "Count:", "name": "a"}),
        (False, {"pattern": "<(.*)>C", "name": "a_$1"}),
        (False, {"pattern": ".*", "name": "a"}),
        (True, {"pattern": "Count: 1", "name": "a"}),
        (False, {"pattern": "Count: 1", "name": "a", "cache": True}),
        (True, {"pattern": "Count: (.*)", "name": "a", "value": "$1"}),
        (False, {"pattern": "Count: (.*)", "name": "a"}),
        (False, {"pattern": "(Count): (.*)", "name": "$1"}),
        (False, {"pattern": "(Count): (.*)", "name": "$12"}),
        (True, {"pattern": "(Count): (.*)", "name": "$21"}),
        (True, {"pattern": "(Count): (.*)", "name": "$2"}),
        (True, {"pattern": "(Count): (.*)", "name": "a", "labels": {"x": "$0"}}),
        (True, {"pattern": "Count: (?<v>.*)", "name": "a", "labels": {"${v}": "x"}}),
        (False, {"pattern": "(?<n>Count): (.*)", "name": "${n}"}),
        (False, {"pattern": "Count: (.*)", "name": r"\$1"}),
        (False, {"pattern": None}),
    ],
)
def test_it_is_known_whether_a_rule_may_see_the_value(expected, rule):
    rule = {key: value for key, value in rule.items() if value is not None}
    rules = ruleset(rule)

    assert expected == rules.rules[0].sees_value == rules.any_sees_value


# -- names ---------------------------------------------------------------------------------


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


# -- labels --------------------------------------------------------------------------------


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


# -- values, types, help ----------------------------------------------------------------------


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


# -- which MBeans and texts are worth asking for ---------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "pattern"),
    [
        (True, ".*"),
        (True, "kafka.server<type=Topics"),
        (True, "orders><Usage>used"),
        (True, "topic=orders, key=x"),
        (True, "<>Count"),
        (True, "used"),
        (True, "topic=invoices>"),
        (True, "server<type=Topics, name=BytesIn, topic=orders, key=x"),
        (False, r"kafka\.client<type"),
        (False, "client<type=Topics"),
        (False, "t<type=Topics"),
        (False, "r<type=Other"),
    ],
)
def test_a_rule_may_claim_inside_an_mbean_unless_its_text_is_elsewhere(
    expected, pattern
):
    rules = ruleset({"pattern": pattern, "name": "a"})

    assert expected == rules.may_claim_inside(parse_name(BEAN).text)


@pytest.mark.parametrize(
    ("expected", "rule"),
    [
        (True, {"pattern": "Text: (.*)", "name": "a", "value": "$1"}),
        (True, {"pattern": "Text: ok", "name": "a", "value": "1"}),
        (True, {"pattern": ".*", "name": "a", "value": "1"}),
        (True, {"pattern": "(.*)", "name": "a", "type": "INFO"}),
        (False, {"pattern": "Text: (.*)", "name": "a"}),
        (False, {"pattern": "Other: (.*)", "name": "a", "value": "$1"}),
        (False, {"pattern": ".*", "name": "a", "value": ""}),
    ],
)
def test_a_string_is_watched_only_if_a_rule_can_give_it_a_value(expected, rule):
    rules = ruleset(rule)
    bits = rules.bits(f"{parse_name(BEAN).text}{tail((), 'Text')}")

    assert expected == rules.may_value_string(bits, bits)
    assert rules.any_value == bool(rules.rules[0].config.value)


def test_a_string_is_watched_under_the_name_that_the_rule_sees():
    written = {"pattern": "<>SomeText: (.*)", "name": "a", "value": "$1"}
    snake = written | {"pattern": "<>some_text: (.*)", "attrNameSnakeCase": True}
    found = []
    for rules in (ruleset(written), ruleset(snake)):
        name = parse_name(BEAN).text
        bits = [rules.bits(f"{name}<>{text}: ") for text in ("SomeText", "some_text")]
        found.append(
            [rules.may_value_string(*bits), rules.may_value_string(*bits[::-1])]
        )

    assert found == [[True, False], [True, False]]


# -- the prefilter changes nothing ------------------------------------------------------------------

ODD_RULES = [
    {"pattern": r"(\w+)<type=(\w+), name=(\w+), (.+)=(.+)><>Count: 1", "name": "a"},
    {"pattern": "type=.*, type=", "name": "b"},
    {"pattern": "a><", "name": "c"},
    {"pattern": "<>(true|false|NaN)", "name": "d"},
    {"pattern": "E: ", "name": "e"},
    {"pattern": ": E", "name": "f"},
    {"pattern": ": 1.5E-7", "name": "g"},
    {"pattern": "used: N", "name": "h", "cache": True},
    {"pattern": "max_value: N", "name": "i", "attrNameSnakeCase": True},
    {"pattern": "MaxValue: .*N", "name": "j"},
    {"pattern": "(?i)HEAP", "name": "k"},
    {"pattern": "^x.*(y|z)$", "name": "l"},
    {"pattern": r"name=a\.b", "name": "m"},
    {"pattern": "tr?u+e", "name": "n"},
    {"pattern": ": ?-", "name": "o"},
]
ODD_BEANS = [BEAN, "a:type=b", "x:type=t,name=a.b,type_=type=", "java.lang:type=Heap"]
ODD_VALUES = ["0", "12", "1.5E-7", "-1.0", "NaN", "-Infinity", "true", "false"]


@pytest.mark.parametrize("bean", ODD_BEANS)
@pytest.mark.parametrize("attribute", ["Count", "MaxValue", "E", "true", "used"])
@pytest.mark.parametrize("path", [(), ("Usage",), ("E", "max")])
def test_numbers_become_the_same_with_and_without_the_prefilter(bean, attribute, path):
    rules = ruleset(*ODD_RULES)

    for value in ODD_VALUES:
        found = [
            verdict(rules, bean, (attribute, value), path, fast=fast)
            for fast in (True, False)
        ]
        assert found[0] == found[1], value


@pytest.mark.parametrize("bean", ODD_BEANS)
@pytest.mark.parametrize("text", ["", "E", "y", "Heap", "type=, type=", ": E: N", "ok"])
def test_texts_become_the_same_with_and_without_the_prefilter(bean, text):
    rules = ruleset(*ODD_RULES)

    found = [
        verdict(rules, bean, ("MaxValue", text), string=True, fast=fast)
        for fast in (True, False)
    ]

    assert found[0] == found[1]


def test_without_a_file_everything_has_a_default_name():
    rules = Ruleset(DEFAULT, FakeMatcher)

    found = verdict(rules)

    assert found.family == "kafka_server_Topics_Count"
    assert found.labels == (("name", "BytesIn"), ("topic", "orders"))
    assert rules.where(found.rule) == "the default rule"
