"""Positions, money, activities and splits at Alpaca's simulated trading host."""

from datetime import date
from decimal import Decimal

import pytest

from argo_adapters.simulator.alpaca.trading.account import Account, Holding
from argo_core.errors import InvalidInput

ACTIVITIES = "/v2/account/activities"


async def test_a_fresh_account(desk):
    row = await desk.get("/v2/account")
    assert (row["cash"], row["equity"], row["last_equity"]) == ("100000",) * 3
    assert (row["status"], row["multiplier"], row["buying_power"]) == ("ACTIVE", "1", "100000")
    assert not {"pattern_day_trader", "daytrade_count", "daytrading_buying_power"} & set(row)
    assert await desk.get("/v2/positions") == []


async def test_a_position_is_valued_at_the_middle_of_a_scripted_quote(desk):
    await desk.submit(qty="10")
    desk.control.quote("AAA", "210", "210.20")
    row = await desk.get("/v2/positions/AAA")
    assert (row["qty"], row["avg_entry_price"], row["cost_basis"]) == ("10", "200.1", "2001")
    assert (row["current_price"], row["market_value"]) == ("210.1", "2101")
    assert (row["unrealized_pl"], row["unrealized_plpc"]) == ("100", "0.049975")
    assert (row["side"], row["qty_available"]) == ("long", "10")
    account = await desk.get("/v2/account")
    assert (account["cash"], account["equity"]) == ("97999", "100100")
    assert account["long_market_value"] == "2101"
    assert await desk.get(f"/v2/positions/{row['asset_id']}") == row


async def test_the_day_begins_anew_at_the_close(desk, clock):
    await desk.submit(qty="10")
    desk.control.quote("AAA", "210", "210")
    await clock.advance(24 * 3600)
    desk.control.quote("AAA", "213", "213")
    row = await desk.get("/v2/positions/AAA")
    assert (row["unrealized_pl"], row["unrealized_intraday_pl"]) == ("129", "30")
    assert (await desk.get("/v2/account"))["last_equity"] == "100099"


async def test_selling_a_part_leaves_the_average_as_it_was(desk):
    await desk.submit(qty="10")
    desk.control.quote("AAA", "220", "220")
    await desk.submit(qty="10")
    await desk.submit("sell", qty="5")
    row = await desk.get("/v2/positions/AAA")
    assert (row["qty"], row["avg_entry_price"], row["cost_basis"]) == ("15", "210.05", "3150.75")


def test_a_holding_that_turns_round_begins_with_the_price_of_the_turn():
    holding = Holding()
    for shares, price in ((4, 10), (-6, 12)):
        holding.trade(Decimal(shares), Decimal(price))
    assert (holding.quantity, holding.average) == (-2, 12)


@pytest.mark.parametrize(
    ("query", "sold"), [({}, "8"), ({"qty": "3"}, "3"), ({"percentage": "25"}, "2")]
)
async def test_positions_are_closed_whole_or_in_part(desk, query, sold):
    await desk.submit(qty="8")
    got = await desk.ask("DELETE", "/v2/positions/AAA", **query)
    order = got.json()
    assert (got.status, order["qty"], order["side"]) == (200, sold, "sell")
    assert (order["type"], order["position_intent"]) == ("market", "sell_to_close")
    assert (await desk.order(order))["status"] == "filled"


async def test_all_positions_are_closed_with_or_without_their_orders(desk):
    desk.control.quote("BRK.B", "460", "460.10")
    await desk.bracket()
    await desk.submit(symbol="BRK.B")
    got = await desk.ask("DELETE", "/v2/positions")
    rows = {row["symbol"]: row for row in got.json()}
    assert (got.status, rows["AAA"]["status"], rows["BRK.B"]["status"]) == (207, 403, 200)
    assert rows["AAA"]["body"]["held_for_orders"] == "3"
    got = await desk.ask("DELETE", "/v2/positions", cancel_orders="true")
    assert [row["status"] for row in got.json()] == [200]
    assert await desk.get("/v2/positions") == []


async def test_fills_are_activities(desk):
    desk.control.parts(1)
    order = await desk.submit()
    desk.control.go_on()
    last, first = await desk.get(f"{ACTIVITIES}/FILL")
    assert (first["type"], first["qty"], first["leaves_qty"]) == ("partial_fill", "1", "2")
    assert (last["type"], last["cum_qty"], last["leaves_qty"]) == ("fill", "3", "0")
    assert {row["order_id"] for row in (first, last)} == {order["id"]}
    assert desk.control.fills() == [first, last]


async def test_money_that_comes_and_goes_is_an_activity(desk):
    desk.control.deposit(500)
    desk.control.deposit("-20.50")
    rows = await desk.get(ACTIVITIES, activity_types="CSD,CSW")
    assert [(row["activity_type"], row["net_amount"]) for row in rows] == [
        ("CSW", "-20.5"),
        ("CSD", "500"),
    ]
    assert rows[0]["date"] == "2024-11-25"
    row = await desk.get("/v2/account")
    assert (row["cash"], row["last_equity"]) == ("100479.5", "100000")


