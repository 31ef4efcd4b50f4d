"""Waiting for a tray to live in, without asking Qt.

Qt looks for a StatusNotifier host once in a process, at the first call to QSystemTrayIcon. An app that starts at login,
before the panel, would ask too early and never be seen. So the world is asked here, and no QSystemTrayIcon call is made
before there is a host. Both kinds announce themselves: StatusNotifier by a name and a signal on the session bus, the
older XEmbed by a MANAGER message to the root window. We listen to these and poll nothing.

A watcher alone is not yet a host: KDE's lives in a daemon, without any panel that shows items. Qt asks for a registered
host too, so do we.
"""

from __future__ import annotations

import ctypes
import os
import sys
from enum import StrEnum
from functools import cached_property
from typing import Any

from PySide6.QtCore import SLOT, QAbstractNativeEventFilter, QObject, QTimer, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusServiceWatcher
from PySide6.QtGui import QGuiApplication

WATCHER = "org.kde.StatusNotifierWatcher"
_WATCHER_PATH = "/StatusNotifierWatcher"
_GRACE_MS = 400
"""How long an XEmbed tray that has just come waits for a StatusNotifier host of the same panel, which shows more."""
_ANSWER_MS = 2_000
"""How long a watcher may think before it counts as none."""
_CLIENT_MESSAGE = 33


class Kind(StrEnum):
    """What shows the icon, in the words of `doctor`."""

    STATUS_NOTIFIER = "status-notifier"
    XEMBED = "xembed"
    SYSTEM = "system"


