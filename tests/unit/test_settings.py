"""Flags and variables become settings, and their mistakes are told."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from jmx_bridge import __version__
from jmx_bridge.errors import UsageError
from jmx_bridge.log import LEVELS, STYLES
from jmx_bridge.settings import (
    HelpRequested,
    LimitSettings,
    LogSettings,
    ManifestSettings,
    RuleSettings,
    ScrapeSettings,
    Settings,
    TargetSettings,
    WebhookSettings,
    WebSettings,
    WorkbenchSettings,
    parse_settings,
)
from jmx_bridge.settings.help import help_page
from jmx_bridge.settings.option import COMMANDS
from jmx_bridge.settings.options import OPTIONS, OTHER_VARIABLES
from jmx_bridge.settings.texts import parse_seconds
from jmx_bridge.settings.wish import Wish

ROOT = Path(__file__).parents[2]


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
            "--rule-metrics",
            "--log.level=WARN",
            "--log.format=json",
            "--jvm=/usr/lib/jvm/default",
        ],
        {},
    )

    assert settings == Settings(
        command="scrape",
        target=TargetSettings(
            host_port="[::1]:7199",
            username="monitor",
            connect_timeout=0.5,
            calls=8,
            thread_states=True,
        ),
        rules=RuleSettings(file="rules.yml", check_only=True),
        web=WebSettings(host="::1", port=0, path="/jmx/metrics"),
        scrape=ScrapeSettings(60.0, timeout_offset=0.25, rule_metrics=True),
        log=LogSettings(level="warn", format="json"),
        jvm="/usr/lib/jvm/default",
    )


@pytest.mark.parametrize(
    "option", [o for o in OPTIONS if o.variable], ids=lambda option: option.variable
)
def test_a_variable_is_named_like_its_flag(option):
    name = option.flag.removeprefix("--").replace(".", "_").replace("-", "_").upper()

    assert option.variable.startswith(f"JMX_BRIDGE_{name}")


def test_every_option_fills_a_field_and_every_field_has_an_option():
    filled = [name for option in OPTIONS for name in option.fields or (option.name,)]
    groups = {
        "target": TargetSettings,
        "rules": RuleSettings,
        "web": WebSettings,
        "limits": LimitSettings,
        "scrape": ScrapeSettings,
        "log": LogSettings,
        "workbench": WorkbenchSettings,
        "inject": Wish,
        "manifests": ManifestSettings,
        "webhook": WebhookSettings,
    }
    existing = [
        f"{group}.{field.name}"
        for group, kind in groups.items()
        for field in fields(kind)
    ]

    assert sorted([*existing, "jvm"]) == sorted(
        [*filled, "rules.check_files", "workbench.what"]
    )
    assert [field.name for field in fields(Settings)] == [
        *("command", *groups, "jvm", "warnings")
    ]


def test_a_flag_beats_its_variable():
    environ = {"JMX_BRIDGE_LOG_LEVEL": "debug", "JMX_BRIDGE_JMX_THREAD_STATES": "yes"}

    settings = parse_settings(["--log.level=error", "--no-jmx.thread-states"], environ)

    assert settings.log.level == "error"
    assert not settings.target.thread_states
    assert parse_settings([], environ).log.level == "debug"
    assert parse_settings([], environ).target.thread_states


def test_what_is_empty_is_not_said():
    environ = {"JMX_BRIDGE_JMX_TARGET": "", "JMX_BRIDGE_LOG_LEVEL": ""}

    assert parse_settings(["--jmx.target=", "--log.format="], environ) == Settings()


def test_a_flag_for_the_target_beats_a_variable_for_its_url():
    url = "service:jmx:rmi:///jndi/rmi://a:1/jmxrmi"

    settings = parse_settings(["--jmx.target=b:2"], {"JMX_BRIDGE_JMX_URL": url})
    reverse = parse_settings([f"--jmx.url={url}"], {"JMX_BRIDGE_JMX_TARGET": "b:2"})

    assert (settings.target.host_port, settings.target.url) == ("b:2", None)
    assert (reverse.target.host_port, reverse.target.url) == (None, url)


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
        settings.web.host,
        settings.web.port,
        settings.rules.file,
    )


def test_check_takes_files_or_the_configured_one():
    assert parse_settings(["check", "a", "b"], {}).rules.check_files == ("a", "b")
    assert parse_settings(["check", "--config.file=c"], {}).rules.check_files == ("c",)
    assert parse_settings(["--", "check", "a"], {}).rules.check_files == ("a",)


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
    assert expected == parse_seconds(text)


@pytest.mark.parametrize("text", ["", "s", "5 s", "-1", "1d", "1e3", "5s5", "\u0665s"])
def test_another_time_is_refused(text):
    with pytest.raises(ValueError, match="must be a time"):
        parse_seconds(text)


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
        (
            f"unknown command 'x'\n  hint: one of {', '.join(COMMANDS)}",
            ["x"],
        ),
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
            (
                "--jmx.target: must be \"HOST:PORT\" (found 'http://localhost:7199')"
                '\n  hint: leave out "http://"'
            ),
            ["--jmx.target=http://localhost:7199"],
        ),
        (
            (
                '--jmx.target: must be "HOST:PORT"'
                " (found 'service:jmx:rmi:///jndi/rmi://a:1/jmxrmi')"
                "\n  hint: give a JMX service URL by --jmx.url"
            ),
            ["--jmx.target=service:jmx:rmi:///jndi/rmi://a:1/jmxrmi"],
        ),
        (
            (
                '--web.listen-address: must be ":PORT" or "HOST:PORT" (found \'13003\')'
                '\n  hint: did you mean ":13003"?'
            ),
            ["--web.listen-address=13003"],
        ),
        (
            (
                '--web.listen-address: must be "HOST:PORT"'
                " (found 'http://localhost:13001')"
                '\n  hint: leave out "http://"'
            ),
            ["--web.listen-address=http://localhost:13001"],
        ),
        (
            (
                "--web.listen-address: the port must be a number from 0 to 65535"
                " (found ':65536')"
            ),
            ["--web.listen-address=:65536"],
        ),
        (
            ('http://localhost:9404: must be "HOST:PORT"\n  hint: leave out "http://"'),
            ["http://localhost:9404", "a.yml"],
        ),
        (
            (
                "--jmx.url: of service:jmx:rmi URLs only"
                " service:jmx:rmi:///jndi/rmi://HOST:PORT/NAME is followed, since any"
                " other lets whoever answers choose what is loaded here"
                " (found 'service:jmx:rmi:///stub/rO0')"
            ),
            ["--jmx.url=service:jmx:rmi:///stub/rO0"],
        ),
        (
            "--jmx.tls.trust-store: needs --jmx.tls",
            ["--jmx.tls.trust-store=a.pem"],
        ),
        (
            (
                "--jmx.tls.key-file: needs --jmx.tls.key-store"
                "\n  hint: which is the PEM file of the certificate"
            ),
            ["--jmx.tls", "--jmx.tls.key-file=key.pem"],
        ),
        (
            "--limit.bytes: must be a whole number from 1 up (found '1k')",
            ["--limit.bytes=1k"],
        ),
        (
            "--limit.mbeans: must be a whole number from 1 up (found '0')",
            ["--limit.mbeans=0"],
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


def test_no_variable_that_the_docs_name_is_unknown():
    docs = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    named = set(re.findall(r"`(JMX_BRIDGE_[A-Z_]+)`", docs))

    settings = parse_settings([], dict.fromkeys(named, ""))

    assert "JMX_BRIDGE_JAVA_OPTS" in named
    assert settings.warnings == ()


def test_jmx_exporters_variable_keeps_tls_from_the_registry():
    settings = parse_settings([], {"RMI_REGISTRY_SSL_DISABLED": "TRUE"})

    assert not settings.target.tls_registry
    assert parse_settings([], {"RMI_REGISTRY_SSL_DISABLED": "no"}) == Settings()


def test_a_limit_is_a_number():
    assert parse_settings(["--limit.bytes=1000"], {}).limits == LimitSettings(
        bytes=1000
    )


def test_packs_are_separated_by_commas():
    assert parse_settings(["--config.include=tomcat, jvm,"], {}).rules.include == (
        "tomcat",
        "jvm",
    )


def test_levels_and_formats_are_those_of_the_log():
    parsers = {option.name: option.parse for option in OPTIONS}

    assert [parsers["log.level"](level) for level in LEVELS] == [*LEVELS]
    assert [parsers["log.format"](style) for style in STYLES] == [*STYLES]


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


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        ("", ["-h"]),
        ("", ["--help"]),
        ("", ["9404", "rules.yml", "--help"]),
        ("serve", ["serve", "--help"]),
        ("scrape", ["scrape", "--help", "--what"]),
        ("check", ["--jvm=x", "check", "-h"]),
    ],
)
def test_a_command_has_a_help_page_of_its_own(command, argv):
    with pytest.raises(HelpRequested) as caught:
        parse_settings(argv, {})

    assert caught.value.text == help_page(command)
    assert max(map(len, help_page(command).splitlines())) <= 80


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_a_help_page_has_the_options_of_its_command(command):
    for option in (*OPTIONS, *OTHER_VARIABLES):
        entry = getattr(option, "flag", "") or getattr(option, "variable", "")
        entry = entry or option.name
        belongs = not command or command in option.commands

        assert belongs == bool(
            re.search(
                rf"^  (-\w, )?{re.escape(entry)}(?![\w-])",
                help_page(command),
                re.MULTILINE,
            )
        )


def test_the_help_page_is_what_is_promised():
    file = Path(__file__).parent / "help-check.txt"

    assert file.read_text("utf-8") == help_page("check")


def test_version_is_told():
    with pytest.raises(HelpRequested, match=f"jmx-bridge {__version__} "):
        parse_settings(["--version"], {})


@pytest.mark.parametrize(
    ("flag", "text", "message"),
    [
        ("scrape.timeout", "99999999999", "must be at most 24h"),
        ("jmx.connect-timeout", "25h", "must be at most 24h"),
        ("limit.mbeans", "2147483648", "must be at most 2147483647"),
    ],
)
def test_what_is_more_than_clocks_and_java_can_hold_is_refused(flag, text, message):
    with pytest.raises(UsageError, match=message):
        parse_settings([f"--{flag}={text}"], {})
