"""
Writes JSON schemas that kubeconform reads without a network: `schemas.py VERSION OUT CRD...`.

Kubernetes' own kinds are taken from the package kubernetes-validate, whose references point at
the web; the operator's from its definitions CRD.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

FAR = "/api/_definitions.json"
NEAR = "_definitions.json"


def main() -> int:
    version, out, *crds = sys.argv[1:]
    bundled = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    folder = Path(out) / version
    folder.mkdir(parents=True, exist_ok=True)
    for file in (bundled / f"v{version}.0-local-strict").glob("*.json"):
        schema = json.loads(file.read_text("utf-8"))
        schema.pop("$id", None)
        (folder / file.name).write_text(json.dumps(near(schema)), "utf-8")
    for crd in crds:
        definition = yaml.safe_load(Path(crd).read_text("utf-8"))["spec"]
        for one in definition["versions"]:
            name = f"{definition['names']['kind']}-{definition['group'].split('.')[0]}-{one['name']}.json".lower()
            schema = strict(one["schema"]["openAPIV3Schema"])
            (folder / name).write_text(json.dumps(schema), "utf-8")
    return 0


def near(schema: Any) -> Any:
    """With references to the file beside it."""
    if isinstance(schema, dict):
        return {
            key: value.replace(FAR, NEAR)
            if key == "$ref" and isinstance(value, str)
            else near(value)
            for key, value in schema.items()
        }
    return [near(one) for one in schema] if isinstance(schema, list) else schema


def strict(schema: Any) -> Any:
    """Without fields that the definition doesn't name; `metadata` is everybody's, and open in it."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(made.get("properties"), dict) and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return made


if __name__ == "__main__":
    sys.exit(main())
