"""
The words that a product's dashboard and alerts are written in; README.md is the guide to them.

In an expression of a panel SEL has the selector of the dashboard's variables in its place, in
one of an alert $NAME the threshold of that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

TARGET = "cluster, namespace, job, pod, instance"
"""The labels that say which target a series is of; those that a series lacks do no harm."""
WHO = "{{namespace}} {{pod}} {{instance}}"
"""A target in a legend."""
NAMED = (
    "{{ with $labels.namespace }}{{ . }}/{{ end }}"
    "{{ with $labels.pod }}{{ . }} at {{ end }}{{ $labels.instance }}"
)
"""A target in an alert's words."""


class Kind(StrEnum):
    """How a panel shows its values."""

    STAT = "stat"
    GRAPH = "timeseries"
    STATES = "state-timeline"
    TABLE = "table"


class State(NamedTuple):
    """What a value stands for, for people."""

    value: float
    text: str
    colour: str


class Query(NamedTuple):
    """An expression, and what its lines are called."""

    expr: str
    legend: str = ""


class Column(NamedTuple):
    """A column of a table: a value for each target, or a label of it."""

    title: str
    expr: str
    unit: str = ""
    warn: float | None = None
    bad: float | None = None
    states: tuple[State, ...] = ()
    label: str = ""
    """Show this label of the series, and not the value."""
    link: str = ""
    """The dashboard that a click leads to, for this row's target; see Spec."""


class Panel(NamedTuple):
    """Something that is shown."""

    title: str
    unit: str
    kind: Kind
    queries: tuple[Query, ...] = ()
    warn: float | None = None
    bad: float | None = None
    about: str = ""
    """What it shows, what is normal, what to do."""
    states: tuple[State, ...] = ()
    width: int = 0
    """Of 24; 0: an equal share of its line."""
    columns: tuple[Column, ...] = ()
    """Of a table."""
    sort: str = ""
    """The column of a table whose highest values come first."""


class Row(NamedTuple):
    """Panels below one title; with *repeat*, once for each value of that variable."""

    title: str
    panels: tuple[Panel, ...]
    repeat: str = ""


class Variable(NamedTuple):
    """A choice besides data source, namespace, job, pod and instance: a label of a metric."""

    label: str
    metric: str


class Threshold(NamedTuple):
    """A number that an alert compares with, and what it means."""

    value: float
    about: str


class Series(NamedTuple):
    """A series of an alert's test, with values as promtool writes them, one minute apart."""

    metric: str
    labels: Mapping[str, str]
    values: str


class Way(NamedTuple):
    """Series that fulfil a condition in another way than `given` does, such as by a branch after an `or`."""

    what: str
    """How it comes to that, as in "fires at the first letter"."""
    given: tuple[Series, ...]
    value: str
    at: int = 0
    """See `Alert`."""


class Alert(NamedTuple):
    """A condition, and series that fulfil it, for its test."""

    name: str
    expr: str
    minutes: int
    severity: str
    summary: str
    given: tuple[Series, ...]
    description: str = ""
    """The value, and what it means."""
    value: str = ""
    """The value as it comes out in the test, such as "97%"."""
    healthy: tuple[Series, ...] = ()
    """Series of a product that is well."""
    labels: Mapping[str, str] = {}
    """What the alert has besides the target's labels in the test; "": it lacks that one."""
    at: int = 0
    """The minute at which the test looks; 0: six after the alert's own."""
    ways: tuple[Way, ...] = ()
    """One at least for each branch after the first; `given` is for that."""


class Spec(NamedTuple):
    """One dashboard and its alerts."""

    title: str
    needs: str
    """What has to be included."""
    sign: str
    """A metric that each target of this product has, and no other target."""
    rows: tuple[Row, ...]
    alerts: tuple[Alert, ...] = ()
    thresholds: Mapping[str, Threshold] = {}
    variables: tuple[Variable, ...] = ()


# -- panels ------------------------------------------------------------------------------------


def row(title: str, *panels: Panel, repeat: str = "") -> Row:
    return Row(title, panels, repeat)


