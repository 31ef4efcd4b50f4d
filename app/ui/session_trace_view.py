"""A call's page of origin as the panel asks for it: in the user's words, and as the text that Copy copies."""

from __future__ import annotations

import sqlite3
from datetime import date, tzinfo
from typing import NamedTuple

from app.machine import Machine
from app.pricing.catalog import Catalog
from app.report import breakdown, trace_page
from app.report.trace_page import Page, Voice
from app.report.zone import day_of
from app.ui.moments import clock, named_day
from app.ui.session_view import View, say, total_words
from app.ui.widgets.dates import short_day


class TraceView(NamedTuple):
    page: Page
    text: str
    up: str
    """The sum that the call is a part of, in words."""


def trace_view(
    connection: sqlite3.Connection, shown: View, place: int, machine: Machine, catalog: Catalog
) -> TraceView:
    """Reads the record live: in the background only."""
    found = breakdown.trace(connection, shown.found.found, str(place + 1))
    page = trace_page.page_of(found, shown.found, machine, catalog, _voice(machine.clock(), shown.zone))
    return TraceView(page, trace_page.plain_text(page, say), total_words(shown))


def _voice(now: int, zone: tzinfo) -> Voice:
    def moment(instant: int) -> str:
        return f"{named_day(day_of(instant, zone), day_of(now, zone))}, {clock(instant, zone, seconds=True)}"

    def day(one: date) -> str:
        return f"{short_day(one)}, {one.year}"

    return Voice(say, day, moment)
