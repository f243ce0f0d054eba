"""How a rule turned a line into a sample: groups, templates, names, type, value, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..config.numbers import maybe_number
from ..mapping import snake_case
from ..mapping.naming import base_name, safe_name
from ..mapping.rule import CACHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..config import RuleConfig
    from ..mapping.rule import Compile
    from .lines import Line, Served

    CountGroups = Callable[[str], int]


ARROW = " → "
"""Between the stages of a step."""


class Step(NamedTuple):
    """One step on the way from a line to a sample."""

    what: str
    """What is made: "group", "name", "label host", "type", "value" and so on."""
    text: str
    """What it is made of, each stage after an arrow."""


def seen_by(line: Line, rule: RuleConfig) -> str:
    """Return the line as a rule sees it: with its attribute in snake case, or without its value."""
    subject, text = line.subject, line.text or ""
    if rule.attr_name_snake_case and line.leaf:
        name = line.leaf.name
        subject = subject.removesuffix(name) + snake_case(name)
    return f"{subject}: {CACHED if rule.cache else text}"


def derivation(
    line: Line,
    sample: Served,
    rule: RuleConfig,
    compile_patterns: Compile,
    count_groups: CountGroups,
) -> list[Step]:
    """Return the steps by which *rule* made *sample* of *line*."""
    expand = _expander(line, rule, compile_patterns, count_groups)
    seen = seen_by(line, rule)
    steps = [] if seen == line.full else [Step("seen as", seen)]
    steps += _groups(rule, expand, count_groups)
    steps += _name(rule, sample, expand)
    steps += _labels(rule, sample, expand)
    steps.append(Step("type", _type(rule, sample)))
    steps.append(Step("value", _value(line, rule, sample, expand)))
    return steps


def _expander(
    line: Line,
    rule: RuleConfig,
    compile_patterns: Compile,
    count_groups: CountGroups,
) -> Callable[[str], str]:
    """Return what expands any of the rule's templates, and its groups as "$1"."""
    if rule.pattern is None:
        return lambda template: template
    groups = [f"${i + 1}" for i in range(count_groups(rule.pattern))]
    labels = [text for pair in rule.labels for text in pair]
    texts = [rule.name, rule.value, rule.help, *labels, *groups]
    templates = [text for text in dict.fromkeys(texts) if text]
    matcher = compile_patterns([(rule.pattern, templates)])
    (answer,) = matcher.match([seen_by(line, rule)], [[(0, 0)]])
    expanded = dict(zip(templates, answer.expansions, strict=False))
    return lambda template: expanded.get(template, template)


def _groups(
    rule: RuleConfig, expand: Callable[[str], str], count_groups: CountGroups
) -> Iterator[Step]:
    for number in range(count_groups(rule.pattern) if rule.pattern else 0):
        yield Step(f"${number + 1}", expand(f"${number + 1}"))


def _name(
    rule: RuleConfig, sample: Served, expand: Callable[[str], str]
) -> Iterator[Step]:
    if rule.name is None:
        yield Step("name", f"the rule gives none: made of the MBean's → {sample.name}")
        return
    stages = [rule.name, expand(rule.name)]
    stages.append(safe_name(stages[-1]))
    if rule.naming.lowercase_names:
        stages.append(stages[-1].lower())
    stages += [base_name(stages[-1]), sample.name]
    yield Step("name", arrows(stages))


def _labels(
    rule: RuleConfig, sample: Served, expand: Callable[[str], str]
) -> Iterator[Step]:
    told = set()
    for name, value in rule.labels if rule.name is not None else ():
        label = safe_name(expand(name))
        label = label.lower() if rule.naming.lowercase_labels else label
        filled = expand(value)
        left_out = "" if label and filled else " (left out: empty)"
        told.add(label)
        yield Step(f"label {label or name}", arrows([value, filled]) + left_out)
    for label, value in sample.labels:
        if label not in told:
            yield Step(f"label {label}", f"{value} ({_origin(label, rule)})")


def _origin(label: str, rule: RuleConfig) -> str:
    if label == "_objectname":
        return "tells it from another value with the same name and labels"
    return "a property of the ObjectName" if rule.name is None else "a customizer's"


def _type(rule: RuleConfig, sample: Served) -> str:
    suffix = sample.type.suffix
    behind = f', so its name ends with "{suffix}"' if suffix else ""
    if rule.naming.infer_counters and suffix == "_total" and rule.type != "COUNTER":
        return f"counter, by inferCounterTypeFromName{behind}"
    if str(sample.type) != rule.type.lower():
        return f"{rule.type} → {sample.type}: series of one family have different types"
    return f"{sample.type}{behind}"


def _value(
    line: Line, rule: RuleConfig, sample: Served, expand: Callable[[str], str]
) -> str:
    factor = rule.value_factor
    if rule.value:
        stages = [rule.value, expand(rule.value)]
        number = maybe_number(stages[-1])
    else:
        stages, number = [line.text or ""], None
    if factor != 1.0 and (rule.value or line.text not in {"true", "false"}):
        stages.append(f"{stages[-1]} * {factor:g}")
    final = repr(sample.value)
    if number != sample.value and stages[-1] != final:
        stages.append(final)
    return arrows(stages)


def arrows(stages: Sequence[str]) -> str:
    """Join stages with arrows, each once while it stays the same."""
    kept: list[str] = []
    for stage in stages:
        if not kept or kept[-1] != stage:
            kept.append(stage)
    return ARROW.join(kept)
