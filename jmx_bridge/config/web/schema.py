"""Who may ask for metrics, and whether over TLS, as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...errors import Problem

NO_CLIENT, MAY_CLIENT, MUST_CLIENT = "none", "optional", "required"
TLS_VERSIONS = ("TLS10", "TLS11", "TLS12", "TLS13")
"""From the oldest to the newest."""


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """A key store or trust store."""

    file: str
    type: str | None = None
    password: str | None = field(default=None, repr=False)
    key_file: str | None = None
    """The private key, if the file is PEM and has it not."""


@dataclass(frozen=True, slots=True)
class Pem:
    """Keys or certificates as PEM: in a file, or as they are."""

    file: str | None = None
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ServerTls:
    """How to serve over TLS."""

    certificate: Pem | None = None
    key: Pem | None = None
    store: StoreConfig | None = None
    """Instead of certificate and key: a Java key store."""
    client: str = NO_CLIENT
    """Whether a client needs a certificate: none, optional or required."""
    client_ca: Pem | None = None
    client_store: StoreConfig | None = None
    client_names: tuple[str, ...] = ()
    """The names of which a client's certificate must have one; () for any."""
    lowest: str = "TLS12"
    highest: str | None = None
    ciphers: tuple[str, ...] = ()
    """As Java and Go call them; they concern TLS up to 1.2."""
    server_chooses: bool = True
    curve: str | None = None
    """As OpenSSL calls it; None for all it has."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What a user's password has to match."""

    kind: str
    """bcrypt, plaintext, digest or pbkdf2."""
    value: str = field(repr=False)
    """The hash, in hexadecimal but for bcrypt; or the password itself."""
    algorithm: str = ""
    salt: str = field(default="", repr=False)
    iterations: int = 0


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A request every so often, and some at once."""

    interval_seconds: float
    burst: int


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Who may ask, and over what."""

    file: str | None = None
    tls: ServerTls | None = None
    headers: tuple[tuple[str, str], ...] = ()
    users: tuple[tuple[str, Secret], ...] = ()
    rate: RateLimit | None = None
    path: str | None = None
    """Where the metrics are."""
    warnings: tuple[Problem, ...] = ()

    def files(self) -> tuple[str, ...]:
        """Return the files whose change calls for a reload."""
        found = [self.file]
        if self.tls:
            pems = (self.tls.certificate, self.tls.key, self.tls.client_ca)
            found += [pem.file for pem in pems if pem]
            stores = (self.tls.store, self.tls.client_store)
            found += [store.file for store in stores if store]
        return tuple(file for file in found if file)


OPEN = WebConfig()
"""Anybody may ask, in clear text."""
