"""What customers do in the shop, so that there is something to see."""

from __future__ import annotations

import random
import time
import urllib.request
from contextlib import suppress
from http.cookiejar import CookieJar
from threading import Thread
from typing import TYPE_CHECKING

from programs import check

if TYPE_CHECKING:
    from programs import Child, Signals

# Method, path, body, and how often. Unicorns and /nothing are errors.
ERRANDS = (
    ("POST", "orders", "product=bread", 30),
    ("POST", "orders", "product=coffee", 60),
    ("POST", "orders", "product=tea", 20),
    ("POST", "orders", "product=unicorn", 2),
    ("POST", "till", "coin=euro", 40),
    ("GET", "orders", "", 20),
    ("GET", "catalogue", "", 30),
    ("GET", "catalogue?search=cake", "", 1),
    ("GET", "catalogue?search=unicorn", "", 2),
    ("GET", "", "", 30),
    ("GET", "nothing", "", 2),
)
REQUEST_GAP = 0.2
"""Seconds between two requests of the customers who come all day."""
FIRST_RUSH, RUSH_GAP = 10.0, 40.0
"""Seconds until many customers come at the same time, and until they come again."""
RUSH = 28
"""How many they are: with those who are there, more than the shop has sessions for."""


def new_browser() -> urllib.request.OpenerDirector:
    """Return a client with cookies of its own, that no proxy stands before."""
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPCookieProcessor(CookieJar()),
    )


def serve_customers(shop: str, signals: Signals, *children: Child) -> None:
    """Send requests, and at times a rush of them, until it is time to stop."""
    weights = [weight for *_, weight in ERRANDS]
    browser = new_browser()
    rush = time.monotonic() + FIRST_RUSH
    while True:
        check(signals, *children)
        if time.monotonic() > rush:
            rush += RUSH_GAP
            come_in_a_rush(shop)
        if random.random() < 0.05:
            browser = new_browser()  # the next customer, with a session of their own
        method, path, body, _ = random.choices(ERRANDS, weights)[0]
        send(browser, method, shop + path, body)
        time.sleep(REQUEST_GAP)


def come_in_a_rush(shop: str) -> None:
    """Let many customers come at once, one of them with a foreign coin."""
    for _ in range(RUSH):
        Thread(target=shop_for_cake, args=(shop,), daemon=True).start()
    send(new_browser(), "POST", f"{shop}till", "coin=foreign")


def shop_for_cake(shop: str) -> None:
    """Look for cake, which takes its time, and order tea at last."""
    browser = new_browser()
    send(browser, "GET", f"{shop}catalogue?search=cake")
    send(browser, "POST", f"{shop}orders", "product=tea")
    for _ in range(3):
        send(browser, "GET", f"{shop}orders")


def send(
    browser: urllib.request.OpenerDirector, method: str, url: str, body: str = ""
) -> None:
    """Send one request; what becomes of it is for the metrics to tell."""
    data = body.encode() if body else None
    request = urllib.request.Request(url, data=data, method=method)
    # Some errands are turned down; that the shop died is for check to tell.
    with suppress(OSError), browser.open(request, timeout=15) as answer:
        answer.read()


def fetch(url: str) -> str:
    """Return a page, or nothing."""
    try:
        with new_browser().open(url, timeout=5) as page:
            return str(page.read(), "utf-8")
    except OSError:
        return ""
