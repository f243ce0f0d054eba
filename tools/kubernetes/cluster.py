"""
Prove the way from an annotation to metrics: admission by a real API server, then the pod by podman.

usage: cluster.py FOLDER, in which `kubectl` reaches the server. The webhook's configuration is the
chart's; since there is no node to run the webhook on, it is called by a URL instead of a Service.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asked import Cluster, Failed
from hook import Hook, certificates
from played import PlayFailed
from proofs import Proofs


@contextmanager
def told(rows: list[tuple[str, str, str]]) -> Iterator[None]:
    """Print a table of what was proven, whatever ends it."""
    try:
        yield
    finally:
        print("\n| proven | what | seen |\n|---|---|---|")
        for row in rows:
            print(f"| {' | '.join(row)} |")


def main() -> int:
    folder = Path(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    rows: list[tuple[str, str, str]] = []
    with told(rows), certificates(folder) as authority, Hook(folder, authority) as hook:
        proofs = Proofs(Cluster(folder), hook)
        for proof in (*proofs.of_admission(), proofs.play):
            what = (proof.__doc__ or "").strip()
            print(f"cluster: {what} ...", flush=True)
            try:
                seen = proof()
            except (Failed, PlayFailed) as exc:
                rows.append(("NO", what, str(exc).splitlines()[0][:300]))
                print(f"FAILED: {exc}", file=sys.stderr)
                return 1
            rows.append(("yes", what, seen.replace("\n", " ").replace("|", "\\|")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
