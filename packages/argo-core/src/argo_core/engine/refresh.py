"""Which source to ask about which symbols now: pure, from what is known."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Self

from attrs import field, frozen

from argo_core.consensus.gate import explores
from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile, SourcePolicy
from argo_core.engine.asks import Ask, AskBook, Asked, Wish
from argo_core.engine.gate_memo import GateMemo
from argo_core.engine.known import Known
from argo_core.engine.picture import Picture
from argo_core.market.instrument import Symbol
from argo_core.market.session import Phase
from argo_core.resilience.price_trigger import outdates
from argo_core.resilience.ttl import opinion_ttl

# Nobody's answer lives less than this share of its source's refresh age, however wild the market.
SHORTEST_SHARE = 0.5


class Ripeness(IntEnum):
    """Whether a symbol calls for an ask, or would ride along in one that is made anyway."""

    FRESH = 0
    RIPE = 1
    DUE = 2


# Looking a member up in its Enum would cost as much as the question it answers.
_FRESH, _RIPE, _DUE = Ripeness


@frozen
class _Pace:
    """One source's plan under way, with its ages as moments, because every symbol asks for them.

    What was asked after `young` is fresh, after `unripe` rides along with nobody. Up to `soonest`
    it may be due in a wild market, up to `overdue` it is in any.
    """

    source: SourceName
    policy: SourcePolicy
    asked: Mapping[Symbol, Asked]
    young: datetime
    unripe: datetime
    soonest: datetime
    overdue: datetime
    ready: list[tuple[Picture, Ripeness]] = field(factory=list)

    @classmethod
    def of(cls, source: SourceName, policy: SourcePolicy, book: AskBook, now: datetime) -> Self:
        def ago(age_s: float) -> datetime:
            return now - timedelta(seconds=age_s)

        shortest = 1.0 if policy.paid_ai else SHORTEST_SHARE
        return cls(
            source,
            policy,
            book.asked(source),
            young=ago(policy.min_interval_s),
            unripe=ago(_ripens_s(policy)),
            soonest=ago(policy.refresh_after_s * shortest),
            overdue=ago(policy.refresh_after_s),
        )

    def ripeness(self, picture: Picture, move: float, now: datetime) -> Ripeness:
        """Whether the symbol calls for an ask, would ride along, or neither."""
        before = self.asked.get(picture.instrument.symbol)
        if before is None:
            return _DUE
        at = before.at
        if at > self.young:
            return _FRESH
        if at <= self.overdue or outdates(before.price, picture.price, move):
            return _DUE
        if at <= self.soonest and (now - at).total_seconds() >= _ttl_s(picture, self.policy):
            return _DUE
        return _RIPE if at <= self.unripe else _FRESH


@frozen
class Planner:
    """Plans asks from the book of earlier ones; `seed` picks those that explore past the gate."""

    profile: Profile
    book: AskBook
    gate: GateMemo
    seed: int

    def plan(
        self, known: Known, pictures: Iterable[Picture], busy: Iterable[SourceName], now: datetime
    ) -> tuple[Ask, ...]:
        """One ask at most for each enabled source, in order of name; `busy` ones still answer.

        A symbol is due when the market is open and its opinion is missing, has reached the source's
        refresh age (less in a wild market), or was formed at a price that has since moved too far.
        An ask that is made for some symbols takes along whoever is ripe, so that symbols fall into
        step and calls stay few. The gate then spares paid sources whatever could not change the
        outcome, but for the share that explores.
        """
        waiting = frozenset(busy)
        paces = [
            _Pace.of(name, policy, self.book, now)
            for name, policy in sorted(self.profile.sources.items())
            if name not in waiting and _may_ask(known, name, now)
        ]
        move = self.profile.publish_move
        for picture in pictures:
            if picture.basis.phase is Phase.REGULAR:
                for pace in paces:
                    ripeness = pace.ripeness(picture, move, now)
                    if ripeness is not _FRESH:
                        pace.ready.append((picture, ripeness))
        asks = (self._ask(pace.source, pace.ready, now) for pace in paces)
        return tuple(ask for ask in asks if ask.wishes or ask.spared)

    def _ask(self, source: SourceName, ready: list[tuple[Picture, Ripeness]], now: datetime) -> Ask:
        due = {p.instrument.symbol for p, ripeness in ready if ripeness is Ripeness.DUE}
        policy = self.profile.sources[source]
        pictures = [picture for picture, _ in ready]
        if not policy.paid_ai:
            return Ask(source, _wishes(pictures, due, policy))
        # A spared symbol stays due; it is a new occasion only once an answer would have aged.
        newly_due = {
            symbol
            for symbol in due
            if not self.book.spared_within(source, symbol, policy.refresh_after_s, now)
        }
        if newly_due and explores(self.seed, source, self.book.occasions(source)):
            return Ask(source, _wishes(pictures, due, policy), occasion=True)
        worth = [picture for picture in pictures if self.gate.worth_asking(picture, now)]
        wishes = _wishes(worth, due, policy)
        spared = newly_due - {picture.instrument.symbol for picture in worth}
        return Ask(source, wishes, tuple(sorted(spared)), bool(newly_due))


def _may_ask(known: Known, source: SourceName, now: datetime) -> bool:
    """Whether the source has not asked to be left alone; backing off is `SingleFlight`'s."""
    failure = known.failures.get(source)
    return failure is None or (now - failure.at).total_seconds() >= failure.pause_s


def _ttl_s(picture: Picture, policy: SourcePolicy) -> float:
    """How long an answer about it may live: less in a wild market, never past where it fades.

    Paid answers rest on what people say, and not on the last tick: a price that really moves has
    them asked for anew, and volatility alone is not worth their money.
    """
    if policy.paid_ai:
        return policy.refresh_after_s
    return opinion_ttl(
        policy.refresh_after_s,
        picture.basis.sigma,
        picture.usual_sigma,
        least=SHORTEST_SHARE,
        most=1.0,
    )


def _ripens_s(policy: SourcePolicy) -> float:
    """The age from which an answer is refreshed along with others.

    A symbol more in a bulk call is free; in a paid prompt it costs tokens, so that it rides along
    only when it would have been due soon.
    """
    return policy.refresh_after_s / 2 if policy.paid_ai else policy.min_interval_s


def _wishes(pictures: list[Picture], due: set[Symbol], policy: SourcePolicy) -> tuple[Wish, ...]:
    """As many as one ask may carry, the due before the ripe; nobody unless somebody is due."""
    ordered = sorted(pictures, key=lambda picture: picture.instrument.symbol not in due)
    if not ordered or ordered[0].instrument.symbol not in due:
        return ()
    return tuple(_wish(picture, due, policy) for picture in ordered[: policy.max_symbols])


def _wish(picture: Picture, due: set[Symbol], policy: SourcePolicy) -> Wish:
    ttl_s = _ttl_s(picture, policy)
    enough_s = ttl_s if picture.instrument.symbol in due else min(ttl_s, _ripens_s(policy))
    return Wish(picture.instrument, picture.price, enough_s, ttl_s)
