"""Mistral Vibe's `logs/session/<session>/meta.json`, rewritten at each save, and its sub-agents' below `agents/`.

It holds running totals, the cache inside what was sent, and cached tokens apart only since summer 2026. A compaction goes on
in a new folder with its parent's totals in its own; a session that is resumed begins at zero in the old one; a fork copies
messages and begins at zero, too. The cost it states is its prices times all of it: the most it can have been.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.path import real
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, dollars, instant, mapping, record_of, word
from app.shapes.gathering import BOOKED, Gathered, call
from app.shapes.source import Source

VERSION = 1
_FIRST_LINE = 1 << 20
_TRIES = 100
"""Readings after which a parent is not waited for any longer: about an hour."""
_DEEPEST = 20
"""Sub-agents of sub-agents."""
_META, _BELOW = "meta.json", "agents"


def _document(found: dict[str, Any], gathered: Gathered) -> None:
    meta = mapping(found.get("metadata")) or found  # until Vibe 2.0 one file held it beside the messages
    stats, folder = mapping(meta.get("stats")), Path(real(str(gathered.path))).parent
    ident = word(meta.get("session_id")) or folder.name
    total, cost = _total(stats), dollars(stats.get("session_cost")) or 0
    known = gathered.kept.get(BOOKED, {}).get(ident)
    last = _total({f"session_{name}": stats.get(f"last_turn_{name}") for name in _COUNTS})
    if known is None:
        before = _carried_on(folder, word(meta.get("parent_session_id")))
        if before is None and gathered.kept.setdefault("tries", 0) < _TRIES:
            gathered.kept["tries"] += 1
            gathered.again = True
            return
        if before is None:
            gathered.skip("compaction whose session is gone: its last turn only")
            _grown(gathered, ident, Tokens(*(max(0, one - its) for one, its in zip(total, last, strict=True))), cost)
        else:
            _grown(gathered, ident, _total(before), dollars(before.get("session_cost")) or 0)
    grown, paid = _grown(gathered, ident, total, cost)
    if grown is None:
        return
    asked_by = _asked_by(folder)
    session = asked_by or ident
    model, provider = _served_by(meta)
    one = grown == last
    split = "session_cached_tokens" in stats
    gathered.learn(
        session,
        main=asked_by is None,
        project=word(mapping(meta.get("environment")).get("working_directory")),
        branch=word(meta.get("git_branch")),
    )
    gathered.add(
        call(
            *("mistral_vibe", ident, *total),
            session=session,
            subagent=ident if asked_by else None,
            at=instant(meta.get("end_time")) or instant(meta.get("start_time")) or gathered.written,
            model=model,
            tokens=grown._replace(input=max(0, grown.input - grown.cache_read)),
            provider=provider,
            reported=paid or None,
            context=count(stats.get("context_tokens")) or None,
            evidence=("A" if split else "B") if one else "C",
        )
    )


_COUNTS = ("prompt_tokens", "cached_tokens", "completion_tokens")


def _total(stats: dict[str, Any]) -> Tokens:
    """As it counts: the cache is inside `input` here."""
    sent, cached, output = (count(stats.get(f"session_{name}")) for name in _COUNTS)
    return Tokens(sent, min(cached, sent), 0, 0, output)


def _grown(gathered: Gathered, ident: str, total: Tokens, cost: int) -> tuple[Tokens | None, int]:
    """Tokens and nano-dollars. A dearer or cheaper model changes the cost of what was counted before: no more than that."""
    booked = gathered.kept.get(BOOKED, {}).get(ident, [0] * len(total))
    again = any(now < then for now, then in zip(total, booked, strict=True))
    spent = Tokens(cost)
    name = f"{ident}\x1f$"
    paid = gathered.growth(name, spent if again else gathered.most(name, spent))
    return gathered.growth(ident, total), paid.input if paid else 0


def _carried_on(folder: Path, parent: str | None) -> dict[str, Any] | None:
    """What a compaction took over from its parent: its first message is what was compacted. None where that is gone."""
    if parent is None or not _begins_injected(folder / "messages.jsonl"):
        return {}
    for meta in sorted(folder.parent.glob(f"*_{parent[:8]}/{_META}")):
        found = _object_in(meta)
        before = mapping(found.get("stats"))
        if found.get("session_id") == parent:
            return before  # the child's are larger, or it was resumed since: a total that fell began anew
    return None


def _begins_injected(messages: Path) -> bool:
    try:
        with open(messages, "rb") as file:
            return (record_of(file.readline(_FIRST_LINE)) or {}).get("injected") is True
    except OSError:
        return False


def _asked_by(folder: Path) -> str | None:
    """The session that a sub-agent works for, the outermost."""
    above = None
    for _ in range(_DEEPEST):
        if folder.parent.name != _BELOW:
            break
        folder = above = folder.parent.parent
    return _named(above) if above else None


@lru_cache(1_024)
def _named(folder: Path) -> str:
    return word(_object_in(folder / _META).get("session_id")) or folder.name


def _object_in(file: Path) -> dict[str, Any]:
    try:
        return record_of(file.read_bytes()) or {}
    except OSError:
        return {}


def _served_by(meta: dict[str, Any]) -> tuple[str | None, str | None]:
    """The model that is set now, by its real name, and who serves it."""
    config = mapping(meta.get("config"))
    active, models = word(config.get("active_model")), config.get("models")
    for one in map(mapping, models if isinstance(models, list) else ()):  # pyright: ignore[reportUnknownArgumentType]
        if active and active in (one.get("alias"), one.get("name")):
            return word(one.get("name")), word(one.get("provider"))
    return word(meta.get("model")) or active, None


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_document("mistral_vibe", VERSION, path, cursor, record_of, _document)


def _roots(machine: Machine) -> Iterable[Path]:
    return [home / "logs" / "session" for home in machine.folders("VIBE_HOME") or [machine.home / ".vibe"]]


def _owns(relative: str) -> bool:
    folder, _, name = relative.rpartition("/")
    return name == _META if folder else name.startswith("session_") and name.endswith(".json")


SOURCE = Source(
    id="mistral_vibe",
    title="Mistral Vibe",
    mark="Vi",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=_read,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    evidence="ABC",
    states_cost=True,
    exact="Keep Cuenta running: Vibe writes over a session's totals, and what was added is then booked at its own time.",
    verified=False,
)
