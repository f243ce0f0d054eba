"""What an API server asks, and what it is answered."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reviews import asked, patch_of, pod_of, review_of

from jmx_bridge.admission import BadReview, Verdict, answer, read_review
from jmx_bridge.admission.review import MOST_NESTING, MOST_WARNINGS, PODS, Resource
from jmx_bridge.inject.edits import Edit


def test_a_review_tells_of_the_pod_and_where_it_shall_be():
    review = review_of(namespace="shop", operation="CREATE")

    assert review.uid == "705ab4f5-6393-11e8-b7cc-42010a800002"
    assert (review.namespace, review.operation) == ("shop", "CREATE")
    assert review.resource == PODS
    assert review.pod == pod_of()


def test_a_subresource_is_none_of_a_pods_creation():
    review = review_of(subResource="binding")

    assert review.resource == Resource("", "v1", "pods", "binding")


def test_without_an_object_there_is_an_empty_one():
    assert review_of(object=None).pod == {}


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "the body is no JSON"),
        (b"{", "the body is no JSON"),
        (b"\xff\xfe", "the body is no JSON"),
        (b"[" * 100_000, "the body is no JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "the body is no JSON"),
        (b'{"a": NaN}', "the body is no JSON"),
        (b"1" * 10_000, "the body is no JSON"),
        (b"[]", "the body is no object"),
        (b"{}", "the body is no AdmissionReview of admission.k8s.io/v1"),
    ],
)
def test_a_body_that_is_no_review_is_refused_in_one_line(body, problem):
    with pytest.raises(BadReview) as caught:
        read_review(body)

    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"uid": ""}, "request.uid has no characters, or more than 128"),
        ({"uid": "x" * 129}, "request.uid has no characters, or more than 128"),
        ({"uid": 1}, "request.uid is no text"),
        ({"resource": None}, "request.resource is no object"),
        ({"resource": {"resource": ["pods"]}}, "request.resource is no text"),
        ({"namespace": {}}, "request.namespace is no text"),
        ({"operation": 3}, "request.operation is no text"),
        ({"object": [1]}, "request.object is no object"),
        (
            {"object": {"spec": nested(MOST_NESTING)}},
            f"request has more than {MOST_NESTING} levels",
        ),
    ],
)
def test_a_request_of_another_shape_is_refused_in_one_line(more, problem):
    with pytest.raises(BadReview) as caught:
        review_of(**more)

    assert str(caught.value) == problem


def test_another_version_of_the_api_is_refused():
    review = asked() | {"apiVersion": "admission.k8s.io/v1beta1"}

    with pytest.raises(BadReview, match="is no AdmissionReview"):
        read_review(json.dumps(review).encode())


texts = st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.binary() | values.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_a_review_or_refused(body):
    with pytest.raises(BadReview) as caught:
        read_review(body)

    assert "\n" not in str(caught.value)


# -- the answer ------------------------------------------------------------------------------------


def test_the_answer_repeats_what_was_asked_and_allows_it():
    review = review_of()
    said = json.loads(answer(review, Verdict("not_asked")))

    assert said == {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": {
            "uid": review.uid,
            "allowed": True,
            "auditAnnotations": {"outcome": "not_asked"},
        },
    }


def test_edits_are_one_patch():
    edits = (Edit("add", "/metadata/labels", {"a": "b"}), Edit("remove", "/spec/x"))
    body = answer(review_of(), Verdict("injected_now", edits=edits, injected=True))

    assert json.loads(body)["response"]["patchType"] == "JSONPatch"
    assert patch_of(body) == [
        {"op": "add", "path": "/metadata/labels", "value": {"a": "b"}},
        {"op": "remove", "path": "/spec/x"},
    ]


def warned(*warnings: str) -> list[str]:
    body = answer(review_of(), Verdict("bad_annotation", warnings=warnings))
    return json.loads(body)["response"].get("warnings", [])


def test_warnings_are_few_and_none_is_long():
    found = warned(*(f"{at}{'x' * 1000}" for at in range(50)))

    assert len(found) == MOST_WARNINGS
    assert {len(one) for one in found} == {240}
    assert sum(map(len, found)) < 4096


def test_a_warning_is_one_line_that_a_header_can_carry():
    assert warned("a\r\nB: c\x00\ud800") == ["jmx-bridge: a  B: c  "]
