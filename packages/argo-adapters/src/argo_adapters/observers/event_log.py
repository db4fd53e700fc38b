"""The engine's events as structured log lines, one JSON object each."""

import logging
import re
from typing import assert_never

from attrs import asdict

from argo_adapters.observers.fields import Fields
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
    TradingEvent,
    TradingStateChanged,
    WitnessFailed,
    WorkersChanged,
)
from argo_core.resilience.breaker_table import State
from argo_core.resilience.lease_table import Role
from argo_core.trading.state import TradingState

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


class EventLog:
    """An observer that writes `{"event": "source_failed", ...}` to `logger`.

    Failures are warnings, as is what is published without its witnesses, and an order that is
    denied. A lost batch is an error, as is a log that fails, or that a witness knows otherwise, and
    trading that waits for an operator. What every single call does is for debugging, everything
    else is information. Whatever a vendor wrote arrives escaped ASCII, so no answer can forge a
    second line.
    """

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger("argo.events")

    def notice(self, event: Event) -> None:
        """Write the event as one line."""
        level = level_of(event)
        if self._logger.isEnabledFor(level):
            self._logger.log(level, fields(event))


def level_of(event: Event) -> int:  # noqa: PLR0911 - a line for each level and exception
    """How loud the event is, as one of logging's levels."""
    match event:
        case CycleFailed() | PublicationFailed() | WitnessFailed(error="LogBehind"):
            return logging.ERROR
        case SourceFailed() | BeatMissed() | BudgetRefused() | WitnessFailed() | ShardMissed():
            return logging.WARNING
        case RoleChanged(after=Role.LOST) | FencedOff():
            return logging.ERROR
        case LeaseFailed():
            return logging.WARNING
        case (
            CheckpointPublished(pending=True)
            | BreakerChanged(after=State.OPEN)
            | SharedStateChanged(within_reach=False)
            | SecretsFailed()
            | KeyRefused()
            | Reloaded(result="refused")
            | WorkersChanged(workers=0)
            | ShardMoved()
        ):
            return logging.WARNING
        # Every few minutes secrets are read, and most often there is nothing to say.
        case (
            CacheLooked()
            | CallAdmitted()
            | CallRejected()
            | BudgetBooked()
            | SecretsRead(changed=())
        ):
            return logging.DEBUG
        case (
            SourceAnswered()
            | AskSpared()
            | BreakerChanged()
            | ReasoningFormed()
            | SharedStateChanged()
            | RoleChanged()
            | SignalPublished()
            | CheckpointPublished()
            | OutcomeResolved()
            | CycleFinished()
            | SecretsRead()
            | Reloaded()
            | WorkersChanged()
        ):
            return logging.INFO
        case _:
            return _level_of_trading(event)


def _level_of_trading(event: TradingEvent) -> int:
    match event:
        case TradingAlarm() | TradingStateChanged(after=TradingState.HALTED):
            return logging.ERROR
        case (
            OrderDenied()
            | TradingStateChanged(after=TradingState.REDUCING)
            | MarketHeard(connected=False)
        ):
            return logging.WARNING
        case MarketHeard():
            return logging.DEBUG
        case Reconciled(differences=count):
            # Every minute there is nothing to say.
            return logging.WARNING if count else logging.DEBUG
        case OrderPlaced() | OrderFilled() | OrderEnded() | TradingStateChanged():
            return logging.INFO
        case _:
            assert_never(event)


def line(event: Event) -> str:
    """The event as one JSON object: its name first, then its fields in order, times in ISO 8601."""
    return str(fields(event))


def fields(event: Event) -> Fields:
    """What a log line says of the event."""
    name = _WORD_START.sub("_", type(event).__name__).lower()
    return Fields({"event": name, **asdict(event)})
