"""The bridge's own metrics."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)

from jmx_bridge.exposition import negotiate, render
from jmx_bridge.model import Family, Layout, MetricType, Snapshot
from jmx_bridge.observe import ScrapeRecord, Telemetry

GOOD = ScrapeRecord(
    up=True,
    partial=False,
    seconds=0.25,
    timeout=9.5,
    samples=7,
    mbeans={"planned": 3, "fetched": 2, "failed": 1},
    attributes={"planned": 9},
    phases={"inventory": 0.1, "fetch": 0.15},
    dropped=("duplicate", "negative_counter", "duplicate"),
    cached=4,
)
RESIDENT = "jmx_bridge_process_resident_memory_bytes"
BAD = ScrapeRecord(up=False, partial=False, seconds=1.0, samples=0)


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry("1.2.3", "21.0.4")


def values(families: list[Family]) -> dict[str, float]:
    """Return each sample's value by its name and its labels' values."""
    suffixes = {MetricType.COUNTER: "_total", MetricType.INFO: "_info"}
    return {
        " ".join((f.name + suffixes.get(f.type, ""), *(v for _, v in s.labels))): s.value
        for f in families
        for s in f.samples
    }  # fmt: skip


def test_what_jmx_exporter_always_serves_is_there_from_the_start(telemetry):
    found = values(telemetry.families())

    assert found["jmx_config_reload_success_total"] == 0
    assert found["jmx_config_reload_failure_total"] == 0
    assert found["jmx_scrape_error"] == 0
    assert found["jmx_scrape_cached_beans"] == 0
    assert found["jmx_exporter_build_info jmx_bridge 1.2.3"] == 1
    assert "jmx_scrape_duration_seconds" in found


def test_scrapes_that_ran_out_of_time_are_counted_as_jmx_exporter_does(telemetry):
    before = values(telemetry.families())["jmx_scrape_timeout_total"]

    for timed_out in (True, False, True):
        telemetry.record(replace(GOOD, timed_out=timed_out))

    assert before == 0
    assert values(telemetry.families())["jmx_scrape_timeout_total"] == 2


def test_help_texts_are_jmx_exporters_where_names_are(telemetry):
    texts = {family.name: family.help for family in telemetry.families()}

    assert texts["jmx_scrape_error"] == "Non-zero if this scrape failed."
    assert texts["jmx_exporter_build"] == "JMX Exporter build information"


def test_a_record_describes_one_scrape(telemetry):
    before = time.time()
    telemetry.record(GOOD)

    found = values(telemetry.families())

    assert found["jmx_up"] == 1
    assert found["jmx_scrape_error"] == 0
    assert found["jmx_scrape_duration_seconds"] == 0.25
    assert found["jmx_bridge_scrape_timeout_seconds"] == 9.5
    assert found["jmx_bridge_samples"] == 7
    assert found["jmx_bridge_mbeans fetched"] == 2
    assert found["jmx_bridge_samples_dropped duplicate"] == 2
    assert found["jmx_bridge_samples_dropped negative_counter"] == 1
    assert found["jmx_bridge_last_success_timestamp_seconds"] >= before


def test_the_next_record_leaves_nothing_of_the_one_before(telemetry):
    telemetry.record(GOOD)
    success = values(telemetry.families())["jmx_bridge_last_success_timestamp_seconds"]
    telemetry.record(BAD)

    found = values(telemetry.families())

    assert found["jmx_up"] == 0
    assert found["jmx_scrape_error"] == 1
    assert not any(name.startswith("jmx_bridge_samples_dropped") for name in found)
    assert not any(name.startswith("jmx_bridge_mbeans") for name in found)
    assert found["jmx_bridge_last_success_timestamp_seconds"] == success


def test_a_partial_scrape_is_up_and_an_error():
    telemetry = Telemetry("1", "21")
    telemetry.record(ScrapeRecord(up=True, partial=True, seconds=1.0, samples=1))

    found = values(telemetry.families())

    assert (found["jmx_up"], found["jmx_scrape_error"]) == (1, 1)
    assert found["jmx_bridge_scrape_partial"] == 1


def test_sessions_and_reloads_are_counted(telemetry):
    telemetry.connected()
    telemetry.connect_failed("login")
    telemetry.connect_failed("login")
    telemetry.reloaded(ok=True)
    telemetry.reloaded(ok=False)

    found = values(telemetry.families())

    assert found["jmx_bridge_connects_total"] == 1
    assert found["jmx_bridge_connect_failures_total login"] == 2
    assert found["jmx_config_reload_success_total"] == 1
    assert found["jmx_config_reload_failure_total"] == 1
    assert found["jmx_bridge_config_last_reload_successful"] == 0


def test_what_a_scrape_left_out_is_named_with_its_reason(telemetry):
    telemetry.record(
        replace(GOOD, unread=[("d:type=B", "late"), ("d:type=A", "broken")])
    )

    unread = {f.name: f for f in telemetry.families()}["jmx_bridge_mbean_unread"]

    assert [sample.labels for sample in unread.samples] == [
        (("mbean", "d:type=A"), ("reason", "broken")),
        (("mbean", "d:type=B"), ("reason", "late")),
    ]


def test_a_family_without_samples_is_not_served(telemetry):
    telemetry.record(BAD)

    assert all(family.samples for family in telemetry.families())


def test_sessions_are_counted_whichever_thread_opens_them(telemetry):
    def many() -> None:
        for _ in range(500):
            telemetry.connected()
            telemetry.connect_failed("connect")
            telemetry.families()

    threads = [Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = values(telemetry.families())

    assert found["jmx_bridge_connects_total"] == 2000
    assert found["jmx_bridge_connect_failures_total connect"] == 2000


def test_phases_are_those_of_the_scrape_however_late_they_are_rendered(telemetry):
    telemetry.record(GOOD)
    late = telemetry.phases()
    telemetry.record(ScrapeRecord(up=True, partial=False, seconds=1, samples=1))

    found = values([late.make()])

    assert found["jmx_bridge_scrape_phase_seconds fetch"] == 0.15
    assert found["jmx_bridge_scrape_phase_seconds render"] >= 0
    assert late.name not in {family.name for family in telemetry.families()}


def test_a_request_without_values_is_told_nothing_of_other_scrapes(telemetry):
    telemetry.record(GOOD)

    found = values(telemetry.unanswered())

    assert (found["jmx_up"], found["jmx_scrape_error"]) == (0, 1)
    assert not {
        name
        for name in found
        if name.startswith(("jmx_bridge_mbeans", "jmx_bridge_samples", "jmx_scrape_d"))
    }
    assert "jmx_bridge_connects_total" in found


def test_it_is_good_openmetrics_without_creation_times(telemetry):
    telemetry.record(GOOD)
    telemetry.connect_failed("connect")
    shot = Snapshot(Layout(()), (), telemetry.families(), telemetry.phases())

    text = render(shot, negotiate("application/openmetrics-text")).decode()

    assert len(list(parse_openmetrics(text))) > 10
    assert "_created" not in text


def test_the_bridge_tells_what_it_takes_itself(telemetry):
    before = values(telemetry.families())
    end = time.process_time() + 0.02
    while time.process_time() < end:
        pass
    after = values(telemetry.families())

    cpu, memory = "jmx_bridge_process_cpu_seconds_total", RESIDENT
    assert 0 < before[cpu] <= after[cpu] - 0.02
    assert 1 << 20 < after[memory] < 1 << 34


def test_where_no_memory_is_told_none_is_served(telemetry, monkeypatch, tmp_path):
    monkeypatch.setattr("jmx_bridge.observe.telemetry.STATM", tmp_path / "none")

    assert RESIDENT not in values(telemetry.families())


@pytest.mark.parametrize(
    ("clock", "allowed"),
    [
        # A certificate expires by the calendar, and nothing waits for that.
        (
            r"\btime\.time\(",
            {"telemetry.py", "log.py", "reading.py", "certificate.py"},
        ),
        (
            r"datetime\.now|utcnow",
            {"bridge.py", "journal.py", "rules_in_force.py", "log.py", "page.py"},
        ),
    ],
    ids=["seconds", "dates"],
)
def test_only_reports_use_the_wall_clock(clock, allowed):
    """A clock that jumps must not move a deadline, a pause or a limit."""
    package = Path(__file__).parents[2] / "jmx_bridge"

    users = {
        path.name
        for path in package.rglob("*.py")
        if re.search(clock, path.read_text("utf-8"))
    }

    assert users <= allowed
