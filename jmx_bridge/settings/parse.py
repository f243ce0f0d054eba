"""
From the command line and the environment to settings.

Flags and variables become texts, texts become values, values become groups; then the
words of the command line are applied, and what contradicts itself is refused. Each step
is a function that changes nothing.
"""

from __future__ import annotations

import argparse
import platform
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn

from .._version import __version__
from ..advice import nearest
from ..errors import UsageError
from ..manual import folder
from .help import help_page
from .inject_options import injecting
from .option import (
    CHECK,
    COMMANDS,
    INJECT,
    PASSWORD,
    PASSWORD_FILE,
    PLAIN_REGISTRY,
    PREFIX,
    SERVE,
    WEBHOOK,
    Option,
)
from .options import OPTIONS, OTHER_VARIABLES
from .target import LIVE_ADDRESSES, Sources, one_address, refuse_contradictions
from .texts import BadText, parse_port, refuse_scheme
from .values import (
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
)
from .wish import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
class CommandLine:
    """The arguments, taken apart and not yet understood."""

    flags: Mapping[str, str]
    """What was given, by the option's name; "" where nothing is after the "="."""
    words: Sequence[str]
    """All that is no flag: a command and its arguments."""
    help: bool = False
    version: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """The text of an option, and who says it."""

    source: str
    """The flag or the variable."""
    text: str


