"""Other people's SQLite: opened as it lies there, nothing left beside it, right while its owner writes, cheap at rest."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.model.usage import Batch, Cursor, Tokens
from app.shapes import database
from app.shapes.database import Base, read_database, unfinished
from app.shapes.gathering import Gathered, call
from app.shapes.stamp import WAL, stamp_of

SCHEMA = "CREATE TABLE message (id TEXT PRIMARY KEY, output, done)"


def take(base: Base, gathered: Gathered) -> None:
    """A call of each message, once it is done."""
    for row, ident, output, done in base.new_rows("message", ("id", "output", "done"), gathered, most=3):
        if done:
            tokens = Tokens(output=int(output))
            gathered.add(call("test", ident, session="s", at=1_700_000_000_000, model="m", tokens=tokens, offset=row))
        else:
            unfinished(gathered, "message", row)


def read(path: Path, cursor: Cursor | None = None) -> tuple[dict[str, int], Cursor]:
    """Rowid → output of all calls that are new, and where reading stopped."""
    batches = list(read_database("test", 1, path, cursor, take))
    assert isinstance(batches[-1], Batch)
    assert [one.start for one in batches] == [cursor, *(one.end for one in batches[:-1])]
    return {str(one.offset): one.tokens.output for batch in batches for one in batch.calls}, batches[-1].end


def beside(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in sorted(path.parent.iterdir())}


def fill(connection: sqlite3.Connection, *rows: tuple[str, int, int]) -> None:
    with connection:
        connection.executemany("INSERT INTO message VALUES (?, ?, ?)", rows)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "owner"
    folder.mkdir()
    return folder / "their data?.db"  # what a URI would take for something else


@pytest.fixture
def owner(path: Path) -> Iterator[sqlite3.Connection]:
    """The agent itself, with its write-ahead log open."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(SCHEMA)
        fill(connection, ("a", 1, 1), ("b", 2, 1))
        yield connection


def made(path: Path, journal: str = "DELETE", *rows: tuple[str, int, int]) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute(SCHEMA)
        fill(connection, *(rows or (("a", 1, 1), ("b", 2, 1))))
    return path


# --- how it lies there


@pytest.mark.parametrize("journal", ["DELETE", "WAL", "PERSIST", "TRUNCATE"])
def test_nobody_has_it_open(path: Path, journal: str) -> None:
    """Read where it is, and not a byte beside it changes."""
    before = beside(made(path, journal))
    assert read(path)[0] == {"1": 1, "2": 2}
    assert beside(path) == before


def test_its_owner_has_it_open(path: Path, owner: sqlite3.Connection) -> None:
    """What stands in the log alone is seen, and the owner can go on."""
    assert os.path.getsize(f"{path}{WAL}") and b"message" not in path.read_bytes()[4096:]
    names = {one.name for one in path.parent.iterdir()}
    found, cursor = read(path)
    assert found == {"1": 1, "2": 2}
    assert {one.name for one in path.parent.iterdir()} == names
    fill(owner, ("c", 3, 1))
    assert read(path, cursor)[0] == {"3": 3}


def test_its_owner_is_in_the_middle_of_a_transaction(path: Path, owner: sqlite3.Connection) -> None:
    owner.execute("BEGIN IMMEDIATE")
    owner.execute("INSERT INTO message VALUES ('c', 3, 1)")
    found, cursor = read(path)
    assert found == {"1": 1, "2": 2}
    owner.execute("COMMIT")
    assert read(path, cursor)[0] == {"3": 3}


@pytest.mark.parametrize("left", [(WAL,), ("-shm",)], ids=["log alone", "shared memory alone"])
def test_a_copied_history_with_half_of_it(path: Path, owner: sqlite3.Connection, tmp_path: Path, left: Any) -> None:
    """A backup of main file and log: read from a private copy, which goes with the reading."""
    elsewhere = tmp_path / "backup" / "copy.db"
    elsewhere.parent.mkdir()
    for end in ("", *left):
        elsewhere.with_name(elsewhere.name + end).write_bytes(Path(f"{path}{end}").read_bytes())
    before = beside(elsewhere)
    if left == (WAL,):
        assert read(elsewhere)[0] == {"1": 1, "2": 2}
    else:
        with pytest.raises(OSError, match="no such table"):  # without its log nothing was ever written back
            read(elsewhere)
    assert beside(elsewhere) == before
    assert not list(Path(tmp_path).glob("**/cuenta-*"))


