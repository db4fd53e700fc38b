"""Members of entries that are right by all rules, to be changed where a test wants them otherwise.

The six common members are missing, the log that takes them knows them. `changes` replace members,
and None leaves one out.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from alpine_service.domain.feed.canonical import Members

Changes = str | int | None

SOURCES = ("prices", "news", "mood", "model")
OUTCOME_RULE = "first-touch-1"
HORIZON_S = 3600


def strategy_members(
    disclosure: str = "open", *, sources: Sequence[str] = SOURCES, **changes: Changes
) -> Members:
    """A registration; a delayed strategy reveals after an hour."""
    members: dict[str, Changes] = {
        "kind": "strategy",
        "disclosure": disclosure,
        "reveal_after_s": 0 if disclosure == "open" else HORIZON_S,
        "outcome_rule": OUTCOME_RULE,
        "profile": "weighted-consensus",
        "universe": "AAPL BTC/USD MSFT",
        "config_sha256": _digest("config"),
        "code_sha256": _digest("code"),
        "models_sha256": _digest("models"),
        "beat_s": "5",
        "horizon_s": HORIZON_S,
        "theta_bp": 6000,
        "publish_step_bp": 100,
        "tau": "0.05",
        "lam": "0.5",
        "quorum": "0.6",
        "publish_move": "0.005",
        "max_quote_age_s": "15",
        "price_deadline_s": "0.5",
    }
    for source in sources:
        members |= {
            f"weight_{source}": "0.25",
            f"half_life_{source}_s": "600",
            f"refresh_after_{source}_s": "300",
            f"min_interval_{source}_s": "5",
            f"timeout_{source}_s": "4",
            f"max_symbols_{source}": 50,
            f"market_data_{source}": int(source == "prices"),
            f"paid_ai_{source}": int(source == "model"),
            f"model_{source}": f"{source}-1",
        }
    return _changed(members, changes)


def signal_members(
    signal_id: str,
    symbol: str = "AAPL",
    direction: str = "BUY",
    *,
    sources: Sequence[str] = SOURCES,
    facts: int = 2,
    **changes: Changes,
) -> Members:
    """A signal with some evidence; four sources and two facts make some 50 members and 2 kB."""
    confidence = {"BUY": 8000, "SELL": -8000, "HOLD": 0}[direction]
    members: dict[str, Changes] = {
        "kind": "signal",
        "id": signal_id,
        "symbol": symbol,
        "direction": direction,
        "reason": "weak" if direction == "HOLD" else "signal",
        "confidence_bp": confidence,
        "coverage_bp": 10_000,
        "agreement_bp": 9_000,
        "price_scale": 2,
        "entry": "190.00",
        "horizon_s": HORIZON_S,
        "regime": "trend",
        "profile": "weighted-consensus",
        "reasoning": f"{symbol}: most of those who were asked point the same way.",
        "reasoning_source": "template",
        "inputs_sha256": _digest(f"inputs of {signal_id}"),
        "feed": "iex",
    }
    if direction != "HOLD":
        above, below = "194.00", "188.00"
        is_buy = direction == "BUY"
        members["stop"], members["target"] = (below, above) if is_buy else (above, below)
    for place, source in enumerate(sources):
        rest = confidence % len(sources) if place == 0 else 0
        members |= {
            f"phi_{source}_bp": confidence // len(sources) + rest,
            f"strength_{source}_e4": 5_000,
            f"age_{source}_us": 1_500_000,
            f"raw_{source}_sha256": _digest(f"{source} on {signal_id}"),
        }
    for number in range(1, facts + 1):
        members |= {
            f"e{number}_source": sources[number % len(sources)],
            f"e{number}_kind": "relative strength over 14 bars",
            f"e{number}_value": "61.8",
            f"e{number}_unit": "",
            f"e{number}_as_of_us": 1_772_452_800_000_000,
        }
    return _changed(members, changes)


def quiet_members(from_us: int, to_us: int, **changes: Changes) -> Members:
    """Twelve cycles that published nothing."""
    members: dict[str, Changes] = {
        "kind": "quiet",
        "from_us": from_us,
        "to_us": to_us,
        "cycles": 12,
        "holds": 30,
        "skips": 6,
        "count_weak": 24,
        "count_no_quorum": 6,
    }
    return _changed(members, changes)


def outcome_members(
    signal_index: int, signal: Members, result: str = "target", **changes: Changes
) -> Members:
    """What became of a signal whose members these are."""
    members: dict[str, Changes] = {
        "kind": "outcome",
        "signal_index": signal_index,
        "signal_id": signal["id"],
        "symbol": signal["symbol"],
        "rule": OUTCOME_RULE,
        "result": result,
        "prices": 17,
        "gap_us": 4_000_000,
    }
    if result == "void":
        members["problem"] = "no price was seen"
    else:
        members |= {
            "start": "190.10",
            "end": "194.02",
            "start_us": 1_772_452_801_000_000,
            "end_us": 1_772_454_000_000_000,
            "return_bp": 206,
        }
    return _changed(members, changes)


def trade_members(order_id: str, symbol: str = "AAPL", **changes: Changes) -> Members:
    """An order that was filled on paper."""
    members: dict[str, Changes] = {
        "kind": "trade",
        "order_id": order_id,
        "symbol": symbol,
        "side": "BUY",
        "event": "filled",
        "quantity": "10",
        "broker": "paper",
        "at_us": 1_772_452_802_000_000,
        "price": "190.12",
        "fee": "0",
    }
    return _changed(members, changes)


def correct_members(index: int, note: str = "the price was of the day before") -> Members:
    return {"kind": "correct", "index": index, "note": note}


def retire_members(note: str = "it has not earned its keep") -> Members:
    return {"kind": "retire", "note": note}


def key_members(key: str, use: str = "checkpoint", from_us: int = 0) -> Members:
    return {"kind": "key", "key": key, "use": use, "from_us": from_us, "note": "the next one"}


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _changed(members: Mapping[str, Changes], changes: Mapping[str, Changes]) -> Members:
    return {name: value for name, value in {**members, **changes}.items() if value is not None}
