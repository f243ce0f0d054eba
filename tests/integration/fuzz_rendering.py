"""
Random MBeans under random rule files: whatever comes of them is a page that Prometheus takes.

Each input is a whole bridge on recorded MBeans, scraped a few times while they change. Of its
pages each must be valid by two parsers that aren't ours, have no series twice, and have all
that the rules claimed, but for what is counted as dropped.
"""

from __future__ import annotations

import gc
import logging
import random
import time
import traceback
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

from integration.pages import PROMTOOL, by_promtool, check_page, samples
from integration.rendering_inputs import NAMES, NUMBERS, Input, Maker, key_of
from integration.support import Finding
from jmx_bridge import jmx
from jmx_bridge.bridge import Bridge
from jmx_bridge.config import Config, parse_config
from jmx_bridge.errors import ConfigError
from jmx_bridge.exposition import negotiate, render
from jmx_bridge.exposition.formats import Escaping
from jmx_bridge.exposition.page import CUT
from jmx_bridge.jmx.recorded import RecordedSession
from jmx_bridge.model import LeafKind, Snapshot
from jmx_bridge.settings import LimitSettings, TargetSettings

TEXT = negotiate(None)
OPENMETRICS = negotiate("application/openmetrics-text;version=1.0.0")
ESCAPED = [
    negotiate(f"{kind};version=1.0.0;escaping={escaping}")
    for kind in ("text/plain", "application/openmetrics-text")
    for escaping in ("allow-utf-8", "underscores", "dots", "values")
]
# So many pages are shown to promtool at a time.
BATCH = 200
# After so many inputs what they left in Java's heap is given back.
TIDY = 100
DROPPED = "jmx_bridge_samples_dropped"


