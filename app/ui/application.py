"""The tray app as a process: one instance, its signals, its parts and the order in which they end.

What is shown comes from a Core. The popover and the windows are made when they are first wanted.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import tzinfo
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from PySide6.QtCore import QFileSystemWatcher, QLockFile, QObject, QSocketNotifier, QTimer, Slot
from PySide6.QtWidgets import QApplication

from app.machine import Machine
from app.model.meters import Meters
from app.ui.asking import Asking
from app.ui.live import Live, Throttle
from app.ui.notices import Notices, Notification
from app.ui.theme import Ground
from app.ui.tray import Tray
from app.ui.tray_host import Kind, TrayHost, display_answers
from app.ui.tray_view import DEFAULT, Action, Entry, Options, view, waiting

if TYPE_CHECKING:
    from app.report.popover import PopoverFacts
    from app.settings import Settings
    from app.ui.popover import Popover
    from app.ui.preferences import Preferences
    from app.ui.windows import Windows

NO_HOST_AFTER = 400
"""How long a start by hand waits for a tray before it says so and shows the overview, in ms. The window is to stand
within a second of the start; a panel that is there answers within a few ms."""
PREPARE_AFTER = 120
"""When a start by hand that has seen no tray begins to import the windows, in ms."""
WARM_UP_AFTER = 300
"""When the popover that was opened makes the windows ready, in ms: not while it is painted itself."""
CORE_AFTER = 150
"""How long the reading waits for the icon, in ms."""
WINDOWS = ("overview", "sessions", "settings")
"""Keys of the windows in the menu. They stand here as words because the list of windows itself is imported with the
first of them: charts cost 150 ms and 40 MB.
"""
WELCOME = "first_run"
_POPOVER_EVERY = 250
_HOUR = 3_600_000
_SAME_ERROR_AGAIN = 60.0

ALREADY_RUNNING = "Cuenta is already running."
NO_TRAY = "No system tray was found. Cuenta goes on without an icon and shows it as soon as there is a tray."


class Core(Protocol):
    """What reads the logs and knows the figures."""

    def start(self, notify: Callable[[], None]) -> None:
        """Starts its threads; they call `notify` after each change."""
        ...

    def stop(self) -> None:
        """Ends its threads and waits for them."""
        ...

    def meters(self) -> Meters:
        """This moment. Called on a thread that may wait for the store."""
        ...

    def behind(self) -> bool:
        """Has the store changed since `meters`, be it by another process? Called like that."""
        ...

    def pause(self, until: int | None) -> None:
        """Reads nothing until that instant (ms since 1970); None is until resumed."""
        ...

    def resume(self) -> None:
        """Reads again."""
        ...

    def choose(self, now: Settings) -> None:
        """Reads what is chosen in these settings from now on."""
        ...

    def warn(self, problem: str | None) -> None:
        """Tells this among the problems until it is None."""
        ...


class Openings(NamedTuple):
    """What can be opened. What does not exist, nothing offers."""

    facts: Callable[[], PopoverFacts] | None = None
    """What the popover shows now; called where the meters are read, while it is open. None: there is no popover."""
    windows: bool = False
    """There are windows."""
    first: str = ""
    """Key of the window that opens with a start by hand."""


NOTHING = Openings()


def run_tray(
    core: Core,
    machine: Machine,
    *,
    demo: bool = False,
    at_login: bool = False,
    fallback: Callable[[], None] | None = None,
    woken: Callable[[], None] | None = None,
    options: Options = DEFAULT,
    color: bool = False,
    ground: Ground | None = None,
    openings: Openings = NOTHING,
    notices: Notices | None = None,
) -> int:
    """Runs until the user quits or the process is told to end; returns the exit status.

    Where no tray is found the overview opens, if there is a screen, and `fallback` is called once, on the GUI thread, so
    it must return at once. At login we wait silently instead. `woken` is called when Cuenta is started a
    second time, and without it the overview opens, or the popover. The demo takes no lock.
    """
    options = options._replace(windows=WINDOWS if openings.windows else (), sessions=openings.windows)
    instance = None if demo else Instance(machine.data)
    if instance is not None:
        try:
            if not instance.take():
                instance.wake_first()
                print(ALREADY_RUNNING)
                return 0
        except OSError as problem:
            print(f"Cuenta can't write to its folder {machine.data}: {problem.strerror}.", file=sys.stderr)
            return 1
    previous_hook, sys.excepthook = sys.excepthook, ErrorLog()
    try:
        make = partial(TrayApp, core, machine, options, color, ground, openings, notices)
        return _run(make, machine, instance, at_login, fallback, woken)
    finally:
        sys.excepthook = previous_hook
        if instance is not None:
            instance.release()


def _run(
    make: Callable[[], TrayApp],
    machine: Machine,
    instance: Instance | None,
    at_login: bool,
    fallback: Callable[[], None] | None,
    woken: Callable[[], None] | None,
) -> int:
    if not display_answers(machine.system):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # without a screen Qt would abort; so we can wait and still read
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Cuenta")
    application.setApplicationDisplayName("Cuenta")
    application.setDesktopFileName("cuenta")
    application.setQuitOnLastWindowClosed(False)
    app = make()
    signals = Signals(app.quit)
    if instance is not None:
        instance.on_wake(woken or app.wake)
    app.start(None if at_login else fallback, silent=at_login)
    try:
        return application.exec()
    finally:
        app.shut_down()  # also where Qt ended by itself, as at the end of a desktop session
        signals.close()


class TrayApp(QObject):
    """Core, bridge and icon, connected."""

    def __init__(
        self,
        core: Core,
        machine: Machine,
        options: Options = DEFAULT,
        color: bool = False,
        ground: Ground | None = None,
        openings: Openings = NOTHING,
        notices: Notices | None = None,
    ) -> None:
        super().__init__()
        self._core = core
        self._machine = machine
        self._options = options
        self._color = color
        self._ground: Ground | None = ground
        self._openings = openings
        self._notices = notices
        self._notified: Notification | None = None
        self._popover: Popover | None = None
        self._preferences: Preferences | None = None
        self._windows: Windows | None = None
        self._refreshing = Throttle(_POPOVER_EVERY, self._refresh, self)
        self._meters: Meters | None = None
        self._facts: PopoverFacts | None = None
        self._asking = Asking(self)
        self._live = Live(self._asking, core.meters, machine.clock, self._zone, self)
        self._live.changed.connect(self._show)
        self._host = TrayHost(machine.system, self)
        self._host.appeared.connect(self._make_tray)
        self._tray: Tray | None = None
        self._view = waiting()
        self._fallback: Callable[[], None] | None = None
        self._started = self._stopped = False

    def start(self, fallback: Callable[[], None] | None, silent: bool) -> None:
        """The icon first, then the reading: threads that import would hold up the first paint."""
        self._fallback = fallback
        self._host.wait()
        if not silent:
            QTimer.singleShot(PREPARE_AFTER, self, self._prepare)
            QTimer.singleShot(NO_HOST_AFTER, self, self._no_host_yet)
            if self._openings.first and _on_a_screen():
                QTimer.singleShot(CORE_AFTER, self, lambda: self._open(self._openings.first))
        QTimer.singleShot(CORE_AFTER, self, self._start_core)

    def quit(self) -> None:
        """Ends in order, then leaves the event loop."""
        self.shut_down()
        QApplication.exit(0)

    def shut_down(self) -> None:
        """The icon goes at once, the windows end what they ask, the core what it is writing. Harmless when repeated."""
        if self._stopped:
            return
        self._stopped = True
        self._live.stop()
        self._refreshing.stop()
        self._asking.stop()
        if self._tray is not None:
            self._tray.hide()
        if self._popover is not None:
            self._popover.close()
        if self._windows is not None:
            self._windows.shut_down()
        if self._started:
            self._core.stop()
        self._asking.join()

    def _zone(self) -> tzinfo:
        from app.report.zone import local_zone

        return local_zone(self._machine)

    @Slot()
    def _start_core(self) -> None:
        if not self._started and not self._stopped:
            self._started = True
            self._core.start(self._live.notify)
            self._live.notify()

    @Slot(str)
    def _make_tray(self, kind: str) -> None:
        if self._tray is None and not self._stopped:
            opens = self._openings.facts is not None
            self._tray = Tray(self._machine, Kind(kind), self._choose, self._color, self._ground, opens, self)
            self._tray.clicked.connect(self._clicked)
            self._tray.answered.connect(self._answered)
            self._tray.show(self._view)
            QTimer.singleShot(0, self, self._start_core)

    @Slot(object)
    def _show(self, meters: Meters) -> None:
        self._meters = meters
        self._view = view(meters, self._options._replace(zone=self._zone()))
        if self._tray is not None:
            self._tray.show(self._view)
            self._tell(meters)
        if self._popover is not None and self._popover.isVisible():
            self._refreshing.call()

    @Slot()
    def _look(self) -> None:
        """Who shows the store as it is now, be it while we are paused, takes the others along: they show the same."""
        self._asking.ask("behind", self._core.behind, lambda behind: self._live.notify() if behind else None)

    @Slot()
    def _prepare(self) -> None:
        """Where no tray was found at once, probably a window will be wanted."""
        if self._tray is None and not self._stopped and self._openings.windows and _on_a_screen():
            self._the_windows().warm_up()

    @Slot()
    def _no_host_yet(self) -> None:
        if self._tray is None and not self._stopped:
            print(NO_TRAY, file=sys.stderr, flush=True)
            if self._openings.windows and _on_a_screen() and not self._the_windows().any_open:
                self._open(WINDOWS[0])
            if self._fallback is not None:
                self._fallback()

    def _choose(self, entry: Entry) -> None:
        if entry.action is Action.OPEN:
            self._open(entry.target[0])
        elif entry.action is Action.SESSION:
            self._open_session(*entry.target)
        elif entry.action is not None:
            self._act(entry.action)

    def _act(self, action: Action) -> None:
        if action is Action.QUIT:
            self.quit()
        elif action is Action.RESUME:
            self._core.resume()
        elif action is Action.PAUSE_HOUR:
            self._core.pause(self._machine.clock() + _HOUR)
        elif action is Action.PAUSE:
            self._core.pause(None)
        self._live.notify()

    # The windows

    def _open(self, key: str) -> None:
        self._the_windows().open(key)

    def _open_session(self, source: str, session: str) -> None:
        self._the_windows().open_session(source, session)

    def _the_windows(self) -> Windows:
        """Made when the first is wanted: what they need would hold up the icon."""
        if self._windows is None:
            from app.ui.windows import Windows

            self._settle()
            self._windows = Windows(self._machine, self._live.changed, self.quit, self)
            self._windows.background.asked.connect(self._look)
            self._live.notify()  # the windows have missed the last figures
        return self._windows

    def _settle(self) -> None:
        """From now on things look as they were chosen, and what is chosen anew holds at once."""
        if self._preferences is None:
            from app.ui.preferences import preferences

            self._preferences = preferences(self._machine)
            self._preferences.changed.connect(self._chosen)
            self._core.warn(self._preferences.problem)

    @Slot(object)
    def _chosen(self, now: Settings) -> None:
        self._options = self._options._replace(figure=now.tray_figure)
        self._color = now.tray_color
        if self._tray is not None:
            self._tray.set_color(now.tray_color)
        if self._notices is not None:
            self._notices.on, self._notices.prices_on = now.notices, now.price_notices
        problem = self._preferences.problem if self._preferences is not None else None
        self._core.warn(problem)
        if problem is None:
            self._core.choose(now)
        self._live.notify()

    # The popover

    def wake(self) -> None:
        """Cuenta was started again: the overview, or the popover."""
        if self._openings.windows:
            self._open(WINDOWS[0])
        elif self._openings.facts is not None and not self._the_popover().isVisible():
            self._the_popover().open_at(None)

    @Slot()
    def _clicked(self) -> None:
        if self._tray is not None:
            self._the_popover().toggle(self._tray.anchor())

    def _the_popover(self) -> Popover:
        """Made when it is first wanted: what it needs would hold up the icon."""
        if self._popover is None:
            from app.ui.popover import Popover
            from app.ui.widgets.focus_ring import FocusRing

            if self._openings.windows:
                self._settle()
            application = QApplication.instance()
            assert isinstance(application, QApplication)
            if application.findChild(FocusRing) is None:
                FocusRing(application)
            self._popover = popover = Popover(self._machine.clock, self._options)
            popover.opened.connect(self._opened)
            popover.acted.connect(lambda action: self._act(Action(action)))
            if self._openings.windows:
                popover.open_settings.connect(lambda page: self._the_windows().open("settings", page))
                popover.open_window.connect(self._open)
                popover.open_session.connect(self._open_session)
                popover.opened.connect(lambda: QTimer.singleShot(WARM_UP_AFTER, self, self._warm_up))
        return self._popover

    @Slot()
    def _warm_up(self) -> None:
        if not self._stopped:
            self._the_windows().warm_up()

    @Slot()
    def _opened(self) -> None:
        """At once with what is known; the curve and the plans follow in a moment."""
        if self._popover is not None and self._meters is not None:
            self._popover.set_facts(self._known(self._meters))
        self._refresh()

    def _known(self, now: Meters) -> PopoverFacts:
        from app.report import popover
        from app.report.zone import day_of

        last, zone = self._facts, self._zone()
        if last is not None and last.zone == zone and last.today.day == day_of(now.at, zone):
            return last._replace(meters=now)
        return popover.nothing(now, self._machine)

    @Slot()
    def _refresh(self) -> None:
        if self._openings.facts is not None and not self._stopped:
            self._look()
            self._asking.ask("popover", self._openings.facts, self._show_facts)

    def _show_facts(self, facts: PopoverFacts) -> None:
        self._facts = facts
        if self._popover is not None:
            self._popover.set_facts(facts)

    # Notifications

    def _tell(self, meters: Meters) -> None:
        if self._notices is None or self._tray is None:
            return
        for one in self._notices.due(meters):
            self._notified = one
            self._tray.notify(one.title, one.text)

    @Slot()
    def _answered(self) -> None:
        if self._notified is not None and self._notified.page and self._openings.windows:
            self._the_windows().open("settings", self._notified.page)
        elif self._notified is not None and self._openings.windows:
            self._open_session(self._notified.source, self._notified.session)
        elif self._openings.facts is not None and self._tray is not None:
            self._the_popover().open_at(self._tray.anchor())


def _on_a_screen() -> bool:
    return QApplication.platformName() != "offscreen"


class Instance:
    """One Cuenta for each data folder: a lock, and a file that a second start touches to wake the first.

    A local socket would do too, but lives in QtNetwork, which this program never loads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wake_file = folder / "wake"
        self._lock = QLockFile(str(folder / "instance.lock"))
        self._lock.setStaleLockTime(0)  # never too old; the lock of a killed process is known by its process id
        self._watcher: QFileSystemWatcher | None = None

    def take(self) -> bool:
        """True for the first instance. Raises OSError where the folder can't be written."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._lock.tryLock(0):
            return True
        if self._lock.error() != QLockFile.LockError.LockFailedError:
            raise PermissionError(13, "Permission denied", str(self._folder))
        return False

    def wake_first(self) -> None:
        """Tells the first instance that Cuenta was started again."""
        self._wake_file.touch()

    def on_wake(self, woken: Callable[[], None]) -> None:
        """Calls `woken` at each further start."""
        self._wake_file.touch()
        self._watcher = watcher = QFileSystemWatcher([str(self._wake_file)])

        def changed(path: str) -> None:
            if self._wake_file.exists():
                woken()
            else:  # tidied away; without this the next start would go unheard
                self._wake_file.touch()
                watcher.addPath(path)

        watcher.fileChanged.connect(changed)

    def release(self) -> None:
        """Lets another instance start."""
        self._watcher = None
        self._lock.unlock()


class Signals:
    """SIGINT and SIGTERM end the program in order, woken by a pipe and not by a timer.

    Python runs a signal handler only between two of its own instructions, and none runs while Qt waits. The wake-up
    descriptor is written by the C handler itself. Windows wants a network socket there, so it keeps its defaults.
    """

    def __init__(self, end: Callable[[], None]) -> None:
        self._end = end
        self._pipe: tuple[int, int] | None = None
        if sys.platform == "win32":
            return
        self._pipe = os.pipe()
        for one in self._pipe:
            os.set_blocking(one, False)
        self._before = {number: signal.signal(number, _nothing) for number in (signal.SIGINT, signal.SIGTERM)}
        self._wakeup = signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._pipe[0], QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._arrived)

    def close(self) -> None:
        """Gives the signals back."""
        if self._pipe is None:
            return
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wakeup)
        for number, before in self._before.items():
            signal.signal(number, before)
        for one in self._pipe:
            os.close(one)
        self._pipe = None

    def _arrived(self, *_: object) -> None:
        if self._pipe is not None:
            numbers = os.read(self._pipe[0], 64)
            if signal.SIGINT in numbers or signal.SIGTERM in numbers:
                self._end()


class ErrorLog:
    """Takes the place of sys.excepthook: a fault in a slot is logged and the program goes on.

    What fails at each reading would fill the disk, so the same place is logged once a minute.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str, str, int], float] = {}

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        innermost = trace
        while innermost is not None and innermost.tb_next is not None:
            innermost = innermost.tb_next
        code, line = ("", 0) if innermost is None else (innermost.tb_frame.f_code.co_filename, innermost.tb_lineno)
        place = (kind.__name__, code, line)
        now = time.monotonic()
        if now - self._last.get(place, -_SAME_ERROR_AGAIN) < _SAME_ERROR_AGAIN:
            return
        self._last[place] = now
        import logging

        logging.getLogger("cuenta").error("Unexpected error", exc_info=(kind, error, trace))


def _nothing(_number: int, _frame: object) -> None:
    """A handler must be set, or the signal keeps its default and ends the process at once."""
