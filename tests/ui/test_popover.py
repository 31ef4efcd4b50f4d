"""The popover: what it says, how high it is, where it stands, its keys; and on real panels the way from a click to it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.diagnostics import KnownError
from app.machine import Machine
from app.model.meters import Deleting, Meters, Running
from app.model.trouble import Unreadable
from app.report.popover import LastDay, Plan, PopoverFacts, Window
from app.report.usual import Today, Usual
from app.runtime import Core
from app.ui.appearance import appearance
from app.ui.application import Openings, TrayApp
from app.ui.moments import clock, moment
from app.ui.notices import Notices, Notification
from app.ui.popover import MOST_HEIGHT, WIDTH, Popover, placed
from app.ui.popover_rows import Runs, SessionRow
from app.ui.preferences import preferences
from app.ui.tray_view import Action, Entry, Options, State, view
from app.ui.widgets.buttons import Button
from tests.builders import answer, lines, usage
from tests.patience import PATIENCE
from tests.ui.desk import Desk, missing, wait
from tests.ui.pages import first_log, read, with_logs
from tests.ui.test_end_to_end import Agent, Program, needs_trayer, needs_xfce

NOW = int(datetime(2026, 11, 20, 15, 42, tzinfo=UTC).timestamp() * 1000)
MINUTE = 60_000
DOLLAR = 1_000_000_000
FRIDAY = date(2026, 11, 20)
ALL = Options(windows=("overview", "sessions", "settings"), sessions=True)


def running(name: str = "atlas-api", context: int | None = 103_000, **more: Any) -> Running:
    """A session at 51 % with a warm cache."""
    values: dict[str, Any] = {
        "source": "claude_code",
        "session": name,
        "name": name,
        "project": f"/src/{name}",
        "branch": "feat/invoice-totals",
        "model": "claude-opus-4-6",
        "effort": "high",
        "last_at": NOW - 108_000,
        "cost": 7_600_000_000,
        "unpriced": 0,
        "context": context,
        "window": 200_000,
        "compacts_at": 184_000,
        "cache_until": NOW + 192_000,
        "cold_extra": 590_000_000,
    }
    return Running(**(values | more))


def rising(to: int) -> tuple[int, ...]:
    """A day that grows evenly."""
    return tuple(to * quarter // 96 for quarter in range(1, 97))


USUAL = Usual(rising(8 * DOLLAR), rising(12_780_000_000), rising(16 * DOLLAR), 20, True)
PLAN = Plan(
    "Codex",
    "",
    "plus",
    NOW - MINUTE,
    (Window(300, 34.0, NOW + 83 * MINUTE), Window(10_080, 58.2, NOW + 3 * 24 * 60 * MINUTE)),
    4_170_000_000,
)


def facts(*sessions: Running, **more: Any) -> PopoverFacts:
    """A day of $15.62 so far."""
    values: dict[str, Any] = {"today": 15_620_000_000, "calls": 40, "unpriced": 0, "label": "measured", "hourly": None}
    if more.get("paused") and "paused_until" not in more:
        values["deleting"] = (Deleting("Tidy", 30), Deleting("Later", 60))
    told = {key: more.pop(key) for key in ("plans", "last_day") if key in more}
    usual = more.pop("usual", USUAL)
    meters = Meters(at=NOW, running=sessions, **(values | more))
    return PopoverFacts(meters, Today(FRIDAY, rising(24 * DOLLAR)[:63], usual), zone=UTC, **told)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def ticking() -> Clock:
    return Clock()


@pytest.fixture
def popover(qtbot: QtBot, ticking: Clock) -> Iterator[Popover]:
    one = Popover(ticking, ALL, normal=False)
    one._area = lambda: QRect(0, 0, 1920, 1080)  # type: ignore[method-assign]  # the offscreen screen is 800 x 800
    qtbot.addWidget(one)
    yield one
    appearance().set_text_scale(1.0)


def show(popover: Popover, given: PopoverFacts) -> None:
    popover.set_facts(given)
    popover.open_at(QRect(1900, 10, 1, 1))
    QApplication.processEvents()


def texts(widget: QWidget) -> list[str]:
    """All words that are seen."""
    found: list[str] = []
    for one in widget.findChildren(QWidget):
        if not one.isVisible():
            continue
        if isinstance(one, Runs | QLabel) and one.text():
            found.append(one.text())
    return found


# What it says


def test_the_whole_cost_of_a_session_of_more_days_is_no_part_of_today(popover: Popover) -> None:
    show(popover, facts(running(of_more_days=True), running("parser", 36_000, cost=480_000_000)))
    said = texts(popover)
    assert "$7.60 in all" in said and "$0.48" in said and "$0.48 in all" not in said
    row = next(one for one in popover.findChildren(SessionRow) if one.key[1] != "parser")
    assert "$7.60 in all" in row.accessibleDescription()


def test_a_day_at_work(popover: Popover) -> None:
    """Everything of the mock-up that is known, in its words."""
    ledger = running("ledger-web", 182_000, source="codex", cache_until=None, compacts_at=204_000, model="gpt-5.6-sol")
    cold = running("parser", 36_000, cache_until=NOW - 1, effort=None, branch=None, cost=480_000_000)
    show(popover, facts(ledger, running(), cold, hourly=4_200_000_000, plans=(PLAN,)))
    said = texts(popover)
    for words in (
        "Today, Friday November 20",
        "$15.62",
        "$4.20 an hour, last 15 min",
        "Usually $8.39 by 15:45, $12.78 on a full weekday",
        "atlas-apifeat/invoice-totals",
        "$7.60",
        "103k of 200k · 52%",
        "Opus 4.6 · high",
        "Cache warm 3:12 · after that, next turn ≈ $0.59 more",
        "182k of 200k · 91%",
        "About 22k tokens before compaction.",
        "Cache lifetime not promised.",
        "parser",
        "36.0k of 200k · 18%",
        "Opus 4.6",
        "Cache expired; next turn ≈ $0.59 more",
        "Codex planPlus",
        "from the log, 1 min ago",
        "5 hours",
        "34%",
        "resets 17:05",
        "Week",
        "58%",
        "resets Mon 15:42",
        "Of today, $4.17 is list-price value on the plan",
    ):
        assert words in said, (words, said)


@pytest.mark.parametrize(
    ("given", "words", "absent"),
    [
        (facts(running(), usual=None), [], ["Usually"]),
        (facts(running(), usual=USUAL._replace(weekday=False)), ["on a full weekend day"], []),
        (facts(running(), unpriced=41), ["≥ $15.62", "41 calls have no price."], []),
        (facts(running(), unpriced=1), ["1 call has no price."], []),
        (facts(running(), label="estimated"), ["≈ $15.62"], []),
        (facts(running(), at_least=True), ["≥ $15.62"], ["no price"]),
        (
            facts(running(), hourly=4_200_000_000, behind_since=NOW - 22 * MINUTE),
            ["Today, Friday November 20as of 15:20"],
            ["an hour"],
        ),
        (facts(running(), behind_since=NOW - 9 * MINUTE), ["Today, Friday November 20"], ["as of"]),
        (facts(today=0, unpriced=40, usual=None), ["no price"], ["$"]),
        (facts(), ["No agent is running."], ["Cache"]),
        (facts(running(context=None)), ["Context not known"], []),
        (facts(running(window=None, compacts_at=None)), ["103k tokens"], ["%"]),
        (facts(running(context_label="estimated")), ["≈ 103k of 200k · 52%"], []),
        (facts(running(context=183_500)), ["Compaction may come at any turn.", "Cache warm 3:12"], ["0.59"]),
        (facts(running(cold_extra=None)), ["Cache warm 3:12"], ["after that"]),
        (facts(running(cold_extra=None, cache_until=NOW)), ["Cache expired"], ["next turn"]),
        (facts(running(), reading=(214, 562)), ["Reading history: 214 of 562 files"], []),
        (facts(running(), reading=(0, 0)), ["Reading history"], [" of 0"]),
        (facts(today=0, calls=0, reading=(0, 9)), ["–"], ["$0.00", "No agent"]),
        (facts(today=0, calls=0, usual=None), ["$0.00", "Nothing to count yet"], ["No agent"]),
        (
            facts(today=0, calls=0, last_day=LastDay(date(2026, 11, 19), 13_330_000_000, 0, 6)),
            ["No agent has written today", "Yesterday: $13.33 in 6 sessions."],
            [],
        ),
        (
            facts(today=0, calls=0, last_day=LastDay(date(2026, 11, 12), 13_330_000_000, 2, 1)),
            ["Thu Nov 12: ≥ $13.33 in 1 session."],
            [],
        ),
        (
            facts(running(), problems=(Unreadable("X", 1, "/a/b: Permission denied"), "Two.")),
            ["A log of X can't be read", "/a/b: Permission denied. 1 more."],
            ["("],
        ),
        (
            facts(running(), problems=("The price book can't be read. Install Cuenta again.",)),
            ["The price book can't be read.", "Install Cuenta again."],
            [],
        ),
        (
            facts(running(), paused=True),
            ["Logs are read again when you resume.", "Tidy deletes its logs after 30 days"],
            ["Later"],
        ),
        (facts(running(), paused=True, paused_until=NOW + 60 * MINUTE), ["Paused until 16:42"], ["Tidy"]),
        (facts(running(), plans=(PLAN._replace(today=0, seen_at=NOW, plan=None),)), ["just now"], ["list-price"]),
    ],
)
def test_states(popover: Popover, given: PopoverFacts, words: list[str], absent: list[str]) -> None:
    """What is not known or not so is not there, not even gray."""
    show(popover, given)
    said = texts(popover)
    for one in words:
        assert any(one in line for line in said), (one, said)
    for one in absent:
        assert not any(one in line for line in said), (one, said)


def test_it_follows_the_meters(popover: Popover) -> None:
    """A session keeps its row, and with it the focus, when another becomes fuller."""
    one, other = running("one"), running("other", 50_000)
    show(popover, facts(one, other))
    popover._rows["claude_code", "other"].setFocus(Qt.FocusReason.TabFocusReason)
    popover.set_facts(facts(other._replace(context=150_000), one, today=16 * DOLLAR))
    QApplication.processEvents()
    assert "$16.00" in texts(popover)
    rows = sorted((row for row in popover.findChildren(SessionRow) if row.isVisible()), key=lambda row: row.y())
    assert [row.key[1] for row in rows] == ["other", "one"]
    assert popover.focusWidget() is rows[0]
    popover.set_facts(facts(one))
    QApplication.processEvents()
    assert [row.key[1] for row in popover.findChildren(SessionRow) if row.isVisible()] == ["one"]


def test_the_countdown_ticks_only_while_it_is_open(popover: Popover, ticking: Clock, qtbot: QtBot) -> None:
    """And only as long as there is something to count."""
    popover.set_facts(facts(running()))
    assert not popover._ticking.isActive()
    show(popover, facts(running()))
    assert popover._ticking.isActive()
    assert popover._ticking.interval() == 1_000
    ticking.now += 2_000
    popover._tick()
    assert any("Cache warm 3:10" in line for line in texts(popover))
    ticking.now += 5 * MINUTE
    popover._tick()
    assert any("Cache expired" in line for line in texts(popover))
    assert not popover._ticking.isActive()
    show(popover, facts(running(cache_until=NOW + 60 * MINUTE)))
    popover.close()
    assert not popover._ticking.isActive()


# Size and place


def test_sessions_beyond_four_are_a_number(popover: Popover, qtbot: QtBot) -> None:
    """Fullest first, as the meters give them."""
    show(popover, facts(*(running(f"s{number}") for number in range(6))))
    assert sum(row.isVisible() for row in popover.findChildren(SessionRow)) == 4
    assert popover._more.text() == "2 more"
    with qtbot.waitSignal(popover.open_window) as asked:
        popover._more.click()
    assert asked.args == ["sessions"]
    assert popover.height() <= MOST_HEIGHT


@pytest.mark.parametrize("percent", [100, 150, 200])
@pytest.mark.parametrize("count", [0, 1, 3, 6])
def test_it_fits(popover: Popover, percent: int, count: int) -> None:
    """As wide as the design says, never higher than its limit or the screen, nothing outside its parent."""
    appearance().set_text_scale(percent / 100)
    given = facts(
        *(running(f"session-{number}-with-a-long-name-that-goes-on", 182_000, unpriced=3) for number in range(count)),
        hourly=1_284 * DOLLAR,
        unpriced=41,
        plans=(PLAN,),
    )
    show(popover, given)
    theme = appearance().theme
    assert popover.width() == theme.px(WIDTH)
    assert popover.height() <= min(theme.px(MOST_HEIGHT), 1080)
    for one in popover.findChildren(QWidget):
        parent = one.parentWidget()
        if one.isVisible() and parent is not None and parent is not popover._scroll.viewport() and not one.isWindow():
            assert parent.rect().contains(one.geometry()), (one, one.geometry(), parent, parent.rect())
    for one in (popover._spent, popover._rate, *popover.findChildren(SessionRow)):
        if isinstance(one, Runs):
            assert one.width() >= one.sizeHint().width()
        elif one.isVisible():
            assert one.height() >= one.sizeHint().height()


def test_sentences_of_any_length_fit(popover: Popover, qtbot: QtBot) -> None:
    """A box that just fits must not be narrowed by a bar that it does not need, and a long one has all of its lines."""
    sessions = [running(f"s{number}") for number in range(3)]
    show(popover, facts(*sessions, plans=(PLAN,), paused=True, paused_until=NOW + 60 * MINUTE))
    popover.set_facts(facts(*sessions, plans=(PLAN,), paused=True))
    popover.set_facts(facts(*sessions, plans=(PLAN,), problems=(Unreadable("X", 1, "/folder" * 30),)))
    popover.set_facts(facts(*sessions, plans=(PLAN,), paused=True, paused_until=NOW + 60 * MINUTE))
    # Layouts settle over several rounds of events.
    qtbot.waitUntil(lambda: popover._body.height() <= popover._scroll.viewport().height())
    assert not popover._scroll.verticalScrollBar().isVisible()
    for one in popover._notice.findChildren(QLabel):
        if one.isVisible() and one.text():
            assert one.height() >= one.heightForWidth(one.width())


class Longer(QTranslator):
    """Plays a language whose sentences are 40 % longer."""

    def translate(self, context: str, source: str, note: str | None = None, count: int = -1) -> str:
        return source + " " + "x" * max(1, len(source) * 2 // 5 - 1)

    def isEmpty(self) -> bool:
        return False


def test_a_model_without_a_price_leads_to_the_prices(popover: Popover, qtbot: QtBot) -> None:
    show(popover, facts(running(), unpriced=1, no_price=("house-coder-2",)))
    assert popover._notice.accessibleName() == "house-coder-2 has no price"
    button = next(one for one in popover._notice.findChildren(Button) if one.text() == "Add a price…")
    with qtbot.waitSignal(popover.open_settings, check_params_cb=lambda page: page == "prices"):
        QTest.keyClick(button, Qt.Key.Key_Space)


def test_trouble_leads_to_the_sources(popover: Popover, qtbot: QtBot) -> None:
    show(popover, facts(running(), problems=(Unreadable("X", 1, "a: b"),)))
    button = next(one for one in popover._notice.findChildren(Button) if one.text() == "Show sources")
    button.setFocus()
    popover.set_facts(facts(running(), problems=(Unreadable("X", 1, "a: b"),)))
    assert button.isVisible()  # another reading takes the keyboard away from nobody
    QTest.keyClick(button, Qt.Key.Key_Tab)
    assert isinstance(popover.focusWidget(), SessionRow)
    with qtbot.waitSignal(popover.open_settings, check_params_cb=lambda page: page == "sources"):
        QTest.keyClick(button, Qt.Key.Key_Space)
    assert not popover.isVisible()
    show(popover, facts(running(), paused=True))
    assert not [one for one in popover._notice.findChildren(Button) if one.isVisible()]


def test_a_long_path_stays_inside(popover: Popover) -> None:
    """What has no space to break at made the body wider than the popover, and cut every row at its right."""
    path = "~/.codex/sessions/2026/11/27/rollout-2026-11-27T14-02-11-0199a1c2-7f3e-7d10-9b7a-3f2d5c8e1a40.jsonl.zst"
    show(popover, facts(running(), problems=(Unreadable("Codex", 1, f"{path}: damaged zstd data"),)))
    assert popover._body.width() == popover._scroll.viewport().width()
    assert popover._notice.accessibleDescription() == f"{path}: damaged zstd data."


def test_longer_sentences_break_nothing(qtbot: QtBot, ticking: Clock) -> None:
    """Width stays, and what has no room is wrapped or cut with …, never beyond its parent."""
    longer = Longer()
    QApplication.installTranslator(longer)
    try:
        one = Popover(ticking, ALL, normal=False)
        one._area = lambda: QRect(0, 0, 1920, 1080)  # type: ignore[method-assign]
        qtbot.addWidget(one)
        sessions = (running(), running("near", 182_000), running("cold", cache_until=NOW - 1))
        show(one, facts(*sessions, hourly=4 * DOLLAR, unpriced=41, plans=(PLAN,)))
        assert any("xxx" in words for words in texts(one))
        assert one._body.minimumSizeHint().width() <= one._scroll.viewport().width()
        for part in one.findChildren(QWidget):
            parent = part.parentWidget()
            if part.isVisible() and parent is not None and parent is not one._scroll.viewport() and not part.isWindow():
                assert parent.rect().contains(part.geometry()), (part, part.geometry(), parent.rect())
    finally:
        QApplication.removeTranslator(longer)


def test_no_scroll_bar_unless_nothing_else_helps(popover: Popover) -> None:
    """A plan and four sessions: sessions give way first."""
    show(popover, facts(*(running(f"s{number}") for number in range(4)), plans=(PLAN,), unpriced=4))
    assert popover.height() <= MOST_HEIGHT
    assert not popover._scroll.verticalScrollBar().isVisible()
    assert popover._more.text() in ("1 more", "2 more")


SCREEN = QRect(0, 32, 1920, 1048)
SIZE = QSize(396, 600)


@pytest.mark.parametrize(
    ("anchor", "corner"),
    [
        (QRect(1200, 5, 22, 22), (1012, 40)),  # a panel above: below the icon, centered on it
        (QRect(1890, 40, 22, 22), (1516, 70)),  # at the right end: kept on the screen
        (QRect(2, 1060, 1, 1), (8, 452)),  # below: above the pointer
        (QRect(-50, -50, 1, 1), (8, 40)),
        (QRect(5000, 5000, 1, 1), (1516, 472)),
    ],
)
def test_place(anchor: QRect, corner: tuple[int, int]) -> None:
    """Beside the icon, wherever there is more room, never over the edge."""
    assert placed(SIZE, anchor, SCREEN) == QPoint(*corner)


def test_a_screen_that_is_too_small() -> None:
    """Its upper left corner is seen in any case."""
    assert placed(SIZE, QRect(10, 10, 1, 1), QRect(0, 0, 320, 240)) == QPoint(0, 0)


# Keys and screen readers


def test_keys(popover: Popover, qtbot: QtBot) -> None:
    """Arrows and Tab walk the sessions, Enter opens what has the focus, without one the overview; Esc closes."""
    show(popover, facts(running("one"), running("two")))
    QTest.keyClick(popover, Qt.Key.Key_Down)
    first = popover.focusWidget()
    assert isinstance(first, SessionRow)
    assert first.key[1] == "one"
    QTest.keyClick(first, Qt.Key.Key_Down)
    second = popover.focusWidget()
    assert isinstance(second, SessionRow)
    with qtbot.waitSignal(popover.open_session) as asked:
        QTest.keyClick(second, Qt.Key.Key_Return)
    assert asked.args == ["claude_code", "two"]
    assert not popover.isVisible()

    show(popover, facts(running("one")))
    with qtbot.waitSignal(popover.open_window) as window:
        QTest.keyClick(popover, Qt.Key.Key_Return)
    assert window.args == ["overview"]
    for key, name in ((Qt.Key.Key_1, "overview"), (Qt.Key.Key_2, "sessions"), (Qt.Key.Key_Comma, "settings")):
        show(popover, facts(running("one")))
        with qtbot.waitSignal(popover.open_window) as window:
            QTest.keyClick(popover, key, Qt.KeyboardModifier.ControlModifier)
        assert window.args == [name]
    show(popover, facts(running("one")))
    QTest.keyClick(popover, Qt.Key.Key_Escape)
    assert not popover.isVisible()


def test_everything_can_be_reached_by_tab(popover: Popover) -> None:
    """In the order in which it is read."""
    show(popover, facts(*(running(f"s{number}") for number in range(5))))
    seen: list[str] = []
    for _ in range(7):
        QTest.keyClick(popover.focusWidget() or popover, Qt.Key.Key_Tab)
        one = popover.focusWidget()
        assert one is not None
        seen.append(one.key[1] if isinstance(one, SessionRow) else one.text())  # type: ignore[attr-defined]
    assert seen == ["s0", "s1", "s2", "s3", "1 more", "Pause", "Overview"]
    assert all(one.height() >= 24 for one in (popover._pause, popover._overview, popover._more))


def test_pause_and_resume(popover: Popover, qtbot: QtBot) -> None:
    """Pause asks for how long; Resume does not."""
    show(popover, facts(running()))
    popover._pause.click()
    assert [action.text() for action in popover._pauses.actions()] == ["Pause for 1 hour", "Pause until resumed"]
    with qtbot.waitSignal(popover.acted) as asked:
        popover._pauses.actions()[0].trigger()
    assert asked.args == ["pause-hour"]
    popover._pauses.close()
    popover.set_facts(facts(running(), paused=True))
    assert popover._pause.text() == "Resume"
    with qtbot.waitSignal(popover.acted) as asked:
        popover._pause.click()
    assert asked.args == ["resume"]


def test_nothing_is_offered_that_does_not_exist(qtbot: QtBot) -> None:
    """Without windows no Overview, and a session's row can't be pressed."""
    one = Popover(lambda: NOW, Options(), normal=False)
    qtbot.addWidget(one)
    show(one, facts(running(), running("b"), running("c"), running("d"), running("e")))
    assert not one._overview.isVisible()
    with qtbot.assertNotEmitted(one.open_session), qtbot.assertNotEmitted(one.open_window):
        QTest.mouseClick(one._rows["claude_code", "b"], Qt.MouseButton.LeftButton)
        QTest.keyClick(one, Qt.Key.Key_Return)
        one._more.click()
    assert one.isVisible()


def test_a_screen_reader_hears_all_of_a_session(popover: Popover, ticking: Clock) -> None:
    """And not the seconds."""
    show(popover, facts(running("ledger-web", 182_000, compacts_at=204_000)))
    row = popover._rows["claude_code", "ledger-web"]
    heard = row.accessibleDescription()
    assert row.accessibleName() == "ledger-web feat/invoice-totals"
    assert heard == (
        "Claude Code. $7.60. Context 182 thousand of 200 thousand tokens, 91 percent. Opus 4.6 · high."
        " About 22k tokens before compaction. Cache warm, after that, next turn ≈ $0.59 more."
    )
    spoken = {one: (one.accessibleName(), one.accessibleDescription()) for one in row.findChildren(Runs)}
    ticking.now += 1_000
    popover._tick()
    assert row.accessibleDescription() == heard
    assert {one: (one.accessibleName(), one.accessibleDescription()) for one in row.findChildren(Runs)} == spoken
    assert popover._spent.accessibleDescription() == "15 dollars 62"
    assert all(one.accessibleName() for one in popover.findChildren(Runs) if one.isVisible())


def test_a_screen_reader_hears_how_sure_a_sum_is(popover: Popover) -> None:
    show(popover, facts(running(), unpriced=2, hourly=4 * DOLLAR, hourly_at_least=True))
    assert popover._spent.accessibleDescription() == "at least 15 dollars 62"
    assert popover._curve.accessibleDescription().startswith("at least 15 dollars 62 so far.")
    assert popover._rate.text().startswith("≥ $4.00 an hour")
    assert popover._rate.accessibleDescription().startswith("at least 4 dollars an hour")
    assert popover._certainty.isVisible()
    show(popover, facts(running(), today=0, unpriced=40))
    assert "no price" in texts(popover) and not popover._certainty.isVisible()


def test_one_click_does_one_thing(popover: Popover) -> None:
    """The click that closes a popup is told to the icon, too; and some hosts tell of a click twice."""
    icon = QRect(1900, 10, 22, 22)
    popover.opened.connect(lambda: popover.set_facts(facts(running())))
    popover.toggle(icon)
    popover.toggle(icon)
    assert popover.isVisible()

    QTest.mousePress(popover, Qt.MouseButton.LeftButton, pos=popover.mapFromGlobal(icon.center()))
    assert not popover.isVisible()
    popover.toggle(icon)
    assert not popover.isVisible()

    assert popover._pressed is not None
    popover._pressed = popover._pressed[0] - 1, popover._pressed[1]
    popover.toggle(icon)
    assert popover.isVisible()
    QTest.mousePress(popover, Qt.MouseButton.LeftButton, pos=popover.mapFromGlobal(QPoint(3, 900)))
    assert not popover.isVisible()
    popover.toggle(icon)  # a new click, however soon
    assert popover.isVisible()
    popover._opened_at -= 1
    popover.toggle(icon)
    assert not popover.isVisible()


def test_a_normal_window_where_nothing_can_be_placed(qtbot: QtBot) -> None:
    """As on Wayland."""
    one = Popover(lambda: NOW, ALL, normal=True)
    qtbot.addWidget(one)
    show(one, facts(running()))
    assert one.windowType() is Qt.WindowType.Window
    assert one.windowTitle() == "Cuenta"
    QTest.keyClick(one, Qt.Key.Key_Escape)
    assert not one.isVisible()


def test_light_and_dark(popover: Popover) -> None:
    """Its ground is the theme's, at once."""
    show(popover, facts(running()))
    look = appearance()
    try:
        for choice in ("dark", "light"):
            look.choose(choice)  # type: ignore[arg-type]
            QApplication.processEvents()
            picture = popover.grab().toImage()
            assert picture.pixelColor(picture.width() // 2, 6) == look.theme.color("surface")
            assert picture.pixelColor(40, picture.height() - 6) == look.theme.color("window")
    finally:
        look.choose("system")


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (83 * MINUTE, "17:05"),
        (17 * 60 * MINUTE, "Sat 08:42"),
        (3 * 1440 * MINUTE, "Mon 15:42"),
        (8 * 1440 * MINUTE, "Nov 28"),
    ],
)
def test_when(ahead: int, words: str) -> None:
    assert moment(NOW + ahead, NOW, UTC) == words


