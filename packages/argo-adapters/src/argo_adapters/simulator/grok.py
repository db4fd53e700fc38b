"""xAI's Grok: chat completions, responses with search tools, and the list of models."""

from collections.abc import Collection, Mapping
from typing import Any, NoReturn

import orjson
from attrs import frozen

from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.llm import (
    CHARACTERS_PER_TOKEN,
    Habit,
    asked_about,
    inside,
    text_of,
    tokens,
    written,
)
from argo_adapters.simulator.news import Story
from argo_adapters.simulator.stamps import DAY, MINUTE, SECOND
from argo_adapters.simulator.vendor import Route, Vendor
from argo_adapters.simulator.wire import Ask, Limit, Reply, answer, refuse
from argo_core.market.instrument import Symbol

HABIT = Habit("grok", 30 * MINUTE, 2 * MINUTE)

# Ten thousand million ticks are a dollar, so a dollar for a million tokens is 10,000 a token.
_TICKS = 10_000
_SEARCH_TICKS = 50_000_000
_POST_TICKS = 50_000_000
_POSTS = 10
_FETCHED = 4_000
_REASONING = 200
_LONGEST_ANSWER = 16_384


@frozen
class _Model:
    """`name` is what replies say; prices are ticks a token."""

    name: str
    fresh: int
    output: int
    reasons: bool = True


def _model(name: str, fresh: float, output: float, *, reasons: bool = True) -> _Model:
    return _Model(name, round(fresh * _TICKS), round(output * _TICKS), reasons)


_MODELS = {
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
_EFFORTS = {"low": 1, "medium": 3, "high": 10}


def chat(lens: Lens, ask: Ask) -> Reply:
    """`POST /v1/chat/completions`, without tools."""
    body = _body(ask, "messages")
    model = _chosen(body)
    if body.get("tools"):
        _bad("Server-side tools are not supported here. Please use the Responses API")
    if model.reasons and any(
        name in body for name in ("presence_penalty", "frequency_penalty", "stop")
    ):
        _bad("Model does not support parameters presence_penalty, frequency_penalty or stop")
    schema = inside(body, "response_format", "json_schema", "schema")
    texts = _texts(body["messages"])
    limit = body.get("max_completion_tokens", body.get("max_tokens", _LONGEST_ANSWER))
    text, cut = _cut(written(lens, HABIT, asked_about(texts), schema), limit)
    prompt, output = tokens("\n".join(texts)), tokens(text)
    reasoning = _REASONING if model.reasons else 0
    return answer(
        {
            "id": f"chatcmpl-{ask.id}",
            "object": "chat.completion",
            "created": lens.shown // SECOND,
            "model": model.name,
            "system_fingerprint": "fp_simulated",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text, "refusal": None},
                    "finish_reason": "length" if cut else "stop",
                }
            ],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": output,
                "total_tokens": prompt + output + reasoning,
                "prompt_tokens_details": {
                    "text_tokens": prompt,
                    "audio_tokens": 0,
                    "image_tokens": 0,
                    "cached_tokens": 0,
                },
                "completion_tokens_details": {
                    "reasoning_tokens": reasoning,
                    "audio_tokens": 0,
                    "accepted_prediction_tokens": 0,
                    "rejected_prediction_tokens": 0,
                },
                "num_sources_used": 0,
                "cost_in_usd_ticks": prompt * model.fresh + (output + reasoning) * model.output,
            },
        }
    )


def responses(lens: Lens, ask: Ask) -> Reply:
    """`POST /v1/responses`, with search tools; every tool that is offered is used once."""
    body = _body(ask, "input")
    model = _chosen(body)
    tools = _tools(body)
    given = body["input"]
    texts = [given] if isinstance(given, str) else _texts(given)
    symbols = asked_about(texts)
    stories = _found(lens, symbols) if tools else []
    schema = inside(body, "text", "format", "schema")
    limit = body.get("max_output_tokens", _LONGEST_ANSWER)
    text, cut = _cut(written(lens, HABIT, symbols, schema), limit)
    effort = _EFFORTS.get(str(inside(body, "reasoning", "effort")), 1)
    reasoning = _REASONING * effort if model.reasons else 0
    read = tokens("\n".join(texts))
    prompt = read + _FETCHED * len(tools)
    output = tokens(text) + reasoning
    posts = _POSTS * tools.count("x_search")
    web = tools.count("web_search")
    fees = web * _SEARCH_TICKS + posts * _POST_TICKS
    return answer(
        {
            "id": f"resp_{ask.id}",
            "object": "response",
            "created_at": lens.shown // SECOND,
            "model": model.name,
            "status": "incomplete" if cut else "completed",
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "output": [
                *(
                    {"type": _call(tool), "id": f"ws_{ask.id}_{place}", "status": "completed"}
                    for place, tool in enumerate(tools)
                ),
                _message(ask, text, [] if "no_inline_citations" in _include(body) else stories),
            ],
            "citations": [story.url for story in stories],
            "usage": {
                "input_tokens": prompt,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": output,
                "output_tokens_details": {"reasoning_tokens": reasoning},
                "total_tokens": prompt + output,
                "num_sources_used": len(stories),
                "num_server_side_tools_used": len(tools),
                "cost_in_usd_ticks": prompt * model.fresh + output * model.output + fees,
                "server_side_tool_usage_details": {
                    "web_search_calls": web,
                    "x_search_calls": tools.count("x_search"),
                    "x_posts_fetched": posts,
                    "x_users_fetched": 0,
                    "code_interpreter_calls": 0,
                    "file_search_calls": 0,
                    "mcp_calls": 0,
                    "document_search_calls": 0,
                },
                "context_details": {"input_tokens": read, "output_tokens": output},
            },
        }
    )


