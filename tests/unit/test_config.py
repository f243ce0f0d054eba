"""A rule file means what it means in jmx_exporter, and its mistakes are told."""

import math
import os
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from fake_syntax import FakeSyntax

from jmx_bridge.config import (
    DEFAULT,
    Config,
    CustomizerConfig,
    ExtraMetric,
    RuleConfig,
    StoreConfig,
    TlsConfig,
    load_config,
    parse_config,
)
from jmx_bridge.config.schema import Naming
from jmx_bridge.errors import ConfigError

CASES = Path(__file__).parent.parent / "config"


def parse(text, *, strict=False, **environ):
    return parse_config(
        text, "f.yml", syntax=FakeSyntax(), environ=environ, strict=strict
    )


def refusal(text, **environ):
    with pytest.raises(ConfigError) as caught:
        parse(text, **environ)
    return str(caught.value)


def load(path, **options):
    return load_config(str(path), syntax=FakeSyntax(), environ={}, **options)


def paths(kind):
    found = sorted(CASES.glob(f"*.{kind}.yml"))
    assert found
    return [pytest.param(path, id=path.name.split(".")[0]) for path in found]


def shown(problems):
    return "".join(f"{replace(one, file=Path(one.file).name)}\n" for one in problems)


@pytest.mark.parametrize("path", paths("good"))
def test_a_good_file_has_no_problems(path):
    assert load(path, strict=True).warnings == ()


@pytest.mark.parametrize("path", paths("warn"))
def test_a_doubtful_file_loads_with_exactly_these_warnings(path):
    assert path.with_suffix(".txt").read_text("utf-8") == shown(load(path).warnings)


@pytest.mark.parametrize("path", paths("bad"))
def test_a_bad_file_is_refused_with_exactly_these_messages(path):
    with pytest.raises(ConfigError) as caught:
        load(path)

    assert path.with_suffix(".txt").read_text("utf-8") == shown(caught.value.problems)


@pytest.mark.parametrize("document", ["rules.md", "configuration.md"])
def test_examples_in_the_documentation_have_no_problems(document):
    text = (CASES.parents[1] / "docs" / document).read_text("utf-8")

    for example in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        assert parse(example, strict=True).warnings == ()


@pytest.mark.parametrize(
    ("expected", "first"),
    [
        ("rules[0] matches everything", "{}"),
        ("rules[0] matches everything", "{pattern: .*}"),
        ("rules[0] matches everything", "{pattern: (.+), name: $1}"),
    ],
)
def test_a_rule_behind_one_that_matches_everything_is_a_warning(expected, first):
    warnings = parse(f"rules: [{first}, {{pattern: a}}, {{pattern: b}}]").warnings

    assert [expected in str(warning) for warning in warnings] == [True]


def test_every_key_arrives():
    config = load(CASES / "everything.good.yml")

    assert config == Config(
        file=str(CASES / "everything.good.yml"),
        host_port="127.0.0.1:7199",
        username="monitor",
        password="secret",
        tls=TlsConfig(
            StoreConfig("/etc/key.p12", "PKCS12", "changeit"),
            StoreConfig("/etc/trust.jks"),
            ("TLSv1.2", "TLSv1.3"),
            ("TLS_AES_128_GCM_SHA256",),
        ),
        start_delay_seconds=30,
        scrape_timeout_seconds=9,
        lowercase_output_name=True,
        lowercase_output_label_names=True,
        infer_counter_type_from_name=True,
        include_object_names=("kafka.server:*",),
        exclude_object_names=("kafka.server:type=Secret,*",),
        exclude_jvm_metrics=True,
        include_object_name_attributes=(("a:type=B", ("One", "Two")),),
        exclude_object_name_attributes=(("a:type=B", ("Three",)),),
        auto_exclude_object_name_attributes=False,
        metric_customizers=(
            CustomizerConfig(
                "app",
                (("type", "Build"),),
                ("Version",),
                (ExtraMetric("present", value=True, description="is there"),),
            ),
        ),
        rules=(RuleConfig(pattern="app<>", naming=Naming(*[True] * 3), line=28),),
    )


def test_a_rule_arrives_as_it_is_written():
    first, second, third, last = load(CASES / "rules.good.yml").rules

    assert first == RuleConfig(
        pattern=r"kafka\.(\w+)<type=(.+), name=(.+)PerSec><>Count",
        name="kafka_$1_$2_$3_total",
        labels=(("topic", "$2"),),
        help="Messages of $2",
        type="COUNTER",
        naming=Naming(lowercase_names=True),
        line=3,
    )
    assert (second.value_factor, second.cache, second.type) == (0.001, True, "GAUGE")
    assert third.value == "1"
    assert last == RuleConfig(
        pattern=".*", naming=Naming(lowercase_names=True), line=17
    )


