"""What an agent told its model of where it works: `<environment_details>` in `api_conversation_history.json`.

Only what begins as such a block is looked into: a prompt that says `<model>` must not name one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from app.shapes.beside import about
from app.shapes.fields import instant, listed, mapping, word

HISTORY = "api_conversation_history.json"
_BEGIN, _END = "<environment_details>", "</environment_details>"
_FOLDER = r"Current (?:Workspace|Working) Directory \(([^)\n]+)\)"
_MODEL = r"<model>([^<\n]{1,200})</model>"


class Model(NamedTuple):
    since: int
    """ms since 1970 UTC; 0 where that is not said."""
    name: str
    provider: str | None = None


class Surroundings(NamedTuple):
    models: tuple[Model, ...] = ()
    """As they were used, oldest first."""
    project: str | None = None


def in_force(models: Iterable[Model], at: int) -> tuple[str | None, str | None]:
    """Name and provider of the one in use at that instant."""
    found = [one for one in models if one.since <= at]
    return (found[-1].name, found[-1].provider) if found else (None, None)


def surroundings(task: Path) -> Surroundings:
    """Of a task's folder. Nothing where it has no history."""
    return about(task / HISTORY, _told, Surroundings())


def _told(history: Any) -> Surroundings:
    models: list[Model] = []
    project = None
    for at, block in _blocks(history):
        named, folder = re.findall(_MODEL, block), re.search(_FOLDER, block)
        if named:
            models.append(Model(at, named[-1].strip()))
        if folder and project is None:
            project = folder[1]
    return Surroundings(tuple(models), project)


def _blocks(history: Any) -> Iterator[tuple[int, str]]:
    """Each with the time of the message before: a request is shown before its own message is put down."""
    before = 0
    for message in map(mapping, listed(history)):
        content = message.get("content")
        texts = [content] if isinstance(content, str) else [mapping(one).get("text") for one in listed(content)]
        for text in map(word, texts):
            if message.get("role") == "user" and text and text.lstrip().startswith(_BEGIN):
                yield before, text.partition(_END)[0]
        before = instant(message.get("ts")) or before
