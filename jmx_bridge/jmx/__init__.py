"""The door to Java: everything that touches the embedded JVM is behind this package."""

from ._jvm import java_version, start_jvm
from ._patterns import JavaPatterns, JavaSyntax
from ._session import JmxSession, connect
from .abc import (
    Attribute,
    BeanFound,
    Changes,
    Description,
    Leaf,
    Placed,
    Reading,
    Scope,
    Survey,
    TargetAddress,
    Watch,
)

__all__ = [
    "Attribute",
    "BeanFound",
    "Changes",
    "Description",
    "JavaPatterns",
    "JavaSyntax",
    "JmxSession",
    "Leaf",
    "Placed",
    "Reading",
    "Scope",
    "Survey",
    "TargetAddress",
    "Watch",
    "connect",
    "java_version",
    "start_jvm",
]
