"""Every fault of every vendor, seen from the other end of a socket."""

import asyncio
import json

import aiohttp
import pytest

from argo_adapters.simulator.delivery import HUGE_BYTES
from argo_adapters.simulator.faults import SPOILERS, Fault
from argo_adapters.simulator.simulation import STRANGER

QUESTION = {"symbols": ["AAA", "BRK.B", "BTC/USD"]}
GROK = {"model": "grok-4.3", "messages": [{"role": "user", "content": json.dumps(QUESTION)}]}
SONAR = {"model": "perplexity/sonar", "input": json.dumps(QUESTION)}

# One request to each vendor that answers with prices or opinions.
REQUESTS = {
    "massive": ("/v3/snapshot", {"limit": "250"}),
    "alpha_vantage": (
        "/query",
        {
            "function": "REALTIME_BULK_QUOTES",
            "symbol": "AAA,BRK.B",
            "entitlement": "realtime",
        },
    ),
    "grok": ("/v1/chat/completions", GROK),
    "sonar": ("/v1/responses", SONAR),
    "alpaca": ("/v2/stocks/snapshots", {"symbols": "AAA,BRK.B", "feed": "iex"}),
    "yahoo": ("/v8/finance/chart/AAA", {"range": "1d", "interval": "1m"}),
}
VENDORS = pytest.mark.parametrize("vendor", REQUESTS)
LANGUAGE_MODELS = {"grok", "sonar"}

REFUSALS = {
    Fault.THROTTLED: {"alpha_vantage": 200},
    Fault.THROTTLED_RETRY_AFTER: {},
    Fault.WRONG_KEY: {
        "massive": 401,
        "alpha_vantage": 200,
        "grok": 400,
        "sonar": 401,
        "alpaca": 401,
    },
    Fault.NOT_ENTITLED: {"alpha_vantage": 200, "yahoo": 401},
    Fault.OUT_OF_CREDIT: {"alpha_vantage": 200, "grok": 429, "sonar": 401, "yahoo": 429},
    Fault.BAD_GATEWAY: {},
    Fault.REFUSED_OK: {},
}
USUAL = {
    Fault.THROTTLED: 429,
    Fault.THROTTLED_RETRY_AFTER: 429,
    Fault.WRONG_KEY: 401,
    Fault.NOT_ENTITLED: 403,
    Fault.OUT_OF_CREDIT: 403,
    Fault.BAD_GATEWAY: 502,
    Fault.REFUSED_OK: 200,
}


async def ask(vendors, vendor):
    path, rest = REQUESTS[vendor]
    if vendor in LANGUAGE_MODELS:
        return await vendors.post(vendor, path, rest)
    return await vendors.get(vendor, path, **rest)


async def broken(vendors, vendor, fault):
    vendors.simulator.break_vendor(vendor, fault)
    return await ask(vendors, vendor)


def parsed(got):
    """The body; of a language model what it wrote, for that is where its data are."""
    value = got.json()
    if "choices" in value:
        return json.loads(value["choices"][0]["message"]["content"])
    if value.get("object") == "response":
        return json.loads(value["output"][-1]["content"][0]["text"])
    return value


@VENDORS
async def test_a_healthy_vendor_answers_and_a_healed_one_again(vendors, vendor):
    before = await ask(vendors, vendor)
    assert before.status == 200
    assert (await broken(vendors, vendor, Fault.SERVER_ERROR)).status >= 500
    vendors.simulator.heal(vendor)
    after = await ask(vendors, vendor)
    assert parsed(after).keys() == parsed(before).keys()


@VENDORS
@pytest.mark.parametrize("fault", REFUSALS)
async def test_each_vendor_refuses_in_its_own_way(vendors, vendor, fault):
    got = await broken(vendors, vendor, fault)
    assert got.status == REFUSALS[fault].get(vendor, USUAL[fault])
    healthy = set((await healed(vendors, vendor)).json())
    # Nobody can take a refusal for an answer.
    is_json = "json" in got.headers["Content-Type"] and got.body
    assert not is_json or set(got.json()) != healthy or is_failed(got.json())


def is_failed(payload):
    chart = payload.get("chart", {})
    return payload.get("status") == "failed" or chart.get("error") is not None


async def healed(vendors, vendor):
    vendors.simulator.heal(vendor)
    return await ask(vendors, vendor)


@VENDORS
async def test_retry_after_is_only_told_by_the_fault_that_says_so(vendors, vendor):
    told = await broken(vendors, vendor, Fault.THROTTLED_RETRY_AFTER)
    untold = await broken(vendors, vendor, Fault.THROTTLED)
    assert 1 <= int(told.headers["Retry-After"]) <= 5
    assert "Retry-After" not in untold.headers


@VENDORS
async def test_a_timeout_answers_nothing_at_all(vendors, vendor):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await broken(vendors, vendor, Fault.TIMEOUT)


@VENDORS
async def test_a_dropped_socket_says_nothing(vendors, vendor):
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await broken(vendors, vendor, Fault.DROPPED)


@VENDORS
async def test_a_cut_body_breaks_off(vendors, vendor):
    with pytest.raises(aiohttp.ClientPayloadError):
        await broken(vendors, vendor, Fault.CUT)


@VENDORS
async def test_a_dripping_body_does_not_end_in_time(vendors, vendor):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await broken(vendors, vendor, Fault.DRIP)


async def test_a_huge_body_comes_whole_to_those_who_wait(vendors):
    got = await broken(vendors, "alpaca", Fault.HUGE)
    assert len(got.body) > HUGE_BYTES
    assert "Content-Length" not in got.headers
    assert set(json.loads(got.body)) == {"AAA", "BRK.B"}


