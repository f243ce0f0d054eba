"""What the bridge promises when rule files go bad, change at a bad moment, or can't be matched to the end."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from integration.measures import timed, value
from integration.support import ALL, Served, asleep, one_number, put, serving
from integration.targets import CACHE, wait_until

# -- files that go bad -----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["broken", "emptied", "removed"])
def test_the_last_good_rules_stay_when_the_file_goes_bad(moving_app, tmp_path, how):
    one_number(moving_app)
    rules = tmp_path / "rules.yml"
    good = "rules: [{pattern: 't<type=A><>Count', name: mine}]\n"
    rules.write_text(good)
    with serving(
        f"--jmx.target={moving_app.address}", f"--config.file={rules}"
    ) as served:
        assert "\nmine 1.0\n" in served.metrics()
        if how == "broken":
            rules.write_text("rules: [{pattern: '('}]\n")
        elif how == "emptied":
            rules.write_text("")
        else:
            rules.unlink()
        page = wait_until(lambda: refused(served), 10)
        status = served.get("/")[2]
        rules.write_text(good.replace("mine", "yours"))
        wait_until(lambda: "\nyours 1.0\n" in served.metrics(), 10)
    assert "\nmine 1.0\n" in page
    assert "stay in use" in status


def refused(served: Served) -> str | None:
    page = served.metrics()
    bad = value(page, "jmx_bridge_config_last_reload_successful") == 0.0
    return page if bad else None


# -- files that change at a bad moment -------------------------------------------------------------


def test_of_two_reloads_at_once_the_newer_file_wins(moving_app, tmp_path):
    one_number(moving_app)
    many = "".join(f"- {{pattern: 'x{n}(.+)y(.*)', name: old}}\n" for n in range(3000))
    old = f"{ALL}rules:\n{many}- {{pattern: '.*', name: old}}\n"
    rules = tmp_path / "rules.yml"
    rules.write_text(ALL)
    with (
        serving(f"--jmx.target={moving_app.address}", f"--config.file={rules}") as one,
        ThreadPoolExecutor(1) as pool,
    ):
        rules.write_text(old)
        slow = pool.submit(one.get, "/-/reload", "POST")
        time.sleep(0.2)
        rules.write_text(f"{ALL}rules:\n- {{pattern: '.*', name: newest}}\n")
        status = one.get("/-/reload", "POST")[0], slow.result()[0]
        pages = [one.metrics() for _ in range(5) if not time.sleep(0.5)]

    assert status == (200, 200)
    assert [value(page, "newest") for page in pages] == [1.0] * 5


def test_a_request_after_a_reload_gets_nothing_of_what_it_replaced(
    moving_app, tmp_path
):
    one_number(moving_app)
    one_number(moving_app, name="t:type=Z")
    rules = tmp_path / "rules.yml"
    rules.write_text(f"{ALL}rules: [{{pattern: 'A>', name: old}}, {{}}]\n")
    with (
        serving(f"--jmx.target={moving_app.address}", f"--config.file={rules}") as one,
        ThreadPoolExecutor(1) as pool,
    ):
        assert value(one.metrics(), "old") == 1.0
        moving_app.tell("sleep\tt:type=Z\t60000")
        first = pool.submit(one.metrics)
        wait_until(lambda: asleep(moving_app))
        rules.write_text(f"{ALL}rules: [{{pattern: 'A>', name: new}}]\n")
        reloaded = one.get("/-/reload", "POST")[0]
        running = not first.done()
        page = one.metrics()

    assert (reloaded, running) == (200, True)
    assert (value(page, "old"), value(page, "new")) == (None, 1.0)
    assert value(first.result(), "old") == 1.0


def test_a_rule_file_that_changes_during_the_start_is_read_again(moving_app, tmp_path):
    """It is replaced after it was read, which a warning tells, and before anybody listens."""
    one_number(moving_app)
    many = "".join(f"- {{pattern: 'x{n}(.+)y(.*)', name: old}}\n" for n in range(3000))
    rules = tmp_path / "rules.yml"
    rules.write_text(f"odd: 1\n{ALL}rules:\n{many}- {{pattern: '.*', name: old}}\n")

    def was_read() -> bool:
        logs = [path.read_text() for path in CACHE.glob("bridge-*.log")]
        return any(str(rules) in log and "config.warning" in log for log in logs)

    def replace() -> None:
        wait_until(was_read, 30)
        rules.write_text(f"{ALL}rules: [{{pattern: '.*', name: newest}}]\n")

    with ThreadPoolExecutor(1) as pool:
        replaced = pool.submit(replace)
        with serving(
            f"--jmx.target={moving_app.address}", f"--config.file={rules}"
        ) as served:
            replaced.result()
            wait_until(lambda: value(served.metrics(), "newest") == 1.0, 10)


# -- rules that can't be matched to the end --------------------------------------------------------

WILD = r"Nodes: (.+),(.+),(.+),(.+),(.+),(.+);"


def test_a_rule_that_would_match_for_ever_costs_its_own_values_and_is_named(
    moving_app, tmp_path
):
    for index in range(200):
        put(moving_app, f"t:type=N,n={index}", "Nodes", "string", "ok;" + "n," * 400)
    put(moving_app, "t:type=A", "Count", "long", 7)
    rules = tmp_path / "rules.yml"
    wild = f"- {{pattern: '{WILD}', name: nodes, value: 1}}\n"
    rules.write_text(f"{ALL}rules:\n{wild}- pattern: '.*'\n")
    with serving(
        f"--jmx.target={moving_app.address}",
        f"--config.file={rules}",
        "--scrape.timeout=9s",
    ) as served:
        pages = [timed(served) for _ in range(2)]
        status, log = served.get("/")[2], served.logged()
        rules.write_text(
            f"{ALL}rules:\n- {{pattern: 'Nodes: ok', name: nodes, value: 1}}\n"
        )
        assert served.get("/-/reload", "POST")[0] == 200
        healed = served.metrics()

    steps, rests = (
        value(pages[0][1], f'jmx_bridge_samples_dropped{{reason="pattern_{why}"}}')
        for why in ("steps", "rests")
    )
    assert steps + rests == 200
    assert 1 <= steps <= 60
    assert max(seconds for seconds, _ in pages) < 9
    assert all("t_A_Count 7.0" in page for _, page in pages)
    assert all("nodes{" not in page for _, page in pages)
    rule = f"{rules}:4"
    assert (
        f'jmx_bridge_rule_dropped{{rule="{rule}",reason="pattern_steps"}}'
        in pages[0][1]
    )
    assert f"<code>{rule}</code>: the pattern would have taken too many steps" in status
    assert log.count("reason=pattern_steps") == 1
    assert "pattern_" not in healed
    assert re.search(r"^nodes", healed, re.MULTILINE)
