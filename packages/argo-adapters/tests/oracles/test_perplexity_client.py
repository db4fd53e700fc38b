"""Perplexity's own client reads the simulator, and its models hold for the reply."""

import json

import pytest

perplexity = pytest.importorskip("perplexity", reason="perplexityai is not installed")
pydantic = pytest.importorskip("pydantic", reason="perplexityai brings it")

pytestmark = pytest.mark.oracle

SCHEMA = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"symbol": {"type": "string"}, "score": {"type": "number"}},
            },
        }
    },
}
REQUEST = {
    "model": "perplexity/sonar",
    "instructions": "Judge.",
    "input": json.dumps({"symbols": ["AZO", "SW"]}),
    "max_output_tokens": 500,
    "temperature": 0,
    "tools": [{"type": "web_search", "filters": {"search_recency_filter": "week"}}],
    "tool_choice": {"type": "web_search"},
    "max_steps": 2,
    "store": False,
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "scores", "strict": True, "schema": SCHEMA},
    },
}


@pytest.fixture
async def client(simulator):
    async with perplexity.AsyncPerplexity(
        api_key="simulator-key", base_url=simulator.url("sonar"), max_retries=0
    ) as opened:
        yield opened


def strangers(model, path=""):
    """Members of the reply that the client's models do not know, at any depth."""
    found = [f"{path}.{name}" for name in model.model_extra or {}]
    for name in type(model).model_fields:
        value = getattr(model, name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, pydantic.BaseModel):
                found += strangers(each, f"{path}.{name}")
    return found


async def test_a_search_with_structured_output(client):
    reply = await client.responses.create(**REQUEST)
    # The client itself checks nothing, its models do when they are asked to.
    type(reply).model_validate(reply.to_dict())
    assert strangers(reply) == []
    assert reply.status == "completed"
    assert [row["symbol"] for row in json.loads(reply.output_text)["items"]] == ["AZO", "SW"]
    results, message = reply.output
    assert results.results
    assert message.content[0].annotations[0].url == results.results[0].url
    cost = reply.usage.cost
    assert cost.total_cost == pytest.approx(cost.input_cost + cost.output_cost + 0.0025)
    assert reply.usage.tool_calls_details["search_web"].invocation == 1


async def test_an_unknown_field(client):
    with pytest.raises(perplexity.BadRequestError, match='unknown field "text"'):
        await client.responses.create(**REQUEST, extra_body={"text": {}})


async def test_a_wrong_key(simulator):
    async with perplexity.AsyncPerplexity(
        api_key="wrong", base_url=simulator.url("sonar"), max_retries=0
    ) as stranger:
        with pytest.raises(perplexity.AuthenticationError):
            await stranger.responses.create(**REQUEST)


async def test_the_retired_endpoint(client):
    with pytest.raises(perplexity.PermissionDeniedError, match="Sonar is now the Agent API"):
        await client.chat.completions.create(
            model="sonar", messages=[{"role": "user", "content": "Hello"}]
        )
