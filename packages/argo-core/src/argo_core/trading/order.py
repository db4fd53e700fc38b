"""Orders as we ask for them, the legs they play, and the states they go through."""

from base64 import b32encode
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol


class Side(StrEnum):
    """Which way an order goes."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        """What a filled share adds to the position: 1 or -1."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """MARKET takes what there is, LIMIT no worse than its price, STOP becomes MARKET at its."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class GoodTill(StrEnum):
    """How long an order works: to the end of the session, or until it is cancelled."""

    DAY = "day"
    CANCELLED = "gtc"


class Leg(StrEnum):
    """What an order is for: it opens a position, protects it, ends it at a profit, or ends it."""

    ENTRY = "entry"
    STOP = "stop"
    TARGET = "target"
    EXIT = "exit"

    @property
    def opens(self) -> bool:
        return self is Leg.ENTRY


class Status(StrEnum):
    """Where an order stands.

    INTENDED is written down and may or may not have been sent; HELD is a bracket's leg that waits
    for its entry. A WORKING order may be filled in part; CANCELLING was asked to end and may still
    be filled. The rest are ends: LOST never reached the broker. Whatever the status, a later
    execution still counts: the broker's books are the truth.
    """

    INTENDED = "intended"
    HELD = "held"
    WORKING = "working"
    CANCELLING = "cancelling"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    REPLACED = "replaced"
    LOST = "lost"

    @property
    def is_open(self) -> bool:
        """Whether it may still be filled by itself."""
        return self in _OPEN

    @property
    def is_end(self) -> bool:
        return self not in _OPEN


_OPEN = frozenset({Status.INTENDED, Status.HELD, Status.WORKING, Status.CANCELLING})


@frozen
class Bracket:
    """What protects an entry from its first moment at the broker: two legs, one cancels the other.

    They become live when the entry is filled completely. Without a `target` there is a stop alone.
    """

    stop: Decimal
    target: Decimal | None = None


@frozen
class OrderRequest:
    """What a broker is asked to do. `id` is ours and makes asking again harmless.

    `quantity` is in shares, positive; `limit` and `stop` are prices on the tick, there exactly
    where the type needs them.
    """

    id: str
    symbol: Symbol
    side: Side
    quantity: Decimal
    type: OrderType = OrderType.MARKET
    limit: Decimal | None = None
    stop: Decimal | None = None
    bracket: Bracket | None = None
    good_till: GoodTill = GoodTill.DAY
    extended: bool = False

    def __attrs_post_init__(self) -> None:
        positive("quantity", self.quantity)
        for name, price, kind in (
            ("limit", self.limit, OrderType.LIMIT),
            ("stop", self.stop, OrderType.STOP),
        ):
            if (price is not None) != (self.type is kind):
                problem = f"a {self.type} order with {name} {price}"
                raise InvalidInput(name, problem, f"give it with {kind} orders, and only those")
            if price is not None:
                positive(name, price)
        if self.bracket is not None:
            self._check_bracket(self.bracket)

    def _check_bracket(self, bracket: Bracket) -> None:
        positive("bracket.stop", bracket.stop)
        if bracket.target is not None:
            positive("bracket.target", bracket.target)
            up = (bracket.target - bracket.stop) * self.side.sign
            if up <= 0:
                problem = f"target {bracket.target} and stop {bracket.stop} of a {self.side}"
                raise InvalidInput("bracket", problem, "put the target where it wins")
        if self.quantity != self.quantity.to_integral_value():
            problem = f"{self.quantity} shares in a bracket"
            raise InvalidInput("quantity", problem, "brackets take whole shares")


def positive(name: str, value: Decimal) -> Decimal:
    """`value`, refused unless it is a positive finite number.

    Raises:
        InvalidInput: it is not.
    """
    if not value.is_finite() or value <= 0:
        raise InvalidInput(name, f"{value} is not positive", "give a positive finite decimal")
    return value


def order_id(account: str, signal_id: str, leg: Leg, revision: int) -> str:
    """The id of an order, the same whenever it is made again: 32 letters and digits.

    base32 of SHA-256 over `account|signal|leg|revision`, so that a broker refuses a second one.
    """
    name = f"{account}|{signal_id}|{leg}|{revision}"
    return b32encode(sha256(name.encode()).digest()).decode("ascii")[:32]
