"""Where a pattern stops on a line, and what would have matched."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from unit.fake_matcher import FakeMatcher
from unit.workbench.shop import MANAGER, POOL

from jmx_bridge.workbench.misses import find_miss, find_remedy
from jmx_bridge.workbench.pieces import alternatives, beginnings

LINE = f"{MANAGER}: 3"


def pointed(pattern, line=LINE):
    """Return pattern and line, each with a caret where the pattern stops."""
    miss = find_miss(pattern, line, FakeMatcher)
    return (
        f"{pattern[: miss.pattern_at]}^{pattern[miss.pattern_at :]}",
        f"{line[: miss.text_at]}^{line[miss.text_at :]}",
    )


@pytest.mark.parametrize(
    ("pattern", "at", "line_at"),
    [
        ("type=Manager,host", "type=Manager,^host", "type=Manager,^ host"),
        ("host=(.+),x", "host=(.+),^x", "localhost,^ context"),
        ("(Catalina)<kind", "(Catalina)<^kind", "Catalina<^type"),
        ("(Cata(lino))", "(Cata(lin^o))", "Catalin^a<type"),
        ("Catalina<(type|kind)=X", "kind)=^X", "type=^Manager"),
        (r"activeSessions: \d{2}", r": ^\d{2}", "activeSessions: ^3"),
        (r"activeSessions: [4-9]", ": ^[4-9]", "activeSessions: ^3"),
        ("~yz", "^~yz", "^Catalina"),
        ("abc|Catalina<x", "|Catalina<^x", "Catalina<^type"),
        ("activeSessions$", "Sessions^$", "activeSessions^: 3"),
        ("shop>activeSessions", "shop>^active", "shop>^<>active"),
    ],
)
def test_a_caret_stands_at_the_first_thing_that_finds_nothing(pattern, at, line_at):
    in_pattern, in_line = pointed(pattern)

    assert at in in_pattern
    assert line_at in in_line


@pytest.mark.parametrize(
    "pattern", [r"(M)anager, \1x", "a(?=b)c", "(?<!x)yy", "(?>Cata)x", r"(?<n>M)\k<n>x"]
)
def test_what_cannot_be_cut_is_not_taken_for_sure(pattern):
    assert not find_miss(pattern, LINE, FakeMatcher).sure


@pytest.mark.parametrize(
    ("pattern", "said", "becomes"),
    [
        (
            "Catalina<type=Manager,host=(.+), context=(.+)><>activeSessions",
            "a blank behind each comma",
            "Catalina<type=Manager, host=(.+), context=(.+)><>activeSessions",
        ),
        (
            "Catalina<type=Manager, context=(.+), host=(.+)><>activeSessions",
            "the order of registration",
            "Catalina<type=Manager, host=(.+), context=(.+)><>activeSessions",
        ),
        (
            "Catalina<context=(.+), type=Manager><>activeSessions",
            "the order of registration",
            "Catalina<type=Manager.*, context=(.+)><>activeSessions",
        ),
        (
            "catalina<type=Manager",
            "capitals",
            "(?i)catalina<type=Manager",
        ),
        (
            "Catalina:type=Manager,host=(.+),context=(.+)<>activeSessions",
            "not an ObjectName's",
            "Catalina<type=Manager, host=(.+), context=(.+)><>activeSessions",
        ),
        ("type=Manager>activeSessions$", None, None),
        ("context=/shop>activeSessions", '"><>"', "context=/shop><>activeSessions"),
        ("activeSessions$", "no anchor there", "activeSessions"),
        ("^type=Manager", "no anchor there", "type=Manager"),
        (
            "Catalina< type=Manager, host=(.+) >",
            "no blanks inside",
            "Catalina<type=Manager, host=(.+)>",
        ),
        ('host="(.+)", context', "no quotes", "host=(.+), context"),
    ],
)
def test_a_usual_mistake_is_mended(pattern, said, becomes):
    remedy = find_remedy(pattern, LINE, FakeMatcher)

    if said is None:
        assert remedy is None
        return
    assert said in remedy.what
    assert remedy.pattern == becomes


def test_quotes_and_composites_of_the_line_are_put_in():
    quoted = find_remedy("name=http-(.+)><>maxThreads", f"{POOL}: 200", FakeMatcher)
    memory = "java.lang<type=Memory><HeapMemoryUsage>used: 10"
    inside = find_remedy("<type=Memory><>used", memory, FakeMatcher)
    dollar = find_remedy("type=A$B", "a<type=A$B><>c: 1", FakeMatcher)

    assert quoted.pattern == 'name="http-(.+)"><>maxThreads'
    assert inside.pattern == "<type=Memory><HeapMemoryUsage>used"
    assert dollar.pattern == r"type=A\$B"


def test_brackets_in_a_value_are_no_end_of_the_properties():
    line = "shop<type=Page><>title: <b>(tea)"
    colon = find_remedy(r"shop<type=Page><>title (.+)", line, FakeMatcher)
    unlike = find_remedy(r"title: (.)(z)", line, FakeMatcher)

    assert colon and colon.pattern == "shop<type=Page><>title: (.+)"
    assert unlike is None


def test_a_change_that_breaks_a_pattern_keeps_no_other_from_being_tried():
    def strict(patterns):
        if any("(?i)" in pattern for pattern, _ in patterns):
            raise ValueError("unclosed group")
        return FakeMatcher(patterns)

    found = find_remedy("name=http-(.+)><>maxThreads", f"{POOL}: 200", strict)

    assert found.pattern == 'name="http-(.+)"><>maxThreads'


def test_quotes_and_commas_in_a_class_of_letters_end_no_value():
    """A value cut there would be a pattern that doesn't compile."""
    line = 'a<type=Pool, class=x, name="p", host=h><>active: 1'
    loose = find_remedy('a<type=Pool,class=[^",]+,name="([^"]+)', line, FakeMatcher)
    unquoted = find_remedy('a<host="([^"]+)"><>active', line, FakeMatcher)

    assert loose.pattern == 'a<type=Pool, class=[^",]+, name="([^"]+)'
    assert unquoted.pattern == 'a<.*host=([^"]+)><>active'


