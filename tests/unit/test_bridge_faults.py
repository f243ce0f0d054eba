"""What a scrape does where MBeans or the target don't answer, and how it ends."""

from __future__ import annotations

import time

import pytest
from unit import offline
from unit.bridged import DROPPED, A, B, C
from unit.jmx.mbeans import Holds, Table, Throws, mbean
from unit.offline import ALL, own, scraped, series

from jmx_bridge import jmx
from jmx_bridge.bridge import MANY_NEW
from jmx_bridge.collect.inventory import Inventory
from jmx_bridge.collect.timer import Timer
from jmx_bridge.errors import ConnectFailed, DeadlinePassed, SessionLost
from jmx_bridge.exposition import negotiate, render
from jmx_bridge.jmx.abc import Failure
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.settings import LimitSettings

# -- MBeans that give no answer ----------------------------------------------------------------


@pytest.mark.parametrize("reason", [one for one in Failure if one is not Failure.GONE])
def test_an_mbean_that_is_not_read_is_not_served_and_named(target, watch, reason):
    target.put(A, {"Count": 1})
    target.put(B, {"Count": 2})
    watch().page()
    target.change(B, unanswered=reason)
    page = scraped(target.bridge)
    unread = target.bridge.status().last_scrape.unread
    state = target.bridge.status().state
    target.change(B, unanswered=None)

    slow = reason in {Failure.LATE, Failure.RESTING}
    assert series(page) == {"t_A_Count": 1.0}
    assert unread == ((B, reason.name.lower()),)
    assert state == ("partial" if slow else "up")
    assert target.page() == {"t_A_Count": 1.0, "t_B_Count": 2.0}
    assert target.bridge.status().state == "up"


def test_unread_mbeans_whose_names_are_written_alike_are_named_once(target, watch):
    for name in ('t:x="\ud800"', 't:x="\udfff"'):
        target.put(name, {"Count": 1}, unanswered=Failure.BROKEN)
    watch()

    lines = render(scraped(target.bridge), negotiate(None)).decode().splitlines()

    named = [line for line in lines if line.startswith("jmx_bridge_mbean_unread{")]
    assert len(named) == 1


def test_an_mbean_that_goes_in_mid_scrape_is_not_served_and_no_failure(target, watch):
    target.put(A, {"Count": 1})
    target.put(B, {"Count": 2})
    watch().page()
    target.change(B, unanswered=Failure.GONE)

    page = scraped(target.bridge)

    assert series(page) == {"t_A_Count": 1.0}
    assert target.bridge.status().last_scrape.unread == ()
    assert own(page)["jmx_bridge_mbeans{state=failed}"] == 0.0


def test_a_new_mbean_that_is_late_is_served_when_it_answers(target, watch):
    target.put(A, {"Count": 1})
    target.put(B, {"Count": 2}, undescribed=Failure.LATE)
    target.put(C, {"Count": 3}, unanswered=Failure.BROKEN)
    watch()
    first = scraped(target.bridge)
    detail = target.bridge.status().detail
    target.change(B, undescribed=None)
    target.change(C, unanswered=None)

    assert series(first) == {"t_A_Count": 1.0}
    assert own(first)["jmx_bridge_mbeans{state=failed}"] == 2.0
    assert detail == "1 MBean did not answer in time"
    assert target.page() == {"t_A_Count": 1.0, "t_B_Count": 2.0, "t_C_Count": 3.0}


def test_an_attribute_that_throws_touches_only_itself(target, watch):
    target.put(A, {"Bad": Holds(Throws(), "long"), "Good": 1})
    watch()
    first = scraped(target.bridge)
    target.put(A, {"Bad": 2, "Good": 1})

    assert series(first) == {"t_A_Good": 1.0}
    assert own(first)["jmx_bridge_attributes{state=failed}"] == 1.0
    assert own(first)["jmx_bridge_attributes{state=fetched}"] == 1.0
    assert target.page() == {"t_A_Bad": 2.0, "t_A_Good": 1.0}


def test_mbeans_beyond_the_limit_are_told(target, watch):
    for name in (A, B, C):
        target.put(name, {"Count": 1})
    watch(limits=LimitSettings(mbeans=2))

    page = scraped(target.bridge)

    assert len(series(page)) == 2
    assert own(page)["jmx_bridge_mbeans{state=cut}"] == 1.0
    assert target.bridge.status().detail == "1 MBean beyond --limit.mbeans"


def test_samples_beyond_the_limit_are_told(target, watch):
    target.put(A, {"One": 1})
    target.put(B, {"Two": Table((("a", 1), ("b", 2)))})
    watch(limits=LimitSettings(samples=2))

    page = scraped(target.bridge)

    assert series(page) == {"t_A_One": 1.0}
    assert own(page)[DROPPED % "limit"] == 2.0
    assert target.bridge.status().detail == "2 samples beyond --limit.samples"


# -- targets that are down ---------------------------------------------------------------------


