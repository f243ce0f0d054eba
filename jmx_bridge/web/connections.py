"""
Accepts connections: no more than fit, and none that keeps silent for long.

asyncio's own servers accept whatever comes, and aiohttp waits for a first request as long
as it takes; a port that anybody in a cluster can reach needs both bounded. ConnectionTable
decides which connections stay, and knows no sockets; Listener has the sockets.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from typing import TYPE_CHECKING, Protocol

from ..log import get_log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .access import AccessControl

MOST_LINES = 10
MOST_CONNECTIONS = 1000
BACKLOG = 512
SILENCE_SECONDS = 75.0
HANDSHAKE_SECONDS = 10.0
LOOK_SECONDS = 1.0
OUT_OF = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Connection(Protocol):
    """What the table needs of a connection: the part of asyncio's transports that ends them."""

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""

    def abort(self) -> None:
        """End it at once."""


class ConnectionTable:
    """
    The connections that are open, each in one of three states; not safe for threads.

    Arriving: accepted, and not ready for requests yet (TLS). Silent: no request is under way,
    since a moment that is noted. Busy: a request is.

        reserve -> arriving -> opened -> silent <-> busy
                       |                    ends  begins
                    gave_up

    To make room, the one that has been silent for longest is ended; busy ones never are. Where
    none is silent, the Listener gives up the one that has been arriving for longest.
    """

    def __init__(
        self,
        most: int = MOST_CONNECTIONS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._clock = clock
        self._arriving = 0
        # The longest silent one comes first: a dictionary keeps the order of insertion.
        self._silent: dict[Connection, float] = {}
        self._busy: set[Connection] = set()
        self._full = False
        self._log = get_log(__name__, MOST_LINES)

    def __len__(self) -> int:
        return self._arriving + len(self._silent) + len(self._busy)

    def reserve(self) -> bool:
        """
        Keep a place for one that arrives; False if there is none, even without silent ones.

        Each True has to be followed by opened or gave_up.
        """
        if len(self) < self._most:
            self._full = False
        elif not self._make_room():
            return False
        self._arriving += 1
        return True

    def _make_room(self) -> bool:
        self.forget_closed()
        if not self._full:
            self._full = True
            self._log.warning("web.connections_full", most=self._most)
        if len(self) >= self._most:
            self.end_longest_silent()
        return len(self) < self._most

    def gave_up(self) -> None:
        """Note that one arriving never became ready."""
        self._arriving -= 1

    def opened(self, connection: Connection) -> None:
        """Note that one arriving is ready; its first request may have begun already."""
        self._arriving -= 1
        if connection not in self._busy:
            self._silent.setdefault(connection, self._clock())

    def begins(self, connection: Connection) -> None:
        """Note that a request came."""
        self._silent.pop(connection, None)
        self._busy.add(connection)

    def ends(self, connection: Connection) -> None:
        """Note that it was answered."""
        self._busy.discard(connection)
        self._silent.pop(connection, None)
        self._silent[connection] = self._clock()

    def forget_closed(self) -> None:
        """Forget connections that are no more."""
        for connection in [one for one in self._silent if one.is_closing()]:
            del self._silent[connection]
        self._busy = {one for one in self._busy if not one.is_closing()}

    def end_longest_silent(self) -> None:
        """End the connection that has been silent for longest, if any is."""
        for connection in self._silent:
            del self._silent[connection]
            connection.abort()
            return

    def end_silent(self, seconds: float) -> None:
        """End all connections that have been silent for more than *seconds*."""
        long_ago = self._clock() - seconds
        while self._silent and next(iter(self._silent.values())) < long_ago:
            self.end_longest_silent()


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
    """Accepts what comes at the listening sockets, as far as the table has room."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        protocol: Callable[[], asyncio.Protocol],
        access: AccessControl,
        table: ConnectionTable,
    ) -> None:
        """*protocol* makes what speaks with one connection; its requests tell *table*."""
        self._sockets = sockets
        self._protocol = protocol
        self._access = access
        self._table = table
        # The one that has been arriving for longest comes first.
        self._arriving: dict[asyncio.Task[None], None] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to accept."""
        work = [self._accept(sock) for sock in self._sockets]
        self._tasks = [asyncio.create_task(each) for each in (*work, self._watch())]

    def close(self) -> None:
        """Accept no more; connections stay."""
        for task in (*self._tasks, *self._arriving):
            task.cancel()
        for sock in self._sockets:
            sock.close()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, _ = await loop.sock_accept(listening)
            except OSError as exc:
                if exc.errno in OUT_OF:
                    self._table.end_longest_silent()
                    await asyncio.sleep(0.1)
                continue
            if not (self._table.reserve() or await self._give_up_longest_arriving()):
                sock.close()
                continue
            task = loop.create_task(self._admit(sock))
            self._arriving[task] = None
            task.add_done_callback(self._arriving.pop)

    async def _give_up_longest_arriving(self) -> bool:
        """
        Reserve the place of the one that has been arriving for longest, if there is one.

        Whoever opens connections and never agrees on TLS would else keep everybody out.
        """
        for task in self._arriving:
            task.cancel()
            await asyncio.wait({task})
            return self._table.reserve()
        return False

    async def _admit(self, sock: socket.socket) -> None:
        """Make an accepted socket ready for requests, over TLS if that is in force."""
        loop = asyncio.get_running_loop()
        context = self._access.context
        timeout = HANDSHAKE_SECONDS if context else None
        try:
            sock.settimeout(0)
            transport, _ = await loop.connect_accepted_socket(
                self._protocol, sock, ssl=context, ssl_handshake_timeout=timeout
            )
        except OSError:  # TLS's errors are of this kind, too
            sock.close()
            self._table.gave_up()
        except BaseException:
            self._table.gave_up()
            raise
        else:
            self._table.opened(transport)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._table.forget_closed()
            self._table.end_silent(SILENCE_SECONDS)