async def test_activities_come_in_pages(desk):
    for _ in range(5):
        await desk.submit(qty="1")
    everything = await desk.get(ACTIVITIES, direction="asc")
    pages, token = [], {}
    while rows := await desk.get(ACTIVITIES, direction="asc", page_size="2", **token):
        pages.append(rows)
        token = {"page_token": rows[-1]["id"]}
    assert [len(rows) for rows in pages] == [2, 2, 1]
    assert [row for rows in pages for row in rows] == everything


async def test_activities_of_a_day_or_between_two_moments(desk, clock):
    await desk.submit(qty="1")
    [first] = await desk.get(ACTIVITIES)
    await clock.advance(24 * 3600)
    await desk.submit(qty="1")
    assert await desk.get(ACTIVITIES, date="2024-11-25") == [first]
    assert await desk.get(ACTIVITIES, until="2024-11-25T23:00:00Z") == [first]
    [second] = await desk.get(ACTIVITIES, after=first["transaction_time"])
    assert second["transaction_time"].startswith("2024-11-26")


async def test_a_split_comes_with_the_opening_of_its_day_and_leaves_prices_alone(desk, clock):
    entry = await desk.bracket()
    desk.control.split("AAA", 4, 1, date(2024, 11, 26))
    # Nine in the morning, with the market still closed.
    await clock.advance(23 * 3600)
    before = await desk.get("/v2/positions/AAA")
    assert (before["qty"], before["avg_entry_price"]) == ("3", "200.1")
    await clock.advance(3600)
    row = await desk.get("/v2/positions/AAA")
    assert (row["qty"], row["avg_entry_price"], row["cost_basis"]) == ("12", "50.025", "600.3")
    stop = await desk.order(entry["legs"][1])
    assert (stop["qty"], stop["stop_price"]) == ("3", "191")


async def test_splits_are_corporate_actions(desk):
    desk.control.split("AAA", 4, 1, date(2024, 11, 26))
    desk.control.split("BRK.B", 1, 10, date(2024, 11, 27))
    path, span = "/v1/corporate-actions", {"start": "2024-11-01", "end": "2024-12-01"}
    found = (await desk.get(path, **span))["corporate_actions"]
    [forward], [reverse] = found["forward_splits"], found["reverse_splits"]
    assert (forward["symbol"], forward["new_rate"], forward["old_rate"]) == ("AAA", 4, 1)
    assert (forward["ex_date"], reverse["ex_date"]) == ("2024-11-26", "2024-11-27")
    assert {"old_cusip", "new_cusip"} < set(reverse)
    one = await desk.get(path, types="reverse_split", **span)
    assert set(one["corporate_actions"]) == {"reverse_splits"}
    assert (await desk.get(path, symbols="NOPE", **span))["corporate_actions"] == {}
    assert (await desk.get(path, end="2024-11-26"))["corporate_actions"].keys() == {
        "forward_splits"
    }
    first = await desk.get(path, limit="1", **span)
    token = first["next_page_token"]
    second = await desk.get(path, limit="1", page_token=token, **span)
    assert (set(first["corporate_actions"]), set(second["corporate_actions"])) == (
        {"forward_splits"},
        {"reverse_splits"},
    )
    assert second["next_page_token"] is None
    for query in ({"start": "soon"}, {"limit": "0"}, {"page_token": "x"}):
        got = await desk.ask("GET", path, **query)
        assert (got.status, set(got.json())) == (400, {"message"})


async def test_an_order_by_hand_and_shares_from_elsewhere(desk):
    fields = {"symbol": "AAA", "side": "buy", "type": "market", "time_in_force": "day"}
    made = desk.control.place(qty=Decimal(2), **fields)
    assert (await desk.get(f"/v2/orders/{made}"))["status"] == "filled"
    desk.control.give("AAA", 2, 100)
    [row] = await desk.get("/v2/positions")
    assert (row["qty"], row["avg_entry_price"]) == ("4", "150.05")
    desk.control.give("AAA", -4, 1)
    assert await desk.get("/v2/positions") == []
    assert (await desk.get("/v2/account"))["cash"] == "99599.8"
    waits = desk.control.place(
        symbol="AAA", qty=1, side="buy", type="limit", limit_price="1", time_in_force="gtc"
    )
    desk.control.cancel(waits)
    assert (await desk.get(f"/v2/orders/{waits}"))["status"] == "canceled"


def test_the_control_refuses_nonsense(desk):
    control = desk.control
    for nonsense in (
        lambda: control.quote("NOPE", 1, 2),
        lambda: control.quote("AAA", "x", 2),
        lambda: control.quote("AAA", -1, 2),
        lambda: control.deposit("NaN"),
        lambda: control.partial(1.5),
        lambda: control.cancel("nothing"),
        lambda: control.place(symbol="AAA", side="sell", qty=1, type="market"),
    ):
        with pytest.raises(InvalidInput):
            nonsense()


def test_a_margin_account_has_the_buying_power_of_regulation_t():
    # https://www.ecfr.gov/current/title-12/part-220: half of a purchase is to be put down.
    account = Account("id", Decimal(1_000), Decimal(1_000), 2, 0)
    account.trade("AAA", Decimal(10), Decimal(100))
    assert account.buying_power({"AAA": Decimal(100)}, Decimal(0)) == 1_000
    assert account.buying_power({"AAA": Decimal(110)}, Decimal(100)) == 1_000
    assert account.buying_power({"AAA": Decimal(10)}, Decimal(0)) == 100
