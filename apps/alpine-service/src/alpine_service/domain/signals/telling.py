"""What subscribers are told: each event's one JSON object, made of what the log has said by then.

An object never depends on what comes later, so that its bytes are the same however often they are
sent. Everybody may know what the log says to everybody: entries. What a body says that came early,
and what an outcome or a trade says of a signal that is still sealed, is for real-time plans until
the reveal.
"""

from collections.abc import Mapping

import orjson

from alpine_service.domain.feed.entry import Entry
from alpine_service.domain.signals.event import Audience, EventKind, NewEvent
from alpine_service.domain.signals.signal import SignalRecord

_SIGNAL = (
    "symbol",
    "direction",
    "reason",
    "confidence_bp",
    "entry",
    "stop",
    "target",
    "horizon_s",
)
_STRATEGY = ("disclosure", "reveal_after_s", "outcome_rule", "profile", "universe", "horizon_s")
_OUTCOME = (
    "signal_index",
    "symbol",
    "rule",
    "result",
    "return_bp",
    "start",
    "end",
    "start_us",
    "end_us",
    "problem",
)
_TRADE = (
    "signal_index",
    "order_id",
    "execution_id",
    "symbol",
    "side",
    "event",
    "quantity",
    "price",
    "fee",
    "broker",
    "at_us",
)

Told = Mapping[str, str | int | None]


def tell_registered(entry: Entry, at_us: int) -> NewEvent:
    """A strategy was registered, or again, with other settings."""
    return _event(EventKind.STRATEGY_REGISTERED, entry, at_us, _members(entry, _STRATEGY))


def tell_retired(entry: Entry, at_us: int) -> NewEvent:
    """A strategy ended; its record stays."""
    return _event(EventKind.STRATEGY_RETIRED, entry, at_us, {"note": entry.text("note")})


def tell_published(entry: Entry, official_s: int | None, at_us: int) -> NewEvent:
    """An open strategy's signal."""
    told: Told = {"signal_index": entry.index, "official_s": official_s, **_signal(entry)}
    return _event(
        EventKind.SIGNAL_PUBLISHED,
        entry,
        at_us,
        told,
        symbol=entry.text("symbol"),
        signal_id=entry.text("id"),
    )


def tell_committed(entry: Entry, official_s: int | None, at_us: int) -> NewEvent:
    """A delayed strategy said something; nothing of what it is."""
    told: Told = {
        "signal_index": entry.index,
        "official_s": official_s,
        "commitment": entry.text("commitment"),
        "reveal_after_us": entry.number("reveal_after_us"),
    }
    return _event(EventKind.SIGNAL_COMMITTED, entry, at_us, told)


def tell_opened(record: SignalRecord, signal: Entry, at_us: int) -> NewEvent:
    """A sealed signal, to those who may see it before its reveal.

    `signal` is the body as an entry at the commit's index, `record` what is known of the commit.
    """
    told: Told = {
        "signal_index": record.log_index,
        "official_s": record.official_s,
        **_signal(signal),
    }
    return _event(
        EventKind.SIGNAL_PUBLISHED,
        signal,
        at_us,
        told,
        audience=Audience.REALTIME,
        symbol=signal.text("symbol"),
        signal_id=signal.text("id"),
    )


def tell_revealed(record: SignalRecord, signal: Entry, reveal: Entry, at_us: int) -> NewEvent:
    """A sealed signal was shown to everybody; with its outcome, if that came before.

    `record` is what is known of the commit, `signal` the body as an entry at the commit's index.
    """
    told: dict[str, str | int | None] = {
        "index": reveal.index,
        "signal_index": signal.index,
        "seq": signal.seq,
        "decided_us": signal.decided_us,
        "official_s": record.official_s,
        **_signal(signal),
    }
    if record.outcome_index is not None:
        told["outcome_index"] = record.outcome_index
        told["result"] = record.result
        told["return_bp"] = record.return_bp
    return _event(
        EventKind.SIGNAL_REVEALED,
        reveal,
        at_us,
        told,
        symbol=signal.text("symbol"),
        signal_id=signal.text("id"),
    )


def tell_outcome(entry: Entry, at_us: int, *, sealed: bool) -> NewEvent:
    """What became of a signal. Of a sealed one it would say which symbol it was about."""
    return _event(
        EventKind.OUTCOME_RESOLVED,
        entry,
        at_us,
        {"id": entry.text("signal_id"), **_members(entry, _OUTCOME)},
        audience=Audience.REALTIME if sealed else Audience.EVERYBODY,
        symbol=entry.text("symbol"),
        signal_id=entry.text("signal_id"),
    )


def tell_trade(entry: Entry, at_us: int, *, sealed: bool) -> NewEvent:
    """What trading on paper did. About a sealed signal it would say symbol and direction."""
    return _event(
        EventKind.TRADE_REPORTED,
        entry,
        at_us,
        _members(entry, _TRADE),
        audience=Audience.REALTIME if sealed else Audience.EVERYBODY,
        symbol=entry.text("symbol"),
    )


def tell_corrected(entry: Entry, at_us: int) -> NewEvent:
    """The publisher says that an earlier entry is wrong; it stays as it is."""
    told: Told = {"corrected_index": entry.number("index"), "note": entry.text("note")}
    return _event(EventKind.ENTRY_CORRECTED, entry, at_us, told)


def _signal(signal: Entry) -> dict[str, str | int | None]:
    return {
        "id": signal.text("id"),
        **_members(signal, _SIGNAL),
        "signal_sha256": signal.signal_sha256.hex(),
    }


def _members(entry: Entry, names: tuple[str, ...]) -> dict[str, str | int | None]:
    members = entry.members
    return {name: members[name] for name in names if name in members}


def _event(
    kind: EventKind,
    entry: Entry,
    at_us: int,
    told: Told,
    *,
    audience: Audience = Audience.EVERYBODY,
    symbol: str | None = None,
    signal_id: str | None = None,
) -> NewEvent:
    whole = {
        "type": kind.value,
        "index": entry.index,
        "strategy": entry.strategy,
        "seq": entry.seq,
        "decided_us": entry.decided_us,
        "signal_sha256": entry.signal_sha256.hex(),
        **told,
    }
    return NewEvent(
        kind=kind,
        audience=audience,
        log_index=entry.index,
        strategy=entry.strategy,
        data=orjson.dumps(whole),
        at_us=at_us,
        symbol=symbol,
        signal_id=signal_id,
    )
