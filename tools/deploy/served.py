"""The names of all metrics that packs, the bridge and the JVM's MXBeans can give, and those that PromQL asks for."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from jmx_bridge.collect.jvm_sources import SOURCES  # noqa: E402
from jmx_bridge.mapping.naming import base_name  # noqa: E402
from jmx_bridge.model import MetricType  # noqa: E402
from jmx_bridge.observe import telemetry  # noqa: E402

SUFFIXES = {MetricType.COUNTER: "_total", MetricType.INFO: "_info"}
OTHERS = (
    *("jvm_runtime_info", "jvm_threads_state"),
    *("jvm_threads_deadlocked", "jvm_threads_deadlocked_monitor"),
    # Prometheus' own, of each target.
    *("up", "scrape_duration_seconds", "scrape_samples_scraped"),
    # The API server's of our webhook, and the webhook's own.
    "apiserver_admission_webhook_fail_open_count",
    "jmx_bridge_webhook_certificate_expiry_timestamp_seconds",
    "jmx_bridge_webhook_certificate_last_reload_successful",
)
ANYTHING = r"\w+"
WORDS = frozenset(
    [
        "and",
        "or",
        "unless",
        "bool",
        "by",
        "on",
        "without",
        "ignoring",
        "offset",
        "inf",
        "nan",
    ]
)
STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
BRACKETS = re.compile(r"\{[^{}]*\}|\[[^\]]*\]")
LABELS = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\([^()]*\)")
NAME = re.compile(r"(?<![\w$.])([a-zA-Z_:][\w:]*)(?!\w)(?!\s*\()")


def asked(expr: str) -> set[str]:
    """The metrics that an expression names."""
    text = BRACKETS.sub(" ", STRINGS.sub('""', expr))
    return {name for name in NAME.findall(LABELS.sub(" ", text)) if name not in WORDS}


@cache
def served() -> re.Pattern[str]:
    """What matches each name that is served, and few others."""
    return re.compile(
        "|".join(dict.fromkeys((*own(), *of_jvms(), *OTHERS, *of_packs())))
    )


def own() -> Iterator[str]:
    for one in vars(telemetry).values():
        if isinstance(one, telemetry.Metric):
            yield one.name + SUFFIXES.get(one.type, "")


def of_jvms() -> Iterator[str]:
    for one in SOURCES:
        yield one.family + (one.suffix or SUFFIXES.get(one.type, ""))


def of_packs() -> Iterator[str]:
    for path in sorted((ROOT / "rules").glob("*.yml")):
        pack = yaml.safe_load(path.read_text("utf-8"))
        for rule in pack["rules"]:
            found = pattern(name(rule), rule["pattern"])
            yield (
                found.lower().replace(ANYTHING.lower(), ANYTHING)
                if pack.get("lowercaseOutputName")
                else found
            )


def name(rule: Mapping[str, Any]) -> str:
    """A rule's name with the ending of its type, and without those that formats reserve."""
    kind = MetricType(rule.get("type", "UNKNOWN").lower().replace("untyped", "unknown"))
    return base_name(rule["name"]) + kind.suffix


def pattern(name: str, rule: str) -> str:
    """A rule's name with what its groups can be: words, where the rule lists them."""
    groups = list(captured(rule))

    def text(found: re.Match[str]) -> str:
        group = groups[int(found[1]) - 1]
        return f"(?:{group})" if re.fullmatch(r"[\w|]+", group) else ANYTHING

    return re.sub(r"\$(\d)", text, name)


def captured(rule: str) -> Iterator[str]:
    """What stands in each of a Java pattern's capturing groups, in order."""
    opened: list[tuple[int, int]] = []
    found: dict[int, str] = {}
    number, inside, index = 0, False, 0
    while index < len(rule):
        char = rule[index]
        if char == "\\":
            index += 1
        elif inside:
            inside = char != "]"
        elif char == "[":
            inside = True
        elif char == "(":
            captures = rule[index + 1 : index + 2] != "?"
            number += captures
            opened.append((number if captures else 0, index + 1))
        elif char == ")":
            which, start = opened.pop()
            found[which] = rule[start:index]
        index += 1
    yield from (found[one] for one in range(1, number + 1))