def parse_settings(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """
    Return what the command line and the environment say.

    Raises UsageError if they make no sense, and HelpRequested for --help and --version.
    """
    line = read_command_line(argv)
    if line.help:
        raise HelpRequested(help_page(line.words[0] if line.words else ""))
    if line.version:
        raise HelpRequested(
            f"jmx-bridge {__version__} (Python {platform.python_version()})\n"
            f"docs: {folder()}\n"
        )
    given = given_texts(line.flags, environ)
    sources = {name: one.source for name, one in given.items()}
    settings = apply_words(grouped(values_of(given)), line.words, sources)
    target = one_address(settings.target, sources)
    if environ.get(PLAIN_REGISTRY, "").lower() == "true":
        target = replace(target, tls_registry=False)
    refuse_contradictions(target, sources)
    return replace(settings, target=target, warnings=tuple(strange_variables(environ)))


class Parser(argparse.ArgumentParser):
    """Raises instead of exiting."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        text = re.sub(r"^argument ([^:/]+)[^:]*:", r"\1:", message)
        text = text.replace("ignored explicit argument", "takes no value, but has")
        raise UsageError(f"{text}\n  hint: jmx-bridge --help lists all options")


def read_command_line(argv: Sequence[str]) -> CommandLine:
    """Take the arguments apart; raises UsageError for a flag that nobody knows."""
    parser = Parser(prog="jmx-bridge", add_help=False, allow_abbrev=False)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--version", action="store_true")
    for option in OPTIONS:
        if option.flag and option.metavar:
            flags = filter(None, (option.short, option.flag))
            parser.add_argument(*flags, dest=option.name)
        elif option.flag:
            action = argparse.BooleanOptionalAction
            parser.add_argument(option.flag, dest=option.name, action=action)
    known, rest = parser.parse_known_args(argv)
    given = vars(known)
    # "-" alone is standard input.
    unknown = [word for word in rest if word[:1] == "-" and word not in ("-", "--")]
    if unknown and not given["help"]:
        raise UsageError("\n".join(map(_unknown_flag, unknown)))
    return CommandLine(
        {o.name: str(given[o.name]) for o in OPTIONS if given.get(o.name) is not None},
        [word for word in rest if word != "--" and word not in unknown],
        given["help"],
        given["version"],
    )


def _unknown_flag(word: str) -> str:
    # What follows "=" may be a secret.
    name = word.partition("=")[0]
    hint = nearest(name, [option.flag for option in OPTIONS if option.flag])
    if "pass" in name.lower():
        hint = f"give the password in {PASSWORD} or a file named by {PASSWORD_FILE}"
    return f"{name}: unknown flag\n  hint: {hint or 'jmx-bridge --help lists all'}"


def given_texts(
    flags: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, Given]:
    """Return what is set, by the option's name; a flag beats its variable."""
    given = {}
    for option in OPTIONS:
        if flags.get(option.name):
            given[option.name] = Given(option.flag, flags[option.name])
        elif option.variable and environ.get(option.variable):
            given[option.name] = Given(option.variable, environ[option.variable])
    return given


def values_of(given: Mapping[str, Given]) -> dict[str, object]:
    """Return values by the field that they fill; raises UsageError with all mistakes."""
    values: dict[str, object] = {}
    mistakes = []
    for option in OPTIONS:
        if option.name not in given:
            continue
        one = given[option.name]
        # As Python gives us bytes that are none; an error about one would show all of a password.
        if any("\udc80" <= char <= "\udcff" for char in one.text):
            mistakes.append(f"{one.source}: is not UTF-8")
            continue
        try:
            values.update(_fields_of(option, option.parse(one.text)))
        except BadText as exc:
            hint = f"\n  hint: {exc.hint}" if exc.hint else ""
            mistakes.append(f"{one.source}: {exc} (found {one.text!r}){hint}")
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return values


def _fields_of(option: Option, value: Any) -> dict[str, object]:
    if option.fields:
        return dict(zip(option.fields, value, strict=True))
    return {option.name: value}


def grouped(values: Mapping[str, object]) -> Settings:
    """Return settings with these values, by their fields' names, and defaults elsewhere."""
    groups: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, value in values.items():
        group, _, field = name.rpartition(".")
        groups[group][field] = value
    return Settings(
        target=TargetSettings(**groups["target"]),
        rules=RuleSettings(**groups["rules"]),
        web=WebSettings(**groups["web"]),
        limits=LimitSettings(**groups["limits"]),
        scrape=ScrapeSettings(**groups["scrape"]),
        log=LogSettings(**groups["log"]),
        workbench=WorkbenchSettings(**groups["workbench"]),
        webhook=WebhookSettings(**groups["webhook"]),
        inject=Wish(**groups["inject"]),
        manifests=ManifestSettings(**groups["manifests"]),
        **groups[""],
    )


def apply_words(settings: Settings, words: Sequence[str], sources: Sources) -> Settings:
    """Return settings with the command, or with jmx_exporter's arguments."""
    command, *rest = words or [SERVE]
    if command == CHECK:
        return _checking(settings, rest, sources)
    if command in {INJECT, WEBHOOK}:
        settings = injecting(settings, sources)
    if STANDALONE.fullmatch(command) and len(rest) == 1:
        return _standalone(settings, command, rest[0], sources)
    if command not in COMMANDS:
        hint = nearest(command, COMMANDS) or f"one of {', '.join(COMMANDS)}"
        raise UsageError(f"unknown command {command!r}\n  hint: {hint}")
    words_taken = COMMANDS[command]
    if words_taken.most is not None and len(rest) > words_taken.most:
        raise UsageError(
            f"{command}: takes no further arguments (found {rest[words_taken.most]!r})"
            "\n  hint: name a rule file by --config.file"
        )
    if len(rest) < words_taken.least:
        usage = f"jmx-bridge {command} {words_taken.called}"
        raise UsageError(f"{command}: names nothing to look at\n  hint: {usage}")
    if settings.workbench.format == "github":
        raise UsageError(f"--format=github: {command} knows text and json")
    if settings.rules.check_only and not settings.rules.file:
        raise UsageError("--config.check: needs --config.file")
    workbench = replace(settings.workbench, what=tuple(rest))
    return replace(settings, command=command, workbench=workbench)


ADDRESSES = (*LIVE_ADDRESSES, "target.recording")


def _checking(settings: Settings, files: Sequence[str], sources: Sources) -> Settings:
    """Name the files to check; a variable that is meant for `serve` names no target to try them on."""
    rules = settings.rules
    checked = tuple(files) or tuple(filter(None, [rules.file]))
    if not checked and not settings.workbench.schema:
        raise UsageError("check: names no rule file\n  hint: jmx-bridge check FILE")
    target = settings.target
    if not any(sources.get(name, "").startswith("--") for name in ADDRESSES):
        target = replace(target, host_port=None, url=None, attach=None, recording=None)
    return replace(
        settings,
        command=CHECK,
        target=target,
        rules=replace(rules, check_files=checked),
    )


def _standalone(
    settings: Settings, address: str, file: str, sources: Sources
) -> Settings:
    """Read [HOST:]PORT and FILE, which beat variables; refuse flags that say the same."""
    words = f"{address} {file}"
    for name in ("web.listen", "rules.file"):
        if sources.get(name, "").startswith("--"):
            raise UsageError(
                f"{sources[name]}: is also said by {words!r}"
                "\n  hint: leave one of them out"
            )
    host, _, port = address.rpartition(":")
    try:
        refuse_scheme(address)
        number = parse_port(port, lowest=1)
    except BadText as exc:
        hint = f"\n  hint: {exc.hint}" if exc.hint else ""
        raise UsageError(f"{address}: {exc}{hint}") from exc
    return replace(
        settings,
        web=replace(settings.web, host=host.strip("[]"), port=number),
        rules=replace(settings.rules, file=file),
    )


def strange_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a warning for each variable with our prefix that nobody knows."""
    known = [option.variable for option in OPTIONS if option.variable]
    known += [variable.name for variable in OTHER_VARIABLES]
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in known:
            continue
        if not SERVICE_LINKS.fullmatch(name):
            hint = nearest(name, known)
            yield f"{name}: unknown variable" + (f"; {hint}" if hint else "")
