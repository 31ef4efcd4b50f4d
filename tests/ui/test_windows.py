"""The frame of the windows: one for each key, their places and keys, and questions asked in the background."""

from __future__ import annotations

import sqlite3
import threading
import time
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PySide6.QtCore import SIGNAL, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.diagnostics import KnownError
from app.machine import Machine
from app.shapes.finding import files_of
from app.sources import BY_ID
from app.ui import first_run
from app.ui.appearance import Appearance, appearance
from app.ui.background import BETWEEN, Background
from app.ui.session_window import SessionWindow
from app.ui.settings_pages import PAGES, sources
from app.ui.widgets.figure import Figure, FigureValue
from app.ui.windows import WINDOWS, Context, Entry, Windows
from tests.ui.standing import Bell, demo_machine, empty_machine, standing


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return demo_machine(tmp_path_factory.mktemp("demo"))


@pytest.fixture(autouse=True)
def light(qapp: QApplication, resources: Path) -> Appearance:
    return Appearance(resources, "light")


class Plain(QWidget):
    """A window with a painted figure and a wish."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.wish = ""
        self.figure = Figure(FigureValue("Spend", "$1.00"))
        self.figure.setParent(self)

    def take_wish(self, wish: str) -> None:
        self.wish = wish


PLAIN = (Entry("overview", "Overview", "Ctrl+1", Plain), Entry("sessions", "Sessions", "Ctrl+2", Plain))


BELLS: list[Bell] = []


def bell() -> Bell:
    BELLS.append(Bell())
    return BELLS[-1]


def made(folder: Path, ended: list[int]) -> Windows:
    machine = empty_machine(folder)
    return Windows(machine, bell().changed, lambda: ended.append(1), entries=PLAIN)


def press(window: QWidget, keys: str) -> None:
    for one in window.findChildren(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if one.key().toString() == keys:
            one.activated.emit()
            return
    raise AssertionError(f"no {keys}")


def test_the_list_is_in_the_order_of_the_keys() -> None:
    assert [(entry.key, entry.shortcut) for entry in WINDOWS if entry.shortcut] == [
        ("overview", "Ctrl+1"),
        ("sessions", "Ctrl+2"),
        ("settings", "Ctrl+,"),
        ("go", "Ctrl+K"),
        ("keys", "F1"),
    ]


def test_one_window_for_each_key(tmp_path: Path) -> None:
    windows = made(tmp_path, [])
    first = windows.open("overview")
    assert windows.open("overview") is first
    other = windows.open("sessions", "on:2026-11-12")
    assert isinstance(other, Plain) and other is not first and other.wish == "on:2026-11-12"
    assert windows.open("nothing of the kind") is None
    windows.shut_down()
    assert not windows.any_open


def test_keys_open_the_others_close_and_quit(tmp_path: Path) -> None:
    ended: list[int] = []
    windows = made(tmp_path, ended)
    closed: list[str] = []
    windows.closed.connect(closed.append)
    first = windows.open("overview")
    assert first is not None
    press(first, "Ctrl+2")
    assert windows.window("sessions") is not None
    press(first, "Ctrl+Q")
    assert ended == [1]
    press(first, "Ctrl+W")
    assert closed == ["overview"] and windows.window("overview") is None and windows.any_open
    windows.shut_down()


def test_place_and_size_are_kept(tmp_path: Path) -> None:
    windows = made(tmp_path, [])
    window = windows.open("overview")
    assert window is not None
    window.setMinimumSize(1, 1)
    window.resize(700, 500)
    window.move(QPoint(30, 40))
    QTest.qWait(1)
    window.close()
    windows.shut_down()
    again = made(tmp_path, [])
    window = again.open("overview")
    assert window is not None
    window.setMinimumSize(1, 1)
    places = (tmp_path / "data" / "windows.json").read_text()
    assert "overview" in places
    assert window.size().height() >= 500
    again.shut_down()


def test_a_damaged_place_is_no_matter(tmp_path: Path) -> None:
    machine = empty_machine(tmp_path)
    machine.data.mkdir(parents=True)
    (machine.data / "windows.json").write_text("[]")
    windows = Windows(machine, bell().changed, lambda: None, entries=PLAIN)
    assert windows.open("overview") is not None
    windows.shut_down()


def test_what_is_closed_hears_of_no_other_look(tmp_path: Path, qtbot: QtBot) -> None:
    windows = made(tmp_path, [])
    window = windows.open("overview")
    assert isinstance(window, Plain)
    window.close()
    QTest.qWait(10)
    with qtbot.captureExceptions() as raised:
        appearance().choose("dark")
        QTest.qWait(1)
    assert not raised
    windows.shut_down()


@pytest.mark.parametrize("key", [entry.key for entry in WINDOWS] + ["session"])
def test_no_widget_of_a_closed_window_is_told_of_another_look(key: str, tmp_path: Path) -> None:
    with standing(empty_machine(tmp_path)) as stand:
        stand.windows.open("overview")  # whatever the application makes once is made
        stand.settle()
        before = listeners()
        for _ in range(2):
            window = stand.windows.open(key) if key != "session" else stand.windows.open_session("codex", "none")
            assert window is not None
            for page in PAGES if key == "settings" else ():
                stand.windows.open(key, page.key)
            stand.settle()
            assert key == "overview" or listeners() > before + 1
            window.close()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            if key == "overview":
                assert listeners() < before - 5
            else:
                assert listeners() == before


@pytest.mark.parametrize("key", [entry.key for entry in WINDOWS] + ["session"])
def test_no_part_of_a_window_flashes_up_as_a_window_of_its_own(key: str, demo: Machine) -> None:
    """Who is shown before it has a parent is a window for a moment, and takes the keyboard from the one that is there."""
    seen = Shown()
    QApplication.instance().installEventFilter(seen)  # type: ignore[union-attr]
    try:
        with standing(demo) as stand:
            running = stand.windows.context.meters().running[0]  # type: ignore[union-attr]
            place = running.source, running.session
            window = stand.windows.open(key) if key != "session" else stand.windows.open_session(*place)
            for page in PAGES if key == "settings" else ():
                stand.windows.open(key, page.key)
                stand.settle()
            stand.settle()
            if isinstance(window, SessionWindow):
                stand.settle(lambda: window.settled)
                window.show_table(True)
                window.show_trace(0)
                stand.settle(lambda: window.trace.isVisible())
            assert seen.windows == {type(window).__name__}
    finally:
        QApplication.instance().removeEventFilter(seen)  # type: ignore[union-attr]


class Shown(QObject):
    """Which widgets were shown as windows."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: set[str] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            text = getattr(watched, "text", str)
            self.windows.add(f"{type(watched).__name__} {text() if callable(text) else ''}".strip())
        return False


