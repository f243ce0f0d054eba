"""`list` and `explain` agree with a scrape on recorded products; `agreement.py` compares all of it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from integration.agreement import WILD, compare, rules_of
from integration.targets import Target
from jmx_bridge import jmx
from jmx_bridge.jmx.abc import TargetAddress
from jmx_bridge.jmx.moment import JvmReading
from jmx_bridge.workbench.reading import read_jvm

MBEANS = 250
LINES = 8


@pytest.fixture(scope="module")
def products(replay_app: Target) -> JvmReading:
    session = jmx.connect(TargetAddress(replay_app.url), timeout=10, calls=4)
    try:
        return read_jvm(session, 120.0)
    finally:
        session.close()


@pytest.mark.parametrize("file", WILD, ids=lambda path: path.stem[:60])
def test_what_is_said_of_some_mbeans_is_what_a_scrape_serves(file, products):
    chance = random.Random(file.name)
    some = chance.sample(list(products.mbeans), MBEANS)
    reading = replace(products, mbeans=sorted(some, key=lambda one: one.name))

    compared = compare(reading, rules_of(file), chance, LINES)

    assert compared.values > MBEANS
