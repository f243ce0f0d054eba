"""The flags and variables that say how the target is reached."""

from __future__ import annotations

from .option import (
    PASSWORD,
    Option,
)
from .texts import (
    one_of,
    parse_attach,
    parse_calls,
    parse_switch,
    parse_target,
    parse_timeout,
    parse_url,
)

TARGET_OPTIONS = (
    Option(
        "target.host_port",
        "--jmx.target",
        "HOST:PORT",
        "The remote JMX port of the JVM to watch; an IPv6 address is in brackets.",
        parse_target,
    ),
    Option(
        "target.url",
        "--jmx.url",
        "URL",
        "The JMX service URL, for a target that HOST:PORT can't describe.",
        parse_url,
    ),
    Option(
        "target.attach",
        "--jmx.attach",
        "WHICH",
        "Attach to a JVM that shares our PID namespace and has no JMX port: auto takes"
        " the only one, else its PID, or /a regular expression/ on its command.",
        parse_attach,
    ),
    Option(
        "target.recording",
        "--recording",
        "FILE",
        "Read what jmx-bridge record wrote instead of a JVM.",
    ),
    Option(
        "target.username",
        "--jmx.username",
        "NAME",
        "The user that the target knows.",
    ),
    Option(
        "target.password",
        "",
        "SECRET",
        "The user's password; there is no flag, since other users can see flags.",
        variable=PASSWORD,
    ),
    Option(
        "target.password_file",
        "--jmx.password-file",
        "PATH",
        "A file with the user's password; it is read again for every login.",
    ),
    Option(
        "target.tls",
        "--jmx.tls",
        "",
        "Reach the target over TLS, as the rule file's ssl key can say, too.",
        parse_switch,
    ),
    Option(
        "target.tls_registry",
        "--jmx.tls.registry",
        "",
        "The target's registry is reached over TLS, too, when the rest is.",
        parse_switch,
    ),
    Option(
        "target.tls_verify_host",
        "--jmx.tls.verify-host",
        "",
        "The target's certificate has to be for the host that is named.",
        parse_switch,
    ),
    Option(
        "target.trust_store",
        "--jmx.tls.trust-store",
        "FILE",
        "Certificates to trust besides Java's own: PEM, PKCS12 or JKS.",
    ),
    Option(
        "target.trust_store_password",
        "",
        "SECRET",
        "The password of the trust store, if it needs one.",
        variable="JMX_BRIDGE_JMX_TLS_TRUST_STORE_PASSWORD",
    ),
    Option(
        "target.key_store",
        "--jmx.tls.key-store",
        "FILE",
        "Our certificate and key, if the target wants some: PEM, PKCS12 or JKS.",
    ),
    Option(
        "target.key_store_password",
        "",
        "SECRET",
        "The password of the key store.",
        variable="JMX_BRIDGE_JMX_TLS_KEY_STORE_PASSWORD",
    ),
    Option(
        "target.key_file",
        "--jmx.tls.key-file",
        "FILE",
        "The PEM file of the key, if the key store is a PEM file without it.",
    ),
    Option(
        "target.connect_timeout",
        "--jmx.connect-timeout",
        "TIME",
        "How long connecting may take.",
        parse_timeout,
    ),
    Option(
        "target.calls",
        "--jmx.calls",
        "N",
        "How many connections may carry calls to the target at a time.",
        parse_calls,
    ),
    Option(
        "target.wire",
        "--jmx.wire",
        "WIRE",
        "How calls are made: pipelined, standard, or auto, which pipelines if it can.",
        one_of("auto", "pipelined", "standard"),
    ),
    Option(
        "target.thread_states",
        "--jmx.thread-states",
        "",
        "Call the operations that count threads by state and find deadlocks.",
        parse_switch,
    ),
)
