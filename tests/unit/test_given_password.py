"""The target's password: from where it is taken, and that no mistake shows it."""

from __future__ import annotations

import os

import pytest

from jmx_bridge.errors import UsageError
from jmx_bridge.settings import parse_settings, read_password
from jmx_bridge.settings.texts import BadText


def refusal(*argv, **environ):
    with pytest.raises(UsageError) as caught:
        parse_settings(argv, environ)
    return str(caught.value)


def test_the_password_comes_from_a_variable():
    settings = parse_settings([], {"JMX_BRIDGE_JMX_PASSWORD": "hunter2"})

    assert settings.target.password == "hunter2"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("content", ["hunter2", "hunter2\n", "hunter2\r\n"])
def test_the_password_comes_from_a_file(tmp_path, content):
    file = tmp_path / "password"
    file.write_text(content, newline="")

    settings = parse_settings([], {"JMX_BRIDGE_JMX_PASSWORD_FILE": str(file)})

    assert settings.target.password_file == str(file)
    assert read_password(str(file)) == "hunter2"


def test_two_passwords_are_refused():
    message = refusal(
        JMX_BRIDGE_JMX_PASSWORD="hunter2", JMX_BRIDGE_JMX_PASSWORD_FILE="/x"
    )

    assert message == (
        "JMX_BRIDGE_JMX_PASSWORD: JMX_BRIDGE_JMX_PASSWORD_FILE is set, too"
        "\n  hint: unset one"
    )


@pytest.mark.parametrize(
    ("expected", "content"),
    [("can't read", None), ("nothing is in", b"\n"), ("is not UTF-8", b"s3cr\xe9t")],
    ids=["missing", "empty", "bytes"],
)
def test_a_bad_password_file_is_told(tmp_path, expected, content):
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)

    message = refusal(JMX_BRIDGE_JMX_PASSWORD_FILE=str(file))

    assert expected in message
    assert "s3cr" not in message


@pytest.mark.parametrize(
    "argv",
    [["--jmx.password=hunter2"], ["--jmx.password", "hunter2"], ["--pasword=hunter2"]],
)
def test_a_password_on_the_command_line_is_refused_and_not_shown(argv):
    message = refusal(*argv)

    assert "hunter2" not in message
    assert "JMX_BRIDGE_JMX_PASSWORD" in message or "--pasword" in message


def test_what_is_no_utf_8_is_refused_and_not_shown():
    password = b"hunter2\xe4".decode("utf-8", "surrogateescape")

    with pytest.raises(UsageError) as caught:
        parse_settings(["--jmx.target=a:1"], {"JMX_BRIDGE_JMX_PASSWORD": password})

    assert str(caught.value) == "JMX_BRIDGE_JMX_PASSWORD: is not UTF-8"


def test_a_password_is_read_from_a_regular_file_only(tmp_path):
    pipe = tmp_path / "password"
    os.mkfifo(pipe)

    for file in (str(pipe), "/dev/zero"):
        with pytest.raises(BadText, match="is no regular file"):
            read_password(file)
