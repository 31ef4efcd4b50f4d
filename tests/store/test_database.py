"""The file itself: made, versioned, backed up, refused; and what must be true of every row."""

from __future__ import annotations

import runpy
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app import runtime
from app.diagnostics import KnownError
from app.machine import Machine
from app.store import database, migrations
from tests.conftest import ROOT
from tests.ingest.world import World, answer, generate, write

Connection = sqlite3.Connection
FIXTURES = ROOT / "tests" / "fixtures"
NOW, NEXT = database.VERSION, database.VERSION + 1


def _schema_of(connection: Connection) -> dict[str, str]:
    return {
        name: " ".join(sql.split())
        for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    }


@pytest.fixture
def made(machine: Machine) -> Iterator[Connection]:
    """A fresh database."""
    database.prepare(machine.database, machine.resources)
    with closing(sqlite3.connect(machine.database)) as connection:
        yield connection


# --- the schema, said once


def test_the_script_is_what_the_tables_say() -> None:
    written = runpy.run_path(str(ROOT / "packaging" / "write_schema.py"))["schema"]()
    assert written == (ROOT / "resources" / "schema.sql").read_text(), "run packaging/write_schema.py"


def test_a_fresh_database_is_what_the_tables_say(made: Connection) -> None:
    from sqlmodel import SQLModel, create_engine

    from app.store import tables

    engine = create_engine("sqlite://")
    tables.SQLModel.metadata.create_all(engine)
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, Connection)
        wanted = _schema_of(raw)
    engine.dispose()
    assert SQLModel is tables.SQLModel
    assert _schema_of(made) == wanted


def test_a_fresh_database_is_ours_and_of_this_version(made: Connection, machine: Machine) -> None:
    assert made.execute("PRAGMA application_id").fetchone() == (database.APPLICATION,)
    assert made.execute("PRAGMA user_version").fetchone() == (database.VERSION,)
    assert made.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert made.execute("PRAGMA auto_vacuum").fetchone() == (2,), "incremental: so that forgetting gives space back"
    assert database.ready(machine.database)


def test_the_writer_overwrites_what_it_deletes(machine: Machine) -> None:
    with runtime.writer(machine) as writer:
        assert writer.connection.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_nothing_is_left_beside_a_new_database(machine: Machine) -> None:
    with runtime.writer(machine):
        pass
    assert sorted(one.name for one in machine.data.iterdir()) == ["cuenta.sqlite3"]


