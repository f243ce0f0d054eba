"""Flags and variables name the target, or else the rule file."""

import pytest

from jmx_bridge.collect.address import address, target_tls, with_password
from jmx_bridge.config import Config, StoreConfig, TlsConfig
from jmx_bridge.errors import LoginFailed, UsageError
from jmx_bridge.jmx import TargetAddress
from jmx_bridge.settings import TargetSettings

URL = "service:jmx:rmi:///jndi/rmi://{}/jmxrmi"
OTHER = "service:jmx:jmxmp://a:1"


@pytest.mark.parametrize(
    ("expected", "target", "config"),
    [
        (URL.format("a:1"), TargetSettings(host_port="a:1"), Config()),
        (OTHER, TargetSettings(url=OTHER), Config()),
        (URL.format("a:1"), TargetSettings(host_port="a:1"), Config(jmx_url=OTHER)),
        (OTHER, TargetSettings(url=OTHER), Config(host_port="b:2")),
        (URL.format("b:2"), TargetSettings(), Config(host_port="b:2")),
        (OTHER, TargetSettings(), Config(jmx_url=OTHER)),
    ],
)
def test_settings_beat_the_rule_file(expected, target, config):
    assert address(target, config) == TargetAddress(expected)


def test_nobody_names_a_target():
    with pytest.raises(UsageError) as caught:
        address(TargetSettings(), Config())

    assert str(caught.value) == (
        "no target: neither a flag, nor a variable, nor the rule file names one"
        "\n  hint: --jmx.target=localhost:7199"
    )


def test_user_and_password_may_come_from_different_places():
    found = address(
        TargetSettings(host_port="a:1", username="monitor"),
        Config(username="other", password="s3cret"),
    )

    assert (found.username, found.password) == ("monitor", "s3cret")


def test_the_stores_are_those_of_the_settings():
    target = TargetSettings(
        host_port="a:1",
        tls=True,
        tls_registry=False,
        tls_verify_host=False,
        trust_store="ca.pem",
        trust_store_password="t",
        key_store="us.pem",
        key_store_password="k",
        key_file="us.key",
    )

    found = address(target, Config(tls=TlsConfig(protocols=("TLSv1.3",))))

    assert found.tls == TlsConfig(
        key_store=StoreConfig("us.pem", None, "k", "us.key"),
        trust_store=StoreConfig("ca.pem", None, "t"),
        verify_host=False,
    )
    assert not found.registry_tls


def test_tls_without_stores_leaves_them_to_java():
    assert target_tls(TargetSettings(tls=True)) == TlsConfig()
    assert target_tls(TargetSettings(trust_store="a.pem")) is None


def test_the_rule_files_tls_is_taken_and_the_settings_say_how_strict_it_is():
    tls = TlsConfig(trust_store=StoreConfig("a.jks"))
    config = Config(host_port="a:1", tls=tls)

    assert address(TargetSettings(), config) == TargetAddress(
        URL.format("a:1"), tls=tls, registry_tls=True
    )
    lenient = address(TargetSettings(tls_verify_host=False), config)
    assert lenient.tls is not None
    assert not lenient.tls.verify_host


def test_the_password_file_is_read_again(tmp_path):
    file = tmp_path / "password"
    target = TargetSettings(host_port="a:1", password_file=str(file))
    known = address(target, Config(password="old"))

    file.write_text("first\n")
    first = with_password(target, known)
    file.write_text("second\n")
    second = with_password(target, known)

    assert (first.password, second.password) == ("first", "second")
    assert with_password(TargetSettings(), known) is known


def test_a_password_file_without_a_password_is_a_failed_login(tmp_path):
    file = tmp_path / "password"
    file.write_text("\n")
    target = TargetSettings(host_port="a:1", password_file=str(file))

    with pytest.raises(LoginFailed) as caught:
        with_password(target, address(target, Config()))

    assert str(caught.value) == f"the password file: nothing is in {str(file)!r}"
