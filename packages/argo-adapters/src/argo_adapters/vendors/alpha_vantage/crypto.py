"""A crypto pair's price and its last day, from two answers about that pair alone."""

from datetime import UTC, datetime, timedelta
from operator import itemgetter

from attrs import frozen

from argo_adapters.http.fields import Node
from argo_adapters.vendors.alpha_vantage.bulk import SKEW
from argo_adapters.vendors.alpha_vantage.eastern import moment_in
from argo_core.consensus.rules.quotes_and_news import QuoteRow
from argo_core.errors import VendorGarbled
from argo_core.market.instrument import Symbol

DAY = timedelta(hours=24)


@frozen
class Rate:
    """What one coin costs, at the vendor's time."""

    price: float
    at: datetime


@frozen
class LastDay:
    """The day behind `until`: a market that never closes has its previous close 24 hours ago."""

    open: float
    high: float
    low: float
    previous_close: float
    until: datetime

    def row(self, rate: Rate) -> QuoteRow:
        """The day's row with the newest price in it.

        Raises:
            InvalidInput: the price does not fit to the day.
        """
        return QuoteRow(
            rate.price,
            self.open,
            max(self.high, rate.price),
            min(self.low, rate.price),
            self.previous_close,
            rate.at,
        )


def read_rate(symbol: Symbol, root: Node, now: datetime) -> Rate:
    """The answer to CURRENCY_EXCHANGE_RATE.

    Raises:
        VendorGarbled: it is of another pair, of another clock or from the future, or no number.
    """
    said = root["Realtime Currency Exchange Rate"]
    pair = f"{said['1. From_Currency Code'].text()}/{said['3. To_Currency Code'].text()}"
    if pair != symbol:
        raise VendorGarbled(root.source, f"{said.path} is of another pair than {symbol}")
    _utc(said["7. Time Zone"])
    at = moment_in(UTC, said["6. Last Refreshed"])
    if at > now + SKEW:
        raise VendorGarbled(root.source, f"the rate of {symbol} is quoted in the future")
    return Rate(float(said["5. Exchange Rate"].positive_price_in_text()), at)


def read_last_day(root: Node, now: datetime) -> LastDay:
    """The day up to now, from the quarter hours of CRYPTO_INTRADAY, in whatever order they come.

    Raises:
        VendorGarbled: it is of another clock, or a bar is no bar, or none is of the last day.
    """
    _utc(_starting(root["Meta Data"], "9. Time Zone"))
    series = _starting(root, "Time Series Crypto")
    bars = sorted(
        (
            (moment_in(UTC, Node(root.source, stamp, bar.path)), bar)
            for stamp, bar in series.members()
        ),
        key=itemgetter(0),
    )
    inside = [bar for at, bar in bars if now - DAY <= at <= now]
    before = [bar for at, bar in bars if at < now - DAY]
    if not inside:
        raise VendorGarbled(root.source, f"{series.path} has no bar of the last day")
    opened = _price(inside[0], "1. open")
    return LastDay(
        open=opened,
        high=max(_price(bar, "2. high") for bar in inside),
        low=min(_price(bar, "3. low") for bar in inside),
        previous_close=_price(before[-1], "4. close") if before else opened,
        until=now,
    )


def _starting(node: Node, prefix: str) -> Node:
    for key in node.mapping():
        if key.startswith(prefix):
            return node[key]
    raise VendorGarbled(node.source, f"{node.path}.{prefix} is missing")


def _utc(zone: Node) -> None:
    if zone.text() != "UTC":
        raise zone.refused("UTC")


def _price(bar: Node, name: str) -> float:
    return float(bar[name].positive_price_in_text())
