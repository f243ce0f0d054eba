"""Who may ask: rates, certificates, passwords, headers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import bcrypt
import pytest
from fake_source import no_stores

from jmx_bridge.config.web.schema import (
    MUST_CLIENT,
    OPEN,
    RateLimit,
    Secret,
    ServerTls,
    StoreConfig,
    WebConfig,
)
from jmx_bridge.errors import ConfigError, Problem, UsageError
from jmx_bridge.web import AccessControl, passwords
from jmx_bridge.web.access import HEADERS, InForce, TokenBucket
from jmx_bridge.web.passwords import MOST_REMEMBERED, MOST_WAITING, BasicAuth, TooBusy

SALT = "pepper"


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def hashed(kind: str, password: bytes) -> Secret:
    match kind:
        case "bcrypt":
            return Secret("bcrypt", bcrypt.hashpw(password, bcrypt.gensalt(4)).decode())
        case "plaintext":
            return Secret("plaintext", password.decode())
        case "digest":
            text = SALT.encode() + b":" + password
            return Secret("digest", hashlib.sha256(text).hexdigest(), "sha256", SALT)
    found = hashlib.pbkdf2_hmac("sha256", password, SALT.encode(), 9, 16)
    return Secret("pbkdf2", found.hex(), "sha256", SALT, 9)


KINDS = ("bcrypt", "plaintext", "digest", "pbkdf2")


def admits(users: dict[str, Secret], *headers: str) -> list[bool]:
    async def run() -> list[bool]:
        auth = BasicAuth(tuple(users.items()))
        return [await auth.admits(header) for header in headers]

    return asyncio.run(run())


@pytest.mark.parametrize("kind", KINDS)
def test_the_right_password_is_admitted_and_no_other(kind):
    users = {"ann": hashed(kind, b"s3cret: \xc3\xbc")}

    assert admits(
        users,
        basic("ann", "s3cret: ü"),
        basic("ann", "s3cret: ü"),
        basic("ann", "s3cret: u"),
        basic("ann", ""),
        basic("bob", "s3cret: ü"),
    ) == [True, True, False, False, False]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Bearer YW5uOng=",
        "Basic " + base64.b64encode(b"no colon").decode(),
        basic("ann", "x" * 1024),
        "Basic " + "A" * 5000,
    ],
)
def test_what_is_no_basic_authentication_is_not_admitted(header):
    assert admits({"ann": Secret("plaintext", "x")}, header) == [False]


def test_the_scheme_may_be_spelled_in_any_case():
    header = basic("ann", "x").replace("Basic", "bAsIc")

    assert admits({"ann": Secret("plaintext", "x")}, header) == [True]


def test_a_broken_bcrypt_hash_admits_nobody():
    assert admits({"ann": Secret("bcrypt", "$2b$nothing")}, basic("ann", "x")) == [
        False
    ]


def test_a_success_is_remembered_and_a_failure_is_not(monkeypatch):
    checked = []
    matches = passwords._matches

    def counted(secret, password):
        checked.append(password)
        return matches(secret, password)

    monkeypatch.setattr(passwords, "_matches", counted)
    good, bad = basic("ann", "x"), basic("ann", "y")

    admits({"ann": Secret("plaintext", "x")}, good, good, bad, bad)

    assert checked == [b"x", b"y", b"y"]


def test_only_so_many_successes_are_remembered():
    users = {f"u{n}": Secret("plaintext", "x") for n in range(MOST_REMEMBERED + 5)}

    async def run() -> int:
        auth = BasicAuth(tuple(users.items()))
        for user in users:
            assert await auth.admits(basic(user, "x"))
        return len(auth._good)

    assert asyncio.run(run()) == MOST_REMEMBERED


@pytest.fixture
def slow(monkeypatch) -> threading.Event:
    """Passwords are checked when this event is set."""
    go = threading.Event()
    monkeypatch.setattr(passwords, "_matches", lambda *_: go.wait(10))
    return go


def test_more_waiting_passwords_than_is_healthy_are_refused(slow, monkeypatch):
    monkeypatch.setattr(passwords, "MOST_WAITING", 2)

    async def run() -> None:
        auth = BasicAuth((("ann", Secret("plaintext", "x")),))
        waiting = [asyncio.create_task(auth.admits(basic("a", str(n)))) for n in (1, 2)]
        await asyncio.sleep(0)
        with pytest.raises(TooBusy):
            await auth.admits(basic("a", "3"))
        slow.set()
        await asyncio.gather(*waiting)

    asyncio.run(run())


def test_who_waits_for_a_check_is_answered_though_the_users_change_meanwhile(slow):
    config = WebConfig(users=(("ann", Secret("plaintext", "x")),))
    access = AccessControl(config, no_stores, lambda: config)

    async def run() -> list[object]:
        asked = [request(basic("ann", str(n))) for n in (1, 2)]
        waiting = [asyncio.create_task(access.refusal(one)) for one in asked]
        await asyncio.sleep(0)
        access.reload()
        slow.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(run()) == [None, None]


def test_the_thread_of_users_that_are_no_more_ends():
    before = set(threading.enumerate())
    access = AccessControl(
        WebConfig(users=(("ann", Secret("plaintext", "x")),)), no_stores, lambda: OPEN
    )
    status(access, request(basic("ann", "x")))
    (thread,) = set(threading.enumerate()) - before

    access.reload()
    thread.join(10)

    assert not thread.is_alive()


@pytest.mark.parametrize("kind", KINDS)
def test_a_user_that_does_not_exist_costs_as_much_as_one_that_does(kind, monkeypatch):
    known, checked = hashed(kind, b"x"), []
    matches = passwords._matches

    def noted(secret, password):
        checked.append(secret)
        return matches(secret, password)

    monkeypatch.setattr(passwords, "_matches", noted)

    # Even with the right password of another.
    assert admits({"ann": known}, basic("bob", "x"), basic("ann", "y")) == [False] * 2
    assert checked == [known, known]


@pytest.mark.parametrize("addresses", [1, 40])
def test_guessers_do_not_keep_the_right_password_out(addresses):
    access = AccessControl(
        WebConfig(users=(("ann", Secret("plaintext", "x")),)), no_stores
    )
    turns = access._in_force.users._turns

    async def guess(number, busy):
        peer = (f"10.0.0.{number % addresses}", 1)
        for attempt in itertools.count():
            await access.refusal(request(basic("ann", f"y{attempt}"), peer=peer))
            full = len(turns._waiting) >= MOST_WAITING - 1
            if full and len(turns._failures) == addresses:
                busy.set()  # all were wrong before, and nobody fits in any more
            await asyncio.sleep(0)

    async def run():
        busy = asyncio.Event()
        guessers = [asyncio.create_task(guess(n, busy)) for n in range(40)]
        await asyncio.wait_for(busy.wait(), 60)
        found = []
        for attempt in range(10):
            # Nothing of it is remembered, so it is checked each time.
            access._in_force.users._good.clear()
            asked = request(basic("ann", "x"), peer=(f"10.1.0.{attempt}", 1))
            found.append(await access.refusal(asked))
        for one in guessers:
            one.cancel()
        await asyncio.gather(*guessers, return_exceptions=True)
        return found

    assert asyncio.run(run()) == [None] * 10


def test_who_hangs_up_while_waiting_keeps_nobody_from_a_turn(slow):
    async def run() -> list[type]:
        auth = BasicAuth((("ann", Secret("plaintext", "x")),))
        asked = [
            asyncio.create_task(auth.admits(basic("ann", str(n)))) for n in range(4)
        ]
        await asyncio.sleep(0)
        asked[1].cancel()
        await asyncio.sleep(0)
        slow.set()
        done = await asyncio.gather(*asked, return_exceptions=True)
        return [type(one) for one in done]

    assert asyncio.run(run()) == [bool, asyncio.CancelledError, bool, bool]


# -- rate ----------------------------------------------------------------------------------------


def test_a_bucket_gives_a_burst_and_then_one_each_interval():
    now = [100.0]
    bucket = TokenBucket(RateLimit(2.0, 3), lambda: now[0])

    assert [bucket.take() for _ in range(4)] == [True, True, True, False]

    now[0] += 1.9
    assert not bucket.take()
    now[0] += 0.2
    assert [bucket.take(), bucket.take()] == [True, False]


def test_a_bucket_never_holds_more_than_its_burst():
    now = [100.0]
    bucket = TokenBucket(RateLimit(1.0, 2), lambda: now[0])
    now[0] += 1000

    assert [bucket.take() for _ in range(3)] == [True, True, False]


# -- a request ---------------------------------------------------------------------------------


def request(
    header: str = "",
    certificate: dict | None = None,
    peer: tuple | None = ("127.0.0.1", 1),
    **more: str,
) -> SimpleNamespace:
    known = {"peercert": certificate, "peername": peer}
    transport = SimpleNamespace(get_extra_info=known.get)
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    if header:
        headers["Authorization"] = header
    return SimpleNamespace(headers=headers, transport=transport)


def status(access: AccessControl, asked: Any) -> int | None:
    refusal = asyncio.run(access.refusal(asked))
    return refusal.status if refusal else None


def test_an_open_configuration_lets_everybody_in():
    access = AccessControl(OPEN, no_stores)

    assert status(access, request()) is None
    assert access.context is None
    assert access.headers == HEADERS
    assert not access.changed()


def test_without_a_password_the_answer_names_the_way_in():
    access = AccessControl(
        WebConfig(users=(("ann", Secret("plaintext", "x")),)), no_stores
    )

    refusal = asyncio.run(access.refusal(request()))

    assert refusal.status == 401
    assert refusal.headers["WWW-Authenticate"] == 'Basic realm="jmx-bridge"'
    assert status(access, request(basic("ann", "x"))) is None


def test_too_many_requests_are_refused():
    access = AccessControl(WebConfig(rate=RateLimit(1000.0, 1)), no_stores)

    assert [status(access, request()) for _ in range(2)] == [None, 429]


def test_too_many_waiting_passwords_are_refused(monkeypatch):
    monkeypatch.setattr(passwords, "MOST_WAITING", 0)
    access = AccessControl(
        WebConfig(users=(("ann", Secret("plaintext", "x")),)), no_stores
    )

    assert status(access, request(basic("ann", "x"))) == 429


def test_a_certificate_needs_one_of_the_names(monkeypatch):
    tls = ServerTls(client=MUST_CLIENT, client_names=("prometheus.example",))
    access = AccessControl(OPEN, no_stores)
    access._in_force = InForce(WebConfig(tls=tls), None, {}, None, None)

    def named(*names: tuple[str, str]) -> int | None:
        return status(access, request(certificate={"subjectAltName": names}))

    assert named(("DNS", "prometheus.example")) is None
    assert named(("DNS", "x"), ("URI", "prometheus.example")) is None
    assert named(("DNS", "other.example")) == 403
    assert named(("othername", "prometheus.example")) == 403
    assert status(access, request()) == 403


# -- who may ask for a reload ------------------------------------------------------------------

NEAR = [("127.0.0.1", 1), ("127.8.9.1", 1), ("::1", 1, 0, 0), ("::ffff:127.0.0.1", 1)]
FAR = [("10.0.0.7", 1), ("::ffff:10.0.0.7", 1, 0, 0), ("fe80::1%eth0", 1), ("", 1), ()]
ORIGINS = ["http://evil.example", "null", "http://127.0.0.1:12346", ""]


@pytest.mark.parametrize("peer", NEAR)
def test_from_this_machine_anybody_may_ask_for_a_reload(peer):
    assert AccessControl(OPEN, no_stores).may_reload(request(peer=peer))


@pytest.mark.parametrize("peer", [*FAR, None])
def test_from_elsewhere_nobody_may_ask_for_a_reload(peer):
    assert not AccessControl(OPEN, no_stores).may_reload(request(peer=peer))


@pytest.mark.parametrize("name", ["Forwarded", "Via", "X_Forwarded_For", "X_Real_IP"])
def test_who_comes_by_a_proxy_is_not_of_this_machine(name):
    asked = request(**{name: "127.0.0.1"})

    assert not AccessControl(OPEN, no_stores).may_reload(asked)


@pytest.mark.parametrize(
    "config",
    [
        WebConfig(users=(("ann", Secret("plaintext", "x")),)),
        WebConfig(tls=ServerTls(client=MUST_CLIENT)),
    ],
    ids=["password", "certificate"],
)
def test_who_has_shown_who_it_is_may_ask_for_a_reload(config):
    access = AccessControl(OPEN, no_stores)
    access._in_force = replace(
        access._in_force, config=config, users=config.users and BasicAuth(config.users)
    )

    assert access.may_reload(request(peer=FAR[0]))


def test_a_flag_lets_everybody_ask_for_a_reload():
    access = AccessControl(OPEN, no_stores, lifecycle=True)

    assert access.may_reload(request(peer=FAR[0]))


@pytest.mark.parametrize("origin", ORIGINS)
def test_no_page_in_a_browser_may_ask_for_a_reload(origin):
    config = WebConfig(users=(("ann", Secret("plaintext", "x")),))
    access = AccessControl(config, no_stores, lifecycle=True)

    assert not access.may_reload(request(Origin=origin))


# -- reload ------------------------------------------------------------------------------------


def test_a_reload_puts_the_new_configuration_in_force(caplog):
    old = WebConfig("web.yml", users=(("ann", Secret("plaintext", "x")),))
    warning = Problem("web.yml", 1, 1, "is odd", warning=True)
    new = replace(old, users=(), headers=(("X-Frame-Options", "SAMEORIGIN"),))
    access = AccessControl(old, no_stores, lambda: replace(new, warnings=(warning,)))
    assert status(access, request()) == 401

    access.reload()

    assert status(access, request()) is None
    assert access.headers == {**HEADERS, "X-Frame-Options": "SAMEORIGIN"}
    assert "web.config_warning" in caplog.text


def test_a_wrong_configuration_leaves_the_old_one_in_force():
    def wrong() -> WebConfig:
        raise ConfigError((Problem("web.yml", 1, 1, "is wrong"),))

    def unusable() -> WebConfig:
        return WebConfig("web.yml", tls=ServerTls(store=StoreConfig("s.p12")))

    old = WebConfig("web.yml", users=(("ann", Secret("plaintext", "x")),))
    for load, error in ((wrong, ConfigError), (unusable, UsageError)):
        access = AccessControl(old, no_stores, load)

        with pytest.raises(error):
            access.reload()

        assert status(access, request()) == 401
        assert status(access, request(basic("ann", "x"))) is None


def test_a_section_of_the_rule_file_is_not_reloaded_by_itself():
    access = AccessControl(WebConfig("rules.yml"), no_stores)

    access.reload()

    assert not access.changed()
