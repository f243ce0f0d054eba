"""What a flag or variable is, and which commands there are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from .values import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PREFIX = "JMX_BRIDGE_"
PASSWORD = "JMX_BRIDGE_JMX_PASSWORD"  # noqa: S105 -- a variable's name
PASSWORD_FILE = "JMX_BRIDGE_JMX_PASSWORD_FILE"  # noqa: S105 -- a variable's name
PLAIN_REGISTRY = "RMI_REGISTRY_SSL_DISABLED"
NO_VARIABLE = "-"
SERVE, SCRAPE, CHECK = "serve", "scrape", "check"
LIST, EXPLAIN, RECORD = "list", "explain", "record"
TEST, DIFF, GENERATE = "test", "diff", "generate"
WEBHOOK = "webhook"
INJECT = "inject"
WORKBENCH = "workbench"
DEFAULTS = Settings()


class Words(NamedTuple):
    """What a command takes besides options."""

    called: str
    """As help pages call it; "" for nothing."""
    least: int = 0
    most: int | None = None
    """None: any number."""


COMMANDS = {
    SERVE: Words("", most=0),
    SCRAPE: Words("", most=0),
    CHECK: Words("FILE..."),
    LIST: Words("[WHAT...]"),
    EXPLAIN: Words("WHAT...", least=1),
    RECORD: Words("FILE", least=1, most=1),
    TEST: Words("FILE...", least=1),
    DIFF: Words("[OLD NEW]", most=2),
    GENERATE: Words("[PATTERN...]"),
    WEBHOOK: Words("", most=0),
    INJECT: Words("FILE...", least=1),
    WORKBENCH: Words("", most=0),
}
READING = (SERVE, SCRAPE, LIST, EXPLAIN, RECORD, DIFF, GENERATE, WORKBENCH)
"""The commands that read the target's MBeans."""
ASKING = (*READING, CHECK)
"""Those that can ask a target: `check` does if a flag names one."""
WITH_JAVA = tuple(one for one in COMMANDS if one not in {INJECT, WEBHOOK})
"""The commands that run a Java."""
PRINTING = (LIST, EXPLAIN, DIFF)
"""The commands that print what they found for people or programs."""


class Variable(NamedTuple):
    """What is read from the environment and is no option."""

    name: str
    help: str
    commands: Iterable[str]


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: a flag, a variable, or both."""

    name: str
    """The field of Settings that it fills: "target.host_port"."""
    flag: str
    """With its dashes; "" for what a command line must not show."""
    metavar: str
    """What the help page calls its value; "" for a switch."""
    help: str
    parse: Callable[[str], object] = str
    """Returns the value that a text means, or raises BadText."""
    commands: Iterable[str] = ASKING
    """The commands that it matters to."""
    variable: str = ""
    """Made from the flag if it isn't given; "" in the end for NO_VARIABLE."""
    fields: tuple[str, ...] = ()
    """The fields that the parts of the value fill, if it has parts; *name* is none then."""
    default: str = ""
    """The default as a user would write it; "" for none. It comes from Settings."""
    short: str = ""
    """The flag in one letter, "-o"; "" for none."""

    def __post_init__(self) -> None:
        if not self.variable:
            name = re.sub(r"[.-]", "_", self.flag.removeprefix("--")).upper()
            object.__setattr__(self, "variable", PREFIX + name)
        elif self.variable == NO_VARIABLE:
            object.__setattr__(self, "variable", "")
        object.__setattr__(self, "default", self._default())

    @property
    def group(self) -> str:
        """The name of the group that it belongs to; "" for none."""
        return self.name.rpartition(".")[0]

    def _default(self) -> str:
        values = [attrgetter(field)(DEFAULTS) for field in self.fields or (self.name,)]
        return ":".join(self._written(value) for value in values)

    def _written(self, value: object) -> str:
        if value is None or value == ():
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        return f"{value:g}s" if isinstance(value, float) else str(value)
