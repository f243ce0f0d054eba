"""A whole scrape of recorded MBeans, without Java, serves the page of jmx_exporter 1.6."""

import time

import pytest
from cases import Case, MBean, MBeanAttribute, Scalar, all_cases
from leaves import leaves
from unit import offline
from unit.fake_matcher import FakeMatcher
from unit.fake_syntax import FakeSyntax

from jmx_bridge.config import load_config
from jmx_bridge.jmx.moment import RecordedMBean, RecordedValue
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.model import Attribute, Leaf, LeafKind

CASES = [pytest.param(case, id=case.id) for case in all_cases()]


def recorded(bean):
    """Return a case's MBean as a recording has it."""
    attributes = [Attribute(a.name, a.type, a.description) for a in bean.attributes]
    values = [
        RecordedValue(_leaf(written), written.number, written.text)
        for written in leaves(bean)
        if written.kind != "ABSENT"
    ]
    return RecordedMBean(bean.name, tuple(attributes), tuple(values))


def _leaf(written):
    return Leaf(
        written.attribute,
        LeafKind[written.kind],
        written.path,
        written.name,
        written.description,
        written.row,
    )


def pages(case, monkeypatch, syntax=FakeSyntax, matcher=FakeMatcher):
    """Return the pages of two scrapes: the second one runs the plan of the first."""
    session = RecordedSession(map(recorded, case.mbeans))

    def load():
        return load_config(str(case.rules), syntax=syntax(), environ={})

    with offline.without_java(monkeypatch, lambda *_, **__: session):
        bridge = offline.make_bridge(load, compile_patterns=matcher)
        try:
            return [offline.page(offline.scraped(bridge)) for _ in range(2)]
        finally:
            bridge.close()


def normal(text):
    """Return a page with numbers as Python writes them: Java has 1.5E9 for 1500000000.0."""
    lines = [line.rpartition(" ") for line in text.splitlines()]
    return [
        (head, end if head.startswith("# ") else repr(float(end)))
        for head, _, end in lines
    ]


@pytest.fixture
def utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("case", CASES)
def test_a_page_is_that_of_jmx_exporter(case, monkeypatch, utc):
    for page in pages(case, monkeypatch):
        assert normal(page) == normal(case.expected)


def test_a_customizer_adds_nothing_to_an_mbean_of_which_the_rules_see_nothing(
    tmp_path, monkeypatch
):
    """Such as one of java.lang, which is read for the JVM's own metrics."""
    rules = tmp_path / "rules.yml"
    rules.write_text(
        "includeObjectNameAttributes: {'shop:type=Orders': [Placed]}\n"
        "metricCustomizers:\n"
        "- mbeanFilter: {domain: java.lang}\n"
        "  extraMetrics: [{name: extra, value: 1}]\n",
        "utf-8",
    )
    number = Scalar("long", 6)
    mbeans = (
        MBean("shop:type=Orders", (MBeanAttribute("Placed", "long", "", number),)),
        MBean(
            "java.lang:type=ClassLoading",
            (MBeanAttribute("TotalLoadedClassCount", "long", "", number),),
        ),
    )

    _, made_of_them = pages(Case("", rules, mbeans, ""), monkeypatch)

    assert [
        line
        for line in made_of_them.splitlines()
        if line[0] != "#" and not line.startswith("jvm_")
    ] == ["shop_Orders_Placed 6.0"]
