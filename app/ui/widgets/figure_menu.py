"""What every figure offers: where it comes from (`O`), and its value to the last digit (Ctrl+C)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

Deed = Callable[[], object]


class Offer(NamedTuple):
    """Of one figure. Without an origin, or a value that is known, that line is not in its menu."""

    origin: Deed | None = None
    exact: str = ""
    """Full precision with its unit, without signs."""


def menu_of(offer: Offer, parent: QWidget, row: Deed | None = None) -> QMenu:
    """`row` copies the row that the figure stands in; then the key does that, and not copy the value."""
    menu = QMenu(parent)
    keys = QKeySequence(QKeySequence.StandardKey.Copy).toString(QKeySequence.SequenceFormat.NativeText)
    if offer.origin is not None:
        title = QCoreApplication.translate("FigureMenu", "Show origin")
        menu.addAction(f"{title}\tO").triggered.connect(offer.origin)
    if offer.exact:
        title = QCoreApplication.translate("FigureMenu", "Copy value")
        menu.addAction(title if row is not None else f"{title}\t{keys}").triggered.connect(lambda: copy(offer))
    if row is not None:
        title = QCoreApplication.translate("FigureMenu", "Copy row")
        menu.addAction(f"{title}\t{keys}").triggered.connect(row)
    return menu


def show_menu(offer: Offer, parent: QWidget, at: QPoint, row: Deed | None = None) -> None:
    """At that place of the screen; nothing where there is nothing to offer."""
    menu = menu_of(offer, parent, row)
    if menu.actions():
        menu.exec(at)
    menu.deleteLater()


def copy(offer: Offer) -> None:
    if offer.exact:
        QGuiApplication.clipboard().setText(offer.exact)


def takes_key(offer: Offer, event: QKeyEvent) -> bool:
    """Does what the key asks for; False where it asks for neither, or there is nothing to give."""
    if event.matches(QKeySequence.StandardKey.Copy) and offer.exact:
        copy(offer)
        return True
    if event.key() == Qt.Key.Key_O and not event.modifiers() and offer.origin is not None:
        offer.origin()
        return True
    return False
