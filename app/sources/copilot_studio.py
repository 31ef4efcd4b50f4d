"""GitHub Copilot in Visual Studio: traces in the folder of temporary files, OTLP as JSON, a line an export.

A conversation spreads over several files, one a run of Visual Studio, and a span is exported again while it grows: the
span's id is the call's, the copy with more output counts. The prompt holds what the cache gave, and nothing says how much.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Batch, Cursor
from app.shapes.source import Source

VERSION = 1
_PREFIX = "copilot_chat"


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    from app.model.identity import key_of
    from app.model.usage import Standing
    from app.shapes.gathering import Gathered
    from app.shapes.otel.chats import chat_call
    from app.shapes.otel.files import Telemetry, read_telemetry
    from app.shapes.otel.requests import Reader
    from app.shapes.otel.signals import Signal

    def request(gathered: Gathered, signal: Signal, at: int, offset: int) -> None:
        one = chat_call(gathered, signal, at, offset, "copilot_studio", _PREFIX)
        if one is not None and one.standing == Standing.OWN:
            gathered.add(one._replace(group=key_of("copilot_studio", signal.span), key=0, evidence="B"))

    class Traces(Telemetry):
        def reader_of(self, signal: Signal) -> Reader | None:
            studio = signal.resource.get("service.namespace") == "visualstudio" or "VSGitHubCopilot" in self.path.name
            return request if studio and signal.is_span else None

    return read_telemetry("copilot_studio", VERSION, path, cursor, Traces)


def _roots(machine: Machine) -> Iterator[Path]:
    local = Path(machine.variable("LOCALAPPDATA") or machine.home / "AppData" / "Local")
    if machine.system == "win32":
        yield local / "Temp" / "VSGitHubCopilotLogs" / "traces"


SOURCE = Source(
    id="copilot_studio",
    title="Copilot in Visual Studio",
    mark="VS",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=lambda relative: relative.endswith("_VSGitHubCopilot_traces.jsonl"),
    read=_read,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    verified=False,
    evidence="B",
)
