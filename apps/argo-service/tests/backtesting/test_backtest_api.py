"""Backtests over HTTP: who may ask, what is refused, how progress and results are had."""

import asyncio
import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_service.api.backtest_events import END
from argo_service.api.openapi import openapi
from argo_service.api.routes import OPERATIONS
from argo_service.api_keys import Scope
from argo_service.backtesting.bounds import Bounds
from argo_service.backtesting.catalogue import Catalogue
from argo_service.backtesting.desk import Desk, Workplace
from argo_service.backtesting.shelf import Shelf
from argo_service.backtesting.worker_process import COMMAND

PATH = "/api/v1/backtest"
STAGES = (
    *("waiting", "starting", "reading", "trading"),
    *("writing the trial down", "statistics", "writing", "done"),
)
STAND_IN = Path(__file__).with_name("stand_in_worker.py")
SMALL = {"strategy": "sma-cross", "symbols": ["SW"], "start": "2024-11-25", "benchmarks": False}


@pytest.fixture
def wish() -> str | None:
    """What the stand-in for a worker is to do; None for a real one."""
    return "finish"


@pytest.fixture
def bounds() -> Bounds:
    return Bounds()


@pytest.fixture
def desk(tmp_path: Path, wish: str | None, bounds: Bounds) -> Desk:
    """The station's."""
    return Desk(
        Workplace(
            shelf=Shelf(tmp_path / "results", bounds.kept, bounds.kept_mb),
            catalogue=Catalogue(),
            bounds=bounds,
            clock=SystemClock(),
            code="c0de",
            trials=tmp_path / "trials",
            command=COMMAND if wish is None else (sys.executable, str(STAND_IN), wish),
        )
    )


async def key(station: Any, *scopes: Scope, name: str = "somebody") -> dict[str, str]:
    now = station.clock.now()
    _, text = await asyncio.to_thread(station.keys.add, name, frozenset(scopes), now, None)
    await station.keyring.refresh()
    return {"Authorization": f"Bearer {text}"}


Headers = dict[str, str]


async def ask(
    station: Any, body: Any = SMALL, status: int = 202, headers: Headers | None = None
) -> Any:
    response = await station.client.post(PATH, json=body, headers=headers)
    assert response.status == status, await response.text()
    told = await response.json(content_type=None)
    if status == 202:
        assert response.headers["Location"] == f"{PATH}/{told['id']}"
    return told


async def get(station: Any, path: str, status: int = 200, headers: Headers | None = None) -> Any:
    response = await station.client.get(PATH + path, headers=headers)
    assert response.status == status, await response.text()
    return await response.json(content_type=None)


async def events(
    station: Any, run_id: str, headers: Headers | None = None
) -> list[tuple[str, str, Any]]:
    """Id, name and data of every event, to the end of the stream."""
    response = await station.client.get(f"{PATH}/{run_id}/events", headers=headers)
    assert response.status == 200, await response.text()
    assert response.content_type == "text/event-stream"
    async with asyncio.timeout(60):
        text = await response.text()
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


async def until_trading(station: Any, run_id: str, headers: Headers | None = None) -> None:
    response = await station.client.get(f"{PATH}/{run_id}/events", headers=headers)
    async with asyncio.timeout(30):
        while b'"trading"' not in await response.content.readline():
            pass
    response.close()


@pytest.mark.parametrize("wish", [None])
async def test_a_backtest_is_asked_for_followed_and_had(station: Any) -> None:
    run = await ask(station)
    assert (run["state"], run["strategy"], run["result_sha256"]) == ("waiting", "sma-cross", None)
    told = await events(station, run["id"])
    # Whoever listens hears how things stand, and not of every stage that is over in no time.
    stages = [data["progress"]["stage"] for _, _, data in told]
    assert len(set(stages)) > 1
    assert stages == sorted(stages, key=STAGES.index)
    assert told[-1][:2] == (END, "done")
    body = await get(station, f"/{run['id']}")
    assert (body["state"], body["asked"]["symbols"]) == ("done", ["SW"])
    result = body["result"]
    assert result["hashes"]["result"] == body["result_sha256"] == told[-1][2]["result_sha256"]
    assert result["data"]["symbols"] == ["SW"]
    assert result["data"]["first_session"] == "2024-11-25"
    response = await station.client.get(f"{PATH}/{run['id']}?format=trades")
    assert response.content_type == "text/csv"
    trades = list(csv.DictReader(io.StringIO(await response.text())))
    assert len(trades) == result["trades"]["count"] > 0
    response = await station.client.get(f"{PATH}/{run['id']}?format=equity")
    rows = list(csv.DictReader(io.StringIO(await response.text())))
    assert len(rows) == result["data"]["rows"]


