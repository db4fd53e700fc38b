"""Grok's chat completions, without tools."""

from collections.abc import Mapping
from typing import Any

from argo_adapters.simulator.grok.request import (
    HABIT,
    REASONING,
    bad,
    body_of,
    chosen,
    limit_of,
    texts_of,
)
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.llm import asked_about, inside, tokens, written
from argo_adapters.simulator.manners import drawn
from argo_adapters.simulator.prose import NAME, Written, prose
from argo_adapters.simulator.responses_api import shortened
from argo_adapters.simulator.stamps import SECOND
from argo_adapters.simulator.wire import Ask, Reply, answer


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
    texts = texts_of(body["messages"])
    limit = limit_of(body, "max_completion_tokens", "max_tokens")
    said = _said(lens, body, texts)
    text, cut = shortened(said.text or "", limit)
    prompt, output = tokens("\n".join(texts)), tokens(text)
    reasoning = REASONING if model.reasons else 0
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
                    "message": {
                        "role": "assistant",
                        "content": None if said.refusal else text,
                        "refusal": said.refusal,
                    },
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


def _said(lens: Lens, body: Mapping[str, Any], texts: list[str]) -> Written:
    """Prose where the schema is named so, scores otherwise."""
    schema = inside(body, "response_format", "json_schema", "schema")
    if inside(body, "response_format", "json_schema", "name") != NAME:
        return Written(written(lens, HABIT, asked_about(texts), schema))
    question, seed = texts[-1], lens.market.seed
    return prose(question, lens.manner or drawn(seed, question), seed)
