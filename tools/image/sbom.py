"""
Prints a bill of materials of an image's file system, as CycloneDX: `sbom.py FOLDER`.

It has Debian's packages, Python's, and the Java runtime with its modules. Of some of Debian's
packages the Dockerfile takes files away; they stay listed, as dpkg lists them.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path
from urllib.parse import quote

Component = dict[str, object]
SETTING = re.compile(r'^(\w+)="?(.*?)"?$', re.MULTILINE)


def main() -> int:
    root = Path(sys.argv[1])
    found = [*debian(root), *python(root), *java(root)]
    (ours,) = (one for one in found if one["name"] == "jmx-bridge")
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "container",
                "bom-ref": "image",
                "name": "jmx-bridge",
                "version": ours["version"],
            }
        },
        "components": found,
    }
    print(json.dumps(bill, indent=2))
    return 0


def debian(root: Path) -> Iterator[Component]:
    """The packages that dpkg knows to be installed, and those in status.d, which the image adds."""
    release = dict(SETTING.findall((root / "etc/os-release").read_text("utf-8")))
    distro = f"{release['ID']}-{release['VERSION_ID']}"
    folder = root / "var/lib/dpkg"
    files = [folder / "status", *sorted((folder / "status.d").iterdir())]
    texts = "\n\n".join(file.read_text("utf-8").strip() for file in files)
    for text in texts.split("\n\n"):
        one = Parser().parsestr(text)
        if one["Status"] == "install ok installed":
            name, version = one["Package"], one["Version"]
            where = f"?arch={one['Architecture']}&distro={distro}"
            purl = f"pkg:deb/{release['ID']}/{quote(name)}@{quote(version)}{where}"
            yield component("library", name, version, purl)


def python(root: Path) -> Iterator[Component]:
    """The packages of our environment, with the licence that each names."""
    folders = map(str, root.glob("opt/jmx-bridge/lib/python3*/site-packages"))
    for one in importlib.metadata.distributions(path=list(folders)):
        name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
        purl = f"pkg:pypi/{name}@{quote(one.version)}"
        made = component("library", name, one.version, purl)
        if "License-Expression" in one.metadata:
            licence = one.metadata["License-Expression"]
            made["licenses"] = [{"expression": licence}]
        yield made


def java(root: Path) -> Iterator[Component]:
    """The runtime that jlink made, with its modules; the package that it is of is Debian's."""
    release = dict(SETTING.findall((root / "opt/java/release").read_text("utf-8")))
    version = release["JAVA_VERSION"]
    made = component("platform", "openjdk", version, f"pkg:generic/openjdk@{version}")
    made["properties"] = [{"name": "modules", "value": release["MODULES"]}]
    yield made


def component(kind: str, name: str, version: str, purl: str) -> Component:
    return {
        "type": kind,
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
    }


if __name__ == "__main__":
    sys.exit(main())
