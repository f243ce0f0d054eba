"""What is told of a target: its state, the last scrape, and each oddity once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jmx_bridge.manual import see
from jmx_bridge.observe import Journal, LastScrape, RecentScrape
from jmx_bridge.observe.journal import FULL, MOST_IN_LINE, MOST_LOGGED

URL = "service:jmx:rmi:///jndi/rmi://localhost:7199/jmxrmi"


@pytest.fixture
def journal(caplog) -> Journal:
    caplog.set_level("DEBUG")
    return Journal()


def told(caplog, event: str) -> list[tuple[str, dict]]:
    """Return level and fields of each log line of *event*."""
    return [
        (record.levelname, record.fields)
        for record in caplog.records
        if record.msg == event
    ]


def test_before_the_first_scrape_the_target_is_being_connected_to(journal):
    assert (journal.state.name, journal.state.detail) == ("connecting", "")
    assert journal.last_scrape is None


def test_a_change_of_state_is_logged_once_and_a_change_of_detail_is_not(
    journal, caplog
):
    journal.turn("up", URL)
    journal.turn("down", URL, "refused", "connect")
    since = journal.state.since
    journal.turn("down", URL, "timed out", "deadline")

    assert (journal.state.detail, journal.state.since) == ("timed out", since)
    assert journal.state.see == see("deadline")
    down = {"state": "down", "target": URL, "detail": "refused", "see": see("connect")}
    assert told(caplog, "target.state") == [
        ("INFO", {"state": "up", "target": URL}),
        ("WARNING", down),
    ]


def test_the_last_scrape_is_kept_and_told_to_who_debugs(journal, caplog):
    last = LastScrape(datetime.now(UTC), 0.25, 7, 3, 0)
    recent = RecentScrape(last.at, "up", 0.25, 1.0, 7, {"fetch": 0.2})

    journal.scraped(last, recent)

    assert journal.last_scrape is last
    assert told(caplog, "scrape.done") == [
        ("DEBUG", {"seconds": 0.25, "samples": 7, "up": True})
    ]


def test_a_session_is_told(journal, caplog):
    journal.connected(URL)

    assert told(caplog, "jmx.connected") == [("INFO", {"target": URL})]


def test_an_oddity_is_logged_once(journal, caplog):
    for _ in range(2):
        journal.once("sample.dropped", [{"where": "a"}, {"where": "b"}])
    journal.once("another", [{"where": "a"}])

    wheres = [fields["where"] for _, fields in told(caplog, "sample.dropped")]
    assert wheres == ["a", "b"]
    assert len(told(caplog, "another")) == 1


def test_only_so_many_oddities_are_logged(journal, caplog):
    journal.once("odd", [{"where": str(n)} for n in range(MOST_LOGGED + 5)])
    journal.once("odd", [{"where": "late"}])

    assert len(told(caplog, "odd")) == MOST_LOGGED


def test_that_no_more_oddities_are_logged_is_said_once(journal, caplog):
    journal.once("odd", [{"where": str(n)} for n in range(MOST_LOGGED)])
    enough = told(caplog, "journal.full")
    journal.once("odd", [{"where": "0"}])
    again = told(caplog, "journal.full")
    for where in ("late", "later"):
        journal.once("odd", [{"where": where}])
    journal.attributes_failed("t:type=A", "absent", ["Bad"], usual=False)

    assert enough == again == []
    assert told(caplog, "journal.full") == [
        ("WARNING", {"told": MOST_LOGGED, "hint": FULL, "see": see("journal.full")})
    ]


def test_an_mbeans_failed_attributes_are_one_line(journal, caplog):
    failed = ["Bad", "Worse"]
    for attributes in (failed, failed, ["Bad", "New"]):
        journal.attributes_failed("t:type=A", "absent", attributes, usual=False)
    many = [f"A{n:02}" for n in range(MOST_IN_LINE + 5)]
    journal.attributes_failed("t:type=B", "absent", many, usual=True)

    about = see("attribute.failed")
    a = {"mbean": "t:type=A", "reason": "absent", "see": about}
    b = {"mbean": "t:type=B", "reason": "absent", "count": len(many)}
    assert told(caplog, "attribute.failed") == [
        ("WARNING", {**a, "attributes": "Bad, Worse", "count": 2}),
        ("WARNING", {**a, "attributes": "New", "count": 1}),
        ("DEBUG", {**b, "attributes": ", ".join(many[:MOST_IN_LINE])}),
    ]
