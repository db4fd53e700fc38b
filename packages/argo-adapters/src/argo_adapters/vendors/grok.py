"""xAI's Grok: one batched question, scores by structured output."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import aiohttp
from attrs import field, frozen

from argo_adapters.http.client import HttpClient, Reply
from argo_adapters.http.fields import Node
from argo_adapters.llm.answer import (
    MAX_BYTES,
    Prices,
    Question,
    answer,
    created,
    no_prices,
    positive,
    question,
    said_model,
)
from argo_adapters.llm.reply import charged, charged_when_late, complaint, completed_text, cost
from argo_adapters.llm.token_prices import TokenPrices
from argo_core.consensus.opinion import GROK, Opinion, SourceName
from argo_core.consensus.rules import prompts, schemas
from argo_core.errors import VendorError, VendorGarbled, VendorRefused
from argo_core.market.instrument import Instrument
from argo_core.ports import Answer, Clock
from argo_core.resilience.budget import Amount

OK = 200
TICKS_PER_USD = Decimal(10) ** 10
MAX_TURNS = 2


class Route(StrEnum):
    """Which of xAI's endpoints is asked; only `responses` can search, and searching costs more."""

    CHAT = "chat/completions"
    RESPONSES = "responses"


@frozen
class GrokSettings:
    """How Grok is asked.

    `prices` are those of `model`, for answers that do not say what they cost. `timeout_s` is wall
    seconds. `search` lets the model search the web, on the route that can.
    """

    key: str = field(repr=False)
    base_url: str = "https://api.x.ai/v1"
    model: str = "grok-4.20-non-reasoning"
    route: Route = field(default=Route.CHAT, converter=Route)
    search: bool = False
    max_symbols: int = field(default=40, validator=positive)
    timeout_s: float = field(default=55.0, validator=positive)
    prices: TokenPrices = TokenPrices(
        Decimal("1.25"), Decimal("0.20"), Decimal("2.50"), search=Decimal("0.005")
    )


class GrokOpinions:
    """Grok's sentiment on many symbols by one call; `prices` supplies what the model is told."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        settings: GrokSettings,
        prices: Prices = no_prices,
    ) -> None:
        headers = {"Authorization": f"Bearer {settings.key}"}
        self._client = HttpClient(session, GROK, settings.base_url, headers, redact=(settings.key,))
        self._clock = clock
        self._settings = settings
        self._prices = prices

    @property
    def name(self) -> SourceName:
        """The source's name in the profile."""
        return GROK

    @property
    def model(self) -> str:
        """The model and the prompt, pinned."""
        return said_model(self._settings.model)

    def most(self, asked: Sequence[Instrument], now: datetime) -> Amount:
        """The dollars and tokens of the longest answer to that question."""
        put = question(asked, now, self._prices, self._settings.max_symbols)
        if put is None:
            return Amount()
        tokens = put.input_tokens(prompts.GROK_SYSTEM) + put.max_tokens
        return Amount(self._worst(put), tokens, 1)

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        """At most one opinion for each of the first `max_symbols` instruments.

        Raises:
            VendorError: none could be had; `usd` says what the attempt cost all the same.
        """
        put = question(asked, now, self._prices, self._settings.max_symbols)
        if put is None:
            return Answer((), calls=0)
        chat = self._settings.route is Route.CHAT
        body = self._chat_body(put) if chat else self._responses_body(put)
        worst = self._worst(put)
        with charged_when_late(worst):
            reply = await self._client.post(
                self._settings.route, body, max_bytes=MAX_BYTES, timeout_s=self._settings.timeout_s
            )
        if reply.status != OK:
            raise self._failure(reply)
        with charged(worst):
            root = reply.node()
            usd = cost(root, _told, self._by_tokens, otherwise=worst)
        with charged(usd):
            at = created(root["created" if chat else "created_at"], self._clock.now())
            text = _chat_text(root) if chat else completed_text(root)
            return answer(put, text, reply, at, usd=usd)

    def _chat_body(self, put: Question) -> dict[str, object]:
        schema = {"name": schemas.NAME, "strict": True, "schema": put.schema}
        return {
            "model": self._settings.model,
            "temperature": 0,
            "max_tokens": put.max_tokens,
            "messages": _messages(put),
            "response_format": {"type": "json_schema", "json_schema": schema},
        }

    def _responses_body(self, put: Question) -> dict[str, object]:
        form = {"type": "json_schema", "name": schemas.NAME, "strict": True, "schema": put.schema}
        body: dict[str, object] = {
            "model": self._settings.model,
            "temperature": 0,
            "store": False,
            "max_output_tokens": put.max_tokens,
            "input": _messages(put),
            "text": {"format": form},
        }
        if not self._settings.search:
            return body
        # Citation marks inside the text would break its JSON.
        search = {"tools": [{"type": "web_search"}], "include": ["no_inline_citations"]}
        return body | search | {"max_turns": MAX_TURNS}

    def _worst(self, put: Question) -> Decimal:
        return self._settings.prices.usd(
            fresh=put.input_tokens(prompts.GROK_SYSTEM),
            output=put.max_tokens,
            searches=MAX_TURNS if self._settings.search else 0,
        )

    def _by_tokens(self, usage: Node) -> Decimal:
        if self._settings.route is Route.CHAT:
            names = ("prompt_tokens", "prompt_tokens_details", "completion_tokens")
            # Here reasoning is not part of the completion, and billed like it.
            reasoning = _count(usage.get("completion_tokens_details"), "reasoning_tokens")
        else:
            names = ("input_tokens", "input_tokens_details", "output_tokens")
            reasoning = 0
        inputs, details, output = names
        cached = _count(usage.get(details), "cached_tokens")
        return self._settings.prices.usd(
            fresh=usage[inputs].whole() - cached,
            cached=cached,
            output=usage[output].whole() + reasoning,
            searches=_count(usage.get("server_side_tool_usage_details"), "web_search_calls"),
        )

    def _failure(self, reply: Reply) -> VendorError:
        said = complaint(reply).message
        error = self._client.failure(reply, said)
        # Out of credit is told with the status of "too fast", and waiting does not help.
        if "used all available credits" in said or "monthly spending limit" in said:
            error = VendorRefused(GROK, f"out of credit: {error.problem}")
        elif "Incorrect API key" in said:
            error = VendorRefused(GROK, f"the key is wrong: {error.problem}")
        # Some failures are charged, a moderated answer for one.
        try:
            error.usd = cost(reply.node(), _told, otherwise=Decimal(0))
        except VendorGarbled:
            error.usd = Decimal(0)
        return error


def _messages(put: Question) -> list[dict[str, str]]:
    return [
        {"role": "system", "content": prompts.GROK_SYSTEM},
        {"role": "user", "content": put.document},
    ]


def _chat_text(root: Node) -> str:
    choices = list(root["choices"].rows())
    if len(choices) != 1:
        raise VendorGarbled(GROK, f"{len(choices)} choices where one was asked for")
    message = choices[0]["message"]
    if message.get("refusal") is not None:
        raise VendorGarbled(GROK, "the model declined to answer")
    if choices[0]["finish_reason"].text() != "stop":
        raise VendorGarbled(GROK, "the answer was cut short")
    return message["content"].text()


def _told(usage: Node) -> Decimal:
    return Decimal(usage["cost_in_usd_ticks"].whole()) / TICKS_PER_USD


def _count(details: Node | None, name: str) -> int:
    found = details.get(name) if details else None
    return found.whole() if found else 0
