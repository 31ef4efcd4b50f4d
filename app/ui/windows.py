"""The windows there are, as one list, and what opens, places and closes them.

A window is a QWidget that gets a `Context` and nothing else. It asks the store through `ask`, hears `changed`, opens its
neighbors through `open_window` and `open_session`, and knows neither the tray nor the thread that reads. There is one
window for each key; it opens where it was left. A window is deleted when it is closed, so that its memory is free.
"""

from __future__ import annotations

import sqlite3
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar, cast, runtime_checkable

import msgspec
from PySide6.QtCore import QT_TRANSLATE_NOOP, QByteArray, QEvent, QObject, QPoint, Qt, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QApplication, QWidget

from app.diagnostics import log
from app.machine import Machine
from app.model.meters import Meters
from app.ui.appearance import appearance
from app.ui.background import Background, Failed, alive
from app.ui.keys import bind
from app.ui.widgets.focus_ring import FocusRing

if TYPE_CHECKING:
    from app.pricing.catalog import Catalog

Answer = TypeVar("Answer")
OVERVIEW, SESSIONS, SETTINGS, SESSION, RECONCILE = "overview", "sessions", "settings", "session", "reconcile"
DOCTOR, GO, KEYS = "doctor", "go", "keys"
_PLACES = "windows.json"
_CASCADE = 28
"""Pixels by which a second window of a kind is moved."""


@dataclass(frozen=True, eq=False)
class Context:
    """What every window is given."""

    machine: Machine
    background: Background
    changed: SignalInstance
    """Live's signal: emitted with fresh Meters, up to 20 times a second. A window that asks the store on it waits for a
    while between two questions (app.ui.live.Throttle) and does nothing while it is hidden."""
    meters: Callable[[], Meters | None]
    """The meters of the last change; None before the first."""
    open_window: Callable[..., QWidget | None]
    """open_window(key, wish=""): shows the window of that key. What a wish means is the window's own affair: a search
    for Sessions, a page for Settings."""
    open_session: Callable[[str, str], QWidget]
    """open_session(source, the agent's own id of the session)."""
    turn_session: Callable[[QWidget, str, str], bool]
    """turn_session(window, source, id): that window of a session is to show another one. False where a window of its own
    shows it already, which is brought forward instead."""

    def ask(
        self,
        work: Callable[[sqlite3.Connection], Answer],
        then: Callable[[Answer], None],
        owner: QObject,
        failed: Failed | None = None,
        about: str = "",
    ) -> None:
        """Runs `work` on a pool thread with a read-only connection of its own, then `then` on the GUI thread.

        See Background.run: a late answer to an older question never arrives, nor one for an owner that is gone.
        """
        self.background.run(work, then, owner, failed, about)

    def catalog(self) -> Catalog:
        """The price book as it is now. Takes a while: inside `work` only."""
        from app.pricing.catalog import load_catalog

        return load_catalog(self.machine)


@runtime_checkable
class Wishing(Protocol):
    """A window that can be opened at something."""

    def take_wish(self, wish: str) -> None: ...


@runtime_checkable
class Telling(Protocol):
    """A window that tells of the one it was opened from."""

    def tell_of(self, window: QWidget) -> None: ...


class Entry(NamedTuple):
    """A window of the list."""

    key: str
    title: str
    """English; shown through tr() in the context `Windows`, unless the window has a title of its own."""
    shortcut: str
    make: Callable[[Context], QWidget]
    listed: bool = True
    """Found by its name."""


def _overview(context: Context) -> QWidget:
    from app.ui.overview_window import OverviewWindow

    return OverviewWindow(context)


def _settings(context: Context) -> QWidget:
    from app.ui.settings_window import SettingsWindow

    return SettingsWindow(context)


def _sessions(context: Context) -> QWidget:
    from app.ui.sessions_window import SessionsWindow

    return SessionsWindow(context)


def _go(context: Context) -> QWidget:
    from app.ui.go_window import GoWindow

    return GoWindow(context)


