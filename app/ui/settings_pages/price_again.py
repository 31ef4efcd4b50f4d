"""Re-price: what stored calls cost now and by today's prices, by model and reason, before anything is written."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot

from app import formats
from app.diagnostics import KnownError
from app.report.repricing import LOST, NEW, OFF, OTHER_ROW, OWN, SAME_ROW, Change, Plan
from app.ui.settings_pages.parts import Pair
from app.ui.settings_pages.price_parts import Controls, Sheet, Waiting
from app.ui.widgets.buttons import Button
from app.ui.widgets.cells import Cell, Number, Words
from app.ui.widgets.label import Label
from app.ui.widgets.table import Column
from app.ui.windows import Context

_SHOWN = 12


class Repricing(Waiting):
    """Shown while a plan waits for the user's word."""

    applied = Signal(int, int)
    """So many calls have another cost now, of so many that were shown."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._plan: Plan | None = None
        columns = (
            Column(self.tr("Model"), -1),
            Column(self.tr("Why")),
            Column(self.tr("Calls"), 0, True),
            Column(self.tr("Now"), 0, True),
            Column(self.tr("New"), 0, True),
            Column(self.tr("Difference"), 0, True),
        )
        self.sheet = Sheet(self.tr("What re-pricing changes"), columns, dropping=(1, 5, 2))
        self._more = Label(" ", "table", "text2", wrap=True)
        self.apply = Button(self.tr("Re-price"), "primary")
        self.apply.clicked.connect(self._apply)
        later = Button(self.tr("Not now"))
        later.clicked.connect(self.left)
        self.body.addWidget(self.sheet)
        self.body.addWidget(Pair(self._more, Controls(later, self.apply), least=220))

    def offer(self, plan: Plan) -> None:
        """Asks whether that is to be stored."""
        self._plan = plan
        calls = formats.counted(len(plan.calls), self.tr("call"), self.tr("calls"))
        before = plan.before if any(one.before is not None for one in plan.changes) else None
        after = plan.after if any(one.after is not None for one in plan.changes) else None
        sums = formats.with_rate(f"{_money(before)} → {_money(after)}")
        self.set_title(self.tr("Re-price {calls}?").format(calls=calls), sums)
        self.sheet.show_rows([self._row(one) for one in plan.changes[:_SHOWN]])
        left = len(plan.changes) - _SHOWN
        words = self.tr("All or none; Undo brings the costs of now back.")
        if any(one.why != LOST and one.row_before is None for one in plan.changes):
            words += " " + self.tr("Calls without a price get one with the next reading in any case.")
        if left > 0:
            words = f"{self.tr('{n} smaller changes are not shown.').format(n=left)} {words}"
        self._more.set_text(words)
        self.apply.setEnabled(True)
        self.show()
        self.apply.setFocus()

    def _row(self, one: Change) -> tuple[Cell, ...]:
        return (
            Words(one.model or formats.NONE, fixed=True),
            Words(self._why(one), "text2"),
            Number(f"{one.calls:,}", ink="text2"),
            Number(_money(one.before), ink="text2"),
            Number(_money(one.after)),
            Number(gain(one.gain)),
        )

    def _why(self, one: Change) -> str:
        return {
            NEW: self.tr("had no price"),
            LOST: self.tr("price is gone"),
            OWN: self.tr("your own price"),
            OFF: self.tr("your discount"),
            OTHER_ROW: self.tr("another row"),
            SAME_ROW: self.tr("the row changed"),
        }[one.why]

    @Slot()
    def _apply(self) -> None:
        plan, machine = self._plan, self._context.machine
        if plan is None:
            return

        def work(_connection: object) -> int:
            from app import runtime

            return runtime.reprice(machine, plan)

        self.apply.setEnabled(False)
        self._context.ask(
            work, lambda calls: self.applied.emit(calls, len(plan.calls)), self, self._failed, "re-pricing"
        )

    def _failed(self, error: Exception) -> None:
        self.apply.setEnabled(isinstance(error, KnownError))
        self.failed.emit(error)


def _money(nano: int | None) -> str:
    return formats.NO_PRICE if nano is None else formats.money(nano)


def gain(nano: int) -> str:
    """With its sign."""
    return f"+{formats.money(nano)}" if nano > 0 else formats.money(nano)
