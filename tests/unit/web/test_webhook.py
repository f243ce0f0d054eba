"""What the webhook answers, through a real server."""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from fake_source import no_stores, until

sys.path.insert(0, str(Path(__file__).parents[1] / "admission"))

from reviews import asked, patched, pod_of

from jmx_bridge.admission import Counts, decide
from jmx_bridge.admission.counts import FAILURES
from jmx_bridge.config.web.schema import OPEN
from jmx_bridge.errors import UsageError
from jmx_bridge.settings.wish import STATUS, Wish
from jmx_bridge.web import AccessControl, webhook
from jmx_bridge.web.access import HEADERS
from jmx_bridge.web.bodies import Bodies, BodyRefused
from jmx_bridge.web.connections import ConnectionTable
from jmx_bridge.web.site import Stop
from jmx_bridge.web.webhook import Certificate, Endpoints, Hook, make_webhook

DECIDE = partial(decide, otherwise=Wish())


def with_webhook(talk, decides=DECIDE, counts=None):
    """Return what *talk* returns of a client of the webhook."""

    async def run():
        found = counts or Counts()
        found.certified(time.time() + 1000)
        hook = Hook(decides, found, "cert.pem", 0.0)
        with ThreadPoolExecutor(2) as executor:
            endpoints = Endpoints(hook, executor)
            access = AccessControl(OPEN, no_stores)
            app = make_webhook(endpoints, access, ConnectionTable())
            server = TestServer(app)
            await server.start_server(auto_decompress=False)
            async with TestClient(server) as client:
                client.endpoints = endpoints
                return await talk(client)

    return asyncio.run(run())


async def post(client, body, path="/mutate", **more):
    data = BytesIO(body) if isinstance(body, bytes) else body
    async with client.post(path, data=data, **more) as answer:
        return answer.status, await answer.text()


async def page(client) -> dict[str, float]:
    async with client.get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name.removeprefix("jmx_bridge_webhook_"): float(v) for name, v in pairs}


def once(review, path="/mutate", **more):
    """Return status, text and metrics of one request."""

    async def talk(client):
        body = review if isinstance(review, bytes) else json.dumps(review).encode()
        return *await post(client, body, path), await page(client)

    return with_webhook(talk, **more)


def test_a_pod_that_asks_gets_the_sidecar():
    status, text, metrics = once(asked())

    assert status == 200
    made = patched(pod_of(), text)
    assert made["spec"]["initContainers"][0]["name"] == "jmx-bridge"
    assert metrics["requests_total"] == metrics["injected_total"] == 1
    assert metrics["duration_seconds_count"] == 1
    assert metrics['duration_seconds_bucket{le="+Inf"}'] == 1


@pytest.mark.parametrize(
    ("path", "reason"), [("/mutate", "not_asked"), ("/mutate/namespace", None)]
)
def test_the_path_says_whether_the_namespace_wants_it(path, reason):
    _, text, metrics = once(asked(pod_of({})), path)

    assert ("patch" in json.loads(text)["response"]) is (reason is None)
    assert metrics["injected_total"] == (reason is None)
    assert metrics.get('skipped_total{reason="not_asked"}', 0) == bool(reason)


def test_a_bad_annotation_is_in_status_warning_metrics_and_log(caplog):
    annotations = {"jmx-bridge.io/inject": "true", "jmx-bridge.io/packs": "tomcta"}
    status, text, metrics = once(asked(pod_of(annotations)))
    response = json.loads(text)["response"]

    assert (status, response["allowed"]) == (200, True)
    assert 'did you mean "tomcat"?' in response["warnings"][0]
    noted = patched(pod_of(annotations), text)["metadata"]["annotations"][STATUS]
    assert json.loads(noted)["refused"] == "bad_annotation"
    assert metrics['skipped_total{reason="bad_annotation"}'] == 1
    (record,) = [one for one in caplog.records if one.msg == "webhook.refused"]
    assert record.fields["pod"] == "shop-7d9f8b6c5-"
    assert record.fields["namespace"] == "shop"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\x00" * 1000, b"[" * 100_000, json.dumps({"a": 1}).encode()],
    ids=["empty", "cut", "list", "zeros", "deep", "other"],
)
def test_what_is_no_review_gets_one_line(body, caplog):
    status, text, metrics = once(body)

    assert status == 400
    assert text.count("\n") == 1
    assert "Traceback" not in caplog.text
    assert metrics['failed_total{reason="bad_review"}'] == 1


def test_a_compressed_body_is_not_unpacked():
    async def talk(client):
        body = gzip.compress(json.dumps(asked()).encode())
        return await post(client, body, headers={"Content-Encoding": "gzip"})

    assert with_webhook(talk)[0] == 400


def test_a_body_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(webhook, "LARGEST_BODY", 1000)
    status, text, metrics = once(b"x" * 1001)

    assert (status, text) == (413, "the body has more than 1000 bytes\n")
    assert metrics['failed_total{reason="too_large"}'] == 1


def test_a_body_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(webhook, "READ_SECONDS", 0.1)

    async def drip():
        yield b"{"
        await asyncio.sleep(60)

    async def talk(client):
        return *await post(client, drip()), client.endpoints._bodies.held

    assert with_webhook(talk) == (408, "the body took more than 0.1 s\n", 0)


