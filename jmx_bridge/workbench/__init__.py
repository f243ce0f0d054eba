"""The workbench: what a JVM tells, what rules make of it, and why."""
