"""Every path of backtests, as part of the table of operations."""

from argo_service.api.backtest import (
    FORMATS,
    JSON,
    PATH,
    backtest_ask,
    backtest_cancel,
    backtest_datasets,
    backtest_result,
    backtest_runs,
)
from argo_service.api.backtest_bodies import (
    BacktestRequestBody,
    BacktestRunBody,
    BacktestRunsBody,
    DatasetsBody,
)
from argo_service.api.backtest_events import backtest_events
from argo_service.api.frames import MEDIA_TYPE as EVENTS
from argo_service.api.operation import Operation, Parameter
from argo_service.api_keys import Scope

TAG = "Backtests"
_READ = (401, 403, 409, 429, 503)
_ONE = (401, 403, 404, 409, 429, 503)
_ID = Parameter(
    "id",
    "The backtest's id, as the answer to the request gave it.",
    {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    where="path",
    example="0f1e2d3c4b5a69788796a5b4c3d2e1f0",
)

BACKTEST_OPERATIONS = (
    Operation(
        PATH,
        backtest_ask,
        "Try a strategy on bars",
        "Takes it on and answers at once; `Location` says where the result will be. Its id is made"
        " of what is asked for, so the same asked for twice is one run with one result. What would"
        " take too many bars is refused before any is read.",
        TAG,
        BacktestRunBody,
        Scope.BACKTEST,
        (),
        (401, 403, 409, 415, 429, 503),
        method="POST",
        takes=BacktestRequestBody,
        status=202,
    ),
    Operation(
        PATH,
        backtest_runs,
        "Your backtests, newest first",
        "Those that wait, run, are done or failed. The oldest results make room for new ones. What"
        " was not finished when the service stopped is gone, and can be asked for again.",
        TAG,
        BacktestRunsBody,
        Scope.BACKTEST,
        (),
        _READ,
    ),
    Operation(
        f"{PATH}/datasets",
        backtest_datasets,
        "What bars there are",
        "The data sets that come with Argo, and those in the folder `backtest.folder`.",
        TAG,
        DatasetsBody,
        Scope.BACKTEST,
        (),
        _READ,
    ),
    Operation(
        f"{PATH}/{{id}}",
        backtest_result,
        "One backtest with its result",
        "The run as in the list, with `asked`, all that was asked for, and `result`, which is null"
        " until it is done. `format=html` is a page for people, `trades` and `equity` are CSV.",
        TAG,
        "application/json",
        Scope.BACKTEST,
        (
            _ID,
            Parameter(
                "format",
                "How the result is wanted.",
                {"type": "string", "enum": list(FORMATS), "default": JSON},
                example="html",
            ),
        ),
        _ONE,
    ),
    Operation(
        f"{PATH}/{{id}}",
        backtest_cancel,
        "Cancel a backtest, or drop its result",
        "Its worker is ended, and nothing is left behind, as if it had never been asked for.",
        TAG,
        "application/json",
        Scope.BACKTEST,
        (_ID,),
        _ONE,
        method="DELETE",
        status=204,
    ),
    Operation(
        f"{PATH}/{{id}}/events",
        backtest_events,
        "How far a backtest has come",
        "Server-sent events: `event` is its state, `data` the run as in the list. After the last"
        " one, whose `id` is `end`, the stream ends; who asks again with that as `Last-Event-ID`"
        " gets 204.",
        TAG,
        EVENTS,
        Scope.BACKTEST,
        (_ID,),
        _ONE,
    ),
)
