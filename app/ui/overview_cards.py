"""The three cards of the overview: spend in time, what was paid for, and the newest sessions. Values in, signals out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSpacerItem, QVBoxLayout, QWidget

from app import formats
from app.report.meters import session_name
from app.report.names import kind_name, project_name
from app.report.overview_page import Below, Top
from app.report.period import OTHER, UNKNOWN, Bars
from app.report.session_list import Detail, GroupLine
from app.sources import title_of
from app.store.queries import Kind, ListedSession, label_of
from app.ui.appearance import appearance
from app.ui.moments import moment
from app.ui.session_view import model_name
from app.ui.widgets.buttons import Button
from app.ui.widgets.cells import AgentMark, Cell, ChipCell, Dot, Number, Spark, Swatch, Words
from app.ui.widgets.empty_state import EmptyState
from app.ui.widgets.figure_menu import Offer
from app.ui.widgets.label import Label
from app.ui.widgets.loading_rows import LoadingRows
from app.ui.widgets.mark import color_of
from app.ui.widgets.notice import Notice
from app.ui.widgets.read_out import ReadOut, ReadOutValue
from app.ui.widgets.segmented import Segmented
from app.ui.widgets.split_bar import Part, SplitBar
from app.ui.widgets.surface import Card
from app.ui.widgets.table import Column, Rows, Table
from app.ui.widgets.two_part import Parts

if TYPE_CHECKING:
    from app.ui.widgets.stacked_days import Series, StackedDays

HEIGHT = 212
"""Of the chart, at 100 %."""
ROOMY = 620
"""Width of the spend card, at 100 %, from which its read-out stands beside the heading and its words are whole."""


class SpendCard(Card):
    """Bars by hour, day or week; `T` shows the same as a table."""

    stack_chosen = Signal(str)
    opened = Signal(int)
    """The bin that was opened."""
    empty_action = Signal()
    notice_action = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._bars: Bars | None = None
        self._pending: tuple[Top, str] | None = None
        self._own_choice = False
        """The user has chosen a bin; until then the last one is read out."""
        self.read_out = ReadOut()
        self.stack = Segmented(
            self.tr("Stacked by"),
            [("agent", self.tr("Agent")), ("model", self.tr("Model")), ("project", self.tr("Project"))],
        )
        self.stack.chosen.connect(self.stack_chosen)
        self.header.addWidget(self.stack)
        self._roomy: bool | None = None
        self.notice = Notice("warn", parent=self)
        self.notice.hide()
        self.notice.action.connect(self.notice_action)
        self.loading = LoadingRows(5)
        self.empty = EmptyState()
        self.empty.action.connect(self.empty_action)
        self.chart: StackedDays | None = None
        self.twin: Table | None = None
        self._twin_of: object = None
        self.body.addWidget(self.notice)
        self.body.addWidget(self.loading, 1)
        self.body.addWidget(self.empty, 1)
        self.empty.hide()
        self.set_title(self.tr("Spend by day"))
        self.restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_read_out()

    def _place_read_out(self) -> None:
        """Beside the heading, or below it where it would have no room there."""
        roomy = self.width() >= self.theme.px(ROOMY)
        if roomy == self._roomy:
            return
        self._roomy = roomy
        self.header.removeWidget(self.read_out)
        self.body.removeWidget(self.read_out)
        if roomy:
            self.header.insertWidget(1, self.read_out, 100)
        else:
            self.body.insertWidget(0, self.read_out)
        if self._pending is not None:
            self.show_top(*self._pending)

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "loading"):
            self._place_read_out()
            height = appearance().theme.px(HEIGHT)
            for one in (self.loading, self.empty, self.chart, self.twin):
                if one is not None:
                    one.setMinimumHeight(height)

    def make_chart(self) -> None:
        """Call when its module has been imported; until then the card is loading."""
        if self.chart is not None:
            return
        from app.ui.widgets.stacked_days import StackedDays

        self.chart = StackedDays(HEIGHT)
        self.chart.chosen.connect(self._chosen)
        self.chart.opened.connect(self.opened)
        self.body.addWidget(self.chart, 1)
        self.chart.hide()
        self.restyle()
        if self._pending is not None:
            self.show_top(*self._pending)

    def show_top(self, top: Top, period: str) -> None:
        """`period` is the period's name in words."""
        units = {"hour": self.tr("Spend by hour"), "day": self.tr("Spend by day"), "week": self.tr("Spend by week")}
        title = units[top.bars.unit]
        self.set_title(title)
        self._pending = (top, period)
        nothing = not top.total.calls
        self.empty.setVisible(nothing)
        self.stack.setVisible(not nothing)
        if self.chart is None:
            self.loading.setVisible(not nothing)
            return
        from app.ui.widgets.stacked_days import Reference

        self.loading.end()
        self.loading.hide()
        if self._bars is None or self._bars.bins != top.bars.bins:
            self._own_choice = False
        self._bars = top.bars
        usual = top.usual_weekday if top.bars.unit == "day" else None
        words = self.tr("usual weekday {money}") if self._roomy else self.tr("usual {money}")
        reference = Reference(usual, words.format(money=formats.money(usual))) if usual else None
        self.chart.set_bars(top.bars, self.series_of(top), reference, f"{title}, {period}")
        if not self._own_choice and not nothing:
            self.chart.set_chosen(_last_with_calls(top.bars))
        self.chart.setVisible(not nothing and self.twin is None)
        if nothing:
            self._end_twin()
            self.chart.set_chosen(-1)
        self._tell(self.chart.choice)
        if self.twin is not None:
            self._fill_twin()

    def series_of(self, top: Top) -> list[Series]:
        from app.ui.widgets.stacked_days import Series

        kept: list[Series] = []
        lent = lent_colors(top.bars.series) if self.stack.choice == "agent" else {}
        for place, key in enumerate(top.bars.series):
            if key in (OTHER, UNKNOWN):
                unknown = project_name(None, self.tr) if self.stack.choice == "project" else model_name(None)
                title = self.tr("other") if key == OTHER else unknown
                kept.append(Series(title, "agent:other"))
            elif self.stack.choice == "agent":
                kept.append(Series(title_of(key), f"agent:{lent.get(key) or color_of(key)}"))
            elif self.stack.choice == "model" and place < len(top.tiers):
                agent = top.agents[place] or OTHER
                ink = f"model:{color_of(agent)}:{top.tiers[place]}:{_place_in_tier(top, place)}"
                kept.append(Series(model_name(key, agent), ink))
            else:
                kept.append(Series(session_name(key, key), f"series:{place}"))
        return kept

    def _chosen(self, place: int) -> None:
        self._own_choice = True
        self._tell(place)

    def _tell(self, place: int) -> None:
        value = self.chart.read_out(place) if self.chart is not None else ReadOutValue()
        if value.title:
            value = value._replace(hint=self.tr("Enter shows them"))
        self.read_out.set_read_out(value)

    # The table twin

    def toggle_twin(self) -> None:
        """Chart or table."""
        if self.chart is None or self._bars is None or not self.empty.isHidden():
            return
        if self.twin is not None:
            self._end_twin()
            self.chart.show()
            self.chart.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._fill_twin()
        self.chart.hide()
        if self.twin is not None:
            self.twin.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill_twin(self) -> None:
        if self._bars is None or self._pending is None or self.chart is None:
            return
        bars, series = self._bars, self.series_of(self._pending[0])
        if self.twin is not None and self._twin_of == (bars, series):
            return
        self._twin_of = (bars, series)
        focused = self.twin is not None and self.twin.hasFocus()
        units = {"hour": self.tr("Hour"), "day": self.tr("Day"), "week": self.tr("Week")}
        head = [Column(units[bars.unit], -1), *(Column(one.title, 0, True) for one in series)]
        head.append(Column(self.tr("Total"), 0, True))
        rows: list[list[Cell]] = []
        for place in range(len(bars.bins)):
            parts: list[Cell] = [
                _money(values[place], bars.unpriced_in(series, place), bars.at_least(place, series))
                for series, values in enumerate(bars.values)
            ]
            total = formats.amount(bars.totals[place], bars.unpriced[place], at_least=bars.at_least(place))
            none = not bars.calls[place]
            priced = formats.has_price(bars.totals[place], bars.unpriced[place])
            exact = formats.exact(bars.totals[place]) if priced else ""
            last = Number(formats.NONE, ink="text3") if none else Number(total, weight=500, exact=exact)
            rows.append([Words(self.chart.bin_name(place)), *parts, last])
        self._end_twin()
        self.twin = twin = _Twin(self.title_words(), head, dense=True)
        twin.setModel(Rows(head, rows))
        twin.opened.connect(self.opened)
        twin.chosen.connect(self._row_chosen)
        twin.offer(self.chart.offer_of)
        self.body.addWidget(twin, 1)
        self.restyle()
        twin.show()
        if self.chart.choice >= 0:
            twin.choose(self.chart.choice)
        if focused:
            twin.setFocus(Qt.FocusReason.OtherFocusReason)

    def _row_chosen(self, place: int) -> None:
        if self.chart is not None and place >= 0 and place != self.chart.choice:
            self.chart.set_chosen(place)
            self._chosen(place)

    def title_words(self) -> str:
        return self.accessibleName()

    def _end_twin(self) -> None:
        if self.twin is not None:
            self.body.removeWidget(self.twin)
            self.twin.hide()
            self.twin.deleteLater()
            self.twin = None


