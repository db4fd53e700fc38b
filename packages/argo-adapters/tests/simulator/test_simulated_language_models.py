import json
from datetime import datetime

import pytest

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
QUESTION = {"as_of": "2024-11-25T15:10:10+00:00", "symbols": [{"symbol": "AAA", "price": "201.5"}]}
SCHEMA = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["symbol", "action", "score", "as_of", "drivers"],
                "properties": {
                    "symbol": {"type": "string"},
                    "action": {"type": "string", "enum": ["buy", "hold", "sell"]},
                    "score": {"type": "number"},
                    "as_of": {"type": "string"},
                    "drivers": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}


def chat_body(question=QUESTION, schema=SCHEMA, **more):
    text = question if isinstance(question, str) else json.dumps(question)
    form = {"type": "json_schema", "json_schema": {"name": "o", "strict": True, "schema": schema}}
    return {
        "model": "grok-4.20-non-reasoning",
        "messages": [{"role": "system", "content": "Judge."}, {"role": "user", "content": text}],
        "response_format": form,
    } | more


def grok_body(**more):
    form = {"type": "json_schema", "name": "o", "strict": True, "schema": SCHEMA}
    return {
        "model": "grok-4.7",
        "input": [{"role": "user", "content": json.dumps(QUESTION)}],
        "text": {"format": form},
    } | more


def sonar_body(**more):
    form = {"type": "json_schema", "json_schema": {"name": "o", "strict": True, "schema": SCHEMA}}
    return {
        "model": "perplexity/sonar",
        "input": json.dumps(QUESTION),
        "tools": [{"type": "web_search", "filters": {"search_recency_filter": "week"}}],
        "response_format": form,
    } | more


async def chat(vendors, question=QUESTION, schema=SCHEMA, **more):
    got = await vendors.post("grok", CHAT, chat_body(question, schema, **more))
    assert got.status == 200
    return got.json()


def said(payload):
    return json.loads(payload["choices"][0]["message"]["content"])


def text_of(payload):
    [message] = [item for item in payload["output"] if item["type"] == "message"]
    return message["content"][0]["text"]


async def test_an_answer_has_the_items_of_the_schema(vendors):
    [item] = said(await chat(vendors))["items"]
    assert set(item) == {"symbol", "action", "score", "as_of", "drivers"}
    assert item["symbol"] == "AAA"
    assert -1 <= item["score"] <= 1
    assert datetime.fromisoformat(item["as_of"]) <= datetime.fromisoformat(QUESTION["as_of"])


async def test_action_and_score_agree(vendors, clock):
    asked = {"symbols": ["AAA", "BRK.B", "BTC/USD"]}
    seen = set()
    for _ in range(20):
        await clock.advance(150)
        for item in said(await chat(vendors, asked))["items"]:
            seen.add(item["action"])
            assert (item["action"] == "buy") == (item["score"] > 0.25)
            assert (item["action"] == "sell") == (item["score"] < -0.25)
    assert seen == {"buy", "hold", "sell"}


@pytest.mark.parametrize(
    "around",
    ["{}", "Data follows:\n<<<\n{}\n>>>\nEnd {{of}} data.", "```json\n{}\n```", "{{}} {{ x {}"],
)
async def test_the_question_is_found_whatever_stands_around_it(vendors, around):
    text = around.format(json.dumps(QUESTION))
    assert [item["symbol"] for item in said(await chat(vendors, text))["items"]] == ["AAA"]


async def test_content_may_come_in_parts(vendors):
    parts = [{"type": "text", "text": json.dumps(QUESTION)}]
    messages = [{"role": "user", "content": parts}]
    assert said(await chat(vendors, messages=messages))["items"][0]["symbol"] == "AAA"


async def test_a_question_nobody_asked_gets_no_items(vendors):
    assert said(await chat(vendors, "How are you?")) == {"items": []}


async def test_a_stranger_is_held_with_score_zero(vendors):
    [item] = said(await chat(vendors, {"symbols": ["NOPE"]}))["items"]
    assert (item["action"], item["score"], item["drivers"]) == ("hold", 0.0, ["none"])


async def test_another_schema_gets_the_least_it_allows(vendors):
    schema = {
        "type": "object",
        "required": ["summary", "claims", "mood", "sure", "count", "nested"],
        "properties": {
            "summary": {"type": "string", "minLength": 2},
            "claims": {"type": "array", "minItems": 1, "items": {"type": "number", "minimum": 3}},
            "mood": {"enum": ["calm", "wild"]},
            "sure": {"type": "boolean"},
            "count": {"type": "integer"},
            "nested": {"type": "object", "properties": {"odd": {}}, "required": ["odd"]},
        },
    }
    assert said(await chat(vendors, schema=schema)) == {
        "summary": "xx",
        "claims": [3],
        "mood": "calm",
        "sure": False,
        "count": 0,
        "nested": {"odd": None},
    }


