"""OpenTelemetry in files: requests that a collector, an SDK or an agent's own exporter wrote down, in Cuenta's folder `otel`
or in one that the user adds.

Nothing listens for them: whoever sends telemetry lets a collector write it to a file. What an agent logs by itself is
counted there, and here only what no other source tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Batch, Cursor
from app.shapes.source import Source

VERSION = 1
_ENDINGS = (".jsonl", ".json", ".ndjson", ".log")


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    from app.shapes.otel.files import read_telemetry  # 3 ms that only those pay who have such a file
    from app.sources.otel.vendors import Log

    return read_telemetry("otel", VERSION, path, cursor, Log)


def _exports(machine: Machine) -> Iterator[tuple[str, str]]:
    from app.sources.otel.exports import exports

    return exports(machine)


SOURCE = Source(
    id="otel",
    title="OpenTelemetry",
    mark="OT",
    color="other",
    version=VERSION,
    roots=lambda machine: [machine.data / "otel"],
    owns=lambda relative: relative.endswith(_ENDINGS),
    read=_read,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    exports=_exports,
    verified=False,
    secondhand=True,
    evidence="ABC",
    states_cost=True,
    exact="Export spans or log records, not metrics alone, and the cache's counts (semantic conventions 1.40 or later).",
)
