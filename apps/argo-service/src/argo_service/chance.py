"""Chance that a replay repeats."""

from collections.abc import Callable
from random import Random


def seeded(seed: int) -> Callable[[], float]:
    """Draws from [0, 1), the same ones for the same seed: of back-off, which decides who is asked.

    What is drawn protects nothing, so it need not be hard to guess.
    """
    return Random(seed).random  # noqa: S311 - see above
