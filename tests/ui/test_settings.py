"""Settings: what each page shows is true, and what is chosen there holds at once and is kept."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app import autostart, formats, runtime, settings
from app.ingest.catch_up import survey
from app.machine import Machine
from app.model.money import NANO
from app.report.sources import is_covered, look, recognize
from app.settings import Notes, Settings, save
from app.sources import BY_ID, SOURCES, chosen
from app.store.files import Files
from app.store.texts import KNOWN, texts
from app.ui.appearance import appearance
from app.ui.settings_pages import PAGES, about, checks
from app.ui.settings_pages.about import AboutPage
from app.ui.settings_pages.general import GeneralPage
from app.ui.settings_pages.parts import Row
from app.ui.settings_pages.privacy import Findings, PrivacyPage
from app.ui.settings_pages.sources import SourcesPage, report
from tests.conftest import FIXTURES, ROOT
from tests.ui.pages import (
    Frame,
    amiss,
    first_log,
    frame,
    longer,
    read,
    second_log,
    unnamed,
    with_logs,
    write_first,
    write_second,
)


@pytest.fixture
def here(machine: Machine, qtbot: QtBot) -> Machine:
    return with_logs(machine)


@pytest.fixture
def shown(here: Machine) -> Iterator[Frame]:
    with frame(here) as one:
        yield one


def kept(machine: Machine) -> dict[str, Any]:
    return json.loads((machine.data / "settings.json").read_text())


def words_of(widget: QWidget) -> str:
    """All that can be read on it."""
    labels = [one.text() for one in widget.findChildren(QWidget) if one.isVisible() and hasattr(one, "text")]  # type: ignore[attr-defined]
    return "\n".join(labels)


# --- the window


def test_the_arrow_keys_choose_a_page(shown: Frame) -> None:
    window = shown.settings()
    seen = []
    window.list.setFocus()
    for _ in PAGES:
        seen.append(type(window.page).__name__)
        QTest.keyClick(window.list, Qt.Key.Key_Down)
    assert seen == ["GeneralPage", "SourcesPage", "PlansPage", "PrivacyPage", "PricesPage", "AboutPage"]
    shown.settle()


def test_a_wish_opens_its_page(shown: Frame) -> None:
    assert isinstance(shown.settings("privacy").page, PrivacyPage)
    assert isinstance(shown.settings("sources").page, SourcesPage)
    assert isinstance(shown.settings("no such page").page, SourcesPage)


@pytest.mark.parametrize("page", [page.key for page in PAGES])
def test_everything_is_reached_by_tab(page: str, shown: Frame) -> None:
    """Round the window once, and each control of the page was there; F6 leads from the list to the page and back."""
    window = shown.settings(page)
    window.resize(820, 480)
    shown.settle()
    window.activateWindow()
    window.list.setFocus()
    QTest.keyClick(window.list, Qt.Key.Key_F6)
    area = window.page.parentWidget().parentWidget()
    assert focus() is area or area.isAncestorOf(focus())
    reached: set[QWidget] = set()
    for _ in range(60 + len(SOURCES)):
        reached.add(focus())
        QTest.keyClick(focus(), Qt.Key.Key_Tab)
    policies = Qt.FocusPolicy.TabFocus
    wanted = {one for one in window.page.findChildren(QWidget) if one.isVisible() and one.focusPolicy() & policies}
    assert area.verticalScrollBar().maximum() == 0 or area in reached  # type: ignore[attr-defined]
    assert {one for one in wanted if one.isEnabled() and type(one).__name__ != "Fixed"} <= reached


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


@pytest.mark.parametrize("percent", [100, 150, 200])
@pytest.mark.parametrize("page", [page.key for page in PAGES])
def test_nothing_is_cut_or_overlaps(page: str, percent: int, shown: Frame) -> None:
    """At the least size, with large text, in the usual and in the longest state."""
    shown.preferences.change(text_percent=percent)
    window = shown.settings(page)
    window.resize(820, 560)
    shown.settle()
    assert amiss(window) == []
    assert unnamed(window) == []


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("page", [page.key for page in PAGES])
def test_a_wordy_language_breaks_no_page(page: str, percent: int, here: Machine) -> None:
    with longer(), frame(here) as one:
        one.preferences.change(text_percent=percent)
        window = one.settings(page)
        window.resize(820, 560)
        one.settle()
        assert any(" lo" in one.accessibleName() for one in window.page.findChildren(QWidget))
        assert amiss(window) == []


# --- General


def general(shown: Frame) -> GeneralPage:
    page = shown.settings("general").page
    assert isinstance(page, GeneralPage)
    return page


def test_the_tray_and_the_look_change_at_once(shown: Frame, here: Machine) -> None:
    page, heard = general(shown), []
    shown.preferences.changed.connect(heard.append)
    QTest.keyClick(page.tray.segment("icon"), Qt.Key.Key_Right)
    QTest.keyClick(page.color.segment("mono"), Qt.Key.Key_Right)
    page.look.segment("dark").click()  # type: ignore[attr-defined]
    page.text_size.activated.emit(page.text_size.findData(150))
    QTest.keyClick(page.notices, Qt.Key.Key_Space)
    QTest.keyClick(page.repaired, Qt.Key.Key_Space)
    assert kept(here) == {
        "tray_figure": True,
        "tray_color": True,
        "notices": False,
        "repaired": False,
        "price_notices": True,
        "homes": {},
        "appearance": "dark",
        "text_percent": 150,
        "sources_off": [],
        "confirmed": [],
        "folders": {},
        "billing": {},
        "currency": None,
    }
    assert appearance().theme.ground == "dark"
    assert appearance().text_scale == 1.5
    assert [one.text_percent for one in heard][-1] == 150
    assert settings.load(here, Settings) == shown.preferences.now


def test_another_currency_holds_once_its_rate_is_typed(shown: Frame, here: Machine) -> None:
    """Chosen alone it changes nothing; with a rate every figure is in it; dollars take it back."""
    page = general(shown)
    assert not page.rate.rate_field.isVisible()
    page.currency.set_code("EUR")
    page.currency.activated.emit(page.currency.currentIndex())
    assert page.rate.rate_field.isVisible() and formats.money(NANO) == "$1.00"
    assert not (here.data / "settings.json").exists()
    page.rate.rate.setText("0,92")
    QTest.keyClick(page.rate.rate, Qt.Key.Key_Return)
    assert "is no rate" in page.trouble.accessibleName() and formats.money(NANO) == "$1.00"
    page.rate.rate.setText("0.92")
    QTest.keyClick(page.rate.rate, Qt.Key.Key_Return)
    assert kept(here)["currency"] == ["EUR", "0.92", "2026-11-24"]
    assert formats.money(NANO) == "€0.92" and formats.at_rate() == "at 0.92, Nov 24"
    page.rate.day.setDate(QDate(2026, 11, 1))
    assert formats.at_rate() == "at 0.92, Nov 1"
    page.currency.set_code("USD")
    page.currency.activated.emit(page.currency.currentIndex())
    assert kept(here)["currency"] is None and formats.money(NANO) == "$1.00"
    assert not page.rate.rate_field.isVisible()


def test_start_at_login_is_the_systems_own_word(shown: Frame, here: Machine) -> None:
    page = general(shown)
    assert not page.login.isChecked()
    QTest.keyClick(page.login, Qt.Key.Key_Space)
    assert autostart.is_on(here)
    autostart.switch(here, False)
    page.show_settings()
    assert not page.login.isChecked()


def test_what_cannot_be_stored_is_said_and_not_shown(shown: Frame, here: Machine) -> None:
    page = general(shown)
    shown.preferences.change(tray_figure=False)
    (here.data / "settings.json").unlink()
    (here.data / "settings.json").mkdir()
    QTest.keyClick(page.tray.segment("icon"), Qt.Key.Key_Right)
    assert page.tray.choice == "icon"
    assert "settings.json" in words_of(page)
    assert not shown.preferences.now.tray_figure


def test_inside_a_sandbox_login_is_not_offered(here: Machine) -> None:
    with frame(replace(here, environment={**here.environment, "FLATPAK_ID": "x"})) as one:
        page = general(one)
        assert not page.login.isEnabled()
        assert "Not available on this system." in words_of(page)


# --- Sources


def sources(shown: Frame) -> SourcesPage:
    page = shown.settings("sources").page
    assert isinstance(page, SourcesPage)
    return page


def test_what_was_not_found_is_folded_away_until_asked_for(shown: Frame) -> None:
    page = sources(shown)
    found = [line for line in page.lines if line.found]
    assert list(page.listed) == found and 0 < len(found) < len(page.lines)
    assert f"{len(page.lines) - len(found)} more" in page.more.text()
    page.more.click()
    assert page.listed == page.lines and page.more.isHidden()
    off = next(line.source for line in page.lines if not line.found)
    page._all_missing = False
    page.show_lines(tuple(line._replace(on=False, state="off") if line.source == off else line for line in page.lines))
    assert [line.source for line in page.listed] == [*(line.source for line in found), off]


def test_each_agent_has_its_row(shown: Frame) -> None:
    page = sources(shown)
    assert {line.source for line in page.lines} == set(BY_ID)
    first = next(line for line in page.lines if line.source == "claude_code")
    assert (first.files, first.calls, first.evidence, first.state) == (1, 1, "A", "reading")
    said = page.rows.box("claude_code").accessibleDescription()
    assert "~/.claude/projects" in said
    assert "1 call, last entry 15:41, evidence A, reading" in said
    assert "deletes its logs after 30 days." in words_of(page)
    assert "The numbers you have seen here are kept." in words_of(page)


def test_a_pause_says_what_it_may_lose(shown: Frame, here: Machine) -> None:
    save(here, Notes(paused=True, welcomed=True))
    assert "What it deletes before it is read is never counted." in words_of(sources(shown))


def test_a_switched_off_agent_is_not_read(shown: Frame, here: Machine) -> None:
    """Space on its box; what is chosen for reading lacks it, and what it wrote since stays unread."""
    page = sources(shown)
    QTest.keyClick(page.rows.box("codex"), Qt.Key.Key_Space)
    shown.settle()
    assert kept(here)["sources_off"] == ["codex"]
    assert next(line for line in page.lines if line.source == "codex").state == "off"
    now = shown.preferences.now
    read_from = chosen(now.sources_off, now.folders)
    assert [source.id for source in read_from] == [source.id for source in SOURCES if source.id != "codex"]
    write_second(second_log(here).with_name("rollout-2026-11-24T11-00-00-T2.jsonl"))
    write_first(first_log(here).with_name("S2.jsonl"))
    assert [one.found.source for one in pending(here, now)] == ["claude_code"]
    QTest.keyClick(page.rows.box("codex"), Qt.Key.Key_Space)
    assert kept(here)["sources_off"] == []
    assert len(pending(here, shown.preferences.now)) == 2


def test_an_unverified_agent_waits_for_a_word(shown: Frame, here: Machine) -> None:
    """Its row says so, its last session is shown to be compared, one click lets its calls count and another stops that."""
    case = FIXTURES / "opencode" / "files" / "home" / ".local" / "share" / "opencode"
    shutil.copytree(case, here.home / ".local" / "share" / "opencode")
    read(here)
    page = sources(shown)
    line = next(line for line in page.lines if line.source == "opencode")
    assert (line.state, line.withheld, line.calls) == ("unverified", 5, 5)
    assert "OpenCode: 5 calls wait for your word" in words_of(page)
    page._notice_action("confirm", line)
    shown.settle()
    assert kept(here)["confirmed"] == ["opencode"]
    read(here)  # as the ingest thread does when the choice has changed
    page.refresh()
    shown.settle()
    line = next(line for line in page.lines if line.source == "opencode")
    assert (line.state, line.withheld) == ("reading", 0)
    button = next(one for one in page.findChildren(QWidget) if one.accessibleName() == "Count OpenCode no more")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    shown.settle()
    assert kept(here)["confirmed"] == []


def pending(machine: Machine, now: Settings) -> list[Any]:
    connection = runtime.reader(machine)
    try:
        return survey(chosen(now.sources_off, now.folders), machine, Files.reading(connection))
    finally:
        connection.close()


def test_an_added_folder_is_recognized_read_and_removed(shown: Frame, here: Machine, tmp_path: Path) -> None:
    page = sources(shown)
    elsewhere = tmp_path / "backup" / "sessions"
    write_second(elsewhere / "rollout-2026-11-20T10-00-00-T9.jsonl")
    page.adding.take(str(elsewhere))
    shown.settle()
    assert kept(here)["folders"] == {"codex": [str(elsewhere)]}
    assert "1 file added" in words_of(page)
    assert [Path(one.found.path).parent for one in pending(here, shown.preferences.now)] == [elsewhere]
    line = next(line for line in page.lines if line.source == "codex")
    assert [one.path for one in line.folders if one.added] == [elsewhere]
    page.adding.take(str(elsewhere))
    shown.settle()
    assert "read already" in words_of(page)
    button = next(one for one in page.findChildren(QWidget) if one.accessibleName().startswith("Remove "))
    QTest.keyClick(button, Qt.Key.Key_Space)
    shown.settle()
    assert kept(here)["folders"] == {}
    assert pending(here, shown.preferences.now) == []


def test_a_folder_without_logs_is_refused(shown: Frame, here: Machine, tmp_path: Path) -> None:
    page = sources(shown)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "x.jsonl").write_text('{"no": "call"}\n')
    page.adding.take(str(tmp_path / "notes"))
    shown.settle()
    assert "No agent logs in notes" in words_of(page)
    assert not shown.preferences.now.folders


def test_adding_a_folder_switches_its_agent_on(shown: Frame, tmp_path: Path) -> None:
    page = sources(shown)
    shown.preferences.change(sources_off=("codex",))
    write_second(tmp_path / "more" / "rollout-2026-11-20T10-00-00-T9.jsonl")
    page.adding.take(str(tmp_path / "more"))
    shown.settle()
    assert shown.preferences.now.sources_off == ()


def test_whose_logs_lie_in_a_folder(here: Machine, tmp_path: Path) -> None:
    """By their content: both agents' files may bear the same names."""
    write_first(tmp_path / "a" / "projects" / "x" / "S5.jsonl")
    write_second(tmp_path / "b" / "rollout-x.jsonl")
    (tmp_path / "c").mkdir()
    found = [recognize(tmp_path / name, here) for name in "abc"]
    assert [one and one.source.id for one in found] == ["claude_code", "codex", None]
    assert is_covered(tmp_path / "a" / "projects", [tmp_path / "a"])
    assert not is_covered(tmp_path / "ab", [tmp_path / "a"])


