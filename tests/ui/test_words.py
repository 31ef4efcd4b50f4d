"""Every word on the screen can be translated: none is written past tr(), and longer ones find their room."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app import formats
from app.machine import Machine
from app.model.meters import Deleting, Meters
from app.model.trouble import Drifted, Unlike, Unreadable
from app.ui import moments
from app.ui.appearance import Appearance, appearance, use_shipped_font
from app.ui.session_window import SessionWindow
from app.ui.tray_view import Options, title_and_text, view
from app.ui.widgets import dates, spoken
from tests.conftest import ROOT
from tests.ui.standing import Longer, demo_machine, faults, size_to, standing
from tests.ui.test_popover import running

WORDS = re.compile(r"^[A-Z][a-z]+\b|[A-Za-z]{2,} [a-z]{2,}|^ [a-z]{2,}|[a-z]{2,} $")
"""A capital, a space between two words or around one: looks like something a person is meant to read."""
TRANSLATING = {"tr", "_tr", "translate", "QT_TRANSLATE_NOOP"}
NOT_SHOWN = {"color", "ink", "setStyleSheet", "error", "warning", "TypeVar", "cast", "QFont", "setStyle", "Slot"} | {
    "createMethodCall",
    "setDisplayFormat",
    "width_of",
    "span_of",
    "get",
}
"""Calls whose texts nobody reads: names of colors, style, the log, Qt's own names, keys of a dictionary."""
KEYS = {"bind", "Told"}
"""Calls whose keys are spelled by Qt, which knows the keyboard's language; the words behind them are looked at."""
FREE = {
    "Cuenta": "a name",
    "Overview": "of the list of the menu, translated where it is read",
    "Sessions": "of the list of the menu, translated where it is read",
    "Fill": "the end of a color's name",
    "Text": "the end of a color's name",
    "Babel": "a name",
    "Python ": "a name",
    ", SQLite ": "a name",
    "Segmented": "a key",
    "7 days": "a key of the periods",
    "30 days": "a key of the periods",
    " License": "the end of a license's name, cut off",
    "Enter": "a key's name, translated where it is spelled",
}
FILES = {
    "app/ui/application.py": "lines for the terminal, which speaks English as the command line does",
    "app/ui/portal.py": "names on the bus",
    "app/ui/tray_host.py": "names on the bus, and a fault of ours",
    "app/ui/probe.py": "for doctor, in English as the command line is",
    "app/ui/settings_pages/checks.py": "commands, and facts that the page words",
    "app/ui/widgets/dates.py": "American English itself; every other locale asks Babel",
    "app/ui/widgets/spoken.py": "American English itself; every other locale says it as it writes it",
    "app/ui/keys.py": "names of keys, translated where they are spelled",
}


def literals(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts outside docstrings and calls that translate them, log them or take them for a name."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
        return
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in TRANSLATING | NOT_SHOWN:
            return
        if called in KEYS:
            children = [one for one in children if not isinstance(one, ast.Constant)]
    for child in children:
        yield from literals(child)


def bypassing(text: str) -> list[tuple[int, str]]:
    return [one for one in literals(ast.parse(text)) if WORDS.search(one[1]) and one[1] not in FREE]


def test_no_word_bypasses_translation() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {text!r}"
        for path in sorted((ROOT / "app/ui").rglob("*.py"))
        if str(path.relative_to(ROOT)) not in FILES
        for line, text in bypassing(path.read_text(encoding="utf-8"))
        if not _is_code(text)
    ]
    assert found == []


def _is_code(text: str) -> bool:
    """A file's, a command's, a key's or a query's own words, as `Inter-Regular.otf` or `Ctrl+K`."""
    return bool(
        re.search(r"\.otf$|^Ctrl\+|[{}@\\]|^[A-Za-z]+[.-][A-Za-z.]+|^ [a-z]+:$|^[A-Z][a-z]+[A-Z0-9]|^MMM", text)
    )


@pytest.mark.parametrize(
    "code",
    [
        'label.setText("Copy value")',
        'Label("Reading")',
        'button.setToolTip(f"{n} calls without a price")',
        'self.setAccessibleName("Spend by day")',
        'words = "Nothing here"',
        'Entry(f"{left} more sessions")',
    ],
)
def test_a_word_that_bypasses_it_would_be_found(code: str) -> None:
    assert bypassing(code)


def test_a_translated_word_is_none() -> None:
    assert not bypassing('label.setText(self.tr("Copy value"))')
    assert not bypassing('bind(self, "Backspace", self.tr("Back to the overview"), self._back)')
    assert bypassing('bind(self, "Backspace", words("Back to the overview"), self._back)')


# Numbers and dates


def test_whatever_writes_a_number_or_a_day_takes_a_locale() -> None:
    writers = [formats.money, formats.amount, formats.rate, formats.tokens, formats.percent]
    writers += [moments.moment, moments.clock, moments.day, moments.days]
    writers += [dates.weekday, dates.short_day, dates.day_name, dates.long_day, dates.hour]
    writers += [spoken.money, spoken.tokens, spoken.percent]
    assert [one for one in writers if "locale" not in inspect.signature(one).parameters] == []


def test_another_locale_goes_through_babel() -> None:
    said = (
        formats.money(1_284_500_000_000, "de_DE"),
        formats.tokens(18_200, "de_DE"),
        formats.percent(0.034, 1, "de_DE"),
    )
    assert said == ("1.284\N{NO-BREAK SPACE}$", "18,2k", "3,4%")


# Words 40 % longer, where no test of a window's own looks


@pytest.fixture
def longer(qapp: QApplication, resources: Path) -> Iterator[None]:
    Appearance(resources, "light").use_font(use_shipped_font(resources))
    translator = Longer()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def test_the_tray_speaks_another_language(longer: None) -> None:
    """Every line of its menu, its tooltip and its description; what is left are names and figures."""
    now = Meters(
        0, 15_620_000_000, 31, 0, "measured", 4_200_000_000, running=(running(context=180_000), running("two"))
    )
    options = Options(windows=("overview", "sessions", "settings"), sessions=True)
    shown = view(now, options)
    sessions = {"session"}
    texts = [one.text for one in shown.menu if one.text and (one.action is None or one.action.value not in sessions)]
    assert all("·" in text for text in texts), texts
    assert all("·" in line for line in shown.tooltip), shown.tooltip
    paused = view(now._replace(paused=True, deleting=(Deleting("Claude Code", 30),)), options)
    assert all("·" in line for line in paused.tooltip[-1:]) and "·" in paused.description
    assert "·" in view(now._replace(reading=(3, 9)), options).tooltip[-1]
    for problem in (
        Unreadable("Codex", 1, "~/x: no"),
        Unreadable("Codex", 2, "~/x: no"),
        Drifted("Codex", 1),
        Unlike("Codex"),
    ):
        assert "·" in title_and_text(problem)[0] and "·" in view(now._replace(problems=(problem,)), options).tooltip[-1]


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_origin_of_a_call_has_room_for_longer_words(
    scale: float, longer: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    machine: Machine = demo_machine(tmp_path_factory.mktemp("demo"))
    appearance().set_text_scale(scale)
    with standing(machine) as stand:
        meters = stand.windows.context.meters()
        assert meters is not None
        window = stand.windows.open_session(meters.running[0].source, meters.running[0].session)
        assert isinstance(window, SessionWindow)
        stand.settle(lambda: window.settled)
        window.show_trace(0)
        stand.settle(lambda: window.trace.isVisible())
        size_to(window, 960, 640)
        assert faults(window.trace) == []
