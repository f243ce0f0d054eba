"""Which MBeans a scope finds and admits, told without Java: ObjectName patterns included."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .abc import Scope

PROPERTY = re.compile(r'([^,=:]+)=("(?:[^\\"]|\\.)*"|[^,=:"]*),?')
QUOTED = re.compile(r'"(?:[^\\"]|\\.)*"')
ESCAPED = re.compile(r"\\.")
PATTERNS = 1024
"""So many are remembered, taken apart: those of a rule file are tried on each MBean."""
JVM_DOMAINS = frozenset(
    {
        "com.sun.management",
        "com.sun.management.jmxremote",
        "java.lang",
        "java.nio",
        "java.util.logging",
        "javax.management",
        "javax.management.remote",
        "jdk.internal",
        "jdk.management",
        "jdk.management.jfr",
        "sun.management",
    }
)
"""Which domains are the JVM's own; as on Java's side."""


def found(scope: Scope, name: str) -> bool:
    """Whether a pattern of *scope* finds an MBean, whoever may see it then."""
    patterns = (*(scope.includes or ()), *scope.platform)
    return scope.includes is None or any(matches(one, name) for one in patterns)


def for_rules(scope: Scope, name: str) -> bool:
    """Whether the rules may see an MBean."""
    if any(matches(pattern, name) for pattern in scope.excludes):
        return False
    if scope.includes is None:
        return not (scope.without_jvm and name.partition(":")[0] in JVM_DOMAINS)
    return any(matches(pattern, name) for pattern in scope.includes)


def for_platform(scope: Scope, name: str) -> bool:
    """Whether the JVM's own metrics may read an MBean."""
    return any(matches(pattern, name) for pattern in scope.platform)


def matches(pattern: str, name: str) -> bool:
    """Whether an ObjectName *pattern* matches a *name*, as javax.management.ObjectName has it."""
    wanted = _pattern(pattern)
    if wanted.plain:
        if name.partition(":")[0] != wanted.domain:
            return False
    elif not _glob(wanted.domain, name.partition(":")[0]):
        return False
    own = _own(name)
    if not (wanted.others or wanted.properties.keys() == own.keys()):
        return False
    return all(
        key in own and _holds(one, own[key]) for key, one in wanted.properties.items()
    )


class Pattern(NamedTuple):
    """An ObjectName pattern, taken apart."""

    domain: str
    plain: bool
    """The domain has neither "*" nor "?"."""
    properties: dict[str, str]
    others: bool
    """There may be further properties."""


@lru_cache(PATTERNS)
def _pattern(pattern: str) -> Pattern:
    domain, _, keys = pattern.partition(":")
    plain = "*" not in domain and "?" not in domain
    others = "*" in QUOTED.sub("", keys).split(",")
    return Pattern(domain, plain, _properties(keys), others)


@lru_cache(1)
def _own(name: str) -> dict[str, str]:
    """Return a name's properties; many patterns are tried on one name, one after the other."""
    return _properties(name.partition(":")[2])


def _properties(text: str) -> dict[str, str]:
    return {match[1]: match[2] for match in PROPERTY.finditer(text)}


def _holds(pattern: str, value: str) -> bool:
    """Whether a property's pattern, quotes included, matches a value."""
    bare = ESCAPED.sub("", pattern) if pattern.startswith('"') else pattern
    if "*" in bare or "?" in bare:
        return _glob(pattern, value)
    return pattern == value


def _glob(pattern: str, text: str) -> bool:
    """Match "*" and "?"; brackets mean themselves."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))
