"""The look-ahead detector: what was said of a row must not change with what comes after it.

A strategy is asked again with its later rows removed, and again with other prices in their place.
Whatever it then says differently of the rows before is a leak, and `blame` looks for the number
that it depends on.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from attrs import evolve

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.dice import uniforms
from argo_core.backtest.research.altered import shaken
from argo_core.backtest.research.blame import Cell, Histories, blamed, said
from argo_core.backtest.research.leak import Input, Leak
from argo_core.backtest.strategy import Strategy
from argo_core.errors import InvalidInput

TABLES = ("direction", "confidence_bp", "stray_ppm", "adv")
CUTS = 8
"""So many are drawn beside the last two rows."""


def drawn_cuts(rows: int, seed: str = "cuts") -> tuple[int, ...]:
    """After how many rows to cut: before the last two rows, and `CUTS` times elsewhere."""
    chance = uniforms("look-ahead", seed, rows)
    drawn = {1 + int(next(chance) * (rows - 1)) for _ in range(CUTS)}
    return tuple(sorted(size for size in drawn | {rows - 2, rows - 1} if 0 < size < rows))


def look_ahead(
    strategy: Strategy, panel: Panel, cuts: Iterable[int] | None = None, *, seed: str = "cuts"
) -> Leak | None:
    """The first leak found, None where there is none.

    `cuts` say after how many rows the future begins; without them `drawn_cuts` does. Each costs
    four runs of the strategy: with the rows after it removed, with others in their place, and two
    for the rule that `Verdicts.adv` is of the sessions before, so that nothing of a row's own
    session may change it. The same call gives the same answer.

    A leak that changes one row alone is seen only if a cut falls right behind it, and a future
    that was learnt by heart, by name or date, is in no row that could be cut off.

    Raises:
        InvalidInput: there is nothing to cut, or not there; or what the strategy itself refuses.
    """
    sizes = drawn_cuts(panel.rows, seed) if cuts is None else tuple(sorted(set(cuts)))
    if not sizes or not 0 < sizes[0] <= sizes[-1] < panel.rows:
        problem = f"nothing can be compared in {panel.rows} rows cut after {sizes}"
        raise InvalidInput("cuts", problem, "give numbers from 1 to the rows less one")
    one, other = said(strategy, panel), said(strategy, panel)
    if (cell := _difference(one, other, TABLES, panel.rows)) is not None:
        values = cell.of(one), cell.of(other)
        return _leak(strategy, panel, cell, values=values, cut=panel.rows, source=None)
    for cut in sizes:
        for histories, tables in _looks(panel, cut, seed):
            told = said(strategy, histories.known(histories.begin))
            hindsight = said(strategy, histories.known(histories.end))
            if (cell := _difference(told, hindsight, tables, cut)) is not None:
                values = cell.of(told), cell.of(hindsight)
                source, at = blamed(strategy, histories, cell), histories.begin
                return _leak(strategy, panel, cell, values=values, cut=at, source=source)
    return None


def _looks(panel: Panel, cut: int, seed: str) -> Iterator[tuple[Histories, tuple[str, ...]]]:
    yield Histories(lambda size: _early(panel, size), cut, panel.rows), TABLES
    yield Histories(lambda size: shaken(panel, size, seed), cut, panel.rows), TABLES
    known = panel.upto(cut)
    opened = int(np.searchsorted(panel.session, known.session[-1]))
    yield Histories(lambda size: shaken(known, size, seed), opened, cut), ("adv",)


def _early(panel: Panel, size: int) -> Panel:
    # What was found wrong with the data tells of splits, and of who is gone, to the last row.
    return panel if size == panel.rows else evolve(panel.upto(size), findings=())


def _difference(one: Verdicts, other: Verdicts, tables: tuple[str, ...], rows: int) -> Cell | None:
    """Where they first differ in the first `rows`: by row, then symbol, then table."""
    found = []
    for place, table in enumerate(tables):
        differs = getattr(one, table)[:rows] != getattr(other, table)[:rows]
        if differs.any():
            row, symbol = divmod(int(np.argmax(differs)), differs.shape[1])
            found.append((row, symbol, place))
    if not found:
        return None
    row, symbol, place = min(found)
    return Cell(row, symbol, tables[place])


def _leak(
    strategy: Strategy,
    panel: Panel,
    cell: Cell,
    *,
    values: tuple[int, int],
    cut: int,
    source: Input | None,
) -> Leak:
    told, hindsight = values
    return Leak(
        strategy=strategy.name,
        table=cell.table,
        row=cell.row,
        known_us=int(panel.known_us[cell.row]),
        symbol=panel.symbols[cell.place],
        told=told,
        hindsight=hindsight,
        cut=cut,
        source=source,
    )
