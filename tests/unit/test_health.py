"""Where the image's health check looks, and what it takes for life."""

import runpy
import socket
import ssl
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from jmx_bridge import health
from jmx_bridge.health import first_process, healthy, own_url

CERTIFICATE = Path(__file__).parent / "self-signed.pem"


@pytest.mark.parametrize(
    ("command", "environ", "expected"),
    [
        (["jmx-bridge"], {}, "http://127.0.0.1:12346/-/healthy"),
        (
            ["/usr/bin/python", "/opt/bin/jmx-bridge", "--web.listen-address=:9404"],
            {},
            "http://127.0.0.1:9404/-/healthy",
        ),
        (
            ["jmx-bridge", "--web.listen-address=[::1]:9404"],
            {},
            "http://[::1]:9404/-/healthy",
        ),
        (
            ["jmx-bridge"],
            {"JMX_BRIDGE_WEB_LISTEN_ADDRESS": "10.0.0.1:80"},
            "http://10.0.0.1:80/-/healthy",
        ),
        (["sh", "-c", "something"], {}, "http://127.0.0.1:12346/-/healthy"),
        (["jmx-bridge", "--nonsense"], {}, "http://127.0.0.1:12346/-/healthy"),
    ],
)
def test_it_asks_the_bridge_that_the_command_started(command, environ, expected):
    assert own_url(command, environ) == expected


@contextmanager
def server(answer: bytes, context: ssl.SSLContext | None = None):
    """Answer every connection with the same bytes; yields the address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with suppress(OSError), connection:
                    if context:
                        connection = context.wrap_socket(connection, server_side=True)
                    connection.settimeout(5)
                    connection.recv(1000)
                    connection.sendall(answer)
                    connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def response(status: int) -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("alive", "status"),
    [(True, 200), (True, 401), (True, 403), (True, 429), (False, 500), (False, 404)],
)
def test_who_answers_or_asks_for_a_password_lives(alive, status):
    with server(response(status)) as address:
        assert alive == healthy(f"http://{address}/-/healthy")


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n"])
def test_who_speaks_another_language_does_not_live(answer):
    with server(answer) as address:
        assert not healthy(f"http://{address}")


def test_where_nobody_listens_nobody_lives():
    with server(b"") as address:
        pass

    assert not healthy(f"http://{address}")


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("client", ["CERT_NONE", "CERT_REQUIRED"])
def test_who_speaks_tls_lives_even_if_it_asks_for_a_certificate(version, client):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    context.maximum_version = ssl.TLSVersion[version]
    context.verify_mode = ssl.VerifyMode[client]

    with server(b"", context) as address:
        assert healthy(f"http://{address}")


def test_the_containers_main_process_is_read(monkeypatch, tmp_path):
    (tmp_path / "cmdline").write_bytes(b"jmx-bridge\0serve\0")

    class Folder(type(tmp_path)):
        def __new__(cls, path):
            return tmp_path / Path(path).name

    monkeypatch.setattr(health, "Path", Folder)
    assert first_process() == ["jmx-bridge", "serve"]

    (tmp_path / "cmdline").unlink()
    assert first_process() == []


@pytest.mark.parametrize(("status", "answer"), [(0, 200), (1, 500)])
def test_the_exit_status_is_the_answer(monkeypatch, status, answer):
    with server(response(answer)) as address:
        monkeypatch.setattr(sys, "argv", ["health", f"http://{address}"])
        monkeypatch.delitem(sys.modules, "jmx_bridge.health")
        with pytest.raises(SystemExit) as caught:
            runpy.run_module("jmx_bridge.health", run_name="__main__")

    assert caught.value.code == status