async def test_the_answer_is_the_same_within_a_bucket_and_a_seed(vendors, clock):
    first = said(await chat(vendors))
    await clock.advance(30)
    assert said(await chat(vendors)) == first


async def test_vendors_disagree_at_times(vendors, clock):
    pairs = []
    for _ in range(10):
        await clock.advance(300)
        [ours] = said(await chat(vendors))["items"]
        sonar = (await vendors.post("sonar", RESPONSES, sonar_body())).json()
        [theirs] = json.loads(text_of(sonar))["items"]
        pairs.append((ours["score"], theirs["score"]))
    assert all(ours != theirs for ours, theirs in pairs)
    assert any(ours * theirs > 0 for ours, theirs in pairs)


async def test_tokens_are_charged_in_ticks(vendors):
    usage = (await chat(vendors))["usage"]
    paid = usage["prompt_tokens"] * 12_500 + usage["completion_tokens"] * 25_000
    assert usage["cost_in_usd_ticks"] == paid > 0


async def test_reasoning_is_charged_like_output(vendors):
    usage = (await chat(vendors, model="grok-4.3"))["usage"]
    reasoning = usage["completion_tokens_details"]["reasoning_tokens"]
    output = usage["completion_tokens"] + reasoning
    assert reasoning > 0
    assert usage["cost_in_usd_ticks"] == usage["prompt_tokens"] * 12_500 + output * 25_000


async def test_an_answer_that_is_too_long_is_cut(vendors):
    payload = await chat(vendors, max_tokens=5)
    assert payload["choices"][0]["finish_reason"] == "length"
    assert len(payload["choices"][0]["message"]["content"]) == 20
    cut = (await vendors.post("grok", RESPONSES, grok_body(max_output_tokens=5))).json()
    assert cut["status"] == "incomplete"
    cut = (await vendors.post("sonar", RESPONSES, sonar_body(max_output_tokens=16))).json()
    assert cut["status"] == "incomplete"


async def test_grok_searches_for_a_fee(vendors):
    plain = (await vendors.post("grok", RESPONSES, grok_body())).json()
    tools = [{"type": "web_search"}, {"type": "x_search"}]
    search = (await vendors.post("grok", RESPONSES, grok_body(tools=tools))).json()
    assert [item["type"] for item in search["output"]] == [
        "web_search_call",
        "custom_tool_call",
        "message",
    ]
    assert search["usage"]["num_server_side_tools_used"] == 2
    more = search["usage"]["cost_in_usd_ticks"] - plain["usage"]["cost_in_usd_ticks"]
    # Eight thousand tokens at 2 dollars a million, one search and ten posts at half a cent each.
    assert more == 8_000 * 20_000 + 50_000_000 + 10 * 50_000_000
    assert search["citations"]


async def test_grok_lists_its_models(vendors):
    names = [row["id"] for row in (await vendors.get("grok", "/v1/models")).json()["data"]]
    assert "grok-4.20-non-reasoning" in names


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (CHAT, chat_body(model="grok-99"), 404),
        (CHAT, chat_body(search_parameters={"mode": "on"}), 410),
        (CHAT, chat_body(tools=[{"type": "web_search"}]), 400),
        (CHAT, chat_body(model="grok-4.7", stop=["x"]), 400),
        (CHAT, chat_body(max_tokens=0), 400),
        (CHAT, {"model": "grok-4.7"}, 422),
        (CHAT, ["grok-4.7"], 422),
        (CHAT, chat_body(messages=["hello"]), 422),
        (RESPONSES, grok_body(tools=[{"type": "code_interpreter"}]), 400),
        (RESPONSES, grok_body(tools="web_search"), 422),
        (
            RESPONSES,
            grok_body(
                tools=[{"type": "web_search", "filters": {"allowed_domains": ["example.com"] * 6}}]
            ),
            400,
        ),
        (
            RESPONSES,
            grok_body(
                tools=[
                    {
                        "type": "x_search",
                        "allowed_x_handles": ["one"],
                        "excluded_x_handles": ["two"],
                    }
                ]
            ),
            400,
        ),
    ],
)
async def test_grok_refuses_what_it_does_not_take(vendors, path, body, status):
    got = await vendors.post("grok", path, body)
    assert got.status == status
    assert got.json()["error"]


async def test_groks_wrong_key_is_400_and_a_missing_one_401(vendors):
    wrong = await vendors.post("grok", CHAT, chat_body(), key="wrong")
    missing = await vendors.post("grok", CHAT, chat_body(), key="")
    assert (wrong.status, missing.status) == (400, 401)
    assert wrong.json()["error"].startswith("Incorrect API key provided: wr***ng")


