"""Files of OpenTelemetry: objects a line each, or printed over many lines, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.model.usage import Batch, Cursor
from app.shapes.fields import record_of
from app.shapes.gathering import Gathered
from app.shapes.lines import Earlier, Line, Readable, plain, read_lines
from app.shapes.otel.requests import Reader, conventional
from app.shapes.otel.signals import Signal, metrics_only, signals

_BINARY = (
    "it is not JSON: the collector's file exporter writes such files with `format: proto` or with a `compression`;"
    " leave both out"
)


class Telemetry(Gathered):
    """Parser of one stretch."""

    needles = re.compile(rb"[tT]oken")

    def head(self, line: Line) -> bool:
        return False

    def feed(self, line: Line, offset: int, earlier: Earlier) -> None:
        record = record_of(line)
        if record is None:
            self.skip("not JSON")
        elif metrics_only(record):
            if not self.kept.get("metrics"):  # said once: they are written on and on, used or not
                self.skip("metrics, which tell no single request")
            self.kept["metrics"] = True
        else:
            self.object(record, offset)

    def object(self, record: dict[str, Any], offset: int) -> None:
        for signal in signals(record):
            reader = self.reader_of(signal)
            if reader is not None:
                reader(self, signal, self.file_time if signal.at is None else signal.at, offset)

    def reader_of(self, signal: Signal) -> Reader | None:
        return conventional(signal)

    def passing(self, earlier: Earlier) -> None:
        """Each object has a time of its own."""


def read_telemetry(
    source: str, version: int, path: Path, cursor: Cursor | None, make: type[Telemetry] = Telemetry
) -> Iterator[Batch]:
    """Batches of all that is new. Raises OSError if the file can't be read, or a collector wrote it in binary form."""
    with open(path, "rb") as file:
        first = file.read(2)
    if first[:1] == b"\0" or first == b"\x28\xb5":  # a length before each message; Zstandard
        raise OSError(_BINARY)
    return read_lines(source, version, path, cursor, make, unfolded if first in (b"{\n", b"{\r") else plain)


class _Unfolded:
    """A file of printed objects, each of which looks like one line: line ends within it are read as blanks, so that all
    offsets stay what they are. Such an object begins with a brace alone in its line, and all below is indented.
    """

    def __init__(self, path: Path) -> None:
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed with us
        self._line = b""

    def __enter__(self) -> _Unfolded:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any, /) -> None:
        self._file.close()

    def seek(self, offset: int, /) -> int:
        self._line = b""
        return self._file.seek(offset)

    def read(self, length: int, /) -> bytes | None:
        return self._joined(self._file.read(length))

    def readinto(self, buffer: memoryview, /) -> int | None:
        got = self._file.read(len(buffer))
        buffer[: len(got)] = self._joined(got)
        return len(got)

    def _joined(self, piece: bytes) -> bytes:
        """`_line` is how the line begins that the last piece broke off in."""
        whole = self._line + piece
        joined = _WITHIN.sub(_blank, whole)
        self._line = whole[whole.rfind(b"\n") + 1 :][:3]
        return joined[len(joined) - len(piece) :]


_WITHIN = re.compile(rb"^(?:[ \t][^\n]*|\{\r?)\n", re.MULTILINE)


def _blank(found: re.Match[bytes]) -> bytes:
    return found.group()[:-1] + b" "


def unfolded(path: Path) -> Readable:
    return _Unfolded(path)
