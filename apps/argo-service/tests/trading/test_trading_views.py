"""What the demo's views show of trading."""

from decimal import Decimal
from typing import Any

from rich.console import Console

from argo_core.events import (
    OrderDenied,
    OrderEnded,
    OrderFilled,
    OrderPlaced,
    TradingAlarm,
    TradingEvent,
    TradingStateChanged,
)
from argo_core.testing.every_event import EVERY_EVENT
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.trading_stage import signal_of
from argo_service.demo.plain import PlainView
from argo_service.demo.trading_views import (
    line_of,
    money_line,
    positions_table,
    trading_sentences,
    trading_summary,
)
from argo_service.trading_tally import TradingTally


def drawn(*parts: Any) -> str:
    console = Console(width=160, color_system=None, record=True, file=None, quiet=False)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    return capture.get()


async def test_the_screen_shows_money_the_nearest_limits_and_what_is_held(floor: Any) -> None:
    await floor.buy()
    now = floor.clock.now()
    text = drawn(money_line(floor.trader, now), positions_table(floor.trader, now))
    for said in ("ACTIVE", "99,997.55", "-2.45", "rate minute 90%", "AAPL", "49", "100.05"):
        assert said in text
    assert "98.00" in text
    assert "103.00" in text


async def test_on_a_narrow_screen_what_is_shown_of_a_position_is_whole(floor: Any) -> None:
    await floor.buy()
    table = positions_table(floor.trader, floor.clock.now(), 80)
    console = Console(width=76, color_system=None)
    with console.capture() as capture:
        console.print(table)
    head, row = (line.split() for line in capture.get().splitlines())
    assert " ".join(head) == "held shares price unrealised stop target protected"
    assert row == ["AAPL", "49", "100.00", "-2.45", "98.00", "103.00", "49"]


def test_fills_denials_states_and_alarms_are_lines_and_nothing_else_is() -> None:
    told = {kind: line_of(EVERY_EVENT[kind]) for kind in EVERY_EVENT}
    assert {kind for kind, line in told.items() if line is not None} == {
        OrderFilled,
        OrderDenied,
        TradingStateChanged,
        TradingAlarm,
    }
    assert told[OrderFilled] == "09:30:00 | entry: BUY 20 AAPL at 232.80"
    assert told[OrderDenied] == "09:30:00 | denied: BUY AAPL, STATE, SPREAD"


def test_what_a_broker_says_cannot_steer_a_terminal() -> None:
    event = EVERY_EVENT[TradingAlarm]
    line = line_of(TradingAlarm(event.at, "\x1b[2Jgone\nand a second line"))  # type: ignore[attr-defined]
    assert line is not None
    assert line.isprintable()


def test_before_the_engine_runs_nothing_is_written(capsys: Any) -> None:
    PlainView(lambda: None).notice(EVERY_EVENT[TradingStateChanged])
    assert capsys.readouterr().out == ""


async def test_the_summary_says_what_trading_came_to(floor: Any) -> None:
    await floor.buy()
    await floor.trader.halt("a storm")
    await floor.price("MSFT", "100", signal_of("MSFT", floor.clock.now()))
    tally = TradingTally()
    for event in floor.observer.events:
        if isinstance(event, TradingEvent):
            tally.notice(event)
    now = floor.clock.now()
    first, second, held, last = trading_sentences(floor.trader, tally, now)
    assert first == "traded on fake: 3 orders, 1 fills, 1 denied; trading is HALTED"
    assert second == "equity 99,997.55: -2.45 today, -2.45 of it open, fees 0.00"
    assert held == "still held: AAPL; the next start goes on with that"
    assert last == "denied because of: 1 STATE"
    summary = trading_summary(floor.trader, tally, now)
    assert (summary["orders"], summary["fills"], summary["denied"]) == (3, 1, 1)
    assert (summary["equity"], summary["day_pnl"]) == ("99997.55", "-2.45")


async def test_a_summary_before_the_account_is_known_makes_no_money_up(
    clock: FakeClock, make_floor: Any
) -> None:
    trader = make_floor(clock).trader
    (only,) = trading_sentences(trader, TradingTally(), clock.now())
    assert only.startswith("traded on fake: 0 orders")
    assert trading_summary(trader, TradingTally(), clock.now())["equity"] is None


def test_the_tally_counts_every_kind_of_event() -> None:
    tally = TradingTally()
    for event in EVERY_EVENT.values():
        if isinstance(event, TradingEvent):
            tally.notice(event)
    assert (tally.placed, tally.fills, tally.denied) == (1, 1, 1)
    assert (tally.changes, tally.comparisons, tally.alarms) == (1, 1, 1)
    assert sum(tally.ended.values()) == 1
    assert tally.fees == Decimal("0.02")
    assert {OrderPlaced, OrderEnded} <= set(EVERY_EVENT)
