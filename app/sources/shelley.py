"""Shelley's messages: rows of `shelley.db`, each with its usage as JSON, whose numbers may be written as text."""

from __future__ import annotations

from pathlib import Path

from app.model.usage import Tokens
from app.shapes.database import Base, read_database
from app.shapes.fields import count, dollars, instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_WANTED = ("message_id", "conversation_id", "usage_data", "created_at")
_COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
_CONVERSATION = "SELECT cwd, parent_conversation_id, model FROM conversations WHERE conversation_id = ?"


def _rows(base: Base, gathered: Gathered) -> None:
    known: dict[str, tuple[str | None, str | None, str | None]] = {}
    for _, ident, conversation, said, created in base.new_rows("messages", _WANTED, gathered):
        usage = mapping(record_of(str(said).encode())) if said else {}
        sent, read, write, output = (count(_number(usage.get(name))) for name in _COUNTS)
        tokens = Tokens(sent, read, write, 0, output)
        if not tokens.total or not word(conversation):
            continue  # what users and tools said has counts of 0
        if conversation not in known:
            known[conversation] = _conversation(base, conversation)
        project, parent, model = known[conversation]
        gathered.learn(parent or conversation, main=parent is None, project=project)
        gathered.add(
            call(
                *("shelley", ident),
                session=parent or conversation,
                subagent=conversation if parent else None,
                at=instant(created) or gathered.written,
                model=word(usage.get("model")) or model,
                tokens=tokens,
                context=tokens.prompt,
                reported=dollars(usage.get("cost_usd", usage.get("cost"))),
                native=word(ident),
            )
        )


def _conversation(base: Base, ident: str) -> tuple[str | None, str | None, str | None]:
    """Its folder, the conversation that it works for, its model."""
    if not {"cwd", "parent_conversation_id", "model"} <= base.columns("conversations"):
        return None, None, None
    folder, parent, model = next(base.ask(_CONVERSATION, ident), (None, None, None))
    return word(folder), word(parent), word(model)


def _number(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16 else value


SOURCE = Source(
    id="shelley",
    title="Shelley",
    mark="Sy",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=lambda machine: [Path(machine.variable("XDG_CONFIG_HOME") or machine.home / ".config") / "shelley"],
    owns=lambda relative: relative.rpartition("/")[2] == "shelley.db",
    is_database=lambda name: name.endswith(".db"),
    read=lambda path, cursor: read_database("shelley", VERSION, path, cursor, _rows),
    verified=False,
    states_cost=True,
)
