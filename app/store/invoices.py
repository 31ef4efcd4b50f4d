"""Totals that the user typed in: the table `invoice`. Written apart from what is counted, and never part of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from app.model.money import Currency
from app.store.database import open_writer, refusal

_COLUMNS = "vendor, account, since, until, total, currency, rate, rate_day, before_tax, typed_at"
_SAVE = (
    f"INSERT INTO invoice ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (vendor, account, since, until) DO UPDATE SET (total, currency, rate, rate_day, before_tax, typed_at)"
    " = (excluded.total, excluded.currency, excluded.rate, excluded.rate_day, excluded.before_tax, excluded.typed_at)"
)


class Invoice(NamedTuple):
    """One typed total. A second one for the same vendor, account and days takes its place."""

    vendor: str
    """Who sends it, as logs write it."""
    account: str
    """Whose it is; empty where the logs don't tell accounts apart."""
    since: date
    until: date
    """The last day, included."""
    total: int
    """Nano-units of the currency."""
    currency: Currency | None
    """None is dollars."""
    before_tax: bool
    typed_at: int
    """ms since 1970 UTC."""
    ident: int = 0
    """Ours; 0 before it is stored."""

    @property
    def dollars(self) -> int:
        """The total in nano-dollars."""
        return self.total if self.currency is None else self.currency.dollars(self.total)


def save(path: Path, invoice: Invoice) -> None:
    """Raises KnownError where it can't be written."""
    code, rate, day = invoice.currency or ("USD", "1", "")
    values = (
        *(invoice.vendor, invoice.account, invoice.since.isoformat(), invoice.until.isoformat()),
        *(invoice.total, code, rate, day, invoice.before_tax, invoice.typed_at),
    )
    _write(path, _SAVE, values)


def remove(path: Path, ident: int) -> None:
    """Takes a typed total away; harmless where it is gone. Raises KnownError where that can't be written."""
    _write(path, "DELETE FROM invoice WHERE id = ?", (ident,))


def _write(path: Path, statement: str, values: tuple[Any, ...]) -> None:
    with closing(open_writer(path)) as connection:
        try:
            connection.execute(statement, values)
        except sqlite3.Error as error:
            raise refusal(path, error) from error


def invoices(connection: sqlite3.Connection) -> list[Invoice]:
    """All of them, the latest period first."""
    rows = connection.execute(f"SELECT {_COLUMNS}, id FROM invoice ORDER BY until DESC, since DESC, vendor, account")
    return [_invoice(row) for row in rows]


def _invoice(row: tuple[Any, ...]) -> Invoice:
    vendor, account, since, until, total, code, rate, day, before_tax, typed_at, ident = row
    currency = None if code == "USD" else Currency(code, rate, day)
    days = date.fromisoformat(since), date.fromisoformat(until)
    return Invoice(vendor, account, *days, total, currency, bool(before_tax), typed_at, ident)
