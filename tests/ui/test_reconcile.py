"""The reconcile window: what is typed, beside the store's own figures; its keys, its words and its looks at any size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QDate, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget

from app import formats
from app.machine import Machine
from app.model.money import Currency
from app.report import vendors
from app.report.zone import local_zone, start_of
from app.runtime import reader
from app.store import invoices, queries
from app.store.invoices import Invoice
from app.store.queries import Filter
from app.ui.appearance import Appearance, appearance, use_shipped_font
from app.ui.reconcile_view import period_words
from app.ui.reconcile_window import ReconcileWindow
from app.ui.widgets.bridge import Strip, Ticks, axis_of
from app.ui.widgets.cells import words_of
from app.ui.widgets.label import Label
from tests.ui.standing import Longer, Standing, demo_machine, faults, size_to, standing

DOLLAR = 1_000_000_000
OCTOBER, NOVEMBER = (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return demo_machine(tmp_path_factory.mktemp("demo"))


@pytest.fixture(autouse=True)
def light(qapp: QApplication, resources: Path) -> Appearance:
    made = Appearance(resources, "light")
    made.use_font(use_shipped_font(resources))
    return made


@pytest.fixture(autouse=True)
def nothing_typed(demo: Machine) -> Iterator[None]:
    """Each test types its own; the demo's calls serve all of them."""
    yield
    with closing(reader(demo)) as store:
        for one in invoices.invoices(store):
            invoices.remove(demo.database, one.ident)


@pytest.fixture
def stand(demo: Machine) -> Iterator[Standing]:
    with standing(demo) as one:
        yield one


def opened(stand: Standing) -> ReconcileWindow:
    window = stand.windows.open("reconcile")
    assert isinstance(window, ReconcileWindow)
    stand.settle()
    return window


def ours(machine: Machine, days: tuple[date, date], vendor: str = "anthropic") -> queries.Sums:
    zone = local_zone(machine)
    last = date.fromordinal(days[1].toordinal() + 1)
    which = Filter(start_of(days[0], zone), start_of(last, zone), vendor=vendors.Payee(vendor).calls)
    with closing(reader(machine)) as store:
        return queries.total(store, which)


def typed(window: ReconcileWindow, stand: Standing, total: str) -> None:
    window.typed.total.setText(total)
    QTest.keyClick(window.typed.total, Qt.Key.Key_Return)
    stand.settle()


def kept(machine: Machine) -> list[Invoice]:
    with closing(reader(machine)) as store:
        return invoices.invoices(store)


def said(window: ReconcileWindow) -> str:
    return " | ".join(one.text() for one in window.findChildren(Label) if one.isVisible())


def figures(window: ReconcileWindow) -> dict[str, str]:
    return {one.accessibleName(): one.accessibleDescription() for one in window._figures if one.isVisible()}


