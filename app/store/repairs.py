"""Placeholder counts, told by the record and mended beside it: the columns `repaired_output` and `repaired_cost` of `call`.

Some logs keep the count that stood at the start of a stream (1 to 30 tokens) and no stop reason. What can be seen of such
an answer is sized, and its model's ratio tells the tokens; where the record holds less than half of them, the rest is the
repair. It is a lower bound, since reasoning that the log does not show comes on top, and it never touches what was logged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

from app.model.money import Money
from app.model.usage import Call
from app.store import rows
from app.store.files import Ask, AskMany
from app.tokenizers import Ratio

_FACTS = (
    "SELECT call.id, call.session_id, call.message, call.key, call.file_id, call.model, call.output, call.reasoning,"
    " call.cost_output, call.repaired_output, call.repaired_cost, visible.tokens, visible.tools,"
    " visible.parameters, EXISTS (SELECT 1 FROM call AS copy WHERE copy.message = call.message AND"
    "  (copy.finished = 1 OR (copy.kept = 1 AND copy.id <> call.id)))"
    " FROM call LEFT JOIN visible ON visible.message = call.message WHERE call.kept = 1 AND"
)
_OF_MESSAGES = (
    f"{_FACTS} (call.finished = 0 OR call.repaired_output > 0) AND call.message IN (SELECT value FROM json_each(?))"
)
_OF_MODELS = f"{_FACTS} call.finished = 0 AND call.model IN (SELECT value FROM json_each(?))"
_REPAIRED = f"{_FACTS} call.finished = 0 AND call.repaired_output > 0"
_SET = "UPDATE call SET repaired_output = ?, repaired_cost = ? WHERE id = ?"


def missing(output: int, visible: float) -> int:
    """Tokens that a record without a stop reason leaves out, of an answer of which so many can be seen; 0 where it holds at
    least half of them: then it may be right.
    """
    return round(visible) - output if 2 * output < visible else 0


class Repairs:
    """`prior` is a model's ratio where nothing was learned of it yet."""

    def __init__(
        self, ask: Ask, ask_many: AskMany, price: Callable[[Call], Money | None], prior: Callable[[str | None], Ratio]
    ) -> None:
        self._ask = ask
        self._ask_many = ask_many
        self._price = price
        self._prior = prior
        self._known: dict[str | None, Ratio] = {}

    def forget(self) -> None:
        self._known.clear()

    def of_messages(self, messages: Collection[int]) -> set[int]:
        """Works out the repair of these answers anew; our ids of the sessions in which one has changed."""
        if not messages or not self._ask("SELECT EXISTS (SELECT 1 FROM visible)")[0][0]:
            return set()
        return self._derive(self._ask(_OF_MESSAGES, (json.dumps(list(messages)),)))

    def costs_again(self) -> None:
        """After calls were given other prices: what the missing tokens cost follows from what the logged ones do."""
        self._derive(self._ask(_REPAIRED))

    def learned(self, calibrations: dict[str, tuple[int, Ratio]]) -> set[int]:
        """Stores (samples, ratio) of these models and works their repairs out anew; our ids of the sessions changed."""
        self._ask_many(
            "INSERT OR REPLACE INTO calibration (model, samples, text, tool_call, parameter, message)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [(model, samples, *ratio) for model, (samples, ratio) in calibrations.items()],
        )
        self.forget()
        return self._derive(self._ask(_OF_MODELS, (json.dumps(list(calibrations)),)))

    def _derive(self, facts: list[Any]) -> set[int]:
        sessions: set[int] = set()
        changed: list[tuple[int, int, int]] = []
        for ident, session, message, key, file, model, output, reasoning, paid, *rest in facts:
            repaired, repaired_cost, tokens, tools, parameters, known_otherwise = rest
            more = 0
            if tokens is not None and not known_otherwise:
                more = missing(output, self._ratio(model).tokens(tokens, tools, parameters))
            nano = 0
            if more:  # where nothing has a price both ways come to 0
                seen = output - reasoning
                nano = (2 * more * paid + seen) // (2 * seen) if seen else self._priced(message, key, file, more)
            if (more, nano) != (repaired, repaired_cost):
                changed.append((more, nano, ident))
                sessions.add(session)
        self._ask_many(_SET, changed)
        return sessions

    def _ratio(self, model: str | None) -> Ratio:
        known = self._known.get(model)
        if known is None:
            learned = self._ask("SELECT text, tool_call, parameter, message FROM calibration WHERE model = ?", (model,))
            known = self._known[model] = Ratio(*learned[0]) if learned else self._prior(model)
        return known

    def _priced(self, message: int, key: int, file: int, more: int) -> int:
        """A call of which the log counted no output at all: what an output of its own price costs is not in its columns."""
        for row in self._ask(rows.SELECT, (json.dumps([message]),)):
            copy = rows.copy_of(row)
            if (copy.call.key, copy.file) == (key, file):
                tokens = copy.call.tokens._replace(output=more, reasoning=0)
                money = self._price(copy.call._replace(tokens=tokens, at=copy.counted_at))
                return 0 if money is None else money.parts.output
        return 0
