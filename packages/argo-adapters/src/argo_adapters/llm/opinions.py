"""Opinions of a language model: one batched question, scores by structured output."""

from collections.abc import Callable, Sequence
from datetime import datetime

from argo_adapters.llm.answer import Prices, Question, answer, question, said_model
from argo_adapters.llm.dialect import Prompt
from argo_adapters.llm.model import LanguageModel, Told
from argo_core.consensus.opinion import Fact, Opinion, SourceName
from argo_core.consensus.rules import schemas
from argo_core.market.instrument import Instrument
from argo_core.ports import Answer
from argo_core.resilience.budget import Amount


def no_facts(_told: Told) -> tuple[Fact, ...]:
    """There is nothing to say about the whole answer."""
    return ()


class LanguageModelOpinions:
    """The port `OpinionSource`, over any language model.

    `model_name` is pinned in the record together with the prompt. `system` says what the model is,
    `prices` supplies what it is told, and `facts` reads what is true of the whole answer.
    """

    def __init__(
        self,
        name: SourceName,
        model: LanguageModel,
        *,
        model_name: str,
        system: str,
        max_symbols: int,
        prices: Prices,
        facts: Callable[[Told], tuple[Fact, ...]] = no_facts,
    ) -> None:
        self._name = name
        self._model = model
        self._model_name = model_name
        self._system = system
        self._max_symbols = max_symbols
        self._prices = prices
        self._facts = facts

    @property
    def name(self) -> SourceName:
        """The source's name in the profile."""
        return self._name

    @property
    def model(self) -> str:
        """The model and the prompt, pinned."""
        return said_model(self._model_name)

    def most(self, asked: Sequence[Instrument], now: datetime) -> Amount:
        """The dollars and tokens of the longest answer to that question."""
        put = question(asked, now, self._prices, self._max_symbols)
        return Amount() if put is None else self._model.most(self._prompt(put))

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        """At most one opinion for each of the first `max_symbols` instruments.

        Raises:
            VendorError: none could be had; `usd` says what the attempt cost all the same.
        """
        put = question(asked, now, self._prices, self._max_symbols)
        if put is None:
            return Answer((), calls=0)

        def read(told: Told) -> Answer[Opinion]:
            return answer(
                put,
                told.text,
                told.reply,
                told.created,
                usd=told.usd,
                tokens=told.tokens,
                facts=self._facts(told),
            )

        return await self._model.ask(self._prompt(put), read)

    def _prompt(self, put: Question) -> Prompt:
        return Prompt(self._system, put.document, schemas.NAME, put.schema, put.max_tokens)
