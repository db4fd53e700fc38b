"""Every path of the API in one table; routing, access and documentation are made from it."""

from aiohttp import web

from argo_core.consensus.reasons import Direction
from argo_core.ledger.tile import MAX_LEVEL
from argo_service.api.backtest_operations import BACKTEST_OPERATIONS
from argo_service.api.bodies import BodiesBody, SignalsBody, SymbolBody
from argo_service.api.frames import MEDIA_TYPE as EVENTS
from argo_service.api.health import LEVELS, health
from argo_service.api.health_bodies import HealthBody
from argo_service.api.metrics import metrics
from argo_service.api.operation import Operation, Parameter
from argo_service.api.pages import docs, landing, openapi_json
from argo_service.api.parameters import DEFAULT_LIMIT, MOST
from argo_service.api.publisher import PUBLISHER_OPERATIONS
from argo_service.api.record import checkpoint, entry, entry_bundle, proof_file, tile
from argo_service.api.sealed import bodies
from argo_service.api.signals import signals, symbol_signals
from argo_service.api.skill import SKILL_OPERATION
from argo_service.api.stream import stream
from argo_service.api.trading_operations import TRADING_OPERATIONS
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
_RECORD = (404, 429, 503)
_BYTES = "application/octet-stream"
_INDEX = {"type": "integer", "minimum": 0}
_PATH_INDEX = Parameter("index", "The entry's index.", _INDEX, where="path", example="0")
_TILE_PATH = {"type": "string", "pattern": r"^(x[0-9]{3}/)*[0-9]{3}(\.p/[1-9][0-9]{0,2})?$"}
_TILE = Parameter(
    "path",
    "Its index in groups of three digits, all but the last behind an x; `.p/` and its width if it"
    " is partial, such as `x001/234.p/17`.",
    _TILE_PATH,
    where="path",
    example="000.p/1",
)

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
        "/api/v1/stream",
        stream,
        "Entries as they are published",
        "Server-sent events, one for each entry: `id` is its index, `event` its kind, `data` its"
        " very bytes. A checkpoint follows when all that it covers was sent: `event` is"
        " `checkpoint`, `data` the signed note. Who asks again with the header `Last-Event-ID`, as"
        " every browser does by itself, goes on after that entry. Every 15 seconds without news a"
        " comment is sent; a reader that takes nothing for 10 seconds is cut off, and can ask"
        " again.",
        "Signals",
        EVENTS,
        Scope.READ,
        (
            Parameter(
                "since",
                "The index of the first entry to send; without it only what is new. The header"
                " `Last-Event-ID` goes before it.",
                _INDEX,
            ),
        ),
        _KEYED,
    ),
    Operation(
        "/api/v1/bodies",
        bodies,
        "What delayed signals say, early",
        "A delayed strategy logs a commitment at once and shows the signal later. This is what was"
        " committed to, with the nonces, from the moment the commitments are published. A page"
        " looks through 1,000 entries at most, so it may be empty before the last.",
        "Signals",
        BodiesBody,
        Scope.REALTIME,
        (
            Parameter(
                "from",
                "The index of the first entry to look at; then `next` of the page before.",
                {**_INDEX, "default": 0},
                example="0",
            ),
            Parameter(
                "limit",
                "How many bodies a page holds at most.",
                {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
            ),
        ),
        _KEYED,
    ),
    SKILL_OPERATION,
    *TRADING_OPERATIONS,
    *PUBLISHER_OPERATIONS,
    *BACKTEST_OPERATIONS,
    Operation(
        "/checkpoint",
        checkpoint,
        "The record's head, signed",
        "The newest published checkpoint with its cosignatures, a C2SP signed note: the log's name,"
        " how many entries there are, their RFC 6962 root in base64.",
        "Record",
        "text/plain",
        refusals=_RECORD,
        public=True,
    ),
    Operation(
        "/tile/{level}/{path}",
        tile,
        "Hashes of the record",
        "A tile after C2SP tlog-tiles: up to 256 hashes of 32 bytes. A hash of level L is the root"
        " of 256^L entries. A tile of one path never changes.",
        "Record",
        _BYTES,
        None,
        (
            Parameter(
                "level",
                "The tiles' level.",
                {"type": "integer", "minimum": 0, "maximum": MAX_LEVEL},
                where="path",
                example="0",
            ),
            _TILE,
        ),
        _RECORD,
        public=True,
        pattern="/tile/{level}/{path:.+}",
    ),
    Operation(
        "/tile/entries/{path}",
        entry_bundle,
        "Entries of the record, 256 at a time",
        "A bundle after C2SP tlog-tiles: up to 256 entries, each behind its length in two bytes,"
        " big-endian. A bundle of one path never changes.",
        "Record",
        _BYTES,
        None,
        (_TILE,),
        _RECORD,
        public=True,
        pattern="/tile/entries/{path:.+}",
    ),
    Operation(
        "/proof/{index}.tlog-proof",
        proof_file,
        "One entry's proof",
        "A C2SP tlog-proof@v1 file: with the entry's bytes and pinned keys it proves offline that"
        " the entry is in the record. It carries the published checkpoint, or a cosigned one"
        " before it while witnesses are awaited.",
        "Record",
        "text/plain",
        None,
        (_PATH_INDEX,),
        _RECORD,
        public=True,
    ),
    Operation(
        "/api/v1/entries/{index}",
        entry,
        "One entry's bytes",
        "The very bytes that were hashed: `sha256sum` of a signal says its `signal_sha256`.",
        "Record",
        _BYTES,
        None,
        (_PATH_INDEX,),
        _RECORD,
        public=True,
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

_BY_PLACE = {(operation.method, operation.template): operation for operation in OPERATIONS}


def add_routes(app: web.Application) -> None:
    """Route every operation of the table."""
    for operation in OPERATIONS:
        app.router.add_route(operation.method, operation.pattern, operation.handler)
        if operation.method == "GET":
            app.router.add_route("HEAD", operation.pattern, operation.handler)


def operation_of(request: web.Request) -> Operation | None:
    """The table's line a request was routed to, None when there is none."""
    resource = request.match_info.route.resource
    method = "GET" if request.method == "HEAD" else request.method
    return _BY_PLACE.get((method, resource.canonical)) if resource else None
