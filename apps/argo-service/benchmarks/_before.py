"""The cycle without anything the seed calls an optimisation, built of the same parts.

Every beat asks every vendor about every symbol, one symbol a call, and waits for all the answers;
nothing but Massive is kept, for ten seconds; nothing is skipped, no symbol goes first, and every
signal is written on its own. Sources and symbols are asked beside each other all the same: one
after another the calls of one beat would take longer than three beats.

The vendors' adapters, the rules, the formula, the drafting and the log are Argo's own. It borrows
them, with the memory of prices, from a started engine whose own cycle never runs.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from attrs import define, evolve, field

from argo_core.consensus.opinion import MASSIVE, Opinion
from argo_core.engine.decide import decide
from argo_core.engine.draft_batch import DraftBatch, Names
from argo_core.engine.picture import Decision
from argo_core.errors import VendorError
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.session import Phase
from argo_core.ports import Answer, OpinionSource, Quotes
from argo_service.running import Running

KEPT_S = 10.0


@define
class Before:
    """One engine's parts, asked the plain way."""

    argo: Running
    lookups: int = 0
    hits: int = 0
    errors: int = 0
    usd: Decimal = Decimal(0)
    _kept: dict[Symbol, tuple[datetime, Opinion]] = field(factory=dict)

    async def cycle(self) -> tuple[Decision, ...]:
        """Ask, decide, publish."""
        engine, known = self.argo.engine, self.argo.engine.known
        outside, instruments = engine.outside, tuple(engine.known.instruments.values())
        now = outside.clock.now()
        phases = {one.symbol: outside.calendar.phase(one, now) for one in instruments}
        await self._prices(outside.quotes[0], instruments)
        trading = [one for one in instruments if phases[one.symbol] is Phase.REGULAR]
        await asyncio.gather(*(self._opinions(source, trading, now) for source in outside.sources))
        moment = outside.clock.now()
        names = [source.name for source in outside.sources]
        pictures = [evolve(one, standing=None, last=None) for one in known.pictures(phases, names)]
        decisions = decide(pictures, engine.profile, self.argo.settings.log.strategy, moment)
        await self._publish(decisions)
        return decisions

    async def _prices(self, feed: Quotes, instruments: Sequence[Instrument]) -> None:
        answers = await asyncio.gather(
            *(feed.quotes((one,)) for one in instruments), return_exceptions=True
        )
        now = self.argo.clock.now()
        for answer in answers:
            if isinstance(answer, Answer):
                self.usd += answer.usd
                self.argo.engine.known.observe(answer.items, now)
            else:
                self._failed(answer)

    async def _opinions(
        self, source: OpinionSource, trading: Sequence[Instrument], now: datetime
    ) -> None:
        self.lookups += len(trading)
        await asyncio.gather(*(self._opinion(source, one, now) for one in trading))

    async def _opinion(self, source: OpinionSource, one: Instrument, now: datetime) -> None:
        kept = self._kept.get(one.symbol) if source.name == MASSIVE else None
        if kept is not None and (now - kept[0]).total_seconds() < KEPT_S:
            self.hits += 1
            return
        try:
            answer = await source.opinions((one,), now)
        except VendorError as error:
            self._failed(error)
            return
        self.usd += answer.usd
        self.argo.engine.known.learn(source.name, answer.items, self.argo.clock.now())
        if source.name == MASSIVE:
            self._kept.update({opinion.symbol: (now, opinion) for opinion in answer.items})

    async def _publish(self, decisions: Sequence[Decision]) -> None:
        log, names = self.argo.log, self.argo.settings.log
        for one in decisions:
            if one.signal is not None and one.capsule is not None:
                head = await log.head()
                seq = head.next_seq.get(names.strategy, 0)
                drafts = DraftBatch(Names(names.name, names.strategy), head.size, seq)
                drafts.open(one.signal, {one.signal.inputs_sha256: one.capsule})
                await log.append(drafts.batch())

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, VendorError):
            raise error
        self.errors += 1
        self.usd += error.usd
