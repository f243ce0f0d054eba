"""Turns rules' nodes into configuration, and warns of what can't have been meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..advice import (
    object_name_rewritten,
    pattern_hint,
    reserved_suffixes,
    template_problem,
)
from ..model import TYPE_SUFFIXES
from .emptiness import MOST_PIECES, MOST_WAYS, emptiness
from .fields import flag, known_fields, maybe_text
from .numbers import maybe_number
from .schema import DEFAULT, RULE_KEYS, Config, Naming, RuleConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .document import Node
    from .syntax import Syntax

TYPES = {
    "COUNTER": "COUNTER",
    "GAUGE": "GAUGE",
    "INFO": "INFO",
    "UNKNOWN": "UNKNOWN",
    "UNTYPED": "UNKNOWN",
}
OTHERWISE = "write COUNTER, GAUGE, INFO or UNTYPED"
ENDINGS = {suffix: kind.name for kind, suffix in TYPE_SUFFIXES.items()}
EVERYTHING = {"", ".*", ".+", "(.*)", "(.+)", "^.*$"}
"""Patterns that match everything, so that no later rule is tried."""


def naming_of(config: Config) -> Naming:
    """Return how a file's rules write names and types."""
    return Naming(
        config.lowercase_output_name,
        config.lowercase_output_label_names,
        config.infer_counter_type_from_name,
    )


class RuleReader:
    """
    Turns the nodes of a file's rules into `RuleConfig`.

    *config* is the file's configuration without its rules. With *strict* an unknown key is
    an error. What is wrong is added to the nodes' problems.
    """

    def __init__(self, syntax: Syntax, config: Config, *, strict: bool) -> None:
        self._syntax = syntax
        self._config = config
        self._strict = strict

    def read(self, node: Node | None) -> tuple[RuleConfig, ...]:
        """Return the rules of a list; without a list one that matches everything."""
        if node is None:
            return (self._default(),)
        items = node.items()
        if node.value == ():
            node.warn(
                "an empty list exports nothing", "remove the key for default names"
            )
        rules = tuple(map(self._rule, items))
        for index, rule in enumerate(rules[:-1]):
            default = rule.pattern is None and rule.name is None
            if default or rule.pattern in EVERYTHING:
                items[index + 1].warn(
                    f"never reached, since rules[{index}] matches everything",
                    f"move rules[{index}] to the end, or give it a narrower pattern",
                )
                break
        return rules

    def _default(self) -> RuleConfig:
        file = self._config.file or ""
        return replace(DEFAULT.rules[0], naming=naming_of(self._config), file=file)

    def _rule(self, node: Node) -> RuleConfig:
        fields = known_fields(node, RULE_KEYS, strict=self._strict)
        labels = tuple(_labels(fields["labels"])) if "labels" in fields else ()
        kind = _type(fields.get("type"))
        rule = RuleConfig(
            pattern=_coerced(fields.get("pattern")),
            name=maybe_text(fields.get("name")),
            value="1" if kind == "INFO" else _coerced(fields.get("value")),
            value_factor=1.0 if kind == "INFO" else _factor(fields.get("valueFactor")),
            labels=tuple(sorted(labels, key=_java_order)),
            help=maybe_text(fields.get("help")),
            cache=flag(fields, "cache"),
            type=kind,
            attr_name_snake_case=flag(fields, "attrNameSnakeCase"),
            naming=naming_of(self._config),
            line=node.place.line,
            file=node.problems.file,
        )
        _check_keys(fields, rule)
        if rule.pattern is not None and self._pattern(fields["pattern"], rule.pattern):
            self._check_templates(fields, rule.pattern)
        _check_suffix(fields.get("name"), rule, self._config)
        return rule

    def _pattern(self, node: Node, pattern: str) -> bool:
        problem = self._syntax.pattern_problem(pattern)
        if problem is None:
            _check_ways(node, pattern)
            rewritten = object_name_rewritten(pattern)
            if rewritten:
                node.warn(
                    "can't match: it is an ObjectName, not the text that rules see",
                    f"write {rewritten} and then the attribute",
                )
            return True
        text, units = problem
        message = f"bad pattern: {text[:1].lower()}{text[1:]}"
        if text.startswith("Unmatched closing"):
            # Java points at the character before the parenthesis.
            units += 1
        if units < 0:
            node.error(message, pattern_hint(text))
            return False
        # Java counts UTF-16 units.
        before = pattern.encode("utf-16-le", "surrogatepass")[: 2 * units]
        index = len(before.decode("utf-16-le", "ignore"))
        message += f" at column {index + 1} of the pattern"
        node.error(message, pattern_hint(text), place=node.place_of(index))
        return False

    def _check_templates(self, fields: Mapping[str, Node], pattern: str) -> None:
        groups = self._syntax.group_count(pattern)
        templates = [
            (fields[key], str(fields[key].value), fields[key].place)
            for key in ("name", "value", "help")
            if key in fields
        ]
        if "labels" in fields:
            for label, child in fields["labels"].named():
                templates.append((child, label, child.key_place))
                templates.append((child, str(child.value), child.place))
        for node, template, place in templates:
            problem = template_problem(template, pattern, groups)
            if problem:
                count = f"{groups} group{'s' * (groups != 1)}"
                node.warn(
                    f"{problem}, so that samples of this rule are dropped",
                    f"it has {count}; write \\$ for a dollar sign, \\\\ for a backslash",
                    place=place,
                )


