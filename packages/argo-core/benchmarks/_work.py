"""What there is to do: bars and what a simple strategy does with them, in one file on disk.

Contenders read it in processes of their own, some of them in environments without Argo, so this
needs nothing but numpy. Prices are in units of 1/10,000 dollar.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

UNITS = 10_000
FAST, SLOW = 10, 30
ORDER = 10_000
"""Dollars of an order: as many whole shares as that buys at the close that it is decided at."""
DAY_US = 86_400_000_000


class Work(NamedTuple):
    """Bars (T, N), all of them there, and where they come from."""

    origin: str
    bar_s: int
    symbols: tuple[str, ...]
    known_us: Ints
    session: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints

    @property
    def rows(self) -> int:
        return len(self.known_us)

    @property
    def bars(self) -> int:
        return self.close.size

    @property
    def capital(self) -> int:
        """Dollars, twice what all orders together take: nobody ever lacks cash."""
        return 2 * ORDER * len(self.symbols)

    def cut(self, rows: int, symbols: int) -> "Work":
        """The first of both."""
        tables = {
            name: np.ascontiguousarray(getattr(self, name)[:rows, :symbols]) for name in TABLES
        }
        return self._replace(
            symbols=self.symbols[:symbols],
            known_us=self.known_us[:rows],
            session=self.session[:rows],
            **tables,
        )

    def dollars(self, name: str) -> Floats:
        """One of the tables of prices as most people have them."""
        found: Floats = getattr(self, name) / UNITS
        return found

    def save(self, path: Path) -> None:
        np.savez(path, **self._asdict())


TABLES = ("open", "high", "low", "close", "volume")


def load(path: Path) -> Work:
    with np.load(path) as stored:
        columns = {name: stored[name] for name in (*TABLES, "known_us", "session")}
        return Work(
            origin=str(stored["origin"]),
            bar_s=int(stored["bar_s"]),
            symbols=tuple(map(str, stored["symbols"])),
            **columns,
        )


def walk(rows: int, symbols: int, *, bar_s: int, seed: int) -> Work:
    """Prices that wander by seeded chance around 100 dollars, in cents; minutes have sessions."""
    chance = np.random.default_rng(seed)
    step = 0.02 if bar_s == 86_400 else 0.0008
    move = np.cumsum(chance.normal(0, step, (rows, symbols)), axis=0)
    close = cents(1_000_000 * np.exp(move))
    before = np.vstack([np.full((1, symbols), 1_000_000), close[:-1]])
    opened = cents(before * np.exp(chance.normal(0, step / 4, (rows, symbols))))
    tails = np.abs(chance.normal(0, step / 2, (2, rows, symbols)))
    a_day = 1 if bar_s == 86_400 else 390
    session = 15_000 + np.arange(rows) // a_day
    first_us = 20 * 3_600_000_000 if a_day == 1 else 14 * 3_600_000_000
    return Work(
        origin=f"random walks, numpy's default generator with seed {seed}",
        bar_s=bar_s,
        symbols=tuple(f"S{number}" for number in range(symbols)),
        known_us=session * DAY_US + first_us + np.arange(rows) % a_day * bar_s * 1_000_000,
        session=session,
        open=opened,
        high=np.maximum(cents(np.maximum(opened, close) * (1 + tails[0])), close),
        low=np.minimum(cents(np.minimum(opened, close) * (1 - tails[1])), close),
        close=close,
        volume=chance.integers(100_000, 1_000_000, (rows, symbols)),
    )


def cents(units: Floats) -> Ints:
    return np.maximum(1, np.rint(units / 100)).astype(np.int64) * 100
