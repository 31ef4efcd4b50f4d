"""Settings and the first run in tests: logs that were read, a frame that opens them, and a look at their geometry."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QTranslator, Signal
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QScrollArea, QWidget

from app import runtime
from app.machine import Machine
from app.model.meters import Meters
from app.ui.appearance import Appearance, appearance, use_shipped_font
from app.ui.first_run import FirstRunWindow
from app.ui.preferences import forget, preferences
from app.ui.settings_window import SettingsWindow
from app.ui.windows import Entry, Windows
from tests.builders import Thread, answer, lines, meta, prompt, turn, usage
from tests.conftest import ROOT


class Longer(QTranslator):
    """Every text 40 % longer, as a wordy language would have it. What stands in braces stays."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, _context: str, text: str, _remark: str | None = None, _count: int = -1) -> str:
        return text + " " + ("lorem ipsum dolor sit amet " * 20)[: max(1, len(text) * 2 // 5 - 1)].strip()


class Bus(QObject):
    changed = Signal(object)


class Frame:
    """The windows of one machine, and what they asked to be opened."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.bus = Bus()
        self.overviews = 0
        entries = (
            Entry("overview", "Overview", "", self._overview),
            Entry("settings", "Settings", "Ctrl+,", SettingsWindow),
            Entry("first_run", "Welcome", "", FirstRunWindow),
        )
        self.windows = Windows(machine, self.bus.changed, lambda: None, entries=entries)
        self.preferences = preferences(machine)

    def _overview(self, _context: object) -> QWidget:
        self.overviews += 1
        return QWidget()

    def settings(self, page: str = "") -> SettingsWindow:
        window = self.windows.open("settings", page)
        assert isinstance(window, SettingsWindow)
        self.settle()
        return window

    def first_run(self) -> FirstRunWindow:
        window = self.windows.open("first_run")
        assert isinstance(window, FirstRunWindow)
        self.settle()
        return window

    def settle(self) -> None:
        """Until every question is answered and shown."""
        until(lambda: not self.windows.background.busy)
        for _ in range(4):
            QApplication.processEvents()

    def close(self) -> None:
        self.windows.shut_down()
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def until(holds: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        QApplication.processEvents()
        time.sleep(0.005)


@contextmanager
def frame(machine: Machine) -> Iterator[Frame]:
    """At 100 %, light, with the shipped font: pictures and widths are the same everywhere."""
    look = appearance() if isinstance(appearance(), Appearance) else Appearance(ROOT / "resources")
    look.use_font(use_shipped_font(ROOT / "resources"))
    one = Frame(machine)
    try:
        yield one
    finally:
        one.close()
        forget(machine)
        look.choose("system")
        look.set_text_scale(1.0)
        look.use_font(None)


def first_log(machine: Machine) -> Path:
    return machine.home / ".claude/projects/-home-me-app/S1.jsonl"


def second_log(machine: Machine) -> Path:
    return machine.home / ".codex/sessions/2026/11/24/rollout-2026-11-24T10-00-00-T1.jsonl"


def write_first(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lines(prompt(), answer(counts=usage(100, 20), at="2026-11-24T15:41:00.000Z")))


def write_second(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    thread = Thread()
    path.write_bytes(lines(meta(), turn(), thread.call("2026-11-24T10:00:05.000Z", 100, 5)))


def with_logs(machine: Machine) -> Machine:
    """Two agents with a call each, read."""
    machine = replace(machine, system="linux")
    write_first(first_log(machine))
    write_second(second_log(machine))
    read(machine)
    return machine


def read(machine: Machine) -> None:
    connection = runtime.reader(machine)
    try:
        runtime.read_new(machine, connection)
    finally:
        connection.close()


def meters(machine: Machine, reading: tuple[int, int] | None = None, today: int = 15_620_000_000) -> Meters:
    return Meters(machine.clock(), today, 31, 0, "measured", None, reading=reading)


def amiss(window: QWidget) -> list[str]:
    """Visible controls and words that are cut off, overlap one another, or are smaller than they must be."""
    found: list[str] = []
    shown = [
        one
        for one in window.findChildren(QWidget)
        if one.isVisible() and isinstance(one, QAbstractButton | QComboBox | QLabel) and one.width() and _text(one)
    ]
    for one in shown:
        name = f"{type(one).__name__} {_text(one)!r}"
        hint = one.minimumSizeHint()
        if one.width() < hint.width() or one.height() < hint.height():
            found.append(f"{name} is {one.width()}x{one.height()}, wants {hint.width()}x{hint.height()}")
        if isinstance(one, QLabel) and one.wordWrap() and one.height() < one.heightForWidth(one.width()):
            found.append(f"{name} is cut at the bottom")
        if isinstance(one, QAbstractButton | QComboBox) and (one.width() < 24 or one.height() < 24):
            found.append(f"{name} is no target of 24 pixels")
        page = _page(one, window)
        if not page.rect().adjusted(0, 0, 1, 1).contains(_area(one, page)):
            found.append(f"{name} leaves its page")
    for place, one in enumerate(shown):
        for other in shown[place + 1 :]:
            page = _page(one, window)
            if other in one.findChildren(QWidget) or _page(other, window) is not page:
                continue
            if _area(one, page).intersects(_area(other, page)):
                found.append(f"{_text(one)!r} overlaps {_text(other)!r}")
    return found


def _text(one: QWidget) -> str:
    return one.currentText() if isinstance(one, QComboBox) else one.text() or one.accessibleName()  # type: ignore[attr-defined]


def _page(one: QWidget, window: QWidget) -> QWidget:
    """The scrolled page it lies on, else the window."""
    parent = one.parentWidget()
    while parent is not None and parent is not window:
        above = parent.parentWidget()
        if above is not None and isinstance(above.parentWidget(), QScrollArea):
            return parent
        parent = above
    return window


def _area(one: QWidget, page: QWidget) -> QRect:
    return QRect(one.mapTo(page, QPoint(0, 0)), one.size())


def unnamed(window: QWidget) -> list[str]:
    """Controls that a screen reader could not name."""
    return [
        type(one).__name__
        for one in window.findChildren(QWidget)
        if one.isVisible()
        and isinstance(one, QAbstractButton | QComboBox)
        and not (one.accessibleName() or _text(one)).strip()
    ]


@contextmanager
def longer() -> Iterator[None]:
    """Every text of a window made inside is 40 % longer."""
    application, translator = QApplication.instance(), Longer()
    assert application is not None
    application.installTranslator(translator)
    try:
        yield
    finally:
        application.removeTranslator(translator)
