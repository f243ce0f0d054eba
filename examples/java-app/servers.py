"""What the demo runs: Tomcat with the shop, JMX Bridge, and Prometheus where there is one."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from customers import fetch
from programs import DemoFailed, find_tool, run_tool, say

if TYPE_CHECKING:
    from programs import Signals

EXAMPLE = Path(__file__).resolve().parent
ROOT = EXAMPLE.parents[1]
CACHE = ROOT / ".cache" / "java-app"
DEPLOY = ROOT / "deploy"
RULES = EXAMPLE / "rules.yml"
TOMCAT = os.environ.get("TOMCAT_VERSION", "10.1.59")
MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
# The port of each server: the variable that sets it, and what it is without one.
PORTS = {
    "the shop": ("APP_PORT", "8080"),
    "remote JMX": ("JMX_PORT", "17199"),
    "JMX Bridge": ("BRIDGE_PORT", "12346"),
    "Prometheus": ("PROMETHEUS_PORT", "9090"),
}
DEBIAN_PAGES = "/usr/share/prometheus/web"
SCRAPE_INTERVAL = os.environ.get("SCRAPE_INTERVAL", "5s")
PROMETHEUS_CONFIG = """\
global: {{scrape_interval: {interval}, evaluation_interval: {interval}}}
rule_files: {alerts}
scrape_configs:
  - job_name: shop
    static_configs:
      - targets: ["127.0.0.1:{port}"]
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the servers listen on loopback; Prometheus' is 0 where there is none."""

    shop: int
    jmx: int
    bridge: int
    prometheus: int = 0


def read_ports(*, prometheus: bool) -> Ports:
    """Return the ports of the servers, which must be free."""
    names = [name for name in PORTS if prometheus or name != "Prometheus"]
    return Ports(*map(read_port, names))


def read_port(whose: str) -> int:
    """Return the port of a server, which must be free."""
    variable, default = PORTS[whose]
    text = os.environ.get(variable) or default
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise DemoFailed(f"{variable}: must be a port number (found {text!r})")
    with socket.socket() as sock:
        # As servers do: a connection that lately ended doesn't make a port taken.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", int(text)))
        except OSError as error:
            raise DemoFailed(
                f"port {text}, meant for {whose}, can't be used: {error.strerror}\n"
                f"  hint: choose another one: make demo {variable}=..."
            ) from error
    return int(text)


def fetch_tomcat(signals: Signals) -> Path:
    """Return a Tomcat, which Maven brings if it isn't there yet."""
    home = CACHE / f"apache-tomcat-{TOMCAT}"
    if home.is_dir():
        return home
    maven = find_tool("mvn", "Maven", "maven")
    say(f"fetching Tomcat {TOMCAT} from Maven Central")
    fresh = CACHE / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    artifact = f"org.apache.tomcat:tomcat:{TOMCAT}:tar.gz"
    goal = [f"{MAVEN_PLUGIN}:copy", f"-Dartifact={artifact}"]
    command = [maven, "-q", "-B", *goal, f"-DoutputDirectory={fresh}"]
    try:
        run_tool("Maven", command, CACHE / "maven.log", signals)
    except DemoFailed as failed:
        raise DemoFailed(
            f"{failed}\n  hint: it needs Maven Central, or the mirror or proxy that "
            "~/.m2/settings.xml names"
        ) from failed
    archive = fresh / f"tomcat-{TOMCAT}.tar.gz"
    command = ["tar", "-xzf", str(archive), "-C", str(fresh)]
    run_tool("tar", command, CACHE / "tar.log", signals)
    # In one step, so that what is there is whole.
    (fresh / home.name).rename(home)
    shutil.rmtree(fresh)
    return home


def tomcat_environment(
    base: Path, home: Path, javac: str, ports: Ports
) -> dict[str, str]:
    """Return what Tomcat's own script is told by variables."""
    # The java beside javac runs Tomcat, whatever else the machine has.
    java_home = str(Path(javac).resolve().parents[1])
    return {
        **os.environ,
        "JAVA_HOME": java_home,
        "JRE_HOME": java_home,
        "CATALINA_HOME": str(home),
        "CATALINA_BASE": str(base),
        "CATALINA_OPTS": " ".join(java_options(ports, base / "logs")),
    }


