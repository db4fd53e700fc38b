"""The same work by hand: what a compiled loop and a vectorised form of it take.

`numba` and `numpy` know nothing but the strategy: no costs, no shared cash, no stops. `numba_full`
is one loop that does have shared cash, stops, spread and slippage, for that one strategy and
nothing else.
"""

import math
from collections.abc import Callable

import numpy as np
from benchmarks._work import FAST, ORDER, SLOW, UNITS, Ints, Work
from numba import njit

M = 1_000_000


@njit(cache=True)
def crossed(  # noqa: PLR0917 - compiled functions are called by place
    opened: Ints, close: Ints, fast: int, slow: int, order: int, capital: int
) -> Ints:
    """Equity after each row; tables are (N, T), because one symbol comes after the other."""
    symbols, rows = close.shape
    equity = np.full(rows, capital)
    for one in range(symbols):
        cash, held, wanted, short, long = 0, 0, 0, 0, 0
        for at in range(rows):
            price = close[one, at]
            if wanted > 0:
                cash -= wanted * opened[one, at]
                held = wanted
            elif wanted < 0:
                cash += held * opened[one, at]
                held = 0
            wanted = 0
            short += price
            long += price
            if at >= fast:
                short -= close[one, at - fast]
            if at >= slow:
                long -= close[one, at - slow]
            if at >= slow - 1:
                above = short * slow - long * fast
                if held == 0 and above > 0:
                    wanted = order // price
                elif held > 0 and above < 0:
                    wanted = -1
            equity[at] += cash + held * price
    return equity


def numba(work: Work) -> Callable[[], float]:
    opened, close = (np.ascontiguousarray(table.T) for table in (work.open, work.close))

    def run() -> float:
        order, capital = ORDER * UNITS, work.capital * UNITS
        return float(crossed(opened, close, FAST, SLOW, order, capital)[-1]) / UNITS

    return run


def numpy(work: Work) -> Callable[[], float]:
    def run() -> float:
        close, rows = work.close, work.rows
        sums = np.zeros((rows + 1, close.shape[1]), dtype=np.int64)
        np.cumsum(close, axis=0, out=sums[1:])
        short = sums[SLOW:] - sums[SLOW - FAST : rows + 1 - FAST]
        long = sums[SLOW:] - sums[: rows + 1 - SLOW]
        above = np.sign(short * SLOW - long * FAST)
        # The last side that was not a tie holds.
        told = np.where(above != 0, np.arange(len(above))[:, None], 0)
        side = np.take_along_axis(above, np.maximum.accumulate(told, axis=0), axis=0)
        held = np.zeros(close.shape, dtype=bool)
        held[SLOW:] = side[:-1] > 0
        begins = held & ~np.vstack([np.zeros((1, held.shape[1]), dtype=bool), held[:-1]])
        bought = np.zeros(close.shape, dtype=np.int64)
        bought[1:] = np.where(begins[1:], ORDER * UNITS // close[:-1], 0)
        last = np.maximum.accumulate(np.where(begins, np.arange(rows)[:, None], 0), axis=0)
        quantity = np.where(held, np.take_along_axis(bought, last, axis=0), 0)
        traded = np.diff(quantity, axis=0, prepend=0)
        cash = np.cumsum(-(traded * work.open).sum(axis=1))
        equity = work.capital * UNITS + cash + (quantity * close).sum(axis=1)
        return float(equity[-1]) / UNITS

    return run


@njit(cache=True, inline="always")
def lowered(price: int, ppm: int) -> int:
    return max(1, price * (M - ppm) // M)


@njit(cache=True, inline="always")
def raised(price: int, ppm: int) -> int:
    return -(-price * (M + ppm) // M)


@njit(cache=True)
def crossed_in_full(  # noqa: C901, PLR0912, PLR0915, PLR0917 - one loop with everything in it
    opened: Ints,
    low: Ints,
    close: Ints,
    fast: int,
    slow: int,
    capital: int,
    order_ppm: int,
    half: int,
    slippage: int,
    root: float,
) -> Ints:
    """Equity after each row; tables are (T, N), because all symbols share the cash of a row."""
    rows, symbols = close.shape
    equity = np.empty(rows, dtype=np.int64)
    held, wanted, stop, wanted_stop, short, long = np.zeros((6, symbols), dtype=np.int64)
    leaving = np.zeros(symbols, dtype=np.bool_)
    squares, logged = np.zeros((2, symbols))
    keep, weight = 2.0 ** (-1 / 10), 0.0
    cash = capital
    for at in range(rows):
        for one in range(symbols):
            if held[one] > 0:
                price = opened[at, one]
                if leaving[one] or lowered(price, half) <= stop[one]:
                    cash += held[one] * lowered(price, half + slippage)
                    held[one], leaving[one] = 0, False
        for one in range(symbols):
            if wanted[one] > 0:
                price = opened[at, one]
                paid = raised(price, half + slippage)
                if lowered(price, half) > wanted_stop[one]:
                    shares = min(wanted[one], cash // paid)
                    cash -= shares * paid
                    held[one], stop[one] = shares, wanted_stop[one]
                wanted[one] = 0
        weight = keep * weight + 1.0
        worth = 0
        for one in range(symbols):
            if held[one] > 0 and lowered(low[at, one], half) <= stop[one]:
                cash += held[one] * lowered(stop[one], slippage)
                held[one] = 0
            price = close[at, one]
            worth += held[one] * price
            short[one] += price
            long[one] += price
            if at >= fast:
                short[one] -= close[at - fast, one]
            if at >= slow:
                long[one] -= close[at - slow, one]
            now = math.log(price)
            move = now - (logged[one] if at else math.log(opened[at, one]))
            squares[one] = keep * squares[one] + move * move
            logged[one] = now
        equity[at] = cash + worth
        most = equity[at] * order_ppm // M
        spent = 0
        if at < slow - 1:
            continue
        for one in range(symbols):
            above = short[one] * slow - long[one] * fast
            if held[one] > 0:
                leaving[one] = above < 0
            elif above > 0:
                price = close[at, one]
                shares = min(most, cash - spent) // price
                if shares > 0:
                    stray = round(math.sqrt(squares[one] / weight) * root * 1e6)
                    far = min(200_000, max(1_000, stray))
                    wanted[one], wanted_stop[one] = shares, max(1, price * (M - far) // M)
                    spent += shares * price
    return equity


FULL_HALF, FULL_SLIPPAGE, FULL_HORIZON = 100, 100, 20


def order_ppm(symbols: int) -> int:
    """Of equity; three times what there is for all, so that cash runs out."""
    return min(M, 3 * M // symbols)


def numba_full(work: Work) -> Callable[[], float]:
    def run() -> float:
        equity = crossed_in_full(
            *(work.open, work.low, work.close, FAST, SLOW, work.capital * UNITS),
            *(order_ppm(len(work.symbols)), FULL_HALF, FULL_SLIPPAGE, math.sqrt(FULL_HORIZON)),
        )
        return float(equity[-1]) / UNITS

    return run
