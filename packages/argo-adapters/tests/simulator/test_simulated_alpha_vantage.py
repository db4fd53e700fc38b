from argo_adapters.simulator.wire import Limit
from argo_core.testing.fake_clock import FakeClock


async def query(vendors, function, **rest):
    got = await vendors.get("alpha_vantage", "/query", function=function, **rest)
    assert got.status == 200
    return got.json()


async def bulk(vendors, symbol, **rest):
    rest = {"entitlement": "realtime"} | rest
    return await query(vendors, "REALTIME_BULK_QUOTES", symbol=symbol, **rest)


async def test_bulk_quotes_are_strings_in_new_york_time(vendors):
    payload = await bulk(vendors, "AAA,BRK.B")
    assert payload["endpoint"] == "Realtime Bulk Quotes"
    row = payload["data"][0]
    assert {type(value) for value in row.values()} == {str}
    assert row["timestamp"] == "2024-11-25 10:10:10.000"
    assert float(row["low"]) <= float(row["close"]) <= float(row["high"])


async def test_bulk_quotes_know_stocks_alone(vendors):
    payload = await bulk(vendors, "AAA,BTC/USD,BTC,NOPE")
    assert [row["symbol"] for row in payload["data"]] == ["AAA"]


async def test_only_the_first_hundred_are_honoured_silently(vendors):
    names = [f"N{number}" for number in range(99)]
    payload = await bulk(vendors, ",".join([*names, "AAA", "BRK.B"]))
    assert [row["symbol"] for row in payload["data"]] == ["AAA"]


async def test_a_quote_of_a_thin_stock_is_as_old_as_its_last_trade(vendors, clock):
    await clock.advance(60)
    [row] = (await bulk(vendors, "BRK.B"))["data"]
    assert row["timestamp"] == "2024-11-25 10:09:55.000"


async def test_delayed_quotes_are_a_quarter_of_an_hour_late(vendors):
    [row] = (await bulk(vendors, "AAA", entitlement="delayed"))["data"]
    assert row["timestamp"] == "2024-11-25 09:55:10.000"


async def test_without_entitlement_rows_are_made_up_and_the_message_says_premium(vendors):
    payload = await query(vendors, "REALTIME_BULK_QUOTES", symbol="AAA")
    assert "premium" in payload["message"]
    assert payload["data"][0]["timestamp"].startswith("2099-99-99")


async def test_before_the_first_trade_prices_are_empty_strings(opened, tape):
    async with opened(clock=FakeClock(tape.sessions[1].pre)) as early:
        [row] = (await bulk(early, "AAA"))["data"]
    assert row["close"] == row["open"] == ""
    assert float(row["previous_close"]) > 0


async def test_after_the_close_there_is_an_extended_quote(vendors, clock):
    await clock.advance(6 * 3_600)
    [row] = (await bulk(vendors, "AAA"))["data"]
    assert row["extended_hours_quote"] == row["close"]


async def test_global_quote_is_named_by_its_entitlement(vendors):
    now = await query(vendors, "GLOBAL_QUOTE", symbol="AAA", entitlement="realtime")
    late = await query(vendors, "GLOBAL_QUOTE", symbol="AAA", entitlement="delayed")
    [old] = (await query(vendors, "GLOBAL_QUOTE", symbol="AAA")).values()
    assert list(now) == ["Global Quote"]
    assert list(late) == ["Global Quote - DATA DELAYED BY 15 MINUTES"]
    assert now["Global Quote"]["07. latest trading day"] == "2024-11-25"
    assert now["Global Quote"]["10. change percent"].endswith("%")
    assert old["07. latest trading day"] == "2024-11-22"


async def test_global_quote_of_a_stranger_is_empty(vendors):
    assert await query(vendors, "GLOBAL_QUOTE", symbol="NOPE") == {"Global Quote": {}}


async def test_intraday_series_are_newest_first_in_the_zone_they_name(vendors):
    rest = {"symbol": "AAA", "interval": "5min", "entitlement": "realtime"}
    payload = await query(vendors, "TIME_SERIES_INTRADAY", **rest)
    stamps = list(payload["Time Series (5min)"])
    assert stamps[0] == payload["Meta Data"]["3. Last Refreshed"] == "2024-11-25 10:05:00"
    assert stamps == sorted(stamps, reverse=True)
    assert payload["Meta Data"]["6. Time Zone"] == "US/Eastern"


async def test_intraday_series_are_compact_unless_full(vendors):
    rest = {"symbol": "AAA", "interval": "1min", "entitlement": "realtime"}
    compact = await query(vendors, "TIME_SERIES_INTRADAY", **rest)
    full = await query(vendors, "TIME_SERIES_INTRADAY", outputsize="full", **rest)
    other = await query(vendors, "TIME_SERIES_INTRADAY", month="2024-10", **rest)
    lengths = [len(each["Time Series (1min)"]) for each in (compact, full, other)]
    assert lengths == [100, 130, 0]


