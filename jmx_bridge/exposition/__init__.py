"""Metric values as text: which format a client wants, and a snapshot in that format."""

from .formats import Escaping, Format, negotiate
from .render import cut, render

__all__ = ["Escaping", "Format", "cut", "negotiate", "render"]
