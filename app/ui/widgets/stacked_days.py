"""Spend by hour, day or week in stacks, drawn in a pyqtgraph plot.

The plot brings view, scale and axes; what lies in it is one item that draws on whole device pixels, for bars and
hairlines of a scaled picture would be soft. Menus, panning and wheel zoom are off: the wheel scrolls the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QTransform, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from app import formats
from app.report.period import Bars
from app.ui.appearance import appearance
from app.ui.keys import Told
from app.ui.widgets import dates, spoken
from app.ui.widgets.base import Painted, line, width_of, write
from app.ui.widgets.figure_menu import Offer, show_menu, takes_key
from app.ui.widgets.plots import pg
from app.ui.widgets.read_out import Item, ReadOutValue, swatch
from app.ui.widgets.ticks import money_ticks, money_values

_WEEK = 7


class Series(NamedTuple):
    """How one of the bars' series is called and painted, in the order of `Bars.series`."""

    title: str
    ink: str


class Reference(NamedTuple):
    """One's usual value: a dotted line with its words."""

    value: int
    words: str


class Shown(NamedTuple):
    """All that the chart draws."""

    bars: Bars
    series: tuple[Series, ...]
    reference: Reference | None = None


class StackedDays(Painted):
    """← → Home End and the pointer choose a bin, Shift a week further; Enter or a double click opens it."""

    chosen = Signal(int)
    """The bin that is read out now."""
    opened = Signal(int)

    def __init__(self, height: int = 212, locale: str = formats.ENGLISH, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height
        self._locale = locale
        self._chosen = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._plot = _Plot(self)
        self._plot.pointed.connect(self._pointed)
        self._plot.opened.connect(self.opened)
        self._value: Shown | None = None

    # What is shown

    def set_bars(
        self, bars: Bars, series: Sequence[Series], reference: Reference | None = None, name: str = ""
    ) -> None:
        """`name` is the chart's heading for a screen reader: `Spend by day, 30 days`."""
        before: Shown | None = self._value
        shown = Shown(bars, tuple(series), reference)
        self.setAccessibleName(name or self.accessibleName() or self.tr("Spend by day"))
        if not self._take(shown):
            return
        if before is None or before.bars.bins != bars.bins:
            self._chosen = -1
        self._lay_out()
        self._describe()

    def set_chosen(self, place: int) -> None:
        """Reads out that bin; −1 none. Tells nobody."""
        if place != self._chosen:
            self._chosen = place
            self._describe()
            self._plot.item.update()

    @property
    def choice(self) -> int:
        return self._chosen

    def read_out(self, place: int) -> ReadOutValue:
        """The bin in words: its time, its total, its parts from the base up."""
        if self._value is None or not 0 <= place < len(self._value.bars.bins):
            return ReadOutValue()
        bars, series, _ = self._value
        unpriced = bars.unpriced[place]
        items = tuple(
            Item(one.ink, one.title, self._part(part, place))
            for part, one in enumerate(series)
            if bars.values[part][place] or bars.unpriced_in(part, place)
        )
        calls = bars.calls[place]
        remark = self.tr("1 call") if calls == 1 else self.tr("{n} calls").format(n=f"{calls:,}")
        if unpriced:
            remark += ", " + self.tr("{n} without a price").format(n=f"{unpriced:,}")
        total = formats.amount(bars.totals[place], unpriced, locale=self._locale, at_least=bars.at_least(place))
        return ReadOutValue(self.bin_name(place), total, items, remark)

    def _part(self, part: int, place: int) -> str:
        """One part of that bar."""
        bars: Bars = self._value.bars  # pyright: ignore[reportOptionalMemberAccess]
        unpriced, is_open = bars.unpriced_in(part, place), bars.at_least(place, part)
        return formats.amount(bars.values[part][place], unpriced, locale=self._locale, at_least=is_open)

    def bin_name(self, place: int) -> str:
        """`Thu Nov 12`, `15:00`, `Week of Nov 9`."""
        bars = self._value.bars if self._value else None
        if bars is None:
            return ""
        begin = bars.bins[place]
        if bars.unit == "hour":
            return dates.hour(begin, self._locale)
        if bars.unit == "week":
            return self.tr("Week of {day}").format(day=dates.short_day(begin, self._locale))
        return dates.day_name(begin, self._locale)

    def _describe(self) -> None:
        if self._value is None or not 0 <= self._chosen < len(self._value.bars.bins):
            self.setAccessibleDescription(self.tr("Arrow keys read out one bar after another."))
            return
        bars, series, _ = self._value
        begin, place = bars.bins[self._chosen], self._chosen
        named = dates.long_day(begin, self._locale) if bars.unit == "day" else self.bin_name(place)
        parts = [
            f"{one.title} {self._part(part, place).removeprefix(formats.symbol())}"
            for part, one in enumerate(series)
            if bars.values[part][place] or bars.unpriced_in(part, place)
        ]
        is_open = bars.at_least(place)
        total = spoken.amount(bars.totals[place], bars.unpriced[place], locale=self._locale, at_least=is_open)
        said = f"{named}, {total}"
        self.setAccessibleDescription(said + (": " + ", ".join(parts) if parts else ""))

    # Layout

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(480), self.theme.px(self._height))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(280), self.theme.px(self._height))

    def restyle(self) -> None:
        super().restyle()
        self._lay_out()

    def resizeEvent(self, _event: object) -> None:
        self._lay_out()

    def _side(self) -> int:
        """Width of the list at the right."""
        if self._value is None:
            return 0
        theme, caption = self.theme, self.theme.font("caption")
        widths = [theme.px(25) + width_of(one.title, caption) for one in self._value.series]
        if self._value.reference:
            widths.append(theme.px(10) + width_of(self._value.reference.words, caption))
        return min(max(widths, default=0) + 1, self.width() // 3)

    def _lay_out(self) -> None:
        self._plot.setGeometry(0, 0, max(0, self.width() - self._side()), self.height())
        self._plot.show_bars(self._value, self._locale)
        self.update()

    def draw(self, painter: QPainter) -> None:
        """The list at the right: names in stacking order, and the reference's words at its line."""
        if self._value is None:
            return
        theme, shown = self.theme, self._value
        left, height = self._plot.width() + theme.px(10), theme.line_height("caption")
        step = theme.px(17)
        top, bottom = theme.px(4), self.height() - theme.px(22)
        first = float(top)
        at = self._list_top(bottom)
        if shown.reference is not None and at is not None:
            first, line_at = at, self._plot.height_of(shown.reference.value)
            words = QRectF(left, line_at - height / 2, self.width() - left, height)
            write(painter, words, shown.reference.words, theme.font("caption"), theme.color("text2"))
        for place, one in enumerate(shown.series):
            middle = first + place * step + step / 2
            if middle + step / 2 > self.height():
                return
            swatch(painter, left, middle, one.ink, theme)
            area = QRectF(left + theme.px(15), middle - height / 2, self.width() - left - theme.px(15), height)
            write(painter, area, one.title, theme.font("caption"), theme.color("text"))
        if shown.reference is not None and at is None and self._room_below(bottom):
            words = QRectF(left, first + len(shown.series) * step, self.width() - left, step)
            write(painter, words, shown.reference.words, theme.font("caption"), theme.color("text2"))

    def _list_top(self, bottom: float) -> float | None:
        """Where the list begins, below the reference's words or above them; None where they can't stand at its line."""
        if self._value is None or self._value.reference is None:
            return None
        theme, needed = self.theme, self.theme.px(17) * len(self._value.series)
        at, half = (
            self._plot.height_of(self._value.reference.value),
            self.theme.line_height("caption") / 2 + theme.px(6),
        )
        if at + half + needed <= bottom:
            return at + half
        return at - half - needed if at - half - needed >= theme.px(4) else None

    def words_in_plot(self) -> bool:
        """Whether the reference's words stand in the plot, over its bars, for want of any room beside it."""
        bottom = self.height() - self.theme.px(22)
        return self._list_top(bottom) is None and not self._room_below(bottom)

    def _room_below(self, bottom: float) -> bool:
        """For the reference's words below a list that begins at the top."""
        series = len(self._value.series) if self._value else 0
        return self.theme.px(4) + (series + 1) * self.theme.px(17) <= bottom

    # Choosing

    def _pointed(self, place: int) -> None:
        if place != self._chosen:
            self.set_chosen(place)
            self.chosen.emit(place)

    def offer_of(self, place: int) -> Offer:
        """Its total; its origin is what opening it shows."""
        if self._value is None or not 0 <= place < len(self._value.bars.bins):
            return Offer()
        total = self._value.bars.totals[place]
        known = total or not self._value.bars.unpriced[place]
        return Offer(lambda: self.opened.emit(place), formats.exact(total) if known else "")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        show_menu(self.offer_of(self._chosen), self, event.globalPos())

    def keys_place(self) -> str:
        return self.tr("In the chart")

    def keys_told(self) -> tuple[Told, ...]:
        return (
            Told("Left Right", self.tr("Move the read-out")),
            Told("Shift+Left Shift+Right", self.tr("Move it by a week")),
            Told("Home End", self.tr("First, last")),
            Told("Return O", self.tr("Show the sessions of the chosen bar")),
            Told("Ctrl+C", self.tr("Copy the chosen value")),
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if takes_key(self.offer_of(self._chosen), event):
            return
        count = len(self._value.bars.bins) if self._value else 0
        far = _WEEK if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        key = Qt.Key(event.key())
        if not count:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = far if key == Qt.Key.Key_Right else -far
            at = count - 1 if self._chosen < 0 else self._chosen + step
            self._pointed(min(max(at, 0), count - 1))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._pointed(0 if key == Qt.Key.Key_Home else count - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen >= 0:
            self.opened.emit(self._chosen)
        else:
            super().keyPressEvent(event)


class _Plot(pg.PlotWidget):
    pointed = Signal(int)
    opened = Signal(int)

    def __init__(self, parent: StackedDays) -> None:
        super().__init__(parent, background="transparent")
        self._owner = parent
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the chart itself is the one stop
        for one in (self, self.viewport()):
            one.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the chart's own
        self.setStyleSheet("background: transparent")
        self.plot: Any = self.getPlotItem()
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(False, False)
        for side in ("left", "bottom"):
            self.plot.hideAxis(side)
        self.plot.setContentsMargins(0, 0, 0, 0)
        self.plot.getViewBox().setDefaultPadding(0)
        self.item = _Stack(parent)
        self.plot.addItem(self.item, ignoreBounds=True)
        self._top = 1

    def show_bars(self, shown: Shown | None, locale: str) -> None:
        """Scales the view so that the axes' room and the base line fall on whole pixels."""
        if shown is None or self.height() < 8 or self.width() < 8:
            return
        theme = appearance().theme
        most = max((*shown.bars.totals, shown.reference.value if shown.reference else 0), default=0)
        values = money_values(most)
        words = money_ticks(values, locale)
        left = max(width_of(word, theme.font("caption")) for word in words) + theme.px(8)
        left = max(left, theme.px(40))
        self.item.show_bars(shown, values, words, QRectF(left, theme.px(10), self.width() - left, self._room()))
        self._top = values[-1]
        count = max(1, len(shown.bars.bins))
        slot = (self.width() - left) / count
        view = self.plot.getViewBox()
        scale = values[-1] / max(1, self._room())  # nano-dollars a pixel
        below = self.height() - theme.px(10) - self._room()
        view.setRange(
            xRange=(-left / slot, count),
            yRange=(-below * scale, values[-1] + theme.px(10) * scale),
            padding=0,
            disableAutoRange=True,
        )
        self.item.update()

    def _room(self) -> int:
        """Height of the bars' area."""
        theme = appearance().theme
        return max(1, self.height() - theme.px(10) - theme.px(22))

    def height_of(self, value: int) -> float:
        """Where that value lies, in pixels from the top."""
        theme = appearance().theme
        return theme.px(10) + self._room() * (1 - value / max(1, self._top))

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        place = self.item.bin_at(ev.position())
        if place >= 0:
            self.pointed.emit(place)

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        self._owner.setFocus(Qt.FocusReason.MouseFocusReason)
        self.mouseMoveEvent(ev)

    def mouseReleaseEvent(self, ev: QMouseEvent) -> None:
        ev.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self.item.bin_at(event.position())
        if place >= 0:
            self.opened.emit(place)

    def wheelEvent(self, ev: QWheelEvent) -> None:
        ev.ignore()  # the page below scrolls


class _Stack(pg.GraphicsObject):
    """Grid, chosen column, bars, reference and words, drawn in the view's own pixels."""

    def __init__(self, owner: StackedDays) -> None:
        super().__init__()
        self._owner = owner
        self._shown: Shown | None = None
        self._ticks: list[int] = []
        self._words: list[str] = []
        self._area = QRectF()
        self._bounds = QRectF()

    def show_bars(self, shown: Shown, values: list[int], words: list[str], area: QRectF) -> None:
        self._shown, self._ticks, self._words, self._area = shown, values, words, area
        self.prepareGeometryChange()
        count = len(shown.bars.bins)
        self._bounds = QRectF(-count, -values[-1], 3 * count, 3 * values[-1])

    def boundingRect(self) -> QRectF:
        return self._bounds

    def bin_at(self, position: QPointF) -> int:
        """The bin under that place; −1 where there is none."""
        if self._shown is None or not self._area.width():
            return -1
        count = len(self._shown.bars.bins)
        place = int((position.x() - self._area.left()) // (self._area.width() / max(1, count)))
        return place if 0 <= place < count else -1

    def paint(self, painter: QPainter, option: object = None, widget: object = None) -> None:
        if self._shown is None:
            return
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._column(painter)
        self._grid(painter)
        self._stacks(painter)
        self._reference(painter)
        self._bin_words(painter)
        painter.restore()

    def _slot(self) -> float:
        return self._area.width() / max(1, len(self._shown.bars.bins) if self._shown else 1)

    def _y(self, value: float) -> float:
        return self._area.bottom() - value / self._ticks[-1] * self._area.height()

    def _column(self, painter: QPainter) -> None:
        if self._owner.choice < 0:
            return
        theme, slot = appearance().theme, self._slot()
        top = self._area.top() - theme.px(6)
        left = self._area.left() + self._owner.choice * slot
        line(painter, left, top, slot, self._area.bottom() - top, theme.color("selected"))

    def _grid(self, painter: QPainter) -> None:
        theme = appearance().theme
        height = theme.line_height("caption")
        for value, words in zip(self._ticks, self._words, strict=True):
            y = round(self._y(value))
            color = theme.color("grid" if value else "lineStrong")
            line(painter, self._area.left(), y, self._area.width(), 1, color)
            place = QRectF(0, y - height / 2, self._area.left() - theme.px(8), height)
            write(painter, place, words, theme.font("caption"), theme.color("text3"), Qt.AlignmentFlag.AlignRight)

    def _stacks(self, painter: QPainter) -> None:
        shown, theme, slot = self._shown, appearance().theme, self._slot()
        if shown is None:
            return
        inks = [theme.ink(one.ink) for one in shown.series]
        ratio = painter.device().devicePixelRatioF()
        width = max(1 / ratio, round(slot * 0.6 * ratio) / ratio)
        gap = 1.0 if slot >= 3 else 0.0
        for place in range(len(shown.bars.bins)):
            left = round((self._area.left() + place * slot + (slot - width) / 2) * ratio) / ratio
            base, y = 0, round(self._area.bottom())
            for color, values in zip(inks, shown.bars.values, strict=True):
                if not values[place]:
                    continue
                base += values[place]
                top = round(self._y(base) * ratio) / ratio
                if top < y:
                    tall = y - top - (gap if y - top > 2.5 else 0.0)
                    painter.fillRect(QRectF(left, y - tall, width, tall), color)
                    y = top
            if base and y == round(self._area.bottom()):  # something, though less than a pixel
                painter.fillRect(QRectF(left, y - 1 / ratio, width, 1 / ratio), theme.color("text3"))
            if shown.bars.unpriced[place] and slot >= theme.px(8):
                area = QRectF(left - slot, y - theme.px(16), width + 2 * slot, theme.px(15))
                center = Qt.AlignmentFlag.AlignHCenter
                write(painter, area, "≥", theme.font("caption"), theme.color("text2"), center)

    def _reference(self, painter: QPainter) -> None:
        if self._shown is None or self._shown.reference is None:
            return
        theme = appearance().theme
        pen = QPen(theme.color("text2"), 1, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([2, 3])
        painter.setPen(pen)
        y = round(self._y(self._shown.reference.value)) + 0.5
        painter.drawLine(QPointF(self._area.left(), y), QPointF(self._area.right(), y))
        if not self._owner.words_in_plot():
            return
        words, font = self._shown.reference.words, theme.font("caption")
        width, height = width_of(words, font) + theme.px(8), theme.line_height("caption")
        above = y - height - 2 >= self._area.top() - theme.px(6)
        area = QRectF(self._area.right() - width, y - height - 2 if above else y + 2, width, height)
        painter.fillRect(area, theme.color("surface", 0.9))
        write(painter, area, words, font, theme.color("text2"), Qt.AlignmentFlag.AlignHCenter)

    def _bin_words(self, painter: QPainter) -> None:
        shown, theme, slot = self._shown, appearance().theme, self._slot()
        if shown is None:
            return
        font, end = theme.font("caption"), -1e9
        top = self._area.bottom() + theme.px(4)
        for place, words in self._owner_words(shown):
            width = width_of(words, font)
            middle = self._area.left() + (place + 0.5) * slot
            left = min(max(middle - width / 2, 0.0), self._area.right() - width)
            if left < end + theme.px(12):
                continue
            area = QRectF(left, top, width + 1, theme.line_height("caption"))
            write(painter, area, words, font, theme.color("text3"))
            end = left + width

    def _owner_words(self, shown: Shown) -> list[tuple[int, str]]:
        """Mondays of many days, each of a few, hours by three, weeks as they come."""
        bins, locale = shown.bars.bins, self._owner._locale
        if shown.bars.unit == "hour":
            return [(place, dates.hour(one, locale)) for place, one in enumerate(bins) if one.hour % 3 == 0]
        few = len(bins) <= 10 or shown.bars.unit == "week"
        kept = [place for place, one in enumerate(bins) if few or one.weekday() == 0]
        return [(place, dates.short_day(bins[place], locale)) for place in kept]
