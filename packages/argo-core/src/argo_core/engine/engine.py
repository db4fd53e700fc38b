"""Argo's engine: refresh what is known, decide, publish; one cycle at a time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.consensus.why import Change, why_not
from argo_core.engine.announce import announce
from argo_core.engine.asks import AskBook
from argo_core.engine.cycle import Cycle
from argo_core.engine.deciding import Deciding
from argo_core.engine.desk import Desk, Edition
from argo_core.engine.gate_memo import GateMemo
from argo_core.engine.guarded import Guarded
from argo_core.engine.inputs import Decided, Settled, Stopped, Witnessed, Worded, unrecorded
from argo_core.engine.meter import Meter
from argo_core.engine.outside import Outside, Registration
from argo_core.engine.phases import phases_at
from argo_core.engine.picture import Decision, Picture
from argo_core.engine.prices import Prices
from argo_core.engine.publish import Publisher
from argo_core.engine.refresh import Planner
from argo_core.engine.refresher import Refresher
from argo_core.engine.revision import Revision, refuse_more_than_numbers
from argo_core.engine.shards.sharding import Shards
from argo_core.engine.taking_up import taken_up
from argo_core.engine.trading_side import TradingSide
from argo_core.engine.warming import warm_up
from argo_core.errors import (
    ClockBehind,
    InvalidInput,
    InvalidSetting,
    LogUnavailable,
)
from argo_core.events import CycleFailed
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.moment import from_micros, to_micros
from argo_core.market.session import Phase
from argo_core.ports import OpinionSource, Span
from argo_core.signals.brief import Brief

WITNESSED_AT_ONCE = 50
"""How many signals a cycle asks the witnesses' times of."""


@frozen
class _Unsettled:
    """An edition whose batch the log has not taken yet, and what its signals are told in."""

    edition: Edition
    briefs: Mapping[str, Brief]


