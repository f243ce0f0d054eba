"""The JSON Schema of rule files: current, and of one mind with `check`."""

import json
import os
import re
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from jmx_bridge import cli
from jmx_bridge.config import parse_config
from jmx_bridge.config.document import Problems
from jmx_bridge.config.json_schema import LEAVES, rule_file_schema_text
from jmx_bridge.config.keys import MAPS
from jmx_bridge.config.load import read_text
from jmx_bridge.config.parse import read_document
from jmx_bridge.errors import ConfigError

ROOT = Path(__file__).parents[2]
COMPAT = Path(os.environ.get("JMX_BRIDGE_COMPAT") or ROOT.parent / "shared" / "compat")
SCHEMA = ROOT / "rules" / "schema.json"
VALIDATOR = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text("utf-8")))
FILES = sorted((ROOT / "tests" / "config").glob("*.yml"))
OTHERS = sorted([*COMPAT.rglob("*.yml"), *COMPAT.rglob("*.yaml")])
NOT_SAID = {
    "a key must be a string": "a JSON key always is one",
    "is not set or is blank": "the environment of who reads the file",
    "a (hash in hexadecimal digits|bits)": "what a text spells",
    "ways of matching nothing at one place": "what a pattern means",
    "pieces at one place without looking at the text": "what a pattern means",
    "'passwordHash' has": "how long a text is, beside a number",
    'needs a path such as "/metrics"': "what a text spells",
    "must be one of plaintext, ": "what a text spells",
    "'keyStore' is missing": "what the options of Java say",
    "'mutualTLS' needs a trustStore": "what the options of Java say",
    "'password' is missing": "an empty text, or a variable",
    "'username' is missing": "an empty text, or a variable",
}
"""What makes a file unusable and a schema can't say, by a piece of the message, and why."""


class AnySyntax:
    """Takes every pattern and name: a schema knows nothing of their grammar."""

    def pattern_problem(self, _):
        return None

    def group_count(self, _):
        return 99

    def gives_up(self, *_):
        return False

    def object_name_problem(self, *_, **__):
        return None


def plain(node):
    """Return what a document holds, as JSON has it."""
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {str(key): plain(item) for key, item in node.value.items()}
    return str(node.value) if isinstance(node.value, date) else node.value


def verdicts(path):
    """Return the errors of `check` and of the schema; None for what is no YAML."""
    try:
        text = read_text(str(path))
    except ConfigError:
        return None
    problems = Problems("x")
    root = read_document(text, problems)
    if problems.failed():
        return None
    errors = []
    try:
        parse_config(
            text, path.name, syntax=AnySyntax(), environ=os.environ, strict=True
        )
    except ConfigError as exc:
        errors = [one.message for one in exc.problems if not one.warning]
    document = plain(root) if root else None
    return errors, [one.message for one in VALIDATOR.iter_errors(document)]


def unsaid(message):
    return any(re.search(piece, message) for piece in NOT_SAID)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_schema_and_check_are_of_one_mind(path):
    agree(path)


@pytest.mark.skipif(not OTHERS, reason=f"the compatibility data is not at {COMPAT}")
def test_they_are_so_about_rule_files_that_people_published():
    judged = [agree(path) for path in OTHERS]

    assert judged.count(True) > 10


def agree(path):
    """Compare; return whether the file is usable, or None where it is no YAML."""
    found = verdicts(path)
    if found is None:
        return None
    errors, of_schema = found
    said = [message for message in errors if not unsaid(message)]
    assert bool(said) == bool(of_schema), (path, errors, of_schema)
    return not errors


def test_the_schema_in_the_wheel_is_current():
    assert SCHEMA.read_text("utf-8") == rule_file_schema_text()


def test_check_prints_it_and_needs_no_file(capsys):
    assert cli.run(["check", "--schema"], {}) == 0
    assert capsys.readouterr().out == rule_file_schema_text()


def test_the_schema_is_one():
    jsonschema.Draft7Validator.check_schema(VALIDATOR.schema)


def test_every_kind_of_key_is_known():
    for keys in MAPS.values():
        for key in keys:
            kind = key.kind.removesuffix(" or any").rstrip("?*:")
            assert kind in LEAVES or kind in MAPS or key.kind in LEAVES, key


def words_of(text):
    """Return a text without Markdown."""
    return re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", text).replace("`", "")


@pytest.mark.parametrize("kind", ["file", "rule", "ssl", "store", "customizer"])
def test_the_documentation_says_what_the_table_says(kind):
    rows = {}
    for line in (ROOT / "docs" / "configuration.md").read_text("utf-8").splitlines():
        cells = [words_of(cell).strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `"):
            name = cells[0].lstrip("| ").rpartition(".")[2]
            rows.setdefault(name, set()).add(cells[-1].strip("| "))

    for key in MAPS[kind]:
        assert key.meaning in rows[key.name]


EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize(
    "path",
    [*sorted((EXAMPLES / "rules").glob("*.yml")), *sorted(EXAMPLES.rglob("rules.yml"))],
    ids=lambda p: p.relative_to(EXAMPLES).as_posix(),
)
def test_examples_name_the_schema_for_editors(path):
    first = path.read_text("utf-8").splitlines()[0]

    assert first.startswith("# yaml-language-server: $schema=../")
    assert (path.parent / first.partition("$schema=")[2]).resolve() == SCHEMA
