"""The ingest thread: it alone writes. It sleeps until a path is dirty, a look at everything is due, or it is told to end."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.diagnostics import KnownError, log
from app.ingest.catch_up import CatchUp, Progress, survey
from app.ingest.content_pass import ContentPass
from app.ingest.place import Place
from app.ingest.reading import MANY
from app.ingest.watch import Watch
from app.machine import Machine
from app.model.path import real
from app.model.usage import Changed
from app.shapes.finding import Found, Pending, look_at, newest_first, owner_of, roots_of, unread
from app.shapes.mounts import is_remote
from app.shapes.source import Source
from app.store.writer import Writer

EVERYTHING_EVERY = 60.0
"""Seconds between two looks at everything: notices do get lost."""
REMOTE_FIRST = 5.0
"""The same for folders on a network mount, doubled while nothing happens, up to EVERYTHING_EVERY."""
_GATHER = 0.02
"""Seconds that a burst of notices is gathered before it is read."""
_HALF_A_LINE = 0.25
"""Seconds before a file is read again whose reading came to no end of a line: it starts over at that line, and one of 40 MB
that was written in 160 pieces cost 2 s of CPU."""
_TRY_AGAIN = 3600.0
"""Seconds after which a file that couldn't be read is tried again though it looks unchanged: a lock and a network go by."""
_LONGEST = 600.0
"""No wait for a time of day is longer: the wait stands still while the machine sleeps, and would end that much later."""
_AFTER_TROUBLE = (2.0, 5.0, 15.0, 60.0)
_STACK = 16 << 20
_WORTH_SHOWING = 4 << 20
"""Bytes to read from which progress is told."""


class Attempt(NamedTuple):
    """A file that could not be read, as it looked then."""

    found: Found
    again: float
    """Monotonic: not before, unless it looks different."""


