"""Cline until 3.x: a folder a task, in the editor's storage or below `~/.cline/data`. Later ones only read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from app.model.usage import Batch, Cursor
from app.shapes.beside import about
from app.shapes.fields import instant, listed, mapping, word
from app.shapes.surroundings import Model, surroundings
from app.shapes.tasks import Asked, Beside, Dialect, read_task

_METADATA, _INDEX = "task_metadata.json", "state/taskHistory.json"
_CACHE_INSIDE = frozenset(
    ("openai", "litellm", "xai", "zai", "lmstudio", "doubao", "fireworks", "qwen", "hicap", "oca", "openai-codex")
)
"""Providers whose tokens sent hold those read from the cache, as of 3.69."""


class _Noted(NamedTuple):
    """What the index says of a task."""

    project: str | None
    model: str | None


def read(source: str, version: int, path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_task(Dialect(source, _beside, _fresh), version, path, cursor)


def _beside(task: Path) -> Beside:
    noted = about(task.parent.parent / _INDEX, _index, {}).get(task.name, _Noted(None, None))
    models = about(task / _METADATA, _used, ())
    if models and noted.project:
        return Beside(models, noted.project)
    said = surroundings(task)
    named = (Model(0, noted.model),) if noted.model else ()
    return Beside(models or said.models or named, noted.project or said.project)


def _used(metadata: Any) -> tuple[Model, ...]:
    found: list[Model] = []
    for one in map(mapping, listed(mapping(metadata).get("model_usage"))):
        model, provider = word(one.get("model_id")), word(one.get("model_provider_id"))
        if model:
            found.append(Model(instant(one.get("ts")) or 0, model, provider))
    return tuple(sorted(found, key=lambda one: one.since))


def _index(history: Any) -> dict[str, _Noted]:
    items = map(mapping, listed(history))
    return {
        str(one.get("id")): _Noted(word(one.get("cwdOnTaskInitialization")), word(one.get("modelId"))) for one in items
    }


def _fresh(asked: Asked) -> int:
    inside = asked.provider in _CACHE_INSIDE and asked.read <= asked.sent
    return asked.sent - asked.read if inside else asked.sent
