"""Which pods get the sidecar, and what is said about the others."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reviews import YES, patch_of, patched, pod_of, review_of

from jmx_bridge.admission import Verdict, answer, decide, pod_name
from jmx_bridge.admission.verdict import SYSTEM, workload
from jmx_bridge.settings.wish import STATUS, Wish

INJECT = "jmx-bridge.io/inject"


def decided(pod=None, *, by_namespace: bool = False, **request) -> Verdict:
    return decide(review_of(pod, **request), Wish(), by_namespace=by_namespace)


def annotated(**wishes: str) -> dict[str, str]:
    return YES | {f"jmx-bridge.io/{name}": text for name, text in wishes.items()}


def test_a_pod_that_asks_gets_the_sidecar():
    pod = pod_of(annotated(attach="auto", packs="tomcat,jvm"))
    verdict = decided(pod)
    made = patched(pod, answer(review_of(pod), verdict))

    assert (verdict.injected, verdict.warnings) == (True, ())
    (sidecar,) = made["spec"]["initContainers"]
    assert sidecar["name"] == "jmx-bridge"
    assert sidecar["restartPolicy"] == "Always"
    assert made["spec"]["shareProcessNamespace"] is True
    assert made["spec"]["containers"] == pod["spec"]["containers"]


@pytest.mark.parametrize(
    ("annotations", "by_namespace", "reason"),
    [
        ({}, False, "not_asked"),
        ({}, True, "injected_now"),
        ({INJECT: "true"}, False, "injected_now"),
        ({INJECT: "true"}, True, "injected_now"),
        ({INJECT: "false"}, False, "opted_out"),
        ({INJECT: "false"}, True, "opted_out"),
        ({INJECT: "ture"}, False, "bad_annotation"),
        ({INJECT: "ture"}, True, "bad_annotation"),
        ({INJECT: ""}, True, "bad_annotation"),
    ],
)
def test_the_pod_is_asked_first_and_then_the_namespace(
    annotations, by_namespace, reason
):
    assert decided(pod_of(annotations), by_namespace=by_namespace).reason == reason


@pytest.mark.parametrize("by_namespace", [False, True])
@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        *(({"namespace": name}, "system_namespace") for name in SYSTEM),
        ({"operation": "UPDATE"}, "not_create"),
        ({"subResource": "ephemeralcontainers"}, "not_pod"),
        (
            {"resource": {"group": "apps", "version": "v1", "resource": "deployments"}},
            "not_pod",
        ),
    ],
)
def test_what_is_left_alone_whatever_it_asks_for(request_, reason, by_namespace):
    verdict = decided(by_namespace=by_namespace, **request_)

    assert verdict.reason == reason
    assert (verdict.edits, verdict.warnings) == ((), ())
    assert verdict.message


def test_it_never_injects_itself():
    own = {
        "app.kubernetes.io/name": "jmx-bridge",
        "app.kubernetes.io/component": "webhook",
        "app.kubernetes.io/instance": "monitoring",
    }

    assert decided(pod_of(labels=own)).reason == "own"
    assert decided(pod_of(labels=dict([*own.items()][:1]))).injected


def test_pods_of_the_host_network_only_if_they_name_a_port():
    pod = pod_of()
    pod["spec"]["hostNetwork"] = True
    told = pod_of(annotated(port="12999"))
    told["spec"]["hostNetwork"] = True

    assert decided(pod).reason == "host_network"
    assert decided(told).injected


@pytest.mark.parametrize("by_namespace", [False, True])
def test_a_second_admission_changes_nothing(by_namespace):
    pod = pod_of(annotated(attach="auto", rules="shop-rules"))
    once = patched(pod, answer(review_of(pod), decided(pod, by_namespace=by_namespace)))
    verdict = decided(once, by_namespace=by_namespace)

    assert verdict.reason == "injected"
    assert (verdict.edits, verdict.warnings) == ((), ())


@pytest.mark.parametrize(
    "annotations",
    [
        annotated(packs="tomcta"),
        annotated(port="80"),
        annotated(user="root"),
        annotated(attach="["),
        annotated(container="nothing"),
        annotated(resources="cpu"),
        annotated(rules="UPPER"),
        {INJECT: "maybe"},
    ],
    ids=str,
)
def test_a_bad_annotation_is_told_and_blocks_nothing(annotations):
    pod = pod_of(annotations)
    verdict = decided(pod)
    body = answer(review_of(pod), verdict)
    response = json.loads(body)["response"]

    assert verdict.refused
    assert response["allowed"] is True
    assert response["warnings"][0].startswith("jmx-bridge: no sidecar: ")
    made = patched(pod, body)
    status = json.loads(made["metadata"]["annotations"][STATUS])
    assert status["refused"] == verdict.reason
    assert status["message"] == verdict.message
    assert made["spec"] == pod["spec"]


def test_a_refusal_that_stands_there_is_not_written_again():
    pod = pod_of(annotated(packs="tomcta"))
    once = patched(pod, answer(review_of(pod), decided(pod)))

    assert decided(once).edits == ()
    assert decided(once).refused


def test_a_refusal_gives_way_to_the_sidecar():
    pod = pod_of(annotated(packs="tomcta"))
    once = patched(pod, answer(review_of(pod), decided(pod)))
    once["metadata"]["annotations"]["jmx-bridge.io/packs"] = "tomcat"
    made = patched(once, answer(review_of(once), decided(once)))

    assert "refused" not in json.loads(made["metadata"]["annotations"][STATUS])
    assert decided(made).reason == "injected"


def test_a_pod_without_annotations_gets_the_status_too():
    pod = pod_of()
    pod["metadata"]["annotations"] = None
    pod["spec"]["hostNetwork"] = True
    body = answer(review_of(pod), decided(pod, by_namespace=True))

    assert patch_of(body)[0]["path"] == "/metadata/annotations"
    assert STATUS in patched(pod, body)["metadata"]["annotations"]


def test_a_message_is_never_long():
    verdict = decided(pod_of(annotated(packs="x" * 100_000)))

    assert len(verdict.message) <= 1000


def owned(**owner: object) -> dict:
    return pod_of(ownerReferences=[{"kind": "ReplicaSet", "controller": True, **owner}])


@pytest.mark.parametrize(
    ("pod", "name"),
    [
        (owned(name="shop-7d9f8b6c5"), "shop"),
        (owned(name="shop"), "shop"),
        (owned(name="shop-7d9f8b6c5", controller=False), ""),
        (owned(name=1), ""),
        (pod_of(), ""),
        (pod_of(ownerReferences=[1]), ""),
        (pod_of(ownerReferences="x"), ""),
        ({}, ""),
    ],
)
def test_a_pod_belongs_to_the_workload_that_controls_it(pod, name):
    assert workload(pod) == name


def test_a_container_that_has_the_workloads_name_is_the_applications():
    pod = owned(name="tomcat-7d9f8b6c5")
    pod["metadata"]["annotations"] = annotated(attach="auto")
    pod["spec"]["containers"].append(
        {"name": "logs", "image": "l", "securityContext": {"runAsUser": 7}}
    )

    assert decided(pod).injected
    pod["metadata"]["ownerReferences"] = []
    assert decided(pod).reason == "no_container"


@pytest.mark.parametrize(
    ("pod", "name"),
    [
        (pod_of(), "shop-7d9f8b6c5-"),
        (pod_of(name="a"), "a"),
        (pod_of(name="x" * 999), "x" * 253),
        (pod_of(name=3), ""),
        ({"metadata": []}, ""),
    ],
)
def test_the_log_names_the_pod(pod, name):
    assert pod_name(pod) == name


# -- whatever a pod is -----------------------------------------------------------------------------

texts = st.text(max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=12,
)
wishes = st.dictionaries(
    st.sampled_from(
        [
            f"jmx-bridge.io/{name}"
            for name in (
                *("inject", "packs", "rules", "attach", "target", "user", "group"),
                *("container", "port", "resources", "classic", "status", "other"),
            )
        ]
    ),
    texts | values | st.sampled_from(["true", "false", "auto", "jvm", "1000", "9999"]),
    max_size=6,
)
containers = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["tomcat", "jmx-bridge", "istio-proxy"]) | texts},
        optional={"image": texts, "securityContext": values, "ports": values},
    ),
    max_size=3,
)
pods = st.fixed_dictionaries(
    {},
    optional={
        "metadata": st.fixed_dictionaries(
            {}, optional={"annotations": wishes | values, "labels": values}
        )
        | values,
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "containers": containers | values,
                "initContainers": containers | values,
                "volumes": values,
                "securityContext": values,
                "hostNetwork": st.booleans() | values,
                "shareProcessNamespace": st.booleans() | st.none(),
            },
        )
        | values,
    },
)


@given(pods, st.booleans())
def test_whatever_a_pod_is_the_answer_allows_it_and_its_patch_fits(pod, by_namespace):
    review = review_of(pod)
    verdict = decide(review, Wish(), by_namespace=by_namespace)
    body = answer(review, verdict)

    assert json.loads(body)["response"]["allowed"] is True
    made = patched(pod, body)
    again = decide(review_of(made), Wish(), by_namespace=by_namespace)
    assert again.edits == ()
    assert again.reason == ("injected" if verdict.injected else verdict.reason)
