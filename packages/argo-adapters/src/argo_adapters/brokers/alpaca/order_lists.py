"""Alpaca's lists of orders, page by page, and what they leave to be asked for.

Alpaca sorts and cuts its lists by when an order was submitted, not by when it changed. An order
that was submitted long ago and ended a minute ago is on no list of the newest. So what was open at
an earlier look and is not any more is asked for one by one; without such a look, everything that
could still have been open is gone through.
"""

from collections import deque
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from attrs import frozen

from argo_adapters.brokers.alpaca.calls import Calls
from argo_adapters.brokers.alpaca.orders import OrderReader, submitted_at
from argo_adapters.http.fields import Node
from argo_core.errors import BrokerGarbled, BrokerRefused, VendorGarbled
from argo_core.trading.broker_view import BrokerOrder

PAGE = 500
PAGES = 60

LIFE = timedelta(days=91)
"""Alpaca cancels what is good till cancelled after 90 days."""

SKEW = timedelta(seconds=2)
"""How far Alpaca's clock may be behind ours."""

_LOOKS = 64
_NOT_FOUND = "40410000"
# Rows of one moment may be parted by the end of a page.
_OVERLAP = timedelta(milliseconds=1)


@frozen
class _Look:
    """What was open at a moment of our clock, by Alpaca's ids."""

    at: datetime
    open: frozenset[str]


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
        """All rows by their ids, and when the oldest was submitted whose family is not known."""
        found: dict[str, BrokerOrder] = {}
        oldest: datetime | None = None
        asked = {"limit": str(PAGE), "direction": "asc", **query}
        for _ in range(PAGES):
            root = await self._calls.get("/orders", asked)
            try:
                rows = list(root.rows())
                page = [one for row in rows for one in self._reader.family(row, nested=nested)]
                # Legs may count as rows, so a page that is not full with them is the last one.
                last = submitted_at(rows[-1]) if len(page) >= PAGE else None
                unknown = [submitted_at(row) for row in rows if not self._known(row)]
                oldest = min([*unknown, *([oldest] if oldest else [])], default=None)
            except VendorGarbled as error:
                failure = self._calls.garbled(error)
            else:
                fresh = {one.broker_id: one for one in page}
                if last is None:
                    return found | fresh, oldest
                if fresh.keys() <= found.keys():
                    raise BrokerGarbled(self._calls.name, "its pages of orders do not go on")
                found |= fresh
                asked["after"] = _stamp(last - _OVERLAP)
                continue
            raise failure
        raise BrokerGarbled(self._calls.name, f"more than {PAGES} pages of orders")

    def _known(self, row: Node) -> bool:
        return self._reader.families.knows(row["id"].text())

    async def _each(self, ids: Collection[str]) -> dict[str, BrokerOrder]:
        found: dict[str, BrokerOrder] = {}
        for one in sorted(ids):
            try:
                root = await self._calls.get(f"/orders/{one}", {"nested": "true"})
                found |= {each.broker_id: each for each in self._reader.family(root)}
            except VendorGarbled as error:
                failure = self._calls.garbled(error)
            except BrokerRefused as error:
                if error.code not in {_NOT_FOUND, "404"}:
                    raise
                continue
            else:
                continue
            raise failure
        return found


def _earliest(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
