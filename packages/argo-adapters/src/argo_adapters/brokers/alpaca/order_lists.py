"""Alpaca's lists of orders, page by page, and what they leave to be asked for.

Alpaca sorts and cuts its lists by when an order was submitted, not by when it changed. An order
that was submitted long ago and ended a minute ago is on no list of the newest. So what was open at
an earlier look and is not any more is asked for one by one; without such a look, everything that
could still have been open is gone through.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from attrs import frozen

from argo_adapters.brokers.alpaca.calls import Calls
from argo_adapters.brokers.alpaca.orders import OrderReader, created_at, submitted_at
from argo_adapters.http.fields import Node
from argo_core.errors import BrokerRefused
from argo_core.trading.broker_view import BrokerOrder

PAGE = 500
PAGES = 150
"""Two hundred brackets a day, each of three orders, for as long as they may live."""

LIFE = timedelta(days=91)
"""Alpaca cancels what is good till cancelled after 90 days."""

SKEW = timedelta(seconds=2)
"""How far Alpaca's clock may be behind ours."""

_LOOKS = 64
_NOT_FOUND = {"40410000", "404"}
# Rows of one moment may be parted by the end of a page.
_OVERLAP = timedelta(milliseconds=1)


@frozen
class _Look:
    """What was open at a moment of our clock, by Alpaca's ids."""

    at: datetime
    open: frozenset[str]


@frozen
class _Page:
    """Orders, when those were made whose family is not known, and the last, if more follow."""

    orders: list[BrokerOrder]
    unknown: list[datetime]
    last: datetime | None


class OrderLists:
    """Reads whole lists; whatever goes wrong is a `BrokerError`."""

    def __init__(self, calls: Calls, reader: OrderReader) -> None:
        self._calls = calls
        self._reader = reader
        self._looks: deque[_Look] = deque(maxlen=_LOOKS)

    async def changed(self, now: datetime, since: datetime | None) -> tuple[BrokerOrder, ...]:
        """Every open order, and those that changed after `since`; `now` is before the first call.

        What changed within `SKEW` before it may be among them.
        """
        flat, oldest = await self._rows({"status": "open", "nested": "false"}, nested=False)
        open_ids = frozenset(flat)
        look = self._look(since) if since else None
        begin = oldest
        if since is not None:
            begin = min(_earliest(oldest, since), look.at - SKEW if look else since - LIFE)
        found = dict(flat)
        if begin is not None:
            query = {"status": "all", "nested": "true", "after": _stamp(begin - SKEW)}
            found |= (await self._rows(query, nested=True))[0]
            for one in flat:
                # Whose leg was not found now will not be found a minute later.
                self._reader.families.remember(one, None)
        if look:
            gone = look.open - found.keys()
            found |= await self._each(gone)
        wanted = tuple(
            order
            for order in found.values()
            if order.status.is_open or (since is not None and order.at > since - SKEW)
        )
        self._looks.append(_Look(now, open_ids))
        return wanted

    def _look(self, since: datetime) -> _Look | None:
        """The newest look from before then."""
        return next((one for one in reversed(self._looks) if one.at <= since - SKEW), None)

    async def _rows(
        self, query: Mapping[str, str], *, nested: bool
    ) -> tuple[dict[str, BrokerOrder], datetime | None]:
        """All rows by their ids, and when the oldest was made whose family is not known."""
        found: dict[str, BrokerOrder] = {}
        oldest: datetime | None = None
        asked = {"limit": str(PAGE), "direction": "asc", **query}
        for _ in range(PAGES):
            root = await self._calls.get("/orders", asked)
            with self._calls.reading():
                # Hundreds of orders take long enough to read for the beat to notice.
                page = await asyncio.to_thread(self._page, root, nested=nested)
            oldest = min([*page.unknown, *([oldest] if oldest else [])], default=None)
            fresh = {one.broker_id: one for one in page.orders}
            if page.last is None:
                return found | fresh, oldest
            if fresh.keys() <= found.keys():
                raise self._calls.garbled("its pages of orders do not go on")
            found |= fresh
            asked["after"] = _stamp(page.last - _OVERLAP)
        raise self._calls.garbled(f"it has more than {PAGES} pages of orders")

    def _page(self, root: Node, *, nested: bool) -> _Page:
        rows = list(root.rows())
        orders = [one for row in rows for one in self._reader.family(row, nested=nested)]
        known = self._reader.families.knows
        return _Page(
            orders,
            [created_at(row) for row in rows if not known(row["id"].text())],
            # Legs may count as rows, so a page that is not full with them is the last one.
            submitted_at(rows[-1]) if len(orders) >= PAGE else None,
        )

    async def _each(self, ids: Collection[str]) -> dict[str, BrokerOrder]:
        found: dict[str, BrokerOrder] = {}
        for one in sorted(ids):
            try:
                root = await self._calls.get(f"/orders/{one}", {"nested": "true"})
            except BrokerRefused as error:
                if error.code in _NOT_FOUND:
                    continue
                raise
            with self._calls.reading():
                found |= {each.broker_id: each for each in self._reader.family(root)}
        return found


def _earliest(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
