"""A trade as an entry of the log: exact where it can be, refused where it cannot be at all."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given

from argo_core.codec.trade import entry_key, key_of, trade_entry
from argo_core.errors import InvalidInput
from argo_core.ledger.entry import decode_entry
from argo_core.market.instrument import Symbol
from argo_core.testing.entries import LOG, tiny_quiet
from argo_core.testing.strategies import NOON
from argo_core.testing.trading_strategies import trades
from argo_core.trading.order import Side
from argo_core.trading.trade import Trade, TradeEvent

FILL = Trade(
    number=9,
    order_id="A" * 32,
    symbol=Symbol("NVR"),
    side=Side.BUY,
    event=TradeEvent.FILLED,
    quantity=Decimal("3.0"),
    broker="paper",
    at=NOON,
    price=Decimal("6890.50"),
    fee=Decimal("0.01"),
    signal_index=7,
    execution_id="e-1",
)


def entry_of(trade):
    return decode_entry(trade_entry(trade, LOG, "alpha", 5, NOON))


def test_every_member_of_a_fill_is_written():
    fields = dict(entry_of(FILL).fields)
    assert fields == {
        "v": 1,
        "kind": "trade",
        "log": LOG,
        "strategy": "alpha",
        "seq": 5,
        "decided_us": 1_732_554_000_000_000,
        "order_id": "A" * 32,
        "symbol": "NVR",
        "side": "BUY",
        "event": "filled",
        "quantity": "3.0",
        "broker": "paper",
        "at_us": 1_732_554_000_000_000,
        "price": "6890.50",
        "fee": "0.01",
        "signal_index": 7,
        "execution_id": "e-1",
    }


def test_what_is_not_known_is_left_out():
    bare = Trade(4, "o", Symbol("NVR"), Side.SELL, TradeEvent.SUBMITTED, Decimal(1), "paper", NOON)
    fields = entry_of(bare).fields
    assert not {"price", "fee", "signal_index", "execution_id"} & fields.keys()


@pytest.mark.parametrize(
    ("price", "text"),
    [
        ("10.1234567891234", "10.123456789"),
        ("0.0000000005", "0.000000000"),
        ("0.0000000015", "0.000000002"),
        ("1E+2", "100"),
        ("-0.00", "0.00"),
        ("999999999999999.999999999", "999999999999999.999999999"),
    ],
)
def test_averages_are_rounded_and_prices_stay_as_they_are(price, text):
    assert entry_of(evolve(FILL, price=Decimal(price))).text("price") == text


@given(trades())
def test_a_trade_is_known_again_by_its_entry(trade):
    assert entry_key(entry_of(trade)) == key_of(trade)


@pytest.mark.parametrize(
    "change",
    [
        {"order_id": "B"},
        {"event": TradeEvent.CANCELLED},
        {"execution_id": "e-2"},
        {"execution_id": None},
        {"quantity": Decimal("3.1")},
        {"at": NOON + timedelta(microseconds=1)},
    ],
)
def test_another_trade_has_another_key(change):
    assert key_of(evolve(FILL, **change)) != key_of(FILL)


def test_an_entry_of_another_kind_is_no_trade():
    assert entry_key(decode_entry(tiny_quiet(0))) != key_of(FILL)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("order_id", ""),
        ("order_id", "x" * 256),
        ("broker", "pap\ner"),
        ("execution_id", "e\u00e9"),
        ("quantity", Decimal("NaN")),
        ("price", Decimal("Infinity")),
        ("price", Decimal(10**15)),
        ("fee", Decimal(-(10**15))),
        ("signal_index", -1),
        ("at", datetime(2024, 11, 25)),  # noqa: DTZ001 - on purpose
        ("at", datetime(1969, 1, 1, tzinfo=UTC)),
    ],
)
def test_what_no_entry_can_say_is_refused_before_it_stands_in_the_way(member, value):
    with pytest.raises(InvalidInput, match=member):
        evolve(FILL, **{member: value})