@pytest.mark.parametrize("wish", [None])
async def test_what_only_reading_finds_is_a_failure_that_names_the_member(station: Any) -> None:
    run = await ask(station, {**SMALL, "symbols": ["ZZZ"]})
    *_, (_, state, data) = await events(station, run["id"])
    assert state == "failed"
    assert data["problem"]["field"] == "symbols"
    assert "no bars of ZZZ" in data["problem"]["detail"]
    assert data["problem"]["fix"]


async def test_the_page_brings_its_own_style_and_no_script_is_let_run(station: Any) -> None:
    run = await ask(station)
    await events(station, run["id"])
    response = await station.client.get(f"{PATH}/{run['id']}?format=html")
    assert response.content_type == "text/html"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({"strategi": "x"}, "strategi"),
        ({"strategy": "martingale"}, "strategy"),
        ({"parameters": {"theta_bp": "high"}}, "parameters.theta_bp"),
        ({"dataset": "nobodys"}, "dataset"),
        ({"dataset": "../argo.sqlite3"}, "dataset"),
        ({"costs": {"fees": {"minimum": "-1"}}}, "costs.fees.minimum"),
        ({"costs": {"fees": {"per_share": "1e30"}}}, "costs.fees.per_share"),
        ({"limits": {"positions": "3"}}, "limits.positions"),
        ({"start": "2024-11-26", "end": "2024-11-25"}, "end"),
    ],
)
async def test_a_wrong_member_is_a_problem_that_names_it_and_the_fix(
    station: Any, body: Any, field: str
) -> None:
    problem = await ask(station, body, 400)
    assert problem["type"] == "/docs#problem-invalid-input"
    assert problem["field"] == field
    assert problem["fix"]
    assert (await get(station, ""))["backtests"] == []


@pytest.mark.parametrize("bounds", [Bounds(bars=1_000)])
async def test_too_many_bars_are_refused_at_once(station: Any) -> None:
    problem = await ask(station, {}, 400)
    assert problem["field"] == "symbols"
    assert "are too much at once" in problem["detail"]
    assert "1,000 at most" in problem["fix"]


async def test_a_body_that_is_not_declared_json_is_not_read(station: Any) -> None:
    response = await station.client.post(PATH, data=b"{}", headers={"Content-Type": "text/plain"})
    assert response.status == 415


async def test_an_unknown_parameter_of_the_path_is_refused(station: Any) -> None:
    run = await ask(station)
    for path in ("?x=1", "/datasets?x=1", f"/{run['id']}?format=pdf", f"/{run['id']}/events?x=1"):
        assert (await get(station, path, 400))["field"] in {"x", "format"}


async def test_the_same_asked_for_twice_is_one_run(station: Any) -> None:
    first, again = await asyncio.gather(ask(station), ask(station))
    assert first["id"] == again["id"]
    await events(station, first["id"])
    assert (await ask(station))["state"] == "done"
    assert len((await get(station, ""))["backtests"]) == 1


@pytest.mark.parametrize("wish", ["hang"])
async def test_a_cancelled_run_ends_its_stream_and_is_forgotten(
    station: Any, tmp_path: Path
) -> None:
    run = await ask(station)
    following = asyncio.create_task(events(station, run["id"]))
    await until_trading(station, run["id"])
    response = await station.client.delete(f"{PATH}/{run['id']}")
    assert response.status == 204
    assert (await following)[-1][:2] == (END, "cancelled")
    assert (await get(station, f"/{run['id']}", 404))["title"] == "There is no such thing"
    assert (await station.client.delete(f"{PATH}/{run['id']}")).status == 404
    assert await asyncio.to_thread(lambda: list((tmp_path / "results").iterdir())) == []


@pytest.mark.parametrize("wish", ["die"])
async def test_a_worker_that_was_killed_is_a_clear_failure(station: Any) -> None:
    run = await ask(station)
    *_, (_, state, data) = await events(station, run["id"])
    assert state == "failed"
    assert "ended by signal 9" in data["problem"]["detail"]
    assert (await get(station, f"/{run['id']}"))["result"] is None
    problem = await get(station, f"/{run['id']}?format=html", 404)
    assert "it is failed" in problem["detail"]


@pytest.mark.parametrize(
    ("wish", "bounds"), [("hang", Bounds(waiting=2, waiting_each=1))], ids=["crowded"]
)
async def test_who_has_enough_waiting_is_told_to_come_back(station: Any) -> None:
    ann = await key(station, Scope.BACKTEST, name="ann")
    bob = await key(station, Scope.BACKTEST, name="bob")
    cid = await key(station, Scope.BACKTEST, name="cid")
    run = await ask(station, headers=ann)
    await until_trading(station, run["id"], ann)
    await ask(station, {**SMALL, "capital": 1_000}, headers=ann)
    response = await station.client.post(PATH, json={**SMALL, "capital": 2_000}, headers=ann)
    assert (response.status, response.headers["Retry-After"]) == (429, "5")
    await ask(station, headers=bob)
    response = await station.client.post(PATH, json=SMALL, headers=cid)
    assert (response.status, response.headers["Retry-After"]) == (503, "1")


