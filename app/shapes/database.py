"""Somebody else's SQLite file: read while its owner writes, and nothing is left beside it.

How it is opened follows from what lies there. With log and shared memory both present somebody uses it: read-only, as any
other reader. With neither nobody has it open: as a file that does not change, and looked at again afterwards. All else (one
of the two, a rollback journal, a share without locks) is read from a private copy.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.model.path import named
from app.model.usage import Batch, Cursor
from app.shapes.gathering import Gathered, booked_in
from app.shapes.mounts import is_remote
from app.shapes.stamp import WAL, Stamp, begin, next_generation, stamp_of

SHARED, JOURNAL = "-shm", "-journal"
ROWS = 20_000
"""Rows after which a batch is handed over."""
PATIENCE = 30.0
"""Seconds that one batch may take: a damaged or hostile file can keep a query busy for ever."""
LONGEST = 64 << 20
"""Bytes of the longest value that is taken out."""
_WAIT_MS = 5_000
_STEPS = 20_000
"""Steps of SQLite's machine between two looks at the clock."""
_ATTEMPTS = 3
_LOOKS, _MOMENT = 10, 0.02
"""How often an owner's transaction is looked at before what it writes is read from a copy, and the seconds in between."""
_BEFORE = -1
"""The row before the first: who numbers them himself may begin with 0."""
_HOT = bytes.fromhex("d9d505f920a163d7")
"""How a rollback journal begins while it matters; some owners leave it lying about, with its head wiped."""

Row = tuple[Any, ...]


class Base:
    """An open database, as a source sees it. Columns may hold anything; text that is no UTF-8 has its bad bytes replaced."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._columns: dict[str, frozenset[str]] = {}

    def columns(self, table: str) -> frozenset[str]:
        """Names of the table's columns; empty where there is no such table. Asked once: a base is open for moments."""
        if table not in self._columns:
            names = self.ask("SELECT name FROM pragma_table_info(?)", table)
            self._columns[table] = frozenset(name for (name,) in names)
        return self._columns[table]

    def ask(self, statement: str, *values: Any) -> Iterator[Row]:
        """The rows of one SELECT, a few at a time."""
        with closing(self._connection.execute(statement, values)) as found:
            yield from found

    def new_rows(self, table: str, wanted: Sequence[str], gathered: Gathered, most: int = ROWS) -> Iterator[Row]:
        """(rowid, *wanted) of up to `most` rows added since the last reading, and of those that `unfinished` named.

        The first of `wanted` must tell a row from all others: where the last row read is no longer what it was, rows have
        been numbered anew, and all are read again.
        """
        state = gathered.kept.setdefault(table, {"row": _BEFORE, "name": None, "open": []})
        names = ", ".join(f'"{name}"' for name in wanted)
        if state["row"] > _BEFORE and not self._is_still(table, wanted[0], state):
            state.update(row=_BEFORE, name=None, open=[])
            gathered.anew = True
        waiting, state["open"] = state["open"], []
        for place in waiting:
            yield from self.ask(f'SELECT rowid, {names} FROM "{table}" WHERE rowid = ?', place)
        new, taken = f'SELECT rowid, {names} FROM "{table}" WHERE rowid > ? ORDER BY rowid LIMIT ?', 0
        for row in self.ask(new, state["row"], most):
            state.update(row=row[0], name=_plain(row[1]))
            taken += 1
            yield row
        gathered.more = gathered.more or taken == most

    def _is_still(self, table: str, name: str, state: dict[str, Any]) -> bool:
        found = [row[0] for row in self.ask(f'SELECT "{name}" FROM "{table}" WHERE rowid = ?', state["row"])]
        return bool(found) and _plain(found[0]) == state["name"]


def unfinished(gathered: Gathered, table: str, rowid: int, most: int = 500) -> None:
    """The row will change: it is looked at again at the next reading. Of very many the newest are remembered."""
    state = gathered.kept[table]
    state["open"] = [*state["open"], rowid][-most:]
    gathered.again = True


Take = Callable[[Base, Gathered], None]
"""Tells the gathering what is new since what it remembers."""


def read_database(source: str, version: int, path: Path, stored: Cursor | None, take: Take) -> Iterator[Batch]:
    """Batches of all that is new in the database; an empty one, with a cursor that makes it look new, where its owner kept
    changing it. Raises OSError if it can't be read.
    """
    name = named(os.fspath(path))
    stamp = stamp_of(path, database=True)
    cursor, previous, attempts = begin(stored, stamp, version, booked_in), stored, 0
    while attempts < _ATTEMPTS:
        try:
            for gathered in _stretches(path, Path(name), cursor, stamp, take):
                cursor = _read_to(stamp, cursor, previous, gathered)
                yield gathered.batch(source, name, previous, cursor)
                previous = cursor
            return
        except sqlite3.Error as error:
            now = stamp_of(path, database=True)
            if now.content == stamp.content and not isinstance(error, Changed):
                raise OSError(_reason(error)) from error
            stamp, attempts = now, attempts + 1
    yield Batch(source, name, previous, cursor._replace(modified=0))