def test_what_cannot_be_read_is_said(shown: Frame, here: Machine) -> None:
    """With what it does to the totals, and a report that holds nobody's names."""
    page = sources(shown)
    line = next(line for line in page.lines if line.source == "claude_code")
    broken = line._replace(
        state="problem",
        unreadable=((str(first_log(here)), "permission denied"),),
        unknown=(("usage_v2", 12),),
    )
    page.show_lines((broken, *page.lines[1:]))
    QApplication.processEvents()
    said = words_of(page)
    assert "1 file cannot be read" in said
    assert "permission denied" in said
    assert "12 entries of an unknown kind" in said
    assert amiss(shown.settings("sources")) == []
    button = next(one for one in page.findChildren(QWidget) if getattr(one, "text", str)() == "Copy report")
    QTest.keyClick(button, Qt.Key.Key_Space)
    copied = QGuiApplication.clipboard().text()
    assert json.loads(copied)["unknown_kinds"] == {"usage_v2": 12}
    assert str(here.home) not in copied
    assert copied == report(broken)


def test_a_changed_format_shows_its_places(machine: Machine) -> None:
    """Of logs that the readers read: the files and the kinds, once they are asked for."""
    here = with_logs(machine)
    strange = b'{"type":"usage-v2","timestamp":"2026-11-24T15:41:30.000Z","usage":{"input_tokens":1}}\n'
    with first_log(here).open("ab") as log:
        log.write(strange * 12)
    read(here)
    with frame(here) as shown:
        page = sources(shown)
        assert "12 entries of an unknown kind" in words_of(page) and "usage-v2" not in words_of(page)
        show = next(one for one in page.findChildren(QWidget) if getattr(one, "text", str)() == "Show the file")
        QTest.keyClick(show, Qt.Key.Key_Space)
        shown.settle()
        said = words_of(page).replace("\u200b", "")
        assert "~/.claude/projects/-home-me-app/S1.jsonl: 12 × usage-v2" in said and "Show the" not in said
        assert amiss(shown.settings("sources")) == []
        page.refresh()
        shown.settle()
        assert "usage-v2" in words_of(page)