def test_bodies_are_bounded_together():
    class Request:
        """A body in pieces."""

        def __init__(self, *pieces: bytes) -> None:
            self.content = self
            self._pieces = pieces

        async def iter_any(self):
            for piece in self._pieces:
                yield piece

    async def talk():
        bodies = Bodies(most=10, most_together=15, seconds=5)
        async with bodies.read(Request(b"12345", b"67890")) as body:
            assert (body, bodies.held) == (b"1234567890", 10)
            with pytest.raises(BodyRefused) as caught:
                async with bodies.read(Request(b"123456")):
                    pass
            async with bodies.read(Request(b"12345")):
                pass
        return caught.value.status, bodies.held

    assert asyncio.run(talk()) == (503, 0)


def test_an_error_of_ours_leaves_the_pod_alone(caplog):
    def broken(*_, **__):
        raise KeyError("x")

    status, text, metrics = once(asked(), decides=broken)
    response = json.loads(text)["response"]

    assert (status, response["allowed"]) == (200, True)
    assert "patch" not in response
    assert "error of the webhook's own" in response["warnings"][0]
    assert metrics['failed_total{reason="internal"}'] == 1
    assert "webhook.failed" in caplog.text


def test_a_decision_that_takes_too_long_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(webhook, "DECIDE_SECONDS", 0.05)

    def slow(*_, **__):
        time.sleep(0.3)

    status, _, metrics = once(asked(), decides=slow)

    assert status == 503
    assert metrics['failed_total{reason="too_slow"}'] == 1


def test_a_pod_of_a_megabyte_is_answered_within_a_second():
    pod = pod_of()
    pod["metadata"]["managedFields"] = [
        {"fieldsV1": {f"f:{at}": {"f:x": {}} for at in range(40_000)}}
    ]
    pod["spec"]["containers"][0]["env"] = [
        {"name": f"V{at}", "value": "x" * 20} for at in range(8000)
    ]
    body = json.dumps(asked(pod)).encode()
    assert len(body) > 1_000_000
    start = time.process_time()
    status, text, _ = once(body)

    assert time.process_time() - start < 1
    assert (status, "patch" in text) == (200, True)


def get(path, *, stop=False, expires=None):
    async def talk(client):
        if stop:
            client.endpoints.stop()
        if expires is not None:
            client.endpoints._counts.certified(expires)
        async with client.get(path) as answer:
            return answer.status, await answer.text(), answer.headers

    return with_webhook(talk)


def test_it_is_ready_until_it_stops_or_its_certificate_expires():
    assert get("/-/ready")[:2] == (200, "Ready\n")
    assert get("/-/ready", stop=True)[:2] == (503, "Stopping\n")
    assert get("/-/ready", expires=1.0)[:2] == (503, "The certificate expired\n")
    assert get("/-/healthy", stop=True)[:2] == (200, "Healthy\n")


@pytest.mark.parametrize(
    ("path", "status"), [("/metrics", 200), ("/mutate", 405), ("/nowhere", 404)]
)
def test_every_answer_has_the_headers(path, status):
    found, text, headers = get(path)

    assert found == status
    assert {**HEADERS, **headers} == headers
    if status == 404:
        assert "/mutate" in text


def test_all_failures_are_there_from_the_start():
    _, _, metrics = once(asked())

    for reason in FAILURES:
        assert metrics[f'failed_total{{reason="{reason}"}}'] == 0


# -- its certificate -------------------------------------------------------------------------------


class FakeAccess:
    """Reloads, or is refused."""

    error: Exception | None = None

    def changed(self) -> bool:
        return True

    def reload(self) -> None:
        if self.error:
            raise self.error


CERTIFICATE = Path(__file__).parents[1] / "self-signed.pem"


def told(counts: Counts, name: str) -> float:
    return next(
        one.samples[0].value for one in counts.families() if one.name.endswith(name)
    )


def test_the_certificate_in_use_is_told():
    counts, access = Counts(), FakeAccess()
    certificate = Certificate(access, Hook(DECIDE, counts, str(CERTIFICATE), 0.0))

    assert certificate.changed()
    assert told(counts, "certificate_expiry_timestamp_seconds") > time.time()
    access.error = UsageError("no")
    with pytest.raises(UsageError):
        certificate.reload()
    assert told(counts, "certificate_last_reload_successful") == 0
    access.error = None
    certificate.reload()
    assert told(counts, "certificate_last_reload_successful") == 1


def test_an_expired_certificate_is_named(monkeypatch, caplog):
    monkeypatch.setattr(webhook, "earliest_expiry", lambda _: 1.0)
    Certificate(FakeAccess(), Hook(DECIDE, Counts(), "c.pem", 0.0))

    assert "webhook.certificate_expired" in caplog.text


# -- its end ---------------------------------------------------------------------------------------


def test_it_serves_on_for_a_while_after_the_signal_and_another_ends_that():
    async def talk():
        stop = Stop()
        drained = asyncio.create_task(stop.drain(60))
        stop.signalled()
        await stop.wait()
        await asyncio.sleep(0)
        assert not drained.done()
        stop.signalled()
        await until(drained.done)
        start = time.monotonic()
        await Stop().drain(0.05)
        return time.monotonic() - start

    assert 0.05 <= asyncio.run(talk()) < 5
