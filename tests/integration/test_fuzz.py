"""A few seconds of what `make fuzz` does for as long as wanted."""

import random
import time

import pytest

from integration.fuzz import FUZZERS


@pytest.mark.parametrize("name", [name for name in FUZZERS if name != "wire"])
def test_no_input_breaks_anything(jvm, name):
    assert FUZZERS[name](random.Random(5), time.monotonic() + 4) > 3
