"""Argo's engine: refresh what is known, decide, publish; one cycle at a time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import evolve, field, frozen

from argo_core.codec.signal import read_signal
from argo_core.codec.strategy import strategy_entry
from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.consensus.why import Change, why_not
from argo_core.engine.asks import AskBook
from argo_core.engine.cycle import Cycle
from argo_core.engine.decide import decide
from argo_core.engine.gate_memo import GateMemo
from argo_core.engine.guard import guard
from argo_core.engine.guarded import Guarded
from argo_core.engine.known import Known
from argo_core.engine.meter import Meter
from argo_core.engine.outside import Outside, Registration
from argo_core.engine.picture import Decision, Outcome, Picture
from argo_core.engine.prices import Prices
from argo_core.engine.publish import Names, Publisher
from argo_core.engine.quiet import Quiet
from argo_core.engine.refresh import Planner
from argo_core.engine.refresher import Refresher
from argo_core.errors import InvalidInput, InvalidSetting, LogUnavailable, VendorError
from argo_core.events import CycleFailed, CycleFinished, SignalPublished
from argo_core.market.bar import Bar
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.moment import from_micros, to_micros
from argo_core.market.session import Phase
from argo_core.ports import OpinionSource
from argo_core.signals.brief import Brief
from argo_core.signals.outcome import FIRST_TOUCH

# Four sessions hold at least 300 bars of even the thinnest stock we have data for, over a weekend.
WARM_UP = timedelta(days=6)
WARM_UP_TIMEOUT_S = 60.0


@frozen
class _Unsettled:
    """Decisions whose batch the log has not taken yet."""

    decisions: tuple[Decision, ...] = ()
    signals: tuple[Decision, ...] = ()
    briefs: Mapping[str, Brief] = field(factory=dict)


class Engine:
    """Start it, run cycles, stop it; `known` is open for reading at any time."""

    def __init__(
        self,
        profile: Profile,
        instruments: Sequence[Instrument],
        outside: Outside,
        registration: Registration,
    ) -> None:
        self.profile = profile
        self.known = Known(instruments)
        self.outside = outside
        self._registration = registration
        self._sources = _by_name(outside.sources, profile)
        book = AskBook()
        self._planner = Planner(profile, book, GateMemo(profile), registration.seed)
        clock, self._meter = outside.clock, Meter(outside.observer)
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
        self._publisher = Publisher(outside.log, Names(registration.log, registration.strategy))
        self._number = 0
        self._quiet: Quiet | None = None
        self._unsettled: _Unsettled | None = None

    async def start(self) -> None:
        """Restore what stands, register the strategy, warm the markets up.

        Raises:
            InvalidSetting: the clock is behind the log, whose times never go back.
            LogError: the log cannot be used.
        """
        head = await self._publisher.open()
        now = self.outside.clock.now()
        if head.last_decided_us is not None and to_micros(now) < head.last_decided_us:
            last = from_micros(head.last_decided_us)
            problem = f"it says {now.isoformat()}, but the log ends at {last.isoformat()}"
            raise InvalidSetting("clock", problem, "set the clock, or write to another log")
        for logged in await self.outside.index.latest(sealed=True):
            signal = read_signal(logged.body)
            if signal.symbol in self.known.instruments:
                self.known.standing[signal.symbol] = signal
        await self._publisher.register(await self._strategy_entry(now))
        await self._warm_up(now)
        await self._refresher.warm()

    async def cycle(self, *, wait: bool = False) -> Cycle:
        """Refresh, decide, publish. With `wait`, every vendor's answer is awaited first.

        A batch that cannot be stored now is offered again before anything new is decided.

        Raises:
            LogError: the log cannot go on (not merely locked or full).
        """
        clock, observer = self.outside.clock, self.outside.observer
        began, now = clock.monotonic(), clock.now()
        self._number += 1
        try:
            await self._settle_pending()
            decisions, pictures = await self._decide(now, wait=wait)
        except LogUnavailable as error:
            cycle = Cycle(self._number, now, clock.monotonic() - began, (), str(error))
            observer.notice(CycleFailed(cycle.number, now, type(error).__name__, str(error)))
        else:
            cycle = Cycle(self._number, now, clock.monotonic() - began, decisions)
            observer.notice(self._finished(cycle))
            if not wait:
                # Nobody waits for these answers, so nobody has to wait for the questions either.
                self._ask(pictures, now)
        return cycle

    async def stop(self) -> None:
        """Cancel what is under way and write the last quiet slice down.

        Raises:
            LogError: the log did not take the last entries.
        """
        await self._prices.stop()
        await self._refresher.stop()
        await self.writer.stop()
        await self._settle_pending()
        if self._quiet is not None and self._quiet.cycles:
            quiet, self._quiet = self._quiet, None
            await self._publisher.publish((), {}, quiet)

    def why_not(self, symbol: Symbol) -> tuple[Change, ...]:
        """The smallest changes that would have made the symbol's last decision a signal."""
        decision = self.known.evaluation(symbol)
        if decision is None or decision.view is None:
            return ()
        return why_not(decision.basis.opinions.values(), self.profile, decision.evaluated_at)

    async def _decide(
        self, now: datetime, *, wait: bool
    ) -> tuple[tuple[Decision, ...], tuple[Picture, ...]]:
        """What was decided, and on what."""
        phases = self._phases(now)
        await self._prices.refresh(phases, wait=wait)
        if wait:
            self._ask(self.known.pictures(phases, self._sources), now)
            await self._refresher.landed()
        # What landed since the beat counts, so the decision is dated after it.
        moment = self.outside.clock.now()
        pictures = self.known.pictures(phases, self._sources)
        decisions = decide(pictures, self.profile, self._registration.strategy, moment)
        return await self._publish(decisions, moment), pictures

    def _ask(self, pictures: Iterable[Picture], now: datetime) -> None:
        self._refresher.start(self._planner.plan(self.known, pictures, self._refresher.busy, now))

    async def _publish(
        self, decisions: tuple[Decision, ...], now: datetime
    ) -> tuple[Decision, ...]:
        """Write the signals among them down, in the best words there are; as they were written."""
        briefs = {one.signal.id: Brief.of(one.signal) for one in decisions if one.signal}
        decisions = tuple(self._worded(one, briefs) for one in decisions)
        signals = tuple(one for one in decisions if one.signal is not None)
        if not signals:
            self._quiet = (self._quiet or Quiet(now, now)).add(decisions, now)
        quiet = self._quiet if signals or (self._quiet and self._quiet.is_full(now)) else None
        if signals or quiet:
            entries = [one.signal for one in signals if one.signal is not None]
            capsules = {
                one.signal.inputs_sha256: one.capsule
                for one in signals
                if one.signal is not None and one.capsule is not None
            }
            self._unsettled = pending = _Unsettled(decisions, signals, briefs)
            self._quiet = None
            first = await self._publisher.publish(entries, capsules, quiet)
            self._unsettled = None
            self._announce(pending, first)
        self.known.settle(decisions)
        return decisions

    def _worded(self, decision: Decision, briefs: Mapping[str, Brief]) -> Decision:
        if decision.signal is None:
            return decision
        words = self.writer.words(briefs[decision.signal.id])
        signal = evolve(decision.signal, reasoning=words.text, reasoning_source=words.source)
        return evolve(decision, signal=signal)

    async def _settle_pending(self) -> None:
        head = await self._publisher.retry()
        pending, self._unsettled = self._unsettled, None
        # Without a new head the log has refused the batch for good, so nothing of it settles.
        if head is not None and pending is not None:
            self._announce(pending, head.size - len(pending.signals))
            self.known.settle(pending.decisions)

    def _announce(self, settled: _Unsettled, first: int) -> None:
        for index, one in enumerate(settled.signals, start=first):
            self.outside.observer.notice(
                SignalPublished(
                    one.symbol, one.direction, one.confidence_bp, index, one.evaluated_at
                )
            )
        # Whoever waits for the beat does not wait for words.
        for signal_id, brief in settled.briefs.items():
            self.writer.start(signal_id, brief)

    def _finished(self, cycle: Cycle) -> CycleFinished:
        return CycleFinished(
            cycle.number,
            cycle.at,
            cycle.seconds,
            cycle.count(Outcome.SIGNAL),
            cycle.count(Outcome.HOLD),
            cycle.count(Outcome.SKIP),
            tuple(sorted(self.known.failures)),
            lookups=sum(len(self.profile.sources) for one in cycle.decisions if one.view),
            hits=sum(len(one.view.shares) for one in cycle.decisions if one.view),
            usd=self._meter.take(),
        )

    def _phases(self, now: datetime) -> Mapping[Symbol, Phase]:
        return {symbol: self._phase(one, now) for symbol, one in self.known.instruments.items()}

    def _phase(self, instrument: Instrument, now: datetime) -> Phase:
        """Past the session table nobody can say that a market is open, so it counts as closed."""
        try:
            return self.outside.calendar.phase(instrument, now)
        except InvalidInput:
            return Phase.CLOSED

    async def _strategy_entry(self, now: datetime) -> bytes:
        registration = self._registration
        return strategy_entry(
            self.profile,
            log=registration.log,
            strategy=registration.strategy,
            seq=await self._publisher.next_seq(),
            decided_at=now,
            universe=tuple(self.known.instruments.values()),
            models={name: source.model for name, source in self._sources.items()},
            config_sha256=registration.config_sha256,
            code_sha256=registration.code_sha256,
            outcome_rule=FIRST_TOUCH,
            reveal_after_s=registration.reveal_after_s,
        )

    async def _warm_up(self, now: datetime) -> None:
        history = self.outside.history
        if history is None:
            return
        instruments = tuple(self.known.instruments.values())
        outcome = await guard(
            history.name,
            lambda: history.minute_bars(instruments, now - WARM_UP, now),
            Bar,
            timeout_s=WARM_UP_TIMEOUT_S,
            clock=self.outside.clock,
            observer=self._meter,
        )
        if not isinstance(outcome, VendorError):
            self.known.warm(outcome.items)


def _by_name(sources: Sequence[OpinionSource], profile: Profile) -> dict[SourceName, OpinionSource]:
    by_name = {source.name: source for source in sources}
    if by_name.keys() != profile.sources.keys() or len(by_name) != len(sources):
        raise InvalidSetting(
            "sources",
            f"{sorted(s.name for s in sources)} are plugged in",
            f"plug in exactly the enabled ones: {sorted(profile.sources)}",
        )
    return by_name
