"""What stays on a page: limits, names, conflicts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jmx_bridge.exposition import (
    conflicts,
    limit_samples,
    negotiate,
    render,
)
from jmx_bridge.exposition.page import cut_bytes, fitting, keep, named, slices
from jmx_bridge.model import (
    DeferredFamily,
    Family,
    FamilyLayout,
    Layout,
    MetricType,
    Sample,
    Snapshot,
)

SUMMARY = Family(
    "s", MetricType.SUMMARY, "Help.", (Sample((), 4.0, "_count"), Sample((), 5.0, "_sum"))
)  # fmt: skip


def family(name: str, size: int = 1, kind: MetricType = MetricType.GAUGE):
    return FamilyLayout(name, kind, "", [(("n", str(n)),) for n in range(size)])


def gauge(name: str, value: float = 1.0) -> Family:
    return Family(name, MetricType.GAUGE, "", (Sample((), value),))


LAYOUT = Layout([family("a"), family("b", 3), family("c", 2)])
VALUES = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def names(layout: Layout) -> list[str]:
    return [one.name for one in layout.families]


def test_each_family_comes_with_its_values():
    found = [(f.name, v) for f, v in slices(LAYOUT, VALUES, lambda f: f.name != "b")]

    assert found == [("a", [1.0]), ("c", [5.0, 6.0])]


def test_what_is_kept_is_a_layout_with_its_values():
    layout, values = keep(LAYOUT, VALUES, lambda f: f.name == "b")

    assert (names(layout), values) == (["b"], [2.0, 3.0, 4.0])
    assert layout.families[0] is LAYOUT.families[1]


# -- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "most", "kept"),
    [
        ([], 0, set()),
        ([1, 2, 3], 6, {0, 1, 2}),
        ([1, 2, 3], 5, {0, 1}),
        ([1, 9, 3], 4, {0, 2}),
        ([5, 5, 5], 10, {1, 2}),
        ([5, 5, 5], 4, set()),
        ([0, 0, 1], 0, {0, 1}),
    ],
)
def test_the_largest_goes_first(sizes, most, kept):
    assert fitting(sizes, most) == kept


def test_samples_within_the_limit_are_left_as_they_are():
    layout, values = limit_samples(LAYOUT, VALUES, 6)

    assert (layout, values) == (LAYOUT, VALUES)
    assert layout is LAYOUT


def test_samples_beyond_the_limit_go_by_whole_families():
    layout, values = limit_samples(LAYOUT, VALUES, 5)

    assert (names(layout), values) == (["a", "c"], [1.0, 5.0, 6.0])


def test_a_cut_page_tells_how_many_samples_are_missing():
    shot = cut_bytes(Snapshot(LAYOUT, VALUES, [SUMMARY]), [10, 30, 20], 31)

    assert (names(shot.layout), shot.values) == (["a"], [1.0])
    assert shot.families[0] is SUMMARY
    (told,) = shot.families[1].samples
    assert (shot.families[1].name, told.value) == ("jmx_bridge_page_samples_cut", 5)


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text"])
def test_a_page_of_too_many_bytes_loses_its_largest_family(accept):
    shot = Snapshot(Layout([family("a", 5), family("b", 900)]), [0.5] * 905, [SUMMARY])
    fmt = negotiate(accept)
    whole = len(render(shot, fmt))

    page = render(shot, fmt, most_bytes=whole - 1)

    assert render(shot, fmt, most_bytes=whole) == render(shot, fmt)
    assert page.count(b"\na{") == 5
    assert b"\nb{" not in page
    assert b"jmx_bridge_page_samples_cut 900\n" in page
    assert b"s_sum 5.0\n" in page


# -- names ---------------------------------------------------------------------------------------


def test_named_families_come_whole_and_sorted():
    deferred = DeferredFamily("0", lambda: gauge("0", 9.0))
    shot = Snapshot(LAYOUT, VALUES, [SUMMARY, gauge("bb")], deferred)

    found = named(shot, {"c", "s_sum", "0", "nothing"})

    assert [one.name for one in found] == ["0", "c", "s"]
    assert [one.value for one in found[1].samples] == [5.0, 6.0]
    assert found[2].samples == (Sample((), 5.0, "_sum"),)
    assert found[2].help == "Help."


@pytest.mark.parametrize(
    ("rules", "jvm", "beaten"),
    [
        (family("a"), gauge("b"), False),
        (family("a"), gauge("a"), True),
        (family("a", kind=MetricType.COUNTER), gauge("a"), True),
        (family("a", kind=MetricType.COUNTER), gauge("a_total"), True),
        (family("a", kind=MetricType.INFO), gauge("a_info"), True),
        (family("s_count"), SUMMARY, True),
        (family("s_count"), replace(SUMMARY, samples=SUMMARY.samples[1:]), True),
        (family("s"), SUMMARY, True),
        (family("s_max"), SUMMARY, False),
    ],
    ids=lambda value: str(getattr(value, "name", value)),
)
def test_families_that_share_a_name_with_the_rules_are_found(rules, jvm, beaten):
    assert conflicts(Layout([rules]), [gauge("z"), jvm]) == (
        {jvm.name} if beaten else set()
    )
