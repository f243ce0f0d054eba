"""Which process is attached to, and what is said where none can be."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from jmx_bridge.errors import ConnectFailed
from jmx_bridge.jmx.attach.choice import barrier, chosen
from jmx_bridge.jmx.attach.processes import Owner, Process, Runtime

MINE = Owner(frozenset({1000}), frozenset({1000}), 1000, 1000, 0)
SHOP = Process(
    pid=7,
    inner_pid=1,
    owner=MINE,
    catches_quit=True,
    started=100,
    command=("java", "-jar", "/app/shop.jar"),
    runtime=Runtime.HOTSPOT,
)
KAFKA = replace(
    SHOP,
    pid=9,
    command=(
        "/opt/java/bin/java",
        "-cp",
        "/libs/*",
        "-Dkey=s3cr3t",
        "kafka.Kafka",
        "s3cr3t",
    ),
)
SHELL = replace(
    SHOP, pid=5, command=("sh", "-c", "java -jar shop.jar"), runtime=Runtime.NO_JVM
)
PAUSE = replace(SHOP, pid=1, command=("/pause",), runtime=Runtime.HIDDEN)


def owner(**changes) -> Owner:
    return replace(MINE, **changes)


def refusal(wanted: str, *there: Process) -> str:
    with pytest.raises(ConnectFailed) as caught:
        chosen(wanted, there, MINE)
    return str(caught.value)


@pytest.mark.parametrize(
    ("wanted", "there", "expected"),
    [
        ("auto", (PAUSE, SHELL, SHOP), SHOP),
        ("7", (SHOP, KAFKA), SHOP),
        ("/shop.jar$/", (PAUSE, KAFKA, SHOP), SHOP),
        pytest.param("/shop/", (SHELL, SHOP), SHOP, id="not its shell"),
    ],
)
def test_the_jvm_that_is_meant_is_taken(wanted, there, expected):
    assert chosen(wanted, there, MINE) is expected


@pytest.mark.parametrize(
    "command",
    [
        ("/opt/jmx-bridge/bin/python", "/opt/jmx-bridge/bin/jmx-bridge"),
        ("python", "-m", "jmx_bridge"),
    ],
)
def test_neither_this_process_nor_another_bridge_is_taken(command):
    bridge = replace(SHOP, pid=8, command=command)
    this = replace(SHOP, pid=os.getpid())

    assert chosen("auto", (this, bridge, SHOP), MINE) is SHOP
    assert "no process but this one" in refusal("auto", this)


def test_of_several_none_is_taken_and_no_argument_is_told():
    message = refusal("auto", SHOP, KAFKA)

    assert message.startswith("2 JVMs: 7 (shop.jar), 9 (kafka.Kafka)\n  hint: ")
    assert "s3cr3t" not in message
    assert "--jmx.attach=PID" in message


@pytest.mark.parametrize(
    ("wanted", "there", "words"),
    [
        ("auto", (), "shareProcessNamespace: true"),
        ("auto", (SHELL,), "no JVM is to be seen; there are 5 (sh)"),
        ("12", (SHOP,), "no process is meant by 12; there are 7 (shop.jar)"),
        ("12", (), "shareProcessNamespace: true"),
        ("5", (SHELL,), "process 5 (sh) is no JVM"),
        (
            "/shop|kafka/",
            (SHOP, KAFKA),
            "/shop|kafka/ means 2 processes: 7 (shop.jar), 9",
        ),
    ],
)
def test_what_cannot_be_taken_is_told_with_the_way_out(wanted, there, words):
    assert words in refusal(wanted, *there)


def test_openj9_is_told_to_have_another_attach():
    message = refusal("auto", replace(SHOP, runtime=Runtime.OPENJ9))

    assert "runs OpenJ9" in message
    assert "jmxremote.port" in message


def test_what_hides_is_told_with_what_keeps_us_from_it():
    theirs = owner(users=frozenset({0}), user=0, groups=frozenset({0}), group=0)
    hidden = replace(SHOP, owner=theirs, runtime=Runtime.HIDDEN)

    message = refusal("auto", PAUSE, hidden)

    assert message.startswith(
        "process 7 (shop.jar) can't be looked into: it runs as user 0"
    )
    assert "runAsUser: 0 and runAsGroup: 0" in message


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        (owner(users=frozenset({0}), user=0), "runAsUser: 0"),
        (owner(users=frozenset({1000, 5})), "runs as user 1000"),
        (owner(groups=frozenset({7}), group=7), "its group is 7, this program's 1000"),
        (owner(capabilities=0x20), "capabilities: {drop: [ALL]}"),
        (MINE, "security module"),
    ],
)
def test_a_barrier_is_named(theirs, words):
    assert words in barrier(theirs, MINE)


def test_who_may_trace_is_kept_from_nothing_by_capabilities():
    assert "security module" in barrier(
        owner(capabilities=0x20), owner(capabilities=1 << 19)
    )


def test_many_are_counted():
    there = [replace(SHOP, pid=pid) for pid in range(20, 28)]

    assert " and 3 more\n" in refusal("auto", *there)
