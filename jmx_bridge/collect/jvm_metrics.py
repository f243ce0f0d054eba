"""
The `jvm_*` and `process_*` families of Prometheus' Java client, read from the target's MXBeans.

Names, types and labels are those of the Java client's version 1, so that dashboards made
for an agent inside the JVM work. Everything here describes the target, never the bridge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..mapping import parse_name, safe_value
from ..model import Family, LeafKind, MetricType, Sample
from .jvm_sources import BY_BEAN, SOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Attribute, Labels, Leaf
    from .beans import MBean
    from .jvm_sources import Source

GAUGE = MetricType.GAUGE
PLATFORM = ("java.lang:*", "java.nio:type=BufferPool,*")
"""Where the MXBeans are found."""
STATES = (
    "NEW",
    "RUNNABLE",
    "BLOCKED",
    "WAITING",
    "TIMED_WAITING",
    "TERMINATED",
    "UNKNOWN",
)
"""In the order in which a session counts them."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A source at one MXBean: which slot it reads, under which labels."""

    source: Source
    labels: tuple[tuple[str, str], ...]
    leaf: int


class JvmMetrics:
    """The `jvm_*` and `process_*` samples that a target can give, and where its numbers for them lie."""

    def __init__(self, runtime: Sequence[str]) -> None:
        """*runtime*: values of RUNTIME_PROPERTIES."""
        self._runtime = runtime
        self._bound: dict[int, tuple[MBean, list[Bound]]] = {}

    def wants(self, name: str) -> frozenset[str]:
        """Return the attributes that are read of the MXBean *name*."""
        return frozenset(source.attribute for source in BY_BEAN.get(_kind(name), ()))

    def bind(
        self, bean: MBean, shape: Sequence[Leaf], asked: Sequence[Attribute]
    ) -> None:
        """Find the numbers of *bean* that are read here."""
        places = {
            (asked[leaf.attribute].name, leaf.name if leaf.path else ""): index
            for index, leaf in enumerate(shape)
            if leaf.kind is LeafKind.NUMBER and not leaf.row
        }
        name = parse_name(bean.name).property("name") or ""
        name = safe_value(name.strip('"'))
        bound = []
        for source in BY_BEAN.get(_kind(bean.name), ()):
            leaf = places.get((source.attribute, source.key))
            if leaf is not None:
                label, value = source.label
                labels = ((label, value or name),) if label else ()
                bound.append(Bound(source, labels, leaf))
        self._bound[bean.id] = bean, bound

    def forget(self, bean_id: int) -> None:
        """Leave out an MXBean that vanished."""
        self._bound.pop(bean_id, None)

    def sources(self) -> dict[tuple[int, int], list[tuple[Source, Labels]]]:
        """Return by MBean and leaf which samples read it: their sources and labels."""
        found: dict[tuple[int, int], list[tuple[Source, Labels]]] = {}
        for bean, bound in self._bound.values():
            for one in bound:
                sample = (one.source, one.labels)
                found.setdefault((bean.id, one.leaf), []).append(sample)
        return found

    def families(
        self, numbers: Sequence[float], threads: Sequence[int] | None
    ) -> list[Family]:
        """Return the families with this scrape's values; *threads* as a session counts them."""
        samples = self._samples(numbers)
        described = {source.family: source for source in SOURCES}
        families = [
            Family(name, described[name].type, described[name].help, _ordered(found))
            for name, found in samples.items()
            if found
        ]
        if any(self._runtime):
            families.append(self._info())
        if threads is not None:
            families += _thread_families(threads)
        return families

    def _samples(self, numbers: Sequence[float]) -> dict[str, list[Sample]]:
        """
        Return the samples by family, no series twice.

        Of MBeans that would give the same series the one with the shortest ObjectName does:
        an application's own in `java.lang` has more key properties than the JVM's.
        """
        samples: dict[str, list[Sample]] = {source.family: [] for source in SOURCES}
        seen: set[tuple[str, str, object]] = set()
        by_name = sorted(
            self._bound.values(), key=lambda one: (len(one[0].name), one[0].name)
        )
        for bean, bound in by_name:
            if bean.unread or bean.base < 0:
                continue
            for one in bound:
                source, number = one.source, numbers[bean.base + one.leaf]
                series = (source.family, source.suffix, one.labels)
                if series in seen or not _supported(source, number):
                    continue
                seen.add(series)
                value = number / source.divisor
                samples[source.family].append(Sample(one.labels, value, source.suffix))
        return samples

    def _info(self) -> Family:
        labels = tuple(
            zip(("runtime", "vendor", "version"), self._runtime, strict=True)
        )
        info = (Sample(labels, 1.0),)
        return Family(
            "jvm_runtime", MetricType.INFO, "The target's Java runtime.", info
        )


def _supported(source: Source, number: float) -> bool:
    """Whether a number can be what *source* counts; an MXBean has -1 for what it doesn't count."""
    if source.type is GAUGE:
        return True
    return number >= 0 and (source.suffix != "_count" or number.is_integer())


def _thread_families(counts: Sequence[int]) -> list[Family]:
    states = [
        Sample((("state", state),), float(count))
        for state, count in zip(STATES, counts, strict=False)
    ]
    states.sort(key=lambda sample: sample.labels)
    deadlocked, on_monitors = counts[len(STATES)], counts[len(STATES) + 1]
    return [
        Family("jvm_threads_state", GAUGE, "Threads, by state.", tuple(states)),
        _single("jvm_threads_deadlocked", "Threads in a deadlock.", deadlocked),
        _single(
            "jvm_threads_deadlocked_monitor",
            "Threads in a deadlock on object monitors.",
            on_monitors,
        ),
    ]


def _single(name: str, text: str, value: float) -> Family:
    return Family(name, GAUGE, text, (Sample((), float(value)),))


def _ordered(samples: list[Sample]) -> tuple[Sample, ...]:
    return tuple(sorted(samples, key=lambda sample: (sample.labels, sample.suffix)))


def _kind(name: str) -> str:
    parsed = parse_name(name)
    return f"{parsed.domain}:{parsed.property('type') or ''}"
