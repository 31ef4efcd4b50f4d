"""How full the context of Cursor's conversations is, as `state.vscdb` keeps it: no counts of any request are in there.

A conversation is one JSON value that is written anew, as a new row, whenever something changes. Its texts are in others.
Sign-in tokens lie in the same database: only conversations are asked for.
"""

from __future__ import annotations

from app.model.usage import Occurrence
from app.shapes.database import Base
from app.shapes.fields import count, instant, record_of
from app.shapes.gathering import Gathered

_FIRST, _BEHIND = "composerData:", "composerData;"
_ROWS = 2_000
"""Conversations after which a batch is handed over."""


def conversations(base: Base, gathered: Gathered) -> None:
    if not {"key", "value"} <= base.columns("cursorDiskKV"):
        return
    ((newest,),) = base.ask("SELECT coalesce(max(rowid), 0) FROM cursorDiskKV")
    if newest < gathered.kept.get("row", 0):  # numbered anew
        gathered.kept["row"], gathered.anew = 0, True
    wanted = (
        "SELECT rowid, key, value FROM cursorDiskKV WHERE key >= ? AND key < ? AND +rowid > ? ORDER BY +rowid LIMIT ?"
    )
    taken = 0
    for row, key, value in base.ask(wanted, _FIRST, _BEHIND, gathered.kept.get("row", 0), _ROWS):
        gathered.kept["row"], taken = row, taken + 1
        facts = record_of(value if isinstance(value, bytes) else str(value).encode())
        if facts is not None:
            _conversation(gathered, str(key).removeprefix(_FIRST), facts)
    gathered.more = taken == _ROWS


def _conversation(gathered: Gathered, session: str, facts: dict[str, object]) -> None:
    used, limit = count(facts.get("contextTokensUsed")), count(facts.get("contextTokenLimit"))
    at = instant(facts.get("lastUpdatedAt")) or instant(facts.get("createdAt")) or gathered.written
    if limit:
        gathered.happened(Occurrence(session, None, at, "window", None, limit, None))
    if used:
        gathered.happened(Occurrence(session, None, at, "context", None, used, None))
