"""MBeans written out in YAML are what a JVM would tell."""

import pytest
from unit.workbench.shop import mbeans_of

from jmx_bridge.config.document import Problems
from jmx_bridge.config.parse import read_document
from jmx_bridge.model import Attribute, LeafKind
from jmx_bridge.workbench.written import read_mbeans


def values(attributes):
    (mbean,) = mbeans_of(f"- name: 'a:b=c'\n  attributes: {attributes}\n")
    return mbean, [
        (value.leaf.kind.name, (*value.leaf.path, value.leaf.name), value.text)
        for value in mbean.values
    ]


def typed(kind, value, more=""):
    return values(f"[{{name: A, type: {kind}, value: {value}{more}}}]")


@pytest.mark.parametrize(
    ("value", "declared", "leaves"),
    [
        ("3", "long", [("NUMBER", ("A",), "3")]),
        ("3.5", "double", [("NUMBER", ("A",), "3.5")]),
        ("1e21", "double", [("NUMBER", ("A",), "1.0E21")]),
        (".inf", "double", [("NUMBER", ("A",), "Infinity")]),
        (".nan", "double", [("NUMBER", ("A",), "NaN")]),
        ("true", "boolean", [("BOOLEAN", ("A",), "true")]),
        ("word", "java.lang.String", [("STRING", ("A",), "word")]),
        ("null", "java.lang.String", [("NULL", ("A",), None)]),
        ("[1, 2]", "long[]", [("ARRAY", ("A",), None)]),
        (
            "{z: 1, b: {c: x}}",
            "javax.management.openmbean.CompositeData",
            [("STRING", ("A", "b", "c"), "x"), ("NUMBER", ("A", "z"), "1")],
        ),
    ],
)
def test_a_value_has_the_type_that_yaml_gives_it(value, declared, leaves):
    mbean, found = values(f"{{A: {value}}}")

    assert mbean.attributes == (Attribute("A", declared, None),)
    assert found == leaves


@pytest.mark.parametrize(
    ("kind", "value", "declared", "leaf"),
    [
        ("int", "3", "int", ("NUMBER", "3")),
        ("float", "3", "float", ("NUMBER", "3.0")),
        ("double", "0.1", "double", ("NUMBER", "0.1")),
        ("boolean", "false", "boolean", ("BOOLEAN", "false")),
        ("string", "7", "java.lang.String", ("STRING", "7")),
        ("date", "1700000000500", "java.util.Date", ("NUMBER", "1.7000000005E9")),
        ("integer", "'123456789012345678901'", "java.math.BigInteger",
         ("NUMBER", "123456789012345678901")),
        ("decimal", "'1.10'", "java.math.BigDecimal", ("NUMBER", "1.10")),
        ("'int[]'", "[1]", "[I", ("ARRAY", None)),
        ("'string[]'", "[a]", "[Ljava.lang.String;", ("ARRAY", None)),
        ("com.example.Thing", "x", "com.example.Thing", ("UNSUPPORTED", None)),
        ("long", "null", "long", ("NULL", None)),
    ],
)  # fmt: skip
def test_a_value_may_have_a_type_of_java(kind, value, declared, leaf):
    mbean, found = typed(kind, value)

    assert mbean.attributes[0].type == declared
    assert [(one[0], one[2]) for one in found] == [leaf]


def test_an_attribute_may_fail_be_absent_and_say_more():
    mbean, found = values(
        "[{name: A, type: long, fails: boom}, {name: B, type: long},"
        " {name: C, type: int, value: 1, declared: java.lang.Object, description: D}]"
    )

    assert [one[0] for one in found] == ["ABSENT", "NULL", "NUMBER"]
    assert mbean.attributes[2] == Attribute("C", "java.lang.Object", "D")


def test_a_composite_with_types():
    mbean, found = typed(
        "composite",
        "{description: about, items: {b: {type: int, value: 2}, a: {type: string, value: x}}}",
    )

    assert found == [("STRING", ("A", "a"), "x"), ("NUMBER", ("A", "b"), "2")]
    assert {value.leaf.description for value in mbean.values} == {"about"}


def test_a_table_has_a_mark_and_its_rows():
    mbean, found = typed(
        "table",
        "{description: about, index: [key], columns: {key: string, value: long, n: int},"
        " rows: [{key: x, value: 1, n: 2}, {key: y, value: 3}]}",
    )

    assert found == [
        ("TABLE", ("A",), None),
        ("NUMBER", ("A", "n"), "2"),
        ("NUMBER", ("A",), "1"),
        ("NUMBER", ("A",), "3"),
    ]
    assert [value.leaf.row for value in mbean.values][1:] == [
        (("key", "", "x"),),
        (("key", "", "x"),),
        (("key", "", "y"),),
    ]


def test_an_mbean_may_have_nothing():
    (mbean,) = mbeans_of("- name: 'a:b=c'\n")

    assert mbean.attributes == ()
    assert mbean.values == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- attributes: {}", "'name' is missing"),
        ("- name: plain", "is no ObjectName"),
        ("- {name: 'a:b=c', attributes: [{type: int, value: 1}]}", "'name' is missing"),
        ("- {name: 'a:b=c', attributes: [{name: A, value: 1}]}", "'type' is missing"),
        ("- {name: 'a:b=c', attributes: [{name: A, type: int, value: x}]}", "of type int"),
        ("- {name: 'a:b=c', attributes: [{name: A, type: int, value: 1.5}]}", "of type int"),
        ("- {name: 'a:b=c', attributes: [{name: A, type: date, value: x}]}", "of type date"),
        (
            "- {name: 'a:b=c', attributes: [{name: A, type: composite, value: {items: {x: {type: int}}}}]}",
            "needs a type and a value",
        ),
        (
            "- {name: 'a:b=c', attributes: [{name: A, type: table, value: {index: [x]}}]}",
            "needs index, columns and rows",
        ),
        ("- {name: 'a:b=c', other: 1}", "other"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(text, said):
    problems = Problems("mbeans.yml")

    read_mbeans(read_document(text, problems))

    (found,) = problems.all()
    assert said in found.message
    assert found.line == 1


def test_kinds_are_those_of_leaves():
    assert LeafKind["ARRAY"] is LeafKind.ARRAY
