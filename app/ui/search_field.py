"""A search as one field: finished terms as chips, then free words. `key:` lists what the key can be.

A term becomes a chip with Space, Enter or a choice from the list. Backspace at the beginning takes the last chip back
into the text; a click on a chip, or Space or Delete while it has the focus, removes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, QSize, QStringListModel, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QCompleter, QLineEdit, QSizePolicy, QWidget

from app import formats
from app.report.session_list import KEYS, Search, Term, day_in, parsed
from app.sources import title_of
from app.ui.appearance import appearance
from app.ui.moments import day
from app.ui.widgets.base import Painted, box, width_of, write
from app.ui.widgets.label import Label
from app.ui.wrap import Wrap

_AFTER = 120
"""Between a key and the search, ms."""


class SearchField(Painted):
    """`values` are the values of a key, for its list."""

    searched = Signal(object)
    """Search: what is asked for now."""

    def __init__(self, name: str, hint: str, values: Callable[[str], Sequence[str]], today: Callable[[], date]) -> None:
        super().__init__()
        self._terms: list[Term] = []
        self._chips: list[_Chip] = []
        self._values, self._today = values, today
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.edit = QLineEdit()
        self.edit.setFrame(False)
        self.edit.setProperty("ring", False)  # the field shows the focus, chips included
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText(hint)
        self.edit.installEventFilter(self)
        self.edit.textEdited.connect(self._edited)
        self.count = Label("", "table", "text2")
        self._suggested = QStringListModel(self)
        self._completer = QCompleter(self._suggested, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(self.edit)
        self._completer.activated.connect(self._taken)
        self._patience = QTimer(self, singleShot=True, interval=_AFTER)
        self._patience.timeout.connect(self._tell)
        self._row = Wrap(self, gap=6, between=2)
        self._row.addWidget(self.edit)
        self._row.addWidget(self.count)
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_row"):
            theme = self.theme
            self._row.setContentsMargins(theme.px(8), 1, theme.px(9), 1)
            self.edit.setStyleSheet("QLineEdit { background: transparent; border: 0; padding: 0; }")
            self.edit.setMinimumWidth(theme.px(120))
            self.setMinimumHeight(theme.control)

    # --- the search

    @property
    def search(self) -> Search:
        """Terms of chips and the words of the text. A term that is still being typed is neither."""
        typed = parsed(_without_unfinished(self.edit.text()))
        return Search((*self._terms, *typed.terms), typed.words)

    def set_text(self, text: str) -> None:
        """Puts a whole search in, as if it had been typed and finished."""
        found = parsed(text)
        self._terms = list(found.terms)
        self.edit.setText(" ".join(found.words))
        self._show_chips()
        self._tell()

    def text(self) -> str:
        """The whole search as it could be typed."""
        return " ".join((*(term.text() for term in self._terms), self.edit.text())).strip()

    def clear(self) -> None:
        self.set_text("")

    @property
    def is_empty(self) -> bool:
        return not self._terms and not self.edit.text().strip()

    def set_count(self, words: str) -> None:
        self.count.set_text(words)
        self.count.setVisible(bool(words))
        self.setAccessibleDescription(words)
        self._row.invalidate()

    # --- typing

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.edit:
            if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
                self.update()
            elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Backspace and not self.edit.cursorPosition() and not self.edit.hasSelectedText():
            if self._terms:
                term = self._terms.pop()
                self._show_chips()
                self.edit.setText(term.text() + self.edit.text())
                self.edit.setCursorPosition(len(term.text()))
                self._patience.start()
            return True
        if key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self._finish() or key != Qt.Key.Key_Space
        if key == Qt.Key.Key_Escape and not self.is_empty:
            self.clear()
            return True
        return False

    def _finish(self) -> bool:
        """Makes chips of the terms in the text. False where there are none."""
        found = parsed(self.edit.text())
        if not found.terms:
            return False
        self._end_list()
        self._terms += found.terms
        self.edit.setText(" ".join(found.words))
        self._show_chips()
        self._tell()
        return True

    @Slot(str)
    def _edited(self, text: str) -> None:
        self._patience.start()
        self._suggest(text)

    def list_values(self, key: str) -> None:
        """The values of a key are others now: lists them where it is being typed."""
        if self.edit.text().rsplit(" ", 1)[-1].lstrip("-").startswith(f"{key}:"):
            self._suggest(self.edit.text())

    def _suggest(self, text: str) -> None:
        last = text.rsplit(" ", 1)[-1]
        found = self._suggestions(last)
        if not found:
            self._end_list()
            return
        self._suggested.setStringList(found)
        self._completer.complete()

    def _end_list(self) -> None:
        popup = self._completer.popup()
        if popup is not None:
            popup.hide()

    def _suggestions(self, last: str) -> list[str]:
        """The values of `key:`, or the keys that begin so."""
        sign = "-" if last.startswith("-") else ""
        key, colon, begun = last[len(sign) :].partition(":")
        if not colon:
            return [f"{sign}{one}:" for one in _keys(sign) if key and one.startswith(key.lower()) and len(key) > 1]
        if key not in _keys(sign):
            return []
        begun = begun.lower().lstrip('"')
        kept = [one for one in self._values(key) if begun in one.lower()][:30]
        return [Term(key, one, bool(sign)).text() for one in kept]

    @Slot(str)
    def _taken(self, chosen: str) -> None:
        before = self.edit.text().rsplit(" ", 1)
        kept = f"{before[0]} " if len(before) > 1 else ""
        self.edit.setText(kept + chosen)
        if chosen.endswith(":"):
            QTimer.singleShot(0, self, lambda: self._edited(self.edit.text()))
        else:
            self._finish()

    @Slot()
    def _tell(self) -> None:
        self._patience.stop()
        self.searched.emit(self.search)

    # --- chips

    def _show_chips(self) -> None:
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = [_Chip(term, self._today(), self) for term in self._terms]
        for place, chip in enumerate(self._chips):
            chip.clicked.connect(lambda _=False, place=place: self._remove(place))
            self._row.insert(place, chip)
            chip.show()
        self._row.invalidate()
        self.updateGeometry()

    def _remove(self, place: int) -> None:
        del self._terms[place]
        self._show_chips()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self._tell()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self.updateGeometry()  # another width may need another number of lines

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.edit.setFocus(Qt.FocusReason.MouseFocusReason)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._row.heightForWidth(width)

    def sizeHint(self) -> QSize:
        width = self.theme.px(500)
        return QSize(width, max(self.theme.control, self._row.heightForWidth(self.width() or width)))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(260), self.sizeHint().height())

    def draw(self, painter: QPainter) -> None:
        theme = self.theme
        border = theme.color("accent" if self.edit.hasFocus() else "lineStrong")
        box(painter, QRectF(self.rect()), theme.radius.button, theme.color("surface"), border)


def _keys(sign: str) -> Sequence[str]:
    """A single day can't be left out."""
    return [one for one in KEYS if one != "on"] if sign else KEYS


