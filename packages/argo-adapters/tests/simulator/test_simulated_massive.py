import itertools
from datetime import timedelta

from argo_core.testing.fake_clock import FakeClock

STOCKS = "/v2/snapshot/locale/us/markets/stocks/tickers"
CRYPTO = "/v2/snapshot/locale/global/markets/crypto/tickers"
NOW = 1732547412  # 2024-11-25 15:10:12 UTC
BEAT_NS = 1732547410_000000000


async def universal(vendors, **query):
    return (await vendors.get("massive", "/v3/snapshot", **query)).json()


async def test_universal_snapshot_mixes_stocks_crypto_and_strangers(vendors):
    asked = "AAA,X:BTCUSD,NOPE"
    rows = (await universal(vendors, **{"ticker.any_of": asked, "limit": "250"}))["results"]
    assert [row["ticker"] for row in rows] == ["AAA", "NOPE", "X:BTCUSD"]
    assert rows[1] == {"ticker": "NOPE", "error": "NOT_FOUND", "message": "Ticker not found."}
    stock = rows[0]
    assert stock["type"] == "stocks"
    assert stock["market_status"] == "open"
    assert stock["last_quote"]["bid"] < stock["last_trade"]["price"] < stock["last_quote"]["ask"]
    assert stock["last_quote"]["timeframe"] == "REAL-TIME"


async def test_quotes_are_reaffirmed_while_trades_stay_at_the_last_real_one(vendors, clock):
    # BRK.B traded at 15:09 and not at 15:10 or 15:11.
    query = {"ticker.any_of": "BRK.B"}
    [first] = (await universal(vendors, **query))["results"]
    await clock.advance(60)
    [second] = (await universal(vendors, **query))["results"]
    assert first["last_quote"]["last_updated"] == BEAT_NS
    assert second["last_quote"]["last_updated"] == BEAT_NS + 60_000000000
    assert first["last_trade"] == second["last_trade"]
    assert first["last_trade"]["sip_timestamp"] == BEAT_NS - 15_000000000
    assert first["last_minute"] == second["last_minute"]
    assert first["last_minute"]["last_updated"] == BEAT_NS - 70_000000000


async def test_ten_tickers_a_page_unless_asked_for_more(vendors):
    names = ",".join(f"N{number}" for number in range(12))
    first = await universal(vendors, **{"ticker.any_of": names})
    assert len(first["results"]) == 10
    assert "key" not in first["next_url"]
    second = (await vendors.follow(first["next_url"])).json()
    assert len(second["results"]) == 2
    assert "next_url" not in second


async def test_pages_of_a_query_come_without_repetition(vendors):
    first = await universal(vendors, limit="2")
    second = (await vendors.follow(first["next_url"])).json()
    tickers = [row["ticker"] for page in (first, second) for row in page["results"]]
    assert tickers == ["AAA", "BRK.B", "X:BTCUSD"]


async def test_more_than_250_tickers_are_refused(vendors):
    names = ",".join(f"N{number}" for number in range(251))
    got = await vendors.get("massive", "/v3/snapshot", **{"ticker.any_of": names})
    assert got.status == 400
    assert got.json()["status"] == "ERROR"


async def test_limit_of_251_is_refused(vendors):
    assert (await vendors.get("massive", "/v3/snapshot", limit="251")).status == 400


async def test_whole_market_comes_when_no_tickers_are_named(vendors):
    payload = (await vendors.get("massive", STOCKS)).json()
    assert [row["ticker"] for row in payload["tickers"]] == ["AAA", "BRK.B"]
    assert payload["count"] == 2


async def test_unknown_tickers_are_silently_absent(vendors):
    payload = (await vendors.get("massive", STOCKS, tickers="AAA,NOPE,X:BTCUSD")).json()
    assert [row["ticker"] for row in payload["tickers"]] == ["AAA"]


