"""What commands say of a target that can't be reached: in words, with the way out and its place in the docs."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.support import moving, run
from integration.targets import start_target
from jmx_bridge.manual import see


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """A target in clear text that wants a login."""
    folder: Path = tmp_path_factory.mktemp("locked")
    (folder / "password").write_text("monitor s3cr3t-word\n")
    (folder / "password").chmod(0o600)
    (folder / "access").write_text("monitor readonly\n")
    prefix = "-Dcom.sun.management.jmxremote"
    target = start_target(
        moving(),
        "MovingApp",
        flags=(
            f"{prefix}.authenticate=true",
            f"{prefix}.access.file={folder / 'access'}",
            f"{prefix}.password.file={folder / 'password'}",
        ),
    )
    yield target
    target.stop()


@pytest.mark.parametrize(
    ("heading", "said", "flags", "password"),
    [
        ("login", "--jmx.password-file or JMX_BRIDGE_JMX_PASSWORD", [], ""),
        ("login", "jmxremote.password.file", ["--jmx.username=monitor"], "wrong"),
        ("connect", "speaks no TLS", ["--jmx.tls"], ""),
        ("connect", "jmxremote.ssl=true", ["--jmx.tls", "--no-jmx.tls.registry"], ""),
    ],
    ids=["no password", "wrong password", "registry without TLS", "target without TLS"],
)
@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_what_is_wrong_is_told_with_the_way_out(  # noqa: PLR0917 -- a table
    locked, wire, heading, said, flags, password
):
    done = run(
        "scrape",
        f"--jmx.target={locked.address}",
        f"--jmx.wire={wire}",
        *flags,
        environ={"JMX_BRIDGE_JMX_PASSWORD": password} if password else {},
    )

    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if not line.startswith("time=")]
    assert errors[0].startswith("jmx-bridge: error: service:jmx:rmi:")
    assert said in errors[0]
    assert errors[1] == f"  see: {see(heading)}"
