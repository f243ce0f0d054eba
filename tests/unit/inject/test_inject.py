"""What is changed in a pod template, and what keeps it from being changed."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from templates import TEMPLATES, pod

from jmx_bridge.inject import (
    Edit,
    Injection,
    Refusal,
    applied,
    inject,
    inject_as_annotated,
    read_status,
    refused_status,
    remove,
)
from jmx_bridge.inject.plan import REASONS
from jmx_bridge.settings.wish import STATUS, ConfigMapKey, Resource, Wish

USUAL = Wish()
ATTACH = Wish(attach="auto")


def injected(template, wish=USUAL, workload=""):
    """The template with the sidecar in it."""
    before = deepcopy(template)
    outcome = inject(template, wish, workload)
    assert isinstance(outcome, Injection), outcome
    assert template == before
    return applied(template, outcome.edits)


def sidecar(template, wish=USUAL, listed="initContainers", workload=""):
    return injected(template, wish, workload)["spec"][listed][-1]


def env(container):
    return {one["name"]: one["value"] for one in container["env"]}


# -- what is added ---------------------------------------------------------------------------------


def test_a_native_sidecar_comes_after_the_init_containers():
    template = pod(initContainers=[{"name": "migrate"}])

    first, ours = injected(template)["spec"]["initContainers"]

    assert first == {"name": "migrate"}
    assert ours["name"] == "jmx-bridge"
    assert ours["restartPolicy"] == "Always"
    assert ours["ports"] == [{"name": "jmx-metrics", "containerPort": 12346}]
    assert env(ours) == {
        "JMX_BRIDGE_JMX_TARGET": "127.0.0.1:7199",
        "JMX_BRIDGE_CONFIG_INCLUDE": "jvm",
    }


def test_it_meets_the_restricted_standard():
    assert sidecar(pod())["securityContext"] == {
        "runAsNonRoot": True,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def test_a_classic_one_is_the_last_container_and_not_the_default_one():
    new = injected(pod(), Wish(classic=True))

    assert [one["name"] for one in new["spec"]["containers"]] == [
        "tomcat",
        "jmx-bridge",
    ]
    assert "restartPolicy" not in new["spec"]["containers"][1]
    assert "initContainers" not in new["spec"]
    annotations = new["metadata"]["annotations"]
    assert annotations["kubectl.kubernetes.io/default-container"] == "tomcat"


def test_the_pid_namespace_is_shared_for_attach_alone():
    assert injected(pod(), ATTACH)["spec"]["shareProcessNamespace"] is True
    assert "shareProcessNamespace" not in injected(pod())["spec"]


def test_rules_come_from_a_config_map_and_without_a_pack():
    new = injected(pod(), Wish(rules=ConfigMapKey("shop", "a.yml")))

    assert {"name": "jmx-bridge-rules", "configMap": {"name": "shop"}} in new["spec"][
        "volumes"
    ]
    (ours,) = new["spec"]["initContainers"]
    assert env(ours) == {
        "JMX_BRIDGE_JMX_TARGET": "127.0.0.1:7199",
        "JMX_BRIDGE_CONFIG_FILE": "/etc/jmx-bridge/a.yml",
    }
    mount = {
        "name": "jmx-bridge-rules",
        "mountPath": "/etc/jmx-bridge",
        "readOnly": True,
    }
    assert mount in ours["volumeMounts"]


def test_the_token_is_kept_out_where_there_is_one():
    token = "jmx-bridge-no-token"

    with_token = injected(pod())["spec"]
    without = injected(pod(automountServiceAccountToken=False))["spec"]

    assert [one["name"] for one in with_token["volumes"]] == [token]
    assert with_token["initContainers"][0]["volumeMounts"] == [
        {
            "name": token,
            "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
            "readOnly": True,
        }
    ]
    assert "volumes" not in without
    assert "volumeMounts" not in without["initContainers"][0]


def test_wishes_show_in_the_container():
    wish = Wish(
        image="other:2",
        pull_policy="Always",
        packs=("tomcat", "jvm"),
        port=9404,
        target="127.0.0.1:9999",
        resources=(Resource("memory", "256Mi"),),
    )

    ours = sidecar(pod(), wish)

    assert ours["image"] == "other:2"
    assert ours["imagePullPolicy"] == "Always"
    assert ours["ports"][0]["containerPort"] == 9404
    assert env(ours) == {
        "JMX_BRIDGE_JMX_TARGET": "127.0.0.1:9999",
        "JMX_BRIDGE_CONFIG_INCLUDE": "tomcat,jvm",
        "JMX_BRIDGE_WEB_LISTEN_ADDRESS": ":9404",
    }
    assert ours["resources"] == {
        "requests": {"cpu": "50m", "memory": "256Mi", "ephemeral-storage": "16Mi"},
        "limits": {"ephemeral-storage": "64Mi"},
    }


def test_kubernetes_takes_no_part_of_a_pattern_for_a_variable():
    ours = sidecar(pod(), Wish(attach="/(Main)$(x)/"))

    assert env(ours)["JMX_BRIDGE_JMX_ATTACH"] == "/(Main)$$(x)/"


def test_a_pod_whose_requests_are_its_limits_keeps_its_class():
    bound = {"limits": {"cpu": "1", "memory": "1Gi"}}

    ours = sidecar(pod({"name": "app", "resources": bound}))["resources"]

    for name in ("cpu", "memory"):
        assert ours["requests"][name] == ours["limits"][name]
    loose = {**bound, "requests": {"cpu": "100m"}}
    other = sidecar(pod({"name": "app", "resources": loose}))["resources"]
    assert "cpu" not in other["limits"]


def test_annotations_for_prometheus_are_added_and_never_replaced():
    template = pod()
    template["metadata"] = {"annotations": {"prometheus.io/port": "8080"}}

    outcome = inject(template, Wish(annotations=True))
    annotations = applied(template, outcome.edits)["metadata"]["annotations"]

    assert annotations["prometheus.io/port"] == "8080"
    assert annotations["prometheus.io/scrape"] == "true"
    assert outcome.warnings == (
        "metadata.annotations has prometheus.io/port already: it stays",
    )


# -- whose process it is ---------------------------------------------------------------------------

USER = {"runAsUser": 7, "runAsGroup": 8}


@pytest.mark.parametrize(
    ("template", "wish", "expected"),
    [
        (pod({"name": "a", "securityContext": USER}), ATTACH, USER),
        (pod({"name": "a"}, securityContext=USER), ATTACH, {}),
        (
            pod(
                {"name": "a", "securityContext": {"runAsUser": 9}}, securityContext=USER
            ),
            ATTACH,
            {"runAsUser": 9},
        ),
        (
            pod({"name": "a"}),
            Wish(attach="auto", user=5, group=6),
            {"runAsUser": 5, "runAsGroup": 6},
        ),
        (pod({"name": "a"}), Wish(attach="auto", user="namespace"), {}),
        (
            pod({"name": "a"}, {"name": "b", "securityContext": USER}),
            Wish(attach="auto", container="b"),
            USER,
        ),
        (pod({"name": "a"}, {"name": "shop", "securityContext": USER}), ATTACH, USER),
        (
            pod({"name": "istio-proxy"}, {"name": "b", "securityContext": USER}),
            ATTACH,
            USER,
        ),
        (pod({"name": "a"}, {"name": "b"}, securityContext=USER), ATTACH, {}),
        (
            pod({"name": "a"}, securityContext={"runAsUser": 0}),
            Wish(),
            {"runAsUser": 10001, "runAsGroup": 10001},
        ),
    ],
    ids=[
        "container's",
        "pod's",
        "both",
        "wished",
        "namespace's",
        "named",
        "workload's",
        "no mesh",
        "all alike",
        "root beside a port",
    ],
)
def test_it_runs_as_the_application_does(template, wish, expected):
    context = sidecar(template, wish, workload="shop")["securityContext"]

    assert {key: context[key] for key in USER if key in context} == expected


def test_what_attach_may_fail_for_is_warned_of():
    read_only = {"runAsUser": 7, "readOnlyRootFilesystem": True}
    writable = {"volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]}

    outcome = inject(pod({"name": "a", "securityContext": read_only}), ATTACH)
    other = inject(
        pod({"name": "a", "securityContext": {**USER, **read_only}, **writable}), ATTACH
    )

    assert [one.partition(":")[0] for one in outcome.warnings] == [
        "nothing says which group container 'a' runs as",
        "the JVM in container 'a' can't write to /tmp, which attach needs",
    ]
    assert other.warnings == ()


# -- what keeps a pod from it ----------------------------------------------------------------------


def annotated(**annotations):
    named = {name.replace("__", "."): one for name, one in annotations.items()}
    return {**pod(), "metadata": {"annotations": named}}


REFUSED = [
    ("malformed", {"spec": {"containers": []}}, Wish()),
    ("malformed", {"spec": {"containers": {"a": 1}}}, Wish()),
    ("malformed", {"spec": {"containers": ["a"]}}, Wish()),
    ("malformed", {"spec": None}, Wish()),
    ("malformed", {}, Wish()),
    ("malformed", {**pod(), "metadata": {"labels": []}}, Wish()),
    ("malformed", {**pod(), "metadata": "x"}, Wish()),
    ("malformed", pod(volumes={"a": 1}), Wish()),
    ("malformed", pod({"name": "a", "ports": 3}), Wish()),
    ("malformed", pod({"name": "a", "resources": {"limits": 3}}), Wish()),
    ("malformed", pod({"name": "a", "securityContext": "x"}), Wish()),
    ("opted_out", annotated(**{"jmx-bridge.io/inject": "false"}), Wish()),
    ("bad_annotation", annotated(**{"jmx-bridge.io/port": "x"}), Wish()),
    ("injected", injected(pod()), Wish()),
    ("name_taken", pod({"name": "jmx-bridge"}), Wish()),
    (
        "name_taken",
        pod(volumes=[{"name": "jmx-bridge-rules"}]),
        Wish(rules=ConfigMapKey("a")),
    ),
    ("mirror", annotated(**{"kubernetes.io/config.mirror": "x"}), Wish()),
    ("windows", pod(os={"name": "windows"}), Wish()),
    ("windows", pod(nodeSelector={"kubernetes.io/os": "windows"}), Wish()),
    ("host_network", pod(hostNetwork=True), Wish()),
    ("never_ends", pod(restartPolicy="Never"), Wish(classic=True)),
    ("port_taken", pod({"name": "a", "ports": [{"containerPort": 12346}]}), Wish()),
    (
        "port_taken",
        pod(
            {"name": "a", "ports": [{"containerPort": 9}]},
            initContainers=[
                {
                    "name": "b",
                    "restartPolicy": "Always",
                    "ports": [{"containerPort": 9404}],
                }
            ],
        ),
        Wish(port=9404),
    ),
    (
        "port_taken",
        pod({"name": "a", "ports": [{"name": "jmx-metrics", "containerPort": 9}]}),
        Wish(),
    ),
    ("host_pid", pod(hostPID=True), ATTACH),
    ("not_shared", pod(shareProcessNamespace=False), ATTACH),
    ("no_container", pod(), Wish(container="b")),
    (
        "no_container",
        pod({"name": "a", "securityContext": USER}, {"name": "b"}),
        ATTACH,
    ),
    ("no_user", pod({"name": "a"}), ATTACH),
    ("no_user", pod({"name": "a"}), Wish(attach="auto", group=5)),
    ("root", pod({"name": "a"}, securityContext={"runAsUser": 0}), ATTACH),
]


@pytest.mark.parametrize(
    ("reason", "template", "wish"),
    REFUSED,
    ids=[f"{reason}-{at}" for at, (reason, *_) in enumerate(REFUSED)],
)
def test_a_pod_is_refused_for_a_reason(reason, template, wish):
    outcome = inject_as_annotated(template, wish)

    assert isinstance(outcome, Refusal), outcome
    assert outcome.reason == reason
    assert outcome.message


def test_every_reason_is_proven():
    assert {reason for reason, *_ in REFUSED} == set(REASONS)


@pytest.mark.parametrize(
    ("template", "wish"),
    [
        (pod(hostNetwork=True), Wish(port=9404)),
        (pod(restartPolicy="Never"), Wish()),
        (
            pod({"name": "a", "ports": [{"containerPort": 12346, "protocol": "UDP"}]}),
            Wish(),
        ),
        (
            pod(initContainers=[{"name": "b", "ports": [{"containerPort": 12346}]}]),
            Wish(),
        ),
        (pod(shareProcessNamespace=False), Wish()),
        (pod(shareProcessNamespace=True), ATTACH),
    ],
)
def test_a_pod_like_these_is_not_refused(template, wish):
    injected(template, wish)


def test_a_pods_own_annotations_count():
    template = annotated(
        **{"jmx-bridge.io/packs": "tomcat", "jmx-bridge.io/pakcs": "x"}
    )

    outcome = inject_as_annotated(template, Wish(packs=("kafka",)))

    (ours,) = applied(template, outcome.edits)["spec"]["initContainers"]
    assert env(ours)["JMX_BRIDGE_CONFIG_INCLUDE"] == "tomcat"
    assert "unknown annotation" in outcome.warnings[0]


# -- there and back --------------------------------------------------------------------------------


WISHES = st.builds(
    Wish,
    rules=st.none() | st.just(ConfigMapKey("r")),
    attach=st.none() | st.just("auto"),
    user=st.none() | st.just(5),
    classic=st.booleans(),
    annotations=st.booleans(),
)


@given(TEMPLATES, WISHES)
def test_twice_is_once_and_removed_is_never(template, wish):
    outcome = inject(template, wish)
    if isinstance(outcome, Refusal):
        assert outcome.reason in REASONS
        assert remove(template) == ()
        return
    new = applied(template, outcome.edits)

    again = inject(new, wish)
    back = applied(new, remove(new))

    assert isinstance(again, Refusal)
    assert again.reason == "injected"
    assert back == template
    assert inject(back, wish) == outcome
    assert read_status(new) == outcome.status


def test_what_others_added_since_stays():
    new = injected(pod(), Wish(rules=ConfigMapKey("r")))
    new["metadata"]["labels"]["theirs"] = "x"
    new["spec"]["volumes"].insert(0, {"name": "theirs"})
    new["spec"]["initContainers"].insert(0, {"name": "theirs"})

    back = applied(new, remove(new))

    assert back == {
        "metadata": {"labels": {"theirs": "x"}},
        "spec": {
            "containers": pod()["spec"]["containers"],
            "volumes": [{"name": "theirs"}],
            "initContainers": [{"name": "theirs"}],
        },
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[" * 100_000,
        "3",
        '{"added": 3}',
        '{"added": [], "made": 3}',
        '{"added": ["/spec/containers/tomcat", "", "/spec"], "made": ["/spec/containers", "/spec"]}',
    ],
)
def test_a_status_that_is_not_ours_has_nothing_taken_away(text):
    assert remove(annotated(**{STATUS: text})) == ()


def test_what_others_took_away_since_is_no_matter():
    new = injected(pod(), Wish(rules=ConfigMapKey("r")))
    new["spec"]["volumes"] = None

    back = applied(new, remove(new))

    assert back == pod(volumes=None)


def test_a_status_of_a_refusal_gives_way():
    template = annotated(**{STATUS: refused_status("no_user", "nobody knows")})

    new = injected(template)

    assert read_status(new).form == "native"
    assert "added" not in new["metadata"]["annotations"]


# -- edits -----------------------------------------------------------------------------------------


def test_an_edit_is_an_operation_of_a_json_patch():
    assert Edit("add", "/a~1b/-", {"x": 1}).json() == {
        "op": "add",
        "path": "/a~1b/-",
        "value": {"x": 1},
    }
    assert Edit("remove", "/a").json() == {"op": "remove", "path": "/a"}


@pytest.mark.parametrize(
    "edit",
    [
        Edit("remove", "/c"),
        Edit("add", "/x/y", 1),
        Edit("replace", "/b/1", 1),
        Edit("add", "/b/3", 1),
    ],
)
def test_an_edit_that_does_not_fit_is_an_error(edit):
    with pytest.raises(KeyError):
        applied({"a": 1, "b": [1]}, [edit])


def test_lists_are_edited_by_position():
    edits = [
        Edit("add", "/0", "a"),
        Edit("replace", "/1", "b"),
        Edit("add", "/-", "d"),
        Edit("remove", "/2"),
    ]

    assert applied(["x", "c"], edits) == ["a", "b", "d"]
