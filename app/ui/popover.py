"""The popover: today beside one's usual day, the running sessions, the plans' windows. Shows a PopoverFacts.

It reads nothing by itself and tells by signals what was chosen. Only while it is open a timer ticks, once a second, for
what is left of a cache.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayoutItem, QMenu, QScrollArea, QVBoxLayout, QWidget

from app import formats
from app.model.instant import QUARTER
from app.model.meters import Meters, Running
from app.report.popover import LastDay, PopoverFacts
from app.ui.appearance import appearance
from app.ui.keys import Told
from app.ui.moments import clock, named_day
from app.ui.popover_rows import PlanBlock, Pressable, Run, Runs, SessionRow
from app.ui.tray_view import DEFAULT, Action, Options, pausing, title_and_text, without_price
from app.ui.widgets import dates, spoken
from app.ui.widgets.buttons import Button
from app.ui.widgets.certainty import Certainty
from app.ui.widgets.day_curve import DayCurve
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.gauge_bar import Gauge, GaugeBar
from app.ui.widgets.label import Label
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.widgets.surface import Hairline

WIDTH, MOST_HEIGHT = 396, 640
MOST_SESSIONS = 4
_OFF = 8
"""Pixels between the popover and what it belongs to, and from the edges of the screen."""
_NEAR = 24
"""Pixels around the pointer that are taken for the icon, where only the pointer is known."""
_TICK = 1_000
_WINDOWS = {
    Qt.Key.Key_1: "overview",
    Qt.Key.Key_2: "sessions",
    Qt.Key.Key_Comma: "settings",
    Qt.Key.Key_K: "go",
}
"""What Ctrl and the key open."""
_REOPEN = 0.4
"""Seconds within which a click on the icon is the one that has just closed or opened the popover."""
_GRABS = 20
"""How often the pointer is asked for, each 50 ms, while the panel still holds it."""


class Popover(QWidget):
    """Make it once; `open_at` and `toggle` show it, a click outside or Esc hides it."""

    open_session = Signal(str, str)
    """Source and id of the session."""
    open_window = Signal(str)
    open_settings = Signal(str)
    """A page of Settings: what can't be read, and why; or what has no price."""
    acted = Signal(str)
    """The value of an Action: a pause, or its end."""
    opened = Signal()
    """Fresh facts are wanted."""

    def __init__(self, now: Callable[[], int], options: Options = DEFAULT, normal: bool | None = None) -> None:
        """`now` tells ms since 1970 UTC. `normal` True makes a window of it, as on Wayland, where nothing is placed."""
        super().__init__(None)
        self._now = now
        self._options = options
        self._normal = QGuiApplication.platformName() == "wayland" if normal is None else normal
        self._rounded = not self._normal and composited()
        self._facts: PopoverFacts | None = None
        self._anchor: QRect | None = None
        self._opened_at = 0.0
        self._pressed: tuple[float, QPoint] | None = None
        """When and where it was pressed last, outside too: what closes it may be a click on the icon."""
        self._grabs = 0
        self._rows: dict[tuple[str, str], SessionRow] = {}
        self._plans: list[tuple[Hairline, PlanBlock]] = []
        if self._normal:
            self.setWindowFlags(Qt.WindowType.Window)
        else:
            flags = Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint
            self.setWindowFlags(flags)
            self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground, self._rounded)
        self.setWindowTitle("Cuenta")
        self.setAccessibleName("Cuenta")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._build()
        self._ticking = QTimer(self, interval=_TICK)
        self._ticking.timeout.connect(self._tick)
        self._grabbing = QTimer(self, interval=50)
        self._grabbing.timeout.connect(self._grab)
        appearance().changed.connect(self.restyle)
        self.restyle()

    # What it is made of

    def _build(self) -> None:
        locale = self._options.locale
        self._date, self._certainty = Runs(), Certainty()
        self._spent, self._rate = Runs("hero"), Runs("hero", right=True)
        self._usual = Label(role="table", ink="text2", wrap=True)
        self._unpriced = Label(role="table", ink="text2", wrap=True)
        self._curve = DayCurve(locale=locale)
        self._notice, self._reading = Notice(), _Reading()
        self._notice.action.connect(self._open_settings)
        self._none, self._empty = Label(role="table", ink="text2", wrap=True), EmptyState()
        self._more = MoreRow("sessions" in self._options.windows)
        self._more.clicked.connect(lambda: self._open("sessions"))
        self._body = _Body()
        self._body.setProperty("ground", "none")
        self._all = QVBoxLayout(self._body)
        self._all.setSpacing(0)
        self._all.setContentsMargins(0, 0, 0, 0)
        self._all.addLayout(self._build_head())
        self._sessions = QVBoxLayout()
        self._sessions.setSpacing(0)
        self._all.addLayout(self._sessions)
        self._idle = QVBoxLayout()
        self._idle_line = Hairline()
        self._idle.addWidget(self._idle_line)
        self._idle.addWidget(self._none)
        self._idle.addWidget(self._empty)
        self._all.addLayout(self._idle)
        self._all.addWidget(self._more)
        self._quotas = QVBoxLayout()
        self._quotas.setSpacing(0)
        self._all.addLayout(self._quotas)
        self._all.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._body)
        self._frame = QVBoxLayout(self)
        self._frame.setSpacing(0)
        self._frame.addWidget(self._scroll, 1)
        self._frame.addWidget(Hairline())
        self._frame.addWidget(self._build_footer())

    def _build_head(self) -> QVBoxLayout:
        self._head, self._date_line, self._money = QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        self._date_line.addWidget(self._date, 1)
        self._date_line.addWidget(self._certainty)
        self._money.addWidget(self._spent)
        self._money.addWidget(self._rate, 1)
        self._head.setSpacing(0)
        self._head.addLayout(self._date_line)
        self._head.addLayout(self._money)
        for one in (self._usual, self._unpriced):
            self._head.addWidget(one)
        self._curve_gap = QWidget()
        self._head.addWidget(self._curve_gap)
        self._head.addWidget(self._curve)
        self._notice_gap = QWidget()
        for one in (self._notice_gap, self._notice, self._reading):
            self._head.addWidget(one)
        return self._head

    def _build_footer(self) -> QWidget:
        self._footer = QWidget()
        self._state = Label(role="table", ink="text2", elide=True)
        self._pause = Button(self.tr("Pause"), "flat")
        self._pause.clicked.connect(self._pause_pressed)
        self._overview = Button(self.tr("Overview"), "flat", "↵")
        self._overview.clicked.connect(lambda: self._open("overview"))
        self._overview.setVisible("overview" in self._options.windows)
        self._foot = QHBoxLayout(self._footer)
        self._foot.addWidget(self._state, 1)
        self._foot.addWidget(self._pause)
        self._foot.addWidget(self._overview)
        self._pauses = QMenu(self)
        for title, action in (
            (self.tr("Pause for 1 hour"), Action.PAUSE_HOUR),
            (self.tr("Pause until resumed"), Action.PAUSE),
        ):
            self._pauses.addAction(title).triggered.connect(lambda _=False, action=action: self._act(action))
        return self._footer

    @Slot()
    def restyle(self) -> None:
        """The theme is another one."""
        theme = appearance().theme
        side = theme.px(16)
        edge = 0 if self._normal else 1
        self._frame.setContentsMargins(edge, edge, edge, edge)
        self._head.setContentsMargins(side, theme.px(12), side, theme.px(10))
        self._date_line.setContentsMargins(0, 0, 0, theme.px(3))
        self._curve_gap.setFixedHeight(theme.px(6))
        self._notice_gap.setFixedHeight(theme.px(8))
        self._idle.setSpacing(0)
        self._none.setContentsMargins(side, theme.px(12), side, theme.px(12))
        self._foot.setContentsMargins(side, theme.px(9), theme.px(10), theme.px(9))
        self._foot.setSpacing(0)
        self._reading.restyle()
        self._fit()
        self.update()

    # What it shows

    def set_facts(self, facts: PopoverFacts) -> None:
        """Another reading. Nothing is painted that has not changed."""
        self._facts = facts
        now, locale = facts.meters, self._options.locale
        self._show_date(facts)
        self._show_money(now)
        self._show_usual(facts)
        self._curve.set_today(facts.today)
        self._curve.setVisible(bool(now.calls) or facts.today.usual is not None)
        self._curve_gap.setVisible(not self._curve.isHidden())
        self._show_notice(now)
        self._reading.set_reading(now.reading)
        self._show_sessions(now.running)
        self._show_idle(facts)
        self._show_plans(facts)
        self._pause.setText(self.tr("Resume") if now.paused else self.tr("Pause"))
        self._pause.updateGeometry()
        until = now.paused_until
        words = self.tr("Paused until {time}").format(time=clock(until, facts.zone, locale)) if until else ""
        self._state.set_text(words if now.paused else "")
        self._fit()
        self._tick()

    def _show_date(self, facts: PopoverFacts) -> None:
        locale, as_of = self._options.locale, facts.meters.as_of
        runs = [Run(self.tr("Today, {day}").format(day=dates.long_day(facts.today.day, locale)), ink="text2")]
        if as_of is not None:
            runs.append(Run(self.tr("as of {time}").format(time=clock(as_of, facts.zone, locale)), ink="text3", gap=8))
        if formats.at_rate():
            runs.append(Run(formats.at_rate(), ink="text3", gap=8))
        self._date.set_runs(*runs)

    def _show_money(self, now: Meters) -> None:
        locale = self._options.locale
        self._certainty.set_level(now.label)
        spent = formats.amount(now.today, now.unpriced, now.label, locale, at_least=now.at_least)
        if now.reading is not None and not now.calls:
            spent = formats.NONE  # a zero would be a claim
        said = spoken.amount(now.today, now.unpriced, now.label, locale, at_least=now.at_least)
        self._curve.tell_spent(said)
        self._certainty.setVisible(spent != formats.NONE and formats.has_price(now.today, now.unpriced))
        if spent == formats.NONE:
            said = spent
        self._spent.set_runs(Run(spent, "hero"), name=self.tr("Spend today"), said=said)
        fresh = now.as_of is None  # else there is no last quarter of an hour to speak of
        self._rate.setVisible(now.hourly is not None and fresh)
        if now.hourly is not None:
            money = formats.amount(now.hourly, locale=locale, at_least=now.hourly_at_least)
            words = formats.rate(now.hourly, locale, at_least=now.hourly_at_least).removeprefix(f"{money} ")
            gray = self.tr("{an_hour}, last 15 min").format(an_hour=words)
            name = self.tr("Burn rate")
            said = spoken.amount(now.hourly, locale=locale, at_least=now.hourly_at_least)
            self._rate.set_runs(
                Run(money, "body", weight=600), Run(f" {gray}", "body", "text2"), name=name, said=f"{said} {gray}"
            )
        self._unpriced.setVisible(bool(now.unpriced))
        if now.unpriced:
            one = now.unpriced == 1
            words = self.tr("{calls} has no price.") if one else self.tr("{calls} have no price.")
            calls = formats.counted(now.unpriced, self.tr("call"), self.tr("calls"))
            self._unpriced.set_text(words.format(calls=calls))

    def _show_usual(self, facts: PopoverFacts) -> None:
        locale, by_now, usual = self._options.locale, facts.today.usual_by_now, facts.today.usual
        self._usual.setVisible(usual is not None and by_now is not None)
        if usual is None or by_now is None:
            return
        words = (
            self.tr("Usually {now} by {time}, {full} on a full weekday")
            if usual.weekday
            else self.tr("Usually {now} by {time}, {full} on a full weekend day")
        )
        self._usual.set_text(
            words.format(
                now=formats.money(by_now, locale),
                time=clock((facts.meters.at // QUARTER + 1) * QUARTER, facts.zone, locale),  # what it is the usual of
                full=formats.money(usual.full, locale),
            )
        )

    def _show_notice(self, now: Meters) -> None:
        value = NoticeValue()
        if now.paused:
            first, *rest = pausing(now)
            value = NoticeValue("info", text=" ".join((first, *rest)))
        elif now.problems:
            first, *rest = now.problems
            title, text = title_and_text(first)
            more = self.tr("{n} more.").format(n=len(rest)) if rest else ""
            ways = (("sources", self.tr("Show sources")),) if "settings" in self._options.windows else ()
            value = NoticeValue("bad", title, f"{text} {more}".strip(), ways)
        elif now.no_price:
            title, text = without_price(now.no_price)
            ways = (("prices", self.tr("Add a price…")),) if "settings" in self._options.windows else ()
            value = NoticeValue("info", title, text, ways)
        self._notice.set_notice(value)
        self._notice.setVisible(bool(value.title or value.text))
        self._notice_gap.setVisible(bool(value.title or value.text))

    def _show_idle(self, facts: PopoverFacts) -> None:
        """What stands in the place of the sessions while none runs."""
        now = facts.meters
        idle = not now.running
        empty = idle and not now.calls and not now.reading and not now.paused and not now.problems
        self._idle_line.setVisible(idle and (bool(now.calls) or empty))
        self._none.setVisible(idle and bool(now.calls))
        self._none.set_text(self.tr("No agent is running."))
        self._empty.setVisible(empty)
        if empty and facts.last_day is None:
            self._empty.set_words(
                self.tr("Nothing to count yet"), self.tr("This fills by itself as soon as an agent writes its log.")
            )
        elif empty and facts.last_day is not None:
            self._empty.set_words(self.tr("No agent has written today"), self._last_day(facts.last_day, facts))

    def _last_day(self, last: LastDay, facts: PopoverFacts) -> str:
        locale = self._options.locale
        yesterday = (facts.today.day - last.day).days == 1
        day = self.tr("Yesterday") if yesterday else named_day(last.day, facts.today.day, locale)
        money = formats.amount(last.cost, last.unpriced, last.label, locale, at_least=last.at_least)
        sessions = formats.counted(last.sessions, self.tr("session"), self.tr("sessions"))
        return self.tr("{day}: {money} in {sessions}.").format(day=day, money=money, sessions=sessions)

    def _show_plans(self, facts: PopoverFacts) -> None:
        while len(self._plans) < len(facts.plans):
            line, block = Hairline(), PlanBlock(self._options.locale)
            self._quotas.addWidget(line)
            self._quotas.addWidget(block)
            self._plans.append((line, block))
        for place, (line, block) in enumerate(self._plans):
            shown = place < len(facts.plans)
            line.setVisible(shown)
            block.setVisible(shown)
            if shown:
                block.set_plan(facts.plans[place], facts.meters.at, facts.zone)

    def _show_sessions(self, running: tuple[Running, ...]) -> None:
        """A session keeps its row wherever it goes, so that the focus stays with it."""
        keys = [(one.source, one.session) for one in running[:MOST_SESSIONS]]
        for key in [key for key in self._rows if key not in keys]:
            row = self._rows.pop(key)
            self._sessions.removeWidget(row)
            row.hide()
            row.deleteLater()
        for place, (key, one) in enumerate(zip(keys, running, strict=False)):
            row = self._rows.get(key)
            if row is None:
                row = self._rows[key] = SessionRow(self._options.sessions, self._options.locale)
                row.clicked.connect(lambda _=False, key=key: self._open_session(*key))
            if self._sessions.indexOf(row) != place:
                self._sessions.insertWidget(place, row)
            row.set_session(one, self._now())
        ways = [one for one in self._notice.findChildren(Button) if not one.isHidden()]
        chain = [*ways, *(self._rows[key] for key in keys), self._more, self._pause, self._overview]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    @Slot()
    def _tick(self) -> None:
        """What is left of the caches."""
        if self._facts is None:
            return
        now = self._now()
        for one in self._facts.meters.running:
            row = self._rows.get((one.source, one.session))
            if row is not None:
                row.set_session(one, now)
        running = [one for one in self._facts.meters.running if one.cache_until is not None and one.cache_until > now]
        if not running or not self.isVisible():
            self._ticking.stop()
        elif not self._ticking.isActive():
            self._ticking.start()

    # Size and place

    def _fit(self) -> None:
        """As high as its content, within the limit: sessions give way first, then the middle scrolls."""
        theme = appearance().theme
        area = self._area()
        width = min(theme.px(WIDTH), area.width() - 2 * _OFF)
        most = min(theme.px(MOST_HEIGHT), area.height() - 2 * _OFF)
        edges = 2 * self._frame.contentsMargins().top()
        fixed = self._footer.sizeHint().height() + 1 + edges
        height = fixed + self._show_as_many_as_fit(most - fixed, width - edges)
        # A bar that came while the size was another would narrow the content, and so keep itself needed.
        bar = Qt.ScrollBarPolicy.ScrollBarAsNeeded if height > most else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self._scroll.setVerticalScrollBarPolicy(bar)
        self.setFixedSize(width, min(height, most))
        if self._anchor is not None and self.isVisible() and not self._normal:
            self.move(placed(self.size(), self._anchor, area))

    def _show_as_many_as_fit(self, most: int, width: int) -> int:
        """Shows the sessions there is room for, one at least. Returns the height of the whole content."""
        running = self._facts.meters.running if self._facts is not None else ()
        rows = [self._rows[one.source, one.session] for one in running[:MOST_SESSIONS]]
        self._all.invalidate()  # while nothing is shown yet, what was hidden still counts in a remembered size
        self._all.activate()
        taken = sum(
            _height(item, width)
            for item in (self._all.itemAt(place) for place in range(self._all.count()))
            if item is not None and item.layout() is not self._sessions and item.widget() is not self._more
        )
        more = self._more.sizeHint().height()
        row = max((one.sizeHint().height() for one in rows), default=0)
        count, height = len(rows), 0
        while True:
            left = len(running) - count
            height = taken + count * row + (more if left else 0)
            if height <= most or count <= 1:
                break
            count -= 1
        for place, one in enumerate(rows):
            one.setVisible(place < count)
        self._more.setVisible(len(running) > count)
        self._more.setText(self.tr("{n} more").format(n=len(running) - count))
        return height

    def _area(self) -> QRect:
        screen = QGuiApplication.screenAt(self._anchor.center()) if self._anchor is not None else None
        screen = screen or self.screen() or QGuiApplication.primaryScreen()
        return screen.availableGeometry()

    def open_at(self, anchor: QRect | None) -> None:
        """Beside that rectangle (the icon, or the pointer as a point); None is the corner where panels have it."""
        self._opened_at = time.monotonic()
        self._anchor = anchor if anchor is not None else corner(QGuiApplication.primaryScreen())
        self.opened.emit()
        self._fit()
        if not self._normal:
            self.move(placed(self.size(), self._anchor, self._area()))
        self.show()
        self.raise_()
        self.activateWindow()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def toggle(self, anchor: QRect | None) -> None:
        """Opens or hides it; one click does one thing, also where the host tells of it twice or has closed it already."""
        if self.isVisible():
            if time.monotonic() - self._opened_at > _REOPEN:
                self.close()
        elif not self._closed_by_click_on(anchor):
            self.open_at(anchor)

    def _closed_by_click_on(self, anchor: QRect | None) -> bool:
        if self._pressed is None or anchor is None:
            return False
        then, place = self._pressed
        return time.monotonic() - then < _REOPEN and anchor.adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR).contains(place)

    # What happens to it

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick()
        if not self._normal and QGuiApplication.platformName() == "xcb":
            self._grabs = _GRABS
            self._grabbing.start()

    @Slot()
    def _grab(self) -> None:
        """The pointer and the keys, which the panel may still hold when it tells of the click: without them a click
        outside would go unseen."""
        window = self.windowHandle()
        self._grabs -= 1
        if window is None or not self.isVisible() or self._grabs < 0:
            self._grabbing.stop()
        elif self._pauses.isVisible():
            return
        elif window.setMouseGrabEnabled(True) and window.setKeyboardGrabEnabled(True):
            self._grabbing.stop()

    def hideEvent(self, event: QHideEvent) -> None:
        self._ticking.stop()
        self._grabbing.stop()
        super().hideEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = time.monotonic(), event.globalPosition().toPoint()
        super().mousePressEvent(event)  # closes a popup where the press is outside

    def keys_place(self) -> str:
        return ""

    def keys_told(self) -> tuple[Told, ...]:
        told = [
            Told("Up Down", self.tr("From session to session")),
            Told("Return", self.tr("Open the session, or the overview")),
            Told("Esc", self.tr("Close")),
        ]
        if self._options.windows:
            told.append(Told("Ctrl+1 Ctrl+2 Ctrl+,", self.tr("Overview, sessions, settings"), True))
            told.append(Told("Ctrl+K", self.tr("Go to"), True))
        return tuple(told)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, plain = event.key(), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        window = _WINDOWS.get(Qt.Key(key))
        if key == Qt.Key.Key_Escape or (control and key == Qt.Key.Key_W):
            self.close()
        elif control and window is not None:
            self._open(window)
        elif key == Qt.Key.Key_F1 and self._options.windows:
            self.open_window.emit("keys")  # before it closes, so that it is known whose keys are asked for
            self.close()
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, Button):
                focused.click()
            else:
                self._open("overview")
        elif plain and key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(key == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def _open(self, window: str) -> None:
        if window in self._options.windows or (window == "go" and self._options.windows):
            self.close()
            self.open_window.emit(window)

    def _open_settings(self, page: str) -> None:
        self.close()
        self.open_settings.emit(page)

    def _open_session(self, source: str, session: str) -> None:
        if self._options.sessions:
            self.close()
            self.open_session.emit(source, session)

    @Slot()
    def _pause_pressed(self) -> None:
        if self._facts is not None and self._facts.meters.paused:
            self._act(Action.RESUME)
            return
        self._pauses.popup(self._pause.mapToGlobal(QPoint(0, -self._pauses.sizeHint().height())))

    def _act(self, action: Action) -> None:
        self.acted.emit(action.value)

    def paintEvent(self, _event: object) -> None:
        theme, painter = appearance().theme, QPainter(self)
        whole = QRectF(self.rect())
        footer = QRectF(0, self._footer.y(), whole.width(), whole.height() - self._footer.y())
        if not self._rounded:
            painter.fillRect(whole, theme.color("surface"))
            painter.fillRect(footer, theme.color("window"))
            if not self._normal:
                painter.setPen(theme.color("lineStrong"))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(whole.adjusted(0.5, 0.5, -0.5, -0.5), theme.radius.popover, theme.radius.popover)
        painter.fillPath(outline, theme.color("surface"))
        below = QPainterPath()
        below.addRect(footer)
        painter.fillPath(outline.intersected(below), theme.color("window"))
        painter.setPen(QPen(theme.color("lineStrong"), 1))
        painter.drawPath(outline)
        painter.end()


class MoreRow(Pressable):
    """`2 more`: the sessions there was no room for."""

    def __init__(self, live: bool, parent: QWidget | None = None) -> None:
        super().__init__(live, parent)
        appearance().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        theme = appearance().theme
        return QSize(theme.px(120), theme.px(30))

    def paintEvent(self, event: object) -> None:
        super().paintEvent(event)
        theme, painter = appearance().theme, QPainter(self)
        painter.setFont(theme.font("table"))
        painter.setPen(theme.color("accentText" if self._live else "text2"))
        painter.drawText(
            self.rect().adjusted(theme.px(16), 0, 0, 0),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            self.text(),
        )
        painter.end()


class _Reading(QWidget):
    """`Reading history: 214 of 562 files`, and how far that is."""

    def __init__(self) -> None:
        super().__init__()
        self._words, self._bar = Label(role="table", ink="text2"), GaugeBar(None, 4)
        self._all = QVBoxLayout(self)
        self._all.addWidget(self._words)
        self._all.addWidget(self._bar)
        self.restyle()

    def restyle(self) -> None:
        theme = appearance().theme
        self._all.setContentsMargins(0, theme.px(8), 0, theme.px(4))
        self._all.setSpacing(theme.px(4))

    def set_reading(self, reading: tuple[int, int] | None) -> None:
        self.setVisible(reading is not None)
        if reading is None:
            return
        done, of = reading
        words = self.tr("Reading history")
        if of:
            files = formats.counted(of, self.tr("file"), self.tr("files"))
            words = self.tr("Reading history: {done} of {files}").format(done=f"{done:,}", files=files)
        self._words.set_text(words)
        self._bar.set_gauge(Gauge(done / of if of else None), self.tr("Reading history"), words)


class _Body(QWidget):
    def minimumSizeHint(self) -> QSize:
        """The height follows from the width; what wrapped words want at their narrowest would leave room below."""
        return QSize(super().minimumSizeHint().width(), 0)


def _height(item: QLayoutItem, width: int) -> int:
    if item.isEmpty():
        return 0
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()


def placed(size: QSize, anchor: QRect, area: QRect) -> QPoint:
    """Its upper left corner: below or above the anchor, wherever there is more room, centered on it, on the screen."""
    middle = anchor.center()
    left = min(max(middle.x() - size.width() // 2, area.left() + _OFF), area.right() + 1 - size.width() - _OFF)
    if middle.y() - area.top() <= area.bottom() - middle.y():
        top = anchor.bottom() + 1 + _OFF
    else:
        top = anchor.top() - size.height() - _OFF
    top = min(max(top, area.top() + _OFF), area.bottom() + 1 - size.height() - _OFF)
    return QPoint(max(left, area.left()), max(top, area.top()))


def corner(screen: object) -> QRect:
    """Where a panel keeps its icons, as far as one can tell: at the right end of the side that the panel takes."""
    whole, free = screen.geometry(), screen.availableGeometry()  # type: ignore[attr-defined]
    below = whole.bottom() - free.bottom() > free.top() - whole.top()
    return QRect(free.right(), free.bottom() if below else free.top(), 1, 1)


def composited() -> bool:
    """Can a window have corners that one sees through? On X only where somebody mixes the windows' pictures."""
    if QGuiApplication.platformName() != "xcb":
        return True
    try:
        library = ctypes.CDLL("libX11.so.6")
    except OSError:
        return False
    library.XOpenDisplay.restype = ctypes.c_void_p
    library.XOpenDisplay.argtypes = [ctypes.c_char_p]
    library.XDefaultScreen.argtypes = library.XCloseDisplay.argtypes = [ctypes.c_void_p]
    library.XInternAtom.restype = library.XGetSelectionOwner.restype = ctypes.c_ulong
    library.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    library.XGetSelectionOwner.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
    display = library.XOpenDisplay(None)
    if not display:
        return False
    try:
        name = b"_NET_WM_CM_S%d" % library.XDefaultScreen(display)
        return bool(library.XGetSelectionOwner(display, library.XInternAtom(display, name, 0)))
    finally:
        library.XCloseDisplay(display)
