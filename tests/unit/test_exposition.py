"""A snapshot in each format, read back by prometheus_client's parsers."""

from __future__ import annotations

import math
import random
import tracemalloc

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

from jmx_bridge.exposition import Escaping, Format, negotiate, render
from jmx_bridge.model import (
    DeferredFamily,
    Family,
    FamilyLayout,
    Labels,
    Layout,
    MetricType,
    Sample,
    Snapshot,
)

TEXT = negotiate(None)
OPENMETRICS = negotiate(
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8"
)
HOSTILE = [
    'quote " inside',
    "back\\slash",
    "line\nbreak",
    "\\n is not a line break",
    "control \x01\x7f",
    "日本 ümlaut 🎉",
    "",
    "x" * 100_000,
]


def snapshot(*families: FamilyLayout, values=(), others=()) -> Snapshot:
    return Snapshot(Layout(families), list(values), list(others))


def one(value: float, kind=MetricType.GAUGE, labels=(), text="Help.") -> Snapshot:
    return snapshot(FamilyLayout("a", kind, text, [labels]), values=[value])


def lines(shot: Snapshot, fmt: Format, **more) -> list[str]:
    return render(shot, fmt, **more).decode().splitlines()


@pytest.mark.parametrize(
    ("kind", "text", "openmetrics"),
    [
        (MetricType.COUNTER, ["# TYPE a_total counter", "a_total 1.0"], ["# TYPE a counter", "a_total 1.0"]),
        (MetricType.GAUGE, ["# TYPE a gauge", "a 1.0"], ["# TYPE a gauge", "a 1.0"]),
        (MetricType.UNKNOWN, ["# TYPE a untyped", "a 1.0"], ["# TYPE a unknown", "a 1.0"]),
        (MetricType.INFO, ["# TYPE a_info gauge", "a_info 1.0"], ["# TYPE a info", "a_info 1.0"]),
    ],
    ids=lambda value: value if isinstance(value, MetricType) else "",
)  # fmt: skip
def test_each_type_is_named_as_the_format_names_it(kind, text, openmetrics):
    shot = one(1.0, kind, text="")

    assert text == lines(shot, TEXT)
    assert [*openmetrics, "# EOF"] == lines(shot, OPENMETRICS)


