"""The Prices page: what it says is true, nothing is written before the user's word, and everything is taken back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app import runtime
from app.machine import Machine
from app.model.instant import instant_of
from app.pricing.book import read_book
from app.pricing.catalog import imported_file, user_file
from app.report import meters, prices_page
from app.store import queries
from app.store.queries import Filter, Sums
from app.ui.settings_pages.prices import PricesPage
from app.ui.widgets.buttons import Button
from tests.builders import answer, lines, prompt, usage
from tests.conftest import ROOT
from tests.ui.hands import focused, name_of, press, tab_to, until_active, write
from tests.ui.pages import Frame, amiss, first_log, frame, longer, read, unnamed, with_logs

MODEL = "house-coder-2"
CALLS = 41
EACH = 72_000
"""Nano-dollars of 100 tokens in at $0.40 and 20 out at $1.60 a million: 0.00004 + 0.000032."""
OWN = "\n".join(f'[[price]]\nmodel = "{one}"\ninput = 7\noutput = 9\n' for one in (MODEL, "claude-sonnet-5"))
DISPUTED = "gemini-2.5-pro-preview-05-06"
NOTE = "# mine, keep it\n"


@pytest.fixture
def here(machine: Machine, qtbot: QtBot) -> Machine:
    """Two calls with a price, of today, and 41 of a model that nobody knows."""
    here = with_logs(machine)
    first_log(here).with_name("H1.jsonl").write_bytes(
        lines(
            prompt(session="H1"),
            *(
                answer(
                    f"h{number}",
                    f"r{number}",
                    usage(100, 20),
                    at=f"2026-11-24T12:{number:02}:00.000Z",
                    model=MODEL,
                    session="H1",
                )
                for number in range(CALLS)
            ),
        )
    )
    read(here)
    return here


@pytest.fixture
def shown(here: Machine) -> Iterator[Frame]:
    with frame(here) as one:
        yield one


def prices(shown: Frame) -> PricesPage:
    page = shown.settings("prices").page
    assert isinstance(page, PricesPage)
    return page


def sums(machine: Machine, model: str = MODEL) -> Sums:
    with closing(runtime.reader(machine)) as connection:
        return queries.total(connection, Filter(models=(model,)))


def words_of(widget: QWidget) -> str:
    labels = [one.text() for one in widget.findChildren(QWidget) if one.isVisible() and hasattr(one, "text")]  # type: ignore[attr-defined]
    return "\n".join(labels).replace("\u200b", "")


def click(page: QWidget, title: str) -> None:
    """The visible button of that name."""
    (one,) = [one for one in page.findChildren(Button) if one.isVisible() and title in (one.text(), name_of(one))]
    one.click()


def primaries(page: QWidget) -> list[str]:
    found = page.findChildren(Button)
    return [one.text() for one in found if one.isVisible() and one.property("kind") == "primary"]


def newer(folder: Path, **changes: Any) -> Path:
    """The shipped book a few days on, with a row for the unknown model."""
    book = json.loads((ROOT / "resources" / "prices.json").read_bytes())
    book["built"] = "2026-11-23"
    book["models"][f"house/{MODEL}"] = {
        "modes": {"standard": [[None, [400_000, 40_000, None, None, 1_600_000], [], "house"]]}
    }
    book["aliases"][f"*/{MODEL}"] = f"house/{MODEL}"
    book |= changes
    path = folder / "prices-2026-11-23.json"
    path.write_text(json.dumps(book))
    return path


# --- what it shows


def test_the_figures_are_those_of_the_store(shown: Frame, here: Machine) -> None:
    """43 calls, of which 2 have a price; the book's own date, models and disputed rows, counted here anew."""
    page = prices(shown)
    book = read_book((ROOT / "resources" / "prices.json").read_bytes())
    disputed = sum(row.disputed for model in book.models.values() for rows in model.modes.values() for row in rows)
    assert (
        page.facts.book.value.text() == "Nov 21, 2026"
        and page.facts.book.line.text() == "3 days old; shipped with the app"
    )
    assert page.facts.models.value.text() == f"{len(book.models):,}"
    assert page.facts.models.line.text() == "from genai-prices 0.2.3, model-prices 0.0.5"
    assert page.facts.priced.value.text() == "4.7%"  # 2 of 43
    assert page.facts.priced.line.text() == "41 calls have no price"
    assert page.facts.disputes.value.text() == f"{disputed:,}"
    said = words_of(page)
    assert (
        "1 model has no price" in said
        and f"{MODEL}, 41 calls since 12:00, Claude Code. Totals show ≥ until then." in said
    )
    assert "None yet." in said


