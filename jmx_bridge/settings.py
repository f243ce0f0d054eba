"""The command line and the environment as one frozen value."""

from __future__ import annotations

import argparse
import platform
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ._version import __version__
from .advice import nearest
from .errors import UsageError
from .options import (
    OPTIONS,
    PASSWORD,
    PASSWORD_FILE,
    PREFIX,
    Option,
    help_page,
    parse_port,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COMMANDS = ("serve", "scrape", "check")
STANDALONE = re.compile(r"(?:(.*):)?(\d+)", re.ASCII)
# What Kubernetes sets for Services whose names begin with "jmx-bridge".
SERVICE_LINKS = re.compile(
    r"JMX_BRIDGE_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_\w+)?)"
)


class HelpRequested(Exception):
    """The user asked for a text: print it and exit with 0."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line and the environment say."""

    command: str = "serve"
    """serve, scrape or check."""
    jmx_target: str | None = None
    """HOST:PORT."""
    jmx_url: str | None = None
    jmx_username: str | None = None
    jmx_password: str | None = field(default=None, repr=False)
    jmx_password_file: str | None = None
    tls: bool = False
    tls_registry: bool = True
    tls_verify_host: bool = True
    trust_store: str | None = None
    trust_store_password: str | None = field(default=None, repr=False)
    key_store: str | None = None
    key_store_password: str | None = field(default=None, repr=False)
    key_file: str | None = None
    connect_timeout: float = 5.0
    calls: int = 4
    wire: str = "auto"
    thread_states: bool = False
    config_file: str | None = None
    config_include: tuple[str, ...] | None = None
    config_check: bool = False
    check_files: tuple[str, ...] = ()
    listen_host: str = ""
    """ "" is every address of this machine."""
    listen_port: int = 12346
    telemetry_path: str = "/metrics"
    web_config: str | None = None
    scrape_timeout: float = 10.0
    timeout_offset: float = 0.5
    most_mbeans: int = 200_000
    most_samples: int = 1_000_000
    most_bytes: int = 1 << 28
    log_level: str = "info"
    log_format: str = "logfmt"
    jvm: str | None = None
    warnings: tuple[str, ...] = ()


def parse_settings(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """
    Read the command line and the environment; raise UsageError if they make no sense.

    Raises HelpRequested for --help and --version.
    """
    given, words = _read_flags(argv)
    if given.help:
        raise HelpRequested(help_page())
    if given.version:
        raise HelpRequested(
            f"jmx-bridge {__version__} (Python {platform.python_version()})\n"
        )
    values = argparse.Namespace()
    mistakes: list[str] = []
    sources: dict[str, str] = {}
    for option in OPTIONS:
        source, text = _written(option, given, environ)
        sources[option.name] = source
        try:
            value = option.parse(text) if text else None
        except ValueError as exc:
            mistakes.append(f"{source}: {exc} (found {text!r})")
            continue
        setattr(values, option.name, value)
    if mistakes:
        raise UsageError("\n".join(mistakes))
    _apply_words(values, sources, words)
    _choose_address(values, sources)
    _check_password(values, sources)
    _check_tls(values, sources)
    values.listen_host, values.listen_port = values.listen
    del values.listen
    return Settings(**vars(values), warnings=tuple(_unknown_variables(environ)))


class Parser(argparse.ArgumentParser):
    """Raises instead of exiting."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        text = re.sub(r"^argument ([^:/]+)[^:]*:", r"\1:", message)
        text = text.replace("ignored explicit argument", "takes no value, but has")
        raise UsageError(f"{text}\n  hint: jmx-bridge --help lists all options")


def _read_flags(argv: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = Parser(prog="jmx-bridge", add_help=False, allow_abbrev=False)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--version", action="store_true")
    for option in OPTIONS:
        if not option.flag:
            continue
        if option.metavar:
            parser.add_argument(option.flag, dest=option.name)
        else:
            action = argparse.BooleanOptionalAction
            parser.add_argument(option.flag, dest=option.name, action=action)
    given, rest = parser.parse_known_args(argv)
    unknown = [word for word in rest if word.startswith("-") and word != "--"]
    if unknown and not given.help:
        raise UsageError("\n".join(map(_unknown_flag, unknown)))
    return given, [word for word in rest if word != "--"]


def _unknown_flag(word: str) -> str:
    # What follows "=" may be a secret.
    name = word.partition("=")[0]
    hint = nearest(name, [option.flag for option in OPTIONS if option.flag])
    if "pass" in name.lower():
        hint = f"give the password in {PASSWORD} or a file named by {PASSWORD_FILE}"
    return f"{name}: unknown flag\n  hint: {hint or 'jmx-bridge --help lists all'}"


def _written(
    option: Option, given: argparse.Namespace, environ: Mapping[str, str]
) -> tuple[str, str]:
    """Return where an option's text comes from ("": the default), and the text."""
    flag = getattr(given, option.name, None)
    if flag not in {None, ""}:
        return option.flag, str(flag)
    if environ.get(option.variable):
        return option.variable, environ[option.variable]
    return "", option.default


def _apply_words(
    values: argparse.Namespace, sources: Mapping[str, str], words: Sequence[str]
) -> None:
    """Read the command, or jmx_exporter's arguments."""
    values.command, *rest = words or ["serve"]
    values.check_files = ()
    if values.command == "check":
        values.check_files = tuple(rest) or tuple(filter(None, [values.config_file]))
        if not values.check_files:
            raise UsageError("check: names no rule file\n  hint: jmx-bridge check FILE")
        return
    standalone = STANDALONE.fullmatch(values.command)
    if standalone and len(rest) == 1:
        for name in ("listen", "config_file"):
            if sources[name].startswith("--"):
                raise UsageError(
                    f"{sources[name]}: is also said by {' '.join(words)!r}"
                    "\n  hint: leave one of them out"
                )
        host, port = standalone.groups()
        try:
            values.listen = (host or "").strip("[]"), parse_port(port, lowest=1)
        except ValueError as exc:
            raise UsageError(f"{values.command}: {exc}") from exc
        values.command, values.config_file = "serve", rest[0]
        return
    if values.command not in COMMANDS:
        hint = nearest(values.command, COMMANDS) or f"one of {', '.join(COMMANDS)}"
        raise UsageError(f"unknown command {values.command!r}\n  hint: {hint}")
    if rest:
        raise UsageError(
            f"{values.command}: takes no further arguments (found {rest[0]!r})"
            "\n  hint: name a rule file by --config.file"
        )
    if values.config_check and not values.config_file:
        raise UsageError("--config.check: needs --config.file")


def _choose_address(values: argparse.Namespace, sources: Mapping[str, str]) -> None:
    """Let a flag beat a variable; refuse two addresses of the same rank."""
    if not values.jmx_target or not values.jmx_url:
        return
    target, url = sources["jmx_target"], sources["jmx_url"]
    if target.startswith("--") == url.startswith("--"):
        raise UsageError(f"{target}: {url} names a target, too\n  hint: remove one")
    if target.startswith("--"):
        values.jmx_url = None
    else:
        values.jmx_target = None


def _check_password(values: argparse.Namespace, sources: Mapping[str, str]) -> None:
    file: str | None = values.jmx_password_file
    if not file:
        return
    if values.jmx_password:
        where = sources["jmx_password_file"]
        raise UsageError(f"{PASSWORD}: {where} is set, too\n  hint: unset one")
    try:
        read_password(file)
    except ValueError as exc:
        raise UsageError(f"{sources['jmx_password_file']}: {exc}") from None


def read_password(file: str) -> str:
    """Return the one line of a file; raises ValueError with the reason if there is none."""
    try:
        text = Path(file).read_text("utf-8")
    except UnicodeDecodeError:
        # Without a cause: it would show what is in the file.
        raise ValueError(f"{file!r} is not UTF-8") from None
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        raise ValueError(f"can't read {file!r} ({reason})") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise ValueError(f"nothing is in {file!r}")
    return text


def _check_tls(values: argparse.Namespace, sources: Mapping[str, str]) -> None:
    """Stores without TLS would be a mistake that nobody notices."""
    for name in ("trust_store", "key_store", "key_file"):
        if getattr(values, name) and not values.tls:
            raise UsageError(f"{sources[name]}: needs --jmx.tls")
    if values.key_file and not values.key_store:
        raise UsageError(
            f"{sources['key_file']}: needs --jmx.tls.key-store"
            "\n  hint: which is the PEM file of the certificate"
        )


def _unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    known = [option.variable for option in OPTIONS]
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in known:
            continue
        if not SERVICE_LINKS.fullmatch(name):
            hint = nearest(name, known)
            yield f"{name}: unknown variable" + (f"; {hint}" if hint else "")