def listeners() -> int:
    """How many are told when the look changes."""
    return appearance().receivers(SIGNAL("changed()"))  # type: ignore[arg-type]


def test_an_answer_arrives_on_the_gui_thread(tmp_path: Path) -> None:
    with standing(empty_machine(tmp_path)) as stand:
        owner, told = QObject(), []
        worker: list[int] = []

        def work(connection: sqlite3.Connection) -> int:
            worker.append(threading.get_ident())
            return connection.execute("SELECT 42").fetchone()[0]

        stand.windows.context.ask(work, lambda answer: told.append((answer, threading.get_ident())), owner)
        stand.settle()
        assert told == [(42, threading.get_ident())] and worker != [threading.get_ident()]


def test_it_cannot_write(tmp_path: Path) -> None:
    with standing(empty_machine(tmp_path)) as stand:
        errors: list[Exception] = []
        owner = QObject()
        stand.windows.context.ask(
            lambda connection: connection.execute("DELETE FROM call"), lambda _: None, owner, errors.append
        )
        stand.settle()
        assert len(errors) == 1 and "may not be written" in str(errors[0])


def test_only_the_newest_answer_arrives(tmp_path: Path) -> None:
    with standing(empty_machine(tmp_path)) as stand:
        owner, told = QObject(), list[str]()
        gate = threading.Event()

        def slow(_connection: sqlite3.Connection) -> str:
            gate.wait(5)
            return "old"

        stand.windows.context.ask(slow, told.append, owner, about="sum")
        stand.windows.context.ask(lambda _connection: "new", told.append, owner, about="sum")
        stand.windows.context.ask(lambda _connection: "other", told.append, owner, about="list")
        stand.settle(lambda: len(told) == 2)
        gate.set()
        QTest.qWait(50)
        assert sorted(told) == ["new", "other"]


