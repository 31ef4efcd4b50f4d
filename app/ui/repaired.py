"""A sum of what was logged and what placeholder counts leave out, as windows say it: the sum with ≈, and its two parts."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app import formats
from app.store.queries import SoFar, Sums


def parts_of(spent: Sums | SoFar) -> str:
    """Both parts; empty where nothing is left out."""
    if not spent.repaired_output:
        return ""
    words = QCoreApplication.translate("Repaired", "{logged} logged, {more} or more left out by the log")
    return words.format(logged=formats.money(spent.cost), more=formats.money(spent.repaired_cost))
