"""Codebuff's chats: `projects/<name>/chats/<time>/chat-messages.json`, written anew; `run-state.json` beside it.

An answer says what it was billed, in credits; its tokens are there in some versions only, in many spellings. Of these only
OpenAI's counts what was cached among what was sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.beside import about, document_of
from app.shapes.document import read_document
from app.shapes.fields import count, credit, instant, listed, mapping, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_SENT = ("inputTokens", "input_tokens", "promptTokens", "prompt_tokens")
_READ = ("cacheReadInputTokens", "cache_read_input_tokens", "cachedTokens", "cached_tokens")
_WRITE = ("cacheCreationInputTokens", "cache_creation_input_tokens")
_OUTPUT = ("outputTokens", "output_tokens", "completionTokens", "completion_tokens")


def _chat(said: Any, gathered: Gathered) -> None:
    folder, at = gathered.path.parent, gathered.file_time
    gathered.learn(folder.name, project=about(folder / "run-state.json", _folder, None))
    for message in map(mapping, listed(said)):
        about_it = mapping(message.get("metadata"))
        at = instant(message.get("timestamp")) or instant(about_it.get("timestamp")) or at
        own = mapping(about_it.get("codebuff"))
        tokens = _tokens(mapping(about_it.get("usage")) or mapping(own.get("usage")))
        credits = credit(message.get("credits"))
        if not tokens.total and not credits:
            continue  # a person's words, or an answer that is not finished
        gathered.add(
            call(
                *("codebuff", folder.name, message.get("id"), message.get("timestamp")),
                session=folder.name,
                at=at,
                model=word(about_it.get("model")) or word(own.get("model")),
                tokens=tokens,
                context=tokens.prompt or None,
                evidence="A" if tokens.total else "C",
                credits=credits,
            )
        )


def _tokens(usage: dict[str, object]) -> Tokens:
    detail = {**mapping(usage.get("promptTokensDetails")), **mapping(usage.get("prompt_tokens_details"))}
    values = {**detail, **usage}
    sent, read, write, output = (
        next((count(values[name]) for name in names if name in values), 0) for names in (_SENT, _READ, _WRITE, _OUTPUT)
    )
    inside = bool(detail) and read <= sent
    return Tokens(sent - read if inside else sent, read, write, 0, output)


def _folder(state: Any) -> str | None:
    context = mapping(mapping(mapping(state).get("sessionState")).get("projectContext"))
    return word(context.get("cwd"))


def _roots(machine: Machine) -> Iterator[Path]:
    config = Path(machine.variable("XDG_CONFIG_HOME") or machine.home / ".config")
    yield from (config / channel / "projects" for channel in ("manicode", "manicode-dev", "manicode-staging"))


SOURCE = Source(
    id="codebuff",
    title="Codebuff",
    mark="Cb",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=lambda relative: relative.endswith("/chat-messages.json"),
    read=lambda path, cursor: read_document("codebuff", VERSION, path, cursor, document_of, _chat),
    verified=False,
    evidence="AC",
    credit="credit",
)