def test_times_of_another_locale(qapp: QGuiApplication) -> None:
    assert clock(NOW, UTC, "en_GB") == "15:42"
    assert "3:42" in clock(NOW, UTC, "en_CA")
    assert moment(NOW + 3 * 1440 * MINUTE, NOW, UTC, "de") == "Mo 15:42"
    assert moment(NOW + 3 * 1440 * MINUTE, NOW, UTC, "es") == "lun 15:42"


# What leads to it, and from it


class FakeCore:
    """A Core that says one thing."""

    def __init__(self, given: PopoverFacts) -> None:
        self.given = given
        self.done: list[str] = []
        self.problem: str | None = None

    def start(self, notify: Any) -> None: ...

    def stop(self) -> None: ...

    def meters(self) -> Meters:
        return self.given.meters

    def behind(self) -> bool:
        return False

    def pause(self, until: int | None) -> None:
        self.done.append(f"pause {until}")

    def resume(self) -> None:
        self.done.append("resume")

    def choose(self, now: Any) -> None:
        self.done.append("choose")

    def warn(self, problem: str | None) -> None:
        self.problem = problem


class Opened(list[str]):
    """Plays the windows: notes what was asked for."""

    def open(self, key: str, wish: str = "") -> None:
        self.append(f"{key} {wish}".strip())

    def open_session(self, source: str, session: str) -> None:
        self.append(f"{source} {session}")

    def warm_up(self) -> None: ...

    def shut_down(self) -> None: ...


