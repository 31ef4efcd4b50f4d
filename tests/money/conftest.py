"""The catalogues of the pricing tests."""

from __future__ import annotations

from tests.pricing.conftest import shipped, with_prices

__all__ = ["shipped", "with_prices"]
