"""The port `Broker` at Alpaca."""

from collections.abc import AsyncGenerator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from argo_adapters.brokers.alpaca.accounts import (
    EARNED,
    FLOWS,
    read_account,
    read_flow,
    read_position,
)
from argo_adapters.brokers.alpaca.bodies import order_body, replacement_body
from argo_adapters.brokers.alpaca.calls import Calls
from argo_adapters.brokers.alpaca.days import NEW_YORK, SPLITS, read_session, read_splits
from argo_adapters.brokers.alpaca.library import open_rest, require_library
from argo_adapters.brokers.alpaca.order_lists import OrderLists
from argo_adapters.brokers.alpaca.orders import OrderReader, identity
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.brokers.alpaca.updates import Updates
from argo_adapters.http.fields import Node
from argo_adapters.one_thread import OneThread
from argo_core.errors import (
    BrokerAway,
    BrokerGarbled,
    BrokerRefused,
    BrokerThrottled,
    VendorGarbled,
)
from argo_core.market.instrument import Symbol
from argo_core.market.session import Session
from argo_core.ports import Clock, Turnstile
from argo_core.trading.broker_view import (
    BrokerAccount,
    BrokerOrder,
    BrokerPosition,
    BrokerUpdate,
    CashFlow,
    Split,
    StreamGap,
)
from argo_core.trading.order import OrderRequest

PAGE = 100
PAGES = 50

_CHUNK = 200
_BY_ID = "/orders:by_client_order_id"


