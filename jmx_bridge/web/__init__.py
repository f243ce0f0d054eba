"""The HTTP side: metrics, health, and a page for people."""

from .access import AccessControl
from .app import Limits
from .server import serve
from .site import ListenAddress

__all__ = ["AccessControl", "Limits", "ListenAddress", "serve"]
