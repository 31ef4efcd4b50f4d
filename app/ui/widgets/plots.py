"""pyqtgraph, imported in half its time: `pg` is taken from here and nowhere else.

At its import it copies every name of three Qt modules into modules of its own, and PySide makes a Python type of each
name that is asked for: thousands, of which a chart needs some dozens. Here its modules are there already and ask Qt for
a name when it is wanted, and meanwhile Qt's own name nothing that could be copied.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType

from PySide6 import QtCore, QtGui, QtWidgets


@contextmanager
def _nothing_to_copy() -> Iterator[None]:
    copied = (QtCore, QtGui, QtWidgets)
    lists = [vars(original).get("__dir__") for original in copied]
    for original in copied:
        mirror = ModuleType(f"pyqtgraph.Qt.{original.__name__.rpartition('.')[2]}")
        vars(mirror)["__getattr__"] = partial(getattr, original)
        sys.modules.setdefault(mirror.__name__, mirror)
        vars(original)["__dir__"] = list  # what dir() is told
    try:
        yield
    finally:
        for original, before in zip(copied, lists, strict=True):
            vars(original).pop("__dir__")
            if before is not None:
                vars(original)["__dir__"] = before


with _nothing_to_copy():
    import pyqtgraph as pg

__all__ = ["pg"]
