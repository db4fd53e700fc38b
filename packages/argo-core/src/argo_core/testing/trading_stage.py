"""A trader on a stage: a clock, a market, a broker and a journal, all told what to do."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.regime import Regime
from argo_core.engine.seen import Seen
from argo_core.engine.untraced import UNTRACED
from argo_core.execution.policy import TradingPolicy
from argo_core.execution.trader import Trader
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.quote import Quote
from argo_core.market.session import Phase, Session, SessionTable
from argo_core.ports import Broker, Calendar, Clock, Tracer, TradingJournal
from argo_core.signals.signal import Signal
from argo_core.testing.fake_clock import BEGINNING
from argo_core.testing.fake_observer import FakeObserver

SYMBOLS = ("AAPL", "MSFT", "NVDA")
OPEN = BEGINNING - timedelta(hours=1)
DAY = timedelta(days=1)
CALENDAR = SessionTable(
    tuple(
        Session(
            start - timedelta(hours=5.5),
            start,
            start + timedelta(hours=6.5),
            start + timedelta(hours=10.5),
        )
        for start in (OPEN - DAY, OPEN, OPEN + DAY)
    ),
    OPEN - 3 * DAY,
    OPEN + 3 * DAY,
)
ADV = Decimal(1_000_000_000)
_HALF = Decimal("0.05")


def signal_of(
    symbol: str,
    at: datetime,
    *,
    direction: Direction = Direction.BUY,
    price: str = "100",
    stop: str = "98",
    target: str = "103",
    name: str = "",
    horizon_s: int = 900,
) -> Signal:
    """A published signal with levels, as the engine shows it."""
    is_hold = direction is Direction.HOLD
    return Signal(
        id=name or f"{symbol}-{direction}-{at.isoformat()}",
        symbol=Symbol(symbol),
        direction=direction,
        reason=Reason.SIGNAL,
        confidence_bp=8_000,
        coverage_bp=10_000,
        agreement_bp=10_000,
        entry=Decimal(price),
        stop=None if is_hold else Decimal(stop),
        target=None if is_hold else Decimal(target),
        horizon_s=horizon_s,
        contributions=(),
        regime=Regime.UNKNOWN,
        profile="test",
        reasoning="because",
        reasoning_source="template",
        evidence=(),
        inputs_sha256="0" * 64,
        feed="fake",
        decided_at=at,
    )


def quote_of(symbol: str, mid: Decimal, at: datetime) -> Quote:
    """Ten cents wide."""
    return Quote(Symbol(symbol), mid, at, at, "fake", mid - _HALF, mid + _HALF)


def trader_of(
    broker: Broker,
    journal: TradingJournal,
    clock: Clock,
    observer: FakeObserver,
    policy: TradingPolicy | None = None,
    *,
    calendar: Calendar = CALENDAR,
    tracer: Tracer = UNTRACED,
) -> Trader:
    """A trader of the stage's symbols; call `open` to begin."""
    instruments = tuple(instrument(one) for one in SYMBOLS)
    trader = Trader(
        *("stage", broker, journal, instruments, calendar),
        clock=clock,
        observer=observer,
        policy=policy,
        sectors={one.symbol: f"sector of {one.symbol}" for one in instruments},
        tracer=tracer,
    )
    trader.market.adv = {one.symbol: ADV for one in instruments}
    return trader


class Indices:
    """Where the log has the signals of a stage, one after the other."""

    def __init__(self) -> None:
        self._next = count(1)

    def seen(self, at: datetime, quotes: dict[Symbol, Quote], *signals: Signal) -> Seen:
        """What a cycle left behind."""
        numbered = tuple((next(self._next), one) for one in signals)
        return Seen(at, numbered, quotes, {}, dict.fromkeys(quotes, Phase.REGULAR))
