"""What an import costs once PySide is there."""

from __future__ import annotations

import subprocess
import sys

from tests.ui.desk import ROOT

_CODE = """
import linecache, app.ui.imports
{call}
import app.ui.overview_window
from PySide6 import QtCore
print(len([name for name in linecache.cache if "/app/" in name]), QtCore.QObject().objectName)
"""


def _sources_read(call: str) -> int:
    code = _CODE.format(call=call)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0])


def test_no_source_is_read_for_an_import() -> None:
    """Without the call PySide reads the source of every module of ours; with it, of none."""
    assert _sources_read("app.ui.imports.leave_sources_unread()") == 0
    assert _sources_read("") > 50  # else the call is needed no more
