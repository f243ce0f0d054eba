"""The status page of a bridge on a real JVM: what it draws and names, and that nothing of a target becomes HTML."""

from __future__ import annotations

from integration.support import one_number, put, serving
from integration.targets import wait_until

EVIL = "t:type=<script>alert(1)</script>"
RULES = """
includeObjectNames: ['t:*']
rules:
- {pattern: 't<type=(.+)><>Count', name: hits, labels: {of: $1}}
- {pattern: 't<type=A><>Level', name: level, type: COUNTER}
- {pattern: 't<type=Nobody><>Count', name: '<b>nobody</b>'}
"""


def test_it_draws_scrapes_and_names_rules_mbeans_and_what_is_left_out(
    moving_app, tmp_path
):
    one_number(moving_app)
    one_number(moving_app, 5, EVIL)
    put(moving_app, "t:type=A", "Level", "long", -1)
    file = tmp_path / "rules.yml"
    file.write_text(RULES)
    with serving(
        f"--jmx.target={moving_app.address}", f"--config.file={file}", "--rule-metrics"
    ) as served:
        assert "<figure>" not in served.get("/")[2]
        wait_until(lambda: "jmx_up 1.0" in served.metrics(), 60)
        page = served.get("/")[2]
        file.write_text("rules: [{pattern: '('}]")
        served.get("/-/reload", "POST")
        refused = served.get("/")[2]

    assert " scrapes, the slowest " in page
    assert 'class="fetch" x=' in page
    assert "3 rules by samples; 1 match nothing" in page
    assert f"<td>{file}:4</td><td><code>hits</code></td>" in page
    assert "&lt;b&gt;nobody&lt;/b&gt;" in page
    assert "<b>nobody" not in page
    assert "t:type=&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert "a counter can&#x27;t be negative: 1" in page
    assert 'class="refused" role="alert"' in refused


def test_no_more_scrapes_are_remembered_than_are_drawn(moving_app):
    one_number(moving_app)
    with serving(f"--jmx.target={moving_app.address}") as served:
        for _ in range(70):
            served.metrics()
        assert "<figcaption>60 scrapes, " in served.get("/")[2]
