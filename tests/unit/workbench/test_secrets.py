"""What smells of a secret is hidden, and ordinary words are not."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.workbench.shop import Plain, Shop, mbeans_of

from jmx_bridge.workbench.explained import explanation_as_dict
from jmx_bridge.workbench.listing import print_lines, to_json
from jmx_bridge.workbench.paint import Paint
from jmx_bridge.workbench.secrets import (
    SECRET,
    Redactor,
    hide_inside,
    may_be_word,
    smells,
)

CANARY = "c4nary-7f3e91"


def one(attributes, name="a:type=Thing"):
    (mbean,) = mbeans_of(f"- {{name: '{name}', attributes: {json.dumps(attributes)}}}")
    return mbean


def values(mbean, **more):
    redactor = Redactor([mbean], **more)
    return [redactor.value(mbean, value) for value in mbean.values]


@pytest.mark.parametrize(
    "name",
    [
        *("password", "keystorePassword", "Passphrase", "secretKey", "apiKey"),
        *("accessToken", "api_key", "sasl.jaas.config", "sessionId", "SessionIDs"),
        *("Credentials", "inputArguments", "SystemProperties", "authorization"),
    ],
)
def test_a_string_called_like_a_secret_is_hidden(name):
    assert values(one({name: CANARY})) == [SECRET]
    assert values(one({name: "ab"})) == [SECRET]
    assert values(one({"Item": {name: CANARY}})) == [SECRET]
    assert values(one({name: CANARY}), off=True) == [CANARY]


@pytest.mark.parametrize(
    "name", ["activeSessions", "keyCount", "author", "passed", "maxSessionIdle", "jar"]
)
def test_a_string_called_like_something_else_stays(name):
    assert values(one({name: CANARY})) == [CANARY]


def test_numbers_never_smell():
    assert values(one({"tokens": 7, "passwordAge": 3.5, "tokenValid": True})) == [
        *("7", "3.5", "true"),
    ]
    assert not smells("password", None)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"jdbc:pg://user:{CANARY}@db/x", f"jdbc:pg://user:{SECRET}@db/x"),
        (f"jdbc:h2:x;PASSWORD={CANARY};A=b", f"jdbc:h2:x;PASSWORD={SECRET};A=b"),
        (f"-Dpassword={CANARY}", f"-Dpassword={SECRET}"),
        (f'pwd: "{CANARY}", x', f'pwd: "{SECRET}", x'),
        (f"username=u password='{CANARY}'", f"username=u password='{SECRET}'"),
        (f"x Bearer {CANARY}", f"x Bearer {SECRET}"),
        (f"Authorization: Bearer {CANARY}", f"Authorization: Bearer {SECRET}"),
        (f'password="a {CANARY}" x', f'password="{SECRET}" x'),
        (f'{{"token": "a\\"{CANARY}"}}', f'{{"token": "{SECRET}"}}'),
        (f"jdbc:oracle:thin:me/{CANARY}@db", f"jdbc:oracle:thin:me/{SECRET}@db"),
        (f"?sig={CANARY}&x", f"?sig={SECRET}&x"),
        ("design=blue, signal: 5", "design=blue, signal: 5"),
        (f"sessionId={CANARY},b", f"sessionId={SECRET},b"),
        ("eyJhbGciOiJI.eyJzdWIi.abc-_", SECRET),
        ("AKIA0123456789ABCDEF", SECRET),
        (f"PWD={CANARY}", f"PWD={SECRET}"),
        (f"pa\u017f\u017fword={CANARY}", f"pa\u017f\u017fword={SECRET}"),
        ("-----BEGIN RSA PRIVATE KEY-----\nx\n", f"{SECRET}"),
        ("https://host:8080/path@x", "https://host:8080/path@x"),
        ("a://b:c", "a://b:c"),
        ("token bucket", "token bucket"),
        ("keystore, tokens", "keystore, tokens"),
    ],
)
def test_a_secret_inside_a_text_is_told_by_its_form(text, hidden):
    assert hide_inside(text) == hidden


def test_a_secret_is_hidden_wherever_else_it_stands():
    redactor = Redactor([one({"password": CANARY})])

    assert redactor.text(f"pool of {CANARY}") == f"pool of {SECRET}"


@pytest.mark.parametrize(
    ("word", "ordinary"),
    [
        *(("root", True), ("none", True), ("changeit", True), ("8080", True)),
        *(("12345678901", True), ("123456789012", False), ("a1b2", True)),
        *(("a1b2c3", False), ("abcdefghijkl", False), (CANARY, False), ("", True)),
    ],
)
def test_a_secret_that_may_be_an_ordinary_word_is_hidden_in_its_own_place_alone(
    word, ordinary
):
    assert may_be_word(word) is ordinary
    mbean = one({"password": word})
    redactor = Redactor([mbean])

    assert values(mbean) == [SECRET]
    kept = redactor.text(f"the {word} of all")
    assert kept == (f"the {word} of all" if ordinary else f"the {SECRET} of all")


def test_a_secret_of_the_rule_file_or_the_target_is_hidden():
    redactor = Redactor([], known=[CANARY, None, "", "root"])

    assert redactor.text(f"{CANARY} root") == f"{SECRET} root"


def test_an_mbean_is_recorded_without_secrets():
    table = {
        "name": "Sessions",
        "type": "table",
        "value": {
            "index": ["sessionId"],
            "columns": {"sessionId": "string", "hits": "long"},
            "rows": [{"sessionId": CANARY, "hits": 3}],
        },
    }
    about = {"name": "a", "type": "long", "value": 1}
    (mbean,) = mbeans_of(
        json.dumps(
            [
                {
                    "name": f"a:type=S,sessionId={CANARY}",
                    "attributes": [
                        table,
                        {**about, "description": f"password={CANARY}"},
                    ],
                }
            ]
        )
    )

    kept = Redactor([mbean]).mbean(mbean)

    assert CANARY not in repr(kept)
    assert kept.name == f"a:type=S,sessionId={SECRET}"
    assert Redactor([mbean], off=True).mbean(mbean) is mbean


RULES = """
rules:
- {pattern: '<type=Db><>password: (.)(.*)', name: db_$1, value: 1, labels: {part: $2, all: $1$2, token: x1}}
- {pattern: 'nothing', name: nothing}
"""


@pytest.mark.parametrize("secret", ["abc", "hunter", CANARY])
def test_no_piece_of_a_secret_is_shown_by_any_command(secret):
    shop = Shop(RULES, f"- {{name: 'a:type=Db', attributes: {{password: {secret}}}}}")
    shown = io.StringIO()
    print_lines(shop.lines, shop.redactor, Paint(Plain(), "never"), shown)
    to_json(shop.lines, shop.redactor, shown)
    shown.write(shop.told(f"db_{secret[0]}"))
    shown.write(shop.told("type=Db"))
    for what in (f"db_{secret[0]}", "type=Db", "nothing"):
        found = shop.explainer.explain(what)
        shown.write(json.dumps(explanation_as_dict(found, shop.redactor)))

    assert secret not in shown.getvalue()
    assert secret[1:] not in shown.getvalue()
    assert "x1" not in shown.getvalue().replace("token: x1", "")


@given(st.text(max_size=40))
def test_hiding_never_fails(text):
    redactor = Redactor([one({"password": CANARY})])

    assert CANARY not in redactor.text(f"{text}{CANARY}{text}")
