"""
Play the pod of examples/kubernetes/shop.yaml by podman, until told to stop.

Beside the pod stand a real Kafka and a real Prometheus, in containers on the same
network. The images are those that images.sh builds. What podman doesn't know is left
out: native sidecars start first here, but are ordinary containers; nobody probes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "java-app"))

from customers import serve_customers  # noqa: E402
from programs import Signals, Stopped  # noqa: E402

MANIFEST = ROOT / "examples" / "kubernetes" / "shop.yaml"
NETWORK = "shop-network"
KAFKA = "shop-kafka"
PROMETHEUS = "shop-prometheus"
NAMESPACE = "default"
TOPIC = "shop-logs"
PROMETHEUS_PORT = 9090
PROMETHEUS_CONFIG = """
global: {{scrape_interval: {interval}, evaluation_interval: {interval}}}
rule_files: [/etc/alerts/*.yml]
scrape_configs:
  - job_name: {namespace}/shop
    static_configs:
      - targets: ["{address}:12346"]
        labels: {{namespace: {namespace}, pod: {pod}, track: {track}}}
"""


class PodFailed(Exception):
    """What went wrong, in words for the user."""


def podman(*arguments: str, check: bool = True, stdin: str | None = None) -> str:
    """Run podman and return its output."""
    done = subprocess.run(
        ["podman", *arguments],
        check=False, input=stdin, capture_output=True, text=True, errors="replace", start_new_session=True,
    )  # fmt: skip
    if check and done.returncode:
        raise PodFailed(f"podman {' '.join(arguments[:3])}: {done.stderr.strip()}")
    return done.stdout


@dataclass(frozen=True)
class Pod:
    """The pod that runs, and where it can be asked."""

    name: str
    address: str
    published: bool

    def url(self, port: int) -> str:
        return f"http://{'127.0.0.1' if self.published else self.address}:{port}"

    def container(self, name: str) -> str:
        return f"{self.name}-{name}"


def as_podman_plays(
    documents: list[Any],
    *,
    publish: bool,
    environment: dict[str, dict[str, str]],
    images: dict[str, str],
) -> list[Any]:
    """Return a Deployment and its ConfigMaps in the words that podman knows."""
    kept = [one for one in documents if one["kind"] in ("ConfigMap", "Deployment")]
    deployment = next(one for one in kept if one["kind"] == "Deployment")
    template = deployment["spec"]["template"]
    spec = template["spec"]
    deployment["spec"]["replicas"] = 1
    spec["containers"] = spec.pop("initContainers") + spec["containers"]
    facts = {
        "metadata.name": deployment["metadata"]["name"] + "-pod-0",
        "metadata.namespace": NAMESPACE,
        **{
            f"metadata.labels['{key}']": value
            for key, value in template["metadata"]["labels"].items()
        },
    }
    volumes: list[dict[str, Any]] = spec["volumes"]
    for container in spec["containers"]:
        image = container["image"].rpartition(":")[0]
        image = images.get(container["name"], f"localhost/{image}:dev")
        container |= {"image": image, "imagePullPolicy": "Never"}
        for key in ("restartPolicy", "readinessProbe", "livenessProbe", "startupProbe"):
            container.pop(key, None)
        for variable in container.get("env", ()):
            if "valueFrom" in variable:
                path = variable.pop("valueFrom")["fieldRef"]["fieldPath"]
                variable["value"] = facts[path]
        changed = environment.get(container["name"], {})
        kept_variables = [
            one for one in container.get("env", ()) if one["name"] not in changed
        ]
        container["env"] = kept_variables + [
            {"name": name, "value": value} for name, value in changed.items()
        ]
        for port in container.get("ports", ()) if publish else ():
            port |= {"hostPort": port["containerPort"], "hostIP": "127.0.0.1"}
        # This podman knows no part of an emptyDir: each part becomes one of its own.
        for mount in container.get("volumeMounts", ()):
            if part := mount.pop("subPath", None):
                name = f"{mount['name']}-{part}"
                mount["name"] = name
                if all(one["name"] != name for one in volumes):
                    volumes.append({"name": name, "emptyDir": {}})
    mounted = {
        mount["name"]
        for container in spec["containers"]
        for mount in container.get("volumeMounts", ())
    }
    spec["volumes"] = [one for one in volumes if one["name"] in mounted]
    return kept


@contextmanager
def network() -> Iterator[None]:
    """Make the network of pod, Kafka and Prometheus."""
    podman("network", "create", NETWORK)
    try:
        yield
    finally:
        podman("network", "rm", "-f", NETWORK, check=False)


@contextmanager
def container(name: str, *arguments: str) -> Iterator[None]:
    """Run a container of ours on the network."""
    podman(
        "run", "-d", "--name", name, "--network", NETWORK, "--pull", "never", *arguments
    )
    try:
        yield
    finally:
        podman("rm", "-f", "-v", "-t", "5", name, check=False)


@contextmanager
def playing(manifest: Path, **changes: Any) -> Iterator[Pod]:
    """Play the Deployment of a manifest, with the changes that as_podman_plays takes."""
    written = list(yaml.safe_load_all(manifest.read_text("utf-8")))
    documents = as_podman_plays(written, **changes)
    deployment = next(one for one in documents if one["kind"] == "Deployment")
    name = deployment["metadata"]["name"] + "-pod-0"
    volumes = [one["name"] for one in deployment["spec"]["template"]["spec"]["volumes"]]
    volumes += [
        one["metadata"]["name"] for one in documents if one["kind"] == "ConfigMap"
    ]
    with tempfile.TemporaryDirectory() as folder:
        played = Path(folder) / "pod.yaml"
        played.write_text(yaml.safe_dump_all(documents))
        try:
            podman("kube", "play", "--start=false", "--network", NETWORK, str(played))
            open_volumes(name)
            podman("pod", "start", name)
            infra = podman(
                "pod", "inspect", name, "--format", "{{.InfraContainerID}}"
            ).strip()
            address = podman(
                "inspect", infra,
                "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
            ).strip()  # fmt: skip
            let_in_only(infra, ingress_ports(written))
            yield Pod(name, address, changes["publish"])
        finally:
            podman("kube", "down", str(played), check=False)
            # An emptyDir ends with its pod.
            podman("volume", "rm", "-f", *volumes, check=False)


def open_volumes(pod: str) -> None:
    """Let every user write to the emptyDirs, as Kubernetes does; podman leaves them to root."""
    containers = json.loads(podman("pod", "inspect", pod))["Containers"]
    mounts = json.loads(
        podman("inspect", *(one["Id"] for one in containers), "--format", "json")
    )
    for container in mounts:
        for mount in container["Mounts"]:
            if mount["Type"] == "volume" and "rules" not in mount["Name"]:
                Path(mount["Source"]).chmod(0o1777)


def ingress_ports(documents: list[Any]) -> list[int]:
    """Return the ports that the manifest's NetworkPolicies open to others."""
    return [
        port["port"]
        for document in documents
        if document["kind"] == "NetworkPolicy"
        for rule in document["spec"]["ingress"]
        for port in rule["ports"]
    ]


def let_in_only(infra: str, ports: list[int]) -> None:
    """
    Do for the pod what a cluster's network does for a NetworkPolicy.

    It matters: a JVM with a remote JMX port opens one more, for the management tools of its
    own machine, on all addresses and at random. It hangs up on other hosts, but it is open.
    """
    process = podman("inspect", infra, "--format", "{{.State.Pid}}").strip()
    rules = [
        "-i lo -j ACCEPT",
        "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
        *(f"-p tcp --dport {port} -j ACCEPT" for port in ports),
        "-p tcp -j REJECT --reject-with tcp-reset",
    ]
    for rule in rules if ports else ():
        command = [
            "nsenter",
            "-t",
            process,
            "-n",
            "iptables",
            "-A",
            "INPUT",
            *rule.split(),
        ]
        subprocess.run(command, check=True, capture_output=True)


@contextmanager
def watching(
    pod: Pod, track: str, *, publish: bool, interval: str = "5s"
) -> Iterator[str]:
    """Run a Prometheus that scrapes the pod as a PodMonitor would have it; yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        config = Path(folder) / "prometheus.yml"
        config.write_text(
            PROMETHEUS_CONFIG.format(
                address=pod.address,
                pod=pod.name,
                namespace=NAMESPACE,
                track=track,
                interval=interval,
            )
        )
        alerts = [
            f"{ROOT}/deploy/alerts/{name}.yml:/etc/alerts/{name}.yml:ro"
            for name in ("tomcat", "jvm", "jmx-bridge")
        ]
        mounts = [
            f"--volume={mount}"
            for mount in (f"{config}:/etc/prometheus.yml:ro", *alerts)
        ]
        ports = [f"--publish=127.0.0.1:{PROMETHEUS_PORT}:9090"] if publish else []
        with container(
            PROMETHEUS,
            *mounts,
            *ports,
            "localhost/prometheus:dev",
            "--config.file=/etc/prometheus.yml",
        ):
            if publish:
                yield f"http://127.0.0.1:{PROMETHEUS_PORT}"
            else:
                address = podman(
                    "inspect", PROMETHEUS,
                    "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
                ).strip()  # fmt: skip
                yield f"http://{address}:9090"


def kafka() -> tuple[str, ...]:
    """Return the arguments of Kafka's container."""
    return (
        "--network-alias",
        "kafka",
        "--volume",
        "/var/lib/kafka",
        "localhost/kafka:dev",
    )


def kafka_answers() -> bool:
    return "shop-kafka" in podman(
        "exec", KAFKA, "kcat", "-L", "-b", "kafka:9092", check=False
    ) or bool(
        podman("exec", KAFKA, "kcat", "-L", "-J", "-b", "kafka:9092", check=False)
    )


def fetch(url: str) -> str:
    """Return a page, or nothing."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with suppress(OSError), opener.open(url, timeout=5) as page:
        return str(page.read(), "utf-8")
    return ""


def value_of(prometheus: str, query: str) -> float | None:
    """Return the value of the first series that a query gives."""
    text = fetch(
        f"{prometheus}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    )
    series = json.loads(text)["data"]["result"] if text else []
    return float(series[0]["value"][1]) if series else None


def wait_for(
    what: str, true: Callable[[], Any], seconds: float, signals: Signals | None = None
) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not true():
        if signals and signals.asked:
            raise Stopped
        if time.monotonic() > end:
            raise PodFailed(f"{what}: not there after {seconds:g} s")
        time.sleep(0.5)


@contextmanager
def everything(
    manifest: Path = MANIFEST,
    *,
    publish: bool,
    environment: dict[str, dict[str, str]] | None = None,
    images: dict[str, str] | None = None,
    signals: Signals | None = None,
) -> Iterator[tuple[Pod, str]]:
    """Run Kafka, the pod and Prometheus; yield the pod and Prometheus' address."""
    with ExitStack() as stack:
        stack.enter_context(network())
        say("starting Kafka")
        stack.enter_context(container(KAFKA, *kafka()))
        wait_for("Kafka", kafka_answers, 60, signals)
        say("starting the pod: Tomcat, JMX Bridge, log sidecar")
        pod = stack.enter_context(
            playing(
                manifest,
                publish=publish,
                environment=environment or {},
                images=images or {},
            )
        )
        prometheus = stack.enter_context(watching(pod, "stable", publish=publish))
        wait_for("the shop", lambda: fetch(f"{pod.url(8080)}/shop/"), 90, signals)
        wait_for(
            "Tomcat's metrics",
            lambda: "\ntomcat_" in fetch(f"{pod.url(12346)}/metrics"),
            60,
            signals,
        )
        wait_for("Prometheus", lambda: value_of(prometheus, "jmx_up") == 1, 60, signals)
        yield pod, prometheus


def guide(pod: Pod, prometheus: str) -> str:
    """Return what can be looked at now."""
    tool = "tools/pod/podman"
    read = f"{tool} exec {KAFKA} kcat -C -q -b kafka:9092 -t {TOPIC}"
    return f"""ready

  the shop          {pod.url(8080)}/shop/
  an order          curl -d product=tea {pod.url(8080)}/shop/orders
  metrics           curl {pod.url(12346)}/metrics
  log lines         {read} -o -10 -c 10
  as they come      {read} -o end
  Prometheus        {prometheus}
  one query         curl -s '{prometheus}/api/v1/query?query=jmx_up'
  the log file      {tool} exec {pod.container("tomcat")} tail -F /opt/tomcat/logs/stdout.log
  containers        {tool} ps --pod

customers are shopping; Ctrl-C stops everything"""


def say(text: str) -> None:
    """Tell the user at once, also through a pipe."""
    print(f"pod: {text}", flush=True)


def main() -> int:
    """Play until told to stop, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--manifest", type=Path, default=MANIFEST, help="what to play")
    options = parser.parse_args()
    signals = Signals()
    signals.listen()
    try:
        with everything(options.manifest, publish=True, signals=signals) as (
            pod,
            prometheus,
        ):
            say(guide(pod, prometheus))
            serve_customers(f"{pod.url(8080)}/shop/", signals)
    except Stopped:
        say("stopped")
    except PodFailed as failed:
        print(f"pod: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
