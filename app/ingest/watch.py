"""Which log has changed: the system's own notices, gathered into a set of paths.

Notices get lost (a full queue, a mount that sends none, a folder that appears later), so the worker also looks at
everything now and then; this is only what makes the usual case quick.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from app.ingest.place import identity

# Without a filter watchdog also listens to "opened", overflows on its own walk through some thousand folders, and then
# loops for ever without an event.
_WANTED: list[type[FileSystemEvent]] = [
    FileModifiedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]


class Watch(FileSystemEventHandler):
    """Tells `changed(path, folder)` of each path that something happened to, from watchdog's thread."""

    def __init__(self, changed: Callable[[str, bool], None]) -> None:
        self._changed = changed
        self._observer: BaseObserver | None = None
        self._watched: dict[str, tuple[ObservedWatch, tuple[int, int]]] = {}
        self.problem: str | None = None
        """Why notices may be missing, for the doctor; None when all is well."""

    def look_after(self, roots: Iterable[Path], shallow: Iterable[Path] = ()) -> None:
        """Watches these folders, those included that have appeared, come back or been replaced since; of the shallow ones
        nothing below.
        """
        wanted = {str(root): identity(root) for root in roots}
        flat = {str(root) for root in shallow}
        for root in [*self._watched]:
            watch, before = self._watched[root]
            if wanted.get(root) != before or not self._alive(watch):
                self._forget(root)
        for root, now in wanted.items():
            if now is not None and root not in self._watched:
                self._begin(root, now, root not in flat)

    def stop(self) -> None:
        if self._observer is not None:
            self._observer.stop()
            with suppress(RuntimeError):
                self._observer.join(5)
            self._observer = None
            self._watched.clear()

    def on_any_event(self, event: FileSystemEvent) -> None:
        for path in (event.src_path, event.dest_path):
            if path:
                self._changed(os.fsdecode(path), event.is_directory)

    def _begin(self, root: str, now: tuple[int, int], deep: bool) -> None:
        try:
            if self._observer is None:
                # One message of an overflow can be megabytes long.
                warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"watchdog\.observers\.inotify")
                self._observer = Observer()
                self._observer.start()
            watch = self._observer.schedule(self, root, recursive=deep, event_filter=_WANTED)
            self._watched[root] = watch, now
            self.problem = None
        except OSError as error:
            self.problem = f"{root} can't be watched ({error.strerror or error}); it is looked at once a minute."

    def _forget(self, root: str) -> None:
        watch, _ = self._watched.pop(root)
        if self._observer is not None:
            with suppress(KeyError, OSError):
                self._observer.unschedule(watch)

    def _alive(self, watch: ObservedWatch) -> bool:
        """When a watched folder is deleted its emitter stops for good."""
        emitters = self._observer.emitters if self._observer is not None else ()
        return any(emitter.watch == watch and emitter.is_alive() for emitter in emitters)
