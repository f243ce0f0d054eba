"""Where the image's health check looks."""

import pytest

from jmx_bridge.health import own_url


@pytest.mark.parametrize(
    ("command", "environ", "expected"),
    [
        (["jmx-bridge"], {}, "http://127.0.0.1:12346/-/healthy"),
        (
            ["/usr/bin/python", "/opt/bin/jmx-bridge", "--web.listen-address=:9404"],
            {},
            "http://127.0.0.1:9404/-/healthy",
        ),
        (
            ["jmx-bridge", "--web.listen-address=[::1]:9404"],
            {},
            "http://[::1]:9404/-/healthy",
        ),
        (
            ["jmx-bridge"],
            {"JMX_BRIDGE_WEB_LISTEN_ADDRESS": "10.0.0.1:80"},
            "http://10.0.0.1:80/-/healthy",
        ),
        (["sh", "-c", "something"], {}, "http://127.0.0.1:12346/-/healthy"),
        (["jmx-bridge", "--nonsense"], {}, "http://127.0.0.1:12346/-/healthy"),
    ],
)
def test_it_asks_the_bridge_that_the_command_started(command, environ, expected):
    assert own_url(command, environ) == expected
