"""Turns metric customizers' nodes into configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fields import known_fields
from .schema import (
    CUSTOMIZER_KEYS,
    EXTRA_KEYS,
    FILTER_KEYS,
    CustomizerConfig,
    ExtraMetric,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .document import Node


class CustomizerReader:
    """
    Turns the nodes of `metricCustomizers` into `CustomizerConfig`.

    With *strict* an unknown key is an error. What is wrong is added to the nodes' problems.
    """

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict

    def read(self, node: Node | None) -> tuple[CustomizerConfig, ...]:
        """Return the customizers of a list, without those that are no map or fit nothing."""
        items = () if node is None else node.items()
        return tuple(made for item in items if (made := self._customizer(item)))

    def _fields(self, node: Node, known: Sequence[str]) -> dict[str, Node]:
        return known_fields(node, known, strict=self._strict)

    def _customizer(self, node: Node) -> CustomizerConfig | None:
        fields = self._fields(node, CUSTOMIZER_KEYS)
        if not isinstance(node.value, dict):
            return None
        if "mbeanFilter" not in fields:
            node.error("'mbeanFilter' is missing", "add mbeanFilter: {domain: ...}")
            return None
        bean = self._fields(fields["mbeanFilter"], FILTER_KEYS)
        if "domain" not in bean:
            fields["mbeanFilter"].error(
                "'domain' is missing", "name the MBeans' domain"
            )
        if not fields.keys() & {"attributesAsLabels", "extraMetrics"}:
            node.error("needs attributesAsLabels or extraMetrics", "add one, or both")
        properties = bean["properties"].named() if "properties" in bean else ()
        labels = fields.get("attributesAsLabels")
        extra = fields["extraMetrics"].items() if "extraMetrics" in fields else ()
        return CustomizerConfig(
            (bean["domain"].text() if "domain" in bean else None) or "",
            tuple((key, child.text() or "") for key, child in properties),
            () if labels is None else labels.texts(),
            tuple(made for item in extra if (made := self._extra_metric(item))),
        )

    def _extra_metric(self, node: Node) -> ExtraMetric | None:
        fields = self._fields(node, EXTRA_KEYS)
        if not isinstance(node.value, dict):
            return None
        for key in ("name", "value"):
            if key not in fields:
                node.error(f"{key!r} is missing", "an extra metric has name and value")
                return None
        value = fields["value"].value
        if value is None or isinstance(value, tuple | dict):
            found = fields["value"].found()
            fields["value"].error(f"must be a number or a boolean (found {found})")
            return None
        about = fields.get("description")
        return ExtraMetric(
            fields["name"].text() or "",
            value,
            None if about is None else about.text(),
            line=node.place.line,
            file=node.problems.file,
        )
