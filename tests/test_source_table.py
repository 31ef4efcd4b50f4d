"""The README's table of agents is what SOURCES say."""

from __future__ import annotations

import subprocess
import sys

from app.sources import SOURCES
from tests.conftest import ROOT

_WRITTEN = """
import sys
sys.path.insert(0, sys.argv[1])
import source_table
print(source_table.written(source_table.README.read_text(encoding="utf-8")), end="")
"""


def test_the_table_is_as_the_script_writes_it() -> None:
    """`packaging/source_table.py` mends it."""
    command = [sys.executable, "-c", _WRITTEN, str(ROOT / "packaging")]
    written = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    assert (ROOT / "README.md").read_text(encoding="utf-8") == written
    for source in SOURCES:
        assert written.count(f"| {source.title}{'' if source.verified else ' *'} |") == 1, source.id


def test_no_two_agents_have_the_same_letters() -> None:
    marks = [source.mark for source in SOURCES]
    assert sorted(set(marks)) == sorted(marks)
