"""Panels whose later rows are others: what a strategy without hindsight must not notice."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from attrs import evolve

from argo_core.backtest.bars.arrays import Floats, Ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.units import HIGHEST_PRICE
from argo_core.backtest.research.chances import chances

COLUMNS = ("open", "high", "low", "close", "volume")
_PRICES = COLUMNS[:4]

Alteration = Callable[[Panel, int, Sequence[int]], Panel]
"""Makes a panel of another, different in one row of these symbols (places)."""


def shaken(panel: Panel, begin: int, seed: str) -> Panel:
    """The same rows, where from `begin` on every price is between a half and twice what it was.

    A bar keeps its shape, and its volume changes as well; where there is none, none comes.
    """
    rows, count = panel.close.shape
    if begin >= rows:
        return panel
    factors = 0.5 + 1.5 * chances(rows, count, seed, "prices")
    crowds = 0.25 + 3.75 * chances(rows, count, seed, "volumes")
    changed = {name: _scaled(getattr(panel, name), factors) for name in _PRICES}
    changed["volume"] = np.rint(panel.volume * crowds).astype(np.int64) + panel.there
    for name, values in changed.items():
        values[:begin] = getattr(panel, name)[:begin]
    return _with(panel, changed)


def _scaled(prices: Ints, factors: Floats) -> Ints:
    # Rounding keeps order, so the open and the close stay between low and high.
    moved = np.rint(prices * factors).astype(np.int64)
    return np.where(prices > 0, np.clip(moved, 1, HIGHEST_PRICE), 0)


_FACTORS = (8.0, 0.125, 1.25, 0.8)
_FAR = 8.0


def roomy(panel: Panel, column: str, row: int, places: Sequence[int]) -> tuple[Panel, ...]:
    """Panels in which `column` of a row can be changed alone: the bar leaves it room to move."""
    if column in {"open", "close"}:
        wide = _moved(panel, "high", row, places, _FAR)
        return (_moved(wide, "low", row, places, 1 / _FAR),)
    if column == "high":
        return panel, _scaled_bar(panel, row, places, 1 / _FAR)
    if column == "low":
        return panel, _scaled_bar(panel, row, places, _FAR)
    return (panel,)


def others(column: str) -> Iterator[Alteration]:
    """Ways to change `column` in a row, and nothing else of it, much and little."""
    return (partial(_move, column, factor) for factor in _FACTORS)


def _move(column: str, by: float, panel: Panel, row: int, places: Sequence[int]) -> Panel:
    return _moved(panel, column, row, places, by)


def toggled(panel: Panel, row: int, places: Sequence[int]) -> Panel:
    """Without the bars of these symbols in that row; where there is none, with one like another."""
    # A symbol that never has a bar has none that could be copied, and gets none.
    like = [int(np.argmax(panel.there[:, place])) for place in places]
    there = panel.there[row, list(places)]
    columns = {name: getattr(panel, name)[like, list(places)] for name in COLUMNS}
    put = {name: np.where(there, 0, values) for name, values in columns.items()}
    return _with(panel, {name: _put(panel, name, row, places, put[name]) for name in COLUMNS})


def _scaled_bar(panel: Panel, row: int, places: Sequence[int], by: float) -> Panel:
    at = (row, list(places))
    factors = np.full(len(places), by)
    changed = {name: _scaled(getattr(panel, name)[at], factors) for name in _PRICES}
    return _with(panel, {name: _put(panel, name, row, places, changed[name]) for name in _PRICES})


def _moved(panel: Panel, column: str, row: int, places: Sequence[int], by: float) -> Panel:
    """Where it would leave the bar's other prices out of range it goes as far as they allow."""
    at = (row, list(places))
    there = panel.close[at] > 0
    values = np.rint(getattr(panel, column)[at] * by).astype(np.int64)
    if column == "volume":
        # A volume of none is one that can change as well.
        values = values + (by > 1)
    elif column == "high":
        values = np.clip(values, np.maximum(panel.open[at], panel.close[at]), HIGHEST_PRICE)
    elif column == "low":
        values = np.clip(values, 1, np.minimum(panel.open[at], panel.close[at]))
    else:
        values = np.clip(values, panel.low[at], panel.high[at])
    return _with(panel, {column: _put(panel, column, row, places, np.where(there, values, 0))})


def _put(panel: Panel, column: str, row: int, places: Sequence[int], values: Ints) -> Ints:
    changed: Ints = getattr(panel, column).copy()
    changed[row, list(places)] = values
    return changed


def _with(panel: Panel, columns: dict[str, Any]) -> Panel:
    return evolve(panel, **columns)
