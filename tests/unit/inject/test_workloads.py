"""Where pod templates are in the kinds of objects that have one."""

from __future__ import annotations

import pytest
from templates import pod

from jmx_bridge.inject import template_path


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Pod", ()),
        ("PodTemplate", ("template",)),
        ("CronJob", ("spec", "jobTemplate", "spec", "template")),
        ("Deployment", ("spec", "template")),
        ("Job", ("spec", "template")),
        ("Rollout", ("spec", "template")),
    ],
)
def test_each_kind_has_it_in_its_place(kind, path):
    document = pod()
    for key in reversed(path):
        document = {key: document}

    assert template_path({**document, "apiVersion": "x/v1", "kind": kind}) == path


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"apiVersion": "v1", "kind": "Service", "spec": {"ports": []}},
        {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": []}},
        {"apiVersion": "v1", "kind": "Pod", "spec": None},
        {"apiVersion": "v1", "kind": ["Pod"], **pod()},
        {"kind": "Pod", **pod()},
        {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": [1]}},
    ],
)
def test_what_has_none_is_left_alone(document):
    assert template_path(document) is None
