"""Settings: a list of pages at the left, the chosen page at the right. What is changed holds at once."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.ui.appearance import appearance
from app.ui.keys import bind
from app.ui.settings_pages import PAGES
from app.ui.settings_pages.page import Page
from app.ui.settings_pages.scrolled import Scrolled
from app.ui.widgets.base import box, width_of, write
from app.ui.widgets.surface import Hairline
from app.ui.windows import Context


class SettingsWindow(QWidget):
    """A page is made when it is first chosen."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.setWindowTitle(self.tr("Settings"))
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.list = _List()
        self.list.setProperty("role", "pages")
        self.list.setAccessibleName(self.tr("Pages"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for page in PAGES:
            self.list.addItem(QListWidgetItem(QCoreApplication.translate("Settings", page.title)))
        self._stack = QStackedWidget()
        self._pages: dict[int, tuple[Page, Scrolled]] = {}
        self._holder = QWidget()
        around = QHBoxLayout(self._holder)
        around.addWidget(self.list)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._holder)
        whole.addWidget(Hairline(vertical=True))
        whole.addWidget(self._stack, 1)
        self.list.currentRowChanged.connect(self._show_page)
        bind(self, "F6", self.tr("From the list to the page and back"), self._other_side)
        appearance().changed.connect(self._restyle)
        self._restyle()
        self.list.setCurrentRow(0)
        self.list.setFocus()

    def take_wish(self, wish: str) -> None:
        """Chooses the page of that key."""
        for place, page in enumerate(PAGES):
            if page.key == wish:
                self.list.setCurrentRow(place)

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self._pages[self.list.currentRow()][0]

    def _show_page(self, place: int) -> None:
        if place < 0:
            return
        if place not in self._pages:
            area = Scrolled()
            page = PAGES[place].make(self._context)
            area.setWidget(page)
            self._stack.addWidget(area)
            self._pages[place] = page, area
        self._stack.setCurrentWidget(self._pages[place][1])

    def _other_side(self) -> None:
        """F6: from the list to the page and back."""
        if self.list.hasFocus():
            self.focusNextChild()
        else:
            self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _restyle(self) -> None:
        theme = appearance().theme
        widest = max(width_of(self.list.item(place).text(), theme.font("body", 500)) for place in range(len(PAGES)))
        needed = widest + theme.px(12) + theme.px(8)
        side = theme.px(12) if theme.scale < 1.3 else theme.px(6)
        # The design's width, but not at the cost of the page where text is large.
        width = max(needed, min(theme.px(151), self.width() // 6))
        self.list.setFixedWidth(width)
        layout = self._holder.layout()
        if layout is not None:
            layout.setContentsMargins(side, theme.px(16), side, theme.px(12))
        for place in range(self.list.count()):
            self.list.item(place).setSizeHint(QSize(width, theme.px(32)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._restyle()


class _List(QListWidget):
    """The focus ring goes around the chosen line, not around the whole list."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("ring", False)
        self.setItemDelegate(_Lines(self))
        self.by_pointer = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.by_pointer = event.reason() is Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.by_pointer = False
        super().keyPressEvent(event)


class _Lines(QStyledItemDelegate):
    """A page's title on its ground, in rounded boxes with two pixels between them."""

    def __init__(self, of: _List) -> None:
        super().__init__(of)
        self._list = of

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, view = appearance().theme, self._list
        area = QRectF(option.rect).adjusted(0, 1, 0, -1)  # type: ignore[attr-defined]
        chosen = index.row() == view.currentRow()
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)  # type: ignore[attr-defined]
        if chosen or hovered:
            box(painter, area, theme.radius.button, theme.color("selected" if chosen else "hover"))
        words = area.adjusted(theme.px(12), 0, -theme.px(4), 0)
        ink = theme.color("text" if chosen else "text2")
        write(painter, words, str(index.data()), theme.font("body", 500 if chosen else None), ink)
        if chosen and view.hasFocus() and not view.by_pointer:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), theme.radius.button, theme.radius.button)
            painter.restore()