def stat(
    title: str,
    unit: str,
    *queries: Query | str,
    about: str,
    warn: float | None = None,
    bad: float | None = None,
    states: tuple[State, ...] = (),
) -> Panel:
    """A single number; from *warn* on orange, from *bad* on red."""
    made = Panel(title, unit, Kind.STAT, _queries(queries), warn, bad, about)
    return made._replace(states=states)


def graph(
    title: str,
    unit: str,
    *queries: Query | str,
    about: str,
    warn: float | None = None,
    bad: float | None = None,
    width: int = 0,
) -> Panel:
    """Lines over time; *warn* and *bad* are drawn."""
    made = Panel(title, unit, Kind.GRAPH, _queries(queries), warn, bad, about)
    return made._replace(width=width)


def timeline(
    title: str, *queries: Query | str, about: str, states: tuple[State, ...]
) -> Panel:
    """For values that are states: a coloured bar for each series."""
    made = Panel(title, "short", Kind.STATES, _queries(queries), about=about)
    return made._replace(states=states)


def table(title: str, *columns: Column, about: str, sort: str = "") -> Panel:
    """A line for each target; each column's expression is aggregated by TARGET."""
    made = Panel(title, "short", Kind.TABLE, about=about, columns=columns)
    return made._replace(sort=sort, width=24)


def column(
    title: str,
    unit: str,
    expr: str,
    *,
    warn: float | None = None,
    bad: float | None = None,
    states: tuple[State, ...] = (),
    label: str = "",
    link: str = "",
) -> Column:
    """Of a table; see Column."""
    return Column(title, expr, unit, warn, bad, states, label, link)


def state(value: float, text: str, colour: str) -> State:
    return State(value, text, colour)


def states(colours: Mapping[str, str]) -> tuple[State, ...]:
    """The states that `told` makes of the same names, in their order."""
    return tuple(
        State(number, name.lower().replace("_", " "), colour)
        for number, (name, colour) in enumerate(colours.items())
    )


def query(expr: str, legend: str) -> Query:
    return Query(expr, legend)


def _queries(given: tuple[Query | str, ...]) -> tuple[Query, ...]:
    return tuple(Query(one) if isinstance(one, str) else one for one in given)


# -- alerts ------------------------------------------------------------------------------------


def seen(metric: str, values: str, **labels: str) -> Series:
    """A series of the one target of an alert's test."""
    return Series(metric, labels, values)


# -- expressions -------------------------------------------------------------------------------


def now(metric: str, where: str = "") -> str:
    """The metric of what was chosen, as it is."""
    return f"{metric}{{SEL{', ' if where else ''}{where}}}"


def rate(metric: str, where: str = "") -> str:
    """Its growth per second."""
    return f"rate({now(metric, where)}[$__rate_interval])"


def growth(metric: str, where: str = "") -> str:
    """Its growth in one interval."""
    return f"increase({now(metric, where)}[$__rate_interval])"


def total(expr: str, by: str = "") -> str:
    return f"sum{_by(by)}({expr})"


def highest(expr: str, by: str = "") -> str:
    return f"max{_by(by)}({expr})"


def average(expr: str, by: str = "") -> str:
    return f"avg{_by(by)}({expr})"


def number_of(expr: str, by: str = "") -> str:
    return f"count{_by(by)}({expr})"


def top(most: int, expr: str) -> str:
    return f"topk({most}, {expr})"


def share(part: str, whole: str) -> str:
    """*part* of *whole*, where *whole* is not 0; both with the same labels."""
    return f"{part} / ({whole} > 0)"


def or_none(expr: str) -> str:
    """A flat 0 where *expr* has no series because all is well; of targets that a bridge reads."""
    return f"{expr} or on () 0 * sum({now('jmx_up')})"


def told(
    metric: str, label: str, names: Iterable[str], by: str, where: str = ""
) -> str:
    """What *label* of a metric that is always 1 says, as its place among *names*."""
    found = []
    for number, name in enumerate(names):
        matcher = f'{label}="{name}"'
        series = now(metric, f"{matcher}, {where}" if where else matcher)
        found.append(f"{number} * {series}")
    return highest(" or ".join(found), by)


def of_jvms(expr: str) -> str:
    """Only what is of a JVM: other programs have process_* metrics, too."""
    return f"({expr} and on ({TARGET}) jvm_runtime_info)"


def _by(labels: str) -> str:
    return f" by ({labels}) " if labels else ""
