"""`jmx-bridge check`: tell all that is wrong with rule files, and what was hardly meant."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ..config import parse_config
from ..config.document import Problems
from ..config.load import load_config, read_text
from ..config.parse import read_document
from ..errors import ConfigError, Problem
from ..jmx import JavaSyntax, start_jvm
from ..manual import see
from ..signals import interrupt, on_signals
from ..workbench.lints import lint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from ..config import Config, Syntax
    from ..settings import Settings

STANDARD_INPUT = "-"
VERSION = 1


class Checked(NamedTuple):
    """What was found in one file."""

    path: str
    config: Config | None
    """None: it can't be used."""
    problems: Sequence[Problem]


def check(settings: Settings) -> int:
    """Check the files that *settings* name; return the exit status."""
    start_jvm(settings.jvm)
    on_signals(interrupt)
    files = settings.rules.check_files or (settings.rules.file or "",)
    root = settings.rules.include_root
    found = [check_file(path, JavaSyntax(), root) for path in files]
    WRITERS[settings.workbench.format](found, sys.stdout)
    if all(good(one, strict=settings.workbench.strict) for one in found):
        return 0
    sys.stderr.write(f"see: {see(ConfigError.heading)}\n")
    return 1


def good(one: Checked, *, strict: bool) -> bool:
    """Whether a file can be used; with *strict*, whether there is nothing to say about it."""
    return one.config is not None and not (strict and one.problems)


def check_file(path: str, syntax: Syntax, root: str | None = None) -> Checked:
    """
    Return what is wrong with a file, and what was hardly meant.

    It may include what is below its own folder, and below *root*.
    """
    try:
        text = sys.stdin.read() if path == STANDARD_INPUT else read_text(path)
        if path == STANDARD_INPUT:
            path = "standard input"
            config = parse_config(
                text, path, syntax=syntax, environ=os.environ, strict=True
            )
            config = replace(config, includes=())
        else:
            config = load_config(
                path, syntax=syntax, environ=os.environ, strict=True, include_root=root
            )
    except ConfigError as exc:
        return Checked(path, None, exc.problems)
    document = read_document(text, Problems(path))
    lints = lint(config, document, text, syntax) if document else []
    problems = [*config.warnings, *lints]
    problems.sort(key=lambda one: (one.file, one.line, one.column))
    return Checked(path, config, problems)


# -- output --------------------------------------------------------------------------------------


def write_text(found: Sequence[Checked], output: TextIO) -> None:
    """Write all that was found for a person."""
    for one in found:
        output.writelines(f"{problem}\n" for problem in one.problems)
        if one.config is not None:
            rules = len(one.config.rules)
            output.write(f"{one.path}: good, {rules} rule{'s' * (rules != 1)}\n")


def write_json(found: Sequence[Checked], output: TextIO) -> None:
    """Write all that was found as one JSON document."""
    files = [
        {
            "file": one.path,
            "usable": one.config is not None,
            "rules": len(one.config.rules) if one.config is not None else None,
            "problems": list(map(_as_dict, one.problems)),
        }
        for one in found
    ]
    json.dump(
        {"version": VERSION, "files": files}, output, ensure_ascii=False, indent=2
    )
    output.write("\n")


def _as_dict(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line or None,
        "column": problem.column or None,
        "level": "warning" if problem.warning else "error",
        "message": problem.message,
        "hint": problem.hint or None,
    }


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
