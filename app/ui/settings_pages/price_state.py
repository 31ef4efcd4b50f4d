"""How prices are: the book, the models that have none, the rows that are disputed, and the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app import formats
from app.report.books import InUse
from app.report.prices_page import Disputed, Page, in_short
from app.report.session_list import Term
from app.store.queries import NoPrice
from app.ui.moments import moment
from app.ui.settings_pages.parts import Fixed, Pair
from app.ui.settings_pages.price_parts import Controls, Fact, Facts, Section, Sheet, Warned, cleared
from app.ui.widgets import dates
from app.ui.widgets.base import wrappable
from app.ui.widgets.buttons import Button
from app.ui.widgets.cells import Cell, Number, Words
from app.ui.widgets.label import Label
from app.ui.widgets.mark import title_of
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.widgets.table import Column
from app.ui.windows import SESSIONS, Context

_NAMED = 4
"""So many models without a price, and prices of one's own, are named."""


class BookFacts(Facts):
    """Date and age, models and sources, the share of calls that have a price, and what is disputed."""

    def __init__(self) -> None:
        self.book, self.models = Fact(self.tr("Price book")), Fact(self.tr("Models"))
        self.priced, self.disputes = Fact(self.tr("Calls priced, 30 days")), Fact(self.tr("Disputed rows"))
        super().__init__((self.book, self.models, self.priced, self.disputes))

    def show_page(self, found: Page) -> None:
        used = found.used
        built = date.fromisoformat(used.built[:10])
        age = self.tr("{age} old").format(age=formats.counted(used.age, self.tr("day"), self.tr("days")))
        origin = self.tr("from your file") if used.imported else self.tr("shipped with the app")
        line = f"{age if used.age else self.tr('of today')}; {origin}"
        self.book.tell(f"{dates.short_day(built)}, {built.year}", line, "warnText" if used.old else "text2")
        packages = ", ".join(used.packages[:2])
        self.models.tell(f"{used.models:,}", self.tr("from {packages}").format(packages=packages))
        share = formats.percent(found.calls - found.unpriced, found.calls) if found.calls else formats.NONE
        if found.unpriced and share == formats.percent(1):
            share = f"< {share}"  # all of them would be a claim
        self.priced.tell(share, self._unpriced(found))
        mine = len(found.disputed)
        line = self.tr("{n} that you used").format(n=f"{mine:,}") if mine else self.tr("none that you used")
        self.disputes.tell(f"{used.disputed:,}", line)

    def _unpriced(self, found: Page) -> str:
        if not found.unpriced:
            return self.tr("all have a price") if found.calls else self.tr("no calls")
        words = self.tr("{calls} has no price") if found.unpriced == 1 else self.tr("{calls} have no price")
        return words.format(calls=formats.counted(found.unpriced, self.tr("call"), self.tr("calls")))


