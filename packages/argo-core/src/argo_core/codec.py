"""Values to bytes and plain data, and back. The domain's classes know nothing of this."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import cattrs

from argo_core.consensus.opinion import STEPS, Opinion, SourceName, finite
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import (
    Scalar,
    decimal_text,
    encode,
    float_text,
    scale_of,
    sha256_hex,
)
from argo_core.ledger.entry import VERSION, Entry, decode_entry, encode_entry
from argo_core.market.instrument import Instrument, Symbol, parse_symbol
from argo_core.market.moment import aware, from_micros, to_micros
from argo_core.market.quote import Quote
from argo_core.signals.evidence import Evidence
from argo_core.signals.signal import Contribution, Signal

_MICRO = 1_000_000


def signal_entry(signal: Signal, *, log: str, strategy: str, seq: int) -> bytes:
    """The canonical log entry of a signal; `read_signal` gives back the same signal.

    Contributions become members such as `phi_massive_bp`, evidence such as `e1_value`; prices have
    the decimals of `signal.entry`, and a HOLD has no levels. A source's strength is whole 1/10,000,
    an age whole microseconds.

    Raises:
        InvalidInput: a value cannot be written exactly, or the entry is not consistent.
    """
    scale = scale_of(signal.entry)
    fields: dict[str, Scalar] = {
        **_common("signal", log, strategy, seq, signal.decided_at),
        "id": signal.id,
        "symbol": str(signal.symbol),
        "direction": signal.direction.value,
        "reason": signal.reason.value,
        "confidence_bp": signal.confidence_bp,
        "coverage_bp": signal.coverage_bp,
        "agreement_bp": signal.agreement_bp,
        "price_scale": scale,
        "entry": decimal_text(signal.entry, scale),
        "horizon_s": signal.horizon_s,
        "regime": signal.regime.value,
        "profile": signal.profile,
        "reasoning": signal.reasoning,
        "reasoning_source": signal.reasoning_source,
        "inputs_sha256": signal.inputs_sha256,
        "feed": signal.feed,
    }
    if signal.stop is not None:
        fields["stop"] = decimal_text(signal.stop, scale)
    if signal.target is not None:
        fields["target"] = decimal_text(signal.target, scale)
    for part in signal.contributions:
        if f"phi_{part.source}_bp" in fields:
            raise InvalidInput("contributions", f"{part.source} occurs twice", "give each once")
        fields[f"phi_{part.source}_bp"] = part.phi_bp
        fields[f"strength_{part.source}_e4"] = _steps(part.strength, STEPS)
        fields[f"age_{part.source}_us"] = _steps(part.age_s, _MICRO)
        fields[f"raw_{part.source}_sha256"] = part.raw_sha256
    for number, fact in enumerate(signal.evidence, start=1):
        if fact.id != f"e{number}":
            raise InvalidInput("evidence", f"{fact.id} is at place {number}", "number it in order")
        fields[f"{fact.id}_source"] = fact.source
        fields[f"{fact.id}_kind"] = fact.kind
        fields[f"{fact.id}_value"] = fact.value
        fields[f"{fact.id}_unit"] = fact.unit
        fields[f"{fact.id}_as_of_us"] = to_micros(fact.as_of)
    return encode_entry(fields)


def read_signal(data: bytes) -> Signal:
    """The signal a log entry spells; contributions come in the order of their sources' names.

    Raises:
        InvalidInput: these are not the canonical bytes of a signal entry.
    """
    entry = decode_entry(data)
    if entry.kind != "signal":
        raise InvalidInput("kind", f"{entry.kind} is not a signal", "read signal entries only")
    fields = entry.fields
    sources = sorted(key[4:-3] for key in fields if key.startswith("phi_"))
    count = sum(key.endswith("_as_of_us") for key in fields)
    return Signal(
        id=entry.text("id"),
        symbol=parse_symbol(fields["symbol"]),
        direction=Direction(entry.text("direction")),
        reason=_word(Reason, entry, "reason"),
        confidence_bp=entry.number("confidence_bp"),
        coverage_bp=entry.number("coverage_bp"),
        agreement_bp=entry.number("agreement_bp"),
        entry=Decimal(entry.text("entry")),
        stop=Decimal(entry.text("stop")) if "stop" in fields else None,
        target=Decimal(entry.text("target")) if "target" in fields else None,
        horizon_s=entry.number("horizon_s"),
        contributions=tuple(_contribution(entry, source) for source in sources),
        regime=_word(Regime, entry, "regime"),
        profile=entry.text("profile"),
        reasoning=entry.text("reasoning"),
        reasoning_source=entry.text("reasoning_source"),
        evidence=tuple(_evidence(entry, f"e{number}") for number in range(1, count + 1)),
        inputs_sha256=entry.text("inputs_sha256"),
        feed=entry.text("feed"),
        decided_at=from_micros(entry.decided_us),
    )


def strategy_entry(
    profile: Profile,
    *,
    log: str,
    strategy: str,
    seq: int,
    decided_at: datetime,
    universe: Sequence[Instrument],
    models: Mapping[SourceName, str],
    config_sha256: str,
    code_sha256: str,
    disclosure: str = "open",
) -> bytes:
    """The registration that opens a strategy's record: what decides, over what, how often.

    `models` names what forms each source's opinions, as `OpinionSource.model` does. The profile's
    numbers are the shortest decimals that read back exactly.

    Raises:
        InvalidInput: a source has no model, a symbol occurs twice, or a value cannot be written.
    """
    symbols = sorted(one.symbol for one in universe)
    if len(set(symbols)) < len(symbols):
        raise InvalidInput("universe", "a symbol occurs twice", "give each once")
    if models.keys() != profile.sources.keys():
        problem = f"{sorted(models)} are not the profile's sources"
        raise InvalidInput("models", problem, f"name one for each of {sorted(profile.sources)}")
    fields: dict[str, Scalar] = {
        **_common("strategy", log, strategy, seq, decided_at),
        "disclosure": disclosure,
        "profile": profile.name,
        "universe": " ".join(symbols),
        "config_sha256": config_sha256,
        "code_sha256": code_sha256,
        "models_sha256": sha256_hex(encode({name: models[name] for name in models})),
        "horizon_s": profile.horizon_s,
        "theta_bp": profile.theta_bp,
        "publish_step_bp": profile.publish_step_bp,
    }
    for name in ("beat_s", "tau", "lam", "quorum", "publish_move", "max_quote_age_s"):
        fields[name] = float_text(getattr(profile, name))
    fields["price_deadline_s"] = float_text(profile.price_deadline_s)
    for name, policy in profile.sources.items():
        fields[f"weight_{name}"] = float_text(policy.weight)
        fields[f"half_life_{name}_s"] = float_text(policy.half_life_s)
        fields[f"refresh_after_{name}_s"] = float_text(policy.refresh_after_s)
        fields[f"min_interval_{name}_s"] = float_text(policy.min_interval_s)
        fields[f"timeout_{name}_s"] = float_text(policy.timeout_s)
        fields[f"max_symbols_{name}"] = policy.max_symbols
        fields[f"market_data_{name}"] = int(policy.market_data)
        fields[f"paid_ai_{name}"] = int(policy.paid_ai)
        fields[f"model_{name}"] = models[name]
    return encode_entry(fields)


def quiet_entry(
    *,
    log: str,
    strategy: str,
    seq: int,
    from_at: datetime,
    to_at: datetime,
    cycles: int,
    holds: int,
    skips: int,
    reasons: Mapping[Reason, int],
) -> bytes:
    """The record of a stretch of cycles that published nothing, so that silence is on record too.

    It covers `cycles` whole cycles from `from_at` to `to_at`; `reasons` counts the decisions by why
    they came out as they did.

    Raises:
        InvalidInput: the stretch ends before it begins, or a count is negative.
    """
    return encode_entry(
        {
            **_common("quiet", log, strategy, seq, to_at),
            "from_us": to_micros(aware("from_at", from_at)),
            "to_us": to_micros(to_at),
            "cycles": cycles,
            "holds": holds,
            "skips": skips,
            **{f"count_{reason.value}": count for reason, count in reasons.items()},
        }
    )


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
        fields[f"strength_{source}_e4"] = _steps(opinion.strength, STEPS)
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


def to_plain(value: object) -> Any:
    """`value` as JSON-ready data, for HTTP answers and `--json`.

    Decimals and moments become strings (moments RFC 3339 UTC with microseconds and Z), enums of
    words their words, bytes hexadecimal, sequences lists, attrs classes and mappings dictionaries.

    Raises:
        InvalidInput: a float is NaN or infinite, or a moment is not aware UTC.
    """
    return _PLAIN.unstructure(value)


def rfc3339(moment: datetime) -> str:
    """The moment as `2024-03-01T14:30:00.000000Z`.

    Raises:
        InvalidInput: it is not aware UTC.
    """
    return aware("moment", moment).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(unstruct_collection_overrides={tuple: list, frozenset: sorted})
    converter.register_unstructure_hook(Decimal, lambda value: format(value, "f"))
    converter.register_unstructure_hook(datetime, rfc3339)
    converter.register_unstructure_hook(bytes, bytes.hex)
    converter.register_unstructure_hook(float, lambda value: finite("number", value))
    converter.register_unstructure_hook(StrEnum, lambda value: value.value)
    return converter


_PLAIN = _converter()


def _common(
    kind: str, log: str, strategy: str, seq: int, decided_at: datetime
) -> dict[str, Scalar]:
    return {
        "v": VERSION,
        "kind": kind,
        "log": log,
        "strategy": strategy,
        "seq": seq,
        "decided_us": to_micros(aware("decided_at", decided_at)),
    }


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


def _steps(value: float, per_unit: int) -> int:
    """`value` in whole steps, refused unless the steps read back as exactly the same float."""
    steps = round(value * per_unit) if math.isfinite(value) else 0
    if steps / per_unit != value:
        raise InvalidInput(
            "number", f"{value} is not in steps of 1/{per_unit}", "quantise it first"
        )
    return steps


def _word(words: Any, entry: Entry, name: str) -> Any:
    try:
        return words(entry.fields[name])
    except ValueError as error:
        problem = f"{entry.fields[name]!r} is unknown"
        raise InvalidInput(name, problem, f"give one of {', '.join(words)}") from error


def _contribution(entry: Entry, source: str) -> Contribution:
    return Contribution(
        source=SourceName(source),
        phi_bp=entry.number(f"phi_{source}_bp"),
        strength=entry.number(f"strength_{source}_e4") / STEPS,
        age_s=entry.number(f"age_{source}_us") / _MICRO,
        raw_sha256=entry.text(f"raw_{source}_sha256"),
    )


def _evidence(entry: Entry, name: str) -> Evidence:
    return Evidence(
        id=name,
        source=SourceName(entry.text(f"{name}_source")),
        kind=entry.text(f"{name}_kind"),
        value=entry.text(f"{name}_value"),
        unit=entry.text(f"{name}_unit"),
        as_of=from_micros(entry.number(f"{name}_as_of_us")),
    )
