"""Rows as the fact sheet has them, and rows nobody should trust."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from argo_adapters.http.fields import Node
from argo_adapters.vendors.massive.rows import Row, aggregate, market_row, universal_row
from argo_core.consensus.opinion import MASSIVE
from argo_core.errors import VendorGarbled
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol

AAPL = Symbol("AAPL")
DIGEST = "0" * 64
Change = Callable[[dict[str, Any]], object]


def universal() -> dict[str, Any]:
    return {
        "ticker": "AAPL",
        "session": {"price": 205.81},
        "last_quote": {"ask": 205.82, "bid": 205.8, "last_updated": 1795186799000000000},
        "last_trade": {"price": 205.81, "last_updated": 1795186798900000000},
        "last_minute": {
            "open": 205.7,
            "high": 205.9,
            "low": 205.6,
            "close": 205.8,
            "volume": 54321,
            "last_updated": 1795186740000000000,
        },
    }


def market() -> dict[str, Any]:
    minute = {"t": 1795186740000, "o": 205.7, "h": 205.9, "l": 205.6, "c": 205.8, "v": 54321}
    return {
        "ticker": "AAPL",
        "updated": 1795186799123456789,
        "min": minute,
        "lastQuote": {"P": 205.82, "p": 205.80, "t": 1795186799000000000},
        "lastTrade": {"p": 205.81, "t": 1795186798900000000},
    }


def read_universal(row: dict[str, Any]) -> Row:
    return universal_row(Node(MASSIVE, row), AAPL, DIGEST)


def read_market(row: dict[str, Any]) -> Row:
    return market_row(Node(MASSIVE, row), AAPL, DIGEST)


MINUTE_BAR = Bar(AAPL, datetime.fromtimestamp(1795186740, UTC), 205.7, 205.9, 205.6, 205.8, 54321)


def test_a_universal_row_reads_as_the_fact_sheet_says() -> None:
    row = read_universal(universal())
    assert (row.price, row.minute, row.raw_sha256) == (205.81, MINUTE_BAR, DIGEST)
    assert row.at == datetime.fromtimestamp(1795186799, UTC)
    assert row.traded_at == datetime.fromtimestamp(1795186798.9, UTC)


def test_a_market_row_reads_as_the_fact_sheet_says() -> None:
    row = read_market(market())
    assert (row.price, row.minute) == (205.81, MINUTE_BAR)
    assert row.at == datetime.fromtimestamp(1795186799, UTC).replace(microsecond=123456)


def test_a_plan_without_trades_and_quotes_has_the_sessions_price() -> None:
    row = universal()
    del row["last_trade"], row["last_quote"]
    read = read_universal(row)
    assert (read.price, read.traded_at, read.at) == (205.81, None, MINUTE_BAR.start)


def test_a_quote_without_a_bid_or_ask_is_not_crossed() -> None:
    for side in ("bid", "ask"):
        row = universal()
        row["last_quote"][side] = 0
        assert read_universal(row).price == 205.81


def test_before_the_days_first_trade_there_is_no_minute() -> None:
    row = market()
    row["min"] = {"t": 0, "o": 0, "h": 0, "l": 0, "c": 0, "v": 0}
    assert read_market(row).minute is None
    row["updated"] = 0
    assert read_market(row).at == datetime.fromtimestamp(1795186799, UTC)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda row: row["last_quote"].update(bid=206.0), "crossed"),
        (lambda row: row["last_trade"].update(price=0), r"\$\.last_trade\.price is 0"),
        (lambda row: row["last_trade"].update(price="205.81"), "'205.81', not a finite number"),
        (lambda row: row["last_trade"].update(last_updated=1795186798900), "this century"),
        (lambda row: row.update(last_trade=[]), "an array, not an object"),
        (lambda row: row["last_minute"].update(high=1.0), "is no bar"),
        (lambda row: row["last_minute"].pop("low"), r"\$\.last_minute\.low is missing"),
        (lambda row: [row.pop(name) for name in ("last_trade", "session", "last_minute")], "price"),
        (lambda row: row["last_minute"].update(last_updated="yesterday"), "whole number"),
    ],
)
def test_a_universal_row_to_distrust_says_why(change: Change, reason: str) -> None:
    row = universal()
    change(row)
    with pytest.raises(VendorGarbled, match=reason):
        read_universal(row)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda row: row["lastQuote"].update(p=206.0), "crossed"),
        (lambda row: row["lastTrade"].update(p=-1), "a price above zero"),
        (lambda row: row["lastTrade"].update(t=1795186798900), "this century"),
        (lambda row: row.update(updated="now"), "whole number"),
        (lambda row: [row.pop(n) for n in ("lastTrade", "lastQuote", "updated")], "has no time"),
        (lambda row: [row.pop(n) for n in ("lastTrade", "min")], "has no price"),
    ],
)
def test_a_market_row_to_distrust_says_why(change: Change, reason: str) -> None:
    row = market()
    change(row)
    with pytest.raises(VendorGarbled, match=reason):
        read_market(row)


def test_an_aggregate_that_is_no_bar_is_a_minute_without_one() -> None:
    good = {"t": 1795186740000, "o": 205.7, "h": 205.9, "l": 205.6, "c": 205.8, "v": 54321}
    assert aggregate(good, AAPL) == MINUTE_BAR
    for change in (
        {"o": 0},
        {"h": 1},
        {"v": -1},
        {"t": "x"},
        {"c": "x"},
        {"l": None},
        {"t": 10**30},
    ):
        assert aggregate(good | change, AAPL) is None
    assert aggregate([1], AAPL) is None
