"""xAI's Grok: chat completions, responses with search tools, and the list of models."""

from collections.abc import Collection

from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.grok.chat import chat
from argo_adapters.simulator.grok.request import MODELS
from argo_adapters.simulator.grok.responses import responses
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.responses_api import bearer, failed, spell
from argo_adapters.simulator.vendor import Route, Vendor
from argo_adapters.simulator.wire import Ask, Limit, Reply, answer


def models(lens: Lens, ask: Ask) -> Reply:
    """`GET /v1/models`, the cheap check of a key."""
    rows = [{"id": one, "object": "model", "created": 0, "owned_by": "xai"} for one in MODELS]
    return answer({"object": "list", "data": rows})


def _wrong_key(shown: str) -> Reply:
    said = f"Incorrect API key provided: {shown}. You can obtain an API key from the console."
    return answer({"code": "Client specified an invalid argument", "error": said}, 400)


def authorise(ask: Ask, keys: Collection[str]) -> Reply | None:
    """A missing key is 401, a wrong one 400."""
    key = bearer(ask)
    if not key:
        said = "No credentials were provided."
        return answer({"code": "Unauthenticated", "error": said}, 401)
    return None if key in keys else _wrong_key(f"{key[:2]}***{key[-2:]}")


_FAST = (
    "Too many requests for team 00000000-0000-0000-0000-000000000000 and model grok-4.7. Your "
    "team's rate limit is - Requests per Second (actual/limit): 151/150."
)
_BROKE = (
    "Your team has either used all available credits or reached its monthly spending limit. "
    "To continue making API requests, please purchase more credits or raise your spending limit."
)
_FAILED = {"code": "server_error", "message": "The model failed to generate a response"}

GROK = Vendor(
    name="grok",
    latency_s=0.900,
    limit=Limit(150, 1),
    routes=(
        Route("POST", "/v1/chat/completions", chat),
        Route("POST", "/v1/responses", responses),
        Route("GET", "/v1/models", models),
    ),
    refusals={
        Fault.THROTTLED: (
            answer({"code": "Some resource has been exhausted", "error": _FAST}, 429),
            answer({"error": {"message": _FAST, "code": 429}}, 429),
        ),
        Fault.SERVER_ERROR: (
            answer({"code": "Service temporarily unavailable", "error": "overloaded"}, 503),
            answer({"error": {"message": "Internal error", "code": 500}}, 500),
        ),
        Fault.WRONG_KEY: (_wrong_key("si***ey"),),
        Fault.NOT_ENTITLED: (
            answer({"code": "Permission denied", "error": "The API key is blocked"}, 403),
        ),
        Fault.OUT_OF_CREDIT: (
            answer({"code": "Some resource has been exhausted", "error": _BROKE}, 429),
        ),
        Fault.REFUSED_OK: (answer(failed("grok-4.7", _FAILED) | {"incomplete_details": None}),),
    },
    authorise=authorise,
    spell=spell,
)
