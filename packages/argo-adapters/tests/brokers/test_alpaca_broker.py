"""The broker over loopback HTTP, against answers that Alpaca gives and against worse."""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import evolve, frozen

from argo_adapters.brokers.alpaca import order_lists
from argo_adapters.brokers.alpaca.broker import AlpacaBroker
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_core.errors import (
    BrokerAway,
    BrokerError,
    BrokerGarbled,
    BrokerRefused,
    BrokerThrottled,
    VendorGarbled,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.market.instrument import Symbol
from argo_core.ports import Clock, Turnstile
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_turnstile import FakeTurnstile
from argo_core.trading.order import Bracket, OrderRequest, OrderType, Side, Status

pytest.importorskip("alpaca", reason="the extra argo-adapters[alpaca] is not installed")

pytestmark = pytest.mark.oracle

KEY, SECRET = "canary-key-id", "canary-secret-key"
D = Decimal
AAPL = Symbol("AAPL")
FIRST = "904837e3-3b76-47ec-b432-046db621571b"
BUY = OrderRequest("id-1", AAPL, Side.BUY, D(3), OrderType.LIMIT, limit=D("205.80"))
SINCE = datetime(2026, 11, 20, 15, tzinfo=UTC)

Answer = tuple[int, object] | tuple[int, object, Mapping[str, str]]


def order(number: int = 0, **changes: object) -> dict[str, Any]:
    return {
        "id": f"{number:08d}-3b76-47ec-b432-046db621571b" if number else FIRST,
        "client_order_id": f"id-{number or 1}",
        "created_at": "2026-11-20T15:00:00Z",
        "updated_at": "2026-11-20T15:00:00Z",
        "submitted_at": "2026-11-20T15:00:00Z",
        "symbol": "AAPL",
        "asset_class": "us_equity",
        "qty": "3",
        "filled_qty": "0",
        "filled_avg_price": None,
        "type": "limit",
        "side": "buy",
        "limit_price": "205.8",
        "stop_price": None,
        "status": "new",
        "legs": None,
    } | changes


@frozen
class Said:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: Mapping[str, str]


class Exchange:
    """Answers as it is told, in order, and remembers what it was asked."""

    def __init__(self, *answers: Answer | Callable[[Said], Answer]) -> None:
        self.asked: list[Said] = []
        self._answers = list(answers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        said = Said(
            request.method,
            request.path,
            dict(request.query),
            json.loads(text) if text else None,
            request.headers,
        )
        self.asked.append(said)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        status, body, *more = answer(said) if callable(answer) else answer
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(more[0] if more else {})}
        return web.Response(status=status, body=content, headers=headers)


@asynccontextmanager
async def trading_at(
    handler: Any,
    timeout_s: float = 5.0,
    turnstile: Turnstile | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[AlpacaBroker]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    async with TestServer(app) as server:
        url = str(server.make_url("/alpaca"))
        settings = AlpacaBrokerSettings(KEY, SECRET, url, timeout_s=timeout_s)
        clock = clock or SystemClock()
        broker = AlpacaBroker(settings, clock, turnstile=turnstile or OpenTurnstile())
        try:
            yield broker
        finally:
            await broker.aclose()


def saying(*answers: Answer | Callable[[Said], Answer]) -> tuple[Exchange, Any]:
    exchange = Exchange(*answers)
    return exchange, trading_at(exchange.handle)


def check_no_secret(error: BaseException) -> None:
    """Nothing of it, its causes or its context, shows a key."""
    link: BaseException | None = error
    while link is not None:
        assert "canary" not in f"{link} {link!r} {link.args} {vars(link)}"
        assert not hasattr(link, "request")
        link = link.__cause__ or link.__context__
    assert "canary" not in "".join(traceback.format_exception(error))


async def test_an_order_is_sent_with_exact_numbers_and_its_keys_in_headers() -> None:
    exchange, opened = saying((200, order()))
    async with opened as broker:
        placed = await broker.submit(BUY)
    assert (placed.id, placed.broker_id, placed.limit) == ("id-1", FIRST, D("205.8"))
    (asked,) = exchange.asked
    assert (asked.method, asked.path) == ("POST", "/alpaca/v2/orders")
    assert asked.body["limit_price"] == "205.80"
    assert asked.headers["APCA-API-KEY-ID"] == KEY
    assert asked.headers["APCA-API-SECRET-KEY"] == SECRET
    assert broker.name == "alpaca-paper"
    assert "canary" not in repr(vars(broker))


NOT_UNIQUE = {"code": 40010001, "message": "client_order_id must be unique"}
NOT_FOUND = {"code": 40410000, "message": "order not found"}
POOR = {"code": 40310000, "message": "insufficient buying power"}


@pytest.mark.parametrize("no", [(422, NOT_UNIQUE), (403, POOR)])
async def test_a_refusal_of_an_order_that_is_there_is_that_order(no: Answer) -> None:
    # The first of two tries got through; it may also have used up the buying power.
    exchange, opened = saying(no, (200, order(qty="5")))
    async with opened as broker:
        placed = await broker.submit(BUY)
    assert (placed.broker_id, placed.quantity) == (FIRST, D(5))
    assert exchange.asked[1].path == "/alpaca/v2/orders:by_client_order_id"
    assert exchange.asked[1].query == {"client_order_id": "id-1"}


async def test_a_refused_order_that_is_not_there_is_refused_with_the_brokers_words() -> None:
    _, opened = saying((403, POOR), (404, NOT_FOUND))
    async with opened as broker:
        with pytest.raises(BrokerRefused, match="insufficient buying power") as refused:
            await broker.submit(BUY)
    assert refused.value.code == "40310000"
    check_no_secret(refused.value)


async def test_a_refusal_that_cannot_be_looked_into_is_not_believed() -> None:
    _, opened = saying((403, POOR), (500, {"code": 50010000, "message": "oops"}))
    async with opened as broker:
        with pytest.raises(BrokerAway):
            await broker.submit(BUY)


@pytest.mark.parametrize(
    ("look", "error"),
    [
        ((429, {"message": "slowly"}), BrokerAway),
        ((401, b"<html>"), BrokerRefused),
        ((200, b"<html>"), BrokerGarbled),
    ],
)
async def test_what_a_look_cannot_say_is_not_said_for_it(
    look: Answer, error: type[BrokerError]
) -> None:
    _, opened = saying((403, POOR), look)
    async with opened as broker:
        with pytest.raises(error) as failed:
            await broker.submit(BUY)
    assert type(failed.value) is error
    check_no_secret(failed.value)


async def test_an_id_that_is_taken_by_another_symbol_is_garbled() -> None:
    _, opened = saying((422, NOT_UNIQUE), (200, order(symbol="MSFT")))
    async with opened as broker:
        with pytest.raises(BrokerGarbled):
            await broker.submit(BUY)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_order_id": "id-2"},
        {"symbol": "MSFT"},
        {"side": "sell"},
        {"qty": "30"},
        {"qty": 3},
        {"status": None},
        {"legs": [{}]},
    ],
)
async def test_an_answer_about_another_order_is_garbled(changes: dict[str, object]) -> None:
    _, opened = saying((200, order(**changes)))
    async with opened as broker:
        with pytest.raises(BrokerGarbled) as garbled:
            await broker.submit(BUY)
    check_no_secret(garbled.value)


