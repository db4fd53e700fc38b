"""How Argo's own API answers."""

from typing import Final

from monitoring.asking import happened, per_second, quantile, share, total
from monitoring.parts import Ask, Limits, Page, Row, bars, lines, number

_HTTP = "argo_http_request_duration_seconds"
_COUNT = f"{_HTTP}_count"
_OURS = 'status=~"5.."'
_THEIRS = 'status=~"4.."'
_SLOWEST = 10
_NOW = Row(
    "Now",
    (
        number(
            "Requests a second",
            "All requests, health checks included. Streams are not: they last as long as somebody"
            " listens.",
            Ask(per_second(_COUNT)),
            unit="reqps",
            width=6,
        ),
        number(
            "95 % answered within",
            "One request in twenty takes longer than this. Above 1 s for five minutes warns.",
            Ask(quantile(0.95, _HTTP)),
            unit="s",
            limits=Limits(0.5, 1),
            width=6,
        ),
        number(
            "Our errors",
            "Requests answered with 5xx, as a share of all. Above 10 % is an alert.",
            Ask(share(f"({per_second(_COUNT, where=_OURS)} or vector(0))", per_second(_COUNT))),
            unit="percentunit",
            limits=Limits(0.01, 0.1),
            width=6,
        ),
        number(
            "Streams",
            "Streams of entries that are being read.",
            Ask(total("argo_streams")),
            unit="short",
            width=6,
        ),
    ),
)
_LATENCY = Row(
    "Latency",
    (
        lines(
            "How long requests take",
            "All routes together. A point with a mark leads to a trace.",
            Ask(quantile(0.5, _HTTP), "half within", exemplars=True),
            Ask(quantile(0.95, _HTTP), "95 % within", exemplars=True),
            Ask(quantile(0.99, _HTTP), "99 % within", exemplars=True),
            unit="s",
            limits=Limits(warn=1),
        ),
        bars(
            "The slowest routes",
            "95 % of a route's requests are answered within this.",
            Ask(f"topk({_SLOWEST}, {quantile(0.95, _HTTP, 'route')})", "{{route}}"),
            unit="s",
            limits=Limits(0.5, 1),
        ),
    ),
)
_ANSWERS = Row(
    "Requests and errors",
    (
        lines(
            "Requests by route",
            "Requests a second, by the template of their path.",
            Ask(per_second(_COUNT, "route"), "{{route}}"),
            unit="reqps",
            stacked=True,
        ),
        lines(
            "Answers by status",
            "Answers a second, by status.",
            Ask(per_second(_COUNT, "status"), "{{status}}"),
            unit="reqps",
            stacked=True,
        ),
        lines(
            "Refused, by route",
            "Answers of 4xx a second: keys, limits and parameters that callers should look at.",
            Ask(per_second(_COUNT, "route, status", _THEIRS), "{{route}} {{status}}"),
            unit="reqps",
        ),
        lines(
            "Failed, by route",
            "Answers of 5xx within the time of a point: ours to look at.",
            Ask(
                happened(_COUNT, "route, status", _OURS, "$__rate_interval"), "{{route}} {{status}}"
            ),
            unit="short",
            limits=Limits(bad=1),
        ),
    ),
)
PAGE: Final = Page(
    "argo-api",
    "Argo · API",
    "How quickly the API answers, and what it refuses or fails.",
    (_NOW, _LATENCY, _ANSWERS),
)