class AlpacaBroker:
    """Orders by alpaca-py's synchronous client in one thread, executions by its stream.

    Close it when it is not needed any more.

    Raises:
        InvalidSetting: alpaca-py is not installed.
    """

    def __init__(
        self, settings: AlpacaBrokerSettings, clock: Clock, *, turnstile: Turnstile
    ) -> None:
        require_library()
        self._settings = settings
        self._clock = clock
        self._worker = OneThread("alpaca")
        self._calls = Calls(
            lambda: open_rest(settings, clock.monotonic), clock, settings, turnstile, self._worker
        )
        self._data = Calls(
            lambda: open_rest(settings, clock.monotonic, data=True),
            clock,
            settings,
            turnstile,
            self._worker,
        )
        self._reader = OrderReader()
        self._lists = OrderLists(self._calls, self._reader)
        self._closed = False
        self._updates = Updates(settings, clock, self._reader, self._worker)

    @property
    def name(self) -> str:
        """`alpaca-paper` or `alpaca-live`."""
        return self._settings.name

    async def submit(self, request: OrderRequest) -> BrokerOrder:
        """As the port promises.

        An answer of no is looked into: the first of two tries may have used up the buying power
        or the id, and then its order is the answer.
        """
        try:
            root = await self._calls.act("POST", "/orders", order_body(request))
        except BrokerRefused as refused:
            return await self._there_after_all(request, refused)
        order = self._order(root)
        self._same(order, request)
        if (order.side, order.quantity) != (request.side, request.quantity):
            raise self._other(f"{order.side} {order.quantity} was placed")
        return order

    async def cancel(self, broker_id: str) -> None:
        """As the port promises."""
        await self._calls.ask("DELETE", f"/orders/{self._uuid(broker_id)}", {})

    async def replace(self, broker_id: str, request: OrderRequest) -> BrokerOrder:
        """As the port promises; the stop of a bracket stays a leg of it."""
        path = f"/orders/{self._uuid(broker_id)}"
        try:
            root = await self._calls.act("PATCH", path, replacement_body(request))
        except BrokerRefused as refused:
            return await self._there_after_all(request, refused)
        order = self._order(root)
        self._same(order, request)
        return order

    async def order(self, id: str) -> BrokerOrder | None:  # noqa: A002 - it is the order's id
        """As the port promises."""
        try:
            root = await self._calls.get(_BY_ID, {"client_order_id": id})
        except BrokerRefused as refused:
            if refused.code in {"404", "40410000"}:
                return None
            raise
        order = self._order(root, nested=False)
        if order.id != id:
            raise self._other(f"{order.id!a} was found for {id!a}")
        return order

    async def orders(self, since: datetime | None = None) -> tuple[BrokerOrder, ...]:
        """As the port promises; see `order_lists` for how far it looks back."""
        return await self._lists.changed(self._clock.now(), since)

    async def positions(self) -> tuple[BrokerPosition, ...]:
        """As the port promises."""
        root = await self._calls.get("/positions")
        with self._calls.reading():
            rows = [read_position(row) for row in root.rows()]
            held = {one.symbol: one for one in rows if one is not None}
            if len(held) != sum(one is not None for one in rows):
                raise VendorGarbled(root.source, "a symbol is held twice")
        return tuple(held[symbol] for symbol in sorted(held))

    async def account(self) -> BrokerAccount:
        """As the port promises."""
        root = await self._calls.get("/account")
        with self._calls.reading():
            return read_account(root)

    async def flows(self, since: datetime) -> tuple[CashFlow, ...]:
        """As the port promises, but that Alpaca may know a flow's day alone.

        Then all of that day in New York are told, also those from before `since`.
        """
        day = since.astimezone(NEW_YORK).date()
        query = {
            "activity_types": ",".join(FLOWS + EARNED),
            "direction": "asc",
            "page_size": str(PAGE),
        }
        query["after"] = (day - timedelta(days=1)).isoformat()
        found: dict[str, CashFlow] = {}
        for _ in range(PAGES):
            root = await self._calls.get("/account/activities", query)
            with self._calls.reading():
                rows = list(root.rows())
                flows = [one for one in map(read_flow, rows) if one is not None]
                last = identity(rows[-1]["id"]) if rows else ""
            found |= {one.id: one for one in flows}
            if len(rows) < PAGE:
                midnight = datetime.combine(day, datetime.min.time(), NEW_YORK)
                wanted = [one for one in found.values() if one.at > since or one.at == midnight]
                return tuple(sorted(wanted, key=lambda one: (one.at, one.id)))
            if query.get("page_token") == last:
                raise self._other("its pages of activities do not go on")
            query["page_token"] = last
        raise self._other(f"it has more than {PAGES} pages of activities")

    async def sessions(self, first: date, last: date) -> tuple[Session, ...] | None:
        """As the port promises."""
        query = {"start": first.isoformat(), "end": last.isoformat()}
        root = await self._calls.get("/calendar", query)
        with self._calls.reading():
            found = [read_session(row) for row in root.rows()]
        inside = [one for one in found if first <= one.open.astimezone(NEW_YORK).date() <= last]
        return tuple(sorted(inside, key=lambda one: one.open))

    async def splits(self, symbols: Sequence[Symbol], first: date, last: date) -> tuple[Split, ...]:
        """As the port promises, from the data host."""
        found: list[Split] = []
        stocks = sorted({one for one in symbols if "/" not in one})
        for start in range(0, len(stocks), _CHUNK):
            found += await self._splits(stocks[start : start + _CHUNK], first, last)
        return tuple(sorted(found, key=lambda one: (one.at, one.symbol)))

    def updates(self) -> AsyncGenerator[BrokerUpdate | StreamGap, None]:
        """As the port promises; a slow reader loses messages and gets a `StreamGap` for them."""
        return self._updates.heard()

    async def aclose(self) -> None:
        """End the streams and take no more calls; one that is under way ends by itself."""
        await self._updates.aclose()
        if self._closed:
            return
        self._closed = True
        self._worker.submit(self._calls.close)
        self._worker.submit(self._data.close)
        self._worker.shutdown(wait=False)

    async def _splits(self, stocks: Sequence[Symbol], first: date, last: date) -> list[Split]:
        kinds = ",".join(kind.removesuffix("s") for kind in SPLITS)
        query = {"symbols": ",".join(stocks), "types": kinds, "limit": "1000"}
        # They are listed by when Alpaca processes them, which may be a few days off.
        query["start"] = (first - timedelta(days=7)).isoformat()
        query["end"] = (last + timedelta(days=7)).isoformat()
        found: list[Split] = []
        for _ in range(PAGES):
            root = await self._data.get("/corporate-actions", query)
            with self._calls.reading():
                rows = list(read_splits(root["corporate_actions"]))
                token = root.get("next_page_token")
                following = token.text() if token else None
            found += [one for day, one in rows if first <= day <= last and one.symbol in stocks]
            if following is None:
                return found
            query["page_token"] = following
        raise self._other(f"it has more than {PAGES} pages of corporate actions")

    async def _there_after_all(self, request: OrderRequest, refused: BrokerRefused) -> BrokerOrder:
        try:
            order = await self.order(request.id)
        except BrokerRefused:
            # Whoever may not look is nobody whose first try got through.
            raise refused from None
        except BrokerThrottled as error:
            problem = f"{refused.problem}, and nobody may look: {error.problem}"
            raise BrokerAway(self.name, problem) from None
        if order is None:
            raise refused
        self._same(order, request)
        return order

    def _same(self, order: BrokerOrder, request: OrderRequest) -> None:
        if (order.id, order.symbol) != (request.id, request.symbol):
            raise self._other(f"{order.symbol} {order.id!a} came for {request.id!a}")

    def _order(self, root: Node, *, nested: bool = True) -> BrokerOrder:
        with self._calls.reading():
            return next(iter([*self._reader.family(root, nested=nested)]))

    def _uuid(self, broker_id: str) -> UUID:
        # It becomes part of an address.
        try:
            return UUID(broker_id)
        except ValueError:
            raise BrokerRefused(self.name, "there is no such order", "40410000") from None

    def _other(self, problem: str) -> BrokerGarbled:
        return self._calls.garbled(problem)
