"""Documents that lie beside a log and say something of it: decoded when they changed, of which only what is told is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from app.shapes.fields import record_of
from app.shapes.stamp import stamp_of

T = TypeVar("T")
_LARGEST = 64 << 20


def document_of(raw: bytes) -> Any:
    """A JSON value of any kind, repaired as a line of a log would be; None where it is none."""
    return (record_of(b'{"it":' + raw.removeprefix(b"\xef\xbb\xbf") + b"}") or {}).get("it")


def about(file: Path, told: Callable[[Any], T], otherwise: T) -> T:
    """What `told` makes of the document, None where it is none; `otherwise` where it can't be read or is very large."""
    try:
        stamp = stamp_of(file)
        return cast(T, _remembered(os.fspath(file), stamp.content, told)) if stamp.size <= _LARGEST else otherwise
    except OSError:
        return otherwise


@lru_cache(64)
def _remembered(file: str, content: tuple[int, ...], told: Callable[[Any], object]) -> object:
    with open(file, "rb") as document:
        return told(document_of(document.read(_LARGEST)))
