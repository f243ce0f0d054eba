"""Which format answers an Accept header."""

from __future__ import annotations

import pytest

from jmx_bridge.exposition import negotiate
from jmx_bridge.exposition.formats import Escaping, label_names

PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
OM = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping="
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
PLAIN_1 = "text/plain; version=1.0.0; charset=utf-8; escaping="


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        (None, PLAIN),
        ("", PLAIN),
        ("*/*", PLAIN),
        ("text/html,application/xhtml+xml,*/*;q=0.8", PLAIN),
        (PROMETHEUS_3, OM + "allow-utf-8"),
        (PROMETHEUS_3.replace("allow-utf-8", "underscores"), OM + "underscores"),
        (PROMETHEUS_2, OM + "underscores"),
        ("text/plain;version=1.0.0;escaping=values;q=0.9,text/plain;version=0.0.4;q=0.1", PLAIN_1 + "values"),
        ("text/plain;version=1.0.0;escaping=no-such", PLAIN_1 + "underscores"),
        ("application/openmetrics-text;q=0.1,text/plain;q=0.9", PLAIN),
        ("application/openmetrics-text;version=0.0.1", PLAIN),
        ("application/openmetrics-text;q=0", PLAIN),
        ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", PLAIN),
        ('Application/OpenMetrics-Text; Version="1.0.0"', OM + "underscores"),
        (";;;,=,q", PLAIN),
        ("text/plain;q=nan", PLAIN),
        ("application/openmetrics-text;q=2,text/plain;q=0.1", PLAIN),
        ("text/*;q=0.9,application/openmetrics-text;q=0.8", PLAIN),
        ("text/plain;version=0.0.4;escaping=allow-utf-8", PLAIN),
        ("text/plain;version=1.0.0;escaping=dots", PLAIN_1 + "dots"),
        ("application/openmetrics-text;version=1.0.0;escaping=", OM + "underscores"),
        ("application/openmetrics-text;version=9.9,text/plain;q=0.1", PLAIN),
        ("application/json", PLAIN),
        ("\N{SNOWMAN};q=1", PLAIN),
    ],
)  # fmt: skip
def test_the_answer_is_in_the_format_that_the_client_likes_best(accept, answer):
    assert negotiate(accept).content_type == answer


@pytest.mark.parametrize("name", [":_cache_", "::", "::cache_"])
def test_no_escaped_label_begins_as_those_that_are_prometheus_own(name):
    assert not label_names((name,), Escaping.UNDERSCORES)[0].startswith("__")
