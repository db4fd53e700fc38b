"""`GET /api/v1/skill`: how good each source was, by what is published."""

from collections.abc import AsyncIterator

from aiohttp import web

from argo_service.api import keys
from argo_service.api.operation import Operation, Parameter
from argo_service.api.parameters import Parameters
from argo_service.api.published import log_body, shown_size
from argo_service.api.replies import json_reply
from argo_service.api.skill_bodies import SkillAnswerBody
from argo_service.api_keys import Scope


async def skill(request: web.Request) -> web.Response:
    """Scores, calibration, controls and prices of a strategy's sources."""
    parameters = Parameters.of(request.rel_url, ("strategy",))
    desk, publication = request.app[keys.SKILL], request.app[keys.PUBLICATION]
    await desk.read_on(shown_size(publication))
    named = parameters.given.get("strategy", desk.strategies[-1] if desk.strategies else None)
    told = None if named is None else await desk.tell(named)
    log = log_body(publication, request.app[keys.LOG].key)
    return json_reply(SkillAnswerBody(told, desk.strategies, desk.read, log))


async def close_skill_desk(app: web.Application) -> AsyncIterator[None]:
    """Stop reading when the application ends."""
    yield
    await app[keys.SKILL].close()


SKILL_OPERATION = Operation(
    "/api/v1/skill",
    skill,
    "How good each source was",
    "Brier and logarithmic scores, hit rates and reliability of every source over each horizon and"
    " in each regime, of the plain (1 + x) / 2 and of probabilities calibrated on earlier outcomes;"
    " what other weights would have done; what a point of skill has cost. Made from signals that"
    " everybody can see and their outcomes, of which horizons that do not overlap are counted.",
    "Signals",
    SkillAnswerBody,
    Scope.READ,
    (
        Parameter(
            "strategy",
            "Whose sources; without it those of the strategy that registered last.",
            {"type": "string"},
        ),
    ),
    (401, 403, 429, 503),
)
