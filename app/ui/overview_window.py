"""The overview: what was spent in a period, on what, and in which sessions.

It is asked in two steps in the background, figures and bars first. The charts' module is imported in the background,
too, while the first answer is on its way.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QDate, Qt, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app import formats
from app.diagnostics import KnownError
from app.model.meters import Meters
from app.report import overview_page, period
from app.report.overview_page import Below, Top
from app.report.period import Span
from app.report.zone import day_of, local_zone
from app.settings import Settings, shows_repaired
from app.sources import SOURCES
from app.store.queries import SoFar, label_of
from app.ui import exporting
from app.ui.appearance import appearance
from app.ui.date_field import DateField
from app.ui.keys import bind
from app.ui.moments import day, days, named_day
from app.ui.overview_cards import KindsCard, SessionsCard, SpendCard
from app.ui.plan_words import spend_word
from app.ui.preferences import listen
from app.ui.refresher import Refresher
from app.ui.repaired import parts_of
from app.ui.trouble import is_partly_unread, notice_of
from app.ui.widgets.buttons import Button
from app.ui.widgets.figure import Figure, FigureValue
from app.ui.widgets.flow_row import FlowRow
from app.ui.widgets.heading import Heading
from app.ui.widgets.label import Label
from app.ui.widgets.notice import NoticeValue
from app.ui.widgets.segmented import Segmented
from app.ui.windows import SESSIONS, SETTINGS, Context
from app.ui.wrap import Wrap

REFRESH_EVERY = 1_000
"""Between two readings while sessions write, ms."""
STACK_BELOW = 1000
"""Pixels at 100 % below which the cards stand above one another."""
PERIODS = ("today", "7 days", "30 days", "month", "custom")


class _Asked(NamedTuple):
    span: Span
    stack: str


_NAMED = 4
"""Agents told by name where none has written yet."""


class OverviewWindow(QWidget):
    """Keys: 1 to 5 the period, arrows the day, Enter its sessions, T chart or table, Ctrl+E export, F6 next card."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._asked: _Asked | None = None
        self._top: Top | None = None
        self._below: Below | None = None
        self._custom: tuple[date, date] | None = None
        self._failure: tuple[str, str] | None = None
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Overview"))
        self.setAccessibleName(self.tr("Overview"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._build()
        self._shortcuts()
        appearance().changed.connect(self._measure)
        context.changed.connect(self._tell_problems)
        self._measure()
        self._exports = exporting.Exports(context, self)
        self._exports.told.connect(lambda: self._tell_problems(context.meters()))
        self._refresher = Refresher(context, self, self._ask, REFRESH_EVERY)
        self._shows_repaired = shows_repaired(context.machine)
        listen(context.machine, self._chosen)

    # --- parts

    def _build(self) -> None:
        self.title = Heading(self.tr("Overview"), role="window")
        names = (self.tr("Today"), self.tr("7 days"), self.tr("30 days"), self.tr("Month"), self.tr("Custom…"))
        self.period = Segmented(self.tr("Period"), list(zip(PERIODS, names, strict=True)), "30 days")
        self.period.chosen.connect(self._period_chosen)
        self.dates = Label("", "table", "text3")
        self.since, self.until = DateField(), DateField()
        self._between = Label(self.tr("to"), "table", "text3")
        for one, name in ((self.since, self.tr("First day")), (self.until, self.tr("Last day"))):
            one.setAccessibleName(name)
            one.dateChanged.connect(self._dates_chosen)
        self.export = Button(self.tr("Export…"))
        self.export.clicked.connect(self.export_asked)
        self._toolbar = QWidget()
        self._tools = Wrap(self._toolbar)
        self._tools.addWidget(self.title)
        self._gap = QWidget()
        self._tools.addWidget(self._gap)
        for one in (self.period, self.dates, self.since, self._between, self.until):
            self._tools.addWidget(one)
        self._tools.begin_right()
        self._tools.addWidget(self.export)
        self._spend, self._active, self._month = Figure(), Figure(), Figure()
        for one in (self._spend, self._active, self._month):
            one.offer_origin = True
        for one in (self._spend, self._active):
            one.origin_asked.connect(lambda: self._open_sessions(""))
        self._month.origin_asked.connect(self._open_month)
        self.figures = FlowRow()
        self.spend, self.kinds, self.sessions = SpendCard(), KindsCard(), SessionsCard()
        self.spend.stack_chosen.connect(lambda _key: self._ask_top())
        self.spend.opened.connect(self._open_bin)
        self.spend.empty_action.connect(self._show_last)
        self.spend.notice_action.connect(self._notice_action)
        self.kinds.calls_asked.connect(lambda: self._open_sessions("price:none"))
        self.kinds.origin_asked.connect(lambda: self._open_sessions(""))
        self.sessions.opened.connect(lambda source, native: self._context.open_session(source, native))
        self.sessions.all_asked.connect(lambda: self._open_sessions(""))
        page = QWidget()
        page.setProperty("ground", "none")
        self._cards = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._cards.addWidget(self.kinds, 46)
        self._cards.addWidget(self.sessions, 66)
        self._page = QVBoxLayout(page)
        self._page.addWidget(self.figures)
        self._page.addWidget(self.spend)
        self._page.addLayout(self._cards, 1)
        self.page_area = QScrollArea()
        self.page_area.setWidget(page)
        self.page_area.setWidgetResizable(True)
        self.page_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.page_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.page_area.verticalScrollBar().rangeChanged.connect(self._margins)
        self._all = QVBoxLayout(self)
        self._all.addWidget(self._toolbar)
        self._all.addWidget(self.page_area, 1)
        self._show_dates_fields()

    def _shortcuts(self) -> None:
        for number, key in enumerate(PERIODS, 1):
            bind(self, str(number), self.period.segment(key).accessibleName(), partial(self.choose_period, key))
        bind(self, "T", self.tr("Chart or table"), self.spend.toggle_twin)
        bind(self, "Ctrl+E", self.tr("Export"), self.export_asked)
        bind(self, "F6", self.tr("Next card"), self._next_card)

    @Slot()
    def _measure(self) -> None:
        space = appearance().theme.space
        self._all.setContentsMargins(0, space.l, 0, 0)
        self._all.setSpacing(space.m)
        self._tools.setContentsMargins(0, 0, 0, 0)
        self._gap.setFixedSize(space.xs, 1)
        self._toolbar.setContentsMargins(space.xl, 0, space.xl, 0)
        self._margins()
        self._page.setSpacing(space.l)
        self._cards.setSpacing(space.l)
        self._turn()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    @Slot()
    def _margins(self) -> None:
        """The scroll bar stands in the right margin, so that cards keep their width and end below the toolbar's end."""
        space, bar = appearance().theme.space, self.page_area.verticalScrollBar()
        taken = bar.sizeHint().width() if bar.maximum() > bar.minimum() else 0
        self._page.setContentsMargins(space.xl, 0, max(space.xs, space.xl - taken), space.m)

    def _turn(self) -> None:
        beside = self.width() >= appearance().theme.px(STACK_BELOW)
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._cards.direction() != way:
            self._cards.setDirection(way)

    def _next_card(self) -> None:
        chart = self.spend.twin or self.spend.chart
        stops = [self.period.segment(self.period.choice), chart, self.kinds.tokens, self.sessions.table]
        shown = [one for one in stops if one is not None and one.isVisible()]
        inside = [place for place, one in enumerate(shown) if one.hasFocus() or one.isAncestorOf(self.focusWidget())]
        if shown:
            following = shown[(inside[0] + 1) % len(shown)] if inside else shown[0]
            following.setFocus(Qt.FocusReason.TabFocusReason)
            self.page_area.ensureWidgetVisible(following)

    # --- the period

    @property
    def zone_now(self) -> tuple[int, date]:
        """The instant and the local day it is."""
        now = self._context.machine.clock()
        return now, day_of(now, local_zone(self._context.machine))

    @property
    def span(self) -> Span:
        """The days that are shown."""
        now, _ = self.zone_now
        zone = local_zone(self._context.machine)
        if self.period.choice == "custom" and self._custom is not None:
            return Span(*self._custom, zone)
        return period.span_of(self.period.choice if self.period.choice in PERIODS[:4] else "30 days", now, zone)

    def choose_period(self, key: str) -> None:
        self.period.set_chosen(key)
        self._period_chosen(key)

    def choose_days(self, since: date, until: date) -> None:
        """Shows those days as a period of the user's own."""
        self._custom = (since, until) if since <= until else (until, since)
        self.period.set_chosen("custom")
        self._show_dates_fields()
        self._ask()

    @Slot(str)
    def _period_chosen(self, key: str) -> None:
        if key == "custom" and self._custom is None:
            before = self._asked.span if self._asked else self.span
            self._custom = (before.since, before.until)
        self._show_dates_fields()
        if key == "custom" and self.isVisible():
            self.since.setFocus(Qt.FocusReason.OtherFocusReason)
        self._ask()

    @Slot()
    def _dates_chosen(self) -> None:
        since, until = _date_of(self.since.date()), _date_of(self.until.date())
        self._custom = (min(since, until), max(since, until))
        if since > until:  # stepped past one another: each field shows the end that it now stands for
            self._show_dates_fields()
        self._ask()

    def _show_dates_fields(self) -> None:
        custom = self.period.choice == "custom"
        for one in (self.since, self.until, self._between):
            one.setVisible(custom)
        self.dates.setVisible(not custom)
        if custom and self._custom is not None:
            for field, value in zip((self.since, self.until), self._custom, strict=True):
                field.blockSignals(True)
                field.setDate(QDate(value.year, value.month, value.day))
                field.setMaximumDate(QDate(9999, 12, 31))
                field.blockSignals(False)
        self._tools.invalidate()

    def _period_words(self) -> str:
        """In a sentence: `30 days`, `today`."""
        span = self.span
        _, today = self.zone_now
        return {
            "today": self.tr("today"),
            "7 days": self.tr("7 days"),
            "30 days": self.tr("30 days"),
            "month": self.tr("this month"),
        }.get(self.period.choice) or days(span.since, span.until, today)

    def _in_period(self, span: Span) -> str:
        """Behind a count: `in 30 days`, `today`, `on Sun Nov 22`."""
        words = {
            "today": self.tr("today"),
            "7 days": self.tr("in 7 days"),
            "30 days": self.tr("in 30 days"),
            "month": self.tr("this month"),
        }.get(self.period.choice)
        if words is not None:
            return words
        if span.since == span.until:
            return self.tr("on {day}").format(day=named_day(span.since, self.zone_now[1]))
        return self.tr("in {n} days").format(n=f"{span.days:,}")

    # --- asking

    def _ask(self) -> None:
        """Everything, for the period and the stack of now."""
        self._ask_top()
        span, machine = self.span, self._context.machine
        self._context.ask(
            lambda connection: (span, overview_page.below(connection, span, machine)),
            self._show_below,
            self,
            self._failed,
            "below",
        )

    def _ask_top(self) -> None:
        span, stack, machine = self.span, self.spend.stack.choice, self._context.machine
        self._asked = _Asked(span, stack)
        if self._top is None:
            for one in (self.spend, self.kinds, self.sessions):
                one.loading.begin()
        self._context.ask(
            lambda connection: (stack, overview_page.top(connection, span, stack, machine)),
            self._show_top,
            self,
            self._failed,
            "top",
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.focusWidget() is None:
            self.setFocus()  # so that no control looks chosen before a key was pressed; Tab goes to the first
        if self.spend.chart is None:
            self._context.ask(lambda _connection: _import_charts(), lambda _: self.spend.make_chart(), self)
        self._tell_problems(self._context.meters())

    # --- showing

    def _show_top(self, answer: tuple[str, Top]) -> None:
        _, top = answer
        self._top = top
        self._failure = None
        self._tell_problems(self._context.meters())
        _, today = self.zone_now
        shown = self.tr("{days}, local time").format(days=days(top.span.since, top.span.until, today))
        self.dates.set_text(formats.with_rate(shown))
        self._show_figures(top)
        self._show_empty(top)
        self.spend.show_top(top, self._period_words())
        self._show_lower()

    def _show_figures(self, top: Top) -> None:
        shown: list[Figure] = []
        if top.total.calls:
            self._spend.set_figure(self._spend_value(top))
            shown.append(self._spend)
        if top.median_day is not None and top.span.days > 1:
            known = top.median_day or not top.total.unpriced
            line = self.tr("median {money} a day").format(money=formats.money(top.median_day)) if known else ""
            days_exact = formats.counted(top.active_days, self.tr("day"), self.tr("days"))
            value = FigureValue(
                self.tr("Active days"), f"{top.active_days:,}", line, label_of(top.total.evidence), exact=days_exact
            )
            self._active.set_figure(value)
            shown.append(self._active)
        if top.month.calls:
            month = top.span.until.replace(day=1)
            _, today = self.zone_now
            this = (month.year, month.month) == (today.year, today.month)
            label = self.tr("Month so far") if this else self.tr("Month to {day}")
            line = self._missing(top.month) or self.tr("since {day}").format(day=day(month, today))
            self._month.set_figure(
                FigureValue(
                    label.format(day=day(top.span.until, today)),
                    self._sum(top.month, top),
                    line,
                    _label(top.month),
                    exact=_exact(top.month),
                )
            )
            shown.append(self._month)
        if shown != self.figures.findChildren(Figure, options=Qt.FindChildOption.FindDirectChildrenOnly):
            self.figures.set_widgets(shown)
        self.figures.setVisible(bool(shown))

    def _spend_value(self, top: Top) -> FigureValue:
        label = self.tr("{spend}, {period}").format(spend=spend_word(top.paid), period=self._period_words())
        calls = self.tr("1 call") if top.total.calls == 1 else self.tr("{n} calls")
        line = self._missing(top.total) or calls.format(n=f"{top.total.calls:,}")
        return FigureValue(label, self._sum(top.total, top), line, _label(top.total), exact=_exact(top.total))

    def _sum(self, spent: SoFar, top: Top) -> str:
        both, is_open = spent.repaired, self._is_partly_unread(top) or spent.at_least
        return formats.amount(both.cost, spent.unpriced, both.label, at_least=is_open)

    def _is_partly_unread(self, top: Top) -> bool:
        return is_partly_unread(self._context.meters(), top.span.until, self.zone_now[1])

    def _missing(self, spent: SoFar) -> str:
        """What the logs or the price book leave out of a sum."""
        return "; ".join(filter(None, (parts_of(spent), self._unpriced(spent))))

    def _unpriced(self, spent: SoFar) -> str:
        if not spent.unpriced:
            return ""
        words = self.tr("1 call has no price") if spent.unpriced == 1 else self.tr("{n} calls have no price")
        return words.format(n=f"{spent.unpriced:,}")

    def _show_empty(self, top: Top) -> None:
        """Nothing in the period: the last fact there is, and the way to it."""
        if top.total.calls:
            return
        _, today = self.zone_now
        last = top.last
        if last is None:
            names = ", ".join(source.title for source in SOURCES[:_NAMED])
            told = self.tr("Cuenta reads the logs of {names} and {n} other agents. This page fills by itself.")
            plain = told.format(names=names, n=len(SOURCES) - _NAMED)
            self.spend.empty.set_words(self.tr("No agent has written yet"), plain, self.tr("Show sources"))
            return
        if top.span.since == top.span.until == today:
            sentence = self.tr("No agent has written today")
        else:
            words = days(top.span.since, top.span.until, today)
            on = self.tr("No agent has written on {days}")
            between = self.tr("No agent has written in {days}")
            sentence = (on if top.span.days == 1 else between).format(days=words)
        name = self.tr("Yesterday") if last.day == today - timedelta(days=1) else named_day(last.day, today)
        count = self.tr("1 session") if last.sessions == 1 else self.tr("{n} sessions").format(n=f"{last.sessions:,}")
        fact = f"{name}: {formats.amount(last.spent.cost, last.spent.unpriced, at_least=last.spent.at_least)}, {count}."
        plain = fact + (" " + self.tr("This page fills by itself.") if top.span.until >= today else "")
        button = self.tr("Show yesterday") if last.day == today - timedelta(days=1) else self.tr("Show {day}")
        self.spend.empty.set_words(sentence, plain, button.format(day=named_day(last.day, today)))

    def _show_last(self) -> None:
        if self._top is not None and self._top.last is not None:
            self.choose_days(self._top.last.day, self._top.last.day)
        else:
            self._context.open_window(SETTINGS, "sources")

    def _show_below(self, answer: tuple[Span, Below]) -> None:
        span, below = answer
        self._below = below
        now, _ = self.zone_now
        meters = self._context.meters()
        running = {(one.source, one.session) for one in meters.running} if meters else set[tuple[str, str]]()
        self.kinds.show_kinds(below.kinds, below.unpriced)
        self.sessions.show_below(below, running, self._in_period(span), now, span.zone)
        self._show_lower()

    def _show_lower(self) -> None:
        """Where there is nothing the cards that would be blank are gone."""
        nothing = self._top is not None and not self._top.total.calls
        for one in (self.kinds, self.sessions):
            one.setVisible(not nothing)
        self._page.setStretch(1, 1 if nothing else 0)
        self._page.setStretch(2, 0 if nothing else 1)

    # --- trouble

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            exporting.note(error)
        self._tell_failure(self.tr("The figures can't be read"), error)
        for one in (self.spend, self.kinds, self.sessions):
            one.loading.end()

    def _tell_failure(self, title: str, error: Exception) -> None:
        text = str(error) if isinstance(error, KnownError) else self.tr("Something unexpected went wrong.")
        self._failure = (title, text)
        self._tell_problems(self._context.meters())

    @Slot(object)
    def _tell_problems(self, meters: Meters | None) -> None:
        if self._exports.notice is not None:
            self.spend.notice.set_notice(self._exports.notice)
        elif self._failure is not None:
            actions = (("again", self.tr("Try again")), ("report", self.tr("Copy report")))
            self.spend.notice.set_notice(NoticeValue("bad", *self._failure, actions))
        else:
            self.spend.notice.set_notice(notice_of(meters, local_zone(self._context.machine)))

    @Slot(object)
    def _chosen(self, now: Settings) -> None:
        if now.repaired != self._shows_repaired:
            self._shows_repaired = now.repaired
            self._refresher.read()

    def _notice_action(self, key: str) -> None:
        if key == "again":
            self._refresher.read()
        elif key in ("sources", "prices"):
            self._context.open_window(SETTINGS, key)
        elif key == "report":
            text = f"{self.spend.notice.accessibleName()}\n{self.spend.notice.accessibleDescription()}"
            QGuiApplication.clipboard().setText(text.replace(str(self._context.machine.home), "~"))
        else:
            self._exports.act(key)

    # --- to other windows, to files

    def _open_bin(self, place: int) -> None:
        """The sessions of a day, of a week, or of the day of an hour."""
        if self._top is None or not 0 <= place < len(self._top.bars.bins):
            return
        bars, span = self._top.bars, self._top.span
        begin = bars.bins[place].date()
        if bars.unit == "week":
            since, until = max(begin, span.since), min(begin + timedelta(days=6), span.until)
            self._context.open_window(SESSIONS, f"since:{since} until:{until}")
        else:
            self._context.open_window(SESSIONS, f"on:{begin}")

    def _open_sessions(self, more: str) -> None:
        span = self.span
        days_shown = f"on:{span.since}" if span.days == 1 else f"since:{span.since} until:{span.until}"
        if span.until >= self.zone_now[1] and span.days > 1:
            days_shown = f"since:{span.since}"
        self._context.open_window(SESSIONS, f"{days_shown} {more}".strip())

    @Slot()
    def _open_month(self) -> None:
        until = self.span.until
        upto = "" if until >= self.zone_now[1] else f" until:{until}"
        self._context.open_window(SESSIONS, f"since:{until.replace(day=1)}{upto}")

    @Slot()
    def export_asked(self) -> None:
        span = self.span
        name = f"cuenta-{span.since}-{span.until}.csv" if span.days > 1 else f"cuenta-{span.since}.csv"
        exporting.ask_where(self, name, self.export_to)

    def export_to(self, path: Path) -> None:
        """Writes the shown period by day, as CSV or JSON by the path's end."""
        question = exporting.question(self.span.zone, "day", self.span.since, self.span.until)
        machine = self._context.machine
        self._exports.write(path, lambda connection: exporting.write(connection, path, question, machine))


def _label(spent: SoFar) -> str | None:
    """How sure a sum is; nothing is sure of no sum at all."""
    return spent.repaired.label if formats.has_price(spent.cost, spent.unpriced) else None


def _exact(spent: SoFar) -> str:
    """Nothing where nothing has a price."""
    return formats.exact(spent.repaired.cost) if formats.has_price(spent.cost, spent.unpriced) else ""


def _date_of(one: QDate) -> date:
    return date(one.year(), one.month(), one.day())


def _import_charts() -> None:
    """On a pool thread: numpy and pyqtgraph take a third of a second the first time."""
    import app.ui.widgets.stacked_days  # noqa: F401
