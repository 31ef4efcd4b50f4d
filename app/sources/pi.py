"""Pi's sessions: `agent/sessions/--<folder>--/<time>_<id>.jsonl`, a tree of entries appended to one file.

A fork copies the entries before it into a new file, and a newer Pi rewrites an old file whole to give its entries ids.
Times, model and counts stay what they were, and by these a call is one wherever it stands. All branches of the tree were
paid for.
"""

from __future__ import annotations

import re
from typing import Any

from app.machine import Machine
from app.model.usage import Occurrence, Tokens
from app.shapes.fields import count, dollars, mapping, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_CUT_SHORT = ("error", "aborted")


class _Log(Records):
    needles = re.compile(rb'"(?:usage|tokensBefore)"')

    def first(self, record: dict[str, Any]) -> bool:
        """The head line names the session; blank ones may stand before it."""
        if record.get("type") == "session":
            self.kept["session"] = word(record.get("id"))
            self.learn(self._session, project=word(record.get("cwd")))
        return False

    @property
    def _session(self) -> str:
        return self.kept.get("session") or self.path.stem

    def entry(self, record: dict[str, Any], offset: int) -> None:
        at = self.when(record.get("timestamp"))
        if record.get("type") == "compaction":
            before = count(record.get("tokensBefore")) or None
            self.happened(Occurrence(self._session, None, at, "compaction", before, None, None))
            return
        message = mapping(record.get("message"))
        usage = mapping(message.get("usage"))
        if message.get("role") != "assistant" or not usage:
            return
        sent, output, read, write = (count(usage.get(name)) for name in ("input", "output", "cacheRead", "cacheWrite"))
        tokens = Tokens(sent, read, write, 0, output)
        model, provider = word(message.get("model")), word(message.get("provider"))
        self.add(
            call(
                *("pi", record.get("timestamp"), message.get("timestamp"), provider, model, *tokens),
                session=self._session,
                at=at,
                model=model,
                tokens=tokens,
                provider=provider,
                reported=dollars(mapping(usage.get("cost")).get("total")),
                context=None if message.get("stopReason") in _CUT_SHORT else tokens.total,
                offset=offset,
                native=word(message.get("responseId")) or word(record.get("id")),
            )
        )


def _window(model: str | None, logged: int | None, highest: int | None, machine: Machine) -> int | None:
    return logged


SOURCE = Source(
    id="pi",
    title="Pi",
    mark="Pi",
    color="other",
    version=VERSION,
    roots=lambda machine: [
        home / "sessions" for home in machine.folders("PI_CODING_AGENT_DIR") or [machine.home / ".pi" / "agent"]
    ],
    owns=lambda relative: relative.endswith(".jsonl"),
    read=lambda path, cursor: read_lines("pi", VERSION, path, cursor, _Log),
    window=_window,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
)