def test_nothing_written_is_one_rule_for_everything():
    empty = parse("")

    assert replace(empty, file=None, blank=False) == DEFAULT
    lower = RuleConfig(naming=Naming(lowercase_names=True))
    assert parse("lowercaseOutputName: true").rules == (lower,)
    assert parse("null").rules == (RuleConfig(),)


def test_an_empty_list_is_not_a_missing_one():
    assert parse("").include_object_names is None
    assert parse("includeObjectNames: []").include_object_names == ()
    assert parse("rules: []").rules == ()


def test_the_new_name_of_a_list_beats_the_old_one():
    text = 'blacklistObjectNames: ["a:*"]\nexcludeObjectNames: ["b:*"]'

    assert parse(text).exclude_object_names == ("b:*",)
    assert parse('blacklistObjectNames: ["a:*"]').exclude_object_names == ("a:*",)


def test_labels_are_in_javas_order():
    text = "rules: [{pattern: a, name: b, labels: {ﬀ: '1', 😀: '2', b: '3', B: '4'}}]"

    labels = parse(text).rules[0].labels

    assert [name for name, _ in labels] == ["B", "b", "😀", "ﬀ"]


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ("null", ""),
        ("1", "1"),
        ("0.5", "0.50"),
        ("1.0E7", "10000000.0"),
        ("true", "yes"),
        ("yes", "'yes'"),
        ("", "''"),
        ("$1", "$1"),
    ],
)
def test_a_value_is_coerced_as_java_does(expected, written):
    config = parse(f"rules: [{{pattern: (a), value: {written}}}]")

    assert expected == config.rules[0].value


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        (1000.0, "1000"),
        (0.001, "1e-3"),
        (0.001, "'0.001'"),
        (2.0, "' 2d '"),
        (8.0, "'0x1p3'"),
        (0.5, ".5"),
        (math.inf, ".inf"),
        (math.inf, "'Infinity'"),
    ],
)
def test_a_factor_is_what_java_reads(expected, written):
    config = parse(f"rules: [{{pattern: a, valueFactor: {written}}}]")

    assert expected == config.rules[0].value_factor


@pytest.mark.parametrize("written", ["1_0x", "inf", "true", "", "[1]", "0x"])
def test_another_factor_is_refused(written):
    assert "valueFactor" in refusal(
        f"rules: [{{pattern: a, valueFactor: '{written}'}}]"
    )


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ("UNKNOWN", "UNTYPED"),
        ("UNKNOWN", "UNKNOWN"),
        ("UNKNOWN", "gauge"),
        ("GAUGE", "GAUGE"),
        ("COUNTER", "COUNTER"),
    ],
)
def test_a_type_is_read_as_it_is_spelled(expected, written):
    config = parse(f"rules: [{{pattern: a, name: b, type: {written}}}]")

    assert expected == config.rules[0].type


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ("alice", "${USER_NAME}"),
        ("alice", "' ${USER_NAME} '"),
        ("${}", "'${}'"),
        ("x${USER_NAME}", "x${USER_NAME}"),
        (None, ""),
        (None, "''"),
    ],
)
def test_a_credential_may_stand_in_the_environment(expected, written):
    config = parse(f"password: {written}", USER_NAME=" alice ")

    assert expected == config.password


def test_a_blank_variable_is_refused():
    assert "environment variable USER_NAME" in refusal(
        "username: ${USER_NAME}", USER_NAME=" "
    )


def test_a_variable_that_is_no_utf_8_is_refused_and_not_shown():
    told = refusal("password: ${USER_NAME}", USER_NAME="hunter2\udce4")

    assert "the environment variable USER_NAME is not UTF-8" in told
    assert "hunter2" not in told


def test_no_message_shows_a_secret():
    message = refusal("password: '${sw0rd!fish}'\nusername: 4711")

    assert "fish" not in message
    assert "4711" not in message
    assert "hunter2" not in repr(parse("password: hunter2"))


def test_a_store_password_is_not_shown():
    config = parse("ssl: {enabled: true, trustStore: {filename: a, password: b33f}}")

    assert config.tls.trust_store.password == "b33f"
    assert "b33f" not in repr(config)


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        (None, "false"),
        (TlsConfig(), "true"),
        (TlsConfig(), "{enabled: true}"),
        (None, "{enabled: false, protocols: [TLSv1.3]}"),
        (None, "TLSv1.3"),
        (TlsConfig(protocols=("a", "b")), "{enabled: true, protocols: 'a, b,'}"),
    ],
)
def test_tls_is_off_unless_it_is_enabled(expected, written):
    assert expected == parse(f"ssl: {written}").tls


