"""Stands before every endpoint: who may ask, and what is answered when things go wrong."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from ..manual import see

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ..log import EventLog
    from .access import AccessControl
    from .connections import ConnectionTable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

POLICY = "Content-Security-Policy"
OURS = f"Internal error, see the log.\nsee: {see('web.failed')}\n"


class Guard:
    """The middleware of an application, and the headers of its answers."""

    def __init__(
        self,
        access: AccessControl,
        connections: ConnectionTable,
        paths: str,
        log: EventLog,
    ) -> None:
        """*paths* are those that there are, for whoever asks for another."""
        self._log = log
        self._access = access
        self._connections = connections
        self._paths = paths

    @web.middleware
    async def middleware(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Answer, and tell the table of connections that a request is under way."""
        transport = request.transport
        if transport is None:
            return await self._answer(request, handler)
        self._connections.begins(transport)
        try:
            return await self._answer(request, handler)
        finally:
            self._connections.ends(transport)

    async def _answer(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Answer what went wrong in one line, and never with a stack trace."""
        try:
            response = await self._access.refusal(request) or await handler(request)
        except web.HTTPNotFound:
            text = f"Not found. There are: {self._paths}\n"
            response = web.Response(status=404, text=text)
        except web.HTTPMethodNotAllowed as exc:
            allowed = ", ".join(sorted(exc.allowed_methods))
            response = web.Response(
                status=405,
                text=f"{request.method} is not possible here, only {allowed}.\n",
                headers={hdrs.ALLOW: allowed},
            )
        except (web.HTTPException, asyncio.CancelledError):
            raise
        except Exception as exc:  # noqa: BLE001 -- the last line of defence
            self._log.error("web.failed", path=request.path, error=repr(exc))
            response = web.Response(status=500, text=OURS)
        return response

    async def head(self, _: web.Request, response: web.StreamResponse) -> None:
        """Put our headers into every answer, those included that aiohttp makes by itself."""
        own = response.headers.get(POLICY)
        response.headers.update(self._access.headers)
        if own:
            # The page that runs scripts has a policy of its own.
            response.headers[POLICY] = own
