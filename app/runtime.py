"""Builds the parts and connects them. No Qt: the tray, the command line and the tests all start here."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app import settings
from app.diagnostics import KnownError, log
from app.ingest.catch_up import CatchUp, Progress, survey
from app.machine import Machine
from app.model.meters import Meters
from app.model.trouble import Drifted, Unlike, Unreadable
from app.model.usage import Changed
from app.report import meters
from app.report.zone import day_of, local_zone, start_of
from app.shapes.finding import never
from app.shapes.source import Source
from app.sources import BY_ID, SOURCES, chosen, unconfirmed
from app.store import database, queries
from app.store.files import Files
from app.store.writer import Writer
from app.tokenizers import family_of

if TYPE_CHECKING:
    from app.pricing.catalog import Catalog
    from app.report.drift import Drift
    from app.report.popover import PopoverFacts
    from app.report.repricing import Plan

_ROUNDS = 3
"""Times that is read what another process keeps reading, too."""
_DRIFT_EVERY = 5.0
"""Seconds between two looks for lines of an unknown kind."""
_ODD_EVERY = 600.0
"""Seconds between two comparisons of today's calls with those of two weeks."""
_GREETING = 3600.0
"""Seconds that a greeting is shown."""
_READ_AGAIN = 60.0
"""Seconds after which a database that couldn't be read is read again, though nobody tells of a change."""


@contextmanager
def told_machine(demo: bool) -> Iterator[Machine]:
    """This machine; or, for `--demo`, one with made-up logs and a database that is gone afterwards."""
    here = Machine.here()
    if not demo:
        yield here
        return
    from dataclasses import replace
    from tempfile import TemporaryDirectory

    from app.demo import write_logs

    with TemporaryDirectory(prefix="cuenta-demo-") as folder:
        home = Path(folder, "home")
        write_logs(home, here.clock(), local_zone(here))
        environment = {"TZ": here.variable("TZ") or local_zone(here).key}
        yield replace(here, home=home, environment=environment, data=Path(folder, "data"))


def reader(machine: Machine) -> sqlite3.Connection:
    """A connection that can only read; makes the database on the first start. Raises KnownError."""
    database.prepare(machine.database, machine.resources)
    return database.open_reader(machine.database)


def writer(machine: Machine) -> Writer:
    """The writing connection, with the price book; what is without a price gets one, where there is one now. Raises
    KnownError."""
    store = _priced_writer(machine)
    try:
        store.price_the_unpriced(prices_now(machine))
        withheld = withheld_now(machine)
        if withheld is not None:
            store.withhold(withheld)
    except BaseException:
        store.close()
        raise
    return store


def _priced_writer(machine: Machine) -> Writer:
    from app.pricing.catalog import keep_own, load_catalog
    from app.pricing.price import price

    database.prepare(machine.database, machine.resources)
    try:
        catalog = load_catalog(machine)
    except (OSError, ValueError) as error:
        raise KnownError(f"The price book can't be read: {error}.", "Install Cuenta again.") from error
    keep_own(machine)
    return Writer(
        machine.database,
        lambda call: price(call, catalog),
        catalog.book.id,
        lambda model: family_of(model, machine.resources).ratio,
        secondhand=[source.id for source in SOURCES if source.secondhand],
    )


def reprice(machine: Machine, plan: Plan) -> int:
    """Stores what the plan found, all or none; how many calls changed. For a thread that may wait. Raises KnownError."""
    # Not `writer`: it would give the calls without a price theirs before, and then they could not be taken back.
    with _priced_writer(machine) as store:
        return store.reprice(plan.calls, machine.clock())


def take_repricing_back(machine: Machine) -> int | None:
    """Undoes the last `reprice`; how many calls have their cost again, None if there was none. Raises KnownError."""
    with writer(machine) as store:
        return store.take_back()


