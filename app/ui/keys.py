"""The keys of a window. A shortcut is made together with the words that tell what it does, and F1 lists what it finds:
nothing is listed that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

_SIGNS = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓", "Return": "Enter"}
_EVERYWHERE = "everywhere"


class Told(NamedTuple):
    """Keys as QKeySequence reads them, with spaces between where there are several, and what they do."""

    keys: str
    words: str
    everywhere: bool = False
    """In every window."""
    place: str = ""
    """Where in the window, as a heading; empty is anywhere in it."""


@runtime_checkable
class Keyed(Protocol):
    """A widget that handles keys itself tells them beside its `keyPressEvent`."""

    def keys_told(self) -> Sequence[Told]: ...

    def keys_place(self) -> str:
        """A heading for these keys: the same key may do something else in another place. Empty for a window."""
        ...


def bind(
    owner: QWidget,
    keys: str,
    words: str,
    deed: Callable[[], object],
    *,
    alone: bool = False,
    everywhere: bool = False,
) -> None:
    """A shortcut of the window that the owner is or lies in; `alone`, only while the owner itself has the keyboard."""
    shortcut = QShortcut(QKeySequence(keys), owner)
    shortcut.setWhatsThis(words)
    shortcut.setProperty(_EVERYWHERE, everywhere)
    if alone:
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
    shortcut.activated.connect(lambda: deed())


def told_by(window: QWidget) -> list[Told]:
    """The keys of a window and of the places that are to be seen in it, each once, the window's own first."""
    found: dict[Told, None] = {}
    for one in (window, *(child for child in window.findChildren(QWidget) if child.isVisibleTo(window))):
        place = one.keys_place() if isinstance(one, Keyed) else ""
        for shortcut in one.findChildren(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly):
            alone = shortcut.context() is Qt.ShortcutContext.WidgetShortcut
            everywhere = bool(shortcut.property(_EVERYWHERE))
            keys, words = shortcut.key().toString(), shortcut.whatsThis()
            found[Told(keys, words, everywhere, place if alone else "")] = None
        if isinstance(one, Keyed):
            found |= dict.fromkeys(told._replace(place=place) for told in one.keys_told())
    return list(found)


def spelled(keys: str) -> str:
    """As it is printed on the keys: `← →`, `Shift+← Shift+→`, `Ctrl+E`, `Enter`."""
    texts = [QKeySequence(one).toString(QKeySequence.SequenceFormat.NativeText) for one in keys.split(" ")]
    return " ".join(_signed(text) for text in texts)


def _signed(text: str) -> str:
    before, plus, last = text.rpartition("+")
    if not last:  # the key is + itself
        return text
    sign = _SIGNS.get(last, last)
    return before + plus + (QCoreApplication.translate("Keys", sign) if sign.isalpha() and len(sign) > 1 else sign)
