"""Perplexity's Sonar: how its Agent API is asked, and understood; it answers after a search."""

import re
from datetime import date, datetime
from decimal import Decimal

import aiohttp
from attrs import field, frozen

from argo_adapters.http.client import HttpClient
from argo_adapters.http.fields import Node
from argo_adapters.http.key import Key, KeyUse, as_key
from argo_adapters.http.reply import Reply
from argo_adapters.llm.answer import Prices, no_prices, positive
from argo_adapters.llm.dialect import Prompt
from argo_adapters.llm.model import LanguageModel, Told
from argo_adapters.llm.opinions import LanguageModelOpinions
from argo_adapters.llm.reply import Complaint, completed_text
from argo_adapters.llm.token_prices import TokenPrices
from argo_core.consensus.opinion import SONAR, Fact
from argo_core.consensus.rules import prompts
from argo_core.errors import VendorError, VendorRefused, VendorThrottled, VendorUnavailable
from argo_core.ports import Clock, Turnstile
from argo_core.resilience.budget import Amount

FORBIDDEN = 403
FAILED_DEPENDENCY = 424
MAX_STEPS = 2
# What a search brings in is input too; "low" context stays well below this.
SEARCH_TOKENS = 8_000

_RETIRED = {"chat_completions_not_available", "agent_api_migration_required"}
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T.*)?")
_MILLISECONDS = re.compile(r"[0-9]{1,9}")


@frozen
class SonarSettings:
    """How Sonar is asked.

    `path` is the Agent API's below `base_url`. `domains` restricts the search, 20 at most.
    `recency` is hour, day, week, month or year. `prices` are for answers that
    do not say what they cost.
    """

    key: Key = field(repr=False, converter=as_key)
    base_url: str = "https://api.perplexity.ai"
    path: str = "v1/responses"
    model: str = "perplexity/sonar"
    recency: str = "day"
    domains: tuple[str, ...] = ()
    max_symbols: int = field(default=40, validator=positive)
    timeout_s: float = field(default=55.0, validator=positive)
    prices: TokenPrices = TokenPrices(
        Decimal("0.25"), Decimal("0.0625"), Decimal("2.50"), search=Decimal("0.0025")
    )


class SonarDialect:
    """The port `Dialect` of Perplexity's Agent API."""

    def __init__(self, settings: SonarSettings) -> None:
        self._settings = settings

    @property
    def path(self) -> str:
        """The Agent API's."""
        return self._settings.path

    def body(self, prompt: Prompt) -> dict[str, object]:
        """Exactly fields the vendor knows: it refuses a request that has one more."""
        filters: dict[str, object] = {"search_recency_filter": self._settings.recency}
        if self._settings.domains:
            filters["search_domain_filter"] = list(self._settings.domains)
        schema = {"name": prompt.name, "strict": True, "schema": prompt.schema}
        return {
            "model": self._settings.model,
            "instructions": prompt.system,
            "input": prompt.document,
            "max_output_tokens": prompt.max_tokens,
            "temperature": 0,
            "tools": [{"type": "web_search", "search_context_size": "low", "filters": filters}],
            # Without this the model may answer from memory.
            "tool_choice": {"type": "web_search"},
            "max_steps": MAX_STEPS,
            "store": False,
            "response_format": {"type": "json_schema", "json_schema": schema},
        }

    def most(self, prompt: Prompt) -> Amount:
        """All its tokens at the full price, every search, and what searches bring in."""
        fresh = prompt.input_tokens + MAX_STEPS * SEARCH_TOKENS
        usd = self._settings.prices.usd(fresh=fresh, output=prompt.max_tokens, searches=MAX_STEPS)
        return Amount(usd, fresh + prompt.max_tokens, 1)

    def text(self, root: Node) -> str:
        """What the model wrote."""
        return completed_text(root)

    def stamp(self, root: Node) -> Node:
        """When it was written."""
        return root["created_at"]

    def told(self, usage: Node) -> Decimal:
        """Dollars as Perplexity says."""
        return Decimal(repr(usage["cost"]["total_cost"].number()))

    def by_tokens(self, usage: Node) -> Decimal:
        """Dollars by the tokens, at our prices, as if every search had been made."""
        details = usage.get("input_tokens_details")
        cached = details.get("cache_read_input_tokens") if details else None
        reused = cached.whole() if cached else 0
        return self._settings.prices.usd(
            fresh=usage["input_tokens"].whole() - reused,
            cached=reused,
            output=usage["output_tokens"].whole(),
            searches=MAX_STEPS,
        )

    def tokens(self, usage: Node) -> int:
        """Tokens read, what searches brought in among them, and written."""
        return usage["input_tokens"].whole() + usage["output_tokens"].whole()

    def refined(self, error: VendorError, reply: Reply, said: Complaint) -> VendorError:
        """A retired endpoint, a failed search, and a wait in milliseconds."""
        if reply.status == FORBIDDEN and said.kind in _RETIRED:
            problem = f"sonar.path names a retired endpoint, use v1/responses: {error.problem}"
            return VendorRefused(SONAR, problem)
        if reply.status == FAILED_DEPENDENCY:
            return VendorUnavailable(SONAR, error.problem)
        if isinstance(error, VendorThrottled) and error.retry_after_s is None:
            wait = reply.headers.get("retry-after-ms", "")
            if _MILLISECONDS.fullmatch(wait):
                error.retry_after_s = int(wait) / 1_000
        return error


class SonarOpinions(LanguageModelOpinions):
    """Sonar's reading of the web on many symbols by one call; the model is told `prices`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        settings: SonarSettings,
        prices: Prices = no_prices,
        *,
        turnstile: Turnstile,
    ) -> None:
        use = KeyUse(settings.key)
        client = HttpClient(session, SONAR, settings.base_url, turnstile=turnstile, key=use)
        super().__init__(
            SONAR,
            LanguageModel(client, clock, SonarDialect(settings), settings.timeout_s),
            model_name=settings.model,
            system=prompts.SONAR_SYSTEM,
            max_symbols=settings.max_symbols,
            prices=prices,
            facts=_sources,
        )


def _sources(told: Told) -> tuple[Fact, ...]:
    """How many pages the search found, and the day of the newest; never a word of theirs."""
    root, at = told.root, told.created
    found = 0
    days: list[date] = []
    for item in root["output"].rows():
        if item.mapping().get("type") != "search_results":
            continue
        results = item.get("results")
        for result in results.rows() if results else ():
            found += 1
            days += _day(result.mapping().get("date"), at)
    facts = (Fact("pages found", str(found), "", at),)
    return (*facts, Fact("newest page", max(days).isoformat(), "", at)) if days else facts


def _day(text: object, at: datetime) -> list[date]:
    """The day, if it is one that has come; the vendor guarantees neither format nor truth."""
    shape = _DAY.fullmatch(text) if isinstance(text, str) else None
    if not shape:
        return []
    try:
        day = date.fromisoformat(shape[1])
    except ValueError:
        return []
    return [day] if day <= at.date() else []
