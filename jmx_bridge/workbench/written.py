"""
MBeans that somebody wrote out in YAML, as a JVM would tell them.

    - name: "Catalina:type=Manager,host=localhost,context=/shop"   # in the order of registration
      attributes:
        activeSessions: 3
        stateName: STARTED
        Usage: {used: 10, max: 100}          # a composite

Or with types, as a list: {name: Started, type: date, value: 1700000000500}, where a type is one
of TYPES, "composite", "table", an array of a simple one ("int[]"), or any other class, whose
values are never read. `fails: why` stands for a getter that throws.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ..config.fields import known_fields
from ..config.numbers import java_double
from ..jmx.moment import RecordedMBean
from ..jmx.recording import value_of
from ..model import Attribute, Leaf, LeafKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..config.document import Node
    from ..jmx.moment import RecordedValue

TYPES = {
    "boolean": "boolean",
    "byte": "byte",
    "short": "short",
    "int": "int",
    "long": "long",
    "float": "float",
    "double": "double",
    "string": "java.lang.String",
    "date": "java.util.Date",
    "integer": "java.math.BigInteger",
    "decimal": "java.math.BigDecimal",
}
"""The short names of simple types, and what an MBean declares."""
COMPOSITE, TABLE = "composite", "table"
DECLARED = {
    **TYPES,
    COMPOSITE: "javax.management.openmbean.CompositeData",
    TABLE: "javax.management.openmbean.TabularData",
}
WHOLE = frozenset({"byte", "short", "int", "long", "integer"})
MBEAN_KEYS = ("name", "attributes")
ATTRIBUTE_KEYS = ("name", "type", "value", "description", "declared", "fails")
COMPOSITE_KEYS = ("description", "items")
ITEM_KEYS = ("type", "value")
TABLE_KEYS = ("description", "index", "columns", "rows")


class Spot(NamedTuple):
    """Where a value is inside an MBean's answer."""

    attribute: int
    path: tuple[str, ...]
    name: str
    description: str | None = None
    row: tuple[tuple[str, str, str], ...] = ()

    def leaf(self, kind: LeafKind) -> Leaf:
        """Return the leaf of this kind here."""
        return Leaf(
            self.attribute, kind, self.path, self.name, self.description, self.row
        )

    def below(self, key: str, description: str | None) -> Spot:
        """Return the spot of a composite's item."""
        path = (*self.path, self.name)
        return self._replace(path=path, name=key, description=description)


def read_mbeans(node: Node) -> list[RecordedMBean]:
    """Return the MBeans of a list; what is wrong is added to the node's problems."""
    return [made for item in node.items() if (made := _mbean(item))]


def _mbean(node: Node) -> RecordedMBean | None:
    fields = known_fields(node, MBEAN_KEYS, strict=True)
    name = fields["name"].text() if "name" in fields else None
    if name is None:
        node.error("'name' is missing", 'name: "domain:type=Kind,name=x"')
        return None
    if ":" not in name or "=" not in name:
        fields["name"].error("is no ObjectName", "write domain:key=value,key=value")
        return None
    attributes = fields.get("attributes")
    if attributes is None:
        return RecordedMBean(name, ())
    if isinstance(attributes.value, dict):
        found = [_plain(i, *one) for i, one in enumerate(attributes.named())]
    else:
        found = [_typed(i, one) for i, one in enumerate(attributes.items())]
    return RecordedMBean(
        name,
        tuple(attribute for attribute, _ in found),
        tuple(value for _, values in found for value in values),
    )


def _plain(
    index: int, name: str, node: Node
) -> tuple[Attribute, Sequence[RecordedValue]]:
    """Return an attribute whose type is that of its value in YAML."""
    kind = _kind_of(node)
    values = list(_plain_values(node, Spot(index, (), name)))
    return Attribute(name, DECLARED.get(kind, kind), None), values


def _kind_of(node: Node) -> str:
    kinds: dict[type, str] = {
        bool: "boolean",
        int: "long",
        float: "double",
        str: "string",
    }
    kinds |= {dict: COMPOSITE, tuple: "long[]", type(None): "string"}
    return kinds[type(node.value)]


def _plain_values(node: Node, spot: Spot) -> Iterator[RecordedValue]:
    if isinstance(node.value, dict):
        for key, item in sorted(node.named()):
            yield from _plain_values(item, spot.below(key, None))
    elif isinstance(node.value, tuple):
        yield value_of(spot.leaf(LeafKind.ARRAY), None)
    elif node.value is None:
        yield value_of(spot.leaf(LeafKind.NULL), None)
    else:
        yield _simple(_kind_of(node), node, spot)


