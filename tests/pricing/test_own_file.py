"""An entry more or less in the user's price file: the rest of it stays as it was written."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.diagnostics import KnownError
from app.machine import Machine
from app.pricing.catalog import user_file
from app.pricing.own_file import add, drop
from app.pricing.user import Discount, UserPrice, read_user_prices

WRITTEN = """# my prices

# from the contract
[[price]]
model = "a"        # the small one
input = 1
output = 2

[[discount]]
provider = "OpenAI"
percent = 10
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path, data=tmp_path / "data")


def write(machine: Machine, text: str) -> None:
    user_file(machine).parent.mkdir(exist_ok=True)
    user_file(machine).write_text(text)


def text(machine: Machine) -> str:
    return user_file(machine).read_text()


def test_the_first_entry_makes_the_file(machine: Machine) -> None:
    found = add(machine, "price", {"model": 'say "hi" \\ é', "input": Decimal("0.10"), "output": Decimal(2)})
    assert found == UserPrice('say "hi" \\ é', "standard", None, None, "", (100_000, None, None, None, 2_000_000))
    assert read_user_prices(user_file(machine)).prices == (found,)


def test_an_entry_stands_behind_the_others(machine: Machine) -> None:
    write(machine, WRITTEN)
    add(machine, "discount", {"provider": "claude", "percent": Decimal("12.5"), "source": "our contract"})
    assert text(machine).startswith(WRITTEN)
    assert [one.provider for one in read_user_prices(user_file(machine)).discounts] == ["openai", "claude"]


def test_a_local_model(machine: Machine) -> None:
    found = add(machine, "local", {"model": "m", "per_hour": Decimal("0.36"), "output_per_second": Decimal(50)})
    assert isinstance(found, UserPrice) and found.rates == (0, 0, 0, 0, 2_000_000)


def test_what_goes_takes_its_own_comment_along_and_no_other(machine: Machine) -> None:
    write(machine, WRITTEN)
    assert drop(machine, "a") == 1
    assert text(machine) == WRITTEN.replace(WRITTEN[WRITTEN.index("# from") : WRITTEN.index("[[discount]]")], "")
    assert drop(machine, " OpenAI ") == 1
    assert text(machine) == "# my prices\n\n"
    assert drop(machine, "openai") == 0


def test_both_prices_of_a_model_go(machine: Machine) -> None:
    write(machine, WRITTEN + '[[price]]\nmodel = "a"\nfrom = "2026-01-01"\ninput = 3\noutput = 4\n')
    assert drop(machine, "a") == 2
    assert [type(one) for one in read_user_prices(user_file(machine)).discounts] == [Discount]


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("price", {"model": "m", "input": Decimal(1)}, "“output” is missing"),
        ("price", {"model": " ", "input": Decimal(1), "output": Decimal(1)}, "model = "),
        ("price", {"model": "m", "input": Decimal(-1), "output": Decimal(1)}, "0 or more"),
        ("price", {"model": "m", "input": Decimal("0.00000001"), "output": Decimal(1)}, "more than six decimals"),
        ("discount", {"provider": "openai", "percent": Decimal(5)}, "another discount at that time"),
    ],
)
def test_a_wrong_entry_leaves_the_file_alone(
    machine: Machine, kind: str, fields: dict[str, str | Decimal], words: str
) -> None:
    write(machine, WRITTEN)
    with pytest.raises(ValueError, match=words) as caught:
        add(machine, kind, fields)
    assert "prices.user.toml" not in str(caught.value) and not str(caught.value).endswith(".")
    assert text(machine) == WRITTEN
    assert [one.name for one in machine.data.iterdir()] == ["prices.user.toml"]


def test_a_broken_file_is_not_written_into(machine: Machine) -> None:
    write(machine, broken := WRITTEN + "[[price]]\nmodel = 3\n")
    for change in (
        lambda: add(machine, "discount", {"provider": "x", "percent": Decimal(5)}),
        lambda: drop(machine, "a"),
    ):
        with pytest.raises(KnownError, match=r"line 13: .* until then nothing is written"):
            change()
    assert text(machine) == broken