class TrayHost(QObject):
    """Emits `appeared` once: at the next turn of the event loop where a host is there already, else when one comes."""

    appeared = Signal(str)

    def __init__(self, system: str = sys.platform, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._system = system
        self._found: Kind | None = None
        self._services: QDBusServiceWatcher | None = None
        self._x11 = X11.here() if system.startswith("linux") and _platform() == "xcb" else None
        self._filter: _ManagerFilter | None = None

    @property
    def found(self) -> Kind | None:
        """The host that appeared; None while we wait."""
        return self._found

    def wait(self) -> None:
        """Starts looking. Never gives up."""
        if not self._system.startswith("linux"):
            QTimer.singleShot(0, self, lambda: self._appear(Kind.SYSTEM))
            return
        if _platform() in ("offscreen", "minimal"):
            return  # no screen, no tray; Qt would not talk to a host from here even if the bus has one
        self._listen_on_bus()
        if self._x11 is not None:
            self._filter = _ManagerFilter(self._x11, self._manager_came)
            _application().installNativeEventFilter(self._filter)

    def _listen_on_bus(self) -> None:
        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            self._no_status_notifier()
            return
        mode = QDBusServiceWatcher.WatchModeFlag.WatchForRegistration
        self._services = services = QDBusServiceWatcher(WATCHER, bus, mode, self)
        services.serviceRegistered.connect(self._ask_watcher)
        slot: Any = SLOT("host_registered()")  # a str, whatever the stub says
        bus.connect("", _WATCHER_PATH, WATCHER, "StatusNotifierHostRegistered", self, slot)
        self._ask_watcher()

    @Slot()
    def _ask_watcher(self, *_name: str) -> None:
        """Is a host registered with it? Asked asynchronously: a hanging watcher must not hang us."""
        question = QDBusMessage.createMethodCall(WATCHER, _WATCHER_PATH, "org.freedesktop.DBus.Properties", "Get")
        question.setArguments([WATCHER, "IsStatusNotifierHostRegistered"])
        question.setAutoStartService(False)
        pending = QDBusPendingCallWatcher(QDBusConnection.sessionBus().asyncCall(question, _ANSWER_MS), self)
        pending.finished.connect(self._watcher_answered)

    @Slot(QDBusPendingCallWatcher)
    def _watcher_answered(self, pending: QDBusPendingCallWatcher) -> None:
        pending.deleteLater()
        if _truth(pending.reply()):
            self._appear(Kind.STATUS_NOTIFIER)
        else:
            self._no_status_notifier()

    @Slot()
    def host_registered(self) -> None:
        """A panel has told the watcher that it shows items."""
        self._appear(Kind.STATUS_NOTIFIER)

    def _no_status_notifier(self) -> None:
        if self._x11 is not None and self._x11.tray_owner():
            self._appear(Kind.XEMBED)

    def _manager_came(self) -> None:
        QTimer.singleShot(_GRACE_MS, self, self._no_status_notifier)

    def _appear(self, kind: Kind) -> None:
        if self._found is not None:
            return
        self._found = kind
        if self._services is not None:
            self._services.deleteLater()
            self._services = None
        if self._filter is not None:
            _application().removeNativeEventFilter(self._filter)
            self._filter = None
        self.appeared.emit(kind.value)


class X11:
    """The few questions to the X server, by ctypes, so that Qt's once-only question is not used up."""

    def __init__(self, library: ctypes.CDLL) -> None:
        library.XOpenDisplay.restype = ctypes.c_void_p
        library.XOpenDisplay.argtypes = [ctypes.c_char_p]
        library.XDefaultScreen.argtypes = [ctypes.c_void_p]
        library.XInternAtom.restype = library.XGetSelectionOwner.restype = ctypes.c_ulong
        library.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        library.XGetSelectionOwner.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        library.XCloseDisplay.argtypes = [ctypes.c_void_p]
        self._library = library

    @staticmethod
    def here() -> X11 | None:
        """None where there is no libX11."""
        try:
            return X11(ctypes.CDLL("libX11.so.6"))
        except OSError:
            return None

    def answers(self) -> bool:
        """Can the display of `DISPLAY` be opened?"""
        display = self._library.XOpenDisplay(None)
        if not display:
            return False
        self._library.XCloseDisplay(display)
        return True

    def tray_owner(self) -> int:
        """The window that is the XEmbed tray of our screen; 0 where there is none."""
        display = self._library.XOpenDisplay(None)
        if not display:
            return 0
        try:
            name = b"_NET_SYSTEM_TRAY_S%d" % self._library.XDefaultScreen(display)
            return self._library.XGetSelectionOwner(display, self._library.XInternAtom(display, name, 0))
        finally:
            self._library.XCloseDisplay(display)

    @cached_property
    def manager(self) -> int:
        """The atom MANAGER. Atoms are the server's, so Qt's connection sees the same number."""
        display = self._library.XOpenDisplay(None)
        if not display:
            return 0
        try:
            return self._library.XInternAtom(display, b"MANAGER", 0)
        finally:
            self._library.XCloseDisplay(display)


class _ManagerFilter(QAbstractNativeEventFilter):
    """Sees the MANAGER message that a new tray sends to the root window, on whose events Qt listens anyway."""

    def __init__(self, x11: X11, came: Any) -> None:
        super().__init__()
        self._manager = x11.manager
        self._came = came

    def nativeEventFilter(self, eventType: Any, message: int) -> Any:  # noqa: N803
        if bytes(eventType) == b"xcb_generic_event_t":
            # xcb_client_message_event_t: response type, format, sequence, window, type, …
            head = ctypes.string_at(int(message), 12)
            if head[0] & 0x7F == _CLIENT_MESSAGE and int.from_bytes(head[8:12], sys.byteorder) == self._manager:
                self._came()
        return False, 0


def display_answers(system: str = sys.platform) -> bool:
    """Is there a screen that Qt could open? Without one, QApplication would abort the process."""
    if not system.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    wayland, runtime = os.environ.get("WAYLAND_DISPLAY"), os.environ.get("XDG_RUNTIME_DIR")
    if wayland and os.path.exists(os.path.join(runtime or "", wayland)):
        return True
    if not os.environ.get("DISPLAY"):
        return False
    x11 = X11.here()
    return x11 is None or x11.answers()


def _truth(reply: QDBusMessage) -> bool:
    """Does the reply hold True? A variant arrives wrapped or bare, as the version of PySide6 pleases."""
    if reply.type() != QDBusMessage.MessageType.ReplyMessage:
        return False
    values: list[Any] = reply.arguments()
    value: Any = values[0] if values else False
    return bool(value.variant() if hasattr(value, "variant") else value)


def _platform() -> str:
    return QGuiApplication.platformName()


def _application() -> QGuiApplication:
    application = QGuiApplication.instance()
    assert isinstance(application, QGuiApplication), "a tray host is waited for inside an application"
    return application