def _stretches(path: Path, name: Path, cursor: Cursor, stamp: Stamp, take: Take) -> Iterator[Gathered]:
    """Raises sqlite3.Error, `Changed` among them: then what was not handed over is worth nothing."""
    gathered = Gathered(name, cursor)
    if not os.stat(path).st_size:  # made, and nothing written yet
        yield gathered
        return
    with _opened(path) as (connection, check):
        while True:
            gathered.written = stamp.modified // 1_000_000
            _let_work(connection)
            take(Base(connection), gathered)
            check()
            yield gathered
            if not gathered.more:
                return
            gathered = Gathered(name, cursor._replace(memory=gathered.memory))


def _read_to(stamp: Stamp, cursor: Cursor, before: Cursor | None, gathered: Gathered) -> Cursor:
    """The offset moves only where something was found: an owner who writes ten times a second need not be read as often."""
    memory = gathered.memory
    return cursor._replace(
        offset=stamp.size if gathered.found or before is None else before.offset,
        device=stamp.device,
        inode=stamp.inode,
        size=stamp.size,
        modified=0 if gathered.again else stamp.surely_modified,
        head=blake2b(memory, digest_size=12).digest(),
        generation=next_generation(cursor.generation) if gathered.anew else cursor.generation,
        memory=memory,
    )


def schema_of(path: Path) -> list[tuple[str, list[str]]]:
    """(table, its columns with the types they were declared with), in the order of names. Raises OSError, sqlite3.Error."""
    with _opened(path) as (connection, check):
        base = Base(connection)
        tables = [
            str(name) for (name,) in base.ask("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        columns = "SELECT name || ' ' || lower(type) FROM pragma_table_info(?)"
        found = [(name, [str(told).strip() for (told,) in base.ask(columns, name)]) for name in tables]
        check()
        return found


# --- opening


class Changed(sqlite3.OperationalError):
    """What was read may be half old and half new."""


@contextmanager
def _opened(path: Path) -> Generator[tuple[sqlite3.Connection, Callable[[], None]]]:
    """A connection, and what raises `Changed` where all that was read through it so far may be torn."""
    log, shared = (os.path.exists(f"{path}{end}") for end in (WAL, SHARED))
    if log != shared or _stays_hot(path) or is_remote(path.parent):
        with _copied(path) as copy, closing(_connect(copy, "mode=rw")) as connection:
            yield connection, _nothing
    elif log:
        with closing(_connect(path, "mode=ro")) as connection:
            yield connection, _nothing
    else:
        before = stamp_of(path, database=True)

        def check() -> None:
            if stamp_of(path, database=True).content != before.content or _is_being_written(path):
                raise Changed("its owner began to write while it was read")

        with closing(_connect(path, "mode=ro&immutable=1")) as connection:
            yield connection, check


def _nothing() -> None:
    pass


def _stays_hot(path: Path) -> bool:
    """In the middle of a transaction even after a moment: nearly all end within one, and a copy may be of gigabytes."""
    for _ in range(_LOOKS):
        if not _is_being_written(path):
            return False
        time.sleep(_MOMENT)
    return True


def _is_being_written(path: Path) -> bool:
    """A rollback journal with its head: its owner is in the middle of a transaction, or ended there."""
    try:
        with open(f"{path}{JOURNAL}", "rb") as file:
            return file.read(len(_HOT)) == _HOT
    except OSError:
        return False


@contextmanager
def _copied(path: Path) -> Generator[Path]:
    """Main file and log together, as they were at one moment. The folder is the user's own and goes with the reading."""
    with TemporaryDirectory(prefix="cuenta-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder, "copy.sqlite")
        for _ in range(_ATTEMPTS):
            before = stamp_of(path, database=True)
            for end in ("", WAL, JOURNAL):
                with suppress(FileNotFoundError):
                    shutil.copyfile(f"{path}{end}", f"{copy}{end}")
            if stamp_of(path, database=True).content == before.content:
                break
        else:
            raise Changed("its owner changes it faster than it can be copied")
        yield copy


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    try:
        connection.text_factory = _text
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.execute(f"PRAGMA busy_timeout={_WAIT_MS}")
        connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA trusted_schema=OFF")  # no function of ours runs because a stranger's schema says so
        connection.execute("PRAGMA mmap_size=0")  # a file cut short under a mapping would end the program
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _let_work(connection: sqlite3.Connection) -> None:
    end = time.monotonic() + PATIENCE
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _plain(value: Any) -> str | int | float | None:
    return value if isinstance(value, (str, int, float)) else None


def _reason(error: sqlite3.Error) -> str:
    text = str(error)
    if "interrupted" in text:
        return f"a question to it took longer than {PATIENCE:.0f} s"
    if "not a database" in text:
        return "it is no SQLite database"
    return text
