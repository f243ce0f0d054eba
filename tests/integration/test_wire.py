"""What the pipelined session owes: the standard session's values, and no more harm than it."""

from __future__ import annotations

import subprocess
import time

import pytest

from integration.proxy import Proxy
from integration.support import ALL, Watcher, ours, put
from integration.targets import CACHE, FUZZER, ROOT, compile_java, java, wait_until

JAR = ROOT / "jmx_bridge" / "jmx" / "_java" / "jmx-bridge.jar"
EVERYTHING = """
excludeJvmMetrics: true
excludeObjectNames: ["java.*:*", "jdk.*:*", "com.sun.management:*", "JMImplementation:*"]
rules: [{pattern: '.*'}]
"""
MANY = "t:type=M,n=#"


@pytest.fixture
def proxied(jvm, moving_app):
    proxy = Proxy(moving_app.port)
    bridges = []

    def start(rules: str, wire: str) -> tuple[Watcher, Proxy]:
        watcher = Watcher(moving_app, rules, wire, url=url(proxy.address))
        bridges.append(watcher.bridge)
        return watcher, proxy

    yield start
    proxy.close()
    for bridge in bridges:
        bridge.close()


def url(address: str) -> str:
    return f"service:jmx:rmi:///jndi/rmi://{address}/jmxrmi"


def both(target) -> tuple[dict[str, float], dict[str, float | None]]:
    """Pages over the standard wire and the pipelined one; the JVM's own values move."""
    watchers = [Watcher(target, EVERYTHING, wire) for wire in ("standard", "pipelined")]
    standard, pipelined = [ours(watcher.page(60)) for watcher in watchers]
    for watcher in watchers:
        watcher.bridge.close()
    return standard, {name: pipelined.get(name) for name in standard}


def test_both_wires_read_the_same_from_every_kind_of_mbean(jvm, compat_app):
    standard, pipelined = both(compat_app)

    assert len(standard) > 100
    assert pipelined == pytest.approx(standard, nan_ok=True)


def test_both_wires_read_the_same_from_recorded_products(jvm, replay_app):
    standard, pipelined = both(replay_app)

    assert len(standard) > 5000
    assert pipelined == pytest.approx(standard, nan_ok=True)


