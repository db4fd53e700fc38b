"""How orders live on Alpaca's simulated exchange."""

import pytest

from argo_adapters.simulator.alpaca.trading.asks import Asked
from argo_adapters.simulator.alpaca.trading.house import TradingPlan

PAGE = "/v2/orders"


async def legs_of(desk, order):
    target, stop = (await desk.order(order, nested="true"))["legs"]
    return target, stop


async def test_the_answer_shows_an_order_before_the_market_has_it(desk):
    order = await desk.submit()
    assert (order["status"], order["filled_qty"], order["filled_avg_price"]) == (
        "pending_new",
        "0",
        None,
    )
    assert order["expires_at"] == "2024-11-25T21:00:00Z"
    order = await desk.order(order)
    assert (order["status"], order["filled_qty"], order["filled_avg_price"]) == (
        "filled",
        "3",
        "200.1",
    )


async def test_a_market_order_is_filled_at_the_other_sides_best_price(desk):
    bought = await desk.submit()
    sold = await desk.submit("sell")
    assert (await desk.order(bought))["filled_avg_price"] == "200.1"
    assert (await desk.order(sold))["filled_avg_price"] == "200"


async def test_without_a_script_the_tapes_prices_count(desk):
    desk.control.unquote("AAA")
    got = await desk.get("/v2/stocks/quotes/latest", symbols="AAA", feed="iex")
    order = await desk.submit()
    assert float((await desk.order(order))["filled_avg_price"]) == got["quotes"]["AAA"]["ap"]


async def test_a_limit_waits_for_its_price_and_takes_a_better_one(desk):
    order = await desk.submit(type="limit", limit_price="199.00")
    assert await desk.statuses(order) == ["new"]
    desk.control.quote("AAA", "198.8", "198.9")
    assert (await desk.order(order))["filled_avg_price"] == "198.9"


async def test_a_stop_becomes_a_market_order_when_the_bid_gets_there(desk):
    await desk.submit()
    stop = await desk.submit("sell", type="stop", stop_price="195")
    desk.control.quote("AAA", "195.01", "195.10")
    assert await desk.statuses(stop) == ["new"]
    desk.control.quote("AAA", "194", "194.10")
    assert (await desk.order(stop))["filled_avg_price"] == "194"


async def test_a_stop_to_buy_is_reached_by_the_ask(desk):
    stop = await desk.submit(type="stop", stop_price="205")
    desk.control.quote("AAA", "204.90", "205")
    assert (await desk.order(stop))["filled_avg_price"] == "205"


async def test_a_stop_with_a_limit_stays_reached_and_waits_for_its_limit(desk):
    await desk.submit()
    stop = await desk.submit("sell", type="stop_limit", stop_price="195", limit_price="194")
    desk.control.quote("AAA", "193", "193.10")
    assert await desk.statuses(stop) == ["new"]
    desk.control.quote("AAA", "196", "196.10")
    assert (await desk.order(stop))["filled_avg_price"] == "196"


async def test_nobody_trades_with_a_side_that_has_no_quote(desk):
    desk.control.quote("AAA", "200", "0")
    order = await desk.submit()
    assert await desk.statuses(order) == ["new"]


async def test_the_legs_of_a_bracket_are_held_until_the_entry_is_filled_completely(desk):
    desk.control.parts(1)
    entry = await desk.bracket()
    assert [leg["status"] for leg in entry["legs"]] == ["held", "held"]
    assert [leg["type"] for leg in entry["legs"]] == ["limit", "stop"]
    assert await desk.statuses(entry, *entry["legs"]) == ["partially_filled", "held", "held"]
    desk.control.go_on()
    assert await desk.statuses(entry, *entry["legs"]) == ["filled", "new", "new"]


@pytest.mark.parametrize(
    ("bid", "ask", "ends"),
    [("212", "212.1", ["filled", "canceled"]), ("190", "190.1", ["canceled", "filled"])],
)
async def test_one_leg_is_filled_and_the_other_is_cancelled(desk, bid, ask, ends):
    entry = await desk.bracket()
    desk.control.quote("AAA", bid, ask)
    assert await desk.statuses(*entry["legs"]) == ends
    assert await desk.get("/v2/positions") == []


async def test_a_cancelled_entry_takes_its_legs_along(desk):
    desk.control.parts(1)
    entry = await desk.bracket()
    assert (await desk.ask("DELETE", f"{PAGE}/{entry['id']}")).status == 204
    assert await desk.statuses(entry, *entry["legs"]) == ["canceled"] * 3
    [position] = await desk.get("/v2/positions")
    assert (position["qty"], position["qty_available"]) == ("1", "1")


async def test_a_cancelled_leg_takes_the_other_along(desk):
    entry = await desk.bracket()
    await desk.ask("DELETE", f"{PAGE}/{entry['legs'][0]['id']}")
    assert await desk.statuses(*entry["legs"]) == ["canceled", "canceled"]


