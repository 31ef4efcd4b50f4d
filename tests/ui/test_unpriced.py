"""What has no price is no zero: not in a figure, in its dot, in what a screen reader hears, nor on the clipboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app import formats
from app.report.period import Bars
from app.report.session_list import Found
from app.store.queries import Kind, ListedSession
from app.ui.overview_cards import KindsCard
from app.ui.session_costs import KindList, _folded
from app.ui.session_view import Group, Share
from app.ui.sessions_model import COST, DOT, SessionsModel
from app.ui.widgets import spoken
from app.ui.widgets.cells import CELL, Dot, Number
from app.ui.widgets.course import Call, Course
from app.ui.widgets.stacked_days import Series, StackedDays
from app.ui.widgets.timeline import Timeline

DOLLAR = 1_000_000_000


@pytest.mark.parametrize(
    ("nano", "unpriced", "more", "said"),
    [
        (15 * DOLLAR, 0, {}, "15 dollars"),
        (15 * DOLLAR, 2, {}, "at least 15 dollars"),
        (15 * DOLLAR, 0, {"at_least": True}, "at least 15 dollars"),
        (15 * DOLLAR, 0, {"label": "estimated"}, "about 15 dollars"),
        (0, 2, {}, "no price"),
        (0, 0, {}, "0 dollars"),
        (1, 2, {}, "> $0.00"),
    ],
)
def test_a_sum_is_spoken_with_how_sure_it_is(nano: int, unpriced: int, more: dict[str, Any], said: str) -> None:
    assert spoken.amount(nano, unpriced, **more) == said


def session(cost: int, unpriced: int) -> ListedSession:
    return ListedSession(1, "codex", "T1", "/home/me/app", None, 0, 1, 3, cost, unpriced, "A", 100, 0)


@pytest.mark.parametrize(("cost", "unpriced", "sure"), [(0, 3, False), (0, 0, True), (5, 3, True)])
def test_no_price_is_not_measured(qtbot: QtBot, cost: int, unpriced: int, sure: bool) -> None:
    model = SessionsModel(lambda _sessions, _then: None)
    model.set_found(Found([session(cost, unpriced)], 1, 1, cost, unpriced), frozenset(), 0, UTC, False)
    assert isinstance(model.cells(0)[DOT], Dot) is sure
    cell = model.cells(0)[COST]
    assert isinstance(cell, Number) and bool(cell.exact) is sure


def test_a_kind_is_a_lower_bound_where_some_of_it_has_no_price(qtbot: QtBot) -> None:
    card = KindsCard()
    qtbot.addWidget(card)
    card.show_kinds([Kind("input", 2, 100, 5 * DOLLAR, 1, "A"), Kind("output", 1, 50, 0, 1, "A")], 1)
    shown = [card.table.model().index(row, 3).data(CELL) for row in range(2)]
    assert [(one.text, one.exact) for one in shown] == [
        ("≥ $5.00", "5.000000000 USD"),
        ("no price", ""),
    ]


@pytest.fixture
def chart(qtbot: QtBot) -> Iterator[StackedDays]:
    days = (datetime(2026, 11, 23), datetime(2026, 11, 24))
    made = StackedDays()
    qtbot.addWidget(made)
    values = ((5 * DOLLAR, 0), (0, 2 * DOLLAR))
    made.set_bars(
        Bars("day", days, ("a", "b"), values, (1, 1), (3, 3), ((0, 1), (1, 0))), [Series("A", ""), Series("B", "")]
    )
    yield made


def test_parts_of_a_bar_say_what_the_whole_says(chart: StackedDays) -> None:
    """The call without a price is of one part; the other is measured."""
    parts = [[(one.title, one.value) for one in chart.read_out(day).items] for day in (0, 1)]
    assert parts == [[("A", "$5.00"), ("B", "no price")], [("A", "no price"), ("B", "$2.00")]]
    chart.set_chosen(0)
    assert chart.accessibleDescription().endswith("at least 5 dollars: A 5.00, B no price")


def test_the_rest_of_a_list_is_as_sure_as_its_least_sure_row() -> None:
    """`≥` stands for what has no price; `≈` for an estimate, and for nothing else."""
    rows = [Share(f"m{number}", "", DOLLAR, "$1.00") for number in range(8)]
    estimated = Share("e", "", DOLLAR, "≈ $1.00", label="estimated")
    tiny = Share("t", "", 1, "< $0.0001")
    unknown = Share("u", "", 0, "no price", unpriced=4)
    assert _folded((*rows, estimated, tiny), "{n} others")[-1].amount == "≈ $1.00"
    assert _folded((*rows, tiny, tiny), "{n} others")[-1].amount == "< $0.0001"
    assert _folded((*rows, estimated, unknown), "{n} others")[-1].amount == "≥ $1.00"


def test_nothing_is_copied_of_a_kind_there_is_none_of(qtbot: QtBot) -> None:
    kinds = KindList("Cost by token kind")
    qtbot.addWidget(kinds)
    rows = (
        Share("Output", "5", DOLLAR, "$1.00", "output"),
        Share("Reasoning", formats.NONE, 0, formats.NONE, "reasoning"),
        Share("Fresh input", "7", 0, "no price", "fresh", unpriced=1),
    )
    kinds.set_group(Group("kind", "Cost by token kind", "", rows))
    parts, *_ = kinds.bar._value
    assert [one.exact for one in parts] == ["1.000000000 USD", "", ""]
    assert [kinds.table._offer_row(row).exact for row in range(3)] == ["1.000000000 USD", "", ""]


def test_a_call_without_a_price_is_not_spoken_as_nothing(qtbot: QtBot) -> None:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.set_course(Course((Call(0, 10, (0, 0, 0, 0, 0), unpriced=True), Call(1, 10, (0, 0, 0, DOLLAR, 0)))))
    timeline.set_chosen(0, 0)
    assert "no price" in timeline.accessibleDescription() and "0 dollars" not in timeline.accessibleDescription()
    timeline.set_chosen(0, 1)
    assert "at least 1 dollar." in timeline.accessibleDescription()


def test_a_bar_without_a_cache_split_is_a_lower_bound(qtbot: QtBot) -> None:
    """$5.00 of agent A, that may be $9.00; B is exact, and so is the next day."""
    days = (datetime(2026, 11, 23), datetime(2026, 11, 24))
    made = StackedDays()
    qtbot.addWidget(made)
    values, more = ((5 * DOLLAR, DOLLAR), (2 * DOLLAR, 0)), ((4 * DOLLAR, 0), (0, 0))
    made.set_bars(
        Bars("day", days, ("a", "b"), values, (0, 0), (3, 3), more_of=more), [Series("A", ""), Series("B", "")]
    )
    first, second = made.read_out(0), made.read_out(1)
    assert (first.total, [one.value for one in first.items]) == ("≥ $7.00", ["≥ $5.00", "$2.00"])
    assert (second.total, [one.value for one in second.items]) == ("$1.00", ["$1.00"])
    made.set_chosen(0)
    assert "at least 7 dollars" in made.accessibleDescription()
