"""What `list` prints: for people, for programs, and as a tree."""

import io
import json

import pytest
from unit.workbench.shop import MANAGER, Plain, Shop, dedent

from jmx_bridge.settings import WorkbenchSettings
from jmx_bridge.workbench.lines import Fate
from jmx_bridge.workbench.listing import (
    chosen,
    is_meant,
    is_object_name,
    print_lines,
    print_tree,
    to_json,
)
from jmx_bridge.workbench.paint import Paint

RULES = """
rules:
- {pattern: 'maxThreads', name: threads, labels: {pool: main}, type: GAUGE}
- {pattern: 'activeSessions', name: ''}
"""


@pytest.fixture
def shop():
    return Shop(RULES)


def listed(shop, **wanted):
    return [line.attribute.name for line in chosen(shop.lines, _wanted(**wanted))]


def _wanted(**wanted):
    return WorkbenchSettings(**wanted)


def test_each_value_stands_with_what_becomes_of_it(shop):
    output = io.StringIO()

    print_lines(shop.lines, shop.redactor, Paint(Plain(), "never"), output)

    assert output.getvalue() == dedent("""
        Catalina<type=Manager, host=localhost, context=/shop><>activeSessions: 3
            int, Sessions now
            emptied by rules.yml:4: the rule gives it no name, or no number
        Catalina<type=Manager, host=localhost, context=/shop><>stateName: STARTED
            java.lang.String
            text: no rule gives it a value
        Catalina<type=Manager, host=localhost, context=/shop><>broken: (no value)
            long
            unreadable: its getter failed
        Catalina<type=ThreadPool, name="http-nio-8080"><>maxThreads: 200
            long
            threads{pool="main"} (gauge) by rules.yml:3
        java.lang<type=Memory><HeapMemoryUsage>max: 100
            javax.management.openmbean.CompositeData
            excluded: excludeJvmMetrics leaves out the JVM's own MBeans
        java.lang<type=Memory><HeapMemoryUsage>used: 10
            javax.management.openmbean.CompositeData
            excluded: excludeJvmMetrics leaves out the JVM's own MBeans
    """)


def test_a_long_value_is_cut_to_the_line(shop):
    shop = Shop("", f"- {{name: 'a:b=c', attributes: {{T: {'x' * 500}}}}}")
    output = io.StringIO()

    print_lines(shop.lines, shop.redactor, Paint(Plain(), "never"), output)

    (first, *_) = output.getvalue().splitlines()
    assert len(first) == 100
    assert first.endswith("x…")


@pytest.mark.parametrize(
    ("flag", "fates"),
    [
        ("served", {Fate.SERVED}),
        ("dropped", {Fate.DROPPED, Fate.EMPTIED}),
        ("unmatched", {Fate.UNMATCHED, Fate.TEXT}),
    ],
)
def test_a_flag_chooses_lines_by_their_fate(shop, flag, fates):
    found = chosen(shop.lines, _wanted(**{flag: True}))

    assert found
    assert found == [line for line in shop.lines if line.fate in fates]


def test_flags_add_up_and_words_narrow(shop):
    assert listed(shop, served=True, dropped=True) == ["activeSessions", "maxThreads"]
    assert listed(shop, served=True, what=("Manager",)) == []
    assert listed(shop, what=("state", "THREADS")) == ["stateName", "maxThreads"]


@pytest.mark.parametrize(
    ("what", "meant"),
    [
        ("Catalina:type=Manager,*", True),
        ("Catalina:*", True),
        ("Catalina:", True),
        ("*:type=Manager,*", True),
        ("Catalina:type=Manager", False),
        ("catalina:type=Manager,*", False),
        ("ACTIVEsess", True),
        ("<type=Manager, host", True),
        ("activeSessions: 3", True),
        ("activeSessions: 4", False),
    ],
)
def test_a_word_is_an_object_name_or_a_piece_of_the_line(shop, what, meant):
    assert is_meant(shop.line(f"{MANAGER}:"), what) is meant


def test_a_piece_of_a_metric_s_name_means_its_line(shop):
    assert is_meant(shop.line("maxThreads"), "reads")
    assert is_meant(shop.line("maxThreads"), "THREADS")


def test_a_line_is_no_object_name():
    assert not is_object_name("a<b=c><>d: 3")
    assert not is_object_name("plain")
    assert is_object_name("a:b=c")


def test_a_tree_counts_mbeans_values_and_what_is_served(shop):
    output = io.StringIO()

    print_tree(shop.lines, shop.redactor, output)

    words = [line.split() for line in output.getvalue().splitlines()]
    assert words == [
        ["Catalina"],
        ["type=Manager", "1", "MBeans", "3", "values", "0", "served"],
        ["type=ThreadPool", "1", "MBeans", "1", "values", "1", "served"],
        ["java.lang"],
        ["type=Memory", "1", "MBeans", "2", "values", "0", "served"],
    ]


def test_a_tree_names_what_has_no_type():
    output = io.StringIO()
    shop = Shop(
        "",
        "- {name: 'a:b=c', attributes: {N: 1}}\n"
        "- {name: 'a:j2eeType=Servlet', attributes: {N: 1}}",
    )

    print_tree(shop.lines, shop.redactor, output)

    assert "(no type)" in output.getvalue()
    assert "type=Servlet" in output.getvalue()


def test_a_listing_is_a_promise_to_programs(shop):
    output = io.StringIO()

    to_json(shop.lines, shop.redactor, output)

    document = json.loads(output.getvalue())
    assert document["version"] == 1
    assert document["lines"][0] == {
        "mbean": "Catalina:type=Manager,host=localhost,context=/shop",
        "attribute": "activeSessions",
        "path": [],
        "type": "int",
        "description": "Sessions now",
        "line": MANAGER,
        "value": "3",
        "fate": "emptied",
        "why": "the rule gives it no name, or no number",
        "rule": "rules.yml:4",
        "samples": [],
    }
    assert document["lines"][3]["samples"] == [
        {
            "name": "threads",
            "labels": {"pool": "main"},
            "type": "gauge",
            "value": "200.0",
            "rule": "rules.yml:3",
        }
    ]
    assert document["lines"][4]["path"] == ["HeapMemoryUsage"]
    assert document["lines"][2]["value"] is None
    # A program may read it line by line.
    assert len(output.getvalue().splitlines()) == len(shop.lines) + 2


def test_no_lines_are_a_good_document(shop):
    output = io.StringIO()

    to_json([], shop.redactor, output)

    assert json.loads(output.getvalue()) == {"version": 1, "lines": []}
