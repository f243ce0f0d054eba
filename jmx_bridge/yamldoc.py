"""
YAML text as a tree whose every node knows its place and can complain about it.

Problems are collected, never raised one by one, so that a reader of a file goes on to
its end and its author sees all that is wrong at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import yaml

from .errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_NODES = 100_000
"""A document with more nodes, its aliases expanded, is refused."""
MOST_PROBLEMS = 100
"""So many are told of one file, and of the others how many they are."""
INT_MAX = 2**31 - 1
FLOAT = "tag:yaml.org,2002:float"
MERGE = "tag:yaml.org,2002:merge"
TEXTS = {"tag:yaml.org,2002:value", "tag:yaml.org,2002:timestamp"}
"""What YAML has types for and a rule file means as text."""
PLAIN_KEY = re.compile(r"[\w.-]+")
KINDS: dict[type, str] = {
    bool: "the boolean",
    int: "the integer",
    float: "the number",
    str: "the string",
}
COLLECTIONS: dict[type, str] = {tuple: "a list", dict: "a map", type(None): "nothing"}
HINTS = {
    r"'\t'": "indent with spaces, not with tabs",
    "cannot start any token": "put the text in quotes",
    "mapping values": 'check the indentation, and quote a text that contains ": "',
    "unknown escape character": "put a pattern in single quotes: '\\d+'",
    "expected escape sequence": "put a pattern in single quotes: '\\d+'",
    "undefined alias": 'put a text that begins with "*" in quotes',
    "alphabetic or numeric": 'put a text that begins with "*" or "&" in quotes',
    "end of stream": "close the quote or the bracket that is still open",
    "could not find expected ':'": 'write a key as "key: value"',
    "another document": 'keep one document in a file: remove the line "---"',
    "unexpected ':'": "put the text in quotes",
    "expected": "check the indentation, and quote texts with special characters",
}


class Place(NamedTuple):
    """Where something stands in a file; the first line and column are 1."""

    line: int
    column: int


NOWHERE = Place(0, 0)


class Problems:
    """What is wrong in one file."""

    def __init__(self, file: str) -> None:
        self._file = file
        # In order, and each once: whoever reads a node twice complains twice.
        self._found: dict[Problem, None] = {}
        self._more = 0
        self._failed = False

    def error(self, place: Place, message: str, hint: str = "") -> None:
        """Add what makes the file unusable."""
        self._add(Problem(self._file, *place, message, hint))

    def warn(self, place: Place, message: str, hint: str = "") -> None:
        """Add what its author should know."""
        self._add(Problem(self._file, *place, message, hint, warning=True))

    def _add(self, problem: Problem) -> None:
        self._failed |= not problem.warning
        if len(self._found) < MOST_PROBLEMS or not problem.line:
            self._found[problem] = None
        elif problem not in self._found:
            self._more += 1

    def failed(self) -> bool:
        """Whether there is an error among the problems."""
        return self._failed

    def all(self) -> tuple[Problem, ...]:
        """Return the problems in the order of their places."""
        told = sorted(self._found, key=lambda found: (found.line, found.column))
        if self._more:
            more = f"there are {self._more:,} more problems in this file"
            told.append(Problem(self._file, 0, 0, more, warning=not self._failed))
        return tuple(told)


Value = None | bool | int | float | str | tuple["Node", ...] | dict[object, "Node"]


@dataclass(frozen=True, slots=True)
class Node:
    """
    A value in the document.

    An accessor whose type doesn't fit adds a problem and returns None or nothing.
    """

    value: Value
    place: Place
    path: str
    """How to get here: "rules[3].pattern"; "" is the whole document."""
    key_place: Place
    """Where the key of this value stands, in a map; else as *place*."""
    quote: str | None
    """How a one-line scalar is quoted; None if places in it can't be told."""
    problems: Problems = field(repr=False, compare=False)

    def error(
        self, message: str, hint: str = "", *, place: Place | None = None
    ) -> None:
        """Complain about this node."""
        self.problems.error(place or self.place, self._located(message), hint)

    def warn(self, message: str, hint: str = "", *, place: Place | None = None) -> None:
        """Warn about this node."""
        self.problems.warn(place or self.place, self._located(message), hint)

    def found(self) -> str:
        """Describe the value for a message."""
        if type(self.value) in COLLECTIONS:
            return COLLECTIONS[type(self.value)]
        text = repr(self.value) if isinstance(self.value, str) else self.java_text()
        return f"{KINDS[type(self.value)]} {text}"

    def text(self, *, secret: bool = False) -> str | None:
        """Return a string; a *secret* one is not shown in messages."""
        if isinstance(self.value, str):
            return self.value
        scalar = type(self.value) in KINDS
        found = "another type" if secret and scalar else self.found()
        self.error(f"must be a string (found {found})", "put it in quotes" * scalar)
        return None

    def flag(self) -> bool | None:
        """Return true or false."""
        if isinstance(self.value, bool):
            return self.value
        quoted = isinstance(self.value, str) and self.value.lower() in {"true", "false"}
        self.error(
            f"must be true or false (found {self.found()})",
            "remove the quotes" * quoted,
        )
        return None

    def whole(self, *, minimum: int) -> int | None:
        """Return an integer that Java's int can hold."""
        value = self.value
        if type(value) is int and minimum <= value <= INT_MAX:
            return value
        self.error(f"must be an integer from {minimum} up (found {self.found()})")
        return None

    def coerced(self) -> str | None:
        """Return any scalar as text, as Java's String.valueOf would write it."""
        if not isinstance(self.value, tuple | dict):
            return self.java_text()
        self.error(f"must be a text (found {self.found()})", "put it in quotes")
        return None

    def java_text(self) -> str:
        """Return a scalar as Java writes it."""
        if self.value is None:
            return "null"
        if isinstance(self.value, bool):
            return str(self.value).lower()
        if isinstance(self.value, float):
            return java_double(self.value)
        return str(self.value)

    def items(self) -> tuple[Node, ...]:
        """Return a list's items; none if this isn't a list."""
        if isinstance(self.value, tuple):
            return self.value
        hint = (
            "remove the key, or write [] for none"
            if self.value is None
            else 'begin each item with "- "'
        )
        self.error(f"must be a list (found {self.found()})", hint)
        return ()

    def texts(self) -> tuple[str, ...]:
        """Return a list of strings."""
        return tuple(text for item in self.items() if (text := item.text()) is not None)

    def entries(self) -> Mapping[object, Node]:
        """Return a map's entries; none if this isn't a map."""
        if isinstance(self.value, dict):
            return self.value
        hint = (
            "remove the key, or write {} for none"
            if self.value is None
            else "write it as key: value"
        )
        subject = "" if self.path else "the document "
        self.error(f"{subject}must be a map (found {self.found()})", hint)
        return {}

    def named(self) -> Iterator[tuple[str, Node]]:
        """Yield a map's entries whose keys are strings, and complain about others."""
        for key, node in self.entries().items():
            if isinstance(key, str):
                yield key, node
            else:
                written = str(key).lower() if isinstance(key, bool) else str(key)
                self.error(
                    f"a key must be a string (found {written})",
                    "put the key in quotes",
                    place=node.key_place,
                )

    def place_of(self, index: int) -> Place:
        """Return where character *index* of a scalar stands, else where it begins."""
        if self.quote is None or not isinstance(self.value, str):
            return self.place
        doubled = self.value[:index].count("'") if self.quote == "'" else 0
        return Place(
            self.place.line, self.place.column + len(self.quote) + index + doubled
        )

    def _located(self, message: str) -> str:
        return f"{self.path}: {message}" if self.path else message


