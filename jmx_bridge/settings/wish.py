"""What may be wished of an injected sidecar: one table for annotations and flags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from .._version import __version__
from ..advice import nearest
from ..config.packs import names
from .texts import (
    BadText,
    one_of,
    parse_attach,
    parse_names,
    parse_port,
    parse_switch,
    parse_target,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "jmx-bridge.io/"
"""Of all our annotations and labels."""
NAMESPACE = "namespace"
"""A user or group that the namespace gives to all containers alike, as OpenShift's do."""
HIGHEST_ID = 2**31 - 1
IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,1023}")
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
KEY = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,253}")
QUANTITY = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?)(|m|k|[MGT]|[KMGT]i)")
UNITS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** (at + 1) for at, unit in enumerate("kMGT")},
    **{f"{unit}i": Decimal(1024) ** (at + 1) for at, unit in enumerate("KMGT")},
}
RESOURCES = ("cpu", "memory", "ephemeral-storage")


class ConfigMapKey(NamedTuple):
    """Where in a ConfigMap a rule file is."""

    name: str
    key: str = "rules.yml"


class Resource(NamedTuple):
    """How much of one resource is requested, and how much is the most; "" for no limit."""

    name: str
    request: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a sidecar shall be; each field has its row in ASKS."""

    image: str = f"jmx-bridge:{__version__}"
    pull_policy: str | None = None
    """Always, IfNotPresent or Never; None leaves it to Kubernetes."""
    packs: tuple[str, ...] | None = None
    """None: the pack `jvm` where no *rules* are given."""
    rules: ConfigMapKey | None = None
    target: str | None = None
    """HOST:PORT, which may be set together with *attach* no more than None and None mean TARGET."""
    attach: str | None = None
    user: int | str | None = None
    """The application's; NAMESPACE leaves it unset; None looks for it in the pod."""
    group: int | str | None = None
    container: str | None = None
    """The name of the application's container; None looks for the only one that it can be."""
    port: int | None = None
    """Where metrics are served; None: 12346."""
    resources: tuple[Resource, ...] = ()
    """They take the place of the defaults with the same names."""
    classic: bool = False
    """An ordinary container, for clusters before 1.29."""
    annotations: bool = False
    """Have the pod scraped by the annotations prometheus.io/scrape, port and path."""


TARGET = "127.0.0.1:7199"
"""Where the application's JMX port is if nothing else is said."""


class Ask(NamedTuple):
    """One thing that may be wished; PREFIX and its name is the annotation."""

    name: str
    metavar: str
    """"" for a switch."""
    help: str
    parse: Callable[[str], object]

    @property
    def field(self) -> str:
        """The field of Wish that it fills."""
        return self.name.replace("-", "_")


def parse_packs(text: str) -> tuple[str, ...]:
    """Return names of packs that there are."""
    found = parse_names(text)
    for name in found:
        if name not in names():
            hint = nearest(name, names()) or f"there are {', '.join(names())}"
            raise BadText(f"there is no pack {name!r}", hint)
    return found


def parse_rules(text: str) -> ConfigMapKey:
    """Return the ConfigMap, and the key in it, that "NAME" or "NAME/KEY" means."""
    name, slash, key = text.partition("/")
    if not SUBDOMAIN.fullmatch(name) or (slash and not KEY.fullmatch(key)):
        raise BadText('must be the name of a ConfigMap, or "NAME/KEY"')
    return ConfigMapKey(name, key) if slash else ConfigMapKey(name)


def parse_id(text: str) -> int | str:
    """Return the number of a user or group, or NAMESPACE."""
    if text == NAMESPACE:
        return text
    if not re.fullmatch("[0-9]{1,10}", text) or int(text) > HIGHEST_ID:
        raise BadText(f"must be a number, or {NAMESPACE}")
    return int(text)


def parse_user(text: str) -> int | str:
    """Return the number of a user that is not root, or NAMESPACE."""
    user = parse_id(text)
    if user == 0:
        raise BadText("must not be 0: the sidecar never runs as root")
    return user


def parse_container(text: str) -> str:
    """Return the name of a container."""
    if not LABEL.fullmatch(text):
        raise BadText("must be the name of a container")
    return text


def parse_image(text: str) -> str:
    """Return the name of an image."""
    if not IMAGE.fullmatch(text):
        raise BadText("must be the name of an image")
    return text


def parse_high_port(text: str) -> int:
    """Return a port that a user without rights may open."""
    return parse_port(text, lowest=1024)


PULL_POLICIES = {one.lower(): one for one in ("Always", "IfNotPresent", "Never")}


def parse_pull_policy(text: str) -> str:
    """Return one of the words that Kubernetes has for it."""
    return PULL_POLICIES[one_of(*PULL_POLICIES)(text)]


def parse_resources(text: str) -> tuple[Resource, ...]:
    """Return what "cpu=50m,memory=128Mi/192Mi" asks for: requests, and limits behind a slash."""
    found: dict[str, Resource] = {}
    for entry in parse_names(text):
        name, equals, amounts = entry.partition("=")
        if not equals or name not in RESOURCES:
            raise BadText(
                f"must be NAME=REQUEST or NAME=REQUEST/LIMIT (found {entry!r})",
                f"the names are {', '.join(RESOURCES)}",
            )
        if name in found:
            raise BadText(f"{name} is here twice")
        found[name] = _resource(name, amounts)
    return tuple(found.values())


