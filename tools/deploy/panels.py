"""A spec's panel as Grafana's: one function for each kind."""

from __future__ import annotations

from typing import Any

from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.models.common import (
    DataSourceRef,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataTransformerConfig,
    DynamicConfigValue,
    GridPos,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from layout import Place
from specs.words import TARGET, Column, Kind, Panel, State

SELECTOR = ", ".join(
    f'{label}=~"${label}"' for label in ("namespace", "job", "pod", "instance")
)
SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
REFS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LABELS = TARGET.split(", ")
KEPT = ("namespace", "job", "pod", "instance")
"""Variables that a link from a table's row sets."""


def built(one: Panel, place: Place) -> Any:
    """Return the builder of a panel at its place."""
    maker: Any = MAKERS[one.kind]
    made = maker(one).title(one.title).datasource(SOURCE)
    if one.about:
        made = made.description(one.about)
    return made.grid_pos(GridPos(x=place.x, y=place.y, w=place.width, h=place.height))


def filled(expr: str) -> str:
    return expr.replace("SEL", SELECTOR)


def number(one: Panel) -> stat.Panel:
    made = stat.Panel().unit(one.unit).thresholds(thresholds(one.warn, one.bad))
    return targeted(mapped(made, one.states), one)


def graph(one: Panel) -> timeseries.Panel:
    legend = common.VizLegendOptions().show_legend(True)
    legend = legend.display_mode(LegendDisplayMode.LIST)
    legend = legend.placement(LegendPlacement.BOTTOM)
    made = timeseries.Panel().unit(one.unit).legend(legend).fill_opacity(8)
    made = made.axis_soft_min(0).show_points(VisibilityMode.NEVER)
    if one.warn is not None or one.bad is not None:
        style = common.GraphThresholdsStyleConfig().mode(
            GraphThresholdsStyleMode.DASHED
        )
        made = made.thresholds(thresholds(one.warn, one.bad, "transparent"))
        made = made.thresholds_style(style)
    return targeted(made, one)


def states(one: Panel) -> statetimeline.Panel:
    made = statetimeline.Panel().unit(one.unit).merge_values(True).row_height(0.7)
    made = made.show_value(VisibilityMode.AUTO).fill_opacity(80).line_width(0)
    return targeted(mapped(made, one.states), one)


def targeted(made: Any, one: Panel) -> Any:
    for ref, query in zip(REFS, one.queries, strict=False):
        target = prometheus.Dataquery().expr(filled(query.expr)).ref_id(ref)
        if query.legend:
            target = target.legend_format(query.legend)
        made = made.with_target(target)
    return made


def thresholds(
    warn: float | None, bad: float | None, first: str = "green"
) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=None, color=first)]
    steps += [Threshold(value=warn, color="orange")] * (warn is not None)
    steps += [Threshold(value=bad, color="red")] * (bad is not None)
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def mapped(made: Any, wanted: tuple[State, ...]) -> Any:
    return made.mappings([mapping(wanted)]) if wanted else made


def mapping(wanted: tuple[State, ...]) -> ValueMapping:
    results = {
        f"{one.value:g}": ValueMappingResult(
            text=one.text, color=one.colour, index=index
        )
        for index, one in enumerate(wanted)
    }
    return ValueMap(options=results)


# -- tables ------------------------------------------------------------------------------------


def rows(one: Panel) -> table.Panel:
    """A line for each target: queries at one moment, joined by their labels."""
    made = table.Panel().unit(one.unit).show_header(True).filterable(True)
    hidden, names, order = {"Time": True}, {}, ["cluster"]
    for ref, column in zip(REFS, one.columns, strict=False):
        target = prometheus.Dataquery().expr(filled(column.expr)).ref_id(ref)
        target = target.instant().format(PromQueryFormat.TABLE)
        made = made.with_target(target)
        value = f"Value #{ref}"
        if column.label:
            hidden[value] = True
            order.append(column.label)
            names[column.label] = column.title
        else:
            names[value] = column.title
            order.append(value)
        made = made.override_by_name(column.title, overrides(column))
    order[1:1] = KEPT
    made = made.with_transformation(DataTransformerConfig("merge", options={}))
    organized = {
        "excludeByName": hidden,
        "indexByName": {name: index for index, name in enumerate(order)},
        "renameByName": names,
    }
    made = made.with_transformation(
        DataTransformerConfig("organize", options=organized)
    )
    made = made.override_by_name("instance", [links("jmx-bridge-jvm")])
    if one.sort:
        by = common.TableSortByFieldState().display_name(one.sort).desc(True)
        made = made.sort_by([by])
    return made


def overrides(column: Column) -> list[DynamicConfigValue]:
    """What a column has of its own."""
    made = []
    if column.unit:
        made.append(DynamicConfigValue("unit", column.unit))
    if column.warn is not None or column.bad is not None:
        steps = thresholds(column.warn, column.bad).build()
        made.append(DynamicConfigValue("thresholds", steps))
    if column.states:
        made.append(DynamicConfigValue("mappings", [mapping(column.states)]))
    if len(made) > bool(column.unit):
        made.append(DynamicConfigValue("custom.cellOptions", {"type": "color-text"}))
    if column.link:
        made.append(links(column.link))
    return made


def links(uid: str) -> DynamicConfigValue:
    """A link of a table's cell to another dashboard, with the row's target chosen there."""
    chosen = "&".join(
        f"var-{name}=${{__data.fields.{name}:percentencode}}" for name in KEPT
    )
    url = f"/d/{uid}?var-datasource=${{datasource}}&{chosen}&${{__url_time_range}}"
    return DynamicConfigValue("links", [{"title": "Details", "url": url}])


MAKERS = {
    Kind.STAT: number,
    Kind.GRAPH: graph,
    Kind.STATES: states,
    Kind.TABLE: rows,
}
