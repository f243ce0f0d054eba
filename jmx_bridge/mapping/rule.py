"""
Rules, ready to run: which ones may claim a value, and what the first one makes of it.

Strategy: every text that some pattern requires (so many times) has a bit. A subject is known
by the bits of the texts it contains; for each set of bits the rules that can match are worked
out once. Most values of most MBeans have none, and no regular expression is ever run for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..config.numbers import maybe_number
from ..model import Labels, MetricType
from .naming import base_name, safe_name
from .sight import VALUE, Sight, read_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..config import Config, RuleConfig
    from .subject import BeanName

TYPES = {
    "COUNTER": MetricType.COUNTER,
    "GAUGE": MetricType.GAUGE,
    "INFO": MetricType.INFO,
}
CACHED = "<cache>"
"""What a rule with `cache: true` sees instead of the value."""
GROUP = re.compile(r"\\.|\$(?:(\d+)|\{(\w+)\})", re.DOTALL)
TERMINATORS = frozenset("\n\r\x85\u2028\u2029")


class PatternMatch(Protocol):
    """What a matcher says: which candidate matched (-1: none), and its expansions."""

    @property
    def candidate(self) -> int: ...  # noqa: D102

    @property
    def bad(self) -> int: ...  # noqa: D102

    @property
    def expansions(self) -> list[str]: ...  # noqa: D102


class Matcher(Protocol):
    """Patterns with templates, compiled by somebody who speaks Java's dialect."""

    def match(
        self, subjects: Sequence[str], questions: Sequence[Sequence[tuple[int, int]]]
    ) -> Sequence[PatternMatch]:
        """Answer each question with its first candidate (subject, pattern) that matches."""


class Drop(NamedTuple):
    """A value that a rule claimed and that is not served; *reason* "" is the user's wish."""

    reason: str
    detail: str = ""


class Claim(NamedTuple):
    """What the first matching rule makes of a value."""

    family: str
    type: MetricType
    labels: Labels
    help: str | None
    """None: the default help."""
    value: float | None
    """The rule's own value, its factor applied; None: the MBean's."""
    factor: float


Verdict = Claim | Drop


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, read once."""

    config: RuleConfig
    pattern: int
    """Its number with the matcher; -1 when it has none."""
    always: bool
    """Claims every subject without line terminators, and expands nothing."""
    sees_value: bool
    """Its verdict on a number may depend on the number's text."""
    needs: int
    """Bits of the texts that must stand left of a number."""
    text_needs: int
    """Bits of the texts that must stand anywhere in a string's subject."""
    name_needs: int
    """Bits of the texts that must stand left of a string."""
    first: str
    """The first required text; "" for none."""


class Place(NamedTuple):
    """Where a value was found, as far as naming depends on it."""

    bean: BeanName
    path: tuple[str, ...]
    attribute: str
    extra: tuple[tuple[str, str], ...]
    """Labels that a metric customizer adds."""


