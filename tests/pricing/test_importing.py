"""A newer book from a file: what it changes, from when, what it must not touch, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.diagnostics import KnownError
from app.machine import Machine
from app.model.instant import instant_of
from app.model.usage import Tokens
from app.pricing import importing
from app.pricing.book import Book, Row
from app.pricing.catalog import Catalog, load_catalog
from app.pricing.changes import difference
from app.pricing.genai_file import laid_over, unlisted
from app.pricing.price import price

from .conftest import call, usd

DAY = "2026-11-25"
NOW = instant_of(f"{DAY}T10:00:00Z") or 0
LIST = {"input_mtok": 2, "cache_read_mtok": 0.2, "cache_write_mtok": 2.5, "cache_write_1h_mtok": 4, "output_mtok": 10}
OF_EACH = Tokens(1_000, 1_000, 0, 0, 1_000)
File = list[dict[str, Any]]


def listed(book: Book) -> File:
    """A data file that says of each model what genai-prices said when the book was built."""
    providers: dict[str, dict[str, Any]] = {}
    for key, model in book.models.items():
        channel, _, name = key.partition("/")
        rows = [row for row in model.modes.get("standard", ()) if (row.since or "")[:10] <= DAY]
        settled = model.overruled.get("standard") or (rows and rows[-1].rates and (rows[-1].rates, rows[-1].tiers))
        if settled and settled[0][0] is not None and settled[0][4] is not None and channel != "bedrock":
            entry = {"id": name, "match": {"equals": name}, "prices": _prices(*settled)}
            providers.setdefault(channel, {"id": channel, "name": channel, "models": []})["models"].append(entry)
        elif settled and channel == "bedrock":
            name = name if name.startswith(("us.", "global.")) or "." in name else f"global.anthropic.{name}-v1:0"
            providers.setdefault(channel, {"id": "aws", "name": "AWS", "models": []})["models"].append(
                {"id": name, "match": {"equals": name}, "prices": _prices(*settled)}
            )
    return list(providers.values())


def _prices(rates: tuple[int | None, ...], tiers: tuple[tuple[int | None, ...], ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, kind in enumerate(LIST):
        if rates[place] is None:
            continue
        found[kind] = rates[place] / 1e6  # type: ignore[operator]
        steps = [{"start": tier[0], "price": tier[place + 1] / 1e6} for tier in tiers if tier[place + 1] is not None]  # type: ignore[operator]
        if steps:
            found[kind] = {"base": found[kind], "tiers": steps}
    return found


def model_of(file: File, provider: str, name: str) -> dict[str, Any]:
    models = next(one["models"] for one in file if one["id"] == provider)
    return next(one for one in models if one["id"] == name)


def source_of(book: Book, key: str) -> str:
    return book.models[key].modes["standard"][-1].source


def raw(file: File) -> bytes:
    return json.dumps(file).encode()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    empty = tmp_path_factory.mktemp("empty")
    return load_catalog(Machine(empty, data=empty)).book


def total(book: Book, name: str, at: str, tokens: Tokens = OF_EACH, **said: object) -> int | None:
    money = price(call(name, tokens, at, **said), Catalog(book))
    return money and money.total


def test_a_file_that_says_the_same_changes_nothing(book: Book) -> None:
    """Rounded prices, and those that the corrections know better, are no news."""
    assert laid_over(raw(listed(book)), book, DAY).models == book.models


def test_a_price_without_a_date_holds_from_the_day_of_the_import(book: Book) -> None:
    file = listed(book)
    model_of(file, "anthropic", "claude-opus-5")["prices"] = LIST
    newer = laid_over(raw(file), book, DAY)
    before = usd("0.0305")  # 5 + 0.50 + 25
    assert total(newer, "claude-opus-5", "2026-08-01") == before
    assert total(newer, "claude-opus-5", "2026-11-24T23:59:59Z") == before
    assert total(newer, "claude-opus-5", "2026-11-25T00:00:00Z") == usd("0.0122")  # 2 + 0.20 + 10
    (change,) = [one for one in difference(book, newer).changed if one.mode == "standard"]
    assert (change.key, change.since, change.source) == (
        "anthropic/claude-opus-5",
        f"{DAY}T00:00:00Z",
        f"genai-prices file of {DAY}",
    )
    assert not change.only_history


def test_a_mode_that_the_file_leaves_out_has_no_price_any_more(book: Book) -> None:
    """Half of what it cost before is not half of what it costs now: unknown, and not a guess."""
    file = listed(book)
    model_of(file, "anthropic", "claude-opus-5")["prices"] = LIST
    newer = laid_over(raw(file), book, DAY)
    assert total(newer, "claude-opus-5", "2026-11-24", tier="batch") == usd("0.01525")
    assert total(newer, "claude-opus-5", "2026-11-25", tier="batch") is None
    half = {kind: price / 2 for kind, price in LIST.items()}
    model_of(file, "anthropic", "claude-opus-5")["price_variants"] = [{"when": {"processing": "batch"}, "prices": half}]
    newer = laid_over(raw(file), book, DAY)
    assert total(newer, "claude-opus-5", "2026-11-25", tier="batch") == usd("0.0061")


def test_a_price_with_a_date_holds_from_its_date(book: Book) -> None:
    file = listed(book)
    entry = model_of(file, "anthropic", "claude-opus-5")
    entry["prices"] = [{"prices": entry["prices"]}, {"constraint": {"start_date": "2026-11-23"}, "prices": LIST}]
    newer = laid_over(raw(file), book, DAY)
    assert total(newer, "claude-opus-5", "2026-11-22T23:59:59Z") == usd("0.0305")
    assert total(newer, "claude-opus-5", "2026-11-23") == usd("0.0122")


def test_a_price_to_come_does_not_hold_yet(book: Book) -> None:
    file = listed(book)
    entry = model_of(file, "anthropic", "claude-opus-5")
    entry["prices"] = [{"prices": entry["prices"]}, {"constraint": {"start_date": "2027-01-01"}, "prices": LIST}]
    assert laid_over(raw(file), book, DAY).models["anthropic/claude-opus-5"] == book.models["anthropic/claude-opus-5"]


def test_a_slip_that_the_book_corrected_stays_corrected(book: Book) -> None:
    """genai-prices is still at DeepSeek's list of early 2025; only when it moves is that news."""
    file = listed(book)
    entry = model_of(file, "deepseek", "deepseek-chat")
    assert entry["prices"]["input_mtok"] == 0.27
    assert laid_over(raw(file), book, DAY).models["deepseek/deepseek-chat"] == book.models["deepseek/deepseek-chat"]
    entry["prices"] = {"input_mtok": 0.1, "output_mtok": 0.2}
    assert total(laid_over(raw(file), book, DAY), "deepseek-chat", "2026-11-25", Tokens(1_000)) == usd("0.0001")


