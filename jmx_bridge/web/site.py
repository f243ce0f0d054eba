"""Serve an application: listen, follow the files that it is made of, and stop when told to."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from ..errors import UsageError
from ..log import get_log
from .access import HEADERS
from .connections import Listener, open_sockets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .access import AccessControl
    from .connections import ConnectionTable
    from .reloads import Reloads

log = get_log(__name__)
# How long requests under way may go on after a signal. With the goodbye to the target all is over
# within 5 s, before whoever sent the signal loses patience.
GRACE_SECONDS = 3.5
KEEP_ALIVE_SECONDS = 75.0
BUG = 500


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where to serve."""

    host: str
    """ "" is every address."""
    port: int
    """0 is any that is free; the log tells which."""
    telemetry_path: str = "/metrics"


@dataclass(frozen=True, slots=True)
class Site:
    """What is served, where, and to whom."""

    app: web.Application
    address: ListenAddress
    access: AccessControl
    table: ConnectionTable
    drain_seconds: float = 0.0
    """So long it serves on after the signal to stop; another signal ends that."""


class Handler(web.RequestHandler):
    """Speaks with one connection; what is no request is answered in a few words."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        """Answer without the names and versions of what serves, and close the connection."""
        (log.error if status >= BUG else log.debug)("web.bad_request", error=repr(exc))
        answer = web.Response(status=status, text=f"{status}\n", headers=HEADERS)
        answer.force_close()
        return answer


class Stop:
    """The signals to stop: the first begins the end, another lets nothing go on that can wait."""

    def __init__(self) -> None:
        self._first = asyncio.Event()
        self._second = asyncio.Event()

    def signalled(self) -> None:
        """Take a signal."""
        (self._second if self._first.is_set() else self._first).set()

    async def wait(self) -> None:
        """Wait for the first."""
        await self._first.wait()

    async def drain(self, seconds: float) -> None:
        """Wait for another, or so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._second.wait()


async def serve_site(
    site: Site,
    reloads: Sequence[Reloads],
    begin: Callable[[], object] = lambda: None,
    stopping: Callable[[], object] = lambda: None,
) -> None:
    """
    Serve *site* until SIGTERM or SIGINT; SIGHUP has the files of *reloads* read again.

    *begin* is called once it listens, *stopping* at the signal. Raises UsageError if the address
    can't be listened on.
    """
    stop = Stop()
    loop = asyncio.get_running_loop()
    runner = web.AppRunner(
        site.app,
        access_log=None,
        handle_signals=False,
        # Nobody sends what is packed, but who means harm: it may be a thousand times as large.
        auto_decompress=False,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        # It waits so long twice: before a request is told to end, and after.
        shutdown_timeout=GRACE_SECONDS / 2,
    )
    await runner.setup()
    # Before anybody hears that it listens, and may send a signal.
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.signalled)
    loop.add_signal_handler(signal.SIGHUP, _reload_all, reloads)
    listener = _listen(runner, site)
    listener.start()
    begin()
    try:
        following = [asyncio.create_task(one.follow()) for one in reloads]
        await stop.wait()
        log.info("web.stopping")
        stopping()
        await stop.drain(site.drain_seconds)
        for task in following:
            task.cancel()
    finally:
        listener.close()
        await runner.cleanup()


def _reload_all(reloads: Sequence[Reloads]) -> None:
    for one in reloads:
        one.soon()


def _listen(runner: web.AppRunner, site: Site) -> Listener:
    address = site.address
    try:
        sockets = open_sockets(address.host, address.port)
    except OSError as exc:
        # Python's own text for a failed bind repeats the address.
        reason = exc.strerror
        if exc.errno and exc.errno > 0:
            reason = os.strerror(exc.errno)
        raise UsageError(
            f"{_address(address.host, address.port)}: can't listen there: {reason}"
            "\n  hint: choose another by --web.listen-address"
        ) from exc
    bound = _address(address.host, sockets[0].getsockname()[1])
    tls = bool(site.access.context)
    log.info("web.listening", address=bound, path=address.telemetry_path, tls=tls)
    if runner.server is None:
        raise RuntimeError("the runner is not set up")
    server = runner.server

    def protocol() -> asyncio.Protocol:
        handler = server()
        # The runner makes handlers of aiohttp's class, whatever it is told.
        handler.__class__ = Handler
        return handler

    return Listener(sockets, protocol, site.access, site.table)


def _address(host: str, port: int) -> str:
    """Return an address as --web.listen-address takes it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
