"""The fields the Agent API knows; any other is refused by name."""

from collections.abc import Mapping
from typing import Any

_REQUEST = {
    "model",
    "models",
    "preset",
    "effort",
    "input",
    "instructions",
    "max_output_tokens",
    "tools",
    "response_format",
    "reasoning",
    "tool_choice",
    "max_steps",
    "temperature",
    "top_p",
    "background",
    "store",
    "previous_response_id",
    "stream",
    "language_preference",
    "prompt_cache_key",
    "service_tier",
    "profile",
    "skills",
    "step_budget_reminder",
}
_TOOL = {
    "type",
    "filters",
    "search_context_size",
    "search_type",
    "max_tokens",
    "max_tokens_per_page",
    "user_location",
}
_FILTERS = {
    "search_domain_filter",
    "search_recency_filter",
    "search_after_date_filter",
    "search_before_date_filter",
    "last_updated_after_filter",
    "last_updated_before_filter",
}
_FORMAT = {"type", "json_schema"}
_SCHEMA = {"name", "schema", "strict", "description"}


def stranger(body: Mapping[str, Any]) -> str | None:
    """The first field that is unknown, or not of the kind it has to be; None if all is well."""
    parts: list[tuple[object, set[str]]] = [(body, _REQUEST)]
    tools = body.get("tools", [])
    if not isinstance(tools, list):
        return "tools"
    for tool in tools:
        parts.append((tool, _TOOL))
        if isinstance(tool, dict):
            parts.append((tool.get("filters", {}), _FILTERS))
    form = body.get("response_format", {})
    parts.append((form, _FORMAT))
    if isinstance(form, dict):
        parts.append((form.get("json_schema", {}), _SCHEMA))
    parts.append((body.get("reasoning", {}), {"effort"}))
    for part, known in parts:
        if not isinstance(part, dict):
            return str(part)[:40]
        for name in part:
            if name not in known:
                return str(name)[:40]
    return None
