from argo_adapters.simulator.wire import Limit
from argo_core.testing.fake_clock import FakeClock

STOCKS = "/v2/stocks/snapshots"
CRYPTO = "/v1beta3/crypto/us/snapshots"
BARS = "/v2/stocks/bars"


async def snapshot(vendors, symbol="AAA", **query):
    got = await vendors.get("alpaca", STOCKS, symbols=symbol, feed="iex", **query)
    return got.json()[symbol]


async def all_bars(vendors, path=BARS, **query):
    pages = [(await vendors.get("alpaca", path, **query)).json()]
    while pages[-1]["next_page_token"]:
        token = pages[-1]["next_page_token"]
        pages.append((await vendors.get("alpaca", path, page_token=token, **query)).json())
    return [page["bars"] for page in pages]


async def test_stock_snapshots_are_the_map_itself(vendors):
    got = await vendors.get("alpaca", STOCKS, symbols="AAA,BRK.B,NOPE", feed="iex")
    assert set(got.json()) == {"AAA", "BRK.B"}


async def test_a_snapshot_has_its_five_parts(vendors):
    row = await snapshot(vendors)
    assert row["latestQuote"]["bp"] < row["latestTrade"]["p"] < row["latestQuote"]["ap"]
    assert row["latestTrade"]["t"] == "2024-11-25T15:10:10Z"
    assert row["minuteBar"]["t"] == "2024-11-25T15:09:00Z"
    assert row["dailyBar"]["t"] == "2024-11-25T05:00:00Z"
    assert row["prevDailyBar"]["t"] == "2024-11-22T05:00:00Z"
    assert row["latestTrade"]["i"] > 2**53


async def test_a_missing_minute_leaves_the_last_trade_where_it_was(vendors, clock):
    before = await snapshot(vendors, "BRK.B")
    await clock.advance(60)
    after = await snapshot(vendors, "BRK.B")
    assert before["latestTrade"] == after["latestTrade"]
    assert before["latestQuote"]["t"] != after["latestQuote"]["t"]


async def test_before_the_open_the_newest_day_is_the_last_one(opened, tape):
    async with opened(clock=FakeClock(tape.sessions[1].pre)) as early:
        row = await snapshot(early)
    assert row["dailyBar"]["t"] == "2024-11-22T05:00:00Z"
    assert "prevDailyBar" not in row
    assert "minuteBar" not in row


async def test_the_delayed_feed_is_a_quarter_of_an_hour_late(vendors):
    got = await vendors.get("alpaca", STOCKS, symbols="AAA", feed="delayed_sip")
    assert got.json()["AAA"]["latestTrade"]["t"] == "2024-11-25T14:55:10Z"


async def test_crypto_snapshots_are_wrapped(vendors):
    got = await vendors.get("alpaca", CRYPTO, symbols="BTC/USD")
    row = got.json()["snapshots"]["BTC/USD"]
    assert row["latestTrade"]["tks"] in {"B", "S"}
    assert set(row["latestQuote"]) == {"t", "ap", "as", "bp", "bs"}


async def test_latest_quotes_are_wrapped(vendors):
    got = await vendors.get("alpaca", "/v2/stocks/quotes/latest", symbols="AAA", feed="iex")
    assert got.json()["quotes"]["AAA"]["t"] == "2024-11-25T15:10:10Z"


async def test_the_limit_of_bars_is_for_all_symbols_together(vendors):
    query = {"symbols": "AAA,BRK.B", "timeframe": "1Min", "start": "2024-11-22T00:00:00Z"}
    [whole] = await all_bars(vendors, limit="10000", **query)
    pages = await all_bars(vendors, limit="50", **query)
    assert set(pages[0]) == {"AAA"}
    assert len(pages) == 4
    joined = {"AAA": [], "BRK.B": []}
    for page in pages:
        for symbol, rows in page.items():
            joined[symbol] += rows
    assert joined == whole
    assert len(whole["AAA"]) == 130
    assert len(whole["BRK.B"]) == 44


