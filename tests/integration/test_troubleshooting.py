"""The table of mistakes in docs/troubleshooting.md is true."""

import re
from pathlib import Path

import pytest

from jmx_bridge.jmx import JavaPatterns
from jmx_bridge.workbench.misses import find_remedy

PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text("utf-8")
LINE = "Catalina<type=Manager, host=localhost, context=/shop><>activeSessions: 3"
TABLE = PAGE.partition("<!-- mistakes -->")[2].partition("<!-- end of mistakes -->")[0]
ROWS = re.findall(r"^\| ([^|]+) \| `([^`]+)` \| ([^|]+) \|$", TABLE, re.MULTILINE)


def test_the_table_has_its_rows():
    assert len(ROWS) == 7


@pytest.mark.parametrize(("mistake", "pattern", "said"), ROWS, ids=[r[0] for r in ROWS])
def test_explain_says_what_the_table_promises(jvm, mistake, pattern, said):
    remedy = find_remedy(pattern, LINE, JavaPatterns)

    assert remedy is not None
    assert said in remedy.what
    (answer,) = JavaPatterns([(remedy.pattern, [])]).match([LINE], [[(0, 0)]])
    assert answer.candidate == 0
