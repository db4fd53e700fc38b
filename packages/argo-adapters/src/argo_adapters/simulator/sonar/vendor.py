"""Perplexity's Agent API, which answers for Sonar since chat completions were retired."""

from collections.abc import Collection, Mapping
from typing import Any

from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.llm import Habit, asked_about, inside, tokens, written
from argo_adapters.simulator.news import Story
from argo_adapters.simulator.responses_api import (
    bearer,
    cited,
    failed,
    found,
    message,
    shortened,
    spell,
)
from argo_adapters.simulator.sonar.request import (
    FETCHED,
    LONGEST_ANSWER,
    MODEL,
    SPANS,
    body_of,
    check,
    search_of,
    texts_of,
)
from argo_adapters.simulator.stamps import DAY, HOUR, MINUTE, SECOND, iso
from argo_adapters.simulator.vendor import Route, Vendor
from argo_adapters.simulator.wire import Ask, Limit, Reply, answer
from argo_core.market.instrument import Symbol

HABIT = Habit("sonar", HOUR, 5 * MINUTE)

_FRESH_USD, _OUTPUT_USD = 0.25e-6, 2.50e-6
_SEARCH_USD = 0.0025


def respond(lens: Lens, ask: Ask) -> Reply:
    """`POST /v1/responses`: strict, and it searches only when told to."""
    body = body_of(ask)
    check(body)
    texts = [*texts_of(body["input"])]
    symbols = asked_about(texts)
    search = search_of(body)
    stories = _found(lens, symbols, search.get("filters", {})) if search is not None else []
    schema = inside(body, "response_format", "json_schema", "schema")
    limit = body.get("max_output_tokens", LONGEST_ANSWER)
    text, cut = shortened(written(lens, HABIT, symbols, schema), limit)
    output: list[dict[str, object]] = []
    if search is not None:
        names = ", ".join(symbols)
        rows = [_result(place, story) for place, story in enumerate(stories, 1)]
        output.append({"type": "search_results", "queries": [f"{names} news"], "results": rows})
    output.append(
        message(ask, text, [cited("citation", one.title, one, text) for one in stories[:1]])
    )
    reading = tokens("\n".join([str(body.get("instructions", "")), *texts]))
    if search is not None:
        reading += FETCHED[search.get("search_context_size", "medium")]
    return answer(
        {
            "id": f"resp_{ask.id}",
            "object": "response",
            "created_at": lens.shown // SECOND,
            "model": MODEL,
            "status": "incomplete" if cut else "completed",
            "error": None,
            "store": body.get("store", True),
            "output": output,
            "usage": _usage(reading, tokens(text), int(search is not None)),
        }
    )


def retired(lens: Lens, ask: Ask) -> Reply:
    """`POST /chat/completions` is refused whatever the key."""
    return _retired()


def models(lens: Lens, ask: Ask) -> Reply:
    """`GET /v1/models`, open to all."""
    row = {"id": MODEL, "object": "model", "created": 0, "owned_by": "perplexity"}
    return answer({"object": "list", "data": [row]})


def _found(lens: Lens, symbols: list[Symbol], filters: Mapping[str, Any]) -> list[Story]:
    span = SPANS[filters.get("search_recency_filter", "week")]
    # The tape is days long; nothing is older than a week.
    return found(lens, symbols, min(span, 7 * DAY), 5)


def _result(place: int, story: Story) -> dict[str, object]:
    at = iso(story.published)
    return {
        "id": place,
        "url": story.url,
        "title": story.title,
        "snippet": story.summary,
        "date": at[:10],
        "last_updated": at.removesuffix("Z"),
        "source": "web",
    }


def _usage(reading: int, writing: int, searches: int) -> dict[str, object]:
    fees = _SEARCH_USD * searches
    read, wrote = reading * _FRESH_USD, writing * _OUTPUT_USD
    return {
        "input_tokens": reading,
        "output_tokens": writing,
        "total_tokens": reading + writing,
        "input_tokens_details": {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0},
        "tool_calls_details": (
            {"search_web": {"invocation": searches, "cost_usd": fees}} if searches else {}
        ),
        "cost": {
            "currency": "USD",
            "input_cost": round(read, 8),
            "output_cost": round(wrote, 8),
            "cache_creation_cost": 0,
            "cache_read_cost": 0,
            "tool_calls_cost": fees,
            "total_cost": round(read + wrote + fees, 8),
        },
    }


def _error(status: int, kind: str, problem: str) -> Reply:
    return answer({"error": {"message": problem, "type": kind, "code": status}}, status)


def _retired() -> Reply:
    said = "Sonar is now the Agent API. Use /v1/responses instead of /chat/completions"
    return _error(403, "chat_completions_not_available", said)


def authorise(ask: Ask, keys: Collection[str]) -> Reply | None:
    """A bearer token."""
    if bearer(ask) in keys:
        return None
    return _error(401, "unauthorized", "Invalid API key provided")


_FAILED = {"message": "the run failed", "code": "internal_error"}

SONAR = Vendor(
    name="sonar",
    latency_s=1.200,
    limit=Limit(150, 60),
    routes=(
        Route("POST", "/v1/responses", respond),
        Route("POST", "/v1/agent", respond),
        Route("POST", "/chat/completions", retired),
        Route("POST", "/v1/sonar", retired),
        Route("GET", "/v1/models", models, open=True),
    ),
    refusals={
        Fault.THROTTLED: (
            _error(429, "request_rate_limit_exceeded", "Request rate limit exceeded"),
        ),
        Fault.SERVER_ERROR: (
            _error(500, "internal_error", "Internal error"),
            _error(502, "upstream_structured_output_failed", "The upstream answer has no JSON"),
            _error(504, "gateway_timeout", "Gateway timeout"),
        ),
        Fault.WRONG_KEY: (
            _error(401, "unauthorized", "Invalid API key provided"),
            Reply(401, b"<html><h1>401 Authorization Required</h1></html>", {}, "text/html"),
        ),
        Fault.NOT_ENTITLED: (_error(403, "forbidden", "Forbidden"), _retired()),
        Fault.OUT_OF_CREDIT: (_error(401, "insufficient_quota", "You exceeded your quota"),),
        Fault.REFUSED_OK: (answer(failed(MODEL, _FAILED)),),
    },
    authorise=authorise,
    spell=spell,
)