@VENDORS
@pytest.mark.parametrize("fault", [Fault.EMPTY, Fault.TRUNCATED, Fault.MALFORMED])
async def test_spoilt_bodies_are_no_json(vendors, vendor, fault):
    got = await broken(vendors, vendor, fault)
    assert got.status == 200
    with pytest.raises(json.JSONDecodeError):
        got.json()


@VENDORS
async def test_wrong_types_are_json_without_a_single_number_or_list_of_rows(vendors, vendor):
    payload = (await broken(vendors, vendor, Fault.WRONG_TYPES)).json()

    def leaves(value):
        if isinstance(value, dict):
            return [leaf for each in value.values() for leaf in leaves(each)]
        return [value]

    kinds = {type(leaf) for leaf in leaves(payload)}
    assert not kinds & {int, float}
    assert all(len(leaf) == 1 for leaf in leaves(payload) if isinstance(leaf, list))


@VENDORS
async def test_duplicate_keys_contradict_each_other(vendors, vendor):
    twice = []

    def pairs(found):
        names = [name for name, _ in found]
        twice.extend(name for name in set(names) if names.count(name) > 1)
        return dict(found)

    got = await broken(vendors, vendor, Fault.DUPLICATE_KEYS)
    payload = json.loads(got.body, object_pairs_hook=pairs)
    if vendor in LANGUAGE_MODELS:
        twice.clear()
        json.loads(message(payload), object_pairs_hook=pairs)
        assert "score" in twice
    assert twice


def message(payload):
    if "choices" in payload:
        return payload["choices"][0]["message"]["content"]
    return payload["output"][-1]["content"][0]["text"]


@VENDORS
async def test_numbers_become_what_json_does_not_have(vendors, vendor):
    got = await broken(vendors, vendor, Fault.NOT_A_NUMBER)
    assert b"NaN" in got.body
    assert b"Infinity" in got.body
    if vendor in LANGUAGE_MODELS:
        strange = []
        json.loads(message(json.loads(got.body)), parse_constant=strange.append)
        assert strange


@pytest.mark.parametrize("vendor", ["massive", "alpha_vantage", "yahoo"])
async def test_rows_out_of_order_are_the_same_rows(vendors, vendor):
    spoilt = (await broken(vendors, vendor, Fault.OUT_OF_ORDER)).json()
    right = (await healed(vendors, vendor)).json()

    def rows(payload):
        if vendor == "yahoo":
            return payload["chart"]["result"][0]["timestamp"]
        found = payload["results" if vendor == "massive" else "data"]
        return [row.get("ticker", row.get("symbol")) for row in found]

    assert rows(spoilt) != rows(right)
    assert sorted(rows(spoilt)) == sorted(rows(right))


def stamp(vendor, got):
    payload = got.json()
    match vendor:
        case "massive":
            return payload["results"][0]["last_quote"]["last_updated"] / 1e9
        case "alpaca":
            hours, minutes, seconds = payload["AAA"]["latestQuote"]["t"][11:19].split(":")
        case "alpha_vantage":
            hours, minutes, seconds = payload["data"][0]["timestamp"][11:19].split(":")
        case "grok":
            return payload["created"]
        case "sonar":
            return payload["created_at"]
        case "yahoo":
            return payload["chart"]["result"][0]["meta"]["regularMarketTime"]
    return int(hours) * 3_600 + int(minutes) * 60 + int(seconds)


@VENDORS
async def test_stale_and_future_data_are_an_hour_off(vendors, clock, vendor):
    await clock.advance(45 * 60)
    right = stamp(vendor, await ask(vendors, vendor))
    stale = stamp(vendor, await broken(vendors, vendor, Fault.STALE))
    future = stamp(vendor, await broken(vendors, vendor, Fault.FUTURE))
    assert (stale - right, future - right) == (-3_600, 3_600)


@pytest.mark.parametrize("vendor", ["massive", "alpaca"])
async def test_crossed_quotes_bid_above_the_ask(vendors, vendor):
    payload = (await broken(vendors, vendor, Fault.CROSSED)).json()
    if vendor == "massive":
        quote = payload["results"][0]["last_quote"]
        assert quote["bid"] > quote["ask"]
    else:
        assert payload["AAA"]["latestQuote"]["bp"] > payload["AAA"]["latestQuote"]["ap"]


@VENDORS
async def test_a_stranger_comes_in_place_of_an_asked_symbol(vendors, vendor):
    got = await broken(vendors, vendor, Fault.UNKNOWN_SYMBOLS)
    assert got.status == 200
    assert STRANGER in got.body.decode()
    assert '"AAA"' not in got.body.decode().replace("\\", "")


@VENDORS
async def test_asked_symbols_are_missing(vendors, vendor):
    got = await broken(vendors, vendor, Fault.MISSING_SYMBOLS)
    if vendor == "yahoo":
        assert (got.status, got.json()["chart"]["error"]["code"]) == (404, "Not Found")
    else:
        assert got.status == 200
        assert b'"AAA"' not in got.body.replace(b"\\", b"")


def test_every_fault_is_switched_on_somewhere_here():
    tested = {*REFUSALS, *SPOILERS}
    tested |= {Fault.TIMEOUT, Fault.DROPPED, Fault.CUT, Fault.DRIP, Fault.HUGE}
    tested |= {Fault.SERVER_ERROR, Fault.STALE, Fault.FUTURE, Fault.CROSSED}
    tested |= {Fault.UNKNOWN_SYMBOLS, Fault.MISSING_SYMBOLS}
    assert tested == set(Fault)
