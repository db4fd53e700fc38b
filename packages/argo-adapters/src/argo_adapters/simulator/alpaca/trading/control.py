"""What an operator of the simulator may do to Alpaca's trading side while it runs.

Everything takes effect at once and is called on the simulator's event loop. Counts are used up one
request or message at a time; rates are drawn from the simulator's seed. Seconds are the tape's.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import orjson

from argo_adapters.simulator.alpaca.trading.asks import Asked
from argo_adapters.simulator.alpaca.trading.house import House
from argo_adapters.simulator.alpaca.trading.mishaps import Mishap
from argo_adapters.simulator.alpaca.trading.post import Sequencing
from argo_adapters.simulator.alpaca.trading.records import SplitOf
from argo_adapters.simulator.alpaca.trading.shown import (
    account_row,
    fill_row,
    order_row,
    position_row,
)
from argo_adapters.simulator.alpaca.trading.ticket import ticket
from argo_adapters.simulator.stamps import NEW_YORK, SECOND, nanoseconds
from argo_adapters.simulator.wire import RefusedError
from argo_core.errors import InvalidInput

T = TypeVar("T")
Number = Decimal | int | str

WRITES = ("POST", "PATCH", "DELETE")


class AlpacaTrading:
    """The running trading side of one simulator: `simulator.trading`."""

    def __init__(self, house: House) -> None:
        self._house = house

    # Prices.

    def quote(self, symbol: str, bid: Number, ask: Number) -> None:
        """These prices take the place of the tape's, and orders meet them at once; 0 is no side."""
        house = self._house
        house.exchange.floor.prices.script(
            self._stock(symbol), _exact("bid", bid), _exact("ask", ask)
        )
        self.look()

    def unquote(self, symbol: str) -> None:
        """The tape's prices count again."""
        self._house.exchange.floor.prices.unscript(symbol)
        self.look()

    def halt(self, symbol: str) -> None:
        """Nothing fills in this symbol, and the data stream says so."""
        self._house.exchange.floor.prices.halted.add(self._stock(symbol))
        self._house.feed.status(symbol, halted=True)

    def resume(self, symbol: str) -> None:
        """Trading in the symbol goes on."""
        self._house.exchange.floor.prices.halted.discard(symbol)
        self._house.feed.status(symbol, halted=False)
        self.look()

    # Fills.

    def partial(self, rate: float, pause_s: float = 5.0) -> None:
        """This share of orders gets a random part first, and the rest `pause_s` later."""
        portions = self._house.portions
        portions.rate, portions.pause = _share(rate), round(pause_s * SECOND)

    def parts(self, *quantities: Number, every_s: float = 1.0) -> None:
        """The next order to be filled gets these quantities, then nothing until `go_on`."""
        exact = tuple(_exact("quantities", one) for one in quantities)
        self._house.portions.script(exact, round(every_s * SECOND))

    def go_on(self) -> None:
        """Whoever waits after its scripted parts may be filled completely."""
        self._house.portions.go_on()
        self.look()

    def stall(self, *what: Asked) -> None:
        """The market answers no such requests: orders stay pending, and may be filled meanwhile.

        An order that is pending_new is not filled. Nothing named means everything.
        """
        self._house.exchange.asks.stalled = frozenset(what or Asked)

    def unstall(self) -> None:
        """The market answers what it was asked, in the order of asking, and promptly from now."""
        self._house.exchange.asks.stalled = frozenset()
        self.look()

    def reject_next(self, count: int = 1) -> None:
        """So many new orders are taken with 200, and then rejected by the market."""
        self._house.exchange.to_reject = count

    # Messages of the stream of trade updates.

    def hold_messages(self) -> None:
        """Keep messages back until `release`."""
        self._house.post.holding = True

    def release(self, order: Sequencing | str = Sequencing.KEPT, seed: int = 0) -> int:
        """Send what was held, and hold no more; how many there were."""
        return self._house.post.release(Sequencing(order), seed)

    def drop_messages(self, count: int = 0, rate: float = 0.0) -> None:
        """The next `count` messages are lost, and after them this share of all."""
        post = self._house.post
        post.to_drop, post.drop_rate = count, _share(rate)

    def double_messages(self, rate: float) -> None:
        """This share of messages is sent twice."""
        self._house.post.double_rate = _share(rate)

    def delay_messages(self, seconds: float) -> None:
        """Messages leave so much later than what they tell; 0 ends it for those to come."""
        self._house.post.delay = round(seconds * SECOND)

    # Requests.

    def lose_answers(self, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The next requests take effect, and the connection drops instead of an answer."""
        self._house.mishaps.add(Mishap.DROPPED_AFTER, count, methods)

    def refuse_requests(self, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The connection drops before the next requests take any effect."""
        self._house.mishaps.add(Mishap.DROPPED_BEFORE, count, methods)

    def fail_after(self, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The next requests take effect and are answered with a 500."""
        self._house.mishaps.add(Mishap.FAILED_AFTER, count, methods)

    def fail_before(self, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The next requests are answered with a 500 and have no effect."""
        self._house.mishaps.add(Mishap.FAILED_BEFORE, count, methods)

    def throttle(self, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The next requests are answered with a 429 and have no effect."""
        self._house.mishaps.add(Mishap.THROTTLED, count, methods)

    def slow(self, seconds: float, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The next requests take effect at once; their answers take `seconds` of the wall."""
        self._house.mishaps.add(Mishap.SLOW, count, methods, seconds)

    # Connections.

    @property
    def listeners(self) -> int:
        """How many connections listen to trade updates."""
        return self._house.updates.listeners

    def kill_streams(self) -> None:
        """Every connection of both streams breaks; nothing is told again."""
        self._house.updates.cut()
        self._house.feed.cut()

    def restart(self) -> None:
        """As `kill_streams`, and held and delayed messages are gone too; the books are kept."""
        self._house.post.forget()
        self.kill_streams()

    # Behind the client's back.

    def deposit(self, amount: Number) -> None:
        """Money comes in, or goes out when negative."""
        self._house.exchange.deposit(_exact("amount", amount, positive=False))

    def split(self, symbol: str, new: Number, old: Number, day: date) -> None:
        """Every `old` shares become `new` ones at the opening of the New York day."""
        opens = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK)
        rates = _exact("new", new), _exact("old", old)
        split = SplitOf(self._stock(symbol), *rates, day, nanoseconds(opens))
        self._house.exchange.split(split)

    def place(self, **fields: Any) -> str:
        """An order of the account's owner by hand, with the fields of `POST /v2/orders`; its id.

        Raises:
            InvalidInput: the exchange refuses it.
        """

        def submitted() -> str:
            return self._house.exchange.submit(ticket(_plain(fields))).id

        return self._by_hand(submitted)

    def cancel(self, order_id: str) -> None:
        """The owner cancels an order by hand.

        Raises:
            InvalidInput: the exchange refuses it.
        """

        def cancelled() -> None:
            self._house.exchange.cancel(self._house.exchange.register.find(order_id))

        self._by_hand(cancelled)

    def give(self, symbol: str, quantity: Number, price: Number) -> None:
        """Shares come into the account without an order, or leave it when negative."""
        shares = _exact("quantity", quantity, positive=False)
        account = self._house.exchange.account
        account.move(self._stock(symbol), shares, _exact("price", price))

    # The truth, without any fault in between.

    def look(self) -> None:
        """Bring the exchange up to the clock, as a request or a tick of its own would."""
        self._house.look()
        self._house.stirred.set()

    def orders(self) -> list[dict[str, Any]]:
        """Every order there ever was, in order of submission, as `GET /v2/orders` shows it."""
        found = self._house.exchange.register.orders.values()
        return [order_row(one, nested=False) for one in found]

    def positions(self) -> list[dict[str, Any]]:
        """What is held, as `GET /v2/positions` shows it."""
        exchange = self._house.exchange
        return [position_row(exchange, symbol) for symbol in sorted(exchange.account.holdings)]

    def account(self) -> dict[str, Any]:
        """The account as `GET /v2/account` shows it."""
        return account_row(self._house.exchange)

    def fills(self) -> list[dict[str, Any]]:
        """Every execution in order, as the activities show it."""
        return [fill_row(one) for one in self._house.exchange.floor.fills]

    def _stock(self, symbol: str) -> str:
        if not self._house.exchange.floor.prices.knows(symbol):
            raise InvalidInput("symbol", f"{symbol[:20]!r} is no stock of the tape", "use another")
        return symbol

    def _by_hand(self, act: Callable[[], T]) -> T:
        self.look()
        try:
            return act()
        except RefusedError as refused:
            said = orjson.loads(refused.reply.body)["message"]
            raise InvalidInput("order", said, "ask for something the exchange takes") from refused
        finally:
            self.look()


def _exact(name: str, value: Number, *, positive: bool = True) -> Decimal:
    try:
        found = Decimal(value)
    except InvalidOperation as wrong:
        raise InvalidInput(name, f"{value!r} is no number", "give a decimal") from wrong
    if not found.is_finite() or (positive and found < 0):
        raise InvalidInput(name, f"{found} will not do", "give a finite number, not below zero")
    return found


def _share(rate: float) -> float:
    if not 0 <= rate <= 1:
        raise InvalidInput("rate", f"{rate} is no share", "give a number from 0 to 1")
    return rate


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Decimals as the strings a client would send."""
    return {name: str(one) if isinstance(one, Decimal) else one for name, one in fields.items()}
