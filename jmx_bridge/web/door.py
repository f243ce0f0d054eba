"""What stands before every request: TLS, limits, passwords, and headers on the way out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from ..log import get_log
from .passwords import Doorman, TooBusy
from .tls import Stores, certified, make_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from ..config.web.schema import RateLimit, WebConfig

log = get_log(__name__)
HEADERS = {
    "Server": "jmx-bridge",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
}
TRANSPORT_SECURITY = ("Strict-Transport-Security", "max-age=31536000")


class Door:
    """Lets requests in as a web configuration says; the newest good one."""

    def __init__(
        self,
        config: WebConfig,
        stores: Stores,
        load: Callable[[], WebConfig] | None = None,
    ) -> None:
        """*load* reads the configuration again; raises UsageError if TLS can't be set up."""
        self._stores = stores
        self._load = load
        self._take(config)

    def _take(self, config: WebConfig) -> None:
        context = make_context(config.tls, self._stores) if config.tls else None
        for problem in config.warnings:
            log.warning("web.config_warning", problem=str(problem))
        headers = {**HEADERS, **dict(config.headers)}
        if context:
            headers.setdefault(*TRANSPORT_SECURITY)
        before = getattr(self, "_doorman", None)
        self.config = config
        self.context: ssl.SSLContext | None = context
        self.headers = headers
        self._doorman = Doorman(config.users) if config.users else None
        self._bucket = Bucket(config.rate) if config.rate else None
        if before:
            before.close()

    def files(self) -> tuple[str, ...]:
        """Return the files whose change calls for a reload."""
        return self.config.files() if self._load else ()

    def reload(self) -> None:
        """Read the configuration again; raises BridgeError, and the old one stays."""
        if self._load:
            self._take(self._load())
            log.info("web.config_loaded", file=self.config.file)

    async def refusal(self, request: web.Request) -> web.Response | None:
        """Return why a request may not come in, None if it may."""
        if self._bucket and not self._bucket.take():
            return _plain(429, "Too Many Requests\n")
        if self.config.tls and self.config.tls.client_names:
            transport = request.transport
            certificate = transport and transport.get_extra_info("peercert")
            if not certified(self.config.tls, certificate or None):
                return _plain(403, "Forbidden\n")
        if self._doorman is None:
            return None
        try:
            header = request.headers.get(hdrs.AUTHORIZATION, "")
            if await self._doorman.admits(header):
                return None
        except TooBusy:
            return _plain(429, "Too Many Requests\n")
        answer = _plain(401, "Unauthorized\n")
        answer.headers[hdrs.WWW_AUTHENTICATE] = 'Basic realm="jmx-bridge"'
        return answer


def _plain(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text)


class Bucket:
    """A token bucket: one more token each interval, up to *burst* of them."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self._tokens = float(limit.burst)
        self._at = time.monotonic()

    def take(self) -> bool:
        """Take a token, if there is one."""
        now = time.monotonic()
        grown = self._tokens + (now - self._at) / self._limit.interval_seconds
        self._tokens, self._at = min(grown, float(self._limit.burst)), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
