"""Whatever an observer is told."""

from argo_core.events.admission import AdmissionEvent
from argo_core.events.asks import AskEvent
from argo_core.events.cycles import CycleEvent
from argo_core.events.record import RecordEvent
from argo_core.events.standby import StandbyEvent
from argo_core.events.trading import TradingEvent
from argo_core.events.upkeep import UpkeepEvent

Event = (
    AskEvent | AdmissionEvent | StandbyEvent | RecordEvent | CycleEvent | TradingEvent | UpkeepEvent
)
