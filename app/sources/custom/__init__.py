"""Logs that the user describes in `sources.user.toml` in Cuenta's folder: any program's, as JSON lines, JSON or CSV.

```toml
[[source]]
name = "My proxy"
files = "~/proxy/logs/**/*.jsonl"  # a folder, and a pattern below it
format = "json-lines"              # or "json" or "csv"
records = "data"                   # json: what leads to the list of records, where they are not the document itself
time_unit = "ms"                   # s, ms, us or ns; left out for ISO 8601, and for numbers whose size tells it
inside = { cache_read = "input", reasoning = "output" }  # what is part of another kind; all else stands beside it

[source.fields]                    # what leads to each value, with dots between the names
time = "created_at"
model = "model"
input = "usage.prompt_tokens"
cache_read = "usage.prompt_tokens_details.cached_tokens"
output = "usage.completion_tokens"
```
Fields are time, model, provider, id, session, project, input, cache_read, cache_write, output, reasoning and cost (dollars).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.machine import Machine
from app.model.usage import Batch, Cursor
from app.shapes.source import Source

if TYPE_CHECKING:
    from app.sources.custom.declared import Declared

VERSION = 1
NAME = "sources.user.toml"
_asked: list[Machine] = []
"""Whose file it was, when folders were asked for. A helper that was started anew finds the usual one by itself."""


def _declared() -> tuple[Declared, ...]:
    """None where the file is broken: `amiss` says so, and the other sources go on."""
    machine = _asked[0] if _asked else Machine.here()
    if not (machine.data / NAME).exists():
        return ()
    from app.sources.custom.declared import BrokenError, declared

    try:
        return declared(machine.data / NAME, machine.home)
    except (BrokenError, OSError):
        return ()


def _amiss(machine: Machine) -> tuple[str, str] | None:
    if not (machine.data / NAME).exists():
        return None
    from app.sources.custom.declared import BrokenError, declared

    try:
        declared(machine.data / NAME, machine.home)
    except BrokenError as error:
        return str(machine.data / NAME), str(error)
    except OSError as error:
        return str(machine.data / NAME), f"it can't be read: {error.strerror or error}."
    return None


def _roots(machine: Machine) -> Iterator[Path]:
    if not _asked or _asked[0].data != machine.data:
        _asked[:] = [machine]
    yield from dict.fromkeys(one.base for one in _declared())


def _owns(relative: str) -> bool:
    return any(one.fits(relative) for one in _declared())


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    from app.sources.custom.reading import read

    return read(path, cursor, _declared(), VERSION)


SOURCE = Source(
    id="custom",
    title="Custom logs",
    mark="Ct",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=_read,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    verified=False,
    evidence="AB",
    states_cost=True,
    amiss=_amiss,
    exact="Name the field with what was read from the cache, as `cache_read`.",
)
