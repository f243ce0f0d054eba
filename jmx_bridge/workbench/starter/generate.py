"""A rule file to start from: written from two readings of a JVM, and tried on the last one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...config.load import parse_config
from ...jmx.scopes import JVM_DOMAINS, matches
from ...mapping import Ruleset
from ...model import LeafKind
from ...observe import OWN_NAMES
from ..survey import survey
from .kinds import kinds_of
from .plan import Plan
from .rules import rules_of
from .text import file_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ...config import Syntax
    from ...jmx.moment import JvmReading
    from ...mapping.rule import Compile
    from ..lines import Line
    from ..secrets import Redactor
    from .kinds import Key, Kind

FILE = "the generated file"
NOBODYS = frozenset({*JVM_DOMAINS, "JMImplementation"})
"""Domains that are left out unless they are asked for."""
CONFLICT = "_objectname"


@dataclass(frozen=True, slots=True)
class Java:
    """What generating needs of Java."""

    compile: Compile
    syntax: Syntax


@dataclass(frozen=True, slots=True)
class Starter:
    """A rule file that was written and tried."""

    text: str
    rules: int
    numbers: int
    """How many numeric values the MBeans have that were asked for."""
    mbeans: int
    wrong: Sequence[tuple[Line, str]]
    """Values that are not served exactly once, each with what is wrong."""


def generate(
    readings: Sequence[JvmReading],
    asked: Sequence[str],
    java: Java,
    redactor: Redactor,
    head: Sequence[str] = (),
) -> Starter:
    """
    Write rules for the MBeans that ObjectName patterns in *asked* find, and try them.

    Without patterns it is all MBeans but the platform's. *head* begins the file's comment.
    """

    def wanted(name: str) -> bool:
        if not asked:
            return name.partition(":")[0] not in NOBODYS
        return any(matches(pattern, name) for pattern in asked)

    def is_secret(text: str) -> bool:
        return redactor.text(text) != text

    served, taken = _served_anyway(readings[-1], java)
    kinds = kinds_of(readings, wanted, served=served, is_secret=is_secret)
    plan = Plan(taken)
    # Those with the fewest properties get the shortest names.
    kinds.sort(key=lambda one: (len(one.keys), one.domain, one.type))
    sections = [(one, rules_of(one, plan.of(one), is_secret)) for one in kinds]
    sections.sort(key=lambda one: (one[0].domain, one[0].type, len(one[0].keys)))
    ordered = [kind for kind, _ in sections]
    includes = list(asked) or _includes(ordered, is_secret)
    mbeans = sum(wanted(mbean.name) for mbean in readings[-1].mbeans)
    if not kinds:
        return Starter("", 0, 0, mbeans, ())
    text = file_text(head, includes, sections, redactor.text)
    numbers, wrong = _tried(text, readings[-1], wanted, java, served)
    return Starter(
        text=text,
        rules=sum(len(rules) for _, rules in sections),
        numbers=numbers,
        mbeans=mbeans,
        wrong=wrong,
    )


def _includes(kinds: Sequence[Kind], is_secret: Callable[[str], bool]) -> list[str]:
    """Return ObjectName patterns that find all MBeans of some kinds."""
    found: dict[str, None] = {}
    for kind in kinds:
        rest = f"{kind.type_key}={_safe(kind.type)},*" if kind.type_key else "*"
        if is_secret(kind.type):
            rest = "*"
        found[f"{_safe(kind.domain)}:{rest}"] = None
    return [
        one
        for one in found
        if one.endswith(":*") or f"{one.partition(':')[0]}:*" not in found
    ]


def _safe(text: str) -> str:
    """Return a text of an ObjectName in characters that a file can hold."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _served_anyway(reading: JvmReading, java: Java) -> tuple[set[Key], set[str]]:
    """Return the values that are jvm_* metrics without any rule, and names that are taken."""
    config = parse_config("rules: []", FILE, syntax=java.syntax, environ={})
    platform = [
        one for one in reading.mbeans if one.name.partition(":")[0] in JVM_DOMAINS
    ]
    rules = Ruleset(config, java.compile)
    found = survey(replace(reading, mbeans=platform), rules)
    keys: set[Key] = {
        (line.mbean, line.leaf.path, line.leaf.name, line.leaf.row)
        for line in found.lines
        if line.samples and line.leaf
    }
    return keys, {*OWN_NAMES, *(family.name for family in found.jvm)}


def _tried(
    text: str,
    reading: JvmReading,
    wanted: Callable[[str], bool],
    java: Java,
    served: set[Key],
) -> tuple[int, list[tuple[Line, str]]]:
    """Return how many numbers the wanted MBeans have, and those that aren't served exactly once."""
    config = parse_config(text, FILE, syntax=java.syntax, environ={}, strict=True)
    lines = [
        line
        for line in survey(reading, Ruleset(config, java.compile)).lines
        if line.leaf
        and line.leaf.kind in {LeafKind.NUMBER, LeafKind.BOOLEAN}
        and wanted(line.mbean)
    ]
    return len(lines), list(_wrong(lines, served))


def _wrong(lines: Sequence[Line], served: set[Key]) -> Iterator[tuple[Line, str]]:
    for line in lines:
        leaf = line.leaf
        assert leaf  # noqa: S101 -- they were chosen so
        by_rules = [one for one in line.samples if one.rule]
        anyway = (line.mbean, leaf.path, leaf.name, leaf.row) in served
        if anyway and line.samples and not by_rules:
            continue
        if len(by_rules) != 1 or anyway:
            why = f"{line.fate}: {line.why}" if not by_rules else "served twice"
            yield line, why
        elif CONFLICT in dict(by_rules[0].labels):
            yield line, f"{by_rules[0].name} is served with {CONFLICT}"
