"""The unit tests of our rule files, by `jmx-bridge test`: packs in `tests/packs`, examples beside their rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.support import run
from integration.targets import ROOT
from jmx_bridge.commands.test import load_rules
from jmx_bridge.settings import Settings
from jmx_bridge.workbench.ruletests import TestFile, read_tests
from jmx_bridge.workbench.survey import survey

FILES = sorted([*ROOT.glob("tests/packs/*.yml"), *ROOT.glob("examples/**/*.test.yml")])
RULES = sorted([*ROOT.glob("rules/*.yml"), *ROOT.glob("examples/**/rules.yml")])


def rules_of(file: TestFile) -> list[Path]:
    """Return the rule files that a test file is for."""
    found = []
    for name in file.rule_files:
        pack = ROOT / "rules" / f"{name}.yml"
        found.append(pack if pack.exists() else (file.path.parent / name).resolve())
    return found


def test_each_pack_and_each_example_has_tests():
    found = {rules for path in FILES for rules in rules_of(read_tests(str(path)))}

    assert [str(path.relative_to(ROOT)) for path in RULES if path not in found] == []


def test_all_of_them_pass():
    done = run("test", *map(str, FILES))

    assert done.returncode == 0, done.stdout
    assert len(done.stdout.splitlines()) == len(FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_rule_makes_a_sample(jvm, path):
    file = read_tests(str(path))
    rules = load_rules(Settings(), file.rule_files, path.parent)
    places = tuple(f"{one.name}:" for one in rules_of(file))
    own = [rule.where for rule in rules.config.rules]
    own = [where for where in own if Path(where).name.startswith(places)]

    made = {
        line.rule
        for one in file.tests
        for line in survey(one.reading, rules).lines
        if line.samples
    }

    assert own
    assert [where for where in own if where not in made] == []


def test_a_pack_that_makes_something_else_fails(tmp_path):
    text = (ROOT / "tests" / "packs" / "zookeeper.test.yml").read_text("utf-8")
    file = tmp_path / "zookeeper.test.yml"
    file.write_text(text.replace('replica_id="1",', ""), "utf-8")

    done = run("test", str(file))

    assert done.returncode == 1
    assert '+zookeeper_avgrequestlatency{member_type="Leader",replica_id="1"' in (
        done.stdout
    )
