"""
Why a metric is there, or isn't: from the page back to the rule and the line, or on from a line.

A question is a metric's name, a series, a line (real or made up), an ObjectName or a piece of
any. What is found is an `Explanation`, which `explained` writes for a person or a program.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import nsmallest
from typing import TYPE_CHECKING, NamedTuple

from ..advice import nearest
from ..mapping.naming import safe_name
from ..model import Attribute
from .derive import Step, derivation, seen_by
from .lines import Fate, Line
from .listing import is_meant
from .misses import Miss, Remedy, find_miss, find_remedy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..config import RuleConfig
    from ..mapping import Ruleset
    from ..mapping.rule import Compile
    from .lines import Served


SERIES = re.compile(r"([A-Za-z_:][\w:]*)(?:\{(.*)\})?", re.ASCII)
LABEL = re.compile(r'\s*([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)', re.ASCII)
WORD = re.compile(r"[A-Za-z0-9]{3,}")
PART = re.compile(r"[A-Z]?[a-z]{2,}")
"""Of a word such as "activeSessions", which a pattern may have in another way."""
GROUP = re.compile(r"\\(.)|\$(?:\d+|\{\w+\})", re.DOTALL)
# What a person reads; the rest is counted.
MOST_SERIES = 20
MOST_LINES = 5
MOST_NEAR = 5
# Lines in which a rule looks for what it was meant for.
MOST_TRIED = 8


class Derived(NamedTuple):
    """A sample, and how it came to be."""

    sample: Served
    line: Line
    pattern: str
    """Of its rule; "" for none."""
    steps: Sequence[Step]


class Tried(NamedTuple):
    """One rule on one line."""

    rule: str
    pattern: str
    line: str
    """As this rule sees it."""
    matches: bool
    of: Line
    """It as the JVM has it."""
    miss: Miss | None = None
    remedy: Remedy | None = None


class LineTold(NamedTuple):
    """What becomes of a line, and which rules were tried on it."""

    line: Line
    tried: Sequence[Tried]
    """In the order of the rules; those behind the first that matches are not tried by a scrape."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to one question."""

    what: str
    derived: Sequence[Derived] = ()
    lines: Sequence[LineTold] = ()
    near: Sequence[Tried] = ()
    """For a metric that nobody serves: rules that were meant for it, and where they stop."""
    more: int = 0
    """Series and lines that are left out here."""

    @property
    def found(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.derived or self.lines or self.near)


