"""What the Helm chart has of alerts and dashboards: the same, with marks where its values go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import alerts
from specs.words import Spec

RUNBOOKS = "@runbooks@"
"""Stands before a runbook's name."""


def files(specs: Mapping[str, Spec], boards: Mapping[str, str]) -> dict[Path, str]:
    """
    The files below the chart's `files`, and what belongs into them.

    In alerts @NAME@ is the threshold of that name; the chart puts its value there.
    *boards* are the dashboards by name; they take half the room on one line each.
    """
    made = {Path("thresholds.yml"): alerts.thresholds(specs)}
    for name, spec in specs.items():
        if spec.alerts:
            marks = {key: f"@{key}@" for key in spec.thresholds}
            rules = alerts.rules(name, spec, marks, RUNBOOKS)
            made[Path("alerts", f"{name}.yml")] = alerts.dumped(rules)
    for name, board in boards.items():
        line = json.dumps(json.loads(board), separators=(",", ":"), ensure_ascii=False)
        made[Path("dashboards", f"{name}.json")] = f"{line}\n"
    return made
