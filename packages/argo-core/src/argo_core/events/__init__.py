"""What happened, as frozen values, for whoever watches. An observer never changes the outcome.

This is the one vocabulary of all who watch, so its words are public here; which module has them is
nobody's concern outside.
"""

from argo_core.events.admission import (
    BreakerChanged,
    BudgetBooked,
    BudgetRefused,
    CallAdmitted,
    CallRejected,
    SharedStateChanged,
)
from argo_core.events.asks import (
    AskSpared,
    CacheLooked,
    ReasoningFormed,
    SourceAnswered,
    SourceFailed,
)
from argo_core.events.cycles import (
    BeatMissed,
    CycleFailed,
    CycleFinished,
    ShardMissed,
    ShardMoved,
    WorkersChanged,
)
from argo_core.events.event import Event
from argo_core.events.record import (
    CheckpointPublished,
    OutcomeResolved,
    PublicationFailed,
    SignalPublished,
    WitnessFailed,
)
from argo_core.events.standby import FencedOff, LeaseFailed, RoleChanged, StandbyEvent
from argo_core.events.trading import (
    MarketHeard,
    OrderDenied,
    OrderEnded,
    OrderFilled,
    OrderPlaced,
    Reconciled,
    TradingAlarm,
    TradingEvent,
    TradingStateChanged,
)
from argo_core.events.upkeep import KeyRefused, Reloaded, SecretsFailed, SecretsRead, UpkeepEvent

__all__ = [
    "AskSpared",
    "BeatMissed",
    "BreakerChanged",
    "BudgetBooked",
    "BudgetRefused",
    "CacheLooked",
    "CallAdmitted",
    "CallRejected",
    "CheckpointPublished",
    "CycleFailed",
    "CycleFinished",
    "Event",
    "FencedOff",
    "KeyRefused",
    "LeaseFailed",
    "MarketHeard",
    "OrderDenied",
    "OrderEnded",
    "OrderFilled",
    "OrderPlaced",
    "OutcomeResolved",
    "PublicationFailed",
    "ReasoningFormed",
    "Reconciled",
    "Reloaded",
    "RoleChanged",
    "SecretsFailed",
    "SecretsRead",
    "ShardMissed",
    "ShardMoved",
    "SharedStateChanged",
    "SignalPublished",
    "SourceAnswered",
    "SourceFailed",
    "StandbyEvent",
    "TradingAlarm",
    "TradingEvent",
    "TradingStateChanged",
    "UpkeepEvent",
    "WitnessFailed",
    "WorkersChanged",
]