async def test_what_one_leg_is_filled_in_part_is_taken_off_the_other(desk):
    entry = await desk.bracket()
    desk.control.parts(1)
    desk.control.quote("AAA", "212", "212.1")
    target, stop = await legs_of(desk, entry)
    assert (target["status"], target["filled_qty"], stop["qty"]) == ("partially_filled", "1", "2")
    desk.control.quote("AAA", "190", "190.1")
    assert await desk.get("/v2/positions") == []
    assert await desk.statuses(target, stop) == ["canceled", "filled"]


async def test_an_oto_has_one_leg(desk):
    entry = await desk.submit(
        order_class="oto", stop_loss={"stop_price": "191", "limit_price": "190"}
    )
    [leg] = entry["legs"]
    assert (leg["type"], leg["limit_price"], leg["stop_price"]) == ("stop_limit", "190", "191")
    assert await desk.statuses(leg) == ["new"]


async def test_an_oco_guards_a_position_with_two_orders_of_which_one_is_filled(desk):
    await desk.submit()
    pair = await desk.submit(
        "sell",
        type="limit",
        order_class="oco",
        take_profit={"limit_price": "210"},
        stop_loss={"stop_price": "190"},
    )
    [stop] = pair["legs"]
    assert (pair["limit_price"], stop["side"]) == ("210", "sell")
    assert await desk.statuses(pair, stop) == ["new", "new"]
    assert (await desk.get("/v2/positions/AAA"))["qty_available"] == "0"
    desk.control.quote("AAA", "189", "189.1")
    assert await desk.statuses(pair, stop) == ["canceled", "filled"]


async def test_a_replaced_order_names_its_successor_and_the_other_way_round(desk):
    old = await desk.submit(type="limit", limit_price="190", client_order_id="first")
    change = {"limit_price": "191", "qty": "2", "client_order_id": "second"}
    got = await desk.ask("PATCH", f"{PAGE}/{old['id']}", change)
    new = got.json()
    assert (got.status, new["status"], new["replaces"]) == (200, "pending_new", old["id"])
    assert (new["limit_price"], new["qty"], new["client_order_id"]) == ("191", "2", "second")
    old = await desk.order(old)
    assert (old["status"], old["replaced_by"]) == ("replaced", new["id"])
    assert old["replaced_at"] is not None
    assert await desk.statuses(new) == ["new"]


async def test_a_replaced_leg_keeps_its_place_in_the_bracket(desk):
    entry = await desk.bracket()
    stop = entry["legs"][1]
    new = (await desk.ask("PATCH", f"{PAGE}/{stop['id']}", {"stop_price": "195"})).json()
    assert [leg["id"] for leg in await legs_of(desk, entry)] == [entry["legs"][0]["id"], new["id"]]
    desk.control.quote("AAA", "194", "194.1")
    assert await desk.statuses(entry["legs"][0], stop, new) == ["canceled", "replaced", "filled"]


async def test_a_held_leg_is_replaced_by_a_held_one(desk):
    desk.control.stall(Asked.NEW)
    entry = await desk.bracket()
    stop = entry["legs"][1]
    new = (await desk.ask("PATCH", f"{PAGE}/{stop['id']}", {"stop_price": "195"})).json()
    assert await desk.statuses(stop, new) == ["replaced", "held"]


async def test_a_replaced_entry_hands_its_legs_on(desk):
    entry = await desk.bracket(limit_price="195", stop_loss={"stop_price": "191"})
    change = {"limit_price": "201", "qty": "5"}
    new = (await desk.ask("PATCH", f"{PAGE}/{entry['id']}", change)).json()
    legs = await legs_of(desk, new)
    assert [leg["id"] for leg in legs] == [leg["id"] for leg in entry["legs"]]
    assert [(leg["status"], leg["qty"]) for leg in legs] == [("new", "5"), ("new", "5")]


async def test_an_order_partly_filled_is_replaced_by_what_is_still_wanted(desk):
    desk.control.parts(1)
    old = await desk.submit(qty="5", type="limit", limit_price="201")
    desk.control.quote("AAA", "202", "202.1")
    new = (await desk.ask("PATCH", f"{PAGE}/{old['id']}", {"limit_price": "203"})).json()
    assert (new["qty"], new["filled_qty"]) == ("4", "0")
    assert (await desk.get("/v2/positions/AAA"))["qty"] == "5"


async def test_what_is_filled_while_a_replacement_is_pending_is_wanted_no_more(desk):
    old = await desk.submit(qty="5", type="limit", limit_price="199")
    desk.control.stall(Asked.REPLACE)
    new = (await desk.ask("PATCH", f"{PAGE}/{old['id']}", {"limit_price": "198"})).json()
    assert await desk.statuses(old, new) == ["pending_replace", "pending_new"]
    desk.control.parts(2)
    desk.control.quote("AAA", "198.9", "199")
    desk.control.unstall()
    assert (await desk.order(new))["qty"] == "3"
    assert (await desk.order(old))["filled_qty"] == "2"


