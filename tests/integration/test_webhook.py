"""`jmx-bridge webhook` as a process, over TLS, with certificates that change."""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.support import COMMAND
from integration.targets import ROOT, free_port, wait_until

sys.path.insert(0, str(ROOT / "tests" / "unit" / "admission"))

from reviews import asked, patched, pod_of


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


@dataclass
class Authority:
    """One that issues certificates for localhost, as a Secret's volume shows them."""

    folder: Path
    made: int = 0

    def __post_init__(self) -> None:
        openssl(
            "req", "-x509", *KEY, "-days", "3650", "-subj", "/CN=ca",
            "-keyout", self.folder / "ca.key", "-out", self.folder / "ca.crt",
        )  # fmt: skip
        (self.folder / "names").write_text("subjectAltName=DNS:localhost")
        for name in ("tls.crt", "tls.key"):
            (self.folder / name).symlink_to(f"..data/{name}")

    def issue(self, days: int = 30) -> int:
        """Put a new certificate in the place of the old one, in one step; return its serial number."""
        self.made += 1
        folder = self.folder / f"..{self.made}"
        folder.mkdir()
        openssl(
            "req", *KEY, "-subj", "/CN=localhost",
            "-keyout", folder / "tls.key", "-out", folder / "csr",
        )  # fmt: skip
        openssl(
            "x509", "-req", "-in", folder / "csr", "-days", str(days),
            "-CA", self.folder / "ca.crt", "-CAkey", self.folder / "ca.key",
            "-set_serial", str(1000 + self.made), "-extfile", self.folder / "names",
            "-out", folder / "tls.crt",
        )  # fmt: skip
        self.switch(folder.name)
        return 1000 + self.made

    def switch(self, name: str) -> None:
        new = self.folder / "..new"
        new.symlink_to(name)
        new.replace(self.folder / "..data")

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "ca.crt"))


@dataclass
class Hook:
    """The process, and how it is reached."""

    process: subprocess.Popen[str]
    port: int
    authority: Authority

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            "localhost", self.port, timeout=20, context=self.authority.context()
        )

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, str]:
        with closing(self.connect()) as connection:
            return asked_over(connection, path, body)

    def serial(self) -> int:
        """Return the serial number of the certificate that a new connection sees."""
        with closing(self.connect()) as connection:
            connection.connect()
            found = connection.sock.getpeercert() or {}
            return int(str(found["serialNumber"]), 16)

    def metric(self, name: str) -> float:
        lines = self.ask("/metrics")[1].splitlines()
        (line,) = [one for one in lines if one.startswith(f"jmx_bridge_webhook_{name}")]
        return float(line.split()[1])

    def log(self) -> str:
        return (self.authority.folder / "log").read_text("utf-8")


def asked_over(connection, path, body=None) -> tuple[int, str]:
    connection.request("POST" if body else "GET", path, body)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@contextmanager
def webhook(folder: Path, *arguments: str, days: int = 30) -> Iterator[Hook]:
    authority = Authority(folder)
    authority.issue(days)
    port = free_port()
    command = [
        *COMMAND, "webhook", f"--web.listen-address=127.0.0.1:{port}",
        f"--tls.cert={folder}/tls.crt", f"--tls.key={folder}/tls.key", *arguments,
    ]  # fmt: skip
    environ = {**os.environ, "PATH": "", "JAVA_HOME": ""}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stderr=log, text=True, env=environ)
    hook = Hook(process, port, authority)
    try:
        wait_until(lambda: "web.listening" in hook.log(), 60)
        yield hook
    finally:
        process.kill()
        process.wait(20)


REVIEW = json.dumps(asked()).encode()


def test_a_pod_gets_the_sidecar_over_tls_and_without_java(tmp_path):
    with webhook(tmp_path) as hook:
        status, text = hook.ask("/mutate", REVIEW)
        maps = Path(f"/proc/{hook.process.pid}/maps").read_text()

        assert status == 200
        made = patched(pod_of(), text)
        assert made["spec"]["initContainers"][0]["name"] == "jmx-bridge"
        assert hook.ask("/-/ready") == (200, "Ready\n")
        assert hook.metric("injected_total") == 1
        assert "jpype" not in maps
        assert "libjvm" not in maps


