"""The section `httpServer` of jmx_exporter's rule files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..fields import as_text, flag, known_fields, maybe_text, words
from ..keys import names_of
from ..schema import STORE_KEYS
from .schema import (
    MUST_CLIENT,
    NO_CLIENT,
    OPEN,
    TLS_VERSIONS,
    Secret,
    ServerTls,
    StoreConfig,
    WebConfig,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..document import Node

SERVER_KEYS = names_of("httpServer")
BASIC_KEYS = names_of("basic")
SERVER_SSL_KEYS = names_of("httpServer.ssl")
DIGESTS = {"SHA-1": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}
DERIVATIONS = {
    "PBKDF2WithHmacSHA1": ("sha1", 1_300_000),
    "PBKDF2WithHmacSHA256": ("sha256", 600_000),
    "PBKDF2WithHmacSHA512": ("sha512", 210_000),
}
JAVA_VERSIONS = dict(
    zip(("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"), TLS_VERSIONS, strict=True)
)


PATH = re.compile(r"/(?!-/)[^\s?#{}]*")
PREFIX = "javax.net.ssl."
NUMBERS = {"iterations", "keyLength"}


class HttpServerReader:
    """
    Reads the section; *resolve* returns a text, or the variable's that it names.

    *properties* are Java's, which name the stores that the section doesn't.
    """

    def __init__(
        self,
        resolve: Callable[[Node | None], str | None],
        properties: Mapping[str, str],
    ) -> None:
        self._resolve = resolve
        self._properties = properties

    def read(self, node: Node | None) -> WebConfig:
        """Return what of it can be done here; what can't be is warned of or refused."""
        if node is None or node.value is None:
            return OPEN
        fields = known_fields(node, SERVER_KEYS, strict=False)
        for key in ("threads", "maximumRequestSeconds"):
            if key in fields:
                fields[key].warn(
                    "is known but not applied", "requests need no threads here"
                )
        return WebConfig(
            tls=self._tls(fields.get("ssl")),
            users=self._users(fields.get("authentication")),
            path=self._path(fields.get("metrics")),
        )

    @staticmethod
    def _path(node: Node | None) -> str | None:
        if node is None:
            return None
        path = _texts(
            known_fields(node, names_of("httpServer.metrics"), strict=False)
        ).get("path")
        text = maybe_text(path)
        whole = text if not text or text.startswith("/") else f"/{text}"
        if not whole or not PATH.fullmatch(whole):
            (path or node).error('needs a path such as "/metrics"')
            return None
        return whole

    def _users(self, node: Node | None) -> tuple[tuple[str, Secret], ...]:
        if node is None:
            return ()
        known = names_of("authentication")
        fields = known_fields(node, known, strict=False) if node.value else {}
        if "plugin" in fields:
            fields["plugin"].error(
                "is a Java class, which can't run here",
                "use basic, or --web.config.file",
            )
        elif not fields:
            # What asks for a password and names none must not let everybody in.
            node.error(
                "names nobody who may come in",
                "add basic: {username: ..., password: ...}, or remove the key",
            )
        if "basic" not in fields:
            return ()
        basic = _texts(known_fields(fields["basic"], BASIC_KEYS, strict=False))
        name = self._resolve(basic.get("username"))
        if not name:
            fields["basic"].error("'username' is missing")
            return ()
        secret = self._secret(fields["basic"], basic)
        return ((name, secret),) if secret else ()

    def _secret(self, node: Node, fields: Mapping[str, Node]) -> Secret | None:
        algorithm = maybe_text(fields.get("algorithm")) or "plaintext"
        if algorithm.lower() == "plaintext":
            password = self._resolve(fields.get("password"))
            if not password:
                node.error("'password' is missing")
            return Secret("plaintext", password) if password else None
        if algorithm not in DIGESTS and algorithm not in DERIVATIONS:
            known = ", ".join(("plaintext", *DIGESTS, *DERIVATIONS))
            fields["algorithm"].error(f"must be one of {known} (found {algorithm!r})")
            return None
        return self._hashed(node, fields, algorithm)

    @staticmethod
    def _hashed(
        node: Node, fields: Mapping[str, Node], algorithm: str
    ) -> Secret | None:
        hashed = _hexadecimal(node, fields.get("passwordHash"))
        salt = maybe_text(fields.get("salt"))
        if not salt:
            node.error("'salt' is missing")
        if not hashed or not salt:
            return None
        if algorithm in DIGESTS:
            return Secret("digest", hashed, DIGESTS[algorithm], salt)
        name, iterations = DERIVATIONS[algorithm]
        if "iterations" in fields:
            iterations = fields["iterations"].whole(minimum=1) or iterations
        bits = fields["keyLength"].whole(minimum=1) if "keyLength" in fields else 128
        if bits not in {len(hashed) * 4, len(hashed) // 2}:
            node.error(
                f"'passwordHash' has {len(hashed) * 4} bits, and 'keyLength' says {bits}",
                f"write keyLength: {len(hashed) * 4}",
            )
            return None
        return Secret("pbkdf2", hashed, name, salt, iterations)

    def _tls(self, node: Node | None) -> ServerTls | None:
        if node is None:
            return None
        fields = known_fields(node, SERVER_SSL_KEYS, strict=False)
        mutual = flag(fields, "mutualTLS")
        keys = self._store(fields.get("keyStore"), "keyStore")
        if keys is None:
            node.error(
                "'keyStore' is missing", "add keyStore: {filename: ..., password: ...}"
            )
        trusted = self._store(fields.get("trustStore"), "trustStore")
        if mutual and trusted is None:
            node.error("'mutualTLS' needs a trustStore")
        versions = [
            JAVA_VERSIONS[name]
            for name in words(fields.get("protocols"))
            if name in JAVA_VERSIONS
        ]
        return ServerTls(
            store=keys,
            client=MUST_CLIENT if mutual else NO_CLIENT,
            client_store=trusted if mutual else None,
            lowest=min(versions, default="TLS12"),
            highest=max(versions, default=None),
            ciphers=words(fields.get("ciphers")),
        )

    def _store(self, node: Node | None, kind: str) -> StoreConfig | None:
        given = node if node is not None and node.value is not None else None
        fields = (
            {}
            if given is None
            else _texts(known_fields(given, STORE_KEYS, strict=False))
        )
        default = self._properties.get
        name = maybe_text(fields.get("filename")) or default(f"{PREFIX}{kind}")
        if not name:
            if given is not None:
                given.error("'filename' is missing")
            return None
        return StoreConfig(
            name,
            maybe_text(fields.get("type")) or default(f"{PREFIX}{kind}Type"),
            self._resolve(fields.get("password")) or default(f"{PREFIX}{kind}Password"),
        )


def java_properties(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the system properties that the user gives to the embedded JVM."""
    options = environ.get("JMX_BRIDGE_JAVA_OPTS", "").split()
    written = [option[2:].partition("=") for option in options if option[:2] == "-D"]
    return {name: value for name, _, value in written}


def _texts(fields: Mapping[str, Node]) -> dict[str, Node]:
    """Return *fields* with texts where jmx_exporter makes texts of numbers."""
    return {
        key: node if key in NUMBERS else as_text(node) for key, node in fields.items()
    }


def _hexadecimal(parent: Node, node: Node | None) -> str | None:
    text = None if node is None else node.text(secret=True)
    if not text:
        parent.error("'passwordHash' is missing")
        return None
    digits = text.replace(":", "").strip().lower()
    if not re.fullmatch(r"(?:[0-9a-f]{2})+", digits):
        (node or parent).error("must be a hash in hexadecimal digits")
        return None
    return digits
