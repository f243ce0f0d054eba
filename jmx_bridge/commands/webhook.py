"""`jmx-bridge webhook`: add the bridge to pods as they are made, for a Kubernetes API server."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NoReturn

from ..admission import Counts, decide
from ..config.watched import Watched
from ..config.web.schema import Pem, ServerTls, WebConfig
from ..errors import UsageError
from .lean import load_server

if TYPE_CHECKING:
    from ..config.web.schema import StoreConfig
    from ..settings import Settings, WebhookSettings

SERVER = "jmx_bridge.web.webhook"


def webhook(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status."""
    hook, web = settings.webhook, settings.web
    config = web_config(hook)
    watched = Watched(lambda: config, (), WebConfig.files)
    server = load_server(openssl=True, server=SERVER)
    access = server.AccessControl(
        watched.read(), _no_stores, watched.read, watched.changed
    )
    server.serve_webhook(
        server.Hook(
            partial(decide, otherwise=settings.inject),
            Counts(),
            hook.certificate,
            hook.drain,
        ),
        server.ListenAddress(web.host, web.port),
        access,
    )
    return 0


def web_config(hook: WebhookSettings) -> WebConfig:
    """Return how to serve over TLS; raises UsageError if a file isn't named."""
    if not hook.certificate or not hook.key:
        raise UsageError(
            "webhook: needs a certificate and its key"
            "\n  hint: --tls.cert=FILE --tls.key=FILE"
        )
    return WebConfig(tls=ServerTls(Pem(hook.certificate), Pem(hook.key)))


def _no_stores(store: StoreConfig, *, keys: bool) -> NoReturn:  # noqa: ARG001
    """Read no key stores, as that takes Java, and none is ever named."""
    raise UsageError(f"{store.file}: key stores need Java")
