"""Signals as a test wants them, in a database without a log that they came from."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import orjson

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.signal_rows import COLUMNS
from alpine_service.domain.signals.event import Audience
from alpine_service.domain.signals.signal import Disclosure, SignalRecord

BEGIN_US = 1_772_452_800_000_000
"""2026-03-02T12:00:00Z, where the tests' clock begins."""
MINUTE_US = 60_000_000
WITNESSED_US = 5_000_000
"""How long after its decision a witness saw each of them."""


def a_signal(
    index: int,
    *,
    audience: Audience | None = Audience.EVERYBODY,
    disclosure: Disclosure = Disclosure.OPEN,
    strategy: str = "alpha",
    symbol: str = "BRK.B",
    direction: str = "BUY",
    confidence_bp: int = 8_250,
    result: str | None = None,
    return_bp: int | None = None,
    reveal_after_us: int | None = None,
    entry: str = "182.30",
    ended_us: int | None = None,
    opinions: Mapping[str, tuple[int, int]] | None = None,
    secret: str = "",
) -> SignalRecord:
    """A signal of that index; `secret` stands in everything that a sealed one must not show.

    With a return its outcome began a minute after the decision, at 100, and ended at `ended_us`, an
    hour after it unless told otherwise. `opinions` are phi_bp and strength_e4 of each source.
    """
    is_delayed = disclosure is Disclosure.DELAYED
    decided_us = BEGIN_US + index * MINUTE_US
    members: dict[str, str | int] = {
        "confidence_bp": confidence_bp,
        "decided_us": decided_us,
        "direction": direction,
        "entry": entry,
        "horizon_s": 3_600,
        "id": f"{strategy}-{index}{secret}",
        "reason": f"agreed{secret}",
        "reasoning": f"Both agreed.{secret}",
        "stop": "180.00",
        "symbol": f"{symbol}{secret}",
        "target": "187.00",
    }
    for source, (phi_bp, strength_e4) in (opinions or {}).items():
        members |= {f"phi_{source}_bp": phi_bp, f"strength_{source}_e4": strength_e4}
    outcome: dict[str, str | int] = {"note": secret, "result": str(result)}
    if return_bp is not None:
        outcome |= {
            "start": "100",
            "start_us": decided_us + MINUTE_US,
            "end": _end(direction, return_bp),
            "end_us": ended_us or decided_us + 60 * MINUTE_US,
            "return_bp": return_bp,
        }
    has_body = audience is not None
    return SignalRecord(
        log_index=index,
        strategy=strategy,
        seq=index,
        decided_us=decided_us,
        disclosure=disclosure,
        official_s=(decided_us + WITNESSED_US) // 1_000_000,
        commitment=index.to_bytes(32) if is_delayed else None,
        reveal_after_us=((reveal_after_us or decided_us + 15 * MINUTE_US) if is_delayed else None),
        revealed_index=index + 1 if is_delayed and audience is Audience.EVERYBODY else None,
        audience=audience,
        signal_id=f"{strategy}-{index}{secret}" if has_body else None,
        symbol=f"{symbol}{secret}" if has_body else None,
        direction=direction if has_body else None,
        confidence_bp=confidence_bp if has_body else None,
        data=orjson.dumps(members) if has_body else None,
        nonce=secret.encode().ljust(32, b".")[:32] if is_delayed and has_body else None,
        outcome_index=index + 1_000_000 if result else None,
        outcome=orjson.dumps(outcome) if result else None,
        result=result,
        return_bp=return_bp,
    )


def _end(direction: str, return_bp: int) -> str:
    """What a price of 100 became, if the signal's direction earned that."""
    return str(100 + Decimal(-return_bp if direction == "SELL" else return_bp) / 100)


async def store(database: Database, records: Iterable[SignalRecord]) -> None:
    """Put them where they would be if they had been read."""
    rows = [tuple(getattr(each, name) for name in COLUMNS) for each in records]
    async with database.connection() as connection:
        await connection.copy_records_to_table("signals", records=rows, columns=COLUMNS)


async def tick(database: Database) -> None:
    """Let the stream's number grow, as it does with everything that is accepted."""
    await database.execute("UPDATE stream_head SET number = number + 1")
