"""One symbol's row of a snapshot, in the two shapes Massive has for it.

The minute in a row is the last one that traded. The fact sheet's example stamps it with the start
of its window, as the aggregates do; Massive's own pages do not say so for `/v3/snapshot`.
"""

from datetime import datetime

from attrs import frozen

from argo_adapters.http.fields import Node
from argo_core.errors import InvalidInput, VendorGarbled
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol
from argo_core.market.moment import from_micros


@frozen
class Row:
    """What a snapshot says about one symbol.

    `at` is the newest of the row's own stamps, `traded_at` that of the last trade. `minute` is the
    last traded minute, which may still be under way. `raw_sha256` is of the body it came in.
    """

    symbol: Symbol
    price: float
    at: datetime
    traded_at: datetime | None
    minute: Bar | None
    raw_sha256: str


def universal_row(node: Node, symbol: Symbol, raw_sha256: str) -> Row:
    """A row of `/v3/snapshot`, times in nanoseconds.

    Raises:
        VendorGarbled: a value is of a wrong type, the quote is crossed, or there is no price.
    """
    trade, quote, minute = node.get("last_trade"), node.get("last_quote"), node.get("last_minute")
    session = node.get("session")
    stamps = [
        part["last_updated"].moment_from_ns()
        for part in (trade, quote, minute)
        if part and part.get("last_updated")
    ]
    if quote:
        _uncrossed(quote.get("bid"), quote.get("ask"))
    prices = (
        trade and trade.get("price"),
        session and session.get("price"),
        minute and minute.get("close"),
    )
    return Row(
        symbol,
        _price(node, prices),
        _newest(node, stamps),
        trade["last_updated"].moment_from_ns() if trade and trade.get("last_updated") else None,
        _bar(minute, symbol, ("open", "high", "low", "close", "volume"), "last_updated"),
        raw_sha256,
    )


def market_row(node: Node, symbol: Symbol, raw_sha256: str) -> Row:
    """A row of the whole-market snapshot: stocks' times in nanoseconds, minutes' in milliseconds.

    Raises:
        VendorGarbled: a value is of a wrong type, the quote is crossed, or there is no price.
    """
    trade, quote, minute = node.get("lastTrade"), node.get("lastQuote"), node.get("min")
    traded_at = trade["t"].moment_from_ns() if trade else None
    stamps = [traded_at] if traded_at else []
    # Between the nightly reset and the first trade the stamp is zero.
    updated = node.get("updated")
    if updated and updated.whole():
        stamps.append(updated.moment_from_ns())
    if quote:
        _uncrossed(quote.get("p"), quote.get("P"))
        if quote.get("t"):
            stamps.append(quote["t"].moment_from_ns())
    prices = (trade and trade.get("p"), minute and minute.get("c"))
    return Row(
        symbol,
        _price(node, prices),
        _newest(node, stamps),
        traded_at,
        _bar(minute, symbol, ("o", "h", "l", "c", "v"), "t"),
        raw_sha256,
    )


def aggregate(row: object, symbol: Symbol) -> Bar | None:
    """A bar of `/v2/aggs`, or None where it is none; a lost minute is as good as a silent one.

    Reads plain values, because hundreds of these are read for every symbol that is opened.
    """
    if not isinstance(row, dict):
        return None
    values: list[float] = []
    for name in ("o", "h", "l", "c", "v"):
        value = row.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return None
        values.append(value)
    stamp = row.get("t")
    if not isinstance(stamp, int):
        return None
    try:
        start = from_micros(stamp * 1_000).replace(second=0, microsecond=0)
        return Bar(symbol, start, *map(float, values))
    except (InvalidInput, OverflowError):
        return None


def _bar(
    node: Node | None, symbol: Symbol, names: tuple[str, str, str, str, str], stamp: str
) -> Bar | None:
    """The minute, or None where it is absent or empty, as it is before the day's first trade."""
    if node is None or not any(part.number() for name in names if (part := node.get(name))):
        return None
    when = node[stamp]
    start = when.moment_from_ms() if stamp == "t" else when.moment_from_ns()
    opened, high, low, close, volume = (node[name].number() for name in names)
    start = start.replace(second=0, microsecond=0)
    try:
        return Bar(symbol, start, opened, high, low, close, volume)
    except InvalidInput as error:
        raise VendorGarbled(node.source, f"{node.path} is no bar: {error}") from error


def _price(node: Node, candidates: tuple[Node | None, ...]) -> float:
    # A part that is there and zero is no price, and the next best one is no better.
    found = next((part for part in candidates if part), None)
    if found is None:
        raise VendorGarbled(node.source, f"{node.path} has no price")
    return float(found.positive_price())


def _newest(node: Node, stamps: list[datetime]) -> datetime:
    if not stamps:
        raise VendorGarbled(node.source, f"{node.path} has no time")
    return max(stamps)


def _uncrossed(bid: Node | None, ask: Node | None) -> None:
    if bid and ask and bid.number() > ask.number() > 0:
        raise VendorGarbled(bid.source, f"{bid.path} is above the ask: a crossed quote")
