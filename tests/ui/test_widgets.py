"""The widgets: their sizes, what they draw for which values, what a screen reader hears, what the keys do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.report.period import Bars
from app.report.usual import Today
from app.ui import appearance as module
from app.ui.appearance import Appearance, use_shipped_font
from app.ui.widgets import spoken
from app.ui.widgets.base import Painted
from app.ui.widgets.buttons import Button
from app.ui.widgets.cache_ring import CacheRing
from app.ui.widgets.cells import AgentMark, Cell, Dot, GrayBar, Group, Number, Tick, Words, words_of
from app.ui.widgets.certainty import Certainty
from app.ui.widgets.chip import Chip
from app.ui.widgets.choices import CheckBox, Choice
from app.ui.widgets.course import Call, Course, Measured, Remark
from app.ui.widgets.day_curve import DayCurve, hours
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.figure import Figure, FigureValue
from app.ui.widgets.flow_row import FlowRow
from app.ui.widgets.focus_ring import FocusRing
from app.ui.widgets.gauge_bar import Gauge, GaugeBar
from app.ui.widgets.heading import Heading
from app.ui.widgets.label import Label
from app.ui.widgets.loading_rows import LoadingRows
from app.ui.widgets.mark import Mark
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.widgets.property_row import PropertyRow, SettingRow
from app.ui.widgets.read_out import Item, ReadOut, ReadOutValue
from app.ui.widgets.segmented import Segmented
from app.ui.widgets.sparkline import Sparkline, thinned
from app.ui.widgets.split_bar import Part, SplitBar, segments
from app.ui.widgets.stacked_days import Reference, Series, StackedDays
from app.ui.widgets.surface import Card, Hairline
from app.ui.widgets.table import Column, Rows, Table
from app.ui.widgets.ticks import money_ticks, ticks, token_ticks
from app.ui.widgets.timeline import Timeline
from app.ui.widgets.two_part import TwoPart
from tests.ui import gallery

NANO = 1_000_000_000


@pytest.fixture(autouse=True)
def look(qapp: QApplication, resources: Path) -> Iterator[Appearance]:
    """Light, 100 %, in the shipped font, so that sizes are the same everywhere."""
    before = module._one
    look = Appearance(resources, "light")
    look.use_font(use_shipped_font(resources))
    yield look
    module._one = before
    look.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # or each style sheet would polish all the dead


def shown(widget: QWidget, qtbot: QtBot, width: int | None = None) -> QWidget:
    qtbot.addWidget(widget)
    hint = widget.sizeHint()
    widget.resize(width or hint.width(), hint.height())
    widget.show()
    QApplication.processEvents()
    return widget


def picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def colors(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def press(widget: QWidget, *keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    for key in keys:
        QTest.keyClick(widget, key, modifier)


EVERY: dict[str, Callable[[], QWidget]] = {
    "label": lambda: Label("Today"),
    "heading": lambda: Heading("Sessions", "128 in 30 days"),
    "two parts": lambda: TwoPart("atlas-api", "main"),
    "figure": lambda: Figure(FigureValue("Spend", "$12.40", "of $20", "measured")),
    "flow row": lambda: FlowRow([Figure(FigureValue("Spend", "$12.40")), Figure(FigureValue("Days", "29"))]),
    "certainty": lambda: Certainty("reconciled"),
    "mark": lambda: Mark("codex"),
    "chip": lambda: Chip("running", "good"),
    "gauge": lambda: GaugeBar(),
    "split": lambda: SplitBar(),
    "sparkline": lambda: Sparkline(),
    "ring": lambda: CacheRing(),
    "button": lambda: Button("Export…"),
    "key button": lambda: Button("Overview", "flat", "↵"),
    "segmented": lambda: Segmented("Period", [("a", "Today"), ("b", "7 days")]),
    "check box": lambda: CheckBox("On"),
    "property": lambda: PropertyRow("Prices", "price book 2026-11-14"),
    "setting": lambda: SettingRow("Start at login", "Opens quietly.", CheckBox("On")),
    "empty": lambda: EmptyState("No agent has written today", "Yesterday: $13.33", "Show yesterday"),
    "loading": lambda: LoadingRows(),
    "notice": lambda: Notice("warn", "Cline", "12 entries could not be read.", [("show", "Show the 12 places")]),
    "day curve": lambda: DayCurve(),
    "days": lambda: StackedDays(),
    "timeline": lambda: Timeline(),
}


@pytest.mark.parametrize("name", EVERY)
def test_every_widget_grows_with_the_text(name: str, look: Appearance, qtbot: QtBot) -> None:
    widget = shown(EVERY[name](), qtbot)
    usual = widget.sizeHint()
    look.set_text_scale(2)
    QApplication.processEvents()
    grown = widget.sizeHint()
    assert grown.height() >= usual.height() * 1.8 - 4, name
    assert grown.width() >= usual.width() * 1.4 - 1, name


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("name", EVERY)
def test_what_can_be_reached_is_a_target_large_enough(name: str, scale: int, look: Appearance, qtbot: QtBot) -> None:
    look.set_text_scale(scale)
    widget = shown(EVERY[name](), qtbot)
    for one in [widget, *widget.findChildren(QWidget)]:
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isVisible() and not isinstance(one, Label):
            assert one.width() >= 24 and one.height() >= 24, (name, one)


@pytest.mark.parametrize("ground", ["light", "dark"])
@pytest.mark.parametrize("name", gallery.SHEETS)
def test_every_sheet_of_the_gallery_can_be_drawn(name: str, ground: str, look: Appearance, qtbot: QtBot) -> None:
    look.choose(ground)  # type: ignore[arg-type]
    look.set_text_scale(2 if ground == "dark" else 1)
    page = gallery.SHEETS[name]()
    qtbot.addWidget(page)
    page.show()
    QApplication.processEvents()
    assert not page.grab().isNull()
    unnamed = [
        one
        for one in page.findChildren(QWidget)
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(one, QLineEdit | QPushButton | Label)
        and not (one.accessibleName() or one.property("text"))
    ]
    assert not unnamed


def test_a_widget_paints_only_when_its_value_changes(qtbot: QtBot) -> None:
    class Counted(Figure):
        painted = 0

        def paintEvent(self, event: object) -> None:
            self.painted += 1
            super().paintEvent(event)

    figure = Counted(FigureValue("Spend", "$1.00"))
    shown(figure, qtbot)
    before = figure.painted
    for _ in range(5):
        figure.set_figure(FigureValue("Spend", "$1.00"))
        QApplication.processEvents()
    assert figure.painted == before
    figure.set_figure(FigureValue("Spend", "$1.01"))
    QApplication.processEvents()
    assert figure.painted > before


# Words and figures


def test_a_figure_says_all_it_shows_and_copies_full_precision(qtbot: QtBot) -> None:
    figure = Figure(
        FigureValue("Spend, 30 days", "≥ $298.75", "41 calls have no price", "measured", "", "298.750000001 USD")
    )
    shown(figure, qtbot)
    assert figure.accessibleName() == "Spend, 30 days"
    assert figure.accessibleDescription() == "≥ $298.75. 41 calls have no price. measured: from logged usage"
    press(figure, Qt.Key.Key_C, modifier=Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "298.750000001 USD"
    figure.offer_origin = True
    with qtbot.waitSignal(figure.origin_asked):
        press(figure, Qt.Key.Key_O)
    figure.set_figure(FigureValue("Active days", "29"))
    assert figure.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_figures_that_find_no_room_begin_a_new_row(qtbot: QtBot) -> None:
    figures = [Figure(FigureValue(f"Figure {n}", "$1,000.00", "some words about it")) for n in range(6)]
    row = FlowRow(figures)
    shown(row, qtbot, row.sizeHint().width())
    assert {one.y() for one in figures} == {0}
    row.resize(300, row.heightForWidth(300))
    assert len({one.y() for one in figures}) > 1
    assert all(one.geometry().right() < 300 for one in figures)
    assert figures[-1].geometry().bottom() < row.heightForWidth(300)
    figures[0].set_figure(FigureValue("A much longer label than before it was set", "$2"))
    QApplication.processEvents()
    assert figures[1].x() > figures[0].geometry().right() or figures[1].y() > 0


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("measured", "measured: from logged usage"),
        ("reconciled", "reconciled: a measured total split by a tokenizer"),
        ("estimated", "estimated: rests on an assumption"),
    ],
)
def test_the_dot_is_as_full_as_the_number_is_sure(level: str, said: str, qtbot: QtBot) -> None:
    dot = Certainty("measured", word=False)
    dot.set_level(level)
    shown(dot, qtbot)
    assert (dot.width(), dot.height()) == (10, 10)
    assert dot.accessibleDescription() == dot.toolTip() == said
    image = picture(dot)
    gray = "#5f656c"
    left, right = (image.pixelColor(x, 5).name() == gray for x in (3, 6))
    assert (left, right) == {"measured": (True, True), "reconciled": (True, False), "estimated": (False, False)}[level]


def test_a_mark_has_its_agents_letters_and_name(qtbot: QtBot) -> None:
    mark = shown(Mark("codex"), qtbot)
    assert (mark.width(), mark.height()) == (22, 17)
    assert mark.accessibleDescription() == "Codex"


def test_a_read_out_leaves_out_whole_parts_from_the_end(qtbot: QtBot) -> None:
    out = ReadOut()
    items = tuple(Item("text2", f"Part {n}", "$1.00") for n in range(20))
    out.set_read_out(ReadOutValue("Thu Nov 12", "$23.60", items, "9 sessions", "note"))
    shown(out, qtbot, 300)
    assert out.accessibleName() == "Thu Nov 12 note $23.60"
    assert "Part 19 $1.00" in out.accessibleDescription()
    assert out.minimumSizeHint().width() < 300 < out.sizeHint().width()


def test_a_label_keeps_its_ink_when_it_moves_to_another_parent(qtbot: QtBot) -> None:
    notice = Notice("bad", "Title", "text")
    holder = QWidget()
    qtbot.addWidget(holder)
    QVBoxLayout(holder).addWidget(notice)
    holder.show()
    QApplication.processEvents()
    assert notice._title.palette().windowText().color().name() == "#a42a1e"


# Bars


@pytest.mark.parametrize(
    ("context", "window", "compacts", "color", "said"),
    [
        (102_600, 200_000, 184_000, "#0b6470", "103 thousand of 200 thousand tokens, 51 percent. Compacts at about 184 thousand."),  # noqa: E501
        (170_000, 200_000, None, "#c27803", "170 thousand of 200 thousand tokens, 85 percent."),
        (60_000, 100_000, 70_000, "#c27803", "60 thousand of 100 thousand tokens, 60 percent. Compacts at about 70 thousand."),  # noqa: E501
        (None, 200_000, None, "#ddddd6", "Unknown."),
    ],
)  # fmt: skip
def test_the_gauge_is_amber_near_its_limit_only(
    context: int | None, window: int, compacts: int | None, color: str, said: str, qtbot: QtBot
) -> None:
    gauge = GaugeBar()
    gauge.set_context("atlas-api", context, window, compacts)
    shown(gauge, qtbot)
    assert (gauge.width(), gauge.height()) == (132, 6)
    assert gauge.accessibleName() == "Context of atlas-api"
    assert gauge.accessibleDescription() == said
    image = picture(gauge)
    assert image.pixelColor(20, 3).name() == color
    if context:
        assert image.pixelColor(round(132 * context / window) + 3, 3).name() == "#ddddd6"
    if compacts and window == 200_000:
        assert image.pixelColor(round(132 * compacts / window), 3).name() == "#1a1c1e"


def test_a_peak_of_the_past_is_gray_even_when_full(qtbot: QtBot) -> None:
    gauge = GaugeBar()
    gauge.set_gauge(Gauge(0.99, past=True, near=True), "Peak", "99 percent")
    shown(gauge, qtbot)
    assert picture(gauge).pixelColor(60, 3).name() == "#5f656c"


def test_parts_of_a_bar_fill_it_with_a_pixel_between_them() -> None:
    places = segments([Part(3, "text"), Part(0, "text"), Part(1, "text")], 101)
    assert places == [(0.0, 75.0), (76.0, 0.0), (76.0, 25.0)]
    assert segments([Part(1, "text")], 200, 4) == [(0.0, 50.0)]
    tiny = segments([Part(1_000_000, "text"), Part(1, "text")], 100)
    assert tiny[1][1] >= 0 and tiny[0][1] > 95
    assert segments([], 100) == []


def test_a_split_bar_is_read_part_by_part_with_the_arrow_keys(qtbot: QtBot) -> None:
    bar = SplitBar(24, focusable=True)
    parts = [
        Part(5, "kind:output", "Output, 5"),
        Part(0, "kind:fresh", "nothing"),
        Part(5, "kind:reasoning", "Reasoning, 5"),
    ]
    bar.set_parts("Dollars", parts)
    shown(bar, qtbot, 201)
    assert (bar.accessibleName(), bar.accessibleDescription()) == ("Dollars", "Output, 5; Reasoning, 5")
    heard: list[int] = []
    bar.pointed.connect(heard.append)
    press(bar, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left)
    assert heard == [0, 2, 0]
    bar.set_chosen(-1)
    image = picture(bar)
    assert image.pixelColor(50, 12).name() == "#115243" and image.pixelColor(150, 12).name() == "#94518c"
    assert image.pixelColor(100, 12).name() not in ("#115243", "#94518c")
    assert (bar.part_at(10), bar.part_at(190)) == (0, 2)


def test_a_sparkline_keeps_its_peaks_however_many_values() -> None:
    values = [10] * 5_000 + [900] + [10] * 5_000 + [1] + [10] * 5_000
    kept = thinned(values, 50)
    assert len(kept) == 100 and max(kept) == 900 and min(kept) == 1
    assert thinned([1, 2, 3], 50) == [1, 2, 3]


def test_the_cache_ring_does_not_tell_each_second(qtbot: QtBot) -> None:
    ring = CacheRing()
    said: list[str] = []
    for left in range(300_000, -1_000, -1_000):
        ring.set_left(left, 300_000)
        if not said or said[-1] != ring.accessibleDescription():
            said.append(ring.accessibleDescription())
    assert said[0] == "Warm for 5 minutes. Updates are not announced."
    assert said[-1] == "Expired."
    assert len(said) <= 7
    ring.set_left(None, None)
    assert ring.accessibleDescription() == "Lifetime not promised."


# Axes and words


@pytest.mark.parametrize(
    ("most", "words"),
    [
        (int(23.6 * NANO), ["0", "5", "10", "15", "20", "$25"]),
        (int(0.87 * NANO), ["0", "0.20", "0.40", "0.60", "0.80", "$1.00"]),
        (7 * NANO, ["0", "2", "4", "6", "$8"]),
        (4_300 * NANO, ["0", "1,000", "2,000", "3,000", "4,000", "$5,000"]),
        (NANO // 125, ["0", "0.002", "0.004", "0.006", "$0.008"]),
        (NANO // 50, ["0", "0.005", "0.010", "0.015", "$0.020"]),
    ],
)
def test_ticks_are_round_and_only_the_top_one_has_the_unit(most: int, words: list[str]) -> None:
    assert money_ticks(ticks(most, 100_000)) == words


def test_no_tick_of_money_is_rounded() -> None:
    """A line at $0.075 that says 0.08 would lie."""
    assert money_ticks(ticks(NANO // 10, 100_000, 4)) == ["0", "0.025", "0.050", "0.075", "$0.100"]


@pytest.mark.parametrize("most", [1, 3, 7, 99, 12_345, 10**6 + 1, 7 * 10**12])
def test_any_axis_has_few_ticks_and_reaches_its_largest_value(most: int) -> None:
    values = ticks(most)
    assert 2 <= len(values) <= 6 and values[0] == 0 and values[-1] >= most
    assert len({after - before for before, after in pairwise(values)}) == 1


def test_token_ticks_are_short() -> None:
    assert token_ticks(ticks(200_000)) == ["0", "50k", "100k", "150k", "200k"]
    assert token_ticks(ticks(1_000_000)) == ["0", "200k", "400k", "600k", "800k", "1M"]


@pytest.mark.parametrize(
    ("nano", "said"),
    [
        (23_600_000_000, "23 dollars 60"),
        (NANO, "1 dollar"),
        (1_284 * NANO, "1284 dollars"),
        (4_200_000, "0.0042 dollars"),
        (-1_870_000_000, "minus 1 dollar 87"),
        (0, "0 dollars"),
        (70_000_000, "7 cents"),
        (10_000_000, "1 cent"),
        (-1_010_000_000, "minus 1 dollar 01"),
    ],
)
def test_money_as_it_is_said(nano: int, said: str) -> None:
    assert spoken.money(nano) == said


def test_tokens_as_they_are_said() -> None:
    assert [spoken.tokens(n) for n in (840, 18_200, 103_000, 46_000, 1_400_000)] == [
        "840",
        "18.2 thousand",
        "103 thousand",
        "46 thousand",
        "1.4 million",
    ]


# Today


def test_the_day_runs_from_the_first_active_hour_to_the_last() -> None:
    quiet = Today(date(2026, 11, 20), (0,) * 40, None)
    early = Today(date(2026, 11, 20), (0,) * 22 + (5,) * 20, None)
    late = Today(date(2026, 11, 20), (0,) * 40 + (5,) * 48 + (7,) * 5, None)
    assert (hours(quiet), hours(early), hours(late)) == ((8, 20), (5, 20), (8, 24))


def test_the_day_curve_tells_today_beside_the_usual_day(qtbot: QtBot) -> None:
    curve = DayCurve()
    today = gallery.today()
    curve.set_today(today)
    shown(curve, qtbot, 364)
    assert curve.accessibleName() == "Spend today"
    assert today.usual is not None and today.usual_by_now is not None
    for nano in (today.spent[-1], today.usual_by_now, today.usual.full):
        assert spoken.money(nano) in curve.accessibleDescription()
    seen = colors(picture(curve))
    assert {"#0b6470", "#85888a", "#cbcbc3"} <= seen  # today, usual, base line
    curve.set_today(gallery.today(0, False))
    curve.set_today(gallery.today(96))
    assert not curve.grab().isNull()


# Spend by day


def days(qtbot: QtBot, bars: Bars | None = None) -> StackedDays:
    chart = StackedDays()
    made = bars or gallery.bars()
    chart.set_bars(
        made, gallery.series(made), Reference(int(12.78 * NANO), "usual weekday $12.78"), "Spend by day, 30 days"
    )
    shown(chart, qtbot, 1098)
    return chart


def test_bars_are_read_out_with_the_arrow_keys(qtbot: QtBot) -> None:
    chart = days(qtbot)
    heard: list[int] = []
    opened: list[int] = []
    chart.chosen.connect(heard.append)
    chart.opened.connect(opened.append)
    press(chart, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_End)
    press(chart, Qt.Key.Key_Left, modifier=Qt.KeyboardModifier.ShiftModifier)
    press(chart, Qt.Key.Key_Return)
    assert heard == [29, 28, 0, 1, 29, 22]
    assert opened == [22]
    assert chart.accessibleName() == "Spend by day, 30 days"
    assert chart.accessibleDescription().startswith("Friday November 13, ")


def test_the_read_out_adds_up_and_says_what_has_no_price(qtbot: QtBot) -> None:
    chart = days(qtbot)
    value = chart.read_out(5)
    assert value.title == "Tue Oct 27" and value.total.startswith("≥ $")
    assert value.remark == "25 calls, 4 without a price"
    assert [item.title for item in value.items] == ["Claude Code", "Codex", "Gemini CLI", "Cline"]
    assert chart.read_out(99) == ReadOutValue()


def test_the_pointer_chooses_the_bar_below_it_and_the_choice_stays(qtbot: QtBot) -> None:
    chart = days(qtbot)
    with qtbot.waitSignal(chart.chosen) as told:
        QTest.mouseMove(chart._plot.viewport(), QPoint(300, 100))
    area = chart._plot.item._area
    assert told.args == [int((300 - area.left()) // (area.width() / 30))]
    column = picture(chart).pixelColor(round(area.left() + (told.args[0] + 0.1) * area.width() / 30), 12)
    assert column.name() == "#e3eeef"


def test_bars_stand_on_the_base_line_as_high_as_their_value(qtbot: QtBot) -> None:
    bars = Bars("day", gallery.bars(4).bins, ("a", "b"), ((10 * NANO,) * 4, (0, 10 * NANO, 0, 0)), (0,) * 4, (1,) * 4)
    chart = StackedDays()
    chart.set_bars(bars, [Series("A", "kind:fresh"), Series("B", "kind:output")])
    shown(chart, qtbot, 600)
    area, image = chart._plot.item._area, picture(chart)
    middles = [round(area.left() + (place + 0.5) * area.width() / 4) for place in range(4)]
    half = round(area.bottom() - area.height() / 2)
    assert image.pixelColor(middles[0], half + 2).name() == "#3360d9"
    assert image.pixelColor(middles[0], half - 3).name() == "#f6f6f3"
    assert image.pixelColor(middles[1], half - 3).name() == "#115243"
    assert image.pixelColor(middles[1], round(area.top()) + 2).name() == "#115243"
    across = [
        image.pixelColor(x, half + 20).name() for x in range(round(area.left()), round(area.left() + area.width() / 4))
    ]
    assert across.count("#3360d9") == pytest.approx(0.6 * area.width() / 4, abs=1)


@pytest.mark.parametrize("height", [212, 170])
@pytest.mark.parametrize("count", [0, 1, 8, 9])
def test_the_list_and_the_references_words_never_meet(count: int, height: int, qtbot: QtBot) -> None:
    """At the line, else below the list, else in the plot."""
    made = gallery.bars(30, count)
    chart = days(qtbot, made)
    chart.resize(chart.width(), height)
    assert chart.words_in_plot() == (count >= 8 and height < 212)
    assert not chart.grab().isNull()


# The timeline


def timeline(qtbot: QtBot, course: Course) -> Timeline:
    chart = Timeline()
    chart.set_course(course)
    shown(chart, qtbot, 1100)
    return chart


def call(at: int, context: int | None = 1_000, cost: int = NANO, turn: int = 0) -> Call:
    return Call(at, context, (cost, 0, 0, 0, 0), turn)


def test_calls_that_find_no_two_pixels_are_summed_and_none_is_lost() -> None:
    calls = tuple(call(place * 1_000, place, place) for place in range(10_000))
    measured = Measured(Course(calls))
    columns, share = measured.by_call(0, 10_000, 1_000)
    assert share == 20 and len(columns) == 500
    assert sum(sum(one.costs) for one in columns) == sum(range(10_000))
    assert [one.context for one in columns[:2]] == [19, 39]
    by_time, most = measured.by_time(0, 10_000_000, 1_000)
    assert sum(sum(one.costs) for one in by_time) == sum(range(10_000)) and most >= 39
    columns, share = measured.by_call(100, 200, 1_000)
    assert share == 1 and (columns[0].first, columns[-1].last) == (100, 199)


def test_the_timeline_moves_by_turn(qtbot: QtBot) -> None:
    calls = tuple(call(place * 60_000, 1_000 * place, NANO // 100, 1 + place // 4) for place in range(40))
    remark = Remark("pause", 5, "Pause 22 min", "Cache had expired")
    chart = timeline(qtbot, Course(calls, 200_000, 184_000, (remark,)))
    heard: list[tuple[int, int]] = []
    chart.chosen.connect(lambda first, last: heard.append((first, last)))
    press(chart, Qt.Key.Key_Home, Qt.Key.Key_Right)
    assert chart.accessibleName() == "Context and cost by turn"
    assert chart.accessibleDescription() == (
        "Turn 2, 00:04, 4 calls, 4 cents. Context 7 thousand tokens. Pause 22 min. Cache had expired."
    )
    press(chart, Qt.Key.Key_End)
    press(chart, Qt.Key.Key_Left, modifier=Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(chart.opened):
        press(chart, Qt.Key.Key_Return)
    assert heard == [(0, 3), (4, 7), (36, 39), (16, 19)]
    assert chart.read_out(4, 7).remark == "Pause 22 min"


def test_the_timeline_zooms_by_wheel_and_keys_and_back(qtbot: QtBot) -> None:
    chart = timeline(qtbot, gallery.course(10_000))
    assert chart.calls_per_bar > 10

    def wheel(modifier: Qt.KeyboardModifier, turn: QPoint) -> bool:
        at = QPointF(500, 100)
        none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(at, at, QPoint(), turn, none, modifier, phase, False)
        chart.wheelEvent(event)
        return event.isAccepted()

    under = chart.call_at(500)
    for _ in range(20):
        assert wheel(Qt.KeyboardModifier.ControlModifier, QPoint(0, 120))
    assert chart.calls_per_bar == 1
    assert abs(chart.call_at(500) - under) <= 25  # what lies under the pointer stays there
    assert not wheel(Qt.KeyboardModifier.NoModifier, QPoint(0, 120))  # the page scrolls
    begin = chart.view[0]
    assert wheel(Qt.KeyboardModifier.ShiftModifier, QPoint(0, -120))
    assert chart.view[0] > begin
    for _ in range(99):
        chart.zoom(2)
    assert chart.view[1] - chart.view[0] == pytest.approx(8)
    press(chart, Qt.Key.Key_End)
    assert chart.view[1] == pytest.approx(10_000)
    press(chart, Qt.Key.Key_0)
    assert chart.view == (0, 10_000)


def moving(qtbot: QtBot, calls: int) -> float:
    """Processor seconds of forty moves of the pointer."""
    chart = timeline(qtbot, gallery.course(calls))
    chart.repaint()
    begin = time.thread_time()
    for x in range(100, 900, 20):
        call_at = chart.call_at(x)
        chart.set_chosen(call_at, call_at)
        chart.repaint()
    return time.thread_time() - begin


def test_the_pointer_moves_over_ten_thousand_calls_as_over_a_hundred(qtbot: QtBot) -> None:
    """A move that painted all calls anew would take a hundred times as long."""
    few = min(moving(qtbot, 100) for _ in range(3))
    many = min(moving(qtbot, 10_000) for _ in range(3))
    assert many < 20 * few, (few, many)


def test_a_live_session_grows_in_place(qtbot: QtBot) -> None:
    course = gallery.course(50)
    chart = timeline(qtbot, course)
    chart.set_chosen(3, 3)
    chart.zoom(2)
    view = chart.view
    more = (*course.calls, course.calls[-1]._replace(at=course.calls[-1].at + 1_000))
    chart.set_course(course._replace(calls=more))
    assert (chart.choice, chart.view) == ((3, 3), view)
    chart.set_course(gallery.course(60, window=1_000_000)._replace(calls=gallery.course(61).calls[1:]))
    assert chart.choice is None and chart.view == (0, 60)


@pytest.mark.parametrize(
    "course",
    [
        Course(()),
        Course((call(0),)),
        Course((call(0, None), call(0, None, 0))),
        Course(
            (call(5), call(5), call(5)), remarks=(Remark("compaction", 0, "Compaction"), Remark("switch", 2, "Opus"))
        ),
        Course(tuple(call(n, 900_000, n) for n in range(9)), 200_000, 184_000),
    ],
)
@pytest.mark.parametrize("by", ["call", "time"])
def test_odd_sessions_are_drawn_too(course: Course, by: str, qtbot: QtBot) -> None:
    chart = timeline(qtbot, course)
    chart.set_by(by)  # type: ignore[arg-type]
    press(chart, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Plus, Qt.Key.Key_Home)
    QTest.mouseMove(chart, QPoint(200, 80))
    assert not chart.grab().isNull()


def test_the_context_line_and_its_limit_lie_where_their_tokens_are(qtbot: QtBot) -> None:
    calls = tuple(call(n * 1_000, 100_000) for n in range(20))
    chart = timeline(qtbot, Course(calls, 200_000))
    image, frame = picture(chart), chart._frame()
    middle = round((frame.left + frame.right) / 2)
    assert image.pixelColor(middle, round(frame.top)).name() == "#4c5157"
    on_line = image.pixelColor(middle, round((frame.top + frame.floor) / 2))
    assert on_line.lightness() < 80 and abs(on_line.hue() - QColor("#0b6470").hue()) < 5
    below = image.pixelColor(middle, round(frame.floor) - 8)
    assert below.lightness() < 250 and below != QColor("#0b6470")


# Controls


def test_a_segmented_control_is_one_stop_and_moves_by_arrow_keys(qtbot: QtBot) -> None:
    control = Segmented("Period", [("t", "Today"), ("7", "7 days"), ("30", "30 days")], "7")
    shown(control, qtbot)
    heard: list[str] = []
    control.chosen.connect(heard.append)
    assert control.height() == 30
    stops = [key for key in ("t", "7", "30") if control.segment(key).focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == ["7"]
    press(control.segment("7"), Qt.Key.Key_Right)
    press(control.segment("30"), Qt.Key.Key_Right, Qt.Key.Key_Home)
    assert heard == ["30", "t"] and control.choice == "t"
    QTest.mouseClick(control.segment("7"), Qt.MouseButton.LeftButton)
    assert heard[-1] == "7"
    control.set_chosen("30")
    assert heard[-1] == "7" and control.choice == "30"
    assert control.segment("30").accessibleName() == "30 days"
    assert control.segment("30").accessibleDescription() == "Period"


def test_a_notice_offers_its_actions_and_hides_when_it_has_nothing_to_say(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    notice = Notice(
        "warn", "Cline", "12 entries could not be read.", [("show", "Show the 12 places"), ("copy", "Copy report")]
    )
    QVBoxLayout(holder).addWidget(notice)
    holder.show()
    buttons = notice.findChildren(QPushButton)
    with qtbot.waitSignal(notice.action) as told:
        buttons[1].click()
    assert told.args == ["copy"]
    assert (notice.accessibleName(), notice.accessibleDescription()) == ("Cline", "12 entries could not be read.")
    notice.set_notice(NoticeValue())
    assert not notice.isVisible()
    notice.set_notice(NoticeValue("bad", "Codex", "Permission denied."))
    assert notice.isVisible()


def test_a_notice_without_actions_has_no_room_for_them(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    bad, warn = Notice("bad", "Codex", "Permission denied."), Notice("warn", "Codex", "Permission denied.")
    QVBoxLayout(holder).addWidget(bad)
    assert bad.heightForWidth(600) == warn.heightForWidth(600)


def test_loading_waits_for_300_ms_before_anything_is_seen(qtbot: QtBot) -> None:
    rows = LoadingRows()
    shown(rows, qtbot)
    rows.begin()
    assert not rows.visible_bars
    qtbot.waitUntil(lambda: rows.visible_bars)
    rows.set_progress("214 of 562 files", 214, 562)
    assert rows.accessibleDescription() == "214 of 562 files"
    assert "#0b6470" in colors(picture(rows))
    rows.end()
    assert not rows.visible_bars
    rows.begin()
    rows.end()
    qtbot.wait(350)
    assert not rows.visible_bars


def test_a_setting_names_its_control(qtbot: QtBot) -> None:
    control = Choice()
    control.addItems(["Monday", "Sunday"])
    row = SettingRow("Week starts on", "Used by the weekly page.", control)
    shown(row, qtbot, 600)
    assert control.accessibleName() == "Week starts on"
    assert control.accessibleDescription() == "Week starts on. Used by the weekly page."


def test_the_focus_ring_lies_two_pixels_off_and_not_after_a_click(qapp: QApplication, qtbot: QtBot) -> None:
    ring = FocusRing(qapp)
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    first, second = Button("First"), Button("Second")
    area, inner = QScrollArea(), QWidget()
    deep = Button("Deep")
    QVBoxLayout(inner).addWidget(deep)
    area.setWidget(inner)
    for one in (first, second, area):
        column.addWidget(one)
    page.show()
    page.activateWindow()
    first.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: ring.target is first)
    assert ring.outline == first.geometry().adjusted(-4, -4, 4, 4)
    page.resize(page.width() + 100, page.height() + 100)
    QApplication.processEvents()
    assert ring.outline == first.geometry().adjusted(-4, -4, 4, 4)
    deep.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.outline == deep.geometry().adjusted(-4, -4, 4, 4)  # scrolls with what it lies on
    QTest.mousePress(second, Qt.MouseButton.LeftButton)
    first.setFocus(Qt.FocusReason.TabFocusReason)
    first.hide()
    assert ring.outline.isEmpty()
    page.close()


# Tables

COLUMNS = [
    Column("", 30),
    Column("Agent", -1, key="agent"),
    Column("Calls", 0, True),
    Column("Peak", 76),
    Column("", 30),
]


def lines(count: int = 4) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[Group("Friday", "5 of 6", "$14.46", "of $15.62"), None, None, None, None]]
    rows += [[Tick(True, words="on"), AgentMark("codex", "Codex"), Number(f"{n:,}", "of 9"), GrayBar(0.5, "50 percent"), Dot("measured")] for n in range(count)]  # fmt: skip  # noqa: E501
    return rows


def test_a_table_is_driven_by_keys(qtbot: QtBot) -> None:
    model = Rows(COLUMNS, lines())
    table = Table("Sources", COLUMNS)
    table.setModel(model)
    shown(table, qtbot, 600)
    opened: list[int] = []
    ticked: list[tuple[int, bool]] = []
    table.opened.connect(opened.append)
    model.ticked.connect(lambda row, on: ticked.append((row, on)))
    press(table, Qt.Key.Key_Home)
    assert table.currentIndex().row() == 1  # a group can't be chosen
    press(table, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_End, Qt.Key.Key_Enter)
    assert (opened, ticked) == ([2, 4], [(2, False)])
    assert table.accessibleName() == "Sources"
    assert table.rowHeight(0) == 32


def test_a_table_keeps_its_choice_when_its_values_change(qtbot: QtBot) -> None:
    model = Rows(COLUMNS, lines())
    table = Table("Sources", COLUMNS, dense=True)
    table.setModel(model)
    shown(table, qtbot, 600)
    table.choose(3)
    changed: list[int] = []
    model.dataChanged.connect(lambda first, *_: changed.append(first.row()))
    after = lines()
    after[2] = [*after[2][:2], Number("12"), *after[2][3:]]
    model.set_rows(after)
    assert changed == [2] and table.currentIndex().row() == 3
    assert table.rowHeight(0) == 25


def test_columns_take_their_widths_and_the_free_one_the_rest(look: Appearance, qtbot: QtBot) -> None:
    table = Table("Sources", COLUMNS)
    table.setModel(Rows(COLUMNS, lines()))
    table.fit_rows()
    shown(table, qtbot, 700)
    widths = [table.columnWidth(place) for place in range(len(COLUMNS))]
    assert sum(widths) == table.viewport().width() and widths[0] == 30 and widths[3] == 76
    assert table.height() == 28 + 5 * 32
    look.set_text_scale(2)
    QApplication.processEvents()
    assert table.height() == 2 * (28 + 5 * 32)


def test_every_cell_has_words() -> None:
    assert [words_of(cell) for cell in lines()[1]] == [
        "on",
        "Codex",
        "0 of 9",
        "50 percent",
        "measured: from logged usage",
    ]
    assert words_of(Group("Friday", "5", "$1", "of $2")) == "Friday 5 $1 of $2"
    assert words_of(Words("x")) == "x" and words_of(None) == ""


def test_a_head_tells_by_what_to_sort(qtbot: QtBot) -> None:
    table = Table("Sources", COLUMNS)
    table.setModel(Rows(COLUMNS, lines()))
    shown(table, qtbot, 700)
    with qtbot.waitSignal(table.sort_asked) as told:
        at = table.head.sectionViewportPosition(1) + 20
        QTest.mouseClick(table.head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at, 10))
    assert told.args == ["agent"]


def opening(qtbot: QtBot, rows: int) -> float:
    """Processor seconds until the end of a list is on the screen."""
    model = Rows(COLUMNS, lines(rows))
    begin = time.thread_time()
    table = Table("Sessions", COLUMNS)
    table.setModel(model)
    shown(table, qtbot, 700)
    press(table, Qt.Key.Key_End)
    table.viewport().repaint()
    return time.thread_time() - begin


def test_a_hundred_thousand_rows_open_as_a_hundred_do(qtbot: QtBot) -> None:
    few = min(opening(qtbot, 100) for _ in range(3))
    assert opening(qtbot, 100_000) < 20 * few


def test_a_card_is_surface_with_a_hairline_and_round_corners(qtbot: QtBot) -> None:
    card = Card("Sessions", "128 in 30 days")
    card.body.addWidget(Hairline())
    shown(card, qtbot, 300)
    card.resize(300, 100)
    image = picture(card)
    assert image.pixelColor(150, 0).name() == image.pixelColor(0, 50).name() == "#e2e2dc"
    assert image.pixelColor(150, 90).name() == "#ffffff"
    assert image.pixelColor(0, 0).name() != "#e2e2dc"
    assert card.accessibleName() == "Sessions"


def test_widgets_outlive_a_switch_of_theme(look: Appearance, qtbot: QtBot) -> None:
    page = gallery.tables_sheet()
    qtbot.addWidget(page)
    page.show()
    light = colors(picture(page).scaled(200, 200))
    look.choose("dark")
    QApplication.processEvents()
    dark = colors(picture(page).scaled(200, 200))
    assert "#ffffff" in light and "#ffffff" not in dark
    for one in page.findChildren(Painted):
        assert one.event(QEvent(QEvent.Type.StyleChange)) in (True, False)


def test_a_path_that_may_break_is_copied_and_said_as_it_is(qtbot: QtBot) -> None:
    path = "~/.claude/projects/-home-me-app/0199c0de-0000-7000-8000-00000000c0de.jsonl"
    row = PropertyRow("File", path)
    qtbot.addWidget(row)
    row.show()
    (shown,) = [one for one in row.findChildren(Label) if path == one.text().replace("\u200b", "")]
    assert shown.text() != path
    assert path in row.accessibleName() + row.accessibleDescription()
    shown.setSelection(0, len(shown.text()))
    QTest.keyClick(shown, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == path


def test_room_that_names_do_not_need_is_spread(qtbot: QtBot) -> None:
    """Ten columns' figures do not huddle at the far edge of a wide window; in a narrow one nothing changes."""
    table = Table("Sessions", COLUMNS)
    table.setModel(Rows(COLUMNS, lines(3)))
    shown(table, qtbot, 1_400)
    before = [table.columnWidth(place) for place in range(len(COLUMNS))]
    table.spread()
    after = [table.columnWidth(place) for place in range(len(COLUMNS))]
    free = next(place for place, column in enumerate(COLUMNS) if column.width < 0)
    grown = {new - old for place, (old, new) in enumerate(zip(before, after, strict=True)) if place != free}
    assert len(grown) == 1 and grown.pop() > 20
    assert sum(after) <= sum(before)
