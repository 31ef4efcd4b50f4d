"""Antigravity's conversations, of the IDE and of `agy`: a database each, with a row of protocol buffers for each request.

There is no published schema: the numbers of the fields come from the descriptors in the program, checked on two databases
of agy's and on bills. The request's row holds its whole prompt, too, which is stepped over. The tokens in use that it
states (field 1.9.10) are an estimate made beforehand, 633 where 17,949 were sent: the context is what was sent. The same
conversation can lie in two of the folders. Older conversations, `.pb`, are encrypted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from app.model.usage import UNKNOWN_KIND, Batch, Cursor, Tokens
from app.shapes.database import Base, read_database, unfinished
from app.shapes.fields import instant
from app.shapes.gathering import Gathered, call
from app.shapes.protobuf import found, number_in, packed, text_in
from app.shapes.source import Source, Vendor
from app.shapes.vscode import path_of

VERSION = 1
_PLACES = ("antigravity", "antigravity-ide", "antigravity-cli")
_GIVEN_UP = 3_600_000
"""ms after which a request without counts is taken to have failed."""
_MOST = 2_000_000
"""More than any of the counts of one request."""
_USAGE, _MADE, _INDEX = (1, 4), (1, 9, 4), 2
_SENT, _OUTPUT, _WRITTEN, _READ, _THOUGHT, _VISIBLE, _RESPONSE = 2, 3, 4, 5, 9, 10, 11
_LIMIT = (1, 9, 10, 4)
_SLUG, _LABEL, _FULL = 19, 21, 22
_WORKSPACE = (1, 1)


class _Model(NamedTuple):
    name: str | None
    effort: str | None


def _requests(base: Base, gathered: Gathered) -> None:
    columns = base.columns("gen_metadata")
    if not {"idx", "data"} <= columns:
        return
    # Its size tells a row: after a rewind the same index stands for another request.
    telling = "size" if "size" in columns else "idx"
    for row, _, data in base.new_rows("gen_metadata", (telling, "data"), gathered):
        try:
            done = _request(base, gathered, memoryview(data), row)
        except (TypeError, ValueError):
            gathered.skip("not a message")
            continue
        if not done and gathered.now - gathered.written < _GIVEN_UP:
            unfinished(gathered, "gen_metadata", row)


def _request(base: Base, gathered: Gathered, data: memoryview, row: int) -> bool:
    """Tells the call; False where its row has no counts as yet."""
    usage = found(data, *_USAGE)
    if not isinstance(usage, memoryview):
        return False
    sent, output, written, read, thought, visible = (
        number_in(usage, field) for field in (_SENT, _OUTPUT, _WRITTEN, _READ, _THOUGHT, _VISIBLE)
    )
    if max(sent, output, written, read) >= _MOST or (thought and visible and output != thought + visible):
        gathered.skip(f"{UNKNOWN_KIND}counts that do not add up")
        return True
    session, response = gathered.path.stem, text_in(usage, _RESPONSE)
    tokens, model = Tokens(sent, read, written, 0, output, min(thought, output)), _model(data)
    gathered.learn(session, project=_folder(base))
    gathered.add(
        call(
            *(("antigravity", response) if response else ("antigravity", session, row)),
            session=session,
            at=_made(base, data) or gathered.written,
            model=model.name,
            effort=model.effort,
            tokens=tokens,
            context=tokens.prompt,
            window=number_in(data, *_LIMIT) or None,
            native=response,
        )
    )
    return True


def _made(base: Base, data: memoryview) -> int | None:
    """When the request was made; since agy 1.1.18 only its steps say."""
    made = _instant(data, *_MADE)
    if made is None and {"idx", "metadata"} <= base.columns("steps"):
        for step in packed(found(data, _INDEX)):
            for (metadata,) in base.ask("SELECT metadata FROM steps WHERE idx = ?", step):
                made = made or _instant(memoryview(metadata or b""), 1)
    return made


def _instant(message: memoryview, *path: int) -> int | None:
    stamp = found(message, *path)
    if not isinstance(stamp, memoryview):
        return None
    return instant(number_in(stamp, 1) + number_in(stamp, 2) / 1e9)


def _model(data: memoryview) -> _Model:
    """`Gemini 3.1 Pro (High)` is a model and how hard it thinks; a slug like `gemini-pro-default` only names a router."""
    full, label, slug = (text_in(data, 1, field) for field in (_FULL, _LABEL, _SLUG))
    name, _, effort = (label or "").partition(" (")
    named = full or name.lower().replace(" ", "-") or slug
    return _Model(named, effort.rstrip(")").lower() or None)


def _folder(base: Base) -> str | None:
    if not {"id", "data"} <= base.columns("trajectory_metadata_blob"):
        return None
    for (data,) in base.ask("SELECT data FROM trajectory_metadata_blob WHERE id = 'main'"):
        return path_of(text_in(memoryview(data or b""), *_WORKSPACE) or "")
    return None


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_database("antigravity", VERSION, path, cursor, _requests)


SOURCE = Source(
    id="antigravity",
    title="Antigravity",
    mark="Ag",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=lambda machine: [machine.home / ".gemini" / place / "conversations" for place in _PLACES],
    owns=lambda relative: relative.endswith(".db"),
    is_database=lambda name: name.endswith(".db"),
    read=_read,
    vendor=Vendor("google", "Google"),
    verified=False,
)
