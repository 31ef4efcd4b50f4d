"""The user's own price file: it goes before the book, and a slip in it takes nothing else away."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.machine import Machine
from app.model.instant import instant_of
from app.model.usage import Tokens
from app.pricing.catalog import Catalog, keep_own, kept_file, load_catalog, user_file
from app.pricing.price import price
from app.pricing.user import parse_user_prices
from tests.conftest import ROOT

from .conftest import call, usd

OPUS = """
[[price]]
model = "claude-opus-4-8"
from = "2026-07-01T00:00:00Z"
until = "2026-09-01T00:00:00Z"
input = 4.0
cache_read = 0.4
cache_write = 5.0
cache_write_1h = 8.0
output = 20.0
"""
TOKENS = Tokens(1_000, 1_000, 1_000, 1_000, 1_000)


def total(catalog: Catalog, name: str, at: str, **said: object) -> int | None:
    money = price(call(name, TOKENS, at, **said), catalog)
    return money and money.total


def test_the_users_price_holds_from_and_until(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices(OPUS)
    book = usd("0.04675")  # 5 + 0.50 + 6.25 + 10 + 25 per thousand of each
    assert total(catalog, "claude-opus-4-8", "2026-06-30T23:59:59Z") == book
    assert total(catalog, "claude-opus-4-8", "2026-07-01T00:00:00Z") == usd("0.0374")
    assert total(catalog, "claude-opus-4-8", "2026-08-31T23:59:59Z") == usd("0.0374")
    assert total(catalog, "claude-opus-4-8", "2026-09-01T00:00:00Z") == book


def test_it_holds_for_the_exact_name_only(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices(OPUS)
    assert total(catalog, "claude-opus-4-8-20260528", "2026-08-01") == usd("0.04675")
    money = price(call("claude-opus-4-8", TOKENS, "2026-08-01"), catalog)
    assert money is not None
    assert (money.match, money.row) == ("user", "user/claude-opus-4-8@2026-07-01T00:00:00Z#standard")


def test_it_is_taken_as_written(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices(OPUS)
    assert total(catalog, "claude-opus-4-8", "2026-08-01", geo="us") == usd("0.0374")


def test_it_is_taken_as_written_at_every_hour(with_prices: Callable[[str], Catalog]) -> None:
    """DeepSeek's list price doubles at 9 in the morning (UTC) of a weekday; what the user says does not."""
    catalog = with_prices('[[price]]\nmodel = "deepseek-v4-pro"\nfrom = "2026-10-20"\ninput = 1\noutput = 2\n')
    # 4 of 1 and 1 of 2, and the day before at twice 0.66 (writes too) / 0.022 / 1.98
    assert total(catalog, "deepseek-v4-pro", "2026-10-20T09:00:00Z") == usd("0.006")
    assert total(catalog, "deepseek-v4-pro", "2026-10-19T09:00:00Z") == usd("0.007964")