def _place_in_tier(top: Top, place: int) -> int:
    """The how manieth by name of its agent's models of one tier: not by size, for that is another each day."""
    kin = zip(top.agents, top.tiers, top.bars.series, strict=True)
    mine = top.agents[place], top.tiers[place]
    return sorted(key for agent, tier, key in kin if (agent, tier) == mine).index(top.bars.series[place])


class _Twin(Table):
    """As high as the chart whose table it is, in whole rows, and scrolled to the chosen one."""

    def restyle(self) -> None:
        super().restyle()
        theme = appearance().theme
        self.setVerticalScrollMode(Table.ScrollMode.ScrollPerItem)
        height = theme.px(HEIGHT)
        rows = (height - self.head.height()) // theme.row_dense
        each = (height - self.head.height()) // rows
        self.verticalHeader().setDefaultSectionSize(each)
        self.head.setFixedHeight(height - rows * each)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())


def _money(nano: int, unpriced: int, at_least: bool) -> Number:
    if nano:
        return Number(formats.amount(nano, unpriced, at_least=at_least), exact=formats.exact(nano))
    return Number(formats.NO_PRICE if unpriced else formats.NONE, ink="text3")


def _last_with_calls(bars: Bars) -> int:
    return max((place for place, calls in enumerate(bars.calls) if calls), default=-1)


