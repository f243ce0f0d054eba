"""The file that --web.config.file names, in the form of Prometheus' exporter-toolkit."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...duration import parse_duration
from ...errors import ConfigError, Problem
from ..document import Problems
from ..fields import flag, known_fields, maybe_text
from ..files import NotRegular, read_regular
from ..parse import read_document
from .schema import (
    MAY_CLIENT,
    MUST_CLIENT,
    NO_CLIENT,
    TLS_VERSIONS,
    Pem,
    RateLimit,
    Secret,
    ServerTls,
    WebConfig,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..document import Node

MAX_BYTES = 1 << 20
BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}")
HEADERS = (
    "Content-Security-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "X-XSS-Protection",
)
CURVES = {
    "CurveP256": "prime256v1",
    "CurveP384": "secp384r1",
    "CurveP521": "secp521r1",
    "X25519": "X25519",
}
CLIENT_AUTH = {
    "": NO_CLIENT,
    "NoClientCert": NO_CLIENT,
    "VerifyClientCertIfGiven": MAY_CLIENT,
    "RequireAndVerifyClientCert": MUST_CLIENT,
}
UNVERIFIED = ("RequestClientCert", "RequireAnyClientCert", "RequireClientCert")
TOOLKIT_KEYS = (
    "tls_server_config",
    "http_server_config",
    "basic_auth_users",
    "rate_limit",
)
TLS_KEYS = (
    *("cert_file", "cert", "key_file", "key"),
    *("client_auth_type", "client_ca_file", "client_ca", "client_allowed_sans"),
    *("min_version", "max_version", "cipher_suites", "prefer_server_cipher_suites"),
    "curve_preferences",
)
HTTP_KEYS = ("http2", "headers")
RATE_KEYS = ("interval", "burst")


def load_web_config(path: str) -> WebConfig:
    """Read a web configuration file; raise ConfigError with all that is wrong in it."""
    try:
        data = read_regular(path, MAX_BYTES + 1)
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _refused(path, "is not UTF-8") from None
    except NotRegular:
        raise _refused(path, "is no regular file") from None
    except IsADirectoryError:
        raise _refused(path, "can't be read (Is a directory)") from None
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        raise _refused(path, f"can't be read ({reason})") from None
    if len(data) > MAX_BYTES:
        raise _refused(path, "is larger than 1 MiB")
    return parse_web_config(text, path)


def parse_web_config(text: str, path: str) -> WebConfig:
    """Read a web configuration's text; *path* is what messages call it."""
    problems = Problems(path)
    root = read_document(text, problems)
    config = WebConfig(path)
    if root is not None and root.value is not None:
        config = _toolkit(root, path)
    if problems.failed():
        raise ConfigError(problems.all())
    return replace(config, warnings=problems.all())


def _refused(path: str, message: str) -> ConfigError:
    return ConfigError((Problem(path, 0, 0, message),))


def _toolkit(root: Node, path: str) -> WebConfig:
    fields = known_fields(root, TOOLKIT_KEYS, strict=True)
    http = {}
    if "http_server_config" in fields:
        http = known_fields(fields["http_server_config"], HTTP_KEYS, strict=True)
        flag(http, "http2", default=True)
    return WebConfig(
        path,
        _toolkit_tls(fields.get("tls_server_config"), Path(path).parent),
        _headers(http.get("headers")),
        _users(fields.get("basic_auth_users")),
        _rate(fields.get("rate_limit")),
    )


