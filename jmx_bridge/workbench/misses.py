"""Where a pattern stops on a line that it doesn't match, and what would have matched."""

from __future__ import annotations

import re
from contextlib import suppress
from math import isqrt
from typing import TYPE_CHECKING, NamedTuple

from ..mapping import snake_case
from .pieces import alternatives, beginnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..mapping.rule import Compile
    from .pieces import Beginning


REST = "zRest"
"""The group that holds what is behind a beginning's match."""
NOT_CUT = re.compile(r"\\[1-9]|\\k<|\(\?<?[=!]|\(\?>")
"""Back references, look-arounds and atomic groups: what is behind one may depend on it."""


class Miss(NamedTuple):
    """How far a pattern goes on a line."""

    pattern_at: int
    """The first character of the pattern that finds nothing."""
    text_at: int
    """Where the line stands then."""
    sure: bool = True
    """Whether that is all: False if something in the pattern can't be tried by itself."""


def find_miss(pattern: str, line: str, compile_patterns: Compile) -> Miss:
    """
    Return how far *pattern* goes on *line*, which it does not match.

    Of alternatives the one counts of which most finds something.
    """
    best, begin = Miss(-1, -1), 0
    for start, alternative in alternatives(pattern):
        miss = _alternative(alternative, line, compile_patterns)
        if (miss.pattern_at, miss.text_at) > (best.pattern_at, best.text_at):
            best, begin = miss, start
    return best._replace(pattern_at=begin + best.pattern_at)


def _alternative(pattern: str, line: str, compile_patterns: Compile) -> Miss:
    found = NOT_CUT.search(pattern)
    sure, cuts = found is None, beginnings(pattern)
    if found:
        # Whatever ends behind it can't be tried by itself.
        cuts = [one for one in cuts if one.end <= found.start()]
    if not cuts:
        return Miss(0, 0, sure)
    # Whatever matches, all shorter beginnings match, too: the last of a few is looked for first.
    step = max(1, isqrt(len(cuts)))
    last, miss = _last_match(cuts[step - 1 :: step], line, compile_patterns)
    begin = (last + 1) * step
    found_behind = _last_match(cuts[begin : begin + step], line, compile_patterns)[1]
    at, text_at = found_behind or miss or (0, 0)
    return Miss(at, text_at, sure)


def _last_match(
    cuts: Sequence[Beginning], line: str, compile_patterns: Compile
) -> tuple[int, tuple[int, int] | None]:
    """Return which of *cuts* is the last that matches (-1: none), and where it ends in both texts."""
    if not cuts:
        return -1, None
    tried = [(f"(?:{one.pattern})(?<{REST}>.*)$", (f"${{{REST}}}",)) for one in cuts]
    matcher = compile_patterns(tried)
    answers = matcher.match([line], [[(0, i)] for i in range(len(cuts))])
    for i, answer in reversed([*enumerate(answers)]):
        if answer.candidate >= 0 and not answer.undecided:
            rest = answer.expansions[0] if answer.expansions else ""
            return i, (cuts[i].end, len(line) - len(rest))
    return -1, None


# -- what would have matched ---------------------------------------------------------------------


class Remedy(NamedTuple):
    """A pattern that matches the line, and what was changed to get it."""

    pattern: str
    what: str


def find_remedy(pattern: str, line: str, compile_patterns: Compile) -> Remedy | None:
    """Return the smallest usual change that makes *pattern* match *line*; None if none does."""
    each: dict[str, Remedy] = {}
    for one in _candidates(pattern, line):
        each.setdefault(one.pattern, one)
    candidates = [*each.values()]
    if not candidates:
        return None
    with suppress(ValueError):
        return _first_match(candidates, line, compile_patterns)
    # A change can break a pattern, as it knows no classes of letters inside others.
    for one in candidates:
        with suppress(ValueError):
            if found := _first_match([one], line, compile_patterns):
                return found
    return None


