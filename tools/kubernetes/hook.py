"""The webhook as a process, with a certificate of an authority that was made for it."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
METRIC = "jmx_bridge_webhook_"


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@dataclass
class Authority:
    """Issues certificates for localhost."""

    folder: Path
    days: int = 30

    def issue(self) -> None:
        """Put a certificate, and its key, in the place of the one that is there."""
        self.days += 1
        new = self.folder / f"{self.days}"
        new.mkdir()
        openssl(
            "req",
            *KEY,
            "-subj",
            "/CN=localhost",
            "-keyout",
            new / "tls.key",
            "-out",
            new / "csr",
        )
        openssl(
            "x509", "-req", "-in", new / "csr", "-days", str(self.days), "-CA", self.folder / "ca.crt",
            "-CAkey", self.folder / "ca.key", "-CAcreateserial", "-extfile", self.folder / "names", "-out", new / "tls.crt",
        )  # fmt: skip
        link = self.folder / "new"
        link.symlink_to(new.name)
        link.replace(self.folder / "data")


@contextmanager
def certificates(folder: Path) -> Iterator[Authority]:
    """Make an authority and its first certificate, as a Secret's volume shows one."""
    place = folder / "certificates"
    place.mkdir()
    openssl(
        "req",
        "-x509",
        *KEY,
        "-days",
        "3650",
        "-subj",
        "/CN=ca",
        "-keyout",
        place / "ca.key",
        "-out",
        place / "ca.crt",
    )
    (place / "names").write_text("subjectAltName=DNS:localhost")
    authority = Authority(place)
    authority.issue()
    yield authority


class Hook:
    """The process."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self._log = folder / "webhook.log"
        self._authority = authority
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.bundle = (authority.folder / "ca.crt").read_bytes()
        context = ssl.create_default_context(cadata=self.bundle.decode())
        handlers = (
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=context),
        )
        self._opener = urllib.request.build_opener(*handlers)

    def __enter__(self) -> Self:
        data = self._authority.folder / "data"
        command = [
            sys.executable, "-m", "jmx_bridge", "webhook", f"--web.listen-address=127.0.0.1:{self.port}",
            f"--tls.cert={data}/tls.crt", f"--tls.key={data}/tls.key", "--web.drain=0s",
        ]  # fmt: skip
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        end = time.monotonic() + 120
        while "web.listening" not in self._log.read_text():
            if self._process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"the webhook doesn't start: {self._log.read_text()}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def renew(self) -> None:
        self._authority.issue()

    def _page(self) -> list[str]:
        with self._opener.open(
            f"https://localhost:{self.port}/metrics", timeout=10
        ) as answer:
            return str(answer.read(), "utf-8").splitlines()

    def metric(self, name: str, reason: str = "") -> float:
        """Return the value of a metric; 0 where it isn't there."""
        whole = f'{METRIC}{name}{{reason="{reason}"}}' if reason else f"{METRIC}{name}"
        return next(
            (
                float(line.split()[-1])
                for line in self._page()
                if line.startswith(f"{whole} ")
            ),
            0.0,
        )

    def expiry(self) -> float:
        return self.metric("certificate_expiry_timestamp_seconds")