def test_a_new_certificate_is_taken_without_losing_a_connection(tmp_path):
    with webhook(tmp_path, days=3) as hook, closing(hook.connect()) as kept:
        assert asked_over(kept, "/mutate", REVIEW)[0] == 200
        socket = kept.sock
        before = hook.metric("certificate_expiry_timestamp_seconds")
        failures, stop = [], threading.Event()

        def keep_asking() -> None:
            while not stop.is_set():
                try:
                    status, _ = hook.ask("/mutate", REVIEW)
                    failures.extend([status] if status != 200 else [])
                except OSError as exc:
                    failures.append(exc)

        asking = threading.Thread(target=keep_asking)
        asking.start()
        try:
            serial = hook.authority.issue(300)
            wait_until(lambda: hook.serial() == serial, 60)
        finally:
            stop.set()
            asking.join()

        assert failures == []
        assert asked_over(kept, "/mutate", REVIEW)[0] == 200
        assert kept.sock is socket
        days = (hook.metric("certificate_expiry_timestamp_seconds") - before) / 86_400
        assert days == pytest.approx(297, abs=0.1)


def test_a_pair_that_does_not_fit_is_refused_and_the_old_one_stays(tmp_path):
    with webhook(tmp_path) as hook:
        serial = hook.serial()
        hook.authority.issue()
        wait_until(lambda: hook.serial() == serial + 1, 60)
        mixed = tmp_path / "..mixed"
        mixed.mkdir()
        (mixed / "tls.crt").write_bytes((tmp_path / "..1" / "tls.crt").read_bytes())
        (mixed / "tls.key").write_bytes((tmp_path / "..2" / "tls.key").read_bytes())
        hook.authority.switch("..mixed")
        wait_until(lambda: "config.refused" in hook.log(), 60)

        assert hook.serial() == serial + 1
        assert hook.metric("certificate_last_reload_successful") == 0
        assert "KEY_VALUES_MISMATCH" in hook.log()
        hook.authority.switch("..1")
        wait_until(lambda: hook.serial() == serial, 60)
        assert hook.metric("certificate_last_reload_successful") == 1


def test_at_the_signal_it_serves_on_until_nobody_comes(tmp_path):
    with webhook(tmp_path, "--web.drain=3s") as hook:
        hook.process.send_signal(signal.SIGTERM)
        wait_until(lambda: hook.ask("/-/ready")[0] == 503, 20)

        assert hook.ask("/mutate", REVIEW)[0] == 200
        assert hook.process.wait(30) == 0


def test_a_second_signal_ends_it_at_once(tmp_path):
    with webhook(tmp_path, "--web.drain=10m") as hook:
        hook.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "web.stopping" in hook.log(), 20)
        hook.process.send_signal(signal.SIGTERM)

        assert hook.process.wait(30) == 0


def test_an_expired_certificate_is_told_and_not_ready(tmp_path):
    """Who verifies nothing, as a kubelet's probe, is told so."""
    folder = tmp_path
    with webhook(folder) as hook:
        assert hook.ask("/-/ready")[0] == 200
        expired = folder / "..expired"
        expired.mkdir()
        (expired / "tls.key").write_bytes((folder / "..1" / "tls.key").read_bytes())
        openssl(
            "x509", "-req", "-in", folder / "..1" / "csr", "-days", "0",
            "-CA", folder / "ca.crt", "-CAkey", folder / "ca.key",
            "-set_serial", "7", "-out", expired / "tls.crt",
        )  # fmt: skip
        time.sleep(1.1)
        hook.authority.switch("..expired")
        wait_until(lambda: "webhook.certificate_expired" in hook.log(), 60)
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection(
            "localhost", hook.port, timeout=20, context=context
        )
        with closing(connection):
            assert asked_over(connection, "/-/ready")[0] == 503


@pytest.mark.parametrize(
    "body", [b"{", b"[" * 1_000_000, b"\xff" * 100_000, b"x" * (5 << 20)]
)
def test_hostile_bodies_get_one_line_and_no_traceback(tmp_path, body):
    with webhook(tmp_path, "--log.level=debug") as hook:
        status, text = hook.ask("/mutate", body)

        assert status in {400, 413}
        assert text.count("\n") == 1
        assert "Traceback" not in hook.log()
        assert hook.ask("/mutate", REVIEW)[0] == 200


def test_without_a_certificate_it_says_what_it_needs(tmp_path):
    done = subprocess.run(
        [*COMMAND, "webhook"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--tls.cert=FILE --tls.key=FILE" in done.stderr

    done = subprocess.run(
        [*COMMAND, "webhook", "--tls.cert=/none", "--tls.key=/none"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "/none" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_patch_is_json_that_was_encoded_once(tmp_path):
    with webhook(tmp_path) as hook:
        response = json.loads(hook.ask("/mutate", REVIEW)[1])["response"]

        patch = json.loads(b64decode(response["patch"], validate=True))
        assert {one["op"] for one in patch} <= {"add", "replace"}
        assert any("~1" in one["path"] for one in patch)
