"""Every key of a rule file, in one table: what it takes, what it means."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """One key of a map."""

    name: str
    kind: str
    """
    What it takes, as `json_schema` knows it: `text`, `flag`, the name of a map below, and so on.

    One that ends with "?" takes nothing, too; with "*" a list of them, with ":" a map.
    """
    meaning: str
    """As docs/configuration.md says it."""
    default: str = ""
    """As docs/configuration.md says it; "" for none."""


MAPS: dict[str, tuple[Key, ...]] = {
    "file": (
        Key(
            "include",
            "text or text*",
            "Rule packs by name, and files below this file's folder by a path from there. "
            "Their rules come after this file's own, in order; a file that includes something "
            "and has no rules adds none.",
            "[]",
        ),
        Key("pack", "any", "What a pack says of itself; it has no effect."),
        Key("hostPort", "scalar", "HOST:PORT of the target's remote JMX."),
        Key(
            "jmxUrl",
            "text?",
            "The JMX service URL, instead of hostPort; both together are an error.",
        ),
        Key("username", "text?", "The user that the target knows."),
        Key("password", "text?", "The user's password."),
        Key(
            "ssl", "ssl or any", "Whether the target's remote JMX speaks TLS.", "false"
        ),
        Key(
            "startDelaySeconds",
            "whole",
            "How long after its start this program leaves the target alone.",
            "0",
        ),
        Key(
            "scrapeTimeoutSeconds",
            "positive",
            "The most seconds that a scrape may take.",
        ),
        Key(
            "lowercaseOutputName", "flag", "Write metric names in lower case.", "false"
        ),
        Key(
            "lowercaseOutputLabelNames",
            "flag",
            "Write label names in lower case.",
            "false",
        ),
        Key(
            "inferCounterTypeFromName",
            "flag",
            "A metric whose name ends in _total is a counter, whatever its rule says.",
            "false",
        ),
        Key(
            "includeObjectNames",
            "text*",
            "The MBeans to read; [] is none.",
            "all",
        ),
        Key(
            "excludeObjectNames",
            "text*",
            "The MBeans not to read, even if they are included.",
            "[]",
        ),
        Key(
            "whitelistObjectNames",
            "text*",
            "The old name of includeObjectNames; ignored beside it.",
        ),
        Key(
            "blacklistObjectNames",
            "text*",
            "The old name of excludeObjectNames; ignored beside it.",
        ),
        Key(
            "includeObjectNameAttributes",
            "any*:",
            "If it isn't empty, only these attributes of these MBeans are read.",
            "{}",
        ),
        Key(
            "excludeObjectNameAttributes",
            "any*:",
            "Attributes that are not read.",
            "{}",
        ),
        Key(
            "autoExcludeObjectNameAttributes",
            "flag",
            "Don't ask again for an attribute whose value no metric can be made of.",
            "true",
        ),
        Key(
            "excludeJvmMetrics",
            "flag?",
            "Leave out the MBeans of the JVM itself, and the jvm_* and process_* metrics "
            "made of them.",
            "false",
        ),
        Key(
            "metricCustomizers",
            "customizer*",
            "Additions to some MBeans' metrics; the first that fits an MBean counts.",
            "[]",
        ),
        Key(
            "rules",
            "rule*",
            "The rules; the first that matches a value decides. [] exports nothing.",
            "one rule that matches everything",
        ),
        Key(
            "httpServer",
            "httpServer?",
            "Who may ask, and over what; all below is in it.",
        ),
        Key(
            "openTelemetry",
            "any",
            "This version doesn't push metrics; let Prometheus scrape it.",
        ),
    ),
    "rule": (
        Key("pattern", "scalar?", "What the rule matches.", "matches everything"),
        Key(
            "name",
            "text?",
            'The metric\'s name; "" drops the value. Needs pattern.',
            "default name",
        ),
        Key(
            "value",
            "scalar?",
            "The metric's value. Needs pattern.",
            "the MBean's value",
        ),
        Key("valueFactor", "number", "What the value is multiplied by.", "1.0"),
        Key(
            "labels",
            "text?:",
            "Label names and values, both strings. Needs name.",
            "{}",
        ),
        Key(
            "help",
            "text?",
            "The metric's help text. Needs name.",
            "made of the attribute's description",
        ),
        Key(
            "type",
            "type?",
            "The metric's type; anything else is untyped and a warning.",
            "UNKNOWN",
        ),
        Key(
            "attrNameSnakeCase",
            "flag",
            "Match and name the attribute in snake_case.",
            "false",
        ),
        Key("cache", "flag", "The rule doesn't see the value.", "false"),
    ),
    "ssl": (
        Key("enabled", "flag", "Whether TLS is on, when ssl is a map.", "false"),
        Key(
            "keyStore", "store", "Our key and certificate, if the target asks for one."
        ),
        Key("trustStore", "store", "The certificates that we trust."),
        Key("protocols", "words?", "The TLS versions to use.", "Java's"),
        Key("ciphers", "words?", "The cipher suites to use.", "Java's"),
    ),
    "store": (
        Key(
            "filename",
            "text",
            "The store's file; the same key is in ssl.trustStore.",
        ),
        Key("type", "text?", "The store's type, such as PKCS12 or JKS.", "Java's"),
        Key("password", "text?", "The store's password."),
    ),
    "customizer": (
        Key("mbeanFilter", "filter", "Which MBeans.", "required"),
        Key(
            "attributesAsLabels",
            "text*",
            "Attributes whose values become labels of all metrics of the MBean.",
            "[]",
        ),
        Key(
            "extraMetrics",
            "extra*",
            "Constants that are treated as further attributes.",
            "[]",
        ),
    ),
    "filter": (
        Key("domain", "text", "Their domain, exactly.", "required"),
        Key("properties", "text:", "Key properties that must all be there.", "{}"),
    ),
    "extra": (
        Key("name", "text", "The attribute's name.", "required"),
        Key("value", "scalar", "Its value.", "required"),
        Key("description", "text", "Its description."),
    ),
    "httpServer": (
        Key("authentication", "authentication", "Who may ask."),
        Key("ssl", "httpServer.ssl", "Over what."),
        Key("metrics", "httpServer.metrics", "Where the metrics are."),
        Key("threads", "any", "Known but not applied: requests need no threads here."),
        Key("maximumRequestSeconds", "any", "Known but not applied."),
    ),
    "httpServer.metrics": (
        Key(
            "path",
            "scalar",
            "The path of the metrics; the slash in front may be left out.",
            "--web.telemetry-path",
        ),
    ),
    "authentication": (
        Key("basic", "basic", "A name and a password."),
        Key("plugin", "never", "It names a Java class, which can't run here."),
    ),
    "basic": (
        Key("username", "scalar", "The one user.", "required"),
        Key("password", "scalar?", "The password, for plaintext."),
        Key(
            "algorithm",
            "scalar?",
            "plaintext, SHA-1, SHA-256, SHA-512, PBKDF2WithHmacSHA1, "
            "PBKDF2WithHmacSHA256 or PBKDF2WithHmacSHA512.",
            "plaintext",
        ),
        Key(
            "passwordHash",
            "scalar?",
            "For the others: the hash of salt:password, or what PBKDF2 derives.",
        ),
        Key("salt", "scalar?", "The salt."),
        Key(
            "iterations",
            "any",
            "PBKDF2's, by its hash.",
            "1300000, 600000 or 210000",
        ),
        Key("keyLength", "any", "The bits that PBKDF2 derives.", "128"),
    ),
    "httpServer.ssl": (
        Key(
            "keyStore",
            "any",
            "filename, type and password of a PKCS12 or JKS store, or a PEM file.",
        ),
        Key("trustStore", "any", "The same, for the certificates of clients."),
        Key("certificate", "any", "Known but not applied."),
        Key(
            "mutualTLS",
            "flag",
            "Clients need a certificate that httpServer.ssl.trustStore knows, or that of "
            "-Djavax.net.ssl.trustStore.",
            "false",
        ),
        Key("protocols", "words?", "The TLS versions.", "OpenSSL's"),
        Key("ciphers", "words?", "Up to TLS 1.2, the cipher suites.", "OpenSSL's"),
    ),
}
"""By the name of the kind; "file" is the whole document."""
OPEN = ("httpServer", "httpServer.metrics", "httpServer.ssl", "authentication", "basic")
"""Maps in which a key that nobody knows is never an error."""


def names_of(kind: str) -> tuple[str, ...]:
    """Return the keys of a map."""
    return tuple(key.name for key in MAPS[kind])
