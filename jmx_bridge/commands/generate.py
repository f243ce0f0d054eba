"""`jmx-bridge generate`: rules to start from, for the MBeans of a running or recorded JVM."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .._version import __version__
from ..errors import UsageError
from ..jmx import JavaPatterns, JavaSyntax
from ..workbench.listing import is_object_name
from ..workbench.paint import printable
from ..workbench.secrets import Redactor
from ..workbench.starter.generate import Java, Starter
from ..workbench.starter.generate import generate as write_rules
from .reading import read_around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..jmx.moment import JvmReading
    from ..settings import Settings

MOST_TOLD = 20
"""So many values that are not served exactly once are named."""


def generate(settings: Settings) -> int:
    """Write rules; return the exit status: 1 if they don't serve every number exactly once."""
    wanted = settings.workbench
    asked = patterns(wanted.what)
    if wanted.output and Path(wanted.output).exists() and not wanted.force:
        raise _there(wanted.output)
    pause = 0.0 if settings.target.recording else wanted.interval
    readings, _ = read_around(settings, lambda: time.sleep(pause))
    redactor = Redactor(readings[-1].mbeans, off=wanted.show_secrets)
    java = Java(JavaPatterns, JavaSyntax())
    made = write_rules(readings, asked, java, redactor, head_of(readings, asked))
    if not made.rules:
        sys.stderr.write(
            "jmx-bridge: no MBean with a number is like that"
            "\n  hint: jmx-bridge list --tree shows domains and types\n"
        )
        return 1
    write(made.text, wanted.output, force=wanted.force)
    return tell(made, redactor)


def patterns(words: Sequence[str]) -> list[str]:
    """Return the ObjectName patterns that *words* are; raises UsageError for others."""
    for word in words:
        if not is_object_name(word):
            raise UsageError(
                f"generate: {word!r} is no ObjectName pattern"
                "\n  hint: write 'Catalina:type=Manager,*', or 'Catalina:*' for a domain"
            )
    return [f"{word}*" if word.endswith(":") else word for word in words]


def head_of(readings: Sequence[JvmReading], asked: Sequence[str]) -> list[str]:
    """Return the lines of the comment that a generated file begins with."""
    last = readings[-1].taken_at
    day = time.strftime("%Y-%m-%d", time.gmtime(last))
    span = last - readings[0].taken_at
    twice = f"two readings within {span:.0f} s" if len(readings) > 1 else "one reading"
    return [
        f"Rules to start from, written by jmx-bridge {__version__} generate on {day}",
        f"from {twice} of {' '.join(map(printable, asked)) or 'all MBeans but the platform' + chr(39) + 's'}.",
        "Each number is served exactly once; above each rule stands a line that it matches.",
        "Delete what nobody needs, with its line of includeObjectNames; then run jmx-bridge check.",
        "A text is served as a label by a rule with type: INFO and, as its pattern,",
        "'^domain<key=([^,>]+)><>attribute: (.+)'.",
        "",
    ]


def write(text: str, path: str | None, *, force: bool) -> None:
    """Write rules to a file, or to standard output; raises UsageError if the file is there."""
    if path is None:
        sys.stdout.write(text)
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
    flags |= os.O_TRUNC if force else os.O_EXCL
    try:
        descriptor = os.open(path, flags, 0o666)
    except FileExistsError:
        raise _there(path) from None
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 -- a descriptor
        file.write(text)


def _there(path: str) -> UsageError:
    return UsageError(
        f"{path}: is there, and would be lost"
        "\n  hint: choose another name, or give --force"
    )


def tell(made: Starter, redactor: Redactor) -> int:
    """Say what was made and what is wrong with it; return the exit status."""
    for line, why in made.wrong[:MOST_TOLD]:
        text = printable(redactor.text(line.full))
        sys.stderr.write(f"jmx-bridge: not served exactly once: {text}: {why}\n")
    more = len(made.wrong) - MOST_TOLD
    if more > 0:
        sys.stderr.write(f"jmx-bridge: and {more:,} more\n")
    served = made.numbers - len(made.wrong)
    sys.stderr.write(
        f"jmx-bridge: {made.rules:,} rules for {made.mbeans:,} MBeans; "
        f"{served:,} of {made.numbers:,} numbers are served exactly once\n"
    )
    return 1 if made.wrong else 0
