"""Agents as rows of a table where there is room, and of a few lines each where there is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from typing import Literal

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app import formats
from app.machine import Machine
from app.report.sources import Line, State
from app.ui.appearance import appearance
from app.ui.moments import moment
from app.ui.settings_pages.parts import Fixed
from app.ui.widgets.chip import Chip, Tone
from app.ui.widgets.choices import CheckBox
from app.ui.widgets.label import Label
from app.ui.widgets.mark import Mark
from app.ui.widgets.surface import Hairline

Fact = Literal["files", "calls", "last", "evidence", "state"]
_GAP = 18
TONES: dict[State, Tone] = {"reading": "good", "changed": "warn", "problem": "bad"}


def state_words(state: State) -> str:
    tr = QCoreApplication.translate
    return {
        "off": tr("Sources", "off"),
        "paused": tr("Sources", "paused"),
        "problem": tr("Sources", "cannot read"),
        "changed": tr("Sources", "format changed"),
        "unverified": tr("Sources", "unverified"),
        "limited": tr("Sources", "limited"),
        "missing": tr("Sources", "not found"),
        "reading": tr("Sources", "reading"),
    }[state]


class SourceRows(QWidget):
    """`facts` are the columns behind the folder; `row` is the height of a row in pixels at 100 %."""

    switched = Signal(str, bool)
    """The user ticked or unticked that agent."""

    def __init__(self, machine: Machine, zone: Callable[[], tzinfo], facts: Sequence[Fact], row: int = 33) -> None:
        super().__init__()
        self._machine, self._zone, self._facts = machine, zone, tuple(facts)
        self._height = row
        self._rows: list[_Row] = []
        self._lines: tuple[Line, ...] = ()
        self._heads: list[Label] = []
        self._rules: list[Hairline] = []
        self._narrow = False
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setSizePolicy(policy)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(0)
        appearance().changed.connect(self._lay_out)

    def set_lines(self, lines: Iterable[Line]) -> None:
        """Shows these agents; a box that has the keyboard keeps it."""
        lines = tuple(lines)
        if lines == self._lines:
            return
        known = [line.source for line in self._lines]
        self._lines = lines
        if known != [line.source for line in lines]:
            self._make()
        for row, line in zip(self._rows, lines, strict=True):
            row.set_line(line)
        self._lay_out()

    def box(self, source: str) -> CheckBox:
        """The agent's box."""
        return next(row.box for row, line in zip(self._rows, self._lines, strict=True) if line.source == source)

    @property
    def narrow(self) -> bool:
        return self._narrow

    def _make(self) -> None:
        for old in (*self._heads, *self._rules, *(one for row in self._rows for one in row.widgets)):
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows = [_Row(self, self._machine, self._zone, self._facts) for _ in self._lines]
        self._rules = [Hairline(parent=self) for _ in range(len(self._lines) + 1)]
        titles = {
            "files": self.tr("Found"),
            "calls": self.tr("Calls"),
            "last": self.tr("Last entry"),
            "evidence": self.tr("Evidence"),
            "state": "",
        }
        words = [self.tr("Agent"), self.tr("Folder"), *(titles[fact] for fact in self._facts)]
        self._heads = [Label(word, "caption", "text3", weight=500, parent=self) for word in words]
        for row, line in zip(self._rows, self._lines, strict=True):
            row.box.clicked.connect(lambda on, source=line.source: self.switched.emit(source, on))

    # --- laying out

    def _wide_width(self) -> int:
        """What the table takes with room for a folder that is still to be read."""
        theme = appearance().theme
        lead = max((row.lead_width() for row in self._rows), default=0)
        facts = 0
        for place in range(len(self._facts)):
            head = self._heads[place + 2].sizeHint().width() if self._heads else 0
            facts += max([head, *(row.facts[place].sizeHint().width() for row in self._rows)]) + theme.px(_GAP)
        return lead + theme.px(_GAP) + theme.px(110) + facts

    @Slot()
    def _lay_out(self) -> None:
        while self._grid.takeAt(0) is not None:
            pass
        for place in range(self._grid.rowCount()):
            self._grid.setRowMinimumHeight(place, 0)
        for place in range(self._grid.columnCount()):
            self._grid.setColumnStretch(place, 0)
            self._grid.setColumnMinimumWidth(place, 0)
        self._narrow = bool(self._rows) and self.width() < self._wide_width()
        (self._lay_narrow if self._narrow else self._lay_wide)()
        self.updateGeometry()

    def _lay_wide(self) -> None:
        """Box, mark, name, folder, then the facts: a gap of its own column before each."""
        theme, grid = appearance().theme, self._grid
        headed = len(self._facts) > 1
        last = 4 + 2 * len(self._facts)
        for place, head in enumerate(self._heads):
            head.setVisible(headed)
            if headed:
                column = 0 if place == 0 else 2 + 2 * place
                span = 3 if place == 0 else 1
                grid.addWidget(head, 0, column, 1, span, self._side(place))
        grid.setRowMinimumHeight(0, theme.px(28) if headed else 0)
        grid.setColumnMinimumWidth(1, theme.px(22) + theme.px(7))
        for gap in range(3, last, 2):
            grid.setColumnMinimumWidth(gap, theme.px(_GAP))
        grid.setColumnStretch(4, 1)
        top = 1
        for place, (row, rule) in enumerate(zip(self._rows, self._rules, strict=False)):
            if place or headed or len(self._facts) == 1:
                grid.addWidget(rule, top, 0, 1, last + 1)
            rule.setVisible(True)
            row.summary.hide()
            middle = Qt.AlignmentFlag.AlignVCenter
            grid.addWidget(row.box, top + 1, 0, middle)
            grid.addWidget(row.mark, top + 1, 1, middle | Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(row.title, top + 1, 2, middle)
            grid.addWidget(row.folder, top + 1, 4, middle)
            for number, fact in enumerate(row.facts):
                fact.show()
                grid.addWidget(fact, top + 1, 6 + 2 * number, middle | self._side(number + 2))
            grid.setRowMinimumHeight(top + 1, theme.px(self._height) - 1)
            top += 2
        self._end(top, last + 1)

    def _lay_narrow(self) -> None:
        """Box, mark, name and state; below them the folder, and one line of all other facts."""
        theme, grid = appearance().theme, self._grid
        for head in self._heads:
            head.hide()
        grid.setColumnStretch(2, 1)
        grid.setColumnMinimumWidth(1, theme.px(22) + theme.px(7))
        top = 0
        for row, rule in zip(self._rows, self._rules, strict=False):
            grid.addWidget(rule, top, 0, 1, 4)
            grid.addWidget(row.box, top + 1, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(row.mark, top + 1, 1, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(row.title, top + 1, 2, Qt.AlignmentFlag.AlignVCenter)
            for fact, widget in zip(self._facts, row.facts, strict=True):
                widget.setVisible(fact == "state")
                if fact == "state":
                    right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
                    grid.addWidget(widget, top + 1, 3, right)
            row.summary.setVisible(bool(row.summary.text()))
            grid.addWidget(row.folder, top + 2, 1, 1, 3)
            grid.addWidget(row.summary, top + 3, 1, 1, 3)
            grid.setRowMinimumHeight(top + 1, theme.px(self._height) - 1)
            grid.setRowMinimumHeight(top + 4, theme.px(8))
            top += 5
        self._end(top, 4)

    def _end(self, top: int, columns: int) -> None:
        if self._rules:
            self._grid.addWidget(self._rules[-1], top, 0, 1, columns)

    def _side(self, place: int) -> Qt.AlignmentFlag:
        """Numbers and what ends the row stand at the right."""
        if place < 2:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        fact = self._facts[place - 2]
        right = fact in ("calls", "last", "state") or len(self._facts) == 1
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def minimumSizeHint(self) -> QSize:
        lead = max((row.lead_width() + row.state_width() for row in self._rows), default=0)
        return QSize(lead, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (self.width() < self._wide_width()) != self._narrow:
            self._lay_out()


class _Row:
    """The widgets of one agent."""

    def __init__(self, parent: QWidget, machine: Machine, zone: Callable[[], tzinfo], facts: Sequence[Fact]) -> None:
        self._parent, self._machine, self._zone, self._names = parent, machine, zone, tuple(facts)
        self.box = CheckBox(parent=parent)
        self.mark = Mark(parent=parent)
        self.title = Label(weight=500, role="table" if len(facts) > 1 else "body", parent=parent)
        self.folder = Fixed()
        self.folder.setParent(parent)
        self.facts: list[Label | Chip] = [
            Chip(parent=parent) if fact == "state" else Label(role="table", ink="text2", parent=parent)
            for fact in facts
        ]
        self.summary = Label(role="table", ink="text2", wrap=True, parent=parent)

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        return (self.box, self.mark, self.title, self.folder, *self.facts, self.summary)

    def lead_width(self) -> int:
        px = appearance().theme.px
        return self.box.sizeHint().width() + px(29) + self.title.sizeHint().width()

    def state_width(self) -> int:
        chips = [one for one in self.facts if isinstance(one, Chip)]
        return sum(one.sizeHint().width() for one in chips) + appearance().theme.px(12)

    def set_line(self, line: Line) -> None:
        tr = self._parent.tr
        self.mark.set_agent(line.source)
        self.title.set_text(line.title)
        self.title.set_ink("text" if line.on else "text3")
        self.box.setChecked(line.on)
        main = line.main_folder
        shown = self._machine.short(main.path) if main is not None else ""
        others = sum(one.present for one in line.folders) - 1
        self.folder.set_text(f"{shown}  +{others}" if others > 0 else shown)
        every = "\n".join(self._machine.short(one.path) for one in line.folders)
        self.folder.setToolTip(every)
        said: list[str] = []
        for name, widget in zip(self._names, self.facts, strict=True):
            words = self._words(name, line)
            if isinstance(widget, Chip):
                widget.set_chip(words, TONES.get(line.state, "plain"))
            else:
                widget.set_text(words)
            if words and name != "state":
                said.append(self._sentence(name, words, line.calls))
        self.summary.set_text(" · ".join(said))
        self.box.setAccessibleName(tr("Read {agent}").format(agent=line.title))
        state = state_words(line.state)
        self.box.setAccessibleDescription(", ".join([every.replace("\n", ", "), *said, state]))

    def _sentence(self, name: Fact, words: str, calls: int) -> str:
        """The fact where no column's head says what it is."""
        tr = self._parent.tr
        if name == "calls":
            return formats.counted(calls, tr("call"), tr("calls"))
        return {"last": tr("last entry {}"), "evidence": tr("evidence {}")}.get(name, "{}").format(words)

    def _words(self, name: Fact, line: Line) -> str:
        tr = self._parent.tr
        if name == "state":
            return state_words(line.state)
        if not line.found:
            return ""
        if name == "files":
            return formats.counted(line.files, tr("file"), tr("files"))
        if name == "calls":
            return f"{line.calls:,}"
        if name == "last":
            return (
                moment(line.last_at, self._machine.clock(), self._zone()) if line.last_at is not None else formats.NONE
            )
        return line.evidence or formats.NONE