def tray_app(
    core: FakeCore, machine: Machine, windows: Opened | None = None, notices: Notices | None = None
) -> TrayApp:
    openings = Openings(lambda: core.given, windows is not None)
    app = TrayApp(core, machine, ALL if windows is not None else Options(), openings=openings, notices=notices)
    app._windows = windows  # type: ignore[assignment]
    return app


@pytest.fixture
def machine_here(tmp_path: Path) -> Machine:
    return Machine(tmp_path, clock=lambda: NOW, data=tmp_path / "data")


def test_a_window_is_opened_by_whoever_has_it(qtbot: QtBot, machine_here: Machine) -> None:
    """Menu, popover and second start ask the same callables; the popover shows fresh facts and acts on the core."""
    core, asked = FakeCore(facts(running())), Opened()
    app = tray_app(core, machine_here, asked)
    app._choose(Entry("Sessions", Action.OPEN, ("sessions",)))
    app._choose(Entry("atlas-api, 51%, $7.60", Action.SESSION, ("codex", "abc")))
    app.wake()
    app._notified = Notification("a has no price", "", page="prices")
    app._answered()
    app._notified = Notification("a: context 91%", "", "codex", "def")
    app._answered()
    assert asked == ["sessions", "codex abc", "overview", "settings prices", "codex def"]
    app._the_popover().open_at(QRect(10, 10, 1, 1))
    qtbot.waitUntil(lambda: "$15.62" in texts(app._the_popover()))
    core.given = facts(running(), today=16 * DOLLAR)
    app._show(core.meters())
    qtbot.waitUntil(lambda: "$16.00" in texts(app._the_popover()))
    app._the_popover().acted.emit("pause-hour")
    app._the_popover().acted.emit("resume")
    assert core.done == [f"pause {NOW + 60 * MINUTE}", "resume"]
    app._the_popover().open_session.emit("codex", "xyz")
    assert asked[-1] == "codex xyz"
    app.shut_down()
    assert not app._the_popover().isVisible()


