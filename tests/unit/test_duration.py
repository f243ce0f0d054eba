"""Times as people write them."""

import pytest

from jmx_bridge.duration import parse_duration


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (0.25, "250ms"),
        (5.0, "5s"),
        (0.5, ".5s"),
        (90.0, "1m30s"),
        (5400.0, "1.5h"),
        (0.0, "0"),
    ],
)
def test_a_duration_is_in_seconds(expected, text):
    assert expected == parse_duration(text)


@pytest.mark.parametrize("text", ["", "5", "s", "1m30", "-1s", "1 s", "1d", "\u0665s"])
def test_what_has_no_unit_is_no_duration(text):
    with pytest.raises(ValueError):
        parse_duration(text)