def test_what_a_deleted_database_left_is_not_taken_for_ours(machine: Machine) -> None:
    """Somebody deletes the database alone: its write-ahead log stays, whole pages of another file."""
    database.prepare(machine.database, machine.resources)
    left = Path(f"{machine.database}-wal")
    with closing(database.open_writer(machine.database)) as connection:
        connection.execute("CREATE TABLE old (one)")
        pages = left.read_bytes()
    machine.database.unlink()
    left.write_bytes(pages)
    database.prepare(machine.database, machine.resources)
    with closing(database.open_reader(machine.database)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'old'").fetchone() == (0,)


def test_a_new_database_without_hard_links(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a memory stick."""

    def refused(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    with runtime.writer(machine):
        pass
    assert sorted(one.name for one in machine.data.iterdir()) == ["cuenta.sqlite3"]
    assert database.ready(machine.database)


def test_a_reader_can_not_write(made: Connection, machine: Machine) -> None:
    with closing(database.open_reader(machine.database)) as reader:
        for statement in ("DELETE FROM call", "CREATE TABLE x (y)", "PRAGMA user_version = 9"):
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                reader.execute(statement)


def test_it_is_made_where_a_name_is_strange(machine: Machine, tmp_path: Path) -> None:
    for name in ("a?mode=memory", "c#d", "e%41f", "g h 😀", "i'j\"k"):
        path = tmp_path / name / "cuenta.sqlite3"
        database.prepare(path, machine.resources)
        assert path.stat().st_size > 0
        with closing(database.open_reader(path)) as reader:
            assert reader.execute("SELECT count(*) FROM call").fetchone() == (0,)


# --- versions


def _add_column(connection: Connection) -> None:
    connection.execute("ALTER TABLE session ADD COLUMN mood VARCHAR")
    connection.execute("UPDATE session SET mood = 'fine'")


def _fail(connection: Connection) -> None:
    connection.execute("ALTER TABLE session ADD COLUMN mood VARCHAR")
    connection.execute("DELETE FROM call")
    raise RuntimeError("half-way")


def _at_next_version(monkeypatch: pytest.MonkeyPatch, step: Callable[[Connection], None]) -> None:
    """As if this were the next Cuenta."""
    upgrade = migrations.upgrade
    monkeypatch.setattr(database, "VERSION", NEXT)
    monkeypatch.setattr(migrations, "upgrade", lambda path, version: upgrade(path, version, {NEXT: step}, goal=NEXT))


@pytest.fixture
def filled(machine: Machine) -> World:
    world = World(machine)
    write(world.claude("a.jsonl"), [answer("a"), answer("b")])
    world.sync()
    return world


def _backup(machine: Machine) -> Path:
    return machine.data / f"cuenta.v{NOW}.backup.sqlite3"


def test_a_migration_makes_a_backup_first(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = filled.rows()
    seen: list[bool] = []

    def step(connection: Connection) -> None:
        seen.append(_backup(filled.machine).exists())
        _add_column(connection)

    _at_next_version(monkeypatch, step)
    database.prepare(filled.machine.database, filled.machine.resources)
    assert seen == [True]
    assert filled.ask("PRAGMA user_version") == [(NEXT,)]
    assert filled.ask("SELECT DISTINCT mood FROM session") == [("fine",)]
    assert filled.rows() == before
    with closing(sqlite3.connect(_backup(filled.machine))) as backup:
        assert backup.execute("PRAGMA user_version").fetchone() == (NOW,)
        assert backup.execute("SELECT count(*) FROM call").fetchone() == (2,)
        assert backup.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert "mood" not in [row[1] for row in backup.execute("PRAGMA table_info(session)")]


def test_a_migration_runs_once(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []

    def step(connection: Connection) -> None:
        runs.append(1)

    _at_next_version(monkeypatch, step)
    for _ in range(3):
        database.prepare(filled.machine.database, filled.machine.resources)
    assert runs == [1]


def test_two_programs_that_migrate_at_once(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have seen this version: the step runs once, and the backup is of this one whoever makes it last."""
    runs: list[int] = []

    def step(connection: Connection) -> None:
        runs.append(1)
        _add_column(connection)

    path = filled.machine.database
    database._backup(path, NOW)
    migrations.upgrade(path, NOW, {NEXT: step}, goal=NEXT)
    database._backup(path, NOW)
    migrations.upgrade(path, NOW, {NEXT: step}, goal=NEXT)
    assert runs == [1]
    assert sorted(one.name for one in filled.machine.data.glob("*backup*")) == [f"cuenta.v{NOW}.backup.sqlite3"]
    with closing(sqlite3.connect(_backup(filled.machine))) as backup:
        assert backup.execute("PRAGMA user_version").fetchone() == (NOW,)


def test_a_migration_that_fails_leaves_the_version_before_whole(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = filled.rows()
    with monkeypatch.context() as patch:
        _at_next_version(patch, _fail)
        with pytest.raises(RuntimeError):
            database.prepare(filled.machine.database, filled.machine.resources)
    assert filled.ask("PRAGMA user_version") == [(NOW,)]
    assert filled.rows() == before
    assert "mood" not in [row[1] for row in filled.ask("PRAGMA table_info(session)")]
    assert database.ready(filled.machine.database)
    _at_next_version(monkeypatch, _add_column)  # and the mended program goes on from there, over the old backup
    database.prepare(filled.machine.database, filled.machine.resources)
    assert filled.ask("PRAGMA user_version") == [(NEXT,)]
    assert filled.rows() == before


def test_a_backup_that_can_not_be_made_stops_the_migration(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = filled.rows()
    _at_next_version(monkeypatch, _add_column)
    _backup(filled.machine).mkdir()
    with pytest.raises(KnownError) as found:
        database.prepare(filled.machine.database, filled.machine.resources)
    assert found.value.hint
    assert filled.ask("PRAGMA user_version") == [(NOW,)]
    assert filled.rows() == before


def test_every_version_has_its_step() -> None:
    """Whoever raises VERSION writes the way there."""
    assert set(migrations.MIGRATIONS) == set(range(2, database.VERSION + 1))


def test_the_first_version_becomes_this_one(machine: Machine) -> None:
    """What the steps make of a database of version 1 is what a new one is."""
    machine.data.mkdir()
    with closing(sqlite3.connect(machine.database)) as connection:
        connection.executescript((FIXTURES / "schema" / "v1.sql").read_text())
        connection.execute("INSERT INTO meta (name, value) VALUES ('prices', 'kept')")
        connection.execute(f"PRAGMA application_id = {database.APPLICATION}")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    database.prepare(machine.database, machine.resources)
    with closing(sqlite3.connect(":memory:")) as fresh, closing(sqlite3.connect(machine.database)) as grown:
        fresh.executescript((machine.resources / "schema.sql").read_text())
        assert _loosely(_schema_of(grown)) == _loosely(_schema_of(fresh))
        assert grown.execute("SELECT value FROM meta").fetchall() == [("kept",)]
        assert grown.execute("PRAGMA user_version").fetchone() == (NOW,)


def _loosely(schema: dict[str, str]) -> dict[str, str]:
    """Whatever the spaces."""
    return {name: "".join(sql.split()) for name, sql in schema.items()}


def test_a_newer_database_is_refused_and_left_alone(filled: World) -> None:
    with closing(sqlite3.connect(filled.machine.database)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = filled.machine.database.read_bytes()
    with pytest.raises(KnownError, match="newer Cuenta") as found:
        database.prepare(filled.machine.database, filled.machine.resources)
    assert "CUENTA_HOME" in found.value.hint
    with pytest.raises(KnownError, match="newer Cuenta"), runtime.writer(filled.machine):
        pass
    assert filled.machine.database.read_bytes() == before
    done = filled.run("report", "--json")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.count(b"\n") == 1


# --- damage

GARBAGE = {
    "text": b"these are no pages\n" * 500,
    "zeros": bytes(20_000),
    "half a header": b"SQLite format 3\0" + b"\xff" * 40,
    "another program's": None,
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_a_file_that_is_no_database_of_ours(machine: Machine, kind: str) -> None:
    """A sentence with a way out, and the file is not touched."""
    machine.data.mkdir()
    content = GARBAGE[kind]
    if content is None:
        with closing(sqlite3.connect(machine.database)) as other:
            other.execute("CREATE TABLE notes (text)")
            other.execute("INSERT INTO notes VALUES ('mine')")
            other.commit()
    else:
        machine.database.write_bytes(content)
    before = machine.database.read_bytes()
    with pytest.raises(KnownError) as found, runtime.writer(machine):
        pass
    assert found.value.hint
    assert str(machine.database) in found.value.title
    assert machine.database.read_bytes() == before


def test_damage_in_the_middle_is_a_sentence(filled: World) -> None:
    blocks = bytearray(filled.machine.database.read_bytes())
    for page in range(1, len(blocks) // 4096):
        blocks[page * 4096 : page * 4096 + 200] = b"\xee" * 200
    filled.machine.database.write_bytes(blocks)
    for words in (["report", "--json"], ["live", "--json"], ["sync", "--json"], ["doctor", "--json"]):
        done = filled.run(*words)
        assert done.returncode == 1, words
        assert b"Traceback" not in done.stderr, done.stderr
        assert b"move it away" in done.stderr


@pytest.mark.parametrize(
    ("harm", "commands"),
    [
        ("DROP TABLE meta", ("report", "live", "sync", "doctor")),
        ("ALTER TABLE call DROP COLUMN evidence", ("report", "live")),
        ("ALTER TABLE file DROP COLUMN skipped", ("doctor",)),
    ],
)
def test_tables_that_are_not_ours_are_a_sentence(filled: World, harm: str, commands: tuple[str, ...]) -> None:
    """Our mark and our version, as a program in development may have left them; the file stays as it is."""
    with closing(sqlite3.connect(filled.machine.database)) as connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql > ''"
        ).fetchall():
            connection.execute(f"DROP INDEX {name}")
        connection.execute(harm)
        connection.commit()
    for words in [(command, "--json") for command in commands]:
        done = filled.run(*words)
        assert done.returncode == 1, words
        assert b"Traceback" not in done.stderr, done.stderr
        assert b"Move it away" in done.stderr
    with closing(sqlite3.connect(filled.machine.database)) as connection:
        assert connection.execute("SELECT count(*) FROM call").fetchone()[0]


def test_a_folder_where_the_file_should_be(machine: Machine) -> None:
    machine.database.mkdir(parents=True)
    with pytest.raises(KnownError), runtime.writer(machine):
        pass


def test_an_empty_file_is_a_new_database(machine: Machine) -> None:
    """As a full disk leaves it at the very first start."""
    machine.data.mkdir()
    machine.database.touch()
    with runtime.writer(machine):
        pass
    assert database.ready(machine.database)


def test_a_making_that_was_cut_short_is_finished(machine: Machine) -> None:
    """The header is there, no table is."""
    machine.data.mkdir()
    with closing(sqlite3.connect(machine.database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    with runtime.writer(machine):
        pass
    assert database.ready(machine.database)


# --- every row


@pytest.fixture(scope="module")
def much(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("much")
    generate(folder / "home", "mixed", "6M", seed=3, sessions=40)
    world = World(Machine(folder / "home", {"TZ": "UTC"}, data=folder / "data"))
    write(world.claude("odd.jsonl"), [answer("unknown", model="no-such-model"), answer("nameless", model="")])
    world.sync()
    return world


def test_parts_add_up_to_the_cost_of_every_row(much: World) -> None:
    parts = "cost_input + cost_cache_read + cost_cache_write_5m + cost_cache_write_1h + cost_output + cost_reasoning"
    assert much.ask("SELECT count(*) > 300 FROM call WHERE cost > 0") == [(1,)]
    assert much.ask(f"SELECT id FROM call WHERE coalesce(cost, 0) <> {parts} + cost_requests") == []
    kinds = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "requests")
    assert much.ask(f"SELECT id FROM call WHERE min({', '.join('cost_' + one for one in kinds)}) < 0") == []


def test_what_holds_for_every_row(much: World) -> None:
    never = {
        "a copy that does not count has no cost": "kept = 0 AND (cost IS NOT NULL OR folded > 0 OR price_id IS NOT NULL)",
        "a cost has its price row, and a price row a cost": "(cost IS NULL) <> (price_id IS NULL)",
        "the quarter is that of the instant": "quarter <> counted_at / 900000",
        "reasoning is a part of output": "reasoning > output",
        "a call has tokens": "input + cache_read + cache_write_5m + cache_write_1h + output = 0 AND kept = 1",
        "a copy is of one record at least": "records < 1",
        "nothing is counted after it was logged": "counted_at > at",
        "unpriced is not free": "model = 'no-such-model' AND cost IS NOT NULL",
    }
    for what, condition in never.items():
        assert much.ask(f"SELECT id FROM call WHERE {condition}") == [], what


def test_references_hold(much: World) -> None:
    assert much.ask("PRAGMA foreign_key_check") == []
    assert much.ask("PRAGMA integrity_check") == [("ok",)]


def test_a_message_is_kept_once_a_request(much: World) -> None:
    assert much.ask("SELECT 1 FROM call WHERE kept = 1 GROUP BY message, key HAVING count(*) > 1") == []
