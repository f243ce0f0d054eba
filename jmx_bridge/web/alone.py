"""Serves the workbench by itself: on the loopback address alone, or to the process that started it."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from ..errors import UsageError
from ..log import get_log
from .access import HEADERS
from .connections import open_sockets
from .door import PATH, Door
from .workbench import API, LARGEST_BODY, Workbench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection

    from .workbench import Answers

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = get_log(__name__)
HOST = "127.0.0.1"
READERS, EVALUATORS = 2, 3
"""Threads; of those that evaluate one works, and the others wait until they end the older one."""
GRACE_SECONDS = 1.0
CLIENT = "X-Workbench-Client"
"""Tells the process beside a server which browser asks."""


def serve_alone(
    answers: Answers,
    port: int,
    names: Collection[str],
    announce: Callable[[str], None],
) -> None:
    """
    Serve until SIGTERM or SIGINT; *announce* hears the address, which can be used once.

    Hosts may be called by *names*, too. Raises UsageError if *port* can't be listened on.
    """
    try:
        (listening,) = open_sockets(HOST, port)
    except OSError as exc:
        raise UsageError(
            f"{HOST}:{port}: can't listen there: {exc.strerror}"
            "\n  hint: choose another by --port"
        ) from exc
    token = secrets.token_urlsafe(24)
    bound = listening.getsockname()[1]
    door = Door(names, token, port=bound)
    asyncio.run(_serve(answers, listening, door, lambda: announce(_url(bound, token))))


def _url(port: int, token: str) -> str:
    return f"http://{HOST}:{port}{PATH}?token={token}"


def serve_beside(answers: Answers, control: socket.socket) -> None:
    """Serve whatever connections come over *control*, until that is closed."""
    control.settimeout(0)
    asyncio.run(_serve_beside(answers, control))


async def _serve(
    answers: Answers,
    listening: socket.socket,
    door: Door,
    ready: Callable[[], None],
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with _running(answers, door.client, door.refusal) as runner:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await web.SockSite(runner, listening).start()
        ready()
        await stop.wait()


async def _serve_beside(answers: Answers, control: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    # Whoever started this process ends it; a signal to the whole group is for that one.
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, bool)
    async with _running(answers, _told_client, _anybody) as runner:
        server = runner.server
        assert server is not None  # noqa: S101 -- it is set up

        def arrived() -> None:
            try:
                data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
            except BlockingIOError:
                return
            except OSError:
                data, descriptors = b"", []
            for descriptor in descriptors:
                sock = socket.socket(fileno=descriptor)
                sock.settimeout(0)
                tasks.append(
                    loop.create_task(loop.connect_accepted_socket(server, sock))
                )
            tasks[:] = [task for task in tasks if not task.done()]
            if not data:
                stop.set()

        tasks: list[asyncio.Task[object]] = []
        loop.add_reader(control, arrived)
        await stop.wait()
        loop.remove_reader(control)


@asynccontextmanager
async def _running(
    answers: Answers,
    client: Callable[[web.Request], str],
    refusal: Callable[[web.Request], web.Response | None],
) -> AsyncIterator[web.AppRunner]:
    """Have the application ready to be connected to; its threads end with the process."""
    readers = ThreadPoolExecutor(READERS, "read")
    evaluators = ThreadPoolExecutor(EVALUATORS, "evaluate")
    workbench = Workbench(answers, client, readers, evaluators)
    runner = web.AppRunner(
        make_app(workbench, refusal),
        access_log=None,
        handle_signals=False,
        shutdown_timeout=GRACE_SECONDS,
    )
    await runner.setup()
    try:
        yield runner
    finally:
        await runner.cleanup()
        for executor in (readers, evaluators):
            executor.shutdown(wait=False, cancel_futures=True)


def _told_client(request: web.Request) -> str:
    return request.headers.get(CLIENT, "")


def _anybody(_: web.Request) -> None:
    """Let everybody in: who asked was looked at before."""


def make_app(
    workbench: Workbench, refusal: Callable[[web.Request], web.Response | None]
) -> web.Application:
    """Return the application; *refusal* says why a request may not come in."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response: web.StreamResponse = refusal(request) or await handler(request)
        except web.HTTPException as exc:
            response = web.Response(status=exc.status, text=exc.text)
        except Exception as exc:  # noqa: BLE001 -- the last line of defence
            log.error("web.failed", path=request.path, error=repr(exc))  # noqa: TRY400
            response = web.Response(status=500, text="Internal error, see the log.\n")
        return as_json(request, response)

    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[guarded])
    app.on_response_prepare.append(_head)
    workbench.add_to(app.router)
    return app


async def _head(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = HEADERS["Server"]
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def as_json(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Return an answer that is an error as the API has them."""
    is_text = isinstance(response, web.Response) and (
        response.content_type != "application/json"
    )
    if response.status < 400 or not is_text or not request.path.startswith(API):
        return response
    text = (response.text or "").strip()  # type: ignore[attr-defined]  # it is one with a text
    if not text.startswith("{"):
        text = json.dumps({"error": text or "refused"})
    return web.Response(
        status=response.status,
        text=text,
        headers={hdrs.CONTENT_TYPE: "application/json; charset=utf-8"},
    )
