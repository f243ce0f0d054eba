"""The pages in docs/runbooks: an index of them, and which of them are missing or left over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from specs.words import Spec

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "runbooks"
INDEX = FOLDER / "README.md"
SECTIONS = ("## Meaning", "## Impact", "## Diagnosis", "## Mitigation")

COMMANDS = """\
`http://prometheus:9090` stands for your Prometheus, and `PID` for the JVM's number where the command runs: 1, or what `jcmd` lists.

Images of JVMs often have no `ss`, `ps` or `vmstat`, and a runtime without the JDK no `jcmd` and `jstat`.
`ss` and `vmstat` can run on the node instead, `ss` as `nsenter -t PID -n ss -ltn` with the JVM's number there.
Without it the kernel's own table tells who listens, in the container with awk alone, 7199 here; a line is one that does:

```console
awk -v port=$(printf %04X 7199) '$4 == "0A" && $2 ~ ":" port "$"' /proc/PID/net/tcp /proc/PID/net/tcp6
```

`dmesg` is refused in a container: it wants root on the node, and tells of all of its containers."""


def index(specs: Mapping[str, Spec]) -> str:
    """All alerts by product; those that have a page link to it."""
    lines = [
        "# Runbooks",
        "",
        "One page for each alert in [deploy/alerts](../../deploy/alerts); written by tools/deploy/make.py.",
        "",
        "## Where the commands run",
        "",
        COMMANDS,
    ]
    for name, spec in specs.items():
        if any((FOLDER / f"{one.name}.md").exists() for one in spec.alerts):
            lines += ["", f"## {spec.title}", "", *table(name, spec)]
    return "\n".join(lines) + "\n"


def table(name: str, spec: Spec) -> Iterator[str]:
    links = [f"[alerts](../../deploy/alerts/{name}.yml)"]
    if spec.rows:
        links.append(f"[dashboard](../../deploy/dashboards/{name}.json)")
    yield f"Needs {spec.needs}; {', '.join(links)}."
    yield ""
    yield "| Alert | Severity | After | Meaning |"
    yield "|---|---|---|---|"
    for one in spec.alerts:
        page = FOLDER / f"{one.name}.md"
        after = f"{one.minutes} min" if one.minutes else "at once"
        if page.exists():
            text = meaning(page.read_text("utf-8"))
            yield f"| [{one.name}]({page.name}) | {one.severity} | {after} | {text} |"


def meaning(page: str) -> str:
    """The first line below "Meaning"."""
    _, _, rest = page.partition("## Meaning\n")
    return rest.strip().partition("\n")[0].replace("|", "\\|")


def problems(specs: Mapping[str, Spec]) -> Iterator[str]:
    """Yield alerts without a page, pages without an alert, and pages that lack a section."""
    alerts = {one.name for spec in specs.values() for one in spec.alerts}
    pages = {path.stem: path for path in FOLDER.glob("*.md") if path != INDEX}
    for name in sorted(alerts - pages.keys()):
        yield f"docs/runbooks/{name}.md is missing"
    for name in sorted(pages.keys() - alerts):
        yield f"docs/runbooks/{name}.md is of no alert"
    for name, path in sorted(pages.items()):
        text = path.read_text("utf-8")
        for heading in (f"# {name}", *SECTIONS):
            if f"{heading}\n" not in text:
                yield f"docs/runbooks/{name}.md lacks {heading!r}"
