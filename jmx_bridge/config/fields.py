"""The fields of a map that this program knows, and their simple values."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ..advice import nearest
from .schema import RULE_KEYS, TOP_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .document import Node

KEY = re.compile(r"[\w.-]{1,60}")
WORD = re.compile(r"[^\s,]+")


def known_fields(node: Node, known: Sequence[str], *, strict: bool) -> dict[str, Node]:
    """
    Return a map's fields whose keys are in *known*.

    Another key is a warning, or with *strict* an error, and so is a *node* that is no map.
    """
    fields = {}
    for key, child in node.named():
        if key in known:
            fields[key] = child
            continue
        complain = node.error if strict else node.warn
        # What is no word is hardly a key, and may be a line of another file, with its secrets.
        name = f" {key!r}" if KEY.fullmatch(key) else ", which is no word"
        complain(f"unknown key{name}", _way_out(key, known), place=child.key_place)
    return fields


def flag(fields: Mapping[str, Node], key: str, *, default: bool = False) -> bool:
    """Return a boolean field; *default* if it is missing or no boolean."""
    value = fields[key].flag() if key in fields else None
    return default if value is None else value


def whole(fields: Mapping[str, Node], key: str, *, minimum: int) -> int | None:
    """Return an integer field; None if it is missing or not at least *minimum*."""
    return fields[key].whole(minimum=minimum) if key in fields else None


def maybe_text(node: Node | None) -> str | None:
    """Return a string; None if the field is missing, empty or no string."""
    return None if node is None or node.value is None else node.text()


def as_text(node: Node) -> Node:
    """Return *node* with a number or boolean as Java's text of it, where jmx_exporter takes that."""
    if node.value is None or isinstance(node.value, str | tuple | dict):
        return node
    node.warn("is no text, and is taken as Java would write it", "put it in quotes")
    return replace(node, value=node.java_text())


def words(node: Node | None) -> tuple[str, ...]:
    """Return the items of a list, or of a text with commas; () if the field is missing."""
    if node is None or node.value is None:
        return ()
    texts = (node.value,) if isinstance(node.value, str) else node.texts()
    return tuple(word for text in texts for word in WORD.findall(text))


def _way_out(key: str, known: Sequence[str]) -> str:
    if known is TOP_KEYS and key in RULE_KEYS:
        return "it belongs in a rule"
    if known is RULE_KEYS and key in TOP_KEYS:
        return "it belongs to the top level of the file"
    return nearest(key, known) or _listed(known)


def _listed(known: Sequence[str]) -> str:
    if known is TOP_KEYS:
        return "docs/configuration.md lists all keys"
    return f"known here: {', '.join(known)}"
