"""Random rule files, and random MBeans for them: what the fuzzer of pages tries."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from typing import Any

from unit.jmx.mbeans import Holds, Opaque, Table, Throws, mbean

from jmx_bridge import jmx
from jmx_bridge.jmx.abc import Failure
from jmx_bridge.jmx.recorded import RecordedMBean
from jmx_bridge.settings import LimitSettings

LONG = "x" * 9_000
WORDS = [
    *("a", "A", "b", "a_b", "a:b", "a.b", "aB", "x", "é", "日本", "😀", "1", "_", " ", "-"),
    *("le", "quantile", "__name__", "_objectname", "_Objectname", "job", "instance"),
    *("\\", "a\\nb", "'", "}", "{", "#", "# EOF", "%", "$1", "\t", "\r", "\x01", "\x7f", "\x85"),
    *("\ufffd", "?", "\ud800", "\udfff", "\u2028", "\ufeff", "true", "NaN", "1e3", ".", "()"),
]  # fmt: skip
TEXTS = [
    *WORDS,
    "",
    "\0",
    "\n",
    '"',
    '\\"',
    "a\nb",
    'a"b',
    "a=b,c",
    "a,b",
    "\\\\",
    "+Inf",
]
NUMBERS = [
    *(0, 1, -1, 2**31, -(2**63), 2**63 - 1, 10**40, True, False),
    *(0.0, -0.0, 0.5, 1e-320, 1.7976931348623157e308, -1e300, 1e16, 123456789.123),
    *(float("nan"), float("inf"), float("-inf")),
]
PATTERNS = [
    *(None, None, ".*", "(.+)", "", "<>", "(.*)<(.*)><(.*)>(.*): (.*)", "^([^<]*)<"),
    *("type=([^,>]*)", r"(\w+): (.*)", "(?<x>[a-zA-Z]+)", "a(b)?", "name=(.*)[,>]"),
    *("(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)", "(?i)A.*: ([0-9.]*)", "><(.*)>", ": (.+)"),
]  # fmt: skip
# Each of them begins or ends so that no expansion makes it empty.
NAMES = [
    *("a", "A", "a_total", "a_info", "a_bucket", "a_created", "a_total_info", "_total", "a_count"),
    *("a_sum", "a:b", "a b", "1", "_", "é", "__name__", "x$1", "a_$1", "${x}_total", "$9z"),
    *("a$0", "\\$", "jmx_up", "jmx_scrape_error", "jmx_bridge_samples", "jmx_bridge_build_info"),
    *("jmx_bridge_samples_dropped", "jmx_bridge_page_samples_cut", "jmx_config_reload_success"),
    *("jmx_bridge_scrape_phase_seconds", "jvm_memory_used_bytes", "jvm_runtime_info"),
    *("jvm_gc_collection_seconds", "jvm_gc_collection_seconds_count", "process_cpu_seconds"),
    *("jvm_threads_started_total", "jvm_gc_collection_seconds_sum", "a\0b", "a\nb", "\ud800"),
    *("jmx_bridge_connects", "jmx_bridge_connects_total", "jmx_config_reload_success_total"),
]  # fmt: skip
TYPES = ["COUNTER", "GAUGE", "UNTYPED", "INFO", "COUNTER", "GAUGE", "HISTOGRAM", None]
TEMPLATES = [*TEXTS, "$0", "$1", "$2", "${x}", "v$1", "$9", LONG]
HALF = re.compile(r"(?<!\\)\\u(?:d800|dfff)")
USAGE = ("init", "used", "committed", "max")
BUFFERS: tuple[str, ...] = ("MemoryUsed", "TotalCapacity", "Count")
PLATFORM: dict[str, tuple[str, ...]] = {
    "type=Memory": ("HeapMemoryUsage", "NonHeapMemoryUsage", "ObjectPendingFinalizationCount"),
    "type=Threading": ("ThreadCount", "PeakThreadCount", "TotalStartedThreadCount"),
    "type=ClassLoading": ("LoadedClassCount", "TotalLoadedClassCount", "UnloadedClassCount"),
    "type=Compilation": ("TotalCompilationTime",),
    "type=OperatingSystem": ("ProcessCpuTime", "OpenFileDescriptorCount"),
    "type=MemoryPool": ("Usage", "CollectionUsage"),
    "type=GarbageCollector": ("CollectionCount", "CollectionTime"),
}  # fmt: skip
PROPERTIES = ("java.runtime.name", "java.vm.vendor", "java.runtime.version")


@dataclass(frozen=True)
class Input:
    """A rule file, and the MBeans that it is tried on."""

    rules: str
    complete: bool
    """Each number is claimed by a rule that gives it a name: it is served or counted."""
    limits: LimitSettings
    properties: dict[str, str]


class Maker:
    """Makes inputs."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.syntax = jmx.JavaSyntax()

    # -- rule files ------------------------------------------------------------------------

    def input(self) -> Input:
        chance = self.chance
        complete = chance.random() < 0.5
        limits = LimitSettings(
            samples=chance.choice([1_000_000] * 5 + [chance.randrange(200)]),
            bytes=chance.choice([1 << 28, 1 << 28, chance.randrange(1, 20_000)]),
        )
        rules = json.dumps(self._file(complete=complete), ensure_ascii=True)
        if chance.random() < 0.95:
            # Half of a character is refused; most files should be tried.
            rules = HALF.sub("?", rules)
        properties = {key: chance.choice(TEXTS) for key in PROPERTIES}
        return Input(rules, complete, limits, properties)

    def _file(self, *, complete: bool) -> dict[str, Any]:
        chance = self.chance
        switches = (
            *("lowercaseOutputName", "lowercaseOutputLabelNames"),
            *("inferCounterTypeFromName", "excludeJvmMetrics"),
        )
        file: dict[str, Any] = {
            switch: True for switch in switches if chance.random() < 0.3
        }
        rules = [self._rule(complete=complete) for _ in range(chance.randrange(6))]
        if complete or chance.random() < 0.3:
            rules.append({})
        file["rules"] = rules
        if not complete and chance.random() < 0.4:
            file["metricCustomizers"] = [self._customizer()]
        return file

    def _rule(self, *, complete: bool) -> dict[str, Any]:
        chance = self.chance
        rule: dict[str, Any] = {}
        pattern = chance.choice(PATTERNS)
        if pattern is None:
            # It claims all, so it comes seldom.
            pattern = chance.choice(PATTERNS[2:])
        rule["pattern"] = pattern
        if chance.random() < 0.85:
            rule["name"] = chance.choice(NAMES if complete else [*NAMES, "", "$1"])
            if chance.random() < 0.7:
                rule["labels"] = {
                    chance.choice(TEMPLATES[:-1]): chance.choice(TEMPLATES)
                    for _ in range(chance.randrange(5))
                }
            if chance.random() < 0.4:
                rule["help"] = chance.choice(TEMPLATES)
        if not complete and chance.random() < 0.4:
            rule["value"] = chance.choice(["1", "$1", "$2", "NaN", "-1e999", "${x}", 2])
        if chance.random() < 0.3:
            rule["valueFactor"] = chance.choice([1, -1, 0, 1e300, "NaN", "Infinity"])
        kind = chance.choice(TYPES)
        if kind is not None:
            rule["type"] = kind
        for switch in ("cache", "attrNameSnakeCase"):
            if chance.random() < 0.2:
                rule[switch] = True
        return rule

    def _customizer(self) -> dict[str, Any]:
        chance = self.chance
        return {
            "mbeanFilter": {"domain": chance.choice("td")},
            "attributesAsLabels": chance.sample(WORDS, 3),
            "extraMetrics": [
                {
                    "name": chance.choice(TEXTS),
                    "value": chance.choice([1, -1, 0.5, True, "text", "\ud800"]),
                    "description": chance.choice(TEXTS),
                }
                for _ in range(chance.randrange(3))
            ],
        }

    # -- MBeans ----------------------------------------------------------------------------

    def mbeans(self) -> dict[str, RecordedMBean]:
        """MBeans by name; no two names mean the same ObjectName."""
        made = {}
        for _ in range(self.chance.randrange(1, 12)):
            one = self._platform() if self.chance.random() < 0.3 else self.mbean()
            name = one.name.encode("utf-8", "replace").decode()
            if self.syntax.object_name_problem(name, is_pattern=False) is None:
                domain, _, keys = one.name.partition(":")
                made[domain, frozenset(_split(keys))] = one
        return {one.name: one for one in made.values()}

    def mbean(self) -> RecordedMBean:
        chance = self.chance
        keys = chance.sample(
            [w for w in WORDS if not set(w) & set(',=:"*?\n')], chance.randrange(1, 4)
        )
        if chance.random() < 0.6:
            keys[0] = "type"
        properties = ",".join(
            f"{key}={self._value_of_key()}" for key in dict.fromkeys(keys)
        )
        domain = chance.choice(
            ["t", "t", "d", "", "a.b", "1", "é", "\ud800", "jmx", "x y"]
        )
        names = chance.sample(
            [*TEXTS, "Count", "someName", "some_name"], chance.randrange(6)
        )
        attributes = {name: self._held() for name in names}
        return mbean(f"{domain}:{properties}", attributes, **self._failures())

    def _value_of_key(self) -> str:
        chance = self.chance
        if chance.random() < 0.5:
            plain = [t for t in TEXTS if not set(t) & set(',=:"*?\n')]
            return chance.choice(plain)
        text = chance.choice(TEXTS)
        for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("*", "\\*"), ("?", "\\?")):  # fmt: skip
            text = text.replace(sign, written)
        return f'"{text}"'

    def _failures(self) -> dict[str, Any]:
        chance = self.chance
        if chance.random() < 0.9:
            return {}
        kind = chance.choice(["unanswered", "undescribed"])
        return {kind: chance.choice(list(Failure)[1:])}

    def _held(self) -> object:
        value = self.value()
        if self.chance.random() < 0.5:
            return value
        kinds = {bool: "boolean", int: "long", float: "double", str: "java.lang.String"}
        kind = kinds.get(type(value), "java.lang.Object")
        return Holds(value, kind, self.chance.choice(TEXTS))

    def value(self, depth: int = 0) -> object:
        chance = self.chance
        kind = chance.randrange(10 if depth < 3 else 8)
        if kind < 5:
            return chance.choice(NUMBERS)
        if kind == 5:
            return chance.choice([*TEXTS, LONG])
        if kind == 6:
            return chance.choice([None, Throws() if not depth else None, Opaque()])
        if kind == 7:
            keys = chance.sample(TEXTS, chance.randrange(4))
            return (
                Table(tuple((key, chance.randrange(-9, 9)) for key in keys))
                if not depth
                else 1
            )
        keys = [key for key in chance.sample(TEXTS, chance.randrange(1, 4)) if key]
        return {key: self.value(depth + 1) for key in keys}

    def _platform(self) -> RecordedMBean:
        """One of the JVM's own MBeans, or what an application has put beside it."""
        chance = self.chance
        if chance.random() < 0.2:
            kind, names, domain = "type=BufferPool", BUFFERS, "java.nio"
        else:
            kind = chance.choice(list(PLATFORM))
            names = PLATFORM[kind]
            domain = "java.lang"
        if chance.random() < 0.5:
            kind += f",name={self._value_of_key()}"
        if chance.random() < 0.2:
            kind += ",x=1"
        attributes: dict[str, object] = {
            name: {key: chance.choice(NUMBERS) for key in USAGE}
            if name.endswith("Usage")
            else chance.choice(NUMBERS)
            for name in names
        }
        return mbean(f"{domain}:{kind}", attributes, **self._failures())


def _split(keys: str) -> list[str]:
    """The key properties of an ObjectName; what is in quotes is whole."""
    parts, quoted, start, at = [], False, 0, 0
    while at < len(keys):
        if quoted and keys[at] == "\\":
            at += 1
        elif keys[at] == '"':
            quoted = not quoted
        elif keys[at] == "," and not quoted:
            parts.append(keys[start:at])
            start = at + 1
        at += 1
    return [*parts, keys[start:]]


def key_of(name: str) -> tuple[str, frozenset[str]]:
    """What tells ObjectNames apart: the domain, and the key properties in no order."""
    domain, _, keys = name.partition(":")
    return domain, frozenset(_split(keys))
