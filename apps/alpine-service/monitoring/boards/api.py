"""How readers are answered."""

from typing import Final

from monitoring.panels import Board, Bounds, Line, curve, figure, ranking
from monitoring.queries import NO_STREAMS, added, rate, ratio, within
from monitoring.shapes import a_minute, divided, happened, times

_TIMES = "alpine_http_request_seconds"
_ALL = f"{_TIMES}_count"
_BROKEN = 'status=~"5.."'
BOARD: Final = (
    Board(
        "alpine-api",
        "Alpine / API and streams",
        "How quickly readers are answered, how many listen, and who is sent away.",
    )
    .row(
        "Readers",
        figure("Requests a second", "Of pages and API alike.", rate(_ALL), unit="reqps", width=5),
        figure(
            "95 of 100 within",
            "Streams left out: they last as long as somebody listens.",
            within(95, _TIMES, only=NO_STREAMS),
            unit="s",
            bounds=Bounds(0.5, 1),
            width=5,
        ),
        figure(
            "Broken",
            "Answers of 5xx, as a share of all. Above a tenth somebody is called.",
            ratio(rate(_ALL, only=_BROKEN), rate(_ALL)),
            unit="percentunit",
            bounds=Bounds(0.01, 0.1),
            width=5,
        ),
        happened(
            "Sent away",
            "Requests while we look back for which there was no room.",
            "alpine_http_sent_away_total",
            bounds=Bounds(doubtful=1),
            width=5,
        ),
        figure("Listeners", "Streams that are open.", added("alpine_stream_listeners"), width=4),
        times(
            "How long answers take",
            "Streams left out. Points lead to traces.",
            *(_TIMES, 50, 95, 99),
            only=NO_STREAMS,
            bounds=Bounds(ill=1),
        ),
        ranking(
            "The slowest routes",
            "How long 95 of 100 answers of a route took at most.",
            Line(f"topk(8, {within(95, _TIMES, 'route', only=NO_STREAMS)})", "{{route}}"),
            unit="s",
            bounds=Bounds(0.5, 1),
        ),
    )
    .row(
        "Answers",
        curve(
            "By route",
            "Requests a second, by the template of their path.",
            Line(rate(_ALL, "route"), "{{route}}"),
            unit="reqps",
            piled=True,
        ),
        curve(
            "By status",
            "Answers a second.",
            Line(rate(_ALL, "status"), "{{status}}"),
            unit="reqps",
            piled=True,
        ),
        divided(
            "Broken, by route",
            "Answers of 5xx a minute.",
            *(_ALL, "status", "route"),
            only=_BROKEN,
            piled=False,
            bounds=Bounds(ill=1),
        ),
        a_minute(
            "Our faults, and no room",
            "A minute: requests that broke something of ours, and requests that were sent away.",
            bounds=Bounds(ill=1),
            broke_something="alpine_http_failures_total",
            sent_away="alpine_http_sent_away_total",
        ),
    )
    .row(
        "Streams",
        curve(
            "Who listens",
            "Open streams, by process.",
            Line(added("alpine_stream_listeners", "instance"), "{{instance}}"),
            piled=True,
        ),
        curve(
            "What they are told",
            "Events told to listeners a second, all listeners together.",
            Line(rate("alpine_stream_events_total"), "events"),
        ),
    )
)