def test_answers_arrive_one_at_a_time(tmp_path: Path) -> None:
    """What one of them changes can be painted before the next comes; until the last has come it is busy."""
    with standing(empty_machine(tmp_path)) as stand:
        owner, arrived = QObject(), list[float]()
        background = stand.windows.background
        for number in range(4):
            background.run(lambda _: None, lambda _: arrived.append(time.perf_counter()), owner, about=str(number))
        stand.settle(lambda: not background.busy)
        gaps = [1000 * (after - before) for before, after in pairwise(arrived)]
        assert len(gaps) == 3 and min(gaps) > BETWEEN - 1.5


def test_nothing_arrives_for_an_owner_that_is_gone(tmp_path: Path) -> None:
    with standing(empty_machine(tmp_path)) as stand:
        gate, told = threading.Event(), list[int]()
        owner = QWidget()
        stand.windows.context.ask(lambda _connection: gate.wait(5) and 1, told.append, owner)
        owner.deleteLater()
        QApplication.sendPostedEvents(owner, 52)
        gate.set()
        QTest.qWait(80)
        assert told == []


def test_a_question_nobody_waits_for_is_interrupted(tmp_path: Path) -> None:
    with standing(empty_machine(tmp_path)) as stand:
        owner = QObject()
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
        stand.windows.context.ask(lambda connection: connection.execute(endless).fetchone(), lambda _: None, owner)
        QTest.qWait(60)
        stand.windows.background.forget(owner)
        stand.settle(seconds=5)
    # shutting down did not hang either


def test_a_damaged_store_is_said_in_words(tmp_path: Path) -> None:
    machine = empty_machine(tmp_path)
    machine.data.mkdir(parents=True)
    machine.database.write_bytes(b"this is no database at all" * 200)
    background = Background(machine)
    errors: list[Exception] = []
    owner = QObject()
    background.run(lambda connection: connection.execute("SELECT 1"), lambda _: None, owner, errors.append)
    for _ in range(200):
        QTest.qWait(5)
        if errors:
            break
    background.stop()
    assert isinstance(errors[0], KnownError) and "can't be opened" in str(errors[0])


def test_nothing_is_asked_after_the_end(tmp_path: Path) -> None:
    background = Background(empty_machine(tmp_path))
    background.stop()
    told: list[int] = []
    background.run(lambda _connection: 1, told.append, QObject())
    QTest.qWait(20)
    assert told == [] and not background.busy


@pytest.mark.parametrize(("key", "page", "home"), [("first_run", "", first_run), ("settings", "sources", sources)])
def test_the_end_does_not_wait_for_a_walk(
    key: str, page: str, home: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, ended = threading.Event(), list[bool]()

    def endless(*given: Any) -> tuple[()]:
        began.set()
        patience = time.monotonic() + 30
        while not given[-1]() and time.monotonic() < patience:
            time.sleep(0.005)
        ended.append(given[-1]())
        return ()

    monkeypatch.setattr(home, "look", endless)
    with standing(empty_machine(tmp_path)) as stand:
        stand.windows.open(key, page)
        assert began.wait(20)
    assert ended == [True]


def test_a_walk_that_is_cancelled_ends(tmp_path: Path) -> None:
    machine = empty_machine(tmp_path)
    for number in range(5):
        folder = machine.home / ".claude" / "projects" / f"p{number}"
        folder.mkdir(parents=True)
        (folder / "s.jsonl").touch()
    left = [False, False, True]
    assert len(list(files_of(BY_ID["claude_code"], machine))) == 5
    assert len(list(files_of(BY_ID["claude_code"], machine, lambda: left.pop(0)))) == 1
