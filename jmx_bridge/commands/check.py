"""`jmx-bridge check`: tell all that is wrong with rule files, and what was hardly meant."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from ..config import parse_config
from ..config.document import Problems
from ..config.json_schema import rule_file_schema_text
from ..config.load import load_config, read_text
from ..config.parse import read_document
from ..errors import ConfigError
from ..jmx import JavaPatterns, JavaSyntax, start_jvm
from ..manual import see
from ..mapping import Ruleset
from ..signals import interrupt, on_signals
from ..workbench.checked import WRITERS, Checked
from ..workbench.coverage import Coverage, coverage, idle_rules, told
from ..workbench.explain import Explainer
from ..workbench.lints import Finding, lint, rule_nodes, unsilenced
from ..workbench.secrets import Redactor
from ..workbench.survey import survey
from .reading import read_moments

if TYPE_CHECKING:
    from ..config import Config, Syntax
    from ..config.document import Node
    from ..jmx.moment import JvmReading
    from ..settings import Settings

STANDARD_INPUT = "-"


def check(settings: Settings) -> int:
    """Check the files that *settings* name; return the exit status."""
    if settings.workbench.schema:
        sys.stdout.write(rule_file_schema_text())
        return 0
    start_jvm(settings.jvm)
    on_signals(interrupt)
    files = settings.rules.check_files or (settings.rules.file or "",)
    root = settings.rules.include_root
    target = Target(settings) if reads_target(settings) else None
    found = [check_file(path, JavaSyntax(), root, target) for path in files]
    WRITERS[settings.workbench.format](found, sys.stdout)
    if all(good(one, strict=settings.workbench.strict) for one in found):
        return 0
    sys.stderr.write(f"see: {see(ConfigError.heading)}\n")
    return 1


def reads_target(settings: Settings) -> bool:
    """Whether the command line names a JVM or recording to try the rules on."""
    target = settings.target
    named = target.host_port or target.url or target.attach or target.recording
    return bool(named) and not settings.rules.check_only


def good(one: Checked, *, strict: bool) -> bool:
    """Whether a file can be used; with *strict*, whether there is nothing to say about it."""
    return one.config is not None and not (strict and one.problems)


def check_file(
    path: str, syntax: Syntax, root: str | None = None, target: Target | None = None
) -> Checked:
    """
    Return what is wrong with a file, what was hardly meant, and what it makes of *target*.

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
    problems = list(config.warnings)
    problems += lint(config, document, text, syntax) if document else []
    covered = None
    if target:
        covered, idle = target.try_rules(config, document)
        problems += unsilenced(idle, text)
    problems.sort(key=lambda one: (one.file, one.line, one.column))
    return Checked(path, config, problems, covered)


class Target:
    """The JVM or recording that rules are tried on: it is read once for all files."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reading: JvmReading | None = None

    def try_rules(
        self, config: Config, document: Node | None
    ) -> tuple[Coverage, list[Finding]]:
        """
        Return what a file makes of it, and which of the file's own rules match nothing.

        Where flags don't say how it is reached, the first file does. Raises RecordingError
        or TargetError.
        """
        if self._reading is None:
            self._reading = read_moments(self._settings, config)[-1]
        rules = Ruleset(config, JavaPatterns)
        found = survey(self._reading, rules)
        covered = coverage(found, config.rules)
        nodes = rule_nodes(config, document) if document else []
        nodes = [node for node in nodes if not covered.claimed[node.rule.where]]
        lines = found.lines
        explainer = Explainer(lines, rules, JavaPatterns, JavaSyntax().group_count)
        shown = self._settings.workbench.show_secrets
        redactor = Redactor(self._reading.mbeans, off=shown)
        idle = idle_rules([n.rule for n in nodes], lines, explainer, JavaPatterns)
        return covered, [
            Finding("matches-nothing", node.at("pattern"), *told(one, redactor))
            for node, one in zip(nodes, idle, strict=True)
        ]
