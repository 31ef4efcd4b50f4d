"""The mutants of a module, by cosmic-ray's operators."""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from types import CodeType
from typing import NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.provider import OperatorProvider

WANT_NAMES = {"VariableReplacer", "VariableInserter"}
"""Operators that would have to be told which variables."""


class Place(NamedTuple):
    operator: str
    number: int
    """Which of the operator's places in the file."""
    at: tuple[int, int]
    """Line and column."""


class Mutant(NamedTuple):
    place: Place
    text: str
    """Its first line that is not the module's."""
    code: CodeType
    function: CodeType | None
    """The only function that is not the module's; None where what runs at import is another."""


def places(path: Path, until: str) -> Iterator[Place]:
    """Where the code can be changed: not in annotations, which nothing runs, and not from the function `until` on."""
    source = path.read_text(encoding="utf-8")
    tree, nodes, provider = ast.parse(source), [*ast_nodes(get_ast(source))], OperatorProvider()
    noted = [getattr(node, name, None) for node in ast.walk(tree) for name in ("annotation", "returns")]
    spans = [((one.lineno, one.col_offset), (one.end_lineno, one.end_col_offset)) for one in noted if one]
    end = next((node.lineno for node in tree.body if until and getattr(node, "name", "") == until), 1 << 30)
    for name in sorted({*provider} - WANT_NAMES):
        operator = provider[name]()
        found = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        for number, at in enumerate(found):
            if at[0] < end and not any(first <= at < last for first, last in spans):
                yield Place(name, number, at)


def drawn(found: Iterable[Place], each: int, chance: Random) -> list[Place]:
    """Of the up to eleven ways to replace one operator by another of its kind, so many, by lot."""
    kinds: dict[tuple[tuple[int, int], str], list[Place]] = {}
    for place in found:
        kinds.setdefault((place.at, place.operator.partition("_")[0]), []).append(place)
    return [one for ways in kinds.values() for one in chance.sample(ways, min(each, len(ways)))]


def mutant(path: Path, place: Place) -> Mutant | None:
    """None where the change is no Python, or none at all."""
    before = path.read_text(encoding="utf-8")
    after = mutate_code(before, OperatorProvider()[place.operator](), place.number) or before
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a test run makes errors of them: `1 is 2` would be killed by its looks
            if ast.dump(ast.parse(before)) == ast.dump(ast.parse(after)):
                return None
            code = compile(after, str(path), "exec")
    except SyntaxError:
        return None
    lines = zip(before.splitlines(), after.splitlines(), strict=False)
    text = next((new.strip() for old, new in lines if old != new), "")
    return Mutant(place, text, code, changed_function(compile(before, str(path), "exec"), code))


def changed_function(before: CodeType, after: CodeType) -> CodeType | None:
    """The one function of a module, or of its classes, in whose body alone the two differ; None where there is none."""
    found: CodeType | None = None
    if _frame(before) != _frame(after):
        return None
    for old, new in zip(_inner(before), _inner(after), strict=True):
        if old != new:
            whole = new.co_flags & inspect.CO_OPTIMIZED
            one = (new if new.co_name[0] != "<" else None) if whole else changed_function(old, new)
            if found is not None or one is None:
                return None
            found = one
    return found


def _inner(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]


def _frame(code: CodeType) -> tuple[object, ...]:
    plain = [repr(one) for one in code.co_consts if not isinstance(one, CodeType)]
    return code.co_code, plain, code.co_names, code.co_varnames, len(_inner(code))