def test_what_is_known_is_shown_at_once(qtbot: QtBot, machine_here: Machine) -> None:
    """The usual day rests on eight weeks of calls: the popover opens before they are read."""
    core, gate = FakeCore(facts(running())), threading.Event()

    def slow() -> PopoverFacts:
        gate.wait(5)
        return core.given

    app = TrayApp(core, machine_here, ALL, openings=Openings(slow))
    app._show(core.meters())
    app._the_popover().open_at(QRect(10, 10, 1, 1))
    assert "$15.62" in texts(app._the_popover()) and not app._the_popover()._usual.isVisible()
    gate.set()
    qtbot.waitUntil(lambda: app._the_popover()._usual.isVisible())
    app.shut_down()


def test_all_surfaces_show_what_another_process_read(qtbot: QtBot, machine: Machine) -> None:
    """A Core that was never started reads no log, as while it is paused."""
    core = Core(with_logs(machine))
    app = TrayApp(core, core.machine, ALL, openings=Openings(core.popover, True))
    app._the_windows()
    qtbot.waitUntil(lambda: app._meters is not None)
    shown = [app._view.menu[0].text]
    surfaces: list[Callable[[], object]] = [
        lambda: app._the_windows().context.ask(lambda _: None, lambda _: None, app),
        lambda: app._the_popover().open_at(QRect(10, 10, 1, 1)),
    ]
    try:
        for number, surface in enumerate(surfaces):
            line = answer(f"n{number}", f"r{number}", usage(0, 100_000), at="2026-11-24T15:41:30.000Z")
            with first_log(core.machine).open("ab") as log:
                log.write(lines(line))
            read(core.machine)
            assert app._view.menu[0].text == shown[-1]
            surface()
            qtbot.waitUntil(lambda: app._view.menu[0].text != shown[-1])
            shown.append(app._view.menu[0].text)
            if app._the_popover().isVisible():
                qtbot.waitUntil(lambda: shown[-1].removesuffix(" today") in texts(app._the_popover()))
            app._the_popover().close()
    finally:
        app.shut_down()