async def test_sonar_cites_what_it_found_and_says_what_it_cost(vendors):
    payload = (await vendors.post("sonar", RESPONSES, sonar_body())).json()
    assert [item["type"] for item in payload["output"]] == ["search_results", "message"]
    [result, *_] = payload["output"][0]["results"]
    assert (result["id"], result["source"]) == (1, "web")
    assert payload["output"][1]["content"][0]["annotations"][0]["url"] == result["url"]
    cost = payload["usage"]["cost"]
    parts = cost["input_cost"] + cost["output_cost"] + cost["tool_calls_cost"]
    assert cost["total_cost"] == pytest.approx(parts)
    assert cost["tool_calls_cost"] == 0.0025
    assert json.loads(text_of(payload))["items"][0]["symbol"] == "AAA"


async def test_sonar_does_not_search_by_itself(vendors):
    for body in (sonar_body(tools=[]), sonar_body(tool_choice="none")):
        payload = (await vendors.post("sonar", RESPONSES, body)).json()
        assert [item["type"] for item in payload["output"]] == ["message"]
        assert payload["usage"]["cost"]["tool_calls_cost"] == 0


async def test_sonar_reads_messages_too(vendors):
    part = {"type": "input_text", "text": json.dumps(QUESTION)}
    given = [{"type": "message", "role": "user", "content": [part]}]
    payload = (await vendors.post("sonar", "/v1/agent", sonar_body(input=given))).json()
    assert json.loads(text_of(payload))["items"][0]["symbol"] == "AAA"


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"text": {}}, "text"),
        ({"tools": [{"type": "web_search", "max_results": 3}]}, "max_results"),
        ({"tools": [{"type": "web_search", "filters": {"domain": []}}]}, "domain"),
        ({"response_format": {"type": "json_schema", "schema": {}}}, "schema"),
        ({"reasoning": {"depth": 1}}, "depth"),
        ({"tools": {}}, "tools"),
        ({"model": "sonar"}, "model"),
        ({"max_output_tokens": 15}, "max_output_tokens"),
        ({"max_steps": 0}, "max_steps"),
        ({"stream": True}, "stream"),
        ({"input": 5}, "input"),
        ({"tools": [{"type": "sandbox"}]}, "tools"),
        (
            {"tools": [{"type": "web_search", "search_context_size": "huge"}]},
            "search_context_size",
        ),
        (
            {"tools": [{"type": "web_search", "filters": {"search_recency_filter": "decade"}}]},
            "filters",
        ),
        (
            {
                "tools": [
                    {
                        "type": "web_search",
                        "filters": {"search_after_date_filter": "2024-11-25"},
                    }
                ]
            },
            "search_after_date_filter",
        ),
        (
            {
                "tools": [
                    {
                        "type": "web_search",
                        "filters": {
                            "search_recency_filter": "day",
                            "search_after_date_filter": "11/25/2024",
                        },
                    }
                ]
            },
            "filters",
        ),
        (
            {
                "tools": [
                    {"type": "web_search", "filters": {"search_domain_filter": ["a.com"] * 21}}
                ]
            },
            "search_domain_filter",
        ),
    ],
)
async def test_sonar_is_strict(vendors, more, param):
    got = await vendors.post("sonar", RESPONSES, sonar_body(**more))
    assert got.status == 400
    assert got.json()["error"]["param"] == param


async def test_bodies_that_are_no_json_objects_are_refused(vendors):
    headers = {"Authorization": "Bearer simulator-key"}
    json_type = {"Content-Type": "application/json"}
    for vendor, path, body, more, status in (
        ("grok", CHAT, b"{}", {"Content-Type": "text/plain"}, 415),
        ("grok", CHAT, b"{", json_type, 422),
        ("sonar", RESPONSES, b"{", json_type, 400),
        ("sonar", RESPONSES, b"[]", json_type, 400),
        ("sonar", RESPONSES, b"{}", json_type, 400),
    ):
        got = await vendors.send("POST", vendors.simulator.url(vendor) + path, headers | more, body)
        assert got.status == status
        assert got.json()["error"]


async def test_sonars_old_endpoint_is_refused_even_with_a_key(vendors):
    got = await vendors.post("sonar", "/chat/completions", {})
    assert got.status == 403
    assert got.json()["error"]["type"] == "chat_completions_not_available"


async def test_sonars_models_are_open_and_its_answers_are_not(vendors):
    assert (await vendors.get("sonar", "/v1/models", key="")).status == 200
    assert (await vendors.post("sonar", RESPONSES, sonar_body(), key="wrong")).status == 401
