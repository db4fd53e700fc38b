"""Alpaca's bodies in our terms, and what of them is refused; nothing here needs its library."""

import copy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_adapters.brokers.alpaca.accounts import read_account, read_flow, read_position
from argo_adapters.brokers.alpaca.bodies import order_body, replacement_body
from argo_adapters.brokers.alpaca.days import read_session, read_splits
from argo_adapters.brokers.alpaca.families import Families
from argo_adapters.brokers.alpaca.orders import OrderReader
from argo_adapters.brokers.alpaca.refusals import Refusal, refusal_error
from argo_adapters.brokers.alpaca.statuses import STATUSES
from argo_adapters.http.fields import Node
from argo_adapters.http.secrecy import Redactor
from argo_core.consensus.opinion import SourceName
from argo_core.errors import (
    BrokerAway,
    BrokerRefused,
    BrokerThrottled,
    VendorGarbled,
)
from argo_core.market.instrument import Symbol
from argo_core.trading.broker_view import BrokerOrder, Split
from argo_core.trading.order import Bracket, GoodTill, OrderRequest, OrderType, Side, Status

D = Decimal
ORDER: dict[str, Any] = {
    "id": "904837e3-3b76-47ec-b432-046db621571b",
    "client_order_id": "bot-20261120-0001",
    "created_at": "2026-11-20T15:00:00.123456Z",
    "updated_at": "2026-11-20T15:00:02.123456789Z",
    "submitted_at": "2026-11-20T15:00:00.1Z",
    "filled_at": None,
    "expired_at": None,
    "expires_at": "2026-11-20T21:00:00Z",
    "canceled_at": None,
    "failed_at": None,
    "replaced_at": None,
    "replaced_by": None,
    "replaces": None,
    "asset_id": "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415",
    "symbol": "AAPL",
    "asset_class": "us_equity",
    "notional": None,
    "qty": "3",
    "filled_qty": "0",
    "filled_avg_price": None,
    "order_class": "bracket",
    "order_type": "limit",
    "type": "limit",
    "side": "buy",
    "time_in_force": "day",
    "limit_price": "205.8",
    "stop_price": None,
    "status": "pending_new",
    "extended_hours": False,
    "legs": [],
    "trail_percent": None,
    "trail_price": None,
    "hwm": None,
    "position_intent": "buy_to_open",
    "ratio_qty": None,
    "source": None,
    "subtag": None,
}
POSITION: dict[str, Any] = {
    "asset_id": "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415",
    "symbol": "AAPL",
    "exchange": "NASDAQ",
    "asset_class": "us_equity",
    "qty": "3",
    "qty_available": "0",
    "avg_entry_price": "205.5",
    "side": "long",
    "market_value": "617.43",
}
ACCOUNT: dict[str, Any] = {
    "id": "8a1f6a4c-0000-4000-8000-4bb1d5c1d7a0",
    "status": "ACTIVE",
    "currency": "USD",
    "cash": "98765.43",
    "equity": "100000.01",
    "last_equity": "99999.5",
    "buying_power": "197531.02",
    "trading_blocked": False,
    "account_blocked": False,
    "trade_suspended_by_user": False,
}
FILL: dict[str, Any] = {
    "event": "fill",
    "execution_id": "2f63ea93-423d-4169-b3f6-3fdafc10c418",
    "price": "205.8",
    "qty": "3",
    "position_qty": "3",
    "timestamp": "2026-11-20T15:00:01.5Z",
    "order": ORDER | {"status": "filled", "filled_qty": "3", "filled_avg_price": "205.8"},
}


def node(value: object) -> Node:
    return Node(SourceName("alpaca-paper"), value)


def read(**changes: object) -> BrokerOrder:
    return OrderReader().order(node(ORDER | changes))


def leg(broker_id: str, **changes: object) -> dict[str, Any]:
    own = {"id": broker_id, "client_order_id": f"c-{broker_id}", "side": "sell", "status": "held"}
    return ORDER | own | {"legs": None} | changes


def test_an_order_is_read_as_it_stands() -> None:
    assert read() == BrokerOrder(
        id="bot-20261120-0001",
        broker_id="904837e3-3b76-47ec-b432-046db621571b",
        symbol=Symbol("AAPL"),
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=D(3),
        status=Status.WORKING,
        at=datetime(2026, 11, 20, 15, 0, 2, 123456, tzinfo=UTC),
        limit=D("205.8"),
    )


