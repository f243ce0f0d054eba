"""Listen, serve, and stop when told to."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from http.client import HTTPConnection
from typing import TypeVar

import pytest
from fake_source import LIMITS, PATIENCE, FakeSource, no_stores

from jmx_bridge.config.web.schema import OPEN
from jmx_bridge.errors import UsageError
from jmx_bridge.web import AccessControl, ListenAddress, serve

T = TypeVar("T")


def wait_for(look: Callable[[], T | None]) -> T:
    """Return what *look* finds, once it finds something."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        if found := look():
            return found
        time.sleep(0.005)
    raise TimeoutError


def port_of(caplog) -> int:
    """Return the port that the log tells, once it does."""

    def address() -> str | None:
        told = [one for one in list(caplog.records) if one.msg == "web.listening"]
        return told[0].fields["address"] if told else None

    return int(wait_for(address).rpartition(":")[2])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_it_serves_and_reloads_until_a_signal_to_stop_comes(number, caplog):
    caplog.set_level("INFO")
    source = FakeSource()
    statuses, failures = [], []

    def visit() -> None:
        try:
            with closing(
                HTTPConnection("127.0.0.1", port_of(caplog), timeout=5)
            ) as http:
                for path in ("/-/healthy", "/metrics"):
                    http.request("GET", path)
                    answer = http.getresponse()
                    answer.read()
                    statuses.append(answer.status)
            os.kill(os.getpid(), signal.SIGHUP)
            wait_for(lambda: source.reloads)
        except Exception as exc:  # noqa: BLE001 -- told by the test
            failures.append(exc)
        finally:
            os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    visitor = threading.Thread(target=visit)
    visitor.start()
    serve(source, ListenAddress("127.0.0.1", 0), LIMITS, AccessControl(OPEN, no_stores))
    visitor.join()
    signal.signal(number, before)

    assert failures == []
    assert statuses == [200, 200]
    assert source.reloads == 1
    assert source.connects == 1
    assert "web.stopping" in caplog.text


def test_a_signal_that_comes_as_soon_as_it_listens_stops_it(caplog):
    caplog.set_level("INFO")

    class Kill(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.msg == "web.listening":
                os.kill(os.getpid(), signal.SIGTERM)

    early: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: early.append(number))
    # Ends what did not hear the first one.
    late = threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGINT))
    late.start()
    handler = Kill()
    logging.getLogger().addHandler(handler)
    try:
        serve(FakeSource(), ListenAddress("127.0.0.1", 0), LIMITS, AccessControl(OPEN, no_stores))  # fmt: skip
    finally:
        late.cancel()
        logging.getLogger().removeHandler(handler)
        signal.signal(signal.SIGTERM, before)

    assert early == []


BROKEN = [
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: " + b"x" * 100_000 + b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
]


def served(talk: Callable[[int], T], caplog) -> T:
    """Serve, and return what *talk* returns of the port."""
    caplog.set_level("INFO")
    found: list[T] = []

    def visit() -> None:
        try:
            found.append(talk(port_of(caplog)))
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    visitor = threading.Thread(target=visit)
    visitor.start()
    serve(
        FakeSource(),
        ListenAddress("127.0.0.1", 0),
        LIMITS,
        AccessControl(OPEN, no_stores),
    )
    visitor.join()
    signal.signal(signal.SIGTERM, before)
    return found[0]


def answers(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
        sock.sendall(data)
        with suppress(ConnectionError):
            return b"".join(iter(lambda: sock.recv(65536), b""))
    return b""


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_request_learns_nothing_of_what_serves(data, caplog):
    answer = served(lambda port: answers(port, data), caplog)

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b"Python" not in answer
    assert b"aiohttp" not in answer
    assert b"X-Content-Type-Options: nosniff" in answer


def test_broken_requests_do_not_fill_the_log(caplog):
    served(lambda port: [answers(port, BROKEN[1]) for _ in range(30)], caplog)

    assert len(caplog.records) < 5


@pytest.mark.parametrize(
    ("host", "told"),
    [("127.0.0.1", r"127\.0\.0\.1:\d+: can't listen there: Address already in use"),
     ("no-such-host.invalid", r"no-such-host\.invalid:\d+: can't listen there: ")],
    ids=["taken", "unknown"],
)  # fmt: skip
def test_an_address_that_cannot_be_had_is_told(host, told):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        address = ListenAddress(host, taken.getsockname()[1])

        with pytest.raises(UsageError, match=told):
            serve(FakeSource(), address, LIMITS, AccessControl(OPEN, no_stores))


def test_an_address_of_ipv6_is_told_in_brackets():
    with pytest.raises(UsageError, match=r"\[2001:db8::1\]:1: can't listen there"):
        serve(
            FakeSource(),
            ListenAddress("2001:db8::1", 1),
            LIMITS,
            AccessControl(OPEN, no_stores),
        )