def lent_colors(agents: Sequence[str]) -> dict[str, str]:
    """Agents without a color of their own would be one gray where there are several: they get those of agents not in
    the chart, as far as these go.
    """
    plain = [one for one in agents if one not in (OTHER, UNKNOWN) and color_of(one) == OTHER]
    taken = {color_of(one) for one in agents}
    free = [one for one in appearance().theme.order["agent"] if one not in taken]
    return dict(zip(plain, free, strict=False)) if len(plain) > 1 else {}


def money_name() -> str:
    """`Dollars`, where it is dollars that are shown."""
    dollars = formats.symbol() == "$"
    return QCoreApplication.translate("KindsCard", "Dollars" if dollars else "Amounts")


class KindsCard(Card):
    """What was paid for: tokens and dollars as two bars of one length, and their table."""

    calls_asked = Signal()
    """The user wants to see the sessions with calls that have no price."""
    origin_asked = Signal()
    """The user wants to see the sessions that all of it was paid for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.tokens, self.dollars = SplitBar(focusable=True), SplitBar(focusable=True)
        self._bars = QGridLayout()
        for row, (words, bar) in enumerate(((self.tr("Tokens"), self.tokens), (money_name(), self.dollars))):
            self._bars.addWidget(Label(words, "table", "text2"), row, 0)
            self._bars.addWidget(bar, row, 1)
            bar.pointed.connect(self._pointed)
            bar.offer_origin = True
            bar.origin_asked.connect(lambda _place: self.origin_asked.emit())
        self._bars.setColumnStretch(1, 1)
        columns = [
            Column(self.tr("Kind"), -1),
            Column("", 0, True, said=self.tr("Tokens")),
            Column(self.tr("Tokens"), 0, True, said=self.tr("Share of the tokens")),
            Column("", 0, True, said=money_name()),
            Column(money_name(), 0, True, said=self.tr("Share of the dollars")),
        ]
        self._rows = Rows(columns)
        self.table = Table(self.tr("What was paid for"), columns, dense=True, edge="none")
        self.table.setModel(self._rows)
        self.table.fit_rows()
        self.table.chosen.connect(self._row_chosen)
        self.table.opened.connect(lambda _row: self.origin_asked.emit())
        self.table.offer(self._offer)
        self._exact: list[str] = []
        self.unpriced = Label("", "table", "text2", wrap=True)
        self.show_unpriced = Button(self.tr("Show the sessions"), "link")
        self.show_unpriced.clicked.connect(lambda: self.calls_asked.emit())
        self.loading = LoadingRows(5)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.unpriced, 1)
        self._foot.addWidget(self.show_unpriced)
        self._content = QWidget()
        within = QVBoxLayout(self._content)
        within.setContentsMargins(0, 0, 0, 0)
        within.addLayout(self._bars)
        within.addWidget(self.table)
        within.addLayout(self._foot)
        within.addStretch(1)
        self._strut = QSpacerItem(0, 0)  # headings of neighbors on one line
        self.header.addSpacerItem(self._strut)
        self.body.addWidget(self.loading, 1)
        self.body.addWidget(self._content, 1)
        self._content.hide()
        self.set_title(self.tr("What was paid for"))
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_content"):
            space = self.theme.space
            self._strut.changeSize(0, self.theme.control)
            self._bars.setHorizontalSpacing(space.m)
            self._bars.setVerticalSpacing(space.xs)
            layout = self._content.layout()
            if layout is not None:
                layout.setSpacing(space.s)

    def show_kinds(self, kinds: Sequence[Kind], unpriced: int) -> None:
        self.loading.end()
        self.loading.hide()
        self._content.show()
        joined = self._joined(kinds)
        tokens = sum(kind.tokens for kind in joined if kind.key not in _NO_TOKENS)
        cost = sum(kind.cost for kind in joined)
        self.set_title(
            self.tr("What was paid for"), self.tr("{n} tokens").format(n=formats.tokens(tokens)) if tokens else ""
        )
        rows: list[list[Cell]] = []
        self._exact = []
        token_parts: list[Part] = []
        dollar_parts: list[Part] = []
        for kind in joined:
            title, ink = kind_name(kind.key, self.tr), _INKS.get(kind.key, "text3")
            count = 0 if kind.key in _NO_TOKENS else kind.tokens
            of_tokens = formats.percent(count, tokens) if tokens and count else formats.NONE
            of_cost = formats.percent(kind.cost, cost) if cost and kind.cost else formats.NONE
            unknown = not formats.has_price(kind.cost, kind.unpriced)
            amount, money = (
                formats.tokens(count),
                formats.amount(kind.cost, kind.unpriced, at_least=kind.high > kind.cost),
            )
            exact_tokens = self.tr("{n} tokens").format(n=count)
            exact = "" if unknown else formats.exact(kind.cost)
            rows.append(
                [
                    Swatch(ink, title),
                    Number(amount, exact=exact_tokens) if count else Number(self._requests(kind), ink="text3"),
                    Number(of_tokens, ink="text3"),
                    Number(money, exact=exact, ink="text3" if unknown else "text"),
                    Number(of_cost, ink="text3"),
                ]
            )
            self._exact.append(exact)
            said = self.tr("{title}, {n} tokens, {share}")
            token_words = said.format(title=title, n=amount, share=of_tokens)
            token_parts.append(Part(count, ink, token_words, exact=exact_tokens))
            dollar_parts.append(Part(kind.cost, ink, f"{title}, {money}, {of_cost}", exact=exact))
        self.tokens.set_parts(self.tr("Tokens"), token_parts)
        self.dollars.set_parts(money_name(), dollar_parts)
        self._rows.set_rows(rows)
        self.table.measure()
        words = self.tr("1 call has no price.") if unpriced == 1 else self.tr("{n} calls have no price.")
        self.unpriced.set_text(
            words.format(n=f"{unpriced:,}") + " " + self.tr("{money} leave them out.").format(money=money_name())
        )
        self.unpriced.setVisible(bool(unpriced))
        self.show_unpriced.setVisible(bool(unpriced))

    def _joined(self, kinds: Sequence[Kind]) -> list[Kind]:
        """As people read them, in the order of the bars: both lifetimes of the cache are one kind."""
        found: list[Kind] = []
        for key, members in _KINDS.items():
            some = [kind for kind in kinds if kind.key in members]
            if some:
                sums = (sum(kind.tokens for kind in some), sum(kind.cost for kind in some))
                unpriced, high = sum(kind.unpriced for kind in some), sum(kind.high for kind in some)
                found.append(Kind(key, 0, *sums, unpriced, max(kind.evidence for kind in some), high))
        return found

    def _requests(self, kind: Kind) -> str:
        """What is paid for by the request has no tokens, but a count."""
        if kind.key != "requests":
            return formats.NONE
        return formats.counted(kind.tokens, self.tr("request"), self.tr("requests"))

    def _offer(self, row: int) -> Offer:
        return Offer(self.origin_asked.emit, self._exact[row] if row < len(self._exact) else "")

    def _pointed(self, place: int) -> None:
        self.tokens.set_chosen(place)
        self.dollars.set_chosen(place)

    def _row_chosen(self, place: int) -> None:
        self._pointed(place)


_KINDS: dict[str, tuple[str, ...]] = {
    "cache_read": ("cache_read",),
    "cache_write": ("cache_write_5m", "cache_write_1h"),
    "input": ("input",),
    "output": ("output",),
    "reasoning": ("reasoning",),
    "requests": ("requests",),
    "unsplit": ("unsplit",),
}
"""What a row joins, in the order of the bars."""
_NO_TOKENS = ("requests", "unsplit")
_INKS = {key: f"kind:{key}" for key in ("cache_read", "cache_write", "input", "output", "reasoning")}


class SessionsCard(Card):
    """The sessions that wrote last."""

    opened = Signal(str, str)
    """Source and the agent's id of the session that was opened."""
    all_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, padded=False)
        self.show_all = Button(self.tr("Show all"), "link")
        self.show_all.clicked.connect(lambda: self.all_asked.emit())
        self.header.addWidget(self.show_all)
        self._columns = (
            Column(self.tr("Last call"), 0),
            Column("", 42, said=self.tr("Agent")),
            Column(self.tr("Project and branch"), -1),
            Column(self.tr("Context"), 76),
            Column(self.tr("Peak"), 0, True),
            Column(self.tr("Cost"), 0, True),
            Column("", 40, said=self.tr("Certainty")),
        )
        self._rows = Rows(self._columns)
        self.table = Table(self.tr("Sessions"), self._columns, edge="card")
        self.table.setModel(self._rows)
        self.table.fit_rows()
        self.table.opened.connect(self._open)
        self.table.offer(self._offer)
        self._shown: list[ListedSession] = []
        self._narrow = False
        """Too narrow for the time beside the word that a session runs."""
        self._told: tuple[Below, set[tuple[str, str]], int, tzinfo] | None = None
        self.loading = LoadingRows(6)
        self.body.addWidget(self.loading, 1)
        self.body.addWidget(self.table)
        self.body.addStretch(0)
        self.table.hide()
        self.set_title(self.tr("Sessions"))

    def show_below(self, below: Below, running: set[tuple[str, str]], period: str, now: int, zone: tzinfo) -> None:
        """`running` are (source, id) of the sessions that write now; `period` is what stands behind their number."""
        self.loading.end()
        self.loading.hide()
        self.table.show()
        count = self.tr("{n} {period}") if below.sessions == 1 else self.tr("{n} {period}, newest first")
        self.set_title(self.tr("Sessions"), count.format(n=f"{below.sessions:,}", period=period))
        chosen = self.table.currentIndex().row()
        kept = self._shown[chosen].ident if 0 <= chosen < len(self._shown) else None
        self._shown = [one for one, _ in below.newest]
        self._told = (below, running, now, zone)
        self._fill()
        place = next((place for place, one in enumerate(self._shown) if one.ident == kept), -1)
        if place >= 0 and place != self.table.currentIndex().row():
            self.table.choose(place)

    def _fill(self) -> None:
        if self._told is not None:
            below, running, now, zone = self._told
            self._rows.set_rows([self._cells(one, detail, running, now, zone) for one, detail in below.newest])
            self.table.measure()

    def _cells(
        self, one: ListedSession, detail: Detail, running: set[tuple[str, str]], now: int, zone: tzinfo
    ) -> list[Cell]:
        runs = (one.source, one.native) in running
        running_word, when = self.tr("running") if runs else "", moment(one.ended_at, now, zone)
        return [
            ChipCell(running_word) if runs and self._narrow else Words(when, "text2", chip=running_word),
            AgentMark(one.source),
            Parts(session_name(one.project, one.native), one.branch or ""),
            Spark(detail.contexts, None),
            Number(formats.tokens(one.peak), ink="text2", exact=str(one.peak))
            if one.peak is not None
            else Number(formats.NONE, ink="text3"),
            cost_cell(one, self._told[0].whole.get(one.ident) if self._told is not None else None),
            dot_cell(one),
        ]

    def _offer(self, row: int) -> Offer:
        return Offer(lambda: self._open(row), exact_cost(self._shown[row])) if row < len(self._shown) else Offer()

    def _open(self, row: int) -> None:
        if 0 <= row < len(self._shown):
            self.opened.emit(self._shown[row].source, self._shown[row].native)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "table"):
            self._fit_columns()

    def _fit_columns(self) -> None:
        """In little room the sparkline goes first, then the peak: names and cost stay."""
        room = self.width() / max(0.1, self.theme.scale)
        narrow = room < 480
        if narrow != self._narrow:
            self._narrow = narrow
            self._fill()
        self.body.setContentsMargins(0, 0, 0, self.theme.space.s)
        self.table.setColumnHidden(3, room < 560)
        self.table.setColumnHidden(4, narrow)
        self.table.measure()


def exact_cost(one: ListedSession | GroupLine) -> str:
    """For the clipboard; nothing where nothing has a price."""
    return formats.exact(one.cost) if formats.has_price(one.cost, one.unpriced) else ""


def dot_cell(one: ListedSession) -> Dot | None:
    return Dot(label_of(one.evidence)) if formats.has_price(one.cost, one.unpriced) else None


def cost_cell(one: ListedSession, whole: ListedSession | None = None) -> Number:
    """`$7.60`, `≥ $7.60`, or `no price` in gray; of a session that is more than what is shown, `$2.74 of $3.65`."""
    words = formats.amount(one.cost, one.unpriced, at_least=bool(one.at_least))
    of = ""
    if whole is not None:
        money = formats.amount(whole.cost, whole.unpriced, at_least=bool(whole.at_least))
        of = _tr("of {money}").format(money=money)
    if not formats.has_price(one.cost, one.unpriced):
        return Number(words, of, ink="text3")
    return Number(words, of, weight=500, exact=formats.exact(one.cost))


def _tr(text: str) -> str:
    return QCoreApplication.translate("OverviewCards", text)
