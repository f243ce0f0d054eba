"""Pods at admission: what an API server asks, what is answered, and what is counted of it."""

from .certificate import earliest_expiry, expired
from .counts import Counts
from .review import BadReview, Review, answer, read_review
from .verdict import Verdict, decide, pod_name

__all__ = [
    "BadReview",
    "Counts",
    "Review",
    "Verdict",
    "answer",
    "decide",
    "earliest_expiry",
    "expired",
    "pod_name",
    "read_review",
]
