"""Why rules don't see an MBean or an attribute: which key of the rule file, or of ours, says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..collect.planner import SKIPPED, SKIPPED_BEANS
from ..jmx.scopes import JVM_DOMAINS, matches
from ..mapping import parse_name

if TYPE_CHECKING:
    from ..config import Config


def mbean_filtered(config: Config, name: str) -> str:
    """Return in words why rules don't see the MBean *name*; "" if they do."""
    for pattern in config.exclude_object_names:
        if matches(pattern, name):
            return f"excludeObjectNames has {pattern}"
    if config.include_object_names is None:
        if config.exclude_jvm_metrics and name.partition(":")[0] in JVM_DOMAINS:
            return "excludeJvmMetrics leaves out the JVM's own MBeans"
        return ""
    if any(matches(pattern, name) for pattern in config.include_object_names):
        return ""
    return "includeObjectNames has no pattern for it"


def attribute_filtered(config: Config, name: str, attribute: str) -> str:
    """Return in words why rules don't see an attribute of an MBean that they see; "" if they do."""
    key = parse_name(name).key
    for filtered, names in config.exclude_object_name_attributes:
        if parse_name(filtered).key == key and attribute in names:
            return f"excludeObjectNameAttributes has it for {filtered}"
    listed = config.include_object_name_attributes
    if listed and not any(
        parse_name(filtered).key == key and attribute in names
        for filtered, names in listed
    ):
        return "includeObjectNameAttributes doesn't list it"
    return ""


def never_read(name: str, attribute: str) -> bool:
    """Whether the bridge never asks for an attribute, whatever rules say."""
    return name in SKIPPED_BEANS or attribute.lower() in SKIPPED.get(name, ())
