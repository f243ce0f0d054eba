"""What the bridge promises whatever is around it: signals, disks, proxies."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from integration.measures import drain
from integration.proxy import Proxy
from integration.support import (
    ALL,
    COMMAND,
    MANY,
    Served,
    Watcher,
    asleep,
    one_number,
    ours,
)
from integration.targets import ROOT, free_port, wait_until


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
