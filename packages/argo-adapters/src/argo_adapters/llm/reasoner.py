"""Prose about signals by a language model: structured output, no tools, nothing believed."""

from argo_adapters.http.strict_json import StrictJsonError, parse
from argo_adapters.llm.dialect import Prompt
from argo_adapters.llm.model import LanguageModel, Told
from argo_adapters.llm.reply import charged
from argo_core.consensus.opinion import SourceName
from argo_core.errors import InvalidInput, VendorGarbled
from argo_core.ports import Answer
from argo_core.resilience.budget import Amount
from argo_core.resilience.queue import Urgency
from argo_core.signals.brief import Brief
from argo_core.signals.prose import NAME, Prose, read_prose, schema
from argo_core.signals.prose_prompt import PROMPT_VERSION, SYSTEM, document

# The longest prose the schema allows is some 2,900 characters; indented JSON needs more.
MAX_TOKENS = 1_500


class LanguageModelReasoner:
    """The port `Reasoner`, over any language model; `model_name` is pinned in every cache key."""

    def __init__(self, name: SourceName, model: LanguageModel, *, model_name: str) -> None:
        self._name = name
        self._model = model
        self._model_name = model_name

    @property
    def name(self) -> SourceName:
        """The vendor."""
        return self._name

    @property
    def model(self) -> str:
        """The model and the prompt, pinned."""
        return f"{self._model_name}+{PROMPT_VERSION}"

    def most(self, brief: Brief) -> Amount:
        """The dollars and tokens of the longest answer."""
        return self._model.most(_prompt(brief))

    async def prose(self, brief: Brief) -> Answer[Prose]:
        """Words about the brief; calls for prose queue behind all others of the vendor.

        Raises:
            VendorError: there were none; `usd` says what the attempt cost all the same.
            InvalidInput: the brief has no evidence to write about.
        """
        # What a model writes is read when the call is over: bad prose is no sign of a sick vendor,
        # and must not close the breaker that its opinions pass as well.
        told = await self._model.ask(_prompt(brief), _as_it_is, Urgency.BACKFILL)
        with charged(told.usd):
            prose = _read(self._name, told.text)
            return Answer((prose,), usd=told.usd, tokens=told.tokens)


def _prompt(brief: Brief) -> Prompt:
    ids = [fact.id for fact in brief.evidence]
    return Prompt(SYSTEM, document(brief), NAME, schema(ids), MAX_TOKENS)


def _as_it_is(told: Told) -> Told:
    return told


def _read(name: SourceName, text: str) -> Prose:
    try:
        return read_prose(parse(text.encode()))
    except StrictJsonError as error:
        raise VendorGarbled(name, f"the prose is not one JSON text: {error}") from error
    except InvalidInput as error:
        problem = f"the prose is not the document asked for: {error.field}"
        raise VendorGarbled(name, problem) from error
