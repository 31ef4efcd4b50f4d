"""Gemini CLI's chats: `tmp/<project>/chats/*.json`, rewritten as a whole, and `.jsonl` since April 2026, appended to.

A message is appended again whenever its tokens or tool calls become known, resuming an old `.json` copies it into a
`.jsonl`, and `$set` may repeat all of a chat: the same call, by its session and message id. What a rewind takes back was
paid for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from app.machine import Machine
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, elements, instant, mapping, reader_of, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source, Vendor

VERSION = 1
_ANSWER = "gemini"
_MILLION = 1_048_576


class _Chat(msgspec.Struct):
    sessionId: str | None = None
    kind: str | None = None
    messages: msgspec.Raw = msgspec.Raw(b"")


def _document(chat: _Chat, gathered: Gathered) -> None:
    session = chat.sessionId or gathered.path.stem
    _learn(gathered, session, chat.kind)
    at = gathered.file_time
    for raw in elements(chat.messages):
        message = record_of(raw)
        if message is not None:
            at = instant(message.get("timestamp")) or at
            _message(gathered, message, session, _parent(gathered.path, chat.kind), at, 0)


class _Log(Records):
    needles = re.compile(rb'"(?:tokens|sessionId)"')

    def first(self, record: dict[str, Any]) -> bool:
        if "sessionId" in record:
            self._introduced(record)
        return False

    def entry(self, record: dict[str, Any], offset: int) -> None:
        if "sessionId" in record:
            self._introduced(record)
            return
        changed = mapping(record.get("$set")).get("messages")
        several = changed if isinstance(changed, list) else [record]
        for message in several:  # pyright: ignore[reportUnknownVariableType]
            facts = mapping(message)
            kind = word(self.kept.get("kind"))
            _message(self, facts, self._session, _parent(self.path, kind), self.when(facts.get("timestamp")), offset)

    def _introduced(self, record: dict[str, Any]) -> None:
        self.kept["session"] = word(record.get("sessionId")) or self.kept.get("session")
        self.kept["kind"] = word(record.get("kind")) or self.kept.get("kind")
        _learn(self, self._session, word(self.kept["kind"]))

    @property
    def _session(self) -> str:
        return self.kept.get("session") or self.path.stem


def _parent(path: Path, kind: str | None) -> str | None:
    """The session that a sub-agent works for: `chats/<parent>/<session>.jsonl`."""
    return path.parent.name if kind == "subagent" and path.parent.name != "chats" else None


def _learn(gathered: Gathered, session: str, kind: str | None) -> None:
    parent = _parent(gathered.path, kind)
    chats = gathered.path.parent if parent is None else gathered.path.parent.parent
    gathered.learn(parent or session, main=parent is None, project=_project(chats.parent))


def _project(folder: Path) -> str | None:
    """Its folder's path, where the CLI noted it; a hash of it says nothing to anybody."""
    try:
        return (folder / ".project_root").read_text(encoding="utf-8", errors="replace").strip() or None
    except OSError:
        return None if re.fullmatch("[0-9a-f]{64}", folder.name) else folder.name


def _message(
    gathered: Gathered, message: dict[str, Any], session: str, parent: str | None, at: int, offset: int
) -> None:
    ident, counts = word(message.get("id")), mapping(message.get("tokens"))
    if message.get("type") != _ANSWER or not counts:
        return  # tokens are null until the answer is there, then the message stands here again
    sent, cached, output, thoughts, tool, total = (
        count(counts.get(name)) for name in ("input", "cached", "output", "thoughts", "tool", "total")
    )
    # `input` holds `cached`; where the total says that it stands beside it, it does.
    inside = cached <= sent and total != sent + cached + output + thoughts + tool
    fresh = sent - cached if inside or not cached else sent
    gathered.add(
        call(
            "gemini_cli",
            session,
            ident or f"@{at}",
            session=parent or session,
            at=at,
            model=word(message.get("model")),
            tokens=Tokens(fresh + tool, cached, 0, 0, output + thoughts, thoughts),
            subagent=None if parent is None else session,
            context=sent if inside else sent + cached,
            offset=offset,
            native=ident,
        )
    )


def _read(path: Path, cursor: Cursor | None, source: str = "gemini_cli") -> Iterator[Batch]:
    if path.suffix == ".json":
        return read_document(source, VERSION, path, cursor, reader_of(_Chat), _document)
    return read_lines(source, VERSION, path, cursor, _Log)


def _roots(machine: Machine) -> Iterable[Path]:
    """The variable names home folders, of which people keep several side by side."""
    return [home / ".gemini" / "tmp" for home in machine.folders("GEMINI_CLI_HOME") or [machine.home]]


_OWNED = re.compile(r"(?:^|/)chats/(?:[^/]+\.json|(?:[^/]+/)?[^/]+\.jsonl)$")


def _owns(relative: str) -> bool:
    return _OWNED.search(relative) is not None


def _window(model: str | None, logged: int | None, highest: int | None, machine: Machine) -> int | None:
    return _MILLION if model and re.match(r"gemini-(?:[23]|[12]\.5)", model) else None


SOURCE = Source(
    id="gemini_cli",
    title="Gemini CLI",
    mark="Ge",
    color="gemini_cli",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=_read,
    window=_window,
    compacts=lambda window: window // 2,
    cache_lifetime=lambda _: None,
    vendor=Vendor("google", "Google"),
    deletes_after_days=30,
)
LLXPRT = replace(
    SOURCE,
    id="llxprt",
    title="LLxprt Code",
    mark="Ll",
    color="other",
    roots=lambda machine: [machine.home / ".llxprt" / "tmp"],
    read=lambda path, cursor: _read(path, cursor, "llxprt"),
    vendor=None,
    verified=False,
    deletes_after_days=None,
)
"""Came of Gemini CLI, keeps its chats, and works with anybody's models."""
