"""The parts of the popover: runs of text on one base line, a running session, a plan with its windows."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QEnterEvent, QFocusEvent, QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app import formats
from app.formats import ENGLISH
from app.model.meters import NEAR_FROM, Running
from app.report.names import model_name
from app.report.popover import Plan, Window
from app.sources import title_of
from app.ui.appearance import appearance
from app.ui.moments import moment
from app.ui.plan_words import today_words
from app.ui.theme import Role
from app.ui.tray_view import about, left_of, near
from app.ui.widgets import spoken
from app.ui.widgets.base import Painted, baseline, line
from app.ui.widgets.cache_ring import CacheRing
from app.ui.widgets.gauge_bar import Gauge, GaugeBar
from app.ui.widgets.label import Label
from app.ui.widgets.mark import Mark


class Run(NamedTuple):
    """A piece of a line."""

    text: str
    role: Role = "table"
    ink: str = "text"
    weight: int | None = None
    gap: int = 0
    """Room before it, in pixels of the tokens."""


class Runs(Painted):
    """Pieces of text behind one another on the base line of a role; where room is short the last is cut with …, or left
    out as a whole if `whole`.
    """

    def __init__(
        self, strut: Role = "table", right: bool = False, whole: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._strut: Role = strut
        self._right = right
        self._whole = whole
        self._value: tuple[Run, ...] = ()
        free, fixed = QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed
        self.setSizePolicy(free, fixed)

    def set_runs(self, *runs: Run, name: str = "", said: str = "") -> None:
        """The name and what is said are for a screen reader; without them it hears the text."""
        self._take(runs)
        self.say(name or " ".join(run.text.strip() for run in runs), said)

    def text(self) -> str:
        return "".join(run.text for run in self._value)

    def sizeHint(self) -> QSize:
        return QSize(-int(-self._advance(self._value) // 1), self.theme.line_height(self._strut))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), self.theme.px(24)), self.theme.line_height(self._strut))

    def _advance(self, runs: tuple[Run, ...]) -> float:
        theme = self.theme
        fonts = [QFontMetricsF(theme.font(run.role, run.weight)) for run in runs]
        return sum(font.horizontalAdvance(run.text) + theme.px(run.gap) for font, run in zip(fonts, runs, strict=True))

    def draw(self, painter: QPainter) -> None:
        theme, runs = self.theme, self._value
        while self._whole and len(runs) > 1 and self._advance(runs) > self.width() + 0.5:
            runs = runs[:-1]
        bottom = baseline(theme.font(self._strut), 0, self.height())
        left = max(0.0, self.width() - self._advance(runs)) if self._right else 0.0
        for run in runs:
            left += theme.px(run.gap)
            if run.gap and self.width() - left < theme.px(12):
                return
            font = theme.font(run.role, run.weight)
            metrics = QFontMetricsF(font)
            text = run.text
            if left + metrics.horizontalAdvance(text) > self.width() + 0.5:
                text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, self.width() - left))
            painter.setFont(font)
            painter.setPen(theme.ink(run.ink))
            painter.drawText(QPointF(left, bottom), text)
            left += metrics.horizontalAdvance(text)


class Pressable(QAbstractButton):
    """A whole row that can be pressed, if `live`: hover, focus drawn inside it, Enter and Space."""

    def __init__(self, live: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._by_keys = False
        self.setProperty("ring", False)  # the ring of the window would be cut at the popover's edge
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keys = event.reason() != Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._live:
            self.click()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: object) -> None:
        theme, painter = appearance().theme, QPainter(self)
        if self._live and (self.isDown() or self.underMouse()):
            painter.fillRect(self.rect(), theme.color("selected" if self.isDown() else "hover"))
        line(painter, 0, 0, self.width(), 1, theme.color("line"))
        if self.hasFocus() and self._by_keys:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("focus"), 2))
            radius = theme.radius.button
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 3, -4, -3), radius, radius)
        painter.end()


class SessionRow(Pressable):
    """A running session in three lines: what it is and costs, how full it is, how long its cache stays."""

    def __init__(self, live: bool, locale: str = ENGLISH, parent: QWidget | None = None) -> None:
        super().__init__(live, parent)
        self._locale = locale
        self.key = ("", "")
        self._mark, self._name, self._cost = Mark(), Runs("body"), Label(weight=600)
        self._gauge, self._fill, self._model = GaugeBar(), Runs(), Runs(right=True, whole=True)
        self._warning, self._ring, self._cache = Runs(), CacheRing(), Runs()
        self._lines = QVBoxLayout(self)
        self._head, self._middle, self._foot = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for one in (self._mark, self._name, self._cost):
            self._head.addWidget(one)
        self._head.setStretchFactor(self._name, 1)
        for one in (self._gauge, self._fill, self._model):
            self._middle.addWidget(one)
        self._middle.setStretchFactor(self._model, 1)
        for one in (self._warning, self._ring, self._cache):
            self._foot.addWidget(one)
        self._foot.addStretch(1)
        for one in (self._head, self._middle, self._foot):
            self._lines.addLayout(one)
        appearance().changed.connect(self.restyle)
        self.restyle()

    @Slot()
    def restyle(self) -> None:
        theme = appearance().theme
        self._lines.setContentsMargins(theme.px(16), theme.px(10) + 1, theme.px(16), theme.px(11))
        self._lines.setSpacing(theme.px(5))
        self._head.setSpacing(theme.px(8))
        self._middle.setContentsMargins(0, theme.px(2), 0, 0)
        self._middle.setSpacing(theme.px(8))
        self._foot.setSpacing(theme.px(5))

    def set_session(self, one: Running, now: int) -> None:
        """The session as it is at that instant; called once a second too, for what is left of its cache."""
        self.key = (one.source, one.session)
        self._mark.set_agent(one.source)
        branch = (Run(one.branch, ink="text3", gap=8),) if one.branch else ()
        self._name.set_runs(Run(one.name, "body", weight=600), *branch, name=one.name, said=one.branch or "")
        self._name.setToolTip(f"{one.project or one.name} {one.branch or ''}".strip())
        cost = formats.amount(one.cost, one.unpriced, locale=self._locale, at_least=one.at_least)
        if one.of_more_days:  # else it would seem to be a part of today's figure above
            cost = self.tr("{amount} in all").format(amount=cost)
        self._cost.set_text(cost)
        self._gauge.set_context(one.name, one.context, one.window, one.compacts_at, near(one), locale=self._locale)
        fill = self._set_fill(one)
        model = self._set_model(one)
        warning = self._set_warning(one)
        cache = self._set_cache(one, now, short=bool(warning))
        self.setAccessibleName(f"{one.name} {one.branch or ''}".strip())
        said = [title_of(one.source), cost, fill, model, warning, cache]
        description = ". ".join(part.removesuffix(".") for part in said if part) + "."
        if description != self.accessibleDescription():
            self.setAccessibleDescription(description)

    def _set_fill(self, one: Running) -> str:
        """`103k of 200k · 51%`; the percent is bold near the limit. Returns it in words."""
        locale = self._locale
        if one.context is None:
            said = self.tr("Context not known")
            self._fill.set_runs(Run(said, ink="text2", gap=2))
            return said
        sign = formats.ABOUT if one.context_label == "estimated" else ""
        used = sign + formats.tokens(one.context, locale)
        if not one.window:
            said = self.tr("{used} tokens").format(used=used)
            self._fill.set_runs(Run(said, gap=2))
            return said
        share = formats.percent(one.context, one.window, locale)
        parts = self.tr("{used} of {window}").format(used=used, window=formats.tokens(one.window, locale))
        self._fill.set_runs(Run(f"{parts} · ", gap=2), Run(share, weight=600 if near(one) else None))
        return self.tr("Context {used} of {window} tokens, {share}").format(
            used=spoken.tokens(one.context, locale),
            window=spoken.tokens(one.window, locale),
            share=spoken.percent(one.context / one.window, locale),
        )

    def _set_model(self, one: Running) -> str:
        words = model_name(one.model, one.source) if one.model else ""
        text = " · ".join(part for part in (words, one.effort or "") if part)
        self._model.set_runs(
            *(Run(part, ink="text3") for part in ((words, f" · {one.effort}") if words and one.effort else (text,))),
            name=self.tr("Model"),
            said=text,
        )
        self._model.setToolTip(" · ".join(part for part in (one.model, one.effort) if part))
        return text

    def _set_warning(self, one: Running) -> str:
        """How much is left before compaction, where it is near. Returns the words."""
        left = left_of(one)
        said = ""
        if near(one) and left is not None and left >= 1_000:
            said = self.tr("About {tokens} tokens before compaction.").format(tokens=about(left, self._locale))
        elif near(one) and left is not None:
            said = self.tr("Compaction may come at any turn.")
        self._warning.setVisible(bool(said))
        self._warning.set_runs(Run(said, ink="warnText"))
        return said

    def _set_cache(self, one: Running, now: int, short: bool) -> str:
        """`Cache warm 3:12 · after that, next turn ≈ $0.59 more`. Returns what does not tick, for a screen reader."""
        extra = formats.ABOUT + formats.money(one.cold_extra, self._locale) if one.cold_extra else ""
        left = None if one.cache_until is None else max(0, one.cache_until - now)
        self._ring.setVisible(left is not None)
        if left is None or one.cache_until is None:
            text = said = self.tr("Cache lifetime not promised.")
        elif left:
            self._ring.set_left(left, one.cache_lifetime or left)
            said = self.tr("Cache warm")
            text = self.tr("Cache warm {time}").format(time=formats.countdown(left))
            if extra:
                later = self.tr("after that, next turn {extra} more").format(extra=extra)
                said += f", {later}"
                text += "" if short else f" · {later}"
        else:
            self._ring.set_left(0, one.cache_lifetime or 1)
            said = self.tr("Cache expired")
            if extra:
                said = self.tr("Cache expired; next turn {extra} more").format(extra=extra)
            text = self.tr("Cache expired") if short else said
        # A name that does not tick: a screen reader would tell each second.
        self._cache.set_runs(Run(text, ink="text2"), name=self.tr("Cache"), said=said)
        self.setToolTip(said if short else "")
        return said


class PlanBlock(QWidget):
    """A plan's windows, as the log said last, and how long ago that was."""

    def __init__(self, locale: str = ENGLISH, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._locale = locale
        self._title, self._age = Runs(), Runs(right=True)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self._age, 1)
        self._rows = QVBoxLayout()
        self._windows: list[_WindowRow] = []
        self._value = Label("", "table", "text2", wrap=True)
        self._all = QVBoxLayout(self)
        self._all.addLayout(self._head)
        self._all.addLayout(self._rows)
        self._all.addWidget(self._value)
        appearance().changed.connect(self.restyle)
        self.restyle()

    @Slot()
    def restyle(self) -> None:
        theme = appearance().theme
        self._all.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(10))
        self._all.setSpacing(theme.px(4))
        self._rows.setSpacing(theme.px(4))

    def set_plan(self, plan: Plan, now: int, zone: tzinfo) -> None:
        locale = self._locale
        title = self.tr("{agent} plan").format(agent=plan.title)
        gray = " ".join(part for part in ((plan.plan or "").capitalize(), plan.name) if part)
        self._title.set_runs(Run(title, weight=600), *((Run(gray, ink="text3", gap=8),) if gray else ()))
        age = self.tr("from the log, {time} ago").format(time=formats.duration(now - plan.seen_at))
        if now - plan.seen_at < 60_000:
            age = self.tr("from the log, just now")
        self._age.set_runs(Run(age, ink="text3"))
        while len(self._windows) < len(plan.windows):
            self._windows.append(_WindowRow(locale))
            self._rows.addWidget(self._windows[-1])
        for place, row in enumerate(self._windows):
            row.setVisible(place < len(plan.windows))
            if place < len(plan.windows):
                row.set_window(title, plan.windows[place], now, zone)
        words = today_words(plan.by_key, plan.today, locale)
        self._value.setVisible(bool(words))
        self._value.set_text(words)


