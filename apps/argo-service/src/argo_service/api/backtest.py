"""`/api/v1/backtest`: a strategy is tried on bars, the result is had by its id."""

import asyncio
import json
from datetime import date
from typing import Final

from aiohttp import web

from argo_core.codec.plain import to_plain
from argo_service.api import keys
from argo_service.api.backtest_bodies import (
    BacktestRunsBody,
    DatasetBody,
    DatasetsBody,
    run_body,
)
from argo_service.api.errors import BacktestsOff
from argo_service.api.json_body import read_object
from argo_service.api.parameters import Parameters
from argo_service.api.replies import json_reply
from argo_service.api.requested import API_KEY
from argo_service.backtesting.defaults import DATASET, STRATEGY, refuse
from argo_service.backtesting.desk import Desk
from argo_service.backtesting.request import read_asked
from argo_service.backtesting.run import State
from argo_service.backtesting.shelf import EQUITY, REPORT, RESULT, TRADES

PATH: Final = "/api/v1/backtest"
JSON: Final = "json"
_FILES: Final = {
    "html": (REPORT, "text/html", "utf-8"),
    "trades": (TRADES, "text/csv", "utf-8"),
    "equity": (EQUITY, "text/csv", "utf-8"),
}
FORMATS: Final = (JSON, *_FILES)
# A report carries its own style and its pictures, and nothing that runs.
_REPORT_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox;"
    " frame-ancestors 'none'; base-uri 'none'"
)


def desk_of(app: web.Application) -> Desk:
    """Where backtests are asked for.

    Raises:
        BacktestsOff: nowhere.
    """
    desk = app[keys.BACKTESTS]
    if desk is None:
        raise BacktestsOff("no backtests are run here; set backtest.enabled = true and start again")
    return desk


def owner_of(request: web.Request) -> str:
    """Whose backtests a caller sees: those of its key, or all while the door is open."""
    key = request[API_KEY]
    return key.id if key else ""


async def backtest_ask(request: web.Request) -> web.Response:
    """Take a backtest on, or find the one that is the same."""
    desk = desk_of(request.app)
    Parameters.of(request.rel_url, ())
    asked = read_asked(await read_object(request), dataset=DATASET, strategy=STRATEGY)
    # The first one loads indicators and a compiler, which takes longer than a beat.
    await asyncio.to_thread(refuse, asked)
    run = await desk.ask(asked, owner_of(request))
    return json_reply(run_body(run), status=202, headers={"Location": f"{PATH}/{run.id}"})


async def backtest_runs(request: web.Request) -> web.Response:
    """The caller's own."""
    desk = desk_of(request.app)
    Parameters.of(request.rel_url, ())
    return json_reply(BacktestRunsBody(tuple(map(run_body, desk.all(owner_of(request))))))


async def backtest_datasets(request: web.Request) -> web.Response:
    """What bars there are."""
    desk = desk_of(request.app)
    Parameters.of(request.rel_url, ())
    found = await desk.datasets()
    bodies = tuple(
        DatasetBody(one.name, one.kind, one.bars, one.symbols, _text(one.start), _text(one.end))
        for one in found
    )
    return json_reply(DatasetsBody(bodies))


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


async def backtest_result(request: web.Request) -> web.Response:
    """A run, with its result once there is one."""
    desk, owner, run_id = desk_of(request.app), owner_of(request), request.match_info["id"]
    parameters = Parameters.of(request.rel_url, ("format",))
    wanted = parameters.choice("format", FORMATS, JSON) or JSON
    run = desk.find(run_id, owner)
    if wanted in _FILES:
        name, kind, charset = _FILES[wanted]
        body = await desk.part(run_id, owner, name)
        policy = {"Content-Security-Policy": _REPORT_POLICY} if wanted == "html" else {}
        headers = {"Content-Type": f"{kind}; charset={charset}", **policy}
        return web.Response(body=body, headers=headers)
    told = json.dumps({**to_plain(run_body(run)), "asked": run.asked.told()}, allow_nan=False)
    result = b"null"
    if run.state is State.DONE:
        result = await desk.part(run_id, owner, RESULT)
    # The result's bytes are those that the command writes, so they are not written anew.
    body = told[:-1].encode() + b', "result": ' + result.strip() + b"}"
    return web.Response(body=body, content_type="application/json")


async def backtest_cancel(request: web.Request) -> web.Response:
    """End it and forget it."""
    desk = desk_of(request.app)
    Parameters.of(request.rel_url, ())
    await desk.cancel(request.match_info["id"], owner_of(request))
    return web.Response(status=204)
