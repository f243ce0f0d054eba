"""Names become legal as jmx_exporter makes them so, and numbers are Java's."""

import math

import pytest

from jmx_bridge.config.numbers import maybe_number
from jmx_bridge.mapping import snake_case
from jmx_bridge.mapping.naming import base_name, safe_name


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("plain", "plain"),
        ("a:b", "a:b"),
        ("_", "-_-"),
        ("_a", "__a"),
        ("a_b", "a. /b"),
        ("a_", "a."),
        ("_001", "001"),
        ("_9", "9"),
        ("_", "日本"),
        ("__1", "\u0661" + "1"),
        ("_x", "\u00b2x"),
        ("_x", "\U0001d7d8x"),
        ("", ""),
    ],
    ids=[
        "legal",
        "colon",
        "a run is one",
        "underscores too",
        "several",
        "at the end",
        "digit first",
        "only a digit",
        "not ASCII",
        "another script's digit",
        "a digit that is no decimal",
        "a digit of two UTF-16 units",
        "empty",
    ],
)
def test_illegal_characters_become_one_underscore(expected, text):
    assert expected == safe_name(text)


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("requests", "requests_total"),
        ("requests", "requests_created"),
        ("sizes", "sizes_bucket"),
        ("build", "build_info"),
        ("a", "a_total_info_total"),
        ("total", "_total"),
        ("total_x", "total_x"),
        ("totals", "totals"),
        ("info", "x_info"[1:]),
    ],
)
def test_a_base_name_has_no_reserved_suffix(expected, name):
    assert expected == base_name(name)


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("test_tcptest", "testTCPTest"),
        ("httpserver", "HTTPServer"),
        ("jvmcpu", "JVMCpu"),
        ("collection_count", "CollectionCount"),
        ("one_minute_rate", "OneMinuteRate"),
        ("a_b", "a_B"),
        ("p99_latency", "p99Latency"),
        ("größe_über", "größeÜber"),
        ("", ""),
    ],
)
def test_snake_case_divides_where_a_small_letter_meets_a_large_one(expected, name):
    assert expected == snake_case(name)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (1.0, "1"),
        (-1.5, " -1.5\t"),
        (0.5, ".5"),
        (5.0, "5."),
        (1e7, "1.0E7"),
        (2.0, "2d"),
        (2.0, "2F"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.inf, "1e999"),
        (8.0, "0x1p3"),
        (12.0, "0x1.8P3f"),
        (0.25, "0x.8p-1d"),
        (-math.inf, "-0x1p9999"),
        (math.inf, "0x1p9999"),
        (None, ""),
        (None, "inf"),
        (None, "nan"),
        (None, "true"),
        (None, "1_0"),
        (None, "1,5"),
        (None, "0x1"),
        (None, "1 2"),
        (None, "Infinityf"),
        (None, "\u0661"),
        (None, "1\u00a0"),
    ],
)
def test_a_number_is_what_double_valueof_reads(expected, text):
    assert expected == maybe_number(text)


def test_not_a_number_is_a_number_in_java():
    found = [maybe_number(text) for text in ("NaN", "-NaN", "+NaN")]

    assert all(map(math.isnan, found))
