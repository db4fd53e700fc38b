async def chart(vendors, symbol, **query):
    query = {"range": "1d", "interval": "1m"} | query
    got = await vendors.get("yahoo", f"/v8/finance/chart/{symbol}", key="", **query)
    return got.status, got.json()["chart"]


async def test_a_chart_needs_no_key_and_has_todays_minutes(vendors):
    status, payload = await chart(vendors, "AAA")
    [result] = payload["result"]
    assert (status, payload["error"]) == (200, None)
    assert result["timestamp"][0] == 1732545000
    assert len(result["timestamp"]) == len(result["indicators"]["quote"][0]["close"]) == 40
    assert result["meta"]["tradingPeriods"][0][0]["end"] == 1732568400


async def test_missing_minutes_are_nulls_between_others(vendors):
    _, payload = await chart(vendors, "BRK-B")
    closes = payload["result"][0]["indicators"]["quote"][0]["close"]
    assert [close is None for close in closes[:4]] == [False, True, True, False]


async def test_pairs_are_spelled_with_a_hyphen(vendors):
    _, payload = await chart(vendors, "BTC-USD")
    meta = payload["result"][0]["meta"]
    assert (meta["currency"], meta["instrumentType"]) == ("USD", "CRYPTOCURRENCY")
    assert (await chart(vendors, "BTC/USD".replace("/", "")))[0] == 404


async def test_periods_in_seconds_and_daily_bars(vendors):
    _, payload = await chart(vendors, "AAA", period1="1732060800", interval="1d")
    assert payload["result"][0]["timestamp"] == [1732251600, 1732510800]


async def test_strangers_and_nonsense_are_refused_in_the_charts_own_words(vendors):
    assert (await chart(vendors, "NOPE"))[1]["error"]["code"] == "Not Found"
    for query in ({"interval": "7m"}, {"range": "2d"}, {"period1": "soon"}):
        status, payload = await chart(vendors, "AAA", **query)
        assert (status, payload["result"]) == (422, None)


async def test_a_crumb_is_to_be_had(vendors):
    assert (await vendors.get("yahoo", "/v1/test/getcrumb")).body == b"simulated"
