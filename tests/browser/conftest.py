"""What tests of the workbench's page share: Chromium, and workbenches to look at with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from browser.serving import ASSETS, Served, recorded, serve
from browser.shop import HOSTILE, MBEANS, RULES, many

try:
    from playwright.sync_api import Browser, Page, sync_playwright
except ImportError:
    sync_playwright = None  # type: ignore[assignment]  # these tests are skipped then


def missing() -> str:
    """What of all that these tests need is not there; "" for nothing."""
    parts = {
        "Playwright": sync_playwright is not None,
        "Chromium": shutil.which("chromium") is not None,
        "the built page": (ASSETS / "index.html").is_file(),
    }
    return ", ".join(name for name, there in parts.items() if not there)


@pytest.fixture(scope="package", autouse=True)
def needed() -> None:
    if lacking := missing():
        told = f"tests of the page in a browser need {lacking}: `make browser`"
        assert not os.environ.get("CI"), told
        pytest.skip(told)


@pytest.fixture(scope="package")
def chromium(needed: None) -> Iterator[Browser]:
    """Debian's Chromium; it ends with these tests, since others have event loops of their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def served(
    needed: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Served]]:
    """A function that serves MBeans and rules, by their names once for all tests."""
    folder = tmp_path_factory.mktemp("served")
    known = {
        "shop": (MBEANS, RULES),
        "hostile": HOSTILE,
        "many": (many(), "rules:\n- pattern: nothing\n"),
    }
    running: dict[str, Served] = {}

    def start(name: str) -> Served:
        if name not in running:
            mbeans, rules = known[name]
            home = folder / name
            home.mkdir()
            recorded(mbeans, home / f"{name}.rec")
            running[name] = serve(home, rules, f"--recording={name}.rec")
        return running[name]

    yield start
    for one in running.values():
        one.stop()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """
    A function that opens a served page.

    It fails a test whose page writes to the console, breaks its policy, or asks another host.
    """
    contexts, wrong = [], []

    def go(served: Served, *, expected: tuple[str, ...] = (), **options: Any) -> Page:
        context = chromium.new_context(
            viewport=options.pop("viewport", {"width": 1440, "height": 900}),
            storage_state=served.cookies,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(
            float(os.environ.get("JMX_BRIDGE_PATIENCE", "30")) * 1000
        )

        def hear(what: str) -> None:
            if not any(one in what for one in expected):
                wrong.append(what)

        page.on("console", lambda message: hear(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: hear(f"error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((served.base, "data:", "blob:"))
                else hear(f"asks {request.url}")
            ),
        )
        page.goto(served.entrance())
        page.get_by_role("treeitem").first.wait_for()
        page.locator(".changes .told b").wait_for()
        served.cookies = context.storage_state()
        return page

    yield go
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def shop(served: Callable[..., Served], visit: Callable[..., Page]) -> Page:
    """The page of a small shop."""
    return visit(served("shop"))
