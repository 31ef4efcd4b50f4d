"""The overview: the store's figures as they are shown, its keys, its states, and its looks at any size."""

from __future__ import annotations

import csv
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app import formats
from app.diagnostics import KnownError
from app.machine import Machine
from app.model.trouble import Unreadable
from app.report import overview, overview_page, period, usual
from app.report.overview import Question
from app.report.period import Span
from app.report.zone import local_zone
from app.runtime import reader
from app.store import queries
from app.ui import overview_cards, overview_window
from app.ui.appearance import Appearance, appearance, use_shipped_font
from app.ui.overview_window import OverviewWindow
from app.ui.widgets.cells import Number, Swatch, words_of
from app.ui.widgets.read_out import Item, ReadOutValue
from tests.ui.hands import press, until_active
from tests.ui.standing import Longer, Standing, demo_machine, empty_machine, faults, filled_machine, size_to, standing
from tests.ui.test_sessions import over_midnight

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return demo_machine(tmp_path_factory.mktemp("demo"))


@pytest.fixture(autouse=True)
def light(qapp: QApplication, resources: Path) -> Appearance:
    made = Appearance(resources, "light")
    made.use_font(use_shipped_font(resources))
    return made


@pytest.fixture
def stand(demo: Machine) -> Iterator[Standing]:
    with standing(demo) as one:
        yield one


def opened(stand: Standing) -> OverviewWindow:
    window = stand.windows.open("overview")
    assert isinstance(window, OverviewWindow)
    stand.settle(lambda: window.spend.chart is not None)
    return window


def asked(machine: Machine, since: date, until: date, by: str = "day") -> overview.Report:
    with closing(reader(machine)) as connection:
        return overview.build(connection, Question(local_zone(machine), by, since, until))


