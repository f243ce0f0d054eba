"""Makes recorded MBeans of Python's values, as a JVM would answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan

from jmx_bridge.config.numbers import java_double
from jmx_bridge.jmx.moment import RecordedMBean, RecordedValue
from jmx_bridge.model import Attribute, Leaf, LeafKind

LONG, TEXT = "long", "java.lang.String"
COMPOSITE = "javax.management.openmbean.CompositeData"
TABLE = "javax.management.openmbean.TabularDataSupport"
NUMBERS = {bool: "boolean", int: LONG, float: "double", str: TEXT}


@dataclass(frozen=True, slots=True)
class Holds:
    """An attribute whose declared type or description isn't told by its value."""

    value: object
    type: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the columns key and value."""

    rows: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Throws:
    """A getter that fails."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that is no value for us: an array, say."""

    kind: LeafKind = LeafKind.ARRAY


def mbean(name: str, attributes=None, **more) -> RecordedMBean:
    """
    Return an MBean with these values, by attribute; in *more* are RecordedMBean's own fields.

    A value is a bool, int, float, str, None, dict (a composite), Table, Throws or Opaque,
    or Holds around one of them.
    """
    held = {key: _held(value) for key, value in (attributes or {}).items()}
    return RecordedMBean(
        name,
        tuple(
            Attribute(
                key, one.type, key if one.description is None else one.description
            )
            for key, one in held.items()
        ),
        tuple(
            value
            for index, (key, one) in enumerate(held.items())
            for value in _values(
                Leaf(index, LeafKind.NULL, (), key, None, ()), one.value
            )
        ),
        **more,
    )


def _held(value) -> Holds:
    if isinstance(value, Holds):
        return value
    types = {dict: COMPOSITE, Table: TABLE, Opaque: "[I", **NUMBERS}
    return Holds(value, types.get(type(value), "java.lang.Long"))


def _values(at: Leaf, value):
    match value:
        case None:
            yield RecordedValue(at, nan)
        case Throws():
            return
        case Opaque(kind):
            yield RecordedValue(replace(at, kind=kind), nan)
        case dict():
            for key, item in sorted(value.items()):
                yield from _values(_below(at, key), item)
        case Table(rows):
            yield RecordedValue(replace(at, kind=LeafKind.TABLE), nan)
            for key, number in rows:
                row = (("key", "", key),)
                yield from _values(replace(at, row=row, description="a row"), number)
        case _:
            yield _simple(at, value)


def _below(at: Leaf, key: str) -> Leaf:
    return replace(at, path=(*at.path, at.name), name=key, description="a composite")


def _simple(at: Leaf, value) -> RecordedValue:
    if isinstance(value, bool):
        leaf = replace(at, kind=LeafKind.BOOLEAN)
        return RecordedValue(leaf, float(value), str(value).lower())
    if isinstance(value, str):
        return RecordedValue(replace(at, kind=LeafKind.STRING), nan, value)
    text = java_double(value) if isinstance(value, float) else str(value)
    return RecordedValue(replace(at, kind=LeafKind.NUMBER), float(value), text)
