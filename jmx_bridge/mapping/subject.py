"""
The line of text a rule is matched against.

    domain<key=value, key=value><composite, key>attribute: value

Properties stand in the order of registration, and a table's index columns behind them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

PROPERTY = re.compile(r'([^,=:*?]+)=("(?:[^\\"]|\\.)*"|[^,=:"]*),?')


@dataclass(frozen=True)
class BeanName:
    """An ObjectName's parts: properties in their order, values with their quotes."""

    domain: str
    properties: tuple[tuple[str, str], ...]

    @cached_property
    def text(self) -> str:
        """Return the name as it begins a subject: "domain<key=value, key=value>"."""
        inside = ", ".join([f"{key}={value}" for key, value in self.properties])
        return f"{self.domain}<{inside}>"

    @cached_property
    def key(self) -> tuple[str, frozenset[tuple[str, str]]]:
        """Return what is equal for equal ObjectNames, whatever their properties' order."""
        return self.domain, frozenset(self.properties)

    def property(self, key: str) -> str | None:
        """Return a property's value; None if there is no such property."""
        return next((value for name, value in self.properties if name == key), None)

    def with_row(self, row: tuple[tuple[str, str, str], ...]) -> BeanName:
        """
        Return the name with a table row's index columns as further properties.

        *row* has (column, part of a composite index or "", value) for each.

        A column whose name is taken gets underscores; the parts of a composite index
        share their column's.
        """
        named = dict(self.properties)
        for index, part, value in row:
            taken = index
            while taken in named:
                taken += "_"
            named[f"{taken}_{part}" if part else taken] = value
        return BeanName(self.domain, tuple(named.items()))


def parse_name(name: str) -> BeanName:
    """Return the parts of an ObjectName in the order in which it is written."""
    domain, _, rest = name.partition(":")
    if '"' not in rest and "*" not in rest:
        # Without quotes every "," and every "=" divides.
        pairs = [part.split("=") for part in rest.split(",")]
        try:
            bean = BeanName(domain, tuple([(key, value) for key, value in pairs]))
        except ValueError:
            pass
        else:
            vars(bean)["text"] = f"{domain}<{rest.replace(',', ', ')}>"
            return bean
    properties: dict[str, str] = {}
    at = 0
    while match := PROPERTY.match(rest, at):
        properties[match[1]] = match[2]
        at = match.end()
    return BeanName(domain, tuple(properties.items()))


def tail(path: tuple[str, ...], name: str) -> str:
    """Return a subject's part between MBean and value: "<path, key>attribute: "."""
    return f"<{', '.join(path)}>{name}: "
