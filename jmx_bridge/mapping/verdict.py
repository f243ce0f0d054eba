"""What a rule that matched makes of a value: a series' name, type, labels and value."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ..config.numbers import maybe_number
from ..model import Labels, MetricType
from .naming import base_name, safe_name, safe_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..config import RuleConfig
    from .subject import BeanName

# How many lists of labels are remembered: those of an MBean's values come one after the other.
SHARED = 128
TYPES = {
    "COUNTER": MetricType.COUNTER,
    "GAUGE": MetricType.GAUGE,
    "INFO": MetricType.INFO,
}


UNDECIDED = frozenset({"pattern_steps", "pattern_stack", "pattern_rests", "text_limit"})
"""Reasons for which it isn't known whether a rule claims a value."""


class Drop(NamedTuple):
    """A value that a rule claimed and that is not served."""

    reason: str
    """
    "bad_template": a template refers to a group that the pattern doesn't have.
    "duplicate_label": two labels have the same name once both are legal.
    "pattern_steps": its pattern would have taken too many steps.
    "pattern_stack": its pattern would have recursed too deeply.
    "pattern_rests": its pattern took too many steps before, and is not tried any more.
    "text_limit": there was no room for its text, so it isn't known which rule claims it.
    "conflict": its name is one of the bridge's own.
    "": the rule leaves it out on purpose, by an empty name or a value that is no number.
    """
    family: str = ""
    """The family that it would have been, if that is the reason."""


class Claim(NamedTuple):
    """What the first matching rule makes of a value."""

    family: str
    """The metric's base name, without a suffix that its type adds."""
    type: MetricType
    labels: Labels
    help: str | None
    """None: the default help."""
    value: float | None
    """The rule's own value, its factor applied; None: the MBean's."""
    factor: float
    """What the MBean's number is multiplied by."""
    rule: int
    """The index of the rule in its `Ruleset`, whose `where` names its place."""


Verdict = Claim | Drop


class ValueOrigin(NamedTuple):
    """Where a value was found, as far as its name and labels depend on it."""

    bean: BeanName
    """With a table row's index columns among its properties."""
    path: tuple[str, ...]
    """The attribute and the composites around the value; () at the top."""
    attribute: str
    """The name of the attribute or of the composite's key, as the rule spells it."""
    extra: tuple[tuple[str, str], ...]
    """Labels that a metric customizer adds, as (name, value) pairs."""


class DefaultNames:
    """The names of metrics whose rules give none, each worked out once."""

    def __init__(self) -> None:
        # (domain, first property's value, path, attribute, lower case) -> legal name
        self._names: dict[tuple[str, str | None, tuple[str, ...], str, bool], str] = {}

    def name(self, origin: ValueOrigin, *, lower: bool) -> str:
        """Return a legal name made of domain, first property, path and attribute."""
        properties = origin.bean.properties
        first = properties[0][1] if properties else None
        key = (origin.bean.domain, first, origin.path, origin.attribute, lower)
        name = self._names.get(key)
        if name is None:
            begin = (origin.bean.domain,) if first is None else key[:2]
            name = safe_name("_".join((*begin, *origin.path, origin.attribute)))
            name = self._names[key] = name.lower() if lower else name
        return name


def templates(config: RuleConfig) -> tuple[str, ...]:
    """
    Return a rule's templates in the order in which `verdict` takes their expansions.

    First value, name and help, each only if it is used; then each label's name and value.
    """
    optional: tuple[str | None, ...] = (config.value or None, config.name)
    if config.name is not None:
        optional += (config.help,)
    labels = [text for pair in config.labels for text in pair]
    return (*(text for text in optional if text is not None), *labels)


def verdict(
    config: RuleConfig,
    index: int,
    origin: ValueOrigin,
    expansions: Sequence[str],
    names: DefaultNames,
) -> Verdict:
    """
    Return what rule *index* makes of the value at *origin*.

    *expansions* are the texts that its `templates` became, in their order.
    """
    rest = iter(expansions)
    value = None
    if config.value:
        # A rule without a pattern matches nothing that its value could be made of.
        value = maybe_number(next(rest, ""))
        if value is None:
            return Drop("")
        value *= config.value_factor
    if config.name is None:
        name, text = names.name(origin, lower=config.naming.lowercase_names), None
        pairs = [*origin.bean.properties[1:], *origin.extra]
    else:
        name = safe_name(next(rest))
        if config.naming.lowercase_names:
            name = name.lower()
        if not name:
            return Drop("")
        text = next(rest) if config.help is not None else None
        pairs = [*origin.extra, *_filled(rest)]
    labels = _maybe_unique(tuple(pairs), lower=config.naming.lowercase_labels)
    if labels is None:
        return Drop("duplicate_label")
    kind = _type(config, name)
    return Claim(base_name(name), kind, labels, text, value, config.value_factor, index)


def _filled(rest: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Yield the rule's labels, without those whose name or value is empty."""
    for name in rest:
        value = next(rest)
        if name and value:
            yield name, value


# Series with the same labels share a tuple: 11 of 39 MB that Python keeps for 70,000 series.
@lru_cache(SHARED)
def _maybe_unique(pairs: tuple[tuple[str, str], ...], *, lower: bool) -> Labels | None:
    """Return *pairs* with legal names and values, sorted by name; None when a name comes twice."""
    legal = [(safe_name(name), safe_value(value)) for name, value in pairs]
    if lower:
        legal = [(name.lower(), value) for name, value in legal]
    legal.sort()
    return tuple(legal) if len(dict(legal)) == len(legal) else None


def _type(config: RuleConfig, name: str) -> MetricType:
    if config.naming.infer_counters and name.endswith("_total"):
        return MetricType.COUNTER
    return TYPES.get(config.type, MetricType.UNKNOWN)
