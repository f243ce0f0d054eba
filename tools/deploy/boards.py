"""A spec as a dashboard for Grafana."""

from __future__ import annotations

import json
from typing import Any

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    GridPos,
    VariableOption,
    VariableRefresh,
    VariableSort,
)
from layout import placed
from panels import SOURCE, built, filled
from specs.words import WHO, Row, Spec, now, of_jvms

ABOUT = "Written by tools/deploy/make.py; changes belong in tools/deploy/specs."
TAG = "jmx-bridge"
FLEET = "fleet"


def board(name: str, spec: Spec) -> str:
    """A dashboard as Grafana imports it."""
    made = (
        dashboard.Dashboard(spec.title)
        .uid(f"jmx-bridge-{name}")
        .description(f"Needs {spec.needs}. {ABOUT}")
        .tags([TAG, name])
        .refresh("30s")
        .time("now-1h", "now")
        .tooltip(DashboardCursorSync.CROSSHAIR)
    )
    for choice in variables(spec):
        made = made.with_variable(choice)
    for note in notes(shown=name != FLEET):
        made = made.annotation(note)
    for link in links(name):
        made = made.link(link)
    y = 0
    for one in spec.rows:
        made, y = with_row(made, one, y)
    document = json.loads(JSONEncoder().encode(made.build()))
    for one in (*document["annotations"]["list"], *document["links"]):
        # In the menu, says the SDK, where nobody sees them.
        del one["placement"]
    return json.dumps(document, sort_keys=True, indent=2) + "\n"


def with_row(
    made: dashboard.Dashboard, one: Row, y: int
) -> tuple[dashboard.Dashboard, int]:
    """Add a row at height *y*; return where the next one begins."""
    title = dashboard.Row(one.title).grid_pos(GridPos(x=0, y=y, w=24, h=1))
    places = list(placed(one.panels, y + 1))
    if one.repeat:
        # Closed, so that a hundred of them ask nothing until somebody opens one.
        title = title.repeat(one.repeat)
        for each, place in places:
            title = title.with_panel(built(each, place))
        return made.with_row(title), y + 1
    made = made.with_row(title)
    for each, place in places:
        made = made.with_panel(built(each, place))
    return made, max(place.y + place.height for _, place in places)


# -- variables ---------------------------------------------------------------------------------


def variables(spec: Spec) -> list[Any]:
    """Data source, and target by target's labels: each offers what fits those before it."""
    source = dashboard.DatasourceVariable("datasource")
    made: list[Any] = [source.label("Data source").type("prometheus")]
    metric, chosen = spec.sign, list[str]()
    for name in ("namespace", "job", "pod", "instance"):
        made.append(variable(name, f"label_values({selected(metric, chosen)}, {name})"))
        chosen.append(f'{name}=~"${name}"')
    for one in spec.variables:
        query = f"label_values({filled(one.metric + '{SEL}')}, {one.label})"
        made.append(variable(one.label, query))
    return made


def selected(metric: str, matchers: list[str]) -> str:
    return f"{metric}{{{', '.join(matchers)}}}" if matchers else metric


def variable(name: str, query: str) -> dashboard.QueryVariable:
    """A choice of label values; "All" also means series that don't have the label."""
    return (
        dashboard.QueryVariable(name)
        .label(name.replace("_", " ").capitalize())
        .datasource(SOURCE)
        .query(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(VariableOption(text=["All"], value=["$__all"]))
    )


# -- annotations and links ---------------------------------------------------------------------


def notes(*, shown: bool) -> list[dashboard.AnnotationQuery]:
    """Marks in all graphs: the values of these metrics are the moments to be marked."""
    started = of_jvms(now("process_start_time_seconds"))
    read = now("jmx_bridge_config_last_reload_success_timestamp_seconds")
    return [
        note("JVM started", f"({started}) * 1000", "orange").enable(shown),
        note("Rules read", f"{read} * 1000", "blue").enable(shown),
    ]


def note(name: str, expr: str, colour: str) -> dashboard.AnnotationQuery:
    return (
        dashboard.AnnotationQuery()
        .name(name)
        .datasource(SOURCE)
        .icon_color(colour)
        .expr(filled(expr))
        .use_value_for_time(True)
        .title_format(name)
        .text_format(WHO)
        .tag_keys("job")
        .step("60s")
    )


def links(name: str) -> list[dashboard.DashboardLink]:
    """Links at the top: to the fleet, and to all our dashboards; what is chosen stays chosen."""
    made = []
    if name != FLEET:
        made.append(link("All JVMs").tags([TAG, FLEET]).as_dropdown(False))
    return [*made, link("JMX Bridge dashboards").tags([TAG]).as_dropdown(True)]


def link(title: str) -> dashboard.DashboardLink:
    kind = DashboardLinkType.DASHBOARDS
    made = dashboard.DashboardLink(title).type(kind).icon("external link")
    return made.include_vars(True).keep_time(True)
