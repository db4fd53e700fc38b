"""Which session a bar belongs to, and when it was known."""

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.finding import Defect
from argo_core.backtest.data.hours import DAY_US, MarketHours
from argo_core.backtest.data.notes import Notes
from argo_core.backtest.data.options import Closing
from argo_core.backtest.data.rows import Rows
from argo_core.errors import InvalidInput

DAY_S = 86_400
_SECOND_US = 1_000_000
_IN_STEP_S = 1_800
"""Sessions open at half past, in whatever season; pairs' bars begin at the full hour."""
_OUTSIDE = "outside the regular hours of a session: dropped"
_DROPPED = "stamped with the session's close: dropped, the last regular bar's close stands"
_MARKED = "stamped with the session's close: kept as the official close, with no volume to fill"
_TRADED = "stamped with the session's close: kept with its volume"


@frozen(eq=False)
class Calendar:
    """Times of bars of `bar_s` seconds; `pairs` tells which symbols are crypto and trade always."""

    bar_s: int
    hours: MarketHours | None
    pairs: npt.NDArray[np.bool_]

    @property
    def daily(self) -> bool:
        return self.bar_s == DAY_S

    def stocks(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Which of the bars are stocks'."""
        return ~self.pairs[rows.code]

    def days(self, at: Ints) -> Ints:
        """The session's date; regular hours never leave their date in UTC."""
        return at if self.daily else at // DAY_US

    def in_step(self, code: Ints) -> None:
        """Check that a bar of these symbols begins no earlier than the last row was known.

        Where bars of stocks and of pairs overlap, what was decided at the close of one would be
        filled at the open of another, hours before.

        Raises:
            InvalidInput: there are both, and their bars overlap.
        """
        pairs = self.pairs[code]
        if pairs.any() and not pairs.all() and _IN_STEP_S % self.bar_s:
            problem = f"bars of {self.bar_s} s of stocks and of pairs overlap"
            fix = "ask for stocks alone, or pairs, or use bars that half an hour is made of"
            raise InvalidInput("symbols", problem, fix)

    def sessions(self) -> MarketHours:
        """The stocks' hours.

        Raises:
            InvalidInput: there are none.
        """
        if self.hours is None:
            raise InvalidInput("sessions", "stocks need their market's", "give its hours")
        return self.hours

    def in_session(self, rows: Rows, closing: Closing, notes: Notes) -> Rows:
        """Bars of regular hours; those stamped with the close as `closing` says.

        Raises:
            InvalidInput: sessions are not known, or a bar begins off the grid that the session's
                open (for pairs midnight UTC) and the bar's length make.
        """
        kept = np.ones(len(rows), dtype=np.bool_)
        off = np.zeros(len(rows), dtype=np.bool_)
        stocks = self.stocks(rows)
        at = rows.at[stocks]
        if not self.daily:
            off[~stocks] = rows.at[~stocks] % (self.bar_s * _SECOND_US) != 0
        if at.size:
            hours = self.sessions()
            place = hours.place(self.days(at))
            inside = place >= 0
            if not self.daily and inside.any():
                since_open = at - hours.open_us[place]
                inside &= (since_open >= 0) & (at <= hours.close_us[place])
                off[stocks] = inside & (since_open % (self.bar_s * _SECOND_US) != 0)
            outside = stocks.copy()
            outside[stocks] = ~inside
            notes.bars(Defect.OUT_OF_SESSION, rows.code[outside], rows.at[outside], _OUTSIDE)
            kept &= ~outside
        if off.any():
            problem = f"{np.count_nonzero(off):,} bars do not begin on the grid of {self.bar_s} s"
            raise InvalidInput("at", problem, "stamp bars with their starts, from the open on")
        printed = self.closing_prints(rows.code, rows.at)
        if closing is Closing.DROP:
            kept &= ~printed
        rule = {Closing.DROP: _DROPPED, Closing.MARK: _MARKED, Closing.TRADE: _TRADED}[closing]
        notes.bars(Defect.CLOSING_PRINT, rows.code[printed], rows.at[printed], rule)
        return rows if kept.all() else rows.chosen(kept)

    def closing_prints(self, code: Ints, at: Ints) -> npt.NDArray[np.bool_]:
        """Which bars of stocks begin at the very close of their session; never daily ones."""
        printed = ~self.pairs[code]
        if self.daily or not printed.any():
            return np.zeros(len(code), dtype=np.bool_)
        hours = self.sessions()
        place = hours.place(self.days(at[printed]))
        closes = np.append(hours.close_us, -1)  # what is in no session closes never
        printed[printed] = at[printed] == closes[place]
        return printed

    def known_us(self, code: Ints, at: Ints) -> Ints:
        """When each bar of a session was complete."""
        known = (at + 1) * DAY_US if self.daily else at + self.bar_s * _SECOND_US
        stocks = ~self.pairs[code]
        if stocks.any():
            hours = self.sessions()
            closes = hours.close_us[hours.place(self.days(at[stocks]))]
            # A last bar that reaches beyond the close is complete when trading ends.
            cut = self.daily | (at[stocks] < closes)
            known[stocks] = np.where(cut, np.minimum(known[stocks], closes), known[stocks])
        return known
