"""What is proven on the way from an annotation to metrics, one function each; its first line says what."""

from __future__ import annotations

import base64
import copy
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import played
import yaml
from asked import Cluster, Failed, expect, wait_until
from hook import Hook

HERE = Path(__file__).resolve().parent
CHART = Path(
    os.environ.get("CHART", HERE.parents[1] / "deploy" / "helm" / "jmx-bridge")
)
STOCK = HERE / "stock-tomcat.yaml"
STATUS = "jmx-bridge.io/status"
INJECT = "jmx-bridge.io/inject"
RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"


def template(**annotations: str | None) -> dict[str, Any]:
    """Return a pod of the stock Deployment, with other annotations; None takes one away."""
    deployment = yaml.safe_load(STOCK.read_text("utf-8"))
    found = deployment["spec"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", **copy.deepcopy(found)}
    wishes = pod["metadata"]["annotations"]
    for name, value in annotations.items():
        wishes[f"jmx-bridge.io/{name}"] = value
    pod["metadata"]["annotations"] = {
        key: value for key, value in wishes.items() if value is not None
    }
    return pod


def named(pod: dict[str, Any], name: str) -> dict[str, Any]:
    return {**pod, "metadata": {**pod["metadata"], "name": name}}


def configuration(bundle: bytes, port: int) -> dict[str, Any]:
    """Return the chart's configuration, with a URL in the place of its Service."""
    values = [
        "certificates.mode=existingSecret",
        "certificates.existingSecret.name=none",
        f"certificates.existingSecret.caBundle={base64.b64encode(bundle).decode()}",
    ]
    command = ["helm", "template", "jmx-bridge", str(CHART)]
    command += ["--namespace", "jmx-bridge", "--kube-version", "1.33"]
    for value in values:
        command += ["--set", value]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(done.stderr.strip())
    found = [one for one in yaml.safe_load_all(done.stdout) if one]
    (hooks,) = [one for one in found if one["kind"] == "MutatingWebhookConfiguration"]
    for hook in hooks["webhooks"]:
        service = hook["clientConfig"].pop("service")
        hook["clientConfig"]["url"] = f"https://localhost:{port}{service['path']}"
    return hooks


def sidecar(pod: dict[str, Any]) -> dict[str, Any] | None:
    """Return the bridge's container, wherever it is."""
    spec = pod["spec"]
    return next(
        (
            one
            for one in spec.get("initContainers", []) + spec["containers"]
            if one["name"] == "jmx-bridge"
        ),
        None,
    )


def status_of(pod: dict[str, Any]) -> dict[str, Any]:
    return json.loads(pod["metadata"].get("annotations", {}).get(STATUS, "{}"))


def without(pod: dict[str, Any]) -> dict[str, Any]:
    """Return what a server doesn't add: a pod that can be made again."""
    metadata = {key: pod["metadata"][key] for key in ("annotations", "labels")}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": pod["spec"],
    }


