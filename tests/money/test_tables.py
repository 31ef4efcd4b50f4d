"""Every table of the test book: the sum on paper, the price list in the book and the program say the same."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.model.instant import instant_of
from app.model.usage import Tokens
from app.pricing.catalog import Catalog
from app.pricing.listing import charge_for
from app.pricing.price import price
from tests.money.working import nano_of
from tests.pricing.conftest import call

HERE = Path(__file__).parent
TABLES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("tables/*.toml"))}
CASES = [(name, case) for name, table in TABLES.items() for case in table["case"]]
IDS = [f"{name}: {case['shows']}" for name, case in CASES]
SAID = ("provider", "speed", "tier", "geo", "searches")
MEMBERS = {"shows", "model", "at", "tokens", "price", "working", "nano", "source", "own", *SAID}


@pytest.fixture
def catalog_of(shipped: Catalog, with_prices: Callable[[str], Catalog]) -> Callable[[dict[str, Any]], Catalog]:
    return lambda case: with_prices(case["own"]) if "own" in case else shipped


@pytest.mark.parametrize(("table", "case"), CASES, ids=IDS)
def test_the_sum_on_paper_is_the_figure(table: str, case: dict[str, Any]) -> None:
    if case["nano"] != "no price":
        assert nano_of(case["working"]) == case["nano"]


@pytest.mark.parametrize(("table", "case"), CASES, ids=IDS)
def test_the_price_list_is_the_one_in_the_book(
    table: str, case: dict[str, Any], catalog_of: Callable[[dict[str, Any]], Catalog]
) -> None:
    listing = (
        catalog_of(case).quote(case["model"], *(case.get(key) for key in SAID[:4])).at(instant_of(case["at"]) or 0)
    )
    if "price" not in case:
        assert listing is None or table == "no_price"
        return
    assert listing is not None
    charge = charge_for(listing.charges, Tokens(**case["tokens"]).prompt)._asdict()
    assert {kind: charge[kind] for kind in case["price"]} == {
        kind: int(Decimal(dollars) * 1_000_000) for kind, dollars in case["price"].items()
    }


@pytest.mark.parametrize(("table", "case"), CASES, ids=IDS)
def test_the_program_says_the_figure(
    table: str, case: dict[str, Any], catalog_of: Callable[[dict[str, Any]], Catalog]
) -> None:
    said = {key: case[key] for key in SAID if key in case}
    money = price(call(case["model"], Tokens(**case["tokens"]), case["at"], **said), catalog_of(case))
    assert (money.total if money else "no price") == case["nano"]
    assert money is None or sum(money.parts) == money.total


def test_each_table_has_its_line_in_the_readme() -> None:
    """And each line its table."""
    listed = re.findall(r"^\| `(\w+)` \|", (HERE / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_whole(table: str) -> None:
    """Every case names its source, and all that it needs to be checked by hand."""
    assert TABLES[table]["rule"]
    for case in TABLES[table]["case"]:
        assert case["source"] and not case.keys() - MEMBERS, case["shows"]
        priced = case["nano"] != "no price"
        assert ("price" in case, "working" in case) == (priced, priced), case["shows"]
    shown = [case["shows"] for case in TABLES[table]["case"]]
    assert len(shown) == len(set(shown))


def test_a_wrong_sum_is_seen() -> None:
    """The reader of sums is a check of its own: it must not agree with everything."""
    assert nano_of("1,000 × 5 × 1.25 + 100 × 25") == 8_750_000
    assert nano_of("1 × 0.0005") == 0 and nano_of("3 × 0.0005") == 2  # to the even neighbor
    with pytest.raises(ValueError):
        nano_of("1,000 x 5")
