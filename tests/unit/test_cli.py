"""What the command line does, and with which status the process ends."""

import io
import json
import logging
import os
import signal
import sys
from functools import partial
from types import ModuleType, SimpleNamespace

import pytest

from jmx_bridge import cli
from jmx_bridge.errors import ConfigError, JvmError, LoginFailed, Problem, UsageError
from jmx_bridge.log import configure
from jmx_bridge.signals import interrupt, on_signals, quit_at_once


@pytest.fixture(autouse=True)
def _restored():
    root, ours = logging.getLogger(), logging.getLogger("jmx_bridge")
    before = root.handlers, root.level, ours.level
    handlers = {number: signal.getsignal(number) for number in (15, 1)}
    yield
    root.handlers, root.level, ours.level = before
    for number, handler in handlers.items():
        signal.signal(number, handler)


def run(*argv, result=0, **environ):
    """Run with commands that note their names; a *result* that is an error is raised."""
    called = []

    def command(name):
        def call(settings):
            called.append(name)
            if isinstance(result, BaseException):
                raise result
            return result

        return call

    commands = {name: command(name) for name in cli.COMMANDS}
    return cli.run(argv, environ, commands), called


@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("serve", []),
        ("serve", ["serve"]),
        ("serve", ["9404", "rules.yml"]),
        ("scrape", ["scrape"]),
        ("check", ["check", "rules.yml"]),
        ("check", ["--config.check", "--config.file=rules.yml"]),
    ],
)
def test_the_command_that_is_named_runs(name, argv):
    assert run(*argv) == (0, [name])
    assert run(*argv, result=1) == (1, [name])


@pytest.mark.parametrize(
    ("status", "heading", "message", "result"),
    [
        (2, "usage", "no target", UsageError("no target")),
        (1, "java", "no Java", JvmError("no Java")),
        (1, "login", "no", LoginFailed("no")),
        (
            1,
            "rule-file",
            "a.yml:1:2: x\n  hint: y",
            ConfigError((Problem("a.yml", 1, 2, "x", "y"),)),
        ),
        (1, "system", "[Errno 28] No space left", OSError(28, "No space left")),
    ],
)
def test_an_error_is_told_and_is_the_status(capsys, status, heading, message, result):
    assert run("scrape", result=result)[0] == status
    told, _, about = capsys.readouterr().err.partition("\n  see: ")
    assert told == f"jmx-bridge: error: {message}"
    assert about == f"docs/troubleshooting.md#{heading}\n"


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (143, KeyboardInterrupt(signal.SIGTERM)),
        (130, KeyboardInterrupt()),
        (1, BrokenPipeError()),
    ],
)
def test_what_ends_a_command_from_outside_is_not_told(capsys, status, result):
    assert run("scrape", result=result)[0] == status
    assert capsys.readouterr().err == ""


def test_a_wrong_command_line_runs_nothing(capsys):
    assert run("srve") == (2, [])
    assert capsys.readouterr().err == (
        "jmx-bridge: error: unknown command 'srve'\n"
        '  hint: did you mean "serve"?\n'
        "  see: docs/troubleshooting.md#usage\n"
    )


def test_help_goes_to_the_output(capsys):
    assert run("check", "--help") == (0, [])
    assert capsys.readouterr().out.startswith("usage: jmx-bridge check")


def test_a_strange_variable_is_logged_in_the_format_that_is_asked_for(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(cli, "configure", partial(configure, stream=stream))

    run("scrape", "--log.format=json", JMX_BRIDGE_UNHEARD_OF="x")

    record = json.loads(stream.getvalue())
    assert record["event"] == "settings.warning"
    assert record["problem"] == "JMX_BRIDGE_UNHEARD_OF: unknown variable"


def test_before_java_runs_sigterm_ends_at_once_and_sighup_nobody_who_serves():
    run("serve")

    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGTERM) is quit_at_once
    assert signal.getsignal(signal.SIGINT) is quit_at_once


def test_once_java_runs_sigterm_interrupts():
    on_signals(interrupt)

    with pytest.raises(KeyboardInterrupt) as caught:
        signal.raise_signal(signal.SIGTERM)
    assert caught.value.args == (signal.SIGTERM,)


class Exited(Exception):
    pass


@pytest.fixture
def ended(monkeypatch):
    """Run main; return the status with which it would have ended the process."""

    def leave(status):
        raise Exited(status)

    monkeypatch.setattr(os, "_exit", leave)

    def start(*argv):
        with pytest.raises(Exited) as caught:
            cli.main(argv)
        return caught.value.args[0]

    return start


def test_the_process_ends_with_the_status(ended, capsys):
    assert ended("--version") == 0
    assert ended("--what") == 2
    assert capsys.readouterr().out.startswith("jmx-bridge ")


class Full(io.StringIO):
    def flush(self):
        raise OSError(28, "No space left on device")


def test_output_that_can_not_be_written_is_a_failure(ended, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Full())
    assert ended("--version") == 1


def test_a_log_that_can_not_be_written_is_none(ended, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Full())
    assert ended("--version") == 0


@pytest.mark.parametrize("name", ["serve", "scrape", "check"])
def test_a_command_is_loaded_when_it_runs(monkeypatch, name):
    module = ModuleType(name)
    setattr(module, name, lambda settings: settings)
    monkeypatch.setitem(sys.modules, f"jmx_bridge.commands.{name}", module)
    settings = SimpleNamespace()

    assert cli.COMMANDS[name](settings) is settings
