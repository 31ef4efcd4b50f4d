"""Connecting an agent from a window: the difference is shown, and written only when the user says so."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.agent_files import ledger
from app.agent_files.plan import Plan, connect, disconnect
from app.agent_files.writing import carry_out
from app.diagnostics import KnownError
from app.sources import BY_ID
from app.ui.windows import Context


class Connecting(QObject):
    """One change of one agent's settings at a time."""

    planned = Signal(str, str)
    """What it is, and the difference."""
    ended = Signal(object)
    """A KnownError, with an empty title where all went well."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.plan: Plan | None = None
        """What was shown and waits for a word."""

    def is_connected(self, source: str) -> bool:
        """Was something written for it?"""
        try:
            return ledger.written(self._context.machine, source) is not None
        except KnownError:
            return False

    def look(self, source: str, *, undo: bool) -> None:
        """Makes the plan and tells of it."""
        machine, one = self._context.machine, BY_ID[source].connection

        def work(_connection: object) -> Plan:
            written = ledger.written(machine, source)
            if undo and written is not None:
                return disconnect(machine, written)
            assert one is not None
            return connect(machine, source, one.file(machine), one.edits(machine), one.empty)

        self._context.ask(work, self._planned, self, self._failed)

    def carry_out(self) -> None:
        """Does what was shown."""
        machine, plan = self._context.machine, self.plan
        if plan is not None:
            self._context.ask(
                lambda _: carry_out(machine, plan), lambda _: self.ended.emit(KnownError("")), self, self._failed
            )

    def forget(self) -> None:
        self.plan = None

    def _planned(self, plan: Plan) -> None:
        machine = self._context.machine
        if not plan.changes:
            told = self.tr("{file} needs no change.").format(file=machine.short(plan.path))
            self.ended.emit(KnownError(told))
            return
        self.plan = plan
        told = self.tr("What would change in {file}; a copy is kept").format(file=machine.short(plan.path))
        self.planned.emit(told, plan.diff(machine))

    def _failed(self, error: Exception) -> None:
        known = error if isinstance(error, KnownError) else KnownError(self.tr("The file could not be changed."))
        self.ended.emit(known)
