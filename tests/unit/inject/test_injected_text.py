"""Manifests as text: what isn't added stays byte for byte, in whatever way it is written."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from templates import TEMPLATES

from jmx_bridge.inject import applied, inject_as_annotated
from jmx_bridge.inject.manifests import injected_text
from jmx_bridge.inject.plan import Injection
from jmx_bridge.inject.yamltext import BadYaml
from jmx_bridge.settings.wish import ConfigMapKey, Wish

RULED = Wish(rules=ConfigMapKey("r"))
ATTACHED = Wish(attach="auto", user=5, group=5, annotations=True)


def there_and_back(text: str, wish: Wish = RULED) -> str:
    """The text with the sidecar in it, which a second run leaves alone, and --remove takes back."""
    result = injected_text(text, wish)

    again = injected_text(result.text, wish)
    back = injected_text(result.text, None)

    assert again.text == result.text
    assert {one.what for one in again.told} <= {"unchanged", "skipped"}
    assert back.text == text
    return result.text


def injected(text: str, wish: Wish = RULED) -> str:
    new = there_and_back(text, wish)
    assert new != text
    return new


def told(text: str, wish: Wish | None = RULED) -> list[str]:
    return [
        f"{one.place.line}:{one.place.column} {one.what}: {one.why}"
        for one in injected_text(text, wish).told
    ]


def names(text: str) -> list[str]:
    spec = yaml.safe_load(text)["spec"]["template"]["spec"]
    return [one["name"] for one in spec["initContainers"]]


DEPLOYMENT = """\
# A Deployment.
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
      - name: "a"   # quoted
        args: [a, b] # last