def prices_now(machine: Machine) -> str:
    """Tells one state of the price files from another, without reading them."""
    states: list[str] = []
    for path in (machine.resources / "prices.json", machine.data / "prices.json", machine.data / "prices.user.toml"):
        try:
            facts = path.stat()
            states.append(f"{facts.st_size}@{facts.st_mtime_ns}")
        except OSError:
            states.append("-")
    return " ".join(states)


def withheld_now(machine: Machine) -> frozenset[str] | None:
    """The sources that count nowhere, as it is chosen on the disk; None where that can't be read: all stays."""
    try:
        return unconfirmed(settings.load(machine, settings.Settings).confirmed)
    except KnownError as error:
        log.warning("%s", error)
        return None


def today_from(machine: Machine) -> int:
    """When the local day began, ms since 1970 UTC."""
    zone = local_zone(machine)
    return start_of(day_of(machine.clock(), zone), zone) * 900_000


def sources_of(machine: Machine, now: settings.Settings | None = None) -> tuple[Source, ...]:
    """What is to be read, as it is chosen in `now` or else on the disk. Raises KnownError for a damaged file."""
    now = settings.load(machine, settings.Settings) if now is None else now
    return chosen(now.sources_off, now.folders, now.homes.values())


def read_new(
    machine: Machine,
    connection: sqlite3.Connection,
    *,
    report: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = never,
) -> CatchUp | None:
    """Brings the store up to date; None if nothing was new. A writer is opened only where there is something to write."""
    sources = sources_of(machine)
    pending = survey(sources, machine, Files.reading(connection))
    if not pending and _is_settled(machine, connection):
        return None
    with writer(machine) as store:
        catch_up = CatchUp(store, machine.clock, report=report, cancelled=cancelled, today_from=today_from(machine))
        for _ in range(_ROUNDS):
            if not catch_up.run(pending) or not catch_up.refused:
                break
            # Another process was quicker, and may not have read to the end.
            pending = survey(sources, machine, store.files)
        return catch_up


def _is_settled(machine: Machine, connection: sqlite3.Connection) -> bool:
    """Has the store heard of all that was chosen and priced?"""
    if withheld_now(machine) not in (None, frozenset(queries.withheld(connection))):
        return False
    return queries.prices_known(connection) == prices_now(machine)


def measure_new(
    machine: Machine,
    *,
    report: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = never,
) -> int:
    """Measures what was said in all logs that were read; how many files were new. Raises KnownError."""
    from app.ingest.measuring import measure_all

    with writer(machine) as store:
        return measure_all(machine, store, sources_of(machine), report=report, cancelled=cancelled)


