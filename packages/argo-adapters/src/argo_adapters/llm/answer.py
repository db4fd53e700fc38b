"""What sources that ask a language model have in common: the question and the reading.

Whatever a model writes is untrusted. Its answer has to be one JSON document, and only the core's
rule `language_model.read_items` turns any of it into an opinion.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import Attribute, frozen

from argo_adapters.http.fields import Node
from argo_adapters.http.reply import Reply
from argo_adapters.http.strict_json import StrictJsonError, parse
from argo_core.consensus.opinion import Fact, Opinion
from argo_core.consensus.rules import prompts, schemas
from argo_core.consensus.rules.language_model import RULE, read_items
from argo_core.errors import InvalidInput, InvalidSetting, VendorGarbled
from argo_core.market.instrument import Instrument, Symbol
from argo_core.ports import Answer, Missing

Prices = Callable[[Symbol], Decimal | None]

HORIZON_S = 3_600
"""The prompt asks about the next hour."""

MAX_BYTES = 1_000_000
SKEW = timedelta(seconds=5)
"""How far a vendor's clock may be ahead of ours."""

# An item with two drivers is about 60 tokens; models that indent their JSON need twice that.
TOKENS_PER_SYMBOL = 120
TOKENS_AROUND = 200


def positive(_instance: object, attribute: "Attribute[Any]", value: float) -> None:
    """Refuse a setting that is not above zero."""
    if not value > 0:
        raise InvalidSetting(attribute.name, f"{value} is not positive", "give a number above 0")


def no_prices(_symbol: Symbol) -> None:
    """The model is told no price."""


@frozen
class Question:
    """One call's worth: the `document` about `symbols`, and what did not fit into the call."""

    symbols: tuple[Symbol, ...]
    left_out: tuple[Missing, ...]
    document: str
    schema: dict[str, object]
    now: datetime

    @property
    def max_tokens(self) -> int:
        """The longest answer worth paying for."""
        return TOKENS_AROUND + TOKENS_PER_SYMBOL * len(self.symbols)


def question(
    asked: Sequence[Instrument], now: datetime, prices: Prices, max_symbols: int
) -> Question | None:
    """The question about the first `max_symbols` instruments; None when nothing is asked."""
    symbols = tuple(dict.fromkeys(one.symbol for one in asked))
    now_asked, rest = symbols[:max_symbols], symbols[max_symbols:]
    if not now_asked:
        return None
    problem = f"not asked, a call carries {max_symbols} symbols"
    return Question(
        now_asked,
        tuple(Missing(symbol, problem) for symbol in rest),
        prompts.document({symbol: prices(symbol) for symbol in now_asked}, now),
        schemas.opinions(now_asked),
        now,
    )


def answer(
    asked: Question,
    text: str,
    reply: Reply,
    created: datetime,
    *,
    usd: Decimal,
    tokens: int = 0,
    facts: tuple[Fact, ...] = (),
) -> Answer[Opinion]:
    """The opinions in the model's `text`; `facts` about the whole answer follow each one's own.

    Raises:
        VendorGarbled: the text is not one JSON document of the asked-for shape, or nothing in it
            could be used.
    """
    source = reply.source
    # The vendor had read what happened until it answered; a clock behind ours does not matter.
    moment = max(asked.now, created)
    try:
        scores, refusals = read_items(parse(text.encode()), asked.symbols, moment)
    except StrictJsonError as error:
        raise VendorGarbled(source, f"the model's answer is not one JSON text: {error}") from error
    except InvalidInput as error:
        problem = f"the model's answer is not the document asked for: {error.field}"
        raise VendorGarbled(source, problem) from error
    if not scores:
        reasons = ", ".join(sorted(set(refusals.values())))
        raise VendorGarbled(source, f"nothing in the model's answer can be used: {reasons}")
    items = tuple(
        Opinion(
            source=source,
            symbol=symbol,
            strength=score.strength,
            as_of=created,
            horizon_s=HORIZON_S,
            raw_sha256=reply.sha256,
            rule=RULE,
            facts=(*score.facts, *facts),
        )
        for symbol, score in scores.items()
    )
    missing = tuple(Missing(symbol, why) for symbol, why in refusals.items())
    raws = {reply.sha256: reply.body}
    return Answer(items, missing + asked.left_out, calls=1, usd=usd, tokens=tokens, raws=raws)


def created(stamp: Node, latest: datetime) -> datetime:
    """The moment the vendor made the answer, refused when it lies past `latest` and the skew.

    Raises:
        VendorGarbled: it is no such moment.
    """
    moment = stamp.moment_from_s()
    if moment > latest + SKEW:
        raise VendorGarbled(stamp.source, f"{stamp.path} is in the future")
    return moment


def said_model(model: str) -> str:
    """The model's name for the record, pinned together with the prompt."""
    return f"{model}+{prompts.VERSION}"