def test_without_windows_a_second_start_opens_the_popover(qapp: QApplication, machine_here: Machine) -> None:
    core = FakeCore(facts(running()))
    app = tray_app(core, machine_here)
    app.wake()
    assert app._the_popover().isVisible()
    app.shut_down()


def test_what_is_chosen_in_the_settings_holds_at_once(qapp: QApplication, machine_here: Machine) -> None:
    """The figure in the tray, its color, and whether notices are shown."""
    core, notices = FakeCore(facts(running())), Notices()
    app = tray_app(core, machine_here, Opened(), notices)
    app._show(core.meters())
    assert app._view.figure is None
    app._the_popover()
    preferences(machine_here).change(tray_figure=True, notices=False)
    app._show(core.meters())
    assert app._view.figure == "15"
    assert not notices.on
    app.shut_down()


def test_a_file_of_settings_damaged_meanwhile_is_told_and_the_click_still_opens(
    qapp: QApplication, machine_here: Machine
) -> None:
    """The usual values hold, what was switched off stays off, and nobody writes over the file."""
    path = machine_here.data / "settings.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    core = FakeCore(facts(running()))
    app = tray_app(core, machine_here, Opened())
    app.wake()
    app._clicked()
    app._the_popover()
    assert core.problem is not None and "settings.json is damaged" in core.problem
    with pytest.raises(KnownError):
        preferences(machine_here).change(notices=False)
    preferences(machine_here).again()
    assert "choose" not in core.done and path.read_text() == "{"
    path.write_text('{"tray_figure": true}')
    preferences(machine_here).again()
    assert core.problem is None and "choose" in core.done and app._options.figure
    app.shut_down()