def _resource(name: str, amounts: str) -> Resource:
    request, slash, limit = amounts.partition("/")
    least = _amount(name, request)
    if slash and _amount(name, limit) < least:
        raise BadText(f"{name}: the limit is less than the request")
    return Resource(name, request, limit)


def _amount(name: str, text: str) -> Decimal:
    match = QUANTITY.fullmatch(text)
    amount = Decimal(match[1]) * UNITS[match[2]] if match else Decimal(0)
    step = Decimal("0.001") if name == "cpu" else Decimal(1)
    if amount <= 0 or amount % step:
        example = "50m" if name == "cpu" else "128Mi"
        raise BadText(f"{name}: must be an amount such as {example} (found {text!r})")
    return amount


ASKS = (
    Ask("image", "IMAGE", "The sidecar's image.", parse_image),
    Ask(
        "pull-policy",
        "POLICY",
        "When it is pulled: Always, IfNotPresent or Never; else as Kubernetes decides.",
        parse_pull_policy,
    ),
    Ask(
        "packs",
        "NAMES",
        "Rule packs to use, separated by commas; without rules it is jvm.",
        parse_packs,
    ),
    Ask(
        "rules",
        "CONFIGMAP",
        "The ConfigMap that has the rule file as its key rules.yml; NAME/KEY for another key.",
        parse_rules,
    ),
    Ask(
        "target",
        "HOST:PORT",
        f"The application's JMX port; without it, and without attach, {TARGET}.",
        parse_target,
    ),
    Ask(
        "attach",
        "WHICH",
        "Attach to a JVM that has no JMX port: auto, or /a regular expression/ on its command.",
        parse_attach,
    ),
    Ask(
        "user",
        "UID",
        "The application's user, for attach, where the pod doesn't say it; namespace"
        " where the namespace gives all containers one, as in OpenShift.",
        parse_user,
    ),
    Ask("group", "GID", "The application's group, in the same way.", parse_id),
    Ask(
        "container",
        "NAME",
        "The application's container, where the pod has several.",
        parse_container,
    ),
    Ask(
        "port",
        "PORT",
        "The port of the metrics; 12346 without it. Pods in their node's network need it.",
        parse_high_port,
    ),
    Ask(
        "resources",
        "LIST",
        'Other requests and limits than the usual ones: "cpu=50m,memory=128Mi/192Mi".',
        parse_resources,
    ),
    Ask(
        "classic",
        "",
        "Add an ordinary container, for clusters before 1.29; refused where the pod would never end.",
        parse_switch,
    ),
    Ask(
        "annotations",
        "",
        "Add the annotations prometheus.io/scrape, port and path, for a Prometheus that goes by them.",
        parse_switch,
    ),
)
INJECT = f"{PREFIX}inject"
STATUS = f"{PREFIX}status"
OTHERS = (INJECT, STATUS)
"""Annotations of ours that wish nothing of the sidecar."""


class BadWish(ValueError):
    """Annotations wish for what can't be; *problems* has a message for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def wish_of(annotations: Mapping[str, object], otherwise: Wish) -> Wish:
    """
    Return what a pod's annotations wish, and elsewhere *otherwise*; raises BadWish.

    A pod that names attach or target doesn't get the other one of *otherwise*.
    """
    fields: dict[str, object] = {}
    problems = []
    for ask in ASKS:
        text = annotations.get(PREFIX + ask.name)
        if text is None:
            continue
        try:
            fields[ask.field] = ask.parse(_text(text))
        except BadText as exc:
            hint = f"; {exc.hint}" if exc.hint else ""
            problems.append(f"{PREFIX}{ask.name}: {exc}{hint}")
    if fields.keys() >= {"attach", "target"}:
        problems.append(f"{PREFIX}attach: leave it or {PREFIX}target out")
    if problems:
        raise BadWish(tuple(problems))
    if fields.keys() & {"attach", "target"}:
        fields = {"attach": None, "target": None, **fields}
    return replaced(otherwise, fields)


def replaced(wish: Wish, fields: Mapping[str, object]) -> Wish:
    """Return *wish* with other values in some fields."""
    values = {ask.field: getattr(wish, ask.field) for ask in ASKS}
    return Wish(**{**values, **fields})


def unknown_annotations(annotations: Mapping[str, object]) -> tuple[str, ...]:
    """Return a warning for each annotation with our prefix that nobody knows."""
    known = [*OTHERS, *(PREFIX + ask.name for ask in ASKS)]
    found = []
    for name in annotations:
        if str(name).startswith(PREFIX) and name not in known:
            hint = nearest(str(name), known)
            found.append(f"{name}: unknown annotation" + (f"; {hint}" if hint else ""))
    return tuple(found)


def wants(annotations: Mapping[str, object]) -> bool | None:
    """Return what the annotation `inject` says; None if nothing that is a yes or no."""
    try:
        return parse_switch(_text(annotations.get(INJECT, "")))
    except BadText:
        return None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadText("must be a text", "put it in quotes")
    return value
