"""OpenTelemetry in files: requests that a collector, an SDK or an agent's own exporter wrote down, in Cuenta's folder `otel`
or in one that the user adds.

Nothing listens for them: whoever sends telemetry lets a collector write it to a file. What an agent logs by itself is
counted there, and here only what no other source tells.
"""

from __future__ import annotations

from app.shapes.otel.files import read_telemetry
from app.shapes.source import Source
from app.sources.otel.vendors import Log

VERSION = 1
_ENDINGS = (".jsonl", ".json", ".ndjson", ".log")


def _owns(relative: str) -> bool:
    """Copilot Chat's own files in it are that agent's."""
    name = relative.rpartition("/")[2]
    return name.endswith(_ENDINGS) and not name.startswith("copilot-chat")


SOURCE = Source(
    id="otel",
    title="OpenTelemetry",
    mark="OT",
    color="other",
    version=VERSION,
    roots=lambda machine: [machine.data / "otel"],
    owns=_owns,
    read=lambda path, cursor: read_telemetry("otel", VERSION, path, cursor, Log),
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    verified=False,
    evidence="ABC",
    states_cost=True,
    exact="Export spans or log records, not metrics alone, and the cache's counts (semantic conventions 1.40 or later).",
)
