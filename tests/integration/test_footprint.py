"""A pod's memory: what the bridge promises within a limit that the kernel keeps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from integration.measures import value
from integration.support import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 128 << 20
MBEANS = 10_000
GROUPS = Path("/sys/fs/cgroup")
NAME = f"jmx-bridge-test-{os.getpid()}"
# Its own pid where the first word says, before it becomes the rest.
ENTER = ("sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"')


@pytest.fixture
def limited() -> Iterator[tuple[str, ...]]:
    """The beginning of a command whose process has a pod's memory, and is killed beyond it."""
    if (GROUPS / "cgroup.controllers").exists():
        group, files = GROUPS / NAME, ["memory.max", "memory.swap.max"]
    else:
        group, files = GROUPS / "memory" / NAME, ["memory.limit_in_bytes"]
    try:
        group.mkdir()
    except OSError as exc:
        pytest.skip(f"no cgroup can be made here: {exc}")
    try:
        try:
            (group / files[0]).write_text(str(LIMIT))
        except OSError as exc:
            pytest.skip(f"memory can't be limited here: {exc}")
        for file in files[1:]:
            (group / file).write_text("0")
        yield (*ENTER, str(group))
    finally:
        group.rmdir()


@pytest.mark.parametrize(
    "rules", ["rules: [{pattern: '.*'}]", "{}"], ids=["all", "names"]
)
def test_the_first_scrape_of_ten_thousand_mbeans_fits_a_pods_memory(
    limited, moving_app, tmp_path, rules
):
    moving_app.tell(f"many\tt:type=M,n=#\t0\t{MBEANS}")
    file = tmp_path / "rules.yml"
    file.write_text(f"{rules}\n")
    arguments = [f"--jmx.target={moving_app.address}", f"--config.file={file}"]

    with serving(*arguments, "--scrape.timeout=60s", within=limited) as served:
        pages = [served.metrics() for _ in range(2)]
        killed = served.process.poll()

    assert killed is None
    for page in pages:
        assert value(page, "jmx_scrape_error") == 0.0
        assert page.count("\nt_M_Count{") == MBEANS