def test_two_mistakes_at_once_are_mended():
    pattern = "Catalina<type=Manager,context=(.+),host=(.+)><>activesessions"
    remedy = find_remedy(pattern, LINE, FakeMatcher)

    assert remedy is not None
    assert (
        FakeMatcher([(remedy.pattern, ())]).match([LINE], [[(0, 0)]])[0].candidate == 0
    )


def test_a_pattern_for_something_else_has_no_remedy():
    assert find_remedy("kafka.server<type=x", LINE, FakeMatcher) is None
    assert find_remedy("zzz", LINE, FakeMatcher) is None


# -- beginnings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("ab*c", ["a", "ab*", "ab*c"]),
        ("a(b(c))d", ["a", "a(b)", "a(b(c))", "a(b(c))", "a(b(c))", "a(b(c))d"]),
        ("a(b|c)d", ["a", "a(b|c)", "a(b|c)d"]),
        ("(?:a)(?<n>b)(?i:c)", None),
        ("(ab)+c", ["(ab)+", "(ab)+c"]),
        (r"\Qa.b\E+c", [r"\Qa.b\E+", r"\Qa.b\E+c"]),
        (r"\Qa.b", [r"\Qa.b"]),
        (r"\p{Alpha}\x41\x{41}\u0041\cA\pL\k<n>\.", None),
        ("[]a][^]b][a[b]&&[c]][", None),
        ("a{2,3}?b++c*?", ["a{2,3}?", "a{2,3}?b++", "a{2,3}?b++c*?"]),
        ("a{2", ["a{2"]),
        ("", []),
    ],
)
def test_a_pattern_is_cut_behind_whole_elements(pattern, parts):
    found = beginnings(pattern)

    if parts is not None:
        assert [one.pattern for one in found] == parts
    assert all(one.pattern.startswith(pattern[: one.end]) for one in found)
    assert not pattern or found[-1].pattern == pattern


@pytest.mark.parametrize(
    ("pattern", "places"),
    [
        ("a|b", [(0, "a"), (2, "b")]),
        (r"a\|b(c|d)[|]", [(0, r"a\|b(c|d)[|]")]),
        ("|", [(0, ""), (1, "")]),
        (r"\Q|\E|x", [(0, r"\Q|\E"), (6, "x")]),
    ],
)
def test_alternatives_at_the_top_have_their_places(pattern, places):
    assert alternatives(pattern) == places


LETTERS = "ab<,"
ELEMENTS = st.recursive(
    st.sampled_from(
        [*LETTERS, "[ab]", "[^a]", ".", r"\w", "a*", "b+", ".*", "a?", ".+?"]
    ),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(tuple),
    max_leaves=6,
)


def rendered(tree, closing=""):
    """Return a pattern, and each beginning of it: where it ends, and it closed."""
    text, ends = "", []
    for node in tree:
        if isinstance(node, tuple):
            inside, found = rendered(node, f"){closing}")
            at = len(text) + 1
            ends += [(at + end, f"{text}({part}") for end, part in found]
            text += f"({inside})"
        else:
            text += node
        ends.append((len(text), text + closing))
    return text, ends


@given(st.lists(ELEMENTS, min_size=1, max_size=4), st.text(LETTERS, max_size=12))
def test_the_beginning_that_is_shown_is_the_longest_that_matches(tree, line):
    pattern, ends = rendered(tree)
    assume(not re.search(pattern, line))

    miss = find_miss(pattern, line, FakeMatcher)

    longest = max((end for end, part in ends if re.search(part, line)), default=0)
    assert miss.pattern_at == longest
    assert miss.sure
    # What was found ends where the line's caret is.
    whole = next((part for end, part in reversed(ends) if end == longest), "")
    assert re.search(f"(?:{whole})\\Z", line[: miss.text_at])


@given(st.text(r"ab()[]{}|\*+?.^$<>=!:QEpxuk,1-&", max_size=30))
def test_no_text_is_too_odd_to_be_cut(pattern):
    for start, one in alternatives(pattern):
        assert pattern[start:].startswith(one)
        beginnings(one)