def _first_match(
    candidates: Sequence[Remedy], line: str, compile_patterns: Compile
) -> Remedy | None:
    """Return the first that matches; raises ValueError if Java refuses one of the patterns."""
    matcher = compile_patterns([(one.pattern, ()) for one in candidates])
    answers = matcher.match([line], [[(0, i)] for i in range(len(candidates))])
    for candidate, answer in zip(candidates, answers, strict=True):
        if answer.candidate >= 0 and not answer.undecided:
            return candidate
    return None


def _candidates(pattern: str, line: str) -> Iterator[Remedy]:
    """Yield changed patterns: each change alone, then together with those before it."""
    changes = [change for change in CHANGES if change.apply(pattern, line) != pattern]
    for change in changes:
        yield Remedy(change.apply(pattern, line), change.what)
    for first, second in ((a, b) for a in CHANGES for b in CHANGES if a is not b):
        once = first.apply(pattern, line)
        twice = second.apply(once, line)
        if once not in {pattern, twice}:
            yield Remedy(twice, f"{first.what}; {second.what}")
    together, whats = pattern, []
    for change in CHANGES:
        changed = change.apply(together, line)
        if changed != together:
            together = changed
            whats.append(change.what)
            yield Remedy(together, "; ".join(whats))


class Change(NamedTuple):
    """A usual mistake, mended."""

    what: str
    apply: Callable[[str, str], str]
    """From pattern and line to the changed pattern; the same pattern where it doesn't apply."""


CLASS = r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]"
"""An escaped letter or a class of letters, in which quotes and commas end nothing."""


def _blanks(pattern: str, _line: str) -> str:
    return re.sub(r",(?=[\w\\(.-]+=)", ", ", pattern)


def _tight(pattern: str, _line: str) -> str:
    return re.sub(r"(?<=<)\s+|\s+(?=>)|(?<=,) {2,}(?=\w)", "", pattern)


def _any_case(pattern: str, _line: str) -> str:
    return pattern if pattern.startswith("(?i)") else f"(?i){pattern}"


def _object_name(pattern: str, _line: str) -> str:
    """Turn "domain:key=value,key=value" into "domain<key=value, key=value>"."""
    match = re.match(
        r"(\^?)([\w.\\*()+-]+?):(\w+=[^<>]*?)(?=(?:<>|><|>|$|:\s|\$$))", pattern
    )
    if not match or "<" in match[3]:
        return pattern
    keys = re.sub(r",\s*(?=[\w-]+=)", ", ", match[3])
    rest = pattern[match.end() :]
    rest = rest if rest.startswith(">") else f">{rest}"
    return f"{match[1]}{match[2]}<{keys}{rest}"


def _ordered(pattern: str, line: str) -> str:
    """Put the properties into the line's order."""
    return _arranged(pattern, line, gaps=False)


def _gapped(pattern: str, line: str) -> str:
    """Put them into the line's order, with ".*" for those that the pattern doesn't have."""
    return _arranged(pattern, line, gaps=True)


def _arranged(pattern: str, line: str, *, gaps: bool) -> str:
    match = re.search(r"<((?:[^<>]|<\w+>)*?)>", pattern)
    of_line = re.search(r"<([^<>]*)>", line)
    if not match or not of_line:
        return pattern
    parts = re.split(r",\s*(?=[\w-]+=)", match[1])
    order = [part.partition("=")[0] for part in of_line[1].split(", ")]
    keys = [part.partition("=")[0] for part in parts]
    if len(set(keys)) != len(keys) or not set(keys) <= set(order):
        return pattern
    if gaps == (len(keys) == len(order)):
        return pattern
    return f"{pattern[: match.start(1)]}{_gaps(parts, order)}{pattern[match.end(1) :]}"


def _gaps(parts: Sequence[str], order: Sequence[str]) -> str:
    """Join properties, with ".*" where the line has others between them."""
    by_key = {part.partition("=")[0]: part for part in parts}
    made = ""
    gap = False
    for key in order:
        if key not in by_key:
            gap = True
            continue
        made += (
            ".*, " if gap and made else ".*" if gap else ", " if made else ""
        ) + by_key[key]
        gap = False
    return made + (".*" if gap else "")


