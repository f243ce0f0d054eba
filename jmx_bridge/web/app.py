"""The endpoints, and what stands before and behind each of them."""

from __future__ import annotations

import asyncio
import math
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from aiohttp import hdrs, web

from ..errors import BridgeError
from ..exposition import negotiate, render
from ..log import get_log
from ..manual import see
from .guard import Guard
from .page import status_page
from .pages import TooMany, Wanted
from .sending import Sending

if TYPE_CHECKING:
    from ..log import EventLog
    from .access import AccessControl
    from .connections import ConnectionTable
    from .shared import SharedScrape

MOST_LINES = 10
"""So many lines a minute are logged of each thing that clients cause."""
WORKBENCH = "workbench"
"""What the workbench's addresses are called."""
TIMEOUT_HEADER = "X-Prometheus-Scrape-Timeout-Seconds"
SHORTEST_BUDGET = 0.1
LONGEST_BUDGET = 120.0
"""Prometheus' own scrapes take a minute at most, unless somebody wants it so."""
LARGEST_REQUEST = 64 << 10
RELOAD_SECONDS = 30.0
NO_RELOAD = f"""\
A reload may be asked for from this machine or with a password, not by a page in a browser.
--web.enable-lifecycle allows it from everywhere.
see: {see("refused-request")}
"""
BUSY = f"Too many pages\nsee: {see('refused-request')}\n"
NO_QUALITY = re.compile(r"q=0(\.0*)?")


class Addresses(Protocol):
    """What answers at addresses of its own, behind the same guard."""

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add them."""

    def close(self) -> None:
        """End what it runs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a scrape may take, and how large a page may be."""

    scrape_timeout: float
    """Seconds, when the client names no time."""
    timeout_offset: float
    """Seconds of the client's time that are left for the way back."""
    most_bytes: int
    """A larger page is cut."""
    read_seconds: float = 10.0
    """A client has so long to read an answer, whatever time its scrape had."""

    def budget(self, header: str | None) -> float:
        """Return the seconds that Prometheus' header leaves for a scrape."""
        try:
            named = float(header or "")
        except ValueError:
            return self.scrape_timeout
        if not math.isfinite(named) or named <= 0:
            return self.scrape_timeout
        if self.timeout_offset < named:
            named -= self.timeout_offset
        return max(SHORTEST_BUDGET, min(LONGEST_BUDGET, named))


def make_app(
    shared: SharedScrape,
    telemetry_path: str,
    limits: Limits,
    access: AccessControl,
    connections: ConnectionTable,
) -> web.Application:
    """Return the application; *connections* hears which of them have a request under way."""
    log = get_log(__name__, MOST_LINES)
    endpoints = Endpoints(shared, telemetry_path, limits, access, log)
    paths = f"{telemetry_path}  /  /-/healthy  /-/ready  /-/reload"
    guard = Guard(access, connections, paths, log)
    app = web.Application(
        client_max_size=LARGEST_REQUEST, middlewares=[guard.middleware]
    )
    app.on_response_prepare.append(guard.head)
    app.router.add_get("/-/healthy", endpoints.healthy)
    app.router.add_get("/-/ready", endpoints.ready)
    for method in (hdrs.METH_POST, hdrs.METH_PUT):
        app.router.add_route(method, "/-/reload", endpoints.reload)
    app.router.add_get(telemetry_path, endpoints.metrics)
    if telemetry_path != "/":
        app.router.add_get("/", endpoints.index)
    return app


class Endpoints:
    """What each path answers."""

    def __init__(
        self,
        shared: SharedScrape,
        telemetry_path: str,
        limits: Limits,
        access: AccessControl,
        log: EventLog,
    ) -> None:
        self._log = log
        self._shared = shared
        self._path = telemetry_path
        self._limits = limits
        self._access = access
        self._sending = Sending()

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        """Scrape, and answer in the format that the client wants."""
        budget = self._limits.budget(request.headers.get(TIMEOUT_HEADER))
        deadline = time.monotonic() + budget
        snapshot = await self._shared.snapshot(budget)
        wanted = Wanted(
            negotiate(request.headers.get(hdrs.ACCEPT)),
            frozenset(request.query.getall("name[]", ())),
            accepts_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, "")),
        )
        try:
            body = await self._shared.pages.page(snapshot, wanted, deadline)
        except TooMany:
            again = {hdrs.RETRY_AFTER: "1"}
            return web.Response(status=503, text=BUSY, headers=again)
        except TimeoutError:
            wanted = replace(wanted, packed=False)
            # A few lines, which take no time.
            unanswered = self._shared.source.unanswered()
            body = render(unanswered, wanted.fmt, wanted.names)
        headers = {
            hdrs.CONTENT_TYPE: wanted.fmt.content_type,
            hdrs.VARY: "Accept, Accept-Encoding",
        }
        if wanted.packed:
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        if request.method == hdrs.METH_HEAD:
            return web.Response(body=body, headers=headers)
        seconds = self._limits.read_seconds
        response = web.StreamResponse(headers=headers)
        if not await self._sending.send(request, response, body, seconds):
            self._log.warning("web.slow_client", bytes=len(body), seconds=seconds)
        return response

    async def index(self, request: web.Request) -> web.Response:
        """Show the status page."""
        more = WORKBENCH in request.app.router.named_resources()
        status = self._shared.source.status()
        page = status_page(status, self._path, workbench=more)
        return web.Response(text=page, content_type="text/html")

    async def healthy(self, _: web.Request) -> web.Response:
        """Say that the process lives."""
        return web.Response(text="Healthy\n")

    async def ready(self, _: web.Request) -> web.Response:
        """Say that scrapes are served: they are while the process lives, target or not."""
        return web.Response(text="Ready\n")

    async def reload(self, request: web.Request) -> web.Response:
        """Read the rule file again."""
        if not self._access.may_reload(request):
            return web.Response(status=403, text=NO_RELOAD)
        try:
            async with asyncio.timeout(RELOAD_SECONDS):
                await self._shared.reloads.reload()
        except TimeoutError:
            text = f"The files could not be read within {RELOAD_SECONDS:g} s.\n"
            text += f"see: {see('config.look_failed')}\n"
            return web.Response(status=503, text=text)
        except BridgeError as exc:
            text = f"The old rules stay.\n{exc}\nsee: {see('config.refused')}\n"
            return web.Response(status=500, text=text)
        return web.Response(text="Reloaded\n")


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header takes gzip; RFC 9110, section 12.5.3."""
    for part in header.lower().split(","):
        coding, _, quality = part.partition(";")
        if coding.strip() in {"gzip", "x-gzip"}:
            return not NO_QUALITY.fullmatch(quality.replace(" ", ""))
    return False
