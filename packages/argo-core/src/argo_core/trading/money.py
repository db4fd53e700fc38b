"""Our side of the account: cash, flows, and what gains and losses are counted from."""

from datetime import datetime, timedelta
from decimal import Decimal

from argo_core.trading.book_order import Fill
from argo_core.trading.broker_view import BrokerAccount
from argo_core.trading.fact import Accounted, DayClosed, Flowed

ZERO = Decimal(0)
_DAY = timedelta(hours=24)


class Money:
    """What the broker said of the account, and what we counted since.

    `began` is when it was first read: money that came before is in it. `high` is the flow-adjusted
    high-water mark, `day_closed` the newest official close.
    """

    def __init__(self) -> None:
        self.account: BrokerAccount | None = None
        self.accounted_at: datetime | None = None
        self.began: datetime | None = None
        self.cash = ZERO
        self.day_closed: DayClosed | None = None
        self.flows: dict[str, Flowed] = {}
        self.high = ZERO

    @property
    def opened(self) -> Decimal:
        """Equity at the official close before; until we saw one, what the broker says it was."""
        if self.day_closed is not None:
            return self.day_closed.equity
        return self.account.last_equity if self.account else ZERO

    @property
    def flowed(self) -> Decimal:
        """What came in or went out since that close, neither earned nor lost."""
        since = self.day_closed.at if self.day_closed else None
        every = (one.flow for one in self.flows.values() if not one.flow.earned)
        return sum((each.amount for each in every if since is None or each.at > since), ZERO)

    def account_read(self, fact: Accounted) -> None:
        """The broker's money is ours from now on."""
        self.account, self.accounted_at = fact.account, fact.at
        self.began = self.began or fact.at
        self.cash = fact.account.cash
        self.high = self.high or fact.account.equity

    def close_day(self, fact: DayClosed) -> None:
        """The day's loss is counted from here; flows that are over are forgotten."""
        self.day_closed = fact
        # Flows are asked for from the last accounting on, and must be known again then.
        since = min(fact.at, self.accounted_at or fact.at) - _DAY
        self.flows = {name: one for name, one in self.flows.items() if one.flow.at > since}

    def take_flow(self, fact: Flowed) -> None:
        """Money from outside is no gain, and money taken out no loss."""
        flow = fact.flow
        if flow.id in self.flows:
            return
        self.flows[flow.id] = fact
        if self.began is not None and flow.at > self.began:
            self.cash += flow.amount
            self.high += ZERO if flow.earned else flow.amount

    def pay(self, fill: Fill) -> None:
        """What a fill did to the cash."""
        self.cash -= fill.quantity * fill.price * fill.side.sign + fill.fee