class Explainer:
    """Answers questions about one survey."""

    def __init__(
        self,
        lines: Sequence[Line],
        rules: Ruleset,
        compile_patterns: Compile,
        count_groups: Callable[[str], int],
    ) -> None:
        self._lines = lines
        self._rules = rules.config.rules
        self._compile = compile_patterns
        self._count_groups = count_groups

    def explain(self, what: str) -> Explanation:
        """Return all that is known about *what*."""
        asked = series_asked(what)
        if asked:
            name, labels = asked
            served = [
                (line, one)
                for line in self._lines
                for one in line.samples
                if one.name == name and labels.items() <= dict(one.labels).items()
            ]
            unserved = [line for line in self._lines if line.would_be == name]
            if served or unserved:
                derived = [self._derived(*one) for one in served[:MOST_SERIES]]
                left_out = self._of_lines(what, () if labels and served else unserved)
                more = left_out.more + len(served) - len(derived)
                return replace(left_out, derived=derived, more=more)
        meant = [line for line in self._lines if is_meant(line, what)]
        if not meant and "<" in what:
            meant = [made_up(what)]
        if meant:
            return self._of_lines(what, meant)
        return Explanation(what, near=self._near(what) if asked else ())

    def nearest_name(self, what: str) -> str:
        """Return a hint with the metric whose name is nearest to *what*; "" when none is near."""
        names = {one.name for line in self._lines for one in line.samples}
        return nearest(what.partition("{")[0], names)

    # -- a sample ----------------------------------------------------------------------------

    def _derived(self, line: Line, sample: Served) -> Derived:
        rule = self._maker(line, sample.rule)
        if rule is None:
            return Derived(sample, line, "", ())
        steps = derivation(line, sample, rule, self._compile, self._count_groups)
        return Derived(sample, line, rule.pattern or "", steps)

    def _maker(self, line: Line, place: str) -> RuleConfig | None:
        """Return the rule at *place* that made something of a line; several may stand in one line."""
        rules = [rule for rule in self._rules if place and rule.where == place]
        if len(rules) > 1:
            rules = [rule for rule in rules if self._try(rule, line).matches]
        return rules[0] if rules else None

    # -- a line ------------------------------------------------------------------------------

    def _of_lines(self, what: str, lines: Sequence[Line]) -> Explanation:
        told = [LineTold(line, self._tried(line)) for line in lines[:MOST_LINES]]
        return Explanation(what, lines=told, more=len(lines) - len(told))

    def _tried(self, line: Line) -> list[Tried]:
        """Return how each rule does on a line; only what rules see is tried."""
        if line.fate is Fate.EXCLUDED or line.text is None:
            return []
        return [self._try(rule, line) for rule in self._rules]

    def _try(self, rule: RuleConfig, line: Line) -> Tried:
        seen = seen_by(line, rule)
        if rule.pattern is None:
            return Tried(rule.where, "", seen, matches=True, of=line)
        matcher = self._compile([(rule.pattern, ())])
        (answer,) = matcher.match([seen], [[(0, 0)]])
        if answer.candidate >= 0 and not answer.undecided:
            return Tried(rule.where, rule.pattern, seen, matches=True, of=line)
        miss = find_miss(rule.pattern, seen, self._compile)
        remedy = find_remedy(rule.pattern, seen, self._compile)
        found = Tried(rule.where, rule.pattern, seen, matches=False, of=line)
        return found._replace(miss=miss, remedy=remedy)

    # -- a metric that is not there ------------------------------------------------------------

    @cached_property
    def _words(self) -> list[set[str]]:
        """The words of each line."""
        return [_words(line.subject) for line in self._lines]

    def _near(self, name: str) -> list[Tried]:
        """Return rules that could make a metric of this name, each on the line nearest to it."""
        name = (series_asked(name) or (name, {}))[0]
        rules = [rule for rule in self._rules if rule.pattern and may_name(rule, name)]
        found = [best for rule in rules[:MOST_NEAR] if (best := self.nearest(rule))]
        return sorted(found, key=lambda one: one.remedy is None)

    def nearest(self, rule: RuleConfig) -> Tried | None:
        """
        Return *rule* on the line that shares most words with its pattern.

        Of such lines those come first that have as many key properties as it, and that rules
        see.
        """
        pattern = rule.pattern or ""
        words = _words(pattern)
        properties = pattern.count("=")
        scored = [
            (
                -shared,
                abs(line.subject.count("=") - properties),
                line.fate is Fate.EXCLUDED,
                i,
            )
            for i, (line, of_line) in enumerate(
                zip(self._lines, self._words, strict=True)
            )
            if (shared := len(words & of_line))
        ]
        nearest_first = nsmallest(MOST_TRIED, scored)
        tried = [self._try(rule, self._lines[i]) for *_, i in nearest_first]
        return min(tried, key=_distance, default=None)


def _distance(tried: Tried) -> tuple[bool, bool, int]:
    at = tried.miss.pattern_at if tried.miss else len(tried.pattern)
    return not tried.matches, tried.remedy is None, -at


def _words(text: str) -> set[str]:
    return set(map(str.lower, (*WORD.findall(text), *PART.findall(text))))


def series_asked(what: str) -> tuple[str, dict[str, str]] | None:
    """Return the name and labels of a series as a page writes it; None for anything else."""
    match = SERIES.fullmatch(what.strip())
    if not match:
        return None
    labels, at, text = {}, 0, match[2] or ""
    while at < len(text):
        label = LABEL.match(text, at)
        if not label:
            return None
        labels[label[1]] = re.sub(
            r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), label[2]
        )
        at = label.end()
    return match[1], labels


def may_name(rule: RuleConfig, name: str) -> bool:
    """Whether a rule's name could become *name*, whatever its groups are."""
    if not rule.name:
        return False
    parts, at = [], 0
    for group in GROUP.finditer(rule.name):
        parts.append(rule.name[at : group.start()])
        if group[1] is not None:
            parts[-1] += group[1]
            at = group.end()
            continue
        parts.append("")
        at = group.end()
    parts.append(rule.name[at:])
    pattern = ".*".join(re.escape(safe_name(f"_{part}")[1:]) for part in parts if part)
    begins = "" if rule.name.startswith("$") else "^"
    stem = re.sub(r"_(total|info|created|bucket|count|sum)$", "", name)
    return any(
        re.search(f"{begins}{pattern}", one, re.IGNORECASE) is not None
        for one in (name, stem, f"{stem}_total")
    ) and bool(pattern)


def made_up(what: str) -> Line:
    """Return a line that the JVM doesn't have, as somebody wrote it."""
    subject, sign, text = what.rpartition(": ")
    if not sign:
        subject, text = what, "0"
    name = subject.rpartition(">")[2]
    return Line(
        mbean="",
        attribute=Attribute(name, "", None),
        leaf=None,
        subject=subject,
        text=text,
        fate=Fate.UNMATCHED,
        why="this JVM has no such value",
    )
