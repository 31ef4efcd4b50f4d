"""`cuenta prices`: the book in use, a newer one from a file, and back again."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from app.machine import Machine
from app.pricing.book import Book, Row
from app.pricing.catalog import load_catalog
from tests.cli.conftest import Cuenta
from tests.cli.logs import OPUS, TOTAL, month


@pytest.fixture
def newer(cuenta: Cuenta, tmp_path: Path) -> Path:
    """A book of tomorrow: claude-opus-4-8 at half its price from June on, one model more, one less."""
    book = load_catalog(Machine(cuenta.home, data=cuenta.data)).book
    opus = book.models["anthropic/claude-opus-4-8"]
    (row,) = opus.modes["standard"]
    assert row.rates == (5_000_000, 500_000, 6_250_000, 10_000_000, 25_000_000)
    half = Row("2026-06-01T00:00:00Z", (2_500_000, 250_000, 3_125_000, 5_000_000, 12_500_000), (), "unverified")
    models = {
        **book.models,
        "anthropic/claude-opus-4-8": msgspec.structs.replace(opus, modes={**opus.modes, "standard": (row, half)}),
        "anthropic/claude-epic-9": opus,
    }
    models.pop("xai/grok-4.6")
    aliases = {name: key for name, key in book.aliases.items() if key in models}
    path = tmp_path / "newer.json"
    path.write_bytes(msgspec.json.encode(_with(book, models, aliases)))
    return path


def _with(book: Book, models: object, aliases: object) -> Book:
    return msgspec.structs.replace(book, built="2026-11-24", models=models, aliases=aliases)


def test_the_book_in_use(cuenta: Cuenta) -> None:
    found = cuenta.json("prices", "list")
    book = load_catalog(Machine(cuenta.home, data=cuenta.data)).book
    assert found["schema"] == "cuenta.prices/1"
    assert found["book"]["id"] == book.id
    assert (found["book"]["built"], found["book"]["age_days"], found["book"]["from"]) == ("2026-11-21", 3, "release")
    assert found["book"]["packages"] == list(book.packages)
    assert found["book"]["models"] == len(book.models)
    assert "3 days old" in cuenta("prices", "list").out


def test_an_old_book_says_so(cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUENTA_NOW", "2027-01-20T12:00:00Z")  # 60 days
    assert "It is old" not in cuenta("prices", "list").out
    monkeypatch.setenv("CUENTA_NOW", "2027-01-21T12:00:00Z")
    assert cuenta.json("prices", "list")["book"]["age_days"] == 61
    assert "It is old" in cuenta("prices", "list").out
    assert "brings newer ones" in cuenta("doctor").out


def test_the_difference_is_shown_before_anything_changes(cuenta: Cuenta, newer: Path) -> None:
    month(cuenta)
    cuenta("sync")
    found = cuenta.json("prices", "import", str(newer), "--dry-run")
    assert found["taken"] is False
    assert found["new_models"] == ["anthropic/claude-epic-9"]
    assert found["gone_models"] == ["xai/grok-4.6"]
    (change,) = found["changed"]
    assert (change["model"], change["mode"], change["since"]) == (
        "anthropic/claude-opus-4-8",
        "standard",
        "2026-06-01T00:00:00Z",
    )
    assert (change["before"]["input"], change["after"]["input"]) == ("5", "2.5")
    assert (found["touched"]["calls"], found["touched"]["before_nanousd"]) == (1, OPUS)
    assert found["touched"]["after_nanousd"] == OPUS // 2
    assert cuenta.json("prices", "list")["book"]["from"] == "release"
    shown = cuenta("prices", "import", str(newer), "--dry-run").out
    for words in ("1 new model, 1 changed price list, 1 model gone", "5 → 2.5", "claude-epic-9", "grok-4.6"):
        assert words in shown
    assert "1 of your calls costs something else by it: $0.0008 → $0.0004" in shown


def test_it_is_taken_and_stored_costs_stay(cuenta: Cuenta, newer: Path) -> None:
    month(cuenta)
    cuenta("sync")
    assert cuenta.json("prices", "import", str(newer))["taken"] is True
    found = cuenta.json("prices", "list")["book"]
    assert (found["from"], found["built"], found["age_days"]) == ("file", "2026-11-24", 0)
    assert cuenta.json("report")["total"]["cost_nanousd"] == TOTAL
    (change,) = cuenta.json("reprice")["changes"]
    assert (change["why"], change["row_after"]) == (
        "other_row",
        "anthropic/claude-opus-4-8@2026-06-01T00:00:00Z#standard",
    )
    assert cuenta.json("price", "claude-epic-9")["match"] == "exact"
    assert cuenta("prices", "undo").status == 0
    assert cuenta.json("prices", "list")["book"]["from"] == "release"
    assert cuenta.json("price", "claude-epic-9")["match"] == "none"


def test_a_call_without_a_price_gets_one_from_a_newer_book(cuenta: Cuenta, newer: Path) -> None:
    """From unknown to priced, with no network."""
    from tests.builders import answer, usage

    cuenta.claude(
        "S9", answer("z", "rz", usage(100, 10), at="2026-06-20T08:00:00Z", session="S9", model="claude-epic-9")
    )
    assert cuenta.json("report")["total"]["unpriced_calls"] == 1
    cuenta("prices", "import", str(newer))
    total = cuenta.json("report")["total"]
    assert (total["unpriced_calls"], total["cost_nanousd"]) == (0, OPUS)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["prices", "import"], "name it"),
        (["prices", "sell"], "list, import, undo, set"),
        (["prices", "list", "x"], "takes no name"),
        (["prices", "undo", "--dry-run"], "takes no --dry-run"),
    ],
)
def test_wrong_usage(cuenta: Cuenta, words: list[str], says: str) -> None:
    done = cuenta(*words)
    assert (done.status, done.out) == (2, "")
    assert says in done.err


def test_a_file_that_is_no_book_is_one_sentence(cuenta: Cuenta, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({"hello": 1}))
    done = cuenta("prices", "import", str(path), "--json")
    assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)
    assert cuenta("prices", "undo").status == 1


# --- prices of one's own


def test_from_unknown_to_priced(cuenta: Cuenta) -> None:
    """What the user types is in the next report: no network, no second command."""
    from tests.builders import answer, usage

    cuenta.claude(
        "S9", answer("z", "rz", usage(100, 10), at="2026-06-20T08:00:00Z", session="S9", model="house-coder-1")
    )
    assert cuenta.json("report")["total"]["unpriced_calls"] == 1
    words = ("--input", "2.5", "--output", "12", "--from", "2026-01-01", "--source", "our contract")
    (own,) = cuenta.json("prices", "set", "house-coder-1", *words)["own"]
    assert (own["model"], own["usd_per_mtok"]["input"], own["source"]) == ("house-coder-1", "2.5", "our contract")
    total = cuenta.json("report")["total"]
    assert (total["unpriced_calls"], total["cost_nanousd"]) == (0, 370_000)  # 100 × 2.5 + 10 × 12
    assert cuenta.json("price", "house-coder-1")["source"] == "prices.user.toml (our contract)"


def test_own_entries_are_listed_and_dropped(cuenta: Cuenta) -> None:
    cuenta("prices", "set", "m", "--input", "1", "--output", "2", "--mode", "fast")
    cuenta("prices", "discount", "OpenAI", "--percent", "12.5", "--until", "2026-12-01")
    cuenta("prices", "local", "llama3", "--per-hour", "0.36", "--output-per-second", "50")
    listed = cuenta.json("prices", "list")
    assert [one.get("model") or one["provider"] for one in listed["own"]] == ["m", "llama3", "openai"]
    assert (listed["book"]["own_prices"], listed["book"]["own_discounts"]) == (2, 1)
    shown = cuenta("prices", "list").out
    for words in ("m fast", "llama3", "openai: 12.5% off", "2026-12-01"):
        assert words in shown
    assert [one.get("model") for one in cuenta.json("prices", "drop", "openai")["own"]] == ["m", "llama3"]
    done = cuenta("prices", "drop", "openai")
    assert (done.status, done.err.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["set", "m", "--input", "1"], "“output” is missing"),
        (["set", "m", "--input", "one", "--output", "1"], "--input one: that is no number"),
        (["set", "m", "--input", "inf", "--output", "1"], "that is no number"),
        (["set", "m", "--percent", "3"], "takes no --percent"),
        (["set"], "name it"),
        (["discount", "openai"], "“percent” is missing"),
        (["local", "m", "--per-hour", "1"], "“output_per_second” is missing"),
        (["list", "--from", "2026-01-01"], "takes no --from"),
        (["set", "m", "--input", "1", "--output", "1", "--from", "soon"], "“from” is no time"),
    ],
)
def test_wrong_words_write_nothing(cuenta: Cuenta, words: list[str], says: str) -> None:
    done = cuenta("prices", *words)
    assert (done.status, done.out) == (2, "")
    assert says in done.err
    assert not cuenta.data.joinpath("prices.user.toml").exists()
