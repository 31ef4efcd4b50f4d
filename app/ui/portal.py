"""Asks the desktop portal whether the user prefers dark, and listens for a change of mind.

Needed where Qt itself doesn't know: a plain X session without a platform theme.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher

_SERVICE = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_INTERFACE = "org.freedesktop.portal.Settings"
_NAMESPACE, _KEY = "org.freedesktop.appearance", "color-scheme"
_ANSWER_MS = 3_000
GROUNDS = {1: "dark", 2: "light"}
"""What the portal's numbers mean; 0 is no preference."""


class ColorScheme(QObject):
    """Tells `dark`, `light` or nothing (no preference). Silent where there is no bus or no portal."""

    told = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return
        slot: Any = SLOT("changed(QDBusMessage)")  # a str, whatever the stub says
        bus.connect(_SERVICE, _PATH, _INTERFACE, "SettingChanged", self, slot)
        question = QDBusMessage.createMethodCall(_SERVICE, _PATH, _INTERFACE, "Read")
        question.setArguments([_NAMESPACE, _KEY])
        pending = QDBusPendingCallWatcher(bus.asyncCall(question, _ANSWER_MS), self)
        pending.finished.connect(self._answered)

    @Slot(QDBusPendingCallWatcher)
    def _answered(self, pending: QDBusPendingCallWatcher) -> None:
        reply = pending.reply()
        if reply.type() == QDBusMessage.MessageType.ReplyMessage and reply.arguments():
            self._tell(reply.arguments()[0])

    @Slot(QDBusMessage)
    def changed(self, message: QDBusMessage) -> None:
        """A setting of the desktop has another value: its namespace, its key, the value."""
        arguments = message.arguments()
        if arguments[:2] == [_NAMESPACE, _KEY] and len(arguments) > 2:
            self._tell(arguments[2])

    def _tell(self, value: Any) -> None:
        while hasattr(value, "variant"):  # the portal wraps the number once or twice
            value = value.variant()
        if isinstance(value, int):
            self.told.emit(GROUNDS.get(value, ""))
