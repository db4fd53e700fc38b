"""Grok's responses, with search tools."""

from collections.abc import Mapping
from typing import Any

from argo_adapters.simulator.grok.request import (
    HABIT,
    REASONING,
    body_of,
    chosen,
    limit_of,
    texts_of,
    tools_of,
)
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.llm import asked_about, inside, tokens, written
from argo_adapters.simulator.news import Story
from argo_adapters.simulator.responses_api import cited, found, message, shortened
from argo_adapters.simulator.stamps import DAY, SECOND
from argo_adapters.simulator.wire import Ask, Reply, answer

_SEARCH_TICKS = 50_000_000
_POST_TICKS = 50_000_000
_POSTS = 10
_FETCHED = 4_000
_EFFORTS = {"low": 1, "medium": 3, "high": 10}


def responses(lens: Lens, ask: Ask) -> Reply:
    """`POST /v1/responses`, with search tools; every tool that is offered is used once."""
    body = body_of(ask, "input")
    model = chosen(body)
    tools = tools_of(body)
    given = body["input"]
    texts = [given] if isinstance(given, str) else texts_of(given)
    symbols = asked_about(texts)
    stories = found(lens, symbols, DAY, 3) if tools else []
    shown = [] if "no_inline_citations" in _include(body) else stories
    schema = inside(body, "text", "format", "schema")
    limit = limit_of(body, "max_output_tokens")
    text, cut = shortened(written(lens, HABIT, symbols, schema), limit)
    effort = _EFFORTS.get(str(inside(body, "reasoning", "effort")), 1)
    reasoning = REASONING * effort if model.reasons else 0
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
                message(ask, text, _annotations(shown, text)),
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


def _include(body: Mapping[str, Any]) -> list[object]:
    include = body.get("include")
    return include if isinstance(include, list) else []


def _annotations(stories: list[Story], text: str) -> list[dict[str, object]]:
    return [cited("url_citation", str(place), one, text) for place, one in enumerate(stories, 1)]


def _call(tool: str) -> str:
    return "web_search_call" if tool == "web_search" else "custom_tool_call"
