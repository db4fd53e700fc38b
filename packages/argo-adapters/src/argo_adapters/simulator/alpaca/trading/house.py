"""Alpaca's trading side put together: one account on one exchange, its desks and its streams."""

import asyncio
from collections.abc import Collection
from decimal import Decimal
from random import Random

import orjson
from aiohttp import web
from attrs import frozen

from argo_adapters.simulator.alpaca.trading import ids
from argo_adapters.simulator.alpaca.trading.account import Account
from argo_adapters.simulator.alpaca.trading.books_desk import BooksDesk
from argo_adapters.simulator.alpaca.trading.data_stream import FEEDS, DataStream
from argo_adapters.simulator.alpaca.trading.exchange import Exchange
from argo_adapters.simulator.alpaca.trading.floor import Floor
from argo_adapters.simulator.alpaca.trading.hours import Hours
from argo_adapters.simulator.alpaca.trading.mishaps import Mishaps
from argo_adapters.simulator.alpaca.trading.order import Order
from argo_adapters.simulator.alpaca.trading.orders_desk import OrdersDesk
from argo_adapters.simulator.alpaca.trading.portions import PARTIAL_RATE, Portions
from argo_adapters.simulator.alpaca.trading.post import Post
from argo_adapters.simulator.alpaca.trading.prices import Prices
from argo_adapters.simulator.alpaca.trading.pulse import nap, rest
from argo_adapters.simulator.alpaca.trading.records import Fill
from argo_adapters.simulator.alpaca.trading.reference_desk import ReferenceDesk
from argo_adapters.simulator.alpaca.trading.refusals import REFUSALS, UNAUTHORISED
from argo_adapters.simulator.alpaca.trading.register import Register
from argo_adapters.simulator.alpaca.trading.shown import update
from argo_adapters.simulator.alpaca.trading.updates_stream import UpdatesStream
from argo_adapters.simulator.alpaca.words import authorise as authorise_data
from argo_adapters.simulator.alpaca.words import rate_headers, spell
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.market import Market
from argo_adapters.simulator.stamps import nanoseconds
from argo_adapters.simulator.vendor import Handler, Route, Vendor
from argo_adapters.simulator.wire import Ask, Limit, Reply
from argo_core.market.session import Session
from argo_core.ports import Clock

NAME = "alpaca_trading"


@frozen
class TradingPlan:
    """How the account begins: the paper host's cash, and no margin unless `multiplier` is 2.

    `sessions` are those of days that the tape has not; without them every weekday is a whole one.
    """

    cash: Decimal = Decimal(100_000)
    multiplier: int = 1
    partial_rate: float = PARTIAL_RATE
    sessions: tuple[Session, ...] = ()


