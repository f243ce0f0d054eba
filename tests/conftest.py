"""What all tests share: where their modules are looked for. No Java: unit tests run without."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
