"""The Helm chart renders what its golden files have, from files that are those of deploy/."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from jmx_bridge import __version__

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy" / "helm" / "jmx-bridge"
GOLDEN = ROOT / "tests" / "chart"
CASES = sorted(
    path.name.removesuffix(".values.yaml") for path in GOLDEN.glob("*.values.yaml")
)
HELM = shutil.which(
    "helm", path=f"{ROOT / '.cache' / 'kubernetes' / 'bin'}:{os.environ['PATH']}"
)
RANDOM = re.compile(
    r'^( *(?:caBundle|ca\.crt|ca\.key|tls\.crt|tls\.key|jmx-bridge\.io/expires):) (?:"[\d-]+"|[A-Za-z0-9+/=]{80,})$',
    re.MULTILINE,
)
"""What is different each time."""
BOARD = re.compile(r"^( +)\{.{2000,}\}$", re.MULTILINE)
# A helm that Go built knows of no version to take for the cluster's.
TEMPLATE = ("template", "--kube-version", "1.33.0")
needs_helm = pytest.mark.skipif(
    HELM is None, reason="no helm; tools/kubernetes/check.sh builds it"
)
every_case = pytest.mark.parametrize("case", CASES)


def helm(*arguments, given=None):
    return subprocess.run(
        [HELM, *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HELM_CACHE_HOME": "/nonexistent"},
        timeout=60,
    )


def rendered(values):
    """What helm makes of *values*, a dict."""
    place = ("jmx-bridge", str(CHART), "--namespace", "jmx-bridge")
    return helm(*TEMPLATE, *place, "--values", "-", given=json.dumps(values))


def objects(values):
    done = rendered(values)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def values_of(case):
    return yaml.safe_load((GOLDEN / f"{case}.values.yaml").read_text("utf-8"))


def golden(case):
    text = (GOLDEN / f"{case}.yaml").read_text("utf-8")
    return [one for one in yaml.safe_load_all(text) if one]


def of_kind(found, kind):
    return [one for one in found if one["kind"] == kind]


# -- with helm ---------------------------------------------------------------------------------


@needs_helm
@every_case
def test_renders_what_the_golden_file_has(case):
    done = rendered(values_of(case))
    assert done.returncode == 0, done.stderr
    text = BOARD.sub(r"\1(a dashboard)", RANDOM.sub(r"\1 (made anew)", done.stdout))

    file = GOLDEN / f"{case}.yaml"
    if os.environ.get("UPDATE"):
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


@needs_helm
def test_lint_has_nothing_to_say():
    for case in CASES:
        values = str(GOLDEN / f"{case}.values.yaml")
        done = helm("lint", "--strict", "--quiet", "--values", values, str(CHART))
        assert done.returncode == 0, done.stdout + done.stderr


@needs_helm
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"replica": 3}, "replica"),
        ({"certificates": {"mode": "manual"}}, "certificates.mode"),
        ({"certificates": {"mode": "existingSecret"}}, "existingSecret.name: needed"),
        (
            {"certificates": {"self": {"leafDays": 4000}}},
            "leafDays has to be less than caDays",
        ),
        ({"hostNetwork": True}, "10250 is the kubelet's"),
        ({"serviceAccount": {"create": False}}, "serviceAccount.name: needed"),
        ({"webhook": {"timeoutSeconds": 30}}, "timeoutSeconds"),
        (
            {"monitoring": {"alerts": {"enabled": True, "only": ["oracle"]}}},
            'alerts.only: there is no "oracle"; there are activemq',
        ),
        (
            {"monitoring": {"dashboards": {"enabled": True, "only": ["webhook"]}}},
            'dashboards.only: there is no "webhook"',
        ),
        (
            {
                "monitoring": {
                    "alerts": {"enabled": True, "thresholds": {"jvm": {"heap": 1}}}
                }
            },
            "thresholds: there is no jvm.heap",
        ),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_refuses_what_can_not_work(values, message):
    done = rendered(values)

    assert done.returncode != 0
    assert message.replace(".", "") in done.stderr.replace("/", "").replace(".", "")


@needs_helm
def test_alerts_and_dashboards_are_those_of_deploy():
    monitoring = {"alerts": {"enabled": True}, "dashboards": {"enabled": True}}
    found = objects({"monitoring": monitoring})
    operator = [
        yaml.safe_load(path.read_text("utf-8"))
        for path in (ROOT / "deploy" / "operator").glob("*-*.yaml")
    ]

    def rules(those):
        kind = of_kind(those, "PrometheusRule")
        return {one["metadata"]["name"]: one["spec"] for one in kind}

    def boards(those):
        data = [one["data"] for one in of_kind(those, "ConfigMap")]
        return {key: json.loads(text) for one in data for key, text in one.items()}

    assert rules(found) == rules(operator)
    assert boards(found) == boards(operator)


@needs_helm
def test_thresholds_take_the_place_of_ours():
    alerts = {
        "enabled": True,
        "only": ["kafka-client"],
        "thresholds": {"kafka-client": {"records_behind": 123456}},
    }
    (rule,) = of_kind(objects({"monitoring": {"alerts": alerts}}), "PrometheusRule")

    text = json.dumps(rule["spec"])
    assert "> 123456" in text
    assert not re.search(r"@\w+@", text)


@needs_helm
def test_the_made_certificate_is_the_services_and_of_the_configurations_ca(tmp_path):
    found = objects({})
    (hook,) = of_kind(found, "MutatingWebhookConfiguration")
    secrets = {one["metadata"]["name"]: one for one in of_kind(found, "Secret")}
    tls = secrets["jmx-bridge-tls"]["data"]

    for one in hook["webhooks"]:
        assert one["clientConfig"]["caBundle"] == tls["ca.crt"]
    assert tls["ca.crt"] == secrets["jmx-bridge-ca"]["data"]["ca.crt"]
    for name in ("ca.crt", "tls.crt"):
        text = subprocess.run(
            ["base64", "-d"], input=tls[name].encode(), capture_output=True, check=True
        )
        (tmp_path / name).write_bytes(text.stdout)
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-purpose", "sslserver",
         "-verify_hostname", "jmx-bridge.jmx-bridge.svc",
         "-CAfile", tmp_path / "ca.crt", tmp_path / "tls.crt"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@needs_helm
@every_case
def test_notes_say_what_to_do_next(case, tmp_path):
    notes = notes_of(values_of(case), tmp_path / "chart")

    assert "helm test jmx-bridge --namespace jmx-bridge" in notes
    assert "rollout restart" in notes
    mode = values_of(case).get("certificates", {}).get("mode", "self")
    assert ("each `helm upgrade` makes a new one" in notes) == (mode == "self")
    assert ("caBundle is empty" in notes) == (mode == "existingSecret")


def notes_of(values, copy):
    """The notes, which helm prints only with a cluster: as an object of a copy of the chart."""
    shutil.copytree(CHART, copy)
    templates = copy / "templates"
    notes = (templates / "NOTES.txt").read_text("utf-8")
    (templates / "_notes.tpl").write_text(
        f'{{{{- define "notes" }}}}{notes}{{{{ end }}}}', "utf-8"
    )
    (templates / "notes.yaml").write_text(
        'notes: {{ include "notes" . | toJson }}\n', "utf-8"
    )
    done = helm(
        *TEMPLATE, "jmx-bridge", str(copy), "--namespace", "jmx-bridge",
        "--values", "-", "--show-only", "templates/notes.yaml",
        given=json.dumps(values),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)["notes"]


# -- without helm ------------------------------------------------------------------------------


def test_the_chart_is_of_this_version():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))

    assert chart["version"] == chart["appVersion"] == __version__


def test_values_meet_their_schema_and_all_stand_in_it():
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))

    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(values, schema)
    assert set(schema["properties"]) - {"global"} == set(values)


@every_case
def test_pods_meet_pod_security_restricted_but_for_the_network_that_is_asked_for(case):
    pods = [one["spec"] for one in of_kind(golden(case), "Pod")]
    deployments = of_kind(golden(case), "Deployment")
    pods += [one["spec"]["template"]["spec"] for one in deployments]

    assert len(pods) == 2
    for pod in pods:
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert all(set(one) <= {"name", "secret"} for one in pod["volumes"])
        for container in pod["containers"]:
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False
            assert security["readOnlyRootFilesystem"] is True
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])


@every_case
def test_the_webhook_can_hurt_no_pod_and_has_no_rights(case):
    found = golden(case)
    assert not [one["kind"] for one in found if "Role" in one["kind"]]
    (hook,) = of_kind(found, "MutatingWebhookConfiguration")

    for one in hook["webhooks"]:
        assert one["failurePolicy"] == "Ignore"
        assert one["sideEffects"] == "None"
        assert one["reinvocationPolicy"] == "IfNeeded"
        assert one["timeoutSeconds"] <= 3
        # What the API server would fill in.
        assert {"matchPolicy", "namespaceSelector", "objectSelector"} <= set(one)
        assert one["rules"][0]["scope"] == "Namespaced"
        (excluded,) = one["namespaceSelector"]["matchExpressions"]
        assert excluded["operator"] == "NotIn"
        own = {"kube-system", "kube-node-lease", "jmx-bridge"}
        assert own <= set(excluded["values"])


@every_case
def test_what_selects_the_pods_of_the_deployment_finds_them(case):
    found = golden(case)
    (deployment,) = of_kind(found, "Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"].items()
    (test,) = of_kind(found, "Pod")
    (service,) = of_kind(found, "Service")
    selectors = [service["spec"]["selector"]]
    for kind in ("PodDisruptionBudget", "NetworkPolicy", "PodMonitor"):
        for one in of_kind(found, kind):
            spec = one["spec"]
            chosen = spec.get("selector", spec.get("podSelector"))["matchLabels"]
            if "jmx-bridge.io/injected" not in chosen:
                selectors.append(chosen)

    for selector in selectors:
        assert selector.items() <= labels
        assert not selector.items() <= test["metadata"]["labels"].items()
