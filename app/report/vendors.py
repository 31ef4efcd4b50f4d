"""Who sends bills for what was counted: the vendors that logs name, and those of agents that name none."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from app.diagnostics import KnownError
from app.sources import SOURCES
from app.store import queries

_OWN = {source.id: source.vendor for source in SOURCES if source.vendor is not None}
_TITLES = {vendor.id: vendor.title for vendor in _OWN.values()}


class Payee(NamedTuple):
    """A vendor, and an account with it where the logs tell accounts apart."""

    vendor: str
    account: str = ""

    @property
    def title(self) -> str:
        name = title_of(self.vendor)
        return f"{name}, {self.account}" if self.account else name

    @property
    def calls(self) -> tuple[str, tuple[str, ...]]:
        """Which calls are on its bill (`Filter.vendor`)."""
        return self.vendor, tuple(source for source, vendor in _OWN.items() if vendor.id == self.vendor)

    @property
    def agent(self) -> str:
        """A source's id whose mark may stand for the vendor; empty where no agent is its own."""
        return next(iter(self.calls[1]), "")


def title_of(vendor: str) -> str:
    """`Anthropic`; a name that only logs know as they write it."""
    return _TITLES.get(vendor, vendor)


def payees(connection: sqlite3.Connection) -> list[Payee]:
    """Those of the calls there are, then those of agents without a call. Looks at every call."""
    found: dict[Payee, None] = {}
    for one in queries.billed(connection):
        vendor = one.provider or (_OWN[one.source].id if one.source in _OWN else None)
        if vendor is not None:
            found[Payee(vendor)] = None
            if one.account:
                found[Payee(vendor, one.account)] = None
    named = sorted(found, key=lambda payee: (payee.title.casefold(), payee.account))
    return [*named, *(Payee(vendor) for vendor in _TITLES if Payee(vendor) not in found)]


def payee_named(connection: sqlite3.Connection, name: str, account: str = "") -> Payee:
    """By the vendor's id or name, or by the id or name of an agent that is its own. Raises KnownError."""
    known = payees(connection)
    names = {one.vendor.casefold(): one.vendor for one in known} | {
        title_of(one.vendor).casefold(): one.vendor for one in known
    }
    for source in SOURCES:
        if source.vendor is not None:
            names |= {source.id: source.vendor.id, source.title.casefold(): source.vendor.id}
    vendor = names.get(name.casefold())
    if vendor is None:
        there = ", ".join(dict.fromkeys(one.vendor for one in known))
        raise KnownError(f"There is no vendor {name!r}.", f"There are: {there}.")
    if Payee(vendor, account) not in known:
        raise KnownError(f"No call of {title_of(vendor)} names an account {account!r}.", "Leave the account out.")
    return Payee(vendor, account)
