"""Every log format that can be read. A new agent is one file here and one line in SOURCES."""

from __future__ import annotations

from app.shapes.source import Source
from app.sources import claude_code, codex

SOURCES: tuple[Source, ...] = (
    claude_code.SOURCE,
    codex.SOURCE,
)
BY_ID = {source.id: source for source in SOURCES}