class Rendering:
    """Tries inputs; what promtool has to look at is kept for a while."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._maker = Maker(chance)
        self._pages: dict[bool, list[str]] = {False: [], True: []}
        self.pages = self.samples = self.refused = 0

    def one(self) -> None:
        given = self._maker.input()
        try:
            config = parse_config(
                given.rules, "f.yml", syntax=self._maker.syntax, environ={}
            )
        except ConfigError:
            self.refused += 1
            return
        session = RecordedSession(self._maker.mbeans().values(), given.properties)
        shown: object = None
        try:
            with _bridge(session, config, given.limits) as bridge:
                for _ in range(self._chance.randrange(1, 4)):
                    shown = dict(session.mbeans)
                    self._scrape(bridge, session, config, given)
                    self._move(session)
        except Exception as exc:
            told = "".join(traceback.format_exception(exc))[-1500:]
            raise Finding(f"{told}\nrules: {given.rules}\nMBeans: {shown}") from exc
        self._ask_promtool(BATCH)

    def _scrape(
        self, bridge: Bridge, session: RecordedSession, config: Config, given: Input
    ) -> None:
        snapshot = bridge.scrape(deadline=time.monotonic() + 60)
        whole = render(snapshot, TEXT).decode()
        for fmt in (TEXT, OPENMETRICS, self._chance.choice(ESCAPED)):
            for most in (None, given.limits.bytes):
                page = render(snapshot, fmt, most_bytes=most).decode()
                # Its names may begin with "__", which the parser keeps for Prometheus.
                foreign = fmt.escaping is not Escaping.DOTS
                count = check_page(page, openmetrics=fmt.openmetrics, foreign=foreign)
                own = {
                    name: value for name, labels, value in samples(page) if not labels
                }
                cut = own.get(CUT)
                self.pages += 1
                self.samples += count
                if fmt in (TEXT, OPENMETRICS):
                    self._pages[fmt.openmetrics].append(page)
                if most is not None:
                    expected = len(list(samples(whole)))
                    if cut is not None:
                        expected -= int(cut) - 1
                    assert count == expected, f"{count} of {expected}, {cut}"
        self._named(snapshot)
        check_counts(whole, snapshot, session, config, given)

    def _named(self, snapshot: Snapshot) -> None:
        """Ask for some names only."""
        names = frozenset(self._chance.sample(NAMES, 5))
        for fmt in (TEXT, OPENMETRICS):
            page = render(snapshot, fmt, names).decode()
            check_page(page, openmetrics=fmt.openmetrics)

    def _move(self, session: RecordedSession) -> None:
        """Let MBeans change, come and go."""
        chance = self._chance
        for name, one in list(session.mbeans.items()):
            what = chance.randrange(6)
            if what == 0:
                del session.mbeans[name]
            elif what == 1:
                fresh = self._maker.mbean()
                session.mbeans[name] = replace(
                    fresh, name=name, registration=one.registration + 1
                )
            elif what == 2:
                values = [
                    replace(value, number=float(chance.choice(NUMBERS)))
                    if value.leaf.kind is LeafKind.NUMBER
                    else value
                    for value in one.values
                ]
                session.mbeans[name] = replace(one, values=tuple(values))
        for name, one in self._maker.mbeans().items():
            known = {key_of(known) for known in session.mbeans}
            if key_of(name) not in known and chance.random() < 0.3:
                session.mbeans[name] = one

    def _ask_promtool(self, least: int) -> None:
        for openmetrics, pages in self._pages.items():
            if len(pages) >= least:
                said = by_promtool(pages, openmetrics=openmetrics)
                if said:
                    raise Finding(f"promtool: {said}")
                pages.clear()

    def end(self) -> None:
        self._ask_promtool(1)


@contextmanager
def _bridge(session: RecordedSession, config: Config, limits: LimitSettings):
    """A bridge on recorded MBeans; Java is there for patterns only."""
    with (
        mock.patch.object(jmx, "connect", lambda *_, **__: session),
        mock.patch.object(jmx, "trim", lambda: None),
        mock.patch.object(jmx, "collect_garbage", lambda: None),
    ):
        bridge = Bridge(
            TargetSettings(host_port="target:7199"), limits, lambda: config, "f.yml"
        )
        try:
            yield bridge
        finally:
            bridge.close()


def check_counts(
    page: str,
    snapshot: Snapshot,
    session: RecordedSession,
    config: Config,
    given: Input,
) -> None:
    """Whether what the bridge tells of its samples is what the page has, and nothing is missing."""
    told = list(samples(page))
    own = {name: value for name, labels, value in told if not labels}
    dropped = {
        dict(labels)["reason"].strip('"'): int(value)
        for name, labels, value in told
        if name == DROPPED
    }
    assert own["jmx_up"] == 1.0, "not up"
    served = len(snapshot.values)
    assert own["jmx_bridge_samples"] == served, (
        f"{served} samples of rules on the page, jmx_bridge_samples says {own['jmx_bridge_samples']}"
    )
    if not given.complete:
        return
    numbers = strings = 0
    for one in session.mbeans.values():
        if one.undescribed or one.unanswered or _unseen(one.name, config):
            continue
        kinds = [value.leaf.kind for value in one.values]
        numbers += sum(kind in (LeafKind.NUMBER, LeafKind.BOOLEAN) for kind in kinds)
        strings += kinds.count(LeafKind.STRING)
    lost = sum(dropped.values())
    # A family of the JVM's own counts, too, when rules have taken its name.
    most = numbers + dropped.get("conflict", 0)
    if any(rule.value for rule in config.rules):
        most += strings
    if any(one.undescribed and one.registration for one in session.mbeans.values()):
        # What was known of it before it was registered anew holds until it is described.
        most = served + lost
    assert numbers <= served + lost <= most, (
        f"{numbers} numbers and {strings} strings, {served} served, dropped: {dropped}"
    )


def _unseen(name: str, config: Config) -> bool:
    """Whether the rules can't see an MBean."""
    jvm = name.partition(":")[0] in ("java.lang", "java.nio")
    return jvm and config.exclude_jvm_metrics


def fuzz_rendering(chance: random.Random, end: float) -> int:
    """Pages of random MBeans under random rules: valid, whole, and without a series twice."""
    rendering = Rendering(chance)
    done = 0
    # Each input has much to warn of.
    logging.disable()
    try:
        while time.monotonic() < end:
            rendering.one()
            done += 1
            if done % TIDY == 0:
                gc.collect()
                jmx.trim()
        rendering.end()
    finally:
        logging.disable(logging.NOTSET)
    with_promtool = " and promtool" if PROMTOOL else "; promtool is not there"
    print(
        f"rendering: {rendering.pages:,} pages with {rendering.samples:,} samples, by two"
        f" parsers{with_promtool}; {rendering.refused:,} rule files were refused"
    )
    return done