def test_damaged_and_hostile_streams_are_refused():
    classes = compile_java(FUZZER, CACHE / "fuzz", "-cp", str(JAR), needs=(JAR,))
    command = [java(), "-Xmx128m", "-Xss512k", "-cp", f"{JAR}:{classes}"]

    done = subprocess.run(
        [*command, "jmxbridge.FuzzReader", "120", "20000", "7"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert "20000 inputs" in done.stdout


def test_the_target_is_not_woken_after_every_answer(jvm, moving_app):
    """Its timer for idle sessions waits anew each time that a session has no call open."""
    moving_app.tell(f"many\t{MANY}\t0\t2000")
    watcher = Watcher(moving_app, ALL, "pipelined")
    try:
        watcher.page()
        before = int(moving_app.tell("timer-waits"))
        assert len(ours(watcher.page())) == 2000
        after = int(moving_app.tell("timer-waits"))
    finally:
        watcher.bridge.close()

    assert 0 <= after - before < 200


def test_a_connection_that_ends_in_mid_scrape_costs_no_value(
    proxied, moving_app, wire_name
):
    moving_app.tell(f"many\t{MANY}\t0\t2000")
    watcher, proxy = proxied(ALL, wire_name)
    assert len(ours(watcher.page())) == 2000
    before = proxy.opened

    for size in (5_000, 60_000, 120_000):
        proxy.cut_after(size)
        page = watcher.page()

        assert len(ours(page)) == 2000
        assert page["jmx_bridge_scrape_partial"] == 0.0
    assert proxy.opened > before


@pytest.fixture
def wire_name() -> str:
    return "pipelined"


def test_a_stalled_network_is_late_and_recovers(proxied, moving_app, wire_name):
    moving_app.tell(f"many\t{MANY}\t0\t500")
    watcher, proxy = proxied(ALL, wire_name)
    assert len(ours(watcher.page())) == 500
    proxy.stall()

    start = time.monotonic()
    page = watcher.page(seconds=1.5)
    assert time.monotonic() - start < 3.0
    assert page["jmx_scrape_error"] == 1.0

    proxy.go_on()
    page = wait_until(lambda: fine(watcher.page()), 20)
    assert len(ours(page)) == 500


def fine(page: dict[str, float]) -> dict[str, float] | None:
    return page if page["jmx_scrape_error"] == 0.0 else None


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_what_cannot_be_carried_is_asked_for_only_once_more(jvm, moving_app, wire):
    put(moving_app, "t:type=A", "Good", "long", 1)
    put(moving_app, "t:type=A", "Bad", "long", 2)
    put(moving_app, "t:type=B", "Good", "long", 3)
    watcher = Watcher(moving_app, ALL, wire)
    try:
        assert len(ours(watcher.page())) == 3
        put(moving_app, "t:type=A", "Bad", "opaque", 0)

        pages = [ours(watcher.page()) for _ in range(4)]
        reads = moving_app.tell("reads\tt:type=A")
    finally:
        watcher.bridge.close()

    assert pages == [{"t_A_Good": 1.0, "t_B_Good": 3.0}] * 4
    # Twice while it was good (read first, then nothing), then with the others, then alone.
    assert "Bad=3" in reads


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_a_value_that_only_its_class_can_read_costs_only_itself(jvm, moving_app, wire):
    put(moving_app, "t:type=A", "Good", "long", 1)
    put(moving_app, "t:type=A", "Since", "duration", 5)
    put(moving_app, "t:type=A", "Also", "long", 2)
    watcher = Watcher(moving_app, ALL, wire)
    try:
        pages = [ours(watcher.page()) for _ in range(2)]
    finally:
        watcher.bridge.close()

    assert pages == [{"t_A_Good": 1.0, "t_A_Also": 2.0}] * 2


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
@pytest.mark.parametrize("kind", ["stack-overflow", "out-of-memory", "no-class"])
def test_an_error_of_one_getter_costs_only_its_own_attribute(
    jvm, moving_app, wire, kind
):
    put(moving_app, "t:type=A", "Good", "long", 1)
    put(moving_app, "t:type=A", "Bad", kind, "of the getter")
    put(moving_app, "t:type=A", "Uncarried", "opaque", 0)
    put(moving_app, "t:type=A", "Also", "long", 2)
    watcher = Watcher(moving_app, ALL, wire)
    try:
        pages = [watcher.page() for _ in range(3)]
        put(moving_app, "t:type=A", "Bad", "long", 3)
        mended = watcher.page()
    finally:
        watcher.bridge.close()

    assert [ours(page) for page in pages] == [{"t_A_Good": 1.0, "t_A_Also": 2.0}] * 3
    assert pages[-1]["jmx_bridge_attributes{state=failed}"] == 2.0
    assert ours(mended) == {"t_A_Good": 1.0, "t_A_Also": 2.0, "t_A_Bad": 3.0}


def test_the_target_keeps_no_thread_for_us_between_rare_scrapes(jvm, moving_app):
    moving_app.tell(f"many\t{MANY}\t0\t300")
    watcher = Watcher(moving_app, ALL, "pipelined")
    try:
        watcher.page()
        assert int(moving_app.tell("threads")) > 0

        wait_until(lambda: moving_app.tell("threads") == "0", 20)

        assert len(ours(watcher.page())) == 300
    finally:
        watcher.bridge.close()


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
@pytest.mark.parametrize(
    ("kind", "value"), [("bytes", 100 << 20), ("strings", 1_500_000)]
)
def test_one_huge_answer_costs_only_its_own_attribute(
    jvm, moving_app, wire, kind, value
):
    put(moving_app, "t:type=A", "Huge", "long", 1)
    put(moving_app, "t:type=A", "Good", "long", 1)
    moving_app.tell(f"many\t{MANY}\t0\t300")
    watcher = Watcher(moving_app, ALL, wire)
    try:
        watcher.page()
        put(moving_app, "t:type=A", "Huge", kind, value)

        page = watcher.page(20)
        again = watcher.page(20)
    finally:
        watcher.bridge.close()

    assert sum(name.startswith("t_M") for name in ours(page)) == 300
    assert sum(name.startswith("t_M") for name in ours(again)) == 300


@pytest.mark.parametrize(("turns", "status"), [("together", 0), ("apart", 3)])
def test_large_answers_over_many_connections_take_turns(turns, status):
    """Those of a session fit the heap together; without turns they would not."""
    sources = [ROOT / "tests" / "java" / "jmxbridge" / "ManyAnswers.java"]
    classes = compile_java(sources, CACHE / "answers", "-cp", str(JAR), needs=(JAR,))
    flags = ["-Xmx160m", "-XX:+ExitOnOutOfMemoryError", "-cp", f"{classes}:{JAR}"]

    done = subprocess.run(
        [java(), *flags, "jmxbridge.ManyAnswers", "18", "28", turns],
        capture_output=True,
        check=False,
        timeout=180,
    )

    assert done.returncode == status, done.stderr
