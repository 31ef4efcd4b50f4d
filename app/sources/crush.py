"""Crush's `crush.db`, one a project: `.crush` inside it or where its settings say, named in a registry of projects.

A session's row holds its cost, which grows, and the tokens of its last call, which are written over: the size of the context
is known, and what was used is not. A sub-agent's cost is added to its parent's when it ends. A flat rate costs 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.database import Base, read_database
from app.shapes.fields import count, dollars, instant, mapping, record_of, word
from app.shapes.gathering import BOOKED, Gathered, call
from app.shapes.source import Source

VERSION = 1
_ASKED = (
    "SELECT id, prompt_tokens, completion_tokens, cost, created_at, updated_at FROM sessions"
    " WHERE parent_session_id IS NULL"
)
_MODELS = (
    "SELECT DISTINCT model, provider FROM messages"
    " WHERE session_id = ? AND role = 'assistant' AND updated_at >= ? AND model <> '' LIMIT 2"
)
UNTOLD = "session without a cost"


def _sessions(base: Base, gathered: Gathered) -> None:
    """All of them: there are few, and each is written over."""
    if not {"prompt_tokens", "cost", "parent_session_id"} <= base.columns("sessions"):
        return
    served = "provider" in base.columns("messages")
    for ident, prompt, completion, cost, created, updated in base.ask(_ASKED):
        if not word(ident):
            continue
        new, spent = ident not in gathered.kept.get(BOOKED, {}), dollars(cost) or 0
        total = gathered.most(ident, Tokens(spent))  # nano-dollars: a running total like any other
        grown = gathered.growth(ident, total)
        if grown is None:
            if new and not spent and count(prompt) + count(completion):
                gathered.skip(UNTOLD)
            continue
        since = 0 if new else gathered.kept.get("seen", {}).get(ident, 0)
        models = [*base.ask(_MODELS, ident, since)] if served else []
        model, provider = map(word, models[0]) if len(models) == 1 else (None, None)
        gathered.kept.setdefault("seen", {})[ident] = count(updated)
        gathered.learn(ident, project=_project(gathered.path))
        gathered.add(
            call(
                *("crush", ident, *total),
                session=ident,
                at=instant(updated) or instant(created) or gathered.written,
                model=model,
                tokens=Tokens(),
                provider=provider,
                reported=grown.input,
                context=count(prompt) + count(completion) or None,
                evidence="C",
            )
        )


def _project(database: Path) -> str | None:
    return str(database.parent.parent) if database.parent.name == ".crush" else None


def _registered(machine: Machine) -> Iterator[Path]:
    """The folder of the registry, where a new project turns up, and those with a database as far as it knows: a list of
    projects, with or without a name, or by their ids.
    """
    local = machine.variable("LOCALAPPDATA") if machine.system == "win32" else None
    shared = machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share"
    home = machine.variable("CRUSH_GLOBAL_DATA")
    file = (machine.path(home) if home else Path(local or shared) / "crush") / "projects.json"
    yield file.parent
    try:
        found = record_of(b'{"projects":%b}' % file.read_bytes())
    except OSError:
        return
    listed = (found or {}).get("projects")
    listed = mapping(listed).get("projects", listed)
    for one in map(mapping, listed if isinstance(listed, list) else mapping(listed).values()):  # pyright: ignore[reportUnknownArgumentType]
        project, data = word(one.get("path")), word(one.get("data_dir"))
        if project:
            yield machine.path(project) / ".crush"
        if data:
            yield machine.path(project or "") / machine.path(data)


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_database("crush", VERSION, path, cursor, _sessions)


SOURCE = Source(
    id="crush",
    title="Crush",
    mark="Cr",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_registered,
    owns=lambda relative: relative == "crush.db",
    is_database=lambda name: name.endswith(".db"),
    read=_read,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda window: window - 20_000 if window > 200_000 else window * 4 // 5,
    cache_lifetime=lambda _: None,
    evidence="C",
    states_cost=True,
    exact="Crush keeps what a session costs and how full its context is: it says nowhere how many tokens were used.",
    verified=False,
)
