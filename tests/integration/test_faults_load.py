"""What the bridge promises when there is much: MBeans, samples, long texts, clients."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from integration.measures import (
    connect,
    descriptors,
    drain,
    resident,
    timed,
    value,
    whole,
)
from integration.support import ALL, MANY, one_number, ours, put, reads, serving
from integration.targets import wait_until
from jmx_bridge.settings import LimitSettings

# -- much of everything ----------------------------------------------------------------------------


def test_a_thousand_mbeans_a_second_are_exact_in_every_scrape(watch, moving_app):
    watcher = watch()
    for generation in range(10):
        moving_app.tell(
            f"many\t{MANY}\t{generation * 1000}\t{generation * 1000 + 1000}"
        )
        if generation:
            first = (generation - 1) * 1000
            moving_app.tell(f"few\t{MANY}\t{first}\t{first + 1000}")
        page = ours(watcher.page(20))
        expected = range(generation * 1000, generation * 1000 + 1000)
        assert page == {f"t_M_Count{{n={i}}}": float(i) for i in expected}


def test_a_hundred_thousand_mbeans_are_served_bit_by_bit(watch, moving_app):
    """Each scrape ends in time, serves what it could plan, and the next one goes on from there."""
    moving_app.tell(f"many\t{MANY}\t0\t100000")
    watcher = watch()
    # A machine that is busy needs more than six seconds to hear of all names.
    seconds = 6
    page = watcher.page(seconds)
    if not page["jmx_up"]:
        seconds = 18
        page = watcher.page(seconds)
    planned = []
    for _ in range(3):
        planned.append(page["jmx_bridge_mbeans{state=planned}"])
        assert page["jmx_up"] == 1.0
        if planned[-1] < 100_000:
            assert page["jmx_bridge_scrape_partial"] == 1.0
        start = time.monotonic()
        page = watcher.page(seconds)
        assert time.monotonic() - start < seconds + 9
    assert 0 < planned[0] < 100_000
    assert planned == sorted(planned)

    pages = (watcher.page(60) for _ in range(5))
    whole = next(page for page in pages if page["jmx_bridge_scrape_partial"] == 0.0)
    assert len(ours(whole)) == 100_000


def test_limits_cut_loudly(watch, moving_app):
    moving_app.tell(f"many\t{MANY}\t0\t500")
    put(moving_app, "t:type=A", "Count", "long", 1)

    few_beans = watch(limits=LimitSettings(mbeans=100)).page()
    few_samples = watch(limits=LimitSettings(samples=100)).page()

    assert len(ours(few_beans)) == 100
    assert few_beans["jmx_bridge_mbeans{state=cut}"] == 401.0
    assert ours(few_samples) == {"t_A_Count": 1.0}
    assert few_samples["jmx_bridge_samples_dropped{reason=limit}"] == 500.0
    for page in (few_beans, few_samples):
        assert page["jmx_bridge_scrape_partial"] == 1.0
        assert page["jmx_scrape_error"] == 1.0


def test_a_page_that_would_be_too_large_loses_its_largest_families(moving_app):
    moving_app.tell(f"many\t{MANY}\t0\t3000")
    one_number(moving_app)
    target = f"--jmx.target={moving_app.address}"
    with serving(target, "--limit.bytes=60000") as served:
        page = served.metrics()
    assert len(page) < 60_000
    assert "\nt_A_Count 1.0\n" in page
    assert "t_M_Count" not in page
    assert (value(page, "jmx_bridge_page_samples_cut") or 0) >= 3000


def test_hostile_label_values_come_out_valid(watch, moving_app):
    rules = "rules: [{pattern: 't<type=A><>S(\\d): ((?s).*)', name: s, value: 1, labels: {n: $1, v: $2}}]\n"
    hostile = ['a"b\\c', "\u0001\u0085\u2028", "\ufffe\u200f", "x" * 1_000_000]
    for number, text in enumerate(hostile):
        put(moving_app, "t:type=A", f"S{number}", "string", text)
    page = watch(ALL + rules).page()
    found = {name for name in page if name.startswith("s{")}

    # Of a long text rules see the beginning, as docs/rules.md says.
    seen = [text[:8192] for text in hostile]
    assert {f"s{{n={n},v={text}}}" for n, text in enumerate(seen)} == found


# -- clients ---------------------------------------------------------------------------------------


def test_five_hundred_clients_at_once_cost_one_fetch(moving_app):
    moving_app.tell(f"many\t{MANY}\t0\t2000")
    one_number(moving_app)
    with serving(f"--jmx.target={moving_app.address}") as served:
        served.metrics()
        before = reads(moving_app)
        moving_app.tell("sleep\tt:type=A\t1500")
        started = time.monotonic()
        clients = [connect(served) for _ in range(500)]
        for sock in clients:
            sock.sendall(
                b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            )
        health = timed(served, "/-/healthy")[0]
        with ThreadPoolExecutor(20) as pool:
            pages = list(pool.map(drain, clients))
        took = time.monotonic() - started
        memory = resident(served.process.pid)
    assert health < 0.5
    assert took < 20
    assert sum(b"t_A_Count 1.0" in page for page in pages) == 500
    assert reads(moving_app) - before <= 3
    assert memory < 300


def test_idle_and_rude_clients_are_bounded(moving_app):
    """10,000 that say nothing, and some that hang up in the middle."""
    moving_app.tell(f"many\t{MANY}\t0\t3000")
    with serving(f"--jmx.target={moving_app.address}") as served:
        served.metrics()
        before = resident(served.process.pid)
        idle = []
        for _ in range(10):
            for _ in range(1000):
                with contextlib.suppress(OSError):
                    idle.append(connect(served))
                if len(idle) > 900:
                    idle.pop(0).close()
        for _ in range(50):
            with connect(served) as sock:
                sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                sock.recv(100)
        health = [timed(served, "/-/healthy")[0] for _ in range(5)]
        page = served.metrics()
        after = resident(served.process.pid)
        open_ones = descriptors(served.process.pid)
        for sock in idle:
            sock.close()
    assert sorted(health)[2] < 0.2
    assert "t_M_Count" in page
    assert open_ones < 1100
    assert after - before < 60


def test_a_client_that_reads_slowly_is_cut_off(moving_app):
    moving_app.tell(f"many\t{MANY}\t0\t20000")
    with serving(f"--jmx.target={moving_app.address}", "--scrape.timeout=9s") as served:
        wait_until(lambda: whole(served), 30)
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", served.port))
        slow.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 20)
        wait_until(lambda: "web.slow_client" in served.logged(), 30)
        fine = timed(served, "/-/healthy")[0]
        memory = resident(served.process.pid)
        slow.close()
    assert fine < 0.5
    assert memory < 250


def test_long_texts_that_a_rule_sees_are_cut_and_counted_in_bounded_memory(
    moving_app, tmp_path
):
    for index in range(300):
        for text in "ABCD":
            put(moving_app, f"t:type=M,n={index}", text, "kilobytes", 400)
    rules = tmp_path / "rules.yml"
    rule = "{pattern: 't<type=M, n=(.+)><>(.): x', name: has, value: 1, labels: {n: $1, a: $2}}"
    rules.write_text(f"{ALL}rules:\n- {rule}\n")
    with serving(
        f"--jmx.target={moving_app.address}",
        f"--config.file={rules}",
        "--scrape.timeout=25s",
    ) as served:
        wait_until(lambda: "scrape_partial 0.0" in served.metrics(), 90)
        page = served.metrics()
        peak = re.search(
            r"VmHWM:\s+(\d+)", Path(f"/proc/{served.process.pid}/status").read_text()
        )

    left_out = value(page, 'jmx_bridge_samples_dropped{reason="text_limit"}')
    assert page.count("\nhas{") == (8 << 20) // 8192
    assert left_out == 1200 - (8 << 20) // 8192
    assert int(peak[1]) < 300 << 10
