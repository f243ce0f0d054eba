"""
YAML text to a tree of `document.Node`.

It is YAML 1.1 as SnakeYAML reads it, since that is what rule files are written for: `yes` is
a boolean, a key may come twice and its last value counts, an anchor may be redefined.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from .document import NOWHERE, Node, Place, Problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Value

MAX_NODES = 100_000
"""A document with more nodes, its aliases expanded, is refused."""
MAX_WRITTEN = 50_000
"""And one in which more are written, keys included: 3,000 large rules."""
MAX_TEXT = 3 << 20
"""Characters of all texts, keys included and aliases written out: what a file may have in bytes."""
MAX_DIGITS = 400
"""A longer number is refused: Java's doubles have up to 309 digits before the point."""
NUMBERS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
FLOAT = "tag:yaml.org,2002:float"
MERGE = "tag:yaml.org,2002:merge"
TEXTS = {"tag:yaml.org,2002:value", "tag:yaml.org,2002:timestamp"}
"""Tags of what YAML gives a type, and a rule file means as text."""
SURROGATE = re.compile("[\ud800-\udfff]")
PLAIN_KEY = re.compile(r"[\w.-]+")
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


def read_document(text: str, problems: Problems) -> Node | None:
    """
    Return the root of the one document in *text*.

    None if it is empty or there is an error among the *problems*.
    """
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
    except TooLarge as exc:
        problems.too_large = True
        problems.error(NOWHERE, str(exc))
    except RecursionError:
        problems.error(NOWHERE, "invalid YAML: nested too deeply")
    finally:
        if loader is not None:
            loader.dispose()
    return None if problems.failed() else tree


class TooLarge(Exception):
    """The document has too many nodes."""


class Loader(yaml.SafeLoader):
    """PyYAML's loader, except that an anchor may be redefined and 1e3 is a number."""

    count = 0
    """How many nodes there are so far, keys included."""

    def compose_node(
        self, parent: yaml.Node | None, index: yaml.Node | int | None
    ) -> yaml.Node | None:
        """
        Count, and forget an anchor that is about to be redefined, which PyYAML would refuse.

        Counted here, as a megabyte of "- {}" takes 280 MB of nodes. Raises TooLarge.
        """
        self.count += 1
        if self.count > MAX_WRITTEN:
            raise TooLarge(f"more than {MAX_WRITTEN:,} keys and values")
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
    """Makes a tree of `Node` of PyYAML's nodes, aliases written out."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._scalars = yaml.constructor.SafeConstructor()
        self._open: set[int] = set()
        self._count = self._length = 0

    def node(self, source: yaml.Node, path: str, key_place: Place | None) -> Node:
        """
        Return the tree below *source*, which is at *path*; raises TooLarge.

        *key_place* is where its key stands, None for what has none.
        """
        self._count += 1
        if self._count > MAX_NODES:
            raise TooLarge(f"more than {MAX_NODES:,} values, all aliases written out")
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
        self._length += len(source.value)
        if self._length > MAX_TEXT:
            raise TooLarge("more than 3 MiB of text, all aliases written out")
        if source.tag in TEXTS:
            return self._whole(source)
        try:
            value = self._value_of(source)
        except (yaml.constructor.ConstructorError, ValueError, OverflowError):
            self._problems.error(
                _place(source.start_mark),
                f"a value of an unknown or unfitting YAML type (found {source.tag!r})",
                "put the text in quotes and remove the tag",
            )
            return None
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._whole(source)

    def _whole(self, source: yaml.ScalarNode) -> str:
        """Return a text, in which escapes may have written a character as a surrogate pair."""
        text = str(source.value)
        if text.isascii():
            return text
        units = text.encode("utf-16", "surrogatepass")
        whole = units.decode("utf-16", "surrogatepass")
        if half := SURROGATE.search(whole):
            self._problems.error(
                _place(source.start_mark),
                f"half of a character, U+{ord(half[0]):04X}",
                "write the whole one, as it is or as \\U and eight digits",
            )
        return whole

    def _value_of(self, source: yaml.ScalarNode) -> object:
        # One with colons takes time that grows as the square of their number.
        if source.tag in NUMBERS and len(source.value) > MAX_DIGITS:
            raise ValueError(source.tag)
        return self._scalars.construct_object(source)


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
