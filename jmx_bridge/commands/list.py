"""`jmx-bridge list`: every value of a JVM as the line that rules see, and what becomes of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..workbench.listing import chosen, print_lines, print_tree, to_json
from ..workbench.paint import Paint
from ..workbench.survey import survey
from .reading import read_target, redactor_of

if TYPE_CHECKING:
    from ..settings import Settings


def list_values(settings: Settings) -> int:
    """Print the values that *settings* ask for; return the exit status: 1 if there are none."""
    wanted = settings.workbench
    reading, rules = read_target(settings)
    lines = chosen(survey(reading, rules).lines, wanted)
    redactor = redactor_of(settings, [reading], rules.config)
    if wanted.format == "json":
        to_json(lines, redactor, sys.stdout)
    elif wanted.tree:
        print_tree(lines, redactor, sys.stdout)
    else:
        print_lines(lines, redactor, Paint(sys.stdout, wanted.color), sys.stdout)
    if lines or not wanted.what:
        return 0
    sys.stderr.write(
        "jmx-bridge: no value of this JVM is like that"
        "\n  hint: jmx-bridge list --tree shows its domains and types\n"
    )
    return 1