def test_a_fill_has_its_price_to_the_last_digit() -> None:
    order = read(status="partially_filled", filled_qty="2", filled_avg_price="205.80000000000001")
    assert (order.filled, order.average) == (D(2), D("205.80000000000001"))
    assert order.status is Status.WORKING


@pytest.mark.parametrize(("word", "status"), STATUSES.items())
def test_every_status_has_its_meaning(word: str, status: Status) -> None:
    full = {"filled_qty": "3", "filled_avg_price": "1"} if word == "filled" else {}
    assert read(status=word, **full).status is status


@pytest.mark.parametrize("word", ["teleported", "FILLED", ""])
def test_a_status_nobody_knows_is_no_end_and_is_told(word: str) -> None:
    order = read(status=word)
    assert order.status is Status.WORKING
    assert order.problem is not None
    assert "not known" in order.problem


def test_a_rejected_order_says_that_it_was() -> None:
    assert "rejected" in (read(status="rejected").problem or "")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"type": "stop_limit", "stop_price": "200", "limit_price": "199"}, OrderType.STOP),
        ({"type": "trailing_stop", "stop_price": None, "limit_price": None}, OrderType.STOP),
        ({"type": "new_kind", "stop_price": "200"}, OrderType.STOP),
        ({"type": "new_kind"}, OrderType.LIMIT),
        ({"type": "new_kind", "limit_price": None}, OrderType.MARKET),
    ],
)
def test_somebody_elses_order_is_shown_as_what_it_becomes(
    changes: dict[str, object], kind: OrderType
) -> None:
    assert read(**changes).type is kind


def test_an_order_for_an_amount_of_money_has_the_quantity_that_was_filled() -> None:
    order = read(qty=None, notional="500", filled_qty="2.43", filled_avg_price="205.8")
    assert (order.quantity, order.filled) == (D("2.43"), D("2.43"))


@pytest.mark.parametrize(
    ("symbol", "asset_class", "ours"),
    [
        ("BRK.B", "us_equity", "BRK.B"),
        ("BTC/USD", "crypto", "BTC/USD"),
        ("BTCUSD", "crypto", "BTC/USD"),
        ("ETHUSDT", "crypto", "ETH/USDT"),
        ("AAPL261218C00200000", "us_option", "AAPL261218C00200000"),
    ],
)
def test_symbols_are_in_our_spelling_and_strange_ones_stay_to_be_seen(
    symbol: str, asset_class: str, ours: str
) -> None:
    assert read(symbol=symbol, asset_class=asset_class).symbol == ours


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": ""},
        {"id": "x" * 129},
        {"id": "line\nbreak"},
        {"client_order_id": 5},
        {"symbol": None},
        {"symbol": ""},
        {"symbol": "A\x00"},
        {"symbol": "X" * 33},
        {"side": "both"},
        {"side": None},
        {"type": None, "order_type": None},
        {"status": None},
        {"qty": 3},
        {"qty": "-3"},
        {"qty": "NaN"},
        {"qty": "1e3"},
        {"filled_qty": None},
        {"filled_qty": "4", "filled_avg_price": "1"},
        {"filled_qty": "1", "filled_avg_price": None},
        {"filled_qty": "1", "filled_avg_price": "0"},
        {"filled_qty": "1", "filled_avg_price": 205.8},
        {"status": "filled", "filled_qty": "2", "filled_avg_price": "1"},
        {"limit_price": "-1"},
        {"limit_price": "Infinity"},
        {"updated_at": "yesterday"},
        {"updated_at": "1969-01-01T00:00:00Z"},
        {"updated_at": None, "submitted_at": None, "created_at": None},
    ],
)
def test_an_order_that_cannot_be_believed_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(VendorGarbled):
        read(**changes)


def test_legs_are_orders_of_their_own_with_their_entry_as_parent() -> None:
    reader = OrderReader()
    nested = ORDER | {"legs": [leg("stop"), leg("target")]}
    entry, low, high = reader.family(node(nested), nested=True)
    assert (entry.parent, low.parent, high.parent) == (None, entry.broker_id, entry.broker_id)
    assert (low.id, low.status) == ("c-stop", Status.HELD)
    # Alone they look like any other order, but are remembered.
    assert reader.order(node(leg("stop"))) == low
    assert reader.order(node(leg("other"))).parent is None


