"""Which source to ask about which symbols now: pure, from what is known."""

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum

from attrs import frozen

from argo_core.consensus.gate import explores
from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile, SourcePolicy
from argo_core.engine.asks import Ask, AskBook
from argo_core.engine.decide import moved
from argo_core.engine.gate_memo import GateMemo
from argo_core.engine.known import Known
from argo_core.engine.picture import Picture
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.session import Phase

# After a failure the next ask waits twice as long each time, so that a dead vendor costs little.
FIRST_BACK_OFF_S = 5.0
LONGEST_BACK_OFF_S = 60.0


class Ripeness(IntEnum):
    """Whether a symbol calls for an ask, or would ride along in one that is made anyway."""

    FRESH = 0
    RIPE = 1
    DUE = 2


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
        refresh age, or was formed at a price that has since moved too far. An ask that is made for
        some symbols takes along whoever is ripe, so that symbols fall into step and calls stay few.
        The gate then spares paid sources whatever could not change the outcome, but for the share
        that explores.
        """
        waiting = frozenset(busy)
        ripe: dict[SourceName, list[tuple[Picture, Ripeness]]] = {
            name: []
            for name in sorted(self.profile.sources)
            if name not in waiting and _may_ask(known, name, now)
        }
        for picture in pictures:
            if picture.basis.phase is Phase.REGULAR:
                for name, ready in ripe.items():
                    ripeness = self._ripeness(picture, name, now)
                    if ripeness is not Ripeness.FRESH:
                        ready.append((picture, ripeness))
        asks = (self._ask(name, ready, now) for name, ready in ripe.items())
        return tuple(ask for ask in asks if ask.asked or ask.spared)

    def _ripeness(self, picture: Picture, source: SourceName, now: datetime) -> Ripeness:
        policy = self.profile.sources[source]
        before = self.book.last(source, picture.instrument.symbol)
        if before is None:
            return Ripeness.DUE
        since_ask = (now - before.at).total_seconds()
        if since_ask < policy.min_interval_s:
            return Ripeness.FRESH
        if (
            since_ask >= policy.refresh_after_s
            or moved(before.quote, picture.basis.quote) > self.profile.publish_move
        ):
            return Ripeness.DUE
        # A symbol more in a bulk call is free; in a paid prompt it costs tokens, so that it rides
        # along only when it would have been due soon.
        ripens = policy.refresh_after_s / 2 if policy.paid_ai else policy.min_interval_s
        return Ripeness.RIPE if since_ask >= ripens else Ripeness.FRESH

    def _ask(self, source: SourceName, ready: list[tuple[Picture, Ripeness]], now: datetime) -> Ask:
        due = {p.instrument.symbol for p, ripeness in ready if ripeness is Ripeness.DUE}
        policy = self.profile.sources[source]
        pictures = [picture for picture, _ in ready]
        if not policy.paid_ai:
            return Ask(source, _first(pictures, due, policy))
        # A spared symbol stays due; it is a new occasion only once an answer would have aged.
        newly_due = {
            symbol
            for symbol in due
            if not self.book.spared_within(source, symbol, policy.refresh_after_s, now)
        }
        if newly_due and explores(self.seed, source, self.book.occasions(source)):
            return Ask(source, _first(pictures, due, policy), occasion=True)
        worth = [picture for picture in pictures if self.gate.worth_asking(picture, now)]
        asked = _first(worth, due, policy)
        spared = newly_due - {picture.instrument.symbol for picture in worth}
        return Ask(source, asked, tuple(sorted(spared)), bool(newly_due))


def _may_ask(known: Known, source: SourceName, now: datetime) -> bool:
    failure = known.failures.get(source)
    if failure is None:
        return True
    back_off = min(LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * 2.0 ** (failure.times - 1))
    wait = max(back_off, failure.pause_s)
    return (now - failure.at).total_seconds() >= wait


def _first(
    pictures: list[Picture], due: set[Symbol], policy: SourcePolicy
) -> tuple[Instrument, ...]:
    """As many as one ask may carry, the due before the ripe; nobody unless somebody is due."""
    ordered = sorted(pictures, key=lambda picture: picture.instrument.symbol not in due)
    if not ordered or ordered[0].instrument.symbol not in due:
        return ()
    return tuple(picture.instrument for picture in ordered[: policy.max_symbols])
