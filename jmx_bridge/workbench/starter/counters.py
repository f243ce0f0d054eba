"""Whether a value is a counter: by what it did between two readings, and by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING

from .words import vocabulary

if TYPE_CHECKING:
    from collections.abc import Collection

RATES = vocabulary(
    "mean_rate one_minute_rate five_minute_rate fifteen_minute_rate rate"
)
STATISTICS = vocabulary(
    "mean min max std_dev stddev median 50th_percentile 75th_percentile 90th_percentile "
    "95th_percentile 98th_percentile 99th_percentile 999th_percentile value"
)
GAUGES = vocabulary(
    "current currently active max maximum min minimum avg average mean peak percent "
    "percentage ratio rate load limit capacity threshold idle pending depth length timeout "
    "interval period port version id level uptime age lag available free used usage "
    "remaining busy live alive enabled size last start timestamp ttl priority weight "
    "percentile dev std stddev median per delay concurrency estimated configured highest "
    "lowest recent oldest newest next memory heap unacked largest smallest"
)
"""Words of values that go up and down, or never change."""
PERCENTILE = re.compile(r"p\d{1,4}")
"""Words such as "p99"."""
LIMITS = vocabulary("threshold limit timeout")
"""Words of levels that can be exceeded so many times."""
EVENTS = vocabulary(
    "total requests request error errors processed created completed failed failure failures "
    "hits hit miss misses eviction evictions sent received rejected expired enqueue enqueued "
    "dequeue dequeued dispatch dispatched forward forwarded lookup lookups reload reloads "
    "exceed exceeded exception exceptions dropped written commits commit aborted aborts retry "
    "retries flushed flushes counter packets invocations executions executed submitted "
    "unloaded throttled acknowledged redelivered opened closed accepted resumed "
    "speculative timeouts jsp collections compilations starts stops "
    "unavailables conditions successes repaired repairs handled served compacted"
)
"""Words of values that count what happened."""
STARTED = "started"
"""Counts what was begun, but where it is a time."""
SINCE_1970 = 1e9
"""Times in seconds since 1970 are greater, and so are those in milliseconds."""
TIMES = vocabulary("processing collection compilation cpu")
"""Words before "time" that make it one that adds up."""
THINGS = vocabulary(
    "thread threads session sessions consumer consumers producer producers node nodes "
    "partition partitions replica replicas client clients subscription subscriptions watch "
    "topic topics queue queues broker brokers leader leaders class classes member members "
    "buffer buffers pool poller segment segments table tables flight inflight"
)
"""Words of things that come and go, so that their count does."""
NEVER_TOTAL = vocabulary("consumer producer consumers producers")
"""Things whose total is how many there are now."""


class Type(Enum):
    """What is known of a value's type."""

    COUNTER = "counter"
    GAUGE = "gauge"
    UNDECIDED = "undecided"
    """It is served as a gauge, and the rule's comment says so."""


@dataclass(slots=True)
class Evidence:
    """What the readings tell of all values that a metric is made of."""

    grew: bool = False
    fell: bool = False
    negative: bool = False
    whole: bool = True
    """All are whole numbers."""
    boolean: bool = False
    date: bool = False
    numbers: list[float] = field(default_factory=list)

    def take(self, number: float, before: float | None) -> None:
        """Note one value, and what it was at the first reading."""
        if not isfinite(number):
            return
        self.numbers.append(number)
        self.negative |= number < 0
        self.whole &= number == int(number)
        if before is not None:
            self.grew |= number > before
            self.fell |= number < before


def type_of(words: Collection[str], told: Evidence) -> Type:
    """Return what is known of the type of values whose name has these *words*."""
    known = set(words)
    if told.boolean or told.date or told.fell or told.negative:
        return Type.GAUGE
    if any(map(PERCENTILE.fullmatch, known)):
        return Type.GAUGE
    level = known & (GAUGES - LIMITS if "count" in known else GAUGES)
    if level and not ("total" in known and told.whole and told.grew):
        return Type.GAUGE
    if told.whole and _counts(known, told):
        return Type.COUNTER
    return Type.GAUGE if known & THINGS else Type.UNDECIDED


def _counts(known: set[str], told: Evidence) -> bool:
    """Whether words that say nothing of a level say that something is counted."""
    things = bool(known & THINGS) and "counter" not in known
    if "total" in known and known.isdisjoint(NEVER_TOTAL):
        return told.grew or not things
    if "time" in known:
        return bool(known & TIMES)
    started = STARTED in known and max(told.numbers, default=0.0) < SINCE_1970
    if (known & EVENTS or started) and not (things and "count" in known):
        return True
    return "count" in known and told.grew and not things


def type_of_statistic(
    attribute: str, siblings: Collection[str], subject: Collection[str], told: Evidence
) -> Type:
    """
    Return the type of an attribute that Dropwizard's and Yammer's metrics have.

    *attribute* and *siblings* are in snake case; *subject* are the words of the metric.
    """
    if attribute == "count" and (RATES | STATISTICS) & set(siblings):
        return Type.GAUGE if told.fell or told.negative else Type.COUNTER
    if attribute in {"count", "value", "number"}:
        return type_of(subject, told)
    return Type.GAUGE
