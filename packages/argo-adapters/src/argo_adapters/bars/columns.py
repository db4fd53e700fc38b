"""Which columns of a file hold what a bar consists of."""

from collections.abc import Iterable
from pathlib import Path

from attrs import frozen

from argo_core.backtest.data.rows import NUMBERS
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol, parse_symbol

DATES = ("date",)
MOMENTS = ("ts", "start", "timestamp")
ADJUSTED = ("adj_close", "adjusted_close", "adjclose")
SYMBOL = "symbol"


@frozen
class Columns:
    """The file's own names of its columns, as they are written there.

    `adjusted` and `symbol` are None where there is none; the file's name then is the symbol.
    """

    time: str
    daily: bool
    numbers: dict[str, str]
    adjusted: str | None
    symbol: str | None

    @property
    def every(self) -> tuple[str, ...]:
        names = (self.symbol, self.time, *self.numbers.values(), self.adjusted)
        return tuple(name for name in names if name is not None)


def choose(path: Path, names: Iterable[str]) -> Columns:
    """The columns of bars among those of the file; others are ignored.

    The case of letters does not matter, and a blank in a name is as good as `_`.

    Raises:
        InvalidInput: one is missing, or there are two of a name.
    """
    written: dict[str, str] = {}
    for name in names:
        if (plain := name.strip().lower().replace(" ", "_")) in written:
            raise InvalidInput(path.name, f"column {plain!r} is there twice", "keep one of them")
        written[plain] = name
    time = next((name for name in (*DATES, *MOMENTS) if name in written), None)
    absent = [name for name in NUMBERS if name not in written]
    if time is None:
        absent.insert(0, f"{' or '.join(DATES)} (daily bars), or {' or '.join(MOMENTS)}")
    if time is None or absent:
        problem = f"column {', '.join(absent)} is missing"
        fix = f"name the columns date or ts, {', '.join(NUMBERS)}, and symbol"
        raise InvalidInput(path.name, problem, fix)
    adjusted = next((written[name] for name in ADJUSTED if name in written), None)
    return Columns(
        time=written[time],
        daily=time in DATES,
        numbers={name: written[name] for name in NUMBERS},
        adjusted=adjusted,
        symbol=written.get(SYMBOL),
    )


def symbol_of(path: Path) -> str:
    """The name of a file without what comes after the first dot."""
    return path.name.split(".")[0]


def named_for(path: Path) -> Symbol:
    """The symbol that a file without a column of symbols is named for.

    Raises:
        InvalidInput: its name is none.
    """
    try:
        return parse_symbol(symbol_of(path))
    except InvalidInput as error:
        problem = f"there is no column {SYMBOL}, and {symbol_of(path)[:40]!r} is no symbol"
        fix = f"add the column {SYMBOL}, or name the file for its symbol, as AAPL{path.suffix}"
        raise InvalidInput(path.name, problem, fix) from error
