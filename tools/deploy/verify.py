"""What no dashboard and no alert may lack; each problem is a line for whoever writes a spec."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import runbooks
from alerts import branches
from served import asked, served
from specs.words import Alert, Kind, Panel, Spec

SEVERITIES = ("critical", "warning")
FIXED = re.compile(r"\b(?:rate|irate|increase)\([^][]*\[(?!\$__rate_interval\])[^]]*\]")


def problems(specs: Mapping[str, Spec], boards: Mapping[str, str]) -> Iterator[str]:
    """Yield all that is wrong with specs and their dashboards."""
    known = served()
    for name, spec in specs.items():
        for one in spec.rows:
            for each in one.panels:
                yield from (f"{name}: {each.title}: {why}" for why in of_panel(each))
        for alert in spec.alerts:
            yield from (f"{name}: {alert.name}: {why}" for why in of_alert(alert))
        yield from (f"{name}: {why}" for why in of_thresholds(spec))
        exprs = [
            *expressions(json.loads(boards.get(name, "{}"))),
            *(one.expr for one in spec.alerts),
        ]
        names = {metric for expr in exprs for metric in asked(expr)}
        for metric in sorted(names):
            if not known.fullmatch(metric):
                yield f"{name}: nothing serves {metric}"
    yield from runbooks.problems(specs)


def of_panel(one: Panel) -> Iterator[str]:
    if not one.about:
        yield "no description"
    if not one.unit or one.unit == "bool":
        yield "no unit" if not one.unit else "the unit bool: use states"
    for column in one.columns:
        if not (column.unit or column.states or column.label):
            yield f"column {column.title} has no unit"
    if one.kind is Kind.STATES and not one.states:
        yield "no states"
    for query in one.queries:
        if FIXED.search(query.expr):
            yield "a rate over a fixed time: use $__rate_interval"
    if len(one.queries) > 1 and not all(query.legend for query in one.queries):
        yield "several queries, and not all have legends"


def of_alert(one: Alert) -> Iterator[str]:
    if not one.description:
        yield "no description"
    if "$value" in one.summary + one.description and not one.value:
        yield "value is missing: what $value is in the test"
    if not one.healthy:
        yield "no healthy series to be calm with"
    if len(branches(one.expr)) > 1 + len(one.ways):
        yield "a branch after an `or` has no series that fulfil it (ways)"
    if one.severity not in SEVERITIES:
        yield f"severity {one.severity!r}"


def of_thresholds(spec: Spec) -> Iterator[str]:
    used = {name for one in spec.alerts for name in re.findall(r"\$(\w+)", one.expr)}
    for name in sorted(used - spec.thresholds.keys()):
        yield f"no threshold is called {name}"
    for name in sorted(spec.thresholds.keys() - used):
        yield f"no alert uses the threshold {name}"


def expressions(node: Any) -> Iterator[str]:
    """Yield the PromQL of a dashboard: of its panels, annotations and variables."""
    if isinstance(node, dict):
        if isinstance(node.get("expr"), str):
            yield node["expr"]
        if node.get("type") == "query" and isinstance(node.get("query"), str):
            yield node["query"].removeprefix("label_values(").rpartition(",")[0]
        for child in node.values():
            yield from expressions(child)
    elif isinstance(node, list):
        for child in node:
            yield from expressions(child)
