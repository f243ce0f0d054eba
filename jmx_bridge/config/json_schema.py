"""The JSON Schema of a rule file, for editors: made from the table of keys."""

from __future__ import annotations

import json
from typing import Any

from .document import INT_MAX
from .keys import MAPS, OPEN, Key

Schema = dict[str, Any]

TYPES = ("COUNTER", "GAUGE", "INFO", "UNTYPED", "UNKNOWN")
SCALARS = ["string", "number", "boolean"]
# What Double.valueOf reads, with white space around it.
NUMBER = (
    r"^[\u0000-\u0020]*[+-]?(NaN|Infinity|(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
    r"|0[xX]([0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[fFdD]?)"
    r"[\u0000-\u0020]*$"
)
LEAVES: dict[str, Schema] = {
    "any": {},
    "never": {"not": {}},
    "text": {"type": "string"},
    "flag": {"type": "boolean"},
    "scalar": {"type": SCALARS},
    "whole": {"type": "integer", "minimum": 0, "maximum": INT_MAX},
    "positive": {"type": "integer", "minimum": 1, "maximum": INT_MAX},
    "number": {"type": ["number", "string"], "pattern": NUMBER},
    # Any text is untyped; the types are what an editor offers.
    "type": {"anyOf": [{"enum": list(TYPES)}, {"type": "string"}]},
    "words": {"type": ["string", "array"], "items": {"type": "string"}},
    "text or text*": {"type": ["string", "array"], "items": {"type": "string"}},
}
FILLED: Schema = {"not": {"type": "null"}}
NAMED: Schema = {"required": ["name"], "properties": {"name": FILLED}}


def _needs(key: str, others: Schema, value: Schema | None = None) -> Schema:
    """Return what says that a map which has *key*, or it with that value, fits *others*."""
    having: Schema = {"required": [key], "properties": {key: value or {}}}
    return {"if": having, "then": others}


PLAIN: Schema = {"pattern": "^[Pp][Ll][Aa][Ii][Nn][Tt][Ee][Xx][Tt]$"}
RULES: dict[str, Schema] = {
    "file": {"not": {"type": "object", "required": ["hostPort", "jmxUrl"]}},
    "rule": {
        "allOf": [
            _needs("labels", NAMED),
            _needs("help", NAMED, FILLED),
            _needs("name", {"required": ["pattern"]}, FILLED),
            _needs("value", {"required": ["pattern"]}, FILLED),
        ]
    },
    "customizer": {
        "required": ["mbeanFilter"],
        "anyOf": [{"required": ["attributesAsLabels"]}, {"required": ["extraMetrics"]}],
    },
    "filter": {"required": ["domain"]},
    "extra": {"required": ["name", "value"]},
    "httpServer.metrics": {"required": ["path"]},
    "authentication": {"required": ["basic"]},
    "basic": {
        "required": ["username"],
        "if": {"properties": {"algorithm": PLAIN}},
        "then": {"required": ["password"]},
        "else": {"required": ["passwordHash", "salt"]},
    },
}
"""What holds between the keys of a map."""


def rule_file_schema() -> Schema:
    """Return the JSON Schema (draft 7, which editors know best) of a rule file."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A rule file of JMX Bridge",
        **_map("file", nothing=True),
        "definitions": {name: _map(name) for name in MAPS if name != "file"},
    }


def rule_file_schema_text() -> str:
    """Return it as a file has it."""
    return json.dumps(rule_file_schema(), indent=2, ensure_ascii=False) + "\n"


def _map(name: str, *, nothing: bool = False) -> Schema:
    keys = MAPS[name]
    return {
        "type": ["object", "null"] if nothing else "object",
        "properties": {key.name: _described(key) for key in keys},
        **({} if name in OPEN else {"additionalProperties": False}),
        **RULES.get(name, {}),
    }


def _described(key: Key) -> Schema:
    default = f"\nDefault: {key.default}" if key.default else ""
    found = _kind(key.kind)
    if "$ref" in found:
        # What stands beside a $ref is not looked at.
        found = {"allOf": [found]}
    return {"description": f"{key.meaning}{default}", **found}


def _kind(kind: str) -> Schema:
    """Return what a kind of `Key` takes."""
    if kind in LEAVES:
        return LEAVES[kind]
    if kind.endswith(" or any"):
        # A map has to fit; what is no map is looked at by nobody.
        inside = kind.removesuffix(" or any")
        return {"if": {"type": "object"}, "then": _kind(inside)}
    if kind.endswith("?"):
        return _or_nothing(_kind(kind[:-1]))
    if kind.endswith("*"):
        return {"type": "array", "items": _kind(kind[:-1])}
    if kind.endswith(":"):
        return {"type": "object", "additionalProperties": _kind(kind[:-1])}
    return {"$ref": f"#/definitions/{kind}"}


def _or_nothing(schema: Schema) -> Schema:
    types = schema.get("type")
    if types is None:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [*([types] if isinstance(types, str) else types), "null"]}
