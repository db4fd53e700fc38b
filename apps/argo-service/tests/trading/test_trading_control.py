"""An operator halts, resumes and flattens; whatever is not meant so changes nothing."""

import asyncio
import json
from typing import Any

import pytest

from argo_core.execution.trader import Trader
from argo_core.trading.fact import CauseRaised, ExitWanted
from argo_core.trading.state import TradingState
from argo_service.api.app import CONTROLS_PER_MINUTE
from argo_service.api.trading_control import PATIENCE_S
from argo_service.api_keys import Scope

BASE = "/api/v1/trading"


async def post(station: Any, path: str, status: int = 200, **more: Any) -> Any:
    response = await station.client.post(f"{BASE}/{path}", **more)
    assert response.status == status, await response.text()
    return await response.json(content_type=None)


async def key(station: Any, name: str, *scopes: Scope) -> dict[str, str]:
    now = station.clock.now()
    _, text = await asyncio.to_thread(station.keys.add, name, frozenset(scopes), now, None)
    await station.keyring.refresh()
    return {"Authorization": f"Bearer {text}"}


async def heard(trader: Trader) -> None:
    """Wait until an operator's word has reached the trader."""
    async with asyncio.timeout(5):
        while not trader._inbox.orders:
            await asyncio.to_thread(lambda: None)


async def facts(floor: Any, kind: type) -> list[Any]:
    return [one.fact for one in await floor.journal.facts() if isinstance(one.fact, kind)]


async def test_halting_holds_trading_back_until_somebody_resumes(station: Any, floor: Any) -> None:
    halted = await post(station, "halt", json={"reason": " a storm "})
    assert halted["state"] == "HALTED"
    assert [one["why"] for one in halted["causes"]] == ["a storm"]
    assert (await facts(floor, CauseRaised))[-1].why == "a storm"

    resumed = await post(station, "resume", json={"reason": "it is over"})
    assert (resumed["state"], resumed["causes"]) == ("ACTIVE", [])


async def test_halting_twice_is_halting_once(station: Any, floor: Any) -> None:
    first = await post(station, "halt", json={"reason": "a storm"})
    assert await post(station, "halt", json={"reason": "another"}) == first
    assert len(await facts(floor, CauseRaised)) == 2  # The other one is the start.


async def test_resuming_what_goes_on_anyway_changes_nothing(station: Any) -> None:
    assert (await post(station, "resume", json={"reason": "why not"}))["state"] == "ACTIVE"


async def test_what_an_operator_may_not_end_stands_after_all(station: Any, floor: Any) -> None:
    await floor.price("MSFT", "400")
    floor.broker.sneak("MSFT", "7", "400")
    await floor.wait(61)
    await floor.wait(61)
    body = await post(station, "resume", json={"reason": "I do not care"})
    assert body["state"] == "REDUCING"
    (cause,) = body["causes"]
    assert (cause["cause"], cause["ends_by"]) == ("drift", "reconciled")


async def test_one_position_is_closed_and_others_are_left(station: Any, floor: Any) -> None:
    await floor.buy("AAPL")
    await floor.buy("MSFT")
    body = await post(station, "flatten", json={"reason": "bad news", "symbol": "AAPL"})
    assert (body["closing"], body["state"]) == (["AAPL"], "ACTIVE")
    for _ in range(4):
        await floor.wait(1)
        await floor.price("AAPL", "100")
    assert list(floor.trader.book.held()) == ["MSFT"]


async def test_closing_all_halts_too(station: Any, floor: Any) -> None:
    await floor.buy("AAPL")
    await floor.buy("MSFT")
    body = await post(station, "flatten", json={"reason": "bad news", "symbol": None})
    assert (body["closing"], body["state"]) == (["AAPL", "MSFT"], "HALTED")
    assert [one.symbol for one in await facts(floor, ExitWanted)] == ["AAPL", "MSFT"]
    for _ in range(4):
        await floor.wait(1)
        for symbol in ("AAPL", "MSFT"):
            await floor.price(symbol, "100")
    assert floor.trader.book.held() == {}


async def test_a_symbol_that_is_not_held_is_refused_for_it_may_be_mistyped(station: Any) -> None:
    problem = await post(station, "flatten", 400, json={"reason": "x", "symbol": "AAPL"})
    assert problem["field"] == "symbol"


async def test_the_journal_tells_whose_word_it_was(station: Any, floor: Any) -> None:
    headers = await key(station, "night shift", Scope.ADMIN)
    await post(station, "halt", json={"reason": "a storm"}, headers=headers)
    assert (await facts(floor, CauseRaised))[-1].why == "a storm (night shift)"


