"""What a page has besides the samples of rules, and what the status tells."""

from __future__ import annotations

import pytest
from unit import offline
from unit.bridged import DROPPED, A
from unit.jmx.mbeans import mbean
from unit.offline import ALL, own, scraped, series

from jmx_bridge.bridge import partial_detail
from jmx_bridge.collect.counts import Counts
from jmx_bridge.errors import ConfigError, DeadlinePassed, SessionLost
from jmx_bridge.jmx.recorded import RecordedSession

# -- metrics of the JVM ------------------------------------------------------------------------

THREADING = "java.lang:type=Threading"


def test_metrics_of_the_jvm_stand_beside_those_of_rules(monkeypatch, target):
    target.put(THREADING, {"ThreadCount": 7, "Other": 1})
    target.put(A, {"Count": 1})
    with offline.bridge_on(
        monkeypatch, target.session, "rules: [{pattern: 't<'}]"
    ) as b:
        page = series(scraped(b))

    assert page == {"t_A_Count": 1.0, "jvm_threads_current": 7.0}


def test_rules_win_where_a_metric_of_the_jvm_has_their_name(
    monkeypatch, target, caplog
):
    target.put(THREADING, {"ThreadCount": 7, "PeakThreadCount": 9})
    rules = "rules: [{pattern: 'Peak', name: jvm_threads_current}]"
    with offline.bridge_on(monkeypatch, target.session, rules) as bridge:
        scraped(bridge)
        page = scraped(bridge)

    assert series(page) == {"jvm_threads_current": 9.0, "jvm_threads_peak": 9.0}
    assert own(page)[DROPPED % "conflict"] == 1.0
    (told,) = [one.fields for one in caplog.records if one.msg == "sample.dropped"]
    assert (told["reason"], told["where"]) == ("conflict", "jvm_threads_current")


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


def test_the_phases_of_a_scrape_are_told_in_its_page(monkeypatch, target):
    target.put(A, {"Count": 1})
    with offline.bridge_on(monkeypatch, target.session, "") as bridge:
        told = own(scraped(bridge))

    phases = {name for name in told if name.startswith("jmx_bridge_scrape_phase_")}
    names = ("assemble", "connect", "fetch", "inventory", "plan", "render")
    assert phases == {f"jmx_bridge_scrape_phase_seconds{{phase={n}}}" for n in names}


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


# -- what else the web asks --------------------------------------------------------------------


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
