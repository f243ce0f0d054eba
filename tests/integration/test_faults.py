"""What the bridge promises when its target is away, or hangs, or runs out of something; docs/reliability.md has the list."""

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

from integration.measures import alive, descriptors, threads, timed, value, whole
from integration.support import (
    ALL,
    COMMAND,
    MANY,
    asleep,
    moving,
    one_number,
    ours,
    put,
    reads,
    serving,
)
from integration.targets import ROOT, Target, free_port, start_target, wait_until

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
