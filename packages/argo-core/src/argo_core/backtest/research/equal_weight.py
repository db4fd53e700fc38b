"""The same money in every symbol, set right once a month: the benchmark without an opinion."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from attrs import frozen

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import Costs, Plan
from argo_core.backtest.bars.units import PPM, from_units, to_units
from argo_core.trading.order import Side


@frozen
class Account:
    """Worth (units) after every row, and what was bought and sold in all (units)."""

    equity: Ints
    turnover: int


def equal_weight(panel: Panel, plan: Plan) -> Account:
    """Every symbol that has a bar gets an equal share of equity, again in each calendar month.

    As everywhere, it is decided at a close and done at the next row's open: first at the first
    row's, then at the last close of each month, for whatever has a bar in both rows. Sales come
    before purchases, which the cash must pay for; whole shares, at the prices and fees of the
    plan's costs, and no more than its share of the bar's volume. Its limits and exits do not apply.
    """
    book = _Book(plan, len(panel.symbols))
    months = panel.session.astype("datetime64[D]").astype("datetime64[M]")
    decides = np.append(months[1:] != months[:-1], False)
    decides[0] = True
    last = np.zeros(len(panel.symbols), dtype=np.int64)
    equity = np.empty(panel.rows, dtype=np.int64)
    wanted: Ints | None = None
    for row in range(panel.rows):
        if wanted is not None:
            book.move_to(wanted, panel.open[row], panel.volume[row])
        last = np.where(panel.close[row] > 0, panel.close[row], last)
        worth = equity[row] = book.cash + int(book.held @ last)
        there = panel.close[row] > 0
        wanted = None
        if decides[row] and there.any():
            # What has no bar now is left as it is, and so is the money in it.
            free = worth - int(book.held[~there] @ last[~there])
            share = max(0, free) // int(there.sum())
            wanted = np.where(there, share // np.maximum(last, 1), book.held)
    return Account(equity, book.turnover)


class _Book:
    def __init__(self, plan: Plan, symbols: int) -> None:
        self.cash = to_units("capital", plan.capital)
        self.held = np.zeros(symbols, dtype=np.int64)
        self.turnover = 0
        self._costs = plan.costs

    def move_to(self, wanted: Ints, opens: Ints, volumes: Ints) -> None:
        most = volumes * self._costs.participation_ppm // PPM
        moves = np.where(opens > 0, wanted - self.held, 0)
        if self._costs.participation_ppm:
            moves = np.clip(moves, -most, most)
        # Sales first: they bring the cash that purchases need.
        for place in np.argsort(np.sign(moves), kind="stable").tolist():
            if move := int(moves[place]):
                self._trade(place, move, int(opens[place]))

    def _trade(self, place: int, move: int, opened: int) -> None:
        costs = self._costs
        adverse = -(-costs.spread_ppm // 2) + costs.slippage_ppm
        if move > 0:
            price = -(-opened * (PPM + adverse) // PPM)
            move = min(move, self._affordable(price))
            side = Side.BUY
        else:
            price = max(1, opened * (PPM - adverse) // PPM)
            side = Side.SELL
        value = abs(move) * price
        self.cash -= (value if move > 0 else -value) + _fee(costs, side, abs(move), value)
        self.held[place] += move
        self.turnover += value

    def _affordable(self, price: int) -> int:
        shares = max(0, self.cash // price)
        fee = _fee(self._costs, Side.BUY, shares, shares * price)
        return max(0, (self.cash - fee) // price)


def _fee(costs: Costs, side: Side, shares: int, value: int) -> int:
    total = costs.fees.total(side, Decimal(shares), from_units(value))
    return to_units("fees", total)


def worth_by_session(panel: Panel, equity: Sequence[int] | Ints) -> Ints:
    """Of an account's worth after each row, that at the opening and at the end of each session."""
    values = np.asarray(equity, dtype=np.int64)
    last = np.flatnonzero(np.append(np.diff(panel.session) > 0, True))
    ends = values[last]
    return ends if last[0] == 0 else np.concatenate((values[:1], ends))
