"""The rules in force are those of the rule file that was read last and was good."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.fake_matcher import FakeMatcher
from unit.offline import config_of

from jmx_bridge.collect.rules_in_force import RulesInForce
from jmx_bridge.config import DEFAULT
from jmx_bridge.errors import ConfigError, UsageError
from jmx_bridge.observe import Telemetry
from jmx_bridge.settings import TargetSettings

HERE = TargetSettings(host_port="here:1")
GOOD, OTHER = "rules: [{pattern: a}]\n", "rules: [{pattern: a}, {pattern: b}]\n"
BAD = "rules: 3\n"


class File:
    """A rule file that a test writes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def load(self):
        return config_of(self.text)


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry("1", "17")


@pytest.fixture
def file() -> File:
    return File(GOOD)


@pytest.fixture
def rules(file, telemetry) -> RulesInForce:
    return RulesInForce(HERE, telemetry, file.load, "rules.yml", FakeMatcher)


def reloads(telemetry: Telemetry) -> tuple[float, ...]:
    values = {family.name: family.samples[0].value for family in telemetry.families()}
    kinds = ("success", "failure")
    return tuple(values[f"jmx_config_reload_{kind}"] for kind in kinds)


def test_a_file_is_read_at_the_start(rules, telemetry):
    assert len(rules.loaded.rules.rules) == 1
    assert rules.loaded.config.file == "rules.yml"
    assert rules.loaded.address.url.endswith("//here:1/jmxrmi")
    assert rules.problem == ""
    assert reloads(telemetry) == (0.0, 0.0)


def test_without_a_file_the_defaults_are_in_force(telemetry):
    rules = RulesInForce(HERE, telemetry, None, None, FakeMatcher)

    assert rules.loaded.config is DEFAULT
    assert not rules.changed()


def test_a_file_that_is_wrong_at_the_start_raises(telemetry):
    with pytest.raises(ConfigError):
        RulesInForce(HERE, telemetry, File(BAD).load, "rules.yml", FakeMatcher)


def test_a_target_that_nobody_names_raises(telemetry):
    with pytest.raises(UsageError, match="no target"):
        RulesInForce(TargetSettings(), telemetry, None, None, FakeMatcher)


def test_a_new_file_is_in_force_once_it_is_read(rules, file, telemetry, caplog):
    caplog.set_level("INFO")
    before = rules.loaded
    file.text = OTHER
    rules.reload()

    assert len(rules.loaded.rules.rules) == 2
    assert rules.loaded is not before
    assert rules.loaded.at >= before.at
    assert reloads(telemetry) == (1.0, 0.0)
    (told,) = [r.fields for r in caplog.records if r.msg == "config.loaded"]
    assert told == {"file": "rules.yml", "rules": 2}


def test_a_file_that_is_wrong_leaves_the_rules_as_they_are(rules, file, telemetry):
    before = rules.loaded
    file.text = BAD
    with pytest.raises(ConfigError):
        rules.reload()

    assert rules.loaded is before
    assert "rules.yml:1:8: rules" in rules.problem
    assert reloads(telemetry) == (0.0, 1.0)


def test_a_mistake_of_our_own_in_reading_is_told_as_well(rules, telemetry):
    def mistake():
        raise KeyError("x")

    rules._watched._load = mistake

    with pytest.raises(KeyError):
        rules.reload()

    assert rules.problem == "KeyError('x')"
    assert reloads(telemetry) == (0.0, 1.0)


def test_a_good_file_ends_the_problem(rules, file, telemetry):
    file.text = BAD
    with pytest.raises(ConfigError):
        rules.reload()
    file.text = GOOD
    rules.reload()

    assert rules.problem == ""
    assert reloads(telemetry) == (1.0, 1.0)


def test_a_file_that_is_emptied_while_in_use_is_a_mistake(rules, file):
    before = rules.loaded
    file.text = ""

    with pytest.raises(ConfigError, match=r"rules\.yml: was emptied while in use"):
        rules.reload()
    assert rules.loaded is before


def test_a_file_that_was_empty_may_stay_so(telemetry):
    rules = RulesInForce(HERE, telemetry, File("").load, "rules.yml", FakeMatcher)

    rules.reload()

    assert rules.problem == ""


def test_warnings_are_logged_each_time_that_a_file_is_read(rules, file, caplog):
    file.text = GOOD + "unknownKey: 1\n"
    rules.reload()

    told = [r for r in caplog.records if r.msg == "config.warning"]
    assert [record.levelname for record in told] == ["WARNING"]
    assert "unknownKey" in told[0].fields["problem"]


@pytest.mark.parametrize("name", ["rules.yml", "included.yml"])
def test_a_change_of_the_file_or_of_one_that_it_includes_is_seen(
    telemetry, tmp_path, name
):
    for one in ("rules.yml", "included.yml"):
        (tmp_path / one).write_text("old")

    def load():
        included = (str(tmp_path / "included.yml"),)
        return replace(config_of(GOOD), included_files=included)

    file = str(tmp_path / "rules.yml")
    rules = RulesInForce(HERE, telemetry, load, file, FakeMatcher)
    before = rules.changed()
    (tmp_path / name).write_text("newer")

    assert (before, rules.changed()) == (False, True)