BODIES: dict[str, tuple[Answer, type[BrokerError]]] = {
    "unauthorised": ((401, b"<html>401</html>"), BrokerRefused),
    "throttled": ((429, {"code": 42910000, "message": "rate limit exceeded"}), BrokerThrottled),
    "internal": ((500, {"code": 50010000, "message": "internal"}), BrokerAway),
    "gateway": ((504, b"<html>"), BrokerAway),
    "html": ((200, b"<html>maintenance</html>"), BrokerGarbled),
    "empty": ((200, b""), BrokerGarbled),
    "null": ((200, b"null"), BrokerGarbled),
    "cut": ((200, b'{"id":'), BrokerGarbled),
    "twice": ((200, b'{"id":"1","id":"2"}'), BrokerGarbled),
    "not a number": ((200, b'{"cash":NaN}'), BrokerGarbled),
    "deep": ((200, b"[" * 100_000), BrokerGarbled),
    "latin": ((200, b'{"id":"\xff"}'), BrokerGarbled),
    "an array": ((200, b"[]"), BrokerGarbled),
    "elsewhere": ((307, b"", {"Location": "https://example.com/"}), BrokerGarbled),
    "packed": ((200, b"\x1f\x8b", {"Content-Encoding": "br"}), BrokerGarbled),
    "huge": ((200, b" " * 9_000_000), BrokerGarbled),
}


