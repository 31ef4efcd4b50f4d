"""A small machine whose logs are written by hand, and the command line run on it as a user would."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.__main__ import main
from app.cli import health
from tests.builders import Record, lines


class Done(NamedTuple):
    status: int
    out: str
    err: str


class Cuenta:
    """The command line in this process, and the home it reads."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.home = folder / "home"
        self.data = folder / "data"
        self._capture = capture

    def claude(self, name: str, *records: Record | str, folder: str = "project") -> Path:
        return self._write(self.home / ".claude" / "projects" / folder / f"{name}.jsonl", lines(*records))

    def codex(self, thread: str, *records: Record | str) -> Path:
        folder = self.home / ".codex" / "sessions" / "2026" / "06" / "01"
        return self._write(folder / f"rollout-2026-06-01T10-00-00-{thread}.jsonl", lines(*records))

    def _write(self, path: Path, content: bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def __call__(self, *words: str) -> Done:
        self._capture.readouterr()
        status = main([*words])
        return Done(status, *self._capture.readouterr())

    def json(self, *words: str) -> dict[str, Any]:
        """The document of a call that must succeed: one, alone on stdout, with nothing on stderr."""
        done = self(*words, "--json")
        assert (done.status, done.err) == (0, ""), done
        assert done.out.endswith("}\n")
        return json.loads(done.out)  # fails on anything beside the one document

    def rows(self, *words: str) -> dict[str | None, dict[str, Any]]:
        """The rows of a report by key; keys must be unique."""
        rows = self.json("report", *words)["rows"]
        found = {row["key"]: row for row in rows}
        assert len(found) == len(rows)
        return found


@pytest.fixture
def cuenta(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cuenta:
    return Cuenta(tmp_path, capsys)


@pytest.fixture(autouse=True)
def as_found(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a command line sets for its process is set back, and no test asks this machine's desktop."""
    monkeypatch.setattr(health, "TRAY_KIND", health.TRAY_KIND)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    hooks = sys.excepthook, threading.excepthook
    yield
    sys.excepthook, threading.excepthook = hooks
    log = logging.getLogger("cuenta")
    for handler in [*log.handlers]:
        handler.close()
        log.removeHandler(handler)