def test_a_new_model_has_a_price_from_the_beginning(book: Book) -> None:
    file = listed(book)
    entry = {"id": "claude-epic-9", "match": {}, "context_window": 5_000_000, "prices": LIST}
    next(one["models"] for one in file if one["id"] == "anthropic").append(entry)
    newer = laid_over(raw(file), book, DAY)
    assert total(book, "claude-epic-9", "2026-11-01") is None
    assert total(newer, "claude-epic-9", "2026-11-01") == usd("0.0122")
    limits = Catalog(newer).limits("anthropic/claude-epic-9", NOW)
    assert limits is not None and (limits.context, limits.output) == (5_000_000, None)
    assert difference(book, newer).new == ("anthropic/claude-epic-9",)


def test_a_model_that_is_gone_keeps_what_it_cost(book: Book) -> None:
    file = listed(book)
    models = next(one["models"] for one in file if one["id"] == "openrouter")
    gone = next(one for one in models if source_of(book, f"openrouter/{one['id']}").startswith("genai-prices"))
    models.remove(gone)
    newer = laid_over(raw(file), book, DAY)
    assert newer.models == book.models
    assert unlisted(raw(file), book) == (f"openrouter/{gone['id']}",)


def test_tiers_are_read_as_the_book_has_them(book: Book) -> None:
    file = listed(book)
    tiered = {"input_mtok": {"base": 3, "tiers": [{"start": 100_000, "price": 6}]}, "output_mtok": 10}
    model_of(file, "anthropic", "claude-opus-5")["prices"] = tiered
    row = laid_over(raw(file), book, DAY).models["anthropic/claude-opus-5"].modes["standard"][-1]
    assert row == Row(
        f"{DAY}T00:00:00Z",
        (3_000_000, None, None, None, 10_000_000),
        ((100_000, 6_000_000, None, None, None, 10_000_000),),
        f"genai-prices file of {DAY}",
    )


