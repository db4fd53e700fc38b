"""Good entries of every kind, to be changed at will."""

from collections.abc import Mapping

from docs.vectors.basics import AT, LOG, NONCE, NOW, STRANGER

from argo_core.ledger.canonical import Scalar, decode, encode, sha256_hex
from argo_core.ledger.commitment import commitment
from argo_core.ledger.entry import encode_entry


def entry_of(kind: str, seq: int = 0, **own: Scalar) -> bytes:
    common: dict[str, Scalar] = {"v": 1, "log": LOG, "strategy": "alpha", "seq": seq}
    return encode_entry({**common, "kind": kind, "decided_us": AT + seq, **own})


def signal(seq: int, **own: Scalar) -> bytes:
    fields: dict[str, Scalar] = {
        "id": f"alpha-{seq}",
        "symbol": "BRK.B",
        "direction": "BUY",
        "reason": "signal",
        "confidence_bp": 8_250,
        "coverage_bp": 10_000,
        "agreement_bp": 10_000,
        "price_scale": 2,
        "entry": "182.30",
        "stop": "180.00",
        "target": "186.90",
        "horizon_s": 3_600,
        "regime": "trend",
        "profile": "weighted-consensus-6.0",
        "reasoning": 'BUY BRK.B: two sources agree on "up"',
        "reasoning_source": "template",
        "inputs_sha256": sha256_hex(b"capsule"),
        "feed": "tape",
        "e1_source": "massive",
        "e1_kind": "rsi",
        "e1_value": "61.5",
        "e1_unit": "",
        "e1_as_of_us": AT,
    }
    for source, phi in (("grok", 4_000), ("massive", 4_250)):
        fields |= {f"phi_{source}_bp": phi, f"strength_{source}_e4": 9_000}
        fields |= {f"age_{source}_us": 1_500_000, f"raw_{source}_sha256": sha256_hex(b"raw")}
    return entry_of("signal", seq, **{**fields, **own})


def strategy(seq: int, **own: Scalar) -> bytes:
    fields: dict[str, Scalar] = {
        "disclosure": "open",
        "reveal_after_s": 0,
        "outcome_rule": "first-touch-1",
        "profile": "weighted-consensus-6.0",
        "universe": "BRK.B BTC/USD",
        "config_sha256": sha256_hex(b"config"),
        "code_sha256": sha256_hex(b"code"),
        "models_sha256": sha256_hex(b"models"),
        "beat_s": "1",
        "horizon_s": 3_600,
        "theta_bp": 6_000,
        "publish_step_bp": 100,
        "tau": "0.05",
        "lam": "0.5",
        "quorum": "0.6",
        "publish_move": "0.005",
        "max_quote_age_s": "15",
        "price_deadline_s": "0.5",
        "weight_grok": "1",
        "half_life_grok_s": "60",
        "refresh_after_grok_s": "30",
        "min_interval_grok_s": "1",
        "timeout_grok_s": "2",
        "max_symbols_grok": 20,
        "market_data_grok": 0,
        "paid_ai_grok": 1,
        "model_grok": "grok-4",
    }
    return entry_of("strategy", seq, **{**fields, **own})


def commit(seq: int, body: bytes, **own: Scalar) -> bytes:
    fields: dict[str, Scalar] = {
        "commitment": commitment(NONCE, body),
        "reveal_after_us": AT + 900_000_000,
    }
    return entry_of("commit", seq, **{**fields, **own})


def reveal(seq: int, body: bytes, index: int) -> bytes:
    return entry_of(
        "reveal",
        seq,
        commitment=commitment(NONCE, body),
        commit_index=index,
        nonce=NONCE.hex(),
        body=body.decode(),
    )


def outcome(seq: int, index: int, **own: Scalar) -> bytes:
    fields: dict[str, Scalar] = {
        "signal_index": index,
        "signal_id": f"alpha-{index}",
        "symbol": "BRK.B",
        "rule": "first-touch-1",
        "result": "target",
        "prices": 12,
        "gap_us": 61_000_000,
        "official_us": NOW * 1_000_000,
        "start": "182.31",
        "start_us": NOW * 1_000_000 + 1,
        "end": "186.95",
        "end_us": NOW * 1_000_000 + 900_000_000,
        "return_bp": 255,
    }
    return entry_of("outcome", seq, **{**fields, **own})


def quiet(seq: int, **own: Scalar) -> bytes:
    counts = {"from_us": AT, "to_us": AT + 5, "cycles": 5, "holds": 5, "skips": 0, "count_weak": 5}
    return entry_of("quiet", seq, **{**counts, **own})


def trade(seq: int, **own: Scalar) -> bytes:
    fields: dict[str, Scalar] = {
        "order_id": "7",
        "symbol": "BRK.B",
        "side": "BUY",
        "event": "filled",
        "quantity": "10",
        "broker": "paper",
        "at_us": AT,
        "price": "182.31",
    }
    return entry_of("trade", seq, **{**fields, **own})


def key_entry(seq: int, **own: Scalar) -> bytes:
    fields: dict[str, Scalar] = {"use": "checkpoint", "from_us": AT, "note": "yearly"}
    return entry_of("key", seq, **{"key": str(STRANGER.key), **fields, **own})


def changed(data: bytes, /, **own: Scalar | None) -> bytes:
    """Canonical bytes with members changed or, where None, left out; nobody checks the kind."""
    fields: Mapping[str, Scalar | None] = {**decode(data), **own}
    return encode({name: value for name, value in fields.items() if value is not None})
