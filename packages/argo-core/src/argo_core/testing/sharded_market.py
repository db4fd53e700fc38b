"""A market that walks by seeded steps, decided by shards and by one process side by side."""
# ruff: noqa: S101 - a comparison is made of assertions

from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import evolve

from argo_core.consensus.opinion import (
    ALPHA_VANTAGE,
    GROK,
    MASSIVE,
    SONAR,
    Fact,
    Opinion,
    SourceName,
)
from argo_core.consensus.profile import Profile
from argo_core.engine.decide import decide
from argo_core.engine.known import Known
from argo_core.engine.picture import Picture
from argo_core.engine.shards.sharding import Round, Sharding, Shards
from argo_core.errors import VendorUnavailable
from argo_core.market.instrument import Instrument, instrument
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.ports import Clock, Observer
from argo_core.testing.dice import Dice

INSTRUMENTS: Final = tuple(
    instrument(symbol)
    for symbol in (*(f"{one}{two}" for one in "ABC" for two in "ABCDE"), "BTC/USD")
)
PROFILE: Final = Profile()
_SOURCES = (MASSIVE, ALPHA_VANTAGE, GROK, SONAR)


class ShardedMarket:
    """What is known of sixteen symbols, and a coordinator that has them decided."""

    def __init__(self, sharding: Sharding, clock: Clock, observer: Observer, seed: int = 1) -> None:
        self.known = Known(INSTRUMENTS)
        self.shards = Shards(
            sharding,
            tuple(self.known.instruments),
            PROFILE,
            "test",
            clock=clock,
            observer=observer,
        )
        self._clock = clock
        self._dice = Dice("market", seed)

    def stir(self) -> None:
        """Prices move; one source speaks, and fails or recovers."""
        dice, now = self._dice, self._clock.now()
        some = [one for one in INSTRUMENTS if dice.under(0.6)]
        self.known.observe([self._quote(one, now) for one in some], now)
        source = dice.pick(_SOURCES)
        told = [one for one in INSTRUMENTS if dice.under(0.5)]
        self.known.learn(source, [self._opinion(source, one, now) for one in told], now)
        if dice.under(0.3):
            self.known.fail(source, VendorUnavailable(source, "down"), now)
        else:
            self.known.recover(source)

    def pictures(self) -> tuple[Picture, ...]:
        """What there is to decide on, with one market shut at times."""
        phases = dict.fromkeys(self.known.instruments, Phase.REGULAR)
        phases[INSTRUMENTS[0].symbol] = self._dice.pick((Phase.CLOSED, *[Phase.REGULAR] * 9))
        return self.known.pictures(phases, PROFILE.sources)

    async def compared(self, *, refused: bool = False) -> Round:
        """One cycle, which the record takes or refuses; whatever was decided is right."""
        self.stir()
        now, pictures = self._clock.now(), self.pictures()
        expected = decide(pictures, PROFILE, "test", now)
        found = await self.shards.decide(pictures, now)
        missed = frozenset(found.missed)
        assert found.decisions == tuple(one for one in expected if one.symbol not in missed)
        assert {one.symbol for one in found.decisions} | missed == set(self.known.instruments)
        if not refused:
            # Words come between the decision and the record, and nobody decides on them.
            self.known.settle(
                evolve(one, signal=evolve(one.signal, reasoning="Other words."))
                if one.signal
                else one
                for one in found.decisions
            )
            self.shards.settled()
        return found

    def _quote(self, one: Instrument, now: datetime) -> Quote:
        price = Decimal(10_000 + self._dice.below(201) - 100).scaleb(-2)
        bid, ask = self._dice.pick(((None, None), (price - 1, price + 1)))
        return Quote(one.symbol, price, now, now, self._dice.pick(("x", "y")), bid, ask)

    def _opinion(self, source: SourceName, one: Instrument, now: datetime) -> Opinion:
        strength = self._dice.pick((-1.0, -0.9, 0.0, 0.9, 1.0))
        facts = (Fact("rsi", str(1 + self._dice.below(99)), "", now),)
        return Opinion(source, one.symbol, strength, now, 3_600, "0" * 64, "rule-1", facts)
