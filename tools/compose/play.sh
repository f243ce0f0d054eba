#!/usr/bin/env bash
# Plays deploy/compose by podman without Grafana: Tomcat without a JMX flag, the bridge attached to it, and Prometheus
# with our alerts; says what Prometheus has of them, restarts Tomcat, and takes all of it down.
# usage: tools/compose/play.sh; it needs root, Maven for Tomcat, and the image of `make image` (or $BRIDGE).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$root/tools/image/engine.sh"
# By which containers know each other by name.
[ -x /usr/lib/podman/aardvark-dns ] || DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends aardvark-dns >/dev/null
venv=$root/.cache/compose
[ -e "$venv/.ready" ] || { python3 -m venv "$venv" && "$venv/bin/pip" install -q podman-compose && touch "$venv/.ready"; }
export BRIDGE=${BRIDGE:-localhost/jmx-bridge:dev}
podman image exists "$BRIDGE" || { echo "no image $BRIDGE; hint: run 'make image' first" >&2; exit 1; }
"$here/../pod/images.sh" tomcat prometheus

work=$(mktemp -d)
compose() { "$venv/bin/podman-compose" --in-pod false -f "$root/deploy/compose/compose.yaml" -f "$here/podman.yaml" "$@"; }
clean() {
  compose down -v -t 5 >"$work/down" 2>&1 || cat "$work/down" >&2
  rm -rf "$work"
}
trap clean EXIT
fail() { echo "FAILED: $*" >&2; compose logs jmx-bridge prometheus 2>&1 | tail -n 30 >&2; exit 1; }

compose config >"$work/config" 2>&1 || { cat "$work/config" >&2; fail "podman-compose refuses the file"; }
compose up -d tomcat jmx-bridge prometheus >"$work/up" 2>&1 || { cat "$work/up" >&2; fail "it does not start"; }

ask() { # QUERY: prints the first value that Prometheus has of it
  curl -sf -m 5 --noproxy '*' --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query |
    python3 -c 'import json, sys; found = json.load(sys.stdin)["data"]["result"]; print(found[0]["value"][1] if found else "")'
}
until_is() { # QUERY VALUE SECONDS
  local value=
  for _ in $(seq "$3"); do
    value=$(ask "$1" || true)
    [ "$value" = "$2" ] && { echo "$1 is $value"; return; }
    sleep 1
  done
  fail "$1 is ${value:-not there}, not $2"
}
until_is 'jmx_up{job="tomcat"}' 1 180
page=$(curl -s -m 90 --noproxy '*' http://127.0.0.1:8080/)
[[ $page == *"It is"* ]] || fail "Tomcat's page is not there: ${page:0:2000}"
until_is 'sum(tomcat_requestcount_total) > bool 0' 1 60
until_is 'count(jvm_runtime_info)' 1 10
curl -sf -m 5 --noproxy '*' http://127.0.0.1:9090/api/v1/rules | python3 -c '
import json, sys
groups = json.load(sys.stdin)["data"]["groups"]
bad = [rule["name"] for group in groups for rule in group["rules"] if rule["health"] == "err"]
print(len(groups), "groups of alerts,", sum(len(group["rules"]) for group in groups), "alerts, in error:", bad or "none")
sys.exit(bool(bad) or len(groups) != 3)' || fail "alerts are not as they should be"

# Process 1 of the namespace is Tomcat, so the bridge ends with it; Compose's `restart` starts it again, here we do.
started=$(ask process_start_time_seconds)
podman restart -t 10 jmx-bridge_tomcat_1 >/dev/null 2>&1
podman start jmx-bridge_jmx-bridge_1 >/dev/null 2>&1
until_is "process_start_time_seconds > bool $started" 1 180
echo "Tomcat was restarted, and is read again"
