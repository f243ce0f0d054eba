"""The HTTP side: metrics, health, and a page for people."""

from .app import Limits
from .server import Place, serve

__all__ = ["Limits", "Place", "serve"]
