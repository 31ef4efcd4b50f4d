"""The icon in the tray. It shows a TrayView and tells what was chosen in its menu; it decides nothing.

Made only once a host is there (see `tray_host`): the first QSystemTrayIcon call is the one that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QCursor, QGuiApplication
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.ui.live import Throttle
from app.ui.theme import Ground, Theme
from app.ui.tray_icon import tray_icon
from app.ui.tray_view import WAITING, Action, Entry, TrayView

PAINT_EVERY = 250
"""At most four paintings a second."""


class Tray(QObject):
    """One icon with its tooltip and menu."""

    def __init__(
        self,
        resources: Path,
        chosen: Callable[[Action], None],
        color: bool = False,
        ground: Ground | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._resources = resources
        self._chosen = chosen
        self._color = color
        self._ground: Ground | None = ground
        self._view = self._painted = WAITING
        self._throttle = Throttle(PAINT_EVERY, self._paint, self)
        self._menu = QMenu()
        self._menu.setAccessibleName("Cuenta")
        self._menu.aboutToShow.connect(self._build_menu)
        self._build_menu()  # some hosts fetch the menu before it is opened
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._repaint)
        self._repaint()
        self._icon.show()

    def show(self, view: TrayView) -> None:
        """Shows that view: at once, then at most four times a second, and only what has changed."""
        self._view = view
        if view != self._painted:
            self._throttle.call()

    def hide(self) -> None:
        """Takes the icon away."""
        self._throttle.stop()
        self._icon.hide()

    @Slot()
    def _repaint(self) -> None:
        self._set_icon(self._view)
        self._set_words(self._view)
        self._painted = self._view

    def _paint(self) -> None:
        view, painted = self._view, self._painted
        if view[:3] != painted[:3]:
            self._set_icon(view)
        if (view.tooltip, view.description) != (painted.tooltip, painted.description):
            self._set_words(view)
        self._painted = view
        if shape(view.menu) != shape(painted.menu) and not self._menu.isVisible():
            self._build_menu()  # a host that keeps the menu must not offer "Pause" to the paused

    def _set_icon(self, view: TrayView) -> None:
        self._icon.setIcon(tray_icon(view, Theme(self._resources, self._ground or panel_ground()), self._color))

    def _set_words(self, view: TrayView) -> None:
        self._icon.setToolTip("\n".join(view.tooltip))
        self._menu.setAccessibleDescription(view.description)

    @Slot()
    def _build_menu(self) -> None:
        self._menu.clear()
        for entry in self._view.menu:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        if not entry.text:
            self._menu.addSeparator()
            return
        action = QAction(entry.text.replace("&", "&&"), self._menu)  # a lone & would make a shortcut
        action.setEnabled(entry.action is not None)
        action.setData(entry.action)
        action.triggered.connect(self._triggered)
        self._menu.addAction(action)

    @Slot()
    def _triggered(self) -> None:
        action = self.sender()
        if isinstance(action, QAction) and action.data() is not None:
            self._chosen(Action(action.data()))

    @Slot(QSystemTrayIcon.ActivationReason)
    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        """A left click opens the menu too, as long as there is no window to open. macOS does so by itself."""
        if reason == QSystemTrayIcon.ActivationReason.Trigger and QGuiApplication.platformName() in ("xcb", "windows"):
            self._menu.popup(QCursor.pos())


def shape(menu: Iterable[Entry]) -> list[Action | None]:
    """What a menu can do, apart from the figures in its lines."""
    return [entry.action for entry in menu]


def panel_ground() -> Ground:
    """Dark or light, as well as it can be known: no protocol tells what lies behind a tray icon.

    GNOME's top bar is dark whatever the windows are. Elsewhere panels follow the color scheme; most of those that don't
    say are dark.
    """
    scheme = QGuiApplication.styleHints().colorScheme()
    return "light" if scheme == Qt.ColorScheme.Light and not _dark_bar() else "dark"


def _dark_bar() -> bool:
    import os

    desktop = os.environ.get("XDG_CURRENT_DESKTOP", "").upper()
    return any(name in desktop.split(":") for name in ("GNOME", "UNITY"))
