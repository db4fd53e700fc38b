"""Alpaca's own client reads the simulator, with nothing changed but the base address."""

import asyncio
from datetime import UTC, datetime

import pytest

pytest.importorskip("alpaca", reason="alpaca-py is not installed")

from alpaca.common.exceptions import APIError
from alpaca.data.historical import (
    CryptoHistoricalDataClient,
    NewsClient,
    StockHistoricalDataClient,
)
from alpaca.data.requests import (
    CryptoBarsRequest,
    CryptoSnapshotRequest,
    NewsRequest,
    StockBarsRequest,
    StockLatestQuoteRequest,
    StockSnapshotRequest,
)
from alpaca.data.timeframe import TimeFrame

pytestmark = pytest.mark.oracle

KEY = "simulator-key"
SINCE = datetime(2024, 11, 22, tzinfo=UTC)
NOW = datetime(2024, 11, 25, 17, 30, 12, tzinfo=UTC)


@pytest.fixture
def stocks(simulator):
    return StockHistoricalDataClient(KEY, KEY, url_override=simulator.url("alpaca"))


@pytest.fixture
def crypto(simulator):
    return CryptoHistoricalDataClient(KEY, KEY, url_override=simulator.url("alpaca"))


def check(snapshot):
    trade, quote = snapshot.latest_trade, snapshot.latest_quote
    assert quote.bid_price < trade.price < quote.ask_price
    assert quote.bid_size > 0 < quote.ask_size
    assert trade.timestamp <= quote.timestamp <= NOW
    assert trade.size > 0
    for bar in (snapshot.minute_bar, snapshot.daily_bar, snapshot.previous_daily_bar):
        assert 0 < bar.low <= bar.open <= bar.high
        assert bar.low <= bar.close <= bar.high
        assert bar.low <= bar.vwap <= bar.high
        assert bar.volume > 0 < bar.trade_count


async def test_stock_snapshots(stocks):
    request = StockSnapshotRequest(symbol_or_symbols=["AZO", "SW", "NOPE"], feed="iex")
    found = await asyncio.to_thread(stocks.get_stock_snapshot, request)
    assert sorted(found) == ["AZO", "SW"]
    for snapshot in found.values():
        check(snapshot)
        assert snapshot.latest_trade.id > 2**53


async def test_crypto_snapshots(crypto):
    request = CryptoSnapshotRequest(symbol_or_symbols=["BTC/USD", "ETH/USD"])
    found = await asyncio.to_thread(crypto.get_crypto_snapshot, request)
    assert sorted(found) == ["BTC/USD", "ETH/USD"]
    for snapshot in found.values():
        check(snapshot)


async def test_latest_quotes(stocks):
    request = StockLatestQuoteRequest(symbol_or_symbols=["AZO"], feed="iex")
    found = await asyncio.to_thread(stocks.get_stock_latest_quote, request)
    assert found["AZO"].bid_price < found["AZO"].ask_price


async def test_stock_bars(stocks):
    request = StockBarsRequest(
        symbol_or_symbols=["AZO", "SW"], timeframe=TimeFrame.Minute, start=SINCE, feed="iex"
    )
    found = (await asyncio.to_thread(stocks.get_stock_bars, request)).data
    assert sorted(found) == ["AZO", "SW"]
    for bars in found.values():
        stamps = [bar.timestamp for bar in bars]
        assert stamps == sorted(set(stamps))
        assert SINCE <= stamps[0] < stamps[-1] < NOW
    assert len(found["SW"]) > len(found["AZO"]) > 100


async def test_crypto_bars(crypto):
    request = CryptoBarsRequest(
        symbol_or_symbols=["BTC/USD"], timeframe=TimeFrame.Hour, start=SINCE
    )
    found = (await asyncio.to_thread(crypto.get_crypto_bars, request)).data
    assert len(found["BTC/USD"]) > 24


async def test_news_over_several_pages(simulator):
    client = NewsClient(KEY, KEY, url_override=simulator.url("alpaca"))
    request = NewsRequest(start=SINCE, limit=70)
    rows = (await asyncio.to_thread(client.get_news, request)).data["news"]
    assert len({row.id for row in rows}) == 70
    assert all(row.symbols and row.created_at <= NOW for row in rows)


async def test_a_wrong_key(simulator):
    client = StockHistoricalDataClient("wrong", KEY, url_override=simulator.url("alpaca"))
    request = StockLatestQuoteRequest(symbol_or_symbols=["AZO"])
    with pytest.raises(APIError) as refused:
        await asyncio.to_thread(client.get_stock_latest_quote, request)
    assert refused.value.status_code == 401


async def test_a_malformed_symbol(stocks):
    request = StockLatestQuoteRequest(symbol_or_symbols=["bad one"])
    with pytest.raises(APIError, match="invalid symbol"):
        await asyncio.to_thread(stocks.get_stock_latest_quote, request)
