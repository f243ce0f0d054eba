"""The example's manifests keep to what they promise, and shop.yaml is what its sources give."""

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

from jmx_bridge import __version__

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "kubernetes"
UNITS = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "M": 10**6}
FORMS = ("rsyslog", "filebeat", "kcat")


def load(path):
    return list(yaml.safe_load_all((FOLDER / path).read_text("utf-8")))


def size(text):
    number, unit = re.fullmatch(r"(\d+)([A-Z]i?)", text).groups()
    return int(number) * UNITS[unit]


def named(items):
    names = [one["name"] for one in items]
    assert len(names) == len(set(names))
    return dict(zip(names, items, strict=True))


def pod_of(form):
    """The pod with a log sidecar: both lists of the patch join the Deployment's, by name."""
    (deployment,) = load("base/deployment.yaml")
    (patch,) = load(f"logs/{form}/sidecar.yaml")
    pod = deployment["spec"]["template"]["spec"]
    for key, items in patch["spec"]["template"]["spec"].items():
        pod[key] = items + pod[key]
    return pod


def shop(kind):
    (found,) = (one for one in load("shop.yaml") if one["kind"] == kind)
    return found


def pods():
    (deployment,) = load("base/deployment.yaml")
    yield "base", deployment["spec"]["template"]["spec"]
    for form in FORMS:
        yield form, pod_of(form)
    yield "shop.yaml", shop("Deployment")["spec"]["template"]["spec"]


every_pod = pytest.mark.parametrize(
    "pod", [pytest.param(pod, id=name) for name, pod in pods()]
)


def containers(pod):
    return pod["initContainers"] + pod["containers"]


