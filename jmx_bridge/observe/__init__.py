"""What the bridge tells of itself: its own metrics, and the state that the status page shows."""

from .journal import MOST_LOGGED, Journal
from .status import LastScrape, RecentScrape, RuleTold, Status, idle_text
from .telemetry import OWN_NAMES, PHASES, ScrapeRecord, Telemetry

__all__ = [
    "MOST_LOGGED",
    "OWN_NAMES",
    "PHASES",
    "Journal",
    "LastScrape",
    "RecentScrape",
    "RuleTold",
    "ScrapeRecord",
    "Status",
    "Telemetry",
    "idle_text",
]
