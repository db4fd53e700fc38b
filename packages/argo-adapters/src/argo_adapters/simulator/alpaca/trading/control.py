"""What an operator of the simulator may do to Alpaca's trading side while it runs.

Everything takes effect at once and is called on the simulator's event loop. Counts are used up one
request or message at a time; rates are drawn from the simulator's seed. Seconds are the tape's.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

Number = Decimal | int | str


class Asked(StrEnum):
    """What a client asks of the market, which takes its time to say yes."""

    NEW = "new"
    CANCEL = "cancel"
    REPLACE = "replace"


class Sequencing(StrEnum):
    """In which order held messages leave."""

    KEPT = "kept"
    REVERSED = "reversed"
    SHUFFLED = "shuffled"


WRITES = ("POST", "PATCH", "DELETE")


class AlpacaTrading:
    """The running trading side of one simulator: `simulator.trading`."""

    # Prices.

    def quote(self, symbol: str, bid: Number, ask: Number) -> None:
        """These prices take the place of the tape's, and orders meet them at once; 0 is no side."""
        raise NotImplementedError

    def unquote(self, symbol: str) -> None:
        """The tape's prices count again."""
        raise NotImplementedError

    def halt(self, symbol: str) -> None:
        """Nothing fills in this symbol, and the data stream says so."""
        raise NotImplementedError

    def resume(self, symbol: str) -> None:
        """Trading in the symbol goes on."""
        raise NotImplementedError

    # Fills.

    def partial(self, rate: float, pause_s: float = 5.0) -> None:
        """This share of orders gets a random part first, and the rest `pause_s` later."""
        raise NotImplementedError

    def parts(self, *quantities: Number, every_s: float = 1.0) -> None:
        """The next order to be filled gets these quantities, then nothing until `go_on`."""
        raise NotImplementedError

    def go_on(self) -> None:
        """Whoever waits after its scripted parts may be filled completely."""
        raise NotImplementedError

    def stall(self, *what: Asked) -> None:
        """The market answers no such requests: orders stay pending, and may be filled meanwhile.

        An order that is pending_new is not filled. Nothing named means everything.
        """
        raise NotImplementedError

    def unstall(self) -> None:
        """The market answers what it was asked, in the order of asking, and promptly from now."""
        raise NotImplementedError

    def reject_next(self, count: int = 1) -> None:
        """So many new orders are taken with 200, and then rejected by the market."""
        raise NotImplementedError

    # Messages of the stream of trade updates.

    def hold_messages(self) -> None:
        """Keep messages back until `release`."""
        raise NotImplementedError

    def release(self, order: Sequencing | str = Sequencing.KEPT, seed: int = 0) -> int:
        """Send what was held, and hold no more; how many there were."""
        raise NotImplementedError

    def drop_messages(self, count: int = 0, rate: float = 0.0) -> None:
        """The next `count` messages are lost, and after them this share of all."""
        raise NotImplementedError

    def double_messages(self, rate: float) -> None:
        """This share of messages is sent twice."""
        raise NotImplementedError

    def delay_messages(self, seconds: float) -> None:
        """Messages leave so much later than what they tell; 0 ends it for those to come."""
        raise NotImplementedError

    # Requests.

    def lose_answers(self, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The next requests take effect, and the connection drops instead of an answer."""
        raise NotImplementedError

    def refuse_requests(self, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The connection drops before the next requests take any effect."""
        raise NotImplementedError

    def fail_after(self, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The next requests take effect and are answered with a 500."""
        raise NotImplementedError

    def fail_before(self, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The next requests are answered with a 500 and have no effect."""
        raise NotImplementedError

    def throttle(self, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The next requests are answered with a 429 and have no effect."""
        raise NotImplementedError

    def slow(self, seconds: float, count: int = 1, methods: Sequence[str] = WRITES) -> None:
        """The next requests take effect at once; their answers take `seconds` of the wall."""
        raise NotImplementedError

    # Connections.

    @property
    def listeners(self) -> int:
        """How many connections listen to trade updates."""
        raise NotImplementedError

    def kill_streams(self) -> None:
        """Every connection of both streams breaks; nothing is told again."""
        raise NotImplementedError

    def restart(self) -> None:
        """As `kill_streams`, and held and delayed messages are gone too; the books are kept."""
        raise NotImplementedError

    # Behind the client's back.

    def deposit(self, amount: Number) -> None:
        """Money comes in, or goes out when negative."""
        raise NotImplementedError

    def split(self, symbol: str, new: Number, old: Number, day: date) -> None:
        """Every `old` shares become `new` ones at the opening of the New York day."""
        raise NotImplementedError

    def place(self, **fields: Any) -> str:
        """An order of the account's owner by hand, with the fields of `POST /v2/orders`; its id.

        Raises:
            InvalidInput: the exchange refuses it.
        """
        raise NotImplementedError

    def cancel(self, order_id: str) -> None:
        """The owner cancels an order by hand.

        Raises:
            InvalidInput: the exchange refuses it.
        """
        raise NotImplementedError

    def give(self, symbol: str, quantity: Number, price: Number) -> None:
        """Shares come into the account without an order, or leave it when negative."""
        raise NotImplementedError

    # The truth, without any fault in between.

    def look(self) -> None:
        """Bring the exchange up to the clock, as a request or a tick of its own would."""
        raise NotImplementedError

    def orders(self) -> list[dict[str, Any]]:
        """Every order there ever was, in order of submission, as `GET /v2/orders` shows it."""
        raise NotImplementedError

    def positions(self) -> list[dict[str, Any]]:
        """What is held, as `GET /v2/positions` shows it."""
        raise NotImplementedError

    def account(self) -> dict[str, Any]:
        """The account as `GET /v2/account` shows it."""
        raise NotImplementedError

    def fills(self) -> list[dict[str, Any]]:
        """Every execution in order, as the activities show it."""
        raise NotImplementedError
