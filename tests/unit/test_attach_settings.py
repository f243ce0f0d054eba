"""Which JVM to attach to, as the command line says it."""

import pytest

from jmx_bridge.errors import UsageError
from jmx_bridge.settings import parse_settings


@pytest.mark.parametrize("which", ["auto", "17", "/kafka.Kafka/"])
def test_a_jvm_to_attach_to_is_named(which):
    assert parse_settings([f"--jmx.attach={which}"], {}).target.attach == which


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--jmx.attach=kafka"], "must be auto, a PID, or a regular expression"),
        (["--jmx.attach=0"], "must be auto"),
        (["--jmx.attach=//"], "must be auto"),
        (["--jmx.attach=/(/"], "is no regular expression"),
        (["--jmx.attach=auto", "--jmx.target=a:1"], "names a target, too"),
        (["--jmx.attach=auto", "--jmx.url=service:jmx:x"], "names a target, too"),
        (
            ["--jmx.attach=auto", "--jmx.tls"],
            "--jmx.tls: has no meaning beside --jmx.attach",
        ),
        (["--jmx.attach=auto", "--jmx.username=me"], "--jmx.username: has no meaning"),
    ],
)
def test_a_jvm_to_attach_to_that_means_nothing_is_refused(argv, words):
    with pytest.raises(UsageError) as caught:
        parse_settings(argv, {})

    assert words in str(caught.value)


def test_a_flags_address_beats_a_variables():
    environ = {"JMX_BRIDGE_JMX_TARGET": "a:1"}

    target = parse_settings(["--jmx.attach=auto"], environ).target

    assert (target.attach, target.host_port) == ("auto", None)
