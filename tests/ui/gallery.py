"""Renders every widget into pictures, to be looked at beside the design: `python -m tests.ui.gallery FOLDER`.

Light and dark, 100 % and 200 % text, once and twice the pixels, empty, usual and too much. Each ratio is a process of
its own, for Qt takes its scale from the environment when it starts.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

if __name__ == "__main__" and len(sys.argv) > 2:
    os.environ["QT_SCALE_FACTOR"] = sys.argv[2]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("LC_ALL", "C.UTF-8")

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.report.period import Bars
from app.report.usual import Today, Usual
from app.ui.appearance import Appearance, appearance, use_shipped_font
from app.ui.widgets.buttons import Button
from app.ui.widgets.cache_ring import CacheRing
from app.ui.widgets.cells import (
    AgentMark,
    Cell,
    ChipCell,
    Dot,
    GrayBar,
    Group,
    InkBar,
    Number,
    Spark,
    State,
    Swatch,
    Tick,
    Words,
)
from app.ui.widgets.certainty import Certainty
from app.ui.widgets.chip import Chip
from app.ui.widgets.choices import CheckBox, Choice
from app.ui.widgets.course import Call, Course, Remark
from app.ui.widgets.day_curve import DayCurve
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.figure import Figure, FigureValue
from app.ui.widgets.flow_row import FlowRow
from app.ui.widgets.focus_ring import FocusRing
from app.ui.widgets.gauge_bar import GaugeBar
from app.ui.widgets.label import Label
from app.ui.widgets.loading_rows import LoadingRows
from app.ui.widgets.mark import Mark
from app.ui.widgets.notice import Notice
from app.ui.widgets.property_row import PropertyRow, SettingRow
from app.ui.widgets.read_out import ReadOut
from app.ui.widgets.segmented import Segmented
from app.ui.widgets.sparkline import Sparkline
from app.ui.widgets.split_bar import Part, SplitBar
from app.ui.widgets.stacked_days import Reference, Series, StackedDays
from app.ui.widgets.surface import Card, Hairline
from app.ui.widgets.table import Column, Rows, Table
from app.ui.widgets.timeline import Timeline
from app.ui.widgets.two_part import Parts, TwoPart

NANO = 1_000_000_000
RESOURCES = Path(__file__).resolve().parents[2] / "resources"


# Made-up values


def bars(days: int = 30, series: int = 4, unit: str = "day", scale: float = 1.0) -> Bars:
    chance = Random(7)
    step = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}[unit]
    begin = datetime(2026, 10, 22) if unit != "week" else datetime(2026, 1, 5)
    bins = tuple(begin + step * place for place in range(days))
    quiet = [0.12 if day.weekday() > 4 and unit == "day" else 1 for day in bins]
    rows = tuple(
        tuple(int(scale * NANO * 9 * chance.random() / (one + 1) * share) for share in quiet) for one in range(series)
    )
    names = ("claude_code", "codex", "gemini_cli", "cline", "cursor", "copilot", "opencode", "x", "other")[:series]
    unpriced = tuple(4 if place == 5 else 0 for place in range(days))
    return Bars(unit, bins, names, rows, unpriced, tuple(20 + place for place in range(days)))


TITLES = ("Claude Code", "Codex", "Gemini CLI", "Cline", "Cursor", "Copilot CLI", "OpenCode", "Another agent", "Other")


def series(of: Bars) -> list[Series]:
    return [Series(title, f"agent:{key}") for key, title in zip(of.series, TITLES, strict=False)]


def today(now: int = 63, usual: bool = True, much: float = 1.0) -> Today:
    def curve(total: float) -> tuple[int, ...]:
        return tuple(
            int(total * NANO / (1 + math.exp(-(quarter - 54) / 7))) - int(total * NANO / (1 + math.exp(54 / 7)))
            for quarter in range(96)
        )

    spent = tuple(int(value * much * (1 + 0.25 * math.sin(place / 5))) for place, value in enumerate(curve(19)[:now]))
    spent = tuple(max(spent[: place + 1]) if place > 28 else 0 for place in range(len(spent)))
    half = Usual(curve(9.5), curve(12.8), curve(16), 31, True) if usual else None
    return Today(date(2026, 11, 20), spent, half)


def course(calls: int = 70, turns: bool = True, window: int | None = 200_000) -> Course:
    chance = Random(3)
    made: list[Call] = []
    remarks: list[Remark] = []
    context, at, turn = 24_000, 1_763_643_480_000, 1
    for place in range(calls):
        if turns and chance.random() < 0.2:
            turn += 1
        growth = int(chance.random() * 4_600)
        write = int(0.03 * NANO * chance.random())
        if place == calls * 20 // 70:
            growth = 21_800
        if place == calls * 30 // 70:
            at += 22 * 60_000
            write = int(0.85 * NANO)
            remarks.append(Remark("pause", place, "Pause 22 min", "cache expired after 5 min"))
        if context + growth > 184_000:
            remarks.append(
                Remark("compaction", place, f"Compaction {context // 1000}k → 36k", "mid-task, 2 files read again")
            )
            context, growth = 36_000, 0
        context += growth
        at += int(40_000 * chance.random()) + 4_000
        read = int(context / 1e6 * 0.5 * NANO)
        costs = (
            read,
            write,
            int(0.0004 * NANO),
            int(0.02 * NANO * chance.random()),
            int(0.015 * NANO * chance.random()),
        )
        made.append(Call(at, context, costs, turn if turns else 0))
    return Course(tuple(made), window, 184_000 if window else None, tuple(remarks))


# Sheets


def sheet(width: int, *widgets: QWidget, ground: str = "window") -> QWidget:
    page = QWidget()
    page.setProperty("ground", ground)
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(page)
    space = appearance().theme.space
    column.setContentsMargins(space.xl, space.xl, space.xl, space.xl)
    column.setSpacing(space.l)
    for one in widgets:
        column.addWidget(one)
    column.addStretch(1)
    page.setFixedWidth(round(width * max(1.0, appearance().text_scale * 0.75)))
    return page


def row(*widgets: QWidget | None, space: int | None = None) -> QWidget:
    holder = QWidget()
    line = QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(appearance().theme.space.m if space is None else space)
    for one in widgets:
        if one is None:
            line.addStretch(1)
        else:
            line.addWidget(one)
    return holder


def toolbar_and_figures() -> QWidget:
    periods = [("today", "Today"), ("7", "7 days"), ("30", "30 days"), ("month", "Month"), ("custom", "Custom…")]
    field = QLineEdit()
    field.setPlaceholderText("Filter project, branch, model")
    tools = row(
        Label("Overview", "window"),
        Segmented("Period", periods, "30"),
        Label("Oct 22 – Nov 20, local time", "table", "text3"),
        None,
        field,
        Button("Export…"),
    )
    values = [
        FigureValue("Spend, 30 days", "≥ $298.75", "41 calls have no price", "measured", exact="298.750000000 USD"),
        FigureValue("Active days", "29", "median $11.74 a day", "measured"),
        FigureValue("Month so far", "$199.00", "≈ $276 by Nov 30 (80%: $249–$317)", "estimated"),
        FigureValue("Landed work", "64%", "week of Nov 2, matured", "reconciled"),
        FigureValue("Cache leak", "3.4%", "of input cost, as usual", "measured"),
        FigureValue("Likely avoidable", "≈ $19.72", "range $8.10 to $27.60", "estimated"),
    ]
    hero = Figure(FigureValue("", "$7.60", "", "measured"), "hero")
    return sheet(1180, tools, FlowRow([Figure(value) for value in values]), FlowRow([hero, Figure(values[1])]))


def days_card(of: Bars, chosen: int, reference: Reference | None = None, title: str = "Spend by day") -> Card:
    card = Card(title)
    chart = StackedDays()
    chart.set_bars(of, series(of), reference, title)
    out = ReadOut()
    chart.set_chosen(chosen)
    out.set_read_out(chart.read_out(chosen))
    card.header.insertWidget(1, out, 1)
    card.header.addWidget(Segmented("Stacked by", [("agent", "Agent"), ("model", "Model"), ("project", "Project")]))
    card.body.addWidget(chart)
    return card


def days_sheet() -> QWidget:
    usual = Reference(int(12.78 * NANO), "usual weekday $12.78")
    return sheet(
        1180,
        days_card(bars(), 21, usual),
        days_card(bars(24, 2, "hour", 0.2), 15, title="Spend by hour"),
        days_card(bars(60, 9), -1, usual, "Too much"),
        days_card(bars(52, 3, "week", 6), 3, title="By week"),
        days_card(bars(7, 1, scale=0.002), 3, title="Very little"),
        days_card(bars(30, 0), 3, title="Nothing"),
    )


def timeline_card(of: Course, title: str, by: str = "call", choose: int = 6, zoom: float = 1.0) -> Card:
    card = Card(title)
    chart = Timeline()
    chart.set_course(of)
    chart.resize(1100, chart.sizeHint().height())
    chart.set_by(by)  # type: ignore[arg-type]
    groups = chart._measured.groups
    if choose >= 0 and groups:
        chart.set_chosen(*groups[choose])
    if zoom != 1.0:
        chart.zoom(zoom)
    out = ReadOut()
    if chart.choice:
        out.set_read_out(chart.read_out(*chart.choice))
    card.header.insertWidget(1, out, 1)
    card.header.addWidget(Segmented("X axis", [("call", "By call"), ("time", "By time")], by))
    card.body.addWidget(chart)
    return card


def timeline_sheet() -> QWidget:
    return sheet(
        1200,
        timeline_card(course(), "Timeline"),
        timeline_card(course(), "By time", "time"),
        timeline_card(course(40, False), "Calls, no turns", choose=12),
        timeline_card(course(3, True, None), "Three calls, window unknown", choose=-1),
    )


def timeline_much() -> QWidget:
    much = course(10_000)
    return sheet(
        1200,
        timeline_card(much, "10,000 calls", choose=900),
        timeline_card(much, "Zoomed", choose=900, zoom=100),
        timeline_card(course(500), "500 calls", choose=30),
        timeline_card(much, "By time", "time", choose=900),
    )


def popover_sheet() -> QWidget:
    def session(
        agent: str, name: str, branch: str, cost: str, context: int, window: int, tick: int, cache: str
    ) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        space = appearance().theme.space
        column.setContentsMargins(space.l, 10, space.l, 10)
        column.setSpacing(4)
        column.addWidget(row(Mark(agent), TwoPart(name, branch), Label(cost, weight=600), space=space.s))
        gauge = GaugeBar()
        gauge.set_context(name, context, window, tick)
        words = Label(f"{context // 1000}k of {window // 1000}k · {context * 100 // window}%", "table")
        column.addWidget(row(gauge, words, None, Label("Opus 4.8 · high", "table", "text3")))
        ring = CacheRing()
        ring.set_left(192_000, 300_000)
        column.addWidget(row(ring, Label(cache, "table", "text2", elide=True), space=5))
        return holder

    page = QWidget()
    page.setProperty("ground", "surface")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    head = QWidget()
    inner = QVBoxLayout(head)
    inner.setContentsMargins(16, 12, 16, 10)
    inner.setSpacing(2)
    inner.addWidget(row(Label("Today, Friday November 20", "table", "text2"), None, Certainty("measured")))
    rate = row(Label("$4.20", weight=600), Label("an hour, last 15 min", ink="text2"), space=4)
    inner.addWidget(row(Label("$15.62", "hero"), None, rate))
    inner.addWidget(Label("Usually $10.60 by 15:45, $12.78 on a full weekday", "table", "text2"))
    curve = DayCurve()
    curve.set_today(today())
    inner.addWidget(curve)
    column.addWidget(head)
    cache = "Cache warm 3:12 · after that, next turn ≈ $0.59 more"
    for one in (
        session("claude_code", "atlas-api", "feat/invoice-totals", "$7.60", 103_000, 200_000, 184_000, cache),
        session(
            "codex", "ledger-web", "main", "$2.96", 248_000, 272_000, 270_000, "About 22k tokens before compaction."
        ),
        session(
            "x", "a-very-long-project-name", "feature/with-a-very-long-name", "$1,284", 12_000, 200_000, 184_000, cache
        ),
    ):
        column.addWidget(Hairline())
        column.addWidget(one)
    for other in (today(30), today(63, False), today(95), today(50, True, 0.2), today(0)):
        column.addWidget(Hairline())
        small = DayCurve()
        small.set_today(other)
        holder = row(small)
        holder.layout().setContentsMargins(16, 8, 16, 8)  # type: ignore[union-attr]
        column.addWidget(holder)
    foot = row(
        Label("3 new findings, ≈ $4.10", "table"), None, Button("Pause", "flat"), Button("Overview", "flat", "↵")
    )
    foot.layout().setContentsMargins(16, 8, 10, 8)  # type: ignore[union-attr]
    foot.setProperty("ground", "window")
    foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column.addWidget(Hairline())
    column.addWidget(foot)
    page.setFixedWidth(round(396 * appearance().text_scale))
    return page


def tables_sheet() -> QWidget:
    columns = [
        Column("Last call", 96, key="last"),
        Column(""),
        Column("Project and branch", -1, key="project"),
        Column("State"),
        Column("Context", 100),
        Column("Peak of window", 0, True),
        Column("", 76),
        Column("Cost", 0, True, "cost"),
        Column("", 30),
    ]

    def line(
        at: str, agent: str, name: str, branch: str, state: State, cost: str, level: str, *chips: str
    ) -> list[Cell]:
        values = (10, 30, 34, 60, 80, 90, 20, 40)
        money = Number(cost, weight=500) if cost[0] == "$" else Number(cost, ink="text3")
        peak = Number("183k", "of 200k")
        parts = Parts(name, branch, tuple(chips))
        return [
            Words(at, "text2"),
            AgentMark(agent),
            parts,
            state,
            Spark(values),
            peak,
            GrayBar(0.9),
            money,
            Dot(level),
        ]

    none: list[Cell] = [None] * 8
    rows: list[Sequence[Cell]] = [
        [Group("Friday November 20", "5 of 6 sessions", "$14.46", "of $15.62", 7), *none],
        line(
            "15:41",
            "claude_code",
            "atlas-api",
            "feat/invoice-totals",
            State("working", "working"),
            "$7.60",
            "measured",
            "invoice",
        ),
        line("15:40", "codex", "ledger-web", "main", State("waiting", "waiting 2 min"), "$2.96", "measured"),
        line("15:33", "gemini_cli", "parser", "spike/lexer", State("idle", "idle"), "$0.48", "reconciled"),
        line("Thu 17:48", "cline", "parser", "main", State("gone", "log gone"), "no price", "estimated"),
        line(
            "Thu 16:10",
            "cursor",
            "a-project-with-a-very-long-name-indeed",
            "feat/and-a-branch-that-is-long-as-well-really-long",
            State("idle", "idle"),
            "$1,284",
            "measured",
            "import",
            "second",
        ),
    ]
    table = Table("Sessions", columns)
    table.setModel(Rows(columns, rows))
    table.fit_rows()
    table.choose(2)
    table.head.set_sorted("last", False)
    card = Card(padded=False)
    card.body.addWidget(table)

    kinds = [
        Column("Kind", -1),
        Column("Tokens", 0, True),
        Column("", 0, True),
        Column("Dollars", 0, True),
        Column("", 0, True),
    ]
    small = Table("What was paid for", kinds, dense=True, edge="none")
    lines: list[Sequence[Cell]] = [
        [
            Swatch("kind:cache_read", "Cache read"),
            Number("274M"),
            Number("94.1%", ink="text3"),
            Number("$126.97"),
            Number("42.5%", ink="text3"),
        ],
        [
            Swatch("kind:cache_write", "Cache write"),
            Number("13.3M"),
            Number("4.5%", ink="text3"),
            Number("$95.00"),
            Number("31.8%", ink="text3"),
        ],
        [
            Swatch("kind:fresh", "Fresh input"),
            Number("1.8M"),
            Number("0.6%", ink="text3"),
            Number("$6.27"),
            Number("2.1%", ink="text3"),
        ],
        [
            Swatch("kind:output", "Output"),
            Number("1.3M"),
            Number("0.5%", ink="text3"),
            Number("$42.42"),
            Number("14.2%", ink="text3"),
        ],
        [
            Swatch("kind:reasoning", "Reasoning"),
            Number("699k"),
            Number("0.2%", ink="text3"),
            Number("$28.09"),
            Number("9.4%", ink="text3"),
        ],
    ]
    small.setModel(Rows(kinds, lines))
    small.fit_rows()
    paid = Card("What was paid for", "291M tokens")
    shares = (("Tokens", (941, 45, 6, 5, 3)), ("Dollars", (425, 318, 21, 142, 94)))
    names = ("cache_read", "cache_write", "fresh", "output", "reasoning")
    for title, values in shares:
        split = SplitBar()
        split.set_parts(title, [Part(value, f"kind:{kind}", kind) for kind, value in zip(names, values, strict=True)])
        words = Label(title, "table", "text2")
        words.setFixedWidth(appearance().theme.px(50))
        paid.body.addWidget(row(words, split, space=8))
    paid.body.addWidget(small)
    hatched = SplitBar(30)
    parts = [
        Part(16, "part:system"),
        Part(3, "part:memory"),
        Part(50, "part:tools"),
        Part(4, "part:unexplained", hatched=True),
    ]
    hatched.set_parts("Context", parts, 200)
    paid.body.addWidget(hatched)

    agents = [
        Column("Agent", 0),
        Column("Folder", -1),
        Column("Found"),
        Column("Calls", 0, True),
        Column("", 96),
        Column("", 120),
    ]
    sources = Table("Sources", [Column("", 30), *agents])
    found: list[Sequence[Cell]] = [
        [
            Tick(True),
            AgentMark("claude_code", "Claude Code"),
            Words("~/.claude/projects", fixed=True),
            Words("412 files"),
            Number("38,204"),
            InkBar(1.0),
            ChipCell("reading", "good", True),
        ],
        [
            Tick(True),
            AgentMark("cline", "Cline"),
            Words("globalStorage/saoudrizwan.claude-dev/tasks", fixed=True),
            Words("22 folders"),
            Number("317"),
            InkBar(0.2),
            ChipCell("format changed", "warn", True),
        ],
        [
            Tick(False),
            AgentMark("copilot", "Copilot CLI"),
            Words("~/.copilot", fixed=True),
            Words(""),
            Number(""),
            InkBar(0),
            ChipCell("not found", "plain", True),
        ],
    ]
    sources.setModel(Rows([Column("", 30), *agents], found))
    sources.fit_rows()
    holder = Card("Sources", padded=False)
    holder.body.addWidget(sources)
    empty = Table("Nothing", columns)
    empty.setModel(Rows(columns, []))
    empty.fit_rows()
    return sheet(1180, card, paid, holder, empty)


def states_sheet() -> QWidget:
    empty = Card("Nothing yet today")
    empty.body.addWidget(
        EmptyState(
            "No agent has written today",
            "Yesterday: $13.33 in 6 sessions. This page fills by itself.",
            "Show yesterday",
        )
    )
    loading = Card("First reading")
    bones = LoadingRows()
    bones._show_bars()
    bones.set_progress("Reading Wed Nov 18, 214 of 562 files. Today is complete.", 214, 562)
    loading.body.addWidget(bones)
    error = Card("Source problem")
    error.body.addWidget(
        Notice(
            "bad",
            "Codex: folder cannot be opened",
            "Permission denied for ~/.codex/sessions since 14:02. Totals after that show ≥.",
            [("again", "Try again"), ("copy", "Copy report")],
        )
    )
    error.body.addStretch(1)
    for one in (empty, loading, error):
        one.setMinimumHeight(appearance().theme.px(224))
    first = row(empty, loading, error, space=16)
    warn = Notice(
        "warn",
        "Cline: log format not recognized since Thu 17:48",
        "12 entries could not be read, so totals show ≥. The entries are kept in place and read again after an update.",
        [("show", "Show the 12 places"), ("copy", "Copy report")],
    )
    info = Notice("info", "", "Claude Code deletes its logs after 30 days. The numbers you have seen here are kept.")
    chips = row(
        Chip("running", "good"),
        Chip("reading", "good"),
        Chip("format changed", "warn"),
        Chip("cannot read", "bad"),
        Chip("limited"),
        Chip("not found"),
        None,
    )
    buttons = row(
        Button("Import", "primary"),
        Button("Export…"),
        Button("Show all", "flat"),
        Button("Delete everything…", "danger"),
        Button("Overview", "flat", "↵"),
        None,
    )
    off = Button("Not now")
    off.setEnabled(False)
    marks = row(
        *[Mark(one) for one in ("claude_code", "codex", "gemini_cli", "cline", "cursor", "copilot", "opencode", "x")],
        None,
    )
    dots = row(Certainty("measured"), Certainty("reconciled"), Certainty("estimated"), off, Sparkline(), None)
    return sheet(1180, first, warn, info, chips, buttons, marks, dots)


def settings_sheet() -> QWidget:
    week = Choice("Week starts on")
    week.addItems(["Monday", "Sunday"])
    on = CheckBox("On")
    on.setChecked(True)
    context, budget = CheckBox("context ≥ 80%"), CheckBox("cache about to expire")
    context.setChecked(True)
    locked = CheckBox("locked")
    locked.setEnabled(False)
    shows = Segmented("Tray shows", [("icon", "Icon"), ("today", "Icon and today"), ("figure", "Figure")], "today")
    look = Segmented("Appearance", [("system", "System"), ("light", "Light"), ("dark", "Dark")])
    return sheet(
        760,
        Label("General", "window"),
        SettingRow("Start at login", "Opens quietly in the tray. Nothing runs as a service.", on),
        SettingRow("Tray shows", "Text stands beside the icon where the system allows it.", shows),
        SettingRow("Appearance", "", look),
        SettingRow(
            "Tell me when", "A quiet notification, at most once per session and limit.", row(context, budget, locked)
        ),
        SettingRow("Week starts on", "", week),
        PropertyRow("Log files", "3 files, 4.8 MB, last read 15:41:52"),
        PropertyRow(
            "Prices",
            "claude-opus-4-8 and claude-haiku-4-5, valid at each call's time, price book 2026-11-14, and more",
        ),
        ground="surface",
    )


SHEETS: dict[str, Callable[[], QWidget]] = {
    "figures": toolbar_and_figures,
    "days": days_sheet,
    "timeline": timeline_sheet,
    "timeline-much": timeline_much,
    "popover": popover_sheet,
    "tables": tables_sheet,
    "states": states_sheet,
    "settings": settings_sheet,
}


def render(folder: Path, ratio: str) -> None:
    application = QApplication([])
    look = Appearance(RESOURCES)
    look.use_font(use_shipped_font(RESOURCES))
    ring = FocusRing(application)
    for ground in ("light", "dark"):
        look.choose(ground)
        for percent in (100, 200):
            look.set_text_scale(percent / 100)
            for name, make in SHEETS.items():
                page = make()
                page.show()
                page.activateWindow()
                for _ in range(3):
                    application.processEvents()
                page.grab().save(str(folder / f"{name}-{ground}-{percent}-{ratio}x.png"))
                page.close()
                page.deleteLater()
                application.processEvents()
    del ring


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) > 2:
        render(folder, sys.argv[2])
        return
    for ratio in ("1", "2"):
        subprocess.run([sys.executable, "-m", "tests.ui.gallery", str(folder), ratio], check=True)


if __name__ == "__main__":
    main()