class Ruleset:
    """All rules of a file, and the switches that shape their output."""

    def __init__(
        self,
        config: Config,
        compile_patterns: Callable[[Sequence[tuple[str, Sequence[str]]]], Matcher],
    ) -> None:
        self.config = config
        self._bits: dict[tuple[str, int], int] = {}
        self._patterns: list[tuple[str, Sequence[str]]] = []
        self.rules = tuple(self._rule(rule) for rule in config.rules)
        self._once = [(text, bit) for (text, n), bit in self._bits.items() if n == 1]
        self._often = [(text, n, bit) for (text, n), bit in self._bits.items() if n > 1]
        self.matcher = compile_patterns(self._patterns)
        self.any_sees_value = any(rule.sees_value for rule in self.rules)
        self.any_value = any(rule.config.value for rule in self.rules)
        self.any_snake = any(rule.config.attr_name_snake_case for rule in self.rules)
        self._candidates: dict[tuple[int, int], tuple[int, ...]] = {}
        self._names: dict[tuple[str, str, tuple[str, ...], str, bool], str] = {}

    # -- reading rules ---------------------------------------------------------------

    def _rule(self, config: RuleConfig) -> Rule:
        if config.pattern is None:
            return Rule(config, -1, True, False, 0, 0, 0, "")  # noqa: FBT003
        sight = read_pattern(config.pattern)
        templates = _templates(config)
        self._patterns.append((config.pattern, templates))
        sees = not config.cache and _sees(sight, templates)
        left = [text for text in map(_left, sight.required) if text]
        return Rule(
            config,
            pattern=len(self._patterns) - 1,
            always=sight.always and not templates,
            sees_value=sees,
            needs=self._mask(left if sees or config.cache else sight.required),
            text_needs=self._mask(() if config.cache else sight.required),
            name_needs=self._mask(_left_of_string(sight.required)),
            first="".join(_left_of_string(sight.required)),
        )

    def _mask(self, texts: Sequence[str]) -> int:
        mask = 0
        for text in set(texts):
            # A text that also stands inside longer ones is needed once for each of them.
            times = sum(longer.count(text) for longer in texts)
            mask |= self._bits.setdefault((text, times), 1 << len(self._bits))
        return mask

    # -- which rules may claim ---------------------------------------------------------

    def bits(self, name: str) -> int:
        """Return the bits of the texts that an MBean's *name* contains often enough."""
        mask = 0
        for required, bit in self._once:
            if required in name:
                mask |= bit
        for required, times, bit in self._often:
            if name.count(required) >= times:
                mask |= bit
        return mask

    def tail_bits(self, tail: str) -> int:
        """
        Return the bits of the texts that the rest of a subject contains at all.

        How often a text stands in name and tail together is not known here, so one time
        in the tail has to do.
        """
        mask = 0
        for (required, _), bit in self._bits.items():
            if required in tail:
                mask |= bit
        return mask

    def candidates(self, plain: int, snake: int) -> tuple[int, ...]:
        """
        Return the rules that may claim a number whose name has these bits, in order.

        *snake* are the bits with the attribute in snake case. The last one may be a rule
        that claims all.
        """
        key = (plain, snake)
        found = self._candidates.get(key)
        if found is None:
            found = self._candidates[key] = self._select(
                lambda rule: (
                    rule.needs & ~(snake if rule.config.attr_name_snake_case else plain)
                )
            )
        return found

    def text_candidates(self, plain: int, snake: int) -> tuple[int, ...]:
        """Return the rules that may claim a string whose whole subject has these bits."""
        return self._select(
            lambda rule: (
                rule.text_needs
                & ~(snake if rule.config.attr_name_snake_case else plain)
            )
        )

    def _select(self, missing: Callable[[Rule], int]) -> tuple[int, ...]:
        chosen = []
        for index, rule in enumerate(self.rules):
            if not missing(rule):
                chosen.append(index)
                if rule.always:
                    break
        return tuple(chosen)

    def may_value_string(self, plain: int, snake: int) -> bool:
        """
        Whether some rule could ever give a string with this name a value.

        It looks at the name only: a rule that first has to find its own beginning inside
        the string's text is not waited for.
        """
        return any(
            rule.config.value
            and not rule.name_needs
            & ~(snake if rule.config.attr_name_snake_case else plain)
            for rule in self.rules
        )

    def may_claim_inside(self, bean_text: str) -> bool:
        """Whether some rule could claim a value of this MBean whose path isn't known yet."""
        name = bean_text[:-1]
        return any(_may_stand(rule.first, name) for rule in self.rules)

    # -- what a rule makes of a value ------------------------------------------------------

    def judge(
        self, index: int, place: Place, expansions: Sequence[str], bad: int
    ) -> Verdict:
        """Return what rule *index*, which matched, makes of the value at *place*."""
        config = self.rules[index].config
        if bad:
            return Drop("bad_template", f"rules[{index}]")
        rest = iter(expansions)
        value = None
        if config.value:
            value = maybe_number(next(rest, ""))
            if value is None:
                return Drop("")
            value *= config.value_factor
        if config.name is None:
            return self._default(config, place, value)
        name = safe_name(next(rest))
        if config.naming.lowercase_names:
            name = name.lower()
        if not name:
            return Drop("")
        text = next(rest) if config.help is not None else None
        labels = _labels(place.extra, rest, lower=config.naming.lowercase_labels)
        if labels is None:
            return Drop("duplicate_label", f"rules[{index}]")
        kind = _type(config, name)
        return Claim(base_name(name), kind, labels, text, value, config.value_factor)

    def _default(
        self, config: RuleConfig, place: Place, value: float | None
    ) -> Verdict:
        properties = place.bean.properties
        first = properties[0][1] if properties else ""
        lower = config.naming.lowercase_names
        key = (place.bean.domain, first, place.path, place.attribute, lower)
        name = self._names.get(key)
        if name is None:
            parts = [key[0], *([first] if properties else []), *key[2], key[3]]
            name = safe_name("_".join(parts))
            name = self._names[key] = name.lower() if lower else name
        lower = config.naming.lowercase_labels
        labels = _maybe_unique(
            [
                (_label_name(key, lower=lower), value)
                for key, value in (*properties[1:], *place.extra)
            ]
        )
        if labels is None:
            return Drop("duplicate_label", name)
        kind = _type(config, name)
        return Claim(base_name(name), kind, labels, None, value, config.value_factor)