def test_the_meters_name_todays_models_without_a_price(here: Machine) -> None:
    """Those of today only: tomorrow there is nothing to tell."""
    with closing(runtime.reader(here)) as connection:
        assert meters.read(connection, here).no_price == (MODEL,)
        tomorrow = replace(here, clock=lambda: here.clock() + 86_400_000)
        assert meters.read(connection, tomorrow).no_price == ()


def test_an_old_book_is_said_in_the_color_of_a_warning(here: Machine) -> None:
    for days, ink in ((60, "text2"), (61, "warnText")):
        at = (instant_of("2026-11-21T12:00:00Z") or 0) + days * 86_400_000
        with frame(replace(here, clock=lambda at=at: at)) as one:
            line = prices(one).facts.book.line
            assert (line.text(), line.property("ink")) == (f"{days} days old; shipped with the app", ink)


def test_the_calls_of_a_model_are_one_click_away(shown: Frame) -> None:
    page, asked = prices(shown), []
    object.__setattr__(page.missing._context, "open_window", lambda *wish: asked.append(wish))
    click(page, f"Show the 41 calls of {MODEL}")
    assert asked == [("sessions", f"model:{MODEL} price:none")]


def test_disputed_rows_are_those_that_priced_calls() -> None:
    """By the row's name as it is stored, a discount behind it included; the most used first, undisputed ones not."""
    book = read_book((ROOT / "resources" / "prices.json").read_bytes())
    used = {
        "anthropic/claude-opus-4-5@#standard": 3,
        "deepseek/deepseek-chat@2025-08-25T16:35:54Z#standard, −10%": 7,
        "anthropic/claude-sonnet-5@#standard": 9,
        "gone/model@#standard": 2,
    }
    found = prices_page.disputed(used, book)
    assert [(one.key, one.calls, one.source) for one in found] == [
        ("deepseek/deepseek-chat", 7, "genai-prices 0.2.3"),
        ("anthropic/claude-opus-4-5", 3, "model-prices 0.0.5"),
    ]
    assert prices_page.in_short(found[0].used) == "0.27 / 0.07 / 1.10"


def test_a_broken_file_says_its_line_and_the_earlier_values_stay(shown: Frame, here: Machine) -> None:
    user_file(here).write_text(f'[[price]]\nmodel = "{MODEL}"\ninput = 1\noutput = 2\n')
    with runtime.writer(here):
        pass
    user_file(here).write_text(f'[[price]]\nmodel = "{MODEL}"\ninput = 1\noutput = "two"\n')
    said = words_of(prices(shown))
    assert "prices.user.toml, line 4:" in said
    assert "what it said before stays in use" in said
    assert f"1 row in use: {MODEL} 1 / 1 / 2" in said or f"1 row in use: {MODEL} 1 / – / 2" in said


def test_own_rows_are_named(shown: Frame, here: Machine) -> None:
    user_file(here).write_text(
        '[[price]]\nmodel = "local-coder"\ninput = 0\noutput = 0\n\n[[discount]]\nprovider = "openai"\npercent = 10\n'
    )
    said = words_of(prices(shown))
    assert "2 rows, written" in said and "local-coder free on purpose; openai −10%" in said


# --- from unknown to priced


def test_from_unknown_to_priced_with_keys_alone(here: Machine) -> None:
    """From the open window to stored costs, a person's keys only; the sockets are guarded in every test. Then back."""
    user_file(here).write_text(NOTE)
    begun = time.monotonic()
    with frame(here) as shown:
        window = shown.settings("prices")
        until_active(window)
        window.list.setFocus()
        tab_to(f"Add a price for {MODEL}…")
        press("Space")
        assert name_of(focused()) == "Input"
        write("0.40")
        tab_to("Output")
        write("1.60")
        tab_to("Add price")
        press("Space")
        shown.settle()
        page = prices(shown)
        assert "Re-price 41 calls?" in page.plan.accessibleName()
        assert page.plan.heading.accessibleDescription() == "no price → $0.0030"
        assert sums(here).unpriced == CALLS  # nothing is written before the word
        assert name_of(focused()) == "Re-price"
        press("Space")
        shown.settle()
        assert time.monotonic() - begun < 60
        assert (sums(here).cost, sums(here).unpriced) == (CALLS * EACH, 0)
        assert page.missing.isHidden() or not page.missing.isVisible()
        text = user_file(here).read_text()
        assert text.startswith(NOTE) and f'model = "{MODEL}"' in text and 'from = "2026-11-24"' in text
        tab_to("Undo re-pricing")
        press("Space")
        shown.settle()
        assert (sums(here).cost, sums(here).unpriced) == (0, CALLS)


