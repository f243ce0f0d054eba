"""What the bridge promises for the bad day, each with the real fault; docs/reliability.md has the list."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from integration.proxy import Proxy
from integration.support import (
    ALL,
    COMMAND,
    Served,
    Watcher,
    asleep,
    moving,
    one_number,
    ours,
    put,
    reads,
    serving,
)
from integration.targets import (
    CACHE,
    ROOT,
    Target,
    free_port,
    start_target,
    wait_until,
)
from jmx_bridge.settings import LimitSettings

MANY = "t:type=M,n=#"


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def value(page: str, series: str) -> float | None:
    found = re.search(rf"^{re.escape(series)} (\S+)$", page, re.MULTILINE)
    return float(found[1]) if found else None


def timed(served: Served, path: str = "/metrics", **headers: str) -> tuple[float, str]:
    start = time.monotonic()
    page = served.get(path, **headers)[2]
    return time.monotonic() - start, page


# -- the target is not there, or not what it should be ---------------------------------------------


@contextlib.contextmanager
def answering(reply: bytes | None) -> Iterator[int]:
    """A port that says *reply* to everyone and then is silent; None: nothing at all."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = listener.accept()
                open_ones.append(sock)
                if reply:
                    sock.sendall(reply)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
    for sock in open_ones:
        sock.close()


