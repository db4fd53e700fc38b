"""What a caller may choose about the cleaning of bars."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from attrs import field, frozen

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.panel import MOST_BARS
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol, parse_symbol


class Closing(StrEnum):
    """What becomes of a minute bar stamped with the session's close, the closing auction's print.

    MARK keeps it as the official close for marks and signals, with a volume of zero, since nobody
    who decides at the close takes part in the auction. TRADE keeps its volume as well. DROP leaves
    it out; the last regular minute's close then stands for the day's.
    """

    MARK = "mark"
    TRADE = "trade"
    DROP = "drop"


@frozen
class Rename:
    """`old` has been called `new` since the session of `on`; None joins whatever either has."""

    old: Symbol = field(converter=parse_symbol)
    new: Symbol = field(converter=parse_symbol)
    on: date | None = None

    def __attrs_post_init__(self) -> None:
        if self.old == self.new:
            raise InvalidInput("renames", f"{self.old} keeps its name", "leave it out")


def _defects(defects: Iterable[Defect]) -> frozenset[Defect]:
    return frozenset(Defect(each) for each in defects)


def _renames(renames: Iterable[Rename]) -> tuple[Rename, ...]:
    return tuple(renames)


@frozen(kw_only=True)
class Options:
    """How bars are cleaned; the rules stand in `docs/reference/backtest.md`, "Data".

    Data with a defect of `refuse` are refused whole instead of mended; symbols that have one of
    `exclude` are left out. `adjust` scales prices by the adjusted closes where the source has them.
    More than `most_bars`, absent ones included, are refused before memory is taken.
    """

    refuse: frozenset[Defect] = field(default=frozenset(), converter=_defects)
    exclude: frozenset[Defect] = field(default=frozenset(), converter=_defects)
    closing: Closing = field(default=Closing.MARK, converter=Closing)
    adjust: bool = True
    renames: tuple[Rename, ...] = field(default=(), converter=_renames)
    most_bars: int = MOST_BARS

    def __attrs_post_init__(self) -> None:
        olds = [one.old for one in self.renames]
        if len(set(olds)) < len(olds) or set(olds) & {one.new for one in self.renames}:
            problem = "one symbol is renamed twice"
            raise InvalidInput("renames", problem, "give each old name its newest one")
        if not 1 <= self.most_bars <= MOST_BARS:
            fix = f"give a whole number from 1 to {MOST_BARS}"
            raise InvalidInput("most_bars", f"{self.most_bars} is out of range", fix)
