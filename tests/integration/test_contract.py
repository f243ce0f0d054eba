"""The live sessions keep the contract that the recorded one is held to."""

from __future__ import annotations

from collections.abc import Iterator

import jpype
import pytest

pytest.register_assert_rewrite("unit.jmx.contract", "unit.jmx.contract_values")

from unit.jmx.contract import SessionContract  # noqa: E402
from unit.jmx.tracked import tracked  # noqa: E402, F401

from integration.support import moving, put  # noqa: E402
from integration.targets import Target, start_target  # noqa: E402
from jmx_bridge.jmx import TargetAddress, connect  # noqa: E402
from jmx_bridge.jmx.scopes import matches  # noqa: E402


class LiveWorld:
    """MovingApp's MBeans."""

    def __init__(self, app: Target, wire: str) -> None:
        self._app = app
        self._names: set[str] = set()
        self.session = connect(TargetAddress(app.url), timeout=5.0, calls=4, wire=wire)

    def put(self, name: str, attribute: str, kind: str, text: object) -> None:
        put(self._app, name, attribute, kind, text)
        self._names.add(name)

    def drop(self, name: str) -> None:
        assert self._app.tell(f"drop\t{name}") == "done"
        self._names.remove(name)

    def again(self, name: str) -> None:
        assert self._app.tell(f"again\t{name}") == "done"

    def clear(self) -> None:
        self.session.close(1.0)
        for name in list(self._names):
            self.drop(name)


@pytest.fixture(scope="module")
def app() -> Iterator[Target]:
    target = start_target(moving(), "MovingApp")
    yield target
    target.stop()


@pytest.fixture(params=["pipelined", "standard"])
def world(request, jvm, app) -> Iterator[LiveWorld]:
    live = LiveWorld(app, request.param)
    yield live
    live.clear()


class TestLive(SessionContract):
    pass


NAMES = [
    "t:type=A",
    "t:type=AB",
    "t:type=A,name=x",
    "t:name=x,type=A",
    "t:type=A,name=x,more=y",
    't:type="A"',
    't:type="A,B=C"',
    r't:type="A\*B"',
    r't:type="A\"B"',
    r't:type="A,\*,B"',
    "t.u:type=A",
    "[t]:type=[A]",
    "t:type=a",
    ":type=A",
    "t:type=",
]
PATTERNS = [
    "*:*", "t:*", "t*:*", "t?u:*", "?:*", "*.u:*", ":*", ":type=A", "[t]:*", "[t?:*",
    "t:type=A", "t:type=A,*", "t:*,type=A", "t:type=*", "t:type=A*", "t:type=?", "t:type=*,*", "t:type=*A*,*",
    "t:name=x,type=A", "t:type=A,name=x", "t:name=*,type=A", "t:name=x,*,type=A", "t:more=*,*",
    't:type="*"', 't:type="A*"', 't:type="A?B=C"', r't:type="A\*B"', r't:type="A\*B*"', r't:type="A\?B"', "t:type=[A]",
    "[*]:type=[A]", "t:type=[*", "*:type=A,*", "T:*", "t:TYPE=A", "t:type=,*", "t:type=",
    "t:name=x,type=A,*", 't:type="A,*,B"', 't:type="*,*,*"', r't:type="*\*B"', r't:type="A,\*,B"',
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_object_name_patterns_match_as_in_java(jvm, pattern):
    java = jpype.JClass("javax.management.ObjectName")
    ours = java(pattern)

    for name in NAMES:
        theirs = bool(ours.apply(java(name))) or bool(ours.equals(java(name)))
        assert matches(pattern, name) == theirs, name
