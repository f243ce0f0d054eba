"""Edits of a document made in its text, so that all else stays as it is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from .edits import END, parts_of
from .yamltext import (
    BadYaml,
    Node,
    Style,
    block_lines,
    content_end,
    entry,
    line_end,
    line_start,
    scalar_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .edits import Edit


DEEPEST = 1_000


class Change(NamedTuple):
    """What is written in place of a piece of the text."""

    start: int
    end: int
    text: str
    depth: int = 0
    """Of what is added: the end of an inner block is the end of the outer one, too."""


def patched(text: str, changes: Iterable[Change]) -> str:
    """Return *text* with changes made; those at one place in their order, inner ones first."""
    parts: list[str] = []
    at = 0
    for change in sorted(changes, key=lambda one: (one.start, one.end, -one.depth)):
        # What is taken away twice is taken away once: items that follow each other meet.
        parts += [text[at : max(at, change.start)], change.text]
        at = max(at, change.end)
    return "".join([*parts, text[at:]])


def spelled_null(root: Node, text: str, parts: Sequence[str]) -> str:
    """Return how the null at *parts* is written: what is behind the colon, in its line."""
    parent = walked(root, parts[:-1])
    found = entry(parent, parts[-1])
    if found is None:
        return ""
    key, value = found
    colon = _colon(key, text)
    end = value.end if parent.flow else line_end(colon, text)
    return text[colon:end]


def walked(root: Node, parts: Sequence[str]) -> Node:
    """Return the node at *parts*; raises BadYaml where an alias or a merged map stands in the way."""
    node = root
    for part in parts:
        if node.kind == "list":
            node = node.items[int(part)]
        else:
            found = entry(node, part)
            if found is None:
                raise BadYaml(
                    node.place,
                    f"{part} comes from a merged map, so it can't be changed here",
                )
            node = found[1]
        _refuse_shared(node)
    return node


def _refuse_shared(node: Node) -> None:
    if node.kind == "alias":
        raise BadYaml(node.place, "an alias stands where something would be added")
    if node.shared:
        message = f"the anchor &{node.anchor} stands where something would be added, for its aliases, too"
        raise BadYaml(node.place, message)


def _colon(key: Node, text: str) -> int:
    """Return the position behind the colon of a key."""
    return text.index(":", key.end) + 1


@dataclass(frozen=True, slots=True)
class Patcher:
    """Makes changes of edits: in *text*, below *root*."""

    text: str
    root: Node
    style: Style
    json: bool
    """Whether keys are in double quotes, as JSON's are."""

    def changes(
        self, edits: Iterable[Edit], spelled: Mapping[str, str]
    ) -> list[Change]:
        """Return the changes; *spelled* says how a value is written that becomes null."""
        changes = []
        filled: set[int] = set()
        for edit in edits:
            change = self._change(edit, spelled, filled)
            # What is empty is filled before anything comes behind it.
            depth = DEEPEST if edit.op == "replace" else edit.path.count("/")
            changes.append(change._replace(depth=depth))
        return changes

    def _change(
        self, edit: Edit, spelled: Mapping[str, str], filled: set[int]
    ) -> Change:
        *before, last = parts_of(edit.path)
        parent = walked(self.root, before)
        if edit.op == "add":
            added = [edit.value] if last == END else {last: edit.value}
            return self._added(parent, added, filled)
        if edit.op == "remove":
            return self._removed(parent, last)
        found = entry(parent, last)
        if found is None:
            raise BadYaml(parent.place, f"{last} comes from a merged map")
        key, value = found
        _refuse_shared(value)
        if edit.value is None:
            return self._nulled(parent, key, value, spelled[edit.path])
        return self._filled(parent, key, value, edit.value)

    # -- one more --

    def _added(self, parent: Node, added: Any, filled: set[int]) -> Change:
        """Add at the end; *filled* has the empty flow collections that something was added to."""
        if parent.flow and _last(parent) is None:
            before = parent.end - 1
            comma = ", " if before in filled else ""
            filled.add(before)
            return Change(before, before, comma + self._inner(added, 0, spread=False))
        if parent.flow:
            return self._added_in_flow(parent, added)
        at = line_end(content_end(parent, self.text), self.text)
        indent = self._column(parent)
        lines = block_lines(added, indent, self.style)
        return Change(at, at, self._lines(lines))

    def _column(self, parent: Node) -> int:
        """Return the column of a block's keys or dashes."""
        first = parent.entries[0][0] if parent.kind == "map" else parent.items[0]
        at = first.start
        if parent.kind == "list":
            at = self.text.rindex("-", 0, at)
        return at - line_start(at, self.text)

    def _lines(self, lines: list[str]) -> str:
        return "".join(self.style.eol + line for line in lines)

    def _added_in_flow(self, parent: Node, added: Any) -> Change:
        last = _last(parent) or 0
        first = parent.entries[0][0] if parent.kind == "map" else parent.items[0]
        begins = line_start(first.start, self.text)
        # Spread over lines, if the first one has a line of its own.
        spread = not self.text[begins : first.start].strip()
        if not spread:
            return Change(last, last, f", {self._inner(added, 0, spread=False)}")
        indent = first.start - begins
        inner = self._inner(added, indent, spread=True)
        return Change(last, last, f",{self.style.eol}{' ' * indent}{inner}")

    def _inner(self, value: Any, indent: int, *, spread: bool) -> str:
        """Return entries or items without their brackets."""
        if self.json and spread:
            written = json.dumps(value, indent=self.style.step, ensure_ascii=False)
            lines = written.splitlines()[1:-1]
            cut = self.style.step
            return f"{self.style.eol}{' ' * indent}".join(line[cut:] for line in lines)
        return self._flow(value)[1:-1]

    def _flow(self, value: Any) -> str:
        if self.json:
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, dict):
            pairs = (f"{scalar_text(key)}: {self._flow(value[key])}" for key in value)
            return "{" + ", ".join(pairs) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self._flow, value)) + "]"
        return scalar_text(value)

    def _filled(self, parent: Node, key: Node, value: Node, new: Any) -> Change:
        """Write something where nothing was."""
        colon = _colon(key, self.text)
        if parent.flow:
            return Change(colon, value.end, f" {self._flow(new)}")
        if not isinstance(new, dict | list):
            return Change(colon, line_end(colon, self.text), f" {scalar_text(new)}")
        indent = self._column(parent)
        indent += self.style.step if isinstance(new, dict) else self.style.dash
        lines = self._lines(block_lines(new, indent, self.style))
        return Change(colon, line_end(colon, self.text), lines)

    # -- one less --

    def _nulled(self, parent: Node, key: Node, value: Node, spelled: str) -> Change:
        colon = _colon(key, self.text)
        end = content_end(value, self.text)
        if not parent.flow:
            end = line_end(end, self.text)
        return Change(colon, end, spelled)

    def _removed(self, parent: Node, last: str) -> Change:
        if parent.kind == "list":
            at = int(last)
            starts = [one.start for one in parent.items]
            nodes = parent.items
        else:
            names = [(key.target or key).text for key, _ in parent.entries]
            at = names.index(last)
            starts = [key.start for key, _ in parent.entries]
            nodes = [value for _, value in parent.entries]
        if parent.flow:
            return self._removed_in_flow(starts, nodes, at)
        start = starts[at]
        if parent.kind == "list":
            start = self.text.rindex("-", 0, start)
        start = line_start(start, self.text) - 1
        if start > 0 and self.text[start - 1] == "\r":
            start -= 1
        end = line_end(content_end(nodes[at], self.text), self.text)
        return Change(max(start, 0), end, "")

    def _removed_in_flow(self, starts: list[int], nodes: list[Node], at: int) -> Change:
        if at:
            return Change(nodes[at - 1].end, nodes[at].end, "")
        end = starts[1] if len(nodes) > 1 else nodes[at].end
        return Change(starts[at], end, "")


def _last(parent: Node) -> int | None:
    """Return where the last entry or item of a flow collection ends; None if it is empty."""
    if parent.kind == "map":
        return parent.entries[-1][1].end if parent.entries else None
    return parent.items[-1].end if parent.items else None


def style_of(root: Node, text: str, template: Node) -> Style:
    """Return how a document writes blocks, as its pod template shows."""
    first = text.find("\n")
    eol = "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"
    spec = entry(template, "spec")
    if spec is None or spec[1].flow or not spec[1].entries:
        return Style(_json_step(root, text), 0, eol)
    key, value = spec
    step = value.entries[0][0].place.column - key.place.column
    dash = 0
    containers = entry(value, "containers")
    if containers is not None and not containers[1].flow and containers[1].items:
        at = text.rindex("-", 0, containers[1].items[0].start)
        dash = at - line_start(at, text) - (containers[0].place.column - 1)
    return Style(step, max(dash, 0), eol)


def _json_step(root: Node, text: str) -> int:
    if not root.entries:
        return 2
    first = root.entries[0][0].start
    return first - line_start(first, text) or 2
