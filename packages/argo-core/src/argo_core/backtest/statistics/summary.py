"""All statistics of one backtest."""

from collections.abc import Iterator
from decimal import Decimal
from operator import attrgetter

from argo_core.backtest.backtest import Backtest
from argo_core.backtest.bars.arrays import Floats, Ints
from argo_core.backtest.bars.units import from_units
from argo_core.backtest.statistics import (
    deflated,
    drawdown,
    growth,
    probabilistic,
    sharpe,
    sortino,
    trading,
    winning,
)
from argo_core.backtest.statistics.bootstrap import intervals
from argo_core.backtest.statistics.resampled import formulas
from argo_core.backtest.statistics.statistic import Meaning, Number, Statistic, Undefined, given
from argo_core.backtest.statistics.trials import Trials
from argo_core.backtest.trades import Daily, daily, trades

MEANINGS: tuple[Meaning, ...] = (
    growth.TOTAL_RETURN,
    growth.CAGR,
    growth.VOLATILITY,
    sharpe.SHARPE,
    sharpe.STANDARD_ERROR,
    sharpe.AUTOCORRELATED,
    sharpe.ROBUST_ERROR,
    sortino.SORTINO,
    drawdown.MAX_DRAWDOWN,
    drawdown.DURATION,
    drawdown.RECOVERY,
    drawdown.UNDER_WATER,
    drawdown.CALMAR,
    probabilistic.SKEWNESS,
    probabilistic.KURTOSIS,
    probabilistic.PROBABILISTIC,
    probabilistic.TRACK_RECORD,
    deflated.EXPECTED_MAXIMUM,
    deflated.DEFLATED,
    winning.TRADES,
    winning.HIT_RATE,
    winning.PROFIT_FACTOR,
    winning.EXPECTANCY,
    winning.MEAN_R,
    trading.TURNOVER,
    trading.EXPOSURE,
    trading.IN_MARKET,
    trading.SHORTFALL,
    trading.FEES,
    trading.BORROW,
)
"""Everything a summary has, in its order."""


def summary(
    backtest: Backtest, *, trials: Trials | None, seed: int, risk_free: float = 0.0
) -> tuple[Statistic, ...]:
    """The statistics of `backtest`, in the order of `MEANINGS`.

    `trials` is how much was tried before; None, and what corrects for it is undefined. `seed`
    decides the resamples behind the intervals. `risk_free` is a rate a year, of which each session
    has 1/252.
    """
    sessions = daily(backtest.panel, backtest.traded)
    return (
        *_of_returns(sessions, trials, seed, risk_free / growth.YEAR),
        *_of_trades(backtest),
        *_of_trading(backtest, sessions),
    )


def _of_returns(
    sessions: Daily, trials: Trials | None, seed: int, risk_free: float
) -> Iterator[Statistic]:
    path, dates = sessions.path, sessions.path_dates
    n, days = len(path) - 1, int(dates[-1] - dates[0])
    returns = growth.returns(path)
    told = _of_path(dates, path) | _of_excess(returns, trials, risk_free)
    between = (
        {}
        if isinstance(returns, Undefined)
        else intervals(returns, formulas(risk_free, days), seed)
    )
    for meaning in MEANINGS:
        if meaning in told:
            yield meaning.statistic(told[meaning], n, between.get(meaning.name))


def _of_path(dates: Ints, path: Ints) -> dict[Meaning, Number]:
    rate = growth.cagr(path, int(dates[-1] - dates[0]))
    fall = drawdown.deepest(dates, path)
    return {
        growth.TOTAL_RETURN: growth.total_return(path),
        growth.CAGR: rate,
        drawdown.MAX_DRAWDOWN: fall.depth,
        drawdown.DURATION: fall.duration,
        drawdown.RECOVERY: fall.recovery,
        drawdown.UNDER_WATER: fall.under_water,
        drawdown.CALMAR: drawdown.calmar(rate, fall.depth),
    }


def _of_excess(
    returns: Floats | Undefined, trials: Trials | None, risk_free: float
) -> dict[Meaning, Number]:
    excess = returns if isinstance(returns, Undefined) else returns - risk_free
    known = excess if isinstance(excess, Undefined) else probabilistic.moments(excess)
    return {
        growth.VOLATILITY: given(returns, growth.volatility),
        sharpe.SHARPE: given(excess, sharpe.sharpe),
        sharpe.STANDARD_ERROR: sharpe.annual(
            given(known, lambda all_: sharpe.standard_error(all_.sharpe, all_.n))
        ),
        sharpe.AUTOCORRELATED: given(excess, sharpe.autocorrelated),
        sharpe.ROBUST_ERROR: sharpe.annual(given(excess, sharpe.robust_error)),
        sortino.SORTINO: given(excess, sortino.sortino),
        probabilistic.SKEWNESS: given(known, attrgetter("skewness")),
        probabilistic.KURTOSIS: given(known, attrgetter("kurtosis")),
        probabilistic.PROBABILISTIC: given(known, probabilistic.probabilistic),
        probabilistic.TRACK_RECORD: given(known, probabilistic.minimum_track_record),
        deflated.EXPECTED_MAXIMUM: deflated.expected_maximum(trials),
        deflated.DEFLATED: given(known, lambda all_: deflated.deflated(all_, trials)),
    }


def _of_trades(backtest: Backtest) -> Iterator[Statistic]:
    over = winning.closed(trades(backtest.panel, backtest.traded))
    gains = [trade.pnl for trade in over]
    multiples = [trade.r for trade in over if trade.r is not None]
    n, won = len(over), sum(gain > Decimal(0) for gain in gains)
    yield winning.TRADES.statistic(float(n), n)
    yield winning.HIT_RATE.statistic(
        winning.hit_rate(won, n), n, winning.wilson(won, n) if n else None
    )
    yield winning.PROFIT_FACTOR.statistic(winning.profit_factor(gains), n)
    yield winning.EXPECTANCY.statistic(winning.expectancy(gains), n)
    yield winning.MEAN_R.statistic(winning.mean_r(multiples), len(multiples))


def _of_trading(backtest: Backtest, sessions: Daily) -> Iterator[Statistic]:
    panel, traded = backtest.panel, backtest.traded
    fills, rows = len(traded.fills), panel.rows
    yield trading.TURNOVER.statistic(trading.turnover(traded, sessions), fills)
    yield trading.EXPOSURE.statistic(trading.exposure(traded), rows)
    yield trading.IN_MARKET.statistic(trading.in_market(traded), rows)
    yield trading.SHORTFALL.statistic(
        trading.shortfall(panel, traded), trading.decided_fills(traded)
    )
    yield trading.FEES.statistic(float(from_units(traded.fees)), fills)
    yield trading.BORROW.statistic(float(from_units(traded.borrow)), rows)
