"""Which limits are nearest: by the part of each that is left."""

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

Rule = TypeVar("Rule")

SHOWN: Final = 5


def part_left(limit: str, margin: Decimal) -> Decimal:
    """The margin as a part of its limit, below 0 where it is broken; 1 of what has no size."""
    try:
        size = abs(Decimal(limit))
    except InvalidOperation:
        return Decimal(1)
    return margin / (size or Decimal(1))


def tightest(
    rules: Iterable[Rule],
    measured: Callable[[Rule], tuple[str, Decimal | None]],
    most: int = SHOWN,
) -> list[Rule]:
    """The rules of which least is left, broken ones first; `measured` gives limit and margin."""
    parts = [
        (part_left(limit, margin), place, rule)
        for place, rule in enumerate(rules)
        for limit, margin in (measured(rule),)
        if margin is not None
    ]
    return [rule for _, _, rule in sorted(parts, key=lambda one: one[:2])[:most]]
