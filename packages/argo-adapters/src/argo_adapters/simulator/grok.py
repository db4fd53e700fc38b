"""xAI's Grok: chat completions, responses with search tools, and the list of models."""

from collections.abc import Collection, Mapping
from typing import Any

from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.grok_request import (
    LONGEST_ANSWER,
    MODELS,
    bad,
    body_of,
    chosen,
    texts_of,
    tools_of,
)
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.llm import (
    CHARACTERS_PER_TOKEN,
    Habit,
    asked_about,
    inside,
    tokens,
    written,
)
from argo_adapters.simulator.news import Story
from argo_adapters.simulator.stamps import DAY, MINUTE, SECOND
from argo_adapters.simulator.vendor import Route, Vendor
from argo_adapters.simulator.wire import Ask, Limit, Reply, answer
from argo_core.market.instrument import Symbol

HABIT = Habit("grok", 30 * MINUTE, 2 * MINUTE)

_SEARCH_TICKS = 50_000_000
_POST_TICKS = 50_000_000
_POSTS = 10
_FETCHED = 4_000
_REASONING = 200
_EFFORTS = {"low": 1, "medium": 3, "high": 10}


def chat(lens: Lens, ask: Ask) -> Reply:
    """`POST /v1/chat/completions`, without tools."""
    body = body_of(ask, "messages")
    model = chosen(body)
    if body.get("tools"):
        bad("Server-side tools are not supported here. Please use the Responses API")
    if model.reasons and any(
        name in body for name in ("presence_penalty", "frequency_penalty", "stop")
    ):
        bad("Model does not support parameters presence_penalty, frequency_penalty or stop")
    schema = inside(body, "response_format", "json_schema", "schema")
    texts = texts_of(body["messages"])
    limit = body.get("max_completion_tokens", body.get("max_tokens", LONGEST_ANSWER))
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
    body = body_of(ask, "input")
    model = chosen(body)
    tools = tools_of(body)
    given = body["input"]
    texts = [given] if isinstance(given, str) else texts_of(given)
    symbols = asked_about(texts)
    stories = _found(lens, symbols) if tools else []
    schema = inside(body, "text", "format", "schema")
    limit = body.get("max_output_tokens", LONGEST_ANSWER)
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
    rows = [{"id": one, "object": "model", "created": 0, "owned_by": "xai"} for one in MODELS]
    return answer({"object": "list", "data": rows})


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
        bad("The maximum of output tokens must be a positive number")
    short = text[: limit * CHARACTERS_PER_TOKEN]
    return short, len(short) < len(text)


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
