"""What Grok takes: models, messages and tools, and its refusal of everything else."""

from collections.abc import Mapping
from typing import Any, NoReturn

import orjson
from attrs import frozen

from argo_adapters.simulator.llm import Habit, inside, text_of
from argo_adapters.simulator.stamps import MINUTE
from argo_adapters.simulator.wire import Ask, refuse

# Ten thousand million ticks are a dollar, so a dollar for a million tokens is 10,000 a token.
_TICKS = 10_000
_LONGEST_ANSWER = 16_384

HABIT = Habit("grok", 30 * MINUTE, 2 * MINUTE)
# What a model that reasons spends on it, in tokens.
REASONING = 200


@frozen
class Model:
    """`name` is what replies say; prices are ticks a token."""

    name: str
    fresh: int
    output: int
    reasons: bool = True


def _model(name: str, fresh: float, output: float, *, reasons: bool = True) -> Model:
    return Model(name, round(fresh * _TICKS), round(output * _TICKS), reasons)


MODELS = {
    "grok-4.7": _model("grok-4.7", 2, 6),
    "grok-4.6": _model("grok-4.6", 2, 6),
    "grok-4.5": _model("grok-4.5", 2, 6),
    "grok-4.3": _model("grok-4.3", 1.25, 2.5),
    "grok-4.20": _model("grok-4.20-0309-reasoning", 1.25, 2.5),
    "grok-4.20-0309-reasoning": _model("grok-4.20-0309-reasoning", 1.25, 2.5),
    "grok-4.20-non-reasoning": _model("grok-4.20-0309-non-reasoning", 1.25, 2.5, reasons=False),
    "grok-4.20-0309-non-reasoning": _model(
        "grok-4.20-0309-non-reasoning", 1.25, 2.5, reasons=False
    ),
}
_FILTERS: dict[object, tuple[tuple[str, ...], str, int]] = {
    "web_search": (("filters",), "domains", 5),
    "x_search": ((), "x_handles", 20),
}


def body_of(ask: Ask, needed: str) -> dict[str, Any]:
    """The request, an object with a model and the `needed` field."""
    if "json" not in ask.headers.get("Content-Type", ""):
        said = "Expected request with `Content-Type: application/json`"
        refuse({"code": "Unsupported media type", "error": said}, 415)
    try:
        body = orjson.loads(ask.body)
    except orjson.JSONDecodeError as error:
        _undeserializable(f"the body is not JSON: {error}")
    if not isinstance(body, dict):
        _undeserializable("expected a JSON object")
    if "search_parameters" in body:
        said = "Live search is deprecated. Please switch to the Agent Tools API"
        refuse({"code": "Gone", "error": said}, 410)
    for name in ("model", needed):
        if name not in body:
            _undeserializable(f"missing field `{name}`")
    return body


def chosen(body: Mapping[str, Any]) -> Model:
    """The model asked for."""
    model = MODELS.get(body["model"]) if isinstance(body["model"], str) else None
    if model is None:
        said = f"The model {str(body['model'])[:60]} does not exist or your team has no access"
        refuse({"code": "The requested resource was not found", "error": said}, 404)
    return model


def texts_of(messages: object) -> list[str]:
    """The plain texts of the messages."""
    if not isinstance(messages, list) or not messages:
        _undeserializable("messages must be a list with at least one message")
    if not all(isinstance(each, dict) and "role" in each for each in messages):
        _undeserializable("missing field `role`")
    return [text_of(each.get("content")) for each in messages]


def tools_of(body: Mapping[str, Any]) -> list[str]:
    """The kinds of tools offered, each within its limits."""
    tools = body.get("tools") or []
    if not isinstance(tools, list):
        _undeserializable("tools must be a list")
    for tool in tools:
        kind = inside(tool, "type")
        if not isinstance(kind, str) or kind not in _FILTERS:
            bad("Only the tools web_search and x_search are simulated")
        path, subject, most = _FILTERS[kind]
        allowed = inside(tool, *path, f"allowed_{subject}")
        excluded = inside(tool, *path, f"excluded_{subject}")
        if allowed and excluded:
            bad(f"allowed_{subject} and excluded_{subject} cannot both be set")
        listed = allowed or excluded or []
        if not isinstance(listed, list) or len(listed) > most:
            bad(f"At most {most} {subject} are allowed")
    return [tool["type"] for tool in tools]


def limit_of(body: Mapping[str, Any], *names: str) -> int:
    """The most tokens wanted, by the first of the names that is given."""
    limit = next((body[name] for name in names if name in body), _LONGEST_ANSWER)
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        bad("The maximum of output tokens must be a positive number")
    return limit


def bad(problem: str) -> NoReturn:
    """Decline a wrong argument."""
    refuse({"code": "Client specified an invalid argument", "error": problem}, 400)


def _undeserializable(problem: str) -> NoReturn:
    said = f"Failed to deserialize the JSON body into the target type: {problem}"
    refuse({"code": "Unprocessable Entity", "error": said}, 422)