class Proofs:
    """Everything that is proven of admission, in order."""

    def __init__(self, cluster: Cluster, hook: Hook) -> None:
        self.cluster = cluster
        self.hook = hook
        self.classic: dict[str, Any] = {}

    def set_up(self) -> str:
        """the chart's configuration is what the server makes of it"""
        for namespace in ("shop", "fleet", "jmx-bridge"):
            self.cluster.do("create", "namespace", namespace)
        # What the controllers of a cluster do; there are none here.
        for namespace in ("shop", "fleet", "kube-system"):
            self.cluster.run("create", "serviceaccount", "default", "-n", namespace)
        self.cluster.do(
            "label",
            "namespace",
            "shop",
            RESTRICTED,
            "pod-security.kubernetes.io/warn=restricted",
        )
        self.cluster.do("label", "namespace", "fleet", f"{INJECT}=true", RESTRICTED)
        text = yaml.safe_dump(configuration(self.hook.bundle, self.hook.port))
        self.cluster.do("apply", "-f", "-", stdin=text)
        wait_until(
            lambda: sidecar(
                self.cluster.create(named(template(), "x"), "shop", "--dry-run=server")[
                    0
                ]
            ),
            30,
        )
        asked_for = yaml.safe_load(text)["webhooks"]
        stored = json.loads(
            self.cluster.do("get", "mutatingwebhookconfigurations", "-o", "json")
        )["items"][0]["webhooks"]
        expect(stored == asked_for, f"the server added fields: {json.dumps(stored)}")
        return f"{len(stored)} webhooks registered, no field filled in by the server"

    def native(self) -> str:
        """a stock Tomcat's pod comes back with the native sidecar"""
        pod, said = self.cluster.create(named(template(), "shop-0"), "shop")
        found = sidecar(pod)
        expect(
            found
            and found in pod["spec"]["initContainers"]
            and found["restartPolicy"] == "Always",
            pod["spec"],
        )
        expect(pod["spec"]["shareProcessNamespace"] is True, "no shared PID namespace")
        expect(not said, said)
        mounts = (
            {one["name"]: one["mountPath"] for one in found["volumeMounts"]}
            if found
            else {}
        )
        expect(
            not any(name.startswith("kube-api-access") for name in mounts),
            f"it has a token: {mounts}",
        )
        self.pod = pod
        return f"added: {', '.join(status_of(pod)['added'])}"

    def restricted(self) -> str:
        """the native form passes --dry-run=server under Pod Security restricted"""
        pod, said = self.cluster.create(
            named(template(), "shop-1"), "shop", "--dry-run=server"
        )
        expect(sidecar(pod) and not said, said)
        broken = named(template(), "shop-2")
        del broken["spec"]["containers"][0]["securityContext"][
            "allowPrivilegeEscalation"
        ]
        try:
            self.cluster.create(broken, "shop", "--dry-run=server")
        except Failed as exc:
            expect('violates PodSecurity "restricted' in str(exc), exc)
            expect("jmx-bridge" not in str(exc), exc)
            return "and a pod that breaks it is refused, for its own container only"
        raise Failed("a pod that breaks it is not refused")

    def twice(self) -> str:
        """a second admission changes nothing"""
        again, said = self.cluster.create(named(without(self.pod), "shop-3"), "shop")
        expect(not said, said)
        before, after = without(self.pod), without(again)
        for one in (before, after):
            one["spec"] = {
                **one["spec"],
                "volumes": [
                    v
                    for v in one["spec"]["volumes"]
                    if "kube-api-access" not in v["name"]
                ],
            }
        expect(before == after, "the second answer changed the pod")
        return f'skipped{{reason="injected"}} = {self.hook.metric("skipped_total", "injected"):g}'

    def bad(self) -> str:
        """a bad annotation blocks nothing, and is told"""
        pod, said = self.cluster.create(
            named(template(packs="tomcta"), "shop-bad"), "shop"
        )
        expect(not sidecar(pod), "it has the sidecar")
        expect(status_of(pod).get("refused") == "bad_annotation", status_of(pod))
        expect('did you mean "tomcat"' in said, f"no warning: {said}")
        return said.strip().removeprefix("Warning: ")

    def silent(self) -> str:
        """pods without the annotation, with "false", and in kube-system are not even asked about"""
        before = self.hook.metric("requests_total")
        for name, namespace, pod in (
            ("plain", "shop", template(inject=None)),
            ("no", "shop", template(inject="false")),
            ("system", "kube-system", template()),
        ):
            made, _ = self.cluster.create(named(pod, f"shop-{name}"), namespace)
            expect(
                not sidecar(made) and not status_of(made),
                f"{name}: something was done to it",
            )
        expect(self.hook.metric("requests_total") == before, "the webhook was asked")
        return "0 requests for 3 pods"

    def by_label(self) -> str:
        """a namespace's label wants it in each pod that doesn't say "false" """
        pod, _ = self.cluster.create(named(template(inject=None), "shop-0"), "fleet")
        expect(sidecar(pod), "no sidecar")
        other, _ = self.cluster.create(
            named(template(inject="false"), "shop-1"), "fleet"
        )
        expect(not sidecar(other), "the one that says false has it")
        return "injected; and not where the pod says false"

    def host_network(self) -> str:
        """pods in their node's network only if they name a port"""
        pod = template()
        pod["spec"]["hostNetwork"] = True
        pod["spec"]["containers"][0].pop("ports")
        self.cluster.do("create", "namespace", "nodes")
        self.cluster.run("create", "serviceaccount", "default", "-n", "nodes")
        made, said = self.cluster.create(named(pod, "node-0"), "nodes")
        expect(not sidecar(made) and "port" in said, said)
        pod["metadata"]["annotations"]["jmx-bridge.io/port"] = "12999"
        made, _ = self.cluster.create(named(pod, "node-1"), "nodes")
        expect(sidecar(made), "no sidecar in spite of a port")
        return status_of(made)["form"]

    def renewed(self) -> str:
        """a new certificate of the same authority is taken while pods are made"""
        before = self.hook.expiry()
        self.hook.renew()
        count = 0
        while self.hook.expiry() == before:
            count += 1
            pod, _ = self.cluster.create(
                named(template(), f"renewed-{count}"), "shop", "--dry-run=server"
            )
            expect(sidecar(pod), "a pod went without it")
        pod, _ = self.cluster.create(
            named(template(), "renewed-0"), "shop", "--dry-run=server"
        )
        expect(sidecar(pod), "a pod went without it")
        return f"{count + 1} pods, each with the sidecar"

    def as_classic(self) -> str:
        """the classic form comes back, and passes restricted"""
        pod, said = self.cluster.create(
            named(template(classic="true"), "shop-classic"), "shop"
        )
        expect(
            any(one["name"] == "jmx-bridge" for one in pod["spec"]["containers"]),
            "no ordinary container",
        )
        expect(not said, said)
        self.classic = pod
        return (
            f"containers: {', '.join(one['name'] for one in pod['spec']['containers'])}"
        )

    def down(self) -> str:
        """the webhook is down: the pod is made as it was written"""
        self.hook.stop()
        start = time.monotonic()
        pod, _ = self.cluster.create(named(template(), "shop-down"), "shop")
        seconds = time.monotonic() - start
        expect(not sidecar(pod) and not status_of(pod), "something was done to it")
        return f"within {seconds:.1f} s"

    def speed(self) -> str:
        """a pod of 1 MB is answered within 1 s"""
        pod = template()
        pod["spec"]["containers"][0]["env"] = [
            {"name": f"V{at}", "value": "x" * 100} for at in range(8000)
        ]
        pod["metadata"]["name"] = "large"
        size = len(json.dumps(pod))
        before, count = (
            self.hook.metric("duration_seconds_sum"),
            self.hook.metric("duration_seconds_count"),
        )
        made, _ = self.cluster.create(pod, "shop", "--dry-run=server")
        expect(sidecar(made), "no sidecar")
        took = (self.hook.metric("duration_seconds_sum") - before) / (
            self.hook.metric("duration_seconds_count") - count
        )
        expect(took < 1, f"{took:.3f} s")
        return f"{size / 1e6:.2f} MB in {took * 1000:.0f} ms, as the webhook's histogram has it"

    def of_admission(self) -> list[Callable[[], str]]:
        return [
            self.set_up, self.native, self.restricted, self.twice, self.bad, self.silent, self.by_label,
            self.host_network, self.speed, self.renewed, self.as_classic, self.down,
        ]  # fmt: skip

    def play(self) -> str:
        """podman plays the classic form as it came back, and it serves metrics at once"""
        with played.playing(self.classic) as address:
            start = time.monotonic()
            page = ""

            def served() -> bool:
                nonlocal page
                page = played.fetch(f"http://{address}:12346/metrics")
                return (
                    "\njmx_up 1.0" in page and "\ntomcat_" in page and "\njvm_" in page
                )

            try:
                wait_until(served, 240)
            except Failed:
                raise Failed(f"{played.logs(self.classic)}\n{page[-2000:]}") from None
            counts = {
                prefix: sum(line.startswith(prefix) for line in page.splitlines())
                for prefix in ("tomcat_", "jvm_")
            }
        return f"{counts['tomcat_']} samples tomcat_, {counts['jvm_']} jvm_, {time.monotonic() - start:.0f} s after its start"