async def test_crypto_has_a_rate_and_a_series_in_utc(vendors):
    pair = {"from_currency": "BTC", "to_currency": "USD"}
    [rate] = (await query(vendors, "CURRENCY_EXCHANGE_RATE", **pair)).values()
    assert float(rate["8. Bid Price"]) < float(rate["5. Exchange Rate"])
    assert rate["6. Last Refreshed"] == "2024-11-25 15:10:10"
    rest = {"symbol": "BTC", "market": "USD", "interval": "1min"}
    series = await query(vendors, "CRYPTO_INTRADAY", **rest)
    assert next(iter(series["Time Series Crypto (1min)"])) == "2024-11-25 15:09:00"


async def test_news_mixes_numbers_and_strings_and_prefixes_crypto(vendors):
    payload = await query(vendors, "NEWS_SENTIMENT", limit="1000")
    assert payload["items"] == str(len(payload["feed"]))
    tickers = set()
    for article in payload["feed"]:
        assert isinstance(article["overall_sentiment_score"], float)
        for one in article["ticker_sentiment"]:
            assert -1 <= float(one["ticker_sentiment_score"]) <= 1
            assert 0 < float(one["relevance_score"]) <= 1
            tickers.add(one["ticker"])
    assert tickers == {"AAA", "BRK.B", "CRYPTO:BTC"}


async def test_several_tickers_mean_articles_that_name_them_all(vendors):
    pair = {"AAA", "CRYPTO:BTC"}
    both = await query(vendors, "NEWS_SENTIMENT", tickers="AAA,CRYPTO:BTC", limit="1000")
    every = await query(vendors, "NEWS_SENTIMENT", limit="1000")
    named = [{one["ticker"] for one in article["ticker_sentiment"]} for article in every["feed"]]
    assert len(both["feed"]) == sum(pair <= names for names in named) > 0


async def test_news_has_a_span_and_an_order(vendors):
    span = {"time_from": "20241125T1200", "time_to": "20241125T1400", "limit": "1000"}
    rows = (await query(vendors, "NEWS_SENTIMENT", sort="EARLIEST", **span))["feed"]
    stamps = [row["time_published"] for row in rows]
    assert stamps
    assert stamps == sorted(stamps)
    assert "20241125T120000" <= stamps[0] <= stamps[-1] <= "20241125T140000"


async def test_news_can_be_sorted_by_relevance_and_kept_to_topics(vendors):
    rows = (await query(vendors, "NEWS_SENTIMENT", sort="RELEVANCE", topics="earnings"))["feed"]
    relevance = [float(row["ticker_sentiment"][0]["relevance_score"]) for row in rows]
    assert relevance
    assert relevance == sorted(relevance, reverse=True)
    assert {row["topics"][0]["topic"] for row in rows} == {"earnings"}


async def test_market_status_names_the_states(vendors, clock):
    [stocks, coins] = (await query(vendors, "MARKET_STATUS"))["markets"]
    assert (stocks["current_status"], coins["current_status"]) == ("open", "open")
    await clock.advance(8 * 3_600)
    [stocks, coins] = (await query(vendors, "MARKET_STATUS"))["markets"]
    assert (stocks["current_status"], coins["current_status"]) == ("closed", "open")


async def test_refusals_have_status_200(vendors):
    for function, rest in (
        ("NOPE", {}),
        ("REALTIME_BULK_QUOTES", {}),
        ("GLOBAL_QUOTE", {}),
        ("TIME_SERIES_INTRADAY", {"symbol": "AAA", "interval": "7min"}),
        ("TIME_SERIES_INTRADAY", {"symbol": "NOPE", "interval": "1min"}),
        ("CURRENCY_EXCHANGE_RATE", {"from_currency": "DOGE", "to_currency": "USD"}),
        ("CRYPTO_INTRADAY", {"symbol": "DOGE", "market": "USD", "interval": "1min"}),
        ("NEWS_SENTIMENT", {"limit": "1001"}),
        ("NEWS_SENTIMENT", {"sort": "BEST"}),
        ("NEWS_SENTIMENT", {"time_from": "yesterday"}),
    ):
        assert list(await query(vendors, function, **rest)) == ["Error Message"]


async def test_keys_are_refused_with_status_200_too(vendors):
    for key, member in (("", "Error Message"), ("wrong", "Error Message"), ("demo", "Information")):
        got = await vendors.get("alpha_vantage", "/query", key=key, function="MARKET_STATUS")
        assert (got.status, list(got.json())) == (200, [member])


async def test_limits_are_told_with_status_200(opened):
    async with opened(plans={"alpha_vantage": Limit(1, 60)}) as vendors:
        await query(vendors, "MARKET_STATUS")
        refused = await query(vendors, "MARKET_STATUS")
    assert set(refused) <= {"Information", "Note"}


async def test_requests_are_counted_by_function(vendors):
    await query(vendors, "MARKET_STATUS")
    await query(vendors, "a strange one")
    assert [row["endpoint"] for row in vendors.simulator.counts.by_endpoint()] == [
        "/query?function=?",
        "/query?function=MARKET_STATUS",
    ]