def test_of_a_models_variants_the_first_that_holds_counts(book: Book) -> None:
    """As in the package, where the newest stands first."""
    file = listed(book)
    entry = model_of(file, "anthropic", "claude-opus-5")
    entry["price_variants"] = [
        {
            "when": {"processing": "batch"},
            "constraint": {"start_date": "2026-12-24"},
            "prices": {**LIST, "output_mtok": 7},
        },
        {"when": {"processing": "batch"}, "constraint": {"start_date": "2026-11-20"}, "prices": LIST},
        {
            "when": {"processing": "batch"},
            "constraint": {"start_date": "2026-10-14"},
            "prices": {**LIST, "output_mtok": 9},
        },
        {"when": {"kind": "unheard of"}, "prices": {**LIST, "output_mtok": 8}},
    ]
    newer = laid_over(raw(file), book, DAY)
    assert total(newer, "claude-opus-5", "2026-11-25", tier="batch") == usd("0.0122")


def test_an_hour_of_the_day_is_not_the_price_of_the_day(book: Book) -> None:
    """DeepSeek's old list has a day and a night: the day's is the list price."""
    file = listed(book)
    entry = model_of(file, "anthropic", "claude-opus-5")
    night = {"constraint": {"start_time": "16:30:00Z", "end_time": "00:30:00Z"}, "prices": LIST}
    entry["prices"] = [{"prices": entry["prices"]}, night]
    assert laid_over(raw(file), book, DAY).models == book.models
    night["constraint"] = {"start_time": "08:00:00Z", "end_time": "20:00:00Z"}
    assert total(laid_over(raw(file), book, DAY), "claude-opus-5", "2026-11-25") == usd("0.0122")


def test_copies_of_claude_at_vertex_and_regional_twins_at_bedrock_are_no_lists_of_their_own(book: Book) -> None:
    """They follow from the vendor's list and from the region's factor, in our book too."""
    file = listed(book)
    next(one["models"] for one in file if one["id"] == "google").append({"id": "claude-opus-5", "prices": LIST})
    bedrock = next(one["models"] for one in file if one["id"] == "aws")
    (twin,) = [one for one in bedrock if one["id"] == "global.anthropic.claude-opus-5-v1:0"]
    bedrock.append({"id": "regional.anthropic.claude-opus-5-v1:0", "prices": LIST})
    assert laid_over(raw(file), book, DAY).models == book.models
    twin["prices"] = LIST
    changed = difference(book, laid_over(raw(file), book, DAY)).changed
    assert [one.key for one in changed if one.mode == "standard"] == ["bedrock/claude-opus-5"]


def test_another_name_of_a_model_is_no_new_one(book: Book) -> None:
    file = listed(book)
    assert book.aliases["anthropic/claude-opus-4"] == "anthropic/claude-opus-4-0"
    next(one["models"] for one in file if one["id"] == "anthropic").append({"id": "claude-opus-4", "prices": LIST})
    assert laid_over(raw(file), book, DAY).models == book.models


def test_a_second_file_of_the_same_day_takes_the_place_of_the_first(book: Book) -> None:
    file = listed(book)
    entry = model_of(file, "anthropic", "claude-opus-5")
    entry["prices"] = LIST
    one = laid_over(raw(file), book, DAY)
    entry["prices"] = {**LIST, "output_mtok": 20}
    other = laid_over(raw(file), one, DAY)
    assert total(other, "claude-opus-5", "2026-11-25") == usd("0.0222")
    assert len(other.models["anthropic/claude-opus-5"].modes["standard"]) == 2
    assert other.packages == one.packages == (*book.packages, f"genai-prices file of {DAY}")


def test_a_window_changes_by_date_too(book: Book) -> None:
    file = listed(book)
    entry = model_of(file, "anthropic", "claude-opus-5")
    entry["context_window"] = 1_000_000
    assert laid_over(raw(file), book, DAY).models == book.models
    entry["context_window"] = 2_000_000
    catalog = Catalog(laid_over(raw(file), book, DAY))
    key, day = "anthropic/claude-opus-5", instant_of(DAY) or 0
    sizes = [(one.context, one.output) for at in (day - 1, day) if (one := catalog.limits(key, at))]
    assert sizes == [(1_000_000, 128_000), (2_000_000, 128_000)]


def test_another_source_of_the_same_price_is_no_change(book: Book) -> None:
    key = "anthropic/claude-opus-5"
    model = book.models[key]
    cited = {
        mode: tuple(msgspec.structs.replace(row, source="unverified") for row in rows)
        for mode, rows in model.modes.items()
    }
    models = {**book.models, key: msgspec.structs.replace(model, modes=cited)}
    assert difference(book, msgspec.structs.replace(book, models=models)).changed == ()


