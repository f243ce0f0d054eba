"""What of a reading rules make samples of: series of each metric, and rules that match nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..mapping.prefilter import read_pattern
from .derive import seen_by
from .explained import line_seen
from .lines import Fate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..config import RuleConfig
    from ..mapping.rule import Compile
    from .explain import Explainer, Tried
    from .lines import Line
    from .secrets import Redactor
    from .survey import Survey

HIDDEN = frozenset(
    {
        Fate.EXCLUDED,
        Fate.EMPTY,
        Fate.UNSUPPORTED,
        Fate.UNREADABLE,
        Fate.NEVER_READ,
    }
)
"""What becomes of values that rules never see."""


class Metric(NamedTuple):
    """A metric that rules made."""

    name: str
    """As its samples are called, with the suffix of its type."""
    type: str
    series: int
    rules: tuple[str, ...]
    """Where the rules stand that made them, sorted."""


class Idle(NamedTuple):
    """A rule that claims no value of the reading."""

    rule: RuleConfig
    matched: Line | None
    """A line that its pattern matches and that it doesn't get; None: it matches none."""
    nearest: Tried | None
    """Where its pattern stops on the line that is nearest to it; None: none is near."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a file's rules make of one reading."""

    metrics: Sequence[Metric]
    """The largest first."""
    built_in: int
    """Samples of the jvm_* and process_* families that are served besides."""
    claimed: Counter[str]
    """By a rule's place, how many values it claims; what is claimed may be dropped all the same."""
    rules: Sequence[RuleConfig]
    """All rules, those of included files, too."""

    @property
    def samples(self) -> int:
        """How many samples the rules made."""
        return sum(metric.series for metric in self.metrics)

    @property
    def idle(self) -> list[RuleConfig]:
        """The rules that claim no value."""
        return [rule for rule in self.rules if not self.claimed[rule.where]]


def coverage(found: Survey, rules: Sequence[RuleConfig]) -> Coverage:
    """Return what *rules* made of a reading, counted."""
    claimed = Counter(line.rule for line in found.lines if line.rule)
    series: Counter[tuple[str, str]] = Counter()
    makers: dict[tuple[str, str], set[str]] = {}
    for one in (sample for line in found.lines for sample in line.samples):
        if not one.rule:
            continue
        key = (one.name, str(one.type))
        series[key] += 1
        makers.setdefault(key, set()).add(one.rule)
    metrics = [
        Metric(*key, number, tuple(sorted(makers[key])))
        for key, number in sorted(series.items(), key=lambda one: (-one[1], one[0]))
    ]
    built_in = sum(len(family.samples) for family in found.jvm)
    return Coverage(metrics, built_in, claimed, rules)


def idle_rules(
    rules: Iterable[RuleConfig],
    lines: Sequence[Line],
    explainer: Explainer,
    compile_patterns: Compile,
) -> list[Idle]:
    """Return for rules that claim no value of *lines* what is nearest to each, in their order."""
    visible = [line for line in lines if line.text is not None]
    # What rules see comes first.
    visible.sort(key=lambda line: line.fate in HIDDEN)
    found = []
    for rule in rules:
        matched = _first_match(rule, visible, compile_patterns)
        nearest = None if matched else explainer.nearest(rule)
        found.append(Idle(rule, matched, nearest))
    return found


def _first_match(
    rule: RuleConfig, lines: Sequence[Line], compile_patterns: Compile
) -> Line | None:
    """Return the first line that a rule's pattern matches; None if it matches none."""
    if rule.pattern is None:
        return lines[0] if lines else None
    required = read_pattern(rule.pattern).required
    some = [(seen_by(line, rule), line) for line in lines]
    some = [one for one in some if all(text in one[0] for text in required)]
    matcher = compile_patterns([(rule.pattern, ())])
    question = [(index, 0) for index in range(len(some))]
    (answer,) = matcher.match([text for text, _ in some], [question])
    if answer.candidate < 0 or answer.undecided:
        return None
    return some[answer.candidate][1]


def told(idle: Idle, redactor: Redactor) -> tuple[str, str]:
    """Return in words why a rule claims no value, and what would help; "" for no help."""
    if idle.matched:
        line = redactor.text(idle.matched.subject)
        if idle.matched.fate in HIDDEN:
            why = idle.matched.why or str(idle.matched.fate)
            return "matches only what rules don't see", f"such as {line}: {why}"
        if idle.matched.rule:
            message = f"gets nothing: {idle.matched.rule} takes what it matches first"
            return message, f"move it before that one, which takes {line}"
        return "matches only text, and gives it no value", f"add value; it is {line}"
    if idle.nearest is None:
        return "matches nothing in this JVM, and nothing there is like it", ""
    return "matches nothing in this JVM", _way_out(idle.nearest, redactor)


def _way_out(nearest: Tried, redactor: Redactor) -> str:
    line = line_seen(nearest, redactor)
    if nearest.remedy:
        return f"write {nearest.remedy.pattern} ({nearest.remedy.what}) for {line}"
    at = nearest.miss.pattern_at if nearest.miss else 0
    rest = nearest.pattern[at:]
    return f"the nearest line is {line}, where {rest!r} of the pattern is not found"