"""
ENDS = {
    "comment behind": "      # trailing\n\n",
    "another document": "---\n# nothing\n",
    "end of document": "...\n",
    "plain over lines": "        command:\n        - a\n          b\n",
    "literal": "        command:\n        - |\n          a\n\n      dnsPolicy: x\n",
    "literal that keeps": "        command:\n        - |+\n          a\n\n\n...\n",
    "literal that keeps, and more": "        command:\n        - |2+\n            a\n\n\n      dnsPolicy: x\n",
    "folded that strips": "        command:\n        - >-\n          a\n          b\n\n  replicas: 1\n",
    "quoted over lines": '        command:\n        - "a\n\n          b"\n',
    "flow over lines": "        command: [a,\n          b, # c\n        ] # d\n",
    "empty value": "        command:\n",
    "empty item": "        command:\n        -\n",
    "key with a question": "        ? command\n        : [a]\n",
    "no init containers": "      initContainers: []\n",
    "null": "      initContainers: null # none\n",
    "nothing": "      initContainers:\n      volumes:   # later\n",
    "nothing at the end": "        volumeMounts:\n      volumes:\n",
    "tilde": "      volumes: ~\n      initContainers:\n      - name: i\n",
    "indented": "      initContainers:\n        - name: i\n",
    "far indented": "      initContainers:\n          -   name: i\n              image: x\n",
    "dash alone": "      initContainers:\n      -\n        name: i\n",
    "in flow": "      initContainers: [{name: i, image: x}]\n",
    "in flow, over lines": "      initContainers: [\n        {name: i},\n      ]\n",
    "trailing comma": "      initContainers: [{name: i}, ]\n",
    "volumes": "      volumes:\n      - name: v # v\n      # more\n",
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("eol", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["", "no last line break"])
def test_a_deployment_gets_it_however_it_is_written(end, eol, last):
    text = DEPLOYMENT + end
    text = (text if last else text.rstrip("\n")).replace("\n", eol)

    new = injected(text)

    assert names(new.partition("\n---")[0])[-1] == "jmx-bridge"
    assert new.count("\n") == new.count(eol)


def test_a_literal_at_the_very_end_would_mean_something_else_then():
    text = DEPLOYMENT + "        command:\n        - |\n          a"

    assert injected_text(text, RULED).text == text
    assert "nothing can be added to" in told(text)[0]
    injected(text + "\n")


METADATA = {
    "empty": "metadata:\n",
    "null": "metadata: null # c\n",
    "braces": "metadata: {}\n",
    "braces with a gap": "metadata: { }\n",
    "labels": "metadata:\n      labels:\n        a: b\n",
    "labels in flow": "metadata: {labels: {a: b}}\n",
    "null in flow": "metadata: {labels: , annotations: null}\n",
    "null in flow, tight": "metadata: {labels: , annotations: ~ }\n",
    "far indented": "metadata:\n          labels:\n                a: b\n",
    "quoted keys": "\"metadata\":\n      'labels': {'a': b}\n",
    "tagged": "metadata: !!map\n      labels: &unused\n        a: !!str b\n",
}


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA)
def test_its_labels_and_annotations_go_where_others_are(metadata):
    text = DEPLOYMENT.replace("    spec:", f"    {metadata}    spec:")

    new = yaml.safe_load(injected(text, ATTACHED))["spec"]["template"]

    assert new["metadata"]["labels"]["jmx-bridge.io/injected"] == "true"
    assert new["metadata"]["annotations"]["prometheus.io/scrape"] == "true"
    assert new["spec"]["shareProcessNamespace"] is True


def test_blocks_are_indented_as_the_files_own():
    text = DEPLOYMENT.replace("      - name", "          - name").replace(
        "        args", "            args"
    )

    new = injected(text)

    assert "      initContainers:\n          - name: jmx-bridge\n" in new


def item(name: str) -> dict:
    spec = {"containers": [{"name": name}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


@pytest.mark.parametrize("indent", [None, 1, 2, 4])
@pytest.mark.parametrize("end", ["", "\n"])
def test_json_stays_json(indent, end):
    many = {"apiVersion": "v1", "kind": "List", "items": [item("a"), item("b")]}
    text = json.dumps(many, indent=indent) + end

    new = json.loads(injected(text))

    for pod in new["items"]:
        assert pod["spec"]["initContainers"][0]["name"] == "jmx-bridge"


def test_documents_without_pods_are_not_even_read():
    text = "{{ no YAML }}\n---\n" + DEPLOYMENT + "---\n\t: [\n"

    assert injected(text).startswith("{{ no YAML }}\n")


def test_what_is_wished_otherwise_takes_the_place_of_what_is_there():
    first = injected(DEPLOYMENT, Wish(image="a:1"))
    second = injected_text(first, Wish(image="a:2", classic=True))

    assert second.told[0].what == "injected"
    assert second.text == injected(DEPLOYMENT, Wish(image="a:2", classic=True))


def test_what_can_not_be_done_anew_stays_as_it_is():
    first = injected(DEPLOYMENT)

    result = injected_text(first, Wish(attach="auto"))

    assert result.text == first
    assert result.told[0].what == "skipped"
    assert "nothing says which user" in result.told[0].why


def test_only_pods_that_ask_for_it():
    asked = DEPLOYMENT.replace(
        "    spec:",
        "    metadata: {annotations: {jmx-bridge.io/inject: 'true'}}\n    spec:",
    )

    both = injected_text(f"{DEPLOYMENT}---\n{asked}", RULED, annotated=True)

    assert [one.what for one in both.told] == ["skipped", "injected"]
    assert both.told[1].namespace == "shop"


SHARED = {
    "alias": (
        "x: &t {labels: {a: b}}\n",
        "    metadata: *t\n    spec:",
        "8:15 skipped: an alias stands where something would be added",
    ),
    "anchor": (
        "",
        "    metadata: {labels: &l {a: b}}\n    spec:\n      nodeSelector: *l",
        "7:24 skipped: the anchor &l stands where something would be added, for its aliases, too",
    ),
    "merged": (
        "x: &t {labels: {a: b}}\n",
        "    metadata: {<<: *t}\n    spec:",
        "8:15 skipped: labels comes from a merged map, so it can't be changed here",
    ),
}


@pytest.mark.parametrize(("head", "spec", "expected"), SHARED.values(), ids=SHARED)
def test_where_more_would_change_nothing_is_changed(head, spec, expected):
    text = head + DEPLOYMENT.replace("    spec:", spec)

    assert told(text) == [expected]
    assert injected_text(text, RULED).text == text


def test_aliases_elsewhere_are_no_matter():
    text = (
        DEPLOYMENT.replace(
            '"a"   # quoted', "&n a\n        env: &e [{name: A, value: *n}]"
        )
        + "      - {name: b, env: *e, <<: {image: x}}\n"
    )

    injected(text)


BOMB = "a: &a [1,2,3,4,5,6,7,8,9]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "bomb": (
        BOMB + DEPLOYMENT.replace("args: [a, b]", "args: *i"),
        "more than 100,000 values, all aliases written out",
    ),
    "itself": (
        DEPLOYMENT.replace("args: [a, b]", "args: &x [*x]"),
        "an alias contains itself",
    ),
    "deep, in lines": (
        DEPLOYMENT + f"        x:\n        {'- ' * 300}a\n",
        "more than 200 levels",
    ),
    "deep": (
        DEPLOYMENT.replace("[a, b]", "[" * 100_000),
        "invalid YAML: exceeded maximum nesting depth",
    ),
    "no YAML": (DEPLOYMENT.replace("[a, b]", "[a, b"), "invalid YAML: "),
    "tab": (DEPLOYMENT.replace("        args", "\targs"), "invalid YAML: "),
    "control": (DEPLOYMENT.replace("[a, b]", "\x01"), "invalid YAML: "),
    "no such alias": (DEPLOYMENT.replace("[a, b]", "*no"), "undefined alias 'no'"),
    "twice": (
        DEPLOYMENT + "        args: []\n",
        "the key 'args' is here twice",
    ),
    "list as a key": (DEPLOYMENT + "        [a]: b\n", "a key must be a text"),
    "number": (
        DEPLOYMENT.replace("[a, b]", "!!int x"),
        "a value of an unknown or unfitting type (found 'tag:yaml.org,2002:int')",
    ),
    "python": (
        DEPLOYMENT.replace("[a, b]", "!!python/name:os.system x"),
        "a value of an unknown or unfitting type",
    ),
    "template": (DEPLOYMENT.replace("[a, b]", "{{ x }}"), "a key must be a text"),
    "merge of a text": (
        DEPLOYMENT + "        <<: x\n",
        "only maps can be merged",
    ),
}


@pytest.mark.parametrize(("text", "message"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_wrong_is_told_with_its_place(text, message):
    with pytest.raises(BadYaml) as caught:
        injected_text(f"# first\n---\n{text}", RULED)

    assert str(caught.value).startswith(message)
    assert caught.value.place.line > 2 or "control" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "containers",
        "- containers",
        "containers: 1",
        "kind: List\nitems: [containers]",
        "kind: List\nitems: containers",
        "kind: {}\napiVersion: v1\nspec: {containers: [{name: a}]}",
        "kind: Pod\napiVersion: v1\nspec: {containers: {a: b}}",
        "kind: Pod\napiVersion: v1\nspec: [containers]",
        "%YAML 1.1\n---\ncontainers\n",
    ],
)
def test_what_has_no_pod_template_is_left_alone(text):
    result = injected_text(text, RULED)

    assert result.text == text
    assert result.told == []


@pytest.mark.parametrize("containers", ["[a]", "[{image: x}]", "[{name: 3}]"])
def test_a_pod_of_the_wrong_types_is_skipped(containers):
    text = f"kind: Pod\napiVersion: v1\nspec: {{containers: {containers}}}\n"

    assert told(text) == ["0:0 skipped: spec.containers[0] is no map with a name"]


# -- any ----------------------------------------------------------------------------------------------

STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([False, None, True]),
        "indent": st.integers(2, 6),
        "width": st.sampled_from([20, 80, 10_000]),
        "default_style": st.sampled_from([None, "'", '"']),
        "line_break": st.sampled_from(["\n", "\r\n"]),
    }
)


@settings(deadline=None, max_examples=40)
@given(TEMPLATES, STYLES, st.sampled_from([RULED, ATTACHED, Wish(classic=True)]))
def test_any_template_in_any_style_gets_what_a_pod_gets(template, style, wish):
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "spec": {"template": template},
    }
    text = yaml.dump(document, Dumper=NoAliases, **style)
    outcome = inject_as_annotated(template, wish)

    new = there_and_back(text, wish)

    after = yaml.safe_load(new)["spec"]["template"]
    if isinstance(outcome, Injection):
        expected = applied(template, outcome.edits)
        for one in (after, expected):
            del one["metadata"]["annotations"]["jmx-bridge.io/status"]
        assert after == expected
    else:
        assert new == text


class NoAliases(yaml.SafeDumper):
    """As templates may share objects."""

    def ignore_aliases(self, data: object) -> bool:
        return True
