"""Massive's bulk calls, as few as the number of symbols allows."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from argo_adapters.http.client import HttpClient
from argo_adapters.http.fields import Node
from argo_adapters.http.reply import Reply
from argo_adapters.http.visit import Visit
from argo_adapters.vendors.massive.refusals import checked
from argo_adapters.vendors.massive.rows import Row, aggregate, market_row, universal_row
from argo_adapters.vendors.massive.spelling import ticker_of
from argo_core.errors import VendorError, VendorGarbled
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument, Symbol
from argo_core.market.moment import to_micros
from argo_core.resilience.queue import Urgency

CHUNK = 250
"""The most names `/v3/snapshot` takes at once."""

WHOLE_MARKET_FROM = 500
"""With more stocks than this one reply with every stock of the country is cheaper."""

_WHOLE_MARKET_BYTES = 40_000_000
PAGES = 4
# After these the slowest average in the score, of 60 bars, keeps 6e-8 of where it began.
_BARS = 500


@frozen
class Snapshot:
    """What snapshots said: rows by symbol, and why there is none for the others.

    `distrusted` are the problems of rows that came and cannot be believed.
    """

    rows: Mapping[Symbol, Row]
    problems: Mapping[Symbol, str]
    distrusted: Sequence[str]


@frozen
class _Part:
    rows: dict[Symbol, Row] = field(factory=dict)
    problems: dict[Symbol, str] = field(factory=dict)
    distrusted: list[str] = field(factory=list)

    def take(
        self,
        read: Callable[[Node, Symbol, str], Row],
        node: Node,
        symbol: Symbol,
        reply: Reply,
    ) -> None:
        """Read one symbol's row; what is wrong with it is wrong with it alone."""
        if symbol in self.rows:
            # Which of the two is true nobody can say.
            del self.rows[symbol]
            self._distrust(symbol, "it is there twice")
        elif symbol not in self.problems:
            try:
                self.rows[symbol] = read(node, symbol, reply.sha256)
            except VendorGarbled as error:
                self._distrust(symbol, error.problem)

    def _distrust(self, symbol: Symbol, problem: str) -> None:
        self.problems[symbol] = problem
        self.distrusted.append(problem)


async def snapshot(client: HttpClient, visit: Visit, asked: Sequence[Instrument]) -> Snapshot:
    """The newest row of each instrument; calls that fail leave only their own symbols without.

    Raises:
        VendorError: every call failed.
    """
    stocks = [one for one in asked if one.asset_class is AssetClass.STOCK]
    parts = []
    rest = list(asked)
    if len(stocks) > WHOLE_MARKET_FROM:
        rest = [one for one in asked if one.asset_class is not AssetClass.STOCK]
        parts.append((stocks, _whole_market(client, visit, stocks)))
    for start in range(0, len(rest), CHUNK):
        chunk = rest[start : start + CHUNK]
        parts.append((chunk, _chunk(client, visit, chunk)))
    outcomes = await visit.each(ask for _, ask in parts)
    errors = [outcome for outcome in outcomes if isinstance(outcome, VendorError)]
    if len(errors) == len(outcomes):
        raise visit.failed(errors[0])
    whole = _Part()
    for (chunk, _), outcome in zip(parts, outcomes, strict=True):
        if isinstance(outcome, VendorError):
            whole.problems.update(dict.fromkeys((one.symbol for one in chunk), outcome.problem))
        else:
            whole.rows.update(outcome.rows)
            whole.problems.update(outcome.problems)
            whole.distrusted.extend(outcome.distrusted)
    return Snapshot(whole.rows, whole.problems, whole.distrusted)


async def minute_bars(
    client: HttpClient,
    visit: Visit,
    instrument: Instrument,
    now: datetime,
    reach: timedelta,
    *,
    wait_s: float,
) -> list[Bar]:
    """The newest 500 complete minute bars, oldest first; others go before, `wait_s` at most.

    Raises:
        VendorError: there was no usable answer.
    """
    until, since = to_micros(now) // 1000, to_micros(now - reach) // 1000
    path = f"/v2/aggs/ticker/{ticker_of(instrument)}/range/1/minute/{since}/{until}"
    params = {"adjusted": "true", "sort": "desc", "limit": str(_BARS)}
    async with visit.call(Urgency.BACKFILL, wait_s) as call:
        reply = await call.get(path, params)
        # Five hundred bars take some milliseconds, and forty symbols may be opened in one ask.
        return await asyncio.to_thread(
            _complete, client, reply, instrument.symbol, now - reach, now
        )


def _complete(
    client: HttpClient, reply: Reply, symbol: Symbol, since: datetime, until: datetime
) -> list[Bar]:
    results = checked(client, reply).get("results")
    bars: dict[datetime, Bar] = {}
    for row in results.rows() if results else ():
        bar = aggregate(row.value, symbol)
        if bar is not None and since <= bar.start and bar.end <= until:
            bars[bar.start] = bar
    # Every row has its own time, so the order they came in does not matter.
    return [bars[start] for start in sorted(bars)]


async def _chunk(client: HttpClient, visit: Visit, chunk: Sequence[Instrument]) -> _Part:
    names = {ticker_of(one): one.symbol for one in chunk}
    params = {"ticker.any_of": ",".join(names), "limit": str(CHUNK)}
    part = _Part()
    link: str | None = None
    for _ in range(PAGES):
        async with visit.call() as call:
            if link is None:
                reply = await call.get("/v3/snapshot", params)
            else:
                reply = await call.follow(link)
            link = _read_page(client, reply, names, part)
        if link is None:
            break
    return part


def _read_page(
    client: HttpClient, reply: Reply, names: Mapping[str, Symbol], part: _Part
) -> str | None:
    """Take a page's rows; the link to the next one, if there is one."""
    root = checked(client, reply)
    for node, symbol in _named(root["results"], names):
        refusal = node.get("message") or node.get("error")
        if refusal:
            part.problems[symbol] = client.clean(refusal.text())
        else:
            part.take(universal_row, node, symbol, reply)
    following = root.get("next_url")
    return None if following is None else following.text()


async def _whole_market(client: HttpClient, visit: Visit, stocks: Sequence[Instrument]) -> _Part:
    names = {ticker_of(one): one.symbol for one in stocks}
    path = "/v2/snapshot/locale/us/markets/stocks/tickers"
    async with visit.call() as call:
        reply = await call.get(path, max_bytes=_WHOLE_MARKET_BYTES)
        # Megabytes take a good part of a second, and the beat must not wait for that.
        return await asyncio.to_thread(_market_rows, client, reply, names)


def _market_rows(client: HttpClient, reply: Reply, names: Mapping[str, Symbol]) -> _Part:
    part = _Part()
    for node, symbol in _named(checked(client, reply)["tickers"], names):
        part.take(market_row, node, symbol, reply)
    return part


def _named(rows: Node, names: Mapping[str, Symbol]) -> Iterator[tuple[Node, Symbol]]:
    """The rows of symbols we asked for; a vendor may add others and leave some out."""
    for node in rows.rows():
        ticker = node.get("ticker")
        symbol = names.get(ticker.text()) if ticker else None
        if symbol is not None:
            yield node, symbol