@pytest.mark.parametrize(
    "reply",
    [None, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x03\x00\x02\x02\x28" * 50],
    ids=["silence", "http", "tls"],
)
def test_a_port_that_is_no_jmx_port_costs_no_thread_and_no_socket(reply):
    with (
        answering(reply) as port,
        serving(f"--jmx.target=127.0.0.1:{port}", "--scrape.timeout=1s") as served,
    ):
        first = [timed(served) for _ in range(4)]
        before = threads(served.process.pid), descriptors(served.process.pid)
        later = [timed(served) for _ in range(8)]
        after = threads(served.process.pid), descriptors(served.process.pid)
        log = served.logged()

    assert max(seconds for seconds, _ in first + later) < 3.0
    assert all("\njmx_up 0.0\n" in page for _, page in first + later)
    assert "jmx_bridge_connect_failures_total{reason=" in later[-1][1]
    assert after[0] <= before[0] + 2
    assert after[1] <= before[1] + 4
    assert log.count("target.state") == 1


def test_a_name_that_is_resolved_later(moving_app, tmp_path):
    one_number(moving_app)
    with serving(
        f"--jmx.target=no-such-host.invalid:{moving_app.port}", "--scrape.timeout=3s"
    ) as served:
        seconds, page = timed(served)
        assert seconds < 4.0
        assert "\njmx_up 0.0\n" in page
        assert "no-such-host.invalid" in served.get("/")[2]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for a network namespace")
@pytest.mark.skipif(not shutil.which("ip"), reason="iproute2 is not installed")
def test_a_network_that_drops_packets():
    """In a namespace whose only neighbour takes every packet and answers none."""
    port = free_port()
    network = (
        "ip link set lo up",
        "ip link add v0 type veth peer name v1",
        "ip addr add 10.9.9.1/24 dev v0",
        "ip link set v0 up",
        "ip link set v1 up",
        "ip neigh add 10.9.9.2 lladdr 02:00:00:00:00:02 dev v0",
    )
    serve = (
        *COMMAND,
        "serve",
        "--jmx.target=10.9.9.2:7199",
        f"--web.listen-address=127.0.0.1:{port}",
        "--scrape.timeout=2s",
    )
    script = " && ".join((*network, f"exec {' '.join(serve)}"))
    process = subprocess.Popen(
        ["unshare", "--net", "sh", "-c", script],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        for line in process.stderr:
            if "web.listening" in line:
                break
        fetch = (
            f"import urllib.request as u, time; s=time.monotonic();"
            f"p=u.urlopen('http://127.0.0.1:{port}/metrics').read().decode();"
            "print(time.monotonic()-s < 4 and '\\njmx_up 0.0\\n' in p)"
        )
        inside = ["nsenter", "--net", f"--target={process.pid}", sys.executable, "-c"]
        answers = [
            subprocess.run(
                [*inside, fetch], capture_output=True, text=True, check=False
            )
            for _ in range(3)
        ]
    finally:
        process.terminate()
        process.wait(15)
        process.stderr.close()
    assert [answer.stdout for answer in answers] == ["True\n"] * 3, answers


def test_another_application_on_the_same_port_leaves_no_series_of_the_first():
    first = start_target(moving(), "MovingApp")
    put(first, "t:type=A", "Count", "long", 1)
    with serving(f"--jmx.target={first.address}") as served:
        assert "\nt_A_Count 1.0\n" in served.metrics()
        first.process.send_signal(signal.SIGKILL)
        first.stop()
        second = start_target(moving(), "MovingApp", port=first.port)
        try:
            put(second, "t:type=B", "Count", "long", 2)
            page = wait_until(lambda: alive(served), 20)
        finally:
            second.stop()
        gone = served.metrics()
    assert "\nt_B_Count 2.0\n" in page
    assert "t_A_Count" not in page
    assert "t_B_Count" not in gone
    assert "\njmx_up 0.0\n" in gone


def alive(served: Served) -> str | None:
    page = served.metrics()
    return page if "\njmx_up 1.0\n" in page else None


# -- the target hangs ------------------------------------------------------------------------------


def test_another_target_is_read_even_while_connecting_to_the_first_hangs(tmp_path):
    """Both have the answer ready, and only the one that the rule file names now is told."""
    first = start_target(moving(), "MovingApp")
    second = start_target(moving(), "MovingApp")
    put(first, "t:type=A", "Count", "long", 1)
    put(second, "t:type=B", "Count", "long", 2)
    rules = tmp_path / "rules.yml"
    rules.write_text(f"hostPort: {first.address}\n{ALL}")
    first.process.send_signal(signal.SIGSTOP)
    try:
        with serving(f"--config.file={rules}", "--scrape.timeout=2s") as served:
            assert "\njmx_up 0.0\n" in served.metrics()
            rules.write_text(f"hostPort: {second.address}\n{ALL}")
            assert served.get("/-/reload", "POST")[0] == 200
            page = served.metrics()
            first.process.send_signal(signal.SIGCONT)
            wait_until(lambda: first.tell("clients") == "0", 20)
            later = served.metrics()
    finally:
        first.stop()
        second.stop()
    assert "\nt_B_Count 2.0\n" in page
    assert "t_A_Count" not in page + later
    assert "\nt_B_Count 2.0\n" in later


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_a_restart_between_two_scrapes_costs_none(wire):
    target = start_target(moving(), "MovingApp")
    pages = []
    with serving(f"--jmx.target={target.address}", f"--jmx.wire={wire}") as served:
        for number in range(1, 5):
            one_number(target, number)
            pages.append(value(served.metrics(), "t_A_Count"))
            target.stop()
            target = start_target(moving(), "MovingApp", port=target.port)
        target.stop()

    assert pages == [1.0, 2.0, 3.0, 4.0]


def test_a_stopped_target_is_partial_or_down_and_comes_back_by_itself(moving_app):
    moving_app.tell(f"many\t{MANY}\t0\t3000")
    with serving(f"--jmx.target={moving_app.address}") as served:
        served.metrics()
        before = threads(served.process.pid), descriptors(served.process.pid)
        os.kill(moving_app.process.pid, signal.SIGSTOP)
        try:
            hung = [
                timed(served, X_Prometheus_Scrape_Timeout_Seconds="2") for _ in range(5)
            ]
            during = threads(served.process.pid), descriptors(served.process.pid)
        finally:
            os.kill(moving_app.process.pid, signal.SIGCONT)
        page = wait_until(lambda: whole(served), 20)
    assert max(seconds for seconds, _ in hung) < 2.5
    assert all(value(text, "jmx_scrape_error") == 1.0 for _, text in hung)
    assert not any("t_M_Count" in text for _, text in hung[1:])
    assert during[0] <= before[0] + 8
    assert during[1] <= before[1] + 12
    assert page.count("\nt_M_Count{") == 3000


def whole(served: Served) -> str | None:
    page = served.metrics()
    return page if value(page, "jmx_scrape_error") == 0.0 else None


def test_a_target_stopped_in_mid_scrape_still_has_what_had_arrived(moving_app):
    moving_app.tell(f"many\t{MANY}\t0\t3000")
    put(moving_app, "t:type=Z", "Count", "long", 1)
    with serving(f"--jmx.target={moving_app.address}") as served:
        served.metrics()
        # One MBean is slow, so that the scrape is surely under way.
        moving_app.tell("sleep\tt:type=Z\t1000")
        before = sampled(moving_app)
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(timed, served, X_Prometheus_Scrape_Timeout_Seconds="3")
            wait_until(lambda: asleep(moving_app))
            wait_until(lambda: sampled(moving_app) >= before + 10)
            os.kill(moving_app.process.pid, signal.SIGSTOP)
            seconds, page = coming.result()
            os.kill(moving_app.process.pid, signal.SIGCONT)
        moving_app.tell("sleep\tt:type=Z\t0")
        again = wait_until(lambda: whole(served), 20)
    assert seconds < 3.0
    assert value(page, "jmx_up") == 1.0
    assert value(page, "jmx_bridge_scrape_partial") == 1.0
    assert page.count("\nt_M_Count{") > 100
    assert "t_Z_Count" not in page
    assert "\nt_Z_Count 1.0\n" in again


def sampled(app: Target) -> int:
    """How often some of many MBeans were read, each of which stands for a hundred."""
    return sum(reads(app, MANY.replace("#", str(i))) for i in range(0, 3000, 100))


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_an_mbean_that_never_returns_is_named_and_asked_less_often(
    watch, moving_app, wire
):
    moving_app.tell(f"many\t{MANY}\t0\t300")
    put(moving_app, "t:type=Z", "Count", "long", 1)
    watcher = watch(wire=wire)
    watcher.page()
    moving_app.tell("sleep\tt:type=Z\t6000")

    first = watcher.page(2.0)
    culprit = "jmx_bridge_mbean_unread{mbean=t:type=Z,reason=%s}"
    second = wait_until(lambda: resting(watcher.page(2.0), culprit % "resting"), 20)
    start = time.monotonic()
    third = watcher.page(5.0)
    took = time.monotonic() - start

    assert first[culprit % "late"] == 1.0
    assert took < 1.5
    for page in (first, second, third):
        assert sum(name.startswith("t_M") for name in ours(page)) == 300
        assert "t_Z_Count" not in page


def resting(page: dict[str, float], series: str) -> dict[str, float] | None:
    return page if series in page else None


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_a_client_with_much_time_blinds_nobody(moving_app, wire):
    moving_app.tell(f"many\t{MANY}\t0\t300")
    put(moving_app, "t:type=Z", "Count", "long", 1)
    target = f"--jmx.target={moving_app.address}"
    with serving(target, f"--jmx.wire={wire}") as served:
        served.metrics()
        moving_app.tell("sleep\tt:type=Z\t600000")
        with socket.create_connection(("127.0.0.1", served.port)) as leaving:
            header = "X-Prometheus-Scrape-Timeout-Seconds: 1e9"
            leaving.sendall(
                f"GET /metrics HTTP/1.1\r\nHost: a\r\n{header}\r\n\r\n".encode()
            )
            wait_until(lambda: asleep(moving_app))

        for _ in range(3):
            page = served.get("/metrics", X_Prometheus_Scrape_Timeout_Seconds="3")[2]
            assert "\njmx_up 1.0\n" in page
            assert "\njmx_bridge_scrape_partial 1.0\n" in page
            assert page.count("\nt_M") == 300


def test_a_new_mbean_that_never_returns_does_not_starve_the_others(watch, moving_app):
    moving_app.tell(f"many\t{MANY}\t0\t300")
    watcher = watch()
    watcher.page()
    put(moving_app, "t:type=Z", "Count", "long", 1)
    moving_app.tell("sleep\tt:type=Z\t60000")

    pages = [watcher.page(2.0) for _ in range(3)]

    for page in pages:
        assert sum(name.startswith("t_M") for name in ours(page)) == 300
        assert page["jmx_bridge_scrape_partial"] == 1.0


@pytest.mark.parametrize("seconds", [3.0])
@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_one_mbean_that_hangs_at_the_first_scrape_is_blamed_alone(
    watch, moving_app, wire, seconds
):
    """It comes first, so all the others have to wait behind it."""
    moving_app.tell("many\ta:type=M,n=#\t0\t60")
    put(moving_app, "a:type=A", "Count", "long", 1)
    moving_app.tell("sleep\ta:type=A\t60000")
    rules = "excludeJvmMetrics: true\nincludeObjectNames: ['a:*', 'java.lang:type=*']\n"
    watcher = watch(rules, wire)

    pages = [watcher.page(seconds) for _ in range(3)]
    pages.append(wait_until(lambda: without_late(watcher.page(seconds)), 60))

    blamed = [unread(page, "resting") for page in pages]
    assert set().union(*blamed) == blamed[-1] == {"a:type=A"}
    assert len(ours(pages[-1])) >= 60


def without_late(page: dict[str, float]) -> dict[str, float]:
    """The page if no MBean of it is late, else nothing."""
    return {} if unread(page, "late") else page


def unread(page: dict[str, float], reason: str) -> set[str]:
    """The MBeans that a page names as unread for that reason."""
    found = (
        re.fullmatch(r"jmx_bridge_mbean_unread\{mbean=(.*),reason=(\w+)\}", series)
        for series in page
    )
    return {one[1] for one in found if one and one[2] == reason}


def test_a_target_out_of_memory_is_told_and_recovers(tmp_path):
    target = start_target(moving(), "MovingApp", flags=("-Xmx24m",))
    try:
        put(target, "t:type=A", "Count", "long", 1)
        with serving(f"--jmx.target={target.address}") as served:
            assert "\nt_A_Count 1.0\n" in served.metrics()
            assert "OutOfMemory" in target.tell("hog\tt:type=A")
            pages = [timed(served) for _ in range(3)]
            target.tell("free\tt:type=A")
            page = wait_until(lambda: alive(served), 20)
    finally:
        target.stop()
    assert max(seconds for seconds, _ in pages) < 11
    assert "\nt_A_Count 1.0\n" in page


def test_a_target_out_of_threads_is_told_and_recovers():
    """Its address space has no room for another thread's stack: no new connection is served."""
    target = start_target(moving(), "MovingApp")
    try:
        put(target, "t:type=A", "Count", "long", 1)
        with serving(f"--jmx.target={target.address}") as connected:
            assert "\nt_A_Count 1.0\n" in connected.metrics()
            room = no_room_for_threads(target.process.pid)
            with serving(f"--jmx.target={target.address}") as late:
                took, page = timed(late)
                others = connected.metrics()
                resource.prlimit(target.process.pid, resource.RLIMIT_AS, room)
                again = wait_until(lambda: alive(late), 30)
    finally:
        target.stop()
    assert value(page, "jmx_up") == 0.0
    assert took < 11
    assert "\nt_A_Count 1.0\n" in others, "it has its connections already"
    assert "\nt_A_Count 1.0\n" in again


def no_room_for_threads(pid: int) -> tuple[int, int]:
    """Let the process have no more memory than it has; return the limits before."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmSize:\s+(\d+) kB", status, re.MULTILINE)
    assert found
    size = int(found[1]) << 10
    before = resource.prlimit(pid, resource.RLIMIT_AS)
    resource.prlimit(pid, resource.RLIMIT_AS, (size, before[1]))
    return before


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
    planned = []
    for _ in range(3):
        start = time.monotonic()
        page = watcher.page(6)
        assert time.monotonic() - start < 15
        planned.append(page["jmx_bridge_mbeans{state=planned}"])
        assert page["jmx_up"] == 1.0
        if planned[-1] < 100_000:
            assert page["jmx_bridge_scrape_partial"] == 1.0
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


def connect(served: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.port), timeout=30)


def drain(sock: socket.socket) -> bytes:
    parts = []
    with sock:
        while part := sock.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


def resident(pid: int) -> float:
    """MiB."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", text)
    assert found
    return int(found[1]) / 1024


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


# -- the rule file ---------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["broken", "emptied", "removed"])
def test_the_last_good_rules_stay_when_the_file_goes_bad(moving_app, tmp_path, how):
    one_number(moving_app)
    rules = tmp_path / "rules.yml"
    good = "rules: [{pattern: 't<type=A><>Count', name: mine}]\n"
    rules.write_text(good)
    with serving(
        f"--jmx.target={moving_app.address}", f"--config.file={rules}"
    ) as served:
        assert "\nmine 1.0\n" in served.metrics()
        if how == "broken":
            rules.write_text("rules: [{pattern: '('}]\n")
        elif how == "emptied":
            rules.write_text("")
        else:
            rules.unlink()
        page = wait_until(lambda: refused(served), 10)
        status = served.get("/")[2]
        rules.write_text(good.replace("mine", "yours"))
        wait_until(lambda: "\nyours 1.0\n" in served.metrics(), 10)
    assert "\nmine 1.0\n" in page
    assert "stay in use" in status


def refused(served: Served) -> str | None:
    page = served.metrics()
    bad = value(page, "jmx_bridge_config_last_reload_successful") == 0.0
    return page if bad else None


# -- the end, and odd places -----------------------------------------------------------------------


def test_of_two_reloads_at_once_the_newer_file_wins(moving_app, tmp_path):
    one_number(moving_app)
    many = "".join(f"- {{pattern: 'x{n}(.+)y(.*)', name: old}}\n" for n in range(3000))
    old = f"{ALL}rules:\n{many}- {{pattern: '.*', name: old}}\n"
    rules = tmp_path / "rules.yml"
    rules.write_text(ALL)
    with (
        serving(f"--jmx.target={moving_app.address}", f"--config.file={rules}") as one,
        ThreadPoolExecutor(1) as pool,
    ):
        rules.write_text(old)
        slow = pool.submit(one.get, "/-/reload", "POST")
        time.sleep(0.2)
        rules.write_text(f"{ALL}rules:\n- {{pattern: '.*', name: newest}}\n")
        status = one.get("/-/reload", "POST")[0], slow.result()[0]
        pages = [one.metrics() for _ in range(5) if not time.sleep(0.5)]

    assert status == (200, 200)
    assert [value(page, "newest") for page in pages] == [1.0] * 5


def test_a_request_after_a_reload_gets_nothing_of_what_it_replaced(
    moving_app, tmp_path
):
    one_number(moving_app)
    one_number(moving_app, name="t:type=Z")
    rules = tmp_path / "rules.yml"
    rules.write_text(f"{ALL}rules: [{{pattern: 'A>', name: old}}, {{}}]\n")
    with (
        serving(f"--jmx.target={moving_app.address}", f"--config.file={rules}") as one,
        ThreadPoolExecutor(1) as pool,
    ):
        assert value(one.metrics(), "old") == 1.0
        moving_app.tell("sleep\tt:type=Z\t60000")
        first = pool.submit(one.metrics)
        wait_until(lambda: asleep(moving_app))
        rules.write_text(f"{ALL}rules: [{{pattern: 'A>', name: new}}]\n")
        reloaded = one.get("/-/reload", "POST")[0]
        running = not first.done()
        page = one.metrics()

    assert (reloaded, running) == (200, True)
    assert (value(page, "old"), value(page, "new")) == (None, 1.0)
    assert value(first.result(), "old") == 1.0


def test_a_rule_file_that_changes_during_the_start_is_read_again(moving_app, tmp_path):
    """It is replaced after it was read, which a warning tells, and before anybody listens."""
    one_number(moving_app)
    many = "".join(f"- {{pattern: 'x{n}(.+)y(.*)', name: old}}\n" for n in range(3000))
    rules = tmp_path / "rules.yml"
    rules.write_text(f"odd: 1\n{ALL}rules:\n{many}- {{pattern: '.*', name: old}}\n")

    def was_read() -> bool:
        logs = [path.read_text() for path in CACHE.glob("bridge-*.log")]
        return any(str(rules) in log and "config.warning" in log for log in logs)

    def replace() -> None:
        wait_until(was_read, 30)
        rules.write_text(f"{ALL}rules: [{{pattern: '.*', name: newest}}]\n")

    with ThreadPoolExecutor(1) as pool:
        replaced = pool.submit(replace)
        with serving(
            f"--jmx.target={moving_app.address}", f"--config.file={rules}"
        ) as served:
            replaced.result()
            wait_until(lambda: value(served.metrics(), "newest") == 1.0, 10)


def test_sigterm_in_mid_scrape_ends_in_time_and_closes_the_session(moving_app):
    one_number(moving_app)
    served = Served(f"--jmx.target={moving_app.address}")
    served.metrics()
    moving_app.tell("sleep\tt:type=A\t30000")
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(
            lambda: contextlib.suppress(OSError) and drain_quietly(served)
        )
        wait_until(lambda: asleep(moving_app))
        start = time.monotonic()
        status = served.stop()
        took = time.monotonic() - start
        coming.result()
    assert status == 0
    assert took < 5
    wait_until(lambda: moving_app.tell("clients") == "0", 40)


def drain_quietly(served: Served) -> None:
    with contextlib.suppress(OSError):
        served.get("/metrics")


def test_it_serves_without_a_place_to_write(moving_app, tmp_path):
    """HOME and TMPDIR that can't be written, and standard error on a full disk."""
    one_number(moving_app)
    port = free_port()
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(
            [*COMMAND, "serve", f"--jmx.target={moving_app.address}",
             f"--web.listen-address=127.0.0.1:{port}"],
            cwd=ROOT, stdout=full, stderr=full,
            env={**os.environ, "HOME": "/proc", "TMPDIR": "/proc", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    try:
        page = wait_until(lambda: fetched(port), 30)
        assert "\nt_A_Count 1.0\n" in page
    finally:
        process.terminate()
        assert process.wait(15) == 0


def fetched(port: int) -> str | None:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            sock.sendall(
                b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            )
            return drain(sock).decode()
    except OSError:
        return None


def test_a_proxy_that_comes_and_goes_is_survived(jvm, moving_app):
    moving_app.tell(f"many\t{MANY}\t0\t200")
    proxy = Proxy(moving_app.port)
    url = f"service:jmx:rmi:///jndi/rmi://{proxy.address}/jmxrmi"
    watcher = Watcher(moving_app, ALL, "auto", url=url)
    try:
        for _ in range(5):
            assert len(ours(wait_until(lambda: ours(watcher.page(3.0)), 20))) == 200
            proxy.cut()
    finally:
        watcher.bridge.close()
        proxy.close()


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


# -- rules that can't be matched to the end --------------------------------------------------------

WILD = r"Nodes: (.+),(.+),(.+),(.+),(.+),(.+);"


def test_a_rule_that_would_match_for_ever_costs_its_own_values_and_is_named(
    moving_app, tmp_path
):
    for index in range(200):
        put(moving_app, f"t:type=N,n={index}", "Nodes", "string", "ok;" + "n," * 400)
    put(moving_app, "t:type=A", "Count", "long", 7)
    rules = tmp_path / "rules.yml"
    wild = f"- {{pattern: '{WILD}', name: nodes, value: 1}}\n"
    rules.write_text(f"{ALL}rules:\n{wild}- pattern: '.*'\n")
    with serving(
        f"--jmx.target={moving_app.address}",
        f"--config.file={rules}",
        "--scrape.timeout=9s",
    ) as served:
        pages = [timed(served) for _ in range(2)]
        status, log = served.get("/")[2], served.logged()
        rules.write_text(
            f"{ALL}rules:\n- {{pattern: 'Nodes: ok', name: nodes, value: 1}}\n"
        )
        assert served.get("/-/reload", "POST")[0] == 200
        healed = served.metrics()

    steps, rests = (
        value(pages[0][1], f'jmx_bridge_samples_dropped{{reason="pattern_{why}"}}')
        for why in ("steps", "rests")
    )
    assert steps + rests == 200
    assert 1 <= steps <= 60
    assert max(seconds for seconds, _ in pages) < 9
    assert all("t_A_Count 7.0" in page for _, page in pages)
    assert all("nodes{" not in page for _, page in pages)
    rule = f"{rules}:4"
    assert (
        f'jmx_bridge_rule_dropped{{rule="{rule}",reason="pattern_steps"}}'
        in pages[0][1]
    )
    assert f"<code>{rule}</code> took too many steps to match" in status
    assert log.count("reason=pattern_steps") == 1
    assert "pattern_" not in healed
    assert re.search(r"^nodes", healed, re.MULTILINE)
