"""The chart's own certificates: the CA stays as long as it outlives a new leaf, and a new one gives no gap."""

from __future__ import annotations

import base64
import datetime as dt
import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml
from test_chart import CHART, TEMPLATE, helm, needs_helm, objects, of_kind

CA = "/api/v1/namespaces/jmx-bridge/secrets/jmx-bridge-ca"
ANSWERS = {
    "/version": {"major": "1", "minor": "33", "gitVersion": "v1.33.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [
            {"name": "secrets", "namespaced": True, "kind": "Secret", "verbs": ["get"]}
        ],
    },
}
pytestmark = needs_helm


class Server(BaseHTTPRequestHandler):
    """As much of an API server as `lookup` asks."""

    def do_GET(self):
        known = {**ANSWERS, **self.server.objects}
        found = known.get(self.path.partition("?")[0])
        missing = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
        missing |= {"reason": "NotFound", "code": 404}
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(found or missing).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def cluster():
    """A server; its `objects` are what it has, by path."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        server.objects = {}
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def upgraded(cluster, days=1095):
    """The Secrets' data and the configuration's CA, as an upgrade there makes them."""
    done = helm(
        *TEMPLATE, "jmx-bridge", str(CHART), "--namespace", "jmx-bridge", "--dry-run=server",
        "--kube-apiserver", f"http://127.0.0.1:{cluster.server_port}",
        "--set", f"certificates.self.leafDays={days}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return parts([one for one in yaml.safe_load_all(done.stdout) if one])


def parts(found):
    secrets = {one["metadata"]["name"]: one for one in of_kind(found, "Secret")}
    (hook,) = of_kind(found, "MutatingWebhookConfiguration")
    bundle = hook["webhooks"][0]["clientConfig"]["caBundle"]
    return secrets["jmx-bridge-ca"], secrets["jmx-bridge-tls"]["data"], bundle


def verified(folder, leaf, bundle):
    """Whether a server with *bundle* takes *leaf*, both PEM in base64."""
    for name, text in (("leaf", leaf), ("bundle", bundle)):
        (folder / name).write_bytes(base64.b64decode(text))
    done = subprocess.run(
        ["openssl", "verify", "-CAfile", folder / "bundle", folder / "leaf"],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


def test_an_upgrade_keeps_the_ca_and_makes_a_new_leaf_of_it(cluster, tmp_path):
    ca, tls, bundle = parts(objects({}))
    cluster.objects = {CA: ca}

    new_ca, new_tls, new_bundle = upgraded(cluster)

    assert new_ca["data"] == ca["data"]
    assert new_ca["metadata"]["annotations"] == ca["metadata"]["annotations"]
    assert new_bundle == bundle
    assert new_tls["tls.crt"] != tls["tls.crt"]
    assert verified(tmp_path, new_tls["tls.crt"], bundle)


def test_a_ca_that_ends_before_the_leaf_is_replaced_and_stays_trusted(
    cluster, tmp_path
):
    ca, tls, _ = parts(objects({}))
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=90)
    ca["metadata"]["annotations"]["jmx-bridge.io/expires"] = f"{soon:%Y-%m-%d}"
    cluster.objects = {CA: ca}

    new_ca, new_tls, bundle = upgraded(cluster, days=100)

    assert new_ca["data"]["ca.crt"] != ca["data"]["ca.crt"]
    assert new_ca["metadata"]["annotations"] != ca["metadata"]["annotations"]
    # Until every replica has the new leaf, the old one is served with.
    assert verified(tmp_path, tls["tls.crt"], bundle)
    assert verified(tmp_path, new_tls["tls.crt"], bundle)
    kept, _, _ = upgraded(cluster, days=80)
    assert kept["data"] == ca["data"]


def test_without_a_cluster_there_is_a_new_ca_each_time():
    first, second = parts(objects({}))[2], parts(objects({}))[2]

    assert first != second
