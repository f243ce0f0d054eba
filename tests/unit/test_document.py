"""YAML text becomes a tree that knows its places."""

import pytest

from jmx_bridge.config import parse
from jmx_bridge.config.document import MOST_PROBLEMS, Place, Problems
from jmx_bridge.config.numbers import java_double
from jmx_bridge.config.parse import MAX_DIGITS, read_document


def read(text):
    problems = Problems("f.yml")
    return read_document(text, problems), [str(problem) for problem in problems.all()]


def plain(node):
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    return node.value


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ({"a": True, "b": False, "c": True}, "{a: yes, b: off, c: True}"),
        ({"a": None, "b": None, "c": None}, "{a: , b: ~, c: null}"),
        ({"a": 8, "b": 10, "c": 90, "d": 1000}, "{a: 010, b: 0xA, c: 1:30, d: 1_000}"),
        ({"a": 1.5, "b": 1000.0, "c": 0.01}, "{a: 1.5, b: 1e3, c: 1.0E-2}"),
        ({"a": "2026-01-02", "b": "="}, "{a: 2026-01-02, b: =}"),
        ({"a": "y", "b": "1e", "c": "0.1.2"}, "{a: y, b: 1e, c: 0.1.2}"),
        (
            {"a": "it's", "b": "\t", "c": "x\ny"},
            "a: 'it''s'\nb: \"\\t\"\nc: |\n x\n y",
        ),
    ],
    ids=["booleans", "nulls", "integers", "numbers", "texts", "not numbers", "quoted"],
)
def test_scalars_are_those_of_yaml_1_1(expected, text):
    node, problems = read(text)

    assert expected == plain(node)
    assert problems == []


def test_every_node_knows_its_path_and_place():
    root, _ = read("rules:\n  - pattern: a\n    labels: {x y: b}\n")

    rule = root.value["rules"].value[0]
    label = rule.value["labels"].value["x y"]

    assert (rule.path, rule.place) == ("rules[0]", Place(2, 5))
    assert (label.path, label.place) == ("rules[0].labels['x y']", Place(3, 19))
    assert label.key_place == Place(3, 14)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (Place(1, 5), "a: x(y"),
        (Place(1, 8), "a: '''x(y'"),
        (Place(1, 6), 'a: "x(y"'),
        (Place(1, 4), 'a: "\\tx(y"'),
        (Place(1, 4), "a: |\n  xx(y"),
        (Place(1, 4), "a: x(y\n  z"),
    ],
    ids=["plain", "single", "double", "escaped", "block", "two lines"],
)
def test_a_character_of_a_one_line_text_has_a_place(expected, text):
    root, _ = read(text)

    node = root.value["a"]

    assert expected == node.place_of(node.value.index("("))


def test_no_document_is_no_tree():
    assert read("") == (None, [])
    assert read("# only a comment\n") == (None, [])


def test_the_last_of_two_equal_keys_counts():
    node, problems = read("a: 1\na: 2\n")

    assert plain(node) == {"a": 2}
    assert problems == [
        (
            "f.yml:2:1: warning: a: is here twice, and the last one counts"
            "\n  hint: remove one; the other is on line 1"
        )
    ]


def test_aliases_and_merges_are_written_out():
    node, problems = read("a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}\nc: *x\n")

    assert plain(node) == {
        "a": {"k": 1, "l": 2},
        "b": {"k": 1, "l": 3},
        "c": {"k": 1, "l": 2},
    }
    assert problems == []


def test_the_first_of_several_merged_maps_counts():
    node, _ = read("a: &a {k: 1}\nb: &b {k: 2, l: 2}\nc: {<<: [*a, *b]}\n")

    assert plain(node)["c"] == {"k": 1, "l": 2}


def test_an_anchor_may_be_given_again():
    node, problems = read("a: &x 1\nb: &x 2\nc: *x\n")

    assert plain(node) == {"a": 1, "b": 2, "c": 2}
    assert problems == []


def test_a_document_that_contains_itself_is_refused():
    assert read("&x [*x]") == (None, ["f.yml:1:1: an alias contains itself"])


def test_a_huge_expansion_is_refused(monkeypatch):
    # tests/config/aliases.bad.yml has as many as are refused in truth.
    monkeypatch.setattr(parse, "MAX_NODES", 10_000)
    rows = "\n".join(
        f"k{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)
    )

    node, problems = read(f"k0: &a0 x\n{rows}\n")

    assert node is None
    assert problems == ["f.yml: more than 10,000 values, all aliases written out"]


def test_many_problems_are_counted_and_not_all_told():
    rows = "\n".join(f"k{n}: {{<<: x}}" for n in range(1200))

    _, problems = read(rows + "\n")

    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[0].startswith("f.yml:1:10: k0: must be a map")
    assert problems[-1] == "f.yml: there are 1,100 more problems in this file"


