"""The life of a scrape, on recorded MBeans: what is served, and what is told of it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from unit import offline
from unit.jmx.mbeans import Holds, Table, Throws, mbean
from unit.offline import ALL, own, scraped, series

from jmx_bridge import jmx
from jmx_bridge.bridge import MANY_NEW, partial_detail
from jmx_bridge.collect.counts import Counts
from jmx_bridge.collect.inventory import Inventory
from jmx_bridge.collect.timer import Timer
from jmx_bridge.errors import ConfigError, ConnectFailed, DeadlinePassed, SessionLost
from jmx_bridge.exposition import negotiate, render
from jmx_bridge.jmx.abc import Failure
from jmx_bridge.jmx.moment import RecordedMBean
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.settings import LimitSettings

A, B, C = "t:type=A", "t:type=B", "t:type=C"

DROPPED = "jmx_bridge_samples_dropped{reason=%s}"


class Target:
    """Recorded MBeans that move, and a bridge that watches them."""

    def __init__(self) -> None:
        self.session = RecordedSession()
        self.bridge: Any = None

    def put(self, name: str, attributes=None, **fields) -> RecordedMBean:
        self.session.mbeans[name] = one = mbean(name, attributes, **fields)
        return one

    def change(self, name: str, **fields) -> None:
        self.session.mbeans[name] = replace(self.session.mbeans[name], **fields)

    def drop(self, name: str) -> None:
        del self.session.mbeans[name]

    def page(self) -> dict[str, float]:
        return series(scraped(self.bridge))

    def own(self, name: str) -> float | None:
        return own(scraped(self.bridge)).get(name)


@pytest.fixture
def target() -> Target:
    return Target()


@pytest.fixture
def watch(monkeypatch, target):
    """A function that sets a bridge with these rules on the target."""
    open_ = []

    def start(rules: str = "", **more) -> Target:
        scope = offline.bridge_on(monkeypatch, target.session, ALL + rules, **more)
        target.bridge = scope.__enter__()
        open_.append(scope)
        return target

    yield start
    for scope in open_:
        scope.__exit__(None, None, None)


# -- MBeans that come, change and go -------------------------------------------------------------


def test_an_mbean_registered_anew_without_attributes_is_asked_nothing(target, watch):
    target.put(A, {"Count": 1})
    target.put(B, {"Count": 2})
    watch().page()
    target.put(A, {}, registration=1)

    assert [target.page(), target.page()] == [{"t_B_Count": 2.0}] * 2


def test_one_registered_anew_is_described_however_long_that_takes(target, watch):
    target.put(A, {"Count": 1})
    watch().page()
    target.put(A, {"Count": 1, "More": 2}, registration=1, undescribed=Failure.LATE)
    late = [target.page(), target.page()]
    target.change(A, undescribed=None)

    assert late == [{"t_A_Count": 1.0}] * 2
    assert target.page() == {"t_A_Count": 1.0, "t_A_More": 2.0}


# -- what rules see of values ---------------------------------------------------------------------


def test_a_dropped_sample_is_counted_until_its_own_value_is_another(target, watch):
    target.put(A, {"Bad": 1, "State": "on", "Worse": "x"})
    watch(
        "rules:\n"
        "- {pattern: 't<type=A><>Bad', name: bad_$9}\n"
        "- {pattern: 't<type=A><>State: (.+)', name: state, value: 1, labels: {s: $1}}\n"
        "- {pattern: 't<type=A><>Worse: x', name: worse_$9, value: 1}\n"
    )
    first = target.own(DROPPED % "bad_template")
    target.put(A, {"Bad": 1, "State": "off", "Worse": "x"})
    second = target.own(DROPPED % "bad_template")
    target.put(A, {"Bad": 1, "State": "off", "Worse": "y"})

    assert (first, second) == (2.0, 2.0)
    assert target.own(DROPPED % "bad_template") == 1.0
    assert target.page() == {"state{s=off}": 1.0}


@pytest.mark.parametrize("labels", ["", "[State]"])
def test_a_dropped_sample_is_counted_while_other_values_of_its_mbean_change(
    target, watch, labels
):
    watch(
        f"metricCustomizers: [{{mbeanFilter: {{domain: t}}, attributesAsLabels: {labels or '[]'}}}]\n"
        "rules: [{pattern: '<>Bad', name: bad_$9}, {}]\n"
    )
    counts = []
    for rows, state in (((), "on"), ((("a", 1),), "on"), ((("a", 1),), "off")):
        target.put(A, {"Bad": 1, "Rows": Table(rows), "State": state})
        counts.append(target.own(DROPPED % "bad_template"))

    assert counts == [1.0] * 3


def test_a_label_of_a_customizer_follows_a_value_that_was_null(target, watch):
    target.put(A, {"Count": 1, "Version": Holds(None, "java.lang.String")})
    watch(
        "metricCustomizers:\n"
        "- {mbeanFilter: {domain: t}, attributesAsLabels: [Version]}\n"
        "rules: [{pattern: '.*'}]\n"
    )
    pages = [target.page()]
    for version in ("1", "2"):
        target.put(A, {"Count": 1, "Version": version})
        pages.append(target.page())

    assert pages == [
        {"t_A_Count": 1.0},
        {"t_A_Count{Version=1}": 1.0},
        {"t_A_Count{Version=2}": 1.0},
    ]


# -- the same without a JVM that tests/integration/test_bridge.py proves on one ---------------------


def test_an_mbean_is_served_in_the_scrape_in_which_it_appears(target, watch):
    target.put(A, {"Count": 1})
    watch()
    first = target.page()
    target.put(B, {"Count": 2})

    assert first == {"t_A_Count": 1.0}
    assert target.page() == {"t_A_Count": 1.0, "t_B_Count": 2.0}


def test_an_mbean_is_gone_in_the_scrape_after_it_vanished(target, watch):
    target.put(A, {"Count": 1})
    target.put(B, {"Count": 2})
    watch().page()
    target.drop(B)

    assert target.page() == {"t_A_Count": 1.0}


def test_values_move(target, watch):
    target.put(A, {"Count": 1, "Well": True, "Share": 0.5})
    watch().page()
    target.put(A, {"Count": 7, "Well": False, "Share": 0.25})

    assert target.page() == {"t_A_Count": 7.0, "t_A_Well": 0.0, "t_A_Share": 0.25}


def test_attributes_of_an_mbean_registered_anew_are_seen(target, watch):
    target.put(A, {"Count": 1})
    watch().page()
    target.put(A, {"More": 2}, registration=1)

    assert target.page() == {"t_A_More": 2.0}


def test_an_mbean_whose_values_became_nothing_may_become_something(target, watch):
    target.put(A, {"Name": "x"})
    first = watch().page()
    target.put(A, {"Count": 1}, registration=1)

    assert first == {}
    assert target.page() == {"t_A_Count": 1.0}


def test_a_null_that_becomes_a_number_is_served_then(target, watch):
    target.put(A, {"Count": None})
    watch()
    pages = [target.page()]
    for value in (5, None):
        target.put(A, {"Count": Holds(value, "java.lang.Long")})
        pages.append(target.page())

    assert pages == [{}, {"t_A_Count": 5.0}, {}]


def test_rows_of_a_table_come_and_go(target, watch):
    watch()
    pages = []
    for rows in ((), (("a", 1),), (("a", 1), ("b", 2)), ()):
        target.put(A, {"Rows": Table(rows)})
        pages.append(target.page())

    a, b = "t_A_Rows{key=a}", "t_A_Rows{key=b}"
    assert pages == [{}, {a: 1.0}, {a: 1.0, b: 2.0}, {}]


def test_a_label_made_of_a_value_follows_the_value(target, watch):
    watch(
        "rules: [{pattern: 't<type=A><>State: (.+)', name: s, value: 1, labels: {s: $1}}]\n"
    )
    pages = []
    for state in ("starting", "running", "starting"):
        target.put(A, {"State": state})
        pages.append(target.page())

    assert pages == [{f"s{{s={s}}}": 1.0} for s in ("starting", "running", "starting")]


def test_a_number_that_a_rule_sees_is_judged_again_when_it_changes(target, watch):
    watch(r"rules: [{pattern: 't<type=A><>Count: 4(\d)', name: forty, value: $1}]")
    pages = []
    for value in (41, 42, 52, 43):
        target.put(A, {"Count": value})
        pages.append(target.page())

    assert pages == [{"forty": 1.0}, {"forty": 2.0}, {}, {"forty": 3.0}]


def test_a_negative_counter_costs_only_its_own_sample(target, watch):
    target.put(A, {"Count": 3})
    target.put(B, {"Count": 4})
    rules = "rules: [{pattern: 't<type=(.)><>Count', name: n, type: COUNTER, labels: {t: $1}}]\n"
    watch(rules).page()
    target.put(A, {"Count": -1})
    page = scraped(target.bridge)
    target.put(A, {"Count": 5})

    told = "jmx_bridge_rule_dropped{rule=rules.yml:2,reason=negative_counter}"
    assert series(page) == {"n_total{t=B}": 4.0}
    assert own(page)[DROPPED % "negative_counter"] == own(page)[told] == 1.0
    assert target.page() == {"n_total{t=A}": 5.0, "n_total{t=B}": 4.0}


def test_equal_series_are_told_apart_and_then_dropped(target, watch, caplog):
    target.put(A, {"Count": 1})
    target.put("t:name=x,type=A", {"Count": 2})
    target.put("t:type=B,name=a", {"Rows": {"x": 1, "X": 2}})
    watch(
        "lowercaseOutputName: true\n"
        "rules:\n- {pattern: '<type=A>', name: a}\n- {pattern: 'x, type=A>', name: a}\n"
        "- {pattern: 'type=B', name: b}\n"
    )

    assert target.page() == {
        "a{_objectname=t<name=x, type=A><>Count}": 2.0,
        "a{_objectname=t<type=A><>Count}": 1.0,
        "b{_objectname=t<type=B, name=a><Rows>X}": 2.0,
        "b{_objectname=t<type=B, name=a><Rows>x}": 1.0,
    }


def test_only_one_of_two_samples_that_nothing_tells_apart_is_served(
    target, watch, caplog
):
    caplog.set_level("WARNING")
    target.put(A, {"someName": 1, "some_name": 2})
    watch("rules: [{pattern: 't', name: n, attrNameSnakeCase: true}]\n")

    page = scraped(target.bridge)

    assert list(series(page)) == ["n{_objectname=t<type=A><>some_name}"]
    assert own(page)[DROPPED % "duplicate"] == 1.0
    (told,) = [r.fields for r in caplog.records if r.msg == "sample.dropped"]
    assert (told["reason"], told["detail"]) == ("duplicate", "n")
    assert told["rule"] == "rules.yml:2"
    assert own(page)["jmx_bridge_rule_dropped{rule=rules.yml:2,reason=duplicate}"] == 1


@pytest.mark.parametrize("kind", ["GAUGE", "COUNTER", "INFO"])
@pytest.mark.parametrize(
    "name",
    ["jmx_up", "jmx_bridge_samples_dropped", "jmx_bridge_page_samples_cut", "jmx_bridge_build"],
)  # fmt: skip
def test_a_rules_series_is_never_taken_for_the_bridges_own_and_counted(
    target, watch, name, kind
):
    target.put(A, {"Count": 7})
    target.put(B, {"Count": 8})
    watch(
        f"rules:\n- {{pattern: 'type=A', name: {name}, type: {kind}, labels: {{a: b}}}}\n"
        "- {pattern: 'type=B', name: b}\n"
    )

    snapshot = scraped(target.bridge)
    page, told = series(snapshot), own(snapshot)

    assert page == {"b": 8.0}
    assert not any("a=b" in one for one in told)
    assert told["jmx_bridge_samples"] == 1.0
    assert told[DROPPED % "conflict"] == 1.0
    assert told["jmx_bridge_rule_dropped{rule=rules.yml:3,reason=conflict}"] == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('t:type=A,x="\ud800"', 't:type=A,x="?"'),
        ('t:type=A,x="\0"', 't:type=A,x="\ufffd"'),
        ("t:type=A,x=", "t:type=A"),
    ],
    ids=["surrogate", "nul", "empty"],
)
def test_series_that_are_written_alike_are_told_apart(target, watch, one, other):
    target.put(one, {"Count": 1})
    target.put(other, {"Count": 2})

    watch()
    snapshot = scraped(target.bridge)
    told = own(snapshot).get(DROPPED % "duplicate", 0)
    lines = [line for line in offline.page(snapshot).splitlines() if line[0] != "#"]
    names = {line.rpartition(" ")[0].replace(',x=""', "") for line in lines}

    # Where what would tell them apart is written alike, too, one is left out and counted.
    assert len(names) == len(lines)
    assert len(lines) + told == 2
    assert all("_objectname" in name for name in names)


def test_labels_whose_names_are_written_alike_are_told_apart(target, watch):
    target.put(A, {"Count": 1})
    target.put(B, {"Count": 2})
    watch(
        "rules:\n- {pattern: 'type=A', name: n, labels: {'x:y': v}}\n"
        "- {pattern: 'type=B', name: n, labels: {x_y: v}}\n"
    )

    assert target.page() == {
        "n{_objectname=t<type=A><>Count,x_y=v}": 1.0,
        "n{_objectname=t<type=B><>Count,x_y=v}": 2.0,
    }


# -- MBeans that give no answer ------------------------------------------------------------------------


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


# -- targets that are down ------------------------------------------------------------------------------


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


# -- metrics of the JVM -------------------------------------------------------------------------------------

THREADING = "java.lang:type=Threading"


def test_metrics_of_the_jvm_stand_beside_those_of_rules(monkeypatch, target):
    target.put(THREADING, {"ThreadCount": 7, "Other": 1})
    target.put(A, {"Count": 1})
    with offline.bridge_on(
        monkeypatch, target.session, "rules: [{pattern: 't<'}]"
    ) as b:
        page = series(scraped(b))

    assert page == {"t_A_Count": 1.0, "jvm_threads_current": 7.0}


def test_rules_win_where_a_metric_of_the_jvm_has_their_name(monkeypatch, target):
    target.put(THREADING, {"ThreadCount": 7, "PeakThreadCount": 9})
    rules = "rules: [{pattern: 'Peak', name: jvm_threads_current}]"
    with offline.bridge_on(monkeypatch, target.session, rules) as bridge:
        page = scraped(bridge)

    assert series(page) == {"jvm_threads_current": 9.0, "jvm_threads_peak": 9.0}
    assert own(page)[DROPPED % "conflict"] == 1.0


class Operating(RecordedSession):
    """A session with operations."""

    def __init__(self, answer) -> None:
        super().__init__([mbean(THREADING, {"ThreadCount": 7})])
        self.answer = answer

    def thread_states(self, timeout):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_threads_are_counted_by_state_if_that_is_asked_for(monkeypatch):
    session = Operating([0, 3, 0, 2, 1, 0, 0, 5, 4])
    with offline.bridge_on(monkeypatch, session, "", thread_states=True) as bridge:
        page = series(scraped(bridge))

    assert page["jvm_threads_state{state=RUNNABLE}"] == 3.0
    assert page["jvm_threads_deadlocked"] == 5.0
    assert page["jvm_threads_deadlocked_monitor"] == 4.0


def test_counting_threads_is_a_part_of_fetching(monkeypatch):
    session = Operating([0] * 9)
    fetching = []

    def count(timeout):
        fetching.append("fetch" not in bridge._timer.phases)
        return session.answer

    session.thread_states = count
    with offline.bridge_on(monkeypatch, session, "", thread_states=True) as bridge:
        scraped(bridge)

    assert fetching == [True]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        pytest.param(SessionLost("access denied"), ["access denied"], id="refused"),
        pytest.param(DeadlinePassed("slow"), [], id="slow"),
    ],
)
def test_threads_that_can_not_be_counted_cost_nothing_else(
    monkeypatch, caplog, error, told
):
    caplog.set_level("WARNING")
    session = Operating(error)
    with offline.bridge_on(monkeypatch, session, "", thread_states=True) as bridge:
        pages = [series(scraped(bridge)) for _ in range(2)]

    refused = [r for r in caplog.records if r.msg == "jvm.thread_states_refused"]
    assert pages[0] == pages[1]
    assert pages[0]["jvm_threads_current"] == 7.0
    assert "jvm_threads_deadlocked" not in pages[0]
    assert [record.fields["error"] for record in refused] == told


# -- after a scrape ----------------------------------------------------------------------------------------


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


# -- what else the web asks ----------------------------------------------------------------------------------


def test_the_status_tells_file_rules_and_last_scrape(target, watch):
    target.put(A, {"Count": 1})
    watch("unknownKey: 1\nrules: [{pattern: a}, {}]\n")
    before = target.bridge.status()
    target.page()

    status = target.bridge.status()
    assert (before.state, before.last_scrape) == ("connecting", None)
    assert (status.state, status.last_scrape.samples) == ("up", 1)
    assert status.target == f"service:jmx:rmi:///jndi/rmi://{offline.ADDRESS}/jmxrmi"
    assert (status.rule_file, status.rules, status.problem) == ("rules.yml", 2, "")
    assert len(status.warnings) == 1
    assert status.java == ""


def test_new_rules_are_in_force_from_the_next_scrape(monkeypatch, target):
    target.put(A, {"Count": 1})
    rules = [ALL]
    with offline.without_java(monkeypatch, lambda *_, **__: target.session):
        bridge = offline.make_bridge(lambda: offline.config_of(rules[0]))
        first = series(scraped(bridge))
        rules[0] = ALL + "rules: [{pattern: Count, name: renamed}]\n"
        bridge.reload()
        second = series(scraped(bridge))
        rules[0] = "rules: 3"
        with pytest.raises(ConfigError):
            bridge.reload()
        third = series(scraped(bridge))
        bridge.close()

    assert (first, second, third) == ({"t_A_Count": 1.0}, {"renamed": 1.0}, second)
    assert "rules.yml:1" in bridge.status().problem


def test_what_a_page_lacks_is_told_in_words():
    counts = Counts(late=1200, cut=3)

    assert partial_detail(counts, 4) == (
        "1,200 MBeans did not answer in time; 3 MBeans beyond --limit.mbeans; "
        "4 samples beyond --limit.samples"
    )
    assert partial_detail(Counts(), 0) == ""
