"""The technical sources' opinions, computed again from bars by the rules they follow live."""

import math

import numpy as np
import numpy.typing as npt

from argo_core.backtest.bars.arrays import Floats
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.scores import Scores
from argo_core.backtest.kernel.day_quotes import score_days
from argo_core.backtest.kernel.technicals import score_all
from argo_core.backtest.strategies.series import Series, every_series
from argo_core.consensus.opinion import ALPHA_VANTAGE, MASSIVE
from argo_core.consensus.rules import quotes_and_news
from argo_core.consensus.rules.technicals import DIRECTED_ADX, NORMS, RSI_DEVIATION, TOGETHER
from argo_core.market.indicators import WARM_UP, every_indicator
from argo_core.market.reading import FLAT

_NORMS = np.array([NORMS["trend"], NORMS["momentum"], NORMS["macd"], RSI_DEVIATION, TOGETHER])


def massive(panel: Panel) -> Scores:
    """What `rules.technicals` says at each close, from the 300th bar of a symbol on."""
    table = np.full(panel.close.shape, math.nan)
    for one in every_series(panel):
        if len(one.rows) >= WARM_UP:
            table[one.rows[WARM_UP - 1 :], one.place] = _technicals(one)
    return Scores(MASSIVE, table)


def _technicals(one: Series) -> Floats:
    moves = one.moves
    level = np.cumsum(moves)
    shift = level - one.close
    slow, momentum, rsi, macd, _, _, adx, *_, short, _, volume, volume_usual = every_indicator(
        one.high + shift, one.low + shift, level, moves * moves, one.volume
    )
    sigma = np.sqrt(short)
    still = sigma < FLAT
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(volume_usual > 0, volume / volume_usual, 1.0)
    columns = np.array(
        [level - slow, momentum, macd, np.where(still, 50.0, rsi), adx, sigma, ratio]
    )
    found = np.empty(len(one.rows) - WARM_UP + 1)
    score_all(columns[:, WARM_UP - 1 :].copy(), _NORMS, FLAT, DIRECTED_ADX, found)
    return found


def alpha_vantage(panel: Panel) -> Scores:
    """What `rules.quotes_and_news` says at each close of the day's prices alone.

    There is neither news nor a sampled price in bars: both parts are absent, as the rule has it
    for whoever has none. A day whose prices the rule would refuse has no opinion, and neither has a
    symbol's first day.
    """
    table = np.full(panel.close.shape, math.nan)
    for one in every_series(panel):
        table[one.rows, one.place] = _days(one)
    return Scores(ALPHA_VANTAGE, table)


def _days(one: Series) -> Floats:
    first = np.flatnonzero(np.diff(one.session, prepend=one.session[0] - 1))
    lengths = np.diff(np.append(first, len(one.rows)))
    day: npt.NDArray[np.intp] = np.repeat(np.arange(len(first)), lengths)
    ends = one.close[np.append(first[1:], len(one.rows)) - 1]
    before = np.where(day > 0, ends[np.maximum(day - 1, 0)], math.nan)
    found = np.empty(len(one.rows))
    score_days(
        np.array([one.close, one.open[first][day], one.high, one.low, before]),
        np.isin(np.arange(len(one.rows)), first),
        np.array([quotes_and_news.TYPICAL_DAY, quotes_and_news.PARKINSON]),
        found,
    )
    return found
