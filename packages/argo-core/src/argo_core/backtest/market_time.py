"""The variance clock for very many moments at once: tabulated once, then looked up by numpy."""

from datetime import datetime
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from attrs import frozen

from argo_core.market.instrument import AssetClass, Instrument
from argo_core.market.moment import to_micros
from argo_core.market.session import Phase
from argo_core.resilience.variance_clock import VarianceClock

Numbers: TypeAlias = np.ndarray

# A century: longer than any table, short enough to be added to a date.
_FOREVER_S = 3.15e9


@frozen(eq=False)
class MarketTime:
    """Session seconds, phases and latest expiries between two moments, for one instrument.

    Stretch k begins at `edges_us[k]`, when `passed_s[k]` session seconds have passed since the
    first moment; it is in `phases[k]`, and an answer given in it has ended when `ends_s[k]` have.
    """

    edges_us: Numbers
    passed_s: Numbers
    phases: tuple[Phase, ...]
    ends_s: Numbers

    def seconds(self, at_us: Numbers) -> Numbers:
        """Session seconds that have passed at each of those moments."""
        return np.asarray(np.interp(at_us, self.edges_us, self.passed_s))

    def stretch(self, at_us: Numbers) -> Numbers:
        """The number of the stretch that each moment lies in."""
        return np.asarray(np.searchsorted(self.edges_us, at_us, side="right") - 1)


def tabulate(
    clock: VarianceClock, instrument: Instrument, since: datetime, until: datetime
) -> MarketTime:
    """What the clock says from `since` to `until`.

    Raises:
        InvalidInput: a stock is asked about at a moment outside the clock's table.
    """
    edges = [*_edges(clock, instrument, since, until), until]
    pieces = [clock.between(instrument, one, other) for one, other in pairwise(edges)]
    edges_us = np.array([to_micros(edge) for edge in edges], dtype=np.float64)
    passed_s = np.concatenate(([0.0], np.cumsum(pieces)))
    phases = tuple(clock.table.phase(instrument, edge) for edge in edges[:-1])
    if instrument.asset_class is AssetClass.CRYPTO:
        return MarketTime(edges_us, passed_s, phases, np.full(len(phases), np.inf))
    # However long an answer may live, the clock ends it at a bound that only its stretch decides.
    bounds = [to_micros(clock.expires(instrument, edge, _FOREVER_S)) for edge in edges[:-1]]
    ends_s = np.interp(np.array(bounds, dtype=np.float64), edges_us, passed_s)
    return MarketTime(edges_us, passed_s, phases, ends_s)


def _edges(
    clock: VarianceClock, instrument: Instrument, since: datetime, until: datetime
) -> list[datetime]:
    """Every change of phase, and the moments at which a close has settled."""
    edges: list[datetime] = []
    at: datetime | None = since
    while at is not None and at < until:
        edges.append(at)
        at = clock.next_boundary(instrument, at)
    if instrument.asset_class is AssetClass.CRYPTO:
        return edges
    settled = (one.close + clock.settle for one in clock.table.sessions)
    return sorted({*edges, *(moment for moment in settled if since < moment < until)})