def _type(config: RuleConfig, name: str) -> MetricType:
    if config.naming.infer_counters and name.endswith("_total"):
        return MetricType.COUNTER
    return TYPES.get(config.type, MetricType.UNKNOWN)


def _label_name(name: str, *, lower: bool) -> str:
    legal = safe_name(name)
    return legal.lower() if lower else legal


def _labels(
    extra: Sequence[tuple[str, str]], rest: Iterator[str], *, lower: bool
) -> Labels | None:
    pairs = [(_label_name(name, lower=lower), value) for name, value in extra]
    for name in rest:
        label, value = _label_name(name, lower=lower), next(rest)
        if label and value:
            pairs.append((label, value))
    return _maybe_unique(pairs)


def _maybe_unique(pairs: list[tuple[str, str]]) -> Labels | None:
    """Return labels sorted by name, or None when a name comes twice."""
    if len(pairs) > 1:
        pairs.sort()
        if len({name for name, _ in pairs}) < len(pairs):
            return None
    return tuple(pairs)


def _templates(config: RuleConfig) -> tuple[str, ...]:
    """Return a rule's templates in the order in which `Ruleset.judge` takes expansions."""
    optional: tuple[str | None, ...] = (config.value or None, config.name)
    if config.name is not None:
        optional += (config.help,)
    labels = [text for pair in config.labels for text in pair]
    return (*(text for text in optional if text is not None), *labels)


def _sees(sight: Sight, templates: Sequence[str]) -> bool:
    if sight.sees_value:
        return True
    for template in templates:
        for match in GROUP.finditer(template):
            if match[1] is None and match[2] is None:
                continue
            group = sight.names.get(match[2], -1) if match[2] else int(match[1])
            # "$12" is group 1 and a "2" where there are fewer groups: look at both.
            numbers = {group} | {
                int(match[1][:i]) for i in range(1, len(match[1] or ""))
            }
            if (
                0 in numbers
                or sight.seeing_groups is None
                or numbers & sight.seeing_groups
            ):
                return True
    return False


def _left(text: str) -> str:
    """Return the part of a required text that can't stand in a number's text, or ""."""
    head, sign, _ = text.partition(": ")
    if sign:
        return head + sign
    return "" if all(char in VALUE for char in text.lstrip(": ")) else text


def _left_of_string(texts: Sequence[str]) -> list[str]:
    """Return the first required text's part that stands left of a string's value."""
    if not texts:
        return []
    head, sign, _ = texts[0].partition(": ")
    return [head + sign]


def _may_stand(text: str, name: str) -> bool:
    """
    Whether *text* may stand in a subject that begins with *name* and goes on somehow.

    Further properties, a path and an attribute may follow. None of them has a "<" behind
    another character, so a text that has one must at least begin inside the name.
    """
    if text in name or "<" not in text[1:]:
        return True
    return any(name.endswith(text[:end]) for end in range(1, len(text)))
