"""Applies rules by Python's re, for patterns that mean the same in Java."""

import re
from typing import NamedTuple

from jmx_bridge.mapping import ValueOrigin, snake_case
from jmx_bridge.mapping.rule import CACHED, Matcher
from jmx_bridge.mapping.subject import tail

DOT = r"[^\n\r\x85\u2028\u2029]"
TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?<(?=[a-zA-Z])|\.", re.DOTALL)
FLAGS = re.compile(r"(?:\(\?[a-z]+\))?")
REFERENCE = re.compile(r"\\(.)|\$(?:\{(\w+)\}|(\d+))|[\\$]", re.DOTALL)


class FakeMatch(NamedTuple):
    candidate: int = -1
    bad: int = 0
    expansions: list[str] = []  # noqa: RUF012 -- nobody changes it
    undecided: str = ""


class FakeMatcher:
    """
    Patterns and their templates; *asked* is how many regular expressions were run.

    Each takes a second, for whoever wants them *measured*.

    Java's limits are not played: *undecided* says of patterns, by index, why they are not tried.
    """

    def __init__(self, patterns, *, measured=False):
        self._patterns = [(compiled(text), texts) for text, texts in patterns]
        self.asked = 0
        self._seconds = [0.0] * len(self._patterns)
        self._measured = measured
        self.undecided = {}

    def renew(self):
        pass

    def seconds(self):
        return tuple(self._seconds) if self._measured else None

    def match(self, subjects, questions):
        return [self._first(subjects, candidates) for candidates in questions]

    def _first(self, subjects, candidates):
        for index, (subject, pattern) in enumerate(candidates):
            if why := self.undecided.get(pattern):
                return FakeMatch(index, undecided=why)
            regex, templates = self._patterns[pattern]
            self.asked += 1
            self._seconds[pattern] += 1.0
            if match := regex.fullmatch(subjects[subject]):
                texts = [expanded(match, template) for template in templates]
                return FakeMatch(index, texts.count(None), [t or "" for t in texts])
        return FakeMatch()


_: type[Matcher] = FakeMatcher


def compiled(pattern):
    """Return a whole subject's regular expression for a Java *pattern* in it."""
    flags = FLAGS.match(pattern)[0]
    inside = TOKEN.sub(_translated, pattern.removeprefix(flags))
    return re.compile(f"{flags}{DOT}*(?:{inside}){DOT}*", re.ASCII)


def _translated(token):
    return {".": DOT, "(?<": "(?P<"}.get(token[0], token[0])


def expanded(match, template):
    """Return *template* with its groups filled in as Java does; None if it can't be."""
    try:
        return REFERENCE.sub(lambda reference: _filled(match, reference), template)
    except IndexError:
        return None


def _filled(match, reference):
    escaped, name, digits = reference.groups()
    if escaped is not None:
        return escaped
    if name is not None:
        return match[name] or ""
    if digits is None:
        raise IndexError(reference[0])
    # Java takes a further digit only while such a group exists.
    length = 1
    while length < len(digits) and int(digits[: length + 1]) <= match.re.groups:
        length += 1
    return (match[int(digits[:length])] or "") + digits[length:]


def verdict(rules, name, attribute, path, extra=(), *, string=False, fast=True):
    """Return what *rules* make of a value, or None; not *fast*: without the prefilter."""
    written, value = attribute
    snake = snake_case(written)
    chosen = range(len(rules.rules))
    if fast:
        chosen = candidates(rules, name, path, written, value, string=string)
    for index in chosen:
        config = rules.rules[index].config
        spelled = snake if config.attr_name_snake_case else written
        origin = ValueOrigin(name, path, spelled, extra)
        if rules.rules[index].pattern < 0:
            return rules.judge(index, origin, (), 0)
        shown = CACHED if config.cache else value
        subject = f"{name.text}{tail(path, spelled)}{shown}"
        pattern = rules.rules[index].pattern
        (match,) = rules.matcher.match([subject], [[(0, pattern)]])
        if match.candidate == 0:
            return rules.judge(index, origin, match.expansions, match.bad)
    return None


def candidates(rules, name, path, written, value, *, string):
    tails = [tail(path, spelled) for spelled in (written, snake_case(written))]
    if string:
        bits = [rules.bits(f"{name.text}{text}{value}") for text in tails]
        return rules.text_candidates(*bits)
    return rules.candidates(
        *[rules.bits(name.text) | rules.tail_bits(text) for text in tails]
    )
