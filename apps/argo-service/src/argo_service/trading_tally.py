"""What trading did since the start, for the live view and the summary."""

from collections import Counter
from decimal import Decimal

from attrs import define, field

from argo_core.events import (
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
from argo_core.trading.denial import Denial
from argo_core.trading.order import Status


@define
class TradingTally:
    """Counts of orders, fills and refusals; `realised` is what closing earned, before `fees`.

    `ticks` are the quotes that came between cycles.
    """

    placed: int = 0
    fills: int = 0
    ended: Counter[Status] = field(factory=Counter)
    denied: int = 0
    denials: Counter[Denial] = field(factory=Counter)
    realised: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    changes: int = 0
    comparisons: int = 0
    alarms: int = 0
    last_alarm: str = ""
    ticks: int = 0

    def notice(self, event: TradingEvent) -> None:
        """Take note of what happened."""
        match event:
            case OrderPlaced():
                self.placed += 1
            case OrderFilled():
                self.fills += 1
                self.realised += event.realised
                self.fees += event.fee
            case OrderEnded():
                self.ended[event.status] += 1
            case OrderDenied():
                self.denied += 1
                self.denials.update(event.denials)
            case TradingStateChanged():
                self.changes += 1
            case Reconciled():
                self.comparisons += 1
            case TradingAlarm():
                self.alarms += 1
                self.last_alarm = event.problem
            case MarketHeard():
                self.ticks += event.quotes
