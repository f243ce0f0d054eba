"""The PodMonitors behind a file's manifests."""

from __future__ import annotations

import pytest
import yaml

from jmx_bridge.inject.monitor import with_monitors, without_monitors

TEXTS = [
    "a: 1\n",
    "a: 1",
    "a: 1\r\n",
    "a: 1\r\nb: 2",
    "---\na: 1\n---\n",
    "a: 1\n...\n",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("namespaces", [[""], ["shop"], ["a", "b"]])
def test_they_are_added_and_taken_away(text, namespaces):
    new = with_monitors(text, namespaces)

    assert without_monitors(new) == text
    found = [one for one in yaml.safe_load_all(new) if one and "kind" in one]
    assert [one["metadata"].get("namespace", "") for one in found] == namespaces
    assert new.endswith("\n") == text.endswith("\n")


def test_none_is_added_for_nobody():
    assert with_monitors("a: 1", []) == "a: 1"


@pytest.mark.parametrize(
    "change", ["  labels: {a: b}\nspec:", "  namespace: a\n  b: c\nspec:"]
)
def test_one_that_was_changed_is_somebody_elses(change):
    text = with_monitors("a: 1\n", [""]).replace("spec:", change)

    assert without_monitors(text) == text
