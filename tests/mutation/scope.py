"""What is mutated, and which tests are asked: those that are about the module, the quickest to find a fault first."""

from __future__ import annotations

from typing import NamedTuple


class Scope(NamedTuple):
    path: str
    tests: str
    """Paths and options of pytest."""
    until: str = ""
    """The function with which the part that counts ends; empty for the whole file."""

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


_PRICES = "tests/pricing/test_price.py tests/money/test_tables.py"
_BOOK = "tests/pricing/test_build.py -k 'not built_the_same and not nobody_settled and not loading_is_quick'"
"""Without what runs in a process of its own, where there is no mutant, and what measures time."""
_LOGS = "tests/sources/test_fixtures.py"

SCOPE = (
    Scope("app/pricing/price.py", f"{_PRICES} tests/money/test_properties.py tests/pricing/test_user.py"),
    Scope("app/pricing/book.py", f"tests/pricing/test_book.py tests/pricing/test_importing.py {_BOOK}"),
    Scope("app/pricing/listing.py", f"{_PRICES} tests/pricing/test_user.py"),
    Scope("app/pricing/catalog.py", f"{_PRICES} tests/pricing/test_user.py tests/pricing/test_importing.py {_BOOK}"),
    Scope(
        "app/pricing/names.py", "tests/pricing/test_names.py tests/pricing/test_explain.py tests/pricing/test_cases.py"
    ),
    Scope("app/pricing/hours.py", "tests/pricing/test_hours.py"),
    Scope("app/pricing/agreement.py", "tests/pricing/test_agreement.py tests/pricing/test_importing.py"),
    Scope("app/pricing/changes.py", "tests/pricing/test_changes.py tests/pricing/test_importing.py"),
    Scope("app/pricing/cold.py", "tests/pricing/test_cold.py"),
    Scope("app/model/money.py", f"{_PRICES} tests/money/test_arithmetic.py"),
    Scope("app/model/usage.py", "tests/model/test_usage.py tests/store/test_folding.py"),
    Scope("app/model/identity.py", "tests/model/test_identity.py"),
    Scope("app/store/folding.py", "tests/store/test_folding.py tests/store/test_withheld.py"),
    Scope("app/store/repairs.py", "tests/store/test_repairs.py"),
    Scope("app/store/repricing.py", "tests/cli/test_reprice.py"),
    Scope("app/shapes/gathering.py", "tests/shapes tests/sources/test_template.py"),
    Scope(
        "app/sources/claude_code/__init__.py",
        f"tests/sources/test_claude_code.py {_LOGS} -k 'not (test_home and (reverse or one or codex or cx_))'",
        until="_roots",
    ),
    Scope(
        "app/sources/codex.py",
        f"tests/sources/test_codex.py {_LOGS} -k 'not test_home or newest and (codex or cx_)'",
        until="_roots",
    ),
)
