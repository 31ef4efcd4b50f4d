"""The page of plans and the wording by plan, over the demo: one agent whose log names its plan, one that says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import formats
from app.machine import Machine
from app.report import overview_page, period, popover
from app.report.plans import Paid, Value
from app.report.zone import local_zone
from app.runtime import reader
from app.settings import Billing, Settings, save
from app.store.queries import Sums
from app.ui.plan_words import limit_words, paid_words, spend_word, today_words, told_words
from app.ui.preferences import preferences
from app.ui.settings_pages.plans import PlansPage
from app.ui.widgets.figure import Figure
from app.ui.widgets.heading import Heading
from app.ui.widgets.label import Label
from tests.ui.pages import Frame, amiss, frame, longer, unnamed
from tests.ui.standing import NOW, demo_machine

DOLLAR = 1_000_000_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return demo_machine(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def shown(demo: Machine, qapp: QApplication) -> Iterator[Frame]:
    save(demo, Settings())
    with frame(demo) as one:
        yield one
    (demo.data / "settings.json").unlink()


def page(shown: Frame) -> PlansPage:
    found = shown.settings("plans").page
    assert isinstance(found, PlansPage)
    shown.settle()
    return found


def said(widget: PlansPage) -> list[str]:
    return [one.text() for one in widget.findChildren(Label) if one.isVisible()]


def figures(widget: PlansPage) -> dict[str, str]:
    return {one.accessibleName(): one.accessibleDescription() for one in widget.findChildren(Figure) if one.isVisible()}


def choose(shown: Frame, widget: PlansPage, account: str, data: str) -> None:
    choice = widget.choices[account]
    choice.setCurrentIndex(choice.findData(data))
    choice.activated.emit(choice.currentIndex())
    shown.settle()


def kept(machine: Machine) -> dict[str, Any]:
    return json.loads((machine.data / "settings.json").read_text())["billing"]


def test_what_the_log_says_and_what_nobody_says(shown: Frame) -> None:
    widget = page(shown)
    assert [widget.choices[one].currentText() for one in ("claude_code", "codex")] == ["Not known", "Plan: Plus"]
    words = said(widget)
    assert "Choose, so that the wording fits." in words
    assert "From the log. The figures are list-price value, not a bill." in words
    found = figures(widget)
    assert list(found) == ["List-price value, Nov 1 – Nov 24", "Plan price, same days", "Share of the limit"]
    assert found["Plan price, same days"] == "–. choose it above"
    assert found["Share of the limit"].endswith("this week, from the log")


def test_a_price_is_offered_and_only_taken_when_chosen(shown: Frame, demo: Machine) -> None:
    """24 of 30 days of 20 dollars are 16; three figures, and no fourth that adds them."""
    widget = page(shown)
    choose(shown, widget, "codex", "plus")
    assert kept(demo) == {"codex": {"kind": "plan", "plan": "plus", "monthly": 20 * DOLLAR}}
    assert figures(widget)["Plan price, same days"] == "$16.00. 24 of 30 days of $20.00"
    assert len(figures(widget)) == 3
    assert [one.accessibleDescription() for one in widget.findChildren(Heading)] == ["never added up"]
    choose(shown, widget, "codex", "api")
    assert kept(demo) == {"codex": {"kind": "api", "plan": "", "monthly": 0}}
    assert figures(widget) == {} and "Billed per token. The figures estimate the bill." in said(widget)
    choose(shown, widget, "codex", "")
    assert kept(demo) == {} and len(figures(widget)) == 3


def test_a_price_of_ones_own(shown: Frame, demo: Machine) -> None:
    widget = page(shown)
    choose(shown, widget, "claude_code", "own")
    entry = widget.prices["claude_code"]
    entry.setText("25")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    shown.settle()
    assert kept(demo) == {"claude_code": {"kind": "plan", "plan": "", "monthly": 25 * DOLLAR}}
    assert figures(widget)["Plan price, same days"] in ("$20.00. 24 of 30 days of $25.00", "–. choose it above")
    assert "$20.00. 24 of 30 days of $25.00" in [one.accessibleDescription() for one in widget.findChildren(Figure)]
    assert widget.prices["claude_code"].text() == "25.00"
    widget.prices["claude_code"].setText("25,00")
    widget.prices["claude_code"].editingFinished.emit()
    assert "is no amount" in widget.trouble.accessibleName()
    assert kept(demo)["claude_code"]["monthly"] == 25 * DOLLAR


def test_the_keyboard_stays_where_it_was(shown: Frame) -> None:
    """A choice makes the rows anew; whoever chose with the keyboard is still at the list."""
    window = shown.settings("plans")
    widget = page(shown)
    window.activateWindow()
    widget.choices["codex"].setFocus()
    choose(shown, widget, "codex", "plus")
    assert QApplication.focusWidget() is widget.choices["codex"]
    assert unnamed(window) == []


def test_it_leads_to_reconcile(shown: Frame) -> None:
    asked: list[str] = []
    widget = page(shown)
    object.__setattr__(shown.windows.context, "open_window", lambda key, wish="": asked.append(key))
    widget.reconcile.click()
    assert asked == ["reconcile"]


@pytest.mark.parametrize("percent", [100, 150, 200])
@pytest.mark.parametrize("ground", ["light", "dark"])
def test_nothing_is_cut_with_all_there_is(percent: int, ground: str, shown: Frame) -> None:
    own = Billing(kind="plan", monthly=25 * DOLLAR)
    shown.preferences.change(billing={"claude_code": own}, text_percent=percent, appearance=ground)
    window = shown.settings("plans")
    window.resize(820, 560)
    shown.settle()
    page(shown)
    assert amiss(window) == [] and unnamed(window) == []


def test_a_wordy_language(demo: Machine, qapp: QApplication) -> None:
    save(demo, Settings(billing={"claude_code": Billing(kind="plan", monthly=25 * DOLLAR)}))
    with longer(), frame(demo) as one:
        window = one.settings("plans")
        window.resize(820, 560)
        one.settle()
        assert amiss(window) == []
    (demo.data / "settings.json").unlink()


# --- words


def test_a_sum_is_called_by_how_its_accounts_are_paid() -> None:
    assert spend_word(["plan"]) == spend_word(("plan", "plan")) == "List-price value"
    for mixed in ([], ["api"], [None], ["plan", "api"], ["plan", None]):
        assert spend_word(mixed) == "Spend"  # type: ignore[arg-type]


def test_today_by_key_and_on_the_plan() -> None:
    key, value = 11_450_000_000, 4_170_000_000
    assert today_words(key, value) == "Of today: $11.45 by API key, $4.17 list-price value on the plan"
    assert today_words(0, value) == "Of today, $4.17 is list-price value on the plan"
    assert today_words(key, 0) == "Of today, $11.45 is by API key"
    assert today_words(0, 0) == ""


def test_an_account_in_words() -> None:
    told = Paid("codex", None, "plan", "Plus", None, "settings", extra=True)
    assert paid_words(told) == (
        "From the agent's settings. The figures are list-price value, not a bill. Usage beyond the plan is billed."
    )
    assert (told_words(told), told_words(Paid("codex", None, None))) == ("Plan: Plus", "Not known")
    span = period.span_of("month", NOW, local_zone(Machine(Path(), {"TZ": "UTC"})))
    value = Value(span, Sums(), None, 58.0, 300, NOW - 7_200_000, False)
    assert limit_words(value, NOW) == "these 5 hours, from the agent's settings, 2 h ago"
    assert limit_words(value._replace(minutes=4_320, seen_at=NOW, from_log=True), NOW) == "this window, from the log"
    for one in (paid_words(told), today_words(1, 1), spend_word(["plan"])):
        assert "saved" not in one.lower()


def test_the_popover_and_the_overview_say_it_by_plan(demo: Machine) -> None:
    """Nothing chosen: the log's plan alone is value. Each chosen: today is split. All on plans: the period is value."""

    def read(**billing: Billing) -> tuple[popover.Plan, str]:
        save(demo, Settings(billing=billing))
        with closing(reader(demo)) as store:
            [plan] = popover.read(store, demo).plans
            span = period.span_of("30 days", NOW, local_zone(demo))
            return plan, spend_word(overview_page.top(store, span, "agent", demo).paid)

    plan, word = read()
    assert plan.today > 0 and plan.by_key == 0 and word == "Spend"
    by_key, word = read(claude_code=Billing(kind="api"))
    assert by_key.by_key > 0 and by_key.today == plan.today and word == "Spend"
    swapped, word = read(claude_code=Billing(kind="plan"), codex=Billing(kind="api"))
    assert swapped.today == 0 and swapped.by_key == plan.today and word == "Spend"
    _, word = read(claude_code=Billing(kind="plan", plan="pro"))
    assert word == "List-price value"
    (demo.data / "settings.json").unlink()


# --- another currency in the windows


def test_the_preferences_apply_the_currency(demo: Machine, qapp: QApplication) -> None:
    from app.ui import preferences as module

    module._all.pop(demo.data, None)
    chosen = preferences(demo)
    try:
        chosen.change(currency=("EUR", "0.92", "2026-11-01"))
        assert formats.money(DOLLAR) == "€0.92" and formats.at_rate() == "at 0.92, Nov 1"
        chosen.change(currency=("EUR", "nonsense", "2026-11-01"))
        assert formats.money(DOLLAR) == "$1.00", "a file written by hand costs nothing but itself"
        chosen.change(currency=None)
        assert formats.at_rate() == ""
    finally:
        chosen.change(currency=None)
        module._all.pop(demo.data, None)
        (demo.data / "settings.json").unlink()
