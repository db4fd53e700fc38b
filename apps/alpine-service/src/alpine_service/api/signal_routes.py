"""The routes of signals and of what was verified of the log."""

from alpine_service.api import signals
from alpine_service.api.route import ANYBODY, Parameter, Route, keyed
from alpine_service.api.signal_bodies import (
    Direction,
    PerformancePage,
    Result,
    SignalBody,
    SignalPage,
    StrategyBody,
    StrategyList,
)
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.entitlement import Channel

_WORD = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]*$"}
_TIME = {"type": "string", "format": "date-time"}
_READ = keyed(Scope.SIGNALS, channel=Channel.API)
_ID = Parameter(
    "id",
    "The signal's id, or the index of its entry in the log.",
    {"type": "string", "minLength": 1, "maxLength": 255},
    where="path",
    is_needed=True,
    example="41",
)
_NAME = Parameter(
    "name",
    "The strategy's name.",
    {"type": "string", "minLength": 1, "maxLength": 128},
    where="path",
    is_needed=True,
    example="alpha",
)
_IF_NONE_MATCH = Parameter(
    "If-None-Match",
    "An ETag; the answer is 304 if nothing changed.",
    {"type": "string"},
    where="header",
)


def _choices(kind: type[Direction] | type[Result]) -> dict[str, object]:
    return {"type": "string", "enum": [each.value for each in kind]}


ROUTES = (
    Route(
        "GET",
        "/v1/signals",
        signals.signals,
        "Signals, the newest first",
        "Signals",
        _READ,
        SignalPage,
        parameters=(
            Parameter("symbol", "Only of this symbol.", _WORD, example="BRK.B"),
            Parameter("direction", "Only of this direction.", _choices(Direction)),
            Parameter("strategy", "Only of this strategy.", _WORD, example="alpha"),
            Parameter(
                "min_confidence_bp",
                "Only of at least so much confidence, whichever way it points.",
                {"type": "integer", "minimum": 0, "maximum": 10_000},
            ),
            Parameter("result", "Only with this result.", _choices(Result)),
            Parameter("since", "Decided then or later.", _TIME, example="2026-03-02T12:00:00Z"),
            Parameter("until", "Decided before then.", _TIME),
            Parameter(
                "limit",
                "How many at most.",
                {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": signals.LARGEST_PAGE,
                    "default": signals.DEFAULT_PAGE,
                },
            ),
            Parameter(
                "cursor",
                "`next` of the page before.",
                {"type": "string", "pattern": "^[0-9]{1,16}$"},
            ),
            _IF_NONE_MATCH,
        ),
        refusals=(400,),
        meaning="Real-time plans see signals once they are in the log; others see what everybody"
        " may see, and of the rest that something was committed. What is sealed to the one who"
        " asks does not fit a filter about what is in it.",
    ),
    Route(
        "GET",
        "/v1/signals/{id}",
        signals.signal,
        "One signal",
        "Signals",
        _READ,
        SignalBody,
        parameters=(_ID, _IF_NONE_MATCH),
        refusals=(404,),
    ),
    Route(
        "GET",
        "/v1/signals/{id}/proof",
        signals.proof,
        "The proof that a signal is in the log",
        "Proofs",
        ANYBODY,
        "text/plain; charset=utf-8",
        parameters=(_ID, _IF_NONE_MATCH),
        refusals=(404,),
        meaning="A C2SP tlog-proof, to be checked offline with pinned keys. Of a signal that was"
        " committed it is about the commit.",
        any_origin=True,
    ),
    Route(
        "GET",
        "/v1/signals/{id}/entry",
        signals.entry,
        "The bytes that the proof is about",
        "Proofs",
        ANYBODY,
        "application/octet-stream",
        parameters=(_ID, _IF_NONE_MATCH),
        refusals=(404,),
        any_origin=True,
    ),
    Route(
        "GET",
        "/v1/strategies",
        signals.strategies,
        "All strategies",
        "Strategies",
        ANYBODY,
        StrategyList,
        parameters=(_IF_NONE_MATCH,),
        meaning="Retired ones stay, so that a record cannot be made better by leaving some out.",
        any_origin=True,
    ),
    Route(
        "GET",
        "/v1/strategies/{name}",
        signals.strategy,
        "One strategy",
        "Strategies",
        ANYBODY,
        StrategyBody,
        parameters=(_NAME, _IF_NONE_MATCH),
        refusals=(404,),
        any_origin=True,
    ),
    Route(
        "GET",
        "/v1/performance",
        signals.performance,
        "What the signals were worth",
        "Strategies",
        ANYBODY,
        PerformancePage,
        parameters=(_IF_NONE_MATCH,),
        any_origin=True,
    ),
)
