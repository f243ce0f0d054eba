"""Which connections stay, and the sockets that they come by."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest
from fake_source import no_stores, until

from jmx_bridge.config.web.schema import OPEN
from jmx_bridge.web import AccessControl, connections
from jmx_bridge.web.connections import ConnectionTable, Listener, open_sockets


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class FakeConnection:
    def __init__(self) -> None:
        self.ended = False

    def is_closing(self) -> bool:
        return self.ended

    def abort(self) -> None:
        self.ended = True


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(table: ConnectionTable) -> FakeConnection:
    connection = FakeConnection()
    assert table.reserve()
    table.opened(connection)
    return connection


def test_places_are_taken_by_all_that_are_arriving_silent_or_busy():
    table = ConnectionTable(4)
    assert table.reserve()
    opened(table)
    table.begins(opened(table))

    assert len(table) == 3

    table.gave_up()

    assert len(table) == 2


def test_the_longest_silent_one_makes_room(clock):
    table = ConnectionTable(3, clock)
    first, second, third = (opened(table) for _ in range(3))
    table.begins(first)
    table.ends(first)

    assert table.reserve()
    assert [one.ended for one in (first, second, third)] == [False, True, False]


def test_busy_ones_are_never_ended():
    table = ConnectionTable(2)
    pair = [opened(table), opened(table)]
    for one in pair:
        table.begins(one)

    assert not table.reserve()
    assert not any(one.ended for one in pair)

    table.ends(pair[1])

    assert table.reserve()
    assert [one.ended for one in pair] == [False, True]


def test_closed_ones_are_forgotten_before_a_silent_one_has_to_go():
    table = ConnectionTable(3)
    silent, gone, busy = (opened(table) for _ in range(3))
    table.begins(busy)
    busy.abort()
    gone.abort()

    assert table.reserve()
    assert not silent.ended
    assert len(table) == 2


def test_that_it_is_full_is_said_once_and_again_after_there_was_room(caplog):
    table = ConnectionTable(1)
    busy = opened(table)
    table.begins(busy)

    assert not any([table.reserve(), table.reserve()])
    assert caplog.text.count("web.connections_full") == 1

    busy.abort()
    table.forget_closed()
    table.begins(opened(table))

    assert not table.reserve()
    assert caplog.text.count("web.connections_full") == 2


def test_silence_is_counted_from_the_end_of_the_last_request(clock):
    table = ConnectionTable(9, clock)
    quiet, asking, asked = (opened(table) for _ in range(3))
    table.begins(asking)
    table.begins(asked)
    clock.now += 70
    table.ends(asked)
    clock.now += 6

    table.end_silent(75)

    assert [one.ended for one in (quiet, asking, asked)] == [True, False, False]


def test_a_request_may_come_before_the_connection_is_noted_as_ready():
    table = ConnectionTable(1)
    connection = FakeConnection()
    assert table.reserve()
    table.begins(connection)
    table.opened(connection)

    assert len(table) == 1
    assert not table.reserve()
    assert not connection.ended


def test_with_nobody_silent_there_is_nobody_to_end():
    table = ConnectionTable(1)

    table.end_longest_silent()

    assert len(table) == 0


# -- sockets -----------------------------------------------------------------------------------


def listening(
    sockets: list[socket.socket],
    talk: Callable[[], Awaitable[None]],
    table: ConnectionTable,
) -> None:
    async def run() -> None:
        access = AccessControl(OPEN, no_stores)
        listener = Listener(sockets, asyncio.Protocol, access, table)
        listener.start()
        try:
            await talk()
        finally:
            listener.close()
            for connection in list(table._silent):
                connection.abort()
            await asyncio.sleep(0)

    asyncio.run(run())


def connect(sock: socket.socket) -> socket.socket:
    return socket.create_connection(("127.0.0.1", sock.getsockname()[1]), 5)


def at_end(client: socket.socket) -> bool:
    """Whether the other side ended the connection."""
    client.settimeout(0.001)
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_one_more_than_fit_ends_the_longest_silent_one():
    sockets = open_sockets("127.0.0.1", 0)
    table = ConnectionTable(2)

    async def talk():
        clients = []
        for _ in range(3):
            clients.append(connect(sockets[0]))
            await until(lambda: len(table._silent) == min(2, len(clients)))
        await until(lambda: at_end(clients[0]) and len(table._silent) == 2)
        assert not at_end(clients[2])
        for client in clients:
            client.close()

    listening(sockets, talk, table)


def test_one_more_than_fit_is_closed_when_all_are_busy():
    sockets = open_sockets("127.0.0.1", 0)
    table = ConnectionTable(1)

    async def talk():
        with closing(connect(sockets[0])):
            await until(lambda: table._silent)
            table.begins(next(iter(table._silent)))
            with closing(connect(sockets[0])) as refused:
                await until(lambda: at_end(refused))
        table.ends(next(iter(table._busy)))

    listening(sockets, talk, table)


def test_one_that_keeps_silent_is_ended(clock, monkeypatch):
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.01)
    sockets = open_sockets("127.0.0.1", 0)
    table = ConnectionTable(9, clock)

    async def talk():
        with closing(connect(sockets[0])) as client:
            await until(lambda: table._silent)
            clock.now += 76
            await until(lambda: at_end(client))

    listening(sockets, talk, table)

    assert len(table) == 0


class Exhausted(socket.socket):
    """A listening socket for which there is no descriptor left at first."""

    failures = 1

    def accept(self):
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, "too many open files")
        return super().accept()


def test_without_descriptors_a_silent_one_is_ended_and_accepting_goes_on():
    sock = Exhausted()
    sock.bind(("127.0.0.1", 0))
    sock.listen()
    sock.settimeout(0)
    table = ConnectionTable(9)
    silent = opened(table)

    async def talk():
        await until(lambda: silent.ended)
        with closing(connect(sock)):
            await until(lambda: table._silent)

    listening([sock], talk, table)


def test_every_address_is_listened_on_when_none_is_named():
    (sock,) = open_sockets("", 0)

    with closing(sock), closing(connect(sock)):
        pass


def test_a_port_that_is_taken_leaves_no_socket_behind():
    taken = socket.create_server(("127.0.0.1", 0))

    with closing(taken), pytest.raises(OSError, match="in use"):
        open_sockets("127.0.0.1", taken.getsockname()[1])