def test_the_form_says_what_is_wrong_as_it_is_typed(shown: Frame) -> None:
    page = prices(shown)
    click(page, f"Add a price for {MODEL}…")
    form = page.form
    assert form.model.edit.text() == MODEL and form.model.edit.isReadOnly()
    assert form.since.edit.text() == "2026-11-24"
    wrong = {
        ("1", ""): "Model, input and output are needed",
        ("much", "1"): "Input: write a number like 0.40",
        ("-1", "1"): "0 or more",
        ("1", "0.1234567"): "more than six decimals",
        ("2000000", "1"): "more than 1,000,000",
    }
    for (fresh, output), words in wrong.items():
        form.prices["input"].edit.setText(fresh)
        form.prices["output"].edit.setText(output)
        assert words in form.said.text() and not form.add.isEnabled(), (fresh, output)
    form.prices["input"].edit.setText("0")
    form.prices["output"].edit.setText("0")
    assert form.said.text() == "Free on purpose." and form.add.isEnabled()
    form.since.edit.setText("last week")
    assert "no time" in form.said.text() and not form.add.isEnabled()
    form.since.edit.setText("")
    form.prices["output"].edit.setText("$2.5")
    assert form.add.isEnabled()


def test_free_on_purpose_is_a_price(shown: Frame, here: Machine) -> None:
    page = prices(shown)
    click(page, f"Add a price for {MODEL}…")
    for kind in ("input", "output"):
        page.form.prices[kind].edit.setText("0")
    click(page, "Add price")
    shown.settle()
    assert page.plan.heading.accessibleDescription() == "no price → $0.00"
    click(page, "Re-price")
    shown.settle()
    assert (sums(here).cost, sums(here).unpriced) == (0, 0)


def test_a_price_for_another_model_is_typed_and_a_broken_file_refuses(shown: Frame, here: Machine) -> None:
    user_file(here).write_text("[[price]\n")
    page = prices(shown)
    click(page.own, "Add a price…")
    form = page.form
    for field, text in ((form.model, "claude-sonnet-5"), (form.prices["input"], "1"), (form.prices["output"], "2")):
        field.edit.setText(text)
    click(page, "Add price")
    shown.settle()
    assert "line 1" in form.said.text().replace("\u200b", "")
    assert user_file(here).read_text() == "[[price]\n"
    before = sums(here, "claude-sonnet-5")
    user_file(here).unlink()
    click(page, "Add price")
    shown.settle()
    assert "Re-price 1 call?" in page.plan.accessibleName()
    click(page, "Re-price")
    shown.settle()
    assert sums(here, "claude-sonnet-5").cost == 140_000 != before.cost  # 100 × $1 and 20 × $2 a million
    click(page, "Undo re-pricing")
    shown.settle()
    assert sums(here, "claude-sonnet-5") == before


def test_nothing_to_reprice_is_said(shown: Frame) -> None:
    page = prices(shown)
    click(page, "Re-price…")
    shown.settle()
    assert "Nothing to re-price" in words_of(page) and not page.plan.isVisible()


# --- a file