@pytest.fixture(scope="module")
def assemble():
    spec = importlib.util.spec_from_file_location(
        "assemble", ROOT / "tools" / "kubernetes" / "assemble.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_shop_is_what_its_sources_give(assemble):
    text = (FOLDER / "shop.yaml").read_text("utf-8")
    hint = "stale; run tools/kubernetes/render.sh"
    assert f"# sources: sha256 {assemble.digest()}\n" in text, hint
    built = load("shop.yaml")
    names = {name: assemble.real_name(name, built) for name in assemble.FILES}
    assert text == assemble.assemble(names), hint


def test_shop_has_the_pod_of_its_form():
    pod = pod_of("rsyslog")
    (conf,) = (one for one in pod["volumes"] if one["name"] == "logs-conf")
    given = shop("Deployment")["spec"]["template"]["spec"]
    conf["configMap"]["name"] = named(given["volumes"])["logs-conf"]["configMap"][
        "name"
    ]
    assert given == pod


@every_pod
def test_meets_pod_security_restricted(pod):
    allowed = {"name", "configMap", "emptyDir"}
    assert all(set(volume) <= allowed for volume in pod["volumes"])
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(pod):
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["readOnlyRootFilesystem"] is True
        assert security["runAsUser"] > 0
        assert "privileged" not in security
        assert not any("hostPort" in port for port in container.get("ports", []))


@every_pod
def test_users_are_apart_and_share_a_group(pod):
    users = [one["securityContext"]["runAsUser"] for one in containers(pod)]
    assert len(users) == len(set(users))
    assert pod["securityContext"]["runAsGroup"] == pod["securityContext"]["fsGroup"]
    assert not any("runAsGroup" in one["securityContext"] for one in containers(pod))


@every_pod
def test_sidecars_are_native_and_wait_for_nothing(pod):
    for sidecar in pod["initContainers"]:
        assert sidecar["restartPolicy"] == "Always"
        # Tomcat starts only after a sidecar's startup probe, which could therefore never ask Tomcat.
        assert "startupProbe" not in sidecar
    assert [one["name"] for one in pod["containers"]] == ["tomcat"]


@every_pod
def test_mounts_and_volumes_belong_together(pod):
    volumes = named(pod["volumes"])
    mounts = [mount for one in containers(pod) for mount in one["volumeMounts"]]
    assert {mount["name"] for mount in mounts} == set(volumes)
    for mount in mounts:
        if "configMap" in volumes[mount["name"]]:
            assert mount["readOnly"] is True
            assert "subPath" not in mount
    for sidecar in pod["initContainers"]:
        for mount in sidecar["volumeMounts"]:
            assert mount["name"] != "logs" or mount["readOnly"] is True


@every_pod
def test_disk_is_bounded(pod):
    volumes = [one["emptyDir"] for one in pod["volumes"] if "emptyDir" in one]
    held = sum(size(volume["sizeLimit"]) for volume in volumes)
    resources = [one["resources"] for one in containers(pod)]
    limit = sum(size(one["limits"]["ephemeral-storage"]) for one in resources)
    # Else the pod is evicted before a volume is full. The runtime keeps up to 50 MiB of each container's output.
    assert limit >= held + len(resources) * size("50Mi")
    for one in resources:
        assert size(one["requests"]["ephemeral-storage"]) <= size(
            one["limits"]["ephemeral-storage"]
        )
        assert size(one["requests"]["memory"]) <= size(one["limits"]["memory"])
        assert "cpu" in one["requests"]


@every_pod
def test_log_files_fit_in_their_volume(pod):
    (tomcat,) = pod["containers"]
    env = {one["name"]: one["value"] for one in tomcat["env"]}
    files = (int(env["LOG_FILES"]) + 1) * size(env["LOG_FILE_SIZE"])
    assert files * 2 <= size(named(pod["volumes"])["logs"]["emptyDir"]["sizeLimit"])


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gets_the_same_from_the_pod(form):
    log = named(pod_of(form)["initContainers"])["logs"]
    env = named(log["env"])
    fields = {
        name: one["valueFrom"]["fieldRef"]["fieldPath"]
        for name, one in env.items()
        if "valueFrom" in one
    }
    assert fields == {
        "APP": "metadata.labels['app.kubernetes.io/name']",
        "TRACK": "metadata.labels['track']",
        "POD_NAME": "metadata.name",
        "POD_NAMESPACE": "metadata.namespace",
    }
    assert env["KAFKA_BROKERS"]["value"] == "kafka:9092"
    assert env["KAFKA_TOPIC"]["value"] == "shop-logs"
    mounts = {one["name"]: one["mountPath"] for one in log["volumeMounts"]}
    assert mounts["logs"] == "/logm"
    assert mounts["logs-state"] == "/var/lib/logs"


def test_ports_are_found():
    pod = shop("Deployment")["spec"]["template"]["spec"]
    ports = named([port for one in containers(pod) for port in one.get("ports", [])])
    assert {name: one["containerPort"] for name, one in ports.items()} == {
        "http": 8080,
        "metrics": 12346,
    }
    (endpoint,) = shop("PodMonitor")["spec"]["podMetricsEndpoints"]
    assert endpoint["port"] == "metrics"
    assert [one["targetPort"] for one in shop("Service")["spec"]["ports"]] == ["http"]
    policy = shop("NetworkPolicy")["spec"]
    opened = [port["port"] for rule in policy["ingress"] for port in rule["ports"]]
    assert opened == [8080, 12346]
    assert policy["policyTypes"] == ["Ingress", "Egress"]


def test_jmx_stays_in_the_pod():
    pod = shop("Deployment")["spec"]["template"]["spec"]
    env = named(pod["containers"][0]["env"])
    assert "jmxremote.host=127.0.0.1" in env["CATALINA_OPTS"]["value"]
    assert "rmi.server.hostname=127.0.0.1" in env["CATALINA_OPTS"]["value"]
    (port,) = re.findall(r"jmxremote\.port=(\d+)", env["CATALINA_OPTS"]["value"])
    bridge = named(named(pod["initContainers"])["jmx-bridge"]["env"])
    assert bridge["JMX_BRIDGE_JMX_TARGET"]["value"] == f"127.0.0.1:{port}"


def test_config_maps_are_there():
    maps = {
        one["metadata"]["name"]: one
        for one in load("shop.yaml")
        if one["kind"] == "ConfigMap"
    }
    pod = shop("Deployment")["spec"]["template"]["spec"]
    wanted = {one["configMap"]["name"] for one in pod["volumes"] if "configMap" in one}
    assert wanted == set(maps)
    bridge = named(pod["initContainers"])["jmx-bridge"]
    file = Path(named(bridge["env"])["JMX_BRIDGE_CONFIG_FILE"]["value"])
    assert str(file.parent) in [one["mountPath"] for one in bridge["volumeMounts"]]
    assert file.name in maps["jmx-bridge-rules"]["data"]


def test_packs_exist():
    (packs,) = {tuple(yaml.safe_load(text)["include"]) for text in rule_files()}
    assert packs
    for pack in packs:
        assert (ROOT / "rules" / f"{pack}.yml").is_file()


def test_demo_and_pod_have_the_same_rules():
    demo = (ROOT / "examples" / "java-app" / "rules.yml").read_text("utf-8")
    # The way to the schema is one folder longer from there.
    pod = demo.replace("$schema=../../rules/", "$schema=../../../rules/", 1)
    assert pod != demo
    assert rule_files() == [pod] * 2


def rule_files():
    """The rules of the pod: the file, and what shop.yaml has of it."""
    (rules,) = (
        one["data"]["rules.yml"]
        for one in load("shop.yaml")
        if one["metadata"]["name"] == "jmx-bridge-rules"
    )
    return [(FOLDER / "base" / "rules.yml").read_text("utf-8"), rules]


def test_selectors_of_stable_and_canary_never_meet():
    stable = shop("Deployment")["spec"]
    (canary,) = load("canary/deployment.yaml")
    assert stable["selector"]["matchLabels"] == stable["template"]["metadata"]["labels"]
    assert stable["selector"]["matchLabels"]["track"] == "stable"
    for labels in (
        canary["metadata"]["labels"],
        canary["spec"]["selector"]["matchLabels"],
        canary["spec"]["template"]["metadata"]["labels"],
    ):
        assert labels == {"track": "canary"}
    assert canary["metadata"]["name"] != shop("Deployment")["metadata"]["name"]
    # Both are one shop to customers, to Prometheus, and to the network.
    common = {"app.kubernetes.io/name": "shop"}
    assert shop("Service")["spec"]["selector"] == common
    assert shop("PodMonitor")["spec"]["selector"]["matchLabels"] == common
    assert shop("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == common
    assert "track" in shop("PodMonitor")["spec"]["podTargetLabels"]


@pytest.mark.parametrize(
    "overlay", ["base", *(f"logs/{form}" for form in FORMS), "canary", "attach"]
)
def test_overlays_name_files_that_exist(overlay):
    (kustomization,) = load(f"{overlay}/kustomization.yaml")
    files = [*kustomization["resources"], *kustomization.get("components", [])]
    files += [one["path"] for one in kustomization.get("patches", []) if "path" in one]
    for one in kustomization.get("configMapGenerator", []):
        files += one["files"]
    for file in files:
        assert (FOLDER / overlay / file).exists(), file


def test_canary_keeps_only_what_is_its_own():
    (kustomization,) = load("canary/kustomization.yaml")
    (without,) = (one for one in kustomization["patches"] if "patch" in one)
    assert yaml.safe_load(without["patch"])["$patch"] == "delete"
    gone = set(without["target"]["kind"].split("|"))
    kept = {"Deployment", "ConfigMap"}
    assert gone == {one["kind"] for one in load("shop.yaml")} - kept


def test_filebeat_reads_and_keeps_where_the_pod_lets_it():
    (conf,) = load("logs/filebeat/filebeat.yml")
    (source,) = conf["filebeat.inputs"]
    # stdout.log is a second name of the newest file.
    assert source["paths"] == ["/logm/stdout.2*.log"]
    assert conf["path.data"] == "/var/lib/logs"
    text = (FOLDER / "logs/filebeat/filebeat.yml").read_text("utf-8")
    log = named(pod_of("filebeat")["initContainers"])["logs"]
    assert set(re.findall(r"\$\{(\w+)\}", text)) == set(named(log["env"]))


def test_the_sidecar_of_the_components_is_as_safe_as_the_examples():
    sidecar = yaml.safe_load(
        (ROOT / "deploy" / "kustomize" / "port" / "sidecar.yaml").read_text("utf-8")
    )
    (ours,) = sidecar["spec"]["template"]["spec"]["initContainers"]
    example = named(pod_of(FORMS[0])["initContainers"])["jmx-bridge"]

    for key in ("image", "restartPolicy", "resources"):
        assert ours[key] == example[key]
    # The user is the pod's: a component knows of none.
    expected = {k: v for k, v in example["securityContext"].items() if k != "runAsUser"}
    assert expected.items() <= ours["securityContext"].items()
    for probe in ("readinessProbe", "livenessProbe"):
        assert ours[probe]["httpGet"]["path"] == example[probe]["httpGet"]["path"]


def test_the_image_says_its_version():
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    (version,) = re.findall(r"^ARG VERSION=(.+)$", dockerfile, re.MULTILINE)

    assert version == __version__
    assert 'org.opencontainers.image.version="${VERSION}"' in dockerfile
