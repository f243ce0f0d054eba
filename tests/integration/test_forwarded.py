"""Targets behind a forwarded port, as `kubectl port-forward` makes one: the stub names the pod's own."""

from __future__ import annotations

import ctypes
import os
import select
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from integration.support import COMMAND, moving, put
from integration.targets import ROOT, Target, free_port, start_target

CLONE_NEWNET = 0x40000000
INSIDE = """\
#!/bin/sh
exec unshare --net sh -c 'ip link set lo up && exec java "$@"' java "$@"
"""

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root for a network namespace"),
    pytest.mark.skipif(not shutil.which("ip"), reason="iproute2 is not installed"),
]


class Forward:
    """A port of this machine that is a port inside another process' network."""

    def __init__(self, target: Target, inside: int, port: int = 0) -> None:
        self._network = Path(f"/proc/{target.process.pid}/ns/net")
        self._inside = inside
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        # What this thread opens from now on is opened there; the listener stays here.
        with self._network.open() as network:
            libc = ctypes.CDLL(None, use_errno=True)
            assert libc.setns(network.fileno(), CLONE_NEWNET) == 0, ctypes.get_errno()
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                there = socket.create_connection(("127.0.0.1", self._inside))
                threading.Thread(target=pass_on, args=(here, there)).start()

    def close(self) -> None:
        # A thread that waits in accept() is not woken by close().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def pass_on(here: socket.socket, there: socket.socket) -> None:
    """Carry what comes on either side to the other, until one ends."""
    others = {here: there, there: here}
    with here, there, suppress(OSError):
        while True:
            for one in select.select(list(others), [], [])[0]:
                data = one.recv(65536)
                if not data:
                    return
                others[one].sendall(data)


@pytest.fixture
def pod(tmp_path) -> Iterator[Callable[..., Target]]:
    """A function that starts a JVM in a network of its own, whose ports nobody else has."""
    java = tmp_path / "java-inside"
    java.write_text(INSIDE)
    java.chmod(0o755)
    started: list[Target] = []

    def start(*flags: str) -> Target:
        target = start_target(
            moving(), "MovingApp", jvm=str(java), port=7199, flags=flags
        )
        started.append(target)
        put(target, "t:type=A", "Count", "long", 42)
        return target

    yield start
    for target in started:
        target.stop()


@pytest.fixture
def forward() -> Iterator[Callable[..., Forward]]:
    """A function that forwards a port of a pod."""
    made: list[Forward] = []

    def start(target: Target, inside: int, port: int = 0) -> Forward:
        made.append(Forward(target, inside, port))
        return made[-1]

    yield start
    for one in made:
        one.close()


def listed(port: int, wire: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(*COMMAND, "list", "t:*", f"--jmx.target=localhost:{port}"),
            f"--jmx.wire={wire}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_one_forwarded_port_is_enough_where_registry_and_server_share_it(
    pod, forward, wire
):
    target = pod()
    port = forward(target, 7199).port

    done = listed(port, wire)

    assert done.returncode == 0, done.stderr
    assert "t<type=A><>Count: 42" in done.stdout


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_another_server_on_the_stubs_port_here_is_left_alone(pod, forward, wire):
    """As a JVM on the laptop's own 7199 would be."""
    target = pod()
    port = forward(target, 7199).port
    other = socket.create_server(("127.0.0.1", 7199))
    other.settimeout(0.1)

    with other:
        done = listed(port, wire)

        assert "t<type=A><>Count: 42" in done.stdout, done.stderr
        with pytest.raises(TimeoutError):
            other.accept()


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_a_second_port_is_named_and_found_once_it_is_forwarded(pod, forward, wire):
    second = free_port()
    target = pod(f"-Dcom.sun.management.jmxremote.rmi.port={second}")
    port = forward(target, 7199).port

    alone = listed(port, wire)
    forward(target, second, second)
    both = listed(port, wire)

    assert alone.returncode == 1
    assert (
        f"the registry at localhost:{port} answers, and its server listens at port {second}"
        in alone.stderr
    )
    assert f"forward port {second}, too" in alone.stderr
    assert "t<type=A><>Count: 42" in both.stdout, both.stderr


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_nothing_goes_to_the_host_that_a_stub_names(wire):
    port = free_port()
    named = "-Djava.rmi.server.hostname=127.0.0.3"
    target = start_target(moving(), "MovingApp", port=port, flags=(named,))
    try:
        put(target, "t:type=A", "Count", "long", 42)
        with socket.create_server(("127.0.0.3", port)) as other:
            other.settimeout(0.2)
            done = listed(port, wire)

            assert "t<type=A><>Count: 42" in done.stdout, done.stderr
            with pytest.raises(TimeoutError):
                other.accept()
    finally:
        target.stop()
