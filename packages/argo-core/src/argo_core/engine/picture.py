"""Everything known of one symbol at one moment, and what was decided on it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.consensus.pool import View
from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.regime import Regime
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.signals.signal import Signal


class Outcome(StrEnum):
    """What a cycle did with a symbol; every symbol has exactly one a cycle."""

    SIGNAL = "signal"
    HOLD = "hold"
    SKIP = "skip"


@frozen
class Basis:
    """What a decision was made of.

    `sigma` is the price's volatility per square root of a second, None while unknown. `failed`
    names the sources whose last ask was an error.
    """

    phase: Phase
    quote: Quote | None
    opinions: Mapping[SourceName, Opinion]
    failed: frozenset[SourceName]
    sigma: float | None
    regime: Regime


@frozen
class Decision:
    """One symbol's outcome in one cycle.

    `direction`, `reason`, `confidence_bp` and `view` are the evaluation's; a skip repeats those of
    the evaluation it relies on, under the reason `unchanged`. `evaluated_at` is when that was.
    `signal` is set exactly when the outcome is a signal, and `capsule` are its inputs' bytes.
    """

    symbol: Symbol
    outcome: Outcome
    direction: Direction
    reason: Reason
    confidence_bp: int
    view: View | None
    basis: Basis
    evaluated_at: datetime
    signal: Signal | None = None
    capsule: bytes | None = None


@frozen
class Picture:
    """What there is to decide on: the basis, the standing signal and the last evaluation.

    `usual_sigma` is what the basis's sigma has been over about a session, None while unknown.
    """

    instrument: Instrument
    basis: Basis
    standing: Signal | None
    last: Decision | None
    usual_sigma: float | None = None

    @property
    def price(self) -> Decimal | None:
        """What it costs, as far as anybody knows."""
        return None if self.basis.quote is None else self.basis.quote.price
