"""
Accepts connections: no more than it can hold, and none that keeps silent for long.

asyncio's own servers accept whatever comes, and aiohttp waits for a first request as long
as it takes; a port that anybody in a cluster can reach needs both bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
import time
from typing import TYPE_CHECKING

from ..log import get_log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .door import Door

log = get_log(__name__)
MOST_CONNECTIONS = 1000
BACKLOG = 512
SILENCE_SECONDS = 75.0
HANDSHAKE_SECONDS = 10.0
LOOK_SECONDS = 1.0
OUT_OF = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def open_sockets(host: str, port: int) -> list[socket.socket]:
    """Listen; *host* "" is every address. Raises OSError."""
    if host:
        infos = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        found = dict.fromkeys((info[0], info[4]) for info in infos)
        places = [(family, address[:2]) for family, address in found]
        dual = False
    else:
        dual = socket.has_dualstack_ipv6()
        places = [(socket.AF_INET6 if dual else socket.AF_INET, ("", port))]
    opened: list[socket.socket] = []
    try:
        for family, address in places:
            opened.append(
                socket.create_server(
                    address,
                    family=family,
                    backlog=BACKLOG,
                    dualstack_ipv6=dual,
                )
            )
    except OSError:
        for sock in opened:
            sock.close()
        raise
    for sock in opened:
        sock.settimeout(0)
    return opened


class Listener:
    """The listening sockets, and the connections that came in by them."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        protocol: Callable[[], asyncio.Protocol],
        door: Door,
    ) -> None:
        self._sockets = sockets
        self._protocol = protocol
        self._door = door
        # The longest silent one comes first.
        self._silent: dict[asyncio.BaseTransport, float] = {}
        self._busy: set[asyncio.BaseTransport] = set()
        self._coming: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._full = False

    def start(self) -> None:
        """Begin to accept."""
        work = [self._accept(sock) for sock in self._sockets]
        self._tasks = [asyncio.create_task(each) for each in (*work, self._watch())]

    def close(self) -> None:
        """Accept no more; connections stay."""
        for task in (*self._tasks, *self._coming):
            task.cancel()
        for sock in self._sockets:
            sock.close()

    def begins(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that a request came."""
        if transport is not None:
            self._silent.pop(transport, None)
            self._busy.add(transport)

    def ends(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that it was answered."""
        if transport is not None:
            self._busy.discard(transport)
            self._silent[transport] = time.monotonic()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, _ = await loop.sock_accept(listening)
            except OSError as exc:
                if exc.errno in OUT_OF:
                    self._drop_silent(1)
                    await asyncio.sleep(0.1)
                continue
            if not self._room():
                sock.close()
                continue
            task = loop.create_task(self._admit(sock))
            self._coming.add(task)
            task.add_done_callback(self._coming.discard)

    def _room(self) -> bool:
        """Whether one more fits; makes room at the cost of one that keeps silent."""
        if self._count() < MOST_CONNECTIONS:
            self._full = False
            return True
        self._forget_closed()
        if not self._full:
            self._full = True
            log.warning("web.connections_full", most=MOST_CONNECTIONS)
        return self._count() < MOST_CONNECTIONS or self._drop_silent(1)

    def _count(self) -> int:
        return len(self._silent) + len(self._busy) + len(self._coming)

    async def _admit(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        context = self._door.context
        timeout = HANDSHAKE_SECONDS if context else None
        try:
            sock.settimeout(0)
            transport, _ = await loop.connect_accepted_socket(
                self._protocol, sock, ssl=context, ssl_handshake_timeout=timeout
            )
        except (OSError, ssl.SSLError):
            sock.close()
            return
        if transport not in self._busy:
            self._silent.setdefault(transport, time.monotonic())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._forget_closed()
            long_ago = time.monotonic() - SILENCE_SECONDS
            while self._silent and next(iter(self._silent.values())) < long_ago:
                self._drop_silent(1)

    def _forget_closed(self) -> None:
        for transport in [one for one in self._silent if one.is_closing()]:
            del self._silent[transport]
        self._busy = {one for one in self._busy if not one.is_closing()}

    def _drop_silent(self, count: int) -> bool:
        """End those connections that have been silent for longest."""
        for transport in list(self._silent)[:count]:
            del self._silent[transport]
            with contextlib.suppress(AttributeError):
                transport.abort()  # type: ignore[attr-defined]  # sockets' transports have it
        return self._count() < MOST_CONNECTIONS