def make_base(base: Path, home: Path, javac: str, signals: Signals) -> Path:
    """Make what Tomcat calls its base: our configuration, the shop, room for logs."""
    shutil.rmtree(base, ignore_errors=True)
    shop = base / "webapps" / "shop"
    shutil.copytree(EXAMPLE / "web", shop)
    shutil.copytree(EXAMPLE / "conf", base / "conf")
    # In a container Tomcat listens on all addresses; here it is on loopback only.
    server = base / "conf" / "server.xml"
    connector = '<Connector address="127.0.0.1" '
    server.write_text(server.read_text("utf-8").replace("<Connector ", connector))
    shutil.copy(home / "conf" / "web.xml", base / "conf")
    for folder in ("logs", "temp", "work"):
        (base / folder).mkdir()
    flags = ["--release", "17", "-cp", str(home / "lib" / "servlet-api.jar")]
    sources = map(str, sorted(EXAMPLE.glob("src/**/*.java")))
    command = [javac, *flags, "-d", str(shop / "WEB-INF" / "classes"), *sources]
    run_tool("javac", command, base / "logs" / "javac.log", signals)
    return base


def java_options(ports: Ports, logs: Path) -> list[str]:
    """Return the options of Tomcat's JVM: the first six open the JMX port."""
    remote = "-Dcom.sun.management.jmxremote"
    return [
        f"{remote}.port={ports.jmx}",
        f"{remote}.rmi.port={ports.jmx}",
        f"{remote}.host=127.0.0.1",
        f"{remote}.authenticate=false",
        f"{remote}.ssl=false",
        "-Djava.rmi.server.hostname=127.0.0.1",
        f"-Dshop.port={ports.shop}",
        f'-Dshop.logs="{logs}"',
        "-Dshop.access=access.log",
        "-Xmx256m",
    ]


def bridge_command(ports: Ports) -> list[str]:
    """Return the command line of the sidecar."""
    return [
        *(sys.executable, "-m", "jmx_bridge", "serve"),
        f"--jmx.target=127.0.0.1:{ports.jmx}",
        f"--config.file={RULES}",
        # Two operations of Threading; elsewhere the bridge invokes none unless it is told to.
        "--jmx.thread-states",
        f"--web.listen-address=127.0.0.1:{ports.bridge}",
    ]


def find_prometheus() -> str | None:
    """Return the path of a Prometheus on PATH or in .cache/prometheus, if there is one."""
    unpacked = ROOT / ".cache" / "prometheus"
    folders = [os.environ.get("PATH", ""), f"{unpacked}/usr/bin", str(unpacked)]
    return shutil.which("prometheus", path=os.pathsep.join(folders))


def unpacked_pages(program: str) -> Path | None:
    """Return the pages of a Debian package that was only unpacked; others know their own."""
    pages = Path(program).resolve().parents[1] / "share" / "prometheus" / "web"
    return pages if pages.is_dir() and pages != Path(DEBIAN_PAGES) else None


def prometheus_command(program: str, base: Path, ports: Ports) -> list[str]:
    """Return the command line of Prometheus; write what it scrapes and which alerts it knows."""
    config = base / "prometheus.yml"
    config.write_text(
        PROMETHEUS_CONFIG.format(
            interval=SCRAPE_INTERVAL,
            alerts=json.dumps(sorted(map(str, alert_files()))),
            port=ports.bridge,
        ),
        "utf-8",
    )
    pages = unpacked_pages(program)
    return [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={base / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{ports.prometheus}",
        *([f"--web.local-assets={pages}"] if pages else []),
    ]


def alert_files() -> list[Path]:
    """Return the files of our alerts; tests and thresholds lie beside them."""
    files = (DEPLOY / "alerts").glob("*.yml")
    return [path for path in files if "\ngroups:\n" in path.read_text("utf-8")]


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a Prometheus for people: where they begin, and whether they can draw."""

    address: str
    draw: bool


def find_pages(port: int) -> Pages:
    """Return where the pages of a running Prometheus are: Debian's has the old ones only."""
    address = f"http://127.0.0.1:{port}"
    if fetch(f"{address}/alerts"):
        return Pages(address, draw=True)
    classic = f"{address}/classic"
    # Debian packs their scripts apart.
    return Pages(classic, bool(fetch(f"{classic}/static/jquery/jquery.min.js")))
