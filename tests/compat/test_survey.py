"""What a survey tells of recorded MBeans is what a scrape serves of them."""

import pytest
from cases import all_cases
from test_pages import pages, recorded
from unit import offline
from unit.fake_matcher import FakeMatcher
from unit.fake_syntax import FakeSyntax

from jmx_bridge.config import load_config
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.mapping import Ruleset
from jmx_bridge.model import Snapshot
from jmx_bridge.workbench.lines import Fate
from jmx_bridge.workbench.listing import written
from jmx_bridge.workbench.reading import read_jvm
from jmx_bridge.workbench.survey import survey

CASES = [pytest.param(case, id=case.id) for case in all_cases()]


def surveyed(case):
    config = load_config(str(case.rules), syntax=FakeSyntax(), environ={})
    reading = read_jvm(RecordedSession(map(recorded, case.mbeans)), 10.0)
    return survey(reading, Ruleset(config, FakeMatcher))


@pytest.mark.parametrize("case", CASES)
def test_a_survey_has_the_samples_of_a_scrape(case, monkeypatch):
    found = surveyed(case)

    page = offline.page(Snapshot(found.layout, found.values, list(found.jvm)))
    assert page == pages(case, monkeypatch)[0]


@pytest.mark.parametrize("case", CASES)
def test_each_sample_is_told_at_the_value_that_it_comes_from(case, monkeypatch):
    lines = surveyed(case).lines

    served = [
        line.rpartition(" ")[0]
        for line in pages(case, monkeypatch)[0].splitlines()
        if not line.startswith("#")
    ]
    assert sorted(written(one) for line in lines for one in line.samples) == sorted(
        served
    )
    assert all((line.fate is Fate.SERVED) == bool(line.samples) for line in lines)
    assert all(line.why for line in lines if line.fate is not Fate.SERVED)