@pytest.mark.parametrize("text", ["[" * 500, "{a: " * 500], ids=["lists", "maps"])
def test_deep_nesting_is_refused(text):
    assert read(text) == (None, ["f.yml: invalid YAML: nested too deeply"])


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("0.0", 0.0),
        ("-0.0", -0.0),
        ("1.0", 1.0),
        ("0.001", 0.001),
        ("1.0E-4", 1e-4),
        ("1.25E-5", 1.25e-5),
        ("9999999.0", 9999999.0),
        ("1.0E7", 1e7),
        ("-1.23456789E8", -123456789.0),
        ("1.0E22", 1e22),
        ("1.5E300", 1.5e300),
        ("NaN", float("nan")),
        ("Infinity", float("inf")),
        ("-Infinity", float("-inf")),
    ],
)
def test_numbers_are_written_as_java_writes_them(expected, value):
    assert expected == java_double(value)


@pytest.mark.parametrize(
    ("expected", "text"),
    [("null", "a: "), ("true", "a: on"), ("12", "a: 0xc"), ("0.5", "a: 0.50")],
)
def test_a_coerced_scalar_is_what_java_makes_of_it(expected, text):
    root, problems = read(text)

    assert expected == root.value["a"].coerced()
    assert problems == []


@pytest.mark.parametrize(
    ("expected", "accessor"),
    [
        ("a: must be a string (found the integer 7)\n  hint: put it in quotes", "text"),
        ("a: must be true or false (found the integer 7)", "flag"),
        (
            (
                "a: must be a list (found the integer 7)"
                '\n  hint: begin each item with "- "'
            ),
            "items",
        ),
        (
            "a: must be a map (found the integer 7)\n  hint: write it as key: value",
            "entries",
        ),
    ],
)
def test_an_accessor_complains_about_another_type(expected, accessor):
    problems = Problems("f.yml")
    root = read_document("a: 7", problems)

    assert not getattr(root.value["a"], accessor)()
    assert [str(problem) for problem in problems.all()] == [f"f.yml:1:4: {expected}"]


def test_an_integer_must_fit_in_javas_int():
    problems = Problems("f.yml")
    root = read_document("[2147483647, 2147483648, true, -1]", problems)

    assert [item.whole(minimum=0) for item in root.value] == [2147483647] + [None] * 3
    assert len(problems.all()) == 3


def test_a_secret_is_not_shown():
    problems = Problems("f.yml")
    root = read_document("a: 7331", problems)

    assert root.value["a"].text(secret=True) is None
    assert "7331" not in str(problems.all())


def test_problems_come_in_the_order_of_their_places_and_once():
    problems = Problems("f.yml")
    problems.warn(Place(2, 1), "second")
    problems.error(Place(1, 5), "first")
    problems.warn(Place(2, 1), "second")

    assert [problem.message for problem in problems.all()] == ["first", "second"]
    assert problems.failed()


def test_bytes_are_a_text_as_it_is_written():
    node, problems = read("a: !!binary YWJj")

    assert plain(node) == {"a": "YWJj"}
    assert problems == []


def test_more_keys_and_values_than_any_rule_file_has_are_refused(monkeypatch):
    # As many as are refused in truth take seconds: tests/integration/test_process.py reads them.
    monkeypatch.setattr(parse, "MAX_WRITTEN", 1000)

    few, many = (read("- a\n" * count) for count in (999, 1000))

    assert few[1] == []
    assert many[1] == ["f.yml: more than 1,000 keys and values"]


def test_a_number_of_a_hundred_thousand_parts_is_refused_at_once():
    (problem,) = read(f"a: 1{':1' * 100_000}")[1]

    assert "a value of an unknown or unfitting YAML type" in problem


def test_a_number_may_have_as_many_digits_as_a_double():
    assert plain(read("1" * MAX_DIGITS)[0]) == int("1" * MAX_DIGITS)


def test_a_large_text_that_aliases_repeat_is_refused():
    large = "x" * 10_000

    assert read(f"a: &a {large}\nb: [{'*a, ' * 313}]\n")[1] == []
    assert read(f"a: &a {large}\nb: [{'*a, ' * 314}]\n")[1] == [
        "f.yml: more than 3 MiB of text, all aliases written out"
    ]


def test_of_a_long_text_a_problem_quotes_the_beginning():
    problems = Problems("f.yml")

    read_document("x" * 100_000, problems).flag()
    (problem,) = problems.all()

    assert len(str(problem)) < 2_100
    assert problem.message.startswith("must be true or false (found the string 'xxx")
    assert problem.message.endswith("x...")


def test_a_character_written_as_a_surrogate_pair_is_one():
    node, problems = read(r'{"\ud83d\ude00": "\ud83d\ude00"}')

    assert plain(node) == {"\U0001f600": "\U0001f600"}
    assert problems == []
