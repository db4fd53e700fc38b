"""Massive's own client reads the simulator, with nothing changed but the base address.

Its models take anything and leave absent fields empty, so what must be there is listed.
"""

import asyncio
import typing
from datetime import date

import pytest

massive = pytest.importorskip("massive", reason="massive is not installed")

pytestmark = pytest.mark.oracle

BAR = {"open", "high", "low", "close", "volume", "vwap"}


@pytest.fixture
def client(simulator):
    class BelowPrefix(massive.RESTClient):
        """Of a link to the next page it keeps the path, where our prefix is already."""

        def _get(self, path, **rest):
            return super()._get(path.removeprefix("/massive"), **rest)

    return BelowPrefix("simulator-key", base=simulator.url("massive"), retries=0)


async def ask(call, *arguments, **keywords):
    """The client blocks, and its lists fetch page after page while they are walked."""

    def walk():
        found = call(*arguments, **keywords)
        return list(found) if hasattr(found, "__next__") else found

    return await asyncio.to_thread(walk)


def check(model, *names):
    """Those fields are there, and of the kind the model declares."""
    hints = typing.get_type_hints(type(model))
    for name in names:
        value = getattr(model, name)
        assert value is not None, name
        kinds = [kind for kind in typing.get_args(hints[name]) if isinstance(kind, type)]
        kinds += [int] if float in kinds else []
        if kinds and kinds != [type(None)]:
            assert isinstance(value, tuple(kinds)) or typing.get_origin(kinds[0]), name


async def test_universal_snapshots(client):
    names = ["AZO", "SW", "X:BTCUSD", "NOPE"]
    rows = await ask(client.list_universal_snapshots, ticker_any_of=names, params={"limit": 2})
    found = {row.ticker: row for row in rows}
    assert sorted(found) == sorted(names)
    assert found["NOPE"].error == "NOT_FOUND"
    # The model has whole sizes only, and coins come in parts.
    check(found["SW"].last_trade, "size")
    for name in names[:3]:
        row = found[name]
        check(row, "type", "name", "market_status", "session", "last_quote", "last_trade")
        check(row.session, "price", "change", "change_percent", "previous_close", "volume")
        check(row.session, "open", "high", "low", "close")
        check(row.last_quote, "ask", "ask_size", "bid", "bid_size", "midpoint", "last_updated")
        check(row.last_quote, "timeframe")
        check(row.last_trade, "price", "conditions", "exchange", "timeframe")
        check(row.last_trade, "participant_timestamp", "sip_timestamp", "last_updated")
        check(row.last_minute, *BAR, "transactions", "last_updated")


async def test_market_snapshots(client):
    rows = await ask(client.get_snapshot_all, "stocks")
    assert len(rows) == 8
    for row in rows:
        check(row, "ticker", "todays_change", "todays_change_percent", "updated")
        check(row.day, *BAR)
        check(row.prev_day, *BAR)
        check(row.min, *BAR, "accumulated_volume", "timestamp", "transactions")
        check(row.last_trade, "price", "size", "sip_timestamp", "conditions", "id", "exchange")
        quote = row.last_quote
        check(quote, "bid_price", "bid_size", "ask_price", "ask_size", "sip_timestamp")
        assert quote.bid_price < row.last_trade.price < quote.ask_price


async def test_crypto_snapshots(client):
    rows = await ask(client.get_snapshot_all, "crypto", tickers=["X:BTCUSD"])
    assert [row.ticker for row in rows] == ["X:BTCUSD"]
    check(rows[0].last_trade, "price", "size", "sip_timestamp")


async def test_grouped_daily_bars(client):
    rows = await ask(client.get_grouped_daily_aggs, "2024-11-22")
    assert len(rows) == 8
    for row in rows:
        check(row, "ticker", *BAR, "timestamp", "transactions")


async def test_minute_bars_over_several_pages(client):
    day = date(2024, 11, 22)
    pages = await ask(client.list_aggs, "SW", 1, "minute", day, day, limit=100)
    whole = await ask(client.get_aggs, "SW", 1, "minute", day, day, limit=50_000)
    assert [one.timestamp for one in pages] == [one.timestamp for one in whole]
    assert len(whole) > 300
    for one in whole:
        check(one, *BAR, "timestamp", "transactions")


async def test_news(client):
    rows = await ask(client.list_ticker_news, published_utc_gte="2024-11-25", limit=10)
    assert len(rows) > 10
    for row in rows:
        check(row, "id", "title", "author", "published_utc", "article_url", "description")
        check(row, "keywords", "tickers", "insights", "publisher")
        check(row.publisher, "name", "homepage_url", "logo_url", "favicon_url")
        for one in row.insights:
            check(one, "ticker", "sentiment", "sentiment_reasoning")


async def test_market_status(client):
    status = await ask(client.get_market_status)
    check(status, "after_hours", "early_hours", "market", "server_time")
    check(status, "currencies", "exchanges", "indicesGroups")


async def test_a_wrong_key(simulator):
    stranger = massive.RESTClient("wrong", base=simulator.url("massive"), retries=0)
    with pytest.raises(massive.exceptions.BadResponse, match="Unknown API Key"):
        await ask(stranger.get_market_status)
