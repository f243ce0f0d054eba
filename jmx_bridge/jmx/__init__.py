"""The door to Java: everything that touches the embedded JVM is behind this package."""

from ._jvm import java_version, settle, start_jvm, trim
from ._patterns import JavaPatterns, JavaSyntax
from ._session import JmxSession, connect, pem_of
from .abc import Scope, TargetAddress

__all__ = [
    "JavaPatterns",
    "JavaSyntax",
    "JmxSession",
    "Scope",
    "TargetAddress",
    "connect",
    "java_version",
    "pem_of",
    "settle",
    "start_jvm",
    "trim",
]
