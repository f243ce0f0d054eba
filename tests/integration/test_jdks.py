"""Targets of every JDK in use, read as they are set up: with and without login and TLS, on both wires."""

from __future__ import annotations

import math
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.certificates import keystore, pem
from integration.support import Watcher, ours
from integration.targets import (
    CACHE,
    ROOT,
    Target,
    compile_java,
    java,
    start_target,
    wait_until,
)

pytestmark = pytest.mark.jdks

VERSIONS = (8, 11, 17, 21, 25)
PREFIX = "-Dcom.sun.management.jmxremote"
LOGIN: dict[str, object] = {"username": "monitor", "password": "s3cr3t-word"}
TLS: dict[str, object] = {"tls": True, "tls_registry": False}
ACCESS: dict[str, dict[str, object]] = {
    "open": {},
    "password": LOGIN,
    "tls": {**LOGIN, **TLS},
    "tls-registry": {**LOGIN, **TLS, "tls_registry": True},
}
RULES = "includeObjectNames: ['t:*']\n"
# Of the JVM's own families those that every JDK and collector has.
JVM = (
    "jvm_classes_currently_loaded",
    "jvm_gc_collection_seconds_count",
    "jvm_memory_used_bytes",
    "jvm_runtime_info",
    "jvm_threads_current",
    "process_cpu_seconds_total",
)
EXPECTED = {
    "t_Alone_Only": 31.0,
    "t_Failing_After": 81.0,
    "t_Failing_Before": 80.0,
    "t_Fatal_After": 86.0,
    "t_Fatal_Before": 85.0,
    "t_Gauges_BySize{key=large}": 72.0,
    "t_Gauges_BySize{key=small}": 71.0,
    "t_Gauges_Usage_share": 0.5,
    "t_Gauges_Usage_used": 70.0,
    't_Named_Count{name="a, b=\\"c\\""}': 33.0,
    "t_Numbers_Adder": 29.0,
    "t_Numbers_Atomic": 28.0,
    "t_Numbers_AtomicLong": 30.0,
    "t_Numbers_Big": 26.0,
    "t_Numbers_Byte": 20.0,
    "t_Numbers_Decimal": 27.125,
    "t_Numbers_Double": 25.25,
    "t_Numbers_Flag": 1.0,
    "t_Numbers_Float": 24.5,
    "t_Numbers_Infinite": math.inf,
    "t_Numbers_Int": 22.0,
    "t_Numbers_Long": 23.0,
    "t_Numbers_Short": 21.0,
    "t_Numbers_Since": 1700000000.123,
    "t_Plain_Count": 60.0,
    "t_Plain_Open": 1.0,
    "t_Structures_Composite_in_deep": 40.0,
    "t_Structures_Composite_number": 41.0,
    "t_Structures_Count": 42.0,
    "t_Structures_Table_errors{host=h0,port=0}": 50.0,
    "t_Structures_Table_errors{host=h1,port=1}": 51.0,
    "t_Texts_Count": 32.0,
    "t_Uncarried_After": 91.0,
    "t_Uncarried_Before": 90.0,
}


def fetched(version: int) -> str:
    """The java of a version: what `tools/jdks/get.sh` fetched, or the machine's own."""
    path = CACHE / "jdks" / str(version) / "bin" / "java"
    command = str(path) if path.exists() else java()
    said = subprocess.run(
        [command, "-version"], capture_output=True, text=True, check=True
    )
    name = said.stderr.split('"')[1].removeprefix("1.")
    if int(name.partition(".")[0]) != version:
        pytest.skip(f"JDK {version} is not here: tools/jdks/get.sh {version}")
    return command


@pytest.fixture(scope="module")
def classes() -> Path:
    source = ROOT / "tests" / "java" / "EveryKind.java"
    return compile_java(
        [source], CACHE / "every-kind", "--release", "8", "-Xlint:-options"
    )


@pytest.fixture(scope="module")
def store(jvm, tmp_path_factory) -> tuple[Path, Path]:
    """A key store of the target's, and its certificate."""
    folder = tmp_path_factory.mktemp("jdks")
    file = keystore(folder, "target")
    return file, pem(file, folder)[0]


@pytest.fixture(scope="module", params=VERSIONS)
def version(request) -> int:
    return request.param


@pytest.fixture(scope="module", params=ACCESS)
def access(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def target(version, access, classes, store, tmp_path_factory) -> Iterator[Target]:
    """An application on that JDK, reached that way."""
    command = fetched(version)
    flags: list[str] = []
    if "username" in ACCESS[access]:
        flags += login(tmp_path_factory.mktemp("login"))
    if "tls" in ACCESS[access]:
        flags += [
            f"{PREFIX}.ssl=true",
            # A plain registry and a server with TLS can't share a port.
            *([f"{PREFIX}.rmi.port=0"] if access == "tls" else []),
            f"{PREFIX}.registry.ssl={str(access == 'tls-registry').lower()}",
            f"-Djavax.net.ssl.keyStore={store[0]}",
            "-Djavax.net.ssl.keyStorePassword=changeit",
        ]
    target = start_target(classes, "EveryKind", flags=tuple(flags), jvm=command)
    yield target
    target.stop()


def login(folder: Path) -> list[str]:
    (folder / "access").write_text("monitor readonly\n")
    password = folder / "password"
    password.write_text("monitor s3cr3t-word\n")
    password.chmod(0o600)
    return [
        f"{PREFIX}.authenticate=true",
        f"{PREFIX}.access.file={folder / 'access'}",
        f"{PREFIX}.password.file={password}",
    ]


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_a_target_of_this_jdk_gives_every_value_that_it_has(
    target, version, access, store, wire
):
    settings = dict(ACCESS[access])
    if "tls" in settings:
        settings["trust_store"] = str(store[1])
    watcher = Watcher(target, RULES, wire, **settings)
    try:
        pages = [watcher.page() for _ in range(2)]
    finally:
        watcher.bridge.close()

    # Twice, since the second reading asks otherwise than the first.
    assert [ours(page) for page in pages] == [EXPECTED] * 2
    families = {name.partition("{")[0] for name in pages[1]}
    assert set(JVM) <= families
    info = next(name for name in pages[1] if name.startswith("jvm_runtime_info"))
    assert f"version={'1.8' if version == 8 else version}" in info
    assert pages[1]["jmx_scrape_error"] == 0.0


@pytest.mark.parametrize("wire", ["pipelined", "standard"])
def test_a_jvm_of_this_jdk_is_attached_to(version, classes, wire):
    name = f"attached-{os.getpid()}-{version}-{wire}"
    command = [fetched(version), "-Xmx64m", f"-Dname={name}", "-cp", str(classes)]
    process = subprocess.Popen(
        [*command, "EveryKind"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    target = Target(process, 0)
    watcher = Watcher(None, RULES, wire, attach=f"/-Dname={name} /")
    try:
        assert any(line.startswith("ready") for line in process.stdout)
        wait_until(lambda: watcher.page()["jmx_up"] == 1.0)
        page = watcher.page()
    finally:
        watcher.bridge.close()
        target.stop()

    assert ours(page) == EXPECTED
    assert set(JVM) <= {name.partition("{")[0] for name in page}
