"""The workbench beside a server: a process of its own, played by a thread with the real server in it."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiohttp.test_utils import TestClient, TestServer
from fake_source import LIMITS, FakeSource, no_stores, until

from jmx_bridge.config.web.schema import OPEN, Secret, WebConfig
from jmx_bridge.errors import NotAnswered
from jmx_bridge.web import AccessControl, alone, assets
from jmx_bridge.web.alone import serve_beside
from jmx_bridge.web.app import make_app
from jmx_bridge.web.beside import Beside, Running
from jmx_bridge.web.connections import ConnectionTable
from jmx_bridge.web.door import Door
from jmx_bridge.web.shared import SharedScrape

USERS = WebConfig(users=(("shop", Secret("plaintext", "pw")),))
JSON = {"Content-Type": "application/json"}


class FakeAnswers:
    """Answers with what it was asked."""

    def __init__(self):
        self.clients = []

    def state(self):
        return {"state": 1, "text": "\ud800"}

    def tree(self):
        return {"tree": "x" * 5000}

    def schema(self):
        return "{}"

    def mbean(self, reading, name):
        raise NotAnswered(410, "gone", reading={"id": reading, "name": name})

    def search(self, *asked):
        return {"asked": asked}

    def explain(self, client, *asked):
        self.clients.append(client)
        return {"asked": asked}

    def attempt(self, client, *asked):
        self.clients.append(client)
        return {"asked": asked}

    def refresh(self):
        raise ValueError("a bug")

    def tidy(self):
        pass


class FakeProcess:
    """A thread that serves, until its socket is closed; *alive* counts those that run."""

    alive = 0

    def __init__(self, answers, control):
        self._thread = threading.Thread(target=self._run, args=(answers, control))
        self._thread.start()

    def _run(self, answers, control):
        type(self).alive += 1
        try:
            with control:
                serve_beside(answers, control)
        finally:
            type(self).alive -= 1

    def poll(self):
        return None if self._thread.is_alive() else 0

    def kill(self):
        self._thread.join(10)


class Beginning:
    """Starts such processes, and counts them."""

    def __init__(self):
        self.answers = FakeAnswers()
        self.started = []

    def __call__(self):
        ours, theirs = socket.socketpair()
        running = Running(FakeProcess(self.answers, theirs), ours)
        self.started.append(running)
        return running


@pytest.fixture
def start(monkeypatch):
    # Only the main thread may handle signals.
    monkeypatch.setattr(
        asyncio.unix_events._UnixSelectorEventLoop,
        "add_signal_handler",
        lambda *_: None,
    )
    yield Beginning()
    assert FakeProcess.alive == 0


def talk(start, ask, *, config=OPEN, local=True, idle=600.0):
    """Serve with a workbench beside it, and return what *ask* returns of a client."""

    async def run():
        access = AccessControl(config, no_stores)
        beside = Beside(start, Door([]), access, local=local, idle=idle)
        with ThreadPoolExecutor(4) as executor:
            shared = SharedScrape(FakeSource(), executor, LIMITS.most_bytes)
            app = make_app(shared, "/metrics", LIMITS, access, ConnectionTable())
            beside.add_to(app.router)
            async with TestClient(TestServer(app)) as client:
                try:
                    return await ask(client)
                finally:
                    beside.close()

    return asyncio.run(run())


def own(client) -> dict[str, str]:
    """Headers as our own page sends them."""
    return {"Origin": f"http://{client.host}:{client.port}", **JSON}


def test_nothing_is_started_before_somebody_asks(start):
    async def ask(client):
        await client.get("/metrics")
        await client.get("/")
        return (
            await client.get("/workbench/api/state", headers={"Host": "evil"})
        ).status

    assert talk(start, ask) == 421
    assert start.started == []


def test_requests_are_handed_on_with_who_asks(start):
    async def ask(client):
        state = await (await client.get("/workbench/api/state")).json()
        found = await client.get(
            "/workbench/api/search?reading=r&q=%22%0d%0a%C3%A4&offset=7"
        )
        searched = await found.json()
        body = json.dumps({"reading": "r", "rules": "x" * 300_000})
        tried = await client.post("/workbench/api/try", data=body, headers=own(client))
        return state, searched["asked"], (await tried.json())["asked"]

    state, searched, tried = talk(start, ask)

    assert state == {"state": 1, "text": "?"}
    assert searched == ["r", '"\r\n\u00e4', "all", 7]
    assert tried == ["r", "x" * 300_000]
    assert len(start.started) == 1
    assert len(start.answers.clients[0]) > 10


def test_what_is_not_answered_is_told_as_json(start):
    async def ask(client):
        found = []
        for path in ("mbean?reading=r&name=n", "search?offset=-1", "nothing"):
            answer = await client.get(f"/workbench/api/{path}")
            found.append((answer.status, await answer.json()))
        for data in ("{", "[]", "[" * 9999):
            answer = await client.post(
                "/workbench/api/try", data=data, headers=own(client)
            )
            found.append((answer.status, "error" in await answer.json()))
        answer = await client.post(
            "/workbench/api/refresh", data="{}", headers=own(client)
        )
        found.append((answer.status, "a bug" in await answer.text()))
        big = await client.post(
            "/workbench/api/try", data=io.BytesIO(b" " * (3 << 20)), headers=own(client)
        )
        return [*found, big.status]

    gone, searched, nothing, *bad, bug, big = talk(start, ask)

    assert gone == (410, {"error": "gone", "reading": {"id": "r", "name": "n"}})
    assert searched[1]["asked"][3] == -1
    assert nothing[0] == 404
    assert bad == [(400, True)] * 3
    assert bug == (500, False)
    assert big == 413


def test_a_page_of_another_site_is_refused(start):
    async def ask(client):
        foreign = {**JSON, "Origin": "http://evil.example"}
        posted = await client.post("/workbench/api/try", data="{}", headers=foreign)
        return posted.status, "error" in await posted.json()

    assert talk(start, ask) == (403, True)
    assert start.started == []


@pytest.mark.parametrize("password", ["pw", "wrong"])
def test_it_stands_behind_the_rules_of_who_may_come_in(start, password):
    async def ask(client):
        shown = base64.b64encode(f"shop:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {shown}"}
        return (await client.get("/workbench/api/state", headers=headers)).status

    assert (
        talk(start, ask, config=USERS, local=False)
        == {"pw": 200, "wrong": 401}[password]
    )


def test_on_other_addresses_nobody_unknown_comes_in_whatever_is_reloaded(start):
    async def ask(client):
        return (await client.get("/workbench/api/state")).status

    assert talk(start, ask, local=False) == 403
    assert start.started == []


def test_a_process_that_nobody_asks_ends_and_another_is_started(start):
    async def ask(client):
        await client.get("/workbench/api/state")
        await until(lambda: FakeProcess.alive == 0)
        return (await client.get("/workbench/api/state")).status

    assert talk(start, ask, idle=0.05) == 200
    assert len(start.started) == 2


def test_the_page_has_a_nonce_of_its_own_and_a_strict_policy(
    start, monkeypatch, tmp_path
):
    (tmp_path / "index.html").write_text('<meta name="csp-nonce" content="{{nonce}}">')
    (tmp_path / "workbench-1a.js").write_text("js")
    (tmp_path / "workbench-1a.js.gz").write_bytes(b"packed")
    (tmp_path / "secret.key").write_text("key")
    monkeypatch.setattr(assets.page, "__defaults__", (tmp_path,))
    monkeypatch.setitem(assets.asset.__kwdefaults__, "folder", tmp_path)

    async def ask(client):
        pages = [await client.get("/workbench") for _ in range(2)]
        texts = [await page.text() for page in pages]
        script = await client.get(
            "/workbench/assets/workbench-1a.js", headers={"Accept-Encoding": "identity"}
        )
        kept = (await script.text(), script.headers["Cache-Control"])
        wrong = [
            (await client.get(f"/workbench/assets/{name}")).status
            for name in (
                "secret.key",
                "index.html",
                "..%2fpage.py",
                "nothing.js",
                "a%00.js",
            )
        ]
        return (
            texts,
            [page.headers["Content-Security-Policy"] for page in pages],
            kept,
            wrong,
        )

    texts, policies, kept, wrong = talk(start, ask)

    nonces = [text.split('"')[3] for text in texts]
    assert nonces[0] != nonces[1]
    assert [
        f"'nonce-{one}'" in policy for one, policy in zip(nonces, policies, strict=True)
    ]
    assert "default-src 'none'; script-src 'self'; " in policies[0]
    assert "unsafe" not in policies[0]
    assert kept == ("js", assets.FOR_EVER)
    assert wrong == [404] * 5


def test_a_page_that_is_not_built_says_how_it_is(start, monkeypatch, tmp_path):
    monkeypatch.setattr(assets.page, "__defaults__", (tmp_path,))

    async def ask(client):
        answer = await client.get("/workbench")
        return answer.status, await answer.text()

    assert talk(start, ask) == (501, assets.NOT_BUILT)


def test_the_server_alone_lets_in_who_has_the_cookie():
    answers = FakeAnswers()

    async def ask(door):
        async with alone._running(answers, door.client, door.refusal) as runner:
            server = TestServer(runner.app, port=0)
            async with TestClient(server) as client:
                base = "/workbench/api/state"
                before = (await client.get(base)).status
                entered = await client.get(
                    "/workbench?token=tok", allow_redirects=False
                )
                cookie = {"Cookie": entered.headers["Set-Cookie"].split(";")[0]}
                after = await client.get(base, headers=cookie)
                return before, entered.status, after.status, after.headers["Server"]

    assert asyncio.run(ask(Door([], "tok"))) == (403, 303, 200, "jmx-bridge")