async def test_a_replacement_of_an_order_that_is_filled_first_is_rejected(desk):
    old = await desk.submit(type="limit", limit_price="199")
    desk.control.stall(Asked.REPLACE)
    new = (await desk.ask("PATCH", f"{PAGE}/{old['id']}", {"limit_price": "198"})).json()
    desk.control.quote("AAA", "198.9", "199")
    async with desk.listening() as socket:
        desk.control.unstall()
        told = await desk.events(socket)
    assert await desk.statuses(old, new) == ["filled", "rejected"]
    assert told == [("order_replace_rejected", "limit"), ("rejected", "limit")]


async def test_an_order_may_be_filled_while_its_end_is_pending(desk):
    order = await desk.submit(type="limit", limit_price="199")
    desk.control.stall(Asked.CANCEL)
    assert (await desk.ask("DELETE", f"{PAGE}/{order['id']}")).status == 204
    assert await desk.statuses(order) == ["pending_cancel"]
    desk.control.quote("AAA", "198.9", "199")
    async with desk.listening() as socket:
        desk.control.unstall()
        assert await desk.events(socket) == [("order_cancel_rejected", "limit")]
    assert await desk.statuses(order) == ["filled"]


async def test_an_order_the_market_has_not_taken_is_not_filled(desk):
    desk.control.stall(Asked.NEW)
    order = await desk.submit()
    assert await desk.statuses(order) == ["pending_new"]
    await desk.ask("DELETE", f"{PAGE}/{order['id']}")
    desk.control.unstall()
    assert await desk.statuses(order) == ["canceled"]


async def test_a_taken_order_may_still_be_rejected_with_its_legs(desk):
    desk.control.reject_next()
    entry = await desk.bracket()
    assert await desk.statuses(entry, *entry["legs"]) == ["rejected", "canceled", "canceled"]
    assert (await desk.order(entry))["failed_at"] is not None
    assert await desk.statuses(await desk.submit()) == ["filled"]


async def test_a_tenth_of_orders_is_filled_in_two_parts(opened, clock):
    plan = TradingPlan(cash=100_000_000)
    async with opened(trading=plan, limits=False) as caller:
        control = caller.simulator.trading
        control.quote("AAA", "200", "200.1")
        for _ in range(400):
            control.place(symbol="AAA", qty="9", side="buy", type="market", time_in_force="day")
        waiting = [one for one in control.orders() if one["status"] == "partially_filled"]
        # Five deviations of a binomial on either side.
        assert 10 <= len(waiting) <= 70
        assert len({one["filled_qty"] for one in waiting}) > 4
        assert all(0 < int(one["filled_qty"]) < 9 for one in waiting)
        await clock.advance(5)
        control.look()
        assert {one["status"] for one in control.orders()} == {"filled"}


async def test_scripted_parts_come_one_after_the_other_and_then_nothing(desk, clock):
    desk.control.parts(1, 2, every_s=10)
    order = await desk.submit(qty="6")
    seen = []
    for _ in range(4):
        seen.append((await desk.order(order))["filled_qty"])
        await clock.advance(10)
    assert seen == ["1", "3", "3", "3"]
    desk.control.go_on()
    assert await desk.statuses(order) == ["filled"]


async def test_the_average_is_over_all_parts(desk):
    desk.control.parts(1)
    order = await desk.submit(qty="3", type="limit", limit_price="201")
    desk.control.quote("AAA", "200.5", "200.7")
    desk.control.go_on()
    assert (await desk.order(order))["filled_avg_price"] == "200.5"


async def test_fractions_of_shares_are_for_simple_day_orders(desk):
    order = await desk.submit(qty="0.125")
    assert (await desk.order(order))["filled_qty"] == "0.125"


async def test_day_orders_expire_at_the_close_and_others_stay(desk, clock):
    day = await desk.submit(type="limit", limit_price="190")
    kept = await desk.submit(type="limit", limit_price="190", time_in_force="gtc")
    bracket = await desk.bracket(limit_price="195", time_in_force="day")
    await clock.advance(6 * 3600)
    assert await desk.statuses(day, kept, bracket) == ["expired", "new", "expired"]
    assert await desk.statuses(*bracket["legs"]) == ["expired", "expired"]
    assert kept["expires_at"] is None


