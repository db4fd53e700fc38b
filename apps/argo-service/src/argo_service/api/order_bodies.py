"""What the API answers about orders, fills and certificates, as values."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.trading.order import GoodTill, Leg, OrderType, Side, Status
from argo_service.api.trading_bodies import RuleBody


@frozen
class OrderBody:
    """An order: what was asked for, and what is known to have become of it.

    `id` is ours; `broker_id` is null until the broker has it. `bracket_stop` and `bracket_target`
    are the prices of the legs that came with an entry. `filled` shares cost `average` each, and
    `remaining` may still be filled. `signal_index` is where the log has the signal. `problem` is
    the broker's word on what went wrong.
    """

    id: str
    broker_id: str | None
    symbol: str
    side: Side
    leg: Leg
    type: OrderType
    quantity: Decimal
    limit: Decimal | None
    stop: Decimal | None
    bracket_stop: Decimal | None
    bracket_target: Decimal | None
    good_till: GoodTill
    status: Status
    open: bool
    filled: Decimal
    remaining: Decimal
    average: Decimal | None
    fees: Decimal
    signal_id: str
    signal_index: int | None
    placed_at: datetime
    updated_at: datetime
    replaces: str | None
    replaced_by: str | None
    problem: str | None


@frozen
class OrdersBody:
    """A page of orders, newest first; `next` is the cursor of the page after, null on the last."""

    orders: tuple[OrderBody, ...]
    next: str | None


@frozen
class CertificateBody:
    """All rules' words on one order, which is `allowed` if none denies it.

    `denials` are the codes of those that do, in the order of the rules.
    """

    order_id: str
    symbol: str
    side: Side
    quantity: Decimal
    at: datetime
    version: str
    signal_id: str
    allowed: bool
    denials: tuple[str, ...]
    rules: tuple[RuleBody, ...]


@frozen
class FactBody:
    """One line of the journal: `said` are its particulars by name."""

    number: int
    at: datetime
    fact: str
    said: Mapping[str, str]


@frozen
class OrderHistoryBody:
    """Everything about one order.

    `order` is null where it was denied, and where it ended so long ago that the journal alone has
    it. `certificate` is null for orders that no rule was asked about: stops, targets and exits.
    """

    id: str
    order: OrderBody | None
    certificate: CertificateBody | None
    history: tuple[FactBody, ...]


@frozen
class FillBody:
    """Shares that changed hands; `realised` is what they earned by closing, before the `fee`.

    `inferred` fills were seen in the order's totals alone, because no message told of them.
    """

    number: int
    order_id: str
    execution_id: str
    symbol: str
    side: Side
    leg: Leg
    quantity: Decimal
    price: Decimal
    value: Decimal
    fee: Decimal
    realised: Decimal
    at: datetime
    inferred: bool


@frozen
class FillsBody:
    """A page of fills, newest first; `next` is the cursor of the page after, null on the last."""

    fills: tuple[FillBody, ...]
    next: str | None


@frozen
class DenialsBody:
    """The newest orders that the risk rules denied, newest first, each with its certificate."""

    denials: tuple[CertificateBody, ...]
