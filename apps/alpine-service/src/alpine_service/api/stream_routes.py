"""The route of the live stream."""

from alpine_service.api.route import Parameter, Route, keyed
from alpine_service.api.stream import MEDIA_TYPE, stream
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.entitlement import Channel

_NAMES = {"type": "string", "maxLength": 4_096}

ROUTES = (
    Route(
        "GET",
        "/v1/stream",
        stream,
        "Events as they happen",
        "Events",
        keyed(Scope.STREAM, channel=Channel.STREAM),
        MEDIA_TYPE,
        parameters=(
            Parameter(
                "since_id",
                "Begin behind this event. `Last-Event-ID` says the same; without both the stream"
                " begins now.",
                {"type": "integer", "minimum": 0},
                example="41",
            ),
            Parameter("symbol", "Only these symbols, with commas between them.", _NAMES),
            Parameter("strategy", "Only these strategies, with commas between them.", _NAMES),
        ),
        refusals=(400,),
        meaning="Server-sent events: `id` is the event's number, `event` its kind, `data` one line"
        " of JSON. A comment comes every 15 seconds without news. Whoever does not keep up is let"
        " go, and misses nothing by coming back with its last `id`.",
    ),
)
