"""
An MBean's values as leaves, in the order and with the names that jmx_exporter gives them.

This is what the Java side's Flattener does, written from the description of the format.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from cases import Array, Composite, Failure, MBean, Scalar, Table, Unsupported, Value

from jmx_bridge.config.numbers import java_double

Row = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class WrittenLeaf:
    """One simple value, or what stands where there is none."""

    attribute: int
    """Its index in the MBean's attributes."""
    kind: str
    """NUMBER, BOOLEAN, STRING, NULL, ABSENT, ARRAY, UNSUPPORTED, or TABLE before its rows."""
    path: tuple[str, ...]
    name: str
    description: str | None
    """Of the composite type around it; None at the top."""
    row: Row
    """Index column, part of a composite index or "", value."""
    number: float = math.nan
    """A boolean is 1 or 0; not a number for what is neither."""
    text: str | None = None
    """As Java writes a value; None where there is none."""


def leaves(bean: MBean) -> Iterator[WrittenLeaf]:
    """Yield an MBean's leaves."""
    for index, attribute in enumerate(bean.attributes):
        top = WrittenLeaf(index, "", (), attribute.name, None, ())
        yield from _walk(top, attribute.value)


def _walk(at: WrittenLeaf, value: Value) -> Iterator[WrittenLeaf]:
    match value:
        case Scalar():
            yield _simple(at, value)
        case Composite(description, items):
            for key, item in sorted(items):
                yield from _walk(_below(at, key, description, at.row), item)
        case Table():
            yield _kind(at, "TABLE")
            for row in value.rows:
                yield from _row(at, value, row)
        case _:
            yield _kind(at, KINDS[type(value)])


KINDS = {
    type(None): "NULL",
    Failure: "ABSENT",
    Array: "ARRAY",
    Unsupported: "UNSUPPORTED",
}


def _row(at: WrittenLeaf, table: Table, row: Composite) -> Iterator[WrittenLeaf]:
    cells = dict(row.items)
    named = at.row
    for column in table.index:
        parts = [("", cells[column])]
        if isinstance(cells[column], Composite):
            parts = sorted(cells[column].items)
        named += tuple(
            (column, part, text_of(cell))
            for part, cell in parts
            if isinstance(cell, Scalar)
        )
    for column in sorted(cells.keys() - set(table.index)):
        below = _below(at, column, table.description, named)
        if column.lower() == "value":
            below = WrittenLeaf(
                at.attribute, "", at.path, at.name, table.description, named
            )
        yield from _walk(below, cells[column])


def _below(at: WrittenLeaf, key: str, description: str, row: Row) -> WrittenLeaf:
    return WrittenLeaf(at.attribute, "", (*at.path, at.name), key, description, row)


def _kind(at: WrittenLeaf, kind: str) -> WrittenLeaf:
    return WrittenLeaf(at.attribute, kind, at.path, at.name, at.description, at.row)


def _simple(at: WrittenLeaf, scalar: Scalar) -> WrittenLeaf:
    kind = {"boolean": "BOOLEAN", "string": "STRING"}.get(scalar.type, "NUMBER")
    text = text_of(scalar)
    number = math.nan
    if kind == "BOOLEAN":
        number = 1.0 if scalar.value else 0.0
    elif scalar.type == "date":
        number = scalar.value / 1000
    elif kind == "NUMBER":
        number = float(scalar.value)
    return WrittenLeaf(
        at.attribute, kind, at.path, at.name, at.description, at.row, number, text
    )


def text_of(scalar: Scalar) -> str:
    """Return a value as Java writes it; a float only if it is as short as a double."""
    if scalar.type == "date":
        return java_double(scalar.value / 1000)
    if scalar.type in ("float", "double"):
        return java_double(scalar.value)
    if isinstance(scalar.value, bool):
        return str(scalar.value).lower()
    return str(scalar.value)
