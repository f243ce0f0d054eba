"""What `explain` says, as people read it and as programs do."""

import json
from dataclasses import replace

import pytest
from unit.workbench.shop import MANAGER, POOL, Plain, Shop, dedent

from jmx_bridge.model import Attribute
from jmx_bridge.workbench.explain import (
    MOST_LINES,
    MOST_SERIES,
    MOST_TRIED,
    Explanation,
    Tried,
    made_up,
    may_name,
    series_asked,
)
from jmx_bridge.workbench.explained import MOST_RULES, Teller, explanation_as_dict
from jmx_bridge.workbench.lines import Fate
from jmx_bridge.workbench.misses import Miss
from jmx_bridge.workbench.paint import Paint
from jmx_bridge.workbench.secrets import Redactor

RULES = r"""
rules:
- pattern: 'Catalina<type=ThreadPool, name="(.+)-(\d+)"><>(maxThreads|currentThreads)'
  name: app_$3_seconds
  labels: {port: $2, "na me": "x y"}
  valueFactor: 0.001
"""
TIGHT = r"""
rules:
- pattern: 'Catalina<type=Manager,host=(.+),context=(.+)><>activeSessions'
  name: app_sessions
"""


def test_a_metric_is_explained_from_its_line_to_its_value():
    assert Shop(RULES).told("app_maxThreads_seconds") == dedent(r"""
        app_maxThreads_seconds{na_me="x y",port="8080"} 0.2 (unknown)
            line      Catalina<type=ThreadPool, name="http-nio-8080"><>maxThreads: 200
            rule      rules.yml:3
            pattern   Catalina<type=ThreadPool, name="(.+)-(\d+)"><>(maxThreads|currentThreads)
            $1        http-nio
            $2        8080
            $3        maxThreads
            name      app_$3_seconds → app_maxThreads_seconds
            label na_me x y
            label port $2 → 8080
            type      unknown
            value     200 → 200 * 0.001 → 0.2
    """)


def test_a_series_is_asked_for_by_some_of_its_labels():
    shop = Shop(RULES)

    assert shop.explainer.explain('app_maxThreads_seconds{port="8080"}').derived
    assert not shop.explainer.explain('app_maxThreads_seconds{port="8081"}').derived


def test_a_metric_that_nobody_serves_shows_where_its_rule_stops():
    assert Shop(TIGHT).told("app_sessions") == dedent("""
        No metric is called app_sessions. These rules could make one of that name:
          rules.yml:3 stops here:
            pattern   Catalina<type=Manager,host=(.+),context=(.+)><>activeSessions
                                            ^
            line      Catalina<type=Manager, host=localhost, context=/shop><>activeSessions: 3
                                            ^
            try       Catalina<type=Manager, host=(.+), context=(.+)><>activeSessions
                      (a blank behind each comma: ", ")
    """)


@pytest.mark.parametrize(
    "pattern",
    [
        "name=//localhost/(.*),type=WebModule,none=no><>stateName",
        "TYPE=WebModule, name=//localhost/(.*), none=no><>stateName",
        "type=WebModule, name=//Localhost/(.*), none=no><>stateName",
        "type=WebModule,name=//localhost/(.*),none=no><>stateName",
    ],
)
def test_of_lines_with_all_words_the_one_with_as_many_properties_is_the_nearest(
    pattern,
):
    servlets = "".join(
        f"- name: 'Catalina:type=Servlet,WebModule=//localhost/,name=s{i},none=no'\n"
        "  attributes: {stateName: {type: string, value: STARTED}}\n"
        for i in range(MOST_TRIED)
    )
    mbeans = f"""{servlets}
- name: "Catalina:type=WebModule,name=//localhost/shop,none=no"
  attributes: [{{name: stateName, type: string, value: STARTED}}]
"""
    shop = Shop(f"rules: [{{pattern: 'Catalina<{pattern}', name: app_state}}]", mbeans)

    (near,) = shop.explainer.explain("app_state").near

    assert near.line.startswith("Catalina<type=WebModule")
    assert near.remedy


