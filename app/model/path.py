"""Paths as text that any database, document and terminal takes, whatever bytes the file system allows."""

from __future__ import annotations

_PLANE = 0x100000
"""Halves of surrogate pairs, which stand for bytes that are no text, move to the last private plane and back."""
_OUT = {half: half + _PLANE for half in range(0xD800, 0xE000)}
CUT = "…"
"""Stands where the beginning of a path or name was left out."""
_BACK = {half + _PLANE: half for half in range(0xD800, 0xE000)}


def named(path: str) -> str:
    """The path as it stands in batches, in the store and in reports."""
    return path if path.isascii() else path.translate(_OUT)


def real(name: str) -> str:
    """The path as the system knows it."""
    return name if name.isascii() else name.translate(_BACK)


def ending(path: str, room: int) -> str:
    """As much of its end as has room, from a whole part on where one has: `…/workspace/atlas-api`."""
    if len(path) <= room:
        return path
    end = path[len(path) - room + 1 :]
    return CUT + end[max(0, min((end.find(sign) for sign in "/\\" if sign in end), default=0)) :]
