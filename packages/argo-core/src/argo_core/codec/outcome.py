"""A signal's outcome as a log entry, and back."""

from datetime import datetime, timedelta
from decimal import Decimal

from argo_core.codec.members import common
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Scalar, decimal_text, scale_of
from argo_core.ledger.entry import Entry, encode_entry
from argo_core.market.moment import from_micros, to_micros
from argo_core.signals.outcome import FIRST_TOUCH, Outcome, Price, Result
from argo_core.signals.signal import Signal

MICROSECOND = timedelta(microseconds=1)
NO_PRICE = "no price was seen within the horizon"


def outcome_entry(
    outcome: Outcome,
    signal: Signal,
    *,
    index: int,
    log: str,
    strategy: str,
    seq: int,
    decided_at: datetime,
) -> bytes:
    """The canonical log entry of what became of `signal`, which is at `index` of the log.

    Raises:
        InvalidInput: a value cannot be written exactly.
    """
    fields: dict[str, Scalar] = {
        **common("outcome", log, strategy, seq, decided_at),
        "signal_index": index,
        "signal_id": signal.id,
        "symbol": str(signal.symbol),
        "rule": FIRST_TOUCH,
        "result": outcome.result.value,
        "prices": outcome.prices,
        "gap_us": outcome.gap // MICROSECOND,
    }
    if outcome.official is not None:
        fields["official_us"] = to_micros(outcome.official)
    if outcome.start is None or outcome.end is None or outcome.return_bp is None:
        fields["problem"] = NO_PRICE
    else:
        fields["return_bp"] = outcome.return_bp
        for name, price in (("start", outcome.start), ("end", outcome.end)):
            fields[name] = decimal_text(price.price, scale_of(price.price))
            fields[f"{name}_us"] = to_micros(price.at)
    return encode_entry(fields)


def read_outcome(entry: Entry) -> Outcome:
    """The outcome that an entry spells.

    Raises:
        InvalidInput: it is not an outcome entry.
    """
    if entry.kind != "outcome":
        raise InvalidInput("kind", f"{entry.kind} is not an outcome", "read outcome entries only")
    official = entry.fields.get("official_us")
    return Outcome(
        result=Result(entry.text("result")),
        official=None if official is None else from_micros(entry.number("official_us")),
        start=_price(entry, "start"),
        end=_price(entry, "end"),
        prices=entry.number("prices"),
        gap=from_micros(entry.number("gap_us")) - from_micros(0),
        return_bp=entry.number("return_bp") if "return_bp" in entry.fields else None,
    )


def _price(entry: Entry, name: str) -> Price | None:
    if name not in entry.fields:
        return None
    return Price(from_micros(entry.number(f"{name}_us")), Decimal(entry.text(name)))