class _WindowRow(QWidget):
    """`5 hours`, bar, percent, when it resets."""

    def __init__(self, locale: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._locale = locale
        self._length, self._bar = Runs(), GaugeBar()
        self._share, self._reset = Runs(right=True), Runs(right=True)
        self._all = QHBoxLayout(self)
        for one in (self._length, self._bar, self._share, self._reset):
            self._all.addWidget(one)
        self._all.setStretchFactor(self._reset, 1)
        appearance().changed.connect(self.restyle)
        self.restyle()

    @Slot()
    def restyle(self) -> None:
        theme = appearance().theme
        self._all.setContentsMargins(0, 0, 0, 0)
        self._all.setSpacing(theme.px(10))
        self._length.setMinimumWidth(theme.px(52))
        self._share.setMinimumWidth(theme.px(34))

    def set_window(self, plan: str, window: Window, now: int, zone: tzinfo) -> None:
        locale, used = self._locale, window.used / 100
        length = self._length_words(window.minutes)
        self._length.set_runs(Run(length, ink="text2"))
        share = formats.percent(used, 1, locale)
        reset = (
            self.tr("resets {when}").format(when=moment(window.resets_at, now, zone, locale))
            if window.resets_at
            else ""
        )
        near_ = used >= NEAR_FROM
        self._bar.set_gauge(Gauge(used, None, near_), f"{plan}, {length}", f"{spoken.percent(used, locale)}. {reset}")
        self._share.set_runs(Run(share, weight=600 if near_ else None))
        self._reset.set_runs(Run(reset, ink="text3"))

    def _length_words(self, minutes: int) -> str:
        if minutes == 7 * 1440:
            return self.tr("Week")
        if minutes % 1440 == 0:
            days = minutes // 1440
            return self.tr("Day") if days == 1 else self.tr("{n} days").format(n=days)
        if minutes % 60 == 0:
            hours = minutes // 60
            return self.tr("1 hour") if hours == 1 else self.tr("{n} hours").format(n=hours)
        return self.tr("{n} min").format(n=minutes)
