"""TLS contexts and the names of cipher suites, with certificates made by openssl."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from fake_source import no_stores, until

from jmx_bridge.config.web.schema import (
    MAY_CLIENT,
    MUST_CLIENT,
    OPEN,
    Pem,
    ServerTls,
    StoreConfig,
    WebConfig,
)
from jmx_bridge.errors import UsageError
from jmx_bridge.web import AccessControl
from jmx_bridge.web.access import TRANSPORT_SECURITY
from jmx_bridge.web.connections import ConnectionTable, Listener, open_sockets
from jmx_bridge.web.tls import make_context, openssl_name


@dataclass(frozen=True)
class Files:
    """A self-signed certificate for localhost and 127.0.0.1, and keys."""

    certificate: str
    key: str
    encrypted_key: str
    other_certificate: str


def openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Files:
    folder = tmp_path_factory.mktemp("tls")
    names = ("cert.pem", "key.pem", "locked.pem", "other.pem")
    found = Files(*(str(folder / name) for name in names))
    for certificate, key in (
        (found.certificate, found.key),
        (found.other_certificate, str(folder / "other-key.pem")),
    ):
        openssl(
            *("req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=localhost"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", key, "-out", certificate),
        )
    openssl(
        "ec", "-aes128", "-passout", "pass:x", "-in", found.key,
        "-out", found.encrypted_key,
    )  # fmt: skip
    return found


def serving(files: Files, **more) -> ServerTls:
    return ServerTls(Pem(files.certificate), Pem(files.key), **more)


def client(files: Files, *, certified: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=files.certificate)
    if certified:
        context.load_cert_chain(files.certificate, files.key)
    return context


def shake_hands(tls: ServerTls, context: ssl.SSLContext) -> ssl.SSLObject:
    """Let both sides agree in memory; return the server's side. Raises ssl.SSLError."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = make_context(tls, no_stores).wrap_bio(
        to_server, to_client, server_side=True
    )
    other = context.wrap_bio(to_client, to_server, server_hostname="localhost")
    pending = [other, server]
    for _ in range(20):
        for side in list(pending):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            pending.remove(side)
    assert not pending
    return server


def test_a_certificate_and_its_key_serve(files):
    side = shake_hands(serving(files), client(files))

    assert side.version() == "TLSv1.3"


def test_certificate_and_key_may_stand_in_the_configuration_itself(files):
    texts = [
        Pem(text=Path(file).read_text()) for file in (files.certificate, files.key)
    ]

    assert shake_hands(ServerTls(*texts), client(files)).version()


def test_a_key_store_serves_as_the_reader_of_stores_gives_it(files):
    asked = []

    def stores(store: StoreConfig, *, keys: bool) -> str:
        asked.append((store.file, keys))
        return Path(files.key).read_text() + Path(files.certificate).read_text()

    store, trust = StoreConfig("keys.p12"), StoreConfig("trust.p12")
    tls = ServerTls(store=store, client=MUST_CLIENT, client_store=trust)

    context = make_context(tls, stores)

    assert asked == [("keys.p12", True), ("trust.p12", False)]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert len(context.get_ca_certs()) == 1


def test_versions_are_bounded(files):
    tls = serving(files, lowest="TLS12", highest="TLS12")

    assert shake_hands(tls, client(files)).version() == "TLSv1.2"

    old = client(files)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        shake_hands(serving(files, lowest="TLS13"), old)


def test_only_the_chosen_cipher_suites_and_curve_are_offered(files):
    suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    tls = serving(
        files,
        highest="TLS12",
        ciphers=(suite, "TLS_AES_128_GCM_SHA256"),
        curve="prime256v1",
    )

    assert (
        shake_hands(tls, client(files)).cipher()[0] == "ECDHE-ECDSA-AES256-GCM-SHA384"
    )


def test_the_client_may_choose_if_the_server_does_not(files):
    ours = make_context(serving(files), no_stores)
    theirs = make_context(serving(files, server_chooses=False), no_stores)

    assert ours.options & ssl.OP_CIPHER_SERVER_PREFERENCE
    assert not theirs.options & ssl.OP_CIPHER_SERVER_PREFERENCE


def test_a_client_that_needs_a_certificate_is_not_served_without(files):
    tls = serving(
        files, client=MUST_CLIENT, client_ca=Pem(files.certificate), highest="TLS12"
    )

    found = shake_hands(tls, client(files, certified=True)).getpeercert()

    assert ("DNS", "localhost") in found["subjectAltName"]
    with pytest.raises(ssl.SSLError):
        shake_hands(tls, client(files))


