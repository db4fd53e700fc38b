"""Which number a verdict depends on: found by changing one after the other."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from attrs import frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.backtest.research.altered import COLUMNS, Alteration, others, roomy, toggled
from argo_core.backtest.research.leak import Input
from argo_core.backtest.strategy import Strategy


@runtime_checkable
class OfRows(Protocol):
    """A strategy made with something to each row, such as opinions that were recorded."""

    def upto(self, rows: int) -> Strategy:
        """The same as it could have been made when `rows` rows were known."""
        ...


def said(strategy: Strategy, panel: Panel) -> Verdicts:
    """What the strategy says of these bars, checked to be about them.

    One that is `OfRows` is told no more than their number.
    """
    known = strategy.upto(panel.rows) if isinstance(strategy, OfRows) else strategy
    verdicts = known.verdicts(panel)
    verdicts.fit(panel)
    return verdicts


@frozen
class Cell:
    """One verdict: its row, its symbol's place and its table."""

    row: int
    place: int
    table: str

    def of(self, verdicts: Verdicts) -> int:
        return int(getattr(verdicts, self.table)[self.row, self.place])


@frozen
class Histories:
    """Panels that agree in their first rows, and of which more and more is known.

    `known(size)` is the one whose first `size` rows are true; the rest of it is absent or
    something else. `size` goes from `begin` to `end`.
    """

    known: Callable[[int], Panel]
    begin: int
    end: int


def blamed(strategy: Strategy, histories: Histories, cell: Cell) -> Input:
    """The number whose change alters the verdict, in the first row that does.

    The verdict differs between the histories' ends.
    """
    size = _first_that_differs(strategy, histories, cell)
    panel, row = histories.known(size), size - 1
    every = range(len(panel.symbols))
    for column, base, alteration in _tries(panel, row, every):
        before = cell.of(said(strategy, base))

        def changes(
            places: Sequence[int],
            base: Panel = base,
            alteration: Alteration = alteration,
            before: int = before,
        ) -> bool:
            return cell.of(said(strategy, alteration(base, row, places))) != before

        if changes(every):
            place = _one_of(every, cell.place, changes)
            return _input(panel, row, place, column)
    return _input(panel, row, cell.place, "row")


def _first_that_differs(strategy: Strategy, histories: Histories, cell: Cell) -> int:
    """How many rows are known where the verdict first is no more what it was.

    Steps double until it has changed, then halve; a verdict that changes and changes back within
    one step is passed over.
    """
    told = cell.of(said(strategy, histories.known(histories.begin)))
    same, differs, step = histories.begin, histories.end, 1
    while same + step < differs:
        if cell.of(said(strategy, histories.known(same + step))) == told:
            same, step = same + step, step * 2
        else:
            differs = same + step
    while differs - same > 1:
        middle = (same + differs) // 2
        if cell.of(said(strategy, histories.known(middle))) == told:
            same = middle
        else:
            differs = middle
    return differs


def _tries(panel: Panel, row: int, every: Sequence[int]) -> Iterator[tuple[str, Panel, Alteration]]:
    """What to change in the row, one column at a time, and of which panel."""
    for column in COLUMNS:
        for base in roomy(panel, column, row, every):
            for alteration in others(column):
                yield column, base, alteration
    yield "bar", panel, toggled


def _one_of(every: Sequence[int], own: int, changes: Callable[[Sequence[int]], bool]) -> int:
    """The symbol that it takes, its own first; the first of those that it takes together."""
    if changes([own]):
        return own
    left = every
    while len(left) > 1:
        half = len(left) // 2
        for part in (left[:half], left[half:]):
            if changes(part):
                left = part
                break
        else:
            break
    return left[0]


def _input(panel: Panel, row: int, place: int, column: str) -> Input:
    return Input(row, int(panel.known_us[row]), panel.symbols[place], column)