class MissingPrices(Warned):
    """The models without a price, each with its calls and a way to give it one."""

    asked = Signal(object)
    """A price is to be added for this NoPrice."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def show_page(self, found: Page) -> None:
        count = len(found.missing)
        self.title.set_text(self.tr("{n} models have no price").format(n=f"{count:,}"))
        self.title.setVisible(count != 1)
        cleared(self.body)
        only = self.tr("1 model has no price") if count == 1 else ""
        for each in found.missing[:_NAMED]:
            self.body.addWidget(self._row(each, found, only))
        if count > _NAMED:
            more = Button(self.tr("Show all {n}").format(n=f"{count:,}"), "link")
            more.clicked.connect(lambda: self._context.open_window(SESSIONS, "price:none"))
            self.body.addWidget(more)

    def _row(self, one: NoPrice, found: Page, title: str) -> QWidget:
        """`title` stands above it, so that the buttons are beside both."""
        name = one.model.replace("|", " ")
        calls = formats.counted(one.calls, self.tr("call"), self.tr("calls"))
        told = self.tr("{model}, {calls} since {moment}, {agents}. Totals show ≥ until then.").format(
            model=name,
            calls=calls,
            moment=moment(one.first_at, self._context.machine.clock(), found.zone),
            agents=", ".join(title_of(each) for each in one.sources),
        )
        show, add = Button(self.tr("Show the {calls}").format(calls=calls)), Button(self.tr("Add a price…"))
        show.setAccessibleName(self.tr("Show the {calls} of {model}").format(calls=calls, model=name))
        add.setAccessibleName(self.tr("Add a price for {model}…").format(model=name))
        terms = Term("model", one.model.partition("|")[0]), Term("price", "none")
        wish = " ".join(term.text() for term in terms)
        show.clicked.connect(lambda: self._context.open_window(SESSIONS, wish))
        add.clicked.connect(lambda: self.asked.emit(one))
        words = Section(air=0)
        if title:
            words.all.addWidget(Label(title, "heading", "warnText", wrap=True))
        words.all.addWidget(Label(wrappable(told), "table", wrap=True))
        return Pair(words, Controls(show, add), least=300)


class DisputedRows(Section):
    """The rows on which the sources differ and by which calls of the user's are priced."""

    def __init__(self) -> None:
        super().__init__(self.tr("Disputed rows"), self.tr("sources differ; these priced calls of yours"))
        columns = (
            Column(self.tr("Model"), -1),
            Column(self.tr("What")),
            Column(self.tr("Used"), 0, True),
            Column(self.tr("Other"), 0, True),
            Column(self.tr("Whose word")),
            Column(self.tr("Your calls"), 0, True),
        )
        self.sheet = Sheet(self.tr("Disputed rows"), columns, dropping=(1, 4, 3))
        self.all.addWidget(self.sheet)
        self.hide()

    def show_page(self, found: Page) -> None:
        self.setVisible(bool(found.disputed))
        self.sheet.show_rows([self._row(one) for one in found.disputed])

    def _row(self, one: Disputed) -> tuple[Cell, ...]:
        what = self.tr("all prices") if one.mode == "standard" else one.mode
        if one.since:
            day = dates.short_day(date.fromisoformat(one.since[:10]))
            what = self.tr("{what} from {day}").format(what=what, day=day)
        return (
            Words(one.key.partition("/")[2], fixed=True, end=True),
            Words(what, "text2"),
            Number(in_short(one.used) or formats.NO_PRICE),
            Number(in_short(one.other) or self.tr("not kept"), ink="text2"),
            Words(one.source, "text2"),
            Number(f"{one.calls:,}", ink="text2"),
        )


class OwnPrices(Section):
    """The user's own file: what it says, or what is wrong with it."""

    asked = Signal(object)
    """A price is to be added: always None, for a model that is still to be named."""

    def __init__(self, context: Context) -> None:
        super().__init__(self.tr("Your own prices"), self.tr("they win over the book"))
        self._context = context
        self._path, self._told = Fixed(" ", "text"), Label(" ", "table", "text2", wrap=True)
        self._fault = Notice("warn", parent=self)
        self._fault.hide()
        self.add, self.file = Button(self.tr("Add a price…")), Button(self.tr("Open file"))
        self.add.clicked.connect(lambda: self.asked.emit(None))
        words = Section(air=0)
        for one in (self._path, self._told):
            words.all.addWidget(one)
        self.all.addWidget(Pair(words, Controls(self.add, self.file), least=240))
        self.all.addWidget(self._fault)

    def show_page(self, found: Page) -> None:
        problem = found.used.problem
        self._path.set_text(self._context.machine.short(found.own_file))
        for one in (self._path, self.file):
            one.setVisible(found.own_read is not None)
        self._told.set_text(wrappable(self._words(found)))
        fault = NoticeValue("warn", self.tr("A price file is not in use"), problem) if problem else NoticeValue()
        self._fault.set_notice(fault)

    def _words(self, found: Page) -> str:
        told = list(self._rows(found.used))
        rows = formats.counted(len(told), self.tr("row"), self.tr("rows"))
        named = "; ".join(told[:_NAMED]) + ("; …" if len(told) > _NAMED else "")
        if found.own_read is None:
            return self.tr("None yet. A price of your own holds for the exact name in the log.")
        if found.used.problem:
            return self.tr("{rows} in use: {named}").format(rows=rows, named=named) if told else self.tr("None in use.")
        at = moment(found.own_read, self._context.machine.clock(), found.zone)
        words = self.tr("{rows}, written {moment}, read without a fault").format(rows=rows, moment=at)
        return f"{words}: {named}" if told else words

    def _rows(self, used: InUse) -> Iterator[str]:
        for one in used.own_prices:
            free = self.tr("free on purpose")
            yield f"{one.model} {in_short(one.rates) if any(one.rates) else free}"
        for off in used.own_discounts:
            yield f"{off.provider} −{off.percent.normalize():f}%"
