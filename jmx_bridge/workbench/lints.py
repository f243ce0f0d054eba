"""
What in a rule file is allowed and was hardly meant, found without any JVM.

Each finding has a stable name. A comment `# lint: off NAME` (or more names, with commas) on the
line of the finding or the one above it silences that.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from ..errors import Problem
from ..mapping.prefilter import read_pattern
from ..mapping.stress import maybe_stress_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..config import Config, RuleConfig, Syntax
    from ..config.document import Node, Place

SILENCED = re.compile(r"#\s*lint:\s*off\s+([\w, -]+)")
TIGHT_COMMA = re.compile(r"(?<!\[\^),(?=[A-Za-z][\w-]*=)")
ENDS = re.compile(r">(\w+)\$$")
OPEN_END = re.compile(r"<[^<>]*>([A-Za-z]\w*)$")
DOMAIN = re.compile(r"\^?((?:\w|\\\.|\.|-)+)<")
RESERVED = {
    "le": "belongs to histograms",
    "quantile": "belongs to summaries",
    "job": "is the target's own, so that Prometheus renames it to exported_job",
    "instance": "is the target's own, so that Prometheus renames it to exported_instance",
}
"""Labels that mean something to Prometheus, and what."""
UNITS = {
    **dict.fromkeys(("ms", "millis", "milliseconds", "msec"), ("seconds", "0.001")),
    **dict.fromkeys(("us", "micros", "microseconds"), ("seconds", "1e-6")),
    **dict.fromkeys(("ns", "nanos", "nanoseconds"), ("seconds", "1e-9")),
    "minutes": ("seconds", "60"),
    "hours": ("seconds", "3600"),
    "days": ("seconds", "86400"),
    **dict.fromkeys(("kb", "kilobytes"), ("bytes", "1024")),
    **dict.fromkeys(("mb", "megabytes"), ("bytes", "1048576")),
    **dict.fromkeys(("gb", "gigabytes"), ("bytes", "1073741824")),
    **dict.fromkeys(("percent", "pct"), ("ratio", "0.01")),
}
"""Ends of names that Prometheus' conventions write in base units, and the factor to them."""


class Finding(NamedTuple):
    """Something that was hardly meant."""

    lint: str
    """Its stable name."""
    node: Node
    """Where it stands."""
    message: str
    hint: str

    def problem(self) -> Problem:
        """Return it as a warning about its place."""
        place: Place = self.node.place
        message = f"{self.node.path}: {self.message} [{self.lint}]"
        return Problem(
            self.node.problems.file, *place, message, self.hint, warning=True
        )


class RuleNode(NamedTuple):
    """A rule, and the map that it was read from."""

    rule: RuleConfig
    node: Node

    def at(self, key: str) -> Node:
        """Return the node of a key, or the rule's own where it has none."""
        found = self.node.value.get(key) if isinstance(self.node.value, dict) else None
        return found or self.node

    @property
    def pattern(self) -> str:
        """The rule's pattern; "" for none."""
        return self.rule.pattern or ""


def lint(config: Config, root: Node, text: str, syntax: Syntax) -> list[Problem]:
    """
    Return what was hardly meant in one file, whose document is *root* and whose text is *text*.

    *config* is what it was read as.
    """
    fields = root.value if isinstance(root.value, dict) else {}
    rules = rule_nodes(config, root)
    found = [
        *(one for rule in rules for one in _of_rule(rule, config, syntax)),
        *_between(rules),
        *_of_file(config, fields),
    ]
    return unsilenced(found, text)


def rule_nodes(config: Config, root: Node) -> list[RuleNode]:
    """Return the rules that stand in the file itself, whose document is *root*."""
    fields = root.value if isinstance(root.value, dict) else {}
    items = fields["rules"].value if "rules" in fields else ()
    own = [rule for rule in config.rules if rule.file == config.file]
    # Each item became a rule, in order.
    return list(map(RuleNode, own, items if isinstance(items, tuple) else ()))


def unsilenced(found: Iterable[Finding], text: str) -> list[Problem]:
    """Return findings as warnings, without those that comments in *text* silence."""
    silenced = silent_lines(text)
    return [
        one.problem()
        for one in sorted(found, key=lambda one: one.node.place)
        if one.lint not in silenced.get(one.node.place.line, ())
    ]


