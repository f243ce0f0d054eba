"""The door to Java: everything that touches the embedded JVM is behind this package."""

from ._jvm import collect_garbage, java_version, start_jvm, trim
from ._patterns import JavaPatterns, JavaSyntax
from ._session import JmxSession, connect, pem_of
from .abc import ATTACH, Scope, TargetAddress

__all__ = [
    "ATTACH",
    "JavaPatterns",
    "JavaSyntax",
    "JmxSession",
    "Scope",
    "TargetAddress",
    "collect_garbage",
    "connect",
    "java_version",
    "pem_of",
    "start_jvm",
    "trim",
]