SEVERAL = facts(running("one", 182_000), running("two"))


def test_the_menu_offers_what_there_is() -> None:
    """Windows with their keys, and running sessions that open; without windows neither."""
    menu = view(SEVERAL.meters, ALL).menu
    assert [(one.text, one.action, one.target, one.keys) for one in menu] == [
        ("$15.62 today", None, (), ""),
        ("one, 91%, $7.60", Action.SESSION, ("claude_code", "one"), ""),
        ("two, 52%, $7.60", Action.SESSION, ("claude_code", "two"), ""),
        ("", None, (), ""),
        ("Overview", Action.OPEN, ("overview",), "Ctrl+1"),
        ("Sessions", Action.OPEN, ("sessions",), "Ctrl+2"),
        ("", None, (), ""),
        ("Pause for 1 hour", Action.PAUSE_HOUR, (), ""),
        ("Pause until resumed", Action.PAUSE, (), ""),
        ("", None, (), ""),
        ("Settings…", Action.OPEN, ("settings",), "Ctrl+,"),
        ("Quit", Action.QUIT, (), "Ctrl+Q"),
    ]
    assert Action.OPEN not in [one.action for one in view(SEVERAL.meters, Options(sessions=True)).menu]
    many = facts(*(running(f"s{number}") for number in range(40))).meters
    assert len(view(many, ALL).menu) == 16