def read_document(text: str, problems: Problems) -> Node | None:
    """Return the root of the one document in *text*; None if it is empty or broken."""
    loader = tree = None
    try:
        loader = Loader(text)
        root = loader.get_single_node()
        tree = None if root is None else Builder(problems).node(root, "", None)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        problems.error(_place(mark) if mark else NOWHERE, *_explain(exc))
    except yaml.reader.ReaderError as exc:
        before = text[: exc.position]
        place = Place(
            before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        )
        problems.error(
            place,
            f"invalid YAML: control character U+{ord(text[exc.position]):04X}",
            "remove it, or write it as an escape in double quotes",
        )
    except TooLarge:
        problems.error(
            NOWHERE, f"more than {MAX_NODES:,} values, all aliases written out"
        )
    except RecursionError:
        problems.error(NOWHERE, "invalid YAML: nested too deeply")
    finally:
        if loader is not None:
            loader.dispose()
    return None if problems.failed() else tree


def java_double(value: float) -> str:
    """Return a number as Java's Double.toString writes it."""
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 -- NaN
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[repr(value)]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value) if "e" not in repr(value) else f"{value:f}"
    digits, _, exponent = repr(value).partition("e")
    sign = "-" if digits.startswith("-") else ""
    whole, _, fraction = digits.lstrip("-").partition(".")
    fraction = "" if fraction == "0" else fraction
    power = int(exponent or 0) + len(whole) - 1
    significant = (whole + fraction).lstrip("0")
    power -= len(whole + fraction) - len(significant)
    rest = significant[1:].rstrip("0") or "0"
    return f"{sign}{significant[0]}.{rest}E{power}"


class TooLarge(Exception):
    """The document has too many nodes."""