async def test_stock_rows_stamp_in_nanoseconds_and_minutes_in_milliseconds(vendors):
    [row] = (await vendors.get("massive", STOCKS, tickers="AAA")).json()["tickers"]
    assert row["updated"] == row["lastQuote"]["t"] == BEAT_NS
    assert row["lastTrade"]["t"] == BEAT_NS
    assert row["min"]["t"] == (BEAT_NS // 60_000000000 - 1) * 60_000
    assert row["lastQuote"]["p"] < row["lastQuote"]["P"]


async def test_crypto_rows_have_no_quote_and_stamp_trades_in_milliseconds(vendors):
    [row] = (await vendors.get("massive", CRYPTO, tickers="X:BTCUSD")).json()["tickers"]
    assert "lastQuote" not in row
    assert row["lastTrade"]["t"] == BEAT_NS // 1_000_000


async def test_before_the_first_trade_of_a_day_everything_of_today_is_zero(tape, opened):
    app_clock = FakeClock(tape.starts - timedelta(hours=1))
    async with opened(clock=app_clock) as early:
        [row] = (await early.get("massive", STOCKS, tickers="AAA")).json()["tickers"]
    assert row["day"]["c"] == row["min"]["c"] == row["todaysChange"] == 0
    assert row["prevDay"]["c"] == row["lastTrade"]["p"] > 0


async def test_today_is_the_minutes_so_far(vendors):
    [row] = (await vendors.get("massive", STOCKS, tickers="AAA")).json()["tickers"]
    path = "/v2/aggs/ticker/AAA/range/1/minute/2024-11-25/2024-11-25"
    minutes = (await vendors.get("massive", path)).json()["results"]
    assert row["day"]["o"] == minutes[0]["o"]
    assert row["day"]["h"] >= max(each["h"] for each in minutes)
    assert row["day"]["v"] >= sum(each["v"] for each in minutes)
    assert len(minutes) == 40
    assert minutes[-1]["t"] == row["min"]["t"]


async def test_grouped_daily_has_every_stock_stamped_with_the_close(vendors):
    path = "/v2/aggs/grouped/locale/us/market/stocks/2024-11-22"
    rows = (await vendors.get("massive", path)).json()["results"]
    assert [row["T"] for row in rows] == ["AAA", "BRK.B"]
    assert rows[0]["t"] == 1732309200_000  # 21:00 UTC


async def test_grouped_daily_of_a_holiday_has_no_results(vendors):
    path = "/v2/aggs/grouped/locale/us/market/stocks/2024-11-23"
    payload = (await vendors.get("massive", path)).json()
    assert payload["resultsCount"] == 0
    assert "results" not in payload


async def test_a_day_under_way_and_the_future_are_outside_the_plan(vendors):
    for day in ("2024-11-25", "2030-01-02"):
        got = await vendors.get("massive", f"/v2/aggs/grouped/locale/us/market/stocks/{day}")
        assert got.status == 403
        assert got.json()["status"] == "NOT_AUTHORIZED"


async def test_grouped_crypto_spells_pairs_its_own_way(vendors):
    path = "/v2/aggs/grouped/locale/global/market/crypto/2024-11-22"
    rows = (await vendors.get("massive", path)).json()["results"]
    assert [row["T"] for row in rows] == ["X:BTCUSD"]


async def test_missing_minutes_are_not_emitted(vendors):
    path = "/v2/aggs/ticker/BRK.B/range/1/minute/1732545000000/1732546800000"
    rows = (await vendors.get("massive", path)).json()["results"]
    assert {(b["t"] - a["t"]) for a, b in itertools.pairwise(rows)} == {180_000}


async def test_ranges_page_and_turn_round(vendors):
    path = "/v2/aggs/ticker/AAA/range/1/minute/2024-11-22/2024-11-22"
    whole = (await vendors.get("massive", path, sort="desc")).json()["results"]
    first = (await vendors.get("massive", path, sort="desc", limit="60")).json()
    second = (await vendors.follow(first["next_url"])).json()
    assert first["results"] + second["results"] == whole
    assert len(whole) == 90
    assert whole[0]["t"] > whole[-1]["t"]


async def test_wider_bars_are_made_of_minutes(vendors):
    path = "/v2/aggs/ticker/AAA/range/{}/minute/2024-11-22/2024-11-22"
    minutes = (await vendors.get("massive", path.format(1))).json()["results"]
    [half, *_] = (await vendors.get("massive", path.format(30))).json()["results"]
    assert half["v"] == sum(each["v"] for each in minutes[:30])
    assert half["h"] == max(each["h"] for each in minutes[:30])
    assert half["c"] == minutes[29]["c"]


async def test_news_carries_a_sentiment_for_each_ticker_and_never_the_future(vendors):
    payload = (await vendors.get("massive", "/v2/reference/news", limit="1000")).json()
    assert payload["results"]
    for item in payload["results"]:
        assert item["title"].startswith("[simulated]")
        assert item["published_utc"] <= "2024-11-25T15:10:12Z"
        assert {one["ticker"] for one in item["insights"]} == set(item["tickers"])
        assert {one["sentiment"] for one in item["insights"]} <= {"positive", "neutral", "negative"}
    stamps = [item["published_utc"] for item in payload["results"]]
    assert stamps == sorted(stamps, reverse=True)


async def test_news_pages_without_repetition_and_filters_by_ticker(vendors):
    query = {"ticker": "X:BTCUSD", "limit": "3"}
    first = (await vendors.get("massive", "/v2/reference/news", **query)).json()
    second = (await vendors.follow(first["next_url"])).json()
    rows = first["results"] + second["results"]
    assert len({row["id"] for row in rows}) == 6
    assert all(row["tickers"][0] == "X:BTCUSD" for row in rows)


async def test_news_since_a_watermark_is_only_newer(vendors):
    mark = "2024-11-25T12:00:00Z"
    query = {"published_utc.gte": mark, "limit": "1000"}
    rows = (await vendors.get("massive", "/v2/reference/news", **query)).json()["results"]
    assert rows
    assert min(row["published_utc"] for row in rows) >= mark


async def test_market_status_follows_the_sessions(vendors, clock):
    status = (await vendors.get("massive", "/v1/marketstatus/now")).json()
    assert status["market"] == "open"
    assert status["serverTime"] == "2024-11-25T10:10:12-05:00"
    await clock.advance(6 * 3_600)
    status = (await vendors.get("massive", "/v1/marketstatus/now")).json()
    assert (status["market"], status["afterHours"]) == ("extended-hours", True)


async def test_quotes_are_not_reaffirmed_after_the_close(vendors, clock):
    await clock.advance(6 * 3_600)
    [row] = (await universal(vendors, **{"ticker.any_of": "AAA"}))["results"]
    assert row["last_quote"]["last_updated"] == 1732568395_000000000  # 20:59:55 UTC
    assert row["market_status"] == "late_trading"


async def test_wrong_and_missing_keys_are_told_apart(vendors):
    wrong = await vendors.get("massive", "/v3/snapshot", key="wrong")
    missing = await vendors.get("massive", "/v3/snapshot", key="")
    assert (wrong.status, wrong.json()["error"]) == (401, "Unknown API Key")
    assert (missing.status, missing.json()["error"]) == (401, "API Key was not provided")


async def test_malformed_parameters_are_refused(vendors):
    for path in (
        "/v2/aggs/ticker/AAA/range/1/minute/yesterday/2024-11-22",
        "/v2/aggs/ticker/AAA/range/0/minute/2024-11-22/2024-11-22",
        "/v2/aggs/ticker/AAA/range/1/fortnight/2024-11-22/2024-11-22",
        "/v2/aggs/ticker/AAA/range/1/minute/2024-11-25/2024-11-22",
        "/v2/aggs/grouped/locale/us/market/stocks/22-11-2024",
        "/v3/snapshot?cursor=forged",
        "/v3/snapshot?type=indices",
        "/v2/reference/news?limit=1001",
        "/v2/reference/news?published_utc.gte=soon",
    ):
        got = await vendors.get("massive", path)
        assert (path, got.status) == (path, 400)
        assert got.json()["error"]
