#!/usr/bin/env bash
# Writes a bill of materials of the built image, CycloneDX, and has it checked by the format's own schema.
# usage: tools/image/sbom.sh PYTHON FILE [TAG]; PYTHON has cyclonedx-python-lib with its validation
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/engine.sh"
tag=${3:-localhost/jmx-bridge:dev}
podman image exists "$tag" || { echo "no image $tag found; hint: run 'make image' first" >&2; exit 1; }
root=$(podman image mount "$tag")
trap 'podman image unmount "$tag" >/dev/null' EXIT
mkdir -p "$(dirname "$2")"
"$1" "$here/sbom.py" "$root" >"$2"
"$1" - "$2" <<'PYTHON'
import collections, json, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = open(sys.argv[1], encoding="utf-8").read()
wrong = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text)
if wrong:
    sys.exit(f"FAILED: {wrong}")
kinds = collections.Counter(one["purl"].partition("/")[0] for one in json.loads(text)["components"])
print(f"{sys.argv[1]}:", ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
PYTHON
