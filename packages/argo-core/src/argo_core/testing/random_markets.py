"""Hypothesis strategies for tiny markets, where prices collide with levels and rules bind."""

from collections.abc import Callable
from decimal import Decimal
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen
from hypothesis import strategies as st

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Costs, Exits, Plan
from argo_core.backtest.bars.trading_result import Traded
from argo_core.backtest.bars.units import HIGHEST_PRICE, UNITS
from argo_core.backtest.bars.verdicts import UNKNOWN, Verdicts
from argo_core.market.instrument import Symbol
from argo_core.trading.paper.fees import NO_FEES, FeeSchedule

Form = Callable[[Panel, Verdicts, Plan], Traded]
"""A way to trade verdicts on bars; all of them must agree."""

SYMBOLS = tuple(map(Symbol, ("A", "BRK.B", "NVR")))
_ROWS = (1, 2, 4, 6, 8, 10, 12, 12, 14, 14)
HOUR_US, HOUR_S = 3_600_000_000, 3_600

# In percent of a price around which everything happens. The levels lie half a percent or one
# percent from a close and three quarters or one and a half on the other side, so many are met.
_STEPS = (*(0, 25, -25) * 3, 50, -50, 75, -75, 100, -100, 150, -150, 300, -300, 2_000, -2_000)
_ROUND = 100 * UNITS
_AROUND = (*(_ROUND,) * 5, 37 * UNITS + 1_237, 1, 3, 250, HIGHEST_PRICE // 2)


@frozen
class Market:
    """What a backtest needs."""

    panel: Panel
    verdicts: Verdicts
    plan: Plan


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Bars with holes and without volume, verdicts both ways, and any rules, on or off."""
    count = draw(st.integers(1, len(SYMBOLS)))
    rows = draw(st.sampled_from(_ROWS))
    around = draw(st.sampled_from(_AROUND))
    panel = draw(_panels(SYMBOLS[:count], rows, around))
    return Market(panel, draw(_verdicts(rows, count)), draw(plans(around)))


@st.composite
def _panels(draw: st.DrawFn, symbols: tuple[Symbol, ...], rows: int, around: int) -> Panel:
    bars = _table(draw, _bars(around), rows, len(symbols))
    hours = draw(st.lists(st.sampled_from([1, 6, 24]), min_size=rows, max_size=rows))
    nights = draw(st.lists(st.sampled_from([0, 1, 1, 3]), min_size=rows, max_size=rows))
    return Panel(
        name="random",
        origin="made up",
        symbols=symbols,
        bar_s=HOUR_S,
        known_us=np.array(list(accumulate(hours))) * HOUR_US,
        session=np.array(list(accumulate(nights))),
        open=bars[:, :, 0],
        high=bars[:, :, 1],
        low=bars[:, :, 2],
        close=bars[:, :, 3],
        volume=bars[:, :, 4],
    )


def _bars(around: int) -> st.SearchStrategy[tuple[int, ...]]:
    prices = st.sampled_from([max(1, around + around * step // 10_000) for step in _STEPS])
    beyond = st.sampled_from([0, 0, around // 400, around // 200, around // 100])
    volumes = st.sampled_from([10**9, 10**9, 10**9, 1_000, 70, 9, 0])
    there = st.sampled_from([True, True, True, True, True, True, False])
    return st.builds(
        _bar,
        there=there,
        opened=prices,
        closed=prices,
        above=beyond,
        below=beyond,
        volume=volumes,
    )


def _bar(
    *, there: bool, opened: int, closed: int, above: int, below: int, volume: int
) -> tuple[int, ...]:
    if not there:
        return (0, 0, 0, 0, 0)
    low = max(1, min(opened, closed) - below)
    return (opened, max(opened, closed) + above, low, closed, volume)


@st.composite
def _verdicts(draw: st.DrawFn, rows: int, count: int) -> Verdicts:
    strays = st.sampled_from([UNKNOWN, UNKNOWN, 10_000, 10_000, 0, 3_333, 900_000])
    values = st.sampled_from([UNKNOWN, 0, 10**7 + 1, 10**9, 10**13, 10**13])
    return Verdicts(
        direction=_table(draw, st.sampled_from([1, 1, -1, 0]), rows, count),
        confidence_bp=_table(draw, st.sampled_from([100, -100, 7_000, -9_999, 0]), rows, count),
        stray_ppm=_table(draw, strays, rows, count),
        adv=_table(draw, values, rows, count),
    )


def _table(
    draw: st.DrawFn, cells: st.SearchStrategy[Any], rows: int, count: int
) -> npt.NDArray[np.int64]:
    drawn = draw(st.lists(cells, min_size=rows * count, max_size=rows * count))
    cell = np.shape(drawn)[1:]
    return np.array(drawn, dtype=np.int64).reshape(rows, count, *cell)


def plans(around: int) -> st.SearchStrategy[Plan]:
    """For prices around so many units: an account that can buy a lot, a little, or nothing."""
    worth = [around * shares for shares in (1, 10, *(1_003, 100_000) * 3)]
    capital = st.sampled_from([min(max(one, 1), 10**14) for one in worth]).map(_dollars)
    return st.builds(
        Plan,
        capital=capital,
        costs=_costs(),
        limits=_limits(capital),
        exits=_exits(),
        patience_rows=st.sampled_from([1, 1, 2, 3]),
    )


def _dollars(units: int) -> Decimal:
    return Decimal(units) / UNITS


def _costs() -> st.SearchStrategy[Costs]:
    return st.builds(
        Costs,
        spread_ppm=st.sampled_from([*(0, 0, 200, 3) * 3, 5_000, 200_000]),
        slippage_ppm=st.sampled_from([*(0, 0, 100, 7) * 3, 200_000]),
        participation_ppm=st.sampled_from([0, 0, 0, 100_000, 1_000_000, 333]),
        borrow_ppm=st.sampled_from([0, 30_000, 10_000_000, 1]),
        fees=st.sampled_from([NO_FEES, FeeSchedule(), _COSTLY]),
    )


_COSTLY = FeeSchedule(per_share=Decimal("0.0035"), minimum=Decimal("0.35"))


def _limits(caps: st.SearchStrategy[Decimal]) -> st.SearchStrategy[BarLimits]:
    return st.builds(
        BarLimits,
        risk_ppm=st.sampled_from([0, 0, 0, 5_000, 100_000, 10_000_000]),
        order_cap=st.one_of(caps, caps, st.just(Decimal(10**10))),
        order_ppm=st.sampled_from([0, 0, 0, 50_000, 500_000, 10_000_000]),
        adv_ppm=st.sampled_from([0, 0, 0, 0, 0, 10_000, 10_000_000]),
        symbol_ppm=st.sampled_from([0, 0, 100_000, 10_000_000]),
        gross_ppm=st.sampled_from([0, 0, 1_000_000, 300_000, 10_000_000]),
        positions=st.sampled_from([1, 2, 10, 10]),
        collar_ppm=st.sampled_from([0, 0, 0, 5_000, 20_000]),
        cooldown_s=st.sampled_from([0, 0, HOUR_S, 6 * HOUR_S]),
        stop_cooldown_s=st.sampled_from([0, HOUR_S, 24 * HOUR_S]),
        daily_loss_ppm=st.sampled_from([0, 0, 0, 0, 1_000, 20_000]),
        drawdown_ppm=st.sampled_from([0, 0, 0, 0, 0, 1_000, 100_000]),
        short_selling=st.booleans(),
    )


def _exits() -> st.SearchStrategy[Exits]:
    return st.builds(
        Exits,
        stops=st.sampled_from([True, True, False]),
        targets=st.sampled_from([True, True, False]),
        trail_ppm=st.sampled_from([0, 0, 2_500, 5_000, 10_000_000]),
        horizon_s=st.sampled_from([0, 0, HOUR_S, 24 * HOUR_S]),
        hold_closes=st.booleans(),
    )
