"""Who is let in, who is not, and who has had enough for today."""

from typing import Final

from monitoring.panels import Board, Bounds, Line, curve
from monitoring.queries import NO_STREAMS, within
from monitoring.shapes import divided, happened

_TIMES = "alpine_http_request_seconds"
BOARD: Final = (
    Board(
        "alpine-accounts",
        "Alpine / Accounts and quotas",
        "Refusals: of strangers, of those who guess, and of those above their plan.",
    )
    .row(
        "While we look back",
        happened(
            "Not allowed",
            "Requests without a key or with one that may not do this.",
            "alpine_access_refused_total",
            width=8,
        ),
        happened(
            "Guesses",
            "Logins and the like that were refused, because there were too many.",
            "alpine_tries_refused_total",
            bounds=Bounds(100, 1_000),
            width=8,
        ),
        happened(
            "Above a plan",
            "Requests above a limit or quota.",
            "alpine_quota_refused_total",
            width=8,
        ),
    )
    .row(
        "Over time",
        divided(
            "Not allowed, by why",
            "A minute. A jump after a release is ours; else somebody's key has ended.",
            *("alpine_access_refused_total", "why"),
        ),
        divided(
            "Guesses, by what was tried",
            "A minute. Above thirty for five minutes somebody is told.",
            *("alpine_tries_refused_total", "deed"),
            bounds=Bounds(doubtful=30),
        ),
        divided(
            "Above a plan, by which limit",
            "A minute.",
            *("alpine_quota_refused_total", "of"),
        ),
        divided(
            "Answers to 401, 403 and 429",
            "A minute, whatever the reason.",
            *(f"{_TIMES}_count", "status"),
            only='status=~"401|403|429"',
        ),
        curve(
            "How long refusing takes",
            "It should cost us little: 95 of 100 within this. Points lead to traces.",
            Line(
                within(95, _TIMES, "status", only=f'status=~"401|403|429",{NO_STREAMS}'),
                "{{status}}",
                traced=True,
            ),
            unit="s",
            bounds=Bounds(0.1, 0.5),
            width=24,
        ),
    )
)
