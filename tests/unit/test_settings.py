"""Flags and variables become settings, and their mistakes are told."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from jmx_bridge import __version__
from jmx_bridge.config import schema
from jmx_bridge.errors import UsageError
from jmx_bridge.options import OPTIONS, help_page, parse_duration
from jmx_bridge.settings import HelpRequested, Settings, parse_settings, read_password

CONFIGURATION = Path(__file__).parents[2] / "docs" / "configuration.md"


def refusal(*argv, **environ):
    with pytest.raises(UsageError) as caught:
        parse_settings(argv, environ)
    return str(caught.value)


def test_nothing_said_is_the_defaults():
    assert parse_settings([], {}) == Settings()


def test_every_flag_arrives():
    settings = parse_settings(
        [
            "scrape",
            "--jmx.target=[::1]:7199",
            "--jmx.username=monitor",
            "--jmx.connect-timeout=500ms",
            *("--jmx.calls", "8"),
            "--jmx.thread-states",
            "--config.file=rules.yml",
            "--config.check",
            "--web.listen-address=[::1]:0",
            "--web.telemetry-path=/jmx/metrics",
            "--scrape.timeout=1m",
            "--scrape.timeout-offset=0.25",
            "--log.level=WARN",
            "--log.format=json",
            "--jvm=/usr/lib/jvm/default",
        ],
        {},
    )

    assert settings == Settings(
        command="scrape",
        jmx_target="[::1]:7199",
        jmx_username="monitor",
        connect_timeout=0.5,
        calls=8,
        thread_states=True,
        config_file="rules.yml",
        config_check=True,
        listen_host="::1",
        listen_port=0,
        telemetry_path="/jmx/metrics",
        scrape_timeout=60.0,
        timeout_offset=0.25,
        log_level="warn",
        log_format="json",
        jvm="/usr/lib/jvm/default",
    )


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.variable)
def test_a_variable_is_named_like_its_flag(option):
    name = option.flag.removeprefix("--").replace(".", "_").replace("-", "_").upper()

    assert option.variable.startswith(f"JMX_BRIDGE_{name}")


def test_every_option_becomes_a_setting():
    settings = {field.name for field in fields(Settings)}
    made_of_others = {"listen"}

    assert {option.name for option in OPTIONS} - settings == made_of_others


def test_a_flag_beats_its_variable():
    environ = {"JMX_BRIDGE_LOG_LEVEL": "debug", "JMX_BRIDGE_JMX_THREAD_STATES": "yes"}

    settings = parse_settings(["--log.level=error", "--no-jmx.thread-states"], environ)

    assert settings.log_level == "error"
    assert not settings.thread_states
    assert parse_settings([], environ).log_level == "debug"
    assert parse_settings([], environ).thread_states


def test_what_is_empty_is_not_said():
    environ = {"JMX_BRIDGE_JMX_TARGET": "", "JMX_BRIDGE_LOG_LEVEL": ""}

    assert parse_settings(["--jmx.target=", "--log.format="], environ) == Settings()


def test_a_flag_for_the_target_beats_a_variable_for_its_url():
    url = "service:jmx:rmi:///jndi/rmi://a:1/jmxrmi"

    settings = parse_settings(["--jmx.target=b:2"], {"JMX_BRIDGE_JMX_URL": url})
    reverse = parse_settings([f"--jmx.url={url}"], {"JMX_BRIDGE_JMX_TARGET": "b:2"})

    assert (settings.jmx_target, settings.jmx_url) == ("b:2", None)
    assert (reverse.jmx_target, reverse.jmx_url) == (None, url)


@pytest.mark.parametrize(
    ("expected", "argv"),
    [
        (("", 9404, "r.yml"), ["9404", "r.yml"]),
        (("0.0.0.0", 9404, "r.yml"), ["0.0.0.0:9404", "r.yml"]),
        (("::1", 9404, "r.yml"), ["[::1]:9404", "r.yml", "--log.level=warn"]),
    ],
)
def test_jmx_exporters_arguments_are_understood(expected, argv):
    settings = parse_settings(argv, {"JMX_BRIDGE_CONFIG_FILE": "other.yml"})

    assert settings.command == "serve"
    assert expected == (
        settings.listen_host,
        settings.listen_port,
        settings.config_file,
    )


def test_check_takes_files_or_the_configured_one():
    assert parse_settings(["check", "a", "b"], {}).check_files == ("a", "b")
    assert parse_settings(["check", "--config.file=c"], {}).check_files == ("c",)
    assert parse_settings(["--", "check", "a"], {}).check_files == ("a",)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (0.5, "500ms"),
        (5.0, "5s"),
        (60.0, "1m"),
        (90.0, "1m30s"),
        (3600.0, "1h"),
        (2.5, "2.5"),
        (0.0, "0"),
        (0.5, ".5s"),
    ],
)
def test_a_time_is_read_in_seconds(expected, text):
    assert expected == parse_duration(text)


@pytest.mark.parametrize("text", ["", "s", "5 s", "-1", "1d", "1e3", "5s5", "\u0665s"])
def test_another_time_is_refused(text):
    with pytest.raises(ValueError, match="must be a time"):
        parse_duration(text)


LIST_ALL = "\n  hint: jmx-bridge --help lists all options"


@pytest.mark.parametrize(
    ("expected", "argv"),
    [
        (
            '--jmx.taget: unknown flag\n  hint: did you mean "--jmx.target"?',
            ["--jmx.taget=a:1"],
        ),
        ("--what: unknown flag\n  hint: jmx-bridge --help lists all", ["--what"]),
        (f"--jmx.target: expected one argument{LIST_ALL}", ["--jmx.target"]),
        (
            f"--jmx.thread-states: takes no value, but has 'no'{LIST_ALL}",
            ["--jmx.thread-states=no"],
        ),
        ("unknown command 'srve'\n  hint: did you mean \"serve\"?", ["srve"]),
        ("unknown command 'x'\n  hint: one of serve, scrape, check", ["x"]),
        (
            (
                "serve: takes no further arguments (found 'rules.yml')"
                "\n  hint: name a rule file by --config.file"
            ),
            ["serve", "rules.yml"],
        ),
        ("check: names no rule file\n  hint: jmx-bridge check FILE", ["check"]),
        ("--config.check: needs --config.file", ["--config.check"]),
        (
            (
                "--config.file: is also said by '9404 a.yml'"
                "\n  hint: leave one of them out"
            ),
            ["9404", "a.yml", "--config.file=b.yml"],
        ),
        ("70000: the port must be a number from 1 to 65535", ["70000", "a.yml"]),
        (
            "--jmx.target: must be \"HOST:PORT\" (found 'localhost')",
            ["--jmx.target=localhost"],
        ),
        ("--jmx.target: must be \"HOST:PORT\" (found ':1')", ["--jmx.target=:1"]),
        (
            "--jmx.target: the port must be a number from 1 to 65535 (found 'a:0')",
            ["--jmx.target=a:0"],
        ),
        (
            (
                '--jmx.target: an IPv6 address is written in brackets: "[::1]:7199"'
                " (found '::1:7199')"
            ),
            ["--jmx.target=::1:7199"],
        ),
        (
            "--jmx.url: must begin with \"service:jmx:\" (found 'a:1')",
            ["--jmx.url=a:1"],
        ),
        (
            "--jmx.target: --jmx.url names a target, too\n  hint: remove one",
            ["--jmx.target=a:1", "--jmx.url=service:jmx:rmi:///jndi/rmi://a:1/jmxrmi"],
        ),
        ("--jmx.calls: must be a number from 1 to 64 (found '0')", ["--jmx.calls=0"]),
        ("--scrape.timeout: must be more than 0 (found '0s')", ["--scrape.timeout=0s"]),
        (
            (
                '--scrape.timeout: must be a time such as "500ms", "5s" or "1m"'
                " (found 'x')"
            ),
            ["--scrape.timeout=x"],
        ),
        (
            (
                '--web.telemetry-path: must be a path such as "/metrics", and not below'
                " \"/-/\" (found '/-/ready')"
            ),
            ["--web.telemetry-path=/-/ready"],
        ),
        (
            "--log.level: must be one of debug, info, warn, error (found 'loud')",
            ["--log.level=loud"],
        ),
    ],
)
def test_a_mistake_is_told(expected, argv):
    assert expected == refusal(*argv)


def test_all_wrong_values_are_told_together():
    message = refusal(
        "--jmx.calls=x", JMX_BRIDGE_LOG_LEVEL="loud", JMX_BRIDGE_CONFIG_CHECK="perhaps"
    )

    assert re.findall(r"^\S+", message, re.MULTILINE) == [
        "--jmx.calls:",
        "JMX_BRIDGE_CONFIG_CHECK:",
        "JMX_BRIDGE_LOG_LEVEL:",
    ]


def test_an_unknown_variable_is_a_warning():
    settings = parse_settings([], {"JMX_BRIDGE_JMX_TRAGET": "a:1", "OTHER": "x"})

    assert settings.warnings == (
        (
            "JMX_BRIDGE_JMX_TRAGET: unknown variable;"
            ' did you mean "JMX_BRIDGE_JMX_TARGET"?'
        ),
    )


def test_what_kubernetes_sets_for_a_service_is_no_mistake():
    environ = dict.fromkeys(
        [
            "JMX_BRIDGE_SERVICE_HOST",
            "JMX_BRIDGE_SERVICE_PORT",
            "JMX_BRIDGE_SERVICE_PORT_METRICS",
            "JMX_BRIDGE_PORT",
            "JMX_BRIDGE_PORT_12346_TCP",
            "JMX_BRIDGE_PORT_12346_TCP_ADDR",
            "JMX_BRIDGE_KAFKA_SERVICE_HOST",
        ],
        "tcp://10.0.0.1:12346",
    )

    assert parse_settings([], environ) == Settings()


def test_the_password_comes_from_a_variable():
    settings = parse_settings([], {"JMX_BRIDGE_JMX_PASSWORD": "hunter2"})

    assert settings.jmx_password == "hunter2"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("content", ["hunter2", "hunter2\n", "hunter2\r\n"])
def test_the_password_comes_from_a_file(tmp_path, content):
    file = tmp_path / "password"
    file.write_text(content, newline="")

    settings = parse_settings([], {"JMX_BRIDGE_JMX_PASSWORD_FILE": str(file)})

    assert settings.jmx_password_file == str(file)
    assert read_password(str(file)) == "hunter2"


def test_two_passwords_are_refused():
    message = refusal(
        JMX_BRIDGE_JMX_PASSWORD="hunter2", JMX_BRIDGE_JMX_PASSWORD_FILE="/x"
    )

    assert message == (
        "JMX_BRIDGE_JMX_PASSWORD: JMX_BRIDGE_JMX_PASSWORD_FILE is set, too"
        "\n  hint: unset one"
    )


@pytest.mark.parametrize(
    ("expected", "content"),
    [("can't read", None), ("nothing is in", b"\n"), ("is not UTF-8", b"s3cr\xe9t")],
    ids=["missing", "empty", "bytes"],
)
def test_a_bad_password_file_is_told(tmp_path, expected, content):
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)

    message = refusal(JMX_BRIDGE_JMX_PASSWORD_FILE=str(file))

    assert expected in message
    assert "s3cr" not in message


@pytest.mark.parametrize(
    "argv",
    [["--jmx.password=hunter2"], ["--jmx.password", "hunter2"], ["--pasword=hunter2"]],
)
def test_a_password_on_the_command_line_is_refused_and_not_shown(argv):
    message = refusal(*argv)

    assert "hunter2" not in message
    assert "JMX_BRIDGE_JMX_PASSWORD" in message or "--pasword" in message


@pytest.mark.parametrize("argv", [["-h"], ["--help"], ["scrape", "--help", "--what"]])
def test_help_is_a_page_with_every_option(argv):
    with pytest.raises(HelpRequested) as caught:
        parse_settings(argv, {})

    assert caught.value.text == help_page()
    for option in OPTIONS:
        assert option.flag in help_page()
        assert option.variable in help_page()
    assert max(map(len, help_page().splitlines())) <= 80


def test_version_is_told():
    with pytest.raises(HelpRequested, match=f"jmx-bridge {__version__} "):
        parse_settings(["--version"], {})


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.variable)
def test_every_option_is_documented_with_its_default(option):
    row = next(
        line
        for line in CONFIGURATION.read_text("utf-8").splitlines()
        if line.startswith("|") and f"`{option.variable}`" in line
    )

    assert f"`{option.flag}" in row if option.flag else True
    assert f"`{option.default}`" in row if option.default else True


def test_no_option_is_documented_that_does_not_exist():
    flags = set(re.findall(r"`(--[a-z.-]+)", CONFIGURATION.read_text("utf-8")))
    variables = set(re.findall(r"JMX_BRIDGE_\w+", CONFIGURATION.read_text("utf-8")))
    switches = {f"--no-{option.flag[2:]}" for option in OPTIONS if not option.metavar}

    known = {option.flag for option in OPTIONS} | {"--help", "--version"}
    assert flags - known - switches == set()
    assert variables - {option.variable for option in OPTIONS} == set()


@pytest.mark.parametrize(
    "key",
    dict.fromkeys(
        schema.TOP_KEYS
        + schema.RULE_KEYS
        + schema.SSL_KEYS
        + schema.STORE_KEYS
        + schema.CUSTOMIZER_KEYS
        + schema.FILTER_KEYS
        + schema.EXTRA_KEYS
    ),
)
def test_every_key_of_a_rule_file_is_documented(key):
    rows = [
        line
        for line in CONFIGURATION.read_text("utf-8").splitlines()
        if line.startswith("|")
    ]

    assert any(re.search(rf"`(?:\w+\.)*{key}[.`]", row) for row in rows)
