"""An order as our book has it: what was asked for, and what is known to have become of it."""

from datetime import datetime
from decimal import Decimal

from attrs import evolve, frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.broker_view import BrokerOrder, Execution
from argo_core.trading.certificate import Certificate
from argo_core.trading.order import Leg, OrderRequest, Side, Status
from argo_core.trading.order_table import after


@frozen
class Fill:
    """Shares that changed hands. `realised` is what they earned by closing, before fees.

    `number` is the fact's. `inferred` fills were seen in the order's totals alone; then the price
    follows from its average, and the id from the shares filled by then.
    """

    number: int
    order_id: str
    symbol: Symbol
    side: Side
    leg: Leg
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: datetime
    execution_id: str
    inferred: bool
    realised: Decimal = Decimal(0)


@frozen
class BookOrder:
    """`filled` shares cost `average` each. Times are when we placed it, and when we last heard.

    `asked_at` is when it was last asked to end. `parent` is the entry whose leg it is, `replaces`
    and `replaced_by` its neighbours in a chain of replacements: ids of ours, all three.
    """

    id: str
    request: OrderRequest
    leg: Leg
    status: Status
    placed_at: datetime
    updated_at: datetime
    signal_id: str
    signal_index: int | None
    broker_id: str | None = None
    filled: Decimal = Decimal(0)
    average: Decimal | None = None
    fees: Decimal = Decimal(0)
    asked_at: datetime | None = None
    parent: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    problem: str | None = None
    certificate: Certificate | None = None

    @property
    def is_open(self) -> bool:
        return self.status.is_open

    @property
    def remaining(self) -> Decimal:
        """Shares that may still be filled."""
        left = self.request.quantity - self.filled if self.is_open else Decimal(0)
        return max(left, Decimal(0))

    @property
    def may_rise(self) -> bool:
        """Whether it ended with us without any word of the broker's, who may have it after all.

        It was lost, or refused to our face while an earlier try of ours had got through.
        """
        unheard = self.status is Status.REJECTED and self.broker_id is None
        return unheard or self.status is Status.LOST

    def told(
        self, said: BrokerOrder, execution: Execution | None, number: int, at: datetime
    ) -> tuple["BookOrder", Fill | None]:
        """This order after what the broker said of it, and the fill that was news.

        What counts is the total that was filled: it never goes back, so a message that comes twice
        or late changes nothing, and one that was lost is made up for by the next.
        """
        status = after(Status.LOST if self.may_rise else self.status, said.status)
        request = self.request
        if self.filled <= said.quantity < request.quantity and said.quantity > 0:
            # A leg shrinks as the other one is filled. Nothing grows in place, so a greater
            # quantity is an older message.
            request = evolve(request, quantity=said.quantity)
        heard = evolve(
            self,
            request=request,
            broker_id=self.broker_id or said.broker_id,
            status=status,
            updated_at=max(self.updated_at, at),
            problem=said.problem or self.problem,
        )
        new = said.filled - self.filled
        if new <= 0 or said.average is None:
            return heard, None
        fee = max(Decimal(0), said.fees - self.fees)
        cost, before = said.average * said.filled, (self.average or Decimal(0)) * self.filled
        known = execution is not None and execution.quantity == new
        if known and execution is not None:
            price, moment, name = execution.price, execution.at, execution.id
        else:
            price, moment, name = (
                (cost - before) / new,
                said.at,
                f"{said.broker_id}:{said.filled:f}",
            )
        fill = Fill(
            number=number,
            order_id=self.id,
            symbol=self.request.symbol,
            side=self.request.side,
            leg=self.leg,
            quantity=new,
            price=price,
            fee=fee,
            at=moment,
            execution_id=name,
            inferred=not known,
        )
        average = (before + new * price) / said.filled
        fees = max(self.fees, said.fees)
        return evolve(heard, filled=said.filled, average=average, fees=fees), fill
