"""
Start the example Tomcat and JMX Bridge beside it, and keep both busy until Ctrl-C.

`make demo` calls this. Ports: SHOP_PORT (8080), SHOP_JMX_PORT (7199), BRIDGE_PORT (12346).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = ROOT / ".cache"
TOMCAT_VERSION = "10.1.59"
TOMCAT = CACHE / f"apache-tomcat-{TOMCAT_VERSION}"
BASE = CACHE / "shop"
LOGS = BASE / "logs"
HTTP_PORT = int(os.environ.get("SHOP_PORT", "8080"))
JMX_PORT = int(os.environ.get("SHOP_JMX_PORT", "7199"))
BRIDGE_PORT = int(os.environ.get("BRIDGE_PORT", "12346"))
METRICS = f"http://localhost:{BRIDGE_PORT}/metrics"
WARES = ("tea", "coffee", "tea", "cake", "tea", "spinach")


class Failed(Exception):
    """The demo can't go on; its text says why and what to do."""


def main() -> int:
    """Run the demo; return the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    processes: list[tuple[str, subprocess.Popen[bytes]]] = []
    try:
        check_ports()
        prepare()
        processes.append(("Tomcat", start_tomcat()))
        processes.append(("JMX Bridge", start_bridge()))
        wait_for_metrics(processes)
        say_hello()
        keep_busy(processes)
    except Failed as exc:
        print(f"demo: {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopping")
    finally:
        for _, process in reversed(processes):
            stop(process)
    return 0


def check_ports() -> None:
    """Say which port is taken, before anything starts."""
    for name, port in (
        ("SHOP_PORT", HTTP_PORT),
        ("SHOP_JMX_PORT", JMX_PORT),
        ("BRIDGE_PORT", BRIDGE_PORT),
    ):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as exc:
                raise Failed(
                    f"port {port} is in use; choose another: make demo {name}=..."
                ) from exc


def prepare() -> None:
    """Fetch Tomcat once, and compile the application."""
    if not TOMCAT.is_dir():
        print(f"fetching Tomcat {TOMCAT_VERSION} from Maven Central ...", flush=True)
        fetch_tomcat()
    classes = BASE / "webapps" / "shop" / "WEB-INF" / "classes"
    shutil.rmtree(BASE, ignore_errors=True)
    shutil.copytree(HERE / "webapp", BASE / "webapps" / "shop")
    for folder in (LOGS, BASE / "temp", BASE / "work", classes):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(TOMCAT / "conf", BASE / "conf")
    shutil.copytree(HERE / "conf", BASE / "conf", dirs_exist_ok=True)
    sources = sorted(map(str, (HERE / "src").rglob("*.java")))
    api = TOMCAT / "lib" / "servlet-api.jar"
    run("javac", "--release", "17", "-cp", str(api), "-d", str(classes), *sources)


def fetch_tomcat() -> None:
    artifact = f"org.apache.tomcat:tomcat:{TOMCAT_VERSION}:tar.gz"
    CACHE.mkdir(exist_ok=True)
    run(
        "mvn",
        "-q",
        "-B",
        "dependency:copy",
        f"-Dartifact={artifact}",
        f"-DoutputDirectory={CACHE}",
    )
    with tarfile.open(CACHE / f"tomcat-{TOMCAT_VERSION}.tar.gz") as archive:
        archive.extractall(CACHE, filter="data")


def run(*command: str) -> None:
    """Run a tool; show what it said if it fails."""
    if shutil.which(command[0]) is None:
        raise Failed(f"{command[0]} is needed and was not found on PATH")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def start_tomcat() -> subprocess.Popen[bytes]:
    """Start Tomcat with a remote JMX port that only this machine reaches."""
    jmx = "-Dcom.sun.management.jmxremote"
    return launch(
        "tomcat",
        "java",
        "-Xmx256m",
        f"{jmx}.port={JMX_PORT}",
        f"{jmx}.rmi.port={JMX_PORT}",
        f"{jmx}.host=127.0.0.1",
        f"{jmx}.authenticate=false",
        f"{jmx}.ssl=false",
        "-Djava.rmi.server.hostname=127.0.0.1",
        f"-Djava.util.logging.config.file={BASE / 'conf' / 'logging.properties'}",
        "-Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager",
        f"-Dcatalina.home={TOMCAT}",
        f"-Dcatalina.base={BASE}",
        f"-Djava.io.tmpdir={BASE / 'temp'}",
        f"-Dshop.http.port={HTTP_PORT}",
        f"-Dshop.logs={LOGS}",
        "-cp",
        f"{TOMCAT / 'bin' / 'bootstrap.jar'}:{TOMCAT / 'bin' / 'tomcat-juli.jar'}",
        "org.apache.catalina.startup.Bootstrap",
        "start",
    )


def start_bridge() -> subprocess.Popen[bytes]:
    """Start the bridge; it waits for Tomcat by itself."""
    return launch(
        "bridge",
        sys.executable,
        "-m",
        "jmx_bridge",
        "serve",
        f"--jmx.target=127.0.0.1:{JMX_PORT}",
        f"--config.file={HERE / 'rules.yml'}",
        f"--web.listen-address=127.0.0.1:{BRIDGE_PORT}",
    )


def launch(name: str, *command: str) -> subprocess.Popen[bytes]:
    """Start a process of its own session, so that Ctrl-C reaches only the demo."""
    with (LOGS / f"{name}.out").open("wb") as out:
        return subprocess.Popen(
            command, cwd=ROOT, stdout=out, stderr=out, start_new_session=True
        )


def wait_for_metrics(processes: list[tuple[str, subprocess.Popen[bytes]]]) -> None:
    """Wait until the page has what Tomcat and the shop tell."""
    print("starting Tomcat and JMX Bridge ...", flush=True)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        alive(processes)
        order("tea")
        page = get(METRICS)
        if "\ntomcat_requests_total{" in page and "\nshop_orders_total{" in page:
            return
        time.sleep(0.3)
    raise Failed(f"no metrics after a minute; see {LOGS}")


def alive(processes: list[tuple[str, subprocess.Popen[bytes]]]) -> None:
    for name, process in processes:
        if process.poll() is not None:
            raise Failed(f"{name} ended with status {process.returncode}:\n{tail()}")


def tail() -> str:
    logs = sorted(LOGS.glob("*.out"))
    return "\n".join(
        "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:]) for log in logs
    )


def get(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.read().decode()
    except (OSError, urllib.error.URLError):
        return ""


def order(ware: str) -> None:
    get(f"http://localhost:{HTTP_PORT}/shop/order?ware={ware}")


def say_hello() -> None:
    print(
        f"""
The shop is at     http://localhost:{HTTP_PORT}/shop/
Its logs are in    {LOGS.relative_to(ROOT)}/ (shop.log, access.log)
The bridge is at   http://localhost:{BRIDGE_PORT}/

    curl {METRICS}
    curl -s {METRICS} | grep -E '^(tomcat|shop)_'
    curl -s {METRICS} | grep -E '^(jvm|process)_'
    curl -s {METRICS}?name[]=shop_orders_total

A customer orders something twice a second. Ctrl-C stops everything.
""",
        flush=True,
    )


def keep_busy(processes: list[tuple[str, subprocess.Popen[bytes]]]) -> None:
    """Order something every now and then, for as long as both processes live."""
    for ware in cycle(WARES):
        alive(processes)
        order(ware)
        time.sleep(0.5)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End one process that was started here."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


if __name__ == "__main__":
    sys.exit(main())
