"""General: how Cuenta starts, what the tray shows, how windows look, what is told."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app import autostart, formats
from app.diagnostics import KnownError
from app.model.meters import NEAR_FROM, NEAR_LEFT
from app.model.money import Currency
from app.report.zone import day_of, local_zone
from app.ui.currencies import CurrencyChoice, Rate
from app.ui.notices import A_DAY
from app.ui.settings_pages.page import Page
from app.ui.settings_pages.parts import Row, name_control, not_here
from app.ui.widgets.choices import CheckBox, Choice
from app.ui.widgets.label import Label
from app.ui.widgets.notice import NoticeValue
from app.ui.widgets.segmented import Segmented
from app.ui.windows import Context

SIZES = (100, 110, 125, 150, 175, 200)
"""Percent of the system's own text size."""


class GeneralPage(Page):
    """Every change holds at once."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, QCoreApplication.translate("GeneralPage", "General"))
        tr = self.tr
        self.login = CheckBox(tr("On"))
        self.login.setEnabled(autostart.available(context.machine))
        self.login.clicked.connect(self._switch_login)
        shows = [("icon", tr("Icon")), ("figure", tr("Figure"))]
        self.tray = Segmented(tr("Tray shows"), shows)
        self.tray.chosen.connect(lambda key: self.change(tray_figure=key == "figure"))
        self.color = Segmented(tr("Icon color"), [("mono", tr("Monochrome")), ("color", tr("Color"))])
        self.color.chosen.connect(lambda key: self.change(tray_color=key == "color"))
        looks = [("system", tr("System")), ("light", tr("Light")), ("dark", tr("Dark"))]
        self.look = Segmented(tr("Appearance"), looks)
        self.look.chosen.connect(lambda key: self.change(appearance=key))
        self.text_size = Choice(tr("Text size"))
        for percent in SIZES:
            self.text_size.addItem(f"{percent}%", percent)
        self.text_size.activated.connect(lambda place: self.change(text_percent=SIZES[place]))
        self.notices = CheckBox(tr("a context is nearly full"))
        self.notices.clicked.connect(lambda on: self.change(notices=on))
        self.repaired = CheckBox(tr("On"))
        self.repaired.clicked.connect(lambda on: self.change(repaired=on))
        self.currency, self.rate = CurrencyChoice(tr("Currency")), Rate()
        self.currency.activated.connect(self._choose_currency)
        self.rate.rate.editingFinished.connect(self._set_rate)
        self.rate.day.dateChanged.connect(self._set_rate)
        in_words = tr("To look at figures in, at a rate of yours. What is kept stays in dollars.")
        name_control(self.currency, tr("Currency"), in_words)
        self.prices = CheckBox(tr("On"))
        self.prices.clicked.connect(lambda on: self.change(price_notices=on))
        quiet = tr("Opens quietly in the tray. Nothing runs as a service.")
        near = tr(
            "From {percent} of the window or {tokens} tokens before compaction; once per session, {n} a day at most."
        )
        near = near.format(percent=formats.percent(NEAR_FROM), tokens=formats.tokens(NEAR_LEFT), n=A_DAY)
        for row in (
            Row(tr("Start at login"), quiet if self.login.isEnabled() else not_here().capitalize() + ".", self.login),
            Row(tr("Tray shows"), tr("Figure is today's whole dollars over a bar of the fullest context."), self.tray),
            Row(tr("Icon color"), tr("Monochrome follows the panel."), self.color),
            Row(tr("Appearance"), tr("System follows the desktop, also when it changes."), self.look),
            Row(tr("Text size"), tr("Of the system's own text, in every window."), self.text_size),
            Row(tr("Currency"), in_words, self._money()),
            Row(tr("Tell me when"), near, self.notices),
            Row(tr("Tell me of new models"), tr("Once for each that has no price."), self.prices),
            Row(
                tr("Add what logs leave out"),
                tr("Output of which a log holds only the first count, sized from its text, with ≈. Off: as logged."),
                self.repaired,
            ),
            Row(
                tr("Keep numbers"),
                tr("Logs may be deleted by their agents; the numbers stay here."),
                Label(tr("for ever"), "body", "text2"),
            ),
        ):
            self.body.addWidget(row)
        self.preferences.changed.connect(self.show_settings)
        self.show_settings()

    def show_settings(self) -> None:
        chosen = self.preferences.now
        self.login.setChecked(autostart.is_on(self.context.machine))
        self.tray.set_chosen("figure" if chosen.tray_figure else "icon")
        self.color.set_chosen("color" if chosen.tray_color else "mono")
        self.look.set_chosen(chosen.appearance)
        self.text_size.setCurrentIndex(
            min(range(len(SIZES)), key=lambda place: abs(SIZES[place] - chosen.text_percent))
        )
        self.notices.setChecked(chosen.notices)
        self.repaired.setChecked(chosen.repaired)
        self.prices.setChecked(chosen.price_notices)
        self._show_currency(chosen.shown_in)

    def _money(self) -> QWidget:
        """The currency, with its rate and the day of it where there is one."""
        holder = QWidget()
        fields = QHBoxLayout(holder)
        fields.setContentsMargins(0, 0, 0, 0)
        for one in (self.rate.rate_field, self.rate.day_field, self.currency):
            fields.addWidget(one, 0, Qt.AlignmentFlag.AlignBottom)
        holder.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        return holder

    def _show_currency(self, currency: Currency | None) -> None:
        self.currency.set_code("USD" if currency is None else currency.code)
        self.rate.show_for(self.currency.code)
        if currency is not None:
            self.rate.set_rate(currency.rate, date.fromisoformat(currency.day))

    def _choose_currency(self) -> None:
        """Dollars hold at once; another currency holds once its rate is typed."""
        code = self.currency.code
        self.rate.show_for(code)
        if code == "USD":
            self.change(currency=None)
            return
        machine = self.context.machine
        self.rate.set_rate("", day_of(machine.clock(), local_zone(machine)))
        self.rate.rate.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_rate(self) -> None:
        if self.currency.code == "USD" or not self.rate.rate.text().strip():
            return
        try:
            currency = self.rate.read(self.currency.code)
        except ValueError as error:
            self.trouble.set_notice(NoticeValue("bad", str(error)))
            return
        if currency is not None and currency != self.preferences.now.shown_in:
            self.change(currency=tuple(currency))

    def _switch_login(self, on: bool) -> None:
        try:
            autostart.switch(self.context.machine, on)
        except KnownError as error:
            self.refuse(error)
