"""WorkBuddy's transcripts: `projects/<folder>/<session>.jsonl`, sub-agents below `<session>/subagents/`.

Usage is written in the words of whoever served the request; only OpenAI's count what was cached among what was sent.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.model.usage import Tokens
from app.shapes.fields import count, mapping, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_SENT = ("inputTokens", "input_tokens", "prompt_tokens")
_READ = ("cacheReadInputTokens", "cache_read_input_tokens", "cached_tokens")
_WRITE = ("cacheCreationInputTokens", "cache_creation_input_tokens")
_OUTPUT = ("outputTokens", "output_tokens", "completion_tokens")
_REASONING = ("reasoningTokens", "reasoning_tokens")


class _Log(Records):
    needles = re.compile(rb'"(?:usage|rawUsage|cwd)"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        session, agent = _place(self.path)
        self.learn(session, main=agent is None, project=word(record.get("cwd")))
        said = mapping(record.get("providerData"))
        usage = mapping(said.get("usage")) or mapping(said.get("rawUsage"))
        if not usage:
            return
        tokens = _tokens(usage)
        self.add(
            call(
                *("workbuddy", record.get("id"), record.get("timestamp"), *tokens),
                session=session,
                subagent=agent,
                at=self.when(record.get("timestamp")),
                model=word(said.get("model")),
                tokens=tokens,
                context=tokens.prompt,
                offset=offset,
                native=word(record.get("id")),
            )
        )


def _tokens(usage: dict[str, object]) -> Tokens:
    detail = {**mapping(usage.get("prompt_tokens_details")), **mapping(usage.get("completion_tokens_details")), **usage}
    sent, read, write, output, reasoning = (
        next((count(detail[name]) for name in names if name in detail), 0)
        for names in (_SENT, _READ, _WRITE, _OUTPUT, _REASONING)
    )
    fresh = max(0, sent - read) if "prompt_tokens" in usage else sent
    return Tokens(fresh, read, write, 0, output, min(reasoning, output))


def _place(path: Path) -> tuple[str, str | None]:
    """The session, and the sub-agent of it that this is."""
    return (path.parent.parent.name, path.stem) if path.parent.name == "subagents" else (path.stem, None)


SOURCE = Source(
    id="workbuddy",
    title="WorkBuddy",
    mark="Wb",
    color="other",
    version=VERSION,
    roots=lambda machine: [machine.home / ".workbuddy" / "projects"],
    owns=lambda relative: relative.endswith(".jsonl"),
    read=lambda path, cursor: read_lines("workbuddy", VERSION, path, cursor, _Log),
    verified=False,
)
