"""Trading on paper within a day that is played: who trades live, at the same moments.

The desk is the live trader's own; only what wakes it is another thing: here nothing waits, so that
every look is over before the next thing happens. Between cycles it looks every `tick_s`, as live.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import evolve, field, frozen

from argo_core.backtest.day.clock import DayClock, at_once
from argo_core.backtest.day.memory import DayBroker, DayJournal
from argo_core.engine.seen import Seen
from argo_core.events import Event, OrderDenied, TradingAlarm
from argo_core.execution.bookkeeper import Bookkeeper
from argo_core.execution.desk import Desk
from argo_core.execution.inbox import Inbox
from argo_core.execution.market import Market
from argo_core.execution.office import Office
from argo_core.execution.policy import TradingPolicy
from argo_core.market.instrument import AssetClass, Instrument, Symbol
from argo_core.market.session import Phase
from argo_core.ports import Calendar
from argo_core.signals.signal import Signal
from argo_core.trading.broker_view import StreamGap
from argo_core.trading.denial import Denial
from argo_core.trading.fact import CauseRaised
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.state import Cause
from argo_core.trading.trade import Trade, TradeEvent

MOST_ALARMS = 100


@frozen
class PaperPlan:
    """How a day is traded: by whom, within which limits, and what the paper broker assumes.

    `account` makes the orders' ids, as live. `values` are what trades in a day, in quote currency
    by symbol, which a recording does not have: without one a symbol is not bought. `sectors` are by
    symbol. The account begins with its capital and without positions.
    """

    calendar: Calendar
    account: str
    policy: TradingPolicy = TradingPolicy()
    paper: PaperSettings = PaperSettings()
    values: Mapping[Symbol, Decimal] = field(factory=dict)
    sectors: Mapping[Symbol, str] = field(factory=dict)


@frozen
class Worth:
    """The account after a cycle: cash, and with it what is held at its newest prices."""

    at: datetime
    equity: Decimal
    cash: Decimal


@frozen
class PaperDay:
    """What trading came to. `trades` are as the record has them, in order.

    `worth` is after every cycle, `denied` how often the risk rules said no, by reason; `alarms`
    are what somebody would have to look at live, each once.
    """

    trades: tuple[Trade, ...]
    worth: tuple[Worth, ...]
    denied: Mapping[Denial, int]
    alarms: tuple[str, ...]

    @property
    def fills(self) -> tuple[Trade, ...]:
        """The trades in which shares changed hands."""
        return tuple(one for one in self.trades if one.event is TradeEvent.FILLED)


class _Heard:
    """The port `Observer`, as far as a day asks."""

    def __init__(self) -> None:
        self.denied: Counter[Denial] = Counter()
        self.alarms: dict[str, None] = {}

    def notice(self, event: Event) -> None:
        match event:
            case OrderDenied():
                self.denied.update(event.denials)
            case TradingAlarm() if len(self.alarms) < MOST_ALARMS:
                self.alarms.setdefault(event.problem)
            case _:
                pass


class PaperTrader:
    """Trades from `begins` on what it is shown by `show`."""

    def __init__(
        self, plan: PaperPlan, instruments: Sequence[Instrument], begins: datetime
    ) -> None:
        self._clock, self._inbox, self._heard = DayClock(begins), Inbox(), _Heard()
        self._broker = DayBroker(self._clock, plan.paper, self._inbox.update)
        self._market = Market(instruments, plan.calendar, plan.sectors)
        self._market.adv = plan.values
        keeper = Bookkeeper(plan.paper.name, DayJournal(), self._heard)
        self._office = Office(
            self._broker, keeper, self._market, plan.policy, self._clock, self._heard
        )
        self._desk = Desk(plan.account, self._office, self._inbox)
        self._tick = timedelta(seconds=plan.policy.tick_s)
        self._next_tick = begins + self._tick
        self._close: datetime | None = None
        self._worth: list[Worth] = []
        why = "the broker's books were not compared yet"
        at_once(keeper.note(CauseRaised(begins, Cause.STARTING, why)))
        self._inbox.update(StreamGap(begins))
        self._work()

    def take_up(self, standing: Sequence[tuple[int, Signal]]) -> None:
        """What had been published before the day began."""
        self._inbox.see(Seen(self._clock.now(), tuple(standing), {}, {}, {}))
        self._work()

    def show(self, seen: Seen) -> None:
        """A cycle is over: the broker sees its prices first, as live."""
        self._until(seen.at)
        self._show_broker(seen)
        self._inbox.see(seen)
        self._work()
        book = self._office.book
        self._worth.append(Worth(seen.at, book.equity, book.cash))

    def day(self) -> PaperDay:
        """What it came to so far."""
        # A trade's number is four times that of its fact, so their order is that of the facts.
        waiting = self._office.book.outbox.waiting
        return PaperDay(
            trades=tuple(waiting[number] for number in sorted(waiting)),
            worth=tuple(self._worth),
            denied={one: self._heard.denied[one] for one in Denial if one in self._heard.denied},
            alarms=tuple(self._heard.alarms),
        )

    def _until(self, moment: datetime) -> None:
        """Look at everything every tick, though nothing comes."""
        while self._next_tick <= moment:
            self._clock.move(self._next_tick)
            self._next_tick += self._tick
            self._inbox.woken.set()
            self._work()
        self._clock.move(moment)

    def _work(self) -> None:
        while self._inbox.woken.is_set():
            self._inbox.woken.clear()
            at_once(self._desk.work())

    def _show_broker(self, seen: Seen) -> None:
        session = self._market.session(seen.at)
        if self._close is not None and seen.at >= self._close:
            self._broker.close_day()
            self._close = None
        if session is not None and seen.at < session.close:
            self._close = session.close
        stocks = [one for one in seen.quotes if self._is_stock(one)]
        self._broker.observe(
            [seen.quotes[symbol] for symbol in stocks],
            regular=any(seen.phases.get(symbol) is Phase.REGULAR for symbol in stocks),
        )
        if self._inbox.updates:
            # Live the broker's messages wake the trader before it is shown the cycle.
            self._work()

    def _is_stock(self, symbol: Symbol) -> bool:
        return self._market.instruments[symbol].asset_class is AssetClass.STOCK


def with_values(plan: PaperPlan, values: Mapping[Symbol, Decimal]) -> PaperPlan:
    """The plan with `values` where it has none of its own."""
    return evolve(plan, values={**values, **plan.values})
