"""One event of every kind, for observers that must know them all."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from argo_core.consensus.opinion import GROK
from argo_core.consensus.reasons import Direction
from argo_core.events import (
    AskSpared,
    BeatMissed,
    BreakerChanged,
    BudgetBooked,
    BudgetRefused,
    CacheLooked,
    CallAdmitted,
    CallRejected,
    CheckpointPublished,
    CycleFailed,
    CycleFinished,
    Event,
    FencedOff,
    KeyRefused,
    LeaseFailed,
    MarketHeard,
    OrderDenied,
    OrderEnded,
    OrderFilled,
    OrderPlaced,
    OutcomeResolved,
    PublicationFailed,
    ReasoningFormed,
    Reconciled,
    Reloaded,
    RoleChanged,
    SecretsFailed,
    SecretsRead,
    ShardMissed,
    ShardMoved,
    SharedStateChanged,
    SignalPublished,
    SourceAnswered,
    SourceFailed,
    TradingAlarm,
    TradingStateChanged,
    WitnessFailed,
    WorkersChanged,
)
from argo_core.market.instrument import Symbol
from argo_core.resilience.breaker_table import State
from argo_core.resilience.budget import Amount, DayLimit
from argo_core.resilience.lease_table import Role
from argo_core.testing.fake_clock import BEGINNING as AT
from argo_core.trading.denial import Denial
from argo_core.trading.order import Leg, Side, Status
from argo_core.trading.state import Cause, TradingState

_AAPL = Symbol("AAPL")
_ORDER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TOMORROW = AT + timedelta(days=1)
_DAY = DayLimit(usd=Decimal(5), tokens=1_000_000)

EVERY_EVENT: Final[Mapping[type[Event], Event]] = {
    type(each): each
    for each in (
        SourceAnswered(GROK, AT, 0.9, 2, Decimal("0.005"), items=4, missing=1),
        SourceFailed(GROK, AT, 60.0, 1, Decimal("0.001"), "VendorUnavailable", "down"),
        AskSpared(GROK, AT, symbols=3),
        CacheLooked(GROK, AT, fresh=5, stale=2, missed=1),
        CallAdmitted(GROK, AT, waited_s=0.2, tokens=(0.5, 24.0), waiting=3),
        CallRejected(GROK, AT, "breaker", retry_after_s=5.0),
        BreakerChanged(GROK, AT, State.CLOSED, State.OPEN, open_s=5.0),
        BudgetBooked(
            GROK, AT, Amount(Decimal("1.25"), 900, 7), Amount(Decimal("0.25")), _DAY, _TOMORROW
        ),
        BudgetRefused(GROK, AT, "usd", resets_at=_TOMORROW),
        ReasoningFormed(_AAPL, AT, "fallback", "a number is not in the evidence"),
        SharedStateChanged(AT, within_reach=False, problem="no answer within 0.05 s"),
        RoleChanged(AT, Role.STANDBY, Role.TAKING_OVER, 7, None, "nobody held the lease"),
        LeaseFailed(AT, "no answer within 1 s"),
        FencedOff(AT, "lease 8 was taken after 7"),
        SignalPublished(_AAPL, Direction.BUY, 8_200, 12, AT),
        CheckpointPublished(13, AT, 0.03, cosigned=1, pending=False),
        WitnessFailed("witness.example", AT, "WitnessAway", "no answer within 10 s"),
        PublicationFailed(AT, "LogUnavailable", "locked"),
        OutcomeResolved(_AAPL, AT, 12, "target", return_bp=140),
        CycleFinished(7, AT, 0.2, 1, 2, 3, (GROK,), lookups=24, hits=20, usd=Decimal("0.006")),
        CycleFailed(8, AT, "LogUnavailable", "locked"),
        BeatMissed(AT, beats=2),
        ShardMissed(AT, 3, "tcp://127.0.0.1:4711", symbols=625),
        ShardMoved(AT, 3, "tcp://127.0.0.1:4711", "", "it is gone"),
        WorkersChanged(AT, 4),
        OrderPlaced(_AAPL, AT, _ORDER, Side.BUY, Leg.ENTRY, Decimal(20), Decimal("232.85"), "s-1"),
        OrderFilled(
            _AAPL, AT, _ORDER, Side.BUY, Leg.ENTRY, Decimal(20), Decimal("232.80"), Decimal("0.02")
        ),
        OrderEnded(_AAPL, AT, _ORDER, Leg.ENTRY, Status.FILLED, Decimal(20)),
        OrderDenied(_AAPL, AT, _ORDER, Side.BUY, (Denial.STATE, Denial.SPREAD), "s-1"),
        TradingStateChanged(
            AT, TradingState.ACTIVE, TradingState.REDUCING, (Cause.DRIFT,), "AAPL: 20 against 0"
        ),
        Reconciled(AT, 0.08, differences=1, problem="AAPL: 20 against 0"),
        TradingAlarm(AT, "a position nobody opened", _AAPL),
        MarketHeard(AT, connected=True, quotes=40, halts=1, dropped=2),
        SecretsRead(AT, names=6, changed=("sources.grok.key",)),
        SecretsFailed(AT, "sources.grok.key", "SecretsAway", "AWS cannot be reached"),
        KeyRefused(GROK, AT, "previous"),
        Reloaded(AT, "applied", ("consensus.tau",)),
    )
}
