"""What each path answers, through a real server with a source that is made up."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from dataclasses import replace

import pytest
from aiohttp import ClientSession
from fake_source import (
    BIG,
    LIMITS,
    PATIENCE,
    FakeSource,
    page_of,
    until,
    with_client,
)

from jmx_bridge.config.web.schema import OPEN, RateLimit, Secret, WebConfig
from jmx_bridge.errors import ConfigError, Problem
from jmx_bridge.manual import see
from jmx_bridge.web import app, pages
from jmx_bridge.web.access import HEADERS
from jmx_bridge.web.app import TIMEOUT_HEADER, Limits
from jmx_bridge.web.connections import ConnectionTable
from jmx_bridge.web.pages import MOST_WAITING

TEXT = "text/plain; version=0.0.4; charset=utf-8"


def get(source: FakeSource, url: str, method: str = "GET", headers=None, **more):
    """Return status, headers and body of one request."""

    async def talk(client):
        sent = {"Accept-Encoding": "identity", **(headers or {})}
        async with client.request(method, url, headers=sent) as answer:
            return answer.status, answer.headers, await answer.text()

    return with_client(source, talk, **more)


def test_metrics_are_served_in_the_oldest_format_unless_another_is_asked_for():
    status, headers, text = get(FakeSource(), "/metrics")

    assert status == 200
    assert headers["Content-Type"] == TEXT
    assert headers["Vary"] == "Accept, Accept-Encoding"
    assert int(headers["Content-Length"]) == len(text)
    assert 'a{n="000000"} 1.0' in text.splitlines()


def test_openmetrics_is_served_when_asked_for():
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    _, headers, text = get(FakeSource(), "/metrics", headers=accept)

    assert headers["Content-Type"].startswith("application/openmetrics-text")
    assert text.endswith("# EOF\n")


def test_names_choose_what_is_served():
    _, _, text = get(FakeSource(), "/metrics?name[]=c_total&name[]=nothing")

    assert text == "# TYPE c_total counter\nc_total 7.0\n"


def test_head_tells_the_length_and_sends_nothing():
    status, headers, text = get(FakeSource(), "/metrics", "HEAD")

    assert status == 200
    assert headers["Content-Type"] == TEXT
    assert (int(headers["Content-Length"]) > 0, text) == (True, "")


def test_every_answer_has_the_headers():
    for path in ("/metrics", "/", "/-/healthy", "/-/ready", "/nowhere"):
        _, headers, _ = get(FakeSource(), path)

        assert {**HEADERS, **headers} == headers


@pytest.mark.parametrize("path", ["/metrics", "/nowhere"])
def test_an_answer_that_aiohttp_makes_by_itself_has_them_too(path):
    status, headers, _ = get(FakeSource(), path, headers={"Expect": "a-miracle"})

    assert status == 417
    assert {**HEADERS, **headers} == headers


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("deflate, gzip;q=0.5", True),
        ("x-gzip", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("gzip; q=0.00", False),
        ("deflate, br", False),
        ("", False),
    ],
)
def test_gzip_is_used_if_the_client_takes_it(accepted, packed):
    async def talk(client):
        url = client.make_url("/metrics")
        async with (
            ClientSession(auto_decompress=False) as raw,
            raw.get(url, headers={"Accept-Encoding": accepted}) as answer,
        ):
            return answer.headers, await answer.read()

    headers, body = with_client(FakeSource(page_of(500)), talk)

    assert headers.get("Content-Encoding") == ("gzip" if packed else None)
    text = gzip.decompress(body) if packed else body
    assert text.startswith(b"# TYPE a gauge\n")


def test_a_page_that_is_too_large_is_cut():
    limits = replace(LIMITS, most_bytes=1000)
    _, _, text = get(FakeSource(page_of(500)), "/metrics", limits=limits)

    assert "jmx_bridge_page_samples_cut 500\n" in text
    assert "c_total 7.0\n" in text


@pytest.mark.parametrize(
    ("header", "budget"),
    [
        (None, 10.0),
        ("", 10.0),
        ("soon", 10.0),
        ("nan", 10.0),
        ("inf", 10.0),
        ("-1", 10.0),
        ("0", 10.0),
        ("5", 4.5),
        ("1e9", 120.0),
        ("1e300", 120.0),
        ("0.5", 0.5),
        ("0.55", 0.1),
        ("0.01", 0.1),
    ],
)
def test_the_budget_is_what_the_clients_time_leaves(header, budget):
    assert Limits(10.0, 0.5, 1).budget(header) == pytest.approx(budget)


def test_the_scrape_has_the_clients_time():
    source = FakeSource()
    get(source, "/metrics", headers={TIMEOUT_HEADER: "3"})

    assert 2.0 < source.lefts[0] < 2.5


def test_a_scrape_that_takes_longer_than_the_client_has_gives_no_values():
    source = FakeSource(held=True)

    async def talk(client):
        async with client.get("/metrics", headers={TIMEOUT_HEADER: "0.55"}) as answer:
            text = await answer.text()
        source.release()
        return answer.status, text

    status, text = with_client(source, talk)

    assert (status, text) == (200, "# TYPE jmx_up gauge\njmx_up 0.0\n")


def test_clients_that_want_the_same_at_the_same_time_have_it_rendered_once(monkeypatch):
    rendered = []
    render = pages.render

    def counted(*arguments):
        rendered.append(arguments)
        return render(*arguments)

    monkeypatch.setattr(pages, "render", counted)
    source, table = FakeSource(held=True), ConnectionTable()

    async def talk(client):
        requests = [asyncio.create_task(client.get("/metrics")) for _ in range(4)]
        await until(lambda: source.scrapes and len(table._busy) == 4)
        source.release()
        return [await (await one).text() for one in requests]

    texts = with_client(source, talk, table=table)

    assert len(set(texts)) == 1
    assert (source.scrapes, len(rendered)) == (1, 1)


def held_filters(monkeypatch) -> threading.Event:
    """Let pages of chosen families be made only once the event that is returned is set."""
    render, released = pages.render, threading.Event()

    def held(snapshot, fmt, names, most):
        if names:
            assert released.wait(PATIENCE)
        return render(snapshot, fmt, names, most)

    monkeypatch.setattr(pages, "render", held)
    return released


def test_clients_that_each_want_other_families_keep_no_plain_scrape_waiting(
    monkeypatch,
):
    released = held_filters(monkeypatch)

    async def talk(client):
        others = [
            asyncio.create_task(client.get(f"/metrics?name[]=a&name[]=b{n}"))
            for n in range(60)
        ]
        await until(lambda: sum(other.done() for other in others) == 60 - MOST_WAITING)
        async with client.get("/metrics") as answer:
            text = await answer.text()
        released.set()
        return text, [(await other).status for other in others]

    text, statuses = with_client(FakeSource(), talk)

    assert 'a{n="000000"} 1.0' in text
    assert sorted(statuses) == [200] * MOST_WAITING + [503] * (60 - MOST_WAITING)


def test_a_page_that_is_not_made_in_time_is_answered_without_values(monkeypatch):
    released = held_filters(monkeypatch)

    async def talk(client):
        url, header = "/metrics?name[]=jmx_up", {TIMEOUT_HEADER: "0.8"}
        async with client.get(url, headers=header) as answer:
            text = await answer.text()
        released.set()
        return answer.status, answer.headers, text

    status, headers, text = with_client(FakeSource(), talk)

    assert (status, text) == (200, "# TYPE jmx_up gauge\njmx_up 0.0\n")
    assert headers["Content-Type"] == TEXT


@pytest.mark.parametrize("header", [b"", f"{TIMEOUT_HEADER}: 1e8\r\n".encode()])
def test_a_client_that_does_not_read_is_cut_off(header, caplog):
    # Much time for the scrape, and little to read: it is not the one that ends the other.
    limits = replace(LIMITS, scrape_timeout=60, read_seconds=0.2, most_bytes=1 << 28)
    source = FakeSource(page_of(**BIG))

    async def talk(client):
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect(("127.0.0.1", client.port))
            slow.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n")
            await until(lambda: "web.slow_client" in caplog.text)
        async with client.get("/-/healthy") as answer:
            return answer.status

    assert with_client(source, talk, limits=limits) == 200


def test_a_client_that_hangs_up_leaves_no_trace(caplog):
    table = ConnectionTable()

    async def talk(client):
        reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.transport.abort()
        await until(lambda: not table._busy)
        async with client.get("/-/healthy") as answer:
            return answer.status

    limits = replace(LIMITS, most_bytes=1 << 28)
    source = FakeSource(page_of(**BIG))

    assert with_client(source, talk, limits=limits, table=table) == 200
    assert caplog.text == ""


# -- the other paths -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text"), [("/-/healthy", "Healthy\n"), ("/-/ready", "Ready\n")]
)
def test_health_and_readiness_ask_nobody(path, text):
    source = FakeSource()

    assert get(source, path)[::2] == (200, text)
    assert source.scrapes == 0


def test_the_status_page_is_at_the_root():
    status, headers, text = get(FakeSource(), "/")

    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<title>JMX Bridge: up</title>" in text


def test_metrics_may_be_at_the_root_and_then_there_is_no_status_page():
    assert get(FakeSource(), "/", path="/")[1]["Content-Type"] == TEXT


def test_an_unknown_path_is_told_the_known_ones():
    status, _, text = get(FakeSource(), "/nowhere", path="/m")

    assert (status, text) == (
        404,
        "Not found. There are: /m  /  /-/healthy  /-/ready  /-/reload\n",
    )


def test_another_method_is_told_the_possible_ones():
    status, headers, text = get(FakeSource(), "/-/reload")

    assert (status, headers["Allow"]) == (405, "POST, PUT")
    assert text == "GET is not possible here, only POST, PUT.\n"


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_reload_reads_the_rules_again(method):
    source = FakeSource()

    assert get(source, "/-/reload", method)[::2] == (200, "Reloaded\n")
    assert source.reloads == 1


def test_reloads_at_the_same_time_share_the_next_one():
    source, table = FakeSource(held=True), ConnectionTable()
    source.holds_reloads = True

    async def talk(client):
        first = asyncio.create_task(client.post("/-/reload"))
        await until(lambda: source.reloading)
        further = [asyncio.create_task(client.post("/-/reload")) for _ in range(30)]
        await until(lambda: len(table._busy) == 31)
        source.release()
        return [(await one).status for one in (first, *further)]

    assert with_client(source, talk, table=table) == [200] * 31
    assert source.reloads == 2


def test_a_file_that_cannot_be_read_holds_up_nobody_but_reloads(monkeypatch):
    monkeypatch.setattr(app, "RELOAD_SECONDS", 0.1)
    source = FakeSource(held=True)
    source.holds_reloads = True

    async def talk(client):
        asked = [asyncio.create_task(client.post("/-/reload")) for _ in range(8)]
        statuses = {(await one).status for one in asked}
        source.holds_scrapes = False
        async with client.get("/metrics") as answer:
            page = answer.status, await answer.text()
        source.release()
        return statuses, page

    statuses, (status, text) = with_client(source, talk)

    assert statuses == {503}
    assert status == 200
    assert 'a{n="000000"} 1.0' in text


def test_a_reload_that_a_page_in_a_browser_asks_for_is_refused():
    source = FakeSource()
    headers = {"Origin": "http://evil.example"}
    status, _, text = get(source, "/-/reload", "POST", headers)

    assert (status, source.reloads) == (403, 0)
    assert "--web.enable-lifecycle" in text


def test_a_reload_of_a_wrong_file_is_told_what_is_wrong():
    source = FakeSource()
    source.error = ConfigError((Problem("r.yml", 3, 4, "is wrong"),))

    status, _, text = get(source, "/-/reload", "POST")

    assert (status, text) == (
        500,
        f"The old rules stay.\nr.yml:3:4: is wrong\nsee: {see('config.refused')}\n",
    )


def test_a_bug_is_answered_without_a_stack_trace(caplog):
    source = FakeSource()
    source.error = RuntimeError("a secret")

    status, _, text = get(source, "/metrics")

    assert (status, text) == (
        500,
        f"Internal error, see the log.\nsee: {see('web.failed')}\n",
    )
    assert "web.failed" in caplog.text


def test_a_fault_that_clients_can_repeat_is_told_a_few_times_only(caplog):
    source = FakeSource()
    source.error = RuntimeError("a bug")

    async def talk(client):
        for _ in range(50):
            async with client.get("/metrics") as answer:
                await answer.read()

    with_client(source, talk)

    assert caplog.text.count("web.failed") <= 10


@pytest.mark.parametrize(
    ("config", "status"),
    [
        (WebConfig(users=(("ann", Secret("plaintext", "x")),)), 401),
        (WebConfig(rate=RateLimit(1000.0, 1)), 200),
        (OPEN, 200),
    ],
    ids=["password", "rate", "open"],
)
def test_nobody_comes_in_who_may_not(config, status):
    source = FakeSource()

    assert get(source, "/metrics", config=config)[0] == status
    assert source.scrapes == (status == 200)


def test_the_table_of_connections_hears_of_requests():
    table = ConnectionTable()
    source = FakeSource(held=True)

    async def talk(client):
        asked = asyncio.create_task(client.get("/metrics"))
        await until(lambda: source.scrapes)
        busy = (len(table._busy), len(table._silent))
        source.release()
        await (await asked).read()
        await until(lambda: not table._busy)
        return busy, (len(table._busy), len(table._silent))

    assert with_client(source, talk, table=table) == ((1, 0), (0, 1))