def test_a_line_shows_the_rule_that_takes_it_and_those_that_come_too_late():
    rules = "rules:\n- pattern: activeSess\n  name: first\n- pattern: Catalina\n"

    assert Shop(rules).told(f"{MANAGER}: 3") == dedent("""
        Catalina<type=Manager, host=localhost, context=/shop><>activeSessions: 3
            first (unknown) by rules.yml:2
          rules.yml:2 matches, and is the first
            pattern   activeSess
          rules.yml:4 matches, too late
            pattern   Catalina
    """)


def test_a_rule_without_pattern_takes_every_line():
    assert "(none: it takes all)" in Shop("rules: [{}]").told("maxThreads")


def test_a_line_that_no_rule_takes_shows_the_nearest_rules_and_counts_the_others():
    rules = "rules:\n" + "".join(
        f"- {{pattern: 'Catalina<type=M{i}', name: m}}\n" for i in range(MOST_RULES + 2)
    )

    told = Shop(rules).told(f"{MANAGER}: 3")

    assert told.count("stops here") == MOST_RULES
    assert told.endswith("  2 other rules stop earlier\n")


def test_a_long_text_is_cut_left_of_its_caret():
    long = f"Catalina<type=Manager, host=localhost, context=/{'x' * 60}><>activeSessions: 3"
    rules = f"rules:\n- pattern: '{long[:-20]}Other'\n  name: m\n"

    told = Shop(rules).told(long).splitlines()

    at = next(i for i, line in enumerate(told) if line.startswith("    line"))
    assert told[at].split()[1].startswith("…")
    caret = told[at + 1].index("^")
    assert told[at][caret:].startswith(long[-20:][:4])


def test_a_line_that_the_jvm_does_not_have_is_tried_all_the_same():
    told = Shop(TIGHT).told(
        "Catalina<type=Manager, host=a, context=/b><>activeSessions"
    )

    assert "unmatched: this JVM has no such value" in told
    assert "rules.yml:3 stops here" in told


def test_no_rule_is_tried_on_what_rules_never_see():
    shop = Shop("excludeObjectNames: ['Catalina:type=Manager,*']\n" + TIGHT)

    assert shop.told(f"{MANAGER}: 3") == dedent("""
        Catalina<type=Manager, host=localhost, context=/shop><>activeSessions: 3
            excluded: excludeObjectNames has Catalina:type=Manager,*
    """)
    assert shop.told("stateName").startswith(MANAGER[:20])


def test_more_than_a_person_reads_is_counted():
    mbeans = "".join(
        f"- {{name: 'a:n={i:02}', attributes: {{Count: {i}}}}}\n" for i in range(30)
    )
    shop = Shop("rules:\n- {pattern: 'a<n=(.+)>', name: m, labels: {n: $1}}\n", mbeans)

    assert shop.told("m").endswith(
        f"and {30 - MOST_SERIES} more: ask for one of them\n"
    )
    assert shop.told("a:*").endswith(
        f"and {30 - MOST_LINES} more: ask for one of them\n"
    )


def test_a_negative_counter_is_found_by_its_name():
    shop = Shop(
        "rules:\n- {pattern: a<, name: lost, type: COUNTER}\n",
        "- {name: 'a:b=c', attributes: {N: -1}}",
    )

    assert "dropped by rules.yml:2: a counter can't be negative" in shop.told(
        "lost_total"
    )


def test_what_nobody_knows_has_the_nearest_name_as_a_hint():
    shop = Shop(RULES)

    assert not shop.explainer.explain("nothing_like_it").found
    hint = shop.explainer.nearest_name("app_maxTreads_seconds{a='b'}")
    assert "app_maxThreads_seconds" in hint
    assert shop.explainer.nearest_name("zzz") == ""


@pytest.mark.parametrize(
    ("what", "asked"),
    [
        ("up", ("up", {})),
        (' up{a="b"} ', ("up", {"a": "b"})),
        (
            r'up{a="\"x\"\\\n", b="c",}',
            ("up", {"a": '"x"\\\n', "b": "c"}),
        ),
        ("up{a=b}", None),
        ("Catalina:type=Manager", None),
        ("a<b=c><>d", None),
        ("", None),
    ],
)
def test_a_series_is_read_as_a_page_writes_it(what, asked):
    assert series_asked(what) == asked


