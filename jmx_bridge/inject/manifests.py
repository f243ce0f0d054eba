"""Manifests as text: the sidecar goes into each pod template of a file, or out of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..config.document import Place
from ..settings.wish import STATUS, wants
from .edits import applied, parts_of
from .patch import Change, Patcher, patched, spelled_null, style_of
from .plan import Injection, Refusal, inject_as_annotated
from .removal import remove
from .status import read_status
from .workloads import path_of
from .yamltext import BadYaml, Node, Plain, entry, read_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..settings.wish import Wish

SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
HINT = "containers"
"""No pod template is without this word, so that most of a file need not be understood."""
MOST_LISTS = 5


@dataclass(frozen=True, slots=True)
class Resource:
    """An object with a pod template."""

    kind: str
    name: str
    namespace: str
    node: Node
    """Of the template."""
    root: Node
    template: dict[str, Any]

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name or '(without a name)'}"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a resource."""

    resource: str
    namespace: str
    place: Place
    what: str
    """injected, removed, unchanged or skipped."""
    why: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Result:
    """A file's new text, and what became of each of its resources."""

    text: str
    told: list[Told] = field(default_factory=list)


def injected_text(text: str, wish: Wish | None, *, annotated: bool = False) -> Result:
    """
    Return *text* with the sidecar as wished in each of its pod templates; None: in none.

    A template that has one gets it anew; with *annotated* one that doesn't ask for it gets none.
    Raises BadYaml, with its place in *text*.
    """
    result = Result("")
    parts, line = [], 0
    for document in documents(text):
        if HINT in document:
            try:
                one = _Document(document, wish, annotated=annotated).result()
            except BadYaml as exc:
                raise BadYaml(_moved(exc.place, line), str(exc)) from None
            parts.append(one.text)
            result.told += [_told_from(told, line) for told in one.told]
        else:
            parts.append(document)
        line += document.count("\n")
    result.text = "".join(parts)
    return result


def documents(text: str) -> Iterator[str]:
    """Yield pieces that begin with a line "---", or are the first; joined they are *text*."""
    starts = [0, *(match.start() for match in SEPARATOR.finditer(text)), len(text)]
    for start, end in pairwise(starts):
        if end > start:
            yield text[start:end]


def _moved(place: Place, lines: int) -> Place:
    return Place(place.line + lines, place.column) if place.line else place


def _told_from(told: Told, lines: int) -> Told:
    place = _moved(told.place, lines)
    return Told(
        told.resource, told.namespace, place, told.what, told.why, told.warnings
    )


class _Document:
    """Mostly one object; a List has many, and what is told of one must not hide another."""

    def __init__(self, text: str, wish: Wish | None, *, annotated: bool) -> None:
        self._text = text
        self._wish = wish
        self._annotated = annotated
        self._kept: dict[int, tuple[str, Place]] = {}
        """Resources that stay as they are, and why."""

    def result(self) -> Result:
        """Return the new text; raises BadYaml."""
        before = resources(self._text)
        if not before:
            return Result(self._text)
        # Each round keeps one more resource as it is.
        for _ in range(len(before) + 1):
            kept = len(self._kept)
            result = self._round(before)
            if len(self._kept) == kept:
                return result
        return Result(self._text)

    def _round(self, before: list[Resource]) -> Result:
        base = self._removed(before)
        if self._wish is None:
            return self._told(before, base, {})
        bare = before if base == self._text else resources(base)
        changes: list[Change] = []
        done: dict[int, Injection] = {}
        for at, resource in enumerate(bare):
            if at not in self._kept:
                self._inject(at, resource, base, changes, done)
        text = patched(base, changes)
        self._verify(base, text, bare, done)
        return self._told(before, text, done)

    def _removed(self, before: list[Resource]) -> str:
        changes = []
        for at, resource in enumerate(before):
            status = read_status(resource.template)
            if status is None or at in self._kept:
                continue
            try:
                changes += patcher(resource, self._text).changes(
                    remove(resource.template), status.was
                )
            except BadYaml as exc:
                self._kept[at] = (str(exc), exc.place)
        return patched(self._text, changes)

    def _inject(
        self,
        at: int,
        resource: Resource,
        base: str,
        changes: list[Change],
        done: dict[int, Injection],
    ) -> None:
        assert self._wish  # noqa: S101 -- else nothing is injected
        try:
            annotations = _annotations(resource)
            if self._annotated and wants(annotations) is not True:
                self._kept[at] = ("no annotation asks for it", NO_PLACE)
                return
            if STATUS in annotations:
                why = f"the annotation {STATUS} is there, and tells of no sidecar"
                self._kept[at] = (why, resource.node.place)
                return
            outcome = inject_as_annotated(
                resource.template,
                self._wish,
                resource.name,
                partial(_spelled, resource.node, base),
            )
            if isinstance(outcome, Refusal):
                self._kept[at] = (outcome.message, NO_PLACE)
                return
            changes += patcher(resource, base).changes(outcome.edits, {})
            done[at] = outcome
        except BadYaml as exc:
            self._kept[at] = (str(exc), exc.place)

    def _verify(
        self, base: str, text: str, bare: list[Resource], done: dict[int, Injection]
    ) -> None:
        """Keep what can't be written here so that it means what it should, or be taken back."""
        try:
            now = resources(text)
            wrong = [
                at
                for at, injection in done.items()
                if now[at].template != applied(bare[at].template, injection.edits)
            ]
            changes = [
                change
                for at in done
                for change in patcher(now[at], text).changes(
                    remove(now[at].template), done[at].status.was
                )
            ]
            if not wrong and patched(text, changes) != base:
                wrong = [*done]
        except (BadYaml, LookupError, TypeError, ValueError):
            wrong = [*done]
        for at in wrong:
            why = (
                "it is written in a way that nothing can be added to; write it in lines"
            )
            self._kept[at] = (why, bare[at].node.place)

    def _told(
        self, before: list[Resource], text: str, done: dict[int, Injection]
    ) -> Result:
        told = []
        after = resources(text)
        for at, resource in enumerate(before):
            warnings = done[at].warnings if at in done else ()
            if at in self._kept:
                what, (why, place) = "skipped", self._kept[at]
            else:
                same = after[at].template == resource.template
                what = "unchanged" if same else "injected" if self._wish else "removed"
                why, place = described(done[at]) if at in done else "", NO_PLACE
            told.append(
                Told(str(resource), resource.namespace, place, what, why, warnings)
            )
        return Result(text, told)


