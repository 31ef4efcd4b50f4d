"""Telemetry in a file: spans of requests. Events and agents' spans repeat them."""

from __future__ import annotations

from app.model.identity import key_of
from app.model.usage import Call, Standing
from app.shapes.otel.files import Telemetry
from app.shapes.otel.requests import CALLS, OPERATION, Reader, conventional
from app.shapes.otel.signals import Signal
from app.sources.copilot_cli.requests import group_of


class Spans(Telemetry):
    def reader_of(self, signal: Signal) -> Reader | None:
        return conventional(signal) if signal.is_span and signal.text(OPERATION) in CALLS else None

    def add(self, one: Call) -> None:
        key = key_of("span", one.group, one.key)
        super().add(one._replace(group=group_of(one.session, one.model), key=key, standing=Standing.SIDE))
