"""Luck for tests: nothing here asks for chance."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from argo_core.backtest.dice import uniforms

T = TypeVar("T")


class Dice:
    """Luck that is the same for the same seed."""

    def __init__(self, *seed: object) -> None:
        self._drawn: Iterator[float] = uniforms(0, *map(str, seed))

    def under(self, chance: float) -> bool:
        return next(self._drawn) < chance

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(next(self._drawn) * len(choices))]

    def below(self, count: int) -> int:
        return int(next(self._drawn) * count)
