"""Yahoo's chart read directly, without the library.

For the simulator only. The library has no setting for the base address, and the demo runs without
it; Yahoo itself refuses plain clients like this one.
"""

from collections.abc import Sequence
from itertools import pairwise

import aiohttp

from argo_adapters.http.client import HttpClient
from argo_adapters.http.reply import Reply
from argo_adapters.http.visit import Visit
from argo_adapters.vendors.yfinance.fetched import (
    YFINANCE,
    FetchBars,
    Fetched,
    LastClose,
    blocked,
)
from argo_core.errors import VendorError, VendorGarbled, VendorThrottled
from argo_core.ports import Turnstile
from argo_core.resilience.queue import Urgency

NOT_FOUND = 404


def chart_fetcher(
    session: aiohttp.ClientSession,
    base_url: str,
    timeout_s: float = 5.0,
    *,
    turnstile: Turnstile,
) -> FetchBars:
    """A way to fetch bars from `base_url`, a simulator's address of Yahoo."""
    client = HttpClient(session, YFINANCE, base_url, turnstile=turnstile)

    async def fetch(tickers: Sequence[str]) -> Fetched:
        visit = Visit(client, timeout_s, Urgency.INTERACTIVE)
        outcomes = await visit.each(_last(client, visit, ticker) for ticker in tickers)
        found = dict(zip(tickers, outcomes, strict=True))
        errors = [one for one in outcomes if isinstance(one, VendorError)]
        for error in errors:
            # Being blocked concerns every symbol, and whoever goes on asking stays blocked.
            if isinstance(error, VendorThrottled):
                raise blocked(visit.calls) from error
        if errors and len(errors) == len(outcomes):
            raise visit.failed(errors[0])
        closes = {ticker: one for ticker, one in found.items() if isinstance(one, LastClose)}
        problems = {t: one.problem for t, one in found.items() if isinstance(one, VendorError)}
        return Fetched(closes, problems, visit.calls)

    return fetch


async def _last(client: HttpClient, visit: Visit, ticker: str) -> LastClose | None:
    async with visit.call() as call:
        reply = await call.get(f"/v8/finance/chart/{ticker}", {"range": "1d", "interval": "1m"})
        if reply.status == NOT_FOUND:
            return None
        if reply.status != 200:  # noqa: PLR2004 - OK
            raise client.failure(reply)
        return _read(client, reply)


def _read(client: HttpClient, reply: Reply) -> LastClose | None:
    chart = reply.node()["chart"]
    error = chart.get("error")
    if error is not None:
        said = client.clean(error["description"].text())
        raise VendorGarbled(YFINANCE, f"status 200, but {said}")
    result = next(chart["result"].rows(), None)
    stamps = result.get("timestamp") if result else None
    if result is None or stamps is None:
        return None
    columns = next(result["indicators"]["quote"].rows(), None)
    closes = columns.get("close") if columns else None
    if closes is None:
        return None
    starts, prices = list(stamps.rows()), list(closes.rows())
    if len(starts) != len(prices):
        problem = f"{stamps.path} has {len(starts)} rows and {closes.path} {len(prices)}"
        raise VendorGarbled(YFINANCE, problem)
    moments = [start.moment_from_s() for start in starts]
    # The columns are tied by their order alone: where one is disturbed, a price may stand beside
    # another minute's stamp.
    if any(later < earlier for earlier, later in pairwise(moments)):
        raise VendorGarbled(YFINANCE, f"{stamps.path} is out of order")
    # A minute without a trade is a null.
    traded = [each for each in zip(moments, prices, strict=True) if each[1].value is not None]
    if not traded:
        return None
    newest, price = traded[-1]
    return LastClose(float(price.positive_price()), newest)
