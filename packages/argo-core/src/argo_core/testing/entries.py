"""Small log entries for tests that are about the log and not about what is in it."""

from hashlib import sha256

from argo_core.ledger.canonical import Scalar, encode, sha256_hex
from argo_core.ledger.entry import decode_entry, encode_entry
from argo_core.ledger.kinds.common import VERSION
from argo_core.ledger.record import Batch, Sealed

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


def tiny_trade(
    seq: int,
    *,
    strategy: str = "alpha",
    signal_index: int | None = None,
    decided_us: int = 1_700_000_000_000_000,
) -> bytes:
    """A valid trade entry: one share was bought."""
    named: dict[str, Scalar] = {} if signal_index is None else {"signal_index": signal_index}
    return encode_entry(
        {
            **_common("trade", LOG, strategy, seq, decided_us),
            "order_id": f"order-{seq}",
            "symbol": "AAPL",
            "side": "BUY",
            "event": "filled",
            "quantity": "1",
            "broker": "paper",
            "at_us": decided_us,
            "price": "101.50",
            **named,
        }
    )


def tiny_sealed(
    seq: int,
    *,
    strategy: str = "alpha",
    symbol: str = "AAPL",
    direction: str = "BUY",
    confidence_bp: int = 8_000,
    decided_us: int = 1_700_000_000_000_000,
    capsule: bytes | None = None,
    log: str = LOG,
) -> Sealed:
    """A signal to commit to, with a nonce that belongs to its place."""
    body = tiny_signal(
        seq,
        strategy=strategy,
        symbol=symbol,
        direction=direction,
        confidence_bp=confidence_bp,
        decided_us=decided_us,
        capsule=capsule,
        log=log,
    )
    return Sealed(body, sha256(f"{strategy}/{seq}".encode()).digest())


def tiny_commit(sealed: Sealed) -> bytes:
    """The entry that commits to it."""
    body = decode_entry(sealed.body)
    return encode_entry(
        {
            **_common("commit", body.log, body.strategy, body.seq, body.decided_us),
            "commitment": sealed.commitment,
            "reveal_after_us": body.decided_us,
        }
    )


def tiny_reveal(seq: int, sealed: Sealed, commit_index: int) -> bytes:
    """The entry that shows to everybody what the entry at `commit_index` committed to."""
    body = decode_entry(sealed.body)
    return encode_entry(
        {
            **_common("reveal", body.log, body.strategy, seq, body.decided_us),
            "commitment": sealed.commitment,
            "commit_index": commit_index,
            "nonce": sealed.nonce.hex(),
            "body": sealed.body.decode(),
        }
    )


def tiny_outcome(seq: int, signal: bytes, signal_index: int) -> bytes:
    """The entry that says that the signal at that index came to nothing."""
    told = decode_entry(signal)
    return encode_entry(
        {
            **_common("outcome", told.log, told.strategy, seq, told.decided_us),
            "signal_index": signal_index,
            "signal_id": told.text("id"),
            "symbol": told.text("symbol"),
            "rule": "first-touch/v1",
            "result": "void",
            "problem": "no price came",
            "prices": 0,
            "gap_us": 0,
        }
    )


def sealed_batch(first_index: int, *sealed: Sealed) -> Batch:
    """Commits to these, with their capsules, which are those of their sequence numbers."""
    seqs = [decode_entry(one.body).seq for one in sealed]
    capsules = [tiny_capsule(seq) for seq in seqs]
    return Batch(
        first_index,
        tuple(map(tiny_commit, sealed)),
        {sha256_hex(one): one for one in capsules},
        {one.commitment: one for one in sealed},
    )


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
