"""
Run the shop in Tomcat, JMX Bridge beside it, and some customers, until told to stop.

Everything it makes is in .cache/java-app of the checkout; only the standard library is
needed, and jmx-bridge in the environment of the Python that runs it.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLE = Path(__file__).resolve().parent
CACHE = EXAMPLE.parents[1] / ".cache" / "java-app"
TOMCAT = os.environ.get("TOMCAT_VERSION", "10.1.59")
MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
# The port of each server: the variable that sets it, and what it is without one.
PORTS = {
    "the shop": ("APP_PORT", "8080"),
    "remote JMX": ("JMX_PORT", "17199"),
    "JMX Bridge": ("BRIDGE_PORT", "12346"),
}
# What customers do: method, path, and how often. Unicorns and /nothing are errors.
ERRANDS = (
    ("POST", "orders?product=bread", 3),
    ("POST", "orders?product=coffee", 6),
    ("POST", "orders?product=tea", 2),
    ("POST", "orders?product=unicorn", 1),
    ("GET", "orders", 4),
    ("GET", "", 3),
    ("GET", "nothing", 1),
)
REQUEST_GAP = 0.2
"""Seconds between two requests of the customers."""


class DemoFailed(Exception):
    """What went wrong, in words for the user."""


class Stopped(Exception):
    """The user has seen enough."""


@dataclass(slots=True)
class Signals:
    """Whether somebody asked to stop."""

    asked: bool = False

    def listen(self) -> None:
        """Take Ctrl-C, SIGTERM and a closed terminal for the wish to stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note)

    def note(self, *_: object) -> None:
        """Remember it; an exception here could interrupt the clearing up."""
        self.asked = True


@dataclass(frozen=True, slots=True)
class Child:
    """A process of ours and the file that it writes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self) -> str:
        """Return the last lines of the log."""
        lines = self.log.read_text(errors="replace").splitlines()[-15:]
        return "\n".join(["", f"the end of {self.log}:", *(f"  {s}" for s in lines)])


def main() -> int:
    """Run the demo and return its exit code."""
    signals = Signals()
    signals.listen()
    try:
        run_demo(signals)
    except Stopped:
        say("stopped")
        return 0
    except DemoFailed as failed:
        print(f"demo: {failed}", file=sys.stderr)
        return 1
    return 0


def run_demo(signals: Signals) -> None:
    """Set up, start both servers, and be the customers."""
    shop_port, jmx_port, bridge_port = map(read_port, PORTS)
    javac = find_tool("javac", "a JDK 17 or newer", "openjdk-17-jdk-headless")
    home = fetch_tomcat(signals)
    base = make_base(CACHE / f"base-{shop_port}", home, javac, signals)
    logs = base / "logs"
    shop = f"http://127.0.0.1:{shop_port}/shop/"
    bridge = f"http://127.0.0.1:{bridge_port}"

    say(f"starting Tomcat {TOMCAT} with the shop")
    # The java beside javac runs Tomcat, whatever else the machine has.
    java_home = str(Path(javac).resolve().parents[1])
    environment = {
        **os.environ,
        "JAVA_HOME": java_home,
        "JRE_HOME": java_home,
        "CATALINA_HOME": str(home),
        "CATALINA_BASE": str(base),
        "CATALINA_OPTS": " ".join(java_options(shop_port, jmx_port, logs)),
    }
    catalina = [str(home / "bin" / "catalina.sh"), "run"]
    with running("Tomcat", catalina, logs / "tomcat.log", environment) as tomcat:
        wait_until(lambda: bool(fetch(shop)), 60, signals, tomcat)
        say("starting JMX Bridge")
        command = bridge_command(jmx_port, bridge_port)
        with running("JMX Bridge", command, logs / "jmx-bridge.log") as sidecar:
            both = tomcat, sidecar
            wait_until(
                lambda: is_complete(fetch(f"{bridge}/metrics")), 60, signals, *both
            )
            say(guide(shop, bridge, jmx_port, logs))
            serve_customers(shop, signals, *both)


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


def find_tool(name: str, what: str, package: str) -> str:
    """Return the path of a program."""
    home = os.environ.get("JAVA_HOME")
    found = (home and shutil.which(name, path=f"{home}/bin")) or shutil.which(name)
    if not found:
        raise DemoFailed(
            f"{what} is needed, and no {name} was found\n"
            f"  hint: apt-get install {package}"
        )
    return found


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


def java_options(shop_port: int, jmx_port: int, logs: Path) -> list[str]:
    """Return the options of Tomcat's JVM: the first six open the JMX port."""
    remote = "-Dcom.sun.management.jmxremote"
    return [
        f"{remote}.port={jmx_port}",
        f"{remote}.rmi.port={jmx_port}",
        f"{remote}.host=127.0.0.1",
        f"{remote}.authenticate=false",
        f"{remote}.ssl=false",
        "-Djava.rmi.server.hostname=127.0.0.1",
        f"-Dshop.port={shop_port}",
        f'-Dshop.logs="{logs}"',
        "-Dshop.access=access.log",
        "-Xmx256m",
    ]


