"""Turns a rule file's nodes into configuration: what is neither rules nor customizers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from .customizers import CustomizerReader
from .fields import flag, known_fields, maybe_text, whole, words
from .rules import RuleReader
from .schema import (
    NOT_APPLIED,
    OLD_NAMES,
    SSL_KEYS,
    STORE_KEYS,
    TOP_KEYS,
    AttributeFilter,
    Config,
    Include,
    Texts,
    TlsConfig,
)
from .web.httpserver import HttpServerReader, java_properties
from .web.schema import StoreConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .document import Node, Place
    from .syntax import Syntax

VARIABLE = re.compile(r"\$\{(.+)\}", re.DOTALL)


class ConfigReader:
    """
    Turns a rule file's nodes into its `Config`.

    *environ* is where "${NAME}" is looked up; with *strict* an unknown key is an error.
    What is wrong is added to the nodes' problems, and reading goes on.
    """

    def __init__(
        self, syntax: Syntax, environ: Mapping[str, str], *, strict: bool
    ) -> None:
        self._syntax = syntax
        self._environ = environ
        self._strict = strict

    def config(self, root: Node) -> Config:
        """Return what the document says, with defaults for what is missing or wrong."""
        fields = self._fields(root, TOP_KEYS)
        for key, hint in NOT_APPLIED.items():
            if key in fields:
                fields[key].warn("is known but not applied", hint)
        config = Config(
            file=root.problems.file,
            includes=_includes(fields.get("include")),
            lowercase_output_name=flag(fields, "lowercaseOutputName"),
            lowercase_output_label_names=flag(fields, "lowercaseOutputLabelNames"),
            infer_counter_type_from_name=flag(fields, "inferCounterTypeFromName"),
            metric_customizers=CustomizerReader(strict=self._strict).read(
                fields.get("metricCustomizers")
            ),
            http_server=HttpServerReader(
                self._resolved, java_properties(self._environ)
            ).read(fields.get("httpServer")),
        )
        config = self._with_filters(self._with_target(config, fields), fields)
        node = fields.get("rules")
        if node is None and config.includes:
            # A file that only includes others has their rules, not the default one.
            return replace(config, rules=())
        rules = RuleReader(self._syntax, config, strict=self._strict)
        return replace(config, rules=rules.read(node))

    def _with_target(self, config: Config, fields: Mapping[str, Node]) -> Config:
        """Add which JVM is watched, and when."""
        if "hostPort" in fields and "jmxUrl" in fields:
            later = max(
                fields["hostPort"], fields["jmxUrl"], key=lambda node: node.place
            )
            later.error("at most one of hostPort and jmxUrl is possible", "remove one")
        return replace(
            config,
            host_port=self._host_port(fields.get("hostPort")),
            jmx_url=_jmx_url(fields.get("jmxUrl")),
            username=self._resolved(fields.get("username")),
            password=self._resolved(fields.get("password")),
            tls=self._tls(fields.get("ssl")),
            start_delay_seconds=whole(fields, "startDelaySeconds", minimum=0) or 0,
            scrape_timeout_seconds=whole(fields, "scrapeTimeoutSeconds", minimum=1),
        )

    def _with_filters(self, config: Config, fields: Mapping[str, Node]) -> Config:
        """Add which MBeans and attributes the rules may see."""
        jvm = fields.get("excludeJvmMetrics")
        included = fields.get("includeObjectNameAttributes")
        excluded = fields.get("excludeObjectNameAttributes")
        return replace(
            config,
            include_object_names=self._object_names(fields, "includeObjectNames"),
            exclude_object_names=self._object_names(fields, "excludeObjectNames") or (),
            # Alone among the flags it may be empty, as in jmx_exporter.
            exclude_jvm_metrics=jvm is not None
            and jvm.value is not None
            and flag(fields, "excludeJvmMetrics"),
            include_object_name_attributes=self._attribute_filter(included),
            exclude_object_name_attributes=self._attribute_filter(excluded),
            auto_exclude_object_name_attributes=flag(
                fields, "autoExcludeObjectNameAttributes", default=True
            ),
        )

    def _fields(self, node: Node, known: Sequence[str]) -> dict[str, Node]:
        return known_fields(node, known, strict=self._strict)

    @staticmethod
    def _host_port(node: Node | None) -> str | None:
        if node is None:
            return None
        if node.value is None:
            node.error(
                "must be HOST:PORT (found nothing)", "remove the key, or fill it"
            )
        return node.coerced() or None

    def _resolved(self, node: Node | None) -> str | None:
        """Return a text, or an environment variable's if the text is "${NAME}" alone."""
        if node is None or node.value is None:
            return None
        text = node.text(secret=True)
        if not text:
            return None
        variable = VARIABLE.fullmatch(text.strip())
        if variable is None:
            return text
        value = self._environ.get(variable[1], "").strip()
        if not value:
            # What is no name may be a secret that happens to look like this.
            shown = f" {variable[1]}" if variable[1].isidentifier() else ""
            node.error(
                f"the environment variable{shown} is not set or is blank",
                "set it where this program is started",
            )
        elif any("\udc80" <= char <= "\udcff" for char in value):
            node.error(f"the environment variable {variable[1]} is not UTF-8")
            return None
        return value or None

    def _tls(self, node: Node | None) -> TlsConfig | None:
        if node is None or node.value is False:
            return None
        if node.value is True:
            return TlsConfig()
        if not isinstance(node.value, dict):
            node.warn(
                f"is ignored (found {node.found()})", "write true, false or a map"
            )
            return None
        fields = self._fields(node, SSL_KEYS)
        tls = TlsConfig(
            self._store(fields.get("keyStore")),
            self._store(fields.get("trustStore")),
            words(fields.get("protocols")),
            words(fields.get("ciphers")),
        )
        if "enabled" not in fields:
            node.warn("TLS is off without 'enabled'", "add enabled: true")
        return tls if flag(fields, "enabled") else None

    def _store(self, node: Node | None) -> StoreConfig | None:
        if node is None:
            return None
        fields = self._fields(node, STORE_KEYS)
        if "filename" not in fields:
            if isinstance(node.value, dict):
                node.warn(
                    "ignored, since 'filename' is missing",
                    "add filename: /path/of/the/store",
                )
            return None
        return StoreConfig(
            fields["filename"].text() or "",
            maybe_text(fields.get("type")),
            self._resolved(fields.get("password")),
        )

    def _object_names(self, fields: Mapping[str, Node], key: str) -> Texts | None:
        old = OLD_NAMES[key]
        if key in fields and old in fields:
            fields[old].warn(f"is ignored beside {key}", "move its names there")
        node = fields.get(key, fields.get(old))
        if node is None:
            return None
        names = tuple(
            text
            for item in node.items()
            if (text := item.text()) is not None and self._named(item, text)
        )
        if node.value == () and key == "includeObjectNames":
            node.warn(
                "an empty list exports no MBean at all", "remove the key to export all"
            )
        return names

    def _named(self, node: Node, name: str, *, place: Place | None = None) -> bool:
        problem = self._syntax.object_name_problem(name, is_pattern=True)
        if problem is None:
            return True
        node.error(
            f"not an ObjectName: {problem} (found {name!r})",
            "write domain:key=value,key=value; * and ? are wildcards",
            place=place,
        )
        return False

    def _attribute_filter(self, node: Node | None) -> AttributeFilter:
        return () if node is None else tuple(self._filtered(node))

    def _filtered(self, node: Node) -> Iterator[tuple[str, Texts]]:
        for name, attributes in node.named():
            if not self._named(node, name, place=attributes.key_place):
                continue
            if self._syntax.object_name_problem(name, is_pattern=False):
                node.warn(
                    f"{name!r} is a pattern, and here only a full ObjectName matches",
                    "name each MBean, or use includeObjectNames or excludeObjectNames",
                    place=attributes.key_place,
                )
            yield name, tuple(_attribute_names(attributes))


def _includes(node: Node | None) -> tuple[Include, ...]:
    if node is None:
        return ()
    items = node.items() if isinstance(node.value, tuple) else (node,)
    return tuple(
        Include(text, *item.place)
        for item in items
        if (text := item.text()) is not None
    )


def _attribute_names(node: Node) -> Iterator[str]:
    for item in node.items():
        if isinstance(item.value, str):
            yield item.value
        else:
            item.warn(f"names no attribute (found {item.found()})", "put it in quotes")


def _jmx_url(node: Node | None) -> str | None:
    text = maybe_text(node)
    if node is not None and text and not text.startswith("service:jmx:"):
        node.warn(
            f"is not a JMX service URL (found {text!r})",
            "write service:jmx:rmi:///jndi/rmi://HOST:PORT/jmxrmi, or use hostPort",
        )
    return text or None