def test_help_stands_before_type_in_text_and_behind_it_in_openmetrics():
    assert lines(one(1.0), TEXT)[:2] == ["# HELP a Help.", "# TYPE a gauge"]
    assert lines(one(1.0), OPENMETRICS)[:2] == ["# TYPE a gauge", "# HELP a Help."]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (1e21, "1e+21"),
        (5e-324, "5e-324"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_numbers_are_spelled_so_that_parsers_agree(value, written):
    assert lines(one(value), TEXT)[-1] == f"a {written}"
    (family,) = parse_openmetrics(render(one(value), OPENMETRICS).decode())
    assert family.samples[0].value == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize("parse", [parse_text, parse_openmetrics], ids=["text", "om"])
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_label_value_comes_back_as_it_was(value, parse):
    shot = one(1.0, labels=(("l", value),), text=value)
    fmt = TEXT if parse is parse_text else OPENMETRICS

    (family,) = parse(render(shot, fmt).decode())

    assert family.samples[0].labels == {"l": value}


def test_an_unpaired_surrogate_becomes_valid_utf_8():
    assert b'a{l="x?"}' in render(one(1.0, labels=(("l", "x\ud800"),)), TEXT)


@pytest.mark.parametrize(
    ("escaping", "written"),
    [
        (Escaping.ALLOW_UTF_8, '"x:y"'),
        (Escaping.UNDERSCORES, "x_y"),
        (Escaping.VALUES, "U__x_3a_y"),
        (Escaping.DOTS, "x__y"),
    ],
)
def test_a_label_name_that_is_not_legal_is_escaped_as_asked(escaping, written):
    fmt = Format(openmetrics=False, version="1.0.0", escaping=escaping)

    assert lines(one(1.0, labels=(("x:y", "1"),)), fmt)[-1] == f'a{{{written}="1"}} 1.0'


@pytest.mark.parametrize("escaping", Escaping)
def test_a_legal_label_name_is_left_alone_by_every_escaping(escaping):
    fmt = Format(openmetrics=True, version="1.0.0", escaping=escaping)

    assert 'a{x_y="1"} 1.0' in lines(one(1.0, labels=(("x_y", "1"),)), fmt)


@pytest.mark.parametrize(
    ("escaping", "written"),
    [
        (Escaping.ALLOW_UTF_8, '"x:y"="1",x_y="2",x_y_="3"'),
        (Escaping.UNDERSCORES, 'x_y__="1",x_y="2",x_y_="3"'),
    ],
)
def test_an_escaped_label_name_never_comes_twice(escaping, written):
    fmt = Format(openmetrics=False, version="1.0.0", escaping=escaping)
    labels = (("x:y", "1"), ("x_y", "2"), ("x_y_", "3"))

    assert f"a{{{written}}} 1.0" in lines(one(1.0, labels=labels), fmt)


def test_no_escaped_label_name_begins_as_prometheus_own_do():
    labels = ((":", "1"), ("_", "2"), ("_1", "3"), ("::", "4"))

    assert 'a{_1_="1",_="2",_1="3",_1__="4"} 1.0' in lines(
        one(1.0, labels=labels), TEXT
    )


def test_a_nul_is_replaced_since_it_would_end_the_page():
    shot = one(1.0, labels=(("l", "x\0y"),), text="x\0y")

    assert b"\0" not in render(shot, TEXT)
    assert b"\0" not in render(shot, OPENMETRICS)


def test_formats_share_the_lines_that_they_write_alike():
    family = FamilyLayout("a", MetricType.GAUGE, "", [(("l", "1"),), (("l", "2"),)])
    for escaping in Escaping:
        for openmetrics in (True, False):
            fmt = Format(openmetrics=openmetrics, version="1.0.0", escaping=escaping)
            render(snapshot(family, values=[1.0, 2.0]), fmt)

    kept = [pieces for pieces in family.rendered.values() if isinstance(pieces, list)]

    assert len({id(pieces[1]) for pieces in kept}) == 1


def test_a_page_of_many_lines_is_that_of_its_families_one_behind_the_other():
    many = [
        FamilyLayout(f"f{i:05}", MetricType.GAUGE, "", [()] * (9000 if i == 1 else 1))
        for i in range(5000)
    ]
    values = [float(i) for i in range(5000 + 8999)]
    others = [Family("f00001a", MetricType.GAUGE, "", (Sample((), 1.0),))]

    page = render(snapshot(*many, values=values, others=others), TEXT).decode()

    written, at = [], 0
    for layout in many:
        written.append(f"# TYPE {layout.name} gauge")
        for _ in layout.series:
            written.append(f"{layout.name} {values[at]}")
            at += 1
        if layout.name == "f00001":
            written += ["# TYPE f00001a gauge", "f00001a 1.0"]
    assert page.splitlines() == written


def test_a_large_page_takes_little_more_memory_than_itself_while_it_is_made():
    labels = [(("topic", f"a topic of some length {i}"),) for i in range(50_000)]
    layout = FamilyLayout("a", MetricType.GAUGE, "", labels)
    shot = snapshot(layout, values=[i * 1.1 for i in range(50_000)])
    size = len(render(shot, TEXT))

    tracemalloc.start()
    try:
        render(shot, TEXT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2 * size


def test_the_filter_keeps_nothing():
    family = FamilyLayout("a", MetricType.GAUGE, "", [()])

    render(snapshot(family, values=[1.0]), TEXT, frozenset({"a"}))

    assert family.rendered == {}


def test_a_page_of_every_type_is_read_back_as_it_was():
    shots = random.Random(7)
    for _ in range(50):
        shot = random_snapshot(shots)
        for parse, fmt in ((parse_text, TEXT), (parse_openmetrics, OPENMETRICS)):
            found = {
                (sample.name, tuple(sorted(sample.labels.items()))): sample.value
                for family in parse(render(shot, fmt).decode())
                for sample in family.samples
            }

            assert found == pytest.approx(expected(shot), nan_ok=True)


def random_snapshot(source: random.Random) -> Snapshot:
    """Return families of all types in both places, with hostile strings."""
    texts = [*HOSTILE[:-1], "{}", "a b", "#", "%s %"]
    numbers = [0.0, -1.5, 1e300, math.nan, math.inf, -math.inf, 42.0]
    layouts, values, others = [], [], []
    for at in range(source.randrange(12)):
        kind = source.choice(list(MetricType))
        size = 1 if kind is MetricType.INFO else source.randrange(1, 4)
        series = [(("n", str(n)), ("t", source.choice(texts))) for n in range(size)]
        mine = [
            1.0 if kind is MetricType.INFO else source.choice(numbers) for _ in series
        ]
        if kind is MetricType.COUNTER:
            mine = [7.0 for _ in series]
        name, text = f"m{at:02}", source.choice(texts)
        if kind is MetricType.SUMMARY:
            summary = (Sample((), 3.0, "_count"), Sample((), 0.5, "_sum"))
            others.append(Family(name, kind, text, summary))
        elif kind is MetricType.HISTOGRAM:
            buckets = [
                Sample((("le", bound),), count, "_bucket")
                for bound, count in (("0.5", 1.0), ("2.5", 2.0), ("+Inf", 3.0))
            ]
            totals = (Sample((), 3.0, "_count"), Sample((), 9.5, "_sum"))
            others.append(Family(name, kind, text, (*buckets, *totals)))
        elif source.random() < 0.5:
            layouts.append(FamilyLayout(name, kind, text, series))
            values += mine
        else:
            samples = tuple(map(Sample, series, mine))
            others.append(Family(name, kind, text, samples))
    source.shuffle(others)
    return snapshot(*layouts, values=values, others=others)


def expected(shot: Snapshot) -> dict[tuple[str, Labels], float]:
    """Return what a parser should find, by sample name and labels."""
    suffixes = {MetricType.COUNTER: "_total", MetricType.INFO: "_info"}
    found = {}
    values = iter(shot.values)
    for layout in shot.layout.families:
        for labels in layout.series:
            found[layout.name + suffixes.get(layout.type, ""), labels] = next(values)
    for family in shot.families:
        for sample in family.samples:
            name = family.name + sample.suffix + suffixes.get(family.type, "")
            found[name, sample.labels] = sample.value
    return found


def test_families_of_both_kinds_stand_in_the_order_of_their_names():
    shot = snapshot(
        FamilyLayout("b", MetricType.GAUGE, "", [()]),
        FamilyLayout("d", MetricType.GAUGE, "", [(("l", "1"),), (("l", "2"),)]),
        values=[1.0, 2.0, 3.0],
        others=[
            Family("e", MetricType.GAUGE, "", (Sample((), 6.0),)),
            Family("c", MetricType.SUMMARY, "", (Sample((), 4.0, "_count"), Sample((), 5.0, "_sum"))),
            Family("a", MetricType.GAUGE, "", (Sample((), 0.0),)),
        ],
    )  # fmt: skip

    found = [line for line in lines(shot, TEXT) if line[0] != "#"]

    assert found == [
        "a 0.0", "b 1.0", "c_count 4.0", "c_sum 5.0", 'd{l="1"} 2.0', 'd{l="2"} 3.0', "e 6.0",
    ]  # fmt: skip


def test_a_late_family_is_made_when_the_rest_is_written():
    made = []
    layout = Layout([FamilyLayout("z", MetricType.GAUGE, "", [()])])

    def make() -> Family:
        made.append(True)
        return Family("a", MetricType.GAUGE, "", (Sample((), 7.0),))

    shot = Snapshot(layout, [1.0], [], DeferredFamily("a", make))

    assert lines(shot, TEXT)[-3:] == ["a 7.0", "# TYPE z gauge", "z 1.0"]
    assert made == [True]


def test_the_filter_takes_sample_names_and_family_names():
    shot = snapshot(
        FamilyLayout("a", MetricType.COUNTER, "", [()]),
        FamilyLayout("ab", MetricType.GAUGE, "", [()]),
        values=[1.0, 2.0],
        others=[Family("s", MetricType.SUMMARY, "", (Sample((), 4.0, "_count"), Sample((), 5.0, "_sum")))],
    )  # fmt: skip

    def filtered(*names: str) -> list[str]:
        return [x for x in lines(shot, TEXT, names=frozenset(names)) if x[0] != "#"]

    assert filtered("a_total") == ["a_total 1.0"]
    assert filtered("a") == ["a_total 1.0"]
    assert filtered("s_sum", "ab") == ["ab 2.0", "s_sum 5.0"]
    assert filtered("nothing") == []


def test_an_empty_snapshot_is_an_empty_page():
    assert render(snapshot(), TEXT) == b""
    assert render(snapshot(), OPENMETRICS) == b"# EOF\n"


def test_a_quality_that_is_no_number_is_none():
    assert negotiate("application/openmetrics-text;version=1.0.0;q=high") == TEXT
