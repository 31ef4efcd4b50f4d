"""Amazon Q Developer in editors: `chat-history-<workspace>.json`, a database in one document, with words and no counts.

Old chats are cut from it when it grows too large. The model is that which is chosen now.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.model.usage import Batch, Cursor
from app.shapes.chats import Said, tell
from app.shapes.document import read_document
from app.shapes.fields import instant, listed, mapping, record_of, word
from app.shapes.gathering import Gathered
from app.shapes.source import Source

VERSION = 1
_NAME = "chat-history-"


def _tabs(document: dict[str, Any], gathered: Gathered) -> None:
    collections = [mapping(one) for one in listed(document.get("collections"))]
    rows = {str(one.get("name")): [mapping(row) for row in listed(one.get("data"))] for one in collections}
    model = next((name for row in rows.get("settings", []) if (name := word(row.get("modelId")))), None)
    for tab in rows.get("tabs", []):
        for conversation in map(mapping, listed(tab.get("conversations"))):
            _conversation(gathered, tab, conversation, model)


def _conversation(
    gathered: Gathered, tab: dict[str, object], conversation: dict[str, object], model: str | None
) -> None:
    session = word(conversation.get("conversationId")) or word(tab.get("historyId"))
    if session:
        at = instant(conversation.get("updatedAt")) or instant(tab.get("updatedAt")) or gathered.file_time
        gathered.learn(session)
        messages = [_said(mapping(one), model) for one in listed(conversation.get("messages"))]
        tell(gathered, "amazon_q_ide", session, at, messages)


def _said(message: dict[str, object], model: str | None) -> Said:
    answer, text = message.get("type") == "answer", word(message.get("body")) or ""
    return Said(answer, text, instant(message.get("timestamp")), model, word(message.get("messageId")))


def _owns(relative: str) -> bool:
    return relative.rpartition("/")[2].startswith(_NAME) and relative.endswith(".json")


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_document("amazon_q_ide", VERSION, path, cursor, record_of, _tabs)


SOURCE = Source(
    id="amazon_q_ide",
    title="Amazon Q in editors",
    mark="Qe",
    color="other",
    version=VERSION,
    roots=lambda machine: [machine.home / ".aws" / "amazonq" / "history"],
    owns=_owns,
    read=_read,
    verified=False,
    evidence="C",
    exact="Amazon Q keeps what was said, and says nowhere how many tokens that was.",
)
