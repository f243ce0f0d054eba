"""
The cases of this folder: what a rule file makes of some MBeans, as jmx_exporter 1.6 does it.

A case is three files: `NN-name.yml` is the rule file, `NN-name.mbeans.yml` the MBeans, and
`NN-name.prom` the page in text format 0.0.4. README.md describes the MBeans' format.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from jmx_bridge.workbench.written import DECLARED

FOLDER = Path(__file__).parent
TYPES = DECLARED
"""The short names of types, and what an MBean declares."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One simple value."""

    type: str
    """A key of TYPES before "composite"."""
    value: bool | int | float | str
    """A date is in milliseconds since 1970; integer and decimal are written as text."""


@dataclass(frozen=True, slots=True)
class Composite:
    """A CompositeData."""

    description: str
    """Of its composite type."""
    items: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A TabularData."""

    description: str
    """Of its rows' composite type."""
    index: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    """(name, type) pairs; a column of tables has "table", and is told by its rows."""
    rows: tuple[Composite, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """An array of simple values, which becomes nothing."""

    type: str
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An object that is no simple value, composite, table or array."""

    type: str
    """Its class: one of the JDK's with a constructor without arguments."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a getter that throws an exception gives."""

    message: str


Value = None | Scalar | Composite | Table | Array | Unsupported | Failure


@dataclass(frozen=True, slots=True)
class MBeanAttribute:
    """A readable attribute."""

    name: str
    type: str
    """As it is declared: a Java type's full name."""
    description: str
    """As long as nothing is written, the name, which help texts leave out."""
    value: Value


@dataclass(frozen=True, slots=True)
class MBean:
    """A registered MBean."""

    name: str
    """Its ObjectName, in the order of registration."""
    attributes: tuple[MBeanAttribute, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A rule file, the MBeans that it is tried on, and what comes out."""

    id: str
    rules: Path
    mbeans: tuple[MBean, ...]
    expected: str
    """A page in text format 0.0.4 without the exporter's own metrics."""


def all_cases() -> list[Case]:
    """Return the cases of this folder, in order."""
    paths = sorted(FOLDER.glob("[0-9][0-9]-*.mbeans.yml"))
    return [read_case(path.name.removesuffix(".mbeans.yml")) for path in paths]


def read_case(name: str) -> Case:
    """Return the case *name*, like "01-default-names"."""
    return Case(
        id=name,
        rules=FOLDER / f"{name}.yml",
        mbeans=read_mbeans(FOLDER / f"{name}.mbeans.yml"),
        expected=(FOLDER / f"{name}.prom").read_text("utf-8"),
    )


def read_mbeans(path: Path) -> tuple[MBean, ...]:
    """Return the MBeans in a file; raises KeyError or TypeError if it is not well-formed."""
    document = yaml.safe_load(path.read_text("utf-8"))
    return tuple(
        MBean(written["name"], tuple(map(_attribute, written["attributes"])))
        for written in document
    )


def _attribute(written: dict[str, Any]) -> MBeanAttribute:
    name, kind = str(written["name"]), str(written["type"])
    value: Value = Failure(str(written["fails"])) if "fails" in written else None
    if "value" in written:
        value = _value(kind, written["value"])
    return MBeanAttribute(
        name,
        str(written.get("declared") or _declared(kind)),
        str(written.get("description", name)),
        value,
    )


def _declared(kind: str) -> str:
    if kind.endswith("[]"):
        return f"[L{TYPES[kind[:-2]]};" if kind == "string[]" else f"[{kind[0].upper()}"
    return TYPES.get(kind, kind)


def _value(kind: str, written: Any) -> Value:
    if written is None:
        return None
    if kind == "composite":
        return _composite(written)
    if kind == "table":
        return _table(written)
    if kind.endswith("[]"):
        return Array(kind[:-2], tuple(written))
    if kind not in TYPES:
        return Unsupported(kind)
    return Scalar(kind, float(written) if kind in ("float", "double") else written)


def _composite(written: dict[str, Any]) -> Composite:
    items = written["items"].items()
    return Composite(
        str(written["description"]),
        tuple((key, _value(item["type"], item["value"])) for key, item in items),
    )


def _table(written: dict[str, Any]) -> Table:
    columns = tuple(written["columns"].items())
    description = str(written["description"])
    rows = tuple(
        Composite(
            description,
            tuple((name, _value(kind, row[name])) for name, kind in columns),
        )
        for row in written["rows"]
    )
    return Table(description, tuple(written["index"]), columns, rows)
