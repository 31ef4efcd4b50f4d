"""What a window of sums says where they may leave something out: one rule for all of them."""

from __future__ import annotations

from datetime import date, tzinfo

from PySide6.QtCore import QCoreApplication

from app.model.meters import Meters
from app.ui.tray_view import as_of, pausing, title_and_text, without_price
from app.ui.widgets.notice import NoticeValue


def is_partly_unread(meters: Meters | None, until: date | None, today: date) -> bool:
    """Is a sum up to that day (None is without an end) a lower bound? While history is read every one is; where a log
    of today can't be read or still waits, those that hold today."""
    if meters is None:
        return False
    if is_reading(meters):
        return True
    return (meters.at_least or meters.as_of is not None) and (until is None or until >= today)


def is_reading(meters: Meters) -> bool:
    return meters.reading is not None and meters.reading[0] < meters.reading[1]


def notice_of(meters: Meters | None, zone: tzinfo) -> NoticeValue:
    """Empty where there is nothing to say."""
    if meters is None:
        return NoticeValue()
    if meters.problems:
        title, text = title_and_text(meters.problems[0])
        more = _tr("Totals leave out what can't be read.")
        return NoticeValue("bad", title, f"{text} {more}".strip(), (("sources", _tr("Show sources")),))
    if meters.paused:
        return NoticeValue("info", "", " ".join(pausing(meters)))
    if meters.reading is not None and is_reading(meters):
        done, of = meters.reading
        words = _tr("Reading logs, {done} of {of} files").format(done=f"{done:,}", of=f"{of:,}")
        return NoticeValue("info", "", words + ". " + _tr("Today comes first."))
    if meters.as_of is not None:
        return NoticeValue("info", "", _tr("Figures {as_of}.").format(as_of=as_of(meters.as_of, zone)))
    if meters.no_price:
        return NoticeValue("info", *without_price(meters.no_price), (("prices", _tr("Add a price…")),))
    return NoticeValue()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Trouble", text)
