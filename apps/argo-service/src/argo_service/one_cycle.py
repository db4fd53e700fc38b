"""One cycle at a fixed moment of a recorded day: the same everywhere, to the byte."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from argo_adapters.clocks.system import SystemClock
from argo_core.backtest.tape import Tape
from argo_core.engine.engine import Engine
from argo_core.engine.picture import Decision
from argo_service.api.bodies import LogBody, QuoteBody, SignalBody, ViewBody
from argo_service.api.published import head_body
from argo_service.api.signal_views import quote_body, signal_body, view_body
from argo_service.config.prose import Reasoning
from argo_service.config.redis import Redis
from argo_service.config.tracing import Tracing
from argo_service.config.trading import Trading
from argo_service.config.tree import Settings
from argo_service.demo.stage import NOTICE, point_at, staged, yahoo_url
from argo_service.source_tally import SourceTally
from argo_service.still_clock import StillClock
from argo_service.wiring import running

if TYPE_CHECKING:
    from argo_adapters.tracing.finished import Finished

# Nothing is late here, so nobody has to be hurried: a timeout would change the outcome.
_PATIENCE_S = 120.0


@frozen
class CycleSource:
    """What a source was asked for and what it cost; nothing that depends on the machine.

    `spared` counts symbols that no answer could have mattered for.
    """

    asks: int
    calls: int
    spared: int
    errors: int
    usd: Decimal
    last_error: str | None


@frozen
class CycleSymbol:
    """One symbol's decision, the price it was made on, and the signal if it became one."""

    symbol: str
    quote: QuoteBody | None
    view: ViewBody
    signal: SignalBody | None


@frozen
class CycleReport:
    """The whole cycle. `at` is the moment of the tape; there is no wall clock in it."""

    tape: str
    vendors: str
    at: datetime
    profile: str
    theta_bp: int
    weights: Mapping[str, float]
    symbols: tuple[CycleSymbol, ...]
    sources: Mapping[str, CycleSource]
    log: LogBody

    @property
    def usd(self) -> Decimal:
        """What all sources cost."""
        return sum((source.usd for source in self.sources.values()), Decimal(0))

    @property
    def usd_per_signal(self) -> Decimal | None:
        """What a signal cost, None where there is none."""
        signals = sum(each.signal is not None for each in self.symbols)
        return self.usd / signals if signals else None


async def one_cycle(
    tape: Tape,
    at: datetime,
    settings: Settings,
    symbols: Sequence[str],
    database: Path,
    *,
    keep: "Callable[[Finished], None] | None" = None,
) -> CycleReport:
    """Run it through simulated vendors over HTTP, awaiting every answer; writes to `database`.

    `keep` is told of every span as it ends.

    Raises:
        InvalidInput: a symbol is not on the tape.
    """
    clock = StillClock(at, SystemClock())
    async with staged(tape, clock, latency_scale=math.inf, limits=False) as simulator:
        pointed = point_at(simulator, _patient(settings), tape, symbols, database)
        async with running(pointed, clock, yahoo_url=yahoo_url(simulator), keep=keep) as argo:
            cycle = await argo.engine.cycle(wait=True)
            logged = await argo.log.latest()
            signals = {body.symbol: body for body in map(signal_body, logged)}
            by_name = sorted(cycle.decisions, key=lambda decision: decision.symbol)
            return CycleReport(
                tape=tape.name,
                vendors=NOTICE,
                at=at,
                profile=argo.engine.profile.name,
                theta_bp=argo.engine.profile.theta_bp,
                weights={
                    str(name): policy.weight for name, policy in argo.engine.profile.sources.items()
                },
                symbols=tuple(_symbol(argo.engine, decision, signals, at) for decision in by_name),
                sources={
                    str(name): _source(tally) for name, tally in sorted(argo.tally.sources.items())
                },
                log=head_body(await argo.log.head()),
            )


def _patient(settings: Settings) -> Settings:
    """Nothing is given up, shared or traded, nothing comes later: one cycle is all there is."""
    return evolve(
        settings,
        sources=settings.sources.each(lambda _: {"timeout_s": _PATIENCE_S}),
        consensus=evolve(settings.consensus, price_timeout_s=_PATIENCE_S),
        redis=Redis(),
        reasoning=Reasoning(),
        trading=Trading(),
        tracing=Tracing(),
    )


def _symbol(
    engine: Engine, decision: Decision, signals: Mapping[str, SignalBody], at: datetime
) -> CycleSymbol:
    quote = decision.basis.quote
    return CycleSymbol(
        symbol=decision.symbol,
        quote=quote_body(quote, at) if quote else None,
        view=view_body(engine, decision, at),
        signal=signals.get(decision.symbol),
    )


def _source(tally: SourceTally) -> CycleSource:
    return CycleSource(
        tally.asks, tally.calls, tally.spared, tally.errors, tally.usd, tally.last_error
    )
