"""Secrets planted in a real JVM, in rule files and in flags show in nothing that the workbench prints."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.support import run
from integration.targets import CACHE, ROOT, Target, compile_java, start_target

CANARY = "c4nary-7f3e-"
SHORT = "Qz7"
RULES = f"""
username: shop
password: {CANARY}rulefile
rules:
- pattern: 'shop<type=Secrets><>(password|Url|Config|Elsewhere|shortPassword): (.)(.+)'
  name: shop_text
  value: 1
  labels: {{of: $1, first: $2, text: $3, apiKey: {CANARY}label}}
- pattern: 'shop<type=Session, sessionId=(.+)><>Hits'
  name: shop_hits
  labels: {{session: $1}}
- pattern: 'shop<type=Secrets><>Nothing{CANARY}password'
  name: shop_nothing
"""
OTHER = "rules: [{pattern: Count, name: shop_count}]\n"
TEST = """
rule_files: [rules.yml]
tests:
- {name: fails, recording: shop.rec, metrics: ['shop_*'], exposition: ''}
"""
ASKED = (
    "shop_text",
    "shop_hits",
    "shop_nothing",
    "shop:*",
    "InputArguments",
    "password",
)


@pytest.fixture(scope="module")
def canaries() -> Iterator[Target]:
    classes = compile_java(
        [ROOT / "tests" / "java" / "CanaryApp.java"], CACHE / "canary"
    )
    flags = (f"-Dshop.password={CANARY}property", f"-Dshop.token={CANARY}argument")
    target = start_target(classes, "CanaryApp", CANARY, flags=flags)
    yield target
    target.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "rules.yml").write_text(RULES, "utf-8")
    (folder / "other.yml").write_text(OTHER, "utf-8")
    (folder / "wrong.yml").write_text(f"password: [{CANARY}wrong]\n{RULES}", "utf-8")
    (folder / "shop.test.yml").write_text(TEST, "utf-8")
    return folder


def said(*arguments: str) -> str:
    """Return all that a command writes; it may fail, but not break."""
    environ = {"JMX_BRIDGE_JMX_PASSWORD": f"{CANARY}login"}
    done = run(*arguments, environ=environ)
    told = done.stdout + done.stderr
    assert "Traceback" not in told, told
    assert done.returncode in {0, 1}, told
    return told


@pytest.fixture(scope="module")
def outputs(canaries: Target, folder: Path) -> dict[str, str]:
    """What each command says, by its name; a recording's text, too."""
    target = (f"--jmx.target={canaries.address}", "--jmx.username=shop")
    rules = (*target, f"--config.file={folder / 'rules.yml'}")
    recording = folder / "shop.rec"
    both = [str(folder / name) for name in ("rules.yml", "other.yml")]
    found = {
        "record": said("record", *rules, "--interval=100ms", str(recording)),
        "list": said("list", *rules),
        "list json": said("list", *rules, "--format=json"),
        "tree": said("list", *rules, "--tree"),
        "explain": said("explain", *rules, *ASKED),
        "explain json": said("explain", *rules, "--format=json", *ASKED),
        "diff": said("diff", *target, *both),
        "diff json": said("diff", *target, "--format=json", *both),
        "check": said("check", str(folder / "rules.yml"), str(folder / "wrong.yml")),
        "recorded": gzip.decompress(recording.read_bytes()).decode(),
    }
    found["test"] = said("test", str(folder / "shop.test.yml"))
    found["list of a recording"] = said("list", f"--recording={recording}")
    return found


@pytest.mark.parametrize(
    "what",
    [
        *("record", "list", "list json", "tree", "explain", "explain json", "diff"),
        *("diff json", "check", "recorded", "test", "list of a recording"),
    ],
)
def test_no_canary_shows(outputs, what):
    told = outputs[what]

    places = [told[max(0, at - 60) : at + 60] for at in found_at(told, CANARY)]
    assert places == []
    assert [told[max(0, at - 60) : at + 9] for at in found_at(told, SHORT)] == []
    assert told


def found_at(text: str, piece: str) -> list[int]:
    found, at = [], text.find(piece)
    while at >= 0:
        found.append(at)
        at = text.find(piece, at + 1)
    return found


def test_what_is_no_secret_stays(outputs):
    for word in ("/cart", "db.password", "pool of", "jdbc:postgresql://shop:", "Count"):
        assert word in outputs["list"], word
        assert word in outputs["list of a recording"], word


def test_they_show_where_they_are_asked_for(outputs, canaries, folder):
    told = said(
        *("list", f"--jmx.target={canaries.address}", "--show-secrets", "shop:*")
    )

    for place in ("password", "url", "oracle", "jaas", "item", "cell", "key", "name"):
        assert f"{CANARY}{place}" in told, place
    assert SHORT in told
