"""Requests that share a scrape."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from fake_source import WITHOUT_VALUES, FakeSource, page_of, until

from jmx_bridge.errors import UsageError
from jmx_bridge.web.shared import MARGIN_SECONDS, SharedScrape

LONG, SHORT = 8.0, 0.05


def share(source: FakeSource, talk: Callable[[SharedScrape], Awaitable[None]]) -> None:
    async def run() -> None:
        with ThreadPoolExecutor(2) as executor:
            try:
                await talk(SharedScrape(source, executor))
            finally:
                source.release()

    asyncio.run(run())


def ask(shared: SharedScrape, budget: float) -> asyncio.Task:
    return asyncio.create_task(shared.snapshot(budget))


def test_requests_at_the_same_time_share_one_scrape():
    source = FakeSource(held=True)

    async def talk(shared):
        requests = [ask(shared, LONG) for _ in range(5)]
        await until(lambda: source.scrapes)
        source.release()
        found = await asyncio.gather(*requests)

        assert all(one is source.snapshot for one in found)
        assert source.scrapes == 1

    share(source, talk)


def test_a_request_after_the_end_has_a_scrape_of_its_own():
    source = FakeSource()

    async def talk(shared):
        await shared.snapshot(LONG)
        source.snapshot = second = page_of(2)

        assert await shared.snapshot(LONG) is second
        assert source.scrapes == 2

    share(source, talk)


@pytest.mark.parametrize(
    ("running", "scrapes"),
    [(LONG * 0.55, 1), (LONG * 0.45, 2)],
    ids=["more than half of the budget", "less than half"],
)
def test_a_scrape_is_joined_if_it_was_given_enough(running, scrapes):
    source = FakeSource(held=True)

    async def talk(shared):
        first = ask(shared, running)
        await until(lambda: source.scrapes)
        second = ask(shared, LONG)
        await asyncio.sleep(0)
        source.release()
        await asyncio.gather(first, second)

        assert source.scrapes == scrapes

    share(source, talk)


def test_a_scrape_that_began_under_rules_that_were_replaced_is_not_joined():
    source = FakeSource(hangs=True)

    async def talk(shared):
        first = ask(shared, LONG)
        await until(lambda: source.scrapes)
        await shared.reloads.reload()
        old, source.snapshot = source.snapshot, page_of(2)
        asked = time.monotonic()
        second = ask(shared, LONG)
        source.snapshot = old
        found = await first
        source.snapshot = page_of(2)
        # It doesn't wait for all the time that the first one has.
        assert time.monotonic() - asked < LONG / 2
        source.release()

        assert found is old
        assert await second is source.snapshot
        assert source.scrapes == 2

    share(source, talk)


def test_a_scrape_under_rules_that_could_not_be_replaced_is_joined():
    source = FakeSource(held=True)

    async def talk(shared):
        first = ask(shared, LONG)
        await until(lambda: source.scrapes)
        source.error = UsageError("no such file")
        with pytest.raises(UsageError):
            await shared.reloads.reload()
        source.error = None
        second = ask(shared, LONG)
        await asyncio.sleep(0)
        source.release()
        await asyncio.gather(first, second)

        assert source.scrapes == 1

    share(source, talk)


@pytest.mark.parametrize("error", [KeyError("x"), StopIteration()], ids=repr)
def test_a_scrape_that_fails_is_over_and_the_next_one_runs(error):
    source = FakeSource()

    async def talk(shared):
        source.error = error
        with pytest.raises((KeyError, RuntimeError)):
            await asyncio.wait_for(shared.snapshot(LONG), LONG / 2)
        source.error = None

        assert await shared.snapshot(LONG) is source.snapshot

    share(source, talk)


def test_a_scrape_ends_before_the_budget_so_that_its_values_can_be_put_together():
    source = FakeSource()

    async def talk(shared):
        await shared.snapshot(LONG)
        await shared.snapshot(0.4)

        assert LONG - 1 < source.lefts[0] <= LONG - MARGIN_SECONDS
        assert 0.2 < source.lefts[1] <= 0.3

    share(source, talk)


def test_a_request_whose_time_is_up_gets_no_values_and_the_scrape_goes_on():
    source = FakeSource(held=True)

    async def talk(shared):
        patient = ask(shared, LONG)
        await until(lambda: source.scrapes)

        assert await shared.snapshot(SHORT) is WITHOUT_VALUES

        source.release()
        assert await patient is source.snapshot
        assert source.scrapes == 1

    share(source, talk)


def test_a_client_with_much_time_that_hangs_up_blinds_nobody(monkeypatch):
    monkeypatch.setattr("jmx_bridge.web.shared.FAIR_SECONDS", 0.1)
    source = FakeSource(hangs=True)

    async def talk(shared):
        leaving = ask(shared, 1e9)
        await until(lambda: source.scrapes)
        leaving.cancel()

        for _ in range(3):
            assert await shared.snapshot(0.4) is source.snapshot

    share(source, talk)


def test_clients_with_more_and_less_time_each_get_what_has_arrived(monkeypatch):
    monkeypatch.setattr("jmx_bridge.web.shared.FAIR_SECONDS", 0.1)
    source = FakeSource(hangs=True)

    async def talk(shared):
        patient = [ask(shared, LONG), ask(shared, 1.5 * LONG)]
        await until(lambda: source.scrapes)

        assert await shared.snapshot(0.4) is source.snapshot
        assert await asyncio.gather(*patient) == [source.snapshot] * 2
        assert source.scrapes == 1

    share(source, talk)


def test_a_client_in_a_great_hurry_does_not_take_the_others_values(monkeypatch):
    monkeypatch.setattr("jmx_bridge.web.shared.FAIR_SECONDS", 0.5)
    source = FakeSource(hangs=True)

    async def talk(shared):
        begun = time.monotonic()
        patient = ask(shared, LONG)
        await until(lambda: source.scrapes)

        assert await shared.snapshot(SHORT) is WITHOUT_VALUES
        assert await patient is source.snapshot
        assert time.monotonic() - begun > 0.5 - MARGIN_SECONDS

    share(source, talk)


def test_a_request_may_use_up_its_time_on_the_end_of_a_shorter_scrape():
    source = FakeSource(held=True)

    async def talk(shared):
        first = ask(shared, SHORT)
        await until(lambda: source.scrapes)

        assert await shared.snapshot(4 * SHORT) is WITHOUT_VALUES
        assert await first is WITHOUT_VALUES
        assert source.scrapes == 1

    share(source, talk)


def test_a_client_that_gives_up_takes_nothing_with_it():
    source = FakeSource(held=True)

    async def talk(shared):
        leaving, staying = ask(shared, LONG), ask(shared, LONG)
        await until(lambda: source.scrapes)
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving
        source.release()

        assert await staying is source.snapshot
        assert source.scrapes == 1

    share(source, talk)


def test_a_scrape_that_fails_fails_for_all_and_not_for_the_next():
    source = FakeSource(held=True)
    source.error = RuntimeError("a bug")

    async def talk(shared):
        requests = [ask(shared, LONG) for _ in range(2)]
        await until(lambda: source.scrapes)
        source.release()
        found = await asyncio.gather(*requests, return_exceptions=True)
        source.error = None

        assert all(isinstance(one, RuntimeError) for one in found)
        assert await shared.snapshot(LONG) is source.snapshot

    share(source, talk)
