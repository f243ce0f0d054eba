"""What annotations and flags may wish of a sidecar."""

from __future__ import annotations

from dataclasses import fields

import pytest

from jmx_bridge.settings.texts import BadText
from jmx_bridge.settings.wish import (
    ASKS,
    PREFIX,
    BadWish,
    ConfigMapKey,
    Resource,
    Wish,
    unknown_annotations,
    wants,
    wish_of,
)

USUAL = Wish()
PARSE = {ask.name: ask.parse for ask in ASKS}


def test_each_field_of_a_wish_has_its_row():
    assert [one.name for one in fields(Wish)] == [
        ask.field
        for ask in sorted(
            ASKS, key=lambda a: [f.name for f in fields(Wish)].index(a.field)
        )
    ]
    assert len({ask.name for ask in ASKS}) == len(fields(Wish))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "image",
            "registry:5000/a/jmx-bridge@sha256:00",
            "registry:5000/a/jmx-bridge@sha256:00",
        ),
        ("pull-policy", "ifnotpresent", "IfNotPresent"),
        ("packs", "tomcat, jvm", ("tomcat", "jvm")),
        ("packs", "", ()),
        ("rules", "shop-rules", ConfigMapKey("shop-rules", "rules.yml")),
        ("rules", "shop/a.yml", ConfigMapKey("shop", "a.yml")),
        ("attach", "auto", "auto"),
        ("attach", "/kafka\\.Kafka/", "/kafka\\.Kafka/"),
        ("target", "localhost:9999", "localhost:9999"),
        ("user", "1000", 1000),
        ("user", "namespace", "namespace"),
        ("group", "0", 0),
        ("container", "app-1", "app-1"),
        ("port", "9404", 9404),
        ("classic", "true", True),
        ("annotations", "no", False),
        (
            "resources",
            "cpu=0.1, memory=128Mi/1Gi",
            (Resource("cpu", "0.1"), Resource("memory", "128Mi", "1Gi")),
        ),
    ],
)
def test_a_text_means_a_value(name, text, expected):
    assert PARSE[name](text) == expected


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("image", "", "must be the name of an image"),
        ("image", "a b", "must be the name of an image"),
        ("pull-policy", "often", "must be one of always, ifnotpresent, never"),
        ("packs", "tomcta", "there is no pack 'tomcta'"),
        ("rules", "Shop", 'must be the name of a ConfigMap, or "NAME/KEY"'),
        ("rules", "shop/..", 'must be the name of a ConfigMap, or "NAME/KEY"'),
        ("rules", "shop/", 'must be the name of a ConfigMap, or "NAME/KEY"'),
        (
            "attach",
            "all",
            "must be auto, a PID, or a regular expression between slashes",
        ),
        ("target", "7199", 'must be "HOST:PORT"'),
        ("user", "0", "must not be 0: the sidecar never runs as root"),
        ("user", "tomcat", "must be a number, or namespace"),
        ("group", "2147483648", "must be a number, or namespace"),
        ("container", "A", "must be the name of a container"),
        ("port", "80", "the port must be a number from 1024 to 65535"),
        ("port", "70000", "the port must be a number from 1024 to 65535"),
        ("classic", "maybe", "must be true or false"),
        (
            "resources",
            "cpu",
            "must be NAME=REQUEST or NAME=REQUEST/LIMIT (found 'cpu')",
        ),
        (
            "resources",
            "gpu=1",
            "must be NAME=REQUEST or NAME=REQUEST/LIMIT (found 'gpu=1')",
        ),
        ("resources", "cpu=1,cpu=2", "cpu is here twice"),
        ("resources", "cpu=0", "cpu: must be an amount such as 50m (found '0')"),
        ("resources", "cpu=0.1m", "cpu: must be an amount such as 50m (found '0.1m')"),
        (
            "resources",
            "memory=128Mi/",
            "memory: must be an amount such as 128Mi (found '')",
        ),
        ("resources", "memory=1Gi/1G", "memory: the limit is less than the request"),
        (
            "resources",
            "memory=1m",
            "memory: must be an amount such as 128Mi (found '1m')",
        ),
    ],
)
def test_a_text_that_means_nothing_has_a_message(name, text, message):
    with pytest.raises(BadText) as caught:
        PARSE[name](text)

    assert str(caught.value) == message


def wished(otherwise: Wish = USUAL, **annotations: object) -> Wish:
    named = {PREFIX + name.replace("_", "-"): one for name, one in annotations.items()}
    return wish_of(named, otherwise)


def test_annotations_beat_what_is_wished_otherwise():
    wish = wished(Wish(packs=("kafka",), port=9404), packs="tomcat")

    assert wish == Wish(packs=("tomcat",), port=9404)


@pytest.mark.parametrize(
    ("annotation", "text", "otherwise"),
    [
        ("attach", "auto", Wish(target="127.0.0.1:7199")),
        ("target", "127.0.0.1:7199", Wish(attach="auto")),
    ],
)
def test_a_pod_that_names_one_way_to_its_jvm_does_not_get_the_other(
    annotation, text, otherwise
):
    assert wished(otherwise, **{annotation: text}) == Wish(**{annotation: text})


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(BadWish) as caught:
        wished(packs="tomcta", user=1000, attach="auto", target="a:1")

    assert caught.value.problems == (
        "jmx-bridge.io/packs: there is no pack 'tomcta'; did you mean \"tomcat\"?",
        "jmx-bridge.io/user: must be a text; put it in quotes",
        "jmx-bridge.io/attach: leave it or jmx-bridge.io/target out",
    )


def test_an_annotation_that_nobody_knows_is_told():
    known = {PREFIX + "inject": "true", "jmx-bridge.io/pack": "tomcat", "other/x": ""}

    assert unknown_annotations(known) == (
        'jmx-bridge.io/pack: unknown annotation; did you mean "jmx-bridge.io/packs"?',
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("false", False), ("", None), ("maybe", None), (True, None)],
)
def test_whether_a_pod_wants_it(value, expected):
    assert wants({"jmx-bridge.io/inject": value}) is expected
    assert wants({}) is None