@pytest.mark.parametrize("path", ["halt", "resume", "flatten"])
async def test_only_an_admins_key_holds_trading_back(station: Any, floor: Any, path: str) -> None:
    headers = await key(station, "somebody", Scope.READ, Scope.REALTIME, Scope.TRADING)
    before = list(floor.journal.lines)
    await post(station, path, 401, json={"reason": "x"})
    await post(station, path, 403, json={"reason": "x"}, headers=headers)
    assert floor.journal.lines == before


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", "body"),
        (b"reason=x", "body"),
        (b"[]", "body"),
        (b'"x"', "body"),
        (b"null", "body"),
        (b"\xff", "body"),
        (b'{"reason": "x", "reason": "y"}', "body"),
        (b'{"reason": NaN}', "body"),
        (b'{"reason": "\\ud800"}', "body"),
        (b"[" * 5_000, "body"),
        (b"{}", "reason"),
        (b'{"reason": null}', "reason"),
        (b'{"reason": 1}', "reason"),
        (b'{"reason": ""}', "reason"),
        (b'{"reason": " \\t "}', "reason"),
        (b'{"reason": "two\\nlines"}', "reason"),
        (b'{"reason": "\\u202e"}', "reason"),
        (json.dumps({"reason": "x" * 201}).encode(), "reason"),
        (b'{"reason": "x", "symbols": "AAPL"}', "symbols"),
        (b'{"reason": "x", "symbol": "aapl"}', "symbol"),
        (b'{"reason": "x", "symbol": ["AAPL"]}', "symbol"),
        (b'{"reason": "x", "symbol": ""}', "symbol"),
    ],
)
async def test_a_body_that_is_not_meant_so_is_refused_by_name_and_changes_nothing(
    station: Any, floor: Any, data: bytes, field: str
) -> None:
    before = list(floor.journal.lines)
    headers = {"Content-Type": "application/json"}
    problem = await post(station, "flatten", 400, data=data, headers=headers)
    assert (problem["field"], bool(problem["fix"])) == (field, True)
    assert floor.journal.lines == before


@pytest.mark.parametrize(
    "declared",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json; charset=utf-16",
        "text/json",
        "",
    ],
)
async def test_no_page_on_the_web_can_halt_what_is_open_on_this_machine(
    station: Any, floor: Any, declared: str
) -> None:
    before = list(floor.journal.lines)
    headers = {"Content-Type": declared, "Origin": "https://evil.example"}
    problem = await post(station, "halt", 415, data=b'{"reason": "x"}', headers=headers)
    assert "application/json" in problem["detail"]
    assert floor.journal.lines == before


async def test_a_query_beside_the_body_is_refused(station: Any) -> None:
    assert (await post(station, "halt?reason=x", 400, json={"reason": "x"}))["field"] == "reason"


async def test_a_large_body_is_not_read_even_when_its_size_is_not_said(station: Any) -> None:
    async def pieces() -> Any:
        for _ in range(40):
            yield b" " * 1_000

    headers = {"Content-Type": "application/json"}
    assert (await post(station, "halt", 413, data=pieces(), headers=headers))["status"] == 413


async def test_operators_are_not_kept_out_by_who_reads_too_often(station: Any) -> None:
    for _ in range(601):
        last = await station.client.get(f"{BASE}/orders?limit=1")
    assert last.status == 429
    await post(station, "halt", json={"reason": "a storm"})
    for _ in range(CONTROLS_PER_MINUTE - 1):
        await post(station, "halt", json={"reason": "a storm"})
    await post(station, "halt", 429, json={"reason": "a storm"})


async def test_what_takes_long_is_done_all_the_same_and_said_so(station: Any, floor: Any) -> None:
    # The broker is slow while the trader reads its books, and the trader does one thing at a time.
    floor.broker.seconds = 12.0
    await floor.clock.advance(60)
    headers = {"Content-Type": "application/json"}
    asked = asyncio.create_task(
        post(station, "halt", 503, data=b'{"reason": "a storm"}', headers=headers)
    )
    await heard(floor.trader)
    await floor.clock.advance(PATIENCE_S)
    assert "not carried out" in (await asked)["detail"]
    floor.broker.seconds = 0.0
    await floor.wait(60)
    assert floor.trader.book.state is TradingState.HALTED


async def test_trading_that_cannot_be_written_down_says_so(station: Any, floor: Any) -> None:
    floor.journal.fail_before = True
    problem = await post(station, "halt", 503, json={"reason": "a storm"})
    assert problem["type"] == "/docs#problem-journal-unavailable"
    again = await post(station, "halt", 503, json={"reason": "a storm"})
    assert again["type"] == problem["type"]
