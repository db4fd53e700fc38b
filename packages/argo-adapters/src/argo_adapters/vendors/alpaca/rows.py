"""Reading Alpaca's snapshots and bars."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from argo_adapters.http.fields import Node
from argo_adapters.vendors.alpaca.parts import Chunk, Part
from argo_core.errors import InvalidInput, VendorGarbled
from argo_core.market.bar import Bar
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote

SKEW = timedelta(seconds=5)
"""How far Alpaca's clock may be ahead of ours."""

# A trade so marked never happened at that price.
_TAKEN_BACK = {"canceled", "incorrect"}


def quote(node: Node, instrument: Instrument, fetched_at: datetime, feed: str) -> Quote:
    """The last trade and the best bid and ask of a snapshot.

    Raises:
        VendorGarbled: there is no trade, a value is of a wrong type, the quote is crossed or from
            the future.
    """
    trade, sides = node["latestTrade"], node.get("latestQuote")
    update = trade.get("u")
    if update and update.text() in _TAKEN_BACK:
        raise VendorGarbled(node.source, f"{trade.path} was taken back")
    at = trade["t"].moment_from_iso()
    if sides and sides.get("t"):
        at = max(at, sides["t"].moment_from_iso())
    if at > fetched_at + SKEW:
        raise VendorGarbled(node.source, f"{node.path} is from the future: {at.isoformat()}")
    try:
        return Quote(
            instrument.symbol,
            instrument.on_tick(trade["p"].positive_price()),
            at,
            fetched_at,
            feed,
            side(sides, "bp"),
            side(sides, "ap"),
        )
    except InvalidInput as error:
        raise VendorGarbled(node.source, f"{node.path} is no quote: {error.problem}") from error


def side(sides: Node | None, name: str) -> Decimal | None:
    """A bid or an ask; zero means that nobody quotes that side."""
    found = sides.get(name) if sides else None
    return found.positive_price() if found and found.number() else None


def read_snapshots(found: Node, chunk: Chunk, now: datetime, feed: str, part: Part[Quote]) -> None:
    """Take the quotes of a map of snapshots into `part`, but of those already missing there.

    Raises:
        VendorGarbled: it is not such a map.
    """
    found.mapping()
    for one in chunk:
        if one.symbol in part.missing:
            continue
        try:
            node = found.get(one.symbol)
            if node is None:
                part.missing[one.symbol] = "not in the snapshot"
            else:
                part.items.append(quote(node, one, now, feed))
        except VendorGarbled as error:
            part.distrust(one.symbol, error.problem)


class BarBook:
    """Complete minute bars of one span, gathered from pages in any order."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self._since = since
        self._until = until
        self._bars: dict[Symbol, dict[datetime, Bar]] = {}
        self._refused: Counter[Symbol] = Counter()

    def read(self, page: Node, chunk: Chunk) -> None:
        """Take the bars of a page, a map of symbols.

        A row that is no bar is a lost minute, and as good as one without a trade.

        Raises:
            VendorGarbled: the page is not such a map.
        """
        for one in chunk:
            rows = page.get(one.symbol)
            for row in rows.rows() if rows else ():
                bar = _bar(row, one.symbol)
                if bar is None:
                    self._refused[one.symbol] += 1
                elif self._since <= bar.start and bar.end <= self._until:
                    self._bars.setdefault(one.symbol, {})[bar.start] = bar

    def part(self, chunk: Chunk, missing: dict[Symbol, str]) -> Part[Bar]:
        """All that was read; `missing` are those already known to have none."""
        part: Part[Bar] = Part(missing=missing)
        for one in chunk:
            bars = self._bars.get(one.symbol)
            if bars:
                part.items.extend(bars.values())
            elif self._refused[one.symbol]:
                part.distrust(one.symbol, f"none of {self._refused[one.symbol]} rows is a bar")
            else:
                part.missing.setdefault(one.symbol, "no bars")
        return part


def _bar(node: Node, symbol: Symbol) -> Bar | None:
    try:
        values = [node[name].number() for name in ("o", "h", "l", "c", "v")]
        return Bar(symbol, node["t"].moment_from_iso(), *values)
    except (InvalidInput, VendorGarbled):
        return None
