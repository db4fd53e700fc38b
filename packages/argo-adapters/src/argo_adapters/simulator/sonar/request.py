"""What Sonar takes, and its refusal of everything else, unknown fields first of all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

import orjson

from argo_adapters.simulator.llm import text_of
from argo_adapters.simulator.sonar.fields import stranger
from argo_adapters.simulator.stamps import DAY, HOUR
from argo_adapters.simulator.wire import Ask, refuse

MODEL = "perplexity/sonar"
FETCHED = {"low": 2_000, "medium": 4_000, "high": 8_000}
LONGEST_ANSWER = 8_192
_FEWEST_TOKENS = 16
_MOST_DOMAINS = 20
SPANS = {"hour": HOUR, "day": DAY, "week": 7 * DAY, "month": 30 * DAY, "year": 365 * DAY}
_DATES = (
    "search_after_date_filter",
    "search_before_date_filter",
    "last_updated_after_filter",
    "last_updated_before_filter",
)


def body_of(ask: Ask) -> dict[str, Any]:
    """The request, an object without any unknown field."""
    try:
        body = orjson.loads(ask.body)
    except orjson.JSONDecodeError as error:
        _bad(f"invalid request body: json: {error}", "")
    if not isinstance(body, dict):
        _bad("invalid request body: json: expected an object", "")
    unknown = stranger(body)
    if unknown is not None:
        _bad(f'invalid request body: json: unknown field "{unknown}"', unknown)
    return body


def check(body: Mapping[str, Any]) -> None:
    """Decline what is missing or out of range."""
    if "input" not in body:
        _bad("input is required", "input")
    wanted = body.get("models", [body.get("model")])
    if not isinstance(wanted, list) or MODEL not in wanted:
        _bad(f"model must be {MODEL}, the only one simulated", "model")
    limit = body.get("max_output_tokens", LONGEST_ANSWER)
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < _FEWEST_TOKENS:
        _bad(f"max_output_tokens must be at least {_FEWEST_TOKENS}", "max_output_tokens")
    for name in ("stream", "background"):
        if body.get(name):
            _bad(f"{name} is not simulated", name)
    steps = body.get("max_steps", 1)
    if not isinstance(steps, int) or not 1 <= steps <= 100:  # noqa: PLR2004 - their range
        _bad("max_steps must be between 1 and 100", "max_steps")


def search_of(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The search tool, if there is one; Sonar never searches by itself."""
    tools = body.get("tools", [])
    kinds = [tool.get("type") for tool in tools]
    if any(kind != "web_search" for kind in kinds):
        _bad("only web_search is simulated", "tools")
    if not tools or body.get("tool_choice") == "none":
        return None
    tool: Mapping[str, Any] = tools[0]
    if str(tool.get("search_context_size", "medium")) not in FETCHED:
        _bad("search_context_size must be low, medium or high", "search_context_size")
    filters = tool.get("filters", {})
    domains = filters.get("search_domain_filter", [])
    if not isinstance(domains, list) or len(domains) > _MOST_DOMAINS:
        _bad(f"at most {_MOST_DOMAINS} domains", "search_domain_filter")
    recency = filters.get("search_recency_filter")
    if recency is not None and str(recency) not in SPANS:
        _bad("search_recency_filter must be hour, day, week, month or year", "filters")
    dated = [name for name in _DATES if name in filters]
    if recency is not None and dated:
        _bad("search_recency_filter excludes date filters", "filters")
    for name in dated:
        if not _is_date(filters[name]):
            _bad(f"{name} must be written MM/DD/YYYY", name)
    return tool


def _is_date(text: object) -> bool:
    try:
        datetime.strptime(str(text), "%m/%d/%Y").astimezone()
    except ValueError:
        return False
    return True


def texts_of(given: object) -> list[str]:
    """The plain texts of the input."""
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        _bad("input must be a string or a list of messages", "input")
    return [text_of(each.get("content")) for each in given]


def _bad(problem: str, field: str) -> NoReturn:
    error = {"message": problem, "type": "invalid_request", "code": 400, "param": field}
    refuse({"error": error}, 400)
