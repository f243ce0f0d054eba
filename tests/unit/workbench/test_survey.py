"""A survey agrees with a scrape: the same samples, and a fate for each value."""

import pytest
from compat_pages import CASES, config_of, recorded
from unit import offline
from unit.fake_matcher import FakeMatcher

from jmx_bridge.exposition import negotiate, render
