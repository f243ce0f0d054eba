"""Records as lines."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable

import pytest

from jmx_bridge.log import LimitedLog, configure, get_log

Written = Callable[[], str]


def written(level: str = "info", style: str = "logfmt") -> Written:
    stream = io.StringIO()
    configure(level, style, stream)
    return stream.getvalue


LOG = get_log("jmx_bridge.tests")


def fail(event: str) -> None:
    try:
        int("no such thing")
    except ValueError:
        LOG.error(event)  # noqa: TRY400 -- it is not the standard library's


def test_a_record_is_a_line_with_time_level_event_and_fields():
    text = written()

    LOG.warning("jmx.connect_failed", target="localhost:7199", tries=3, took=1.23456)

    assert re.fullmatch(
        r"time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=warn "
        r"event=jmx\.connect_failed target=localhost:7199 tries=3 took=1\.235 "
        r"see=docs/troubleshooting\.md#jmxconnect_failed\n",
        text(),
    )


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("plain-value:7", "plain-value:7"),
        ("two words", '"two words"'),
        ("", '""'),
        ('say "hi"', r'"say \"hi\""'),
        ("a=b", '"a=b"'),
        ("back\\slash", r'"back\\slash"'),
        ("first\nsecond\r\n", r'"first\nsecond\r\n"'),
        ("\x1b[31mred\x9b", r'"\u001b[31mred\u009b"'),
        ("line\u2028separator", r'"line\u2028separator"'),
        ("größe", "größe"),
        (True, "true"),
        (None, "None"),
        (float("nan"), "nan"),
    ],
)
def test_logfmt_quotes_what_would_not_be_one_word(value, line):
    text = written()

    LOG.info("e", field=value)

    assert text().endswith(f" field={line}\n")


def test_json_keeps_numbers_and_truth_values():
    text = written(style="json")

    LOG.info("e", number=7, seconds=0.12345, yes=True, nothing=None, text='"\n')
    LOG.info("e", number=float("inf"))

    first, second = map(json.loads, text().splitlines())
    del first["time"]
    assert first == {
        "level": "info",
        "event": "e",
        "number": 7,
        "seconds": 0.123,
        "yes": True,
        "nothing": None,
        "text": '"\n',
    }
    assert second["number"] == "inf"


@pytest.mark.parametrize(
    ("level", "events"),
    [
        ("debug", ["d", "i", "w", "e"]),
        ("info", ["i", "w", "e"]),
        ("warn", ["w", "e"]),
        ("error", ["e"]),
    ],
)
def test_a_level_lets_through_itself_and_what_is_worse(level, events):
    text = written(level)

    LOG.debug("d")
    LOG.info("i")
    LOG.warning("w")
    LOG.error("e")

    assert re.findall(r"event=(\w)", text()) == events


def test_only_debug_shows_where_an_error_came_from():
    text = written("info")
    fail("it.failed")
    assert "event=it.failed" in text()
    assert "Traceback" not in text()

    text = written("debug")
    fail("it.failed")
    assert "Traceback" in text()
    assert len(text().splitlines()) == 1


def test_another_librarys_error_is_one_line_that_says_what_was_raised():
    text = written()

    try:
        int("no such thing")
    except ValueError:
        logging.getLogger("asyncio").exception("Task failed with 100%")
    logging.getLogger("asyncio").info("chatter")

    (line,) = text().splitlines()
    assert 'event="Task failed with 100%"' in line
    assert "no such thing" in line


def test_of_an_event_that_comes_often_a_few_lines_a_minute_are_written():
    text, now = written(), [100.0]
    log = LimitedLog("jmx_bridge.tests", 2, lambda: now[0])

    for _ in range(5):
        log.warning("often")
    log.warning("seldom")
    now[0] += 61
    log.warning("often")

    lines = text().splitlines()
    assert [line.count("event=often") for line in lines] == [1, 1, 0, 1]
    assert lines[-1].endswith("see=docs/troubleshooting.md#often left_out=3")


def test_a_warning_names_another_place_of_the_docs_if_it_is_given_one():
    text = written()

    LOG.warning("e", see="docs/x.md#y")
    LOG.info("e", field=1)

    first, second = text().splitlines()
    assert first.endswith("event=e see=docs/x.md#y")
    assert second.endswith("event=e field=1")


def test_an_error_whose_problems_are_told_is_not_told_again():
    text = written()

    try:
        int("no such thing")
    except ValueError as exc:
        LOG.error("e", problems=str(exc))  # noqa: TRY400 -- as above

    assert text().count("no such thing") == 1
