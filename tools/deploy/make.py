"""
Writes deploy/ and the index of docs/runbooks from specs/; `--check` compares, and verifies the specs.

Dashboards and alerts with other thresholds, or with runbooks elsewhere, can be written to a
folder of one's own: `make.py --out mine --thresholds mine.yml --runbooks https://wiki/runbooks/`,
where mine.yml is deploy/alerts/thresholds.yml with other numbers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import alerts
import chart
import forms
import runbooks
import verify
import yaml
from boards import board
from specs import SPECS
from specs.words import Spec, Threshold

ROOT = Path(__file__).parents[2]
OUT = ROOT / "deploy"
CHART = OUT / "helm" / "jmx-bridge" / "files"


def made(
    specs: Mapping[str, Spec], out: Path, base: str, factor: int = 1
) -> dict[Path, str]:
    """All files and what belongs into them; *base* stands before the runbooks' names; *factor*: see `alerts.faster`."""
    files = {}
    for name, spec in specs.items():
        if spec.rows:
            dashboard = board(name, spec)
            files[out / "dashboards" / f"{name}.json"] = dashboard
            files[out / "operator" / f"{name}-dashboard.yaml"] = forms.config_map(
                name, dashboard
            )
        if spec.alerts:
            limits = alerts.limits(spec)
            rules = alerts.rules(name, spec, limits, base)
            if factor > 1:
                rules = alerts.faster(rules, factor)
            files[out / "alerts" / f"{name}.yml"] = alerts.dumped(rules)
            files[out / "alerts" / f"{name}.test.yml"] = alerts.tests(
                name, spec, limits, base
            )
            rule = forms.prometheus_rule(name, rules)
            files[out / "operator" / f"{name}-alerts.yaml"] = rule
    resources = [path.name for path in files if path.parent.name == "operator"]
    files[out / "operator" / "kustomization.yaml"] = forms.kustomization(resources)
    files[out / "alerts" / "thresholds.yml"] = alerts.thresholds(specs)
    return files


def with_thresholds(specs: Mapping[str, Spec], file: Path) -> dict[str, Spec]:
    """The specs with a file's thresholds; one that no spec knows is an error."""
    wanted = yaml.safe_load(file.read_text("utf-8")) or {}
    changed = dict(specs)
    for name, values in wanted.items():
        limits = dict(specs[name].thresholds) if name in specs else {}
        for key, value in values.items():
            if key not in limits:
                raise SystemExit(f"{file}: there is no threshold {name}.{key}")
            limits[key] = Threshold(float(value), limits[key].about)
        changed[name] = specs[name]._replace(thresholds=limits)
    return changed


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="not deploy/")
    parser.add_argument("--runbooks", default=alerts.RUNBOOKS, metavar="URL")
    parser.add_argument("--thresholds", type=Path, metavar="FILE")
    parser.add_argument(
        "--faster",
        type=int,
        default=1,
        metavar="N",
        help="for a trial, with --out: let alerts wait, and look back, an Nth of the time",
    )
    options = parser.parse_args()
    if options.faster > 1 and not options.out:
        parser.error("--faster is for a trial: it needs --out")
    specs = with_thresholds(SPECS, options.thresholds) if options.thresholds else SPECS
    files = made(specs, options.out or OUT, options.runbooks, options.faster)
    boards = {path.stem: text for path, text in files.items() if path.suffix == ".json"}
    if not options.out:
        files[runbooks.INDEX] = runbooks.index(specs)
        in_chart = chart.files(specs, boards)
        files |= {CHART / path: text for path, text in in_chart.items()}
    stale = [
        path
        for path, text in files.items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    if options.check:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what tools/deploy/make.py writes")
    else:
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], "utf-8")
    wrong = list(verify.problems(specs, boards))
    for problem in wrong:
        print(problem)
    return bool(wrong or (options.check and stale))


if __name__ == "__main__":
    sys.exit(main())
