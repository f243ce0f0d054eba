"""Metric values as text: a client's format, what stays of a page, and a snapshot in that format."""

from .formats import Escaping, Format, negotiate
from .page import conflicts, limit_samples
from .render import render

__all__ = [
    "Escaping",
    "Format",
    "conflicts",
    "limit_samples",
    "negotiate",
    "render",
]