async def test_bars_are_complete_or_absent(vendors):
    [page] = await all_bars(vendors, symbols="AAA", timeframe="1Min")
    assert page["AAA"][0]["t"] == "2024-11-25T14:30:00Z"
    assert page["AAA"][-1]["t"] == "2024-11-25T15:09:00Z"


async def test_bars_turn_round(vendors):
    [up] = await all_bars(vendors, symbols="AAA", timeframe="5Min")
    [down] = await all_bars(vendors, symbols="AAA", timeframe="5Min", sort="desc")
    assert up["AAA"] == down["AAA"][::-1]
    assert len(up["AAA"]) == 8


async def test_daily_crypto_bars_begin_at_midnight_in_new_york(vendors):
    query = {"symbols": "BTC/USD", "timeframe": "1Day", "start": "2024-11-20"}
    [page] = await all_bars(vendors, "/v1beta3/crypto/us/bars", **query)
    days = [row["t"] for row in page["BTC/USD"]]
    assert days == ["2024-11-22T05:00:00Z", "2024-11-25T05:00:00Z"]


async def test_news_has_no_sentiment_and_comes_in_pages(vendors):
    first = (await vendors.get("alpaca", "/v1beta1/news", limit="2")).json()
    token = first["next_page_token"]
    # Everything but the place is said anew with each page.
    more = await vendors.get("alpaca", "/v1beta1/news", page_token=token, limit="3")
    rows = first["news"] + more.json()["news"]
    assert len({row["id"] for row in rows}) == len(rows) == 5
    assert all(isinstance(row["id"], int) for row in rows)
    assert [row["created_at"] for row in rows] == sorted(
        (row["created_at"] for row in rows), reverse=True
    )


async def test_news_of_a_pair_is_spelled_without_its_slash(vendors):
    query = {"symbols": "BTCUSD", "start": "2024-11-22"}
    rows = (await vendors.get("alpaca", "/v1beta1/news", **query)).json()["news"]
    assert rows
    assert all("BTCUSD" in row["symbols"] for row in rows)


async def test_one_malformed_symbol_fails_the_whole_request(vendors):
    got = await vendors.get("alpaca", STOCKS, symbols="AAA,bad symbol", feed="iex")
    assert (got.status, got.json()) == (400, {"message": "invalid symbol: bad symbol"})


async def test_malformed_parameters_are_refused(vendors):
    for path in (
        f"{STOCKS}",
        f"{STOCKS}?symbols=AAA&feed=gossip",
        f"{STOCKS}?symbols=BTC/USD",
        f"{CRYPTO}?symbols=AAA",
        f"{BARS}?symbols=AAA",
        f"{BARS}?symbols=AAA&timeframe=60Min",
        f"{BARS}?symbols=AAA&timeframe=1Min&limit=10001",
        f"{BARS}?symbols=AAA&timeframe=1Min&start=soon",
        f"{BARS}?symbols=AAA&timeframe=1Min&start=2024-11-25&end=2024-11-22",
        f"{BARS}?symbols=AAA&timeframe=1Min&page_token=forged",
        f"{BARS}?symbols=AAA&timeframe=1Min&adjustment=wild",
        "/v1beta1/news?limit=51",
    ):
        got = await vendors.get("alpaca", path)
        assert (path, got.status) == (path, 400)
        assert got.json()["message"]


async def test_wrong_keys_are_refused_without_json(vendors):
    got = await vendors.get("alpaca", STOCKS, key="wrong", symbols="AAA")
    assert got.status == 401
    assert got.headers["Content-Type"] == "text/html"


async def test_every_reply_says_what_is_left_of_the_limit(opened):
    async with opened(plans={"alpaca": Limit(2, 60)}) as vendors:
        gots = [await vendors.get("alpaca", STOCKS, symbols="AAA") for _ in range(3)]
    assert [got.status for got in gots] == [200, 200, 429]
    assert [got.headers["X-RateLimit-Remaining"] for got in gots] == ["1", "0", "0"]
    assert gots[2].json() == {"message": "too many requests."}
    # All of it is there again a minute after the last request, in Unix seconds.
    assert gots[2].headers["X-RateLimit-Reset"] == "1732547473"
