"""The flags that say what `inject` and the webhook add, and to what manifests."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..errors import UsageError
from .option import INJECT, NO_VARIABLE, WEBHOOK, Option
from .texts import BadText, parse_switch
from .wish import ASKS, LABEL

if TYPE_CHECKING:
    from .target import Sources
    from .values import Settings


def parse_namespace(text: str) -> str:
    """Return the name of a namespace."""
    if not LABEL.fullmatch(text):
        raise BadText("must be the name of a namespace")
    return text


FLAGS = {"port": "--metrics-port"}
"""Those that don't have the name of the annotation, since another command has such a flag."""
manifest_option = partial(Option, commands=(INJECT,), variable=NO_VARIABLE)
INJECT_OPTIONS = (
    *(
        Option(
            f"inject.{ask.field}",
            FLAGS.get(ask.name, f"--{ask.name}"),
            ask.metavar,
            ask.help,
            ask.parse,
            (INJECT, WEBHOOK),
            # JMX_BRIDGE_PORT would be what Kubernetes sets for a Service called jmx-bridge.
            NO_VARIABLE,
        )
        for ask in ASKS
    ),
    manifest_option(
        "manifests.remove",
        "--remove",
        "",
        "Take the sidecar and all that came with it out again.",
        parse_switch,
    ),
    manifest_option(
        "manifests.in_place",
        "--in-place",
        "",
        "Write the files anew instead of printing them.",
        parse_switch,
    ),
    manifest_option(
        "manifests.check",
        "--check",
        "",
        "Print nothing, and exit with 1 if something would change.",
        parse_switch,
    ),
    manifest_option(
        "manifests.annotated",
        "--annotated",
        "",
        'Only where the pod has the annotation jmx-bridge.io/inject: "true".',
        parse_switch,
    ),
    manifest_option(
        "manifests.podmonitor",
        "--podmonitor",
        "",
        "Add a PodMonitor for each namespace at the end of a file.",
        parse_switch,
    ),
    manifest_option(
        "manifests.namespace",
        "--namespace",
        "NAME",
        "The namespace of the PodMonitor where workloads name none.",
        parse_namespace,
    ),
)


def injecting(settings: Settings, sources: Sources) -> Settings:
    """
    Let --jmx.target and --jmx.attach, which other commands take, mean --target and --attach.

    Variables that mean a target of this process say nothing of a pod's. Raises UsageError where
    options contradict each other.
    """
    wish = settings.inject
    if sources.get("target.host_port", "").startswith("--"):
        wish = replace(wish, target=wish.target or settings.target.host_port)
    if sources.get("target.attach", "").startswith("--"):
        wish = replace(wish, attach=wish.attach or settings.target.attach)
    if wish.attach and wish.target:
        raise UsageError("--attach: --target names a JVM, too\n  hint: remove one")
    return replace(settings, inject=wish)
