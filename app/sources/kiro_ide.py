"""Kiro's IDE: `~/.kiro/sessions/<workspace>/sess_*/messages.jsonl`, before 1.0 a record a turn in the extension's storage.

Kiro bills credits, which already hold what the model costs beside others, and logs no tokens: the prompt's size that it
counts locally is a guess without a session, its output always 0. After an upgrade both places can hold the same turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import CREDIT, Batch, Cursor, Tokens
from app.shapes.beside import about
from app.shapes.document import read_document
from app.shapes.fields import instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source
from app.shapes.vscode import global_storage

VERSION = 1
_EXTENSION = "kiro.kiroagent"
_DIGITS = frozenset("0123456789abcdef")


class _Log(Records):
    needles = re.compile(rb'"promptTurnSummaries"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        payload = mapping(record.get("payload")) or record
        session = self.path.parent.name
        model, project = about(self.path.with_name("session.json"), _facts, (None, None))
        turn = word(payload.get("executionId")) or word(record.get("executionId"))
        self.learn(session, project=project)
        self.add(
            call(
                *("kiro_ide", turn or (session, word(record.get("id")) or offset)),
                session=session,
                at=self.when(record.get("timestamp")),
                model=word(payload.get("modelId")) or model,
                tokens=Tokens(),
                credits=_credits(payload.get("promptTurnSummaries")),
                evidence="C",
                offset=offset,
                native=turn,
            )
        )


def _facts(session: Any) -> tuple[str | None, str | None]:
    """(model, folder) of a session, as the document beside its messages says."""
    facts = mapping(session)
    folders = facts.get("workspacePaths")
    return (
        word(facts.get("modelId")) or word(facts.get("model")),
        word(folders[0]) if isinstance(folders, list) and folders else None,  # pyright: ignore[reportUnknownArgumentType]
    )


def _turn(found: dict[str, Any], gathered: Gathered) -> None:
    """One record of before 1.0; other files without an ending are passed over."""
    credits, turn = _credits(found.get("usageSummary")), word(found.get("executionId")) or gathered.path.name
    if credits is None:
        return
    session = word(found.get("chatSessionId")) or word(found.get("sessionId")) or gathered.path.parent.name
    gathered.learn(session)
    gathered.add(
        call(
            *("kiro_ide", turn),
            session=session,
            at=instant(found.get("startTime")) or instant(found.get("endTime")) or gathered.file_time,
            model=word(found.get("modelId")),
            tokens=Tokens(),
            credits=credits,
            evidence="C",
            copied=True,  # what the session's own messages say goes before it
            native=turn,
        )
    )


def _credits(summaries: object) -> int | None:
    """Millionths of all that the turn took; None where it says nothing of credits."""
    each = [mapping(one) for one in summaries] if isinstance(summaries, list) else []  # pyright: ignore[reportUnknownVariableType]
    said = [one.get("usage") for one in each if one.get("unit") in (None, "credit")]
    amounts = [float(one) for one in said if type(one) in (int, float) and 0 <= one < 1e6]  # pyright: ignore[reportOperatorIssue, reportArgumentType]
    return round(sum(amounts) * CREDIT) or None


def _roots(machine: Machine) -> Iterator[Path]:
    yield from (home / "sessions" for home in machine.folders("KIRO_HOME") or [machine.home / ".kiro"])
    for storage in global_storage(machine):
        places = sorted((storage / _EXTENSION).glob("*/")) if "kiro" in str(storage).lower() else ()
        yield from (place for place in places if len(place.name) == 32 and _DIGITS.issuperset(place.name))


def _owns(relative: str) -> bool:
    folder, _, name = relative.rpartition("/")
    if name == "messages.jsonl":
        return folder.rpartition("/")[2].startswith("sess_")
    return bool(folder) and "/" not in folder and "." not in name  # below a workspace's folder: <session>/<turn>


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    if path.suffix == ".jsonl":
        return read_lines("kiro_ide", VERSION, path, cursor, _Log)
    return read_document("kiro_ide", VERSION, path, cursor, record_of, _turn)


SOURCE = Source(
    id="kiro_ide",
    title="Kiro",
    mark="Ki",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=_read,
    evidence="C",
    credit="credit",
    verified=False,
)
