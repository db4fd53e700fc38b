"""Who is let in, who is not, and who has had enough for today."""

from typing import Final

from monitoring.panels import Board, Bounds, Line, curve, figure
from monitoring.queries import NO_STREAMS, count, rate, within

_TIMES = "alpine_http_request_seconds"
BOARD: Final = (
    Board(
        "alpine-accounts",
        "Alpine / Accounts and quotas",
        "Refusals: of strangers, of those who guess, and of those above their plan.",
    )
    .row(
        "While we look back",
        figure(
            "Not allowed",
            "Requests without a key or with one that may not do this.",
            count("alpine_access_refused_total"),
            width=8,
        ),
        figure(
            "Guesses",
            "Logins and the like that were refused, because there were too many.",
            count("alpine_tries_refused_total"),
            bounds=Bounds(100, 1_000),
            width=8,
        ),
        figure(
            "Above a plan",
            "Requests above a limit or quota.",
            count("alpine_quota_refused_total"),
            width=8,
        ),
    )
    .row(
        "Over time",
        curve(
            "Not allowed, by why",
            "A minute. A jump after a release is ours; else somebody's key has ended.",
            Line(rate("alpine_access_refused_total", "why", times=60), "{{why}}"),
            piled=True,
        ),
        curve(
            "Guesses, by what was tried",
            "A minute. Above thirty for five minutes somebody is told.",
            Line(rate("alpine_tries_refused_total", "deed", times=60), "{{deed}}"),
            piled=True,
            bounds=Bounds(doubtful=30),
        ),
        curve(
            "Above a plan, by which limit",
            "A minute.",
            Line(rate("alpine_quota_refused_total", "of", times=60), "{{of}}"),
            piled=True,
        ),
        curve(
            "Answers to 401, 403 and 429",
            "A minute, whatever the reason.",
            Line(
                rate(f"{_TIMES}_count", "status", only='status=~"401|403|429"', times=60),
                "{{status}}",
            ),
            piled=True,
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
