"""What rules are matched against: an MBean's name, a path, and an attribute."""

import pytest

from jmx_bridge.mapping import parse_name
from jmx_bridge.mapping.subject import BeanName, tail


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("java.lang<type=Memory>", "java.lang:type=Memory"),
        ("a<z=1, b=2>", "a:z=1,b=2"),
        ("a<b=>", "a:b="),
        ("a<b= c >", "a:b= c "),
        ('a<n="x,y=z", t=1>', 'a:n="x,y=z",t=1'),
        (r'a<n="a\"b,\\">', r'a:n="a\"b,\\"'),
        ("a<b=c>", "a:b=c,*"),
        ("a<>", "a:*"),
        ("<b=c>", ":b=c"),
        ("a<b=c:d/e?>", "a:b=c:d/e?"),
    ],
    ids=[
        "one",
        "registration order",
        "empty value",
        "spaces",
        "quotes",
        "escapes",
        "open list",
        "nothing but a wildcard",
        "no domain",
        "odd characters",
    ],
)
def test_a_name_is_written_as_rules_see_it(expected, name):
    assert expected == parse_name(name).text


@pytest.mark.parametrize(
    "name", ["a:b=c,d=e", 'a:b="c,d",e=f', "a:b=c"], ids=["plain", "quoted", "one"]
)
def test_a_quick_parse_and_a_careful_one_agree(name):
    bean = parse_name(name)

    assert bean.text == BeanName(bean.domain, bean.properties).text


def test_equal_names_have_equal_keys_whatever_their_order():
    first, second, other = (
        parse_name(f"a:{text}") for text in ("b=1,c=2", "c=2,b=1", "b=1,c=3")
    )

    assert first.key == second.key
    assert first.key != other.key


def test_a_property_is_found_by_its_key():
    name = parse_name("a:b=1,c=2")

    assert [name.property(key) for key in ("c", "d")] == ["2", None]


@pytest.mark.parametrize(
    ("expected", "row"),
    [
        ("a<k=v, host=h>", [("host", "", "h")]),
        ("a<k=v, host=h, slot=0>", [("host", "", "h"), ("slot", "", "0")]),
        ("a<k=v, k_=w>", [("k", "", "w")]),
        ("a<k=v, k_=w, k__=x>", [("k", "", "w"), ("k", "", "x")]),
        ("a<k=v, i_x=1, i_y=2>", [("i", "x", "1"), ("i", "y", "2")]),
        ("a<k=v, i_x=2>", [("i", "x", "1"), ("i", "x", "2")]),
        ("a<k=v, k__x=1, k__y=2>", [("k", "x", "1"), ("k", "y", "2")]),
        (
            "a<k=v, i=0, i__x=1, i__y=2>",
            [("i", "", "0"), ("i", "x", "1"), ("i", "y", "2")],
        ),
    ],
    ids=[
        "a column",
        "two columns",
        "a taken name",
        "taken twice",
        "a composite index",
        "the inner of two composite indexes counts",
        "a taken composite index",
        "an index, and inside a composite one of the same name",
    ],
)
def test_a_rows_index_columns_are_further_properties(expected, row):
    assert expected == parse_name("a:k=v").with_row(tuple(row)).text


@pytest.mark.parametrize(
    ("expected", "path", "name"),
    [
        ("<>Count: ", (), "Count"),
        ("<Usage>used: ", ("Usage",), "used"),
        ("<Outer, inner>a: ", ("Outer", "inner"), "a"),
    ],
)
def test_a_path_stands_between_name_and_value(expected, path, name):
    assert expected == tail(path, name)
