"""The way to the target: over what, who is believed, and that no secret gets out."""

from __future__ import annotations

import subprocess
import time
import uuid
from pathlib import Path

import jpype
import pytest

from integration.certificates import keystore, pem
from integration.support import Served, Watcher, moving, one_number, run, serving
from integration.targets import (
    CACHE,
    ROOT,
    compile_java,
    free_port,
    java,
    start_target,
    wait_until,
)

ALL_OF_IT = "includeObjectNames: ['t:*']\n"


@pytest.fixture(scope="module")
def mutual(tmp_path_factory):
    """A target that wants certificate and password, with all that a client needs."""
    folder = tmp_path_factory.mktemp("mutual")
    theirs = keystore(folder, "theirs", san="SAN=dns:theirs.example")
    ours = keystore(folder, "ours")
    certificate, key = pem(ours, folder)
    trust = folder / "trust.p12"
    subprocess.run(
        [java("keytool"), "-importcert", "-noprompt", "-alias", "ours", "-file", str(certificate),
         "-keystore", str(trust), "-storepass", "changeit", "-storetype", "PKCS12"],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / "access").write_text("monitor readonly\n")
    password = folder / "password"
    password.write_text("monitor s3cr3t-word\n")
    password.chmod(0o600)
    prefix = "-Dcom.sun.management.jmxremote"
    target = start_target(
        moving(),
        "MovingApp",
        flags=(
            f"{prefix}.authenticate=true",
            f"{prefix}.access.file={folder / 'access'}",
            f"{prefix}.password.file={password}",
            f"{prefix}.password.toHashes=false",
            f"{prefix}.ssl=true",
            f"{prefix}.registry.ssl=true",
            f"{prefix}.ssl.need.client.auth=true",
            f"-Djavax.net.ssl.keyStore={theirs}",
            "-Djavax.net.ssl.keyStorePassword=changeit",
            f"-Djavax.net.ssl.trustStore={trust}",
            "-Djavax.net.ssl.trustStorePassword=changeit",
        ),
    )
    one_number(target)
    yield target, folder, pem(theirs, folder)[0], (certificate, key)
    target.stop()


def tls_flags(mutual, *more: str) -> list[str]:
    target, _, theirs, (certificate, key) = mutual
    return [
        f"--jmx.target={target.address}",
        "--jmx.username=monitor",
        "--jmx.tls",
        f"--jmx.tls.trust-store={theirs}",
        f"--jmx.tls.key-store={certificate}",
        f"--jmx.tls.key-file={key}",
        *more,
    ]


def test_mutual_tls_with_pem_files_and_a_password_file_that_changes(mutual, tmp_path):
    password = tmp_path / "password"
    password.write_text("wrong-w0rd\n")
    flags = tls_flags(
        mutual, "--no-jmx.tls.verify-host", f"--jmx.password-file={password}"
    )
    with serving(*flags) as served:
        assert "\njmx_up 0.0\n" in served.metrics()
        assert "refused the login" in served.logged()
        password.write_text("s3cr3t-word\n")
        page = wait_until(lambda: up(served), 20)
        status = served.get("/")[2]
        command = Path(f"/proc/{served.process.pid}/cmdline").read_text()
        everything = [served.logged(), page, status, command]
    assert "\nt_A_Count 1.0\n" in page
    assert not [text for text in everything if "s3cr3t" in text or "wrong-w0rd" in text]


def up(served: Served) -> str | None:
    page = served.metrics()
    return page if "\njmx_up 1.0\n" in page else None


def test_a_certificate_for_another_host_is_refused(mutual):
    done = run("scrape", *tls_flags(mutual))

    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr
    assert "--no-jmx.tls.verify-host" in done.stderr


def test_without_our_certificate_the_target_lets_nobody_in(mutual):
    target, _, theirs, _ = mutual

    done = run(
        "scrape",
        f"--jmx.target={target.address}",
        "--jmx.tls",
        "--no-jmx.tls.verify-host",
        f"--jmx.tls.trust-store={theirs}",
    )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_a_target_without_tls_is_not_even_logged_in_to_if_tls_is_wanted(tmp_path, wire):
    """A plain registry is the JDK's default, so its stub alone tells whether calls are encrypted."""
    password = tmp_path / "password"
    password.write_text("monitor s3cr3t-word\n")
    password.chmod(0o600)
    (tmp_path / "access").write_text("monitor readonly\n")
    prefix = "-Dcom.sun.management.jmxremote"
    plain = start_target(
        moving(),
        "MovingApp",
        flags=(
            f"{prefix}.authenticate=true",
            f"{prefix}.access.file={tmp_path / 'access'}",
            f"{prefix}.password.file={password}",
        ),
    )
    try:
        done = [
            run(
                "scrape",
                f"--jmx.target={plain.address}",
                f"--jmx.wire={wire}",
                "--jmx.username=monitor",
                "--jmx.tls",
                "--no-jmx.tls.registry",
                environ={"JMX_BRIDGE_JMX_PASSWORD": word},
            )
            for word in ("s3cr3t-word", "wrong-w0rd")
        ]
    finally:
        plain.stop()

    assert [each.returncode for each in done] == [1, 1]
    for each in done:
        assert "jmxremote.ssl=true" in each.stderr
        assert "refused the login" not in each.stderr


