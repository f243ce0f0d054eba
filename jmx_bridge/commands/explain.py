"""`jmx-bridge explain`: why a metric is there or isn't, and what becomes of a line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from ..jmx import JavaPatterns, JavaSyntax
from ..workbench.explain import Explainer
from ..workbench.explained import Teller, explanation_as_dict
from ..workbench.paint import Paint
from ..workbench.survey import survey
from .reading import read_target, redactor_of

if TYPE_CHECKING:
    from ..settings import Settings

TREE = "jmx-bridge list --tree shows what the JVM has"


def explain(settings: Settings) -> int:
    """Print what is known of each thing asked for; return the exit status: 1 if one is unknown."""
    wanted = settings.workbench
    reading, rules = read_target(settings)
    redactor = redactor_of(settings, [reading], rules.config)
    lines = survey(reading, rules).lines
    explainer = Explainer(lines, rules, JavaPatterns, JavaSyntax().group_count)
    found = [explainer.explain(what) for what in wanted.what]
    if wanted.format == "json":
        documents = [explanation_as_dict(one, redactor) for one in found]
        json.dump(documents, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        teller = Teller(redactor, Paint(sys.stdout, wanted.color))
        sys.stdout.writelines(f"{text}\n" for one in found for text in teller.text(one))
    unknown = [one.what for one in found if not one.found]
    for what in unknown:
        sys.stderr.write(
            f"jmx-bridge: neither a metric, nor a rule's name, nor a value is like {what!r}"
            f"\n  hint: {explainer.nearest_name(what) or TREE}\n"
        )
    return 1 if unknown else 0