@pytest.mark.parametrize(
    ("given", "state", "line"),
    [
        (facts(running(context=151_999, compacts_at=167_000)), State.LIVE, None),
        (facts(running(context=152_000, compacts_at=167_000)), State.NEAR, "About 15k tokens before compaction."),
        (facts(running(context=183_500)), State.NEAR, "Compaction may come at any turn."),
        (facts(running(context=160_000, compacts_at=None)), State.NEAR, None),
        (
            facts(
                running("wide", 790_000, window=1_000_000, compacts_at=967_000),
                running("tight", 153_000, compacts_at=167_000),
            ),
            State.NEAR,
            "tight: about 14k tokens before compaction.",
        ),
        (
            facts(running(), paused=True),
            State.PAUSED,
            "Cuenta is paused. Logs are read again when you resume."
            " Tidy deletes its logs after 30 days; what it deletes meanwhile is never counted.",
        ),
        (
            facts(running(), paused=True, paused_until=NOW + 60 * MINUTE),
            State.PAUSED,
            "Cuenta is paused. Logs are read again when you resume.",
        ),
    ],
)
def test_the_third_line_of_the_tooltip(given: PopoverFacts, state: State, line: str | None) -> None:
    """What a notification would say, for those who have none; and what a long pause may lose."""
    shown = view(given.meters, ALL)
    assert shown.state is state
    assert (shown.tooltip[2] if len(shown.tooltip) > 2 else None) == line
    assert line is None or line in shown.description


