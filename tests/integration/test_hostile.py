"""MBeans and targets that break the rules: what a direct JMX client reads is served, on both wires."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import jpype
import pytest

from integration.proxy import Proxy
from integration.support import ALL, Watcher, ours, put
from integration.targets import (
    CACHE,
    ROOT,
    Target,
    compile_java,
    start_target,
    wait_until,
)

WIRES = pytest.mark.parametrize("wire", ["pipelined", "standard"])
NUMBER, TEXT, TIMESTAMP, THROWABLE, BREAKS_OFF, BREAKS_OFF_LATE = 0, 8, 10, 34, 40, 41
KINDS = 46
# A runtime without java.sql can make no Timestamp, and nobody's reader takes so large a number.
ODD = {TIMESTAMP, 43}


@pytest.fixture(scope="module")
def classes():
    return compile_java([ROOT / "tests" / "java" / "ShiftyApp.java"], CACHE / "shifty")


@pytest.fixture
def shifty(classes) -> Iterator[Target]:
    target = start_target(classes, "ShiftyApp")
    yield target
    target.stop()


@pytest.fixture
def set_on(jvm, shifty) -> Iterator[Callable[[str], Watcher]]:
    watchers: list[Watcher] = []

    def start(wire: str, rules: str = ALL) -> Watcher:
        watchers.append(Watcher(shifty, rules, wire))
        return watchers[-1]

    yield start
    for watcher in watchers:
        watcher.bridge.close()


def kind(app: Target, number: int, of: int = 0) -> None:
    assert app.tell(f"kind\tt:type=B{of}\t{number}") == "done"


def read_directly(app: Target) -> dict[str, float]:
    """What a JMX client in Java reads, by the names that the bridge gives."""
    words = app.tell("expect").rstrip("\t").split("\t")
    return {
        name: float(value) for name, value in zip(words[::2], words[1::2], strict=True)
    }


@WIRES
def test_what_a_direct_client_reads_is_served(set_on, shifty, wire):
    """Values, tables, texts, exceptions of every kind, and values that can't be written."""
    sound = [number for number in range(KINDS) if number not in ODD]
    shifty.tell(f"many\t{len(sound)}")
    for place, number in enumerate(sound):
        kind(shifty, number, place)

    page = ours(set_on(wire).page(20))

    assert page == pytest.approx(read_directly(shifty), nan_ok=True)


@WIRES
@pytest.mark.parametrize("broken", [BREAKS_OFF, BREAKS_OFF_LATE])
def test_values_that_break_an_answer_off_cost_only_themselves(
    set_on, shifty, wire, broken
):
    """So many that each could not be told from a connection that ends by itself."""
    shifty.tell("many\t40")
    for place in range(40):
        kind(shifty, broken, place)
    watcher = set_on(wire)

    pages = [watcher.page(20) for _ in range(2)]

    for page in pages:
        assert page["jmx_up"] == 1.0
        assert ours(page) == {f"t_B{place}_Other": 2.0 for place in range(40)}


@WIRES
@pytest.mark.parametrize("how", ["null", "twice", "reversed", "more", "throws"])
def test_an_odd_list_of_attributes_costs_no_value(set_on, shifty, wire, how):
    shifty.tell("many\t1")
    shifty.tell(f"list\tt:type=B0\t{how}")

    assert ours(set_on(wire).page()) == {"t_B0_V": 1.0, "t_B0_Other": 2.0}


@WIRES
def test_a_throwable_that_no_method_declares_costs_only_its_attribute(
    set_on, shifty, wire
):
    shifty.tell("many\t1")
    kind(shifty, THROWABLE)

    assert ours(set_on(wire).page()) == {"t_B0_Other": 2.0}


@WIRES
def test_an_attribute_that_is_described_twice_is_one(set_on, shifty, wire):
    shifty.tell("many\t1")
    shifty.tell("list\tt:type=B0\tdoubled")

    page = set_on(wire).page()

    assert ours(page) == {"t_B0_V": 1.0, "t_B0_Other": 2.0}
    assert not any(name.startswith("jmx_bridge_rule_dropped") for name in page)


