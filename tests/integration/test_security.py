"""Who gets in, over what, and what requests made to hurt come to."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import bcrypt
import pytest

from integration.certificates import keystore, pem
from integration.support import Served, run, serving
from integration.targets import ROOT, wait_until

# bcrypt of "s3cr3t-word", cost 4
HASH = "$2b$04$abcdefghijklmnopqrstuu5vhkBAH8UVAXmJKDvpzgTcQMoxK7TZy"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> tuple[Path, Path, Path]:
    """A server's key store, certificate and key."""
    folder = tmp_path_factory.mktemp("server")
    store = keystore(folder, "server")
    return (store, *pem(store, folder))


def hashed(password: str) -> str:

    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def basic(user: str, password: str) -> dict[str, str]:
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


def ask(
    served: Served,
    trusted: Path | None = None,
    client: tuple[Path, Path] | None = None,
    path: str = "/-/healthy",
    headers: dict[str, str] | None = None,
):
    """Return status and headers; over TLS if a certificate to trust is given."""
    connection: http.client.HTTPConnection
    if trusted:
        context = ssl.create_default_context(cafile=str(trusted))
        if client:
            context.load_cert_chain(*map(str, client))
        connection = http.client.HTTPSConnection(
            "127.0.0.1", served.port, context=context, timeout=10
        )
    else:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers
    finally:
        connection.close()


@pytest.fixture
def anywhere() -> str:
    return "--jmx.target=127.0.0.1:1"


def test_users_need_their_password_on_every_path(anywhere, tmp_path):
    config = tmp_path / "web.yml"
    config.write_text(f"basic_auth_users:\n  prom: {hashed('s3cr3t-word')}\n")
    with serving(anywhere, f"--web.config.file={config}") as served:
        for path in ("/", "/metrics", "/-/healthy", "/nowhere"):
            status, headers = ask(served, path=path)
            assert status == 401
            assert headers["WWW-Authenticate"].startswith("Basic")
        bad = [
            basic("prom", "wrong"),
            basic("nobody", "s3cr3t-word"),
            basic("prom", "s3cr3t-word" + "x" * 100),
            {"Authorization": "Basic %%%"},
            {"Authorization": "Bearer s3cr3t-word"},
        ]
        assert [ask(served, headers=each)[0] for each in bad] == [401] * len(bad)
        good = basic("prom", "s3cr3t-word")
        assert ask(served, headers=good)[0] == 200
        assert ask(served, headers=good)[0] == 200
        assert "s3cr3t-word" not in served.logged()


def test_https_with_a_certificate_that_is_replaced_while_serving(
    anywhere, server, tmp_path
):
    _, certificate, key = server
    shutil.copy(certificate, tmp_path / "tls.crt")
    shutil.copy(key, tmp_path / "tls.key")
    config = tmp_path / "web.yml"
    config.write_text(
        "tls_server_config: {cert_file: tls.crt, key_file: tls.key, min_version: TLS13}\n"
        "http_server_config: {headers: {X-Frame-Options: sameorigin}}\n"
    )
    other = pem(keystore(tmp_path, "other"), tmp_path)
    with serving(anywhere, f"--web.config.file={config}") as served:
        status, headers = ask(served, certificate)
        assert status == 200
        assert headers["X-Frame-Options"] == "sameorigin"
        assert headers["Strict-Transport-Security"]
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(served)
        with pytest.raises(ssl.SSLError):
            ask(served, other[0])

        (tmp_path / "tls.crt").write_text("broken")
        wait_until(lambda: "config.refused" in served.logged())
        assert ask(served, certificate)[0] == 200

        shutil.copy(other[1], tmp_path / "tls.key")
        shutil.copy(other[0], tmp_path / "tls.crt")
        wait_until(lambda: trusted(served, other[0]))


def trusted(served: Served, certificate: Path) -> bool:
    try:
        return ask(served, certificate)[0] == 200
    except ssl.SSLError:
        return False


def test_a_client_needs_the_certificate_that_the_configuration_demands(
    anywhere, server, tmp_path
):
    _, certificate, key = server
    client = pem(keystore(tmp_path, "client", san="SAN=dns:prometheus"), tmp_path)
    stranger = pem(keystore(tmp_path, "stranger"), tmp_path)
    config = tmp_path / "web.yml"
    text = (
        f"tls_server_config:\n  cert_file: {certificate}\n  key_file: {key}\n"
        "  client_auth_type: RequireAndVerifyClientCert\n"
        f"  client_ca_file: {client[0]}\n  client_allowed_sans: [NAME]\n"
    )
    config.write_text(text.replace("NAME", "prometheus"))
    with serving(anywhere, f"--web.config.file={config}") as served:
        assert ask(served, certificate, client)[0] == 200
        for wrong in (None, stranger):
            with pytest.raises((OSError, http.client.HTTPException)):
                ask(served, certificate, wrong)
        config.write_text(text.replace("NAME", "somebody-else"))
        wait_until(lambda: ask(served, certificate, client)[0] == 403)


@pytest.mark.parametrize("client", ["", "RequireAndVerifyClientCert"])
def test_the_health_check_of_the_image_needs_no_secret(
    anywhere, server, tmp_path, client
):
    _, certificate, key = server
    config = tmp_path / "web.yml"
    more = f"  client_auth_type: {client}\n  client_ca_file: {certificate}\n"
    config.write_text(
        f"tls_server_config:\n  cert_file: {certificate}\n  key_file: {key}\n"
        + more * bool(client)
        + f"basic_auth_users: {{prom: {hashed('s3cr3t-word')}}}\n"
    )
    with serving(anywhere, f"--web.config.file={config}") as served:
        url = f"http://127.0.0.1:{served.port}/-/healthy"
        alive = health(url)
    assert (alive, health(url)) == (0, 1)


