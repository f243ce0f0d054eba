"""Both sides of the border to Java say the same: enums, exceptions, and the calls between them."""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
import signal
import subprocess
import sys
from enum import IntEnum
from pathlib import Path

import jpype
import pytest

from integration.targets import ROOT
from jmx_bridge.collect.jvm_metrics import STATES
from jmx_bridge.errors import TargetError
from jmx_bridge.jmx import _session, abc, connect
from jmx_bridge.jmx._errors import BY_KIND, translated
from jmx_bridge.jmx._patterns import UNDECIDED
from jmx_bridge.mapping import verdict
from jmx_bridge.model import LeafKind

ENUMS = {
    "Leaf$Kind": LeafKind,
    "Failure": abc.Failure,
    "Request$Texts": abc.Texts,
}
SIDES = {
    "MBeanTracker": (abc.MBeanTracker, _session.JmxTracker),
    "Target$Session": (abc.Session, _session.JmxSession),
}
# What a parameter is at the border, by its annotation in abc.py.
CROSSES_AS = {
    "float": {"long"},
    "Sequence[int]": {"int[]"},
    "Sequence[str]": {"byte[]", "java.lang.String[]"},
    "Sequence[Texts]": {"byte[]"},
}


def java_class(name: str):
    """Return java.lang.Class, whether or not the class is public."""
    return jpype.JClass("java.lang.Class").forName(f"jmxbridge.{name}")


def constants(name: str) -> list[str]:
    return [str(one.name()) for one in java_class(name).getEnumConstants()]


def is_public(method) -> bool:
    return jpype.JClass("java.lang.reflect.Modifier").isPublic(method.getModifiers())


def java_methods(name: str) -> dict[str, list[str]]:
    """Return the parameters' types of each public method, by its name in Python's style."""
    found = {}
    for method in java_class(name).getDeclaredMethods():
        if is_public(method):
            words = re.sub(r"(?<!^)([A-Z])", r"_\1", str(method.getName())).lower()
            types = [str(kind.getTypeName()) for kind in method.getParameterTypes()]
            assert words not in found
            found[words] = types
    return found


def promised(protocol: type) -> dict[str, list[inspect.Parameter]]:
    return {
        name: list(inspect.signature(method).parameters.values())[1:]
        for name, method in vars(protocol).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }


@pytest.mark.parametrize(("java", "ours"), ENUMS.items(), ids=ENUMS)
def test_an_enum_has_the_same_names_in_the_same_order_on_both_sides(
    jvm, java: str, ours: type[IntEnum]
):
    assert constants(java) == [one.name for one in ours]
    assert [one.value for one in ours] == list(range(len(ours)))


def test_scopes_are_the_same_bits_on_both_sides(jvm):
    scopes = java_class("Membership")

    assert _constant(scopes, "RULES") == _session.RULES
    assert _constant(scopes, "PLATFORM") == _session.PLATFORM


def _constant(java, name: str) -> int:
    field = java.getDeclaredField(name)
    field.setAccessible(True)
    return int(field.getInt(None))


def test_threads_are_counted_by_the_states_of_java(jvm):
    states = jpype.JClass("java.lang.Thread$State").values()

    expected = [str(state.name()) for state in states] + ["UNKNOWN"]

    assert expected == list(STATES)


def test_every_kind_of_java_exception_has_one_of_ours(jvm):
    assert constants("SessionException$Kind") == list(BY_KIND)
    assert len(set(BY_KIND.values())) == len(BY_KIND)


@pytest.mark.parametrize("kind", BY_KIND)
def test_an_exception_of_java_is_raised_as_ours(jvm, kind: str):
    kinds = jpype.JClass("jmxbridge.SessionException$Kind")
    make = java_class("SessionException").getDeclaredConstructors()[0]
    make.setAccessible(True)
    thrown = make.newInstance([kinds.valueOf(kind), "why", None])

    with pytest.raises(BY_KIND[kind], match="why"), translated():
        raise thrown


def test_an_exception_that_java_does_not_expect_ends_the_session(jvm):
    lost = BY_KIND["LOST"]

    with (
        pytest.raises(TargetError, match="IllegalStateException: odd") as caught,
        translated(),
    ):
        raise jpype.JClass("java.lang.IllegalStateException")("odd")

    assert caught.type is lost


@pytest.mark.parametrize("java", SIDES)
def test_java_has_the_calls_that_python_promises_and_no_others(jvm, java: str):
    protocol, _ = SIDES[java]

    assert sorted(java_methods(java)) == sorted(promised(protocol))


@pytest.mark.parametrize("java", SIDES)
def test_a_call_takes_in_java_what_python_promises(jvm, java: str):
    theirs = java_methods(java)

    for name, parameters in promised(SIDES[java][0]).items():
        kinds = [parameter.annotation for parameter in parameters]
        if kinds == ["Scope"]:
            assert len(theirs[name]) == len(dataclasses.fields(abc.Scope))
            continue
        assert len(theirs[name]) == len(kinds), name
        for kind, their in zip(kinds, theirs[name], strict=True):
            assert their in CROSSES_AS[kind], name


