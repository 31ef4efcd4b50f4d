"""Cursor's usage export: a table that its owner downloads from the dashboard, a row a turn of whatever machine.

The columns are disjoint: "Input (w/ Cache Write)" is what was written to the cache, not that and the rest. Exports overlap,
rows can be equal, and a row's kind and cost may be another in a later export: what a row is of, its day and its counts say.
No row names its conversation. The cost of what a plan includes is its list price.
"""

from __future__ import annotations

from typing import Any

from app.model.usage import Tokens
from app.shapes.fields import dollars, instant
from app.shapes.gathering import Gathered, call

DAY = 86_400_000
_WRITTEN, _SENT, _READ, _OUTPUT = "Input (w/ Cache Write)", "Input (w/o Cache Write)", "Cache Read", "Output Tokens"
_TOTAL, _DATE, _KIND = "Total Tokens", "Date", "Kind"
_MUST = {_WRITTEN, _SENT, _READ, _OUTPUT, _TOTAL, _DATE}
_NOT_CHARGED = "No Charge"
_HEAD = 2_000
"""Bytes that hold the names of the columns."""
_WHOLE = 60_000
"""ms after which a file whose last line has no end is not being written any more."""
Row = dict[str | Any, str | Any]


def rows_of(raw: bytes) -> list[Row]:
    """The rows of such an export; none of any other table."""
    if _READ.encode() not in raw[:_HEAD]:
        return []  # a folder of its owner's may hold many tables
    import csv
    import io

    text = raw.decode("utf-8-sig", "replace")
    table = csv.DictReader(io.StringIO(text))
    rows: list[Row] = []
    try:
        if {*(table.fieldnames or ())} >= _MUST:
            rows.extend(table)
    except csv.Error:  # a cell longer than any of theirs: what follows is no export
        pass
    if rows and not text.endswith("\n"):
        rows[-1][None] = "no end"
    return rows


def events(rows: list[Row], gathered: Gathered) -> None:
    alike: dict[tuple[int, ...], int] = {}
    for row in rows:
        if None in row and gathered.now - gathered.written < _WHOLE:
            gathered.again = True
            continue
        sent, read, written, output = (_number(row[name]) for name in (_SENT, _READ, _WRITTEN, _OUTPUT))
        at, tokens = instant(row[_DATE]), Tokens(sent, read, written, 0, output)
        if at is None or tokens.total != _number(row[_TOTAL]):
            gathered.skip("row that does not add up")
        elif _NOT_CHARGED in (row.get(_KIND) or ""):
            gathered.skip("not charged")
        elif tokens.total:
            told = (at // DAY, *tokens)
            alike[told] = alike.get(told, -1) + 1
            _event(gathered, row, at, tokens, (*told, alike[told]))


def _event(gathered: Gathered, row: Row, at: int, tokens: Tokens, told: tuple[int, ...]) -> None:
    session = f"export {str(row[_DATE])[:10]}"
    gathered.learn(session)
    gathered.add(
        call(
            *("cursor", *told),
            session=session,
            at=at,
            model=row.get("Model") or None,
            tokens=tokens,
            reported=dollars((row.get("Cost") or "").lstrip("$")),
            evidence="C",
            copied=True,  # where the hook has told the turn, that knows its conversation
        )
    )


def _number(cell: str | None) -> int:
    digits = (cell or "").replace(",", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else 0
