"""Devin CLI's transcripts: `cli/transcripts/<session>.json`, written anew, with what each step used and what it was billed.

A step's own metrics tell the cache apart; those of the format that it is written in count it among what was sent. It is
billed in agent compute units, whose price is in a contract.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.model.usage import Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, credit, instant, listed, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_OWN = ("input_tokens", "cache_read_tokens", "cache_creation_tokens", "output_tokens")


def _transcript(said: dict[str, Any], gathered: Gathered) -> None:
    session, at = word(said.get("session_id")) or gathered.path.stem, gathered.file_time
    usual = word(mapping(said.get("agent")).get("model_name"))
    for place, step in enumerate(map(mapping, listed(said.get("steps")))):
        own, extra = mapping(step.get("metadata")), mapping(step.get("extra"))
        at = instant(own.get("created_at")) or instant(step.get("timestamp")) or at
        tokens = _tokens(mapping(own.get("metrics")), mapping(step.get("metrics")))
        billed = credit(own.get("committed_acu_cost")) or credit(extra.get("committed_acu_cost"))
        if not tokens.total and not billed:
            continue  # a person's words
        ident = word(own.get("request_id"))
        named = own.get("generation_model"), extra.get("generation_model"), step.get("model_name"), usual
        gathered.learn(session)
        gathered.add(
            call(
                *("devin", *((ident,) if ident else (session, step.get("step_id", place)))),
                session=session,
                at=at,
                model=next(filter(None, map(word, named)), None),
                tokens=tokens,
                context=tokens.prompt or None,
                evidence="A" if tokens.total else "C",
                credits=billed,
                native=ident,
            )
        )


def _tokens(own: dict[str, object], format_s: dict[str, object]) -> Tokens:
    sent, read, write, output = (count(own.get(name)) for name in _OWN)
    if sent or output:
        return Tokens(sent, read, write, 0, output)
    sent, read, output = (count(format_s.get(name)) for name in ("prompt_tokens", "cached_tokens", "completion_tokens"))
    write = count(mapping(format_s.get("extra")).get("cache_creation_input_tokens"))
    return Tokens(sent - read - write if read + write <= sent else sent, read, write, 0, output)


SOURCE = Source(
    id="devin",
    title="Devin CLI",
    mark="De",
    color="other",
    version=VERSION,
    roots=lambda machine: [
        Path(machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share") / "devin" / "cli" / "transcripts"
    ],
    owns=lambda relative: relative.endswith(".json"),
    read=lambda path, cursor: read_document("devin", VERSION, path, cursor, record_of, _transcript),
    verified=False,
    evidence="AC",
    credit="ACU",
)
