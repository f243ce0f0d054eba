"""AdmissionReview, version 1: what an API server asks before it stores an object, and the answer."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .verdict import Verdict

API, KIND = "admission.k8s.io/v1", "AdmissionReview"
MOST_NESTING = 100
"""A pod has some twenty levels, with what the server notes of its fields."""
LONGEST_UID = 128
LONGEST_WARNING, MOST_WARNINGS = 240, 10
"""An API server may cut a warning after 256 characters, and all of them after 4,096."""


class BadReview(ValueError):
    """A body that is no review; says why in one line, without words of the body."""


class Resource(NamedTuple):
    """What kind of object it is about."""

    group: str
    version: str
    resource: str
    subresource: str = ""


PODS = Resource("", "v1", "pods")


@dataclass(frozen=True, slots=True)
class Review:
    """A request for admission."""

    uid: str
    """Of the request; its answer repeats it."""
    resource: Resource
    operation: str
    """CREATE, UPDATE, DELETE or CONNECT."""
    namespace: str
    """Of the object, which may not say it itself."""
    pod: Mapping[str, Any]
    """The object; {} where there is none."""


def read_review(body: bytes) -> Review:
    """Return what a request's body asks; raises BadReview."""
    review = _object("the body", _parsed(body))
    if (review.get("apiVersion"), review.get("kind")) != (API, KIND):
        raise BadReview(f"the body is no {KIND} of {API}")
    request = _object("request", review.get("request"))
    if _deep(request):
        raise BadReview(f"request has more than {MOST_NESTING} levels")
    uid = _text(request, "uid")
    if not uid or len(uid) > LONGEST_UID:
        raise BadReview(f"request.uid has no characters, or more than {LONGEST_UID}")
    resource = _object("request.resource", request.get("resource"))
    return Review(
        uid,
        Resource(
            _text(resource, "group"),
            _text(resource, "version"),
            _text(resource, "resource"),
            _text(request, "subResource"),
        ),
        _text(request, "operation"),
        _text(request, "namespace"),
        _object("request.object", request.get("object") or {}),
    )


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        # Python's own message quotes nothing, but says where, which helps nobody here.
        raise BadReview("the body is no JSON") from None


def _refuse_constant(_: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python takes for JSON."""
    raise ValueError


def _object(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadReview(f"{name} is no object")
    return value


def _text(parent: Mapping[str, Any], name: str) -> str:
    value = parent.get(name, "")
    if not isinstance(value, str):
        raise BadReview(f"request.{name} is no text")
    return value


def _deep(value: object) -> bool:
    """Whether objects and lists are within each other more than MOST_NESTING times."""
    level = [value]
    for _ in range(MOST_NESTING):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def answer(review: Review, verdict: Verdict) -> bytes:
    """Return the body of the answer, which allows the object in any case."""
    response: dict[str, object] = {"uid": review.uid, "allowed": True}
    if verdict.edits:
        patch = json.dumps([edit.json() for edit in verdict.edits])
        response["patchType"] = "JSONPatch"
        response["patch"] = b64encode(patch.encode()).decode()
    if warnings := [*_warnings(verdict.warnings)]:
        response["warnings"] = warnings
    if verdict.reason:
        response["auditAnnotations"] = {"outcome": verdict.reason}
    text = json.dumps({"apiVersion": API, "kind": KIND, "response": response})
    return text.encode()


def _warnings(texts: Iterable[str]) -> Iterator[str]:
    """Yield texts as a header of HTTP can carry them; few, and none too long."""
    for text, _ in zip(texts, range(MOST_WARNINGS), strict=False):
        line = "".join(char if char.isprintable() else " " for char in text)
        line = f"jmx-bridge: {line}"
        most = LONGEST_WARNING
        yield line if len(line) <= most else f"{line[: most - 3]}..."
