"""Read the command line, run the command that it asks for, and exit; nothing else exits."""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from .errors import BridgeError, UsageError
from .log import configure, get_log
from .manual import see
from .settings import HelpRequested, parse_settings
from .signals import KILLED, on_signals, quit_at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .settings import Settings

log = get_log(__name__)
DONE, FAILED, MISUSED = 0, 1, 2


# Each command is loaded when it is asked for: serving needs aiohttp, checking doesn't.


def _command(module: str, function: str) -> Callable[[Settings], int]:
    """Return what loads a module of `commands` when it is called, and runs its function."""

    def run(settings: Settings) -> int:
        loaded = import_module(f".commands.{module}", __package__)
        status: int = getattr(loaded, function)(settings)
        return status

    return run


COMMANDS: Mapping[str, Callable[[Settings], int]] = {
    "serve": _command("serve", "serve"),
    "scrape": _command("scrape", "scrape"),
    "check": _command("check", "check"),
    "list": _command("list", "list_values"),
    "explain": _command("explain", "explain"),
    "record": _command("record", "record"),
    "test": _command("test", "test"),
    "diff": _command("diff", "diff"),
    "generate": _command("generate", "generate"),
    "webhook": _command("webhook", "webhook"),
    "inject": _command("inject", "inject"),
    "workbench": _command("workbench", "workbench"),
}


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run `jmx-bridge`."""
    open_closed_streams()
    _exit(run(sys.argv[1:] if argv is None else argv, os.environ))


def beside(number: int) -> NoReturn:
    """Run the workbench's process beside `serve`, which is told by the socket of that *number*."""
    module = import_module(".commands.beside", __package__)
    control = socket.socket(fileno=number)
    try:
        settings = module.told_settings(control)
        configure(settings.log.level, settings.log.format)
        module.give_way()
        import_module(".commands.workbench", __package__).run_beside(settings, control)
    except EOFError:
        _exit(FAILED)
    except BridgeError as exc:
        log.error("workbench.failed", error=str(exc))  # noqa: TRY400 -- it is no bug
        _exit(FAILED)
    _exit(DONE)


def run(
    argv: Sequence[str],
    environ: Mapping[str, str],
    commands: Mapping[str, Callable[[Settings], int]] = COMMANDS,
) -> int:
    """
    Do what the command line asks for; return the exit status.

    That is 0 if it was done, 1 if it failed, 2 if it was asked for in a wrong way, and
    128 and the signal's number if a signal ended it.
    """
    try:
        settings = parse_settings(argv, environ)
    except HelpRequested as exc:
        sys.stdout.write(exc.text)
        return DONE
    except UsageError as exc:
        return _complain(exc)
    configure(settings.log.level, settings.log.format)
    # Until the command handles signals itself.
    on_signals(quit_at_once)
    if settings.command in {"serve", "webhook"}:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for warning in settings.warnings:
        log.warning("settings.warning", problem=warning)
    name = "check" if settings.rules.check_only else settings.command
    try:
        return commands[name](settings)
    except KeyboardInterrupt as exc:
        return KILLED + (exc.args[0] if exc.args else signal.SIGINT)
    except BrokenPipeError:
        return FAILED
    except (BridgeError, OSError) as exc:
        return _complain(exc)


def open_closed_streams() -> None:
    """
    Let standard streams that are closed be /dev/null.

    Else the next socket would be one of them, and get what Java writes there.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115 -- as long as we live
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115


def _complain(exc: Exception) -> int:
    """Say what went wrong, and where docs tell more; return the exit status."""
    heading = exc.heading if isinstance(exc, BridgeError) else "system"
    with suppress(OSError):
        sys.stderr.write(f"jmx-bridge: error: {exc}\n  see: {see(heading)}\n")
    return MISUSED if isinstance(exc, UsageError) else FAILED


def _exit(status: int) -> NoReturn:
    """
    End the process at once.

    The JVM's own shutdown would wait for threads of the JDK's RMI client; what has to be
    closed is closed by now.
    """
    try:
        sys.stdout.flush()
    except OSError:
        status = FAILED
    # A log that can't be written changes nothing about what was done.
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(status)
