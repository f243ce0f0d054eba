"""Writes deploy/ from specs/: dashboards, alerts, and the alerts' tests. `--check` compares."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml
from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    prometheus,
    stat,
    timeseries,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import LegendDisplayMode, LegendPlacement
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
)
from specs import SPECS
from specs.words import Alert, Panel, Spec

ROOT = Path(__file__).parents[2]
OUT = ROOT / "deploy"
SELECTOR = 'job=~"$job", instance=~"$instance"'
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
ABOUT = "Written by tools/deploy/make.py; changes belong in tools/deploy/specs."


def board(name: str, spec: Spec) -> str:
    """A dashboard as Grafana imports it."""
    first = next(
        query.expr for _, panels in spec.rows for one in panels for query in one.queries
    )
    metric = first[: first.index("{SEL")].split("(")[-1].split()[-1]
    builder = (
        dashboard.Dashboard(spec.title)
        .uid(f"jmx-bridge-{name}")
        .description(f"Needs {spec.needs}. {ABOUT}")
        .tags(["jmx-bridge", name])
        .refresh("30s")
        .time("now-1h", "now")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(
            dashboard.DatasourceVariable("datasource")
            .label("Data source")
            .type("prometheus")
        )
        .with_variable(variable("job", f"label_values({metric}, job)"))
        .with_variable(
            variable("instance", f'label_values({metric}{{job=~"$job"}}, instance)')
        )
    )
    for index, (title, panels) in enumerate(spec.rows):
        builder = builder.with_row(dashboard.Row(title))
        for one in panels:
            made = number(one, len(panels)) if index == 0 else graph(one)
            builder = builder.with_panel(made)
    return JSONEncoder(sort_keys=True, indent=2).encode(builder.build()) + "\n"


def variable(name: str, query: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(name.capitalize())
        .datasource(SOURCE)
        .query(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
        .all_value(".*")
    )


def targets(one: Panel) -> list[prometheus.Dataquery]:
    made = []
    for index, query in enumerate(one.queries):
        target = (
            prometheus.Dataquery()
            .expr(query.expr.replace("SEL", SELECTOR))
            .ref_id("ABCDEF"[index])
        )
        made.append(target.legend_format(query.legend) if query.legend else target)
    return made


def thresholds(one: Panel) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=None, color="green")]
    steps += [Threshold(value=one.warn, color="orange")] * (one.warn is not None)
    steps += [Threshold(value=one.bad, color="red")] * (one.bad is not None)
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def number(one: Panel, count: int) -> stat.Panel:
    made = stat.Panel().title(one.title).unit(one.unit).datasource(SOURCE)
    made = made.thresholds(thresholds(one)).span(24 // count).height(4)
    for target in targets(one):
        made = made.with_target(target)
    return made


def graph(one: Panel) -> timeseries.Panel:
    legend = common.VizLegendOptions().show_legend(True)
    legend = legend.display_mode(LegendDisplayMode.LIST).placement(
        LegendPlacement.BOTTOM
    )
    made = timeseries.Panel().title(one.title).unit(one.unit).datasource(SOURCE)
    made = made.legend(legend).fill_opacity(8).span(12).height(8)
    for target in targets(one):
        made = made.with_target(target)
    return made


def alerts(name: str, spec: Spec) -> str:
    rules = [
        {
            "alert": one.name,
            "expr": one.expr,
            **({"for": f"{one.minutes}m"} if one.minutes else {}),
            "labels": {"severity": one.severity},
            "annotations": {"summary": one.summary},
        }
        for one in spec.alerts
    ]
    groups = {"groups": [{"name": f"jmx-bridge-{name}", "rules": rules}]}
    return f"# {ABOUT}\n" + yaml.safe_dump(groups, sort_keys=False, width=120)


def tests(name: str, spec: Spec) -> str:
    """One firing and one calm case for each alert."""
    cases = [case for one in spec.alerts for case in both(one)]
    document = {
        "rule_files": [f"{name}.yml"],
        "evaluation_interval": "1m",
        "tests": cases,
    }
    return f"# {ABOUT}\n" + yaml.safe_dump(document, sort_keys=False, width=120)


def both(one: Alert) -> list[dict]:
    series = [{"series": key, "values": values} for key, values in one.given]
    labels = {"job": "j", "instance": "i", "severity": one.severity, **one.labels}
    labels = {key: value for key, value in labels.items() if value}
    expected = {"exp_labels": labels, "exp_annotations": {"summary": one.told}}
    at = f"{one.minutes + 6}m"
    return [
        {
            "name": f"{one.name} fires",
            "interval": "1m",
            "input_series": series,
            "alert_rule_test": [
                {"eval_time": at, "alertname": one.name, "exp_alerts": [expected]}
            ],
        },
        {
            "name": f"{one.name} is calm without data",
            "interval": "1m",
            "input_series": [{"series": 'up{job="j", instance="i"}', "values": "1x40"}],
            "alert_rule_test": [
                {"eval_time": at, "alertname": one.name, "exp_alerts": []}
            ],
        },
    ]


def main() -> int:
    made = {}
    for name, spec in SPECS.items():
        made[OUT / "dashboards" / f"{name}.json"] = board(name, spec)
        made[OUT / "alerts" / f"{name}.yml"] = alerts(name, spec)
        made[OUT / "alerts" / f"{name}.test.yml"] = tests(name, spec)
    stale = [
        path
        for path, text in made.items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what tools/deploy/make.py writes")
        return bool(stale)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path], "utf-8")
    json.loads((OUT / "dashboards" / "jvm.json").read_text("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
