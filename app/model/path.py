"""Paths as text that any database, document and terminal takes, whatever bytes the file system allows."""

from __future__ import annotations

_PLANE = 0x100000
"""Halves of surrogate pairs, which stand for bytes that are no text, move to the last private plane and back."""
_OUT = {half: half + _PLANE for half in range(0xD800, 0xE000)}
_BACK = {half + _PLANE: half for half in range(0xD800, 0xE000)}


def named(path: str) -> str:
    """The path as it stands in batches, in the store and in reports."""
    return path if path.isascii() else path.translate(_OUT)


def real(name: str) -> str:
    """The path as the system knows it."""
    return name if name.isascii() else name.translate(_BACK)