def key(window: QWidget, keys: str) -> None:
    for one in window.findChildren(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if one.key().toString() == keys:
            one.activated.emit()
            return
    raise AssertionError(keys)


def test_it_opens_on_the_month_that_is_over(stand: Standing, demo: Machine) -> None:
    """Invoices are of those; nothing typed is nothing to compare."""
    window = opened(stand)
    assert window.month.text() == "October 2026" and window.typed.days == OCTOBER
    assert window.typed.payee == vendors.Payee("anthropic")
    found = ours(demo, OCTOBER)
    assert figures(window) == {
        "Invoice": "–. none typed for these days",
        "Cuenta, same days": f"{formats.money(found.cost)}. {found.calls} calls, all with a price",
    }
    assert "Nothing to compare yet." in said(window)
    assert not window.others.isVisible() and not window.typed.remove_button.isVisible()


def test_what_is_typed_is_stored_and_set_beside_ours(stand: Standing, demo: Machine) -> None:
    window = opened(stand)
    found = ours(demo, OCTOBER)
    typed(window, stand, "95.20")
    (one,) = kept(demo)
    assert one[:8] == ("anthropic", "", *OCTOBER, 95_200_000_000, None, True, demo.clock())
    difference = 95_200_000_000 - found.cost
    shown = figures(window)
    assert shown["Invoice"] == "$95.20. typed by you, Nov 24"
    assert shown["Difference"].startswith(formats.signed(difference))
    assert window._look is not None and window._look.typed is not None
    assert window._look.typed.difference == difference
    assert ours(demo, OCTOBER) == found
    words = said(window)
    assert "Calls that leave no log" in words and "another computer or key would look like this" in words
    assert "Looked at, does not fit: placeholder output" in words and "sub-agents: counted" in words
    assert not any(word in words.lower() for word in ("error", "overcharged", "wrong"))


def test_the_bars_lead_from_our_total_to_the_invoice(stand: Standing) -> None:
    """Each begins where the one before ended; the last is the whole way."""
    window = opened(stand)
    typed(window, stand, "95.20")
    assert window._look is not None and window._look.typed is not None
    strips = [one._value[1:] for one in window.reasons.findChildren(Strip)]
    assert strips[0][0] == 0 and strips[-1] == (0, window._look.typed.difference, "whole")
    assert [end for _, end, _ in strips[:-2]] == [begin for begin, _, _ in strips[1:-1]]
    assert strips[-2][1:] == (window._look.typed.difference, "rest")


def test_they_agree(stand: Standing, demo: Machine) -> None:
    window = opened(stand)
    nano = ours(demo, OCTOBER).cost + 10_000_000
    typed(window, stand, f"{nano // DOLLAR}.{nano % DOLLAR:09}")
    assert [*figures(window)] == ["Invoice", "Cuenta, same days", "Difference"]
    assert figures(window)["Difference"] == "+$0.01. They agree."
    assert "They agree." in said(window) and "Looked at" not in said(window)


def test_calls_without_a_price_make_it_an_upper_bound(stand: Standing, demo: Machine) -> None:
    window = opened(stand)
    key(window, "]")
    stand.settle()
    assert window.typed.days == NOVEMBER
    found = ours(demo, NOVEMBER)
    assert found.unpriced
    typed(window, stand, "400")
    assert figures(window)["Cuenta, same days"].startswith("≥ $")
    assert figures(window)["Difference"].startswith("≤ +$")
    assert "Models without a price" in said(window) and "not known" in said(window)
    assert "The period is not over yet." in said(window)


def test_another_currency_asks_for_a_rate_and_its_day(stand: Standing, demo: Machine) -> None:
    window = opened(stand)
    form = window.typed
    assert not form.rate.rate_field.isVisible()
    form.currency.set_code("EUR")
    form.currency.activated.emit(form.currency.currentIndex())
    assert form.rate.rate_field.isVisible() and form.rate.day_field.isVisible()
    typed(window, stand, "11.40")
    assert "is no rate" in form.notice.accessibleName() and kept(demo) == []
    form.rate.rate.setText("0.92")
    form.rate.day.setDate(QDate(2026, 11, 1))
    typed(window, stand, "11.40")
    (one,) = kept(demo)
    assert one.currency == Currency("EUR", "0.92", "2026-11-01") and one.dollars == 12_391_304_348
    assert figures(window)["Invoice"] == "$12.39. €11.40 at 0.92, Nov 1"
    assert not form.notice.isVisible()


@pytest.mark.parametrize("total", ["191,20", "", "about ten"])
def test_what_nobody_can_be_sure_of_is_not_stored(total: str, stand: Standing, demo: Machine) -> None:
    window = opened(stand)
    typed(window, stand, total)
    assert "is no amount" in window.typed.notice.accessibleName() and window.typed.notice.isVisible()
    assert kept(demo) == []


def test_a_total_is_replaced_removed_and_brought_back(stand: Standing, demo: Machine) -> None:
    window = opened(stand)
    for total in ("95.20", "96"):
        typed(window, stand, total)
    (one,) = kept(demo)
    assert one.total == 96 * DOLLAR and window.typed.total.text() == "96.00"
    window.typed.remove_button.click()
    stand.settle()
    assert kept(demo) == [] and window.typed.total.text() == ""
    assert "The typed total is gone." in window.typed.notice.accessibleName()
    window.typed.notice.action.emit("undo")
    stand.settle()
    assert [other._replace(ident=0) for other in kept(demo)] == [one._replace(ident=0)]
    assert window.typed.total.text() == "96.00"


def test_other_totals_open_with_enter(stand: Standing, demo: Machine) -> None:
    window = opened(stand)
    typed(window, stand, "95.20")
    window.typed.vendor.setCurrentIndex(window.typed.payees.index(vendors.Payee("openai")))
    window.typed.vendor.activated.emit(window.typed.vendor.currentIndex())
    stand.settle()
    assert window.typed.total.text() == "", "what was typed for one vendor is not another's"
    assert [words_of(cell) for cell in window.others.rows.row(0)][:3] == ["October", "Anthropic", "$95.20"]
    window.others.table.choose(0)
    QTest.keyClick(window.others.table, Qt.Key.Key_Return)
    stand.settle()
    assert window.typed.payee == vendors.Payee("anthropic") and window.typed.total.text() == "95.20"
    assert not window.others.isVisible()


def test_months_by_key_and_a_part_of_one(stand: Standing) -> None:
    window = opened(stand)
    for keys, month in (("[", "September 2026"), ("[", "August 2026"), ("]", "September 2026")):
        key(window, keys)
        stand.settle()
        assert window.month.text() == month
    window.typed.since.setDate(QDate(2026, 9, 28))
    stand.settle()
    assert window.typed.days == (date(2026, 9, 28), date(2026, 9, 30))
    window.month.click()
    stand.settle()
    assert window.typed.days == (date(2026, 9, 1), date(2026, 9, 30))


def test_the_keyboard_reaches_everything_by_name(stand: Standing) -> None:
    window = opened(stand)
    typed(window, stand, "95.20")
    window.activateWindow()
    window.typed.vendor.setFocus()
    reached: set[QWidget | None] = set()
    for _ in range(40):
        reached.add(QApplication.focusWidget())
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
    wanted = [one for one in window.findChildren(QWidget) if isinstance(one, QAbstractButton | QComboBox | QLineEdit)]
    wanted = [one for one in wanted if one.isVisible() and one.objectName() != "qt_spinbox_lineedit"]
    assert {one for one in wanted if one not in reached} == set()
    assert all(one.accessibleName() or getattr(one, "text", str)() for one in wanted)
    key(window, "F6")
    assert QApplication.focusWidget() in (window.typed.vendor, window._figures[0])


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("size", [(960, 708), (820, 560)])
@pytest.mark.parametrize("ground", ["light", "dark"])
def test_nothing_is_cut_or_overlaps(scale: float, size: tuple[int, int], ground: str, stand: Standing) -> None:
    appearance().choose(ground)  # type: ignore[arg-type]
    window = opened(stand)
    appearance().set_text_scale(scale)
    size_to(window, *size)
    key(window, "]")
    stand.settle()
    typed(window, stand, "400")
    window.typed.currency.set_code("EUR")
    window.typed.rate.show_for("EUR")
    size_to(window, *size)
    assert faults(window) == []


def test_a_wordy_language_breaks_nothing(demo: Machine, qapp: QApplication) -> None:
    translator = Longer()
    QCoreApplication.installTranslator(translator)
    try:
        with standing(demo) as stand:
            window = opened(stand)
            typed(window, stand, "95.20")
            size_to(window, 820, 560)
            assert any("·" in one.text() for one in window.findChildren(Label))
            assert faults(window) == []
    finally:
        QCoreApplication.removeTranslator(translator)


def test_an_axis_holds_every_step_and_zero() -> None:
    for values in ([6_830_000_000, 2_100_000_000], [-700_000_000, 300_000_000], [-5 * DOLLAR], [0]):
        axis = axis_of(values)
        assert axis.values[0] <= min((0, *values)) and axis.values[-1] >= max((0, *values)) and 0 in axis.values
        assert axis.words[axis.values.index(0)] == "0" and len(axis.words) == len(axis.values)
    assert axis_of([6_830_000_000]).words == ("0", "2", "4", "6", "$8")
    assert axis_of([-700_000_000]).words[0] == "−0.80"


def test_a_bar_is_filled_hollow_or_hatched_by_its_way(qapp: QApplication) -> None:
    """What takes off has the surface inside, so that no color is needed to tell it."""
    theme, axis = appearance().theme, axis_of([4 * DOLLAR])

    def inside(begin: int, end: int, kind: str = "step") -> str:
        strip = Strip(axis, begin, end, kind)  # type: ignore[arg-type]
        strip.resize(strip.sizeHint())
        image = strip.grab().toImage()
        return image.pixelColor(round(axis.place(2 * DOLLAR, strip.width(), theme.px(14))), strip.height() // 2).name()

    assert inside(DOLLAR, 3 * DOLLAR) == theme.color("text2").name()
    assert inside(3 * DOLLAR, DOLLAR) == theme.color("surface").name()
    assert inside(0, 4 * DOLLAR, "whole") == theme.color("accent").name()
    ticks = Ticks(axis)
    assert ticks.sizeHint().width() == Strip(axis, 0, 1).sizeHint().width()


def test_periods_in_words() -> None:
    today = date(2026, 11, 24)
    assert period_words(*OCTOBER, today) == "October"
    assert period_words(date(2025, 10, 1), date(2025, 10, 31), today) == "October 2025"
    assert period_words(date(2026, 10, 1), date(2026, 10, 30), today) == "Oct 1 – Oct 30"
