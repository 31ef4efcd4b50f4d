"""`state.vscdb`, where editors of the VS Code family keep values under keys: an extension's memory is one JSON value.

Secrets lie beside it. Only keys that a source names are asked for.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from app.shapes.database import Base
from app.shapes.fields import record_of
from app.shapes.gathering import Gathered

_SEEN = "_items"


def items(base: Base, gathered: Gathered, *keys: str) -> dict[str, Any]:
    """What stands under those of the keys that are there, decoded; nothing where all are as at the last reading. A key
    ending in `*` is all that begin so. What is no JSON is left out and counted.
    """
    if not {"key", "value"} <= base.columns("ItemTable"):
        return {}
    found = {name: value for key in keys for name, value in _rows(base, key)}
    seen = blake2b(b"\0".join(name.encode() + value for name, value in found.items()), digest_size=12).digest()
    if gathered.kept.get(_SEEN) == seen:
        return {}
    gathered.anew, gathered.kept[_SEEN] = _SEEN in gathered.kept, seen
    decoded = {name: _decoded(value) for name, value in found.items()}
    for value in decoded.values():
        if value is None:
            gathered.skip("not JSON")
    return {name: value for name, value in decoded.items() if value is not None}


def _rows(base: Base, key: str) -> list[tuple[str, bytes]]:
    """The smallest and largest text that begins so are asked for: an index serves that, and no pattern is made of a key."""
    if key.endswith("*"):
        rows = base.ask(
            "SELECT key, value FROM ItemTable WHERE key >= ? AND key < ?", key[:-1], key[:-1] + "\U0010ffff"
        )
    else:
        rows = base.ask("SELECT key, value FROM ItemTable WHERE key = ?", key)
    return [(str(name), value if isinstance(value, bytes) else str(value).encode()) for name, value in rows]


def _decoded(value: bytes) -> Any:
    """It may be a list; what repairs a line of a log repairs it, too."""
    return (record_of(b'{"it":' + value + b"}") or {}).get("it")
