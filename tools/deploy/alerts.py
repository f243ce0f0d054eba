"""A spec's alerts as Prometheus' rules, their tests for promtool, and their thresholds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from boards import ABOUT
from specs.words import Alert, Series, Spec

RUNBOOKS = "docs/runbooks/"
"""Where `runbook_url` points: a path in the repository, as long as no web address has it."""
PLACE = {"namespace": "shop", "pod": "shop-1"}
"""What a target in Kubernetes has besides job and instance; in tests."""
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
TIME = re.compile(r"(?:(?<=\[)|(?<=offset ))(?P<count>\d+)(?P<unit>[smhd])")
EXPRESSION = re.compile(r"\$(\w+)")
CONDITION = re.compile(
    r"\{\{ with \$labels\.(\w+) \}\}(.*?)\{\{ \. \}\}(.*?)\{\{ end \}\}"
)
LABEL = re.compile(r"\{\{ \$labels\.(\w+) \}\}")
TOKEN = re.compile(r'"[^"]*"| or |.')
VALUE = re.compile(r"\{\{ \$value[^}]*\}\}")


def rules(
    name: str, spec: Spec, limits: Mapping[str, str], runbooks: str
) -> dict[str, Any]:
    """The groups of a rule file; *limits*: what stands for each threshold."""
    made = [
        {
            "alert": one.name,
            "expr": expression(one.expr, limits),
            **({"for": f"{one.minutes}m"} if one.minutes else {}),
            "labels": {"severity": one.severity},
            "annotations": told_by(one, runbooks),
        }
        for one in spec.alerts
    ]
    return {"groups": [{"name": f"jmx-bridge-{name}", "rules": made}]}


def faster(rules: Mapping[str, Any], factor: int) -> dict[str, Any]:
    """Rules in whose eyes time flies: every `for` and every range and offset is divided by *factor*."""

    def shortened(found: re.Match[str]) -> str:
        seconds = int(found["count"]) * SECONDS[found["unit"]]
        return f"{max(1, seconds // factor)}s"

    def shorter(one: Mapping[str, Any]) -> dict[str, Any]:
        made = {**one, "expr": TIME.sub(shortened, one["expr"])}
        if "for" in one:
            made["for"] = TIME.sub(shortened, f"[{one['for']}]").strip("[]")
        return made

    return {
        "groups": [
            {**group, "rules": list(map(shorter, group["rules"]))}
            for group in rules["groups"]
        ]
    }


def expression(expr: str, limits: Mapping[str, str]) -> str:
    """An alert's expression with its thresholds."""
    return EXPRESSION.sub(lambda found: limits[found[1]], expr)


def branches(expr: str) -> list[str]:
    """What stands between the `or`s of an expression that are in no parentheses."""
    found = [""]
    depth = 0
    for token in TOKEN.findall(expr):
        depth += (token in "({[") - (token in ")}]")
        if token == " or " and not depth:
            found.append("")
        else:
            found[-1] += token
    return found


def told_by(one: Alert, runbooks: str) -> dict[str, str]:
    made = {"summary": one.summary}
    if one.description:
        made["description"] = one.description
        made["runbook_url"] = f"{runbooks}{one.name}.md"
    return made


def limits(spec: Spec) -> dict[str, str]:
    """Each threshold's value, as it is written."""
    return {name: f"{one.value:g}" for name, one in spec.thresholds.items()}


def dumped(document: object) -> str:
    text = yaml.safe_dump(document, sort_keys=False, width=120, allow_unicode=True)
    return f"# {ABOUT}\n{text}"


def thresholds(specs: Mapping[str, Spec]) -> str:
    """All thresholds with what they mean: what `make.py --thresholds` takes, with other values."""
    lines = [f"# {ABOUT}"]
    for name, spec in specs.items():
        if spec.thresholds:
            lines.append(f"{name}:")
        for key, one in spec.thresholds.items():
            lines += [f"  # {one.about}", f"  {key}: {one.value:g}"]
    return "\n".join(lines) + "\n"


# -- tests -------------------------------------------------------------------------------------


def tests(name: str, spec: Spec, limits: Mapping[str, str], runbooks: str) -> str:
    """For each alert: it fires, with and without Kubernetes' labels and by each branch, and else it is calm."""
    made = Cases(limits, runbooks)
    cases = [case for one in spec.alerts for case in made.all(one)]
    document = {
        "rule_files": [f"{name}.yml"],
        "evaluation_interval": "1m",
        "tests": cases,
    }
    return dumped(document)


class Cases:
    """The cases of one rule file."""

    def __init__(self, limits: Mapping[str, str], runbooks: str) -> None:
        self._limits = limits
        self._runbooks = runbooks

    def all(self, one: Alert) -> Iterator[dict[str, Any]]:
        yield self.fires(one, "fires", PLACE)
        yield self.fires(one, "fires outside Kubernetes", {})
        for way in one.ways:
            given = one._replace(given=way.given, value=way.value, at=way.at)
            yield self.fires(given, f"fires {way.what}", PLACE)
        yield case(one, "is calm with healthy values", one.healthy, PLACE)
        up = Series("up", {}, "1x200")
        if not one.expr.startswith("absent("):
            yield case(one, "is calm without data", (up,), PLACE)

    def fires(self, one: Alert, what: str, place: Mapping[str, str]) -> dict[str, Any]:
        labels = {**whole({}, place), "severity": one.severity, **one.labels}
        labels = {key: value for key, value in labels.items() if value}
        told = {
            key: rendered(text, labels, one.value)
            for key, text in told_by(one, self._runbooks).items()
        }
        expected = {"exp_labels": labels, "exp_annotations": told}
        made = case(one, what, one.given, place)
        made["alert_rule_test"][0]["exp_alerts"] = [expected]
        return made


def case(
    one: Alert, what: str, series: tuple[Series, ...], place: Mapping[str, str]
) -> dict[str, Any]:
    """A case in which the alert is not expected."""
    at = one.at or one.minutes + 6
    return {
        "name": f"{one.name} {what}",
        "interval": "1m",
        "input_series": [
            {"series": written(each, place), "values": each.values} for each in series
        ],
        "alert_rule_test": [
            {"eval_time": f"{at}m", "alertname": one.name, "exp_alerts": []}
        ],
    }


def whole(labels: Mapping[str, str], place: Mapping[str, str]) -> dict[str, str]:
    """A series' labels with its target's."""
    return {**place, "job": "j", "instance": "i", **labels}


def written(one: Series, place: Mapping[str, str]) -> str:
    inside = ", ".join(
        f'{key}="{value}"' for key, value in whole(one.labels, place).items() if value
    )
    return f"{one.metric}{{{inside}}}"


def rendered(text: str, labels: Mapping[str, str], value: str) -> str:
    """What Prometheus makes of an annotation's template, as far as ours use templates."""

    def conditional(found: re.Match[str]) -> str:
        known = labels.get(found[1])
        return f"{found[2]}{known}{found[3]}" if known else ""

    text = CONDITION.sub(conditional, text)
    text = LABEL.sub(lambda found: labels.get(found[1], ""), text)
    return VALUE.sub(lambda _: value, text)
