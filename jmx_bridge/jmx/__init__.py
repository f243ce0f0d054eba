"""The door to Java: everything that touches the embedded JVM is behind this package."""

from ._jvm import java_version, settle, start_jvm, trim
from ._patterns import JavaPatterns, JavaSyntax
from ._session import JmxSession, connect, pem_of
from .abc import (
    BeanFound,
    Changes,
    Placed,
    Reading,
    Scope,
    Survey,
    TargetAddress,
    Watch,
)

__all__ = [
    "BeanFound",
    "Changes",
    "JavaPatterns",
    "JavaSyntax",
    "JmxSession",
    "Placed",
    "Reading",
    "Scope",
    "Survey",
    "TargetAddress",
    "Watch",
    "connect",
    "java_version",
    "pem_of",
    "settle",
    "start_jvm",
    "trim",
]