def test_an_object_with_units_is_a_file_too(book: Book) -> None:
    """The third version of the format."""
    file = json.dumps({"units": {}, "providers": listed(book)}).encode()
    assert laid_over(file, book, DAY).models == book.models


def test_two_files_are_two_books(book: Book) -> None:
    file = listed(book)
    model_of(file, "anthropic", "claude-opus-5")["prices"] = LIST
    one = laid_over(raw(file), book, DAY)
    other = laid_over(raw([*file, {"id": "nobody", "models": []}]), book, DAY)
    assert len({book.id, one.id, other.id}) == 3


# --- from a file on the disk


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path, data=tmp_path / "data", clock=lambda: NOW)


def newer_file(machine: Machine, book: Book, built: str = "2026-11-24") -> Path:
    """A book in our own format, with one model more."""
    path = machine.home / f"book-{built}.json"
    models = {**book.models, "anthropic/claude-epic-9": book.models["anthropic/claude-opus-5"]}
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(book, built=built, models=models)))
    return path


def test_a_book_is_taken_and_taken_back(machine: Machine, book: Book) -> None:
    for built in ("2026-11-23", "2026-11-24"):
        used = load_catalog(machine).book
        importing.take(machine, importing.book_from(newer_file(machine, book, built), used, NOW))
        assert load_catalog(machine).book.built == built
    assert load_catalog(machine).imported
    importing.take_back(machine)
    assert load_catalog(machine).book.built == "2026-11-23"
    importing.take_back(machine)
    assert (load_catalog(machine).book, load_catalog(machine).imported) == (book, False)
    with pytest.raises(KnownError, match="No price book was imported"):
        importing.take_back(machine)


def test_an_older_book_is_refused(machine: Machine, book: Book) -> None:
    with pytest.raises(KnownError, match="is of 2025-01-01, the book in use of"):
        importing.book_from(newer_file(machine, book, "2025-01-01"), book, NOW)


def test_the_book_in_use_is_no_news(machine: Machine, book: Book) -> None:
    with pytest.raises(KnownError, match="nothing that is not in use already"):
        importing.book_from(machine.resources / "prices.json", book, NOW)


def test_an_older_data_file_is_refused(machine: Machine, book: Book) -> None:
    """It has no date; but it lacks what its project has known for long."""
    path = machine.home / "data.json"
    path.write_bytes(raw([one for one in listed(book) if one["id"] != "openrouter"]))
    with pytest.raises(KnownError, match="so it is older, or a part"):
        importing.book_from(path, book, NOW)


def _broken(book: Book, **changed: object) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(book, **{"built": "2026-11-24", **changed}))


WRONG: dict[str, Any] = {
    "no JSON": b"prices",
    "nothing": b"",
    "another thing": b'{"schema": "something/1"}',
    "a list of other things": b'[{"a": 1}]',
    "nested without end": b"[" * 100_000,
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_book_is_refused(kind: str, machine: Machine, book: Book) -> None:
    path = machine.home / "data.json"
    path.write_bytes(WRONG[kind])
    with pytest.raises(KnownError) as caught:
        importing.book_from(path, book, NOW)
    assert str(path) in caught.value.title and "the prices in use stay" in caught.value.hint


def test_a_book_that_is_wrong_in_itself_is_refused(machine: Machine, book: Book) -> None:
    key, opus = "anthropic/claude-opus-5", book.models["anthropic/claude-opus-5"]
    row = opus.modes["standard"][-1]

    def with_rows(*rows: Row) -> dict[str, Any]:
        return {**book.models, key: msgspec.structs.replace(opus, modes={"standard": rows})}

    later = msgspec.structs.replace(row, since="2026-12-01T00:00:00Z")
    cases = {
        "has no models": {"models": {}, "aliases": {}},
        "not in order": {"models": with_rows(later, row)},
        "below 0": {"models": with_rows(msgspec.structs.replace(row, rates=(-1, 1, 1, 1, 1)))},
        "leads to no model": {"aliases": {"anthropic/x": "anthropic/y"}},
        "is no day": {"built": "2026-11-24T12:00:00Z"},
    }
    for words, changed in cases.items():
        path = machine.home / "book.json"
        path.write_bytes(_broken(book, **changed))
        with pytest.raises(KnownError, match=words):
            importing.book_from(path, book, NOW)


def test_a_file_that_is_not_there(machine: Machine, book: Book) -> None:
    with pytest.raises(KnownError, match="can't be read"):
        importing.book_from(machine.home / "none.json", book, NOW)
