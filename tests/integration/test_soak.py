"""Two minutes of everything that an hour of `make soak` does; only with `-m soak`."""

import pytest

from integration.soak import soak

pytestmark = pytest.mark.soak


def test_two_minutes_of_everything_leave_nothing_behind():
    report = soak(120.0)

    assert report.problems() == []
    assert report.restarts > 0
    assert report.scrapes > 200
