"""Qwen Code's chats: `projects/<folder>/chats/<session>.jsonl`; before version 0.14 Gemini CLI's documents below `tmp`.

A request stands twice: with the answer, and as `ui_telemetry`, which is passed over. A branch copies lines into a file of
its own under their old ids. Whether thoughts stand inside the output or beside it depends on who serves the model: the total
tells. Sub-agents write into the session's file or into one of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Batch, Cursor, Occurrence, Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_SINCE = (
    "promptTokenCount",
    "cachedContentTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "totalTokenCount",
)
_BEFORE = ("input", "cached", "output", "thoughts", "total")


class _Log(Records):
    needles = re.compile(rb'"usageMetadata"|"chat_compression"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        session = word(record.get("sessionId")) or self.path.stem
        agent = word(record.get("agentId")) or ("side chain" if record.get("isSidechain") is True else None)
        at, ident = self.when(record.get("timestamp")), word(record.get("uuid"))
        if record.get("subtype") == "chat_compression":
            info = mapping(mapping(record.get("systemPayload")).get("info"))
            before, after = (count(info.get(name)) or None for name in ("originalTokenCount", "newTokenCount"))
            self.happened(Occurrence(session, agent, at, "compaction", before, after, None))
            return
        usage = mapping(record.get("usageMetadata"))
        if record.get("type") != "assistant" or not usage:
            return
        said = {name: word(record.get(key)) for name, key in _FACTS.items()}
        self.learn(session, main=agent is None, **said)
        tokens, evidence = _tokens(usage, _SINCE)
        self.add(
            call(
                *("qwen_code", ident or f"{session} {at}"),
                session=session,
                subagent=agent,
                at=at,
                model=word(record.get("model")),
                tokens=tokens,
                evidence=evidence,
                context=tokens.prompt if evidence == "A" else None,
                window=count(record.get("contextWindowSize")) or None,
                copied=bool(record.get("forkedFrom")),
                offset=offset,
                native=ident,
            )
        )


_FACTS = {"project": "cwd", "branch": "gitBranch", "version": "version"}


def _document(chat: dict[str, Any], gathered: Gathered) -> None:
    """Of the time when it was a young copy of Gemini CLI: answers bear that one's name, or its own."""
    session, at, messages = word(chat.get("sessionId")) or gathered.path.stem, gathered.file_time, chat.get("messages")
    for message in map(mapping, messages if isinstance(messages, list) else []):  # pyright: ignore[reportUnknownArgumentType]
        at, usage, ident = (
            instant(message.get("timestamp")) or at,
            mapping(message.get("tokens")),
            word(message.get("id")),
        )
        if message.get("type") not in ("gemini", "qwen") or not usage:
            continue
        tokens, evidence = _tokens(usage, _BEFORE)
        gathered.learn(session)
        gathered.add(
            call(
                *("qwen_code", session, ident or f"@{at}"),
                session=session,
                at=at,
                model=word(message.get("model")),
                tokens=tokens._replace(input=tokens.input + count(usage.get("tool"))),
                evidence=evidence,
                context=tokens.prompt,
                native=ident,
            )
        )


def _tokens(usage: dict[str, object], names: tuple[str, ...]) -> tuple[Tokens, str]:
    """(tokens, evidence level). `sent` holds what was cached. Where only a total was said, all that is known is that."""
    sent, cached, output, thoughts, total = (count(usage.get(name)) for name in names)
    total -= count(usage.get("tool"))
    if not sent and not output:
        return Tokens(max(0, total)), "C"
    beside = total == sent + output + thoughts or (total != sent + output and thoughts > output)
    cached = min(cached, sent)
    output += thoughts if beside else 0
    return Tokens(sent - cached, cached, 0, 0, output, min(thoughts, output)), "A"


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    if path.suffix == ".json":
        return read_document("qwen_code", VERSION, path, cursor, record_of, _document)
    return read_lines("qwen_code", VERSION, path, cursor, _Log)


def _roots(machine: Machine) -> Iterator[Path]:
    for home in machine.folders("QWEN_RUNTIME_DIR") or [machine.home / ".qwen"]:
        yield home / "projects"
        yield home / "tmp"


def _owns(relative: str) -> bool:
    folder, _, name = relative.rpartition("/")
    return name.endswith(".jsonl") or (name.endswith(".json") and folder.endswith("chats"))


SOURCE = Source(
    id="qwen_code",
    title="Qwen Code",
    mark="Qw",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=_read,
    evidence="AC",
)