async def test_a_stream_that_is_asked_for_again_after_its_end_stays_silent(station: Any) -> None:
    run = await ask(station)
    await events(station, run["id"])
    response = await station.client.get(
        f"{PATH}/{run['id']}/events", headers={"Last-Event-ID": END}
    )
    assert response.status == 204
    # Who lost it before the end is told the end.
    assert [one[:2] for one in await events(station, run["id"], {"Last-Event-ID": "2"})] == [
        (END, "done")
    ]


@pytest.mark.parametrize("wish", ["hang"])
async def test_a_stream_shows_a_sign_of_life_while_nothing_happens(station: Any) -> None:
    run = await ask(station)
    response = await station.client.get(f"{PATH}/{run['id']}/events")
    async with asyncio.timeout(30):
        while b"trading" not in await response.content.readline():
            pass
        await station.clock.advance(15.0)
        while b"heartbeat" not in await response.content.readline():
            pass
    response.close()


@pytest.mark.parametrize("wish", ["hang"])
async def test_a_stream_ends_when_the_service_stops(station: Any) -> None:
    run = await ask(station)
    response = await station.client.get(f"{PATH}/{run['id']}/events")
    async with asyncio.timeout(10):
        await response.content.readline()
        closing = asyncio.create_task(station.client.server.close())
        await response.content.read()
        await closing


@pytest.mark.parametrize(
    ("scope", "status"),
    [(None, 401), (Scope.READ, 403), (Scope.TRADING, 403), (Scope.BACKTEST, 0), (Scope.ADMIN, 0)],
)
async def test_a_scope_of_its_own_opens_every_path(
    station: Any, scope: Scope | None, status: int
) -> None:
    await key(station, Scope.READ)
    headers = {} if scope is None else await key(station, scope)
    for method, path, good in (
        ("POST", PATH, 202),
        ("GET", PATH, 200),
        ("GET", f"{PATH}/datasets", 200),
        ("GET", f"{PATH}/{'0' * 32}", 404),
        ("GET", f"{PATH}/{'0' * 32}/events", 404),
        ("DELETE", f"{PATH}/{'0' * 32}", 404),
    ):
        body = {"json": SMALL} if method == "POST" else {}
        response = await station.client.request(method, path, headers=headers, **body)
        assert response.status == (status or good), (method, path)


async def test_everybody_sees_their_own_backtests_alone(station: Any) -> None:
    ann = await key(station, Scope.BACKTEST, name="ann")
    bob = await key(station, Scope.BACKTEST, name="bob")
    run = await ask(station, headers=ann)
    await events(station, run["id"], headers=ann)
    assert (await get(station, "", headers=bob))["backtests"] == []
    for path in (f"/{run['id']}", f"/{run['id']}/events", f"/{run['id']}?format=trades"):
        await get(station, path, 404, headers=bob)
    response = await station.client.delete(f"{PATH}/{run['id']}", headers=bob)
    assert response.status == 404
    assert [one["id"] for one in (await get(station, "", headers=ann))["backtests"]] == [run["id"]]


async def test_data_sets_are_listed_with_what_is_known_of_them(station: Any) -> None:
    found = {one["name"]: one for one in (await get(station, "/datasets"))["datasets"]}
    one = found["ordinary-day"]
    assert (one["kind"], one["symbols"], one["start"]) == ("shipped tape", 10, "2024-11-19")
    assert one["bars"] >= 13_617


@pytest.mark.parametrize("desk", [None])
async def test_where_none_are_run_it_says_so(station: Any) -> None:
    problem = await get(station, "", 409)
    assert problem["type"] == "/docs#problem-backtests-off"
    assert "backtest.enabled" in problem["detail"]


async def test_answers_are_what_the_description_says(
    station: Any, conforming: Callable[[Any, dict[str, Any], dict[str, Any]], list[str]]
) -> None:
    run = await ask(station)
    await events(station, run["id"])
    document = openapi(OPERATIONS)
    schemas = document["components"]["schemas"]
    for method, template, body in (
        ("post", PATH, await ask(station)),
        ("get", PATH, await get(station, "")),
        ("get", f"{PATH}/datasets", await get(station, "/datasets")),
    ):
        answers = document["paths"][template][method]["responses"]
        described = answers["202" if method == "post" else "200"]["content"]["application/json"]
        assert conforming(body, described["schema"], schemas) == []
    taken = document["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert conforming(SMALL, taken, schemas) == []
    assert document["paths"][f"{PATH}/{{id}}"]["delete"]["responses"]["204"]["content"] == {}
