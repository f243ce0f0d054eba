"""Who may use the workbench's page: names of hosts, origins, and the cookie for a token."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from jmx_bridge.web.door import Door

TOKEN = "tok"
HERE = "127.0.0.1:8080"


def status(door: Door, method="GET", path="/workbench/api/state", **headers) -> int:
    """Return the status with which *door* refuses a request; 200 if it doesn't."""
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    answer = door.refusal(make_mocked_request(method, path, headers=sent))
    return 200 if answer is None else answer.status


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("LOCALHOST.:8080", 200),
        ("[::1]:8080", 200),
        ("shop.localhost:8080", 200),
        ("bridge.example.com:8080", 200),
        ("evil.example.com:8080", 421),
        ("127.0.0.1.evil.com", 421),
        ("localhost.evil.com", 421),
        ("evil.com:80@localhost:8080", 200),
        ("localhost:8080@evil.com", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
def test_only_hosts_that_are_ours_are_answered(host, expected):
    assert status(Door(["bridge.example.com"]), Host=host) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Origin": f"http://{HERE}"}, 200),
        ({"Origin": f"https://{HERE}"}, 200),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://evil.com"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": f"http://{HERE}", "Sec_Fetch_Site": "cross-site"}, 403),
        ({"Origin": f"http://{HERE}", "Content_Type": "text/plain"}, 415),
    ],
)
def test_what_is_posted_comes_from_our_own_page_as_json(headers, expected):
    sent = {"Host": HERE, "Content_Type": "application/json", **headers}

    assert status(Door([]), "POST", "/workbench/api/try", **sent) == expected


def test_other_sites_may_link_to_the_page_and_not_ask_the_api():
    door, other = Door([]), {"Host": HERE, "Sec_Fetch_Site": "cross-site"}

    assert status(door, path="/workbench", Sec_Fetch_Mode="navigate", **other) == 200
    assert status(door, path="/workbench", Sec_Fetch_Mode="cors", **other) == 403
    assert status(door, Sec_Fetch_Mode="navigate", **other) == 403
    assert status(door, Host=HERE, Origin="http://evil.com") == 403


def test_a_token_is_exchanged_once_for_a_cookie():
    door = Door([], TOKEN, port=8080)
    ask = make_mocked_request(
        "GET", f"/workbench?token={TOKEN}", headers={"Host": HERE}
    )

    assert status(door, Host=HERE) == 403
    assert status(door, path="/workbench?token=other", Host=HERE) == 403
    answer = door.refusal(ask)
    assert answer is not None
    assert (answer.status, answer.headers["Location"]) == (303, "/workbench")
    cookie = answer.cookies["jmx-bridge-workbench-8080"]
    assert (cookie["samesite"], cookie["httponly"], cookie["path"]) == (
        "Strict",
        True,
        "/workbench",
    )
    assert status(door, Host=HERE, Cookie=f"{cookie.key}={cookie.value}") == 200
    assert status(door, Host=HERE, Cookie=f"{cookie.key}=x") == 403
    again = door.refusal(ask)
    assert again is not None
    assert again.status == 403