def dropped(page: PricesPage, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(9, 9), copy, data, left, none)
    QApplication.sendEvent(page, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(page, QDropEvent(QPointF(9, 9), copy, data, left, none))


def test_a_dropped_file_is_shown_taken_and_taken_back(shown: Frame, here: Machine, tmp_path: Path) -> None:
    page = prices(shown)
    dropped(page, newer(tmp_path))
    shown.settle()
    assert page.offer.accessibleName() == "Import prices-2026-11-23.json"
    assert page.offer.heading.accessibleDescription() == "built Nov 23, checked; 1 model new, 0 changed, none removed"
    row = [page.offer.sheet.rows.index(0, place).data() for place in range(6)]
    assert row == [MODEL, "no price", "0.40 / 0.04 / 1.60", "new row", "41", "+$0.0030"]
    assert primaries(page) == ["Import"] and not imported_file(here).exists()
    click(page, "Import")
    shown.settle()
    assert imported_file(here).exists() and sums(here).unpriced == CALLS
    assert page.facts.book.line.text() == "1 day old; from your file"
    click(page, "Re-price…")
    shown.settle()
    assert primaries(page) == ["Re-price"]
    click(page, "Re-price")
    shown.settle()
    assert sums(here).cost == CALLS * EACH
    click(page, "Undo import")
    shown.settle()
    assert not imported_file(here).exists() and not page.back.isVisible()
    assert page.facts.book.line.text() == "3 days old; shipped with the app"


def test_escape_is_cancel_in_each_card(shown: Frame, here: Machine, tmp_path: Path) -> None:
    page = prices(shown)
    until_active(page.window())
    for card, deed in (
        (page.form, lambda: click(page, f"Add a price for {MODEL}…")),
        (page.offer, lambda: page.look_at(newer(tmp_path))),
        (page.plan, lambda: (user_file(here).write_text(OWN), click(page, "Re-price…"))),
    ):
        deed()
        shown.settle()
        assert card.isVisible() and card.isAncestorOf(focused())
        press("Esc")
        shown.settle()
        assert not card.isVisible() and focused() is page.choose
    assert sums(here).unpriced == CALLS and not imported_file(here).exists()


def test_what_a_reading_priced_meanwhile_is_said(shown: Frame, here: Machine) -> None:
    """The ingest thread gives calls without a price theirs as soon as there is one; those can't be taken back."""
    user_file(here).write_text(OWN)
    page = prices(shown)
    click(page, "Re-price…")
    shown.settle()
    assert "Re-price 42 calls?" in page.plan.accessibleName()
    with runtime.writer(here):
        pass
    click(page, "Re-price")
    shown.settle()
    assert "1 call re-priced" in words_of(page) and "by a reading meanwhile" in words_of(page)


def test_cancel_takes_nothing(shown: Frame, here: Machine, tmp_path: Path) -> None:
    page = prices(shown)
    page.look_at(newer(tmp_path))
    shown.settle()
    click(page, "Cancel")
    shown.settle()
    assert not page.offer.isVisible() and not imported_file(here).exists() and primaries(page) == []


def test_a_file_that_is_no_book_is_refused(shown: Frame, here: Machine, tmp_path: Path) -> None:
    page = prices(shown)
    (tmp_path / "x.json").write_text("{}")
    dropped(page, tmp_path / "x.json")
    shown.settle()
    assert "can't be used" in words_of(page) and "the prices in use stay" in words_of(page)
    assert not page.offer.isVisible()
    page.look_at(newer(tmp_path, built="2026-11-01"))
    shown.settle()
    assert "name a newer one" in words_of(page)


# --- geometry


@pytest.mark.parametrize("percent", [100, 150, 200])
@pytest.mark.parametrize("wordy", [False, True])
def test_no_card_is_cut(percent: int, wordy: bool, here: Machine, tmp_path: Path) -> None:
    """At the least size, each card in turn, in a wordy language too."""
    path = newer(tmp_path)
    one = answer("d1", "q1", usage(100, 20), at="2026-11-24T11:00:00.000Z", model=DISPUTED, session="D1")
    first_log(here).with_name("D1.jsonl").write_bytes(lines(prompt(session="D1"), one))
    read(here)
    user_file(here).write_text("[[price\n")
    with longer() if wordy else nullcontext(), frame(here) as shown:
        shown.preferences.change(text_percent=percent)
        window = shown.settings("prices")
        page = window.page
        assert isinstance(page, PricesPage)
        window.resize(820, 560)
        shown.settle()
        assert page.disputed.isVisible() and page.disputed.sheet.rows.index(0, 0).data() == DISPUTED
        for deed in (
            lambda: page._add(page.found.missing[0] if page.found else None),
            lambda: page.look_at(path),
            lambda: (user_file(here).write_text(OWN), page._plan()),
        ):
            deed()
            shown.settle()
            assert [one.isVisible() for one in page.cards].count(True) == 1
            assert amiss(window) == []
            assert unnamed(window) == []
