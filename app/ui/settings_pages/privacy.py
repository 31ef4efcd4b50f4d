"""Privacy: what was tried just now, and what came of it. A tick stands only where something was tried and holds."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import formats
from app.diagnostics import KnownError
from app.machine import Machine
from app.report import doctor
from app.settings import Settings
from app.sources import chosen
from app.store.texts import Texts, texts
from app.ui.settings_pages import checks
from app.ui.settings_pages.page import Page
from app.ui.settings_pages.parts import Fixed, Pair, Row, Sunken, Verdict, Verdicts, not_here, side_by_side
from app.ui.widgets.buttons import Button
from app.ui.widgets.label import Label
from app.ui.widgets.notice import NoticeValue
from app.ui.widgets.surface import Hairline
from app.ui.windows import Context


class Findings(NamedTuple):
    """What the checks found."""

    refusal: checks.Refusal | None
    connections: int | None
    modules: checks.Modules
    open: checks.OpenLogs | None
    files: int
    """Log files there are."""
    changed: int
    """Those that look otherwise than when they were read, or were not read yet."""
    texts: Texts
    data: checks.DataFolder


def examine(connection: sqlite3.Connection, machine: Machine, settings: Settings) -> Findings:
    """Tries everything. Takes a while."""
    sources = doctor.examine(connection, machine, chosen((), settings.folders, settings.homes.values()))
    roots = [root.resolve() for one in sources for root in one.present]
    return Findings(
        checks.refusal(),
        checks.connections(),
        checks.modules(),
        checks.open_logs(roots),
        sum(one.on_disk for one in sources),
        sum(one.behind for one in sources),
        texts(connection),
        checks.data_folder(machine),
    )


class _CheckRow(Row):
    """One check: its mark, what was found, and the live value."""

    def __init__(self, title: str) -> None:
        self.mark = Verdicts()
        self.value = Label(role="body", ink="text2")
        super().__init__(title, " ", self.value, self.mark, air=9)

    def set_finding(self, verdict: Verdict, words: str, value: str) -> None:
        self.mark.set_verdict(verdict)
        self.value.set_text(value)
        self.set_words(words)
        said = ", ".join((self.mark.accessibleDescription(), value))
        self.value.setAccessibleName(self.accessibleName())
        self.value.setAccessibleDescription(f"{said}. {words}")


class PrivacyPage(Page):
    """The checks run when the page is shown and when they are asked for."""

    def __init__(self, context: Context) -> None:
        tr = QCoreApplication.translate
        super().__init__(
            context,
            tr("PrivacyPage", "Nothing leaves this computer"),
            tr("PrivacyPage", "No account, no telemetry, no update check. You can verify it:"),
        )
        self.network = _CheckRow(self.tr("Network calls are refused by the system"))
        self.sockets = _CheckRow(self.tr("No open connection"))
        self.code = _CheckRow(self.tr("No network code in Cuenta"))
        self.logs = _CheckRow(self.tr("Logs opened read-only"))
        self.words = _CheckRow(self.tr("No text stored"))
        for row in self.checks:
            self.body.addWidget(row)
        self.body.addSpacing(6)
        self.body.addWidget(self._yourself())
        self.body.addSpacing(8)
        machine = context.machine
        folder = Button(self.tr("Open folder"))
        folder.clicked.connect(self._open_folder)
        self._place = machine.short(machine.data)
        self.data = Row(self.tr("Your data"), self._place, folder)
        self.body.addWidget(self.data)
        self.body.addWidget(
            Row(
                self.tr("What is stored"),
                self.tr(
                    "Token counts, prices and times of each call; ids; names of models, projects and branches; paths of"
                    " logs and projects; what limits a log told."
                ),
            )
        )
        self.body.addWidget(
            Row(
                self.tr("What never is"),
                self.tr("Prompts, answers, thoughts, code, file contents, commands and what they printed, titles."),
            )
        )
        self.body.addWidget(Hairline())

    @property
    def checks(self) -> tuple[_CheckRow, ...]:
        return self.network, self.sockets, self.code, self.logs, self.words

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Tries everything anew."""
        machine, settings = self.context.machine, self.preferences.now
        self.context.ask(
            lambda connection: examine(connection, machine, settings), self.show_findings, self, self._failed
        )

    def show_findings(self, found: Findings) -> None:
        """Shows what the checks found."""
        self._show_network(found.refusal)
        if found.connections is None:
            self.sockets.set_finding("unknown", self.tr("This system does not tell which sockets we hold."), not_here())
        else:
            count = formats.counted(found.connections, self.tr("socket"), self.tr("sockets"))
            words = self.tr("{count} to the network held by this process, read from the system a moment ago.")
            verdict: Verdict = "fails" if found.connections else "holds"
            self.sockets.set_finding(verdict, words.format(count=count), count)
        self._show_code(found.modules)
        self._show_logs(found)
        self._show_words(found.texts)
        size = formats.size(found.data.bytes)
        parts = [self._place, size]
        if found.data.mode is not None:
            alone = not found.data.mode & 0o077
            said = self.tr("owner-only ({mode})") if alone else self.tr("open to others ({mode})")
            parts.append(said.format(mode=f"{found.data.mode:04o}"))
        self.data.set_words(" · ".join(parts))

    def _show_network(self, refusal: checks.Refusal | None) -> None:
        if refusal is None:
            self.network.set_finding("unknown", self.tr("This system does not tell what a process may do."), not_here())
        elif refusal == "denied":
            words = self.tr("This process sees no network device but its own loopback.")
            self.network.set_finding("holds", words, self.tr("denied"))
        elif refusal == "unknown":
            words = self.tr("A filter of the system is in force; what it refuses is not told.")
            self.network.set_finding("unknown", words, self.tr("unknown"))
        else:
            words = self.tr("Nothing but Cuenta itself holds it back here; the next four look at Cuenta.")
            self.network.set_finding("unknown", words, self.tr("not restricted"))

    def _show_code(self, found: checks.Modules) -> None:
        bad = (*found.holding, *found.clients)
        if bad:
            words = self.tr("Found: {names}.").format(names=", ".join(bad))
        else:
            words = self.tr("No HTTP client and no QtNetwork among {count:,} loaded modules.").format(
                count=found.loaded
            )
            if found.standard:
                names = ", ".join(found.standard)
                words += " " + self.tr("Loaded by libraries: {names}.").format(names=names)
        value = self.tr("{bad} of {all} modules").format(bad=len(found.holding), all=found.ours)
        self.code.set_finding("fails" if bad else "holds", words, value)

    def _show_logs(self, found: Findings) -> None:
        if found.open is None:
            words = self.tr("This system does not tell how our files are open.")
            self.logs.set_finding("unknown", words, not_here())
            return
        same = formats.counted(found.files - found.changed, self.tr("file"), self.tr("files"))
        words = self.tr("{files} unchanged since they were read").format(files=same)
        if found.changed:
            words += self.tr(", {count:,} have grown or wait to be read").format(count=found.changed)
        words += self.tr("; {count:,} open for writing now.").format(count=found.open.writing)
        self.logs.set_finding(
            "fails" if found.open.writing else "holds",
            words,
            formats.counted(found.files, self.tr("file"), self.tr("files")),
        )

    def _show_words(self, found: Texts) -> None:
        if found.unknown:
            words = self.tr("Columns that may hold anything: {names}.").format(names=", ".join(found.unknown))
        else:
            words = self.tr(
                "{count} text columns, all of ids, names, paths and labels; the longest text has {letters}."
            )
            letters = formats.counted(found.longest, self.tr("letter"), self.tr("letters"))
            words = words.format(count=found.columns, letters=letters)
        value = self.tr("{bad} of {all} columns").format(bad=len(found.unknown), all=found.columns)
        self.words.set_finding("fails" if found.unknown else "holds", words, value)

    # --- below the checks

    def _yourself(self) -> QWidget:
        said = checks.command(self.context.machine)
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(
            Label(self.tr("Check it yourself in a terminal; the list is empty"), "caption", "text2", wrap=True)
        )
        shown = Fixed(said, "text")
        shown.setAccessibleName(self.tr("Command"))
        column.addWidget(shown)
        copy, again = Button(self.tr("Copy")), Button(self.tr("Check again"))
        copy.setAccessibleName(self.tr("Copy the command"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(said))
        again.clicked.connect(self.refresh)
        return Sunken(Pair(words, side_by_side(copy, again), least=240))

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.context.machine.data)))

    def _failed(self, error: Exception) -> None:
        known = isinstance(error, KnownError)
        title = error.title if known else self.tr("The checks could not be tried")
        self.trouble.set_notice(NoticeValue("bad", title, error.hint if known else self.tr("cuenta.log says why.")))
