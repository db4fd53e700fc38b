"""What a caller may choose about the cleaning of bars."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen

from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.bars.units import MOST_BARS
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


_MOST_RATIO = 10_000


@frozen
class Split:
    """From the session of `on` there are `ratio` shares for each one before: 2 for 2:1.

    `symbol` is the newest name.
    """

    symbol: Symbol = field(converter=parse_symbol)
    on: date
    ratio: Decimal

    def __attrs_post_init__(self) -> None:
        if not self.ratio.is_finite() or not Decimal(1) / _MOST_RATIO <= self.ratio <= _MOST_RATIO:
            fix = f"give the new shares for one, above 0 and up to {_MOST_RATIO:,}"
            raise InvalidInput("ratio", f"{self.ratio} is no ratio of a split", fix)


def _defects(defects: Iterable[Defect]) -> frozenset[Defect]:
    return frozenset(Defect(each) for each in defects)


def _renames(renames: Iterable[Rename]) -> tuple[Rename, ...]:
    return tuple(renames)


def _splits(splits: Iterable[Split]) -> tuple[Split, ...]:
    return tuple(splits)


def _symbols(symbols: Iterable[str]) -> frozenset[Symbol]:
    return frozenset(parse_symbol(each) for each in symbols)


@frozen(kw_only=True)
class Options:
    """How bars are cleaned; the rules stand in `docs/reference/backtest.md`, "Data".

    Data with a defect of `refuse` are refused whole instead of mended; symbols that have one of
    `exclude` are left out, and so are those of `without`. `adjust` scales prices by the adjusted
    closes where the source has them, `splits` by splits that it does not know of. Symbols are meant
    by their newest names. More than `most_bars`, absent ones included, are refused before memory is
    taken.
    """

    refuse: frozenset[Defect] = field(default=frozenset(), converter=_defects)
    exclude: frozenset[Defect] = field(default=frozenset(), converter=_defects)
    closing: Closing = field(default=Closing.MARK, converter=Closing)
    adjust: bool = True
    renames: tuple[Rename, ...] = field(default=(), converter=_renames)
    splits: tuple[Split, ...] = field(default=(), converter=_splits)
    without: frozenset[Symbol] = field(default=frozenset(), converter=_symbols)
    most_bars: int = MOST_BARS

    def __attrs_post_init__(self) -> None:
        olds = [one.old for one in self.renames]
        if len(set(olds)) < len(olds) or set(olds) & {one.new for one in self.renames}:
            problem = "one symbol is renamed twice"
            raise InvalidInput("renames", problem, "give each old name its newest one")
        if len({(one.symbol, one.on) for one in self.splits}) < len(self.splits):
            raise InvalidInput("splits", "one is listed twice", "list each split once")
        if not 1 <= self.most_bars <= MOST_BARS:
            fix = f"give a whole number from 1 to {MOST_BARS}"
            raise InvalidInput("most_bars", f"{self.most_bars} is out of range", fix)