def test_what_replaces_a_leg_is_a_leg() -> None:
    reader = OrderReader()
    list(reader.family(node(ORDER | {"legs": [leg("stop")]}), nested=True))
    (new,) = reader.family(node(leg("higher", replaces="stop")), nested=True)
    assert (new.parent, new.replaces) == (ORDER["id"], "stop")


def test_an_order_seen_alone_may_still_turn_out_to_be_a_leg() -> None:
    reader = OrderReader()
    list(reader.family(node(leg("stop"))))
    assert not reader.families.knows("stop")
    list(reader.family(node(leg("stop")), nested=True))
    assert reader.families.knows("stop")
    list(reader.family(node(ORDER | {"legs": [leg("stop")]}), nested=True))
    assert reader.order(node(leg("stop"))).parent == ORDER["id"]


def test_a_spread_of_options_is_its_legs() -> None:
    spread = ORDER | {"symbol": None, "side": None, "legs": [leg("one"), leg("two")]}
    assert [one.id for one in OrderReader().family(node(spread))] == ["c-one", "c-two"]


def test_families_are_forgotten_one_day() -> None:
    families = Families()
    for number in range(20_001):
        families.remember(str(number), "entry")
    assert not families.knows("0")
    assert families.parent("20000", None) == "entry"


def test_a_fill_of_the_stream_is_an_execution() -> None:
    update = OrderReader().update(node(FILL))
    assert update is not None
    assert update.execution is not None
    assert update.execution.id == FILL["execution_id"]
    assert (update.execution.quantity, update.execution.price) == (D(3), D("205.8"))
    assert update.execution.at == datetime(2026, 11, 20, 15, 0, 1, 500_000, tzinfo=UTC)
    assert (update.order.status, update.order.filled) == (Status.FILLED, D(3))


@pytest.mark.parametrize("event", ["new", "canceled", "order_cancel_rejected", "never_heard_of"])
def test_any_other_event_tells_the_order_alone(event: str) -> None:
    update = OrderReader().update(node({"event": event, "order": ORDER}))
    assert update is not None
    assert (update.order.id, update.execution) == (ORDER["client_order_id"], None)


def test_an_event_without_an_order_is_nothing_unless_it_is_a_fill() -> None:
    assert OrderReader().update(node({"event": "weather"})) is None
    with pytest.raises(VendorGarbled):
        OrderReader().update(node({name: FILL[name] for name in FILL if name != "order"}))


@pytest.mark.parametrize(
    "changes",
    [
        {"execution_id": None},
        {"qty": "0"},
        {"qty": "-1"},
        {"price": "0"},
        {"price": None},
        {"timestamp": None},
        {"event": None},
        {"order": "filled"},
    ],
)
def test_a_fill_that_cannot_be_believed_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(VendorGarbled):
        OrderReader().update(node(FILL | changes))


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@given(st.sampled_from(sorted(ORDER)), junk)
def test_whatever_stands_in_a_field_an_order_is_read_or_refused(name: str, value: object) -> None:
    broken = copy.deepcopy(FILL)
    broken["order"][name] = value
    try:
        update = OrderReader().update(node(broken))
    except VendorGarbled:
        return
    assert update is None or update.order.filled <= update.order.quantity


def test_an_order_is_asked_for_with_exact_text() -> None:
    request = OrderRequest(
        "id-1",
        Symbol("BRK.B"),
        Side.BUY,
        D("3E+2"),
        OrderType.LIMIT,
        limit=D("0.10"),
        good_till=GoodTill.CANCELLED,
    )
    assert order_body(request) == {
        "symbol": "BRK.B",
        "qty": "300",
        "side": "buy",
        "type": "limit",
        "time_in_force": "gtc",
        "limit_price": "0.10",
        "client_order_id": "id-1",
    }


def test_a_bracket_has_both_legs_or_triggers_its_stop() -> None:
    def body(bracket: Bracket) -> dict[str, object]:
        request = OrderRequest("id", Symbol("AAPL"), Side.BUY, D(3), bracket=bracket)
        return order_body(request)

    both = body(Bracket(D("201.00"), D("212.00")))
    assert both["order_class"] == "bracket"
    assert both["take_profit"] == {"limit_price": "212.00"}
    assert both["stop_loss"] == {"stop_price": "201.00"}
    alone = body(Bracket(D("201.00")))
    assert alone["order_class"] == "oto"
    assert alone["stop_loss"] == {"stop_price": "201.00"}
    assert "take_profit" not in alone