def _keys(context: Context) -> QWidget:
    from app.ui.keys_window import KeysWindow

    return KeysWindow(context)


def _reconcile(context: Context) -> QWidget:
    from app.ui.reconcile_window import ReconcileWindow

    return ReconcileWindow(context)


def _doctor(context: Context) -> QWidget:
    from app.ui.doctor_window import DoctorWindow

    return DoctorWindow(context)


def _first_run(context: Context) -> QWidget:
    from app.ui.first_run import FirstRunWindow

    return FirstRunWindow(context)


WINDOWS: tuple[Entry, ...] = (
    Entry(OVERVIEW, cast("str", QT_TRANSLATE_NOOP("Windows", "Overview")), "Ctrl+1", _overview),
    Entry(SESSIONS, cast("str", QT_TRANSLATE_NOOP("Windows", "Sessions")), "Ctrl+2", _sessions),
    Entry(SETTINGS, cast("str", QT_TRANSLATE_NOOP("Windows", "Settings")), "Ctrl+,", _settings),
    Entry(RECONCILE, cast("str", QT_TRANSLATE_NOOP("Windows", "Reconcile")), "", _reconcile),
    Entry(DOCTOR, cast("str", QT_TRANSLATE_NOOP("Windows", "Sources and health")), "", _doctor),
    Entry("first_run", cast("str", QT_TRANSLATE_NOOP("Windows", "Welcome")), "", _first_run, listed=False),
    Entry(GO, cast("str", QT_TRANSLATE_NOOP("Windows", "Go to")), "Ctrl+K", _go, listed=False),
    Entry(KEYS, cast("str", QT_TRANSLATE_NOOP("Windows", "Keys")), "F1", _keys, listed=False),
)
"""In the order of menus. A window joins by one line here. Each module is imported when its window is first opened: the
charts cost 150 ms and 40 MB that the tray does not need."""