@pytest.mark.parametrize(
    ("written", "name", "may"),
    [
        ("kafka_$1", "kafka_bytesin", True),
        ("kafka_$1", "kafka_bytesin_total", True),
        ("kafka_$1", "cassandra_bytesin", False),
        ("kafka_$1_count", "kafka_bytesin_rate", False),
        ("$1_count", "anything_count", True),
        ("$1", "anything", False),
        ("a.b-$1", "a_b_c", True),
        (r"a\$$1", "a_b", True),
        ("sessions", "sessions_total", True),
        ("${kind}_seconds", "x_seconds", True),
        (None, "x", False),
    ],
)
def test_a_rule_may_name_a_metric(written, name, may):
    rules = Shop("rules:\n- {pattern: '(?<kind>(x))', name: m}\n").rules
    rule = replace(rules.config.rules[0], name=written)

    assert may_name(rule, name) is may


def test_a_made_up_line_has_a_value_whether_one_was_written_or_not():
    assert made_up("a<b=c><>d: 7").full == "a<b=c><>d: 7"
    assert made_up("a<b=c><>d").full == "a<b=c><>d: 0"
    assert made_up("a<b=c><>d").attribute == Attribute("d", "", None)
    assert made_up("a<b=c><>d").fate is Fate.UNMATCHED


def test_what_cannot_be_split_is_said():
    tried = Tried(
        "rules.yml:1",
        "(?=a)b",
        "b: 1",
        matches=False,
        of=made_up("b: 1"),
        miss=Miss(0, 0, sure=False),
    )
    teller = Teller(Redactor(()), Paint(Plain(), "never"))

    text = list(teller.text(Explanation("x", near=[tried])))

    assert any("look-arounds and back references can't be split" in one for one in text)


def test_an_explanation_is_a_promise_to_programs():
    shop = Shop(RULES + TIGHT.replace("rules:\n", ""))

    def asked(what):
        found = explanation_as_dict(shop.explainer.explain(what), shop.redactor)
        return json.loads(json.dumps(found))

    series = asked("app_maxThreads_seconds")
    assert series.keys() == {"version", "what", "series", "lines", "near", "more"}
    assert series["version"] == 1
    (one,) = series["series"]
    assert one["line"] == POOL
    assert one["value"] == "200"
    assert one["sample"] == 'app_maxThreads_seconds{na_me="x y",port="8080"}'
    assert {"what": "$2", "text": "8080"} in one["steps"]
    (near,) = asked("app_sessions")["near"]
    assert near == {
        "rule": "rules.yml:8",
        "pattern": "Catalina<type=Manager,host=(.+),context=(.+)><>activeSessions",
        "line": f"{MANAGER}: 3",
        "fate": "unmatched",
        "why": "no rule matches",
        "matches": False,
        "pattern_at": 22,
        "line_at": 22,
        "sure": True,
        "try": "Catalina<type=Manager, host=(.+), context=(.+)><>activeSessions",
        "because": 'a blank behind each comma: ", "',
    }
    (line,) = asked("maxThreads")["lines"]
    assert [one["matches"] for one in line["rules"]] == [True, False]


def test_of_rules_in_one_line_the_one_that_made_a_sample_is_explained():
    rules = (
        "rules: [{pattern: maxThreads, name: app, labels: {of: a}},"
        " {pattern: activeSessions, name: app, labels: {of: b}}]"
    )

    assert "    pattern   maxThreads\n" in Shop(rules).told('app{of="a"}')
    assert "    pattern   activeSessions\n" in Shop(rules).told('app{of="b"}')


def test_a_metric_of_which_some_values_are_left_out_shows_these_too():
    shop = Shop(
        "rules:\n- {pattern: 'a<b=(.)>', name: lost, type: COUNTER, labels: {b: $1}}\n",
        "- {name: 'a:b=c', attributes: {N: -1}}\n- {name: 'a:b=d', attributes: {N: 1}}",
    )

    told = shop.told("lost_total")

    assert 'lost_total{b="d"} 1.0 (counter)' in told
    assert "dropped by rules.yml:2: a counter can't be negative" in told


def test_a_rule_on_what_is_filtered_out_says_so():
    shop = Shop(
        "excludeObjectNames: ['Catalina:type=Manager,*']\n"
        "rules:\n- {pattern: activeSessions, name: app}\n"
    )

    assert shop.told("app").splitlines()[1:] == [
        f"  rules.yml:3 matches {MANAGER}: 3",
        "    excluded: excludeObjectNames has Catalina:type=Manager,*",
    ]
