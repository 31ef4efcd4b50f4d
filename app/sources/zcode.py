"""ZCode's requests: rows of `model_usage` in `db.sqlite`. What was cached is part of what was sent.

Whether reasoning stands beside the output or inside it, the total tells.
"""

from __future__ import annotations

from app.model.usage import Tokens
from app.shapes.database import Base, read_database, unfinished
from app.shapes.fields import count, instant, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_COUNTS = (
    *("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens", "reasoning_tokens"),
    "computed_total_tokens",
)
_WANTED = ("id", "session_id", "model_id", "started_at", "completed_at", *_COUNTS)
_GIVEN_UP = 3_600_000
"""ms after which a request that never ended is taken as it stands."""


def _rows(base: Base, gathered: Gathered) -> None:
    known = base.columns("model_usage")
    if not known:
        return
    wanted = [name for name in _WANTED if name in known]
    folders: dict[str, str | None] = {}
    for row, *values in base.new_rows("model_usage", wanted, gathered):
        said = dict(zip(wanted, values, strict=True))
        began, ended = instant(said.get("started_at")), instant(said.get("completed_at"))
        at, session = began or ended or gathered.written, word(said.get("session_id")) or "?"
        if ended is None and "completed_at" in known and gathered.now - at < _GIVEN_UP:
            unfinished(gathered, "model_usage", row)
            continue
        if session not in folders:
            folders[session] = _folder(base, session)
        gathered.learn(session, project=folders[session])
        tokens = _tokens(*(count(said.get(name)) for name in _COUNTS))
        gathered.add(
            call(
                *("zcode", session, said.get("id"), said.get("started_at")),
                session=session,
                at=at,
                model=word(said.get("model_id")),
                tokens=tokens,
                context=tokens.total,
                native=word(said.get("id")),
            )
        )


def _tokens(sent: int, read: int, write: int, output: int, reasoning: int, total: int) -> Tokens:
    beside = total == sent + output + reasoning or reasoning > output
    fresh = sent - read - write if read + write <= sent else sent
    return Tokens(fresh, read, write, 0, output + reasoning if beside else output, reasoning)


def _folder(base: Base, session: str) -> str | None:
    if not {"id", "directory"} <= base.columns("session"):
        return None
    return next((word(folder) for (folder,) in base.ask("SELECT directory FROM session WHERE id = ?", session)), None)


SOURCE = Source(
    id="zcode",
    title="ZCode",
    mark="Zc",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=lambda machine: [machine.home / ".zcode" / "cli" / "db", machine.home / ".zcode" / "cli"],
    owns=lambda relative: relative.rpartition("/")[2] == "db.sqlite",
    is_database=lambda name: name.endswith(".sqlite"),
    read=lambda path, cursor: read_database("zcode", VERSION, path, cursor, _rows),
    verified=False,
)
