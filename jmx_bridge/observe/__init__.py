"""What the bridge tells of itself: its own metrics, and the state that the status page shows."""

from .journal import Journal
from .status import LastScrape, Status
from .telemetry import PHASES, ScrapeRecord, Telemetry

__all__ = ["PHASES", "Journal", "LastScrape", "ScrapeRecord", "Status", "Telemetry"]
