"""The workbench's page on real JVMs: what it answers, beside a bridge that scrapes, and that nothing of it is there when it is off."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.support import COMMAND, one_number, run, serving
from integration.targets import CACHE, ROOT, compile_java, start_target, wait_until
from integration.test_canaries import CANARY, RULES, SHORT, found_at

GUESS = """
rules:
- {pattern: 'password: (.)(.*)', name: guessed, value: 1, labels: {a: $1, apiKey: x, rest: $2}}
- {pattern: 'sessionId=(.+)><>Hits', name: hits, labels: {session: $1}}
- {}
"""


class Page:
    """What a browser asks of a workbench."""

    def __init__(self, base: str, cookie: str = "") -> None:
        self.base = base
        self.cookie = cookie

    def get(self, path: str, **headers: str) -> str:
        return self._asked(urllib.request.Request(f"{self.base}{path}"), headers)

    def post(self, path: str, **body: object) -> str:
        origin = self.base.removesuffix("/workbench")
        request = urllib.request.Request(
            f"{self.base}{path}", json.dumps(body).encode(), method="POST"
        )
        sent = {"Origin": origin, "Content-Type": "application/json"}
        return self._asked(request, sent)

    def _asked(self, request, headers) -> str:
        for name, text in {"Cookie": self.cookie, **headers}.items():
            request.add_header(name, text)
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return f"{error.code} {error.read().decode()}"

    @property
    def reading(self) -> str:
        return json.loads(self.get("/api/state"))["reading"]["id"]


@contextmanager
def workbench(*arguments: str) -> Iterator[Page]:
    """Run `jmx-bridge workbench`, and enter by the address that it prints."""
    process = subprocess.Popen(
        [*COMMAND, "workbench", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "JMX_BRIDGE_JMX_PASSWORD": f"{CANARY}login"},
    )
    assert process.stdout
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), address
        opener = urllib.request.build_opener(NoRedirect)
        with pytest.raises(urllib.error.HTTPError) as entered:
            opener.open(address, timeout=30)
        assert entered.value.code == 303
        cookie = entered.value.headers["Set-Cookie"].partition(";")[0]
        entered.value.close()
        yield Page(address.partition("?")[0], cookie)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        process.stdout.close()


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


@pytest.fixture(scope="module")
def canaries():
    classes = compile_java(
        [ROOT / "tests" / "java" / "CanaryApp.java"], CACHE / "canary"
    )
    flags = (f"-Dshop.password={CANARY}property", f"-Dshop.token={CANARY}argument")
    target = start_target(classes, "CanaryApp", CANARY, flags=flags)
    yield target
    target.stop()


def everything(page: Page) -> dict[str, str]:
    """Return what each endpoint answers."""
    reading = page.reading
    tree = json.loads(page.get("/api/tree"))
    names = [one["name"] for domain in tree["domains"] for one in domain["mbeans"]]
    quoted = [urllib.parse.quote(name, safe="") for name in names]
    found = {
        "state": page.get("/api/state"),
        "tree": page.get("/api/tree"),
        "mbean": "".join(
            page.get(f"/api/mbean?reading={reading}&name={n}") for n in quoted
        ),
        "search": page.get(f"/api/search?reading={reading}&q=shop&state=all"),
        "try": page.post("/api/try", reading=reading, rules=GUESS),
        "try again": page.post("/api/try", reading=reading, rules="rules: [{}]"),
    }
    for what in ("shop_text", "shop_hits", "shop_nothing", "password", "shop:*"):
        told = page.post("/api/explain", reading=reading, what=what, rules=None)
        found[f"explain {what}"] = told
    for what in ("guessed", "hits", "password"):
        told = page.post("/api/explain", reading=reading, what=what, rules=GUESS)
        found[f"explain {what} on trial"] = told
    return found


@pytest.mark.parametrize("how", ["alone", "beside"])
def test_no_endpoint_shows_a_secret(canaries, tmp_path, how):
    file = tmp_path / "rules.yml"
    file.write_text(RULES, "utf-8")
    flags = [f"--jmx.target={canaries.address}", f"--config.file={file}"]
    if how == "alone":
        with workbench(*flags, "--jmx.username=shop") as page:
            answers = everything(page)
    else:
        environ = {"JMX_BRIDGE_JMX_PASSWORD": f"{CANARY}login"}
        flags += ["--web.workbench", "--jmx.username=shop"]
        with serving(*flags, environ=environ) as served:
            answers = everything(Page(f"http://127.0.0.1:{served.port}/workbench"))

    for what, told in answers.items():
        places = [told[max(0, at - 60) : at + 60] for at in found_at(told, CANARY)]
        assert places == [], what
        short = [told[max(0, at - 60) : at + 9] for at in found_at(told, SHORT)]
        assert short == [], what
        assert not told.startswith(("4", "5")), (what, told[:200])
    assert json.loads(answers["try"])["valid"]


def test_a_live_jvm_is_read_anew_when_it_is_asked_for(moving_app):
    one_number(moving_app, 7)
    with workbench(f"--jmx.target={moving_app.address}") as page:
        before = page.reading
        assert '"value": "7"' in page.get(f"/api/search?reading={before}&q=Count")
        one_number(moving_app, 8)
        after = json.loads(page.post("/api/refresh"))["reading"]["id"]
        found = page.get(f"/api/search?reading={after}&q=Count")
        gone = page.get(f"/api/search?reading={before}&q=Count")
        tried = json.loads(
            page.post(
                "/api/try",
                reading=after,
                rules="rules: [{pattern: 't<type=A><>Count', name: c, type: GAUGE}]",
            )
        )

    assert '"value": "8"' in found
    assert gone.startswith("410 ")
    gained = tried["series"]["gained"]
    assert ("c", "8.0", "editor:1") in [
        (one["series"], one["value"], one["line"]) for one in gained["shown"]
    ]


def test_without_the_cookie_or_under_a_foreign_name_nobody_comes_in(moving_app):
    with workbench(f"--jmx.target={moving_app.address}") as page:
        stranger = Page(page.base)
        assert stranger.get("/api/state").startswith("403 ")
        assert page.get("/api/state", Host="evil.example").startswith("421 ")
        assert page.get("/api/state", Origin="http://evil.example").startswith("403 ")
        assert page.get("/api/state").startswith("{")


def children(pid: int) -> list[int]:
    return [
        int(word)
        for file in Path(f"/proc/{pid}/task").glob("*/children")
        for word in file.read_text().split()
    ]


def test_beside_serve_it_is_a_process_that_begins_and_ends_with_its_use(moving_app):
    one_number(moving_app)
    with serving(f"--jmx.target={moving_app.address}", "--web.workbench") as served:
        pid = served.process.pid
        assert children(pid) == []
        assert '<a href="/workbench">' in served.get("/")[2]
        page = Page(f"http://127.0.0.1:{served.port}/workbench")
        assert page.reading
        (child,) = children(pid)
        assert Path(f"/proc/{child}/oom_score_adj").read_text().strip() == "1000"
        assert "Count" in served.metrics()
        # Killed, as the kernel does where memory is short: nothing else happens.
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: children(pid) != [child], 20)
        assert page.get("/api/state").startswith("{")
        (second,) = children(pid)
        assert second != child
        assert "jmx_up 1.0" in served.metrics()
    wait_until(lambda: not Path(f"/proc/{second}").exists(), 20)


LOADED = """
import sys
from jmx_bridge import cli
import jmx_bridge.commands.serve
from jmx_bridge.commands.lean import load_server
load_server(openssl=False)
print(*sorted(name for name in sys.modules if name.startswith("jmx_bridge")))
"""


def test_when_it_is_off_serve_loads_nothing_of_it():
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    loaded = done.stdout.split()

    assert "jmx_bridge.web.app" in loaded
    assert [name for name in loaded if "workbench" in name] == []
    for name in ("alone", "assets", "beside", "door"):
        assert f"jmx_bridge.web.{name}" not in loaded
    assert "jmx_bridge.commands.beside" not in loaded


def test_a_port_that_is_taken_is_told(moving_app):
    with workbench(f"--jmx.target={moving_app.address}") as page:
        port = page.base.split(":")[2].partition("/")[0]
        done = run("workbench", f"--jmx.target={moving_app.address}", f"--port={port}")

    assert done.returncode == 2
    assert "can't listen there" in done.stderr


def test_a_target_that_is_not_there_is_told(tmp_path):
    done = run("workbench", "--jmx.target=127.0.0.1:1")

    assert done.returncode == 1
    assert "troubleshooting.md#connect" in done.stderr
    assert "Traceback" not in done.stderr
