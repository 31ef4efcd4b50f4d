"""Spans and log records in one JSON object: OTLP envelopes of a collector, or the dump of a JavaScript SDK's object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from app.shapes.fields import instant, mapping, word

Attributes = dict[str, object]


class Signal(NamedTuple):
    """One span, or one log record."""

    is_span: bool
    name: str
    """A span's name; of a log record that of its event, as the most telling of its three places has it."""
    attributes: Attributes
    resource: Attributes
    scope: str
    trace: str | None
    span: str | None
    parent: str | None
    at: int | None
    """ms since 1970 UTC; of a span its beginning."""

    def text(self, *names: str) -> str | None:
        """The first of these attributes that is a text."""
        return next(filter(None, (word(self.attributes.get(name)) for name in names)), None)

    @property
    def service(self) -> str:
        return word(self.resource.get("service.name")) or self.scope


def signals(record: dict[str, Any]) -> Iterator[Signal]:
    """All that the object holds; nothing of metrics, which know no single request."""
    enveloped = False
    for envelope, scopes, old, items, read in _ENVELOPES:
        for place in _objects(record.get(envelope)):
            enveloped = True
            resource = _resource(place)
            for scope in _objects(place.get(scopes) or place.get(old)):
                name = word(mapping(scope.get("scope") or scope.get("instrumentationLibrary")).get("name")) or ""
                for one in _objects(scope.get(items)):
                    yield read(one, resource, name)
    if not enveloped and not {"resourceMetrics", "scopeMetrics"} & record.keys():
        yield from _dumped(record)


def metrics_only(record: dict[str, Any]) -> bool:
    return bool({"resourceMetrics", "scopeMetrics"} & record.keys())


def attributes_of(value: object) -> Attributes:
    """A list of keys and values, or a plain object of them, as one dictionary; nested values are left out."""
    if isinstance(value, dict):
        return mapping(value)  # pyright: ignore[reportUnknownArgumentType]
    found: Attributes = {}
    for one in _objects(value):
        key = word(one.get("key"))
        if key is not None:
            found[key] = _value(mapping(one.get("value")))
    return found


def moment(value: object) -> int | None:
    """ms since 1970 UTC of a time: nanoseconds (as text, as OTLP writes 64 bits), `[seconds, nanoseconds]`, ISO 8601, or a
    number of any unit.
    """
    if isinstance(value, list):
        parts = [float(one) for one in value if isinstance(one, (int, float)) and abs(one) < 1e11]  # pyright: ignore[reportUnknownVariableType]
        return instant(parts[0] + parts[1] / 1e9) if len(parts) == 2 else None
    if type(value) is str and value.isdecimal() and len(value) < 25:
        value = int(value)
    if isinstance(value, (int, float)) and 1e17 <= value < 1e21:
        return instant(int(value) // 1_000_000)
    return instant(value)


def _objects(value: object) -> Iterable[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType]


def _value(typed: dict[str, object]) -> object:
    for kind in ("stringValue", "intValue", "doubleValue", "boolValue"):
        if kind in typed:
            value = typed[kind]
            whole = kind == "intValue" and type(value) is str and len(value) < 20 and value.lstrip("-").isdecimal()
            return int(value) if whole else value  # pyright: ignore[reportArgumentType]
    return None


def _resource(place: dict[str, Any]) -> Attributes:
    """The last form is that of a resource of which some facts were still awaited when it was dumped."""
    resource = mapping(place.get("resource"))
    for name in ("attributes", "_attributes", "_memoizedAttributes"):
        if resource.get(name):
            return attributes_of(resource[name])
    pairs: Any = resource.get("_rawAttributes")
    several: list[Any] = pairs if isinstance(pairs, list) else []  # pyright: ignore[reportUnknownVariableType]
    return {one[0]: one[1] for one in several if isinstance(one, list) and len(one) == 2 and type(one[0]) is str}  # pyright: ignore[reportUnknownArgumentType]


def _ids(one: dict[str, Any]) -> tuple[str | None, str | None]:
    """Hex text of any case; Base64 where somebody took the general rule of the format for one of ids, and then it stays."""
    context = mapping(one.get("spanContext") or one.get("_spanContext"))
    trace, span = (word(one.get(name)) or word(context.get(name)) for name in ("traceId", "spanId"))
    return trace.lower() if trace else None, span.lower() if span else None


def _span(one: dict[str, Any], resource: Attributes, scope: str) -> Signal:
    trace, span = _ids(one)
    parent = word(one.get("parentSpanId")) or word(mapping(one.get("parentSpanContext")).get("spanId"))
    at = moment(one.get("startTimeUnixNano") or one.get("startTime"))
    attributes = attributes_of(one.get("attributes"))
    name = word(one.get("name")) or ""
    return Signal(True, name, attributes, resource, scope, trace, span, parent.lower() if parent else None, at)


_TIMES = ("timeUnixNano", "hrTime", "_hrTime", "timestamp", "time", "observedTimeUnixNano", "hrTimeObserved")


def _log(one: dict[str, Any], resource: Attributes, scope: str) -> Signal:
    trace, span = _ids(one)
    attributes = attributes_of(one.get("attributes") or one.get("_attributes"))
    body = one.get("body") or one.get("_body")
    body = _value(mapping(body)) if isinstance(body, dict) else body  # pyright: ignore[reportUnknownArgumentType]
    names = [word(name) or "" for name in (attributes.get("event.name"), one.get("eventName"), body)]
    name = next((one for one in names if "." in one and " " not in one), names[0])
    times = (moment(value) for value in (*map(one.get, _TIMES), attributes.get("event.timestamp")))
    at = next((value for value in times if value is not None), None)
    return Signal(False, name, attributes, resource, scope, trace, span, None, at)


def _dumped(one: dict[str, Any]) -> Iterator[Signal]:
    attributes = one.get("attributes") or one.get("_attributes")
    if not isinstance(attributes, (dict, list)):
        return
    scope = one.get("instrumentationScope") or one.get("instrumentationLibrary")
    is_span = one.get("type") == "span" or "startTime" in one or "startTimeUnixNano" in one
    yield (_span if is_span else _log)(one, _resource(one), word(mapping(scope).get("name")) or "")


_ENVELOPES = (
    ("resourceSpans", "scopeSpans", "instrumentationLibrarySpans", "spans", _span),
    ("resourceLogs", "scopeLogs", "instrumentationLibraryLogs", "logRecords", _log),
)