class _Chip(QAbstractButton):
    """`since Nov 16 ×`"""

    def __init__(self, term: Term, today: date, parent: QWidget) -> None:
        super().__init__(parent)
        self._key, self._value = words_of_term(term, today)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAccessibleName(self.tr("{term}, remove").format(term=f"{self._key} {self._value}"))
        self.setToolTip(self.tr("Remove"))

    def sizeHint(self) -> QSize:
        theme = appearance().theme
        table = theme.font("table")
        words = width_of(self._key, table) + width_of(self._value, theme.font("table", 500))
        return QSize(words + theme.px(8 + 4 + 6 + 9 + 6), theme.target)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: object) -> None:
        theme, painter = appearance().theme, QPainter(self)
        height = theme.px(20)
        area = QRectF(0, (self.height() - height) // 2, self.width(), height)
        box(
            painter,
            area,
            theme.radius.control,
            theme.color("selected"),
            theme.color("text") if theme.contrast else None,
        )
        left = float(theme.px(7))
        room = QRectF(left, area.top(), self.width() - left, height)
        left += write(painter, room, self._key, theme.font("table"), theme.color("text2")) + theme.px(4)
        room.setLeft(left)
        left += write(painter, room, self._value, theme.font("table", 500), theme.color("text")) + theme.px(6)
        room.setLeft(left)
        ink = "text" if self.underMouse() else "text2"
        write(painter, room, "×", theme.font("table"), theme.color(ink))
        painter.end()


def words_of_term(term: Term, today: date) -> tuple[str, str]:
    """Its key and value as a chip says them: (`since`, `Nov 16`), (`cost`, `≥ $1`), (`branch not`, `main`)."""
    key, value = term.key, term.value
    when = day_in(value) if key in ("since", "until", "on") else None
    if when is not None:
        value = day(when, today)
    elif key == "cost":
        least = value.startswith("<")
        value = f"{'≤' if least else '≥'} {formats.symbol()}{value.lstrip('<>=≤≥$€£¥₹₩ ')}"
    elif key == "agent":
        value = title_of(value)
    return (QCoreApplication.translate("Search", "{key} not").format(key=key) if term.negated else key), value


def _without_unfinished(text: str) -> str:
    """Without the last word where it looks like a term that is still being typed."""
    before, _, last = text.rpartition(" ")
    key, colon, _ = last.lstrip("-").partition(":")
    return before if colon and key in KEYS else text
