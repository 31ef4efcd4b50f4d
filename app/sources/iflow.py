"""iFlow's transcripts: `projects/<folder>/<session>.jsonl`, written like Claude Code's, with counts of 0 in all of them.

So far as that is so, a request is counted by its words: those of people and tools since the answer before, and the answer's.
What was sent along again (all that came before, and the instructions) is not known. An answer stands in as many lines as it
calls tools, which follow each other, each line with the tool of the line before once more.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from app.model.usage import Tokens
from app.shapes.fields import count, listed, mapping, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_REMEMBERED = 50
"""Calls of tools that are known again."""
_COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")


class _Log(Records):
    needles = re.compile(rb'"type":\s*"(?:assistant|user)"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        message = mapping(record.get("message"))
        session = word(record.get("sessionId")) or self.path.stem
        project, branch, version = (word(record.get(name)) for name in ("cwd", "gitBranch", "version"))
        self.learn(session, project=project, branch=branch, version=version)
        at = self.when(record.get("timestamp"))
        if record.get("type") == "assistant":
            self._answered(message, word(record.get("uuid")), session, at, offset)
        else:
            self.kept["said"] = self.kept.get("said", 0) + self.words(self._text(message.get("content")))
            self.kept["answer"] = None

    def _answered(self, message: dict[str, object], ident: str | None, session: str, at: int, offset: int) -> None:
        answer = self.kept.get("answer")
        if answer is None:
            answer = self.kept["answer"] = {"ident": ident, "asked": self.kept.pop("said", 0), "words": 0}
        answer["words"] += self.words(self._text(message.get("content")))
        sent, read, write, output = (count(mapping(message.get("usage")).get(name)) for name in _COUNTS)
        tokens = Tokens(sent, read, write, 0, output)
        exact = tokens.total > 0
        self.add(
            call(
                *("iflow", ident if exact else answer["ident"]),
                session=session,
                at=at,
                model=word(message.get("model")),
                tokens=tokens if exact else Tokens(input=answer["asked"], output=answer["words"]),
                context=tokens.prompt if exact else None,
                evidence="A" if exact else "C",
                offset=offset,
                native=word(message.get("id")),
            )
        )

    def _text(self, content: object) -> str:
        """All that is said in it, and what a tool is given and gives; a tool that was called before is not called again."""
        if isinstance(content, str):
            return content
        return "\n".join(filter(None, (self._part(mapping(one)) for one in listed(content))))

    def _part(self, part: dict[str, object]) -> str:
        if part.get("type") == "tool_result":
            return _given(part.get("content"))
        if part.get("type") != "tool_use":
            return word(part.get("text")) or ""
        ident, called = word(part.get("id")), self.kept.get("called", [])
        if ident in called:
            return ""
        if ident is not None:
            self.kept["called"] = [*called, ident][-_REMEMBERED:]
        return f"{part.get('name')}\n{msgspec.json.encode(part.get('input')).decode()}"


def _given(content: object) -> str:
    """What a tool gave, not the picture of it that people see beside."""
    response = mapping(mapping(mapping(mapping(content).get("responseParts")).get("functionResponse")).get("response"))
    return word(response.get("output")) or (content if isinstance(content, str) else "")


SOURCE = Source(
    id="iflow",
    title="iFlow",
    mark="If",
    color="other",
    version=VERSION,
    roots=lambda machine: [machine.home / ".iflow" / "projects"],
    owns=lambda relative: relative.endswith(".jsonl"),
    read=lambda path, cursor: read_lines("iflow", VERSION, path, cursor, _Log),
    evidence="AC",
)
