#!/usr/bin/env python3
"""Writes `resources/schema.sql` from `app/store/tables.py`. Run it after each change of the tables."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def schema() -> str:
    """The tables and indexes as SQL, one statement after another, in a stable order."""
    from sqlalchemy import create_engine
    from sqlalchemy.schema import CreateIndex, CreateTable

    from app.store import tables

    engine = create_engine("sqlite://")
    statements: list[str] = []
    for table in tables.SQLModel.metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(engine)).strip())
        indexes = sorted(table.indexes, key=lambda one: str(one.name))
        statements += [str(CreateIndex(index).compile(engine)).strip() for index in indexes]
    return ";\n".join("\n".join(line.rstrip() for line in one.splitlines()) for one in statements) + "\n"


if __name__ == "__main__":
    (ROOT / "resources" / "schema.sql").write_text(schema(), encoding="utf-8")
