"""xAI's Grok: how it is asked, on either of two routes, and understood."""

from decimal import Decimal
from enum import StrEnum
from http import HTTPStatus

import aiohttp
from attrs import evolve, field, frozen

from argo_adapters.http.client import HttpClient
from argo_adapters.http.fields import Node
from argo_adapters.http.key import Key, KeyUse, as_key, is_unauthorised
from argo_adapters.http.reply import Reply
from argo_adapters.llm.answer import Prices, no_prices, positive
from argo_adapters.llm.dialect import Prompt
from argo_adapters.llm.model import LanguageModel
from argo_adapters.llm.opinions import LanguageModelOpinions
from argo_adapters.llm.reasoner import LanguageModelReasoner
from argo_adapters.llm.reply import Complaint, completed_text, cost
from argo_adapters.llm.token_prices import TokenPrices
from argo_core.consensus.opinion import GROK
from argo_core.consensus.rules import prompts
from argo_core.errors import VendorError, VendorGarbled, VendorRefused
from argo_core.ports import Clock, Turnstile
from argo_core.resilience.budget import Amount

TICKS_PER_USD = Decimal(10) ** 10
MAX_TURNS = 2

_WRONG_KEY = "Incorrect API key"
_EXCERPT = 2_000


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

    key: Key = field(repr=False, converter=as_key)
    base_url: str = "https://api.x.ai/v1"
    model: str = "grok-4.20-non-reasoning"
    route: Route = field(default=Route.CHAT, converter=Route)
    search: bool = False
    max_symbols: int = field(default=40, validator=positive)
    timeout_s: float = field(default=55.0, validator=positive)
    prices: TokenPrices = TokenPrices(
        Decimal("1.25"), Decimal("0.20"), Decimal("2.50"), search=Decimal("0.005")
    )


class GrokDialect:
    """The port `Dialect` of xAI."""

    def __init__(self, settings: GrokSettings) -> None:
        self._settings = settings
        self._chat = settings.route is Route.CHAT

    @property
    def path(self) -> str:
        """The route's."""
        return self._settings.route

    def body(self, prompt: Prompt) -> dict[str, object]:
        """The request of the route."""
        return self._chat_body(prompt) if self._chat else self._responses_body(prompt)

    def most(self, prompt: Prompt) -> Amount:
        """All its tokens at the full price, and every search it may make."""
        usd = self._settings.prices.usd(
            fresh=prompt.input_tokens,
            output=prompt.max_tokens,
            searches=MAX_TURNS if self._settings.search else 0,
        )
        return Amount(usd, prompt.input_tokens + prompt.max_tokens, 1)

    def text(self, root: Node) -> str:
        """What the model wrote."""
        return _chat_text(root) if self._chat else completed_text(root)

    def stamp(self, root: Node) -> Node:
        """When it was written."""
        return root["created" if self._chat else "created_at"]

    def told(self, usage: Node) -> Decimal:
        """Dollars as xAI says, in ticks."""
        return _told(usage)

    def by_tokens(self, usage: Node) -> Decimal:
        """Dollars by the tokens, at our prices."""
        read, details, written = self._counts
        cached = _count(usage.get(details), "cached_tokens")
        return self._settings.prices.usd(
            fresh=usage[read].whole() - cached,
            cached=cached,
            output=usage[written].whole() + self._reasoning(usage),
            searches=_count(usage.get("server_side_tool_usage_details"), "web_search_calls"),
        )

    def tokens(self, usage: Node) -> int:
        """Tokens read and written, reasoning among them."""
        read, _, written = self._counts
        return usage[read].whole() + usage[written].whole() + self._reasoning(usage)

    @property
    def _counts(self) -> tuple[str, str, str]:
        """What the route calls tokens read, the details of these, and tokens written."""
        if self._chat:
            return "prompt_tokens", "prompt_tokens_details", "completion_tokens"
        return "input_tokens", "input_tokens_details", "output_tokens"

    def _reasoning(self, usage: Node) -> int:
        # On this route reasoning is not part of the completion, and billed like it.
        details = usage.get("completion_tokens_details") if self._chat else None
        return _count(details, "reasoning_tokens")

    def refined(self, error: VendorError, reply: Reply, said: Complaint) -> VendorError:
        """Some refusals come under the wrong status, and some failures are charged."""
        # Out of credit is told with the status of "too fast", and waiting does not help.
        if "used all available credits" in said.message or "monthly spending limit" in said.message:
            error = VendorRefused(GROK, f"out of credit: {error.problem}")
        elif _WRONG_KEY in said.message:
            error = VendorRefused(GROK, f"the key is wrong: {error.problem}")
        # A moderated answer for one.
        try:
            error.usd = cost(reply.node(), _told, otherwise=Decimal(0))
        except VendorGarbled:
            error.usd = Decimal(0)
        return error

    def _chat_body(self, prompt: Prompt) -> dict[str, object]:
        schema = {"name": prompt.name, "strict": True, "schema": prompt.schema}
        return {
            "model": self._settings.model,
            "temperature": 0,
            "max_tokens": prompt.max_tokens,
            "messages": _messages(prompt),
            "response_format": {"type": "json_schema", "json_schema": schema},
        }

    def _responses_body(self, prompt: Prompt) -> dict[str, object]:
        form = {"type": "json_schema", "name": prompt.name, "strict": True, "schema": prompt.schema}
        body: dict[str, object] = {
            "model": self._settings.model,
            "temperature": 0,
            "store": False,
            "max_output_tokens": prompt.max_tokens,
            "input": _messages(prompt),
            "text": {"format": form},
        }
        if not self._settings.search:
            return body
        # Citation marks inside the text would break its JSON.
        search = {"tools": [{"type": "web_search"}], "include": ["no_inline_citations"]}
        return body | search | {"max_turns": MAX_TURNS}


def grok_model(
    session: aiohttp.ClientSession, clock: Clock, settings: GrokSettings, *, turnstile: Turnstile
) -> LanguageModel:
    """Grok, to be asked anything."""
    use = KeyUse(settings.key, refuses=_refuses_key)
    client = HttpClient(session, GROK, settings.base_url, turnstile=turnstile, key=use)
    return LanguageModel(client, clock, GrokDialect(settings), settings.timeout_s)


class GrokOpinions(LanguageModelOpinions):
    """Grok's sentiment on many symbols by one call; `prices` supplies what the model is told."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        settings: GrokSettings,
        prices: Prices = no_prices,
        *,
        turnstile: Turnstile,
    ) -> None:
        super().__init__(
            GROK,
            grok_model(session, clock, settings, turnstile=turnstile),
            model_name=settings.model,
            system=prompts.GROK_SYSTEM,
            max_symbols=settings.max_symbols,
            prices=prices,
        )


class GrokReasoner(LanguageModelReasoner):
    """Grok's words about signals; never with a search, so that no page can speak to it."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        settings: GrokSettings,
        *,
        turnstile: Turnstile,
    ) -> None:
        quiet = evolve(settings, route=Route.CHAT, search=False)
        model = grok_model(session, clock, quiet, turnstile=turnstile)
        super().__init__(GROK, model, model_name=settings.model)


def _refuses_key(status: int, body: bytes) -> bool:
    # A wrong key comes under the status of a malformed request.
    return is_unauthorised(status, body) or (
        status == HTTPStatus.BAD_REQUEST and _WRONG_KEY.encode() in body[:_EXCERPT]
    )


def _messages(prompt: Prompt) -> list[dict[str, str]]:
    return [
        {"role": "system", "content": prompt.system},
        {"role": "user", "content": prompt.document},
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
