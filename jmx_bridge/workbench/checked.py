"""What was found in rule files, as text for a person, as JSON, or as remarks beside their lines."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from ..config import Config
    from ..errors import Problem
    from .coverage import Coverage

VERSION = 1
"""Of the JSON; it goes up when a field changes its meaning or goes."""


class Checked(NamedTuple):
    """What was found in one file."""

    path: str
    config: Config | None
    """None: it can't be used."""
    problems: Sequence[Problem]
    covered: Coverage | None = None
    """What its rules make of a JVM; None: of none, or it can't be used."""


# -- text ------------------------------------------------------------------------------------------


def write_text(found: Sequence[Checked], output: TextIO) -> None:
    """Write all that was found for a person."""
    for one in found:
        output.writelines(f"{problem}\n" for problem in one.problems)
        if one.config is not None:
            output.write(
                f"{one.path}: good, {_number(len(one.config.rules), 'rule')}\n"
            )
        if one.covered:
            output.writelines(f"  {line}\n" for line in _of_jvm(one.path, one.covered))


def _number(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _of_jvm(path: str, covered: Coverage) -> Iterator[str]:
    yield (
        f"{_number(covered.samples, 'sample')} of "
        f"{_number(len(covered.metrics), 'metric')}, "
        f"and {covered.built_in:,} that need no rule"
    )
    for metric in covered.metrics:
        first, *others = metric.rules
        more = f" and {len(others)} more" if others else ""
        yield f"{metric.series:8,} {metric.name} ({metric.type}) by {first}{more}"
    rules = Counter(rule.file for rule in covered.rules)
    idle = Counter(rule.file for rule in covered.idle)
    for file, number in idle.items():
        if file != path:
            yield f"{file}: {number:,} of {_number(rules[file], 'rule')} match nothing here"


# -- JSON ------------------------------------------------------------------------------------------


def write_json(found: Sequence[Checked], output: TextIO) -> None:
    """Write all that was found as one JSON document: docs/workbench.md describes it."""
    files = [
        {
            "file": one.path,
            "usable": one.config is not None,
            "rules": len(one.config.rules) if one.config is not None else None,
            "problems": list(map(problem_as_dict, one.problems)),
            "jvm": _covered(one.covered) if one.covered else None,
        }
        for one in found
    ]
    json.dump(
        {"version": VERSION, "files": files}, output, ensure_ascii=False, indent=2
    )
    output.write("\n")


def problem_as_dict(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON has it: docs/workbench.md describes it."""
    return {
        "file": problem.file,
        "line": problem.line or None,
        "column": problem.column or None,
        "level": "warning" if problem.warning else "error",
        "message": problem.message,
        "hint": problem.hint or None,
    }


def _covered(covered: Coverage) -> dict[str, Any]:
    return {
        "samples": covered.samples,
        "built_in": covered.built_in,
        "metrics": [
            {
                "name": metric.name,
                "type": metric.type,
                "series": metric.series,
                "rules": list(metric.rules),
            }
            for metric in covered.metrics
        ],
        "rules": [
            {"rule": rule.where, "values": covered.claimed[rule.where]}
            for rule in covered.rules
        ],
    }


# -- GitHub ----------------------------------------------------------------------------------------


def write_github(found: Sequence[Checked], output: TextIO) -> None:
    """Write all that was found as workflow commands, which become remarks beside the lines."""
    for one in found:
        for problem in one.problems:
            level = "warning" if problem.warning else "error"
            place = f"file={_escaped(problem.file, ',:')}"
            if problem.line:
                place += f",line={problem.line},col={problem.column}"
            text = "\n".join(filter(None, (problem.message, problem.hint)))
            output.write(f"::{level} {place}::{_escaped(text)}\n")


def _escaped(text: str, more: str = "") -> str:
    for char in f"%\r\n{more}":
        text = text.replace(char, f"%{ord(char):02X}")
    return text


WRITERS = {"text": write_text, "json": write_json, "github": write_github}
