"""Windows over a store of made-up history, and what a look at their geometry finds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTranslator, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from app.demo import write_logs
from app.machine import Machine
from app.model.instant import instant_of
from app.report import meters
from app.report.zone import local_zone
from app.runtime import read_new, reader
from app.store import database
from app.ui.widgets.figure import Figure
from app.ui.widgets.label import Label
from app.ui.widgets.stacked_days import StackedDays
from app.ui.windows import Windows

NOW = instant_of("2026-11-24T15:42:00Z") or 0


def demo_machine(folder: Path) -> Machine:
    """A machine whose store holds the demo's five weeks."""
    machine = empty_machine(folder)
    write_logs(machine.home, NOW, local_zone(machine))
    with closing(reader(machine)) as connection:
        read_new(machine, connection)
    return machine


def empty_machine(folder: Path) -> Machine:
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    return Machine(home, {"TZ": "UTC"}, clock=lambda: NOW, data=folder / "data")


def filled_machine(folder: Path, like: Machine, sessions: int, calls_each: int, days: int) -> Machine:
    """As many sessions as that, made of the calls of another store; written by the driver itself, for speed."""
    machine = empty_machine(folder)
    database.prepare(machine.database, machine.resources)
    with closing(reader(like)) as source, closing(database.open_writer(machine.database)) as store:
        names = [row[1] for row in store.execute("PRAGMA table_info(call)")]
        listed = ", ".join(f'"{name}"' for name in names)
        place = {name: number for number, name in enumerate(names)}
        pool = source.execute(f"SELECT {listed} FROM call WHERE kept = 1 ORDER BY id").fetchall()
        store.execute("BEGIN")
        for table in ("file", "price"):
            _copy(store, table, source.execute(f"SELECT * FROM {table}").fetchall())
        known = source.execute("SELECT * FROM session ORDER BY id").fetchall()
        some = len(known)
        made = [(one + 1, known[one % some][1], f"{one:08x}-demo", *known[one % some][3:]) for one in range(sessions)]
        _copy(store, "session", made)
        rows: list[list[Any]] = []
        step = days * 86_400_000 // sessions
        for one in range(sessions):
            for number in range(calls_each):
                row = list(pool[(one * 37 + number) % len(pool)])
                at = NOW - one * step - (calls_each - number) * 40_000
                row[place["id"]] = row[place["message"]] = row[place["key"]] = len(rows) + 1
                row[place["session_id"]] = one + 1
                row[place["source"]] = made[one][1]
                row[place["at"]] = row[place["counted_at"]] = at
                row[place["quarter"]] = at // 900_000
                rows.append(row)
        _copy(store, "call", rows)
        store.execute("COMMIT")
    return machine


def _copy(store: Any, table: str, rows: list[Any]) -> None:
    if rows:
        store.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


class Bell(QObject):
    """Plays Live's part."""

    changed = Signal(object)


class Standing:
    """Windows, and a way to wait for what they asked."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.bell = Bell()
        self.ended = 0
        self.windows = Windows(machine, self.bell.changed, self._end)
        self.ring()

    def _end(self) -> None:
        self.ended += 1

    def ring(self) -> None:
        """Live speaks."""
        with closing(reader(self.machine)) as connection:
            self.bell.changed.emit(meters.read(connection, self.machine))

    def settle(self, done: Callable[[], bool] = lambda: True, seconds: float = 20) -> None:
        """Until everything that was asked is answered."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QTest.qWait(5)
            if not self.windows.background.busy and done():
                QTest.qWait(5)
                if not self.windows.background.busy:
                    return
        raise AssertionError("still asking")


@contextmanager
def standing(machine: Machine) -> Iterator[Standing]:
    one = Standing(machine)
    try:
        yield one
    finally:
        one.windows.shut_down()
        QTest.qWait(1)


class Longer(QTranslator):
    """A language whose words are 40 % longer."""

    def translate(self, _context: str, source: str, *_more: object) -> str:
        if not source or source == "Sessions, {n}":
            return source
        return source + "·" * max(1, round(len(source) * 0.4))

    def isEmpty(self) -> bool:
        return False


def faults(window: QWidget) -> list[str]:
    """Whatever is cut off, reaches out of its parent or lies over its neighbor."""
    found: list[str] = []
    _look(window, found)
    return found


def _look(parent: QWidget, found: list[str]) -> None:
    children = [
        one
        for one in parent.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if one.isVisible() and not one.isWindow() and type(one).__name__ != "_Frame"
    ]
    for one in children:
        name = f"{type(one).__name__} {one.accessibleName() or getattr(one, 'text', str)()}"
        if not parent.rect().contains(one.geometry()):
            found.append(f"{name} reaches out of its {type(parent).__name__}: {one.geometry()} in {parent.rect()}")
        if isinstance(one, QPushButton | QRadioButton | Figure) and one.width() < one.sizeHint().width():
            found.append(f"{name} is cut: {one.width()} of {one.sizeHint().width()}")
        if isinstance(one, Label) and not one.wordWrap() and one.width() < one.minimumSizeHint().width():
            found.append(f"{name} is cut: {one.width()} of {one.minimumSizeHint().width()}")
        if isinstance(one, Label) and one.wordWrap() and one.height() < one.heightForWidth(one.width()):
            found.append(f"{name} is cut below")
        if isinstance(one, QScrollArea):
            page = one.widget()
            if page is not None:
                if page.width() > one.viewport().width():
                    found.append(f"{type(page).__name__} is wider than its view")
                _look(page, found)
        elif not isinstance(one, QAbstractItemView | QAbstractSpinBox | StackedDays | QScrollBar | QLineEdit):
            _look(one, found)
    for place, one in enumerate(children):
        over = [other for other in children[place + 1 :] if one.geometry().intersects(other.geometry())]
        found += [f"{type(one).__name__} and {type(other).__name__} overlap" for other in over]


def size_to(window: QWidget, width: int, height: int) -> None:
    window.setMinimumSize(1, 1)
    window.resize(width, height)
    for _ in range(4):
        QApplication.processEvents()
        QTest.qWait(5)
