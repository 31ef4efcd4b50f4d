"""Add a price: five prices of a model in dollars per million tokens, from when, and where the user has them from."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.diagnostics import KnownError, log
from app.model.instant import text_of
from app.pricing import own_file
from app.pricing.user import KINDS
from app.report import repricing
from app.report.repricing import Plan
from app.store.queries import NoPrice
from app.ui.appearance import appearance
from app.ui.settings_pages.parts import Pair
from app.ui.settings_pages.price_parts import Controls, Waiting
from app.ui.widgets.base import width_of, wrappable
from app.ui.widgets.buttons import Button
from app.ui.widgets.label import Label
from app.ui.windows import Context
from app.ui.wrap import Wrap

Fields = dict[str, str | Decimal]


class PriceForm(Waiting):
    """Checked as it is typed; `added` when it stands in the user's file."""

    added = Signal(str, object)
    """The logged name, and the Plan of what the stored calls of that name cost by it."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._mode = ""
        self.model = _Field(self.tr("Model, exactly as in the log"), "", 200)
        titles = (
            self.tr("Input"),
            self.tr("Cached input"),
            self.tr("Cache write, 5 min"),
            self.tr("Cache write, 1 h"),
            self.tr("Output"),
        )
        needed = ("input", "output")
        self.prices = {
            kind: _Field(title, "" if kind in needed else self.tr("as input"), 96)
            for kind, title in zip(KINDS, titles, strict=True)
        }
        self.since = _Field(self.tr("Valid from (UTC day)"), self.tr("always"), 128)
        self.source = _Field(self.tr("Source"), self.tr("where you have it from"), 190)
        self.said = Label(" ", "table", "text2", wrap=True)
        self.add = Button(self.tr("Add price"), "primary")
        self.add.clicked.connect(self.submit)
        cancel = Button(self.tr("Cancel"))
        cancel.clicked.connect(self.left)
        for row in ((self.model, self.since, self.source), self.prices.values()):
            self.body.addWidget(_Line(*row))
        self.body.addWidget(Pair(self.said, Controls(cancel, self.add), least=220))
        for field in (self.model, *self.prices.values(), self.since, self.source):
            field.edit.textChanged.connect(self._check)
            field.edit.returnPressed.connect(self.submit)
        self._check()

    def open_for(self, found: NoPrice | None) -> None:
        """For a model without a price, or for one that is still to be named."""
        name, _, fast = (found.model if found else "").partition("|")
        self._mode = fast
        self.set_title(self.tr("Add a price"), self.tr("dollars per million tokens"))
        for field in (*self.prices.values(), self.source):
            field.edit.clear()
        self.model.edit.setText(name)
        self.model.edit.setReadOnly(found is not None)
        # The day of its first call, so that all of them have a price.
        self.since.edit.setText(text_of(found.first_at)[:10] if found else "")
        self.show()
        (self.prices["input"] if found else self.model).edit.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _check(self) -> Fields | None:
        """What would be written; None, and why not, where something is missing or wrong."""
        fields: Fields = {"model": self.model.text}
        if self._mode:
            fields["mode"] = self._mode
        if not self.model.text or not self.prices["input"].text or not self.prices["output"].text:
            return self._tell(self.tr("Model, input and output are needed; 0 and 0 is free on purpose."))
        for kind, field in self.prices.items():
            if not field.text:
                continue
            try:
                fields[kind] = Decimal(field.text.removeprefix("$"))
            except ArithmeticError:
                return self._tell(self.tr("{name}: write a number like 0.40").format(name=field.name), "badText")
        fields |= {key: text for key, text in (("from", self.since.text), ("source", self.source.text)) if text}
        try:
            own_file.entry("price", fields)
        except ValueError as error:
            return self._tell(f"{error}.", "badText")
        free = not any(isinstance(value, Decimal) and value for value in fields.values())
        self._tell(self.tr("Free on purpose.") if free else self.tr("It goes before the price book."))
        self.add.setEnabled(True)
        return fields

    def _tell(self, words: str, ink: str = "text2") -> None:
        self.add.setEnabled(False)
        self.said.set_text(wrappable(words))
        self.said.set_ink(ink)

    @Slot()
    def submit(self) -> None:
        """Writes it into the user's file, where it is right."""
        fields = self._check()
        if fields is None:
            return
        machine, name = self._context.machine, str(fields["model"])

        def work(connection: sqlite3.Connection) -> Plan:
            own_file.add(machine, "price", fields)
            return repricing.plan_of(connection, self._context.catalog(), name)

        self.add.setEnabled(False)
        self._context.ask(work, lambda plan: self.added.emit(name, plan), self, self._failed, "adding")

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, KnownError | ValueError):
            log.error("A price could not be added", exc_info=error)
        words = str(error) if isinstance(error, KnownError | ValueError) else self.tr("cuenta.log says why.")
        self._tell(words, "badText")
        self.add.setEnabled(True)


class _Line(QWidget):
    """Fields side by side, as many as there is room for."""

    def __init__(self, *fields: QWidget) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        row = Wrap(self, gap=12, between=6)
        row.setContentsMargins(0, 0, 0, 0)
        for one in fields:
            row.addWidget(one)


class _Field(QWidget):
    """Its name above the field; `width` in pixels at 100 %."""

    def __init__(self, name: str, hint: str, width: int) -> None:
        super().__init__()
        self.name, self._width = name, width
        self._label = Label(name, "caption", "text2")
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(hint)
        self.edit.setAccessibleName(name)
        self.edit.setAcceptDrops(False)  # a file that is dropped here is a price book, not its path
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._label)
        column.addWidget(self.edit)
        appearance().changed.connect(self._restyle)
        self._restyle()

    @property
    def text(self) -> str:
        return self.edit.text().strip()

    @Slot()
    def _restyle(self) -> None:
        theme = appearance().theme
        self.edit.setFixedWidth(max(theme.px(self._width), width_of(self.name, theme.font("caption")) + 1))
