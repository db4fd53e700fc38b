"""The step of a shard: what is known of a slice of the symbols, what has changed, the decisions.

It is the fold that one process does for all symbols, cut by symbol: `decide` looks at one picture
at a time, so that it does not matter how many pictures are beside it, or where.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Self

from attrs import frozen

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Reason
from argo_core.consensus.regime import Regime
from argo_core.engine.decide import decide
from argo_core.engine.picture import Basis, Decision, Picture
from argo_core.market.instrument import Symbol
from argo_core.market.moment import from_micros, to_micros
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.signals.signal import Signal


class Price(NamedTuple):
    """A quote as it travels, with its moments in microseconds since 1970."""

    price: str
    at_us: int
    fetched_us: int
    feed: str
    bid: str | None
    ask: str | None

    @classmethod
    def of(cls, quote: Quote) -> Self:
        """What the quote says of its symbol."""
        bid = None if quote.bid is None else str(quote.bid)
        ask = None if quote.ask is None else str(quote.ask)
        at_us, fetched_us = to_micros(quote.at), to_micros(quote.fetched_at)
        return cls(str(quote.price), at_us, fetched_us, quote.feed, bid, ask)

    def quote(self, symbol: Symbol) -> Quote:
        """The quote of that symbol."""
        return Quote(
            symbol,
            Decimal(self.price),
            from_micros(self.at_us),
            from_micros(self.fetched_us),
            self.feed,
            None if self.bid is None else Decimal(self.bid),
            None if self.ask is None else Decimal(self.ask),
        )


class Past(NamedTuple):
    """What was decided on a symbol: its last evaluation, and the signal that stands."""

    last: Decision | None
    standing: Signal | None


class Change(NamedTuple):
    """What is new of the symbol at `place`; `quote`, `opinions` and `past` where they are."""

    place: int
    phase: Phase
    sigma: float | None
    usual_sigma: float | None
    regime: Regime
    quote: Price | None = None
    opinions: Mapping[SourceName, Opinion] | None = None
    past: Past | None = None


@frozen
class Told:
    """What a step is told: whether the record took what the step before said, and what is new."""

    settled: bool
    failed: frozenset[SourceName]
    changes: tuple[Change, ...] = ()

    def __getstate__(self) -> tuple[Any, ...]:
        # Plain tuples travel in a third of the time that named ones take.
        rows = [(*one[:5], one.quote and tuple(one.quote), *one[6:]) for one in self.changes]
        return self.settled, self.failed, rows

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        settled, failed, rows = state
        changes = tuple(
            Change._make((*row[:5], row[5] and Price(*row[5]), *row[6:])) for row in rows
        )
        self.__init__(settled, failed, changes)  # type: ignore[misc]


@frozen
class Slice:
    """The state of a shard; `said` are the evaluations of its last step, not yet settled."""

    profile: Profile
    strategy: str
    pictures: tuple[Picture, ...]
    said: tuple[Decision, ...] = ()


def is_evaluation(decision: Decision) -> bool:
    """Whether something was really evaluated; what was not repeats an evaluation before."""
    return decision.reason is not Reason.UNCHANGED


def step(state: Slice, told: Told, now: datetime) -> tuple[Slice, tuple[Decision, ...]]:
    """The state after it, and a decision for every symbol in the order of the slice."""
    said = {one.symbol: one for one in state.said} if told.settled else {}
    changes = {one.place: one for one in told.changes}
    pictures = tuple(
        _turned(one, changes.get(place), said.get(one.instrument.symbol), told.failed)
        for place, one in enumerate(state.pictures)
    )
    decisions = decide(pictures, state.profile, state.strategy, now)
    evaluated = tuple(filter(is_evaluation, decisions))
    return Slice(state.profile, state.strategy, pictures, evaluated), decisions


def _turned(
    before: Picture, change: Change | None, said: Decision | None, failed: frozenset[SourceName]
) -> Picture:
    basis, last, standing = before.basis, before.last, before.standing
    if said is not None:
        last, standing = said, said.signal or standing
    if change is None:
        if said is None and failed == basis.failed:
            return before
        kept = Basis(basis.phase, basis.quote, basis.opinions, failed, basis.sigma, basis.regime)
        return Picture(before.instrument, kept, standing, last, before.usual_sigma)
    if change.past is not None:
        last, standing = change.past
    symbol = before.instrument.symbol
    return Picture(
        instrument=before.instrument,
        basis=Basis(
            phase=change.phase,
            quote=basis.quote if change.quote is None else change.quote.quote(symbol),
            opinions={**basis.opinions, **change.opinions} if change.opinions else basis.opinions,
            failed=failed,
            sigma=change.sigma,
            regime=change.regime,
        ),
        standing=standing,
        last=last,
        usual_sigma=change.usual_sigma,
    )
