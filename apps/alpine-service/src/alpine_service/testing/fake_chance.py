"""Chance that is the same each time; for tests only."""

from hashlib import shake_256


class FakeChance:
    """Draws differ from each other, and are the same in the next run."""

    def __init__(self, seed: str = "chance") -> None:
        self._seed = seed
        self._count = 0

    def draw(self, count: int) -> bytes:
        self._count += 1
        return shake_256(f"{self._seed}/{self._count}".encode()).digest(count)
