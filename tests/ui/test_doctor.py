"""The doctor's window: what it tells of each source, its sample, its questions, and what it writes only when told to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from app import runtime
from app.machine import Machine
from app.settings import Settings, load
from app.ui import preferences
from app.ui.appearance import Appearance, appearance, use_shipped_font
from app.ui.doctor_cards import FactView
from app.ui.doctor_window import DoctorWindow
from app.ui.settings_pages.sources import SourcesPage
from app.ui.settings_window import SettingsWindow
from app.ui.widgets.cells import words_of
from app.ui.widgets.label import Label
from app.ui.widgets.property_row import PropertyRow
from tests.builders import answer, lines, usage
from tests.ui.standing import Longer, Standing, demo_machine, empty_machine, faults, size_to, standing

STRANGE = {"type": "usage-v2", "cwd": "/home/me/secret", "usage": {"input_tokens": 77}}
HOOKS = '{\n  "version": 1,\n  "hooks": {"stop": [{"command": "mine"}]}\n}\n'


@pytest.fixture(autouse=True)
def light(qapp: QApplication, resources: Path) -> Appearance:
    made = Appearance(resources, "light")
    made.use_font(use_shipped_font(resources))
    return made


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return demo_machine(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Machine]:
    """A home with an odd log, an agent that nobody has confirmed, and one that can be connected."""
    machine = empty_machine(tmp_path)
    good = answer(version="2.1.219", at="2026-11-24T15:00:00.000Z")
    write(machine, ".claude/projects/p/S1.jsonl", lines(good, STRANGE, answer("m2", "r2", usage())))
    write(machine, ".cursor/hooks.json", HOOKS.encode())
    turn = {"at": 1_780_308_000_000, "generation_id": "g", "model": "m", "input_tokens": 9, "output_tokens": 1}
    write(machine, "../data/hooks/cursor.jsonl", lines(turn))
    with closing(runtime.reader(machine)) as connection:
        runtime.read_new(machine, connection)
    yield machine
    preferences.forget(machine)


def write(machine: Machine, place: str, content: bytes) -> Path:
    path = machine.home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    at = machine.clock() / 1000 - 60
    os.utime(path, (at, at))
    return path


def opened(stand: Standing, wish: str = "") -> DoctorWindow:
    window = stand.windows.open("doctor", wish)
    assert isinstance(window, DoctorWindow)
    stand.settle(lambda: bool(window.every) and bool(window.findChildren(FactView)))
    return window


def said(window: DoctorWindow) -> str:
    shown = (one.text() for one in window.findChildren(Label) if one.isVisibleTo(window))
    return "\n".join(text.replace("\u200b", "") for text in shown)


def rows(window: DoctorWindow) -> dict[str, list[str]]:
    every = [[words_of(cell) for cell in window.rows.row(place)] for place in range(window.rows.rowCount())]
    return {row[0]: row[1:] for row in every}


def press(window: DoctorWindow, text: str, stand: Standing) -> None:
    buttons = {one.text(): one for one in window.findChildren(QAbstractButton) if one.isVisibleTo(window)}
    buttons[text].click()
    stand.settle()


def properties(window: DoctorWindow) -> dict[str, str]:
    shown = [one for one in window.source.findChildren(PropertyRow) if one.isVisibleTo(window)]
    return {one.accessibleName(): one.accessibleDescription() for one in shown}


def test_a_row_tells_what_the_doctor_found(here: Machine) -> None:
    with standing(here) as stand:
        window = opened(stand)
        told = rows(window)
        assert list(told) == ["Claude Code", "Cursor"]
        assert told["Claude Code"] == ["2.1.219", "1", "1", "0", "2", "15:00", "A", "verified", "format changed"]
        assert told["Cursor"][-3:] == ["C", "unverified", "not in totals"]
        assert ", 2 found" in window.title.accessibleDescription()
        assert [one.accessibleName() for one in window.findChildren(FactView)] == [
            *("Network", "Watching", "Database", "Price book")
        ]


def test_the_one_with_something_amiss_is_chosen_and_says_all(here: Machine) -> None:
    with standing(here) as stand:
        window = opened(stand)
        stand.settle(lambda: window.source.sample.isVisible())
        assert "1 line of the unknown kind usage-v2 holds usage." in said(window)
        told = properties(window)
        assert told["Looked for"].startswith("~/.claude/projects\n")
        assert told["Found"] == "1 file"
        assert told["Read"] == "1 call, 0 repeats folded"
        assert told["Skipped"] == "1 of the unknown kind usage-v2\n1 no tokens"
        assert told["How sure"] == "verified. A: usage per call with cache split"
        assert '"input_tokens": integer' in window.source.sample.editor.toPlainText()


def test_s_copies_the_sample_and_no_value(here: Machine) -> None:
    with standing(here) as stand:
        window = opened(stand, "claude_code")
        stand.settle(lambda: window.source.sample.isVisible())
        window.activateWindow()
        QTest.qWaitForWindowActive(window)
        QTest.keyClick(window, Qt.Key.Key_S)
        copied = QGuiApplication.clipboard().text()
        assert 'kind "usage-v2" is not known, 1 time' in copied
        assert '"input_tokens": integer' in copied
        assert "secret" not in copied and "77" not in copied


def test_the_report_names_no_path_and_no_project(here: Machine) -> None:
    with standing(here) as stand:
        window = opened(stand)
        press(window, "Copy report", stand)
        copied = QGuiApplication.clipboard().text()
        found = {one["source"]: one for one in json.loads(copied)["sources"]}
        assert found["claude_code"]["unknown_kinds"] == {"usage-v2": 1}
        assert found["cursor"]["calls"] == 1
        assert str(here.home) not in copied and "secret" not in copied and "/" not in copied


def test_an_unverified_source_asks_about_one_session(here: Machine) -> None:
    with standing(here) as stand:
        window = opened(stand, "cursor")
        assert "Does that fit what you did?" in said(window)
        press(window, "It fits, count it", stand)
        assert load(here, Settings).confirmed == ("cursor",)
        with runtime.writer(here):
            pass
        window.check_again()
        stand.settle(lambda: "Does that fit" not in said(window))
        press(window, "Count no more", stand)
        assert load(here, Settings).confirmed == ()


def test_nothing_is_written_before_the_difference_was_seen_and_accepted(here: Machine) -> None:
    hooks = here.home / ".cursor" / "hooks.json"
    with standing(here) as stand:
        window = opened(stand, "cursor")
        press(window, "Connect…", stand)
        assert "~/.cursor/hooks.json" in said(window)
        diff = window.source.sample.editor.toPlainText()
        assert [line for line in diff.splitlines() if line.startswith("+") and "hook" in line]
        press(window, "Not now", stand)
        assert hooks.read_text() == HOOKS and not window.source.sample.isVisible()
        press(window, "Connect…", stand)
        press(window, "Write it", stand)
        assert '"mine"' in hooks.read_text() and hooks.read_text() != HOOKS
        press(window, "Disconnect…", stand)
        press(window, "Take it out", stand)
        assert hooks.read_text() == HOOKS


def test_a_file_changed_meanwhile_is_left_alone_and_that_is_said(here: Machine) -> None:
    hooks = here.home / ".cursor" / "hooks.json"
    with standing(here) as stand:
        window = opened(stand, "cursor")
        press(window, "Connect…", stand)
        hooks.write_text(HOOKS + "\n")
        press(window, "Write it", stand)
        assert "~/.cursor/hooks.json has changed since." in said(window)
        assert hooks.read_text() == HOOKS + "\n"


def test_another_source_takes_question_and_sample_away(here: Machine) -> None:
    hooks = here.home / ".cursor" / "hooks.json"
    with standing(here) as stand:
        window = opened(stand, "cursor")
        press(window, "Connect…", stand)
        window.table.choose(0)
        stand.settle(lambda: window.source.sample.isVisible())
        assert "Write it" not in {one.text() for one in window.findChildren(QAbstractButton) if one.isVisible()}
        assert '"input_tokens": integer' in window.source.sample.editor.toPlainText()
        assert hooks.read_text() == HOOKS


def test_what_was_not_found_is_a_count_until_asked_for(here: Machine) -> None:
    with standing(here) as stand:
        window = opened(stand)
        assert window.rows.rowCount() == 2
        press(window, window.more.text(), stand)
        assert window.rows.rowCount() == len(window.every)
        assert not window.more.isVisible()
        assert window.chosen is not None and window.chosen[0].source == "claude_code"
        window.take_wish("codex")
        assert "Nothing of it was found." in said(window)


def test_a_version_never_tried_is_a_mark_and_no_alarm(tmp_path: Path) -> None:
    machine = empty_machine(tmp_path)
    record = answer(version="99.1.0", at="2026-11-24T15:00:00.000Z")
    write(machine, ".claude/projects/p/S1.jsonl", lines(record))
    with closing(runtime.reader(machine)) as connection:
        runtime.read_new(machine, connection)
    with standing(machine) as stand:
        window = opened(stand)
        assert rows(window)["Claude Code"][0] == "99.1.0 new"
        assert rows(window)["Claude Code"][-1] == "reading"
        assert "Version 99.1.0 is newer than any this reader was tried on." in said(window)


def test_settings_lead_here(here: Machine) -> None:
    with standing(here) as stand:
        settings = stand.windows.open("settings", "sources")
        assert isinstance(settings, SettingsWindow) and isinstance(settings.page, SourcesPage)
        stand.settle()
        settings.page.health.click()
        assert isinstance(stand.windows.window("doctor"), DoctorWindow)


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("width", [1180, 920, 700])
def test_nothing_is_cut_or_overlaps(here: Machine, width: int, scale: float) -> None:
    appearance().set_text_scale(scale)
    with standing(here) as stand:
        window = opened(stand, "cursor")
        for wish in ("cursor", "claude_code"):
            window.take_wish(wish)
            stand.settle()
            size_to(window, width, 640)
            assert faults(window) == []


def test_longer_words_have_room(demo: Machine) -> None:
    longer = Longer()
    QCoreApplication.installTranslator(longer)
    try:
        with standing(demo) as stand:
            window = opened(stand)
            size_to(window, 920, 640)
            assert faults(window) == []
    finally:
        QCoreApplication.removeTranslator(longer)
