"""Bars of many symbols in rows by time: what a backtest reads, checked and exact."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from argo_core.backtest.bars.arrays import Ints, ints, same
from argo_core.backtest.bars.finding import Finding
from argo_core.backtest.bars.units import HIGHEST_PRICE, MOST_BARS
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol

_COLUMNS = ("open", "high", "low", "close", "volume")


@frozen(kw_only=True)
class Panel:
    """T rows of bars by N symbols.

    `known_us` (T) is the moment at which a row's bars were complete, in microseconds since 1970
    UTC, rising: nothing of a row may be used before it. `session` (T) is the date of the session,
    in days since 1970-01-01, never falling. Prices (T, N) are in units of 1/10,000 dollar, 0 where
    a symbol has no bar in that row; `volume` (T, N) is in whole shares. `bar_s` is how long a bar
    lasts, 86,400 for daily ones. `findings` is what was wrong with the data and what was done.
    """

    name: str
    origin: str
    symbols: tuple[Symbol, ...]
    bar_s: int
    known_us: Ints = field(converter=ints, eq=same, repr=False)
    session: Ints = field(converter=ints, eq=same, repr=False)
    open: Ints = field(converter=ints, eq=same, repr=False)
    high: Ints = field(converter=ints, eq=same, repr=False)
    low: Ints = field(converter=ints, eq=same, repr=False)
    close: Ints = field(converter=ints, eq=same, repr=False)
    volume: Ints = field(converter=ints, eq=same, repr=False)
    findings: tuple[Finding, ...] = ()

    def __attrs_post_init__(self) -> None:
        rows, count = len(self.known_us), len(self.symbols)
        if not rows or not count:
            raise InvalidInput("panel", "there are no bars", "choose a range that has some")
        if rows * count > MOST_BARS:
            problem = f"{rows:,} rows of {count:,} symbols are too much at once"
            raise InvalidInput("panel", problem, f"ask for {MOST_BARS:,} bars at most")
        if len(set(self.symbols)) < count:
            raise InvalidInput("symbols", "one is listed twice", "list each symbol once")
        if self.bar_s <= 0:
            raise InvalidInput("bar_s", f"{self.bar_s} is no duration", "give seconds above 0")
        for name in _COLUMNS:
            if (shape := getattr(self, name).shape) != (rows, count):
                problem = f"its shape is {shape}"
                raise InvalidInput(name, problem, f"give {rows} rows of {count} symbols")
        self._check_times()
        self._check_prices()

    def _check_times(self) -> None:
        if self.session.shape != self.known_us.shape or self.known_us.ndim != 1:
            raise InvalidInput("session", "there is not one for each row", "give one for each row")
        if not (np.diff(self.known_us) > 0).all():
            raise InvalidInput("known_us", "rows are out of order", "sort them, each moment once")
        if not (np.diff(self.session) >= 0).all():
            raise InvalidInput("session", "a session begins before the last", "sort the rows")

    def _check_prices(self) -> None:
        there = self.close > 0
        for name in ("open", "high", "low"):
            if ((getattr(self, name) > 0) != there).any():
                problem = "a bar has some prices and not others"
                raise InvalidInput(name, problem, "leave such bars out")
        low, high = self.low, self.high
        for name in ("open", "close"):
            price = getattr(self, name)
            if ((price < low) | (price > high)).any():
                raise InvalidInput(name, "it lies outside low and high", "mend or drop such bars")
        if low.min() < 0 or high.max() > HIGHEST_PRICE:
            raise InvalidInput("high", "a price is out of range", "give prices below ten million")
        if self.volume.min() < 0:
            raise InvalidInput("volume", "it is negative", "give zero or more shares")

    @property
    def rows(self) -> int:
        return len(self.known_us)

    @property
    def there(self) -> npt.NDArray[np.bool_]:
        """(T, N), whether a symbol has a bar in a row."""
        return self.close > 0

    @property
    def bars(self) -> int:
        """How many bars there are; absent ones do not count."""
        return int(np.count_nonzero(self.close))

    @property
    def sha256(self) -> str:
        """Names these bars: symbols, times and every number, not the name they go by."""
        told = hashlib.sha256("\n".join(self.symbols).encode())
        told.update(f"\n{self.bar_s}\n{self.rows}\n".encode())
        for column in (self.known_us, self.session, *(getattr(self, name) for name in _COLUMNS)):
            told.update(np.ascontiguousarray(column.astype("<i8")).data)
        return told.hexdigest()

    def upto(self, rows: int) -> "Panel":
        """The first `rows` rows alone: what was known then."""
        return self.cut(0, rows)

    def cut(self, begin: int, end: int) -> "Panel":
        """Rows from `begin` up to, not with, `end`."""
        return Panel(
            name=self.name,
            origin=self.origin,
            symbols=self.symbols,
            bar_s=self.bar_s,
            known_us=self.known_us[begin:end],
            session=self.session[begin:end],
            findings=self.findings,
            **{name: getattr(self, name)[begin:end] for name in _COLUMNS},
        )

    def only(self, symbols: Sequence[Symbol]) -> "Panel":
        """These symbols alone, in the order given, on the same rows.

        Raises:
            InvalidInput: one is not in the panel.
        """
        strangers = [one for one in symbols if one not in self.symbols]
        if strangers:
            problem = f"{', '.join(strangers[:5])} has no bars here"
            raise InvalidInput("symbols", problem, "choose among the panel's symbols")
        places = [self.symbols.index(one) for one in symbols]
        return Panel(
            name=self.name,
            origin=self.origin,
            symbols=tuple(symbols),
            bar_s=self.bar_s,
            known_us=self.known_us,
            session=self.session,
            findings=tuple(f for f in self.findings if f.symbol in (None, *symbols)),
            **{name: getattr(self, name)[:, places] for name in _COLUMNS},
        )
