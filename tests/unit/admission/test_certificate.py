"""When certificates expire, compared with what Python's own decoder of its tests says."""

from __future__ import annotations

import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jmx_bridge.admission import earliest_expiry
from jmx_bridge.admission.certificate import expiry
from jmx_bridge.errors import UsageError

BEGIN = "-----BEGIN CERTIFICATE-----"
SIGNED = Path(__file__).parents[1] / "self-signed.pem"
DER = ssl.PEM_cert_to_DER_cert(BEGIN + SIGNED.read_text().partition(BEGIN)[2].strip())


def certificate(
    folder: Path, days: int, name: str = "c", key: str = "rsa:2048"
) -> Path:
    file = folder / f"{name}.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-days", str(days), "-subj", f"/CN={name}",
         "-newkey", key, "-keyout", str(folder / "key.pem"), "-out", str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    return file


def oracle(file: Path) -> float:
    decoded = ssl._ssl._test_decode_cert(str(file))  # type: ignore[attr-defined]
    return ssl.cert_time_to_seconds(decoded["notAfter"])


@pytest.mark.parametrize("days", [1, 30, 3650, 10_000, 40_000])
def test_it_is_what_openssl_says(tmp_path, days):
    """The last two are after 2049, where another form of time begins."""
    file = certificate(tmp_path, days)

    assert earliest_expiry(str(file)) == oracle(file)


def test_of_a_chain_it_is_the_earliest(tmp_path):
    files = [certificate(tmp_path, days, f"c{days}") for days in (30, 3, 300)]
    chain = tmp_path / "chain.pem"
    chain.write_text("noise\n" + "\n".join(file.read_text() for file in files))

    assert earliest_expiry(str(chain)) == oracle(files[1])


def test_a_year_of_two_digits_may_be_of_the_last_century(tmp_path):
    moment = datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
    der = ssl.PEM_cert_to_DER_cert(certificate(tmp_path, 30).read_text())
    der = der.replace(after(der), b"\x17\x0d991231235959Z")

    assert expiry(der) == moment.timestamp()


def after(der: bytes) -> bytes:
    """Return the second of the two moments, with its head."""
    first = der.index(b"\x17\x0d")
    return der[first + 15 : first + 30]


@pytest.mark.parametrize("at", range(0, len(DER), 7))
def test_a_certificate_that_is_cut_off_is_refused(at):
    with pytest.raises(ValueError):
        expiry(DER[:at])


@given(st.binary(max_size=60))
def test_whatever_is_no_certificate_is_refused(der):
    with pytest.raises(ValueError):
        expiry(der)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n",
    ],
)
def test_a_file_without_one_is_named(tmp_path, text):
    file = tmp_path / "c.pem"
    file.write_text(text)

    with pytest.raises(UsageError, match="has no certificate"):
        earliest_expiry(str(file))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.pem: can't be read: No such file"):
        earliest_expiry(str(tmp_path / "none.pem"))