def test_extended_hours_and_stops_are_asked_for() -> None:
    limit = OrderRequest(
        "id", Symbol("AAPL"), Side.SELL, D(1), OrderType.LIMIT, limit=D(9), extended=True
    )
    assert order_body(limit)["extended_hours"] is True
    stop = OrderRequest("id", Symbol("AAPL"), Side.SELL, D(1), OrderType.STOP, stop=D(9))
    assert order_body(stop)["stop_price"] == "9"
    assert replacement_body(stop) == {"qty": "1", "client_order_id": "id", "stop_price": "9"}


def test_a_position_is_signed() -> None:
    held = read_position(node(POSITION))
    assert held is not None
    assert (held.symbol, held.quantity, held.average) == ("AAPL", D(3), D("205.5"))
    short = read_position(node(POSITION | {"qty": "-3", "side": "short"}))
    assert short is not None
    assert short.quantity == D(-3)
    assert read_position(node(POSITION | {"qty": "0"})) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"qty": "3", "side": "short"},
        {"qty": "-3"},
        {"side": "up"},
        {"avg_entry_price": "0"},
        {"qty": None},
    ],
)
def test_a_position_that_contradicts_itself_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(VendorGarbled):
        read_position(node(POSITION | changes))


def test_an_account_is_read_exactly() -> None:
    account = read_account(node(ACCOUNT))
    assert (account.cash, account.equity) == (D("98765.43"), D("100000.01"))
    assert (account.last_equity, account.buying_power) == (D("99999.5"), D("197531.02"))
    assert account.blocked is None


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "ACCOUNT_UPDATED"},
        {"trading_blocked": True},
        {"account_blocked": True},
        {"trade_suspended_by_user": True},
    ],
)
def test_an_account_that_may_not_trade_says_why(changes: dict[str, object]) -> None:
    assert read_account(node(ACCOUNT | changes)).blocked


def test_fields_that_left_the_account_are_not_missed() -> None:
    few = {name: ACCOUNT[name] for name in ACCOUNT if not name.endswith(("blocked", "by_user"))}
    assert read_account(node(few)).blocked is None


@pytest.mark.parametrize("name", ["cash", "equity", "last_equity", "buying_power", "id", "status"])
def test_an_account_without_its_money_is_refused(name: str) -> None:
    with pytest.raises(VendorGarbled):
        read_account(node(ACCOUNT | {name: None}))


def flow(**changes: object) -> dict[str, Any]:
    return {
        "activity_type": "CSD",
        "id": "20261120000000000::045b3b8d-c566-4bef-b741-2bf598dd6ae7",
        "date": "2026-11-20",
        "net_amount": "1000.5",
        "status": "executed",
    } | changes


def test_a_flow_is_of_its_day_in_new_york_or_of_its_moment() -> None:
    one = read_flow(node(flow()))
    assert one is not None
    assert (one.amount, one.at) == (D("1000.5"), datetime(2026, 11, 20, 5, tzinfo=UTC))
    exact = read_flow(node(flow(created_at="2026-11-20T15:00:00Z", net_amount="-7")))
    assert exact is not None
    assert (exact.amount, exact.at) == (D(-7), datetime(2026, 11, 20, 15, tzinfo=UTC))
    assert read_flow(node(flow(status="canceled"))) is None
    assert not one.earned
    for kind in ("DIV", "INT", "FEE"):
        gained = read_flow(node(flow(activity_type=kind)))
        assert gained is not None
        assert gained.earned
    for broken in (flow(activity_type="FILL"), flow(net_amount=5), flow(date="20 Nov")):
        with pytest.raises(VendorGarbled):
            read_flow(node(broken))


