"""What was left out while a session's files were read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence


def skipped_in(connection: sqlite3.Connection, paths: Sequence[str]) -> dict[str, int]:
    """Reason → how many records of these files were not counted."""
    found: dict[str, int] = {}
    rows = connection.execute(
        "SELECT skipped FROM file WHERE skipped <> '{}' AND path IN (SELECT value FROM json_each(?))",
        (json.dumps(paths),),
    )
    for (text,) in rows:
        for reason, count in json.loads(text).items():
            found[reason] = found.get(reason, 0) + count
    return found
