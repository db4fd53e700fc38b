"""A signal as a log entry, and back."""

from decimal import Decimal
from typing import Any

from argo_core.codec.members import MICRO, common, steps
from argo_core.consensus.opinion import STEPS, SourceName
from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Scalar, decimal_text, scale_of
from argo_core.ledger.entry import Entry, decode_entry, encode_entry
from argo_core.market.instrument import parse_symbol
from argo_core.market.moment import from_micros, to_micros
from argo_core.signals.evidence import Evidence
from argo_core.signals.signal import Contribution, Signal


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
        **common("signal", log, strategy, seq, signal.decided_at),
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
        fields[f"strength_{part.source}_e4"] = steps(part.strength, STEPS)
        fields[f"age_{part.source}_us"] = steps(part.age_s, MICRO)
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
        age_s=entry.number(f"age_{source}_us") / MICRO,
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