class House:
    """State that lasts as long as the simulator; `look` brings it up to the clock."""

    def __init__(
        self,
        market: Market,
        clock: Clock,
        keys: Collection[str],
        plan: TradingPlan,
        *,
        seed: int = 0,
    ) -> None:
        now = nanoseconds(clock.now())
        self.clock = clock
        self.stirred = asyncio.Event()
        self.mishaps = Mishaps()
        self.updates = UpdatesStream(keys)
        self.post = Post(self.updates.deliver, Random(f"messages {seed}"))  # noqa: S311 - seeded
        self.portions = Portions(seed, plan.partial_rate)
        account = Account(ids.made(seed, "account", 0), plan.cash, plan.cash, plan.multiplier, now)
        prices, hours = Prices(market), Hours(market, plan.sessions)
        register = Register(seed)
        self.exchange = Exchange(
            Floor(
                prices=prices,
                hours=hours,
                account=account,
                portions=self.portions,
                register=register,
                tell=self._tell,
                now=now,
            )
        )
        orders = OrdersDesk(self.exchange)
        books, reference = BooksDesk(self.exchange, orders), ReferenceDesk(self.exchange)
        self.feed = DataStream(market, prices, clock, keys, began=self.stirred)
        self.vendor = Vendor(
            name=NAME,
            prefix="alpaca",
            latency_s=0.080,
            limit=Limit(200, 60),
            routes=tuple(
                Route(method, path, self.mishaps.around(method, self._looking(handler)))
                for method, path, handler in (
                    ("POST", "/v2/orders", orders.submit),
                    ("GET", "/v2/orders", orders.listed),
                    ("DELETE", "/v2/orders", orders.cancel_all),
                    ("GET", "/v2/orders:by_client_order_id", orders.by_client),
                    ("GET", "/v2/orders/{id}", orders.one),
                    ("PATCH", "/v2/orders/{id}", orders.replace),
                    ("DELETE", "/v2/orders/{id}", orders.cancel),
                    ("GET", "/v2/positions", books.positions),
                    ("DELETE", "/v2/positions", books.close_all),
                    ("GET", "/v2/positions/{symbol}", books.position),
                    ("DELETE", "/v2/positions/{symbol}", books.close),
                    ("GET", "/v2/account", books.account),
                    ("GET", "/v2/account/activities", books.activities),
                    ("GET", "/v2/account/activities/{type}", books.activities),
                    ("GET", "/v2/clock", reference.clock),
                    ("GET", "/v2/calendar", reference.calendar),
                    ("GET", "/v2/assets", reference.assets),
                    ("GET", "/v2/assets/{symbol}", reference.asset),
                )
            ),
            refusals=REFUSALS,
            authorise=authorise,
            spell=spell,
            rate_headers=rate_headers,
        )
        self.data_routes = (Route("GET", "/v1/corporate-actions", reference.actions),)

    def attach(self, router: web.UrlDispatcher) -> None:
        """Serve the streams."""
        router.add_get("/alpaca/stream", self.updates.serve)
        for feed in FEEDS:
            router.add_get(f"/alpaca/v2/{feed}", self.feed.serve)

    async def run(self) -> None:
        """Look again whenever something can have changed, for as long as it is let."""
        while True:
            self.stirred.clear()
            self.look()
            await rest(self.clock, self._nap(), self.stirred)

    def _nap(self) -> float:
        floor, hours = self.exchange.floor, self.exchange.floor.hours
        working = any(floor.trades(one) for one in floor.register.working())
        return nap(
            floor.now,
            waits=self.post.is_late or self.portions.waits,
            watches=working or self.feed.connections > 0,
            edge=hours.next_edge(floor.now),
        )

    def counts(self) -> dict[str, int]:
        """How much there is, for whoever asks the simulator about itself."""
        exchange = self.exchange
        return {
            "orders": len(exchange.register.orders),
            "open": len(exchange.register.working()),
            "fills": len(exchange.floor.fills),
            "positions": len(exchange.account.holdings),
            "listeners": self.updates.listeners,
            "data_connections": self.feed.connections,
        }

    def look(self) -> None:
        """Whatever was due by now happens, and late messages leave."""
        now = nanoseconds(self.clock.now())
        self.exchange.look(now)
        self.post.look(now)
        self.feed.wake()

    def _looking(self, handler: Handler) -> Handler:
        """The handler sees the exchange as it is now; what it asked for is answered after it."""

        def handled(lens: Lens, ask: Ask) -> Reply:
            self.exchange.look(lens.now)
            try:
                return handler(lens, ask)
            finally:
                self.exchange.look(lens.now)
                self.stirred.set()

        return handled

    def _tell(self, event: str, order: Order, fill: Fill | None) -> None:
        message = update(event, order, fill, order.times.updated)
        self.post.send(orjson.dumps(message), self.exchange.floor.now)


def authorise(ask: Ask, keys: Collection[str]) -> Reply | None:
    """The same headers as for data; the refusal is the trading host's."""
    return None if authorise_data(ask, keys) is None else UNAUTHORISED
