"""Zed's agent threads: rows of `threads/threads.db`, each written anew at every save, its JSON packed with zstd.

A thread holds the total of all its requests, and the last request of each prompt. Builds of autumn 2025 to June 2026 left
the total empty: there the requests that are known are the least that was used. Neither says when a request was made: what a
thread has grown by is booked at its last save, to the model it has by then. Agents that Zed hosts write logs of their own.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.database import LONGEST, Base, read_database
from app.shapes.fields import count, instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_BESIDE = ("parent_id", "folder_paths")
"""Columns that were added later."""
_COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
_ROWS = 300
"""Threads after which a batch is handed over."""
LOWER_BOUND = "thread with the last request of each prompt only"


def _threads(base: Base, gathered: Gathered) -> None:
    """Those saved since the newest that was read, that one included: two saves may bear one time."""
    columns = base.columns("threads")
    if not {"id", "updated_at", "data_type", "data"} <= columns:
        return
    beside = ", ".join(name if name in columns else "NULL" for name in _BESIDE)
    wanted = (
        f"SELECT id, updated_at, data_type, data, {beside} FROM threads WHERE updated_at >= ? ORDER BY 2 LIMIT {_ROWS}"
    )
    before, taken = gathered.kept.get("saved", ""), 0
    for ident, saved, kind, data, parent, folders in base.ask(wanted, before):
        taken += 1
        thread = record_of(_unpacked(kind, data))
        if thread is None or not word(ident) or not word(saved):
            gathered.skip("not JSON")
            continue
        gathered.kept["saved"] = saved
        _thread(gathered, thread, ident, word(parent), word(folders), instant(saved) or gathered.written)
    gathered.more = taken == _ROWS and gathered.kept.get("saved", "") != before


def _unpacked(kind: object, data: object) -> bytes:
    raw = data.encode() if isinstance(data, str) else data if isinstance(data, bytes) else b""
    if kind != "zstd":
        return raw
    import zstandard  # most people have no Zed

    try:
        # Zed's frames do not say how long they are unpacked: only the stream reader has a limit of its own.
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)) as unpacked:
            return unpacked.read(LONGEST)
    except zstandard.ZstdError:
        return b""


def _thread(
    gathered: Gathered, thread: dict[str, Any], ident: str, parent: str | None, folders: str | None, at: int
) -> None:
    known, newest = _requests(thread)
    whole = _tokens(thread.get("cumulative_token_usage"))
    total = gathered.most(ident, Tokens(*map(max, known, whole)))
    grown = gathered.growth(ident, total)
    if grown is None:
        return
    if not whole.total:
        gathered.skip(LOWER_BOUND)
    model, session = mapping(thread.get("model")), parent or ident
    gathered.learn(session, main=parent is None, project=(folders or "").split("\n")[0])
    gathered.add(
        call(
            *("zed", ident, *total),
            session=session,
            subagent=None if parent is None else ident,
            at=at,
            model=word(model.get("model")),
            tokens=grown,
            provider=word(model.get("provider")),
            context=newest.total or None,
            evidence="C",
        )
    )


def _requests(thread: dict[str, Any]) -> tuple[Tokens, Tokens]:
    """(sum of the requests that are known, the newest of them)."""
    found = thread.get("request_token_usage")
    if isinstance(found, list):  # until autumn 2025: one for each message, in their order
        each = [_tokens(one) for one in found]  # pyright: ignore[reportUnknownVariableType]
        newest = next((one for one in reversed(each) if one.total), Tokens())
    else:
        by_prompt = {prompt: _tokens(one) for prompt, one in mapping(found).items()}
        each = list(by_prompt.values())
        newest = next((by_prompt[one] for one in _prompts(thread) if by_prompt.get(one, Tokens()).total), Tokens())
    return Tokens(*map(sum, zip(Tokens(), *each, strict=True))), newest


def _prompts(thread: dict[str, Any]) -> Iterator[str]:
    """Ids of the user's messages, newest first: the map of their requests has no order."""
    messages = thread.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):  # pyright: ignore[reportUnknownArgumentType]
        ident = word(mapping(mapping(message).get("User")).get("id"))
        if ident:
            yield ident


def _tokens(usage: object) -> Tokens:
    facts = mapping(usage)
    sent, read, written, output = (count(facts.get(name)) for name in _COUNTS)
    return Tokens(sent, read, written, 0, output)


def _roots(machine: Machine) -> Iterator[Path]:
    if machine.system == "darwin":
        yield machine.home / "Library" / "Application Support" / "Zed" / "threads"
    elif machine.system == "win32":
        local = machine.variable("LOCALAPPDATA")
        yield (Path(local) if local else machine.home / "AppData" / "Local") / "Zed" / "threads"
    else:
        yield Path(machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share") / "zed" / "threads"
        yield machine.home / ".var" / "app" / "dev.zed.Zed" / "data" / "zed" / "threads"


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_database("zed", VERSION, path, cursor, _threads)


SOURCE = Source(
    id="zed",
    title="Zed",
    mark="Ze",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_roots,
    owns=lambda relative: relative == "threads.db",
    is_database=lambda name: name.endswith(".db"),
    read=_read,
    evidence="C",
    exact="Keep Cuenta running: Zed keeps only a thread's total, and what was added to it is then booked to its own day.",
    verified=False,
)
