"""What the bridge tells of itself: its own metrics, and the state that the status page shows."""

from .journal import MOST_LOGGED, Journal
from .status import LastScrape, Status
from .telemetry import PHASES, ScrapeRecord, Telemetry

__all__ = [
    "MOST_LOGGED",
    "PHASES",
    "Journal",
    "LastScrape",
    "ScrapeRecord",
    "Status",
    "Telemetry",
]