def bridge_command(jmx_port: int, bridge_port: int) -> list[str]:
    """Return the command line of the sidecar."""
    return [
        *(sys.executable, "-m", "jmx_bridge", "serve"),
        f"--jmx.target=127.0.0.1:{jmx_port}",
        f"--config.file={EXAMPLE / 'rules.yml'}",
        f"--web.listen-address=127.0.0.1:{bridge_port}",
    ]


@cache
def leash() -> tuple[str, ...]:
    """Return what makes the kernel end a program when this process is killed."""
    setpriv = "setpriv", "--pdeathsig", "TERM"
    try:
        subprocess.run([*setpriv, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return ()  # not Linux, or a setpriv that is too old
    return setpriv


@contextmanager
def running(
    name: str, command: list[str], log: Path, environment: dict[str, str] | None = None
) -> Iterator[Child]:
    """Run a program; it ends with the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*leash(), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            # Ctrl-C is for us alone: we stop the programs in order.
            start_new_session=True,
        )
    try:
        yield Child(name, process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run_tool(name: str, command: list[str], log: Path, signals: Signals) -> None:
    """Run a program that ends by itself, and well."""
    with running(name, command, log) as tool:
        while tool.process.poll() is None:
            check(signals)
            time.sleep(0.1)
        if tool.process.returncode:
            raise DemoFailed(f"{name} failed{tool.tail()}")


def check(signals: Signals, *children: Child) -> None:
    """Raise when it is time to stop: asked to, or a program died."""
    if signals.asked:
        raise Stopped
    for child in children:
        code = child.process.poll()
        if code is not None:
            raise DemoFailed(f"{child.name} ended with code {code}{child.tail()}")


def wait_until(
    true: Callable[[], bool], seconds: float, signals: Signals, *children: Child
) -> None:
    """Wait until the last of *children* is ready."""
    end = time.monotonic() + seconds
    while not true():
        check(signals, *children)
        if time.monotonic() > end:
            late = children[-1]
            raise DemoFailed(f"{late.name} isn't ready in {seconds:g} s{late.tail()}")
        time.sleep(0.2)


def fetch(url: str) -> str:
    """Return a page, or nothing."""
    try:
        with new_browser().open(url, timeout=5) as page:
            return str(page.read(), "utf-8")
    except OSError:
        return ""


def new_browser() -> urllib.request.OpenerDirector:
    """Return a client with cookies of its own, that no proxy stands before."""
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPCookieProcessor(CookieJar()),
    )


def is_complete(metrics: str) -> bool:
    """Whether Tomcat's and the shop's metrics are there."""
    return all(f"\n{name}" in metrics for name in ("tomcat_requests_total{", "shop_"))


def guide(shop: str, bridge: str, jmx_port: int, logs: Path) -> str:
    """Return what can be looked at now."""
    return f"""ready

  all metrics   curl {bridge}/metrics
  the shop's    curl -s {bridge}/metrics | grep ^shop_
  Tomcat's      curl -s {bridge}/metrics | grep ^tomcat_
  the JVM's     curl -s {bridge}/metrics | grep ^jvm_
  an order      curl -d product=tea {shop}orders
  status page   {bridge}/
  the shop      {shop}
  JMX           127.0.0.1:{jmx_port}
  rules         {EXAMPLE / "rules.yml"}
  logs          {logs}

customers are shopping; Ctrl-C stops everything"""


def serve_customers(shop: str, signals: Signals, *children: Child) -> None:
    """Send a request now and then, until it is time to stop."""
    weights = [weight for *_, weight in ERRANDS]
    browser = new_browser()
    while True:
        check(signals, *children)
        method, path, _ = random.choices(ERRANDS, weights)[0]
        if random.random() < 0.1:
            browser = new_browser()  # the next customer, with a session of their own
        request = urllib.request.Request(shop + path, method=method)
        # Some errands are turned down; that the shop died is for check to tell.
        with suppress(OSError):
            browser.open(request, timeout=5).close()
        time.sleep(REQUEST_GAP)


def say(text: str) -> None:
    """Tell the user at once, also through a pipe."""
    print(f"demo: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
