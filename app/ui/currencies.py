"""The currencies to choose from, and the fields in which a rate and its day are typed."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QCoreApplication, QDate, Qt

from app.model.money import Currency, currency_of
from app.ui.date_field import DateField
from app.ui.widgets.choices import Choice
from app.ui.widgets.field import Entry, Field

CODES = ("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "INR", "CNY", "KRW", "BRL", "MXN", "SEK", "NOK", "DKK", "PLN")


class CurrencyChoice(Choice):
    """`US dollar`, or another one by its three letters."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        for code in CODES:
            dollars = QCoreApplication.translate("Currency", "US dollar")
            self.addItem(dollars if code == "USD" else code, code)

    @property
    def code(self) -> str:
        return self.currentData()

    def set_code(self, code: str) -> None:
        """One that isn't in the list joins it."""
        if self.findData(code) < 0:
            self.addItem(code, code)
            self.updateGeometry()
        self.setCurrentIndex(self.findData(code))


class Rate:
    """A rate and its day, for whatever currency is chosen. Its fields are placed by whoever shows them."""

    def __init__(self) -> None:
        translate = QCoreApplication.translate
        self.rate, self.day = Entry(72), DateField()
        self.rate.setPlaceholderText("0.92")
        self.rate_field = Field(translate("Currency", "For one dollar"), self.rate)
        self.day_field = Field(translate("Currency", "Rate of"), self.day)

    def show_for(self, code: str) -> None:
        """Dollars need none."""
        for one in (self.rate_field, self.day_field):
            one.setVisible(code != "USD")

    def set_rate(self, rate: str, day: date) -> None:
        self.rate.setText(rate)
        self.day.blockSignals(True)
        self.day.setDate(QDate(day.year, day.month, day.day))
        self.day.blockSignals(False)

    def read(self, code: str) -> Currency | None:
        """What is typed; None is dollars. Raises ValueError with a sentence for the user."""
        if code == "USD":
            return None
        return currency_of(code, self.rate.text(), self.day.date().toString(Qt.DateFormat.ISODate))