def test_an_unknown_key_is_an_error_only_when_strict():
    assert "unknown key 'x'" in str(parse("x: 1").warnings[0])

    with pytest.raises(ConfigError, match="unknown key 'x'"):
        parse("x: 1", strict=True)


def test_a_counter_keeps_its_suffix_when_the_name_decides():
    text = "inferCounterTypeFromName: true\nrules: [{pattern: a, name: b_total}]"

    assert parse(text).warnings == ()


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfhostPort: a:1\n", b"hostPort: a:1"])
def test_a_file_may_begin_with_a_byte_order_mark(tmp_path, content):
    (tmp_path / "f.yml").write_bytes(content)

    assert load(tmp_path / "f.yml").host_port == "a:1"


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"f\.yml: no such file\n  hint: check"):
        load(tmp_path / "f.yml")


def test_a_directory_is_told(tmp_path):
    with pytest.raises(ConfigError, match="is a directory\n  hint: name a file"):
        load(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_told(tmp_path):
    (tmp_path / "f.yml").touch(mode=0)

    with pytest.raises(ConfigError, match="permission denied\n  hint: make it"):
        load(tmp_path / "f.yml")


def test_a_name_that_no_file_can_have_is_told():
    with pytest.raises(ConfigError, match="can't be read"):
        load("a\0b")


def test_a_huge_file_is_refused(tmp_path):
    (tmp_path / "f.yml").write_bytes(b"#" * (3 * 1024 * 1024 + 1))

    with pytest.raises(ConfigError, match="larger than 3 MiB"):
        load(tmp_path / "f.yml")


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("hint: it belongs to the top level of the file", "rules: [{hostPort: a:1}]"),
        ("hint: known here: enabled, keyStore", "ssl: {enabled: true, zzzz: 1}"),
        ("hint: docs/configuration.md lists all keys", "zzzz: 1"),
        ('hint: did you mean "hostPort"?', "hostport: a:1"),
        ("hint: it belongs in a rule", "pattern: a"),
    ],
)
def test_an_unknown_key_has_a_way_out(expected, text):
    (warning,) = parse(text).warnings

    assert expected in str(warning)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("hostPort: must be HOST:PORT (found nothing)", "hostPort:"),
        ("rules[0].valueFactor: must be a text", "rules: [{valueFactor: [1]}]"),
        ("rules[0].type: must be a string", "rules: [{pattern: a, type: 1}]"),
        ("must be a map (found the string 'x')", "metricCustomizers: [x]"),
        (
            "extraMetrics[0]: must be a map (found the integer 1)",
            "metricCustomizers: [{mbeanFilter: {domain: d}, extraMetrics: [1]}]",
        ),
    ],
)
def test_a_value_of_another_type_is_refused(expected, text):
    assert expected in refusal(text)


def test_a_mistake_whose_place_java_does_not_tell_is_at_the_pattern():
    class Placeless(FakeSyntax):
        def pattern_problem(self, pattern):
            return "nested too deeply", -1

    with pytest.raises(ConfigError) as caught:
        parse_config("rules: [{pattern: aa}]", "f.yml", syntax=Placeless(), environ={})

    assert str(caught.value) == (
        "f.yml:1:19: rules[0].pattern: bad pattern: nested too deeply"
    )


def test_an_unreadable_file_has_a_hint(monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "stat", refuse)

    with pytest.raises(ConfigError, match="permission denied\n  hint: make it"):
        load("f.yml")


def test_default_and_config_have_the_same_fields():
    assert {field.name for field in fields(Config)} >= {"rules", "warnings"}
    assert DEFAULT.auto_exclude_object_name_attributes
    assert DEFAULT.rules == (RuleConfig(),)


def test_a_rule_that_stands_for_a_missing_list_knows_its_file_only():
    assert parse("lowercaseOutputName: true").rules[0].where == "f.yml"
    assert parse("").rules[0].where == "f.yml"
    assert DEFAULT.rules[0].where == "the default rule"


def test_an_extra_metric_knows_its_file_and_line():
    customizers = parse(
        "metricCustomizers:\n- mbeanFilter: {domain: d}\n  extraMetrics:\n"
        "  - {name: a, value: 1}\n  - name: b\n    value: 2\n"
    ).metric_customizers

    assert [one.where for one in customizers[0].extra_metrics] == ["f.yml:4", "f.yml:5"]
