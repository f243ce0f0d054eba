"""ObjectName patterns and scopes; tests/integration/test_contract.py compares patterns with Java."""

from __future__ import annotations

import pytest

from jmx_bridge.jmx import scopes
from jmx_bridge.jmx.abc import Scope
from jmx_bridge.jmx.scopes import matches

NAME = "t.u:type=A,name=x"


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*:*", NAME),
        ("t.u:type=A,name=x", NAME),
        ("t.u:name=x,type=A", NAME),
        ("t?u:*", NAME),
        ("*u:type=?,*", NAME),
        ("t.u:*,name=x", NAME),
        ("t.u:name=x,*,type=A", NAME),
        ("t.u:type=*,name=*", NAME),
        ("[t]:*", "[t]:type=A"),
        ("t:type=[A]", "t:type=[A]"),
        ('t:type="A*"', 't:type="A,B=C"'),
        (r't:type="A\*B"', r't:type="A\*B"'),
        ('t:type="A,*,B"', r't:type="A,\*,B"'),
    ],
)
def test_a_pattern_matches(pattern, name):
    assert matches(pattern, name)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("t:*", NAME),
        (":*", NAME),
        ("T.U:*", NAME),
        ("t.u:type=A", NAME),
        ("t.u:type=B,*", NAME),
        ("t.u:more=*,*", NAME),
        ("t.u:TYPE=A,*", NAME),
        ("[t]:*", "t:type=A"),
        (r't:type="A\*B"', 't:type="AxB"'),
        (r't:type="A\?B"', r't:type="A\*B"'),
        ('t:type="A,*,B"', 't:type="A,B"'),
        ('t:type="A,*,B"', r't:type="A,\*,B",name=x'),
    ],
)
def test_a_pattern_does_not_match(pattern, name):
    assert not matches(pattern, name)


def seen(scope: Scope, name: str) -> tuple[bool, bool, bool]:
    return (
        scopes.found(scope, name),
        scopes.for_rules(scope, name),
        scopes.for_platform(scope, name),
    )


MEMORY = "java.lang:type=Memory"
ALL = Scope(None, (), without_jvm=False, platform=())


@pytest.mark.parametrize(
    ("scope", "name", "expected"),
    [
        pytest.param(ALL, NAME, (True, True, False), id="everything"),
        pytest.param(
            Scope(None, (), without_jvm=True, platform=()),
            MEMORY,
            (True, False, False),
            id="without the JVM's own",
        ),
        pytest.param(
            Scope(("java.lang:*",), (), without_jvm=True, platform=()),
            MEMORY,
            (True, True, False),
            id="the JVM's own by name",
        ),
        pytest.param(
            Scope(None, ("t.u:*",), without_jvm=False, platform=()),
            NAME,
            (True, False, False),
            id="excluded",
        ),
        pytest.param(
            Scope(("a:*", "t.u:*"), (), without_jvm=False, platform=()),
            NAME,
            (True, True, False),
            id="of one pattern",
        ),
        pytest.param(
            Scope(("a:*",), (), without_jvm=False, platform=("java.lang:*",)),
            MEMORY,
            (True, False, True),
            id="for the JVM's metrics alone",
        ),
        pytest.param(
            Scope((), (), without_jvm=False, platform=("java.lang:*",)),
            NAME,
            (False, False, False),
            id="of no pattern",
        ),
        pytest.param(
            Scope(None, ("java.lang:*",), without_jvm=False, platform=("java.lang:*",)),
            MEMORY,
            (True, False, True),
            id="excluded and for the JVM's metrics",
        ),
    ],
)
def test_a_scope_tells_who_may_see_an_mbean(scope, name, expected):
    assert seen(scope, name) == expected
