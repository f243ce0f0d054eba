"""
The words that a product's dashboard and alerts are written in.

An expression with SEL has the selector of job and instance in its place.
A dashboard's first row holds single numbers, the others graphs.
"""

from __future__ import annotations

from typing import NamedTuple


class Query(NamedTuple):
    """An expression, and what its lines are called."""

    expr: str
    legend: str = ""


class Panel(NamedTuple):
    """A graph, or in the first row a number."""

    title: str
    unit: str
    queries: tuple[Query, ...]
    warn: float | None = None
    bad: float | None = None


class Row(NamedTuple):
    """Panels below one title."""

    title: str
    panels: tuple[Panel, ...]


class Alert(NamedTuple):
    """A condition, and series that fulfil it, for its test."""

    name: str
    expr: str
    minutes: int
    severity: str
    summary: str
    told: str
    """The summary as it comes out in the test."""
    given: tuple[tuple[str, str], ...]
    """Series with values as promtool writes them; one minute apart."""
    labels: dict[str, str] = {}  # noqa: RUF012 -- nobody writes to it
    """What the alert has besides job and instance."""


class Spec(NamedTuple):
    """One dashboard and its alerts."""

    title: str
    needs: str
    """What has to be included."""
    rows: tuple[Row, ...]
    alerts: tuple[Alert, ...] = ()


def row(title: str, *panels: Panel) -> Row:
    return Row(title, panels)


def panel(
    title: str,
    unit: str,
    *queries: Query | str,
    warn: float | None = None,
    bad: float | None = None,
) -> Panel:
    made = tuple(Query(one) if isinstance(one, str) else one for one in queries)
    return Panel(title, unit, made, warn, bad)


def query(expr: str, legend: str) -> Query:
    return Query(expr, legend)


def seen(metric: str, values: str, **labels: str) -> tuple[str, str]:
    """A series of job j and instance i in an alert's test."""
    all_labels = {"job": "j", "instance": "i", **labels}
    inside = ", ".join(f'{name}="{value}"' for name, value in all_labels.items())
    return f"{metric}{{{inside}}}", values


def now(metric: str, where: str = "") -> str:
    """The metric of the chosen jobs and instances, as it is."""
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


def _by(labels: str) -> str:
    return f" by ({labels}) " if labels else ""