def test_no_other_system_property_becomes_an_object_of_ours(jvm, tmp_path):
    """They are one attribute, which has all that was given to the target by -D."""
    flags = [f"-D{name}=s3cr3t-{uuid.uuid4()}" for name in ("app.token", "key", "zz")]
    target = start_target(moving(), "MovingApp", flags=tuple(flags))
    try:
        # A stream has a string once, so the one that is wanted may come with another.
        target.tell("properties\tt:type=A\t200\tjava.vm.vendor")
        watcher = Watcher(target, ALL_OF_IT, "pipelined")
        page = watcher.page()
        dump = tmp_path / "heap.hprof"
        beans = jpype.JClass("java.lang.management.ManagementFactory")
        diagnostic = jpype.JClass("com.sun.management.HotSpotDiagnosticMXBean").class_
        beans.getPlatformMXBean(diagnostic).dumpHeap(str(dump), False)  # noqa: FBT003
        watcher.bridge.close()
    finally:
        target.stop()

    [info] = [name for name in page if name.startswith("jvm_runtime_info")]
    assert "runtime=OpenJDK" in info
    assert "version=" in info
    assert "vendor=" in info
    assert "=," not in info
    held = dump.read_bytes()
    assert b"java.runtime.name" in held
    for flag in flags:
        assert flag.partition("=")[2].encode() not in held


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
@pytest.mark.parametrize("how", ["absent", "denied"])
def test_a_target_that_does_not_tell_its_runtime_is_up_all_the_same(jvm, how, wire):
    source = ROOT / "tests" / "java" / "PrivateServer.java"
    classes = compile_java([source], CACHE / "private-server")
    port = free_port()
    target = start_target(classes, "PrivateServer", str(port), how)
    url = f"service:jmx:rmi:///jndi/rmi://127.0.0.1:{port}/jmxrmi"
    try:
        watcher = Watcher(target, ALL_OF_IT, wire, url=url)
        pages = [watcher.page() for _ in range(2)]
        watcher.bridge.close()
    finally:
        target.stop()

    for page in pages:
        assert page["jmx_up"] == 1.0
        assert page["t_A_Count"] == 1.0
        assert not [name for name in page if name.startswith("jvm_runtime")]


@pytest.mark.parametrize(
    "url",
    [
        "service:jmx:rmi:///jndi/ldap://127.0.0.1:1/x",
        "service:jmx:rmi://127.0.0.1:1/stub/rO0ABXVyABNb",
        "service:jmx:iiop:///jndi/iiop://127.0.0.1:1/jmx",
        "service:jmx:rmi:///jndi/http://127.0.0.1:1/x",
    ],
)
def test_a_url_that_could_bring_code_is_refused(url, tmp_path):
    by_flag = run("scrape", f"--jmx.url={url}")
    rules = tmp_path / "rules.yml"
    rules.write_text(f"jmxUrl: '{url}'\n")
    by_file = run("scrape", f"--config.file={rules}")

    assert by_flag.returncode == 2
    assert "/jndi/rmi://" in by_flag.stderr
    assert by_file.returncode != 0
    assert "/jndi/rmi://" in by_file.stderr


def test_a_malicious_registry_makes_no_object(tmp_path):
    sources = [ROOT / "tests" / "java" / "EvilRegistry.java"]
    classes = compile_java(sources, CACHE / "evil")
    evil = start_evil(classes)
    try:
        for kind in ("gadget", "bomb", "proxy", "garbage", "silence"):
            evil.stdin.write(kind + "\n")
            evil.stdin.flush()
            port = evil.stdout.readline().strip()
            start = time.monotonic()
            done = run(
                "scrape", f"--jmx.target=127.0.0.1:{port}", "--scrape.timeout=3s"
            )
            assert done.returncode == 1
            assert time.monotonic() - start < 15
            assert "Traceback" not in done.stderr
            if kind in {"gadget", "bomb", "proxy"}:
                assert "REJECTED" in done.stderr
    finally:
        evil.kill()
        evil.wait()
        evil.stdin.close()
        evil.stdout.close()


def start_evil(classes: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [java(), "-cp", str(classes), "EvilRegistry"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
