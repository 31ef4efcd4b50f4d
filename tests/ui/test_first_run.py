"""The first run: what was found, how far it is read, and what is agreed to by pressing its button."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app import autostart, settings
from app.machine import Machine
from app.settings import Notes, welcome_is_due
from app.ui import first_run
from app.ui.widgets.label import Label
from tests.ui.pages import Frame, amiss, first_log, frame, longer, meters, read, unnamed, with_logs, write_first


@pytest.fixture
def shown(machine: Machine, qtbot: QtBot) -> Iterator[Frame]:
    with frame(with_logs(machine)) as one:
        yield one


def test_it_shows_what_was_found_and_how_far_it_is(shown: Frame) -> None:
    window = shown.first_run()
    shown.bus.changed.emit(meters(shown.machine, (214, 562)))
    assert window.rows.box("claude_code").isChecked()
    assert "1 file" in window.rows.box("claude_code").accessibleDescription()
    assert window.reading.text() == "Reading today first"
    assert window.so_far.text() == "$15.62 found so far; older days follow in the background"
    assert window.files.text() == "214 of 562 files"
    assert (window.bar.value(), window.bar.maximum()) == (214, 562)
    shown.bus.changed.emit(meters(shown.machine))
    assert window.reading.text() == "Everything is read"
    assert window.so_far.text() == "$15.62 today"
    assert window.files.text() == "2 files"
    assert window.bar.value() == window.bar.maximum()
    shown.settle()


def test_its_button_has_the_keyboard_and_holds(shown: Frame) -> None:
    """Enter: the Overview opens, Cuenta starts at login from now on, and nobody is welcomed again."""
    machine = shown.machine
    assert welcome_is_due(machine)
    window = shown.first_run()
    window.activateWindow()
    assert QApplication.focusWidget() is window.open
    QTest.keyClick(window.open, Qt.Key.Key_Space)
    assert shown.overviews == 1
    assert autostart.is_on(machine)
    assert not welcome_is_due(machine)
    assert json.loads((machine.data / "notes.json").read_text())["welcomed"] is True


def test_who_closes_it_agreed_to_nothing(shown: Frame) -> None:
    shown.first_run().close()
    assert not autostart.is_on(shown.machine)
    assert not welcome_is_due(shown.machine)


def test_without_the_tick_it_does_not_start_at_login(shown: Frame) -> None:
    window = shown.first_run()
    QTest.keyClick(window.login, Qt.Key.Key_Space)
    window.open.click()
    assert not autostart.is_on(shown.machine)


def test_a_pause_is_not_forgotten(shown: Frame) -> None:
    settings.save(shown.machine, Notes(paused=True, paused_until=7))
    shown.first_run().close()
    assert settings.load(shown.machine, Notes) == Notes(paused=True, paused_until=7, welcomed=True)


def test_where_login_cannot_be_changed_it_is_said(shown: Frame) -> None:
    (shown.machine.home / ".config").write_text("a file where a folder belongs")
    window = shown.first_run()
    window.open.click()
    assert window.isVisible()
    assert "Start at login can't be changed" in "\n".join(
        one.accessibleName() for one in window.findChildren(QWidget) if one.isVisible()
    )
    assert not window.login.isChecked()
    window.open.click()
    assert shown.overviews == 1


def test_its_boxes_choose_what_is_read(shown: Frame) -> None:
    window = shown.first_run()
    QTest.keyClick(window.rows.box("codex"), Qt.Key.Key_Space)
    shown.settle()
    assert shown.preferences.now.sources_off == ("codex",)
    assert not window.rows.box("codex").isChecked()


def test_the_way_to_verify_leads_to_privacy(shown: Frame) -> None:
    window = shown.first_run()
    button = next(one for one in window.findChildren(QWidget) if "verify" in getattr(one, "text", str)())
    QTest.keyClick(button, Qt.Key.Key_Space)
    shown.settle()
    assert type(shown.settings().page).__name__ == "PrivacyPage"


def test_nothing_found_says_where_was_looked_and_fills_by_itself(machine: Machine, qtbot: QtBot) -> None:
    machine = replace(machine, system="linux")
    with frame(machine) as one:
        window = one.first_run()
        said = "\n".join(label.text() for label in window.findChildren(Label) if label.isVisible())
        assert "No agent logs found" in said
        assert "~/.claude/projects" in said
        assert window.nothing.add.isVisible()
        assert window.rows.isHidden()
        assert amiss(window) == []
        write_first(first_log(machine))
        read(machine)
        window.refresh()
        one.settle()
        assert window.nothing.isHidden()
        assert window.rows.isVisible()


def test_folders_that_cannot_be_looked_at_are_told(
    machine: Machine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(first_run, "look", refused)
    with frame(machine) as one:
        window = one.first_run()
        assert window.news.isVisible()
        assert window.news.accessibleName() == "The folders could not be looked at"


@pytest.mark.parametrize("percent", [100, 150, 200])
def test_nothing_is_cut_or_overlaps(percent: int, shown: Frame) -> None:
    shown.preferences.change(text_percent=percent)
    window = shown.first_run()
    window.resize(760, 536)
    shown.bus.changed.emit(meters(shown.machine, (214, 562)))
    shown.settle()
    assert amiss(window) == []
    assert unnamed(window) == []


@pytest.mark.parametrize("percent", [100, 200])
def test_a_wordy_language_breaks_nothing(percent: int, machine: Machine, qtbot: QtBot) -> None:
    with longer(), frame(with_logs(machine)) as one:
        one.preferences.change(text_percent=percent)
        window = one.first_run()
        window.resize(760, 536)
        one.bus.changed.emit(meters(one.machine, (214, 562)))
        one.settle()
        assert any(" lo" in one.accessibleName() for one in window.findChildren(QWidget))
        assert amiss(window) == []


def test_everything_is_reached_by_tab(shown: Frame) -> None:
    window = shown.first_run()
    window.activateWindow()
    reached: set[QWidget] = set()
    for _ in range(20):
        found = QApplication.focusWidget()
        assert found is not None
        reached.add(found)
        QTest.keyClick(found, Qt.Key.Key_Tab)
    wanted = {window.add, window.login, window.open, window.rows.box("claude_code"), window.rows.box("codex")}
    assert wanted <= reached