async def test_orders_after_hours_queue_for_the_next_open(desk, clock):
    await clock.advance(6 * 3600)
    order = await desk.submit()
    assert order["status"] == "accepted"
    assert order["expires_at"] == "2024-11-26T21:00:00Z"
    assert await desk.statuses(order) == ["accepted"]
    dropped = await desk.submit(type="limit", limit_price="190")
    await desk.ask("DELETE", f"{PAGE}/{dropped['id']}")
    assert await desk.statuses(dropped) == ["canceled"]
    await clock.advance(18 * 3600)
    assert await desk.statuses(order) == ["filled"]


async def test_extended_hours_are_for_those_who_ask(desk, clock):
    await clock.advance(6 * 3600)
    plain = await desk.submit(type="limit", limit_price="201")
    order = await desk.submit(type="limit", limit_price="201", extended_hours=True)
    assert order["expires_at"] == "2024-11-26T01:00:00Z"
    assert await desk.statuses(plain, order) == ["accepted", "filled"]


async def test_nothing_trades_in_a_halted_stock(desk):
    desk.control.halt("AAA")
    order = await desk.submit()
    assert await desk.statuses(order) == ["new"]
    desk.control.resume("AAA")
    assert await desk.statuses(order) == ["filled"]


async def test_lists_show_open_orders_newest_first(desk, clock):
    first = await desk.submit(type="limit", limit_price="190", client_order_id="one")
    await desk.submit()
    await clock.advance(1)
    last = await desk.submit(type="limit", limit_price="191")
    assert [one["id"] for one in await desk.get(PAGE)] == [last["id"], first["id"]]
    closed = await desk.get(PAGE, status="closed")
    assert [one["status"] for one in closed] == ["filled"]
    everything = await desk.get(PAGE, status="all", direction="asc")
    assert [one["id"] for one in everything][::2] == [first["id"], last["id"]]
    assert len(await desk.get(PAGE, status="all", limit="2")) == 2
    assert await desk.get(PAGE, symbols="BRK.B,NOPE") == []
    assert len(await desk.get(PAGE, symbols="BRK.B,AAA", side="buy")) == 2
    assert await desk.get(PAGE, side="sell") == []
    after = await desk.get(PAGE, status="all", after=first["submitted_at"])
    assert [one["id"] for one in after] == [one["id"] for one in everything[:0:-1]]
    until = await desk.get(PAGE, status="all", until=first["submitted_at"])
    assert [one["id"] for one in until] == [first["id"]]
    before = await desk.get(PAGE, status="all", before_order_id=last["id"])
    assert [one["id"] for one in before] == [one["id"] for one in everything[1::-1]]
    later = await desk.get(PAGE, status="all", after_order_id=everything[1]["id"])
    assert [one["id"] for one in later] == [last["id"]]
    by_client = await desk.get("/v2/orders:by_client_order_id", client_order_id="one")
    assert by_client["id"] == first["id"]


async def test_legs_are_rows_of_their_own_unless_nested(desk):
    entry = await desk.bracket()
    flat = await desk.get(PAGE, status="all")
    assert (len(flat), {one["legs"] for one in flat}) == (3, {None})
    [nested] = await desk.get(PAGE, status="all", nested="true")
    assert [leg["id"] for leg in nested["legs"]] == [leg["id"] for leg in entry["legs"]]
    # The filled entry is not open, so its open legs stand alone.
    assert len(await desk.get(PAGE, nested="true")) == 2


async def test_all_orders_are_cancelled_at_once(desk):
    entry = await desk.bracket()
    other = await desk.submit(
        type="limit", limit_price="190", order_class="oto", stop_loss={"stop_price": "180"}
    )
    got = await desk.ask("DELETE", PAGE)
    assert got.status == 207
    assert {row["status"] for row in got.json()} == {200}
    assert await desk.get(PAGE) == []
    assert await desk.statuses(other, *entry["legs"]) == ["canceled"] * 3


async def test_a_leg_made_smaller_ends_when_the_other_has_sold_its_shares(desk):
    entry = await desk.bracket(qty="6")
    target, stop = entry["legs"]
    small = (await desk.ask("PATCH", f"{PAGE}/{target['id']}", {"qty": "1"})).json()
    desk.control.parts(2)
    desk.control.quote("AAA", "190", "190.1")
    assert await desk.statuses(small, stop) == ["canceled", "partially_filled"]
    desk.control.quote("AAA", "212", "212.1")
    assert (await desk.get("/v2/positions/AAA"))["qty"] == "4"


async def test_a_replacement_that_was_cancelled_first_leaves_the_old_order_as_it_was(desk):
    old = await desk.submit(type="limit", limit_price="190")
    desk.control.stall(Asked.REPLACE)
    new = (await desk.ask("PATCH", f"{PAGE}/{old['id']}", {"limit_price": "191"})).json()
    await desk.ask("DELETE", f"{PAGE}/{new['id']}")
    assert await desk.statuses(old, new) == ["pending_replace", "canceled"]
    desk.control.unstall()
    assert await desk.statuses(old, new) == ["new", "canceled"]
