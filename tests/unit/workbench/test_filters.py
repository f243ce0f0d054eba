"""Why rules don't see an MBean or an attribute."""

import pytest
from unit.offline import config_of

from jmx_bridge.workbench.filters import (
    attribute_filtered,
    mbean_filtered,
    never_read,
)

MANAGER = "Catalina:type=Manager,context=/shop"


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ("", ""),
        ("includeObjectNames: ['Catalina:*']", ""),
        ("includeObjectNames: ['kafka:*']", "includeObjectNames has no pattern for it"),
        ("includeObjectNames: []", "includeObjectNames has no pattern for it"),
        (
            "excludeObjectNames: ['x:*', '*:type=Manager,*']",
            "excludeObjectNames has *:type=Manager,*",
        ),
        (
            "includeObjectNames: ['Catalina:*']\nexcludeObjectNames: ['Catalina:*']",
            "excludeObjectNames has Catalina:*",
        ),
        ("excludeJvmMetrics: true", ""),
    ],
)
def test_a_filter_of_mbeans_is_named(rules, why):
    assert mbean_filtered(config_of(rules), MANAGER) == why


def test_the_jvm_s_own_mbeans_may_be_left_out():
    without = config_of("excludeJvmMetrics: true")
    both = config_of("excludeJvmMetrics: true\nincludeObjectNames: ['java.lang:*']")

    assert mbean_filtered(without, "java.lang:type=Memory").startswith("excludeJvm")
    assert mbean_filtered(both, "java.lang:type=Memory") == ""
    assert mbean_filtered(config_of(""), "java.lang:type=Memory") == ""


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ("", ""),
        (
            "excludeObjectNameAttributes: {'Catalina:context=/shop,type=Manager': [a]}",
            "excludeObjectNameAttributes has it for Catalina:context=/shop,type=Manager",
        ),
        ("excludeObjectNameAttributes: {'Catalina:type=Manager': [a]}", ""),
        (
            "excludeObjectNameAttributes: {'Catalina:type=Manager,context=/shop': [b]}",
            "",
        ),
        (
            "includeObjectNameAttributes: {'Catalina:type=Manager,context=/shop': [b]}",
            "includeObjectNameAttributes doesn't list it",
        ),
        (
            "includeObjectNameAttributes: {'Catalina:type=Manager,context=/shop': [a]}",
            "",
        ),
    ],
)
def test_a_filter_of_attributes_is_named(rules, why):
    assert attribute_filtered(config_of(rules), MANAGER, "a") == why


def test_what_is_never_asked_for_is_known():
    assert never_read("java.lang:type=Runtime", "SystemProperties")
    assert never_read("java.lang:type=Runtime", "ClassPath")
    assert not never_read("java.lang:type=Runtime", "Uptime")