class Loader(yaml.SafeLoader):
    """PyYAML's, as liberal as YAML is: an anchor may be redefined, 1e3 is a number."""

    def compose_node(
        self, parent: yaml.Node | None, index: yaml.Node | int | None
    ) -> yaml.Node | None:
        """Forget an anchor that is about to be redefined, which PyYAML would refuse."""
        event = self.peek_event()  # type: ignore[no-untyped-call]  # untyped in the stubs
        if isinstance(event, yaml.NodeEvent) and not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(event.anchor, None)
        node: yaml.Node | None = super().compose_node(parent, index)  # type: ignore[arg-type]  # the stubs know neither None nor ints
        return node


Loader.add_implicit_resolver(
    FLOAT,
    re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)[eE][-+]?[0-9]+$"),
    list("-+.0123456789"),
)


class Builder:
    """Makes our tree of PyYAML's nodes."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._scalars = yaml.constructor.SafeConstructor()
        self._open: set[int] = set()
        self._count = 0

    def node(self, source: yaml.Node, path: str, key_place: Place | None) -> Node:
        """Return the tree below *source*."""
        self._count += 1
        if self._count > MAX_NODES:
            raise TooLarge
        place = _place(source.start_mark)
        quote = _quote(source) if isinstance(source, yaml.ScalarNode) else None
        value = self._value(source, path)
        return Node(value, place, path, key_place or place, quote, self._problems)

    def _value(self, source: yaml.Node, path: str) -> Value:
        if isinstance(source, yaml.ScalarNode):
            return self._scalar(source)
        if id(source) in self._open:
            self._problems.error(_place(source.start_mark), "an alias contains itself")
            return None
        self._open.add(id(source))
        try:
            if isinstance(source, yaml.SequenceNode):
                return tuple(
                    self.node(item, f"{path}[{index}]", None)
                    for index, item in enumerate(source.value)
                )
            return self._map(source, path)
        finally:
            self._open.discard(id(source))

    def _map(self, source: yaml.Node, path: str) -> dict[object, Node]:
        own: dict[object, Node] = {}
        merged: dict[object, Node] = {}
        for key_source, value_source in source.value:
            if not isinstance(key_source, yaml.ScalarNode):
                self._problems.error(
                    _place(key_source.start_mark),
                    "a key must be a string (found a list or a map)",
                    'put a text that begins with "{" or "[" in quotes',
                )
                continue
            if key_source.tag == MERGE:
                for entries in self._merges(value_source, path):
                    merged = entries | merged
                continue
            key = self._scalar(key_source)
            place = _place(key_source.start_mark)
            if key in own:
                self._problems.warn(
                    place,
                    f"{_join(path, key)}: is here twice, and the last one counts",
                    f"remove one; the other is on line {own[key].key_place.line}",
                )
            own[key] = self.node(value_source, _join(path, key), place)
        return merged | own

    def _merges(self, source: yaml.Node, path: str) -> Iterator[dict[object, Node]]:
        sources = source.value if isinstance(source, yaml.SequenceNode) else [source]
        for one in sources:
            entries = self.node(one, path, None).entries()
            yield dict(entries)

    def _scalar(self, source: yaml.ScalarNode) -> bool | int | float | str | None:
        if source.tag in TEXTS:
            return str(source.value)
        try:
            value = self._scalars.construct_object(source)
        except (yaml.constructor.ConstructorError, ValueError, OverflowError):
            self._problems.error(
                _place(source.start_mark),
                f"a value of an unknown or unfitting YAML type (found {source.tag!r})",
                "put the text in quotes and remove the tag",
            )
            return None
        if value is None or isinstance(value, bool | int | float | str):
            return value
        return str(source.value)


def _join(path: str, key: object) -> str:
    if not isinstance(key, str) or not PLAIN_KEY.fullmatch(key):
        return f"{path}[{key!r}]"
    return f"{path}.{key}" if path else key


def _place(mark: yaml.Mark | yaml.error.Mark) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _quote(source: yaml.ScalarNode) -> str | None:
    start, end = source.start_mark, source.end_mark
    if start.line != end.line or source.style in {"|", ">"}:
        return None
    raw = start.buffer[start.pointer : end.pointer] if start.buffer else ""
    # A tag or an anchor before the text belongs to the node in some versions of PyYAML.
    if source.style and not raw.startswith(source.style):
        return None
    return None if source.style == '"' and "\\" in raw else source.style or ""


def _explain(exc: yaml.MarkedYAMLError) -> tuple[str, str]:
    problem = " ".join((exc.problem or str(exc)).split())
    if problem.startswith("but "):
        problem = f"{exc.context}, {problem}"
    found = f"{exc.context} {problem}"
    hint = next((hint for part, hint in HINTS.items() if part in found), "")
    begun = exc.context_mark
    if "end of stream" in found and begun is not None:
        hint += f" since line {begun.line + 1}"
    return f"invalid YAML: {problem}", hint