# On real panels

on_screen = pytest.mark.skipif(missing() is not None, reason=missing() or "")
ACCENT = (0x0B, 0x64, 0x70)
"""Of the light theme: the gauge, the day's curve."""


def accents(desk: Desk, window: str) -> int:
    """Pixels of the window in the accent color; they grow with the gauge."""
    path = desk.folder / "window.png"
    path.unlink(missing_ok=True)
    desk.run("import", "-window", window, str(path))
    if not path.exists():
        return 0
    with Image.open(path) as picture:
        raw = picture.convert("RGB").tobytes()
    return sum(raw[at : at + 3] == bytes(ACCENT) for at in range(0, len(raw), 3))


def popovers(desk: Desk) -> list[str]:
    """Visible windows of the popover's width."""
    found: list[str] = []
    for one in desk.windows():
        shape = desk.run("xdotool", "getwindowgeometry", "--shell", one)
        if f"WIDTH={WIDTH}\n" in shape:
            found.append(one)
    return found


def _open_and_append(desk: Desk, agent: Agent, program: Program) -> None:
    """A click opens it, a line in the log makes its gauge longer, a click outside closes it, and Esc does."""
    agent.answer(cache_read=20_000)
    process = program.start()
    box = desk.wait_icon("live")
    desk.click(box)
    (window,) = wait(lambda: popovers(desk), "the popover")
    before = wait(lambda: accents(desk, window), "its gauge")

    agent.answer(cache_read=150_000, output=7_000)
    wait(lambda: accents(desk, window) > before + 300, "the longer gauge")
    stored = json.loads(program.ask("report", "--json"))
    assert stored["total"]["cost_nanousd"] == 285_000_000

    desk.run("xdotool", "mousemove", "40", "500", "click", "1")
    wait(lambda: not popovers(desk), "the popover to close")
    desk.click(box)
    wait(lambda: popovers(desk), "the popover again")
    desk.run("xdotool", "key", "Escape")
    wait(lambda: not popovers(desk), "the popover to close by Esc")
    process.terminate()
    assert process.wait(PATIENCE) == 0


@pytest.fixture
def agent(desk: Desk) -> Agent:
    return Agent(desk)


@pytest.fixture
def program(desk: Desk) -> Program:
    return Program(desk)


@on_screen
@needs_xfce
def test_on_a_status_notifier_panel(desk: Desk, agent: Agent, program: Program) -> None:
    desk.window_manager()
    desk.xfce_panel()
    _open_and_append(desk, agent, program)


@on_screen
@needs_trayer
def test_on_an_xembed_tray(desk: Desk, agent: Agent, program: Program) -> None:
    desk.window_manager()
    desk.trayer()
    _open_and_append(desk, agent, program)


@on_screen
@needs_trayer
def test_a_notification_once(desk: Desk, agent: Agent, program: Program) -> None:
    """Told near the limit, and after a restart not again; where it was told lies in the data folder."""
    desk.window_manager()
    desk.trayer()
    Path(program.data, "settings.json").write_text(json.dumps({"tray_color": True}))  # notices are on unless put off
    agent.answer(cache_read=152_000)  # 15,000 before compaction
    process = program.start()
    desk.wait_icon("near")
    told = Path(program.data, "told.json")
    wait(told.exists, "the note of what was told")
    wait(lambda: len(desk.windows()) > 1 and desk.icon("near"), "the notification")
    stamp = told.stat().st_mtime_ns
    process.terminate()
    assert process.wait(PATIENCE) == 0

    process = program.start()
    desk.wait_icon("near")
    agent.answer(cache_read=153_000)
    wait(lambda: json.loads(program.ask("live", "--json"))["sessions"][0]["context_tokens"] == 153_000, "the reading")
    assert told.stat().st_mtime_ns == stamp
    process.terminate()
    assert process.wait(PATIENCE) == 0


def test_the_icon_does_not_wait_for_the_popover() -> None:
    """What the popover needs is loaded when it is first opened."""
    code = (
        "import sys, app.ui.application; print([n for n in ('app.ui.popover', 'app.report.usual') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout.strip() == "[]"


def test_the_icon_goes_before_whatever_takes_a_while(qapp: QApplication, machine_here: Machine) -> None:
    order: list[str] = []

    class Slow(Opened):
        def shut_down(self) -> None:
            order.append("windows")

    class Icon:
        def hide(self) -> None:
            order.append("icon")

    app = tray_app(FakeCore(facts(running())), machine_here, Slow())
    app._tray = Icon()  # type: ignore[assignment]
    app.shut_down()
    assert order == ["icon", "windows"]