@pytest.mark.parametrize("java", SIDES)
def test_the_session_over_java_has_the_signatures_that_are_promised(java: str):
    protocol, ours = SIDES[java]

    for name, parameters in promised(protocol).items():
        mine = list(inspect.signature(getattr(ours, name)).parameters.values())[1:]
        assert mine == parameters, name


def test_reasons_why_a_match_is_undecided_cross_by_their_order(jvm):
    names = constants("Patterns$Undecided")

    assert [f"pattern_{name.lower()}" for name in names] == list(UNDECIDED)
    assert {*UNDECIDED, "text_limit"} == verdict.UNDECIDED


@pytest.mark.parametrize("java", [*SIDES, "Patterns", "Names", "Heap"])
def test_the_contract_in_words_names_every_call(jvm, java: str):
    text = (ROOT / "java" / "README.md").read_text()

    for method in java_class(java).getDeclaredMethods():
        if is_public(method):
            assert f".{method.getName()}(" in text


VALUES = {
    "Flag": ("boolean", "true"),
    "Number": ("long", "1"),
    "Text": ("text", "abc"),
    "Nothing": ("null", "0"),
    "Failing": ("throw", "no value today"),
    "Unsendable": ("opaque", "0"),
    "Array": ("strings", "3"),
    "Object": ("uuid", "5"),
    "Table": ("table", "a=1"),
}


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_every_kind_of_value_and_each_reason_for_none_has_its_name(
    jvm, moving_app, wire: str
):
    for name, (kind, value) in VALUES.items():
        moving_app.tell(f"put\tt:type=A\t{name}\t{kind}\t{value}")
    session = connect(abc.TargetAddress(moving_app.url), timeout=5, calls=4, wire=wire)
    try:
        tracker = session.watch(abc.Scope(("t:*",), (), without_jvm=True, platform=()))
        [found] = tracker.names(5).appeared
        request = tracker.request(list(VALUES), [abc.Texts.ALL] * len(VALUES))

        shapes = [
            tracker.read_first([found.id], [request], 5).shapes[found.id]
            for _ in range(2)
        ]
    finally:
        session.close()

    kinds = [(leaf.name, leaf.kind) for leaf in tracker.shapes[shapes[0]]]
    assert kinds == [
        ("Flag", LeafKind.BOOLEAN),
        ("Number", LeafKind.NUMBER),
        ("Text", LeafKind.STRING),
        ("Nothing", LeafKind.NULL),
        ("Failing", LeafKind.ABSENT),
        ("Unsendable", LeafKind.UNREADABLE),
        ("Array", LeafKind.ARRAY),
        ("Object", LeafKind.UNSUPPORTED),
        ("Table", LeafKind.TABLE),
        ("Table", LeafKind.NUMBER),
    ]
    assert shapes[1] == shapes[0]


def run_apart(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run *script*, which may crash, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        timeout=60,
    )


SIGNAL_WITHIN_JPYPE = """
import os, signal
import jpype._jclass
from jmx_bridge.jmx import JavaPatterns, start_jvm
from jmx_bridge.signals import interrupt, on_signals

def signalled(*arguments):
    os.kill(os.getpid(), signal.SIGTERM)
    return original(*arguments)

start_jvm()
on_signals(interrupt)
original, jpype._jclass.pysafe = jpype._jclass.pysafe, signalled
try:
    JavaPatterns([(".*", [])])
except KeyboardInterrupt:
    pass
os._exit(0)
"""


def test_a_signal_while_jpype_makes_a_class_ends_the_process_and_crashes_nothing(
    tmp_path,
):
    ended = run_apart(SIGNAL_WITHIN_JPYPE, tmp_path)

    assert (ended.returncode, ended.stdout) == (128 + signal.SIGTERM, "")


OVERFLOW_ON_A_USED_STACK = """
import os, threading, time
from jmx_bridge.jmx import JavaPatterns, start_jvm

def match(subject):
    (answer,) = patterns.match([subject], [[(0, 0)]])
    # A thread's stack is free for the next one a moment after the thread was waited for.
    time.sleep(0.1)
    return answer.undecided

start_jvm()
patterns = JavaPatterns([("X((?:q|zz)+)0$", [])])
match("X")
asking = threading.Thread(target=match, args=["X"])
asking.start()
asking.join()
print(match("X" + "q" * 300_000 + "0"), flush=True)
os._exit(0)
"""


def test_a_match_may_overflow_a_stack_that_a_python_thread_had_before(tmp_path):
    ended = run_apart(OVERFLOW_ON_A_USED_STACK, tmp_path)

    assert (ended.returncode, ended.stdout) == (0, "pattern_stack\n"), ended.stderr