def _typed(index: int, node: Node) -> tuple[Attribute, Sequence[RecordedValue]]:
    fields = known_fields(node, ATTRIBUTE_KEYS, strict=True)
    for key in ("name", "type"):
        if key not in fields:
            node.error(f"'{key}' is missing", "{name: Count, type: long, value: 3}")
            return Attribute("", "", None), ()
    name, kind = fields["name"].coerced() or "", fields["type"].text() or ""
    about = fields["description"].coerced() if "description" in fields else None
    declared = fields["declared"].text() if "declared" in fields else _declared(kind)
    attribute = Attribute(name, declared or kind, about)
    spot = Spot(index, (), name)
    if "fails" in fields:
        return attribute, [value_of(spot.leaf(LeafKind.ABSENT), None)]
    if "value" not in fields:
        return attribute, [value_of(spot.leaf(LeafKind.NULL), None)]
    return attribute, list(_values(kind, fields["value"], spot))


def _declared(kind: str) -> str:
    if kind.endswith("[]"):
        return f"[{kind[0].upper()}" if kind != "string[]" else "[Ljava.lang.String;"
    return DECLARED.get(kind, kind)


def _values(kind: str, node: Node, spot: Spot) -> Iterator[RecordedValue]:
    if node.value is None:
        yield value_of(spot.leaf(LeafKind.NULL), None)
    elif kind == COMPOSITE:
        yield from _composite(node, spot)
    elif kind == TABLE:
        yield from _table(node, spot)
    elif kind in TYPES:
        yield _simple(kind, node, spot)
    else:
        array = kind.endswith("[]")
        leaf = spot.leaf(LeafKind.ARRAY if array else LeafKind.UNSUPPORTED)
        yield value_of(leaf, None)


def _composite(node: Node, spot: Spot) -> Iterator[RecordedValue]:
    fields = known_fields(node, COMPOSITE_KEYS, strict=True)
    about = fields["description"].coerced() if "description" in fields else None
    items = fields["items"].named() if "items" in fields else ()
    for key, item in sorted(items):
        inside = known_fields(item, ITEM_KEYS, strict=True)
        if len(inside) == len(ITEM_KEYS):
            kind = inside["type"].text() or ""
            yield from _values(kind, inside["value"], spot.below(key, about))
        else:
            item.error("needs a type and a value", "{type: long, value: 3}")


def _table(node: Node, spot: Spot) -> Iterator[RecordedValue]:
    """Yield a table's mark, and the values of its rows as jmx_exporter names them."""
    fields = known_fields(node, TABLE_KEYS, strict=True)
    yield value_of(spot.leaf(LeafKind.TABLE), None)
    if not fields.keys() >= {"index", "columns", "rows"}:
        node.error("needs index, columns and rows", "index: [key]")
        return
    about = fields["description"].coerced() if "description" in fields else None
    index = fields["index"].texts()
    columns = {key: one.text() or "" for key, one in fields["columns"].named()}
    for row in fields["rows"].items():
        cells = dict(row.named())
        named = [
            (one, "", _text(columns.get(one, ""), cells[one]))
            for one in index
            if one in cells
        ]
        here = spot._replace(row=(*spot.row, *named))
        for column in sorted(cells.keys() - set(index)):
            below = here.below(column, about)
            if column.lower() == "value":
                below = here._replace(description=about)
            yield from _values(columns.get(column, ""), cells[column], below)


def _simple(kind: str, node: Node, spot: Spot) -> RecordedValue:
    text = _text(kind, node)
    kinds = {"boolean": LeafKind.BOOLEAN, "string": LeafKind.STRING}
    return value_of(spot.leaf(kinds.get(kind, LeafKind.NUMBER)), text)


def _text(kind: str, node: Node) -> str:
    """Return a simple value as Java writes it; adds a problem if it is none of its kind."""
    value = node.value
    if kind in {"string", "boolean"}:
        return (node.coerced() or "") if kind == "string" else str(node.flag()).lower()
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind in {"integer", "decimal"} and isinstance(value, str):
        return value
    if not number or (kind in WHOLE and not isinstance(value, int)):
        node.error(f"must be of type {kind} (found {node.found()})")
        return "0"
    assert isinstance(value, int | float)  # noqa: S101 -- for the type checker
    if kind == "date":
        return java_double(value / 1000)
    if kind in {"float", "double"} and math.isfinite(value):
        return java_double(float(value))
    return node.java_text()
