"""Listen, serve, follow the rule file, and stop when told to."""

from __future__ import annotations

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from ..errors import UsageError
from ..log import get_log
from .access import HEADERS
from .app import Limits, make_app
from .connections import ConnectionTable, Listener, open_sockets
from .reloads import Reloads
from .shared import SharedScrape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .access import AccessControl
    from .app import Addresses
    from .shared import ScrapeSource

log = get_log(__name__)
# A scrape, a whole page, a page of chosen families, and one to spare: these stay attached to Java.
THREADS = 4
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


def serve(
    source: ScrapeSource,
    address: ListenAddress,
    limits: Limits,
    access: AccessControl,
    workbench: Addresses | None = None,
) -> None:
    """
    Serve until SIGTERM or SIGINT; *workbench* at addresses of its own, if it is to be.

    Raises UsageError if *address* can't be listened on.
    """
    asyncio.run(_serve(source, address, limits, access, workbench))


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


async def _serve(
    source: ScrapeSource,
    address: ListenAddress,
    limits: Limits,
    access: AccessControl,
    workbench: Addresses | None,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    executor = ThreadPoolExecutor(THREADS, thread_name_prefix="bridge")
    shared = SharedScrape(source, executor, limits.most_bytes)
    reloads = (shared.reloads, Reloads(access))
    table = ConnectionTable()
    app = make_app(shared, address.telemetry_path, limits, access, table)
    if workbench:
        workbench.add_to(app.router)
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        # It waits so long twice: before a request is told to end, and after.
        shutdown_timeout=GRACE_SECONDS / 2,
    )
    await runner.setup()
    # Before anybody hears that it listens, and may send a signal.
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, _reload_all, reloads)
    listener = _listen(runner, address, access, table)
    listener.start()
    source.connect()
    try:
        following = [asyncio.create_task(one.follow()) for one in reloads]
        await stop.wait()
        log.info("web.stopping")
        for task in following:
            task.cancel()
    finally:
        listener.close()
        if workbench:
            workbench.close()
        await runner.cleanup()
        executor.shutdown(wait=False, cancel_futures=True)
        for one in reloads:
            one.close()


def _reload_all(reloads: Sequence[Reloads]) -> None:
    for one in reloads:
        one.soon()


def _listen(
    runner: web.AppRunner,
    address: ListenAddress,
    access: AccessControl,
    table: ConnectionTable,
) -> Listener:
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
    tls = bool(access.context)
    log.info("web.listening", address=bound, path=address.telemetry_path, tls=tls)
    if runner.server is None:
        raise RuntimeError("the runner is not set up")
    server = runner.server

    def protocol() -> asyncio.Protocol:
        handler = server()
        # The runner makes handlers of aiohttp's class, whatever it is told.
        handler.__class__ = Handler
        return handler

    return Listener(sockets, protocol, access, table)


def _address(host: str, port: int) -> str:
    """Return an address as --web.listen-address takes it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
