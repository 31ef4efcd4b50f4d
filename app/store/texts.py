"""Which columns of the database can hold text, and how long the longest of each is: nobody's words are among them."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

_CALL = ("source", "subagent", "model", "speed", "tier", "geo", "provider", "effort", "evidence", "native", "home")
KNOWN = frozenset(
    f"{table}.{column}"
    for table, columns in {
        "file": ("source", "path", "device", "inode", "skipped", "problem"),
        "session": ("source", "native", "project", "branch", "version", "entrypoint"),
        "price": ("name", "match", "book"),
        "call": (*_CALL, "account"),
        "content": ("device", "inode"),
        "sample": ("model",),
        "calibration": ("model",),
        "occurrence": ("kind", "subagent", "cause"),
        "invoice": ("vendor", "account", "since", "until", "currency", "rate", "rate_day"),
        "meta": ("name", "value"),
        "quota": ("source", "name", "plan"),
        "repricing": ("book",),
    }.items()
    for column in columns
)
"""Ids, paths, names and labels. A column that is not listed here might hold something else."""


class Texts(NamedTuple):
    """What the tables say of themselves."""

    columns: int
    unknown: tuple[str, ...]
    """`table.column` of those that nobody has named."""
    longest: int
    """Letters in the longest of all texts."""


def texts(connection: sqlite3.Connection) -> Texts:
    """Reads every row of every table once: not for the GUI thread."""
    names: list[str] = []
    longest = 0
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    for table in tables:
        kinds = connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall()
        columns = [column for column, kind in kinds if "CHAR" in kind.upper() or "TEXT" in kind.upper()]
        if not columns:
            continue
        names += [f"{table}.{column}" for column in columns]
        each = ", ".join(f'coalesce(max(length("{column}")), 0)' for column in columns)
        longest = max(longest, *connection.execute(f'SELECT {each} FROM "{table}"').fetchone())
    return Texts(len(names), tuple(name for name in names if name not in KNOWN), longest)
