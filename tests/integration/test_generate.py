"""Rules to start from, on a real Tomcat with traffic."""

from __future__ import annotations

import shutil

import pytest

from integration.starters import remarks, tried
from integration.support import run
from integration.test_products import product
from jmx_bridge.jmx.recording import read_recording

__all__ = ["product"]


@pytest.mark.parametrize("product", ["tomcat"], indirect=True)
def test_generated_rules_serve_a_tomcat_and_know_its_counters(jvm, product, tmp_path):
    name, target = product
    assert target.tell("go") == "done"
    address = f"--jmx.target=127.0.0.1:{target.port}"
    rules, recording = tmp_path / "rules.yml", tmp_path / "tomcat.rec"

    made = run("generate", address, "--interval=1s", "-o", str(rules))
    again = run("generate", address, "-o", str(rules))
    checked = run("check", "--strict", str(rules))
    page = run("scrape", address, f"--config.file={rules}")
    run("record", address, "--interval=1s", str(recording))

    assert (made.returncode, made.stdout) == (0, ""), made.stderr
    assert again.returncode == 2
    assert "would be lost" in again.stderr
    assert checked.returncode == 0, checked.stdout
    assert page.returncode == 0, page.stderr
    assert "_objectname" not in page.stdout
    assert "\ntomcat_global_request_processor_requests_total{" in page.stdout
    if shutil.which("promtool"):
        assert remarks(page.stdout) == []
        one = tried(read_recording(str(recording)), name)
        assert one.starter.wrong == []
        assert one.remarks == []
        assert one.counters >= 20
        assert one.agreement >= 0.9, one.missed


def test_what_no_mbean_is_like_is_said(moving_app):
    address = f"--jmx.target=127.0.0.1:{moving_app.port}"

    nothing = run("generate", address, "--interval=0s", "no.such:*")
    no_pattern = run("generate", address, "--interval=0s", "sessions")

    assert nothing.returncode == 1
    assert "no MBean with a number is like that" in nothing.stderr
    assert no_pattern.returncode == 2
    assert "'sessions' is no ObjectName pattern" in no_pattern.stderr
