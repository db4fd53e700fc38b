"""Alpha Vantage's refusals come with status 200, and each sentence means one thing."""

from datetime import UTC, datetime

import pytest

from argo_adapters.http.fields import Node
from argo_adapters.http.secrecy import Redactor
from argo_adapters.vendors.alpha_vantage.eastern import EASTERN, moment_in, news_moment
from argo_adapters.vendors.alpha_vantage.refusals import refusal, until_midnight_s
from argo_core.consensus.opinion import ALPHA_VANTAGE
from argo_core.errors import VendorError, VendorGarbled, VendorRefused, VendorThrottled

NOW = datetime(2026, 11, 20, 15, 0, 20, tzinfo=UTC)
KEY = "Q7WX2Y8KD1PZ4MNB"

DAILY = (
    f"We have detected your API key as {KEY} and our standard API rate limit is 25 requests per "
    "day. Please subscribe to any of the premium plans at https://www.alphavantage.co/premium/ "
    "to instantly remove all daily rate limits."
)
SPARINGLY = (
    "Thank you for using Alpha Vantage! Please consider spreading out your free API requests more "
    "sparingly (1 request per second). You may subscribe to any of the premium plans at "
    "https://www.alphavantage.co/premium/ to lift the free key rate limit (25 requests per day), "
    "raise the per-second burst limit, and instantly unlock all premium endpoints"
)
BURST = "Burst pattern detected. Please make no more than 5 requests per second."
MINUTE = "Minute-level rate limit exceed. Please stay under 75 requests per minute."
PREMIUM = "Thank you for using Alpha Vantage! This is a premium endpoint. You may subscribe to any"
DEMO = "The **demo** API key is for demo purposes only. Please claim your free API key at"
NOTE = "Thank you for using Alpha Vantage! Our standard API call frequency is 5 calls per minute"
BAD_CALL = "Invalid API call. Please retry or visit the documentation for GLOBAL_QUOTE."
BAD_KEY = "the parameter apikey is invalid or missing. Please claim your free API key on"


def read(body: object) -> VendorError | None:
    return refusal(Node(ALPHA_VANTAGE, body), NOW, Redactor((KEY,)).clean)


@pytest.mark.parametrize(
    ("body", "error", "wait", "words"),
    [
        ({"Information": DAILY}, VendorThrottled, 50_380, "the daily quota is gone"),
        ({"Information": SPARINGLY}, VendorThrottled, 1, "too many calls at once"),
        ({"Information": BURST}, VendorThrottled, 1, "too many calls at once"),
        ({"Information": MINUTE}, VendorThrottled, 40, "too many calls this minute"),
        ({"Information": PREMIUM}, VendorRefused, None, "plan does not include"),
        ({"Information": DEMO}, VendorRefused, None, "the demo key was used"),
        ({"Information": "Invalid inputs."}, VendorRefused, None, "symbol or parameter"),
        ({"Information": "Hello."}, VendorGarbled, None, "nobody has described: Hello."),
        ({"Note": NOTE}, VendorThrottled, 60, "too many calls"),
        ({"Error Message": BAD_CALL}, VendorRefused, None, "a symbol or parameter is wrong"),
        ({"Error Message": BAD_KEY}, VendorRefused, None, "the key is wrong or missing"),
    ],
)
def test_each_sentence_of_the_fact_sheet_has_its_class(
    body: object, error: type[VendorError], wait: float | None, words: str
) -> None:
    found = read(body)
    assert type(found) is error
    assert found.retry_after_s == wait
    assert words in found.problem


def test_the_samples_beside_a_premium_message_are_refused() -> None:
    rows = [{"symbol": "AAPL", "timestamp": "2099-99-99", "close": "1"}]
    found = read({"endpoint": "Realtime Bulk Quotes", "message": PREMIUM, "data": rows})
    assert type(found) is VendorRefused


def test_an_error_message_counts_before_everything_else() -> None:
    found = read({"Information": SPARINGLY, "Note": NOTE, "Error Message": BAD_KEY})
    assert type(found) is VendorRefused


def test_an_ordinary_message_beside_data_is_no_refusal() -> None:
    assert read({"message": "US market data, realtime", "data": []}) is None
    assert read({"Realtime Currency Exchange Rate": {}}) is None


@pytest.mark.parametrize("said", [None, 5, ["This is a premium endpoint"], {"a": "b"}])
def test_a_refusal_that_is_no_sentence_is_garbled(said: object) -> None:
    assert type(read({"Information": said})) is VendorGarbled


@pytest.mark.parametrize("echo", [KEY, KEY.lower(), "another-key"])
def test_the_echoed_key_is_never_repeated(echo: str) -> None:
    found = read({"Information": DAILY.replace(KEY, echo)})
    assert found is not None
    assert echo not in str(found)
    assert "API key as ***" in str(found)


def test_the_quota_returns_at_midnight_in_new_york_also_when_clocks_change() -> None:
    # 1 November 2026 has 25 hours in New York.
    start = datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert until_midnight_s(start) == 25 * 3600
    assert until_midnight_s(datetime(2026, 11, 20, 4, 59, 59, tzinfo=UTC)) == 1


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2026-11-20 15:59:58.123", datetime(2026, 11, 20, 20, 59, 58, 123_000, tzinfo=UTC)),
        ("2026-07-20 15:59:58", datetime(2026, 7, 20, 19, 59, 58, tzinfo=UTC)),
        ("2026-11-20 09:30", datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
        ("2026-11-01 01:30:00", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_naive_stamps_are_new_yorks(stamp: str, moment: datetime) -> None:
    assert moment_in(EASTERN, Node(ALPHA_VANTAGE, stamp)) == moment


def test_news_stamps_are_utc() -> None:
    moment = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
    assert news_moment(Node(ALPHA_VANTAGE, "20261120T133000")) == moment
    assert news_moment(Node(ALPHA_VANTAGE, "20261120T1330")) == moment


@pytest.mark.parametrize(
    "stamp",
    ["2099-99-99", "", "2026-11-20", "2026-13-20 15:59:58", "0001-01-01 00:00:00", "now", 5, None],
)
def test_what_is_no_stamp_is_garbled(stamp: object) -> None:
    node = Node(ALPHA_VANTAGE, stamp, "$.data[0].timestamp")
    with pytest.raises(VendorGarbled, match=r"\$\.data\[0\]\.timestamp is"):
        moment_in(EASTERN, node)
    with pytest.raises(VendorGarbled):
        news_moment(node)