def test_it_says_nothing_about_other_modes(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices(OPUS)
    assert total(catalog, "claude-opus-4-8", "2026-08-01", speed="fast") == usd("0.0935")
    fast = with_prices(OPUS.replace("input", 'mode = "fast"\ninput'))
    assert total(fast, "claude-opus-4-8", "2026-08-01", speed="fast") == usd("0.0374")
    assert total(fast, "claude-opus-4-8", "2026-08-01") == usd("0.04675")


def test_it_says_where_the_user_has_it_from(with_prices: Callable[[str], Catalog]) -> None:
    def listed(text: str) -> tuple[str | None, str]:
        found = with_prices(text).quote("claude-opus-4-8", None, None, None, None).at(instant_of("2026-08-01") or 0)
        assert found is not None
        return found.listed.since, found.listed.source

    assert listed(OPUS) == ("2026-07-01T00:00:00Z", "prices.user.toml")
    assert listed(OPUS + 'source = "their price page"\n') == (
        "2026-07-01T00:00:00Z",
        "prices.user.toml (their price page)",
    )
    always = '[[price]]\nmodel = "claude-opus-4-8"\ninput = 1\noutput = 2\n'
    assert listed(always) == (None, "prices.user.toml")


def test_a_model_that_the_book_lacks(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices('[[price]]\nmodel = "House Model"\ninput = 1\noutput = 2\n')
    # no cached and no write price: both cost what input costs
    assert total(catalog, "House Model", "2020-01-01") == usd("0.006")
    assert total(catalog, "house model", "2020-01-01") is None


def test_a_later_entry_follows_an_earlier_one(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices(
        '[[price]]\nmodel = "m"\nfrom = "2026-02-01"\ninput = 2\noutput = 2\n'
        '[[price]]\nmodel = "m"\nuntil = "2026-03-01"\ninput = 1\noutput = 1\n'
    )
    assert total(catalog, "m", "2026-01-15") == usd("0.005")
    assert total(catalog, "m", "2026-02-15") == usd("0.01")


def test_after_until_a_model_that_the_book_lacks_is_unpriced(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices('[[price]]\nmodel = "m"\nuntil = "2026-03-01"\ninput = 1\noutput = 1\n')
    assert total(catalog, "m", "2026-03-01") is None


def test_it_may_end_on_the_day_of_a_new_list(with_prices: Callable[[str], Catalog]) -> None:
    """GPT-5.6 Sol was cut from 5 to 4 on August 21, 2026: what follows the user's price is the new list."""
    end = "2026-08-21T00:00:00Z"
    catalog = with_prices(f'[[price]]\nmodel = "gpt-5.6-sol"\nuntil = "{end}"\ninput = 1\noutput = 1\n')
    paid = [price(call("gpt-5.6-sol", Tokens(1_000), at), catalog) for at in ("2026-08-20T23:59:59Z", end)]
    assert [one and one.total for one in paid] == [usd("0.001"), usd("0.004")]


@pytest.mark.parametrize(
    ("most", "more"),
    [
        ("input = 1_000_000\noutput = 1", "input = 1_000_000.000001\noutput = 1"),
        ("input = 1\noutput = 1_000_000", "input = 1\noutput = 1_000_001"),
    ],
)
def test_the_dearest_price_there_can_be(most: str, more: str) -> None:
    assert parse_user_prices(f'[[price]]\nmodel = "m"\n{most}\n').prices
    with pytest.raises(ValueError, match="is more than 1,000,000 dollars per million tokens"):
        parse_user_prices(f'[[price]]\nmodel = "m"\n{more}\n')


def test_the_fastest_machine_there_can_be() -> None:
    head = '[[local]]\nmodel = "m"\nper_hour = 1\noutput_per_second = '
    assert parse_user_prices(f"{head}10_000_000\n").prices
    with pytest.raises(ValueError, match="is more than 10,000,000 tokens a second"):
        parse_user_prices(f"{head}10_000_001\n")


BROKEN = [
    # the file, the line, words of the message
    ("[[price]]\nmodel = \n", 2, "invalid value"),
    ('[[price]]\nmodel = "a"\ninput = 1\n', 1, "“output” is missing"),
    ('[[price]]\nmodel = "a"\ninput = 1\noutput = "two"\n', 4, "“output” must be a number"),
    ('[[price]]\nmodel = "a"\ninput = -1\noutput = 2\n', 3, "“input” must be a number"),
    ('[[price]]\nmodel = "a"\ninput = nan\noutput = 2\n', 3, "“input” must be a number"),
    ('[[price]]\nmodel = "a"\ninput = 0.1234567\noutput = 2\n', 3, "more than six decimals"),
    ('[[price]]\nmodel = "a"\ninput = 1\noutput = 2\n\n[[price]]\ninput = 1\noutput = 2\n', 6, "is missing"),
    ('[[price]]\nmodel = "a"\nfrom = "soon"\ninput = 1\noutput = 2\n', 3, "“from” is no time"),
    ('[[price]]\nmodel = "a"\nfrom = "2026-02-01"\nuntil = "2026-01-01"\ninput = 1\noutput = 2\n', 4, "later than"),
    ('[[price]]\nmodel = "a"\ninput = 1\noutput = 2\ncache = 3\n', 5, "“cache” is not known"),
    ('[[price]]\nmodel = "a"\nmode = "turbo"\ninput = 1\noutput = 2\n', 3, "mode must be one of"),
    ("[price]\ninput = 1\n", 1, "[[price]]"),
    ("[[prices]]\ninput = 1\n", 1, "[[price]]"),
    (
        '[[price]]\nmodel = "a"\noutput = 2\ninput = 1\n[[price]]\nmodel = "b"\noutput = 1\ninput = -1\n',
        8,
        "“input” must be a number",
    ),
    ('[[discount]]\nprovider = "openai"\n', 1, "“percent” is missing"),
    ('[[discount]]\nprovider = "openai"\npercent = 101\n', 3, "more than 100 per cent"),
    ('[[discount]]\nprovider = "openai"\npercent = 1.00001\n', 3, "more than four decimals"),
    ("[[discount]]\npercent = 3\n", 1, "who sells it"),
    ('[[discount]]\nprovider = "a"\npercent = 3\n[[discount]]\nprovider = "A"\npercent = 4\n', 4, "line 1"),
    ('[[local]]\nmodel = "m"\noutput_per_second = 40\n', 1, "“per_hour” is missing"),
    ('[[local]]\nmodel = "m"\nper_hour = 0.12\noutput_per_second = 0\n', 4, "“output_per_second” is missing"),
    ('[[local]]\nmodel = "m"\nper_hour = "cheap"\noutput_per_second = 1\n', 3, "number of dollars an hour"),
    ('[[price]]\nmodel = "a"\ninput = 1\noutput = 2\n\n[[local]]\nmodel = 3\n', 7, "is missing"),
    ("price = [1]\n", 1, "[[price]]"),
    ('[[price]]\nmodel = "a', 2, ""),
]


@pytest.mark.parametrize(("text", "line", "words"), BROKEN)
def test_a_slip_is_shown_with_its_line_and_a_way_out(text: str, line: int, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_user_prices(text)
    message = str(caught.value)
    assert message.startswith(f"prices.user.toml, line {line}: ")
    assert words in message
    assert message.endswith("Correct that line or delete the file")


def test_a_broken_file_leaves_the_shipped_prices(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices(OPUS + "\n[[price]]\nmodel = 7\n")
    assert catalog.problem is not None and "line 13" in catalog.problem
    assert catalog.problem.endswith("until then the prices that came with Cuenta stay in use.")
    assert total(catalog, "claude-opus-4-8", "2026-08-01") == usd("0.04675")


def test_a_broken_file_leaves_what_it_said_before(tmp_path: Path) -> None:
    """Calls that come while the file is broken must not be priced by the book for good."""
    machine = Machine(tmp_path, data=tmp_path)
    user_file(machine).write_text(OPUS)
    keep_own(machine)
    user_file(machine).write_text(OPUS.replace("input = 4.0", "input = four"))
    keep_own(machine)  # and a broken one is never kept
    catalog = load_catalog(machine)
    assert catalog.problem is not None and "line 6" in catalog.problem
    assert catalog.problem.endswith("until then what it said before stays in use.")
    assert total(catalog, "claude-opus-4-8", "2026-08-01") == usd("0.0374")


def test_a_change_of_the_file_is_what_is_kept(tmp_path: Path) -> None:
    machine = Machine(tmp_path, data=tmp_path)
    for dollars in ("4.0", "9.0", "3.0"):
        user_file(machine).write_text(OPUS.replace("input = 4.0", f"input = {dollars}"))
        keep_own(machine)
        assert kept_file(machine).read_bytes() == user_file(machine).read_bytes()


@pytest.mark.parametrize("trouble", ["broken", "refused"])
def test_a_kept_file_in_trouble_is_no_second_trouble(
    trouble: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(tmp_path, data=tmp_path)
    user_file(machine).write_text("[[price]]\nmodel = 7\n")
    kept_file(machine).write_text("[[price]]\nmodel = 8\n" if trouble == "broken" else OPUS)
    if trouble == "refused":
        read = Path.read_text

        def refusing(path: Path, *said: Any, **named: Any) -> str:
            if path == kept_file(machine):
                raise OSError(13, "Permission denied")
            return read(path, *said, **named)

        monkeypatch.setattr(Path, "read_text", refusing)
    catalog = load_catalog(machine)
    assert catalog.problem is not None and catalog.problem.startswith("prices.user.toml, line 2")
    assert catalog.problem.endswith("until then the prices that came with Cuenta stay in use.")
    assert total(catalog, "claude-opus-4-8", "2026-08-01") == usd("0.04675")


def test_a_file_that_is_gone_says_nothing_any_more(tmp_path: Path) -> None:
    machine = Machine(tmp_path, data=tmp_path)
    user_file(machine).write_text(OPUS)
    keep_own(machine)
    user_file(machine).unlink()
    keep_own(machine)
    assert not kept_file(machine).exists()
    assert load_catalog(machine).own == ()


OFF = """
[[discount]]
provider = "claude"
percent = 12.5
from = "2026-08-01T00:00:00Z"
until = "2026-09-01T00:00:00Z"
"""


def test_a_discount_is_taken_off_all_that_a_provider_sells(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices(OFF)
    book = usd("0.04675")
    assert total(catalog, "claude-opus-4-8", "2026-07-31T23:59:59Z") == book
    assert total(catalog, "claude-opus-4-8", "2026-08-01T00:00:00Z") == usd("0.04090625")  # 0.04675 × 7/8
    assert total(catalog, "claude-opus-4-8", "2026-09-01T00:00:00Z") == book
    assert total(catalog, "claude-opus-4-8", "2026-08-01", tier="batch") == usd("0.020453125")
    assert total(catalog, "gpt-5.5", "2026-08-15") == total(with_prices(""), "gpt-5.5", "2026-08-15")


def test_a_discount_is_taken_off_what_a_region_costs(with_prices: Callable[[str], Catalog]) -> None:
    """0.04675 × 1.1 × 7/8."""
    assert total(with_prices(OFF), "claude-opus-4-8", "2026-08-15", geo="us") == usd("0.044996875")


def test_a_discount_is_in_the_name_of_the_price_and_on_its_tools(with_prices: Callable[[str], Catalog]) -> None:
    money = price(call("claude-opus-4-8", Tokens(), "2026-08-15", searches=2), with_prices(OFF))
    assert money is not None
    assert (money.total, money.row) == (usd("0.0175"), "anthropic/claude-opus-4-8@#standard, 12.5% off")


def test_a_discount_is_of_who_served_the_call(with_prices: Callable[[str], Catalog]) -> None:
    """Vertex sells Claude at Anthropic's list price: what Google takes off is Google's, and Anthropic's is not."""
    name, at = "claude-opus-4-8", "2026-08-15"
    off = with_prices('[[discount]]\nprovider = "vertex"\npercent = 50\n')
    assert total(off, name, at, provider="google-vertex") == usd("0.023375")
    assert total(off, name, at, provider="anthropic") == total(off, name, at) == usd("0.04675")
    assert total(with_prices(OFF), name, at, provider="google-vertex") == usd("0.04675")


def test_a_price_of_ones_own_has_no_discount(with_prices: Callable[[str], Catalog]) -> None:
    assert total(with_prices(OPUS + OFF), "claude-opus-4-8", "2026-08-15") == usd("0.0374")


def test_discounts_may_follow_each_other(with_prices: Callable[[str], Catalog]) -> None:
    later = OFF.replace("12.5", "50").replace("2026-09-01", "2026-10-01").replace("2026-08-01", "2026-09-01")
    catalog = with_prices(later + OFF)
    assert catalog.problem is None
    assert total(catalog, "claude-opus-4-8", "2026-08-31T23:59:59Z") == usd("0.04090625")
    assert total(catalog, "claude-opus-4-8", "2026-09-01") == usd("0.023375")


def test_a_seller_that_nobody_knows_is_said(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices('\n[[discount]]\nprovider = "Corner shop"\npercent = 5\n')
    assert catalog.problem is not None
    assert catalog.problem.startswith("prices.user.toml, line 2: nobody in the price book is called “corner shop”")


LOCAL = """
[[local]]
model = "qwen3-coder:30b"
per_hour = 0.36            # 0.0001 dollars a second
output_per_second = 40
input_per_second = 1000
"""


def test_a_local_model_costs_its_electricity(with_prices: Callable[[str], Catalog]) -> None:
    """5,000 tokens are read in 5 seconds, 1,000 are in its cache, 400 are written in 10 seconds: 15 × 0.0001."""
    money = price(call("qwen3-coder:30b", Tokens(5_000, 1_000, output=400), provider="ollama"), with_prices(LOCAL))
    assert money is not None
    assert (money.total, money.match) == (usd("0.0015"), "user")
    unread = with_prices(LOCAL.replace("input_per_second = 1000", ""))
    assert total(unread, "qwen3-coder:30b", "2026-08-01") == usd("0.0025")  # 1,000 written in 25 seconds


def test_free_on_purpose_is_no_missing_price(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices('[[price]]\nmodel = "llama"\ninput = 0\noutput = 0\n')
    assert total(catalog, "llama", "2026-08-01") == 0
    assert total(with_prices(""), "llama", "2026-08-01") is None


def test_a_file_that_is_no_text_is_a_problem_too(tmp_path: Path) -> None:
    (tmp_path / "prices.user.toml").write_bytes(b"\xff\xfe\x00model")
    catalog = load_catalog(Machine(tmp_path, data=tmp_path))
    assert catalog.problem is not None and "prices.user.toml, line 1" in catalog.problem


def test_a_damaged_imported_book_leaves_the_shipped_prices(tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text('{"schema": "other"}')
    catalog = load_catalog(Machine(tmp_path, data=tmp_path))
    assert catalog.problem is not None and "The shipped prices are in use" in catalog.problem
    assert total(catalog, "claude-opus-4-8", "2026-08-01") == usd("0.04675")


def test_an_imported_book_is_used_while_it_is_newer(tmp_path: Path) -> None:
    shipped = Machine(tmp_path, data=tmp_path).resources / "prices.json"
    text = shipped.read_text(encoding="utf-8")
    for built in ("2020-01-01", "2099-01-01"):
        (tmp_path / "prices.json").write_text(
            text.replace('"built":"2026-11-21"', f'"built":"{built}"'), encoding="utf-8"
        )
        catalog = load_catalog(Machine(tmp_path, data=tmp_path))
        assert (catalog.book.built == built) is (built == "2099-01-01")


def test_of_two_books_of_one_day_the_imported_is_used(tmp_path: Path) -> None:
    shipped = load_catalog(Machine(tmp_path, data=tmp_path))
    same = msgspec.structs.replace(shipped.book, corrections="the user's own")
    (tmp_path / "prices.json").write_bytes(msgspec.json.encode(same))
    catalog = load_catalog(Machine(tmp_path, data=tmp_path))
    assert (shipped.imported, catalog.imported) == (False, True)
    assert catalog.book == same


def test_another_book_leaves_what_the_user_says(with_prices: Callable[[str], Catalog]) -> None:
    before = with_prices(OPUS + OFF.replace("claude", "nobody we know"))
    other = msgspec.structs.replace(before.book, built="2099-01-01")
    catalog = before.with_book(other)
    assert (catalog.book, catalog.own, catalog.discounts) == (other, before.own, before.discounts)
    assert catalog.problem == before.problem is not None
    assert (catalog.imported, Catalog(other).imported) == (True, False)


def test_no_file_is_no_problem(shipped: Catalog) -> None:
    assert shipped.problem is None and shipped.own == ()


def test_a_price_no_database_holds_is_refused() -> None:
    """1e16 dollars a million is a slip of the pen; the shipped prices stay."""
    with pytest.raises(ValueError, match="line 3: “input” is more than"):
        parse_user_prices('[[price]]\nmodel = "m"\ninput = 1e16\noutput = 1\n')


def test_the_readme_shows_a_file_that_can_be_read() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = [block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "[[price]]" in block]
    own = parse_user_prices(shown)
    assert [one.model for one in own.prices] == ["qwen3-coder:30b", "house-coder-1"]
    assert [one.provider for one in own.discounts] == ["openai"]
