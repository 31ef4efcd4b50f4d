"""A session from its first call to its last: the context above, what each call cost below, on one x axis.

Zoom is a range of calls (or of time); everything on the screen follows from the course, the range and the size, and is
laid out anew only when one of these changes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime
from typing import Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPixmap, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import formats
from app.report import names
from app.ui.keys import Told
from app.ui.widgets import spoken
from app.ui.widgets.base import Painted, line, width_of, write
from app.ui.widgets.course import KINDS, Column, Course, End, Measured, Remark
from app.ui.widgets.read_out import Item, ReadOutValue, swatch
from app.ui.widgets.ticks import money_ticks, money_values, ticks, token_ticks

By = Literal["call", "time"]
_ZOOM = 1.25
"""One step of the wheel."""
_FEWEST = 8.0
"""Calls that stay in sight at the closest zoom."""
_MOST_WORDED = 24
"""Remarks in sight beyond which none has words."""
_SOFT = 300
"""Columns up to which the context line has soft edges."""
LAYERS = 3
"""Of the picture, from the ground up."""
_ORDER = ("compaction", "pause", "switch")
"""Whose words are placed first."""


class Frame(NamedTuple):
    """Where things lie, in pixels."""

    left: float
    right: float
    top: float
    """Of the context panel."""
    floor: float
    """Its base line."""
    roof: float
    """Top of the cost panel."""
    base: float
    """Its base line."""

    @property
    def width(self) -> float:
        return max(1.0, self.right - self.left)


class _Step(NamedTuple):
    """The context line as it lies on the screen: left edge and height of each column."""

    lefts: list[float]
    heights: list[float]

    def misses(self, area: QRectF) -> bool:
        """The area lies wholly above the line, or wholly below it."""
        first = max(0, bisect_right(self.lefts, area.left() - 4) - 1)
        near = self.heights[first : bisect_left(self.lefts, area.right() + 4)]
        return not near or area.bottom() < min(near) - 3 or area.top() > max(near) + 3


class Timeline(Painted):
    """← → by turn (Shift by 5), Home End, Enter; Ctrl+wheel, + and − zoom, the wheel sideways moves, 0 shows all."""

    chosen = Signal(int, int)
    """First and last call, both included, of what is read out now."""
    opened = Signal(int, int)

    def __init__(self, locale: str = formats.ENGLISH, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._locale = locale
        self._by: By = "call"
        self._chosen: tuple[int, int] | None = None
        self._view: tuple[float, float] | None = None
        self._kept: tuple[object, list[Column], int] | None = None
        self._framed: tuple[object, Frame] | None = None
        self._pictured: tuple[object, QPixmap] | None = None
        self._measured = Measured(Course(()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._value = Course(())
        self._describe()

    # What is shown

    def set_course(self, course: Course) -> None:
        """Another course, or the same one grown: zoom and choice stay, and a view of everything goes on showing all."""
        grown = bool(self._value.calls) and course.calls[:1] == self._value.calls[:1]
        if not self._take(course):
            return
        if not grown:
            self._chosen, self._view = None, None
        self._measured = Measured(course)
        self._kept = self._framed = None
        self._describe()

    def set_by(self, by: By) -> None:
        """Calls side by side, or where the clock has them."""
        if by != self._by:
            self._by, self._view = by, None
            self.update()

    def set_chosen(self, first: int, last: int) -> None:
        """Reads out those calls; −1, −1 none. Tells nobody."""
        wanted = (first, last) if 0 <= first <= last < len(self._value.calls) else None
        if wanted != self._chosen:
            self._chosen = wanted
            self._describe()
            self.update()

    @property
    def choice(self) -> tuple[int, int] | None:
        return self._chosen

    @property
    def calls_per_bar(self) -> int:
        """How many calls share a column at the most, at this zoom."""
        return self._columns()[1]

    def read_out(self, first: int, last: int) -> ReadOutValue:
        """Those calls in words, for the line beside the heading."""
        course, locale = self._value, self._locale
        if not 0 <= first <= last < len(course.calls):
            return ReadOutValue()
        costs = self._measured.costs(first, last)
        count = last - first + 1
        note = datetime.fromtimestamp(course.calls[first].at / 1000, course.zone).strftime("%H:%M")
        if count > 1:
            note += ", " + self.tr("{n} calls").format(n=f"{count:,}")
        unpriced = self._unpriced(first, last)
        items = tuple(
            Item(f"kind:{kind}", self.kind_name(kind), formats.money(cost, locale))
            for kind, cost in zip(KINDS, costs, strict=True)
            if cost
        )
        said = [one.title for one in course.remarks if first <= one.call <= last]
        total = formats.amount(sum(costs), unpriced, locale=locale)
        return ReadOutValue(self._name(first, last), total, items, ", ".join(said), note)

    def _unpriced(self, first: int, last: int) -> int:
        return sum(call.unpriced for call in self._value.calls[first : last + 1])

    def kind_name(self, kind: str) -> str:
        """A token kind for people."""
        return names.kind_name(kind, self.tr)

    def _name(self, first: int, last: int) -> str:
        turn = self._value.calls[first].turn
        if turn and self._value.calls[last].turn == turn:
            return self.tr("Turn {n}").format(n=turn)
        if first == last:
            return self.tr("Call {n}").format(n=first + 1)
        return self.tr("Calls {first} to {last}").format(first=first + 1, last=last + 1)

    def _describe(self) -> None:
        name = self.tr("Context and cost by turn") if self._measured.by_turn else self.tr("Context and cost by call")
        if self._chosen is None:
            self.say(name, self.tr("Arrow keys read out one after another."))
            return
        first, last = self._chosen
        shown = self.read_out(first, last)
        unpriced = self._unpriced(first, last)
        cost = spoken.amount(sum(self._measured.costs(first, last)), unpriced, locale=self._locale)
        said = f"{shown.title}, {shown.note}, {cost}."
        peak = self._measured.peak(first, last)
        if peak is not None:
            said += " " + self.tr("Context {n} tokens.").format(n=spoken.tokens(peak, self._locale))
        for one in self._value.remarks:
            if first <= one.call <= last:
                said += f" {one.title}. {one.line}".rstrip() + ("." if one.line else "")
        self.say(name, said)

    # Layout

    def sizeHint(self) -> QSize:
        theme = self.theme
        below = 38 if self._measured.by_turn else 22
        return QSize(theme.px(640), theme.px(314 + below))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(360), self.sizeHint().height())

    def _frame(self) -> Frame:
        key = (self.width(), id(self.theme), id(self._measured))
        if self._framed is None or self._framed[0] != key:
            self._framed = (key, self._made_frame())
        return self._framed[1]

    def _made_frame(self) -> Frame:
        theme, caption = self.theme, self.theme.font("caption")
        left = max([width_of(one, caption) for one in self._scale_words()], default=0) + theme.px(8)
        names = [theme.px(15) + width_of(self.kind_name(kind), caption) for kind in KINDS]
        names += [width_of(words, theme.font("caption", weight)) for words, _, _, weight in self._edge_words()]
        right = theme.px(9) + max(names)
        px = theme.px
        return Frame(max(left, px(48)), max(self.width() - right, left + px(60)), px(12), px(176), px(202), px(314))

    def _range(self) -> tuple[float, float]:
        """What is in sight: calls or ms."""
        if self._view is not None:
            return self._view
        return self._whole()

    def _whole(self) -> tuple[float, float]:
        if self._by == "call":
            return 0.0, float(max(1, len(self._value.calls)))
        begin, end = self._measured.span
        return float(begin), end + (end - begin) * 0.01 + 1

    def _columns(self) -> tuple[list[Column], int]:
        frame, (begin, end) = self._frame(), self._range()
        key = (self._by, begin, end, frame.width, id(self._measured))
        if self._kept is None or self._kept[0] != key:
            lay_out = self._measured.by_call if self._by == "call" else self._measured.by_time
            columns, most = lay_out(begin, end, frame.width)
            self._kept = (key, columns, most)
        return self._kept[1], self._kept[2]

    def _x(self, call: int, frame: Frame) -> float:
        """Left edge of a call."""
        begin, end = self._range()
        calls = self._value.calls
        at = float(call) if self._by == "call" else float(calls[min(call, len(calls) - 1)].at)
        return frame.left + (at - begin) / max(1e-9, end - begin) * frame.width

    def _top_context(self) -> int:
        return max(self._value.window or 0, self._measured.highest, 1)

    def _context_ticks(self) -> list[int]:
        return ticks(self._top_context(), 1)

    def _most_context(self) -> int:
        """Top of the context panel in tokens: the window, or the next round value where it isn't known."""
        top = self._top_context()
        return top if self._value.window else self._context_ticks()[-1]

    def _most_cost(self) -> list[int]:
        columns, _ = self._columns_quick()
        most = max((sum(one.costs) for one in columns), default=0)
        return money_values(most, 4)

    def _columns_quick(self) -> tuple[list[Column], int]:
        return (self._kept[1], self._kept[2]) if self._kept else ([], 1)

    def _scale_words(self) -> list[str]:
        window = self._value.window
        words = [*token_ticks(self._context_ticks(), self._locale), formats.money(0)]
        return words + ([token_ticks([window], self._locale)[0]] if window else [])

    def _edge_words(self) -> list[tuple[str, int, str, int]]:
        """Words at the right end of the context panel: text, tokens, ink, weight."""
        course = self._value
        words: list[tuple[str, int, str, int]] = []
        if course.window:
            words.append((self.tr("window limit"), course.window, "text2", 400))
        if course.compacts_at:
            about = formats.tokens(course.compacts_at, self._locale)
            words.append((self.tr("compacts at ≈ {n}").format(n=about), course.compacts_at, "warnText", 400))
        end = course.end or End(course.calls[-1].context if course.calls else None)
        last = end.context
        if last is not None:
            about = formats.ABOUT if end.estimated else ""
            plain = self.tr("{n} now") if end.running else self.tr("{n} at the end")
            text = plain.format(n=about + formats.tokens(last, self._locale))
            if course.window:
                text += ", " + formats.percent(last, course.window, self._locale)
            words.append((text, last, "accentText", 600))
        return words

    # Drawing

    def draw(self, painter: QPainter) -> None:
        if not self._value.calls:
            return
        frame = self._frame()
        columns, _ = self._columns()
        self._draw_choice(painter, frame)
        painter.drawPixmap(0, 0, self._picture(frame, columns))
        self._draw_below(painter, frame)

    def _picture(self, frame: Frame, columns: list[Column]) -> QPixmap:
        """All that does not depend on the choice, kept: the pointer then moves without drawing the course anew."""
        key = self._picture_key()
        if self._pictured is None or self._pictured[0] != key:
            picture = self._blank()
            for layer in range(LAYERS):
                self._draw_layer(picture, layer, frame, columns)
            self._pictured = (key, picture)
        return self._pictured[1]

    def _picture_key(self) -> object:
        ratio = self.devicePixelRatioF()
        return (self.size(), ratio, self._by, self._range(), id(self._measured), id(self.theme))

    def _blank(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        return picture

    def _draw_layer(self, picture: QPixmap, layer: int, frame: Frame, columns: list[Column]) -> None:
        """The bars, the context above them, or the words over both."""
        painter = QPainter(picture)
        plot = QRectF(frame.left, 0, frame.width, frame.base + 1)
        if layer == 0:
            self._draw_scales(painter, frame)
            painter.setClipRect(plot)
            self._draw_bars(painter, frame, columns)
        elif layer == 1:
            painter.setClipRect(plot)
            self._draw_context(painter, frame, columns)
            self._draw_limits(painter, frame)
        else:
            self._draw_remarks(painter, frame, columns)
            self._draw_edges(painter, frame)
            self._draw_names(painter, frame)
        painter.end()

    def _y(self, tokens: float, frame: Frame) -> float:
        return frame.floor - tokens / self._most_context() * (frame.floor - frame.top)

    def _draw_choice(self, painter: QPainter, frame: Frame) -> None:
        if self._chosen is None:
            return
        left, right = self._edges(self._chosen, frame)
        left, right = max(left, frame.left), min(right, frame.right)
        if right > left:
            top = self.theme.px(4)
            color = self.theme.color("selected")
            line(painter, left, top, right - left, self.height() - top, color)

    def _edges(self, calls: tuple[int, int], frame: Frame) -> tuple[float, float]:
        """Left and right edge of those calls; at least two pixels."""
        left = self._x(calls[0], frame)
        right = self._x(calls[1] + 1, frame) if self._by == "call" else self._x(calls[1], frame) + 4
        return left, max(right, left + 2)

    def _draw_scales(self, painter: QPainter, frame: Frame) -> None:
        theme, caption = self.theme, self.theme.font("caption")
        height, window = theme.line_height("caption"), self._value.window
        right = Qt.AlignmentFlag.AlignRight
        values = self._context_ticks()
        for value, words in zip(values, token_ticks(values, self._locale), strict=True):
            y = self._y(value, frame)
            if y < frame.top - 1 or (window and value and abs(y - frame.top) < height):
                continue
            line(painter, frame.left, round(y), frame.width, 1, theme.color("grid" if value else "lineStrong"))
            area = QRectF(0, round(y) - height / 2, frame.left - theme.px(8), height)
            write(painter, area, words, caption, theme.color("text3"), right)
        if window:
            area = QRectF(0, round(self._y(window, frame)) - height / 2, frame.left - theme.px(8), height)
            write(painter, area, token_ticks([window], self._locale)[0], caption, theme.color("text2"), right)
        costs = self._most_cost()
        for value, words in zip(costs, money_ticks(costs, self._locale), strict=True):
            y = round(frame.base - value / costs[-1] * (frame.base - frame.roof))
            line(painter, frame.left, y, frame.width, 1, theme.color("grid" if value else "lineStrong"))
            area = QRectF(0, y - height / 2, frame.left - theme.px(8), height)
            write(painter, area, words, caption, theme.color("text3"), right)

    def _draw_bars(self, painter: QPainter, frame: Frame, columns: list[Column]) -> None:
        most = self._most_cost()[-1]
        ratio, widest = painter.device().devicePixelRatioF(), self.theme.px(40)
        scale = (frame.base - frame.roof) / most
        boxes: list[list[QRectF]] = [[] for _ in KINDS]
        for one in columns:
            width = max(1 / ratio, min(one.width * (0.72 if one.width >= 4 else 1.0), widest))
            left = frame.left + one.left + (one.width - width) / 2
            left, right = round(left * ratio) / ratio, round((left + width) * ratio) / ratio
            gap = 1.0 if one.width >= 5 else 0.0  # between segments that are tall enough to spare it
            y, base = frame.base, 0
            for kind, cost in enumerate(one.costs):
                base += cost
                top = round((frame.base - base * scale) * ratio) / ratio
                if top < y:
                    boxes[kind].append(QRectF(left, top, right - left, y - top - (gap if y - top > 2.5 else 0.0)))
                    y = top
        for kind, some in zip(KINDS, boxes, strict=True):
            _fill(painter, some, self.theme.kind(kind))

    def _draw_context(self, painter: QPainter, frame: Frame, columns: list[Column]) -> None:
        """The step line and the fill below it, as boxes: all edges are level or upright, and a stroked path of a
        thousand steps takes ten times as long.
        """
        ratio, half = painter.device().devicePixelRatioF(), 0.8 * self.theme.scale
        scale = (frame.floor - frame.top) / self._most_context()
        steps: list[QRectF] = []
        below: list[QRectF] = []
        for run in self._runs(columns):
            before: float | None = None
            for one, end in run:
                y = frame.floor - (one.context or 0) * scale
                left = round((frame.left + one.left) * ratio) / ratio
                width = round((frame.left + end) * ratio) / ratio - left
                below.append(QRectF(left, y, width, frame.floor - y))
                steps.append(QRectF(left - half, y - half, width + 2 * half, 2 * half))
                if before is not None and before != y:
                    steps.append(QRectF(left - half, min(before, y), 2 * half, abs(before - y)))
                before = y
            ending = self._value.calls[-1].context
            if run[-1][0].last == len(self._value.calls) - 1 and ending is not None:  # below the column's peak
                y, peak = self._y(ending, frame), self._y(run[-1][0].context or 0, frame)
                steps.append(QRectF(frame.left + run[-1][1] - half, peak, 2 * half, y - peak))
        _fill(painter, below, self.theme.color("accent", 0.10))
        # Soft edges cost a millisecond for a hundred boxes; where steps are so dense nobody sees them.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(columns) <= _SOFT)
        _fill(painter, steps, self.theme.color("accent"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _runs(self, columns: list[Column]) -> list[list[tuple[Column, float]]]:
        """Stretches of known context without a compaction in between, each column with its right edge: what a call
        left in the context stays there until the next.
        """
        falls = set() if self._crowded() else {one.call for one in self._value.remarks if one.kind == "compaction"}
        runs: list[list[tuple[Column, float]]] = []
        broken = True
        for place, one in enumerate(columns):
            if one.context is None:
                broken = True
                continue
            right = columns[place + 1].left if place + 1 < len(columns) else one.left + one.width
            if broken or one.first in falls:
                runs.append([])
            runs[-1].append((one, right))
            # A fall within a column comes after its peak.
            broken = any(one.first < call <= one.last for call in falls)
        return runs

    def _crowded(self) -> bool:
        """So many compactions in sight that their marks would be a wall."""
        frame = self._frame()
        falls = [one.call for one in self._value.remarks if one.kind == "compaction"]
        shown = sum(frame.left <= self._x(call, frame) <= frame.right for call in falls)
        return shown > 1 and frame.width / shown < self.theme.px(20)

    def _fall_x(self, call: int, frame: Frame, columns: list[Column]) -> float:
        """Where the context falls before that call: at its column, or after the column that keeps the peak."""
        place = bisect_right(columns, call, key=lambda one: one.first) - 1
        if place < 0 or columns[place].last < call:
            return self._x(call, frame)
        one = columns[place]
        return frame.left + one.left + (one.width if one.first < call else 0)

    def _draw_limits(self, painter: QPainter, frame: Frame) -> None:
        theme, course = self.theme, self._value
        if course.window:
            line(painter, frame.left, round(self._y(course.window, frame)), frame.width, 1, theme.color("text2"))
        if course.compacts_at:
            pen = QPen(theme.color("warn"), 1, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([4, 3])
            painter.setPen(pen)
            y = round(self._y(course.compacts_at, frame)) + 0.5
            painter.drawLine(QPointF(frame.left, y), QPointF(frame.right, y))

    def _draw_remarks(self, painter: QPainter, frame: Frame, columns: list[Column]) -> None:
        """Marks always; words where they hide nothing, and none where there are too many to read."""
        course = self._value
        limits = [limit for limit in (course.window, course.compacts_at) if limit]
        taken = [QRectF(frame.left, self._y(limit, frame) - 2, frame.width, 4) for limit in limits]
        shown = [one for one in course.remarks if frame.left <= self._x(one.call, frame) <= frame.right + 1]
        worded = len(shown) <= _MOST_WORDED
        if self._crowded():
            shown = [one for one in shown if one.kind != "compaction"]
        places = {one: self._fall_x(one.call, frame, columns) for one in shown}
        known = [one for one in columns if one.context is not None]
        step = _Step([one.left + frame.left for one in known], [self._y(one.context or 0, frame) for one in known])
        stub = self.theme.px(16)  # no words over another's mark
        taken += [QRectF(x - 2, self._highest(one, frame) - stub, 4, stub) for one, x in places.items()]
        for kind in _ORDER:
            for one in shown:
                if one.kind == kind:
                    self._draw_remark(painter, frame, step if worded else None, one, places[one], taken)

    def _highest(self, remark: Remark, frame: Frame) -> float:
        """The higher of the context before and after."""
        calls = self._value.calls[max(0, remark.call - 1) : remark.call + 1]
        return self._y(max((one.context or 0 for one in calls), default=0), frame)

    def _draw_remark(
        self, painter: QPainter, frame: Frame, step: _Step | None, remark: Remark, x: float, taken: list[QRectF]
    ) -> None:
        theme = self.theme
        calls = self._value.calls
        before = calls[remark.call - 1].context if remark.call else None
        after = calls[remark.call].context if remark.call < len(calls) else None
        start = self._highest(remark, frame)
        if remark.kind == "compaction":
            start = (self._y(before or 0, frame) + self._y(after or 0, frame)) / 2
            self._draw_fall(painter, x, self._y(before or 0, frame), self._y(after or 0, frame))
        place = None if step is None else self._room_for(remark, x, start, frame, step, taken)
        if remark.kind != "compaction":
            top, bottom = start - theme.px(12), start - theme.px(4)
            if place is not None:
                top = min(place.top(), top) if place.top() < start else start + theme.px(4)
                bottom = place.bottom() if place.top() > start else bottom
            line(painter, round(x), top, 1, bottom - top, theme.color("text3"))
        if place is None:
            return
        taken.append(place)
        taken.append(QRectF(x - 2, place.top(), 4, max(0.0, start - place.top())))
        height = theme.line_height("caption")
        strong = 600 if remark.kind in ("compaction", "pause") else 400
        ink = "text" if strong == 600 else "text2"
        left = place.left() >= x
        align = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        area = QRectF(place.left(), place.top(), place.width(), height)
        write(painter, area, remark.title, theme.font("caption", strong), theme.ink(ink), align)
        if remark.line:
            write(painter, area.translated(0, height), remark.line, theme.font("caption"), theme.color("text2"), align)

    def _draw_fall(self, painter: QPainter, x: float, top: float, bottom: float) -> None:
        """A dotted fall with a triangle in its middle."""
        theme = self.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color("accent"), 1.6 * theme.scale, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([1.25, 1.9])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        half, middle = 5 * theme.scale, (top + bottom) / 2
        tip = [QPointF(x - half, middle - half * 0.8), QPointF(x + half, middle - half * 0.8)]
        painter.drawPolygon(QPolygonF([*tip, QPointF(x, middle + half * 0.8)]))
        painter.restore()

    def _room_for(
        self, remark: Remark, x: float, start: float, frame: Frame, line_steps: _Step, taken: list[QRectF]
    ) -> QRectF | None:
        """Where the words hide neither the line nor other words; None where there is no such place."""
        theme = self.theme
        strong = 600 if remark.kind in ("compaction", "pause") else 400
        width = width_of(remark.title, theme.font("caption", strong)) + 1
        if remark.line:
            width = max(width, width_of(remark.line, theme.font("caption")) + 1)
        height = theme.line_height("caption") * (2 if remark.line else 1)
        off, step = theme.px(10 if remark.kind == "compaction" else 7), theme.px(6)
        falls = remark.kind == "compaction"
        sides = (x + off, x - off - width) if falls else (x - off - width, x + off)
        tops = [start - height / 2] if falls else []
        reach = int((frame.floor - frame.top) // step)
        tops += [start - height - theme.px(6) - step * place for place in range(1, reach)]
        tops += [start + theme.px(6) + step * place for place in range(reach)]
        for top in tops:
            for left in sides:
                area = QRectF(round(left), round(top), width, height)
                inside = area.left() >= frame.left and area.right() <= frame.right
                inside = inside and area.top() >= theme.px(2) and area.bottom() <= frame.floor - 2
                stem = QRectF(x - 1, area.top(), 2, max(0.0, start - theme.px(17) - area.top()))
                wide = area.adjusted(-4, 0, 4, 0)
                free = not any(wide.intersects(one) or stem.intersects(one) for one in taken)
                if inside and free and line_steps.misses(area):
                    return area
        return None

    def _draw_edges(self, painter: QPainter, frame: Frame) -> None:
        """The words at the right end, pushed apart where they would meet; the dot at the last call."""
        theme, height = self.theme, self.theme.line_height("caption")
        words = sorted(self._edge_words(), key=lambda one: -one[1])
        at_end = self._range()[1] >= self._whole()[1] - 1e-6
        tops: list[float] = []
        for _, value, _, _ in words:
            top = self._y(value, frame) - height / 2
            tops.append(max(top, tops[-1] + height) if tops else max(top, 0.0))
        over = tops[-1] + height - frame.floor - height / 2 if tops else 0
        if over > 0:
            tops = [top - over for top in tops]
        for (text, value, ink, weight), top in zip(words, tops, strict=True):
            now = ink == "accentText"
            if now and not at_end:
                continue
            area = QRectF(frame.right + theme.px(8), round(top), self.width() - frame.right - theme.px(8), height)
            write(painter, area, text, theme.font("caption", weight), theme.ink(ink))
            if now:
                painter.save()
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("accent"))
                columns, _ = self._columns()
                x = frame.left + columns[-1].left + columns[-1].width if columns else frame.right
                painter.drawEllipse(
                    QPointF(min(x, frame.right), self._y(value, frame)), 3.5 * theme.scale, 3.5 * theme.scale
                )
                painter.restore()

    def _draw_names(self, painter: QPainter, frame: Frame) -> None:
        """The kinds at the right, in stacking order from the top down."""
        theme, height, step = self.theme, self.theme.line_height("caption"), self.theme.px(17)
        middle, left = frame.roof + step / 2, frame.right + theme.px(8)
        for kind in reversed(KINDS):
            swatch(painter, left, middle, f"kind:{kind}", theme)
            area = QRectF(left + theme.px(15), round(middle - height / 2), self.width() - left - theme.px(15), height)
            write(painter, area, self.kind_name(kind), theme.font("caption"), theme.color("text"))
            middle += step

    def _draw_below(self, painter: QPainter, frame: Frame) -> None:
        theme, caption, height = self.theme, self.theme.font("caption"), self.theme.line_height("caption")
        share = self._columns()[1]
        words = self.tr("Cost per call") if share == 1 else self.tr("Cost, {n} calls per bar").format(n=share)
        top = frame.floor + theme.px(5)
        write(painter, QRectF(0, top, frame.right, height), words, caption, theme.color("text3"))
        if self._by == "time":
            self._draw_times(painter, frame)
        elif self._measured.by_turn:
            self._draw_turns(painter, frame)
        else:
            self._draw_numbers(painter, frame)

    def _draw_turns(self, painter: QPainter, frame: Frame) -> None:
        theme, height = self.theme, self.theme.line_height("caption")
        right, center = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter
        row_one, row_two = frame.base + theme.px(4), frame.base + theme.px(19)
        for row, words in ((row_one, self.tr("turn")), (row_two, formats.symbol().strip())):
            area = QRectF(0, row, frame.left - theme.px(8), height)
            write(painter, area, words, theme.font("caption"), theme.color("text3"), right)
        spans, wide = self._turn_spans(frame)
        if len(spans) * 6 <= frame.width:
            for _, left, _ in spans:
                if left >= frame.left - 1:
                    line(painter, left, frame.base, 1, theme.px(5), theme.color("lineStrong"))
        taken: list[tuple[float, float, float]] = []
        spans.sort(key=lambda one: self._chosen is None or self._chosen[0] != one[0])  # the chosen one has its words
        for first, left, stop in spans:
            middle = (max(left, frame.left) + min(stop, frame.right)) / 2
            chosen = self._chosen is not None and self._chosen[0] == first
            font = theme.font("caption", 600 if chosen else 400)
            ink = theme.color("text" if chosen else "text2")
            cost = sum(self._measured.costs(*self._measured.groups[self._measured.group_of(first)]))
            texts = [(row_one, str(self._value.calls[first].turn))]
            if wide or chosen:
                texts.append((row_two, formats.money(cost, self._locale).replace(formats.symbol(), "")))
            for row, words in texts:
                half = width_of(words, font) / 2
                gap = theme.px(4 if wide else 16)
                met = any(row == at and middle - half < b + gap and middle + half > a - gap for at, a, b in taken)
                if met or middle - half < frame.left - 4 or middle + half > frame.right + theme.px(8):
                    continue
                write(painter, QRectF(middle - half, row, 2 * half + 1, height), words, font, ink, center)
                taken.append((row, middle - half, middle + half))

    def _turn_spans(self, frame: Frame) -> tuple[list[tuple[int, float, float]], bool]:
        """First call, left and right edge of each turn in sight, and whether they have room for their sums. Of turns
        too narrow for their numbers only as many as can be read.
        """
        begin, end = self._range()
        groups = self._measured.groups
        shown = groups[self._measured.group_at(begin) : self._measured.group_at(end) + 1]
        wide = frame.width / max(1, len(shown)) >= self.theme.px(24)
        if not wide:
            step = max(1, int(self.theme.px(32) / (frame.width / max(1, len(shown)))))
            kept = shown[::step]
            chosen = [one for one in shown if self._chosen is not None and one[0] == self._chosen[0]]
            shown = kept + [one for one in chosen if one not in kept]
        edges = ((first, self._x(first, frame), self._x(last + 1, frame)) for first, last in shown)
        spans = [one for one in edges if one[2] > frame.left and one[1] < frame.right]
        return [one for one in spans if self._value.calls[one[0]].turn], wide

    def _draw_numbers(self, painter: QPainter, frame: Frame) -> None:
        theme, height = self.theme, self.theme.line_height("caption")
        begin, end = self._range()
        row = frame.base + theme.px(4)
        area = QRectF(0, row, frame.left - theme.px(8), height)
        write(painter, area, self.tr("call"), theme.font("caption"), theme.color("text3"), Qt.AlignmentFlag.AlignRight)
        pixels = frame.width / max(1e-9, end - begin)
        step = next(
            s for p in (1, 10, 100, 1_000, 10**4, 10**5) for s in (p, 2 * p, 5 * p) if s * pixels >= theme.px(48)
        )
        numbers = [1, *range(step, len(self._value.calls) + 1, step)]
        last_end = -1e9
        for number in dict.fromkeys(numbers):
            x = frame.left + (number - 0.5 - begin) * pixels
            words = f"{number:,}"
            wide = width_of(words, theme.font("caption"))
            if x < frame.left or x + wide / 2 > frame.right + theme.px(8) or x - wide / 2 < last_end + theme.px(8):
                continue
            place = QRectF(x - wide / 2, row, wide + 1, height)
            write(painter, place, words, theme.font("caption"), theme.color("text2"))
            last_end = x + wide / 2

    def _draw_times(self, painter: QPainter, frame: Frame) -> None:
        theme, height = self.theme, self.theme.line_height("caption")
        begin, end = self._range()
        pixels = frame.width / max(1e-9, end - begin)
        minute = 60_000
        steps = [minute * n for n in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7 * 1440, 30 * 1440)]
        step = next((one for one in steps if one * pixels >= theme.px(56)), steps[-1])
        row, zone = frame.base + theme.px(4), self._value.zone
        offset = datetime.fromtimestamp(begin / 1000, zone).utcoffset()
        shift = 0 if offset is None else round(offset.total_seconds() * 1000)
        at = -(-(begin + shift) // step) * step - shift
        while at <= end:
            moment = datetime.fromtimestamp(at / 1000, zone)
            words = moment.strftime("%H:%M") if step < 1440 * minute else f"{moment:%b} {moment.day}"
            x = frame.left + (at - begin) * pixels
            wide = width_of(words, theme.font("caption"))
            line(painter, x, frame.base, 1, theme.px(4), theme.color("lineStrong"))
            if x - wide / 2 >= frame.left - theme.px(16) and x + wide / 2 <= frame.right + theme.px(8):
                place = QRectF(x - wide / 2, row, wide + 1, height)
                write(painter, place, words, theme.font("caption"), theme.color("text2"))
            at += step

    # Choosing and zooming

    def _choose_group(self, place: int) -> None:
        groups = self._measured.groups
        if not groups:
            return
        wanted = groups[min(max(place, 0), len(groups) - 1)]
        if wanted != self._chosen:
            self.set_chosen(*wanted)
            self._bring_into_view(*wanted)
            self.chosen.emit(*wanted)

    def _bring_into_view(self, first: int, last: int) -> None:
        if self._view is None:
            return
        begin, end = self._view
        calls = self._value.calls
        low = float(first) if self._by == "call" else float(calls[first].at)
        high = float(last + 1) if self._by == "call" else float(calls[last].at)
        if low < begin:
            self._show_range(low, low + end - begin)
        elif high > end:
            self._show_range(high - (end - begin), high)

    def _show_range(self, begin: float, end: float) -> None:
        low, high = self._whole()
        least = _FEWEST if self._by == "call" else 60_000.0
        size = min(high - low, max(end - begin, min(least, high - low)))
        begin = min(max(begin, low), high - size)
        self._view = None if size >= high - low else (begin, begin + size)
        self.update()

    def zoom(self, factor: float, around: float | None = None) -> None:
        """Closer above 1; around that x of the widget, or the choice, or the middle."""
        frame, (begin, end) = self._frame(), self._range()
        if around is None:
            left, right = self._edges(self._chosen, frame) if self._chosen else (frame.left, frame.right)
            around = (left + right) / 2
        share = min(1.0, max(0.0, (around - frame.left) / frame.width))
        fixed = begin + share * (end - begin)
        size = (end - begin) / factor
        self._show_range(fixed - share * size, fixed + (1 - share) * size)

    def show_all(self) -> None:
        self._view = None
        self.update()

    @property
    def view(self) -> tuple[float, float]:
        """What is in sight: from call to call, or from ms to ms."""
        return self._range()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and turn.y():
            self.zoom(_ZOOM ** (turn.y() / 120), event.position().x())
            event.accept()
        elif self._view is not None and (turn.x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier):
            begin, end = self._view
            by = -(turn.x() or turn.y()) / 120 * (end - begin) / 10
            self._show_range(begin + by, end + by)
            event.accept()
        else:
            event.ignore()  # the page scrolls

    def keys_place(self) -> str:
        return self.tr("In the timeline")

    def keys_told(self) -> tuple[Told, ...]:
        return (
            Told("Left Right", self.tr("Move the read-out")),
            Told("Shift+Left Shift+Right", self.tr("Move it by five")),
            Told("Home End", self.tr("First, last")),
            Told("Return", self.tr("Origin of the chosen call")),
            Told("+ -", self.tr("Zoom; Ctrl and the wheel, too")),
            Told("0", self.tr("Show all")),
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        far = 5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        groups = self._measured.groups
        at = self._measured.group_of(self._chosen[0]) if self._chosen else None
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = far if key == Qt.Key.Key_Right else -far
            self._choose_group(len(groups) - 1 if at is None else at + step)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._choose_group(0 if key == Qt.Key.Key_Home else len(groups) - 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen:
            self.opened.emit(*self._chosen)
        elif key == Qt.Key.Key_0:
            self.show_all()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(1 / _ZOOM if key == Qt.Key.Key_Minus else _ZOOM)
        else:
            super().keyPressEvent(event)

    def call_at(self, x: float) -> int:
        """The call under that x; −1 where there is none."""
        frame = self._frame()
        if not frame.left <= x <= frame.right:
            return -1
        at = x - frame.left
        near = [one for one in self._columns()[0] if one.left <= at]
        if not near:
            return -1
        one = near[-1]
        inside = min(max(0.0, at - one.left), one.width)
        count = one.last - one.first + 1
        return min(one.last, one.first + int(inside / max(1e-9, one.width) * count))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        call = self.call_at(event.position().x())
        if call >= 0:
            wanted = self._measured.groups[self._measured.group_of(call)]
            if wanted != self._chosen:
                self.set_chosen(*wanted)
                self.chosen.emit(*wanted)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._chosen and self.call_at(event.position().x()) >= 0:
            self.opened.emit(*self._chosen)


def _fill(painter: QPainter, boxes: list[QRectF], color: QColor) -> None:
    """Many boxes of one color at once."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRects(boxes)
