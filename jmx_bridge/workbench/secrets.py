"""
What smells of a secret is shown as `<secret>`: one rule for every verb, page and recording.

A string smells by its name (an attribute or key called like a password or token), or by its
form (a password inside a URL, `password=...`, a JWT, a private key). Numbers never smell.
What was found once is hidden wherever else it stands, in labels and messages, too; unless it
may as well be an ordinary word ("root"), which then is hidden in its own place alone.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from ..model import LeafKind
from .derive import ARROW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..config import Config
    from ..jmx.moment import JvmReading, RecordedMBean, RecordedValue
    from ..model import Leaf
    from .lines import Line

SECRET = "<secret>"  # noqa: S105 -- what stands for one
SHORTEST = 6
LONGEST_WORD = 12
"""Characters of a text that is letters only, or digits only, and may still be an ordinary word."""
NAME = re.compile(
    r"passw|passphrase|\bpwd\b|secret|credential|token|jaas|cookie"
    r"|(?:api|access|private|account|encryption|signing|shared)[._-]?key"
    r"|session[._-]?ids?\b|authorization|inputarguments|systemproperties|environment",
    re.IGNORECASE,
)
"""Names of attributes and keys whose strings are secrets."""
INSIDE = re.compile(
    r"""
      (?<=://)[^/\s:@]*:(?P<user>[^/\s@]+)(?=@)              # https://user:HERE@host
    | \bjdbc:oracle:\w+:[^/\s@]*/(?P<oracle>[^\s@]+)(?=@)   # jdbc:oracle:thin:user/HERE@host
    | (?:(?:passw(?:or)?d|passphrase|pwd|secret|token|credentials?|(?:api|access)[._-]?key
        |sasl\.jaas\.config|session[._-]?id|authorization)\w*|\bsig(?:nature)?)
      ["']?\s*[=:]\s*(?:(?:Bearer|Basic)\s+)?
      (?:"(?P<quoted>(?:\\.|[^"\\]){1,4096})|'(?P<single>[^']{1,4096})  # password="HERE"
        |(?P<value>[^\s"'&;,<>]{1,4096}))                               # password=HERE
    | \b(?:Bearer|Basic)\s+(?P<bearer>[A-Za-z0-9._~+/=-]{8,})
    | \b(?P<jwt>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?)
    | \b(?P<aws>(?:AKIA|ASIA)[A-Z0-9]{16})\b
    | (?P<pem>-----BEGIN\ [A-Z ]*PRIVATE\ KEY-----[\s\S]*?(?:-----END[^-]*-----|\Z))
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Secrets inside a longer text, each in a group."""
SIGNS = (
    *("://", "jdbc:", "passw", "passphrase", "pwd", "secret", "token", "credential", "key"),
    *("jaas", "sig", "session", "authorization", "bearer", "basic", "eyj", "akia", "asia"),
    "-----begin",
)  # fmt: skip
"""One of these stands in every text in which INSIDE finds something, whatever its case."""
REMEMBERED = 4096
"""Texts whose answer is kept: types, descriptions and rules come again with each line."""


class Redactor:
    """Hides the secrets of one reading."""

    def __init__(
        self,
        mbeans: Iterable[RecordedMBean],
        *,
        off: bool = False,
        known: Iterable[str | None] = (),
    ) -> None:
        """*off*: everything is shown as it is. *known*: secrets that are none of the MBeans'."""
        self._off = off
        found = () if off else chain(_found(mbeans), filter(None, known))
        texts = {text for text in found if not may_be_word(text)}
        longest_first = sorted(texts, key=lambda text: (-len(text), text))
        either = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(either) if either else None

    def text(self, text: str) -> str:
        """Return any text without secrets."""
        if self._off:
            return text
        return hide_inside(self._pattern.sub(SECRET, text) if self._pattern else text)

    def value(self, mbean: RecordedMBean, value: RecordedValue) -> str | None:
        """Return a value's text without secrets; None where it has none."""
        name = mbean.attributes[value.leaf.attribute].name
        return self._value(name, value.leaf, value.text)

    def line(self, line: Line) -> str | None:
        """Return a line's value without secrets; None where it has none."""
        return self._value(line.attribute.name, line.leaf, line.text)

    def made_of(self, line: Line, text: str) -> str:
        """Return what was made of a line, without secrets: of one that smells no piece stays."""
        if self._off or not line.text or not smells(line.attribute.name, line.leaf):
            return self.text(text)
        words = text.split(ARROW)
        return ARROW.join(_without(line.text, self.text(word)) for word in words)

    def label(self, line: Line, name: str, value: str) -> str:
        """Return a label's value without secrets."""
        if value and not self._off and is_secrets_name(name):
            return SECRET
        return self.made_of(line, value)

    def mbean(self, mbean: RecordedMBean) -> RecordedMBean:
        """Return an MBean without secrets: in its name, texts, tables and descriptions."""
        if self._off:
            return mbean
        values = [
            replace(value, leaf=self._leaf(value.leaf), text=self.value(mbean, value))
            for value in mbean.values
        ]
        attributes = [
            one._replace(description=one.description and self.text(one.description))
            for one in mbean.attributes
        ]
        return replace(
            mbean,
            name=self.text(mbean.name),
            attributes=tuple(attributes),
            values=tuple(values),
        )

    def _leaf(self, leaf: Leaf) -> Leaf:
        if not leaf.row:
            return leaf
        row = [
            (column, part, SECRET if secret_column(column, part) else self.text(cell))
            for column, part, cell in leaf.row
        ]
        return replace(leaf, row=tuple(row))

    def _value(self, name: str, leaf: Leaf | None, text: str | None) -> str | None:
        if self._off or text is None:
            return text
        return SECRET if smells(name, leaf) else self.text(text)


def secrets_of(config: Config) -> list[str | None]:
    """Return the passwords that a rule file has."""
    stores = (config.tls.key_store, config.tls.trust_store) if config.tls else ()
    return [config.password, *(store.password for store in stores if store)]


def without_secrets(reading: JvmReading, redactor: Redactor) -> JvmReading:
    """Return a reading without secrets; names that are equal then are numbered."""
    mbeans, seen = [], Counter[str]()
    for mbean in map(redactor.mbean, reading.mbeans):
        seen[mbean.name] += 1
        if seen[mbean.name] > 1:
            other = f"{SECRET[:-1]} {seen[mbean.name]}>"
            mbeans.append(replace(mbean, name=mbean.name.replace(SECRET, other)))
        else:
            mbeans.append(mbean)
    return replace(reading, mbeans=mbeans)


def secret_column(column: str, part: str) -> bool:
    """Whether a table's column, or a part of a composite one, is called like a secret's."""
    return is_secrets_name(column) or is_secrets_name(part)


@lru_cache(REMEMBERED)
def is_secrets_name(name: str) -> bool:
    """Whether an attribute, key or label is called like a secret; few names come again and again."""
    return NAME.search(name) is not None


def may_be_word(text: str) -> bool:
    """Whether a secret may stand elsewhere as an ordinary word or number."""
    plain = text.isalpha() or text.isdecimal()
    return len(text) < (LONGEST_WORD if plain else SHORTEST)


def _without(value: str, word: str) -> str:
    """Return a word made of a secret *value* without it, or none if it is a piece of it."""
    return SECRET if word and word in value else word.replace(value, SECRET)


@lru_cache(REMEMBERED)
def hide_inside(text: str) -> str:
    """Return *text* with the secrets hidden that are told by their form."""
    return INSIDE.sub(_hidden, text) if may_hold(text) else text


def may_hold(text: str) -> bool:
    """Whether a secret may stand inside a text; of one that is not ASCII that is not asked."""
    # A pattern that ignores case takes eight times as long for a line of a JVM.
    lower = text.lower()
    return not text.isascii() or any(map(lower.__contains__, SIGNS))


def smells(attribute: str, leaf: Leaf | None) -> bool:
    """Whether a value is a string in a place that is called like a secret's."""
    if leaf is None or leaf.kind is not LeafKind.STRING:
        return False
    cells = [cell for _, _, cell in leaf.row if cell != SECRET]
    names = (attribute, *leaf.path, leaf.name, *cells)
    return any(map(is_secrets_name, names))


def _found(mbeans: Iterable[RecordedMBean]) -> Iterator[str]:
    for mbean in mbeans:
        for value in mbean.values:
            text, leaf = value.text or "", value.leaf
            if smells(mbean.attributes[leaf.attribute].name, leaf):
                yield text
            elif leaf.kind is LeafKind.STRING:
                yield from _inside(text)
            yield from (cell for *column, cell in leaf.row if secret_column(*column))
        yield from _inside(mbean.name)


def _inside(text: str) -> Iterator[str]:
    if may_hold(text):
        for match in INSIDE.finditer(text):
            yield match[match.lastgroup or 0]


def _hidden(match: re.Match[str]) -> str:
    """Return what a match becomes: its text but for the group that holds the secret."""
    whole, start = match[0], match.start()
    begin, end = match.span(match.lastgroup or 0)
    return f"{whole[: begin - start]}{SECRET}{whole[end - start :]}"
