"""Writes docs/packs/*.md from the packs in rules/: `document.py [--check]`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
OUT = ROOT / "docs" / "packs"
TYPES = {"COUNTER": "counter", "GAUGE": "gauge", "INFO": "info"}


def page(name: str, pack: dict) -> str:
    """One pack's page."""
    about = pack["pack"]
    lines = [
        f"# {name}",
        "",
        f"For {about['product']}: {about['summary']}.",
        "",
        f"- Proven with: {about['versions']}",
        f"- Cost: {about['cost']}",
        f"- Use: `--config.include={name}`, or `include: [{name}]` in a rule file",
        *dashboard(name),
        "",
        "| Metric | Type | Labels | Meaning | From |",
        "|---|---|---|---|---|",
    ]
    rows: dict[tuple[str, ...], list[str]] = {}
    for rule in pack["rules"]:
        labels = ", ".join(f"`{label}`" for label in rule.get("labels", {}))
        kind = TYPES.get(rule.get("type", ""), "untyped")
        source = cell(readable(rule["pattern"]))
        metric = (
            rule["name"].lower() if pack.get("lowercaseOutputName") else rule["name"]
        )
        key = (metric, kind, labels, cell(rule["help"]))
        rows.setdefault(key, []).append(source)
    for (metric, kind, labels, text), sources in rows.items():
        where = "<br>".join(dict.fromkeys(f"`{source}`" for source in sources))
        lines.append(f"| `{metric}` | {kind} | {labels} | {text} | {where} |")
    lines += ["", "MBeans that it reads:", ""]
    lines += [f"- `{scope}`" for scope in pack["includeObjectNames"]]
    return "\n".join(lines) + "\n"


def dashboard(name: str) -> list[str]:
    """Where a pack's dashboard and alerts are, and how it looks."""
    deploy = ROOT / "deploy"
    if not (deploy / "dashboards" / f"{name}.json").exists():
        return []
    line = f"- [Dashboard](../../deploy/dashboards/{name}.json)"
    if (deploy / "alerts" / f"{name}.yml").exists():
        line += f" and [alerts](../../deploy/alerts/{name}.yml)"
    lines = [line]
    if (OUT / f"{name}.png").exists():
        lines += ["", f"![The panels' queries on real data, drawn by us]({name}.png)"]
    return lines


def readable(pattern: str) -> str:
    """A pattern as a person would write what it finds."""
    text = pattern.removeprefix("^").removesuffix(":").replace("\\", "")
    text = re.sub(
        r"\(\?:([^()]*\|[^()]*)\)", lambda found: found[1].split("|")[0], text
    )
    text = re.sub(r"\(\?:[^()]*\)\??", "", text)
    return re.sub(r"\((?:\[[^\]]*\][+*]|\S?[.wdS][+*]\??|[^()|]*)\)", "*", text)


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def pages() -> dict[Path, str]:
    """All files and what belongs into them."""
    made = {}
    index = [
        "# Rule packs",
        "",
        (
            "Rules for products, each proven with the real thing; `include: [tomcat]` in a rule file or"
            " `--config.include=tomcat,jvm` uses them."
        ),
        (
            "Names and units are those of the dashboards that people already have; where two of them differ,"
            " the other names are a pack of their own."
        ),
        "",
        "| Pack | Product | Versions | Metrics | Cost |",
        "|---|---|---|---|---|",
    ]
    for path in sorted((ROOT / "rules").glob("*.yml")):
        pack = yaml.safe_load(path.read_text("utf-8"))
        made[OUT / f"{path.stem}.md"] = page(path.stem, pack)
        about, names = pack["pack"], {rule["name"] for rule in pack["rules"]}
        index.append(
            f"| [{path.stem}]({path.stem}.md) | {about['product']} | {about['versions']}"
            f" | {len(names)} | {about['cost']} |"
        )
    index += ["", "## All JVMs at a glance", "", *dashboard("fleet")]
    index += ["", "## The bridge's own dashboard", "", *dashboard("jmx-bridge")]
    index += [
        "",
        (
            "`kubectl apply -k deploy/operator` brings all dashboards and alerts to a cluster that has the Prometheus"
            " Operator and Grafana's chart; each alert has a [runbook](../runbooks/README.md)."
        ),
    ]
    made[OUT / "README.md"] = "\n".join(index) + "\n"
    return made


def main() -> int:
    stale = 0
    OUT.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        if not path.exists() or path.read_text("utf-8") != text:
            stale += 1
            if "--check" in sys.argv:
                print(
                    f"{path.relative_to(ROOT)} is not what tools/packs/document.py writes"
                )
            else:
                path.write_text(text, "utf-8")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
