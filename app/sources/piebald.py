"""Piebald's messages: rows of `app.db`, whose counts are filled in while the answer comes.

Counts are as each vendor gives them: of OpenAI's models what was read from the cache or written to it is inside the input,
and reasoning stands beside the output; of all others it is the other way round (so does the vendor's own reader of it).
A message's number begins at 1 in each installation: with its time it is known anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.database import Base, read_database, unfinished
from app.shapes.fields import count, instant, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_COUNTS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
_WANTED = ("id", "parent_chat_id", "role", "model", "created_at", "updated_at", *_COUNTS)
_INCLUSIVE = ("gpt", "chatgpt", "codex", "o1", "o3", "o4")
"""How names of OpenAI's models begin."""
_GROWS = 600_000
"""ms since its last change in which an answer may still grow."""


def _messages(base: Base, gathered: Gathered) -> None:
    if not base.columns("messages") >= {*_WANTED}:
        return
    chats: dict[object, tuple[str | None, str | None]] = {}
    for row, ident, chat, role, model, made, changed, *counts in base.new_rows("messages", _WANTED, gathered):
        if role == "user":
            continue
        if gathered.now - (instant(changed) or gathered.written) < _GROWS:
            unfinished(gathered, "messages", row)
        if chat not in chats:
            chats[chat] = _chat(base, chat)
        fallback, project = chats[chat]
        name, session = word(model) or fallback, f"chat {chat}"
        sent, read, written, output, reasoning = map(count, counts)
        inclusive = (name or "").rpartition("/")[2].lower().startswith(_INCLUSIVE)
        if inclusive:
            # Both may be told of the same tokens: what is neither is what is left of their union.
            tokens = Tokens(max(0, sent - max(read, written)), read, written, 0, output + reasoning, reasoning)
        else:
            tokens = Tokens(sent, read, written, 0, output, min(reasoning, output))
        if not tokens.total:
            continue
        gathered.learn(session, project=project)
        gathered.add(
            call(
                *("piebald", made, ident),
                session=session,
                at=instant(made) or instant(changed) or gathered.file_time,
                model=name,
                tokens=tokens,
                context=sent if inclusive else tokens.prompt,
            )
        )


def _chat(base: Base, chat: object) -> tuple[str | None, str | None]:
    """(model, folder) of a chat."""
    if not (base.columns("chats") >= {"id", "model", "project_id"} and base.columns("projects") >= {"id", "directory"}):
        return None, None
    asked = (
        "SELECT chats.model, projects.directory FROM chats LEFT JOIN projects ON projects.id = chats.project_id"
        " WHERE chats.id = ?"
    )
    return next(((word(model), word(folder)) for model, folder in base.ask(asked, chat)), (None, None))


def _roots(machine: Machine) -> Iterator[Path]:
    if machine.system == "darwin":
        yield machine.home / "Library" / "Application Support" / "piebald"
    elif machine.system == "win32":
        yield Path(machine.variable("APPDATA") or machine.home / "AppData" / "Roaming") / "piebald"
    else:
        yield Path(machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share") / "piebald"


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_database("piebald", VERSION, path, cursor, _messages)


SOURCE = Source(
    id="piebald",
    title="Piebald",
    mark="Pb",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_roots,
    owns=lambda relative: relative == "app.db",
    is_database=lambda name: name.endswith(".db"),
    read=_read,
    verified=False,
)
