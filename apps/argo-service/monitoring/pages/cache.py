"""What need not be asked again."""

from typing import Final

from monitoring.asking import per_second, share
from monitoring.parts import Ask, Limits, Page, Row, lines, number

_HITS, _MISSES = "argo_cache_hits_total", "argo_cache_misses_total"
_LOOKUPS = f"({per_second(_HITS)} + {per_second(_MISSES)})"
_BY_SOURCE = f"({per_second(_HITS, 'source')} + {per_second(_MISSES, 'source')})"
_AT_HAND = share(per_second("argo_opinion_hits_total"), per_second("argo_opinion_lookups_total"))
_RATE = Row(
    "Hit rate",
    (
        number(
            "Opinions at hand",
            "Of the opinions that cycles looked up, how many were there and counted: the hit rate"
            " that health shows. Below 50 % is an alert, below 70 % a warning.",
            Ask(_AT_HAND),
            unit="percentunit",
            limits=Limits(0.7, 0.5, low=True),
            width=6,
        ),
        number(
            "Fresh in the store",
            "Before a source is asked, how many of the symbols had an answer that is still fresh.",
            Ask(share(per_second(_HITS), _LOOKUPS)),
            unit="percentunit",
            width=6,
        ),
        number(
            "Lookups a second",
            "Opinions that cycles looked up: every trading symbol at every source.",
            Ask(per_second("argo_opinion_lookups_total")),
            unit="short",
            width=6,
        ),
        number(
            "Symbols looked up before asks, a second",
            "How many symbols were looked up in the store before a source was asked.",
            Ask(_LOOKUPS),
            unit="short",
            width=6,
        ),
        lines(
            "Opinions at hand, over time",
            "Falls when a source is down and its last answers have aged.",
            Ask(_AT_HAND, "at hand"),
            unit="percentunit",
            limits=Limits(0.7, 0.5, low=True),
        ),
        lines(
            "Fresh in the store, by source",
            "A source whose answers live shorter than a beat is never fresh, and should be asked.",
            Ask(share(per_second(_HITS, "source"), _BY_SOURCE), "{{source}}"),
            unit="percentunit",
        ),
    ),
)
_WHY = Row(
    "Hits and misses",
    (
        lines(
            "Hits by source",
            "Symbols a second whose stored answer was fresh, so that nobody was asked.",
            Ask(per_second(_HITS, "source"), "{{source}}"),
            unit="short",
            stacked=True,
        ),
        lines(
            "Misses by what was found",
            "Symbols a second whose stored answer was stale, or that had none. Many without any"
            " after the first minutes means that the store forgets.",
            Ask(per_second(_MISSES, "found"), "{{found}}"),
            unit="short",
            stacked=True,
        ),
    ),
)
PAGE: Final = Page(
    "argo-cache",
    "Argo · Cache",
    "What need not be asked again, and why the rest must be.",
    (_RATE, _WHY),
)
