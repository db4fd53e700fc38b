"""Perplexity's Sonar: one batched question to the Agent API, answered after a web search."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

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
from argo_core.consensus.opinion import SONAR, Fact, Opinion, SourceName
from argo_core.consensus.rules import prompts, schemas
from argo_core.errors import (
    VendorError,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.market.instrument import Instrument
from argo_core.ports import Answer, Clock
from argo_core.resilience.budget import Amount

OK = 200
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

    key: str = field(repr=False)
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


class SonarOpinions:
    """Sonar's reading of the web on many symbols by one call; the model is told `prices`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        settings: SonarSettings,
        prices: Prices = no_prices,
    ) -> None:
        headers = {"Authorization": f"Bearer {settings.key}"}
        self._client = HttpClient(
            session, SONAR, settings.base_url, headers, redact=(settings.key,)
        )
        self._clock = clock
        self._settings = settings
        self._prices = prices

    @property
    def name(self) -> SourceName:
        """The source's name in the profile."""
        return SONAR

    @property
    def model(self) -> str:
        """The model and the prompt, pinned."""
        return said_model(self._settings.model)

    def most(self, asked: Sequence[Instrument], now: datetime) -> Amount:
        """The dollars and tokens of the longest answer to that question."""
        put = question(asked, now, self._prices, self._settings.max_symbols)
        if put is None:
            return Amount()
        tokens = put.input_tokens(prompts.SONAR_SYSTEM) + put.max_tokens + MAX_STEPS * SEARCH_TOKENS
        return Amount(self._worst(put), tokens, 1)

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        """At most one opinion for each of the first `max_symbols` instruments.

        Raises:
            VendorError: none could be had; `usd` says what the attempt cost all the same.
        """
        put = question(asked, now, self._prices, self._settings.max_symbols)
        if put is None:
            return Answer((), calls=0)
        worst = self._worst(put)
        with charged_when_late(worst):
            reply = await self._client.post(
                self._settings.path,
                self._body(put),
                max_bytes=MAX_BYTES,
                timeout_s=self._settings.timeout_s,
            )
        if reply.status != OK:
            raise self._failure(reply)
        with charged(worst):
            root = reply.node()
            usd = cost(root, _told, self._by_tokens, otherwise=worst)
        with charged(usd):
            # A failed run comes with status 200, so what became of it is read before all else.
            text = completed_text(root)
            at = created(root["created_at"], self._clock.now())
            return answer(put, text, reply, at, usd=usd, facts=_sources(root, at))

    def _body(self, put: Question) -> dict[str, object]:
        """Exactly fields the vendor knows: it refuses a request that has one more."""
        filters: dict[str, object] = {"search_recency_filter": self._settings.recency}
        if self._settings.domains:
            filters["search_domain_filter"] = list(self._settings.domains)
        schema = {"name": schemas.NAME, "strict": True, "schema": put.schema}
        return {
            "model": self._settings.model,
            "instructions": prompts.SONAR_SYSTEM,
            "input": put.document,
            "max_output_tokens": put.max_tokens,
            "temperature": 0,
            "tools": [{"type": "web_search", "search_context_size": "low", "filters": filters}],
            # Without this the model may answer from memory.
            "tool_choice": {"type": "web_search"},
            "max_steps": MAX_STEPS,
            "store": False,
            "response_format": {"type": "json_schema", "json_schema": schema},
        }

    def _worst(self, put: Question) -> Decimal:
        return self._settings.prices.usd(
            fresh=put.input_tokens(prompts.SONAR_SYSTEM) + MAX_STEPS * SEARCH_TOKENS,
            output=put.max_tokens,
            searches=MAX_STEPS,
        )

    def _by_tokens(self, usage: Node) -> Decimal:
        details = usage.get("input_tokens_details")
        cached = details.get("cache_read_input_tokens") if details else None
        reused = cached.whole() if cached else 0
        return self._settings.prices.usd(
            fresh=usage["input_tokens"].whole() - reused,
            cached=reused,
            output=usage["output_tokens"].whole(),
            searches=MAX_STEPS,
        )

    def _failure(self, reply: Reply) -> VendorError:
        said = complaint(reply)
        error = self._client.failure(reply, said.message)
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


def _told(usage: Node) -> Decimal:
    return Decimal(repr(usage["cost"]["total_cost"].number()))


def _sources(root: Node, at: datetime) -> tuple[Fact, ...]:
    """How many pages the search found, and the day of the newest; never a word of theirs."""
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
