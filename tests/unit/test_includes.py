"""What a rule file may include, and what is told of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fake_syntax import FakeSyntax

from jmx_bridge.config import Config, load_config
from jmx_bridge.config.document import MOST_PROBLEMS
from jmx_bridge.errors import ConfigError

SECRET = "hunter2-is-the-token"
RULES = "rules: [{pattern: other}]\n"


def load(path: Path | None, **more) -> Config:
    name = None if path is None else str(path)
    return load_config(name, syntax=FakeSyntax(), environ={}, **more)


def written(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def including(folder: Path, name: str | Path) -> Path:
    return written(
        folder / "rules" / "own.yml", f"include: ['{name}']\nrules: [{{pattern: a}}]\n"
    )


def patterns(config: Config) -> list[str | None]:
    return [rule.pattern for rule in config.rules]


@pytest.mark.parametrize(
    "name", ["./other.yml", "sub/other.yml", "sub/../other.yml", "{folder}/other.yml"]
)
def test_a_file_includes_what_is_below_its_folder(name, tmp_path):
    name = name.format(folder=tmp_path / "rules")
    for place in ("other.yml", "sub/other.yml"):
        written(tmp_path / "rules" / place, RULES)

    assert patterns(load(including(tmp_path, name))) == ["a", "other"]


@pytest.mark.parametrize(
    "name", ["../other.yml", "{folder}/other.yml", "sub/../../other.yml", "link.yml"]
)
def test_a_file_includes_nothing_from_elsewhere(name, tmp_path):
    secret = written(tmp_path / "other.yml", SECRET)
    own = including(tmp_path, name.format(folder=tmp_path))
    (tmp_path / "rules" / "link.yml").symlink_to(secret)

    with pytest.raises(ConfigError) as caught:
        load(own)

    assert "is not below the folder of the rule file" in str(caught.value)
    assert "--config.include-root" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_folder_whose_name_only_begins_alike_is_elsewhere(tmp_path):
    written(tmp_path / "rules-2" / "other.yml", RULES)

    with pytest.raises(ConfigError, match="is not below"):
        load(including(tmp_path, tmp_path / "rules-2" / "other.yml"))


def test_whether_a_file_elsewhere_exists_is_not_told(tmp_path):
    told = set()
    for name in ("present", "missing"):
        written(tmp_path / "present.yml", SECRET)
        with pytest.raises(ConfigError) as caught:
            load(including(tmp_path, f"../{name}.yml"))
        told.add(str(caught.value).replace(name, "X"))

    assert len(told) == 1


def test_a_config_maps_links_are_inside(tmp_path):
    mounted = tmp_path / "rules"
    for name, text in (
        ("own.yml", "include: [./other.yml]\nrules: []\n"),
        ("other.yml", RULES),
    ):
        written(mounted / "..2026_11_24" / name, text)
        (mounted / name).symlink_to(Path("..data") / name)
    (mounted / "..data").symlink_to("..2026_11_24")

    assert patterns(load(mounted / "own.yml")) == ["other"]


def test_an_included_file_includes_no_more_than_the_rule_file(tmp_path):
    written(tmp_path / "other.yml", RULES)
    written(tmp_path / "rules" / "sub" / "one.yml", "include: [../two.yml]\n")
    written(tmp_path / "rules" / "two.yml", "include: [../other.yml]\n")

    with pytest.raises(ConfigError, match=r"two\.yml:1:11: include: '\.\./other\.yml'"):
        load(including(tmp_path, "sub/one.yml"))


def test_a_flag_allows_another_folder(tmp_path):
    written(tmp_path / "common" / "other.yml", RULES)
    own = including(tmp_path, "../common/other.yml")

    config = load(own, include_root=str(tmp_path / "common"))

    assert patterns(config) == ["a", "other"]


def test_what_a_flag_includes_may_be_anywhere(tmp_path):
    other = written(tmp_path / "other.yml", "include: [./third.yml]\nrules: []\n")
    written(tmp_path / "third.yml", RULES)

    assert patterns(load(None, extra=(str(other),))) == ["other"]


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"{SECRET}: {SECRET}",
        f"- {SECRET}",
        f"rules: {SECRET}",
        f"rules: [{{pattern: '({SECRET}'}}]",
        f"rules: [{{{SECRET}: 1}}]",
        f"hostPort: *{SECRET}",
        f"includeObjectNames: [{SECRET}]",
        f"password: '${{{SECRET.replace('-', '_')}}}'",
        f"rules: [{{pattern: a, name: b, type: {SECRET}}}]",
        f"a: {SECRET}: b",
        f"{SECRET}\0",
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_what_an_include_holds_is_never_quoted(text, strict, tmp_path):
    written(tmp_path / "rules" / "other.yml", text)
    try:
        config = load(including(tmp_path, "./other.yml"), strict=strict)
        told = "\n".join(map(str, config.warnings))
    except ConfigError as exc:
        told = str(exc)

    assert "other.yml:" in told
    assert SECRET not in told
    assert SECRET.replace("-", "_") not in told


def test_a_byte_that_is_no_utf_8_is_not_told_of_an_include(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "other.yml").write_bytes(b"\xa7")

    with pytest.raises(ConfigError, match="what is written here can't be used") as one:
        load(including(tmp_path, "./other.yml"))

    assert "a7" not in str(one.value).replace(str(tmp_path), "")


# -- what is no regular file -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["own.yml", "other.yml"])
def test_a_pipe_is_refused_at_once(name, tmp_path):
    own = including(tmp_path, "./other.yml")
    pipe = tmp_path / "rules" / name
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)

    with pytest.raises(ConfigError, match=rf"{name}: is no regular file"):
        load(own)


def test_a_device_is_refused_before_it_is_read():
    with pytest.raises(ConfigError, match="/dev/zero: is no regular file"):
        load(Path("/dev/zero"))


def test_no_more_is_read_of_a_file_than_fits(tmp_path):
    huge = tmp_path / "own.yml"
    huge.touch()
    os.truncate(huge, 1 << 40)

    with pytest.raises(ConfigError, match="larger than 3 MiB"):
        load(huge)


# -- what never ends --------------------------------------------------------------------------


def test_a_file_that_includes_itself_by_ever_longer_paths_counts_once(tmp_path):
    folder = tmp_path / "rules"
    (folder / "sub").mkdir(parents=True)
    own = including(tmp_path, "sub/../own.yml")

    assert patterns(load(own)) == ["a", "a"]


def test_of_many_wrong_includes_the_first_are_told(tmp_path):
    long = "x" * 3_000
    names = "".join(f", {long}{n}" for n in range(200))
    own = written(tmp_path / "own.yml", f"include: [a{names}]\nrules: []\n")

    with pytest.raises(ConfigError) as caught:
        load(own)

    assert len(caught.value.problems) == MOST_PROBLEMS
    assert len(str(caught.value)) < 250_000


@pytest.mark.parametrize("name", [r"./a\0.yml", "./" + "x" * 5000 + ".yml"])
def test_a_name_that_no_file_can_have_is_refused(name, tmp_path):
    own = written(tmp_path / "own.yml", f'include: ["{name}"]\nrules: []\n')

    with pytest.raises(ConfigError, match="there is no pack"):
        load(own)


class AnyPattern(FakeSyntax):
    """Takes every pattern without a look at it."""

    def pattern_problem(self, pattern):
        return None

    def group_count(self, pattern):
        return 0


def test_files_that_have_too_many_patterns_together_are_refused(tmp_path):
    """Each has a hundred patterns of 10,000 characters, written once and quoted for Java."""
    quoted = rf"\Q{'x' * 9_996}\E"
    again = ", {pattern: *long}" * 99
    for n in range(4):
        text = f"rules: [{{pattern: &long '{quoted}'}}{again}]\n"
        written(tmp_path / f"{n}.yml", text)
    own = tmp_path / "own.yml"
    written(own, "include: [0.yml, 1.yml, 2.yml]\nrules: []\n")
    config = load_config(str(own), syntax=AnyPattern(), environ={})
    assert sum(map(len, patterns(config))) == 3_000_000

    written(own, "include: [0.yml, 1.yml, 2.yml, 3.yml]\nrules: []\n")
    with pytest.raises(ConfigError, match="more than 3 MiB long"):
        load_config(str(own), syntax=AnyPattern(), environ={})
