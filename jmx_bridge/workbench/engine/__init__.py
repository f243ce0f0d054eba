"""What the workbench's page asks: one reading of a JVM, the rules in force, and rules on trial."""

from .engine import Engine, Sources

__all__ = ["Engine", "Sources"]
