"""
Which families stay on a page: those asked for by name, within the limits, without conflicts.

Pure functions over a layout and its values. *values* has one number for each series of the
layout, in its order; what comes back is a layout and values of the same kind.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..model import Family, Layout, MetricType, Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ..model import FamilyLayout, Snapshot

    Numbers = Sequence[float]

SUFFIXES = {
    MetricType.SUMMARY: ("_count", "_sum"),
    MetricType.HISTOGRAM: ("_bucket", "_count", "_sum"),
}
CUT = "jmx_bridge_page_samples_cut"
CUT_HELP = "Samples that are missing since the page would be larger than --limit.bytes."


def slices(
    layout: Layout, values: Numbers, wanted: Callable[[FamilyLayout], bool]
) -> Iterator[tuple[FamilyLayout, Numbers]]:
    """Yield each family that is *wanted*, in order, with its part of *values*."""
    start = 0
    for family in layout.families:
        end = start + len(family.series)
        if wanted(family):
            yield family, values[start:end]
        start = end


def keep(
    layout: Layout, values: Numbers, wanted: Callable[[FamilyLayout], bool]
) -> tuple[Layout, list[float]]:
    """Return the layout and the values of the *wanted* families only."""
    families: list[FamilyLayout] = []
    kept: list[float] = []
    for family, theirs in slices(layout, values, wanted):
        families.append(family)
        kept += theirs
    return Layout(families), kept


# -- limits ------------------------------------------------------------------------------------


def fitting(sizes: Sequence[int], most: int) -> set[int]:
    """
    Return the indexes of what may stay, so that their *sizes* sum to *most* or less.

    The largest is left out first, of equal ones the first: when a page is too large, nearly
    always one family is to blame, and so all others stay whole.
    """
    left = sum(sizes)
    kept = set(range(len(sizes)))
    for index in sorted(kept, key=lambda i: (-sizes[i], i)):
        if left <= most:
            break
        kept.discard(index)
        left -= sizes[index]
    return kept


def limit_samples(layout: Layout, values: Numbers, most: int) -> tuple[Layout, Numbers]:
    """Leave out the families with most samples until *most* samples or fewer remain."""
    if len(values) <= most:
        return layout, values
    sizes = [len(family.series) for family in layout.families]
    return keep(layout, values, _kept(layout, sizes, most).__contains__)


def cut_bytes(snapshot: Snapshot, sizes: Sequence[int], excess: int) -> Snapshot:
    """
    Return a snapshot without its largest families, smaller by *excess* bytes or more.

    *sizes* has each planned family's bytes on the page. A family of the snapshot tells how
    many samples are missing.
    """
    kept = _kept(snapshot.layout, sizes, max(0, sum(sizes) - excess))
    layout, values = keep(snapshot.layout, snapshot.values, kept.__contains__)
    missing = len(snapshot.values) - len(values)
    told = Family(CUT, MetricType.GAUGE, CUT_HELP, (Sample((), missing),))
    families = [*snapshot.families, told]
    return replace(snapshot, layout=layout, values=values, families=families)


def _kept(layout: Layout, sizes: Sequence[int], most: int) -> set[FamilyLayout]:
    return {layout.families[index] for index in fitting(sizes, most)}


# -- names -------------------------------------------------------------------------------------


def named(snapshot: Snapshot, names: Collection[str]) -> list[Family]:
    """
    Return the families with those samples that *names* name, sorted by name.

    A name may be a family's or a sample's: "a" and "a_total" both name the counter "a".
    """
    found = [
        Family(one.name, one.type, one.help, tuple(map(Sample, one.series, values)))
        for one, values in slices(
            snapshot.layout, snapshot.values, lambda family: _names(family, "", names)
        )
    ]
    deferred = (snapshot.deferred.make(),) if snapshot.deferred else ()
    for family in (*snapshot.families, *deferred):
        samples = [s for s in family.samples if _names(family, s.suffix, names)]
        if samples:
            found.append(replace(family, samples=tuple(samples)))
    return sorted(found, key=lambda family: family.name)


def _names(family: Family | FamilyLayout, suffix: str, names: Collection[str]) -> bool:
    return sample_name(family, suffix) in names or family.name in names


def sample_name(family: Family | FamilyLayout, suffix: str = "") -> str:
    """Return what a sample of *family* is called in every format."""
    return f"{family.name}{suffix}{family.type.suffix}"


def conflicts(layout: Layout, families: Sequence[Family]) -> set[str]:
    """
    Return the names of those *families* that share a name with the layout's.

    A family's own name counts and those of its samples: the rules' gauge "a_count" and the
    JVM's summary "a" can't stand on one page, even if that has no count.
    """
    taken = {sample_name(family) for family in layout.families}
    taken |= {family.name for family in layout.families}
    return {
        family.name
        for family in families
        if family.name in taken
        or any(sample_name(family, suffix) in taken for suffix in _suffixes(family))
    }


def _suffixes(family: Family) -> Sequence[str]:
    """Return what a family's type lets its samples have behind its name."""
    return SUFFIXES.get(family.type, ("",))
