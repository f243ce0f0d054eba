"""What other repositories get by pre-commit is there, and does what its page says."""

from __future__ import annotations

import re
import shlex
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from jmx_bridge.settings import parse_settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "workbench.md").read_text("utf-8")
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


def test_the_hook_runs_a_program_that_this_package_installs():
    program = shlex.split(HOOK["entry"])[0]

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module, function = project["scripts"][program].split(":")

    assert HOOK["language"] == "python"
    assert callable(getattr(import_module(module), function))


def test_the_hook_checks_all_files_that_it_is_given_strictly():
    _, *words = shlex.split(HOOK["entry"])

    settings = parse_settings([*words, *HOOK["args"], "a.yml", "b.yml"], {})

    assert settings.command == "check"
    assert settings.rules.check_files == ("a.yml", "b.yml")
    assert settings.workbench.strict


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        (True, "jmx-rules.yml"),
        (True, "deploy/jmx_exporter-kafka.yaml"),
        (False, "jmx-rules.yml.j2"),
        (False, "values.yml"),
        (False, "no-jmx-rules.yml"),
        (False, "jmx-rules/values.yml"),
    ],
)
def test_without_files_of_the_user_only_names_of_rule_files_are_checked(expected, path):
    assert bool(re.search(HOOK["files"], path)) is expected


def test_the_page_names_the_hook_in_a_configuration_that_is_whole():
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (snippet,) = [block for block in blocks if block.startswith("repos:")]

    (repo,) = yaml.safe_load(snippet)["repos"]
    (used,) = repo["hooks"]

    assert repo.keys() == {"repo", "rev", "hooks"}
    assert used["id"] == HOOK["id"]
    assert re.search(used["files"], "monitoring/rules/kafka.yml")