def key(window: QWidget, keys: str) -> None:
    for one in window.findChildren(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if one.key().toString() == keys:
            one.activated.emit()
            return
    raise AssertionError(keys)


# --- values


def test_figures_are_the_reports(stand: Standing, demo: Machine) -> None:
    window = opened(stand)
    since = TODAY - timedelta(days=29)
    total = asked(demo, since, TODAY).total
    spend = window._spend
    assert spend.accessibleName() == "Spend, 30 days"
    assert spend.accessibleDescription().startswith(formats.amount(total.cost, total.unpriced))
    assert f"{total.unpriced} calls have no price" in spend.accessibleDescription()
    days = [row.sums.cost for row in asked(demo, since, TODAY).rows if row.sums.calls]
    assert window._active.accessibleDescription().startswith(f"{len(days)}. median ")
    month = asked(demo, TODAY.replace(day=1), TODAY).total
    assert window._month.accessibleDescription().startswith(formats.amount(month.cost, month.unpriced))
    assert window.dates.text() == "Oct 26 – Nov 24, local time"


def test_what_could_not_be_read_today_makes_its_sums_lower_bounds(stand: Standing) -> None:
    """Of the periods that hold today, and of no other."""
    window = opened(stand)
    meters = stand.windows.context.meters()
    assert meters is not None
    yesterday = TODAY - timedelta(days=1)
    for at_least, day, sign in ((False, TODAY, "$"), (True, TODAY, "≥ $"), (True, yesterday, "$")):
        stand.bell.changed.emit(meters._replace(at_least=at_least, problems=(Unreadable("Codex", 1, "x"),) * at_least))
        window.choose_days(day, day)
        stand.settle()
        assert window._spend.accessibleDescription().startswith(sign), (at_least, day)


def test_bars_add_up_to_the_total_by_agent_model_and_project(stand: Standing) -> None:
    window = opened(stand)
    sums = set()
    for stack in ("agent", "model", "project"):
        window.spend.stack.segment(stack).setFocus()
        window.spend.stack._clicked(stack)
        stand.settle()
        assert window._top is not None
        sums.add(sum(window._top.bars.totals))
        assert len(window.spend.series_of(window._top)) == len(window._top.bars.series)
    assert sums == {window._top.total.cost if window._top else -1}


def test_agents_without_a_color_of_their_own_are_told_apart(qtbot: QtBot) -> None:
    lent = overview_cards.lent_colors(("claude_code", "pi", "crush", "amp", "other"))
    assert list(lent) == ["pi", "crush", "amp"]
    assert len({"claude_code", "other", *lent.values()}) == 5
    assert overview_cards.lent_colors(("claude_code", "pi")) == {}


def test_models_take_their_agents_colors_by_tier(stand: Standing) -> None:
    window = opened(stand)
    window.spend.stack._clicked("model")
    stand.settle()
    assert window._top is not None
    inks = {one.ink.split(":")[0] for one in window.spend.series_of(window._top)}
    assert inks <= {"model", "agent"} and "model" in inks
    series = window.spend.series_of(window._top)
    known = [one for one in series if one.ink.startswith("model")]
    assert len({appearance().theme.ink(one.ink).name() for one in known}) == len(known) > 3


def test_kinds_show_tokens_and_dollars_of_the_period(stand: Standing, demo: Machine) -> None:
    window = opened(stand)
    kinds = {row.key: row.sums for row in asked(demo, TODAY - timedelta(days=29), TODAY, "kind").rows}
    first = [window.kinds._rows.row(place)[0] for place in range(5)]
    names = [cell.text for cell in first if isinstance(cell, Swatch)]
    assert names == ["Cache read", "Cache write", "Fresh input", "Output", "Reasoning"]
    dollars = window.kinds._rows.row(0)[3]
    read = kinds["cache_read"]
    assert isinstance(dollars, Number) and dollars.text == formats.amount(read.cost, read.unpriced)
    assert "Cache read, 174M tokens, 92%" in window.kinds.tokens.accessibleDescription()
    assert window.kinds.tokens.focusPolicy() != Qt.FocusPolicy.NoFocus


def test_sessions_are_the_last_and_running_ones_say_so(stand: Standing) -> None:
    window = opened(stand)
    shown = window.sessions._shown
    assert len(shown) == overview_page.SHOWN_SESSIONS
    assert [one.ended_at for one in shown] == sorted((one.ended_at for one in shown), reverse=True)
    running = [place for place in range(8) if "running" in words_of(window.sessions._rows.row(place)[0])]
    assert running == [0, 1, 2]


def test_a_session_of_more_days_tells_what_it_cost_in_all(tmp_path: Path) -> None:
    with standing(over_midnight(tmp_path)) as stand:
        window = opened(stand)
        said: list[str] = []
        for period_of in ("today", "7 days"):
            window.choose_period(period_of)
            stand.settle()
            said.append(words_of(window.sessions._rows.row(0)[5]))
        assert said == ["$0.10 of $0.30", "$0.30"]


def test_a_day_opens_its_sessions_and_the_sums_agree(stand: Standing) -> None:
    window = opened(stand)
    assert window._top is not None and window.spend.chart is not None
    place = window._top.bars.bins.index(next(one for one in window._top.bars.bins if one.date() == date(2026, 11, 12)))
    window.spend.chart.setFocus()
    window.spend.chart.set_chosen(place)
    QTest.keyClick(window.spend.chart, Qt.Key.Key_Return)
    listed = stand.windows.window("sessions")
    assert listed is not None
    stand.settle()
    assert listed._found.cost == window._top.bars.totals[place]  # type: ignore[attr-defined]
    assert "on Nov 12" in " ".join(chip.accessibleName() for chip in listed.field._chips)  # type: ignore[attr-defined]


# --- keys


def test_digits_choose_the_period(stand: Standing) -> None:
    window = opened(stand)
    units = {}
    for digit, name in (("1", "today"), ("2", "7 days"), ("4", "month"), ("3", "30 days")):
        key(window, digit)
        stand.settle()
        assert window._top is not None
        units[name] = (window._top.bars.unit, len(window._top.bars.bins))
    assert units == {"today": ("hour", 24), "7 days": ("day", 7), "month": ("day", 24), "30 days": ("day", 30)}


def test_own_days_and_weeks_beyond_a_quarter(stand: Standing) -> None:
    window = opened(stand)
    key(window, "5")
    assert window.since.isVisible() and not window.dates.isVisible()
    window.choose_days(date(2026, 7, 1), TODAY)
    stand.settle()
    assert window._top is not None and window._top.bars.unit == "week"
    assert window.spend.accessibleName() == "Spend by week"
    window.until.setDate(window.until.date().addDays(-30))
    stand.settle()
    assert window._top.span.until == TODAY - timedelta(days=30)


def test_days_stepped_past_one_another_change_places_in_their_fields(stand: Standing) -> None:
    window = opened(stand)
    window.choose_days(date(2026, 7, 1), date(2026, 7, 3))
    window.since.setDate(window.since.date().addDays(4))
    stand.settle()
    fields = [date(*one.date().getDate()) for one in (window.since, window.until)]  # type: ignore[misc]
    assert fields == [date(2026, 7, 3), date(2026, 7, 5)] == [window.span.since, window.span.until]


def test_escape_leaves_a_date_as_it_was_and_digits_choose_periods_again(stand: Standing) -> None:
    window = opened(stand)
    until_active(window)
    press("5")
    stand.settle()
    assert window.since.hasFocus()
    window.since.setSelectedSection(window.since.Section.YearSection)
    press("3")
    assert window.since.text() == "Oct 26, 3"
    press("Escape")
    assert window.since.text() == "Oct 26, 2026" and window.hasFocus()
    press("2")
    stand.settle()
    assert window.period.choice == "7 days"


def test_arrows_move_the_read_out(stand: Standing) -> None:
    window = opened(stand)
    chart = window.spend.chart
    assert chart is not None and chart.choice == 29
    assert window.spend.read_out.accessibleName().startswith("Tue Nov 24")
    chart.setFocus()
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert window.spend.read_out.accessibleName().startswith("Mon Nov 23")
    QTest.keyClick(chart, Qt.Key.Key_Home)
    assert window.spend.read_out.accessibleName().startswith("Mon Oct 26")


def test_t_turns_the_chart_into_a_table_and_back(stand: Standing) -> None:
    window = opened(stand)
    key(window, "T")
    twin = window.spend.twin
    assert twin is not None and twin.isVisible() and twin.model().rowCount() == 30
    total = twin.model().index(29, twin.model().columnCount() - 1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert window._top is not None and total == formats.money(window._top.bars.totals[29])
    key(window, "T")
    assert window.spend.twin is None and window.spend.chart is not None and window.spend.chart.isVisible()


def test_the_table_begins_at_the_chosen_day_in_whole_rows(stand: Standing) -> None:
    window = opened(stand)
    size_to(window, 1180, 812)
    window.spend.toggle_twin()
    stand.settle()
    twin = window.spend.twin
    assert twin is not None and twin.currentIndex().row() == 29
    row = twin.visualRect(twin.currentIndex())
    assert twin.viewport().rect().contains(row) and twin.viewport().height() % row.height() == 0
    twin.setFocus()
    press("Home")
    assert window.spend.chart is not None and window.spend.chart.choice == 0
    assert window.spend.read_out.accessibleName().startswith("Mon Oct 26")


def test_the_read_out_keeps_the_number_of_calls(stand: Standing) -> None:
    """In less and less room the hint goes first, then the parts."""
    window = opened(stand)
    read_out = window.spend.read_out
    read_out.set_read_out(ReadOutValue("Tue Nov 24", "$14.28", (Item("", "One", "$9"),) * 3, "9 calls", hint="Enter"))
    rooms: list[str] = []
    for room in range(read_out.sizeHint().width(), 40, -1):
        texts = " ".join(one.text for one in read_out._pieces(room))
        assert sum(one.width for one in read_out._pieces(room)) - read_out.theme.space.s <= room
        if texts not in rooms:
            rooms.append(texts)
    parts = "One $9 One $9 One $9"
    assert rooms[:3] == [
        f"Tue Nov 24 $14.28 {parts} 9 calls · Enter",
        f"Tue Nov 24 $14.28 {parts} 9 calls",
        "Tue Nov 24 $14.28 One $9 One $9 … 9 calls",
    ]
    assert "Tue Nov 24 $14.28 … 9 calls" in rooms and rooms[-1] == "…"


def test_f6_goes_from_card_to_card(stand: Standing) -> None:
    window = opened(stand)
    window.activateWindow()
    seen = []
    for _ in range(5):
        key(window, "F6")
        focus = window.focusWidget()
        seen.append(type(focus).__name__)
    assert seen == ["_Segment", "StackedDays", "SplitBar", "Table", "_Segment"]


# --- states


def test_nothing_was_ever_read(tmp_path: Path) -> None:
    with standing(empty_machine(tmp_path)) as stand:
        window = opened(stand)
        assert window.spend.empty.isVisible() and not window.kinds.isVisible() and not window.figures.isVisible()
        assert window.spend.empty.accessibleName() == "No agent has written yet"


def test_an_empty_day_tells_the_last_fact_and_leads_to_it(stand: Standing) -> None:
    window = opened(stand)
    window.choose_days(date(2026, 11, 21), date(2026, 11, 21))
    stand.settle()
    assert window.spend.empty.accessibleName() == "No agent has written on Sat Nov 21"
    assert window.spend.empty.accessibleDescription() == "Fri Nov 20: $16.71, 6 sessions."
    window.spend.empty.action.emit()
    stand.settle()
    assert not window.spend.empty.isVisible() and window._top is not None and window._top.total.calls


def test_a_fault_is_said_in_its_card_and_can_be_tried_again(stand: Standing) -> None:
    window = opened(stand)
    window._failed(KnownError(f"{stand.machine.home}/x is locked.", "Close it."))
    notice = window.spend.notice
    assert notice.isVisible() and notice.accessibleName() == "The figures can't be read"
    notice.action.emit("report")
    assert QGuiApplication.clipboard().text() == "The figures can't be read\n~/x is locked. Close it."
    notice.action.emit("again")
    stand.settle()
    assert not notice.isVisible()


def test_bars_of_gray_only_after_a_while(demo: Machine, qtbot: QtBot) -> None:
    with standing(demo) as stand:
        window = stand.windows.open("overview")
        assert isinstance(window, OverviewWindow) and not window.kinds.loading.visible_bars
        stand.settle()
        assert not window.kinds.loading.isVisible()


def test_it_reads_again_when_something_changed(stand: Standing) -> None:
    window = opened(stand)
    reads: list[int] = []
    window._refresher._read = lambda: reads.append(1)
    stand.ring()  # the first word since it opened
    QTest.qWait(20)
    before = len(reads)
    stand.ring()
    QTest.qWait(1100)
    assert len(reads) == before  # nothing is other than it was
    meters = stand.windows.context.meters()
    assert meters is not None
    stand.bell.changed.emit(meters._replace(today=meters.today + 1))
    QTest.qWait(1100)
    assert len(reads) == before + 1
    window.hide()
    stand.bell.changed.emit(meters._replace(today=meters.today + 2))
    QTest.qWait(1100)
    assert len(reads) == before + 1
    window.show()
    assert len(reads) == before + 2


def test_problems_and_progress_are_said(stand: Standing) -> None:
    window = opened(stand)
    meters = stand.windows.context.meters()
    assert meters is not None
    stand.bell.changed.emit(meters._replace(problems=(Unreadable("Codex", 1, "x"),)))
    notice = window.spend.notice
    assert (notice.accessibleName(), notice.accessibleDescription()) == (
        "A log of Codex can't be read",
        "x. Totals leave out what can't be read.",
    )
    notice.action.emit("sources")
    settings = stand.windows.window("settings")
    assert settings is not None and settings.page.accessibleName() == "Sources"  # type: ignore[attr-defined]
    stand.bell.changed.emit(meters._replace(no_price=("house-coder-2",)))
    assert window.spend.notice.accessibleName() == "house-coder-2 has no price"
    window.spend.notice.action.emit("prices")
    assert settings.page.accessibleName() == "Prices"  # type: ignore[attr-defined]
    stand.bell.changed.emit(meters._replace(reading=(214, 562)))
    assert "214 of 562" in window.spend.notice.accessibleDescription()
    stand.bell.changed.emit(meters._replace(paused=True))
    assert "Cuenta is paused." in window.spend.notice.accessibleDescription()
    stand.bell.changed.emit(meters._replace(behind_since=meters.at - 1_320_000))
    assert window.spend.notice.accessibleDescription() == "Figures as of 15:20."
    stand.bell.changed.emit(meters)
    assert not window.spend.notice.isVisible()


def test_while_history_is_read_every_sum_is_a_lower_bound(stand: Standing) -> None:
    """Also of days before today: their logs come last."""
    window = opened(stand)
    meters = stand.windows.context.meters()
    assert meters is not None
    yesterday = TODAY - timedelta(days=1)
    for reading, sign in (((214, 562), "≥ $"), ((562, 562), "$"), (None, "$")):
        stand.bell.changed.emit(meters._replace(reading=reading))
        window.choose_days(yesterday, yesterday)
        stand.settle()
        assert window._spend.accessibleDescription().startswith(sign), reading


def test_the_usual_weekday_is_the_popovers(demo: Machine) -> None:
    """Today is not over, so it is none of the days that are usual."""
    zone, now = local_zone(demo), demo.clock()
    with closing(reader(demo)) as connection:
        today = usual.read(connection, now, zone)
        top = overview_page.top(connection, Span(TODAY - timedelta(days=29), TODAY, zone), "agent", demo)
    assert today.usual is not None and today.spent[-1]
    assert top.usual_weekday == today.usual.full


# --- export


def test_export_writes_what_is_shown(stand: Standing, tmp_path: Path, demo: Machine) -> None:
    window = opened(stand)
    window.export_to(tmp_path / "a.csv")
    stand.settle()
    window.export_to(tmp_path / "a.json")
    stand.settle()
    report = asked(demo, TODAY - timedelta(days=29), TODAY)
    with open(tmp_path / "a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["cost_nanousd"]) for row in rows) == report.total.cost
    document = json.loads((tmp_path / "a.json").read_text())
    assert document["schema"] == "cuenta.report/1" and document["total"]["cost_nanousd"] == report.total.cost


def test_a_file_that_cannot_be_written_is_said(stand: Standing, tmp_path: Path) -> None:
    window = opened(stand)
    window.export_to(tmp_path / "nowhere" / "a.csv")
    stand.settle()
    assert window.spend.notice.accessibleName() == "The file was not written"


def test_a_failed_export_stays_until_it_is_seen_and_is_tried_again(stand: Standing, tmp_path: Path) -> None:
    window = opened(stand)
    notice = window.spend.notice
    window.export_to(tmp_path / "gone" / "a.csv")
    stand.settle()
    window._refresher.read()
    stand.settle()
    assert notice.isVisible() and notice.accessibleName() == "The file was not written"
    (tmp_path / "gone").mkdir()
    notice.action.emit("export")
    stand.settle()
    assert (tmp_path / "gone" / "a.csv").read_text()
    assert notice.accessibleName() == "The file was written"
    assert notice.accessibleDescription() == stand.machine.short(tmp_path / "gone" / "a.csv")
    notice.action.emit("seen")
    assert not notice.isVisible()


# --- looks


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("size", [(1180, 812), (880, 600)])
def test_nothing_is_cut_or_overlaps(stand: Standing, scale: float, size: tuple[int, int]) -> None:
    window = opened(stand)
    appearance().set_text_scale(scale)
    size_to(window, *size)
    stand.settle()
    size_to(window, *size)
    assert faults(window) == []
    for digit in ("5", "1"):
        key(window, digit)
        stand.settle()
        size_to(window, *size)
        assert faults(window) == []


def test_longer_words_fit(demo: Machine, qapp: QApplication) -> None:
    longer = Longer()
    QCoreApplication.installTranslator(longer)
    try:
        with standing(demo) as stand:
            window = opened(stand)
            size_to(window, 880, 600)
            assert faults(window) == []
    finally:
        QCoreApplication.removeTranslator(longer)


def test_cards_stand_above_one_another_below_1000(stand: Standing) -> None:
    window = opened(stand)
    size_to(window, 1180, 812)
    assert window.kinds.y() == window.sessions.y()
    size_to(window, 999, 812)
    assert window.kinds.y() < window.sessions.y() and window.kinds.x() == window.sessions.x()


def test_everything_has_a_name(stand: Standing) -> None:
    window = opened(stand)
    for one in window.findChildren(QWidget):
        if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus and not one.objectName().startswith("qt_"):
            assert one.accessibleName() or getattr(one, "text", str)(), one


# --- quick


def test_the_page_asks_what_the_period_report_asks(demo: Machine) -> None:
    """Two ways to the same numbers: the page's quick sums and the report's full ones."""
    zone = local_zone(demo)
    span = Span(TODAY - timedelta(days=29), TODAY, zone)
    with closing(reader(demo)) as connection:
        top = overview_page.top(connection, span, "agent", demo)
        total = queries.total(connection, span.filter())
        bars = period.bars(connection, span, "agent")
    assert (top.total.calls, top.total.cost, top.total.unpriced) == (total.calls, total.cost, total.unpriced)
    assert top.bars == bars


def test_figures_do_not_wait_for_the_charts(demo: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their import takes longest the first time; sums, kinds and sessions are shown meanwhile."""
    loaded = threading.Event()
    monkeypatch.setattr(overview_window, "_import_charts", lambda: loaded.wait(20))
    with standing(demo) as stand:
        window = stand.windows.open("overview")
        assert isinstance(window, OverviewWindow)
        end = time.monotonic() + 20
        while (window._top is None or window._below is None) and time.monotonic() < end:
            QTest.qWait(5)
        assert window._spend.isVisible() and "$" in window._spend.accessibleDescription()
        assert window.sessions.table.isVisible() and not window.kinds.loading.isVisible()
        assert window.spend.chart is None
        loaded.set()
        stand.settle()
        assert window.spend.chart is not None


def test_opening_with_a_hundred_thousand_calls(
    demo: Machine, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    machine = filled_machine(tmp_path, demo, 1_200, 84, 120)
    took: dict[str, int] = {}
    with standing(machine) as stand:
        for name in ("first", "again"):
            begun = time.perf_counter()
            window = stand.windows.open("overview")
            assert isinstance(window, OverviewWindow)
            stand.settle(lambda window=window: window._top is not None and window._below is not None)
            took[name] = round((time.perf_counter() - begun) * 1000)
            stand.settle(lambda window=window: window.spend.chart is not None)
            window.close()
            QTest.qWait(20)
    record_property("overview opens with 100,000 calls, ms", took)
    print(f"overview opens with 100,000 calls: {took} ms")
    assert took["again"] < 3_000  # the bar is 300 ms; a test beside others on two cores tells little
