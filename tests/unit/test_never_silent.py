"""What matches nothing, fails, or is left out is told: in the log, on the page, by the exit status."""

from __future__ import annotations

import time

import pytest
from unit import offline
from unit.jmx.mbeans import Throws, mbean
from unit.offline import ALL, page, scraped

from jmx_bridge import jmx
from jmx_bridge.commands import scrape as scraping
from jmx_bridge.errors import ConnectFailed, SessionLost
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.settings import Settings, WorkbenchSettings

NOTHING = (
    "rules:\n- {pattern: 'u<type=Z><>Count:', name: a}\n- {pattern: 'v<', name: b}\n"
)
SOME = "rules:\n- {pattern: 't<type=A><>Count:', name: a}\n- {pattern: 'v<', name: b}\n"
A = "t:type=A"


def told(caplog, event: str) -> list[dict[str, str]]:
    return [record.fields for record in caplog.records if record.msg == event]


@pytest.fixture
def session() -> RecordedSession:
    session = RecordedSession()
    session.mbeans[A] = mbean(A, {"Count": 1, "Name": "x", "Bad": Throws()})
    return session


def test_rules_that_match_nothing_are_logged_once_and_shown(
    monkeypatch, session, caplog
):
    with offline.bridge_on(monkeypatch, session, ALL + NOTHING) as bridge:
        for _ in range(3):
            scraped(bridge)
        last = bridge.status().last_scrape

    (fields,) = told(caplog, "rules.match_nothing")
    assert fields["file"] == "rules.yml"
    assert fields["rules"] == "2"
    assert "jmx-bridge check" in fields["hint"]
    assert last.idle_files == (("rules.yml", 2),)


@pytest.mark.parametrize(
    "rules",
    [SOME, "", "rules: []\n", "rules:\n- {pattern: '<>Count:', name: ''}\n"],
)
def test_rules_that_match_something_are_not(monkeypatch, session, caplog, rules):
    with offline.bridge_on(monkeypatch, session, ALL + rules) as bridge:
        scraped(bridge)
        last = bridge.status().last_scrape

    assert told(caplog, "rules.match_nothing") == []
    assert last.idle_files == ()


def test_what_appears_later_counts(monkeypatch, session):
    with offline.bridge_on(monkeypatch, session, ALL + NOTHING) as bridge:
        scraped(bridge)
        session.mbeans["u:type=Z"] = mbean("u:type=Z", {"Count": 1})
        scraped(bridge)

        assert bridge.status().last_scrape.idle_files == ()


@pytest.mark.parametrize(
    ("rules", "strict", "status"),
    [(NOTHING, True, 3), (NOTHING, False, 0), (SOME, True, 0)],
)
def test_scrape_has_an_exit_status_for_it(
    monkeypatch, capsysbinary, rules, strict, status
):
    session = RecordedSession()
    session.mbeans[A] = mbean(A, {"Count": 1})
    with offline.bridge_on(monkeypatch, session, ALL + rules) as bridge:
        monkeypatch.setattr(scraping, "start_bridge", lambda _: bridge)
        settings = Settings(workbench=WorkbenchSettings(strict=strict))

        assert scraping.scrape(settings) == status

    said = b"jmx-bridge: rules.yml: none of its 2 rules matches a value of this JVM\n"
    assert (said in capsysbinary.readouterr().err) is (status == 3)


def test_attributes_that_fail_are_on_the_page(monkeypatch, session):
    rules = "rules:\n- {pattern: 't<type=A><>(Bad|Count):', name: a_$1}\n"
    with offline.bridge_on(monkeypatch, session, ALL + rules) as bridge:
        scraped(bridge)

        assert bridge.status().last_scrape.failed == ("t:type=A Bad: absent",)


def test_samples_that_are_left_out_are_on_the_page_with_their_rule(
    monkeypatch, session
):
    session.mbeans["t:type=B"] = mbean("t:type=B", {"Count": -1})
    rules = "rules:\n- {pattern: '<>Count:', name: a_total, type: COUNTER}\n"
    with offline.bridge_on(monkeypatch, session, ALL + rules) as bridge:
        scraped(bridge)
        (line,) = bridge.status().last_scrape.dropped

    assert line.startswith("a of t<type=B><>Count")
    assert line.endswith(" by rules.yml:3: negative_counter")


def begun(bridge) -> None:
    """Begin to connect, and wait until that has ended."""
    bridge.connect()
    end = time.monotonic() + 5
    while not bridge._target.has_session and bridge.status().state != "down":
        assert time.monotonic() < end
        time.sleep(0.001)


def test_a_wrong_address_is_told_before_the_first_scrape(monkeypatch, caplog):
    def refuse(*_, **__):
        raise ConnectFailed("connection refused")

    with offline.without_java(monkeypatch, refuse):
        bridge = offline.make_bridge(lambda: offline.config_of(ALL))
        begun(bridge)
        status = bridge.status()
        bridge.close()

    (fields,) = told(caplog, "target.state")
    assert (fields["state"], fields["detail"]) == ("down", "connection refused")
    assert (status.state, status.detail) == ("down", "connection refused")
    assert status.last_scrape is None


def test_the_first_scrape_uses_the_session_that_was_begun(monkeypatch, session):
    opened = []

    def connect(*_, **__):
        opened.append(session)
        return session

    with offline.without_java(monkeypatch, connect):
        bridge = offline.make_bridge(lambda: offline.config_of(ALL))
        begun(bridge)
        assert "t_A_Count" in page(scraped(bridge))
        bridge.close()

    assert opened == [session]


def test_a_target_to_be_left_alone_is(monkeypatch):
    monkeypatch.setattr(jmx, "connect", None)
    bridge = offline.make_bridge(
        lambda: offline.config_of(ALL + "startDelaySeconds: 60\n")
    )

    bridge.connect()

    assert bridge.status().state == "connecting"
    assert not bridge._target._connection._attempt
    bridge.close()


def test_a_session_that_was_lost_since_costs_no_scrape(monkeypatch, session):
    lost = RecordedSession()
    lost.mbeans[A] = session.mbeans[A]
    sessions = [lost, session]
    with offline.without_java(monkeypatch, lambda *_, **__: sessions.pop(0)):
        bridge = offline.make_bridge(lambda: offline.config_of(ALL))
        begun(bridge)
        lost.lost = SessionLost("gone")
        assert "t_A_Count" in page(scraped(bridge))
        bridge.close()
