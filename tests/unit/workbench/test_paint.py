"""Text is coloured where it is wanted, cut, and safe to print."""

import pytest

from jmx_bridge.workbench.paint import NARROWEST, WIDTH, Paint, printable


class Stream:
    def __init__(self, *, terminal):
        self._terminal = terminal

    def isatty(self):
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "when", "environ", "coloured"),
    [
        (True, "auto", {}, True),
        (False, "auto", {}, False),
        (True, "auto", {"NO_COLOR": "1"}, False),
        (True, "auto", {"NO_COLOR": ""}, True),
        (True, "auto", {"TERM": "dumb"}, False),
        (False, "auto", {"FORCE_COLOR": "1"}, True),
        (False, "auto", {"FORCE_COLOR": "0"}, False),
        (False, "auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (True, "never", {}, False),
        (False, "always", {}, True),
        (False, "always", {"NO_COLOR": "1"}, True),
    ],
)
def test_colours_are_used_where_they_are_wanted(terminal, when, environ, coloured):
    paint = Paint(Stream(terminal=terminal), when, environ)

    assert paint("x", "red", "bold") == ("\x1b[31;1mx\x1b[0m" if coloured else "x")
    assert paint("x") == "x"
    assert paint("", "red") == ""


def test_the_width_is_the_terminal_s(monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    assert Paint(Stream(terminal=True)).width == NARROWEST
    monkeypatch.setenv("COLUMNS", "300")
    assert Paint(Stream(terminal=True)).width == 300
    assert Paint(Stream(terminal=False)).width == WIDTH


def test_what_a_terminal_would_act_on_is_escaped():
    assert (
        printable("ä\x1b[2J\n\u202e\ud800 \x00") == "ä\\x1b[2J\\n\\u202e\\ud800 \\x00"
    )
    assert Paint(Stream(terminal=False))("\x1b]0;x\x07") == "\\x1b]0;x\\x07"


def test_a_text_is_cut_to_one_line():
    paint = Paint(Stream(terminal=False))

    assert paint.cut("a\n  b\tc", 10) == "a b c"
    assert paint.cut("abcdef", 6) == "abcdef"
    assert paint.cut("abcdefg", 6) == "abcde…"
    assert paint.cut("abc", 0) == "…"
