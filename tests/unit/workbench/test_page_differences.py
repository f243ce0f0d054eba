"""Two pages of metrics, compared."""

from math import nan

import pytest
from unit.workbench.shop import MBEANS, mbeans_of, ruleset

from jmx_bridge.jmx.moment import JvmReading
from jmx_bridge.workbench.pages import (
    Difference,
    Sample,
    differences,
    page_of,
    read_page,
    same,
    told,
    type_of,
)
from jmx_bridge.workbench.survey import survey


def test_a_page_is_read_as_text_format_has_it():
    page = read_page(
        "# HELP a words # TYPE x\n# TYPE a counter\n"
        'a_total{z="1",b="x\\"\\\\\\n}, "} 3 1700000000000\n'
        "a 2\n\n  # a comment\nb{} NaN\n"
        'h_bucket{le="+Inf"} 1\n# TYPE h histogram\nc +Inf\nd{a="b",} 1e3\n'
    )

    assert page['a_total{b="x\\"\\\\\\n}, ",z="1"}'] == Sample("untyped", 3.0)
    assert page["a"] == Sample("counter", 2.0)
    assert repr(page["b"].value) == "nan"
    assert page["c"].value == float("inf")
    assert page['d{a="b"}'].value == 1000.0
    # The type stands below, so it is not the sample's.
    assert page['h_bucket{le="+Inf"}'].type == "untyped"


@pytest.mark.parametrize(
    "name",
    [
        *("jmx_up", "jmx_scrape_error", "jmx_bridge_x", "jmx_exporter_build_info"),
        *("jmx_config_reload_success_total", "jmx_http_requests_total"),
    ],
)
def test_what_exporters_tell_of_themselves_is_left_out(name):
    assert read_page(f"{name} 1\njmx_upper 1\njmx 1\n").keys() == {"jmx_upper", "jmx"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("<html>", "line 2: begins with no name"),
        ("a{b=c} 1", "line 2: has no label at column 3"),
        ('a{b="c" 1', "line 2: has no label at column 9"),
        ("a", "line 2: has no value"),
        ("a 1 2 3", "line 2: has no value"),
        ("a b", "line 2: could not convert string to float: 'b'"),
    ],
)
def test_a_line_that_is_none_is_named(line, why):
    with pytest.raises(ValueError) as caught:
        read_page(f"\n{line}\n")

    assert str(caught.value) == why


def test_parts_of_a_family_have_its_type():
    types = {"s": "summary", "h": "histogram", "c": "counter", "x_sum": "gauge"}

    assert type_of("s_count", types) == "summary"
    assert type_of("h_bucket", types) == "histogram"
    assert type_of("c_sum", types) == "untyped"
    assert type_of("x_sum", types) == "gauge"


def test_series_are_lost_gained_and_changed():
    was = read_page("# TYPE t gauge\nlost 1\nt 1\nv 1\nsame 0.1\nmoved 5\n")
    now = read_page(
        "# TYPE t counter\ngained 2\nt 1\nv 2\nsame 0.10000000000000001\nmoved 7\n"
    )

    found = differences(was, now, {"moved"})

    assert list(told(found)) == [
        "+ gained 2.0 (untyped)",
        "- lost 1.0 (untyped)",
        "~ t (gauge → counter)",
        "~ v 1.0 → 2.0",
    ]
    assert [one.sign for one in found] == ["+", "-", "~", "~"]
    assert found[0] == Difference("gained", None, Sample("untyped", 2.0))


def test_a_page_does_not_differ_from_itself():
    page = read_page("a NaN\nb +Inf\nc -Inf\nd 0\n")

    assert differences(page, page) == []


def test_numbers_are_the_same_however_they_are_written():
    assert same(nan, nan)
    assert not same(nan, 1.0)
    assert not same(1.0, nan)
    assert same(0.1 + 0.2, 0.3)
    assert not same(1.0, 1.000001)


def test_a_survey_has_a_page_with_or_without_the_metrics_of_the_jvm():
    reading = JvmReading(mbeans_of(MBEANS))
    found = survey(reading, ruleset("rules:\n- {pattern: maxThreads, name: threads}\n"))

    with_jvm, without = page_of(found), page_of(found, with_jvm=False)

    assert "threads 200.0" in without
    assert "jvm_" in with_jvm
    assert "jvm_" not in without
