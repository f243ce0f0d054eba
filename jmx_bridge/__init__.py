"""JMX Bridge: a sidecar that serves a JVM's MBeans as Prometheus metrics."""

from ._version import __version__

__all__ = ["__version__"]
