"""About: version, the price book and its age, and the parts that Cuenta is made of with their licenses."""

from __future__ import annotations

import platform
import sqlite3
from datetime import date, datetime
from importlib import metadata
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, qVersion
from PySide6.QtGui import QShowEvent

from app import __version__, formats
from app.diagnostics import KnownError
from app.machine import Machine
from app.report.zone import local_zone
from app.ui.settings_pages.page import Page
from app.ui.settings_pages.parts import Row
from app.ui.widgets import dates
from app.ui.widgets.label import Label
from app.ui.widgets.notice import NoticeValue
from app.ui.widgets.property_row import PropertyRow
from app.ui.widgets.surface import Hairline
from app.ui.windows import Context

OLD = 60
"""Days from which the book's age is said in the color of a warning."""
PARTS = (
    *("PySide6-Essentials", "pyqtgraph", "sqlmodel", "SQLAlchemy", "watchdog", "tiktoken", "keyring", "msgspec"),
    *("zstandard", "typer", "rich", "platformdirs", "Babel", "tzlocal"),
)
"""What pyproject.toml names as dependencies; a bundle has no pyproject.toml to ask."""


class Facts(NamedTuple):
    built: date | None
    """The day of the price book in use."""
    models: int
    packages: tuple[str, ...]
    """What the book was made of."""
    own: int
    """Prices of the user's own."""
    problem: str | None
    parts: tuple[tuple[str, str, str], ...]
    """Name, version and license, as the installed part says itself; empty is not told."""


def gather(context: Context) -> Facts:
    catalog = context.catalog()
    book = catalog.book
    parts = tuple((name, *_told(name)) for name in PARTS)
    return Facts(_day(book.built), len(book.models), tuple(book.packages), len(catalog.own), catalog.problem, parts)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _told(part: str) -> tuple[str, str]:
    try:
        facts = metadata.metadata(part)
    except metadata.PackageNotFoundError:
        return "", ""
    named = {name.lower(): value for name, value in facts.json.items() if isinstance(value, str)}
    return named.get("version", ""), license_of(named.get("license_expression"), named.get("license"))


def license_of(expression: str | None, text: str | None) -> str:
    """The license in a few words: some parts print the whole text of theirs."""
    return (expression or (text or "").strip().partition("\n")[0]).removesuffix(" License").strip()


def today(machine: Machine) -> date:
    return datetime.fromtimestamp(machine.clock() / 1000, local_zone(machine)).date()


class AboutPage(Page):
    def __init__(self, context: Context) -> None:
        super().__init__(context, QCoreApplication.translate("AboutPage", "About"))
        self.version = Label(__version__, "body", "text2")
        self.built = Label(role="body", ink="text2")
        self.book = Row(self.tr("Price book"), " ", self.built)
        on = f"Python {platform.python_version()}, Qt {qVersion()}, SQLite {sqlite3.sqlite_version}"
        self.body.addWidget(Row("Cuenta", on, self.version))
        self.body.addWidget(self.book)
        self.body.addWidget(
            Row(
                self.tr("Updates"),
                self.tr(
                    "Cuenta never looks for one and never fetches prices: a new version brings them, or a file that you"
                    " import (Prices, or cuenta prices import). A model without a price has none until you give it one."
                ),
                Label(self.tr("no update check"), "body", "text2"),
            )
        )
        free = self.tr("Free software; the parts below keep their own licenses.")
        self.body.addWidget(Row(self.tr("License"), free, Label("MIT", "body", "text2")))
        self.body.addWidget(Hairline())
        self.body.addSpacing(10)
        self.body.addWidget(Label(self.tr("Parts and their licenses"), "heading"))
        self.body.addSpacing(4)
        self.parts = {name: PropertyRow(name, " ", label_width=160) for name in PARTS}
        for row in self.parts.values():
            self.body.addWidget(row)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.context.ask(lambda _: gather(self.context), self.show_facts, self, self._failed)

    def show_facts(self, found: Facts) -> None:
        """Shows the book and the parts."""
        if found.built is not None:
            days = (today(self.context.machine) - found.built).days
            age = formats.counted(max(0, days), self.tr("day"), self.tr("days"))
            self.built.set_text(
                self.tr("{day}, {age} old").format(day=f"{dates.short_day(found.built)}, {found.built.year}", age=age)
            )
            self.built.set_ink("warnText" if days > OLD else "text2")
        told = [formats.counted(found.models, self.tr("model"), self.tr("models"))]
        if found.packages:
            told.append(self.tr("from {packages}").format(packages=", ".join(found.packages)))
        if found.own:
            told.append(formats.counted(found.own, self.tr("price of your own"), self.tr("prices of your own")))
        self.book.set_words(", ".join(told) + "." + (f" {found.problem}" if found.problem else ""))
        for name, version, license in found.parts:
            self.parts[name].set_value(
                ", ".join(one for one in (version, license or self.tr("license not told")) if one)
            )

    def _failed(self, error: Exception) -> None:
        known = isinstance(error, KnownError)
        title = error.title if known else self.tr("The price book could not be read")
        self.trouble.set_notice(NoticeValue("bad", title, error.hint if known else str(error)))