class Worker:
    """Runs until `stop`. `changed` and `progress` are called from its thread."""

    def __init__(
        self,
        machine: Machine,
        sources: Sequence[Source],
        open_writer: Callable[[], Writer],
        *,
        changed: Callable[[Changed], None],
        progress: Callable[[Progress | None], None],
        today_from: Callable[[], int],
        prices: Callable[[], str] = lambda: "",
    ) -> None:
        """`prices` tells one state of the price files from another: a new one wants a new writer."""
        self.machine = machine
        self.sources = sources
        self.trouble: KnownError | None = None
        """Why nothing can be stored at the moment."""
        self.unreadable: dict[str, tuple[str, str]] = {}
        """Path → (source, why it can't be read), of this run."""
        self.behind_since: int | None = None
        """When the first log changed that nobody has begun to read, ms since 1970 UTC."""
        self.watch = Watch(self._noticed)
        self.content = ContentPass(machine, self._wake_up)
        self._open_writer = open_writer
        self._changed = changed
        self._progress = progress
        self._today_from = today_from
        self._prices = prices
        self._dirty: set[str] = set()
        self._wake = threading.Condition()
        self._everything = True
        self._stopping = False
        self._paused = False
        self._taken_since: int | None = None
        """The same of what is being read; so that it is known where the reading fails."""
        self._chosen_anew = False
        """Other sources were chosen since reading began."""
        self._until: int | None = None
        self._next_look = 0.0
        """Monotonic: when everything is looked at again, whatever is noticed before."""
        self._not_before: dict[str, float] = {}
        """Path → monotonic, of files that ended in half a line."""
        self._attempts: dict[str, Attempt] = {}
        self._told: object = None
        """What the last call of `progress` stood for."""
        self._roots: list[tuple[str, Source]] = []
        self._remote = False
        self._wait_remote = REMOTE_FIRST
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)

    # --- from other threads

    def start(self) -> None:
        before = threading.stack_size(_STACK)  # damaged lines can nest thousands deep
        try:
            self._thread.start()
        finally:
            threading.stack_size(before)

    def stop(self, patience: float = 10.0) -> None:
        """Ends after the transaction in hand."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(patience)

    def pause(self, paused: bool, until: int | None = None) -> None:
        """While paused, and before that instant (ms since 1970 UTC), nothing is read; then everything is looked at."""
        with self._wake:
            self._paused, self._until = paused, until
            self._everything = self._everything or not paused
            self._wake.notify_all()

    def read_from(self, sources: Sequence[Source]) -> None:
        """Other sources from now on; what is being read of the earlier ones is left where it is."""
        with self._wake:
            self.sources = sources
            self._chosen_anew = self._everything = True
            self.content.noticed()
            self._wake.notify_all()

    def look_at_everything(self) -> None:
        with self._wake:
            self._everything = True
            self._wake.notify_all()

    def wrote_unreadable(self, since: int) -> bool:
        """Can a log not be read that was written since that instant (ms since 1970 UTC)?"""
        return any(attempt.found.modified >= since * 1_000_000 for attempt in list(self._attempts.values()))

    def _noticed(self, path: str, folder: bool) -> None:
        first_while_paused = False
        with self._wake:
            if folder:
                self._everything = True  # a folder that appears may already hold files
            else:
                path = owner_of(path)
                self._dirty.add(path)
                if self.behind_since is None and self._sources_of(path):
                    self.behind_since = self.machine.clock()
                    first_while_paused = self._paused
            self._wake.notify_all()
        if first_while_paused:
            self._progress(None)  # nobody else will tell that the figures grow old

    def _wake_up(self) -> None:
        with self._wake:
            self._wake.notify_all()

    def _interrupted(self) -> bool:
        return self._stopping or self._paused or self._chosen_anew

    # --- the thread

    def _run(self) -> None:
        failures = 0
        while not self._stopping:
            try:
                with self._open_writer() as writer:
                    place = Place(writer.path)
                    try:
                        self._serve(writer, place)
                    finally:
                        self.content.stop()
                place.clear_up()
            except Exception as error:  # ours too: a thread that ended unseen would leave old figures standing for ever
                failures = 0 if self.trouble is None else failures + 1
                self.trouble = error if isinstance(error, KnownError) else _fault(error)
                log.warning("%s", self.trouble)
                self.behind_since = self._taken_since or self.behind_since
                self._tell_end()
                self._sleep(_AFTER_TROUBLE[min(failures, len(_AFTER_TROUBLE) - 1)])
                self.look_at_everything()
        self.watch.stop()

    def _serve(self, writer: Writer, place: Place) -> None:
        """Reads into this database until told to end, or until it is no longer the one that lies there."""
        self._look_after_roots()
        prices = self._prices()
        while not self._stopping:
            everything, dirty = self._next()
            if self._interrupted():
                self.content.stop()
                continue
            if dirty and not everything:
                self._read(self._pending(dirty, writer), writer)
            elif not everything:  # the usage pass has nothing to do
                self._measure(writer)
                continue
            elif place.is_lost() or prices != self._prices():
                self.look_at_everything()
                return
            else:
                self._back_off(self._read(self._survey(writer), writer))
            self.trouble = None
            self._tell_end()

    def _next(self) -> tuple[bool, set[str]]:
        """Sleeps until there is something to do: (look at everything?, dirty paths)."""
        with self._wake:
            while not (self._stopping or self._is_due() or self._content_is_due()):
                self._wake.wait(self._patience())
        if self._dirty and not self._everything:
            time.sleep(_GATHER)
        with self._wake:
            self._chosen_anew = False
            if self._interrupted():
                return False, set()
            self._taken_since, self.behind_since = self.behind_since, None
            everything = self._everything
            dirty = self._dirty if everything else self._ripe()
            self._everything, self._dirty = False, self._dirty - dirty
            return everything, dirty

    def _is_due(self) -> bool:
        """Is there something to do? A look at everything falls due by the clock, or a busy log would put it off for ever."""
        if self._paused and self._until is not None and self.machine.clock() >= self._until:
            self._paused, self._everything = False, True
        self._everything = self._everything or time.monotonic() >= self._next_look
        return not self._paused and (self._everything or bool(self._ripe()))

    def _content_is_due(self) -> bool:
        """Is there something to do for the content pass? While paused only this: it must end."""
        return self.content.is_alive if self._paused else self.content.due_in() == 0

    def _patience(self) -> float | None:
        """Seconds until something falls due by itself."""
        if self._paused:
            return None if self._until is None else min(_LONGEST, (self._until - self.machine.clock()) / 1000)
        waiting = [self._not_before[path] for path in self._dirty if path in self._not_before]
        usage, content = max(0.0, min([self._next_look, *waiting]) - time.monotonic()), self.content.due_in()
        return usage if content is None else min(usage, content)

    def _ripe(self) -> set[str]:
        now = time.monotonic()
        return {path for path in self._dirty if self._not_before.get(path, now) <= now}

    def _back_off(self, stored: int) -> None:
        """Sets the next look at everything. Only what was stored counts as news: a file that can't be read is none."""
        self._wait_remote = REMOTE_FIRST if stored else min(EVERYTHING_EVERY, self._wait_remote * 2)
        self._next_look = time.monotonic() + (self._wait_remote if self._remote else EVERYTHING_EVERY)

    def _sleep(self, seconds: float) -> None:
        """Whatever is noticed meanwhile: on a full disk each line of a busy log would be another try."""
        with self._wake:
            self._wake.wait_for(lambda: self._stopping, seconds)

    def _look_after_roots(self) -> None:
        roots = [(root, source) for source in self.sources for root in roots_of(source, self.machine)]
        self._roots = [(str(root).rstrip("/\\"), source) for root, source in roots]
        self._remote = any(is_remote(root) for root, _ in roots)
        shallow = [root for source in self.sources for root in source.shallow(self.machine)]
        self.watch.look_after((root for root, _ in roots), shallow)

    def _survey(self, writer: Writer) -> list[Pending]:
        self._look_after_roots()
        self._forget({path for path in self.unreadable if not os.path.lexists(real(path))})
        return [one for one in survey(self.sources, self.machine, writer.files) if self._is_worth_trying(one.found)]

    def _pending(self, dirty: set[str], writer: Writer) -> list[Pending]:
        pending: list[Pending] = []
        for path in dirty:
            for source in self._sources_of(path):
                found = look_at(source, path)
                if found is not None:
                    cursor = writer.cursor(source.id, found.path)
                    pending += unread([found], {found.path: cursor} if cursor else {}, source.version)
        return newest_first([one for one in pending if self._is_worth_trying(one.found)])

    def _sources_of(self, path: str) -> list[Source]:
        """Several where agents keep what they remember in one database, as extensions of an editor do."""
        found: dict[str, Source] = {}
        for root, source in self._roots:
            below = path.startswith(root) and path[len(root) : len(root) + 1] in ("/", "\\")
            if below and source.owns(path[len(root) + 1 :].replace("\\", "/")):
                found[source.id] = source
        return [*found.values()]

    def _read(self, pending: list[Pending], writer: Writer) -> int:
        """Reads these files; how many batches of them were stored."""
        if not pending:
            return 0
        if sum(one.bytes for one in pending) >= MANY:
            self.content.stop()  # it would take a core from the usage pass, which ends all helpers where it is cancelled
        catch_up = CatchUp(
            writer,
            self.machine.clock,
            report=self._report if sum(one.bytes for one in pending) > _WORTH_SHOWING else None,
            notify=self._changed,
            cancelled=self._interrupted,
            today_from=self._today_from(),
        )
        catch_up.run(pending)
        self._remember(pending, catch_up)
        if catch_up.refused:
            self.look_at_everything()
        if catch_up.stored:
            self.content.noticed()
        return catch_up.stored

    def _measure(self, writer: Writer) -> None:
        changed = self.content.step(writer, self.sources)
        if changed:
            self._changed(Changed(frozenset(source for source, _ in changed), changed, None, len(changed)))
        self._tell_end()

    def _remember(self, pending: list[Pending], catch_up: CatchUp) -> None:
        now = time.monotonic()
        self._not_before = {path: when for path, when in self._not_before.items() if when > now}
        self._not_before |= {real(path): now + _HALF_A_LINE for path in catch_up.unmoved}
        failed = {problem.path: (problem.source, problem.what) for problem in catch_up.problems}
        self._forget({one.found.path for one in pending} - failed.keys())
        self.unreadable = self.unreadable | failed
        for one in pending:
            if one.found.path in failed:
                self._attempts[one.found.path] = Attempt(one.found, now + _TRY_AGAIN)

    def _is_worth_trying(self, found: Found) -> bool:
        """Not what failed before and looks the same: a damaged archive would be unpacked at every look."""
        attempt = self._attempts.get(found.path)
        return attempt is None or time.monotonic() >= attempt.again or attempt.found != found

    def _forget(self, paths: set[str]) -> None:
        """What was read, or is gone, troubles nobody any more. A new value: another thread may be going through the old."""
        self.unreadable = {path: why for path, why in self.unreadable.items() if path not in paths}
        self._attempts = {path: attempt for path, attempt in self._attempts.items() if path not in paths}

    def _report(self, progress: Progress) -> None:
        self._told = None
        self._progress(progress)

    def _tell_end(self) -> None:
        """Nothing is being read. Told once, and when what is amiss has changed: each call is a reading of the meters."""
        ended = (self.trouble, self.unreadable)
        if ended != self._told:
            self._told = ended
            self._progress(None)


def _fault(error: Exception) -> KnownError:
    """An unforeseen error is noted as any thread's is, and told."""
    threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
    return KnownError("Reading stopped at a fault in Cuenta.", "It is tried again; cuenta.log says where.")