class Windows(QObject):
    """Opens windows, one for each key, and keeps where they were."""

    closed = Signal(str)
    """The key of a window that the user closed."""

    def __init__(
        self,
        machine: Machine,
        changed: SignalInstance,
        end: Callable[[], None],
        parent: QObject | None = None,
        entries: tuple[Entry, ...] = WINDOWS,
    ) -> None:
        """`end` is what Ctrl+Q does."""
        super().__init__(parent)
        self._machine = machine
        self._entries = {entry.key: entry for entry in entries}
        self._end = end
        self._open: dict[str, QWidget] = {}
        self._meters: Meters | None = None
        self._places: dict[str, str] | None = None
        self.background = Background(machine, parent=self)
        self.context = Context(
            machine, self.background, changed, lambda: self._meters, self.open, self.open_session, self.turn_session
        )
        changed.connect(self._changed)

    def open(self, key: str, wish: str = "") -> QWidget | None:
        """Shows the window, made now if it is not open. None for a key that no window has."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        asker = QApplication.activePopupWidget() or QApplication.activeWindow()
        window = self.window(key)
        if window is None:
            window = entry.make(self.context)
            if not window.windowTitle():
                window.setWindowTitle(self.tr(entry.title))
            self._adopt(key, key, window)
        if wish and isinstance(window, Wishing):
            window.take_wish(wish)
        if asker is not None and asker is not window and isinstance(window, Telling):
            window.tell_of(asker)
        _bring_forward(window)
        return window

    def open_session(self, source: str, native: str) -> QWidget:
        """Shows the window of one session."""
        key = _session_key(source, native)
        window = self.window(key)
        if window is None:
            window = _session(self.context, source, native)
            self._adopt(key, SESSION, window)
        _bring_forward(window)
        return window

    def turn_session(self, window: QWidget, source: str, native: str) -> bool:
        """See Context.turn_session."""
        key = _session_key(source, native)
        other = self.window(key)
        if other is not None and other is not window:
            _bring_forward(other)
            return False
        self._open.pop(window.objectName(), None)
        window.setObjectName(key)
        self._open[key] = window
        return True

    def warm_up(self) -> None:
        """Imports in the background what the first window of this process would wait for. Worth it once somebody looks
        closer, as in the popover; not before, since it keeps 40 MB.
        """
        self.background.run(lambda _connection: _import_windows(), lambda _: None, self, about="windows")

    def window(self, key: str) -> QWidget | None:
        """The window of that key where it is open."""
        window = self._open.get(key)
        return window if window is not None and alive(window) else None

    @property
    def any_open(self) -> bool:
        return any(alive(window) for window in self._open.values())

    def shut_down(self) -> None:
        """Closes every window and ends the background. Harmless when repeated."""
        for window in list(self._open.values()):
            if alive(window):
                window.close()
        self.background.stop()

    @Slot(object)
    def _changed(self, meters: Meters) -> None:
        self._meters = meters

    # --- one window

    def _adopt(self, key: str, kind: str, window: QWidget) -> None:
        application = cast("QApplication", QApplication.instance())
        if application.findChild(FocusRing) is None:
            FocusRing(application)
        window.setObjectName(key)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._place(kind, window)
        self._keys(window)
        window.installEventFilter(self)
        self._open[key] = window

    def _keys(self, window: QWidget) -> None:
        for entry in self._entries.values():
            if entry.shortcut:
                deed = partial(self.open, entry.key)
                bind(window, entry.shortcut, self.tr(entry.title), deed, everywhere=True)
        bind(window, "Ctrl+W", self.tr("Close this window"), window.close, everywhere=True)
        bind(window, "Ctrl+Q", self.tr("Quit"), self._end, everywhere=True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Close and isinstance(watched, QWidget) and watched.isWindow():
            self._closing(watched)
        return False

    def _closing(self, window: QWidget) -> None:
        key = window.objectName()
        if self._open.get(key) is not window:
            return
        del self._open[key]
        self.background.forget(window)
        self._remember(key.partition(":")[0], window)
        self.closed.emit(key)

    # --- place and size

    def _place(self, kind: str, window: QWidget) -> None:
        """Where and as large as a window of its kind was left; else at the design's size, placed by the system."""
        theme = appearance().theme
        width, height, least_width, least_height = theme.window(kind)
        screen = window.screen().availableSize()
        window.setMinimumSize(min(least_width, screen.width()), min(least_height, screen.height()))
        window.resize(min(theme.px(width), screen.width()), min(theme.px(height), screen.height()))
        left = self._read_places().get(kind)
        if left is not None:
            window.restoreGeometry(QByteArray(b64decode(left)))
        neighbors = [one for one in self._open.values() if one.objectName().partition(":")[0] == kind]
        if neighbors and alive(neighbors[-1]):
            window.move(neighbors[-1].pos() + QPoint(_CASCADE, _CASCADE))

    def _remember(self, kind: str, window: QWidget) -> None:
        places = self._read_places()
        place = b64encode(window.saveGeometry().data()).decode("ascii")
        if places.get(kind) == place:
            return
        places[kind] = place
        try:
            self._machine.data.mkdir(parents=True, exist_ok=True)
            (self._machine.data / _PLACES).write_bytes(msgspec.json.encode(places))
        except OSError as error:
            log.warning("The places of windows can't be kept: %s", error)

    def _read_places(self) -> dict[str, str]:
        if self._places is None:
            try:
                self._places = msgspec.json.decode((self._machine.data / _PLACES).read_bytes(), type=dict[str, str])
            except (OSError, msgspec.MsgspecError):  # never kept, or damaged: the usual places
                self._places = {}
        return self._places


def _session_key(source: str, native: str) -> str:
    return f"{SESSION}:{source}:{native}"


def _session(context: Context, source: str, native: str) -> QWidget:
    from app.ui.session_window import SessionWindow

    return SessionWindow(context, source, native)


def _import_windows() -> None:
    """On a pool thread. The overview first, which opens first; its charts, numpy and pyqtgraph, take the longest."""
    import app.ui.overview_window
    import app.ui.session_window
    import app.ui.sessions_window
    import app.ui.widgets.stacked_days  # noqa: F401


def _bring_forward(window: QWidget) -> None:
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