@pytest.mark.parametrize("kind", BODIES)
async def test_every_answer_that_is_none_has_its_error(kind: str) -> None:
    answer, error = BODIES[kind]
    _, opened = saying(answer)
    async with opened as broker:
        with pytest.raises(BrokerError) as failed:
            await broker.account()
        assert type(failed.value) is error
        check_no_secret(failed.value)
        # The thread is as good as before.
        with pytest.raises(error):
            await broker.account()


async def test_throttling_tells_how_long() -> None:
    reset = int(SystemClock().now().timestamp()) + 30
    answer = (429, {"code": 42910000, "message": "x"}, {"x-ratelimit-reset": str(reset)})
    _, opened = saying(answer)
    async with opened as broker:
        with pytest.raises(BrokerThrottled) as throttled:
            await broker.submit(BUY)
    assert throttled.value.retry_after_s == pytest.approx(30, abs=5)


async def test_calls_follow_each_other_on_one_connection() -> None:
    ports: list[int] = []

    async def note(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        ports.append(request.transport.get_extra_info("peername")[1])
        if request.method == "DELETE":
            return web.Response(status=204)
        return web.json_response([], status=200 if len(ports) != 2 else 500)

    async with trading_at(note) as broker:
        assert await broker.positions() == ()
        with pytest.raises(BrokerAway):
            await broker.positions()
        await broker.cancel(FIRST)
        assert await broker.positions() == ()
    assert len(ports) == 4
    assert len(set(ports)) == 1


async def test_nothing_is_ever_repeated_by_itself() -> None:
    exchange, opened = saying((504, {"message": "gateway"}))
    async with opened as broker:
        with pytest.raises(BrokerAway):
            await broker.submit(BUY)
    assert len(exchange.asked) == 1


async def test_an_answer_that_breaks_off_or_never_comes_is_away() -> None:
    async def breaks(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with trading_at(breaks) as broker:
        with pytest.raises(BrokerAway) as away:
            await broker.submit(BUY)
        check_no_secret(away.value)


async def test_a_slow_answer_is_given_up_and_what_follows_comes_after_it() -> None:
    begun, over = asyncio.Event(), asyncio.Event()
    order_of_events: list[str] = []

    async def slow(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            begun.set()
            await over.wait()
            order_of_events.append("placed")
            return web.json_response(order())
        order_of_events.append("looked")
        return web.json_response(order())

    async with trading_at(slow, timeout_s=0.4) as broker:
        with pytest.raises(BrokerAway, match="within"):
            await broker.submit(BUY)
        look = asyncio.create_task(broker.order("id-1"))
        await begun.wait()
        over.set()
        assert await look is not None
    assert order_of_events[-1] == "looked"


async def test_a_body_that_trickles_is_given_up() -> None:
    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        try:
            while True:
                await response.write(b" ")
                await SystemClock().sleep(0.05)
        except ConnectionError:
            return response

    async with trading_at(trickle, timeout_s=0.5) as broker:
        with pytest.raises(BrokerAway):
            await broker.account()
        with pytest.raises(BrokerAway):
            await broker.account()


async def test_nobody_there_is_away() -> None:
    settings = AlpacaBrokerSettings(KEY, SECRET, "http://127.0.0.1:1", timeout_s=2)
    broker = AlpacaBroker(settings, SystemClock(), turnstile=OpenTurnstile())
    with pytest.raises(BrokerAway) as away:
        await broker.positions()
    check_no_secret(away.value)
    await broker.aclose()
    with pytest.raises(BrokerThrottled, match="closed"):
        await broker.positions()


async def test_every_call_passes_the_turnstile_and_it_learns_what_went_wrong() -> None:
    turnstile = FakeTurnstile()
    exchange = Exchange(
        (200, [], {"X-RateLimit-Remaining": "17"}),
        (403, POOR),
        (404, NOT_FOUND),
        (429, {"message": "slowly"}, {"Retry-After": "7"}),
        (500, {}),
        (200, b"<html>"),
    )
    async with trading_at(exchange.handle, turnstile=turnstile) as broker:
        await broker.positions()
        with pytest.raises(BrokerRefused):
            await broker.submit(BUY)
        for error in (BrokerThrottled, BrokerAway, BrokerGarbled):
            with pytest.raises(error):
                await broker.positions()
    ends = [type(one.error) for one in turnstile.passed]
    assert ends == [
        type(None),
        type(None),
        type(None),
        VendorThrottled,
        VendorUnavailable,
        VendorGarbled,
    ]
    assert turnstile.passed[3].error.retry_after_s == 7
    assert [one.heard_of for one in turnstile.passed[:2]] == [[(17, 0)], []]


async def test_a_turnstile_that_is_shut_sends_nothing() -> None:
    turnstile = FakeTurnstile()
    exchange, _ = saying((200, []))
    async with trading_at(exchange.handle, turnstile=turnstile) as broker:
        turnstile.closed = VendorUnavailable("alpaca-paper", "not asked", calls=0, retry_after_s=4)
        with pytest.raises(BrokerThrottled, match="not asked") as throttled:
            await broker.submit(BUY)
    assert throttled.value.retry_after_s == 4
    assert exchange.asked == []


async def test_cancelling_says_yes_with_nothing_or_no() -> None:
    exchange, opened = saying(
        (204, b""), (422, {"code": 42210000, "message": "not cancelable"}), (404, NOT_FOUND)
    )
    async with opened as broker:
        await broker.cancel(FIRST)
        for text in ("not cancelable", "not found"):
            with pytest.raises(BrokerRefused, match=text):
                await broker.cancel(FIRST)
        with pytest.raises(BrokerRefused, match="no such order"):
            await broker.cancel("../../account")
    assert [(one.method, one.path) for one in exchange.asked] == [
        ("DELETE", f"/alpaca/v2/orders/{FIRST}")
    ] * 3


async def test_a_replacement_is_a_new_order_and_repeating_it_finds_it() -> None:
    new = order(2, replaces=FIRST, limit_price="206")
    gone = (422, {"code": 42210000, "message": "order is not open"})
    exchange, opened = saying((200, new), gone, (200, new), gone, (404, NOT_FOUND))
    wanted = evolve(BUY, id="id-2", limit=D(206))
    async with opened as broker:
        replaced = await broker.replace(FIRST, wanted)
        assert (replaced.id, replaced.replaces, replaced.limit) == ("id-2", FIRST, D(206))
        assert await broker.replace(FIRST, wanted) == replaced
        with pytest.raises(BrokerRefused, match="not open"):
            await broker.replace(FIRST, wanted)
    assert exchange.asked[0].method == "PATCH"
    assert exchange.asked[0].body == {"qty": "3", "limit_price": "206", "client_order_id": "id-2"}


async def test_an_order_is_found_by_its_id_or_is_not_there() -> None:
    _, opened = saying((404, NOT_FOUND), (200, order()), (200, order(2)), (403, POOR))
    async with opened as broker:
        assert await broker.order("id-1") is None
        found = await broker.order("id-1")
        assert found is not None
        with pytest.raises(BrokerGarbled):
            await broker.order("id-1")
        with pytest.raises(BrokerRefused):
            await broker.order("id-1")


async def test_legs_are_counted_once_however_they_are_shown() -> None:
    legs = [
        order(7, side="sell", status="held", type="stop", limit_price=None, stop_price="201"),
        order(8, side="sell", status="held", limit_price="212"),
    ]
    # They were submitted, as their broker calls it, only once the entry was filled.
    legs = [one | {"submitted_at": "2026-11-20T18:00:00Z"} for one in legs]
    entry = order(6, order_class="bracket")

    def listed(said: Said) -> Answer:
        if said.query["nested"] == "true":
            assert datetime.fromisoformat(said.query["after"]) < SINCE
            return 200, [entry | {"legs": legs}]
        return 200, [entry, *legs]

    exchange, opened = saying(listed)
    async with opened as broker:
        found = await broker.orders()
        assert [one.id for one in found] == ["id-6", "id-7", "id-8"]
        assert [one.parent for one in found] == [None, entry["id"], entry["id"]]
        asked = len(exchange.asked)
        assert await broker.orders() == found
    # Now the family is known, and one list is enough.
    assert (asked, len(exchange.asked)) == (2, 3)


async def test_what_ended_long_after_it_was_submitted_is_told_too() -> None:
    clock = FakeClock()
    began = clock.now()
    old = (began - timedelta(days=20)).isoformat()
    resting = order(5, submitted_at=old, created_at=old, updated_at=old)
    filled = {"status": "filled", "filled_qty": "3", "filled_avg_price": "205.8"}
    ended = resting | filled | {"updated_at": (began + timedelta(seconds=8)).isoformat()}
    rows = {"now": resting}

    def listed(said: Said) -> Answer:
        row = rows["now"]
        if said.path.endswith(resting["id"]):
            return 200, row
        if said.query["status"] == "open":
            return 200, [row] if row is resting else []
        return 200, [row] if datetime.fromisoformat(said.query["after"]) < datetime.fromisoformat(
            old
        ) else []

    exchange, opened = Exchange(listed), trading_at
    async with opened(exchange.handle, clock=clock) as broker:
        assert [one.status for one in await broker.orders()] == [Status.WORKING]
        rows["now"] = ended
        await clock.advance(10)
        exchange.asked.clear()
        # What was open at the look before, and is not any more, is asked for by itself.
        (found,) = await broker.orders(began + timedelta(seconds=5))
        assert (found.status, found.filled) == (Status.FILLED, D(3))
        assert [one.path.rsplit("/", 1)[1] for one in exchange.asked] == [
            "orders",
            "orders",
            resting["id"],
        ]
        assert await broker.orders(began + timedelta(seconds=15)) == ()
    async with opened(exchange.handle, clock=clock) as fresh:
        exchange.asked.clear()
        # Without such a look everything that could have been open is gone through.
        (found,) = await fresh.orders(began + timedelta(seconds=5))
        assert found.status is Status.FILLED
    assert len(exchange.asked) == 2


async def test_pages_of_orders_are_read_to_the_end_and_not_for_ever() -> None:
    def stamp(number: int) -> str:
        # Five orders in each millisecond, so that pages part orders of one moment.
        at = SINCE + timedelta(milliseconds=number // 5)
        return at.isoformat()

    rows = [order(one, submitted_at=stamp(one), created_at=stamp(one)) for one in range(1, 1_203)]

    def listed(said: Said) -> Answer:
        after = said.query.get("after", "")
        found = [
            row
            for row in rows
            if not after
            or datetime.fromisoformat(row["submitted_at"]) > datetime.fromisoformat(after)
        ]
        return 200, found[: int(said.query["limit"])]

    exchange, opened = saying(listed)
    async with opened as broker:
        found = await broker.orders()
    assert {one.id for one in found} == {row["client_order_id"] for row in rows}
    assert len(found) == len(rows)
    stuck = [order(one) for one in range(1, 501)]
    exchange, opened = saying((200, stuck))
    async with opened as broker:
        with pytest.raises(BrokerGarbled, match="do not go on"):
            await broker.orders()
    assert len(exchange.asked) == 2


async def test_lists_that_cannot_be_read_or_never_end_are_garbled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(order_lists, "PAGES", 4)
    number = iter(range(1, 10**6))

    def endless(said: Said) -> Answer:
        moment = (SINCE + timedelta(seconds=next(number))).isoformat()
        return 200, [order(next(number), submitted_at=moment) for _ in range(500)]

    exchange, opened = saying((200, [order(), {}]), (200, {"message": "orders"}), endless)
    async with opened as broker:
        for _ in range(2):
            with pytest.raises(BrokerGarbled):
                await broker.orders()
        with pytest.raises(BrokerGarbled, match="more than 4 pages"):
            await broker.orders()
    assert len(exchange.asked) == 6


@pytest.mark.parametrize(
    ("answer", "error"),
    [((404, NOT_FOUND), None), ((401, b""), BrokerRefused), ((200, [1]), BrokerGarbled)],
)
async def test_an_order_that_is_gone_altogether_is_left_out(
    answer: Answer, error: type[BrokerError] | None
) -> None:
    clock = FakeClock()
    exchange = Exchange((200, [order()]), (200, []), (200, []), (200, []), answer)
    async with trading_at(exchange.handle, clock=clock) as broker:
        assert len(await broker.orders()) == 1
        await clock.advance(10)
        if error is None:
            assert await broker.orders(clock.now()) == ()
        else:
            with pytest.raises(error):
                await broker.orders(clock.now())


async def test_a_crowd_is_turned_away() -> None:
    over = asyncio.Event()

    async def wait(request: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.json_response([])

    async with trading_at(wait) as broker:
        many = [asyncio.create_task(broker.positions()) for _ in range(70)]
        await asyncio.wait(many, return_when=asyncio.FIRST_COMPLETED)
        over.set()
        ends = await asyncio.gather(*many, return_exceptions=True)
    assert [type(one) for one in ends].count(BrokerThrottled) == 6
    assert ends.count(()) == 64


async def test_positions_are_in_order_and_none_is_there_twice() -> None:
    def position(symbol: str, qty: str = "3") -> dict[str, object]:
        return {
            "symbol": symbol,
            "asset_class": "us_equity",
            "qty": qty,
            "side": "long",
            "avg_entry_price": "10",
        }

    _, opened = saying(
        (200, [position("MSFT"), position("AAPL"), position("KO", "0")]),
        (200, [position("MSFT"), position("MSFT")]),
    )
    async with opened as broker:
        assert [one.symbol for one in await broker.positions()] == ["AAPL", "MSFT"]
        with pytest.raises(BrokerGarbled, match="twice"):
            await broker.positions()


async def test_flows_are_read_page_by_page_and_oldest_first() -> None:
    def flow(number: int) -> dict[str, object]:
        return {
            "activity_type": "CSD",
            "id": f"20261120::{number:04d}",
            "date": f"2026-11-{19 + number % 3}",
            "net_amount": "5",
        }

    def page(said: Said) -> Answer:
        start = int(said.query.get("page_token", "20261120::-001").split("::")[1]) + 1
        return 200, [flow(one) for one in range(start, min(start + 100, 230))]

    exchange, opened = saying(page)
    async with opened as broker:
        found = await broker.flows(SINCE)
    assert len(exchange.asked) == 3
    kinds = exchange.asked[0].query["activity_types"].split(",")
    assert kinds[:4] == ["CSD", "CSW", "JNLC", "ACATC"]
    assert {"DIV", "INT", "FEE"} <= set(kinds)
    # Of the day itself all are told, of the day before none.
    assert len(found) == sum(number % 3 != 0 for number in range(230))
    assert [one.at for one in found] == sorted(one.at for one in found)
    _, opened = saying((200, [flow(7)] * 100))
    async with opened as broker:
        with pytest.raises(BrokerGarbled, match="do not go on"):
            await broker.flows(SINCE)


async def test_the_calendar_is_in_utc() -> None:
    row = {"date": "2026-11-27", "open": "09:30", "close": "13:00"}
    exchange, opened = saying((200, [row | {"session_open": "0400", "session_close": "2000"}]))
    async with opened as broker:
        found = await broker.sessions(date(2026, 11, 27), date(2026, 11, 28))
        assert await broker.sessions(date(2026, 11, 28), date(2026, 11, 29)) == ()
    assert found is not None
    assert [one.close for one in found] == [datetime(2026, 11, 27, 18, tzinfo=UTC)]
    assert exchange.asked[0].query == {"start": "2026-11-27", "end": "2026-11-28"}


async def test_splits_are_those_that_take_effect_on_these_days() -> None:
    def split(symbol: str, day: str) -> dict[str, object]:
        return {"symbol": symbol, "new_rate": 2, "old_rate": 1, "ex_date": day}

    pages = {
        None: ([split("AAPL", "2026-11-27"), split("AAPL", "2026-12-03")], "more"),
        "more": ([split("KO", "2026-11-27"), split("MSFT", "2026-11-25")], None),
    }

    def page(said: Said) -> Answer:
        rows, token = pages[said.query.get("page_token")]
        return 200, {"corporate_actions": {"forward_splits": rows}, "next_page_token": token}

    exchange, opened = saying(page)
    asked = [AAPL, Symbol("MSFT"), Symbol("BTC/USD")]
    async with opened as broker:
        found = await broker.splits(asked, date(2026, 11, 25), date(2026, 11, 30))
        assert await broker.splits([], date(2026, 11, 25), date(2026, 11, 30)) == ()
    assert [one.symbol for one in found] == ["MSFT", "AAPL"]
    assert exchange.asked[0].path == "/alpaca/v1/corporate-actions"
    assert exchange.asked[0].query["symbols"] == "AAPL,MSFT"
    assert exchange.asked[0].query["types"] == "forward_split,reverse_split,stock_dividend"


async def test_no_log_shows_a_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _, opened = saying((200, order()), (500, {"message": SECRET}))
    async with opened as broker:
        await broker.submit(evolve(BUY, bracket=Bracket(D(201))))
        with pytest.raises(BrokerAway) as away:
            await broker.submit(BUY)
    assert "canary" not in caplog.text
    check_no_secret(away.value)
