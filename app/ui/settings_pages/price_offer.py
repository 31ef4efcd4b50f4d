"""What a price file would change, shown before it is taken."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot

from app import formats
from app.pricing import importing
from app.report.books import Offer
from app.report.prices_page import Line, Shown, in_short
from app.ui.settings_pages.parts import Pair
from app.ui.settings_pages.price_again import gain
from app.ui.settings_pages.price_parts import Controls, Sheet, Waiting
from app.ui.widgets import dates
from app.ui.widgets.buttons import Button
from app.ui.widgets.cells import Cell, Number, Words
from app.ui.widgets.label import Label
from app.ui.widgets.table import Column
from app.ui.windows import Context


class PriceOffer(Waiting):
    """Shown while a file waits for the user's word."""

    taken = Signal()
    """The file's book is in use."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._offer: Offer | None = None
        columns = (
            Column(self.tr("Model"), -1),
            Column(self.tr("Now"), 0, True),
            Column(self.tr("New"), 0, True),
            Column(self.tr("What changes")),
            Column(self.tr("Your calls"), 0, True),
            Column(self.tr("If re-priced"), 0, True),
        )
        self.sheet = Sheet(self.tr("What the file changes"), columns, dropping=(3, 1, 4))
        words = Label(
            self.tr("What was counted stays as it is. Re-price… shows old and new first."), "table", "text2", wrap=True
        )
        self.take = Button(self.tr("Import"), "primary")
        self.take.clicked.connect(self._confirm)
        cancel = Button(self.tr("Cancel"))
        cancel.clicked.connect(self.left)
        self.body.addWidget(self.sheet)
        self.body.addWidget(Pair(words, Controls(cancel, self.take), least=220))

    def offer(self, path: Path, found: Offer, shown: Shown) -> None:
        """Asks whether that file is to be taken."""
        self._offer = found
        what = found.difference
        told = [
            self.tr("built {day}, checked").format(day=_day(found.book.built)),
            ", ".join(
                (
                    formats.counted(len(what.new), self.tr("model new"), self.tr("models new")),
                    self.tr("{n} changed").format(n=f"{len(what.changed):,}"),
                    self.tr("{n} removed").format(n=f"{len(what.gone):,}") if what.gone else self.tr("none removed"),
                )
            ),
        ]
        self.set_title(self.tr("Import {file}").format(file=path.name), formats.with_rate("; ".join(told)))
        rows = [self._row(one) for one in shown.lines]
        if shown.new or shown.changed or shown.gone:
            rows.append(self._rest(shown))
        self.sheet.show_rows(rows)
        self.take.setEnabled(True)
        self.show()
        self.take.setFocus()

    def _row(self, one: Line) -> tuple[Cell, ...]:
        name = one.key.partition("/")[2]
        name = name if one.mode == "standard" else f"{name} {one.mode}"
        gone = one.what == "gone"
        return (
            Words(name, fixed=True, end=True),
            Number(in_short(one.before) or (formats.NONE if gone else formats.NO_PRICE), ink="text2"),
            Number(in_short(one.after) or (formats.NONE if gone else formats.NO_PRICE)),
            Words(self._what(one), "text2"),
            Number(f"{one.calls:,}", ink="text2"),
            Number(formats.NONE if one.gain is None else gain(one.gain)),
        )

    def _what(self, one: Line) -> str:
        if one.what == "gone":
            return self.tr("no longer listed")
        if one.what == "history":
            return self.tr("tiers or earlier rows")
        words = self.tr("new row") if one.what == "new" else self.tr("other price")
        return self.tr("{what}, from {day}").format(what=words, day=_day(one.since)) if one.since else words

    def _rest(self, shown: Shown) -> tuple[Cell, ...]:
        count = shown.new + shown.changed + shown.gone
        told = [
            self.tr("{n} new").format(n=f"{shown.new:,}") if shown.new else "",
            self.tr("{n} changed").format(n=f"{shown.changed:,}") if shown.changed else "",
            self.tr("{n} removed").format(n=f"{shown.gone:,}") if shown.gone else "",
        ]
        name = formats.counted(count, self.tr("other model"), self.tr("other models"))
        none = Number(formats.NONE, ink="text2")
        words = Words(", ".join(one for one in told if one), "text2")
        return Words(name, "text2"), none, none, words, Number("0", ink="text2"), none

    @Slot()
    def _confirm(self) -> None:
        found, machine = self._offer, self._context.machine
        if found is None:
            return
        self.take.setEnabled(False)
        self._context.ask(
            lambda _: importing.take(machine, found.book),
            lambda _: self.taken.emit(),
            self,
            self._failed,
            "taking",
        )

    def _failed(self, error: Exception) -> None:
        self.take.setEnabled(True)
        self.failed.emit(error)


def _day(text: str | None) -> str:
    """`Nov 20` of the beginning of an ISO date."""
    from datetime import date

    try:
        return dates.short_day(date.fromisoformat((text or "")[:10]))
    except ValueError:
        return text or formats.NONE
