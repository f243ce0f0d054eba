"""YAML text as a tree of nodes, each of which knows where in the text it begins and ends."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from ..config.document import NOWHERE, Place
from ..config.parse import MAX_DIGITS, MERGE, NUMBERS, TEXTS, Loader

if TYPE_CHECKING:
    from collections.abc import Iterator

Source = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml is ten times as fast; its places are the same."""
MAX_NODES = 1_000_000
MAX_DEPTH = 200
MAX_PLAIN = 100_000
"""Values of a pod template, its aliases written out."""
STRING = "tag:yaml.org,2002:str"
AS_TEXT = {*TEXTS, STRING, MERGE}
KEEPING = re.compile(r"[|>][0-9]*\+")


class BadYaml(Exception):
    """The text is no YAML, or a part of it is not what Kubernetes takes; has a place."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


@dataclass(slots=True, eq=False)
class Node:
    """A value in the text, from *start* to *end*: characters from its beginning."""

    kind: str
    """map, list, scalar or alias."""
    start: int
    end: int
    place: Place
    flow: bool = True
    """Not written in lines of its own."""
    text: str = ""
    """Of a scalar."""
    tag: str = ""
    """Of a scalar; "" where its text tells."""
    style: str = ""
    """Of a scalar: its quote, | or >."""
    anchor: str = ""
    entries: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    target: Node | None = None
    """What an alias means."""
    shared: bool = False
    """Whether an alias means it."""


def read_nodes(text: str) -> Iterator[Node]:
    """Yield the root of each document; raises BadYaml."""
    builder = _Builder(text)
    try:
        for event in yaml.parse(text, Loader=Source):
            if (root := builder.take(event)) is not None:
                yield root
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        place = NOWHERE if mark is None else Place(mark.line + 1, mark.column + 1)
        problem = " ".join((exc.problem or str(exc)).split())
        raise BadYaml(place, f"invalid YAML: {problem}") from None
    except yaml.reader.ReaderError as exc:
        raise BadYaml(NOWHERE, f"invalid YAML: {exc.reason}") from None


class _Builder:
    """Makes nodes of events, without recursion."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[tuple[Node, list[Node]]] = []
        self._anchors: dict[str, Node] = {}
        self._count = 0

    def take(self, event: Any) -> Node | None:
        """Return a document's root when it is complete."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._anchors = {}
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            return self._add(self._finished(event))
        elif isinstance(event, yaml.ScalarEvent):
            return self._add(self._scalar(event))
        elif isinstance(event, yaml.AliasEvent):
            return self._add(self._alias(event))
        return None

    def _node(self, kind: str, event: Any) -> Node:
        self._count += 1
        place = Place(event.start_mark.line + 1, event.start_mark.column + 1)
        if self._count > MAX_NODES:
            raise BadYaml(place, f"more than {MAX_NODES:,} values")
        anchor = event.anchor or ""
        node = Node(
            kind, event.start_mark.index, event.end_mark.index, place, anchor=anchor
        )
        if anchor and kind != "alias":
            self._anchors[anchor] = node
        return node

    def _begin(self, event: Any) -> None:
        is_map = isinstance(event, yaml.MappingStartEvent)
        node = self._node("map" if is_map else "list", event)
        node.flow = bool(event.flow_style)
        if len(self._open) >= MAX_DEPTH:
            raise BadYaml(node.place, f"more than {MAX_DEPTH} levels")
        self._open.append((node, []))

    def _finished(self, event: Any) -> Node:
        node, parts = self._open.pop()
        node.end = event.end_mark.index
        if node.kind == "list":
            node.items = parts
        else:
            node.entries = list(zip(parts[::2], parts[1::2], strict=True))
        return node

    def _scalar(self, event: Any) -> Node:
        node = self._node("scalar", event)
        node.text, node.style = event.value, event.style or ""
        node.tag = event.tag or ""
        # libyaml calls a plain one's style "".
        if not node.tag and node.style:
            node.tag = STRING
        return node

    def _alias(self, event: Any) -> Node:
        node = self._node("alias", event)
        target = self._anchors.get(event.anchor)
        if target is None:
            raise BadYaml(node.place, f"undefined alias {event.anchor!r}")
        node.target, target.shared = target, True
        return node

    def _add(self, node: Node) -> Node | None:
        if not self._open:
            return node
        self._open[-1][1].append(node)
        return None


# -- what a tree means -----------------------------------------------------------------------------


class Plain:
    """Makes of nodes what JSON has: maps, lists, texts, numbers; aliases are written out."""

    def __init__(self) -> None:
        self._count = 0
        self._open: set[int] = set()
        self._known: dict[int, Any] = {}
        self._scalars = yaml.constructor.SafeConstructor()
        self._resolver = Loader("")

    def value(self, node: Node) -> Any:
        """Return what *node* means; raises BadYaml."""
        self._count += 1
        if self._count > MAX_PLAIN:
            message = f"more than {MAX_PLAIN:,} values, all aliases written out"
            raise BadYaml(node.place, message)
        meant = node.target or node
        if meant.kind == "scalar":
            if id(meant) not in self._known:
                self._known[id(meant)] = self._scalar(meant)
            return self._known[id(meant)]
        if id(meant) in self._open:
            raise BadYaml(node.place, "an alias contains itself")
        self._open.add(id(meant))
        try:
            if meant.kind == "list":
                return [self.value(item) for item in meant.items]
            return self._map(meant)
        finally:
            self._open.discard(id(meant))

    def _map(self, node: Node) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.entries:
            if is_merge(key):
                merged = self._merged(value) | merged
                continue
            name = self._key(key)
            if name in own:
                raise BadYaml(key.place, f"the key {name!r} is here twice")
            own[name] = self.value(value)
        return merged | own

    def _merged(self, node: Node) -> dict[str, Any]:
        value = self.value(node)
        found: dict[str, Any] = {}
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, dict):
                raise BadYaml(node.place, "only maps can be merged")
            found = one | found
        return found

    def _key(self, node: Node) -> str:
        meant = node.target or node
        if meant.kind != "scalar":
            raise BadYaml(node.place, "a key must be a text")
        self._count += 1
        return meant.text

    def _scalar(self, node: Node) -> Any:
        tag = node.tag
        if not tag or tag == "!":
            tag = self._resolver.resolve(  # type: ignore[no-untyped-call]
                yaml.ScalarNode, node.text, (not tag, False)
            )
        # A number with colons takes time that grows as the square of their number.
        if tag in AS_TEXT or (tag in NUMBERS and len(node.text) > MAX_DIGITS):
            return node.text
        try:
            return self._scalars.construct_object(yaml.ScalarNode(tag, node.text))
        except (yaml.constructor.ConstructorError, ValueError, OverflowError):
            raise BadYaml(
                node.place, f"a value of an unknown or unfitting type (found {tag!r})"
            ) from None


def is_merge(key: Node) -> bool:
    """Whether a key is "<<", which merges another map."""
    return key.kind == "scalar" and key.text == "<<" and key.style == ""


def entry(node: Node, name: str) -> tuple[Node, Node] | None:
    """Return the key and the value that are written in a map, or None."""
    for key, value in node.entries:
        if (key.target or key).text == name and (key.target or key).kind == "scalar":
            return key, value
    return None


# -- where it ends ---------------------------------------------------------------------------------


def content_end(node: Node, text: str) -> int:
    """Return where the last character of a value is: a block's own end is where others begin."""
    while node.kind in ("map", "list") and not node.flow:
        node = node.entries[-1][1] if node.kind == "map" else node.items[-1]
    if node.style not in ("|", ">"):
        return node.end
    written = text[node.start : node.end]
    if KEEPING.search(written.partition("\n")[0]):
        return node.start + len(written.removesuffix("\n").removesuffix("\r"))
    return node.start + len(written.rstrip())


