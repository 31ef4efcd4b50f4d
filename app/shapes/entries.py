"""Sessions kept as a tree of entries in JSON lines, the way Pi writes them, and whoever builds on it.

A fork copies the entries before it into a new file, and a newer version rewrites an old file whole to give its entries ids.
Times, model and counts stay what they were, and by these a call is one wherever it stands. All branches of the tree were
paid for.
"""

from __future__ import annotations

import re
from typing import Any

from app.model.usage import Occurrence, Tokens
from app.shapes.fields import count, dollars, mapping, word
from app.shapes.gathering import call
from app.shapes.records import Records

_BESIDE = ("model_change", "thinking_level_change", "custom", "custom_message")
_CUT_SHORT = ("error", "aborted")


class Entries(Records):
    """Parser of one stretch of a session. What an agent does its own way it says by overriding."""

    needles = re.compile(rb'"(?:usage|tokensBefore)"')
    kinds = frozenset(("session", "message", "compaction", "branch_summary", "label", "session_info", *_BESIDE))
    family = "pi"
    """Begins the identity of calls: agents that take sessions over from each other share it."""

    def first(self, record: dict[str, Any]) -> bool:
        """The head line names the session; blank ones may stand before it."""
        if record.get("type") == "session":
            self.kept["session"] = word(record.get("id"))
            self.learn(self.session, main=self.subagent is None, project=word(record.get("cwd")))
        return False

    @property
    def session(self) -> str:
        return self.kept.get("session") or self.path.stem

    @property
    def subagent(self) -> str | None:
        return None

    @property
    def window(self) -> int | None:
        return None

    def served_by(self, message: dict[str, Any]) -> tuple[str | None, str | None]:
        """The model and its provider."""
        return word(message.get("model")), word(message.get("provider"))

    def context_of(self, tokens: Tokens) -> int:
        return tokens.total

    def entry(self, record: dict[str, Any], offset: int) -> None:
        if record.get("type") == "compaction":
            at, before = self.when(record.get("timestamp")), count(record.get("tokensBefore")) or None
            self.happened(Occurrence(self.session, self.subagent, at, "compaction", before, None, None))
            return
        message = mapping(record.get("message"))
        if message.get("role") == "assistant" and mapping(message.get("usage")):
            self._answer(record, message, offset)

    def _answer(self, record: dict[str, Any], message: dict[str, Any], offset: int) -> None:
        usage = mapping(message.get("usage"))
        sent, output, read, write = (count(usage.get(name)) for name in ("input", "output", "cacheRead", "cacheWrite"))
        tokens = Tokens(sent, read, write, 0, output)
        model, provider = self.served_by(message)
        self.add(
            call(
                *(self.family, record.get("timestamp"), message.get("timestamp"), provider, model, *tokens),
                session=self.session,
                subagent=self.subagent,
                at=self.when(record.get("timestamp")),
                model=model,
                tokens=tokens,
                provider=provider,
                reported=dollars(mapping(usage.get("cost")).get("total", message.get("costUSD"))),
                context=None if message.get("stopReason") in _CUT_SHORT else self.context_of(tokens),
                window=self.window,
                offset=offset,
                native=word(message.get("responseId")) or word(record.get("id")),
            )
        )
