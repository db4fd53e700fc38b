"""Everything a decision was made of, as bytes that can be named by their hash."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from argo_core.codec.members import steps
from argo_core.consensus.opinion import STEPS, Opinion
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Scalar, decimal_text, encode, float_text, scale_of
from argo_core.ledger.kinds.common import VERSION
from argo_core.market.instrument import Symbol
from argo_core.market.moment import aware, to_micros
from argo_core.market.quote import Quote


def capsule(
    *,
    symbol: Symbol,
    decided_at: datetime,
    quote: Quote | None,
    opinions: Sequence[Opinion],
    profile: str,
    regime: Regime,
    sigma: float | None,
    more: Mapping[str, Scalar] | None = None,
) -> bytes:
    """The input capsule: canonical bytes of everything a decision was made of.

    `quote` is None when a withdrawal had to be decided without a price. `sigma` is the volatility
    used, None while it is unknown. `more` takes whatever else the decision looked at. `sha256_hex`
    of the result is the signal's `inputs_sha256`.

    Raises:
        InvalidInput: a source occurs twice, a value cannot be written, something is about another
            symbol, or `more` hides a member.
    """
    symbols = {one.symbol for one in opinions} | ({quote.symbol} if quote else set())
    others = symbols - {symbol}
    if others:
        raise InvalidInput("symbol", f"{min(others)} is not {symbol}", "give what is known of one")
    fields: dict[str, Scalar] = {
        "v": VERSION,
        "decided_us": to_micros(aware("decided_at", decided_at)),
        "symbol": str(symbol),
        "profile": profile,
        "regime": regime.value,
        **(_quote_fields(quote) if quote is not None else {}),
    }
    if sigma is not None:
        fields["sigma"] = float_text(sigma)
    for opinion in opinions:
        source = opinion.source
        if f"strength_{source}_e4" in fields:
            raise InvalidInput("opinions", f"{source} occurs twice", "give each source once")
        fields[f"strength_{source}_e4"] = steps(opinion.strength, STEPS)
        fields[f"as_of_{source}_us"] = to_micros(opinion.as_of)
        fields[f"horizon_{source}_s"] = opinion.horizon_s
        fields[f"raw_{source}_sha256"] = opinion.raw_sha256
        fields[f"rule_{source}"] = opinion.rule
        for number, fact in enumerate(opinion.facts, start=1):
            fields[f"fact_{source}_{number}_kind"] = fact.kind
            fields[f"fact_{source}_{number}_value"] = fact.value
            fields[f"fact_{source}_{number}_unit"] = fact.unit
            fields[f"fact_{source}_{number}_as_of_us"] = to_micros(fact.as_of)
    hidden = fields.keys() & (more or {}).keys()
    if hidden:
        raise InvalidInput("more", f"{min(hidden)} is taken", "choose another name")
    return encode(fields | dict(more or {}))


def _quote_fields(quote: Quote) -> dict[str, Scalar]:
    prices: dict[str, Decimal | None] = {"price": quote.price, "bid": quote.bid, "ask": quote.ask}
    return {
        "feed": quote.feed,
        "quote_at_us": to_micros(quote.at),
        "quote_fetched_us": to_micros(quote.fetched_at),
        **{
            name: decimal_text(price, scale_of(price))
            for name, price in prices.items()
            if price is not None
        },
    }