def test_a_pause_and_an_agent_that_is_not_there(machine: Machine) -> None:
    machine = replace(machine, system="linux")
    write_first(first_log(machine))
    read(machine)
    connection = runtime.reader(machine)
    try:
        lines = look(connection, machine, Settings(), Notes(paused=True))
    finally:
        connection.close()
    assert [line.state for line in lines] == ["paused"] + ["missing"] * (len(SOURCES) - 1)


@pytest.mark.parametrize(("scale", "width"), [(1.0, 1000), (2.0, 1000), (2.0, 1800)])
def test_the_controls_of_a_page_stand_all_beside_or_all_below(shown: Frame, scale: float, width: int) -> None:
    appearance().set_text_scale(scale)
    window = shown.settings("general")
    window.resize(width, 900)
    shown.settle()
    pairs = [row.pair for row in window.page.findChildren(Row) if row.pair is not None and row.isVisible()]
    assert len(pairs) > 4
    assert {one.stacked for one in pairs} == {width < 1000 * scale - 200}


# --- Privacy


def privacy(shown: Frame) -> PrivacyPage:
    page = shown.settings("privacy").page
    assert isinstance(page, PrivacyPage)
    return page


def verdicts(page: PrivacyPage) -> list[str]:
    return [row.mark.accessibleDescription() for row in page.checks]


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_the_checks_tell_what_is_so(shown: Frame, here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """On this machine, with its live values; a tick stands only where something was tried."""
    monkeypatch.setattr(checks, "CLIENTS", frozenset())  # the tests themselves have loaded some
    page = privacy(shown)
    page.refresh()
    shown.settle()
    assert verdicts(page)[1:] == ["holds", "holds", "holds", "holds"]
    said = words_of(page)
    assert "0 sockets to the network" in said
    sockets, modules, files, columns = [row.value.text() for row in page.checks[1:]]
    assert (sockets, files, columns) == ("0 sockets", "2 files", f"0 of {len(KNOWN)} columns")
    assert modules == f"0 of {checks.modules().ours} modules"
    assert "2 files unchanged since they were read; 0 open for writing now." in said
    assert f"{len(KNOWN)} text columns" in said
    assert "owner-only (0700)" in said
    assert f'ss -tupn | grep "pid={os.getpid()},"' in said
    first_log(here).write_bytes(first_log(here).read_bytes() * 2)
    page.refresh()
    shown.settle()
    assert "1 file unchanged since they were read, 1 have grown or wait to be read" in words_of(page)


def test_what_this_system_does_not_tell_is_no_tick(shown: Frame) -> None:
    page = privacy(shown)
    unknown = Findings(
        None, None, checks.Modules(9, (), 90, (), ()), None, 2, 0, texts_of(shown.machine), checks.DataFolder(1, None)
    )
    page.show_findings(unknown)
    assert verdicts(page) == ["not tried", "not tried", "holds", "not tried", "holds"]
    assert words_of(page).count("not available on this system") == 3


def test_a_check_that_fails_says_so(shown: Frame) -> None:
    page = privacy(shown)
    found = Findings(
        "denied",
        2,
        checks.Modules(9, ("app.x",), 90, ("requests",), ()),
        checks.OpenLogs(1, 1),
        2,
        0,
        texts_of(shown.machine)._replace(unknown=("call.prompt",)),
        checks.DataFolder(1, 0o755),
    )
    page.show_findings(found)
    assert verdicts(page) == ["holds", "does not hold", "does not hold", "does not hold", "does not hold"]
    said = words_of(page)
    assert "app.x, requests" in said
    assert "call.prompt" in said
    assert "open to others (0755)" in said


def texts_of(machine: Machine) -> Any:
    connection = runtime.reader(machine)
    try:
        return texts(connection)
    finally:
        connection.close()


def test_every_text_column_has_a_purpose(here: Machine) -> None:
    """A new column is named in app/store/texts.py, or the privacy page says that it may hold anything."""
    found = texts_of(here)
    assert found.unknown == ()
    assert found.columns == len(KNOWN)
    assert 10 < found.longest < 4096
    connection = runtime.reader(here)
    connection.close()


def test_connections_are_read_from_the_system(tmp_path: Path) -> None:
    """Sockets of the process that stand in a table of the internet; a Unix one stands in none of them."""
    (tmp_path / "net").mkdir()
    (tmp_path / "fd").mkdir()
    row = "  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 {} 1 0 100 0\n"
    (tmp_path / "net/tcp").write_text("head\n" + row.format(4711) + row.format(4712))
    for number, target in enumerate(("socket:[4711]", "socket:[99]", "/dev/null")):
        (tmp_path / "fd" / str(number)).symlink_to(target)
    assert checks.connections(tmp_path) == 1
    assert checks.connections(tmp_path / "nowhere") is None


def test_refusal_is_what_the_system_tells(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    head = "Inter-|   Receive\n face |bytes\n"
    (tmp_path / "status").write_text("Name:\tx\nSeccomp:\t0\n")
    (tmp_path / "net/dev").write_text(head + "    lo: 1 2\n")
    assert checks.refusal(tmp_path) == "denied"
    (tmp_path / "net/dev").write_text(head + "    lo: 1 2\n  eth0: 1 2\n")
    assert checks.refusal(tmp_path) == "not restricted"
    (tmp_path / "status").write_text("Name:\tx\nSeccomp:\t2\n")
    assert checks.refusal(tmp_path) == "unknown"
    assert checks.refusal(tmp_path / "nowhere") is None


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_files_open_for_writing_are_seen(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("x")
    with open(tmp_path / "log"), open(tmp_path / "log", "a"):
        assert checks.open_logs([tmp_path]) == (1, 1)
    assert checks.open_logs([tmp_path]) == (0, 0)


def test_a_module_that_holds_network_code_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    import http.client

    planted = ModuleType("app.planted")
    planted.Connection = http.client.HTTPConnection  # type: ignore[attr-defined]
    assert "app.planted" not in checks.modules().holding
    monkeypatch.setitem(sys.modules, "app.planted", planted)
    assert "app.planted" in checks.modules().holding


@pytest.mark.parametrize(("system", "tool"), [("linux", "ss "), ("darwin", "lsof "), ("win32", "netstat ")])
def test_each_system_has_a_command_to_verify(system: str, tool: str, machine: Machine) -> None:
    said = checks.command(replace(machine, system=system))
    assert said.startswith(tool)
    assert str(os.getpid()) in said


# --- About


def test_about_tells_the_version_the_book_and_the_parts(shown: Frame) -> None:
    page = shown.settings("about").page
    assert isinstance(page, AboutPage)
    said = words_of(page)
    assert "Nov 21, 2026, 3 days old" in said
    assert "2,206 models" in said
    assert "no update check" in said
    assert list(page.parts) == list(about.PARTS)
    told = {name: row.accessibleDescription() for name, row in page.parts.items()}
    assert told["msgspec"].endswith(", BSD-3-Clause")
    assert all(len(one.split(", ")) == 2 and "not told" not in one and len(one) < 60 for one in told.values())


def test_an_old_book_is_said_in_the_color_of_a_warning(here: Machine) -> None:
    later = replace(here, clock=lambda: here.clock() + 90 * 86_400_000)
    with frame(later) as one:
        page = one.settings("about").page
        assert isinstance(page, AboutPage)
        assert "93 days old" in page.built.text()
        warning = appearance().theme.color("warnText")
        assert page.built.palette().windowText().color() == warning


def test_the_parts_are_those_that_are_shipped() -> None:
    import re
    import tomllib

    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    everywhere = {re.split(r"[<>=!;\s]", one)[0] for one in named if "win32" not in one}
    assert set(about.PARTS) == everywhere


@pytest.mark.parametrize(
    ("expression", "text", "said"),
    [
        ("MIT", None, "MIT"),
        (None, "MIT License\n\nCopyright (c) 2022", "MIT"),
        (None, "Apache-2.0", "Apache-2.0"),
        (None, None, ""),
    ],
)
def test_licenses_in_a_few_words(expression: str | None, text: str | None, said: str) -> None:
    assert about.license_of(expression, text) == said