NO_PLACE = Place(0, 0)


def described(injection: Injection) -> str:
    """Return what was added, in a few words."""
    return f"{injection.status.form}, {injection.status.reads}"


def _spelled(template: Node, text: str, path: str) -> str:
    return spelled_null(template, text, parts_of(path))


def _annotations(resource: Resource) -> dict[str, Any]:
    metadata = resource.template.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def patcher(resource: Resource, text: str) -> Patcher:
    """Return what changes the template of a resource."""
    root = resource.root
    quoted = bool(root.flow and root.entries and root.entries[0][0].style == '"')
    style = style_of(root, text, resource.node)
    return Patcher(text, resource.node, style, json=quoted)


# -- what is in a document -------------------------------------------------------------------------


def resources(text: str) -> list[Resource]:
    """Return the objects with a pod template, in order; raises BadYaml."""
    return [
        resource
        for root in read_nodes(text)
        for node in _objects(root, 0)
        if (resource := _resource(node, root)) is not None
    ]


def _objects(node: Node, depth: int) -> Iterator[Node]:
    """Yield an object, or those in a List."""
    meant = node.target or node
    if meant.kind != "map":
        return
    items = entry(meant, "items")
    listed = None if items is None else items[1].target or items[1]
    kind = _text(meant, "kind")
    if kind.endswith("List") and listed is not None and depth < MOST_LISTS:
        for item in listed.items:
            yield from _objects(item, depth + 1)
    else:
        yield node


def _resource(node: Node, root: Node) -> Resource | None:
    meant = node.target or node
    kind = _text(meant, "kind")
    path = path_of(kind or None, _text(meant, "apiVersion") or None)
    template = None if path is None else _at(node, path)
    containers = None if template is None else _at(template, ("spec", "containers"))
    if template is None or containers is None:
        return None
    if not (containers.target or containers).items:
        return None
    name, namespace = (
        _text(_at(node, ("metadata",)), key) for key in ("name", "namespace")
    )
    value = Plain().value(template)
    return Resource(kind, name, namespace, template, root, value)


def _at(node: Node, parts: tuple[str, ...]) -> Node | None:
    """Return what is at *parts*, behind aliases, too; None if there is nothing."""
    for part in parts:
        meant = node.target or node
        found = entry(meant, part) if meant.kind == "map" else None
        if found is None:
            return None
        node = found[1]
    return node


def _text(node: Node | None, key: str) -> str:
    """Return a text in a map; "" if it isn't there, or is none."""
    meant = None if node is None else node.target or node
    found = entry(meant, key) if meant is not None and meant.kind == "map" else None
    value = None if found is None else found[1].target or found[1]
    return value.text if value is not None and value.kind == "scalar" else ""
