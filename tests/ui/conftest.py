"""Qt in tests: chosen before Qt is imported anywhere, so values and pixels need no screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ.setdefault("LC_ALL", "C.UTF-8")
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.patience import PATIENCE
from tests.ui.desk import Desk


class PatientBot(QtBot):
    """Waits as long as every test does: five seconds are short on a busy machine."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = int(PATIENCE * 1000)) -> None:
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An X screen and a session bus of its own, without panel or window manager."""
    one = Desk(tmp_path)
    try:
        yield one
    finally:
        one.close()


@pytest.fixture(autouse=True)
def usual_look() -> Iterator[None]:
    """There is one appearance for the process: no test inherits another's text size or colors."""
    yield
    from PySide6.QtWidgets import QApplication

    from app import formats
    from app.ui.appearance import appearance

    formats.show_in(None, date(2026, 11, 24))

    if QApplication.instance() is not None:
        appearance().set_text_scale(1.0)
        appearance().choose("system")


@pytest.fixture
def resources() -> Path:
    return Path(__file__).resolve().parents[2] / "resources"