def test_a_half_day_in_winter_and_a_day_in_summer_are_in_utc() -> None:
    half = {
        "date": "2026-11-27",
        "open": "09:30",
        "close": "13:00",
        "session_open": "0400",
        "session_close": "2000",
        "settlement_date": "2026-11-30",
    }
    session = read_session(node(half))
    assert session.pre == datetime(2026, 11, 27, 9, tzinfo=UTC)
    assert session.open == datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
    assert session.close == datetime(2026, 11, 27, 18, tzinfo=UTC)
    assert session.post == datetime(2026, 11, 28, 1, tzinfo=UTC)
    summer = read_session(node({"date": "2026-07-01", "open": "09:30", "close": "16:00"}))
    assert summer.pre == summer.open == datetime(2026, 7, 1, 13, 30, tzinfo=UTC)
    for changes in (
        {"date": "2026-02-30"},
        {"date": "27.11.2026"},
        {"open": "25:00"},
        {"open": "half past"},
        {"close": "09:00"},
        {"session_open": "1000"},
    ):
        with pytest.raises(VendorGarbled):
            read_session(node(half | changes))


def test_splits_of_every_kind_begin_at_midnight_in_new_york() -> None:
    actions = {
        "forward_splits": [
            {"symbol": "NVDA", "new_rate": 10, "old_rate": 1, "ex_date": "2024-06-10"}
        ],
        "reverse_splits": [
            {"symbol": "GE", "new_rate": 1, "old_rate": 8.5, "ex_date": "2021-08-02"}
        ],
        "stock_dividends": [{"symbol": "AAA", "rate": 0.05, "ex_date": "2024-01-05"}],
        "cash_dividends": [{"symbol": "KO", "rate": 0.4}],
    }
    found = dict(read_splits(node(actions)))
    ten = Split(Symbol("NVDA"), datetime(2024, 6, 10, 4, tzinfo=UTC), D(10), D(1))
    assert found[date(2024, 6, 10)] == ten
    assert (found[date(2021, 8, 2)].new, found[date(2021, 8, 2)].old) == (D(1), D("8.5"))
    assert (found[date(2024, 1, 5)].new, found[date(2024, 1, 5)].old) == (D("1.05"), D(1))
    with pytest.raises(VendorGarbled):
        list(read_splits(node({"forward_splits": [{"symbol": "NVDA", "new_rate": 0}]})))


NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def refused(status: int, body: bytes, **headers: str) -> Any:
    answer = Refusal(status, {name.replace("_", "-"): headers[name] for name in headers}, body)
    return refusal_error("alpaca-paper", answer, NOW, Redactor(("canary-secret",)))


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        (
            403,
            (
                b'{"buying_power":"1825.95","code":40310000,"cost_basis":"2813.21",'
                b'"message":"insufficient buying power"}'
            ),
            "40310000",
            "insufficient buying power",
        ),
        (
            403,
            (
                b'{"code":40310000,"message":"potential wash trade detected. use complex orders",'
                b'"reject_reason":"opposite side market/stop order exists"}'
            ),
            "40310000",
            "opposite side",
        ),
        (404, b'{"code":40410000,"message":"order not found"}', "40410000", "order not found"),
        (422, b'{"code":42210000,"message":"sub-penny"}', "42210000", "sub-penny"),
        (401, b"<html>401 Authorization Required</html>", "401", "status 401"),
        (403, b'{"code":"forty","message":5}', "403", "status 403"),
        (400, b"", "400", "status 400"),
    ],
)
def test_a_no_is_a_refusal_with_the_brokers_words(
    status: int, body: bytes, code: str, said: str
) -> None:
    error = refused(status, body)
    assert type(error) is BrokerRefused
    assert error.code == code
    assert said in error.problem


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_what_may_have_happened_is_away(status: int) -> None:
    error = refused(status, b'{"code":50010000,"message":"internal server error"}')
    assert type(error) is BrokerAway
    assert "internal server error" in error.problem


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X_RateLimit_Reset": "1795186812"}, 12.0),
        ({"X_RateLimit_Reset": "1795186799"}, 0.0),
        ({"X_RateLimit_Reset": "1895186799"}, 60.0),
        ({"X_RateLimit_Reset": "soon"}, None),
        ({"Retry_After": "3"}, 3.0),
        ({}, None),
    ],
)
def test_throttling_says_how_long_within_reason(
    headers: dict[str, str], seconds: float | None
) -> None:
    error = refused(429, b'{"code":42910000,"message":"rate limit exceeded"}', **headers)
    assert type(error) is BrokerThrottled
    assert error.retry_after_s == seconds


def test_a_secret_that_is_echoed_does_not_get_out() -> None:
    error = refused(403, b'{"code":40310000,"message":"bad key canary-secret here"}')
    assert "canary" not in str(error)