def line_end(position: int, text: str) -> int:
    """Return where the line of *position* ends, before its line break."""
    found = text.find("\n", position)
    if found < 0:
        return len(text)
    return found - 1 if found > position and text[found - 1] == "\r" else found


def line_start(position: int, text: str) -> int:
    """Return where the line of *position* begins."""
    return text.rfind("\n", 0, position) + 1


# -- how values are written ------------------------------------------------------------------------

SIMPLE = re.compile(
    r"[A-Za-z_/][A-Za-z0-9_./-]*(?::[A-Za-z0-9_./-]+)*|[0-9]+(?:m|[KMGT]i?)"
)
WORDS = re.compile(r"(?i:y|n|yes|no|on|off|true|false|null)")
PRINTABLE = re.compile(r"[ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*")


@dataclass(frozen=True, slots=True)
class Style:
    """How a file writes blocks: by how many characters maps and items of lists are indented."""

    step: int = 2
    dash: int = 0
    eol: str = "\n"


def scalar_text(value: object) -> str:
    """Return a scalar as YAML has it."""
    if not isinstance(value, str):
        return json.dumps(value)
    if SIMPLE.fullmatch(value) and not WORDS.fullmatch(value):
        return value
    if '"' in value and PRINTABLE.fullmatch(value):
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\x7f")


def block_lines(value: Any, indent: int, style: Style) -> list[str]:
    """Return the lines of a map's entries or of a list's items, in block style."""
    pad = " " * indent
    if isinstance(value, list):
        return [line for item in value for line in item_lines(item, indent, style)]
    lines = []
    for key, one in value.items():
        name = scalar_text(key)
        if isinstance(one, dict | list) and one:
            deeper = style.step if isinstance(one, dict) else style.dash
            lines += [f"{pad}{name}:", *block_lines(one, indent + deeper, style)]
        else:
            lines.append(f"{pad}{name}: {scalar_text(one)}")
    return lines


def item_lines(item: Any, indent: int, style: Style) -> list[str]:
    """Return the lines of one item of a list, in block style."""
    pad = " " * indent
    if not isinstance(item, dict) or not item:
        return [f"{pad}- {scalar_text(item)}"]
    first, *rest = block_lines(item, indent + 2, style)
    return [f"{pad}- {first.lstrip()}", *rest]
