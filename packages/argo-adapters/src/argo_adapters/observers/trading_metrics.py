"""What trading did and where it stands, as Prometheus metrics."""

from decimal import Decimal
from typing import Final

from prometheus_client import Counter, Gauge

from argo_adapters.observers.metric_book import Described, MetricBook
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
from argo_core.trading.state import TradingState

# A simulated broker answers in milliseconds, a real one within seconds, a page at a time.
_COMPARE_EDGES: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class TradingMetrics:
    """Orders by the leg they play and how they ended, denials, state, books compared, money.

    `names` are those of the metrics, which tell those who may know what is traded.
    """

    def __init__(self, book: MetricBook) -> None:
        before = set(book.described)

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return book.counter(name, meaning, *labels)

        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return book.gauge(name, meaning, *labels)

        self._placed = counter("argo_orders_total", "Orders that the broker has.", "leg")
        self._fills = counter("argo_fills_total", "Executions of orders.", "leg")
        self._ended = counter(
            "argo_orders_ended_total", "Orders that will not be filled further.", "leg", "status"
        )
        self._denied = counter("argo_orders_denied_total", "Orders that the risk rules denied.")
        self._denials = counter(
            "argo_risk_denials_total",
            "Reasons for which orders were denied; one order may have several.",
            "code",
        )
        self._fees = counter("argo_trading_fees_dollars_total", "Fees of all executions.")
        self._state = gauge(
            "argo_trading_state",
            "1 for the state that trading is in, 0 for the others; all 0 where it is switched off.",
            "state",
        )
        self._changes = counter(
            "argo_trading_state_transitions_total",
            "Changes of the state of trading.",
            "before",
            "after",
        )
        self._alarms = counter(
            "argo_trading_alarms_total", "What trading could not put right by itself."
        )
        self._compared = book.histogram(
            "argo_reconciliation_seconds",
            "How long comparing the broker's books with ours took.",
            _COMPARE_EDGES,
        )
        self._differences = gauge(
            "argo_reconciliation_differences", "Differences the last comparison left."
        )
        self._reconciled = gauge(
            "argo_last_reconciliation_timestamp_seconds",
            "When the broker's books were last compared with ours.",
        )
        self._equity = gauge(
            "argo_equity_dollars", "Cash and positions at their marks, net of fees."
        )
        self._day = gauge(
            "argo_trading_day_pnl_dollars",
            "Equity now less that at the last official close, flows apart.",
        )
        self._connected = gauge(
            "argo_market_stream_connected",
            "1 while the stream of market data is connected; 0 while not, and where there is none.",
        )
        self._quotes = counter(
            "argo_market_stream_quotes_total", "Quotes that came between cycles and were taken."
        )
        self._halts = counter(
            "argo_market_stream_halts_total", "Halts of trading that were told, and their ends."
        )
        self._dropped = counter(
            "argo_market_stream_dropped_total", "Messages of it that could not be believed."
        )
        for state in TradingState:
            self._state.labels(state.value).set(0)
        self.names = frozenset(map(_family, set(book.described) - before))

    def notice(self, event: TradingEvent) -> None:
        """Count what happened."""
        match event:
            case OrderPlaced():
                self._placed.labels(event.leg.value).inc()
            case OrderFilled():
                self._fills.labels(event.leg.value).inc()
                # A rebate is a negative fee, and a counter cannot go back.
                self._fees.inc(max(0.0, float(event.fee)))
            case OrderEnded():
                self._ended.labels(event.leg.value, event.status.value).inc()
            case OrderDenied():
                self._denied.inc()
                for denial in event.denials:
                    self._denials.labels(denial.value).inc()
            case TradingStateChanged():
                self._changes.labels(event.before.value, event.after.value).inc()
                self.stands(event.after)
            case Reconciled():
                self._compared.observe(event.seconds)
                self._differences.set(event.differences)
                self._reconciled.set(event.at.timestamp())
            case TradingAlarm():
                self._alarms.inc()
            case MarketHeard():
                self._connected.set(event.connected)
                self._quotes.inc(event.quotes)
                self._halts.inc(event.halts)
                self._dropped.inc(event.dropped)

    def stands(self, current: TradingState) -> None:
        """Show the state."""
        for state in TradingState:
            self._state.labels(state.value).set(state is current)

    def worth(self, equity: Decimal, day_pnl: Decimal) -> None:
        """Show the money; it moves with every price, and no event says so."""
        self._equity.set(float(equity))
        self._day.set(float(day_pnl))


def _family(one: Described) -> str:
    """The name under which the library knows it."""
    return one.name.removesuffix("_total")
