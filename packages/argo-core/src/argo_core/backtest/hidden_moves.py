"""How often a price strays too far while a cached one is trusted: TTLs, checked on recorded bars.

A watcher sees the close of every minute that traded, keeps volatility and jumps as the engine does,
and after each close might have asked and cached the price. What the bars then show until the answer
expires tells whether a move stayed hidden from whoever trusted it. Nothing after the close goes
into the TTL.

Moves are seen by the highs and lows of whole minutes, so a bounce between bid and ask counts too,
and a minute without a trade is a price that stands. Of a minute that an answer outlives only in
part nobody knows when in it the price strayed: there the estimate counts the minute by the part
that was outlived, and two bounds leave it out or count it whole.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from attrs import frozen

from argo_core.backtest.market_time import MarketTime, Numbers
from argo_core.errors import InvalidInput
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.minutes import broken
from argo_core.market.moment import to_micros
from argo_core.market.session import Phase
from argo_core.market.volatility import Volatility
from argo_core.resilience.jumps import JumpRate
from argo_core.resilience.ttl import MOVE
from argo_core.resilience.uncertainty import effective_observations, inflated

_MINUTE_US = MINUTE.total_seconds() * 1e6


@frozen(eq=False)
class Watched:
    """Minute by minute, what was known of one symbol after the close, and what came of it.

    Times are session seconds. `sigma` is the volatility known then and `cautious` the same inflated
    by its own uncertainty, both per square root of a session second; `jumps_per_s` is the rate of
    jumps. `phases` are those of the moments of the closes. An answer given then has ended at
    `latest_s`, however long it may live, and beyond `seen_s` the recording is silent.
    """

    starts_s: Numbers
    ends_s: Numbers
    high: Numbers
    low: Numbers
    close: Numbers
    sigma: Numbers
    cautious: Numbers
    jumps_per_s: Numbers
    phases: tuple[Phase, ...]
    latest_s: Numbers
    seen_s: Numbers


@frozen(eq=False)
class Hidden:
    """For every close, the chance that a move stayed hidden: an estimate between two bounds.

    All three are 0 or 1 but where the answer outlives a part of a minute. Where the recording ends
    before the answer does, they are not a number.
    """

    least: Numbers
    estimate: Numbers
    most: Numbers


def watch(bars: Sequence[Bar], time: MarketTime) -> Watched:
    """The bars of one symbol, in order of time, as a watcher saw them.

    Bars while the market is closed are left out, and the very first bar tells the level alone.

    Raises:
        InvalidInput: fewer than two bars are left.
    """
    starts = np.array([to_micros(bar.start) for bar in bars], dtype=np.float64)
    open_ = np.array([phase is not Phase.CLOSED for phase in time.phases])
    kept = np.flatnonzero(open_[time.stretch(starts)])
    bars, starts = [bars[place] for place in kept.tolist()], starts[kept]
    if len(bars) < 2:  # noqa: PLR2004 - one to know the level by, and one to move
        raise InvalidInput("bars", "fewer than two while the market trades", "give more")
    starts_s, ends_s = time.seconds(starts), time.seconds(starts + _MINUTE_US)
    breaks = np.array([broken(one.start, other.start) for one, other in pairwise(bars)])
    known = np.array(_learn(bars, starts_s, ends_s, breaks))
    places = time.stretch(starts + _MINUTE_US)
    # Where closing hours explain a silence, nothing is missing; a market without any has a hole.
    last = np.append(np.flatnonzero(breaks), len(bars) - 1)
    run_ends = ends_s[last[np.searchsorted(last, np.arange(len(bars)))]]
    latest_s = time.ends_s[np.minimum(places, len(time.phases) - 1)]
    return Watched(
        starts_s=starts_s[1:],
        ends_s=ends_s[1:],
        high=np.log([bar.high for bar in bars[1:]]),
        low=np.log([bar.low for bar in bars[1:]]),
        close=np.log([bar.close for bar in bars[1:]]),
        sigma=known[:, 0],
        cautious=known[:, 1],
        jumps_per_s=known[:, 2],
        phases=tuple(time.phases[min(place, len(time.phases) - 1)] for place in places[1:]),
        latest_s=latest_s[1:],
        seen_s=np.where(np.isinf(latest_s), run_ends, np.inf)[1:],
    )


def _learn(
    bars: Sequence[Bar], starts_s: Numbers, ends_s: Numbers, breaks: Numbers
) -> list[tuple[float, float, float]]:
    """Volatility, the same inflated, and the rate of jumps after each bar but the first."""
    volatility, jumps, seen = Volatility().rebase(bars[0].close), JumpRate(), 0.0
    learned = []
    for place in range(1, len(bars)):
        bar, since = bars[place], float(ends_s[place - 1])
        if breaks[place - 1]:
            volatility, since = volatility.rebase(bar.open), float(starts_s[place])
        elapsed = float(ends_s[place]) - since
        before, level = volatility.sigma, volatility.price or bar.open
        volatility = volatility.update(bar.close, elapsed)
        if before is not None:
            jumps = jumps.update(math.log(bar.close / level), elapsed, before)
        # Observations counted with the weights of the volatility's own sums.
        seen = seen * 2.0 ** (-elapsed / volatility.half_life_s) + 1.0
        sigma = volatility.sigma or 0.0
        spacing = volatility.seconds / seen
        worth = effective_observations(spacing, volatility.half_life_s, volatility.seconds)
        learned.append((sigma, inflated(sigma, worth), jumps.per_s))
    return learned


def hidden(watched: Watched, ttls_s: Numbers, move: float = MOVE) -> Hidden:
    """Whether a log price strayed by more than ln(1 + `move`) before the answer's TTL was over.

    `ttls_s` are session seconds, one for each close that was watched.
    """
    until = np.minimum(watched.ends_s + ttls_s, watched.latest_s)
    first = np.arange(1, len(watched.close) + 1)
    whole = np.maximum(np.searchsorted(watched.ends_s, until, side="right"), first)
    highest, lowest = _Extremes(watched.high), _Extremes(-watched.low)
    barrier = math.log1p(move)

    def strayed(after: Numbers) -> Numbers:
        up = highest.largest(first, after) > watched.close + barrier
        return up | (lowest.largest(first, after) > barrier - watched.close)

    inner = strayed(whole)
    partly = np.minimum(whole, len(watched.close) - 1)
    begun, over = watched.starts_s[partly], watched.ends_s[partly]
    touched = (whole < len(watched.close)) & (begun < until)
    outer = strayed(whole + touched)
    part = np.where(touched, (until - begun) / (over - begun), 0.0)
    silent = until > watched.seen_s
    least, most = np.where(silent, np.nan, inner), np.where(silent, np.nan, outer)
    return Hidden(least, least + part * (most - least), most)


class _Extremes:
    """Largest values of stretches of an array: row k holds those of every 2^k in a row."""

    def __init__(self, values: Numbers) -> None:
        self._rows = [values]
        span = 1
        while 2 * span <= len(values):
            row = self._rows[-1]
            self._rows.append(np.maximum(row[:-span], row[span:]))
            span *= 2

    def largest(self, first: Numbers, after: Numbers) -> Numbers:
        """The largest of values[first:after], minus infinity where there are none."""
        found = np.full(len(first), -np.inf)
        length = after - first
        for k, row in enumerate(self._rows):
            here = np.flatnonzero((length >= 1 << k) & (length < 2 << k))
            found[here] = np.maximum(row[first[here]], row[after[here] - (1 << k)])
        return found