def _check_ways(node: Node, pattern: str) -> None:
    """A match would try all ways, and never look at the text, which is what bounds it."""
    try:
        ways, pieces = emptiness(pattern)
    except RecursionError:
        node.error("groups are nested too deeply")
        return
    hint = "take out alternatives that are empty, and ? or * behind what may be empty"
    if ways > MOST_WAYS:
        node.error(
            f"has {ways:,} ways of matching nothing at one place, where {MOST_WAYS} may be",
            hint,
        )
    elif pieces > MOST_PIECES:
        node.error(
            f"tries {pieces:,} pieces at one place without looking at the text, where {MOST_PIECES:,} may be",
            "take out what matches nothing, such as empty groups, and quantifiers behind it",
        )


def _coerced(node: Node | None) -> str | None:
    if node is None:
        return None
    if node.value is None:
        node.warn('nothing here means the text "null"', "remove the key, or fill it")
    return node.coerced()


def _factor(node: Node | None) -> float:
    if node is None:
        return 1.0
    text = node.coerced()
    if text is None:
        return 1.0
    factor = maybe_number(text)
    if factor is None:
        node.error(f"must be a number (found {node.found()})")
        return 1.0
    return factor


def _type(node: Node | None) -> str:
    if node is None:
        return "UNKNOWN"
    text = None if node.value is None else node.text()
    if text is None and node.value is not None:
        return "UNKNOWN"
    if text not in TYPES:
        upper = (text or "").upper()
        hint = f"write {upper}" if upper in TYPES else OTHERWISE
        node.warn(f"not a type, so the metric is untyped (found {node.found()})", hint)
    return TYPES.get(text or "", "UNKNOWN")


def _labels(node: Node) -> Iterator[tuple[str, str]]:
    for name, child in node.named():
        if child.value is None:
            child.warn(
                "a label without a value is never added", "remove it, or fill it"
            )
        yield name, maybe_text(child) or ""


def _java_order(label: tuple[str, str]) -> bytes:
    # String.compareTo compares UTF-16 units.
    return label[0].encode("utf-16-be", "surrogatepass")


def _check_keys(fields: Mapping[str, Node], rule: RuleConfig) -> None:
    for key in ("labels", "help"):
        given = key in fields and (key == "labels" or fields[key].value is not None)
        if given and rule.name is None:
            hint = "default names can't have them; add a name"
            fields[key].error("needs a name in the same rule", hint)
    for key in ("name", "value"):
        if key in fields and fields[key].value is not None and "pattern" not in fields:
            hint = 'add pattern: ".*" to match everything'
            fields[key].error("needs a pattern in the same rule", hint)


def _check_suffix(node: Node | None, rule: RuleConfig, config: Config) -> None:
    """Warn of endings that samples lose; the one of the rule's own type comes back."""
    if node is None or rule.name is None:
        return
    lower = config.lowercase_output_name
    cut = reserved_suffixes(rule.name.lower() if lower else rule.name)
    inferred = config.infer_counter_type_from_name and rule.type != "INFO"
    kept = ""
    if cut and (ENDINGS.get(cut[0]) == rule.type or (inferred and cut[0] == "_total")):
        kept = cut.pop(0)
    if not cut:
        return
    lost = "".join(reversed(cut))
    kind = "" if kept else ENDINGS.get(lost, "")
    reason = "since a name can't end in it"
    if kept:
        reason += f', nor before "{kept}"'
    elif kind:
        reason = f"since the rule's type is not {kind}"
    hint = f"add type: {kind}, or choose" if kind else "choose"
    node.warn(f'"{lost}" is cut off, {reason}', f"{hint} another ending")