class Core:
    """What the tray app runs: the ingest thread, and one reading connection for whoever asks for this moment."""

    def __init__(self, machine: Machine, greeting: str | None = None) -> None:
        """`greeting` is a sentence shown among the problems for the first hour."""
        self.machine = machine
        self._notify: Callable[[], None] = lambda: None
        self._connection: sqlite3.Connection | None = None
        self._asked = threading.RLock()
        """Held while the connection is in use."""
        self._ended = False
        self._drift: dict[str, int] = {}
        """Source → lines in today's logs whose kind nobody knows."""
        self._drift_asked = -_DRIFT_EVERY
        self._odd: tuple[Drift, ...] = ()
        """Other signs that today's logs are not what they were."""
        self._odd_asked = -_ODD_EVERY
        self._version = 0
        """Of the store, as it was when the meters were read last."""
        self._reopened = False
        """The ingest thread has opened the database, perhaps another one: what we read may be a file without a name."""
        self._unreadable: str | None = None
        """Why the database can't be read."""
        self._warning: str | None = None
        self._greeting = greeting
        self._farewell = _timer(_GREETING, self._say_no_more)
        self._again = _timer(_READ_AGAIN, self._tell)
        self._progress: Progress | None = Progress(0, 0, 0, 0, False)
        self._notes = settings.Notes()
        self._worker = None
        self._catalog: Catalog | None = None
        """Loaded by the ingest thread, for what a cold cache would cost."""
        self._shown: PopoverFacts | None = None
        """What the popover showed last: its usual day is good for a while."""

    def start(self, notify: Callable[[], None]) -> None:
        from app.ingest.worker import Worker  # watchdog: after the icon

        self._notify = notify
        self._notes = _notes(self.machine)
        self._worker = Worker(
            self.machine,
            sources_of(self.machine),
            self._open_writer,
            changed=self._changed,
            progress=self._progressed,
            today_from=lambda: today_from(self.machine),
            prices=lambda: f"{prices_now(self.machine)} {sorted(withheld_now(self.machine) or ())}",
        )
        self._worker.pause(self.paused, self._notes.paused_until)
        self._worker.start()
        if self._greeting is not None:
            self._farewell.start()

    def stop(self) -> None:
        self._notify = lambda: None
        self._farewell.cancel()
        self._again.cancel()
        self._ended = True
        if (reading := self._connection) is not None:
            with suppress(sqlite3.ProgrammingError):  # closed meanwhile
                reading.interrupt()
        if self._worker is not None:
            self._worker.stop()
        with self._asked:
            self._close()

    def meters(self) -> Meters:
        """This moment; waits for the store. Nothing is counted where the database can't be read; the problems say why."""
        with self._asked:
            return self._meters()

    def _meters(self) -> Meters:
        empty = Meters(self.machine.clock(), 0, 0, 0, "measured", None)
        if self._reopened:
            self._close()
        try:
            if self._connection is None and not self._ended and database.ready(self.machine.database):
                self._connection = reader(self.machine)
            if self._connection is not None:
                self._version = queries.version(self._connection)
            now = empty if self._connection is None else meters.read(self._connection, self.machine)
            if self._connection is not None:
                self._ask_drift(self._connection)
            self._unreadable = None
        except KnownError as error:
            return self._told_unreadable(empty, error)
        except sqlite3.DatabaseError as error:
            if not database.is_of_the_world(error):
                raise
            return self._told_unreadable(empty, database.refusal(self.machine.database, error))
        return self.told(now)

    def behind(self) -> bool:
        """Has anybody written since the meters were read: `cuenta sync` in a terminal, while we are paused?"""
        with self._asked:
            try:
                return self._connection is not None and queries.version(self._connection) != self._version
            except sqlite3.Error:
                return not self._ended  # the reading will tell

    def popover(self) -> PopoverFacts:
        """What the popover shows; waits for the store."""
        with self._asked:
            return self._popover()

    def _popover(self) -> PopoverFacts:
        from app.report import popover

        now = self._meters()
        if self._connection is None:
            return popover.nothing(now, self.machine)
        try:
            facts = popover.read(self._connection, self.machine, self._catalog, self._shown)
        except sqlite3.DatabaseError as error:
            if not database.is_of_the_world(error):
                raise
            return popover.nothing(now, self.machine)
        self._shown = facts._replace(meters=self.told(facts.meters))
        return self._shown

    def _told_unreadable(self, empty: Meters, error: KnownError) -> Meters:
        self._close()
        self._unreadable = str(error)
        self._again.cancel()
        self._again = _timer(_READ_AGAIN, self._tell)
        self._again.start()
        return self.told(empty)

    def told(self, now: Meters) -> Meters:
        """The reading with what only this process knows: progress, troubles, pause."""
        progress = self._progress
        reading = (progress.files, progress.of_files) if progress is not None else None
        paused = self.paused
        until = self._notes.paused_until if paused else None
        worker = self._worker
        unread = worker is not None and worker.unreadable and worker.wrote_unreadable(self._today())
        return now._replace(
            reading=reading,
            problems=self._problems(),
            at_least=bool(now.at_least or self._drift or unread or any(one.loses for one in self._odd)),
            behind_since=worker.behind_since if worker is not None else None,
            paused=paused,
            paused_until=until,
            deleting=meters.deleting(self.machine) if paused and until is None else (),
        )

    def _ask_drift(self, connection: sqlite3.Connection) -> None:
        """A walk through all files, and so not at each reading."""
        if time.monotonic() - self._drift_asked >= _DRIFT_EVERY:
            self._drift_asked = time.monotonic()
            found = Counter[str]()
            for one in queries.unknown_kinds(connection, self._today()):
                found[one.source] += one.lines
            self._drift = dict(found)
        if time.monotonic() - self._odd_asked >= _ODD_EVERY:
            from app.report.drift import signs

            self._odd_asked = time.monotonic()
            every = (one for of_source in signs(connection, self.machine.clock()).values() for one in of_source)
            self._odd = tuple(one for one in every if one.sign not in ("kind", "version"))

    def _today(self) -> int:
        return today_from(self.machine)

    def _close(self) -> None:
        self._reopened = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def also_notify(self, notify: Callable[[], None]) -> None:
        """Another listener, called like the first."""
        first = self._notify

        def both() -> None:
            first()
            notify()

        self._notify = both

    # --- pausing

    @property
    def paused(self) -> bool:
        return self._notes.is_paused(self.machine.clock())

    def pause(self, until: int | None) -> None:
        """Reads nothing until that instant (ms since 1970 UTC); None is until resumed. Survives a restart."""
        self._note(paused=True, paused_until=until)

    def resume(self) -> None:
        self._note(paused=False, paused_until=None)

    def _note(self, *, paused: bool, paused_until: int | None) -> None:
        # What the windows noted meanwhile stays.
        self._notes = msgspec.structs.replace(_notes(self.machine), paused=paused, paused_until=paused_until)
        try:
            settings.save(self.machine, self._notes)
        except KnownError as error:
            log.warning("%s", error)
        if self._worker is not None:
            self._worker.pause(self.paused, paused_until)
        self._notify()

    def choose(self, now: settings.Settings) -> None:
        """Reads from these sources and folders from now on, at once; what was read stays."""
        if self._worker is not None:
            self._worker.read_from(sources_of(self.machine, now))

    def warn(self, problem: str | None) -> None:
        """Tells this among the problems until it is None."""
        if problem != self._warning:
            self._warning = problem
            self._notify()

    # --- from other threads

    def _open_writer(self) -> Writer:
        from app.pricing.catalog import load_catalog

        opened = writer(self.machine)
        self._catalog = load_catalog(self.machine)
        self._reopened = True
        self._notify()
        return opened

    def _tell(self) -> None:
        self._notify()

    def _say_no_more(self) -> None:
        self._greeting = None
        self._notify()

    def _changed(self, changed: Changed) -> None:
        self._notify()

    def _progressed(self, progress: Progress | None) -> None:
        if progress is None:
            self._drift_asked = -_DRIFT_EVERY
            if self._progress is not None:  # the history has been read: there is something to compare with
                self._odd_asked = -_ODD_EVERY
        self._progress = progress
        self._notify()

    def _problems(self) -> tuple[str, ...]:
        """A sentence for each thing that is amiss, the worst first, none twice."""
        told = [self._unreadable, *self._problems_of_reading(), self._warning, self._greeting]
        return tuple(dict.fromkeys(one for one in told if one is not None))

    def _problems_of_reading(self) -> list[str]:
        if self._worker is None:
            return []
        trouble = self._worker.trouble
        if trouble is not None:
            return [str(trouble)]
        unable = self._worker.content.trouble
        by_source: dict[str, list[str]] = {}
        for path, (source, what) in self._worker.unreadable.items():
            by_source.setdefault(source, []).append(f"{self.machine.short(path)}: {what}")
        return [
            *(Unreadable(BY_ID[source].title, len(found), found[0]) for source, found in by_source.items()),
            *(Drifted(BY_ID[source].title, count) for source, count in self._drift.items()),
            *(Unlike(BY_ID[source].title) for source in dict.fromkeys(one.source for one in self._odd)),
            *(() if unable is None else (str(unable),)),
        ]


def _timer(seconds: float, action: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    return timer


def _notes(machine: Machine) -> settings.Notes:
    try:
        return settings.load(machine, settings.Notes)
    except KnownError as error:
        log.warning("%s", error)
        return settings.Notes()
