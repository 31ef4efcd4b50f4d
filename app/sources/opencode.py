"""OpenCode's messages: rows of `opencode.db` since February 2026, before that a file each, which stay where they were.

A message is written when its answer begins and again at each step's end: its tokens are those of the last step, its cost
that of all. Migration copies it from its file into the database under its id, a fork of the session under a new one. Both
keep its times, model, tokens and cost, and by these it is one call wherever it stands. Forks of the program kept its store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from app.machine import Machine
from app.model.path import real
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.database import Base, read_database, unfinished
from app.shapes.document import read_document
from app.shapes.fields import count, dollars, instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_WANTED = ("id", "session_id", "data")
_GIVEN_UP = 3_600_000
"""ms after which an answer that never ended is taken as it stands."""
_STEP = "step-finish"
_DEEPEST = 20
"""Sub-agents of sub-agents."""
_LARGEST_PART = 65_536
"""Bytes: what ends a step is a line of counts."""
_FIRST_COLUMN = "SELECT name FROM pragma_index_info(?) WHERE seqno = 0"
_COUNTS = ("input", "output", "reasoning", "read", "write", "total")


class _Session(NamedTuple):
    """What is known of the session a message stands in; a sub-agent's belongs to its root."""

    root: str
    project: str | None
    version: str | None


# --- the database


def _rows(base: Base, gathered: Gathered) -> None:
    has_parts, known = _finds_parts(base), dict[str, _Session]()
    for row, ident, session, data in base.new_rows("message", _WANTED, gathered):
        message = record_of(str(data).encode())
        if message is None or not word(ident) or not word(session):
            gathered.skip("not JSON")
        elif message.get("role") == "assistant":
            if session not in known:
                known[session] = _session_of(base, session)
            steps = _steps_of(base, ident) if has_parts else ()
            if not _answer(gathered, message, steps, ident, session, known[session], row):
                unfinished(gathered, "message", row)


def _finds_parts(base: Base) -> bool:
    """Only by an index: each message would otherwise walk through all parts there are."""
    indexes = [name for (name,) in base.ask("SELECT name FROM pragma_index_list('part')")]
    columns = [name for index in indexes for (name,) in base.ask(_FIRST_COLUMN, index)]
    return "message_id" in columns


def _steps_of(base: Base, message: str) -> Iterator[object]:
    for (data,) in base.ask("SELECT data FROM part WHERE message_id = ? AND data LIKE '%step-finish%'", message):
        yield record_of(str(data).encode())


def _session_of(base: Base, session: str) -> _Session:
    if not {"id", "parent_id", "directory", "version"} <= base.columns("session"):
        return _Session(session, None, None)
    found = _Session(session, None, None)
    for _ in range(_DEEPEST):
        rows = [*base.ask("SELECT parent_id, directory, version FROM session WHERE id = ?", found.root)]
        if not rows:
            break
        parent, folder, version = rows[0]
        found = _Session(found.root, word(folder) or found.project, word(version) or found.version)
        if not word(parent):
            break
        found = found._replace(root=parent)
    return found


# --- one file a message


def _file(message: dict[str, Any], gathered: Gathered) -> None:
    if message.get("role") != "assistant":
        return
    ident = word(message.get("id")) or gathered.path.stem
    session = word(message.get("sessionID")) or gathered.path.parent.name
    place = Path(real(str(gathered.path)))
    known = _session_in(place.parents[2], session)
    if known.project is None:
        known = known._replace(project=word(mapping(message.get("path")).get("root")))
    if not _answer(gathered, message, _steps_in(place.parents[2] / "part", session, ident), ident, session, known, 0):
        gathered.again = True


def _steps_in(parts: Path, session: str, message: str) -> Iterator[object]:
    for folder in (parts / message, parts / session / message):
        for file in sorted(folder.glob("*.json")):
            yield _object_in(file)


@lru_cache(4_096)
def _session_in(storage: Path, session: str) -> _Session:
    """A file per session, below a folder per project: looked for once, not for each of its messages."""
    found = _Session(session, None, None)
    for _ in range(_DEEPEST):
        files = [*storage.glob(f"session/*/{found.root}.json"), *storage.glob(f"info/{found.root}.json")]
        facts = _object_in(files[0]) if files else {}
        folder, version, parent = (word(facts.get(name)) for name in ("directory", "version", "parentID"))
        found = _Session(parent or found.root, folder or found.project, version or found.version)
        if not parent:
            break
    return found


