"""Kimi CLI's wires: `sessions/<md5 of the folder>/<session>/wire.jsonl`, a line an event; a sub-agent's below `subagents/`.

A step's usage stands in its `StatusUpdate`. That of a sub-agent stands in its own wire and again, a moment later, inside a
`SubagentEvent` of its parent's; forks copy the parent's lines and leave the sub-agents' files. The message's id makes all of
them one call. The wire never names the model: a sub-agent's stands beside its wire, else it is the one in the settings,
where they were last changed before the call. Compactions and side questions are logged nowhere.
"""

from __future__ import annotations

import re
from functools import cached_property
from hashlib import md5
from pathlib import Path
from typing import Any, NamedTuple

from app.machine import Machine
from app.model.path import real
from app.model.usage import Occurrence, Standing, Tokens
from app.shapes.fields import count, mapping, record_of, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_NESTED = "SubagentEvent"
_DEEPEST = 20
"""Sub-agents of sub-agents."""


class _Settings(NamedTuple):
    """As much of `config.toml` as says which model works; the keys beside it are nobody's business."""

    changed: float
    """ms since 1970 UTC."""
    default: str | None
    models: dict[str, str]


class _Wire(Records):
    needles = re.compile(rb'"(?:token_usage|CompactionEnd)"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        message, agent = mapping(record.get("message")), self._agent
        for _ in range(_DEEPEST):
            if message.get("type") != _NESTED:
                break
            inside = mapping(message.get("payload"))
            agent = next(filter(None, map(word, map(inside.get, ("agent_id", *_ASKED_BY)))), agent)
            message = mapping(inside.get("event"))
        at = self.when(record.get("timestamp"))
        if message.get("type") == "StatusUpdate":
            self._status(mapping(message.get("payload")), agent, at, offset)
        elif message.get("type") == "CompactionEnd" and agent == self._agent:
            self.kept["compacted"] = at
            self._compacted(at, None)

    def _status(self, said: dict[str, Any], agent: str | None, at: int, offset: int) -> None:
        usage, context = mapping(said.get("token_usage")), count(said.get("context_tokens"))
        own = agent == self._agent
        compacted = self.kept.pop("compacted", None) if own else None
        if not usage:
            if compacted is not None and context:
                self._compacted(compacted, context)
            return
        if own:
            self.kept["context"] = context
        tokens = Tokens(*(count(usage.get(name)) for name in _COUNTS), output=count(usage.get("output")))
        ident = word(said.get("message_id"))
        self.learn(self._session, main=self._agent is None, project=self._project)
        self.add(
            call(
                *("kimi_cli", ident or agent or at, *tokens),
                session=self._session,
                subagent=agent,
                standing=Standing.OWN if own else Standing.SIDE,  # in a fork nothing tells the sub-agent's model
                at=at,
                model=self._model_of(agent, at),
                tokens=tokens,
                context=context or None,
                window=count(said.get("max_context_tokens")) or None,
                offset=offset,
                native=ident,
            )
        )

    def _compacted(self, at: int, after: int | None) -> None:
        before = self.kept.get("context") or None
        self.happened(Occurrence(self._session, self._agent, at, "compaction", before, after, None))

    # --- what the place of the file says, and what lies beside it

    @property
    def _agent(self) -> str | None:
        folder = self.path.parent
        return folder.name if folder.parent.name == "subagents" else None

    @cached_property
    def _folder(self) -> Path:
        folder = Path(real(str(self.path))).parent
        return folder.parent.parent if self._agent else folder

    @property
    def _session(self) -> str:
        return (self.path.parent.parent.parent if self._agent else self.path.parent).name

    @property
    def _home(self) -> Path:
        return self._folder.parent.parent.parent

    @cached_property
    def _project(self) -> str | None:
        known = _object_in(self._home / "kimi.json").get("work_dirs")
        paths = [word(mapping(one).get("path")) for one in known] if isinstance(known, list) else []
        wanted = self._folder.parent.name.rpartition("_")[2]
        return next((path for path in paths if path and _digest(path) == wanted), None)

    def _model_of(self, agent: str | None, at: int) -> str | None:
        launched = self._launched(agent) if agent else None
        if launched:
            return self._settings.models.get(launched, launched)
        current = self._settings.default if self._settings.changed <= at else None
        return self._settings.models.get(current, current) if current else None

    def _launched(self, agent: str) -> str | None:
        specs = self._specs
        if agent not in specs:
            spec = mapping(_object_in(self._folder / "subagents" / Path(agent).name / "meta.json").get("launch_spec"))
            specs[agent] = word(spec.get("model_override")) or word(spec.get("effective_model"))
        return specs[agent]

    @cached_property
    def _specs(self) -> dict[str, str | None]:
        return {}

    @cached_property
    def _settings(self) -> _Settings:
        return _settings_in(self._home / "config.toml")


_ASKED_BY = ("parent_tool_call_id", "task_tool_call_id")
"""What names a sub-agent in wires from before it had an id and a file."""
_COUNTS = ("input_other", "input_cache_read", "input_cache_creation")


def _digest(path: str) -> str:
    return md5(path.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def _object_in(file: Path) -> dict[str, Any]:
    try:
        return record_of(file.read_bytes()) or {}
    except OSError:
        return {}


def _settings_in(file: Path) -> _Settings:
    import tomllib  # only who uses Kimi CLI pays for it

    try:
        changed, found = file.stat().st_mtime * 1000, tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return _Settings(0, None, {})
    named = {alias: word(mapping(one).get("model")) for alias, one in mapping(found.get("models")).items()}
    models = {alias: model for alias, model in named.items() if model}
    return _Settings(changed, word(found.get("default_model")), models)


def _window(model: str | None, logged: int | None, highest: int | None, machine: Machine) -> int | None:
    return logged


SOURCE = Source(
    id="kimi_cli",
    title="Kimi CLI",
    mark="Km",
    color="other",
    version=VERSION,
    roots=lambda machine: [home / "sessions" for home in machine.folders("KIMI_SHARE_DIR") or [machine.home / ".kimi"]],
    owns=lambda relative: relative.rpartition("/")[2] == "wire.jsonl",
    read=lambda path, cursor: read_lines("kimi_cli", VERSION, path, cursor, _Wire),
    window=_window,
    compacts=lambda window: min(window * 85 // 100, window - 50_000) if window > 50_000 else None,
    cache_lifetime=lambda _: None,
)
