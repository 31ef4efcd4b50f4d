"""The store's rows, one for each request to a model, helpers and compactions among them."""

from __future__ import annotations

from typing import Any

from app.model.identity import key_of
from app.model.usage import Tokens
from app.shapes.database import Base
from app.shapes.fields import count, credit, instant, label, word
from app.shapes.gathering import Gathered, call
from app.sources.copilot_cli.requests import NANO, fresh, group_of

_TABLE = "assistant_usage_events"
_NEEDED = ("created_at", "id", "session_id", "model", "input_tokens", "output_tokens")
_BESIDE = (
    *("cache_read_tokens", "cache_write_tokens", "reasoning_tokens", "total_nano_aiu", "reasoning_effort"),
    *("initiator", "agent_id", "parent_tool_call_id"),
)
"""Columns that came with time."""


def rows(base: Base, gathered: Gathered) -> None:
    columns = base.columns(_TABLE)
    if not columns.issuperset(_NEEDED):
        return
    wanted, known = (*_NEEDED, *(name for name in _BESIDE if name in columns)), set[str]()
    for _, *values in base.new_rows(_TABLE, wanted, gathered):
        row = dict(zip(wanted, values, strict=True))
        session = word(row["session_id"])
        if session is None:
            gathered.skip("no session")
            continue
        if session not in known:
            known.add(session)
            _learn(base, gathered, session)
        _request(gathered, row, session)


def _request(gathered: Gathered, row: dict[str, Any], session: str) -> None:
    sent, output, read, write, reasoning = (count(row.get(f"{name}_tokens")) for name in _COUNTS)
    tokens = Tokens(fresh(sent, read + write), read, write, 0, output, min(reasoning, output))
    model, agent = word(row["model"]), _agent(row)
    main = agent is None and row.get("initiator") != "compaction"
    one = call(
        "copilot_cli",
        session=session,
        subagent=agent,
        at=instant(row["created_at"]) or gathered.written,
        model=model,
        tokens=tokens,
        evidence="B" if row.get("cache_read_tokens") is None else "A",
        context=sent + output if main else None,
        effort=label(row.get("reasoning_effort")),
        credits=credit(row.get("total_nano_aiu"), NANO),
        native=str(row["id"]),
    )
    # A store made anew numbers its rows anew.
    gathered.add(one._replace(group=group_of(session, model), key=key_of(row["id"], row["created_at"], *tokens)))


_COUNTS = ("input", "output", "cache_read", "cache_write", "reasoning")


def _agent(row: dict[str, Any]) -> str | None:
    named = word(row.get("agent_id")) or word(row.get("parent_tool_call_id"))
    if named is None:
        return "sub-agent" if row.get("initiator") == "sub-agent" else None
    return None if named == "main" else named


def _learn(base: Base, gathered: Gathered, session: str) -> None:
    columns = base.columns("sessions")
    if {"id", "cwd"} <= columns:
        branch = "branch" if "branch" in columns else "NULL"
        for cwd, name in base.ask(f"SELECT cwd, {branch} FROM sessions WHERE id = ?", session):
            gathered.learn(session, project=word(cwd), branch=word(name))
