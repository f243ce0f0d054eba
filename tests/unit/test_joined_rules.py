"""The rules of a file and of what it includes, together: their order, scope and places."""

from __future__ import annotations

import re

import pytest
from fake_syntax import FakeSyntax

from jmx_bridge.config import load_config
from jmx_bridge.errors import ConfigError


def files(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(text)
    return str(folder / "own.yml")


def loaded(path, **more):
    return load_config(path, syntax=FakeSyntax(), environ={}, **more)


def test_own_rules_come_before_included_ones(tmp_path):
    path = files(
        tmp_path,
        own="include: [./first.yml, ./second.yml]\nrules: [{pattern: own}]\n",
        first="lowercaseOutputName: true\nrules: [{pattern: first}]\n",
        second="include: ./third.yml\nrules: [{pattern: second}]\n",
        third="include: ./second.yml\nrules: [{pattern: third}]\n",
    )

    config = loaded(path)

    assert [rule.pattern for rule in config.rules] == [
        "own",
        "first",
        "second",
        "third",
    ]
    assert [rule.naming.lowercase_names for rule in config.rules] == [
        False,
        True,
        False,
        False,
    ]
    assert len(config.included_files) == 3


def test_only_the_mbeans_that_somebody_names_are_read(tmp_path):
    named = "includeObjectNames: ['a:*']\nrules: [{pattern: a}]\n"
    others = files(tmp_path, own="include: [./other.yml]\n", other=named)
    mine = files(
        tmp_path,
        own="include: [./other.yml]\nincludeObjectNames: ['b:*']\nrules: [{pattern: b}]\n",
    )

    assert loaded(mine).include_object_names == ("b:*", "a:*")
    files(tmp_path, own="include: [./other.yml]\n")
    assert loaded(others).include_object_names == ("a:*",)
    files(tmp_path, own="include: [./other.yml]\nrules: [{pattern: b}]\n")
    assert loaded(others).include_object_names is None


def test_packs_can_be_named_without_a_file():
    config = loaded(None, extra=("zookeeper",))

    assert config.include_object_names == ("org.apache.ZooKeeperService:*",)
    assert all("ZooKeeper" in (rule.pattern or "") for rule in config.rules)


def test_each_rule_knows_its_file_and_line(tmp_path):
    path = files(
        tmp_path,
        own="include: [./other.yml, zookeeper]\nrules:\n- pattern: a\n\n- pattern: b\n",
        other="rules:\n\n- pattern: c\n",
    )

    places = [rule.where for rule in loaded(path).rules]

    own, other = tmp_path / "own.yml", tmp_path / "other.yml"
    assert places[:3] == [f"{own}:3", f"{own}:5", f"{other}:3"]
    assert all(re.fullmatch(r"zookeeper\.yml:\d+", place) for place in places[3:])


def test_a_pack_that_is_not_there_is_told_with_a_way_out(tmp_path):
    path = files(tmp_path, own="rules: []\ninclude: [tomcta]\n")

    with pytest.raises(ConfigError) as caught:
        loaded(path)

    assert "own.yml:2:11: include: there is no pack 'tomcta'" in str(caught.value)
    assert 'did you mean "tomcat"?' in str(caught.value)


def test_an_included_file_that_is_missing_is_told(tmp_path):
    path = files(tmp_path, own="include: [./nothing.yml]\n")

    with pytest.raises(ConfigError, match=r"nothing\.yml: no such file"):
        loaded(path)
