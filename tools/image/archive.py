"""
Makes the archive of Java classes that the image's JVM maps instead of loading them.

usage: archive.py JDK_JAVA; the bridge of the Python that runs this reads a JVM of JDK_JAVA's
once, and what it loaded for that is written beside the bridge's jar, for JAVA_HOME's JVM.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import jpype

from jmx_bridge.jmx._jvm import ARCHIVE, FLAGS, JAR

SECONDS = 60
SCRAPES = 3
JMX = "-Dcom.sun.management.jmxremote"
TARGET = """
public class Target {
    public static void main(String[] args) throws Exception {
        System.in.read();
    }
}
"""
# Expressions take classes of their own.
RULES = """
rules:
  - pattern: 'java.lang<type=(\\w+)(?:, name=([^>]+))?><(\\w*)>(\\w+): (.*)'
    name: $1_$4
    labels: {name: "$2"}
  - pattern: '.*'
"""


def main(target_java: str) -> None:
    java = Path(os.environ["JAVA_HOME"], "bin", "java")
    with tempfile.TemporaryDirectory() as folder:
        classes = Path(folder, "classes.lst")
        list_classes(Path(folder), target_java, classes)
        # JPype adds its own jar behind ours, and an archive is only for the very same path.
        support = Path(jpype.__file__).parent.parent / "org.jpype.jar"
        dump = [
            *(flag for flag in FLAGS if not flag.startswith("-Xshare")),
            "-Xshare:dump",
            f"-XX:SharedClassListFile={classes}",
            f"-XX:SharedArchiveFile={ARCHIVE}",
            f"-Djava.class.path={JAR}:{support}",
        ]
        # Of each class that can't be in an archive it says so.
        subprocess.run([java, *dump], check=True, stdout=subprocess.DEVNULL)
    ARCHIVE.chmod(0o644)
    print(f"{ARCHIVE}: {ARCHIVE.stat().st_size} bytes")


def list_classes(folder: Path, target_java: str, classes: Path) -> None:
    """Scrape a JVM, and write into *classes* what was loaded for that."""
    jmx, web = free_port(), free_port()
    Path(folder, "Target.java").write_text(TARGET)
    rules = Path(folder, "rules.yml")
    rules.write_text(RULES)
    options = {"port": jmx, "rmi.port": jmx, "host": "127.0.0.1"}
    options |= {"authenticate": "false", "ssl": "false"}
    target = subprocess.Popen(
        [
            target_java,
            *(f"{JMX}.{key}={value}" for key, value in options.items()),
            "-Djava.rmi.server.hostname=127.0.0.1",
            str(folder / "Target.java"),
        ],
        stdin=subprocess.PIPE,
    )
    bridge = subprocess.Popen(
        [
            *(sys.executable, "-P", "-m", "jmx_bridge", "serve"),
            f"--jmx.target=127.0.0.1:{jmx}",
            f"--config.file={rules}",
            f"--web.listen-address=127.0.0.1:{web}",
        ],
        env={
            **os.environ,
            "JMX_BRIDGE_JAVA_OPTS": f"-Xshare:off -XX:DumpLoadedClassList={classes}",
        },
    )
    try:
        for _ in range(SCRAPES):
            wait_for_metrics(f"http://127.0.0.1:{web}/metrics")
    finally:
        for process in (bridge, target):
            process.terminate()
            process.wait(10)


def wait_for_metrics(url: str) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=SECONDS) as answer:
                if b"\njmx_up 1" in answer.read():
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"{url}: no metrics after {SECONDS} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main(sys.argv[1])
