"""
Run the shop in Tomcat, JMX Bridge beside it, and some customers, until told to stop.

Where there is a Prometheus it runs, too, with the alerts of deploy/alerts.
Everything that is made is in .cache/java-app of the checkout; only the standard library
is needed, and jmx-bridge in the environment of the Python that runs this.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from customers import fetch, serve_customers
from programs import (
    Child,
    DemoFailed,
    Signals,
    Stopped,
    find_tool,
    running,
    say,
    wait_until,
)
from servers import (
    CACHE,
    DEPLOY,
    RULES,
    Pages,
    Ports,
    bridge_command,
    fetch_tomcat,
    find_pages,
    find_prometheus,
    make_base,
    prometheus_command,
    read_ports,
    tomcat_environment,
)

if TYPE_CHECKING:
    from pathlib import Path

GRAPH = "sum by (servlet) (rate(tomcat_servlet_requestcount_total[1m]))"
NO_PROMETHEUS = """\
  Prometheus    none on PATH or in .cache/prometheus: `make prometheus` brings Debian's, or take prometheus.io/download"""
NO_SCRIPTS = " (an empty one: its scripts are missing; `make prometheus` brings them)"


def main() -> int:
    """Run the demo and return its exit code."""
    signals = Signals()
    signals.listen()
    try:
        with ExitStack() as stack:
            run_demo(signals, stack)
    except Stopped:
        say("stopped")
        return 0
    except DemoFailed as failed:
        print(f"demo: {failed}", file=sys.stderr)
        return 1
    return 0


def run_demo(signals: Signals, stack: ExitStack) -> None:
    """Set up, start all servers, and be the customers."""
    prometheus = find_prometheus()
    ports = read_ports(prometheus=bool(prometheus))
    javac = find_tool("javac", "a JDK 17 or newer", "openjdk-17-jdk-headless")
    home = fetch_tomcat(signals)
    base = make_base(CACHE / f"base-{ports.shop}", home, javac, signals)
    logs = base / "logs"
    shop = f"http://127.0.0.1:{ports.shop}/shop/"
    metrics = f"http://127.0.0.1:{ports.bridge}/metrics"
    children: list[Child] = []

    def start(
        name: str, command: list[str], environment: dict[str, str] | None = None
    ) -> None:
        say(f"starting {name}")
        log = logs / f"{name.lower().replace(' ', '-')}.log"
        child = stack.enter_context(running(name, command, log, environment))
        children.append(child)

    # As in a pod: the sidecar is there before the application.
    start("JMX Bridge", bridge_command(ports))
    wait_until(lambda: "\njmx_up 0" in fetch(metrics), 60, signals, *children)
    if prometheus:
        start("Prometheus", prometheus_command(prometheus, base, ports))
        ready = f"http://127.0.0.1:{ports.prometheus}/-/ready"
        wait_until(lambda: bool(fetch(ready)), 60, signals, *children)
    catalina = [str(home / "bin" / "catalina.sh"), "run"]
    start("Tomcat", catalina, tomcat_environment(base, home, javac, ports))
    wait_until(lambda: bool(fetch(shop)), 60, signals, *children)
    wait_until(lambda: is_complete(fetch(metrics)), 60, signals, *children)
    pages = find_pages(ports.prometheus) if prometheus else None
    say(guide(ports, logs, pages))
    serve_customers(shop, signals, *children)


def is_complete(metrics: str) -> bool:
    """Whether Tomcat's, the JVM's and the shop's metrics are there."""
    names = ("tomcat_requestcount_total{", "jvm_uptime_seconds", "shop_orders_total")
    return all(f"\n{name}" in metrics for name in names)


def guide(ports: Ports, logs: Path, pages: Pages | None) -> str:
    """Return what can be looked at now."""
    shop = f"http://127.0.0.1:{ports.shop}/shop/"
    bridge = f"http://127.0.0.1:{ports.bridge}"
    return f"""ready

  all metrics   curl {bridge}/metrics
  the shop's    curl -s {bridge}/metrics | grep ^shop_
  Tomcat's      curl -s {bridge}/metrics | grep ^tomcat_
  the JVM's     curl -s {bridge}/metrics | grep ^jvm_
  an order      curl -d product=tea {shop}orders
  status page   {bridge}/
  the shop      {shop}
{watching(pages) if pages else NO_PROMETHEUS}
  dashboards    {DEPLOY / "dashboards"}: fleet.json, tomcat.json, jvm.json and jmx-bridge.json, to import into Grafana
  JMX           127.0.0.1:{ports.jmx}
  rules         {RULES}
  logs          {logs}

customers are shopping; Ctrl-C stops everything"""


def watching(pages: Pages) -> str:
    """Return what can be looked at in Prometheus."""
    graph = urlencode({"g0.expr": GRAPH, "g0.tab": 0, "g0.range_input": "10m"})
    return f"""\
  Prometheus    {pages.address}/targets, with the alerts of deploy/alerts
  a graph       {pages.address}/graph?{graph}{"" if pages.draw else NO_SCRIPTS}
  alerts        {pages.address}/alerts (TomcatRefusesSessions fires within a minute)"""


if __name__ == "__main__":
    sys.exit(main())
