"""
Shows what dashboards and alerts have data: `prove.py PROMETHEUS_URL DASHBOARD... `.

Runs every query of Grafana dashboards (JSON) and alert files (YAML) on a Prometheus that
scraped a product, with the dashboards' variables filled in, and counts panels that got
data. `--packs DIR` instead checks that a product's page has no family of a pack missing.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

MATCH = re.compile(r'\b(\w+)\s*=~\s*"[^"]*\$[^"]*"\s*,?')
INTERVALS = re.compile(r"\$__(rate_interval|interval|range|auto)|\$\{__\w+\}")
OFFSET = re.compile(r"\boffset\s+-?\s*\S*\$__\w+")
VARIABLE = re.compile(r"\$\{?(\w+)(?::\w+)?\}?")


@dataclass(frozen=True)
class Query:
    """One expression, and where it stands."""

    file: str
    panel: str
    text: str


def queries(path: Path) -> Iterator[Query]:
    """Yield the PromQL of a dashboard or an alert file."""
    if path.suffix == ".json":
        document = json.loads(path.read_text("utf-8"))
        yield from panels(path.name, document.get("dashboard", document))
    else:
        for group in (yaml.safe_load(path.read_text("utf-8")) or {}).get("groups", ()):
            for rule in group["rules"]:
                name = rule.get("alert") or rule.get("record")
                yield Query(path.name, f"alert {name}", alert_part(str(rule["expr"])))


def panels(file: str, node: object, title: str = "") -> Iterator[Query]:
    if isinstance(node, dict):
        if isinstance(node.get("title"), str) and "targets" in node:
            title = node["title"]
        kind = str((node.get("datasource") or {}).get("type", "")) if isinstance(
            node.get("datasource"), dict
        ) else ""  # fmt: skip
        expression = node.get("expr")
        if isinstance(expression, str) and expression.strip() and kind != "loki":
            yield Query(file, title, expression)
        for key, child in node.items():
            if key != "templating":
                yield from panels(file, child, title)
    elif isinstance(node, list):
        for child in node:
            yield from panels(file, child, title)


def alert_part(text: str) -> str:
    """Return an alert's expression without the last comparison, which a healthy target fails."""
    return re.sub(
        r"\s*(?:>=|<=|==|!=|>|<)\s*(?:bool\s+)?-?[\d.e+]+\s*$", "", text.strip()
    )


def filled(text: str) -> str:
    """Return an expression with the choice "all" for every variable."""
    text = OFFSET.sub("", text)
    text = re.sub(r'\bjob\s*=~?\s*"[^"]*"\s*,?', "", text)
    text = MATCH.sub("", text)
    text = re.sub(r'\b\w+\s*(?:=|!=|!~)\s*"[^"]*\$[^"]*"\s*,?', "", text)
    text = INTERVALS.sub("1m", text)
    text = text.replace("[1m:]", "[1m:5s]")
    return VARIABLE.sub(lambda found: "5" if "selector" in found[1] else "1m", text)


def ask(url: str, text: str) -> tuple[int, str]:
    """Return how many series an expression gives, and what is wrong with it."""
    query = urllib.parse.urlencode({"query": text})
    try:
        with urllib.request.urlopen(
            f"{url}/api/v1/query?{query}", timeout=30
        ) as answer:
            result = json.load(answer)["data"]["result"]
    except urllib.error.HTTPError as error:
        return 0, json.load(error).get("error", "")
    return len(result), ""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("prometheus", metavar="URL")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--metrics", default="", help="only queries with this pattern")
    parser.add_argument("--quiet", action="store_true", help="only the counts")
    options = parser.parse_args()
    for path in options.files:
        good = total = 0
        missing = []
        for query in queries(path):
            if not re.search(options.metrics, query.text):
                continue
            total += 1
            count, problem = ask(options.prometheus, filled(query.text))
            good += count > 0
            if not count:
                missing.append((query, problem))
        print(f"{path.name}: {good} of {total} queries have data")
        for query, problem in () if options.quiet else missing:
            names = sorted(set(re.findall(r"\b[a-z]\w*(?=\{)", query.text)))
            print(f"  - {query.panel}: {', '.join(names)} {problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
