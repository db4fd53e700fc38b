"""The routes of the log, past events, and how the service stands."""

from alpine_service.api import record
from alpine_service.api.event_bodies import EventPage
from alpine_service.api.log_bodies import LogBody, StatusBody
from alpine_service.api.route import ANYBODY, Parameter, Route, keyed
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.entitlement import Channel

ROUTES = (
    Route(
        "GET",
        "/v1/events",
        record.events,
        "Past events",
        "Events",
        keyed(Scope.SIGNALS, channel=Channel.API),
        EventPage,
        parameters=(
            Parameter(
                "since",
                "Those behind this number; 0 for all.",
                {"type": "integer", "minimum": 0, "maximum": 2**53 - 1, "default": 0},
                example="41",
            ),
            Parameter(
                "limit",
                "How many at most.",
                {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": record.LARGEST_PAGE,
                    "default": record.DEFAULT_PAGE,
                },
            ),
            Parameter(
                "If-None-Match",
                "An ETag; the answer is 304 if nothing changed.",
                {"type": "string"},
                where="header",
            ),
        ),
        meaning="The same that the stream and webhooks tell, as far as the plan may see it.",
    ),
    Route(
        "GET",
        "/v1/log",
        record.log,
        "The log that is read",
        "Proofs",
        ANYBODY,
        LogBody,
        refusals=(404,),
        any_origin=True,
    ),
    Route(
        "GET",
        "/v1/status",
        record.status,
        "How the service stands",
        "Service",
        ANYBODY,
        StatusBody,
        any_origin=True,
    ),
)
