"""Small log entries for tests that are about the log and not about what is in it."""

from argo_core.ledger.canonical import Scalar, encode, sha256_hex
from argo_core.ledger.entry import encode_entry
from argo_core.ledger.kinds.common import VERSION
from argo_core.ledger.record import Batch

LOG = "argo.example/log"
SYMBOLS = ("AAPL", "BRK.B", "BTC/USD")
DIRECTIONS = ("BUY", "SELL", "HOLD")


def tiny_capsule(number: int) -> bytes:
    """A capsule that differs from that of every other number."""
    return encode({"v": VERSION, "number": number})


def tiny_signal(
    seq: int,
    *,
    strategy: str = "alpha",
    symbol: str = "AAPL",
    direction: str = "BUY",
    confidence_bp: int = 8_000,
    decided_us: int = 1_700_000_000_000_000,
    capsule: bytes | None = None,
    log: str = LOG,
) -> bytes:
    """A valid signal entry with one contribution and no evidence."""
    fields: dict[str, Scalar] = {
        **_common("signal", log, strategy, seq, decided_us),
        "id": f"{strategy}-{seq}",
        "symbol": symbol,
        "direction": direction,
        "reason": "signal" if direction != "HOLD" else "weak",
        "confidence_bp": confidence_bp,
        "coverage_bp": 9_000,
        "agreement_bp": 10_000,
        "price_scale": 2,
        "entry": "182.30",
        "horizon_s": 3_600,
        "regime": "trend",
        "profile": "weighted-consensus-6.0",
        "reasoning": f"{direction} {symbol}",
        "reasoning_source": "template",
        "inputs_sha256": sha256_hex(tiny_capsule(seq) if capsule is None else capsule),
        "feed": "tape",
        "phi_massive_bp": confidence_bp,
        "strength_massive_e4": 8_000,
        "age_massive_us": 1,
        "raw_massive_sha256": "0" * 64,
    }
    if direction != "HOLD":
        fields |= {"stop": "180.00", "target": "185.00"}
    return encode_entry(fields)


def tiny_quiet(
    seq: int,
    *,
    strategy: str = "alpha",
    decided_us: int = 1_700_000_000_000_000,
    log: str = LOG,
) -> bytes:
    """A valid quiet entry of one cycle."""
    counts = {"from_us": decided_us, "to_us": decided_us, "cycles": 1, "holds": 0, "skips": 0}
    return encode_entry({**_common("quiet", log, strategy, seq, decided_us), **counts})


def signal_batch(first_index: int, seqs: range, *, strategy: str = "alpha") -> Batch:
    """Signals of these sequence numbers with their capsules, over all symbols and directions."""
    entries = [
        tiny_signal(
            seq,
            strategy=strategy,
            symbol=SYMBOLS[seq % len(SYMBOLS)],
            direction=DIRECTIONS[seq % 2],
            confidence_bp=7_500 + seq % 2_500,
            decided_us=1_700_000_000_000_000 + seq,
        )
        for seq in seqs
    ]
    capsules = [tiny_capsule(seq) for seq in seqs]
    return Batch(first_index, tuple(entries), {sha256_hex(one): one for one in capsules})


def _common(kind: str, log: str, strategy: str, seq: int, decided_us: int) -> dict[str, Scalar]:
    return {
        "v": VERSION,
        "kind": kind,
        "log": log,
        "strategy": strategy,
        "seq": seq,
        "decided_us": decided_us,
    }
