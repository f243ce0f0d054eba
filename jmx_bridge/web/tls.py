"""What Python's ssl needs to serve as a web configuration says."""

from __future__ import annotations

import os
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from ..config.web.schema import MAY_CLIENT, MUST_CLIENT, NO_CLIENT
from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..config.web.schema import Pem, ServerTls, StoreConfig

VERSIONS = {
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}
VERIFY = {
    NO_CLIENT: ssl.CERT_NONE,
    MAY_CLIENT: ssl.CERT_OPTIONAL,
    MUST_CLIENT: ssl.CERT_REQUIRED,
}


class Stores(Protocol):
    """Reads Java's key stores."""

    def __call__(self, store: StoreConfig, *, keys: bool) -> str:
        """Return a store as PEM: key and chain, or all certificates; raises UsageError."""


def make_context(tls: ServerTls, stores: Stores) -> ssl.SSLContext:
    """Return a context for serving; raises UsageError if a file can't be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = VERSIONS[tls.lowest]
    if tls.highest:
        context.maximum_version = VERSIONS[tls.highest]
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    # Python's contexts let the server choose unless they are told otherwise.
    if not tls.server_chooses:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    try:
        if tls.curve:
            context.set_ecdh_curve(tls.curve)
        _choose_ciphers(context, tls.ciphers)
        _load_identity(context, tls, stores)
        _trust_clients(context, tls, stores)
    except (ssl.SSLError, OSError, ValueError) as exc:
        reason = getattr(exc, "reason", None) or getattr(exc, "strerror", None) or exc
        raise UsageError(f"{_what(tls)}: can't be used for TLS: {reason}") from None
    return context


def _what(tls: ServerTls) -> str:
    if tls.store:
        return tls.store.file
    files = [pem.file for pem in (tls.certificate, tls.key) if pem and pem.file]
    return ", ".join(files) or "the web configuration's certificate"


def _choose_ciphers(context: ssl.SSLContext, names: tuple[str, ...]) -> None:
    # TLS 1.3 has its own, which can't be chosen; they always stay.
    wanted = [openssl_name(name) for name in names if "_WITH_" in name]
    if wanted:
        context.set_ciphers(":".join(wanted))


def openssl_name(name: str) -> str:
    """Return what OpenSSL calls a cipher suite of Go's or Java's; RFC 5246's names."""
    exchange, _, rest = name.removeprefix("TLS_").partition("_WITH_")
    cipher, _, digest = rest.rpartition("_")
    parts = [] if exchange == "RSA" else exchange.split("_")
    if cipher.startswith("CHACHA20"):
        parts.append("CHACHA20-POLY1305")
    else:
        cipher = cipher.replace("AES_128", "AES128").replace("AES_256", "AES256")
        parts += cipher.removesuffix("_CBC").split("_")
        parts.append(digest)
    return "-".join(parts)


def _load_identity(context: ssl.SSLContext, tls: ServerTls, stores: Stores) -> None:
    if tls.store:
        with _as_file(stores(tls.store, keys=True)) as file:
            context.load_cert_chain(file)
    elif tls.certificate and tls.key:
        with _pem_file(tls.certificate) as chain, _pem_file(tls.key) as key:
            # A password would be asked for on the terminal.
            context.load_cert_chain(chain, key, password=_no_password)


def _no_password() -> str:
    raise ValueError("the key is encrypted, and there is no password for it")


def _trust_clients(context: ssl.SSLContext, tls: ServerTls, stores: Stores) -> None:
    context.verify_mode = VERIFY[tls.client]
    if tls.client == NO_CLIENT:
        return
    if tls.client_store:
        context.load_verify_locations(cadata=stores(tls.client_store, keys=False))
    elif tls.client_ca:
        with _pem_file(tls.client_ca) as file:
            context.load_verify_locations(file)
    else:
        context.load_default_certs(ssl.Purpose.CLIENT_AUTH)


@contextmanager
def _pem_file(pem: Pem) -> Iterator[str]:
    if pem.file:
        yield pem.file
    else:
        with _as_file(pem.text or "") as file:
            yield file


@contextmanager
def _as_file(text: str) -> Iterator[str]:
    """Keep a secret in memory, under a name that OpenSSL can open."""
    descriptor = os.memfd_create("pem")
    try:
        os.write(descriptor, text.encode())
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