def silent_lines(text: str) -> dict[int, set[str]]:
    """Return by line which lints a comment on it or right above it silences."""
    silenced: dict[int, set[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := SILENCED.search(line):
            names = {name.strip() for name in match[1].split(",")}
            for place in (number, number + 1):
                silenced.setdefault(place, set()).update(names)
    return silenced


# -- one rule --------------------------------------------------------------------------------


def _of_rule(one: RuleNode, config: Config, syntax: Syntax) -> Iterator[Finding]:
    if one.pattern:
        yield from _of_pattern(one, config, syntax)
    yield from _of_names(one)


def _of_pattern(one: RuleNode, config: Config, syntax: Syntax) -> Iterator[Finding]:
    pattern, node = one.pattern, one.at("pattern")
    if TIGHT_COMMA.search(pattern) and "<" in pattern:
        spaced = TIGHT_COMMA.sub(", ", pattern)
        yield Finding(
            "no-blank-after-comma",
            node,
            "can't match: in a line there is a blank behind each comma",
            f"write {spaced}",
        )
    if match := ENDS.search(pattern):
        yield Finding(
            "ends-before-value",
            node,
            f"can't match: a line goes on behind {match[1]} with a colon, a blank and the value",
            f'write "{pattern[:-1]}:"',
        )
    elif match := OPEN_END.search(pattern):
        yield Finding(
            "open-end",
            node,
            f"matches every attribute that begins with {match[1]}",
            f'write "{pattern}:" for this one alone',
        )
    domain = DOMAIN.match(pattern)
    if domain and not _admitted(domain[1].replace("\\", ""), config):
        yield Finding(
            "excluded-mbeans",
            node,
            f"matches nothing: includeObjectNames has no MBean of {domain[1]}",
            f'add "{domain[1]}:*" or a narrower pattern to includeObjectNames',
        )
    stress = maybe_stress_text(pattern)
    if stress and syntax.gives_up(pattern, stress):
        yield Finding(
            "backtracks",
            node,
            "takes more steps than allowed on some texts of "
            f"{len(stress)} characters, whose values are then dropped",
            "let groups stop at what separates them, as [^,]+ does",
        )


def _admitted(domain: str, config: Config) -> bool:
    """Whether rules may see some MBean of a domain; one written without "^" may be the end of it."""
    if config.include_object_names is None:
        return True
    globs = (name.partition(":")[0] for name in config.include_object_names)
    return any(fnmatchcase(domain, glob) or glob.endswith(domain) for glob in globs)


def _of_names(one: RuleNode) -> Iterator[Finding]:
    rule, name = one.rule, one.rule.name or ""
    for label, _ in rule.labels:
        lost = "is Prometheus' own, which loses it" if label.startswith("__") else ""
        if why := RESERVED.get(label, lost):
            yield Finding(
                "reserved-label",
                one.at("labels"),
                f"the label {label!r} {why}",
                "choose another name",
            )
    if (
        rule.type == "COUNTER"
        and name
        and not name.endswith(("_total", "}"))
        and not re.search(r"\$\d+$", name)
    ):
        yield Finding(
            "counter-without-total",
            one.at("name"),
            f"a counter is served as {name}_total",
            f"write {name}_total, as dashboards have to",
        )
    stem = name.removesuffix("_total")
    unit = stem.rpartition("_")[2]
    if unit in UNITS and unit != stem:
        base, factor = UNITS[unit]
        total = "_total" if name.endswith("_total") else ""
        better = f"{stem.removesuffix(unit)}{base}{total}"
        yield Finding(
            "unit",
            one.at("name"),
            f"Prometheus' conventions have no {unit}, but {base}",
            f"write name: {better} and valueFactor: {factor}",
        )


# -- several rules -----------------------------------------------------------------------------


def _between(rules: Sequence[RuleNode]) -> Iterator[Finding]:
    yield from _hidden(rules)
    named: dict[str, RuleNode] = {}
    for one in rules:
        name = one.rule.name
        if not name or "$" in name:
            continue
        first = named.setdefault(name, one)
        if first.rule.type != one.rule.type:
            yield Finding(
                "two-types",
                one.at("type") if one.rule.type != "UNKNOWN" else one.at("name"),
                f"{name} is {one.rule.type} here and {first.rule.type} in line "
                f"{first.rule.line}, so that it is served without a type",
                "give both the same type",
            )
        labels, others = ({n for n, _ in o.rule.labels} for o in (one, first))
        if labels != others:
            yield Finding(
                "two-label-sets",
                one.at("labels"),
                f"{name} has other labels than in line {first.rule.line}, "
                "so that sums count some things twice",
                "give it another name, or the same labels",
            )


def _hidden(rules: Sequence[RuleNode]) -> Iterator[Finding]:
    """Find rules whose lines an earlier one takes all."""
    earlier: list[RuleNode] = []
    patterns: dict[tuple[str, bool], RuleNode] = {}
    for one in rules:
        if not one.pattern:
            continue
        key = (one.pattern, one.rule.attr_name_snake_case)
        if key in patterns:
            yield Finding(
                "same-pattern",
                one.at("pattern"),
                f"is never reached: line {patterns[key].rule.line} has the same pattern",
                "remove one of them",
            )
            continue
        hiding = next((other for other in earlier if hides(other, one)), None)
        if hiding:
            yield Finding(
                "hidden-rule",
                one.at("pattern"),
                f"is never reached: line {hiding.rule.line} matches all that it does",
                "move it before that one, or narrow that one",
            )
        patterns[key] = one
        earlier.append(one)


def hides(earlier: RuleNode, later: RuleNode) -> bool:
    """Whether all that *later* matches is certainly matched by *earlier*, which is tried first."""
    same_view = earlier.rule.attr_name_snake_case == later.rule.attr_name_snake_case
    if not same_view or earlier.rule.cache != later.rule.cache:
        return False
    begin = earlier.pattern
    # The reader of rule files warns of one that takes everything.
    if not later.pattern.startswith(begin) or read_pattern(begin).always:
        return False
    # What follows may be a quantifier of the last character, or go on in a group or class.
    rest = later.pattern[len(begin) :]
    closed = begin.count("(") == begin.count(")") and begin.count("[") == begin.count(
        "]"
    )
    return (
        closed
        and rest[:1] not in {"*", "+", "?", "{"}
        and "|" not in later.pattern
        and not begin.endswith("\\")
    )


# -- the file ----------------------------------------------------------------------------------


def _of_file(config: Config, fields: dict[object, Node]) -> Iterator[Finding]:
    if config.username and not config.password and "username" in fields:
        yield Finding(
            "user-without-password",
            fields["username"],
            "names a user without a password",
            "add password: ${NAME}, or give JMX_BRIDGE_JMX_PASSWORD",
        )
