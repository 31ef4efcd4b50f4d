"""Sources and health: what was looked for, found, read, folded and skipped, how sure that is, and what has changed."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.diagnostics import KnownError
from app.report import books, doctor, sample
from app.report.doctor import Around
from app.report.sources import look_closely
from app.report.zone import local_zone
from app.settings import Notes, load
from app.sources import BY_ID, chosen
from app.ui import doctor_view as view
from app.ui.appearance import appearance
from app.ui.connecting import Connecting
from app.ui.doctor_cards import FactView, SourceCard
from app.ui.keys import bind
from app.ui.preferences import preferences
from app.ui.refresher import Refresher
from app.ui.session_page import Page, Scrolled
from app.ui.settings_pages import checks
from app.ui.widgets.buttons import Button
from app.ui.widgets.flow_row import FlowRow
from app.ui.widgets.heading import Heading
from app.ui.widgets.label import Label
from app.ui.widgets.loading_rows import LoadingRows
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.widgets.surface import Card
from app.ui.widgets.table import Rows, Table
from app.ui.windows import Context
from app.ui.wrap import Wrap

REFRESH_EVERY = 5_000
"""Between two looks while agents write, ms: each one walks through their folders."""
_ALL_COLUMNS_FROM, _MOST_COLUMNS_FROM = 900, 680


class _Around(NamedTuple):
    facts: Around
    refusal: checks.Refusal | None


class DoctorWindow(QWidget):
    """Keys: ↑ ↓ choose a source, S copies its sample, Ctrl+R checks again, F6 next card. A wish is a source's id."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.preferences = preferences(context.machine)
        self.every: tuple[view.Both, ...] = ()
        self._wish = ""
        self._all_missing = False
        self._sample: sample.Sample | None = None
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Sources and health"))
        self.setAccessibleName(self.tr("Sources and health"))
        self._build()
        self.connecting = Connecting(context, self)
        self.connecting.planned.connect(self._show_plan)
        self.connecting.ended.connect(self._connected)
        bind(self, "S", self.tr("Copy the sample"), lambda: self._act("copy"))
        bind(self, "Ctrl+R", self.tr("Check again"), self.check_again)
        bind(self, "F6", self.tr("Next card"), self._next_card)
        appearance().changed.connect(self._measure)
        self._measure()
        self.preferences.changed.connect(self._ask)
        self._refresher = Refresher(context, self, self._ask, REFRESH_EVERY)
        self._ask_around()

    def _build(self) -> None:
        self.title = Heading(self.tr("Sources and health"), role="window")
        again, copy = Button(self.tr("Check again")), Button(self.tr("Copy report"))
        again.clicked.connect(self.check_again)
        copy.clicked.connect(self.copy_report)
        copy.setToolTip(self.tr("Counts and versions, without a path or a name of yours"))
        bar = QWidget()
        self._tools = Wrap(bar)
        self._tools.setContentsMargins(0, 0, 0, 0)
        self._tools.addWidget(self.title)
        self._tools.begin_right()
        self._tools.addWidget(again)
        self._tools.addWidget(copy)
        self.facts = FlowRow()
        self.waiting = LoadingRows(4)
        self.waiting.begin()
        self.trouble = Notice("bad", parent=self)
        self.trouble.hide()
        self.card = Card(padded=False)
        self.rows = Rows(view.columns())
        self.table = Table(self.tr("Sources"), view.columns(), edge="card")
        self.table.setModel(self.rows)
        self.table.fit_rows()
        self.table.spread()
        self.table.chosen.connect(self._choose)
        self.more = Button("", "link")
        self.more.clicked.connect(self._show_missing)
        self.card.body.addWidget(self.table)
        self.card.hide()
        self.legend = Label(view.legend(), "caption", "text3", wrap=True)
        self.legend.hide()
        self.more.hide()
        self.source = SourceCard()
        self.source.action.connect(self._act)
        self.source.hide()
        page = Page("none")
        self._page = QVBoxLayout(page)
        self._under = QWidget()
        under = QVBoxLayout(self._under)
        under.setContentsMargins(0, 0, 0, 0)
        under.setSpacing(0)
        under.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        under.addWidget(self.legend)
        for one in (self.facts, self.trouble, self.waiting, self.card, self._under, self.source):
            self._page.addWidget(one)
        self._page.addStretch(1)
        self.area = Scrolled(page)
        self._all = QVBoxLayout(self)
        self._all.addWidget(bar)
        self._all.addWidget(self.area, 1)
        self._bar = bar

    @Slot()
    def _measure(self) -> None:
        theme = appearance().theme
        space = theme.space
        self._all.setContentsMargins(0, space.m, 0, 0)
        self._all.setSpacing(space.m)
        self._bar.setContentsMargins(space.xl, 0, space.xl, 0)
        self._page.setContentsMargins(space.xl, 0, space.xl, space.l)
        self._page.setSpacing(space.m)
        for columns, least in ((view.NARROW, _ALL_COLUMNS_FROM), (view.NARROWEST, _MOST_COLUMNS_FROM)):
            for column in columns:
                self.table.setColumnHidden(column, self.width() < theme.px(least))
        self.table.measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def _next_card(self) -> None:
        stops: list[QWidget] = [self.table, self.source.sample.editor]
        shown = [one for one in stops if one.isVisible()]
        if shown:
            at = next((place for place, one in enumerate(shown) if one.hasFocus()), -1)
            shown[(at + 1) % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)

    def take_wish(self, wish: str) -> None:
        """Chooses that source."""
        self._wish = wish
        self._fulfil()

    # --- asking

    @Slot()
    def check_again(self) -> None:
        """Looks at everything anew, the database too."""
        self._ask_around()
        self._ask()

    def _ask_around(self) -> None:
        machine, context = self._context.machine, self._context

        def work(connection: sqlite3.Connection) -> _Around:
            book = books.in_use(machine, context.catalog())
            return _Around(doctor.around(connection, machine, book.built[:10], book.age), checks.refusal())

        context.ask(work, self._show_around, self, self._failed)

    @Slot()
    def _ask(self) -> None:
        machine, now, context = self._context.machine, self.preferences.now, self._context

        def work(connection: sqlite3.Connection) -> tuple[view.Both, ...]:
            try:
                notes = load(machine, Notes)
            except KnownError:
                notes = Notes()
            return look_closely(connection, machine, now, notes, context.background.is_stopped)

        context.ask(work, self.show_found, self, self._failed)

    def _show_around(self, found: _Around) -> None:
        before = self.facts.findChildren(FactView)
        self.facts.set_widgets([FactView(one) for one in view.facts(found.facts, found.refusal)])
        for one in before:
            one.deleteLater()

    def show_found(self, every: tuple[view.Both, ...]) -> None:
        """Shows what was found."""
        first = not self.every
        kept = self.chosen
        self.every = every
        self.trouble.set_notice(NoticeValue())
        self.waiting.end()
        self.waiting.hide()
        self.title.set_title(self.tr("Sources and health"), view.found_words(every))
        self._fill()
        for one in (self.card, self.legend, self.source):
            one.show()
        if first:
            self._wish = self._wish or self._worst()
            self._fulfil()
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        elif kept is not None:
            self._wish = kept[0].source
            self._fulfil()

    @property
    def listed(self) -> list[view.Both]:
        """Those with a row."""
        found = [one for one in self.every if one[0].found]
        missing = [one for one in self.every if not one[0].found]
        few = len(missing) <= view.FIRST_MISSING
        return found + (missing if self._all_missing or few else missing[: view.FIRST_MISSING if not found else 0])

    @property
    def chosen(self) -> view.Both | None:
        row = self.table.currentIndex().row()
        return self.listed[row] if 0 <= row < len(self.listed) else None

    def _fill(self) -> None:
        zone = local_zone(self._context.machine)
        listed = self.listed
        self.rows.set_rows([view.row(one, self._context.machine, zone) for one in listed])
        self.table.measure()
        rest = len(self.every) - len(listed)
        self.more.setVisible(rest > 0)
        self.more.setText(self.tr("Show {n} more that were not found").format(n=f"{rest:,}"))
        self.more.updateGeometry()

    def _worst(self) -> str:
        """The source with something amiss, else the first."""
        amiss = [line.source for line, _ in self.every if line.state in ("problem", "changed", "unverified")]
        return amiss[0] if amiss else self.every[0][0].source

    def _fulfil(self) -> None:
        if not self._wish or not self.every:
            return
        if not any(line.source == self._wish for line, _ in self.listed) and self._wish in BY_ID:
            self._all_missing = True
            self._fill()
        place = next((row for row, (line, _) in enumerate(self.listed) if line.source == self._wish), None)
        self._wish = ""
        if place is not None:
            self.table.choose(place)
            self._choose(place)

    @Slot()
    def _show_missing(self) -> None:
        kept = self.chosen
        self._all_missing = True
        self._fill()
        if kept is not None:
            self._wish = kept[0].source
            self._fulfil()

    def _failed(self, error: Exception) -> None:
        self.waiting.end()
        self.waiting.hide()
        known = error if isinstance(error, KnownError) else KnownError(self.tr("The sources could not be looked at."))
        self.trouble.set_notice(NoticeValue("bad", known.title, known.hint))

    # --- the chosen one

    @Slot(int)
    def _choose(self, _row: int) -> None:
        both = self.chosen
        if both is None:
            return
        line, health = both
        if self._sample is None or self._sample.source.id != line.source:
            self._sample = None
            self.source.show_sample("", "")
            self.connecting.forget()
            if any(sign.loses for sign in health.signs):
                self._ask_sample()
        self._show_source(both)

    def _show_source(self, both: view.Both) -> None:
        line, _ = both
        words = view.sentences(both, self._context.machine)
        properties = view.properties(both, self._context.machine)
        self.source.show_source(line.source, line.title, words, properties, self._actions(both))

    def _actions(self, both: view.Both) -> list[tuple[str, str]]:
        line, health = both
        if self.connecting.plan is not None:
            deed = self.tr("Write it") if self.connecting.plan.done else self.tr("Take it out")
            return [("apply", deed), ("leave", self.tr("Not now"))]
        made: list[tuple[str, str]] = []
        if line.withheld:
            made.append(("confirm", self.tr("It fits, count it")))
        elif line.confirmed:
            made.append(("withdraw", self.tr("Count no more")))
        if self._sample is not None:
            made.append(("copy", self.tr("Copy sample")))
        elif line.files:
            made.append(("sample", self.tr("Show a sample")))
        if health.source.connection is not None:
            made.append(("connect", self.tr("Connect…")))
            if self.connecting.is_connected(line.source):
                made[-1] = ("disconnect", self.tr("Disconnect…"))
        return made

    def _act(self, key: str) -> None:
        both = self.chosen
        if both is None:
            return
        line = both[0]
        if key == "sample":
            self._ask_sample()
        elif key == "copy" and self._sample is not None:
            QGuiApplication.clipboard().setText(self._sample.report)
        elif key in ("confirm", "withdraw"):
            self._count(line.source, counts=key == "confirm")
        elif key in ("connect", "disconnect"):
            self.connecting.look(line.source, undo=key == "disconnect")
        elif key == "apply":
            self.connecting.carry_out()
        elif key == "leave":
            self._connected(KnownError(""))

    def _count(self, source: str, *, counts: bool) -> None:
        others = tuple(one for one in self.preferences.now.confirmed if one != source)
        try:
            self.preferences.change(confirmed=(*others, source) if counts else others)
        except KnownError as error:
            self._failed(error)

    def _ask_sample(self) -> None:
        both = self.chosen
        if both is None:
            return
        machine, now, name = self._context.machine, self.preferences.now, both[0].source
        source = next(one for one in chosen((), now.folders, now.homes.values()) if one.id == name)
        self._context.ask(
            lambda connection: sample.take(connection, machine, source), self._show_sample, self, self._failed
        )

    def _show_sample(self, found: sample.Sample | None) -> None:
        both = self.chosen
        if both is None:
            return
        if found is None:
            self.source.show_sample(self.tr("No log of it can be looked at."), "")
        elif found.source.id == both[0].source:
            self._sample = found
            caption = self.tr("Sample for a report: names and types, no values")
            if found.kind is not None:
                caption = self.tr("{caption}; a record of the kind {kind}").format(caption=caption, kind=found.kind)
            self.source.show_sample(caption, found.text)
        self._show_source(both)

    # --- connecting

    def _show_plan(self, caption: str, diff: str) -> None:
        self._sample = None
        self.source.show_sample(caption, diff)
        if self.chosen is not None:
            self._show_source(self.chosen)

    def _connected(self, error: KnownError) -> None:
        """Nothing is asked any more: it was done, left, or refused."""
        self.connecting.forget()
        self.source.show_sample("", "")
        self.trouble.set_notice(NoticeValue("bad", error.title, error.hint) if error.title else NoticeValue())
        if self.chosen is not None:
            self._show_source(self.chosen)

    @Slot()
    def copy_report(self) -> None:
        """To the clipboard: what a developer needs, and nothing that is the user's."""
        QGuiApplication.clipboard().setText(view.report(self.every))