def _quoted(pattern: str, line: str) -> str:
    """Put quotes around the values that the line has in quotes."""
    for key in re.findall(r'([\w-]+)="', line):
        value = rf'(?<![\w-])({re.escape(key)})=((?:{CLASS}|\((?:[^()]|\([^()]*\))*\)|[^",()<>\[])+)(?=,|>)'
        pattern = re.sub(value, r'\1="\2"', pattern)
    return pattern


def _unquoted(pattern: str, line: str) -> str:
    """Take quotes away around values that the line has without."""
    for key in re.findall(r'([\w-]+)=(?!")', line):
        value = rf'(?<![\w-])({re.escape(key)})="((?:{CLASS}|[^"\[])*)"'
        pattern = re.sub(value, r"\1=\2", pattern)
    return pattern


def _free(pattern: str, _line: str) -> str:
    """Take anchors away: a line goes on behind the attribute."""
    return re.sub(r"^\^|(?<!\\)\$$", "", pattern)


def _bracketed(pattern: str, _line: str) -> str:
    """Put the "<>" between MBean and attribute that a value at the top has."""
    if "><" in pattern:
        return pattern
    return re.sub(r">(?=[\w(\\])", "><>", pattern, count=1)


def _path(pattern: str, line: str) -> str:
    """Take the composite that the line has between "<" and ">" behind the MBean."""
    of_line = re.search(r"><([^<>]+)>", line)
    if not of_line or "><>" not in pattern:
        return pattern
    return pattern.replace("><>", f"><{re.escape(of_line[1])}>", 1)


def _colon(pattern: str, line: str) -> str:
    """Put the colon behind the attribute where the pattern goes on to the value."""
    name = _attribute(line)
    return re.sub(rf"{re.escape(name)}\s*=?\s*(?=\()", f"{name}: ", pattern)


def _outside(pattern: str, line: str) -> str:
    """Take the attribute out of the brackets, where only a composite's keys stand."""
    name = _attribute(line)
    return re.sub(rf"><{re.escape(name)}>(:?\s*)", f"><>{name}: ", pattern)


def _as_it_is(pattern: str, line: str) -> str:
    """Write the attribute as the JVM has it, where the pattern has it in snake case."""
    name = _attribute(line)
    return re.sub(rf"{re.escape(snake_case(name))}(?![a-z])", name, pattern)


def _attribute(line: str) -> str:
    """Return what stands behind the brackets, up to the value, which may have brackets, too."""
    match = re.match(r"[^<]*<.*?><[^<>]*>(.+?)(?:: |$)", line)
    return match[1] if match else line


def _domain(pattern: str, line: str) -> str:
    """Take the line's domain."""
    return re.sub(
        r"^(\^?)[^<:()\[\]|]+(?=<)",
        lambda found: found[1] + re.escape(line.partition("<")[0]),
        pattern,
    )


def _dollars(pattern: str, _line: str) -> str:
    """Escape a "$" that is no end: names of inner classes have them."""
    return re.sub(r"(?<!\\)\$(?=[\w])", r"\\$", pattern)


CHANGES = (
    Change('a blank behind each comma: ", "', _blanks),
    Change("no blanks inside the brackets", _tight),
    Change(
        "domain<key=value, ...>, not an ObjectName's domain:key=value", _object_name
    ),
    Change('"><>" between the MBean and its attribute', _bracketed),
    Change(
        "properties in the order of registration, and their groups with them", _ordered
    ),
    Change(
        'properties in the order of registration, ".*" for those that are left out',
        _gapped,
    ),
    Change("quotes around a value that has them", _quoted),
    Change("no quotes around a value that has none", _unquoted),
    Change("the composite's name between the brackets behind the MBean", _path),
    Change('no anchor there: a line ends with ": " and the value', _free),
    Change('": " between the attribute and its value', _colon),
    Change(
        "the attribute behind the brackets, where a composite's keys stand", _outside
    ),
    Change('"\\$" for a dollar sign', _dollars),
    Change("other letters are capitals", _any_case),
    Change("snake case only with attrNameSnakeCase: true", _as_it_is),
    Change("another domain", _domain),
)
"""In the order in which they are tried."""
