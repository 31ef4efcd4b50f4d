"""The icon in the tray. It shows a TrayView and tells of clicks and of what was chosen in its menu; it decides nothing.

Made only once a host is there (see `tray_host`): the first QSystemTrayIcon call is the one that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QObject, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QCursor, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.machine import Machine
from app.ui.live import Throttle
from app.ui.theme import Ground, Theme
from app.ui.tray_host import Kind
from app.ui.tray_icon import tray_icon
from app.ui.tray_view import Action, Entry, TrayView, waiting

PAINT_EVERY = 250
"""At most four paintings a second."""
NOTICE_FOR = 5_000
"""How long a notification stays, ms, where the desktop leaves that to us. For as long Qt tells the panel that the icon
wants attention, and some panels then keep the picture they have."""
NOTICE_AFTER = 1_000
"""So that the panel has the picture of the state that is told, ms."""


class Tray(QObject):
    """One icon with its tooltip and menu."""

    clicked = Signal()
    """The icon, by the left button."""
    answered = Signal()
    """The notification that was shown last."""

    def __init__(
        self,
        machine: Machine,
        kind: Kind,
        chosen: Callable[[Entry], None],
        color: bool = False,
        ground: Ground | None = None,
        opens: bool = False,
        parent: QObject | None = None,
    ) -> None:
        """`opens` says that a click opens something; else it opens the menu."""
        super().__init__(parent)
        self._opens = opens
        self._machine = machine
        self._on_bus = kind is Kind.STATUS_NOTIFIER
        self._chosen = chosen
        self._color = color
        self._ground: Ground | None = ground
        self._view = self._painted = waiting()
        self._built: tuple[Entry, ...] = ()
        self._throttle = Throttle(PAINT_EVERY, self._paint, self)
        self._menu = QMenu()
        self._menu.setAccessibleName("Cuenta")
        self._menu.aboutToShow.connect(self._build_menu)
        self._build_menu()  # some hosts fetch the menu before it is opened
        self._own_menu = QMenu()
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self.answered)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._repaint)
        self._repaint()
        self._icon.show()

    def set_color(self, color: bool) -> None:
        """Paints the icon in the color set from now on, or in one ink."""
        if color != self._color:
            self._color = color
            self._repaint()

    def show(self, view: TrayView) -> None:
        """Shows that view: at once, then at most four times a second, and only what has changed."""
        self._view = view
        if view != self._painted:
            self._throttle.call()

    def notify(self, title: str, text: str) -> None:
        """A notification of the desktop. Qt asks for no sound."""
        QTimer.singleShot(
            NOTICE_AFTER, self, lambda: self._icon.showMessage(title, text, self._icon.icon(), NOTICE_FOR)
        )

    def anchor(self) -> QRect | None:
        """Where the icon is; where the host keeps that to itself, the pointer; None where neither is known."""
        place = self._icon.geometry()
        if place.isValid():
            return place
        if QGuiApplication.platformName() in ("xcb", "windows", "cocoa"):
            return QRect(QCursor.pos(), QSize(1, 1))
        return None

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
        if shape(view.menu) != shape(self._built) and not self._menu.isVisible():
            self._build_menu()  # a host that keeps the menu must not offer "Pause" to the paused

    def _set_icon(self, view: TrayView) -> None:
        ground = self._ground or panel_ground(self._machine.environment, self._machine.system)
        theme = Theme(self._machine.resources, ground)
        self._icon.setIcon(tray_icon(view, theme, self._color))

    def _set_words(self, view: TrayView) -> None:
        self._icon.setToolTip("\n".join(view.tooltip))
        self._menu.setAccessibleDescription(view.description)

    @Slot()
    def _build_menu(self) -> None:
        """Brings the menu up to the present. Lines whose number and kind stay only change their words: to a host on
        the bus a new line is a new menu, fetched again while it opens."""
        menu = self._view.menu
        if shape(menu) == shape(self._built):
            for action, entry, before in zip(self._menu.actions(), menu, self._built, strict=True):
                if entry.text != before.text:
                    action.setText(label(entry.text, self._on_bus))
                action.setData(_data(entry))
        else:
            self._fill(self._menu, self._on_bus)
        self._built = menu

    def _fill(self, menu: QMenu, on_bus: bool) -> None:
        menu.clear()
        for entry in self._view.menu:
            if not entry.text:
                menu.addSeparator()
                continue
            action = QAction(label(entry.text, on_bus), menu)
            action.setEnabled(entry.action is not None)
            action.setData(_data(entry))
            action.setShortcut(QKeySequence(entry.keys))
            action.triggered.connect(self._triggered)
            menu.addAction(action)

    @Slot()
    def _triggered(self) -> None:
        action = self.sender()
        if isinstance(action, QAction) and action.data():
            what, *target = action.data()
            self._chosen(Entry(action.text(), Action(what), tuple(target)))

    @Slot(QSystemTrayIcon.ActivationReason)
    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        """A left click. Where it opens nothing it opens the menu too; macOS does so by itself, whatever we open."""
        platform = QGuiApplication.platformName()
        if reason != QSystemTrayIcon.ActivationReason.Trigger or platform == "cocoa":
            return
        if self._opens:
            self.clicked.emit()
        elif platform in ("xcb", "windows"):
            self._fill(self._own_menu, on_bus=False)
            self._own_menu.popup(QCursor.pos())


def _data(entry: Entry) -> list[str]:
    return [entry.action.value, *entry.target] if entry.action is not None else []


def shape(menu: Iterable[Entry]) -> list[tuple[bool, Action | None]]:
    """What a menu can do, apart from the words of its lines."""
    return [(bool(entry.text), entry.action) for entry in menu]


def label(text: str, on_bus: bool) -> str:
    """That text as the label of a QAction, so that a reader sees just it.

    & marks a shortcut in Qt and _ on the bus. Qt turns the first & of a label into _ on its way to the bus and leaves
    the rest as it is, so a project named my_app would be shown as myapp.
    """
    return text.replace("_", "__").replace("&", "&&", 1) if on_bus else text.replace("&", "&&")


def panel_ground(environment: Mapping[str, str], system: str) -> Ground | None:
    """What lies behind the icon, where that can be known; no tray protocol tells.

    GNOME's top bar is dark whatever the windows are. KDE's panel, Windows and macOS follow the color scheme. Others
    keep a dark panel over light windows, or the reverse, so their scheme says nothing.
    """
    desktops = environment.get("XDG_CURRENT_DESKTOP", "").upper().split(":")
    if system.startswith("linux"):
        if "GNOME" in desktops or "UNITY" in desktops:
            return "dark"
        if "KDE" not in desktops:
            return None
    grounds: dict[Qt.ColorScheme, Ground] = {Qt.ColorScheme.Light: "light", Qt.ColorScheme.Dark: "dark"}
    return grounds.get(QGuiApplication.styleHints().colorScheme())