class Engine:
    """Start it, run cycles, stop it; `known` is open for reading at any time.

    `shards` are where it decides if that is done by other processes.
    """

    def __init__(
        self,
        profile: Profile,
        instruments: Sequence[Instrument],
        outside: Outside,
        registration: Registration,
    ) -> None:
        self.profile = profile
        self.outside = outside
        self._instruments = tuple(instruments)
        self._registration = registration
        self._sources = _by_name(outside.sources, profile)
        self._meter = Meter(outside.observer)
        self._number = 0
        self._revision: Revision | None = None
        self._furnish()

    def _furnish(self) -> None:
        """Everything that begins with nothing: at first, and again after every stop."""
        profile, outside, registration = self.profile, self.outside, self._registration
        self._desk = Desk(profile, self._instruments, registration, outside.journal)
        self.known = self._desk.known
        book, clock = AskBook(), outside.clock
        self._planner = Planner(profile, book, GateMemo(profile), registration.seed)
        guarded = Guarded(profile, outside, self._meter)
        self._prices = Prices(guarded.feeds(), profile, self.known, clock, outside.life)
        self._refresher = Refresher(
            guarded.sources(self._sources),
            self.known,
            book,
            clock=clock,
            observer=self._meter,
            chance=outside.chance,
        )
        self.writer = guarded.writer()
        self.shards = self._sharded()
        self._deciding = Deciding(self._desk, self.shards)
        self._publisher = Publisher(outside)
        self._trading = TradingSide(outside.trading)
        self._unsettled: _Unsettled | None = None
        self._is_warm = self._is_over = False

    async def shadow(self) -> None:
        """One beat of standing by: learn what a cycle would, decide nothing, write nothing.

        The first one warms the markets up. What it has learned is there when the engine is started.
        """
        self._begin_anew()
        now = self.outside.clock.now()
        await self._warm(now)
        phases = self._phases(now)
        await self._prices.refresh(phases)
        self._ask(self.known.pictures(phases, self._sources), now)

    async def start(self) -> None:
        """Restore what stands, register the strategy, warm the markets up.

        One that was stopped may be started again, and knows then what the log does.

        Raises:
            ClockBehind: the clock is behind the log, whose times never go back.
            LogError: the log cannot be used.
        """
        self._begin_anew()
        if self.outside.publication is not None:
            await self.outside.publication.start()
        head = await self.outside.log.head()
        now = self.outside.clock.now()
        if head.last_decided_us is not None and to_micros(now) < head.last_decided_us:
            last = from_micros(head.last_decided_us)
            problem = f"it says {now.isoformat()}, but the log ends at {last.isoformat()}"
            raise ClockBehind("clock", problem, "set the clock, or write to another log")
        models = {name: source.model for name, source in self._sources.items()}
        started = await taken_up(self.outside, self._registration.strategy, models, head, now)
        await self._trading.start(self.outside.log, self._registration.strategy, started)
        await self._publisher.append(self._desk.start(started))
        await self._warm(now)

    def revise(self, revision: Revision) -> None:
        """Decide by other numbers from the next cycle on; they are on record before it decides.

        Raises:
            InvalidInput: more differs than weights and thresholds, or the inputs are recorded: a
                recording tells of one profile.
        """
        refuse_more_than_numbers(self.profile, revision.profile)
        if self.outside.journal is not unrecorded:
            fix = "end the recording, and begin another with it"
            raise InvalidInput("profile", "a recording tells of one profile", fix)
        self._revision = revision

    async def cycle(self, *, wait: bool = False) -> Cycle:
        """Refresh, decide, publish. With `wait`, every vendor's answer is awaited first.

        A batch that cannot be stored now is offered again before anything new is decided.

        Raises:
            LogError: the log cannot go on (not merely locked or full).
        """
        self._number += 1
        with self.outside.tracer.span("cycle", number=self._number) as span:
            return await self._cycle(span, wait=wait)

    async def _cycle(self, span: Span, *, wait: bool) -> Cycle:
        clock, observer = self.outside.clock, self.outside.observer
        began, now = clock.monotonic(), clock.now()
        phases = self._phases(now)
        try:
            await self._settle_pending()
            await self._take_up_revision()
            decisions, pictures = await self._decide(now, phases, wait=wait)
        except LogUnavailable as error:
            cycle = Cycle(self._number, now, clock.monotonic() - began, (), str(error))
            span.note(failed=type(error).__name__)
            observer.notice(CycleFailed(cycle.number, now, type(error).__name__, str(error)))
        else:
            cycle = Cycle(self._number, now, clock.monotonic() - began, decisions)
            finished = cycle.finished(self.known, self.profile, self._meter.take())
            span.note(signals=finished.signals, holds=finished.holds, skips=finished.skips)
            observer.notice(finished)
            if not wait:
                # Nobody waits for these answers, so nobody has to wait for the questions either.
                self._ask(pictures, now)
        self._trading.show(self.known, phases, clock.now())
        return cycle

    async def _take_up_revision(self) -> None:
        revision, self._revision = self._revision, None
        if revision is None:
            return
        profile = self.profile = revision.profile
        self._registration = evolve(self._registration, config_sha256=revision.config_sha256)
        self._planner = evolve(self._planner, profile=profile, gate=GateMemo(profile))
        await self._deciding.stop()
        self.shards = self._sharded()
        self._deciding = Deciding(self._desk, self.shards)
        models = {name: source.model for name, source in self._sources.items()}
        now = self.outside.clock.now()
        # What the log does not take now is offered again, before anything is decided by it.
        await self._publisher.append(self._desk.revise(profile, self._registration, models, now))

    async def stop(self) -> None:
        """Cancel what is under way and write the last quiet slice down.

        Raises:
            LogError: the log did not take the last entries.
        """
        await self._end_asks()
        try:
            await self._settle_pending()
            await self._publisher.append(self._desk.stop(Stopped(self.outside.clock.now())))
        finally:
            if self.outside.publication is not None:
                await self.outside.publication.stop()

    async def leave(self) -> None:
        """Cancel what is under way and write nothing: the log is not this process's, or no more."""
        await self._end_asks()
        if self.outside.publication is not None:
            await self.outside.publication.stop()

    async def _end_asks(self) -> None:
        self._is_over = True
        await self._prices.stop()
        await self._refresher.stop()
        await self.writer.stop()
        await self._deciding.stop()

    @property
    def is_delayed(self) -> bool:
        """Whether signals are sealed for a while before everybody may see them."""
        return self._registration.reveal_after_s > 0

    def why_not(self, symbol: Symbol) -> tuple[Change, ...]:
        """The smallest changes that would have made the symbol's last decision a signal."""
        decision = self.known.evaluation(symbol)
        if decision is None or decision.view is None:
            return ()
        return why_not(decision.basis.opinions.values(), self.profile, decision.evaluated_at)

    async def _decide(
        self, now: datetime, phases: Mapping[Symbol, Phase], *, wait: bool
    ) -> tuple[tuple[Decision, ...], tuple[Picture, ...]]:
        """What was decided, and on what."""
        await self._prices.refresh(phases, wait=wait)
        if wait:
            self._ask(self.known.pictures(phases, self._sources), now)
            await self._refresher.landed()
        # What landed since the beat counts, so the decision is dated after it.
        await self._hear_witnesses()
        if (traded := self._trading.due()) is not None:
            self._desk.traded(traded)
        with self.outside.tracer.span("decide", symbols=len(phases)):
            decisions, pictures = await self._deciding.decide(
                Decided(self.outside.clock.now(), phases)
            )
            briefs = {one.signal.id: Brief.of(one.signal) for one in decisions if one.signal}
            words = {signal_id: self.writer.words(brief) for signal_id, brief in briefs.items()}
            edition = self._desk.compose(Worded(words))
        self._unsettled = _Unsettled(edition, briefs)
        head = await self._publisher.append(edition.batch)
        self._settle(edition.batch.first_index if head is None else head.size)
        return edition.decisions, pictures

    def _ask(self, pictures: Iterable[Picture], now: datetime) -> None:
        self._refresher.start(self._planner.plan(self.known, pictures, self._refresher.busy, now))

    async def _settle_pending(self) -> None:
        """Offer what the log did not take again, before anything new is decided."""
        head = await self._publisher.retry()
        # Without a new head the log has refused the batch for good, so nothing of it settles.
        self._settle(None if head is None else head.size)

    def _settle(self, size: int | None) -> None:
        """What was decided is durable now: know it, and tell it."""
        settled, self._unsettled = self._unsettled, None
        if settled is None:
            return
        self._desk.settle(Settled(size))
        if size is None:
            return
        self._deciding.settled()
        now, observer = self.outside.clock.now(), self.outside.observer
        announce(settled.edition, observer, now, sealed=self.is_delayed)
        self._trading.settled(settled.edition)
        # Whoever waits for the beat does not wait for words.
        for signal_id, brief in settled.briefs.items():
            self.writer.start(signal_id, brief)

    async def _hear_witnesses(self) -> None:
        """Tell the desk when witnesses first saw the signals whose outcome is not known yet."""
        publication = self.outside.publication
        published = publication.published if publication else None
        if published is None or not published.is_cosigned or self.outside.recorded:
            return
        wanted = self._desk.unwitnessed(published.size)[:WITNESSED_AT_ONCE]
        times = {index: await self.outside.log.witnessed_at(index) for index in wanted}
        for witnessed in [Witnessed(index, at) for index, at in times.items() if at is not None]:
            self._desk.witnessed(witnessed)

    def _phases(self, now: datetime) -> Mapping[Symbol, Phase]:
        return phases_at(self.known.instruments, self.outside.calendar, now)

    def _sharded(self) -> Shards | None:
        sharding = self.outside.sharding
        if sharding is None:
            return None
        return Shards(
            sharding,
            tuple(self.known.instruments),
            self.profile,
            self._registration.strategy,
            clock=self.outside.clock,
            observer=self.outside.observer,
        )

    def _begin_anew(self) -> None:
        if self._is_over:
            self._furnish()

    async def _warm(self, now: datetime) -> None:
        if not self._is_warm:
            await warm_up(self.known, self.outside, self._meter, now)
            await self._refresher.warm()
            self._is_warm = True


def _by_name(sources: Sequence[OpinionSource], profile: Profile) -> dict[SourceName, OpinionSource]:
    by_name = {source.name: source for source in sources}
    if by_name.keys() != profile.sources.keys() or len(by_name) != len(sources):
        raise InvalidSetting(
            "sources",
            f"{sorted(s.name for s in sources)} are plugged in",
            f"plug in exactly the enabled ones: {sorted(profile.sources)}",
        )
    return by_name
