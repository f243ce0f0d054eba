"""
The workbench beside a server that scrapes: in a process of its own, while somebody uses it.

A survey of all values takes seconds of Python and hundreds of megabytes. In another process it
keeps no scrape waiting, is the first that the kernel ends where memory is short, and all of it
is given back once nobody has asked for a while. This process only hands requests on.

A control socket leads to the other process: the settings go over it first, then with each byte
the end of a new connection, over which one request and its answer go.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from aiohttp import hdrs, web

from ..log import get_log
from .alone import CLIENT, as_json
from .app import WORKBENCH
from .door import PATH
from .workbench import LARGEST_BODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from .access import AccessControl
    from .door import Door

log = get_log(__name__, 10)
IDLE_SECONDS = 600.0
LOOK_SECONDS = 5.0
ANSWER_SECONDS = 120.0
"""A first reading may take a minute, and Java has to start before."""
MOST_ASKED = 16
"""Requests under way."""
LARGEST_ANSWER = 256 << 20
ADDRESS = re.compile(rf"{PATH}(?:/|/(?:api|assets)/[A-Za-z0-9_.-]+)?")
PASSED_ON = (hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE)
PASSED_BACK = (
    *(hdrs.CONTENT_TYPE, hdrs.CONTENT_ENCODING, hdrs.CACHE_CONTROL, hdrs.VARY),
    *("Content-Security-Policy", "Referrer-Policy"),
)
PLAIN = re.compile(r"[\x20-\x7e]*")
FORBIDDEN = "The workbench needs a password or a certificate on this address.\n"
BUSY = "Too many requests are under way.\n"
ENDED = "The workbench's process ended before it answered; the log may tell why.\n"
LATE = "The workbench's process did not answer in time.\n"


class Process(Protocol):
    """The other process, as subprocess.Popen has it."""

    def poll(self) -> int | None:
        """Return its exit status; None while it runs."""

    def kill(self) -> None:
        """End it."""


class Running(NamedTuple):
    """The other process, and the socket that leads to it."""

    process: Process
    control: socket.socket


class Beside:
    """Starts the other process when it is needed, and hands requests on."""

    def __init__(
        self,
        start: Callable[[], Running],
        door: Door,
        access: AccessControl,
        *,
        local: bool,
        idle: float = IDLE_SECONDS,
    ) -> None:
        """*start* starts the process; *local*: only this machine reaches the address that is served."""
        self._start = start
        self._door = door
        self._access = access
        self._local = local
        self._idle = idle
        self._running: Running | None = None
        self._asked = 0
        self._last = 0.0
        self._watching: asyncio.Task[None] | None = None

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add its addresses."""
        resource = router.add_resource(f"{PATH}{{rest:(/.*)?}}", name=WORKBENCH)
        for method in (hdrs.METH_GET, hdrs.METH_POST):
            resource.add_route(method, self.answer)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request of the page, or say why not."""
        refused = self._door.refusal(request)
        if refused is None and not (self._local or self._access.knows_clients):
            refused = web.Response(status=403, text=FORBIDDEN)
        if refused is None and not ADDRESS.fullmatch(request.path):
            raise web.HTTPNotFound
        response = refused or await self._asked_for(request)
        self._door.greet(request, response)
        return as_json(request, response)

    async def _asked_for(self, request: web.Request) -> web.Response:
        if self._asked >= MOST_ASKED:
            return web.Response(status=503, text=BUSY)
        self._asked += 1
        try:
            body = await _body(request)
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._handed_on(request, body)
        except TimeoutError:
            return web.Response(status=504, text=LATE)
        except (OSError, ValueError, asyncio.IncompleteReadError):
            return web.Response(status=502, text=ENDED)
        finally:
            self._asked -= 1
            self._last = time.monotonic()

    async def _handed_on(self, request: web.Request, body: bytes) -> web.Response:
        ours, theirs = socket.socketpair()
        with theirs:
            running = self._process()
            socket.send_fds(running.control, [b"+"], [theirs.fileno()])
        reader, writer = await asyncio.open_connection(sock=ours, limit=1 << 16)
        try:
            writer.write(_head(request, self._door.client(request), len(body)) + body)
            await writer.drain()
            return await _answer(reader)
        finally:
            writer.close()

    # -- the process -----------------------------------------------------------------------------

    def _process(self) -> Running:
        """Return the process, started if there is none."""
        running = self._running
        if running is None or running.process.poll() is not None:
            self._end()
            log.info("workbench.starting")
            running = self._running = self._start()
            if self._watching is None:
                self._watching = asyncio.create_task(self._watch())
        return running

    async def _watch(self) -> None:
        """End the process once nobody has asked for a while."""
        while True:
            await asyncio.sleep(min(LOOK_SECONDS, self._idle))
            running = self._running
            if running is None:
                continue
            if running.process.poll() is not None:
                log.warning("workbench.ended", status=running.process.poll())
                self._end()
            elif not self._asked and time.monotonic() - self._last > self._idle:
                log.info("workbench.stopping", idle=self._idle)
                self._end()

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        running.control.close()
        if running.process.poll() is None:
            running.process.kill()
            # It is reaped by the next poll, or by whoever started it.
            asyncio.get_running_loop().call_later(1.0, running.process.poll)

    def close(self) -> None:
        """End the process."""
        if self._watching:
            self._watching.cancel()
        self._end()


async def _body(request: web.Request) -> bytes:
    """Return a request's body; raises the error that answers one that is too large."""
    found = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        found += chunk
        if len(found) > LARGEST_BODY:
            raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, len(found))
    return bytes(found)


def _head(request: web.Request, client: str, length: int) -> bytes:
    """Return the head of a request as it is handed on."""
    query = request.rel_url.raw_query_string
    path = f"{request.path}?{query}" if query else request.path
    headers = {
        hdrs.HOST: "workbench",
        hdrs.CONNECTION: "close",
        hdrs.CONTENT_LENGTH: str(length),
        CLIENT: client,
    }
    for name in PASSED_ON:
        if name in request.headers:
            headers[name] = request.headers[name]
    lines = [f"{request.method} {path} HTTP/1.1"]
    lines += [f"{name}: {text}" for name, text in headers.items()]
    if not all(map(PLAIN.fullmatch, lines)):
        raise web.HTTPBadRequest
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


async def _answer(reader: asyncio.StreamReader) -> web.Response:
    """Return the other process' answer; raises ValueError or IncompleteReadError for half of one."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status_line, *lines = head.rstrip().split("\r\n")
    status = int(status_line.split(" ")[1])
    given = {}
    for line in lines:
        name, _, text = line.partition(":")
        given[name.lower()] = text.strip()
    length = int(given.get("content-length", "0"))
    if not 0 <= length <= LARGEST_ANSWER:
        raise ValueError(length)
    body = await reader.readexactly(length)
    headers = {
        name: given[name.lower()] for name in PASSED_BACK if name.lower() in given
    }
    return web.Response(status=status, body=body, headers=headers)