def test_a_client_that_may_have_a_certificate_is_served_without(files):
    tls = serving(files, client=MAY_CLIENT, client_ca=Pem(files.certificate))

    assert not shake_hands(tls, client(files)).getpeercert()


def test_without_an_authority_of_its_own_the_systems_are_trusted(files):
    context = make_context(serving(files, client=MUST_CLIENT), no_stores)

    assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_configuration_with_tls_asks_browsers_to_stay_with_it(files):
    access = AccessControl(WebConfig(tls=serving(files)), no_stores)
    name, value = TRANSPORT_SECURITY

    assert access.context is not None
    assert access.headers[name] == value
    assert name not in AccessControl(OPEN, no_stores).headers


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda f: ServerTls(Pem("no.pem"), Pem(f.key)), "no.pem, .*No such file"),
        (lambda f: ServerTls(Pem(f.other_certificate), Pem(f.key)), "KEY_VALUES_MISMATCH"),
        (lambda f: ServerTls(Pem(f.certificate), Pem(f.encrypted_key)), "encrypted"),
        (lambda _: ServerTls(Pem(text="x"), Pem(text="x")), "the web configuration's cert"),
        (lambda f: serving(f, curve="nowhere"), "can't be used for TLS"),
        (lambda f: serving(f, ciphers=("TLS_NO_WITH_SUCH_CIPHER",)), "can't be used"),
        (lambda _: ServerTls(store=StoreConfig("k.jks")), "k.jks: no key store"),
        (
            lambda f: serving(f, client=MUST_CLIENT, client_ca=Pem("no-ca.pem")),
            "No such file",
        ),
    ],
    ids=["missing", "mismatch", "encrypted", "inline", "curve", "cipher", "store", "ca"],
)  # fmt: skip
def test_what_cannot_be_used_is_said(files, make, message):
    with pytest.raises(UsageError, match=message):
        make_context(make(files), no_stores)


def test_a_store_whose_pem_is_none_is_named():
    tls = ServerTls(store=StoreConfig("k.jks"))

    with pytest.raises(UsageError, match=r"k\.jks: can't be used for TLS"):
        make_context(tls, lambda *_, **__: "no PEM")


def listening(files: Files, talk, most: int = 1000) -> int:
    """Listen over TLS while *talk* goes on; return how many connections are left."""
    sockets = open_sockets("127.0.0.1", 0)
    table = ConnectionTable(most)

    async def run() -> None:
        access = AccessControl(WebConfig(tls=serving(files)), no_stores)
        listener = Listener(sockets, asyncio.Protocol, access, table)
        listener.start()
        try:
            await talk(sockets[0].getsockname()[1], table)
        finally:
            listener.close()
            await until(lambda: not listener._arriving)

    asyncio.run(run())
    return len(table)


def test_a_connection_is_silent_once_tls_is_agreed_on(files):
    async def talk(port, table):
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=client(files), server_hostname="localhost"
        )
        await until(lambda: table._silent)
        writer.close()
        await writer.wait_closed()
        await until(lambda: all(one.is_closing() for one in table._silent))
        table.forget_closed()

    assert listening(files, talk) == 0


def test_who_never_agrees_on_tls_keeps_nobody_out(files):
    async def talk(port, table):
        quiet = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        await until(lambda: len(table) == 2)
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=client(files), server_hostname="localhost"
        )
        await until(lambda: table._silent)
        assert await quiet[0][0].read() == b""
        for one in (writer, *(pair[1] for pair in quiet)):
            one.close()
        await until(lambda: all(one.is_closing() for one in table._silent))
        table.forget_closed()

    assert listening(files, talk, most=2) == 0


def test_a_client_that_speaks_no_tls_gives_its_place_back(files):
    async def talk(port, table):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await until(lambda: len(table) == 1)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await reader.read()
        writer.close()
        await until(lambda: len(table) == 0)

    assert listening(files, talk) == 0


def test_who_is_in_the_midst_of_agreeing_at_the_end_gives_its_place_back(files):
    async def talk(port, table):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        await until(lambda: len(table) == 1)
        writer.close()

    assert listening(files, talk) == 0


@pytest.mark.parametrize(
    ("name", "openssl_calls_it"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"),
        ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"),
        ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "ECDHE-ECDSA-AES128-SHA256"),
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"),
        ("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "DHE-RSA-AES128-GCM-SHA256"),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"),
        ("TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"),
    ],
)
def test_a_cipher_suite_is_found_by_the_name_that_openssl_knows(name, openssl_calls_it):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    assert openssl_name(name) == openssl_calls_it
    context.set_ciphers(f"{openssl_calls_it}:@SECLEVEL=0")
    assert openssl_calls_it in {cipher["name"] for cipher in context.get_ciphers()}