def test_a_timestamp_has_its_milliseconds(set_on, shifty):
    shifty.tell("many\t1")
    kind(shifty, TIMESTAMP)

    page = ours(set_on("pipelined").page())

    assert page == pytest.approx(read_directly(shifty), abs=1e-6)
    assert page["t_B0_V"] == 1_600_000_000.123


@WIRES
@pytest.mark.parametrize(
    "rules", [ALL, f"{ALL}rules: [{{pattern: '(t)<type=B0><>V: (.+)', name: t_B0_V}}]"]
)
def test_a_text_that_becomes_a_number_is_served_then(set_on, shifty, wire, rules):
    """A gauge's value is declared as an object, and says "none" for a while."""
    shifty.tell("many\t1")
    kind(shifty, TEXT)
    watcher = set_on(wire, rules)
    before = [watcher.page() for _ in range(2)]

    kind(shifty, NUMBER)
    page = ours(watcher.page())

    assert not any("t_B0_V" in name for one in before for name in one)
    assert page["t_B0_V"] == read_directly(shifty)["t_B0_V"]


@WIRES
def test_what_could_not_be_carried_is_asked_for_again_of_another_mbean(
    watch, moving_app, wire
):
    put(moving_app, "t:type=A", "Bad", "opaque", 1)
    put(moving_app, "t:type=A", "Good", "long", 1)
    watcher = watch(wire=wire)
    assert [ours(watcher.page()) for _ in range(2)] == [{"t_A_Good": 1.0}] * 2

    put(moving_app, "t:type=A", "Bad", "long", 7)
    moving_app.tell("again\tt:type=A")

    assert ours(watcher.page()) == {"t_A_Good": 1.0, "t_A_Bad": 7.0}


class Drip(Proxy):
    """Answers calls that have *word* in them with one byte after the other, for ever."""

    word = b""

    def _pump(self, source: socket.socket, sink: socket.socket, *, down: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not down and self.word and self.word in data:
                    self._drip(source)
                sink.sendall(data)
        self._end({source, sink})

    def _drip(self, to: socket.socket) -> None:
        to.sendall(b"\x51\xac\xed\x00\x05\x77\x0f\x01" + bytes(14))
        while True:
            to.sendall(b"\x79")
            time.sleep(0.05)


@pytest.fixture
def dripping(jvm, moving_app) -> Iterator[Drip]:
    proxy = Drip(moving_app.port)
    yield proxy
    proxy.close()


def lanes() -> int:
    """Threads of ours that read answers."""
    threads = jpype.JClass("java.lang.Thread").getAllStackTraces().keySet()
    return sum(str(thread.getName()) == "jmx-pipe" for thread in threads)


def test_an_answer_that_drips_without_end_leaves_no_thread_behind(dripping, moving_app):
    moving_app.tell("many\tt:type=M,n=#\t0\t200")
    url = f"service:jmx:rmi:///jndi/rmi://{dripping.address}/jmxrmi"
    watcher = Watcher(moving_app, ALL, "pipelined", url=url)
    try:
        assert len(ours(watcher.page(20))) == 200
        dripping.word = b"Count"
        pages = [watcher.page(1.0) for _ in range(3)]
        wait_until(lambda: lanes() == 0)
        dripping.word = b""
        page = watcher.page(20)
    finally:
        watcher.bridge.close()

    assert all(page["jmx_scrape_error"] == 1.0 for page in pages)
    assert len(ours(page)) == 200


def test_a_call_that_never_ends_costs_one_scrape(dripping, moving_app):
    """The one for notifications, whose connection a network has lost track of."""
    moving_app.tell("many\tt:type=M,n=#\t0\t200")
    url = f"service:jmx:rmi:///jndi/rmi://{dripping.address}/jmxrmi"
    watcher = Watcher(moving_app, ALL, "pipelined", url=url)
    try:
        assert len(ours(watcher.page(20))) == 200
        dripping.word = b"\x50\xac\xed\x00\x05"
        hung = watcher.page(1.0)
        dripping.word = b""
        page = watcher.page(20)
    finally:
        watcher.bridge.close()

    assert hung["jmx_scrape_error"] == 1.0
    assert page["jmx_scrape_error"] == 0.0
    assert len(ours(page)) == 200