def models(lens: Lens, ask: Ask) -> Reply:
    """`GET /v1/models`, the cheap check of a key."""
    rows = [{"id": one, "object": "model", "created": 0, "owned_by": "xai"} for one in _MODELS]
    return answer({"object": "list", "data": rows})


def _body(ask: Ask, needed: str) -> dict[str, Any]:
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


def _chosen(body: Mapping[str, Any]) -> _Model:
    model = _MODELS.get(body["model"]) if isinstance(body["model"], str) else None
    if model is None:
        said = f"The model {str(body['model'])[:60]} does not exist or your team has no access"
        refuse({"code": "The requested resource was not found", "error": said}, 404)
    return model


def _texts(messages: object) -> list[str]:
    if not isinstance(messages, list) or not messages:
        _undeserializable("messages must be a list with at least one message")
    if not all(isinstance(each, dict) and "role" in each for each in messages):
        _undeserializable("missing field `role`")
    return [text_of(each.get("content")) for each in messages]


def _tools(body: Mapping[str, Any]) -> list[str]:
    tools = body.get("tools") or []
    if not isinstance(tools, list):
        _undeserializable("tools must be a list")
    for tool in tools:
        kind = inside(tool, "type")
        if not isinstance(kind, str) or kind not in _FILTERS:
            _bad("Only the tools web_search and x_search are simulated")
        path, subject, most = _FILTERS[kind]
        allowed = inside(tool, *path, f"allowed_{subject}")
        excluded = inside(tool, *path, f"excluded_{subject}")
        if allowed and excluded:
            _bad(f"allowed_{subject} and excluded_{subject} cannot both be set")
        listed = allowed or excluded or []
        if not isinstance(listed, list) or len(listed) > most:
            _bad(f"At most {most} {subject} are allowed")
    return [tool["type"] for tool in tools]


def _found(lens: Lens, symbols: list[Symbol]) -> list[Story]:
    known = [symbol for symbol in symbols if lens.knows(symbol)]
    stories = lens.stories(lens.now - DAY, lens.now, known)
    return [story for story, _ in zip(stories, range(3), strict=False)]


def _include(body: Mapping[str, Any]) -> list[object]:
    include = body.get("include")
    return include if isinstance(include, list) else []


def _message(ask: Ask, text: str, stories: list[Story]) -> dict[str, object]:
    cited = [
        {
            "type": "url_citation",
            "url": story.url,
            "title": str(place),
            "start_index": 0,
            "end_index": len(text),
        }
        for place, story in enumerate(stories, 1)
    ]
    content = [{"type": "output_text", "text": text, "annotations": cited}]
    return {
        "type": "message",
        "id": f"msg_{ask.id}",
        "role": "assistant",
        "status": "completed",
        "content": content,
    }


def _call(tool: str) -> str:
    return "web_search_call" if tool == "web_search" else "custom_tool_call"


def _cut(text: str, limit: object) -> tuple[str, bool]:
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        _bad("The maximum of output tokens must be a positive number")
    short = text[: limit * CHARACTERS_PER_TOKEN]
    return short, len(short) < len(text)


def _bad(problem: str) -> NoReturn:
    refuse({"code": "Client specified an invalid argument", "error": problem}, 400)


def _undeserializable(problem: str) -> NoReturn:
    said = f"Failed to deserialize the JSON body into the target type: {problem}"
    refuse({"code": "Unprocessable Entity", "error": said}, 422)


def _wrong_key(shown: str) -> Reply:
    said = f"Incorrect API key provided: {shown}. You can obtain an API key from the console."
    return answer({"code": "Client specified an invalid argument", "error": said}, 400)


def authorise(ask: Ask, keys: Collection[str]) -> Reply | None:
    """A missing key is 401, a wrong one 400."""
    scheme, _, key = ask.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        said = "No credentials were provided."
        return answer({"code": "Unauthenticated", "error": said}, 401)
    return None if key in keys else _wrong_key(f"{key[:2]}***{key[-2:]}")


def spell(symbol: Symbol) -> str:
    """As we do: a model reads anything."""
    return symbol


_FAST = (
    "Too many requests for team 00000000-0000-0000-0000-000000000000 and model grok-4.7. Your "
    "team's rate limit is - Requests per Second (actual/limit): 151/150."
)
_BROKE = (
    "Your team has either used all available credits or reached its monthly spending limit. "
    "To continue making API requests, please purchase more credits or raise your spending limit."
)
_FAILED = {
    "id": "resp_sim",
    "object": "response",
    "created_at": 0,
    "model": "grok-4.7",
    "status": "failed",
    "error": {"code": "server_error", "message": "The model failed to generate a response"},
    "incomplete_details": None,
    "output": [],
}

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
        Fault.REFUSED_OK: (answer(_FAILED),),
    },
    authorise=authorise,
    spell=spell,
)
