"""From one version of the schema to the next. A new database is made whole; an old one walks the list.

`resources/schema.sql` is `tables.py` written out (`packaging/write_schema.py`; a test compares them), so that making a
database needs neither SQLModel nor pydantic: half a second and 50 MB on the first start.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from app.store.database import APPLICATION, VERSION, connect

Migration = Callable[[sqlite3.Connection], None]


def _repricing(connection: sqlite3.Connection) -> None:
    """What a repricing changed, so that it can be taken back."""
    connection.execute(
        "CREATE TABLE repricing (id INTEGER NOT NULL, at BIGINT NOT NULL, book VARCHAR NOT NULL, calls INTEGER NOT NULL,"
        " PRIMARY KEY (id))"
    )
    connection.execute(
        'CREATE TABLE repriced (repricing_id INTEGER NOT NULL, message BIGINT NOT NULL, "key" BIGINT NOT NULL,'
        " file_id INTEGER NOT NULL, cost BIGINT, cost_input BIGINT NOT NULL, cost_cache_read BIGINT NOT NULL,"
        " cost_cache_write_5m BIGINT NOT NULL, cost_cache_write_1h BIGINT NOT NULL, cost_output BIGINT NOT NULL,"
        " cost_reasoning BIGINT NOT NULL, cost_requests BIGINT NOT NULL, price_id INTEGER, cost_after BIGINT,"
        ' price_after INTEGER, PRIMARY KEY (repricing_id, message, "key", file_id),'
        " FOREIGN KEY(repricing_id) REFERENCES repricing (id)) WITHOUT ROWID"
    )


def _high_end(connection: sqlite3.Connection) -> None:
    """What a call costs at most where its log has no cache split."""
    for table in ("call", "repriced"):
        connection.execute(f"ALTER TABLE {table} ADD COLUMN cost_high BIGINT")


def _content(connection: sqlite3.Connection) -> None:
    """What the content pass measures, and the repair of placeholder counts by it."""
    for statement in (
        "ALTER TABLE call ADD COLUMN repaired_output INTEGER DEFAULT 0 NOT NULL",
        "ALTER TABLE call ADD COLUMN repaired_cost BIGINT DEFAULT 0 NOT NULL",
        "CREATE INDEX call_unfinished ON call (quarter, kept, finished, model, repaired_output, repaired_cost)"
        " WHERE finished = 0",
        "CREATE TABLE content (file_id INTEGER NOT NULL, position INTEGER NOT NULL, device VARCHAR NOT NULL,"
        " inode VARCHAR NOT NULL, size BIGINT NOT NULL, modified BIGINT NOT NULL, seen BIGINT NOT NULL,"
        " head BLOB NOT NULL, generation INTEGER NOT NULL, reader INTEGER NOT NULL, memory BLOB NOT NULL,"
        " PRIMARY KEY (file_id), FOREIGN KEY(file_id) REFERENCES file (id))",
        "CREATE TABLE visible (message BIGINT NOT NULL, tokens INTEGER NOT NULL, tools INTEGER NOT NULL,"
        " parameters INTEGER NOT NULL, thought BOOLEAN NOT NULL, reader INTEGER NOT NULL, PRIMARY KEY (message))"
        " WITHOUT ROWID",
        "CREATE TABLE sample (message BIGINT NOT NULL, model VARCHAR NOT NULL, at BIGINT NOT NULL,"
        " tokens INTEGER NOT NULL, tools INTEGER NOT NULL, parameters INTEGER NOT NULL, output INTEGER NOT NULL,"
        " PRIMARY KEY (message)) WITHOUT ROWID",
        "CREATE INDEX sample_by_model ON sample (model, at)",
        "CREATE TABLE calibration (model VARCHAR NOT NULL, samples INTEGER NOT NULL, text FLOAT NOT NULL,"
        " tool_call FLOAT NOT NULL, parameter FLOAT NOT NULL, message FLOAT NOT NULL, PRIMARY KEY (model)) WITHOUT ROWID",
    ):
        connection.execute(statement)


def _invoices(connection: sqlite3.Connection) -> None:
    """Totals that the user types in."""
    connection.execute(
        "CREATE TABLE invoice (id INTEGER NOT NULL, vendor VARCHAR NOT NULL, account VARCHAR NOT NULL,"
        " since VARCHAR NOT NULL, until VARCHAR NOT NULL, total BIGINT NOT NULL, currency VARCHAR NOT NULL,"
        " rate VARCHAR NOT NULL, rate_day VARCHAR NOT NULL, before_tax BOOLEAN NOT NULL, typed_at BIGINT NOT NULL,"
        " PRIMARY KEY (id))"
    )
    connection.execute("CREATE UNIQUE INDEX invoice_by_period ON invoice (vendor, account, since, until)")


def _credits(connection: sqlite3.Connection) -> None:
    """What vendors bill in units of their own."""
    connection.execute("ALTER TABLE call ADD COLUMN credits BIGINT")


MIGRATIONS: dict[int, Migration] = {2: _repricing, 3: _high_end, 4: _content, 5: _invoices, 6: _credits}
"""Version reached → what leads there from the version before."""


def create(path: Path, schema: Path) -> None:
    """All tables in one transaction; another process that was quicker is no error."""
    script = schema.read_text(encoding="utf-8")
    with closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if not connection.execute("PRAGMA user_version").fetchone()[0]:
            for statement in script.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")


def upgrade(path: Path, version: int, known: dict[int, Migration] | None = None, goal: int = VERSION) -> None:
    """Every step in its own transaction, so that a failure leaves the last whole version."""
    steps = MIGRATIONS if known is None else known
    with closing(connect(path)) as connection:
        for reached in range(version + 1, goal + 1):
            connection.execute("BEGIN IMMEDIATE")
            try:
                if connection.execute("PRAGMA user_version").fetchone()[0] < reached:  # else another was quicker
                    steps[reached](connection)
                    connection.execute(f"PRAGMA user_version={reached}")
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
