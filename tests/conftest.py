"""
What all tests share: where their modules are looked for, and how many examples are made up.

No Java: unit tests run without.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

# The same examples in each run, so that one that fails here fails everywhere.
settings.register_profile(
    "full", max_examples=60, derandomize=True, deadline=None, database=None
)
# For `make unit`, which has to be done in seconds; `make test` takes the full ones.
settings.register_profile("quick", settings.get_profile("full"), max_examples=15)
settings.load_profile("full")
