"""Bars in columns, as a file has them: nothing cleaned, nothing sorted."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from argo_core.backtest.bars.arrays import Floats, Ints, floats, floats_or_none, ints
from argo_core.backtest.bars.units import MOST_BARS
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol, parse_symbol

PRICES = ("open", "high", "low", "close")
Numbers: TypeAlias = npt.ArrayLike | Sequence[Decimal | float | None]

NUMBERS = (*PRICES, "volume")


def _symbols(names: Sequence[str]) -> tuple[Symbol, ...]:
    return tuple(parse_symbol(name) for name in names)


@frozen(kw_only=True, eq=False)
class Rows:
    """One bar a row. `code` says which of `symbols` it is of.

    `at` is the session's date in days since 1970-01-01 for daily bars, the bar's start in
    microseconds since 1970 UTC for all others. Prices are in dollars, `volume` in shares or coins;
    NaN stands for null. `adjusted` is the close adjusted for splits and dividends, None where the
    source has no such column.
    """

    symbols: tuple[Symbol, ...] = field(converter=_symbols)
    code: Ints = field(converter=ints, repr=False)
    at: Ints = field(converter=ints, repr=False)
    open: Floats = field(converter=floats, repr=False)
    high: Floats = field(converter=floats, repr=False)
    low: Floats = field(converter=floats, repr=False)
    close: Floats = field(converter=floats, repr=False)
    volume: Floats = field(converter=floats, repr=False)
    adjusted: Floats | None = field(default=None, converter=floats_or_none, repr=False)

    def __attrs_post_init__(self) -> None:
        if len(set(self.symbols)) < len(self.symbols):
            raise InvalidInput("symbols", "one is listed twice", "list each symbol once")
        columns = {name: getattr(self, name) for name in ("code", "at", *NUMBERS)}
        if self.adjusted is not None:
            columns["adjusted"] = self.adjusted
        for name, column in columns.items():
            if column.shape != (len(self.code),):
                problem = f"its shape is {column.shape} where there are {len(self.code):,} rows"
                raise InvalidInput(name, problem, "give one for each row")
        if len(self.code) and not 0 <= self.code.min() <= self.code.max() < len(self.symbols):
            raise InvalidInput("code", "one names no symbol", "give places in `symbols`")

    def __len__(self) -> int:
        return len(self.code)

    def chosen(self, places: npt.NDArray[Any]) -> "Rows":
        """The rows at these places, or where `places` is true, in that order."""
        columns = {name: getattr(self, name)[places] for name in ("code", "at", *NUMBERS)}
        adjusted = None if self.adjusted is None else self.adjusted[places]
        return Rows(symbols=self.symbols, adjusted=adjusted, **columns)


def rows_of(
    symbols: Sequence[str] | npt.NDArray[Any],
    at: npt.ArrayLike,
    *,
    open: Numbers,  # noqa: A002 - a bar's own word
    high: Numbers,
    low: Numbers,
    close: Numbers,
    volume: Numbers,
    adjusted: Numbers | None = None,
) -> Rows:
    """Columns as lists or arrays, one symbol to a row; numbers may be Decimals, None is null.

    `at` holds whole numbers as `Rows` has them, or numpy's `datetime64`: days (`[D]`) for dates of
    daily bars, any finer unit for moments in UTC.

    Raises:
        InvalidInput: a column is shorter than another, or has something in it that is no number.
    """
    if len(symbols) > MOST_BARS:
        problem = f"{len(symbols):,} rows are too many at once"
        raise InvalidInput("rows", problem, f"give {MOST_BARS:,} at most")
    strangers = [one for one in symbols if not isinstance(one, str)]
    if strangers:
        raise InvalidInput("symbol", f"{strangers[0]!r} is no symbol", "write it like AAPL")
    names, code = np.unique(np.asarray(symbols, dtype=np.str_), return_inverse=True)
    numbers = {"open": open, "high": high, "low": low, "close": close, "volume": volume}
    return Rows(
        symbols=tuple(str(name) for name in names),
        code=code,
        at=_times(at),
        adjusted=None if adjusted is None else _numbers("adjusted", adjusted),
        **{name: _numbers(name, column) for name, column in numbers.items()},
    )


def _times(at: npt.ArrayLike) -> Ints:
    array = np.asarray(at)
    if array.dtype.kind == "M":
        if np.isnat(array).any():
            raise InvalidInput("at", "a time is null", "give every bar its time")
        unit = np.datetime_data(array.dtype)[0]
        array = array if unit == "D" else array.astype("datetime64[us]")
        return array.astype(np.int64)
    if array.dtype.kind not in "iu" and array.size:
        problem = f"its type is {array.dtype}"
        raise InvalidInput("at", problem, "give whole numbers or datetime64, in UTC")
    return array.astype(np.int64)


def _numbers(name: str, column: Numbers) -> Floats:
    try:
        return np.asarray(cast(Any, column), dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as wrong:
        problem = f"there is something that is no number ({wrong})"
        raise InvalidInput(
            name, problem, "give numbers, None or NaN where there is none"
        ) from wrong
