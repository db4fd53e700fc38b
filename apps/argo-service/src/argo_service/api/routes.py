"""Every path of the API in one table; routing, access and documentation are made from it."""

from aiohttp import web

from argo_core.consensus.reasons import Direction
from argo_service.api.bodies import HealthBody, SignalsBody, SymbolBody
from argo_service.api.health import LEVELS, health
from argo_service.api.metrics import metrics
from argo_service.api.operation import Operation, Parameter
from argo_service.api.pages import docs, landing, openapi_json
from argo_service.api.parameters import DEFAULT_LIMIT, MOST
from argo_service.api.signals import signals, symbol_signals
from argo_service.api_keys import Scope

_SYMBOL = {"type": "string", "pattern": r"^[A-Z][A-Z0-9]{0,9}(\.[A-Z]{1,2}|/[A-Z]{3,4})?$"}
_MOMENT = {"type": "string", "format": "date-time"}
_FILTERS = (
    Parameter(
        "direction",
        "Only signals in this direction.",
        {"type": "string", "enum": [each.value for each in Direction]},
        example="BUY",
    ),
    Parameter(
        "min_confidence",
        "Only signals of at least this confidence in percent, with up to two decimals.",
        {"type": "number", "minimum": 0, "maximum": 100, "default": 0},
        example="80",
    ),
    Parameter("since", "Only signals decided at or after this moment.", _MOMENT),
    Parameter("until", "Only signals decided before this moment.", _MOMENT),
    Parameter(
        "limit",
        "How many signals a page holds at most.",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
    ),
    Parameter(
        "cursor",
        "The text of `next` from the page before; the other parameters stay as they were.",
        {"type": "string"},
    ),
)
_KEYED = (401, 403, 429, 503)

OPERATIONS = (
    Operation(
        "/api/v1/signals",
        signals,
        "Published signals, newest first",
        "All signals in the log that match, in pages. Each carries its place in the log and its"
        " hashes, so that it can be checked later.",
        "Signals",
        SignalsBody,
        Scope.READ,
        (
            Parameter("symbol", "Only signals of this symbol.", _SYMBOL, example="AAPL"),
            *_FILTERS,
        ),
        _KEYED,
    ),
    Operation(
        "/api/v1/signals/{symbol}",
        symbol_signals,
        "Everything about one symbol",
        "Its newest signal with contributions and reasoning, its history, its price, and the view"
        " of the last cycle. When that is a HOLD, `why` says which smallest change would have made"
        " it a signal. The stroke of a pair may be written as it is or as %2F.",
        "Signals",
        SymbolBody,
        Scope.READ,
        (
            Parameter("symbol", "The symbol.", _SYMBOL, where="path", example="BTC/USD"),
            *_FILTERS,
        ),
        (401, 403, 404, 429, 503),
        pattern="/api/v1/signals/{symbol:.+}",
    ),
    Operation(
        "/api/v1/health",
        health,
        "Is it well?",
        "`live`: the process answers. `ready`: its store answers and its cycles run. `deep`: it"
        " may take over: the vendors make a quorum, sessions are known far enough ahead, and paid"
        " AI has budget left. A source is healthy when it answers more than 95 % of asks, and each"
        " call in less than a twentieth of its timeout (200 ms of 4 s), half of it if it is a"
        " language model; degraded from 80 %, and up to an eighth or the whole; otherwise"
        " unhealthy.",
        "Operation",
        HealthBody,
        None,
        (
            Parameter(
                "level",
                "How deep to look.",
                {"type": "string", "enum": list(LEVELS), "default": "ready"},
            ),
        ),
        (),
        unwell=True,
    ),
    Operation(
        "/metrics",
        metrics,
        "Prometheus metrics",
        "Counters, gauges and histograms in Prometheus's text format.",
        "Operation",
        "text/plain",
        Scope.READ,
        (),
        (401, 403, 429),
    ),
    Operation(
        "/openapi.json",
        openapi_json,
        "This description for machines",
        "An OpenAPI 3.1 document, made from the same table that routes requests.",
        "About",
        "application/json",
    ),
    Operation(
        "/docs",
        docs,
        "This description for people",
        "A page without scripts.",
        "About",
        "text/html",
    ),
    Operation("/", landing, "Where to begin", "A page of links.", "About", "text/html"),
)

_BY_TEMPLATE = {operation.template: operation for operation in OPERATIONS}


def add_routes(app: web.Application) -> None:
    """Route every operation of the table."""
    for operation in OPERATIONS:
        app.router.add_route(operation.method, operation.pattern, operation.handler)
        if operation.method == "GET":
            app.router.add_route("HEAD", operation.pattern, operation.handler)


def operation_of(request: web.Request) -> Operation | None:
    """The table's line a request was routed to, None when there is none."""
    resource = request.match_info.route.resource
    return _BY_TEMPLATE.get(resource.canonical) if resource else None