def test_a_target_that_is_not_there_is_down(monkeypatch):
    def refused(*_, **__):
        raise ConnectFailed("connection refused")

    with offline.without_java(monkeypatch, refused):
        bridge = offline.make_bridge(lambda: offline.config_of(ALL))
        page = scraped(bridge)
        bridge.close()

    status = bridge.status()
    assert (status.state, status.detail) == ("down", "connection refused")
    assert series(page) == {}
    assert own(page)["jmx_up"] == 0.0
    assert own(page)["jmx_bridge_connect_failures_total{reason=connect}"] == 1.0


def test_a_lost_session_is_replaced_in_the_scrape_that_finds_it_lost(monkeypatch):
    sessions = [RecordedSession([mbean(A, {"Count": n})]) for n in (1, 2)]
    opening = iter(sessions)
    with offline.without_java(monkeypatch, lambda *_, **__: next(opening)):
        bridge = offline.make_bridge(lambda: offline.config_of(ALL))
        pages = [scraped(bridge)]
        sessions[0].lost = SessionLost("connection reset")
        pages.append(scraped(bridge))
        bridge.close()

    assert [series(page) for page in pages] == [{"t_A_Count": 1.0}, {"t_A_Count": 2.0}]
    assert [own(page)["jmx_up"] for page in pages] == [1.0, 1.0]


def test_connecting_does_not_wait_for_what_waits_for_the_end_of_the_scrape(
    target, watch
):
    target.put(A, {"Count": 1})
    watch()
    with target.bridge._lock:
        target.bridge._afterwards(lambda: None)
        connected = target.bridge._target.connected(Timer(time.monotonic() + 5))

    assert connected.session is target.session


def test_a_deadline_leaves_the_session_open(target, watch):
    target.put(A, {"Count": 1})
    watch().page()
    target.session.lost = DeadlinePassed("too slow")
    late = scraped(target.bridge)
    state = target.bridge.status().state
    target.session.lost = None

    assert (series(late), own(late)["jmx_up"], state) == ({}, 0.0, "down")
    assert target.page() == {"t_A_Count": 1.0}
    assert target.own("jmx_bridge_connects_total") == 1.0


def test_a_scrape_whose_time_is_up_asks_nothing(target, watch):
    target.put(A, {"Count": 1})
    watch()

    page = target.bridge.scrape(deadline=time.monotonic() - 1.0)

    assert series(page) == {}
    assert target.bridge.status().detail == "no time left"


def test_a_scrape_that_another_one_keeps_waiting_is_not_answered(target, watch):
    watch()
    with target.bridge._lock:
        page = target.bridge.scrape(deadline=time.monotonic() + 0.01)

    assert own(page)["jmx_scrape_error"] == 1.0
    assert target.bridge.status().last_scrape is None


def test_the_target_is_left_alone_after_the_start_as_long_as_the_file_says(
    target, watch
):
    target.put(A, {"Count": 1})
    watch("startDelaySeconds: 100\n")
    early = target.page()
    target.bridge._started -= 101

    assert early == {}
    assert target.bridge.status().detail == "startDelaySeconds: 100 s to wait"
    assert target.page() == {"t_A_Count": 1.0}


def test_a_limit_of_the_rule_file_ends_a_scrape_before_its_deadline(watch, target):
    watch("scrapeTimeoutSeconds: 3\n")
    before = time.monotonic()

    assert before + 2 < target.bridge._limited(before + 60) < before + 5
    assert target.bridge._limited(before + 1) == before + 1


def test_a_scrape_tells_how_much_time_it_had(watch, target):
    watch("scrapeTimeoutSeconds: 3\n")
    target.page()

    assert target.own("jmx_bridge_scrape_timeout_seconds") == pytest.approx(3, abs=0.1)


# -- after a scrape ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "expected"), [(MANY_NEW, ["trim"]), (MANY_NEW - 1, ["collect_garbage"])]
)
def test_memory_is_given_back_after_many_new_mbeans(
    monkeypatch, target, count, expected
):
    for n in range(count):
        target.put(f"t:type=A,n={n}", {"Count": n})
    done = []
    with offline.bridge_on(monkeypatch, target.session, ALL) as bridge:
        monkeypatch.setattr(jmx, "trim", lambda: done.append("trim"))
        monkeypatch.setattr(
            jmx, "collect_garbage", lambda: done.append("collect_garbage")
        )
        scraped(bridge)
        bridge._target.background.submit(lambda: None).result(10)

    assert done == expected


def test_what_goes_wrong_after_a_scrape_is_logged_and_the_rest_is_done(
    monkeypatch, target, watch, caplog
):
    def broken():
        raise ValueError("no heap")

    target.put(A, {"Count": 1})
    done = []
    watch()
    monkeypatch.setattr(jmx, "collect_garbage", broken)
    monkeypatch.setattr(Inventory, "back_off_slow", lambda _: done.append("slow"))
    for _ in range(2):
        scraped(target.bridge)
        target.bridge._target.background.submit(lambda: None).result(10)

    (told,) = [r.fields for r in caplog.records if r.msg == "background.failed"]
    assert told["error"] == "ValueError('no heap')"
    assert done == ["slow"] * 2
