"""A user without a pointer: keys go to whatever has the keyboard, and what has it is found with Tab."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QKeyCombination
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

Kind = TypeVar("Kind", bound=QWidget)


def focused() -> QWidget:
    """What the next key reaches."""
    target = QApplication.activePopupWidget() or QApplication.focusWidget() or QApplication.activeWindow()
    assert target is not None, "nothing has the keyboard"
    return target


def press(*keys: str) -> None:
    """`press("Ctrl+1", "Down")`, in the words of QKeySequence."""
    for one in keys:
        combination = combined(one)
        QTest.keyClick(focused(), combination.key(), combination.keyboardModifiers())


def combined(keys: str) -> QKeyCombination:
    """`Ctrl+C` as its key and what is held with it."""
    return QKeySequence(keys)[0]  # type: ignore[index]  # the stub does not know it


def write(text: str) -> None:
    QTest.keyClicks(focused(), text)


def name_of(widget: QWidget) -> str:
    """As a screen reader says it."""
    text = getattr(widget, "text", None)
    return widget.accessibleName() or (str(text()) if callable(text) else "")


def tab_to(name: str, back: bool = False) -> QWidget:
    """Tab until what has that name has the keyboard."""
    passed: list[str] = []
    for _ in range(80):
        press("Shift+Tab" if back else "Tab")
        if name_of(focused()) == name:
            return focused()
        passed.append(name_of(focused()))
    raise AssertionError(f"Tab does not reach {name!r}, only {list(dict.fromkeys(passed))}")


def until_active(window: QWidget) -> None:
    assert QTest.qWaitForWindowActive(window, 5_000)


def give_back(window: QWidget) -> None:
    """Plays the window manager, which there is none of offscreen: after a dialog or a list the window has the keyboard."""
    window.activateWindow()
    until_active(window)


def in_front(kind: type[Kind]) -> Kind:
    """The window that the keys reach, once it is of that kind."""
    for _ in range(1_000):
        window = QApplication.activeWindow()
        if isinstance(window, kind):
            return window
        QTest.qWait(5)
    raise AssertionError(f"{QApplication.activeWindow()} is in front, not a {kind.__name__}")
