"""What tests measure of a process, and of pages: threads, memory, seconds, one value."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path

from integration.support import Served


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


def alive(served: Served) -> str | None:
    page = served.metrics()
    return page if "\njmx_up 1.0\n" in page else None


def whole(served: Served) -> str | None:
    page = served.metrics()
    return page if value(page, "jmx_scrape_error") == 0.0 else None


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
