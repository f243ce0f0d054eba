"""Who may ask: rate limit, certificates' names, passwords; and headers of every answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from ..config.web.schema import MUST_CLIENT
from ..log import get_log
from ..manual import see
from .passwords import BasicAuth, TooBusy

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from ..config.web.schema import RateLimit, ServerTls, WebConfig
    from .tls import Stores

log = get_log(__name__)
HEADERS = {
    "Server": "jmx-bridge",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
}
SEE = f"see: {see('refused-request')}\n"
TOO_MANY, FORBIDDEN = f"Too Many Requests\n{SEE}", f"Forbidden\n{SEE}"
UNAUTHORIZED = f"Unauthorized\n{SEE}"
FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Real-IP")
"""Headers of proxies, which may stand on this machine before clients that don't."""
NAMES = {"DNS", "email", "IP Address", "URI"}
"""Kinds of names in a certificate that may be asked for."""
IPV4, IPV6_HOST_BITS = 4, 64
TRANSPORT_SECURITY = ("Strict-Transport-Security", "max-age=31536000")


@dataclass(frozen=True, slots=True)
class InForce:
    """A web configuration, ready to be applied."""

    config: WebConfig
    context: ssl.SSLContext | None
    """None: in clear text."""
    headers: Mapping[str, str]
    users: BasicAuth | None
    """None: no password is needed."""
    bucket: TokenBucket | None
    """None: any number of requests."""


class AccessControl:
    """Lets requests in as the newest good web configuration says."""

    def __init__(
        self,
        config: WebConfig,
        stores: Stores,
        load: Callable[[], WebConfig] | None = None,
        changed: Callable[[], bool] = lambda: False,
        *,
        lifecycle: bool = False,
    ) -> None:
        """
        *load* reads the configuration again; None: it never changes. *changed* tells
        whether there is something else to read.

        With *lifecycle* everybody who may come in may ask for a reload. Raises UsageError if
        TLS can't be set up.
        """
        self._lifecycle = lifecycle
        self._stores = stores
        self._load = load
        self.changed = changed
        self._in_force = _prepare(config, stores)

    @property
    def context(self) -> ssl.SSLContext | None:
        """How to speak TLS with the next connection; None: in clear text."""
        return self._in_force.context

    @property
    def headers(self) -> Mapping[str, str]:
        """What every answer's headers have."""
        return self._in_force.headers

    def reload(self) -> None:
        """Read the configuration again; raises BridgeError, and the old one stays."""
        if self._load:
            self._in_force = _prepare(self._load(), self._stores)
            log.info("web.config_loaded", file=self._in_force.config.file)

    @property
    def knows_clients(self) -> bool:
        """Whether nobody comes in without a password or a certificate."""
        rules = self._in_force
        tls = rules.config.tls
        return bool(rules.users or (tls and tls.client == MUST_CLIENT))

    def may_reload(self, request: web.Request) -> bool:
        """
        Whether a request that came in may have the rule file read again.

        A browser sends Origin with what a page makes it post, and no page of this program
        posts anything.
        """
        if hdrs.ORIGIN in request.headers:
            return False
        return self._lifecycle or self.knows_clients or _is_local(request)

    async def refusal(self, request: web.Request) -> web.Response | None:
        """Return why a request may not come in (status 401, 403 or 429), None if it may."""
        # A reload on another thread changes nothing for a request that has come.
        rules = self._in_force
        if rules.bucket and not rules.bucket.take():
            return web.Response(status=429, text=TOO_MANY)
        if rules.config.tls:
            transport = request.transport
            certificate = transport and transport.get_extra_info("peercert")
            if not certified(rules.config.tls, certificate or None):
                return web.Response(status=403, text=FORBIDDEN)
        if rules.users is None:
            return None
        try:
            given = request.headers.get(hdrs.AUTHORIZATION, "")
            if await rules.users.admits(given, _network(request)):
                return None
        except TooBusy:
            return web.Response(status=429, text=TOO_MANY)
        challenge = {hdrs.WWW_AUTHENTICATE: 'Basic realm="jmx-bridge"'}
        return web.Response(status=401, text=UNAUTHORIZED, headers=challenge)


def _prepare(config: WebConfig, stores: Stores) -> InForce:
    """Make what *config* asks for; raises UsageError if TLS can't be set up."""
    context = _context(config.tls, stores) if config.tls else None
    for problem in config.warnings:
        log.warning("web.config_warning", problem=str(problem))
    headers = {**HEADERS, **dict(config.headers)}
    if context:
        headers.setdefault(*TRANSPORT_SECURITY)
    return InForce(
        config,
        context,
        headers,
        BasicAuth(config.users) if config.users else None,
        TokenBucket(config.rate) if config.rate else None,
    )


def certified(tls: ServerTls, certificate: dict[str, object] | None) -> bool:
    """Whether a client's verified certificate has one of the names that are allowed."""
    if not tls.client_names:
        return True
    found = (certificate or {}).get("subjectAltName", ())
    return any(
        kind in NAMES and value in tls.client_names
        for kind, value in found  # type: ignore[attr-defined]  # ssl's own tuples
    )


def _context(tls: ServerTls, stores: Stores) -> ssl.SSLContext:
    # Who speaks no TLS need not load it.
    from .tls import make_context  # noqa: PLC0415

    return make_context(tls, stores)


def _peer(request: web.Request) -> IPv4Address | IPv6Address | None:
    """Return who speaks with us, which may be a proxy; None where that is not known."""
    peer = request.transport and request.transport.get_extra_info("peername")
    try:
        address = ip_address(peer[0] if peer else "")
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_local(request: web.Request) -> bool:
    """Whether a client of this machine, or of this pod, asks, and asks for itself."""
    if any(name in request.headers for name in FORWARDED):
        return False
    peer = _peer(request)
    return peer is not None and peer.is_loopback


def _network(request: web.Request) -> str:
    """Return the address of a client; of IPv6 the first half, as the rest is its choice."""
    peer = _peer(request)
    if peer is None or peer.version == IPV4:
        return str(peer)
    return str(int(peer) >> IPV6_HOST_BITS)


class TokenBucket:
    """A rate limit: one more token each interval, up to *burst* of them; it begins full."""

    def __init__(
        self, limit: RateLimit, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._tokens = float(limit.burst)
        self._at = clock()

    def take(self) -> bool:
        """Take a token, if there is one."""
        now = self._clock()
        grown = self._tokens + (now - self._at) / self._limit.interval_seconds
        self._tokens, self._at = min(grown, float(self._limit.burst)), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