def _toolkit_tls(node: Node | None, folder: Path) -> ServerTls | None:
    if node is None or node.value is None:
        return None
    fields = known_fields(node, TLS_KEYS, strict=True)
    if not fields:
        return None
    pems = {}
    for name in ("cert", "key", "client_ca"):
        pems[name] = _pem(fields, name, folder)
        if pems[name] is None and name != "client_ca":
            node.error(f"needs {name} or {name}_file", f"add {name}_file: PATH")
    client = _client_auth(fields.get("client_auth_type"))
    if pems["client_ca"] and client == NO_CLIENT:
        node.error(
            "has a client CA, and no client needs a certificate",
            "add client_auth_type: RequireAndVerifyClientCert",
        )
    sans = fields.get("client_allowed_sans")
    return ServerTls(
        pems["cert"],
        pems["key"],
        client=client,
        client_ca=pems["client_ca"],
        client_names=sans.texts() if sans else (),
        lowest=_version(fields.get("min_version")) or "TLS12",
        highest=_version(fields.get("max_version")),
        ciphers=fields["cipher_suites"].texts() if "cipher_suites" in fields else (),
        server_chooses=flag(fields, "prefer_server_cipher_suites", default=True),
        curve=_curve(fields.get("curve_preferences")),
    )


def _pem(fields: Mapping[str, Node], name: str, folder: Path) -> Pem | None:
    inline, file = fields.get(name), fields.get(f"{name}_file")
    if inline is not None and file is not None:
        inline.error(f"{name}_file is there, too", "remove one of them")
    if file is not None and (path := file.text()):
        return Pem(str(folder / path))
    if inline is not None and (text := inline.text(secret=True)):
        return Pem(text=text)
    return None


def _client_auth(node: Node | None) -> str:
    text = maybe_text(node) or ""
    if text in CLIENT_AUTH:
        return CLIENT_AUTH[text]
    if node is not None:
        if text in UNVERIFIED:
            node.error(
                f"{text} asks for a certificate that nobody verifies, which proves nothing",
                "write RequireAndVerifyClientCert",
            )
        else:
            known = ", ".join(filter(None, CLIENT_AUTH))
            node.error(f"must be one of {known} (found {text!r})")
    return NO_CLIENT


def _version(node: Node | None) -> str | None:
    text = maybe_text(node)
    if node is not None and text and text not in TLS_VERSIONS:
        node.error(f"must be one of {', '.join(TLS_VERSIONS)} (found {text!r})")
        return None
    return text


def _curve(node: Node | None) -> str | None:
    if node is None:
        return None
    names = node.texts()
    unknown = [name for name in names if name not in CURVES]
    if unknown:
        node.error(f"must be of {', '.join(CURVES)} (found {unknown[0]!r})")
        return None
    if len(names) > 1:
        node.warn("only one curve can be preferred, so all are offered", "name one")
        return None
    return CURVES[names[0]] if names else None


def _headers(node: Node | None) -> tuple[tuple[str, str], ...]:
    if node is None or node.value is None:
        return ()
    fields = known_fields(node, HEADERS, strict=True)
    headers = []
    for name, child in fields.items():
        text = child.text()
        if text and re.search(r"[\r\n\0]", text):
            child.error("must be one line")
        elif text:
            headers.append((name, text))
    return tuple(headers)


def _users(node: Node | None) -> tuple[tuple[str, Secret], ...]:
    if node is None or node.value is None:
        return ()
    users = []
    for name, child in node.named():
        hashed = child.text(secret=True)
        if hashed is not None and not BCRYPT.fullmatch(hashed):
            child.error(
                "must be a bcrypt hash", "make one: htpasswd -nBC 10 '' | tr -d ':\\n'"
            )
        elif hashed is not None:
            users.append((name, Secret("bcrypt", hashed)))
    return tuple(users)


def _rate(node: Node | None) -> RateLimit | None:
    if node is None or node.value is None:
        return None
    fields = known_fields(node, RATE_KEYS, strict=True)
    interval = fields.get("interval")
    seconds = 0.0
    if interval is not None:
        try:
            seconds = parse_duration(interval.coerced() or "")
        except ValueError:
            interval.error(f'must be a time such as "1s" (found {interval.found()})')
    burst = fields["burst"].whole(minimum=0) if "burst" in fields else 0
    return RateLimit(seconds, max(1, burst or 0)) if seconds else None
