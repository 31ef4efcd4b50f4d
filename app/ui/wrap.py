"""A row of controls that wraps where there is no room, with a part that keeps to the right while all fit in one line."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from app.ui.appearance import appearance


class Wrap(QLayout):
    """Items are centered on their line. Those from `right_from` on stand at the right end of the last line."""

    def __init__(self, parent: QWidget | None = None, gap: int = 12, between: int = 8) -> None:
        super().__init__(parent)
        self._all: list[QLayoutItem] = []
        self._gap, self._between = gap, between
        self._right_from: int | None = None

    def begin_right(self) -> None:
        """What is added from now on stands at the right."""
        self._right_from = len(self._all)

    def addItem(self, item: QLayoutItem) -> None:  # type: ignore[override]
        self._all.append(item)

    def insert(self, place: int, widget: QWidget) -> None:
        """Adds the widget at that place."""
        self.addWidget(widget)
        self._all.insert(place, self._all.pop())
        self.invalidate()

    def count(self) -> int:
        return len(self._all)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._all[index] if 0 <= index < len(self._all) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._all.pop(index) if 0 <= index < len(self._all) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), False)

    def sizeHint(self) -> QSize:
        gap = appearance().theme.px(self._gap)
        sizes = [item.sizeHint() for item in self._all if not item.isEmpty()]
        height = max((size.height() for size in sizes), default=0)
        margins = self.contentsMargins()
        width = sum(size.width() for size in sizes) + gap * max(0, len(sizes) - 1)
        return QSize(width + margins.left() + margins.right(), height + margins.top() + margins.bottom())

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._all if not item.isEmpty()]
        widest, margins = max((size.width() for size in sizes), default=0), self.contentsMargins()
        height = max((size.height() for size in sizes), default=0)
        return QSize(widest + margins.left() + margins.right(), height + margins.top() + margins.bottom())

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, True)

    def _place(self, rect: QRect, really: bool) -> int:
        """Lays out in that width and returns the height it takes."""
        margins = self.contentsMargins()
        rect = rect.adjusted(margins.left(), margins.top(), -margins.right(), 0)
        theme = appearance().theme
        gap, between = theme.px(self._gap), theme.px(self._between)
        lines: list[list[tuple[int, QLayoutItem, QSize]]] = [[]]
        used = 0
        for place, item in enumerate(self._all):
            if item.isEmpty():
                continue
            size = item.sizeHint()
            grows = bool(item.expandingDirections() & Qt.Orientation.Horizontal)
            needed = item.minimumSize().width() if grows else size.width()
            if lines[-1] and used + needed > rect.width():
                lines.append([])
                used = 0
            lines[-1].append((place, item, QSize(needed, size.height())))
            used += needed + gap
        top = rect.top()
        for line in lines:
            height = max((size.height() for _, _, size in line), default=0)
            if really:
                self._place_line(line, QRect(rect.left(), top, rect.width(), height), gap)
            top += height + between
        return top - between - rect.top() + margins.top() + margins.bottom()

    def _place_line(self, line: list[tuple[int, QLayoutItem, QSize]], area: QRect, gap: int) -> None:
        spare = area.width() - sum(size.width() for _, _, size in line) - gap * (len(line) - 1)
        left = area.left()
        for place, item, size in line:
            width = min(size.width(), area.width())
            if item.expandingDirections() & Qt.Orientation.Horizontal and spare > 0:
                more = min(spare, max(0, item.maximumSize().width() - width))
                width, spare = width + more, spare - more
            if self._right_from is not None and place >= self._right_from and spare > 0:
                left, spare = left + spare, 0
            y = area.top() + (area.height() - size.height()) // 2
            item.setGeometry(QRect(QPoint(left, y), QSize(width, size.height())))
            left += width + gap
