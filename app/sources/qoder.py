"""Qoder's messages: rows of `local.db`, of the editor, of its Chinese edition and of its plug-in for JetBrains.

The prompt holds what was read from the cache; where it is smaller than that, it stands beside it. What the desktop app
and the command line write besides has text and no counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.database import Base, read_database, unfinished
from app.shapes.fields import count, instant, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source
from app.shapes.vscode import applications, path_of

VERSION = 1
_WANTED = ("id", "session_id", "request_id", "role", "token_info", "model_info", "gmt_create")
_CACHE = Path("cache", "db")
_GIVEN_UP = 3_600_000
"""ms after which an answer without counts is taken to have failed."""
_FOLDERS = ("project_uri", "workspace", "project_name")
"""Columns of a session that say where it is, the best first."""


def _messages(base: Base, gathered: Gathered) -> None:
    columns = base.columns("chat_message")
    if not {"id", "session_id", "token_info"} <= columns:
        return
    wanted, folders = [name for name in _WANTED if name in columns], base.columns("chat_session")
    projects: dict[str, str | None] = {}
    for row in base.new_rows("chat_message", wanted, gathered):
        fields = dict(zip(wanted, row[1:], strict=True))
        ident, session = word(fields["id"]), word(fields["session_id"])
        usage, at = _object(fields["token_info"]), instant(fields.get("gmt_create"))
        if ident is None or session is None:
            gathered.skip("not JSON")
        elif usage:
            if session not in projects:
                projects[session] = _project(base, folders, session)
            gathered.learn(session, project=projects[session])
            _answer(gathered, usage, _object(fields.get("model_info")), ident, session, at or gathered.file_time)
        elif fields.get("role") != "user" and gathered.now - (at or gathered.written) < _GIVEN_UP:
            unfinished(gathered, "chat_message", row[0])


def _object(text: object) -> dict[str, object]:
    return record_of(text.encode()) or {} if isinstance(text, str) and text else {}


def _answer(
    gathered: Gathered, usage: dict[str, object], model: dict[str, object], ident: str, session: str, at: int
) -> None:
    prompt, cached, output = (
        count(usage.get(name)) for name in ("prompt_tokens", "cached_tokens", "completion_tokens")
    )
    fresh = prompt - cached if cached <= prompt else prompt
    gathered.add(
        call(
            *("qoder", ident),
            session=session,
            at=at,
            model=word(model.get("model")) or word(model.get("model_key")) or word(model.get("name")),
            tokens=Tokens(fresh, cached, 0, 0, output),
            context=fresh + cached,
            native=ident,
        )
    )


def _project(base: Base, columns: frozenset[str], session: str) -> str | None:
    key = "session_id" if "session_id" in columns else "id"
    for name in _FOLDERS:
        if key in columns and name in columns:
            for (said,) in base.ask(f'SELECT "{name}" FROM chat_session WHERE "{key}" = ?', session):
                if word(said):
                    return path_of(said) or said
    return None


def _roots(machine: Machine) -> Iterator[Path]:
    for product in ("Qoder", "QoderCN"):
        yield applications(machine) / product / "SharedClientCache" / _CACHE
    yield machine.home / ".qoder" / "shared_client" / _CACHE


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_database("qoder", VERSION, path, cursor, _messages)


SOURCE = Source(
    id="qoder",
    title="Qoder",
    mark="Qo",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_roots,
    owns=lambda relative: relative == "local.db",
    is_database=lambda name: name.endswith(".db"),
    read=_read,
    verified=False,
)