def test_it_lies_on_a_share(path: Path, owner: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks are a matter of luck there: never opened in place."""
    opened: list[Path] = []
    connect = database._connect

    def noted(where: Path, mode: str) -> sqlite3.Connection:
        opened.append(where)
        return connect(where, mode)

    monkeypatch.setattr(database, "is_remote", lambda _: True)
    monkeypatch.setattr(database, "_connect", noted)
    assert read(path)[0] == {"1": 1, "2": 2}
    assert path not in opened and not opened[0].exists()


def test_its_owner_was_killed_in_a_transaction(path: Path) -> None:
    """A hot rollback journal: half of a transaction stands in the main file, and must not be seen."""
    made(path)
    script = textwrap.dedent("""
        import os, sqlite3, sys
        one = sqlite3.connect(sys.argv[1], isolation_level=None)
        one.execute("PRAGMA cache_size = 1"); one.execute("PRAGMA cache_spill = 1")
        one.execute("BEGIN"); one.execute("UPDATE message SET output = 1000000")
        one.executemany("INSERT INTO message VALUES (?, 7, 1)", [("x" * 400 + str(n),) for n in range(200)])
        os._exit(0)
    """)
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert path.with_name(path.name + "-journal").stat().st_size
    before = beside(path)
    assert read(path)[0] == {"1": 1, "2": 2}
    assert beside(path) == before


def test_its_owner_begins_while_it_is_read(path: Path) -> None:
    """What was read is not handed over; it is read again as it is now."""
    made(path)
    grown: list[int] = []

    def disturbed(base: Base, gathered: Gathered) -> None:
        take(base, gathered)
        if not grown:
            grown.append(1)
            with closing(sqlite3.connect(path)) as other:
                fill(other, ("c", 3, 1))

    found = [one.tokens.output for batch in read_database("test", 1, path, None, disturbed) for one in batch.calls]
    assert found == [1, 2, 3]


def test_an_owner_who_never_rests(path: Path) -> None:
    """Nothing is handed over, nothing is lost: it looks new at the next look."""
    made(path)

    def disturbed(base: Base, gathered: Gathered) -> None:
        take(base, gathered)
        with closing(sqlite3.connect(path)) as other:
            fill(other, (f"c{stamp_of(path).modified}", 3, 1))

    (batch,) = read_database("test", 1, path, None, disturbed)
    assert batch.calls == () and batch.end.modified == 0


# --- what is new in it


def test_only_new_rows_are_asked_for(path: Path, owner: sqlite3.Connection) -> None:
    _, cursor = read(path)
    fill(owner, *((f"n{number}", number, 1) for number in range(10, 18)))
    found, again = read(path, cursor)
    assert found == {str(place): place + 7 for place in range(3, 11)}
    assert read(path, again)[0] == {}


def test_a_row_that_was_not_finished_is_looked_at_again(path: Path, owner: sqlite3.Connection) -> None:
    fill(owner, ("open", 5, 0), ("later", 6, 1))
    found, cursor = read(path)
    assert found == {"1": 1, "2": 2, "4": 6}
    with owner:
        owner.execute("UPDATE message SET output = 50, done = 1 WHERE id = 'open'")
    assert read(path, cursor)[0] == {"3": 50}


def test_rows_numbered_anew_are_read_again(path: Path, owner: sqlite3.Connection) -> None:
    """A table that was emptied and filled again, or vacuumed: all is read again, as another generation of the same file."""
    _, cursor = read(path)
    with owner:
        owner.execute("DELETE FROM message")
    fill(owner, ("b", 2, 1), ("c", 3, 1))
    found, again = read(path, cursor)
    assert found == {"1": 2, "2": 3}
    assert again.generation == cursor.generation + 1


def test_a_newer_reader_begins_anew(path: Path, owner: sqlite3.Connection) -> None:
    _, cursor = read(path)
    (batch,) = read_database("test", 2, path, cursor, take)
    assert len(batch.calls) == 2 and batch.end.generation == 1_000


# --- what might be in it


@pytest.mark.parametrize(
    "content", [b"", b"SQLite format 3\0" + bytes(84), b'{"type": "user"}\n' * 100, os.urandom(9000)]
)
def test_a_file_that_is_none(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    if not content:
        assert read(path)[0] == {}
        return
    with pytest.raises(OSError, match=r".+"):
        read(path)


def test_text_that_is_no_text(path: Path, owner: sqlite3.Connection) -> None:
    with owner:
        owner.execute("INSERT INTO message VALUES (CAST(X'C3FF63' AS TEXT), 9, 1)")
    assert read(path)[0] == {"1": 1, "2": 2, "3": 9}


def test_a_table_that_never_ends(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A view in the table's place that counts for ever: the reading ends, in words."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE VIEW message AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)"
            " SELECT 1 AS rowid, id, 1 AS output, 1 AS done FROM n WHERE id < 0"
        )
    monkeypatch.setattr(database, "PATIENCE", 0.3)
    with pytest.raises(OSError, match="took longer"):
        read(path)


def test_a_value_beyond_all_measure(path: Path, owner: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LONGEST", 1_000_000)
    with owner:
        owner.execute("INSERT INTO message VALUES ('big', zeroblob(2000000), 1)")
    with pytest.raises(OSError, match="too big"):
        read(path)


# --- what an unchanged one costs


def test_an_unchanged_database_costs_two_looks_at_the_directory(
    path: Path, owner: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    stat = os.stat

    def noted(where: Any, *rest: Any, **named: Any) -> os.stat_result:
        looked.append(str(where))
        return stat(where, *rest, **named)

    monkeypatch.setattr(os, "stat", noted)
    before = stamp_of(path, database=True)
    assert looked == [str(path), f"{path}{WAL}"]
    fill(owner, ("c", 3, 1))
    after = stamp_of(path, database=True)
    assert (after.size, after.modified) != (before.size, before.modified), "a change is in the log alone"


def test_a_transaction_that_ends_soon_is_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of what may be gigabytes is only made where somebody stays in the middle of one."""
    made(path, "PERSIST", ("a", 1, 1))
    journal = path.with_name(path.name + "-journal")
    hot = database._HOT  # pyright: ignore[reportPrivateUsage]
    journal.write_bytes(hot)
    looks: list[float] = []

    def passing(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            journal.write_bytes(bytes(len(hot)))

    monkeypatch.setattr(database.time, "sleep", passing)
    monkeypatch.setattr(database, "_copied", None)
    assert read(path)[0] == {"1": 1}
    assert len(looks) == 3
