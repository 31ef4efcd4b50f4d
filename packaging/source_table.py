#!/usr/bin/env python3
"""Writes the README's table of agents from SOURCES. Run it after each change of a source's facts; a test compares them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.machine import Machine  # noqa: E402
from app.report.names import evidence_name  # noqa: E402
from app.shapes.source import Source  # noqa: E402
from app.sources import SOURCES  # noqa: E402

README = ROOT / "README.md"
BEGIN, END = "<!-- agents: packaging/source_table.py -->\n", "<!-- end of agents -->"
PATHS = 2
"""Named of each agent: the first ones, which matter most."""
ELSEWHERE = "in projects, or where you say"
_EDITORS = ("Code", "Cursor", "Windsurf", "Trae", "Void", "Kiro")
_GENERAL = ("XDG_", "VSCODE_", "APPDATA", "LOCALAPPDATA")
"""Variables of the system and of the editors, obeyed everywhere."""
_HEAD = ("agent", "where it looks", "moved by", "tokens", "cost", "live", "evidence", "what makes it exact")


class _Asked(dict[str, str]):
    """An environment in which nothing is set, and that notes what was looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
        self.names[name] = None
        return default


def table() -> str:
    with TemporaryDirectory() as folder:
        home = Path(folder) / "~"
        for editor in _EDITORS:  # what lies in an editor's folders is looked for where that editor is
            (home / ".config" / editor / "User" / "globalStorage").mkdir(parents=True)
        (home / ".config/JetBrains/IntelliJIdea2026.2/options").mkdir(parents=True)
        rows = [_HEAD, ("---",) * len(_HEAD), *(_row(source, home) for source in SOURCES)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(source: Source, home: Path) -> tuple[str, ...]:
    asked = _Asked()
    return (
        source.title if source.verified else f"{source.title} *",
        ", ".join(islice(_places(source, home, asked), PATHS)) or ELSEWHERE,
        ", ".join(f"`{name}`" for name in asked.names if not name.startswith(_GENERAL)),
        evidence_name(source.evidence[0]) if source.evidence else "none",
        "yes" if source.states_cost else f"{source.credit}s" if source.credit else "no",
        "yes" if source.live else "no",
        ", ".join(source.evidence) or "none",
        source.exact or ("" if source.evidence[:1] == "A" else "nothing known"),
    )


def _places(source: Source, home: Path, asked: _Asked) -> Iterator[str]:
    here = Machine(home, asked, system="linux", data=home / ".local/share/cuenta")
    folders = list(dict.fromkeys(source.folders(here)))
    if not folders:
        there = Machine(home, asked, system="win32", data=home / "cuenta")
        folders = list(dict.fromkeys(source.folders(there)))
    for folder in folders:
        yield f"`{folder.as_posix().replace(home.as_posix(), '~', 1)}`"


def written(readme: str) -> str:
    """The README with the table as it should be."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
