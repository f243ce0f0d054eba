"""
Writes the expected pages of cases by jmx_exporter's own collector.

usage: python expect.py [NN-name...]; needs a JDK 17 and Maven.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from cases import (  # noqa: E402
    FOLDER,
    Array,
    Composite,
    Failure,
    Scalar,
    Table,
    Unsupported,
    Value,
    read_mbeans,
)

CACHE = HERE.parents[2] / ".cache" / "compat-oracle"


def lines(path: Path) -> str:
    """Return the MBeans in a file as CaseBeans.java reads them: one token a line."""
    tokens: list[object] = []
    for bean in read_mbeans(path):
        tokens += [bean.name, len(bean.attributes)]
        for attribute in bean.attributes:
            tokens += [attribute.name, attribute.type, attribute.description]
            tokens += value_tokens(attribute.value)
    return "".join(f"{escaped(token)}\n" for token in tokens)


def value_tokens(value: Value) -> list[object]:
    """Return a value's kind and what belongs to it."""
    tokens: list[object] = ["null"]
    match value:
        case Failure(message):
            tokens = ["fails", message]
        case Unsupported(kind):
            tokens = ["object", kind]
        case Array(kind, values):
            tokens = ["array", kind, len(values), *values]
        case Scalar(kind, plain):
            tokens = [kind, java(plain)]
        case Composite():
            tokens = ["composite", *composite_tokens(value, {})]
        case Table(_, index, columns, rows):
            types = dict(columns)
            told = [token for row in rows for token in composite_tokens(row, types)]
            tokens = ["table", len(index), *index, len(rows), *told]
    return tokens


def composite_tokens(value: Composite, types: dict[str, str]) -> list[object]:
    tokens: list[object] = [value.description, len(value.items)]
    for key, item in value.items:
        kind = item.type if isinstance(item, Scalar) else "string"
        tokens += [key, types.get(key, kind), *value_tokens(item)]
    return tokens


def java(plain: object) -> str:
    names = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
    text = str(plain).lower() if isinstance(plain, bool) else str(plain)
    return names.get(text, text)


def escaped(token: object) -> str:
    text = str(token).replace("\\", "\\\\")
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def class_path() -> str:
    """Return jmx_exporter's jars, downloaded once, and our two classes."""
    jars, classes = CACHE / "jars", CACHE / "classes"
    if not jars.is_dir():
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
        command = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), *goal]
        subprocess.run([*command, f"-DoutputDirectory={jars}"], check=True)
    path = os.pathsep.join([str(classes), *map(str, sorted(jars.glob("*.jar")))])
    sources = sorted(HERE.glob("*.java"))
    subprocess.run(["javac", "-d", str(classes), "-cp", path, *sources], check=True)
    return path


def main(names: list[str]) -> None:
    chosen = names or sorted(
        path.name.removesuffix(".mbeans.yml") for path in FOLDER.glob("*.mbeans.yml")
    )
    with tempfile.TemporaryDirectory() as folder:
        arguments: list[object] = []
        for name in chosen:
            beans = Path(folder) / name
            beans.write_text(lines(FOLDER / f"{name}.mbeans.yml"), "utf-8")
            arguments += [FOLDER / f"{name}.yml", beans, FOLDER / f"{name}.prom"]
        subprocess.run(
            ["java", "-cp", class_path(), "Expect", *map(str, arguments)], check=True
        )


if __name__ == "__main__":
    main(sys.argv[1:])
