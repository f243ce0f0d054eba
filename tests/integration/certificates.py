"""Key stores with new certificates, made by the JDK's keytool."""

from __future__ import annotations

import subprocess
from pathlib import Path

from integration.targets import java
from jmx_bridge import jmx
from jmx_bridge.config import StoreConfig

NAMES = "SAN=dns:localhost,ip:127.0.0.1"


def keystore(
    folder: Path, name: str, *, san: str = NAMES, kind: str = "PKCS12"
) -> Path:
    """A store with a new self-signed certificate."""
    store = folder / f"{name}.{kind.lower()}"
    subprocess.run(
        [java("keytool"), "-genkeypair", "-alias", "a", "-keyalg", "EC", "-storetype", kind,
         "-keystore", str(store), "-storepass", "changeit", "-keypass", "changeit",
         "-dname", f"CN={name}", "-ext", san],
        check=True, capture_output=True,
    )  # fmt: skip
    return store


def pem(store: Path, to: Path) -> tuple[Path, Path]:
    """The store's certificate and key as PEM files."""
    jmx.start_jvm()
    text = jmx.pem_of(StoreConfig(str(store), None, "changeit"), keys=True)
    key, begin, certificate = text.partition("-----BEGIN CERTIFICATE")
    files = to / f"{store.stem}.crt", to / f"{store.stem}.key"
    files[0].write_text(begin + certificate)
    files[1].write_text(key)
    return files