def health(url: str) -> int:
    command = [sys.executable, "-m", "jmx_bridge.health", url]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def test_a_rate_limit_answers_429(anywhere, tmp_path):
    config = tmp_path / "web.yml"
    config.write_text("rate_limit: {interval: 1m, burst: 3}\n")
    with serving(anywhere, f"--web.config.file={config}") as served:
        assert [ask(served)[0] for _ in range(5)] == [200, 200, 200, 429, 429]


def pbkdf2(password: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", 1000, 16).hex()


@pytest.mark.parametrize(
    "secret",
    [
        "password: s3cr3t-word",
        "password: '${WEB_PASSWORD}'",
        f"algorithm: SHA-256, salt: salt, passwordHash: {hashlib.sha256(b'salt:s3cr3t-word').hexdigest()}",
        f"algorithm: PBKDF2WithHmacSHA256, iterations: 1000, salt: salt, passwordHash: {pbkdf2('s3cr3t-word')}",
    ],
    ids=["plaintext", "variable", "sha", "pbkdf2"],
)
def test_http_server_sections_authentication_works(anywhere, tmp_path, secret):
    rules = tmp_path / "rules.yml"
    rules.write_text(
        f"httpServer: {{authentication: {{basic: {{username: prom, {secret}}}}}}}\n"
    )
    environ = {"WEB_PASSWORD": "s3cr3t-word"}
    with serving(anywhere, f"--config.file={rules}", environ=environ) as served:
        assert ask(served)[0] == 401
        assert ask(served, headers=basic("prom", "wrong"))[0] == 401
        assert ask(served, headers=basic("prom", "s3cr3t-word"))[0] == 200


@pytest.mark.parametrize("kind", ["PKCS12", "JKS"])
def test_http_server_sections_tls_reads_javas_stores(anywhere, tmp_path, kind):
    store = keystore(tmp_path, "javas", kind=kind)
    certificate, _ = pem(store, tmp_path)
    rules = tmp_path / "rules.yml"
    rules.write_text(
        "httpServer:\n  metrics: {path: /somewhere}\n  ssl:\n"
        f"    keyStore: {{filename: {store}, password: changeit}}\n"
        "    certificate: {alias: a}\n"
    )
    with serving(anywhere, f"--config.file={rules}") as served:
        assert ask(served, certificate, path="/somewhere")[0] == 200
        assert ask(served, certificate, path="/metrics")[0] == 404


def test_http_server_sections_tls_takes_the_stores_of_javas_properties(
    anywhere, tmp_path
):
    store = keystore(tmp_path, "javas", kind="PKCS12")
    certificate, _ = pem(store, tmp_path)
    rules = tmp_path / "rules.yml"
    rules.write_text(
        "httpServer: {metrics: {path: somewhere}, ssl: {certificate: {alias: a}}}\n"
    )
    options = (
        f"-Djavax.net.ssl.keyStore={store} -Djavax.net.ssl.keyStorePassword=changeit"
    )
    environ = {"JMX_BRIDGE_JAVA_OPTS": options}
    with serving(anywhere, f"--config.file={rules}", environ=environ) as served:
        assert ask(served, certificate, path="/somewhere")[0] == 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tls_server_config: {cert_file: a}", "needs key or key_file"),
        ("basic_auth_users: {prom: s3cr3t-word}", "must be a bcrypt hash"),
        ("tls_sever_config: {}", 'did you mean "tls_server_config"?'),
        (
            "tls_server_config: {cert_file: /nope, key_file: /nope}",
            "can't be used for TLS",
        ),
        (
            "tls_server_config: {client_auth_type: RequestClientCert}",
            "proves nothing",
        ),
        ("http_server_config: {headers: {X-Mine: a}}", "unknown key"),
        ("rate_limit: {interval: soon}", "must be a time"),
        ("\tx", "web.yml:1:1"),
    ],
)
def test_a_wrong_web_configuration_is_one_clear_message(
    anywhere, tmp_path, text, expected
):
    config = tmp_path / "web.yml"
    config.write_text(text)

    done = run("serve", anywhere, f"--web.config.file={config}")

    assert done.returncode in {1, 2}
    assert expected in done.stderr
    assert "s3cr3t-word" not in done.stderr
    assert "Traceback" not in done.stderr


# -- requests made to hurt ---------------------------------------------------------------------


def raw(served: Served, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as sock:
        sock.sendall(data)
        try:
            return sock.recv(65536)
        except OSError:
            return b""


def test_oversized_and_broken_requests_are_refused(anywhere):
    with serving(anywhere) as served:
        broken = [
            b"GET / HTTP/1.1\r\n" + b"A: " + b"x" * 100_000 + b"\r\n\r\n",
            b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00" + os.urandom(200),
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST /-/reload HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            b"\r\n" * 1000,
        ]
        for data in broken:
            answer = raw(served, data)
            assert not answer or answer.startswith(b"HTTP/1."), answer[:100]
            assert b" 200 " not in answer[:20]
            assert b"Traceback" not in answer
        assert ask(served)[0] == 200
        assert "Traceback" not in served.logged()