def _object_in(file: Path) -> dict[str, Any]:
    try:
        return (record_of(file.read_bytes()) if file.stat().st_size < _LARGEST_PART else None) or {}
    except OSError:
        return {}


# --- a message, wherever it stood


def _counts(tokens: dict[str, Any], provider: str | None) -> Tokens:
    """`input` is without the cache. Whether reasoning stands beside the output or inside it, the total tells; builds until
    February 2026 wrote none, and there the output held it, but for Google's models.
    """
    cache = mapping(tokens.get("cache"))
    values = {**tokens, "read": cache.get("read"), "write": cache.get("write")}
    sent, output, reasoning, read, write, total = (count(values.get(name)) for name in _COUNTS)
    inside = total == sent + output + read + write if total else not (provider or "").startswith("google")
    return Tokens(sent, read, write, 0, output if inside and reasoning <= output else output + reasoning, reasoning)


def _answer(
    gathered: Gathered,
    message: dict[str, Any],
    parts: Iterable[object],
    ident: str,
    session: str,
    known: _Session,
    offset: int,
) -> bool:
    """Tells the call; False while the answer is still being written."""
    time = mapping(message.get("time"))
    began, ended = instant(time.get("created")), instant(time.get("completed"))
    at = began if began is not None else gathered.file_time
    if ended is None and not message.get("error") and gathered.now - at < _GIVEN_UP:
        return False
    model, provider = word(message.get("modelID")), word(message.get("providerID"))
    steps = [
        _counts(mapping(part.get("tokens")), provider) for part in map(mapping, parts) if part.get("type") == _STEP
    ]
    last = _counts(mapping(message.get("tokens")), provider)
    tokens = Tokens(*map(sum, zip(*steps, strict=True))) if len(steps) > 1 or (steps and not last.total) else last
    cost = dollars(message.get("cost"))
    gathered.learn(known.root, project=known.project, version=known.version)
    gathered.add(
        call(
            *("opencode", time.get("created"), time.get("completed"), provider, model, *last, cost),
            *(() if ended is not None else (ident,)),
            session=known.root,
            subagent=None if known.root == session else session,
            at=at,
            model=model,
            tokens=tokens,
            provider=provider,
            reported=cost,
            context=None if message.get("summary") is True else last.total or None,
            offset=offset,
            native=ident,
            finished=ended is not None,
        )
    )
    return True


def _agent(ident: str, title: str, mark: str, *, variable: str | None = None, color: str = "other") -> Source:
    """OpenCode or a fork of it: folder and database bear its name; a fork that was not yet renamed wrote `opencode.db`."""
    names = (ident, "opencode")

    def data(machine: Machine) -> Path:
        """The same on every system."""
        return Path(machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share") / ident

    def shallow(machine: Machine) -> Iterator[Path]:
        yield data(machine)
        named = machine.variable(variable) if variable else None
        if named and machine.path(named).is_absolute():
            yield machine.path(named).parent

    def owns(relative: str) -> bool:
        name = relative.rpartition("/")[2]
        if name.endswith(".db"):
            return name.startswith(names)
        return name.startswith("msg_") and name.endswith(".json")

    def read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
        if path.suffix == ".db":
            return read_database(ident, VERSION, path, cursor, _rows)
        return read_document(ident, VERSION, path, cursor, record_of, _file)

    return Source(
        id=ident,
        title=title,
        mark=mark,
        color=color,
        version=VERSION,
        roots=lambda machine: [data(machine) / below for below in _MESSAGES],
        shallow=shallow,
        owns=owns,
        is_database=lambda name: name.endswith(".db"),
        read=read,
        verified=False,
        window=lambda model, logged, highest, machine: logged,
        compacts=lambda _: None,
        cache_lifetime=lambda _: None,
        states_cost=True,
    )


_MESSAGES = ("storage/message", "storage/session/message", "project")
SOURCE = _agent("opencode", "OpenCode", "Oc", variable="OPENCODE_DB", color="opencode")
KILO = _agent("kilo", "Kilo", "Kl", variable="KILO_DB")
MIMO_CODE = _agent("mimocode", "MiMoCode", "Mi")
ICODE_MATE = _agent("icodemate", "IcodeMate", "Ic")
