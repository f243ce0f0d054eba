"""deploy/compose names what there is, and opens nothing to other machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from jmx_bridge import __version__

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "compose"


def load(name):
    return yaml.safe_load((FOLDER / name).read_text("utf-8"))


SERVICES = load("compose.yaml")["services"]


def mounts(service):
    """Where files of the checkout stand in the container."""
    found = [one.split(":") for one in SERVICES[service].get("volumes", [])]
    return {Path(to): FOLDER / path for path, to, *_ in found if path.startswith(".")}


def here(service, path):
    """The file of the checkout that a path in the container means."""
    for to, file in mounts(service).items():
        if Path(path).is_relative_to(to):
            return file / Path(path).relative_to(to)
    raise LookupError(path)


@pytest.mark.parametrize("service", SERVICES)
def test_mounted_files_are_there_and_stay_as_they_are(service):
    for file in mounts(service).values():
        assert file.exists(), file
    for one in SERVICES[service].get("volumes", []):
        assert not one.startswith(".") or one.endswith(":ro")


def test_ports_are_for_this_machine_only():
    ports = [port for one in SERVICES.values() for port in one.get("ports", [])]

    assert len(ports) == 4
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_bridge_can_attach():
    tomcat, bridge = SERVICES["tomcat"], SERVICES["jmx-bridge"]

    assert bridge["image"] == f"jmx-bridge:{__version__}"
    assert "--jmx.attach=auto" in bridge["command"]
    assert "jmxremote" not in json.dumps(tomcat)
    # One user, one PID namespace, one loopback, and no capability that the bridge lacks.
    for key in ("user", "cap_drop", "security_opt"):
        assert bridge[key] == tomcat[key]
    assert bridge["pid"] == bridge["network_mode"] == "service:tomcat"


def test_prometheus_finds_the_bridge_and_alerts():
    settings = load("prometheus.yml")
    (job,) = settings["scrape_configs"]
    (target,) = job["static_configs"][0]["targets"]
    host, port = target.split(":")

    assert f"127.0.0.1:{port}:{port}" in SERVICES[host]["ports"]
    assert settings["rule_files"]
    for name in settings["rule_files"]:
        rules = here("prometheus", f"/etc/prometheus/{name}")
        assert "groups" in yaml.safe_load(rules.read_text("utf-8"))


def test_grafana_finds_prometheus_and_dashboards():
    (source,) = load("grafana/datasources.yml")["datasources"]
    (provider,) = load("grafana/dashboards.yml")["providers"]
    home = SERVICES["grafana"]["environment"]
    home = home["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]

    assert source["url"] == "http://prometheus:9090"
    assert "prometheus" in SERVICES
    assert source["isDefault"] is True
    boards = here("grafana", provider["options"]["path"])
    assert boards == FOLDER / "../dashboards"
    assert json.loads(here("grafana", home).read_text("utf-8"))["title"]
    interval = load("prometheus.yml")["global"]["scrape_interval"]
    assert source["jsonData"]["timeInterval"] == interval
