"""The generator of dashboards and alerts in tools/deploy."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "tools" / "deploy"))

import alerts  # noqa: E402
import boards  # noqa: E402
import forms  # noqa: E402
import layout  # noqa: E402
import runbooks  # noqa: E402
import served  # noqa: E402
import verify  # noqa: E402
from specs.words import (  # noqa: E402
    NAMED,
    TARGET,
    Alert,
    Kind,
    Panel,
    Spec,
    Threshold,
    Variable,
    Way,
    column,
    graph,
    now,
    query,
    row,
    seen,
    stat,
    table,
    total,
)

COUNT = stat("Targets", "short", total(now("jmx_up")), about="How many.")
LINES = graph("Lines", "s", query(now("jmx_up"), "{{job}}"), about="All.")
GOOD = Alert(
    "Down",
    "jmx_up < $least",
    minutes=5,
    severity="warning",
    summary=f"{NAMED} is down.",
    description="It is {{ $value | humanize }}.",
    value="0",
    given=(seen("jmx_up", "0x20"),),
    healthy=(seen("jmx_up", "1x20"),),
)
SPEC = Spec(
    "Things",
    needs="nothing",
    sign="jmx_up",
    rows=(row("Overview", COUNT), row("Of $area", LINES, repeat="area")),
    alerts=(GOOD,),
    thresholds={"least": Threshold(1, "targets that are read")},
    variables=(Variable("area", "jvm_memory_used_bytes"),),
)


def made(spec: Spec) -> dict:
    return json.loads(boards.board("things", spec))


def wrong(spec: Spec) -> list[str]:
    """What is refused of a spec, but for runbooks."""
    text = boards.board("things", spec)
    found = verify.problems({"things": spec}, {"things": text})
    return [one for one in found if "docs/runbooks" not in one]


# -- where panels stand ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([Kind.GRAPH], [24]),
        ([Kind.GRAPH] * 2, [12, 12]),
        ([Kind.GRAPH] * 3, [8, 8, 8]),
        ([Kind.GRAPH] * 4, [12, 12, 12, 12]),
        ([Kind.GRAPH] * 5, [8, 8, 8, 12, 12]),
        ([Kind.GRAPH] * 7, [8, 8, 8, 12, 12, 12, 12]),
        ([Kind.STAT] * 5, [5, 5, 5, 5, 4]),
        ([Kind.STAT, Kind.STAT, Kind.GRAPH], [12, 12, 24]),
        ([Kind.STATES, Kind.GRAPH, Kind.TABLE], [12, 12, 24]),
    ],
)
def test_every_line_is_full(kinds, expected):
    panels = tuple(
        Panel(str(index), "s", kind=kind) for index, kind in enumerate(kinds)
    )

    placed = [place for _, place in layout.placed(panels, 1)]

    assert [place.width for place in placed] == expected
    for y in {place.y for place in placed}:
        line = [place for place in placed if place.y == y]
        assert sum(place.width for place in line) == layout.COLUMNS
        assert len({place.height for place in line}) == 1


def test_a_width_that_is_asked_for_leaves_the_others_the_rest():
    wide = LINES._replace(width=16)

    assert layout.widths([wide, LINES]) == [16, 8]


def test_widths_that_fill_no_line_are_refused():
    with pytest.raises(ValueError, match="Lines: widths"):
        layout.widths([LINES._replace(width=10)])


# -- dashboards --------------------------------------------------------------------------------


def test_a_dashboard_knows_namespace_and_pod_and_needs_neither():
    choices = {one["name"]: one for one in made(SPEC)["templating"]["list"]}
    (number,) = [one for one in made(SPEC)["panels"] if one["type"] == "stat"]

    assert list(choices) == [
        "datasource",
        "namespace",
        "job",
        "pod",
        "instance",
        "area",
    ]
    for name in ("namespace", "job", "pod", "instance"):
        # A matcher of .* fits series that don't have the label, too.
        assert choices[name]["allValue"] == ".*"
        assert choices[name]["current"]["value"] == ["$__all"]
        assert f'{name}=~"${name}"' in number["targets"][0]["expr"]
    assert choices["instance"]["query"].startswith('label_values(jmx_up{namespace=~"$')


def test_a_row_that_repeats_is_closed_and_holds_its_panels():
    *_, repeated = made(SPEC)["panels"]

    assert repeated["repeat"] == "area"
    assert repeated["collapsed"]
    assert [one["title"] for one in repeated["panels"]] == ["Lines"]


def test_a_dashboard_marks_restarts_and_leads_to_the_others():
    document = made(SPEC)

    marks = {one["name"]: one for one in document["annotations"]["list"]}
    assert set(marks) == {"JVM started", "Rules read"}
    assert all(one["useValueForTime"] for one in marks.values())
    assert all(one["includeVars"] for one in document["links"])
    assert ["jmx-bridge", "fleet"] in [one["tags"] for one in document["links"]]


def test_a_tables_row_leads_to_its_target():
    one = table(
        "All",
        column("Up", "short", total(now("jmx_up"), by=TARGET), bad=1),
        about="All.",
        sort="Up",
    )
    *_, shown = made(SPEC._replace(rows=(row("Overview", one),)))["panels"]
    text = json.dumps(shown["fieldConfig"]["overrides"])

    assert shown["targets"][0]["instant"]
    assert "var-instance=${__data.fields.instance:percentencode}" in text
    assert "/d/jmx-bridge-jvm?" in text
    assert shown["options"]["sortBy"] == [{"desc": True, "displayName": "Up"}]


# -- alerts ------------------------------------------------------------------------------------


def test_an_alert_has_its_threshold_and_its_runbook():
    groups = alerts.rules("things", SPEC, alerts.limits(SPEC), "https://wiki/")
    (rule,) = groups["groups"][0]["rules"]

    assert rule["expr"] == "jmx_up < 1"
    assert rule["annotations"]["runbook_url"] == "https://wiki/Down.md"


def test_an_alert_is_tested_with_and_without_kubernetes_labels():
    text = alerts.tests("things", SPEC, {"least": "1"}, "r/")
    cases = {one["name"]: one for one in yaml.safe_load(text)["tests"]}

    def told(name: str) -> tuple[dict, str]:
        (expected,) = cases[name]["alert_rule_test"][0]["exp_alerts"]
        return expected["exp_labels"], expected["exp_annotations"]["summary"]

    labels, summary = told("Down fires")
    assert labels["pod"] == "shop-1"
    assert summary == "shop/shop-1 at i is down."
    labels, summary = told("Down fires outside Kubernetes")
    assert "namespace" not in labels
    assert summary == "i is down."
    assert (
        cases["Down is calm with healthy values"]["input_series"][0]["values"] == "1x20"
    )


def test_each_further_way_to_fire_is_a_case_of_its_own():
    way = Way("when it is absent", (seen("up", "_x9 1x9"),), value="1", at=12)
    one = GOOD._replace(expr="jmx_up < $least or up == 1", ways=(way,))

    text = alerts.tests("things", SPEC._replace(alerts=(one,)), {"least": "1"}, "r/")

    case = {each["name"]: each for each in yaml.safe_load(text)["tests"]}[
        "Down fires when it is absent"
    ]
    (look,) = case["alert_rule_test"]
    assert look["eval_time"] == "12m"
    assert look["exp_alerts"][0]["exp_annotations"]["description"] == "It is 1."
    assert [each["values"] for each in case["input_series"]] == ["_x9 1x9"]


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("a > 1", ["a > 1"]),
        ("a > 1 or b > 2", ["a > 1", "b > 2"]),
        ("sum(a or b) > 1 or (c or d) or e", ["sum(a or b) > 1", "(c or d)", "e"]),
        ('a{b="( or "} or c[5m]', ['a{b="( or "}', "c[5m]"]),
    ],
)
def test_the_branches_of_an_expression_are_found(expr, expected):
    assert alerts.branches(expr) == expected


def test_for_a_trial_alerts_wait_and_look_back_a_part_of_the_time():
    slow = {
        "alert": "A",
        "expr": "min_over_time(a[15m]) > 2 * rate(b[1h] offset 1d) and c5m > 10",
        "for": "10m",
    }
    at_once = {"alert": "B", "expr": "d[30s] > 1"}
    groups = {"groups": [{"name": "g", "rules": [slow, at_once]}]}

    (group,) = alerts.faster(groups, 60)["groups"]

    first, second = group["rules"]
    assert first["expr"] == (
        "min_over_time(a[15s]) > 2 * rate(b[60s] offset 1440s) and c5m > 10"
    )
    assert first["for"] == "10s"
    assert second == {"alert": "B", "expr": "d[1s] > 1"}
    assert slow["for"] == "10m"


def test_thresholds_are_a_file_that_says_what_they_mean():
    text = alerts.thresholds({"things": SPEC})

    assert yaml.safe_load(text) == {"things": {"least": 1}}
    assert "# targets that are read" in text


# -- what is refused ---------------------------------------------------------------------------


def test_a_spec_that_lacks_nothing_is_taken():
    assert wrong(SPEC) == []


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (COUNT._replace(about=""), "no description"),
        (COUNT._replace(unit=""), "no unit"),
        (COUNT._replace(unit="bool"), "the unit bool: use states"),
        (stat("Targets", "s", "rate(jmx_up{SEL}[5m])", about="."), "fixed time"),
        (stat("Targets", "s", now("jmx_pu"), about="."), "nothing serves jmx_pu"),
    ],
)
def test_a_panel_that_lacks_something_is_refused(one, expected):
    found = wrong(SPEC._replace(rows=(row("Overview", one),)))

    assert [line for line in found if expected in line], found


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (GOOD._replace(description=""), "no description"),
        (GOOD._replace(value=""), "value is missing"),
        (GOOD._replace(healthy=()), "no healthy series"),
        (GOOD._replace(severity="page"), "severity 'page'"),
        (GOOD._replace(expr="jmx_up < $most"), "no threshold is called most"),
        (GOOD._replace(expr="jmx_up < 1"), "no alert uses the threshold least"),
        (GOOD._replace(expr="jmx_up < $least or up < 1"), "a branch after an `or`"),
        (GOOD._replace(expr="tomcat_thread_pool < $least"), "nothing serves tomcat_"),
    ],
)
def test_an_alert_that_lacks_something_is_refused(one, expected):
    found = wrong(SPEC._replace(alerts=(one,)))

    assert [line for line in found if expected in line], found


def test_runbooks_and_alerts_belong_together(tmp_path, monkeypatch):
    monkeypatch.setattr(runbooks, "FOLDER", tmp_path)
    (tmp_path / "Gone.md").write_text("# Gone\n\n## Meaning\n", "utf-8")

    found = list(runbooks.problems({"things": SPEC}))

    assert "docs/runbooks/Down.md is missing" in found
    assert "docs/runbooks/Gone.md is of no alert" in found
    assert "docs/runbooks/Gone.md lacks '## Impact'" in found


# -- which metrics there are -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ('sum by (job, pod) (rate(a_total{x="b c"}[5m])) / (b > 0)', {"a_total", "b"}),
        ("up == 0 and on (job) last_over_time(jmx_up[1d])", {"up", "jmx_up"}),
        ('label_replace(group by (job) (a{b="c"}), "d", "e", "", "")', {"a"}),
        ("a offset 1h > bool 0.85 unless ignoring (b) c", {"a", "c"}),
    ],
)
def test_the_metrics_of_an_expression_are_found(expr, expected):
    assert served.asked(expr) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("jmx_up", True),
        ("jmx_bridge_connects_total", True),
        ("jmx_bridge_connects", False),
        ("jvm_runtime_info", True),
        ("jvm_gc_collection_seconds_sum", True),
        ("jvm_gc_collection_seconds", False),
        ("process_cpu_seconds_total", True),
        ("process_resident_memory_bytes", False),
        ("tomcat_errorcount_total", True),
        ("tomcat_errorcount", False),
        ("kafka_log_log_size", True),
        ("dbcp_connections_opened_total", True),
        # Formats reserve "_created": such a name is never served.
        ("dbcp_connections_created_total", False),
    ],
)
def test_what_is_served_is_known(name, expected):
    assert bool(served.served().fullmatch(name)) is expected


def test_groups_of_a_pattern_are_words_where_it_lists_them():
    found = served.pattern("a_$1_$2", r"^x\(<k=(\w+)>(?:q|r)[()]*(count|sum):")

    assert found == r"a_\w+_(?:count|sum)"


# -- forms for Kubernetes ----------------------------------------------------------------------


def test_a_config_map_holds_the_dashboard_as_it_is():
    text = boards.board("things", SPEC)
    document = yaml.safe_load(forms.config_map("things", text))

    assert document["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert document["data"]["things.json"] == text


def test_every_file_of_the_operators_form_is_listed():
    folder = ROOT / "deploy" / "operator"
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))

    files = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(listed["resources"]) == files
    for path in files:
        assert re.fullmatch(r"[a-z-]+-(alerts|dashboard)\.yaml", path)
