"""Forge's conversations: rows of `.forge.db`, each written anew with all its messages, and with an answer its usage.

No message has a time: one that is new stands at its conversation's last change. Compaction takes messages out, so an answer
is known by what it used and by how many before it used the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Call, Tokens
from app.shapes.database import Base, read_database
from app.shapes.fields import count, dollars, instant, listed, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_COUNTS = ("prompt_tokens", "cached_tokens", "completion_tokens")
_CHANGED = "coalesce(updated_at, created_at, '')"
_ROWS = 300
"""Conversations after which a batch is handed over: each is as long as all that was said."""


def _conversations(base: Base, gathered: Gathered) -> None:
    """Those changed since the newest that was read, that one included: two changes may bear one time."""
    if not {"conversation_id", "workspace_id", "context", "created_at", "updated_at"} <= base.columns("conversations"):
        return
    wanted = (
        f"SELECT conversation_id, workspace_id, context, {_CHANGED} FROM conversations"
        f" WHERE context IS NOT NULL AND {_CHANGED} >= ? ORDER BY 4 LIMIT {_ROWS}"
    )
    before, taken = gathered.kept.get("changed", ""), 0
    for ident, workspace, context, changed in base.ask(wanted, before):
        taken += 1
        gathered.kept["changed"] = changed
        conversation = record_of(str(context).encode())
        if conversation is None or not word(ident):
            if changed != before:
                gathered.skip("not JSON")
            continue
        gathered.learn(ident, project=_folder(base, workspace))
        _messages(gathered, conversation, ident, instant(changed) or gathered.written)
    gathered.more = taken == _ROWS and gathered.kept["changed"] != before


def _messages(gathered: Gathered, conversation: dict[str, Any], session: str, at: int) -> None:
    seen, found = dict[tuple[object, ...], int](), list[Call]()
    for entry in map(mapping, listed(conversation.get("messages"))):
        usage = mapping(entry.get("usage"))
        if not usage:
            continue
        said = mapping(mapping(entry.get("message")).get("text")) or mapping(entry.get("text"))
        model = word(said.get("model"))
        (sent, exact), (cached, split), (output, counted) = (_count(usage.get(name)) for name in _COUNTS)
        if not (sent or output):
            continue
        tokens = Tokens(sent - min(cached, sent), min(cached, sent), 0, 0, output)
        told = (model, *tokens)
        seen[told] = seen.get(told, 0) + 1
        found.append(
            call(
                *("forge", session, *told, seen[told]),
                session=session,
                at=at,
                model=model,
                tokens=tokens,
                evidence="C" if not (exact and counted) else "A" if split else "B",
                reported=dollars(usage.get("cost")),
                records=0,  # one document holds them all
            )
        )
    for one in found:
        gathered.add(one._replace(context=one.tokens.prompt if one is found[-1] else None))


def _count(value: object) -> tuple[int, bool]:
    """(tokens, whether somebody counted them): what no provider told is Forge's own guess."""
    facts = {name.lower(): said for name, said in mapping(value).items()}
    return (count(facts["actual"]), True) if "actual" in facts else (count(facts.get("approx")), False)


def _folder(base: Base, workspace: object) -> str | None:
    if not {"workspace_id", "path"} <= base.columns("workspaces"):
        return None
    return next(
        (word(path) for (path,) in base.ask("SELECT path FROM workspaces WHERE workspace_id = ?", workspace)), None
    )


def _homes(machine: Machine) -> Iterator[Path]:
    chosen = machine.variable("FORGE_CONFIG")
    if chosen:
        yield machine.path(chosen)
    else:
        yield from (machine.home / name for name in ("forge", ".forge"))


SOURCE = Source(
    id="forge",
    title="Forge",
    mark="Fo",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_homes,
    owns=lambda relative: relative in (".forge.db", ".forge.writes.db"),
    is_database=lambda name: name.endswith(".db"),
    read=lambda path, cursor: read_database("forge", VERSION, path, cursor, _conversations),
    verified=False,
    evidence="ABC",
    states_cost=True,
    exact="Keep Cuenta running: Forge notes no time of an answer, and one that is new is then booked to its own day.",
)
