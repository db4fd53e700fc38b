"""The kinds of entries and their members, as the protocol's table has them, and nothing else."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from alpine_service.domain.feed.values import (
    COUNT,
    DECIMAL,
    DIGEST,
    FLAG,
    TEXT,
    TIME,
    WORD,
    Check,
    integer,
    pattern,
)

_SOURCE = "[a-z][a-z0-9_]*"
_SYMBOL = pattern("[A-Z][A-Z0-9./]{0,15}", "a symbol")
_HORIZON = integer(1, 1_000_000_000)
_SHARE = integer(0, 10_000)
_SIGNED_SHARE = integer(-10_000, 10_000)


@frozen
class Group:
    """Starred members that come together for each name that stands in the star's place."""

    star: str
    members: Mapping[str, Check]
    # Names that count from 1 on, without a gap.
    counted: bool = False


@frozen
class Kind:
    """The members of a kind, beside those that every entry has."""

    needed: Mapping[str, Check]
    optional: Mapping[str, Check] = {}
    groups: Sequence[Group] = ()


COMMON: Mapping[str, Check] = {
    "v": integer(1, 1),
    "kind": pattern("[a-z]+"),
    "log": pattern("[!-*,-~]{1,255}", "a log's name"),
    "strategy": pattern("[a-z0-9][a-z0-9._-]{0,127}", "a strategy's name"),
    "seq": COUNT,
    "decided_us": TIME,
}

KINDS: Mapping[str, Kind] = {
    "strategy": Kind(
        needed={
            "disclosure": pattern("open|delayed"),
            "reveal_after_s": integer(0, 1_000_000_000),
            "outcome_rule": WORD,
            "profile": WORD,
            "universe": pattern("[A-Z0-9./ ]+", "symbols with spaces between them"),
            "config_sha256": DIGEST,
            "code_sha256": DIGEST,
            "models_sha256": DIGEST,
            "beat_s": DECIMAL,
            "horizon_s": _HORIZON,
            "theta_bp": integer(1, 10_000),
            "publish_step_bp": COUNT,
            "tau": DECIMAL,
            "lam": DECIMAL,
            "quorum": DECIMAL,
            "publish_move": DECIMAL,
            "max_quote_age_s": DECIMAL,
            "price_deadline_s": DECIMAL,
        },
        groups=(
            Group(
                _SOURCE,
                {
                    "weight_*": DECIMAL,
                    "half_life_*_s": DECIMAL,
                    "refresh_after_*_s": DECIMAL,
                    "min_interval_*_s": DECIMAL,
                    "timeout_*_s": DECIMAL,
                    "max_symbols_*": COUNT,
                    "market_data_*": FLAG,
                    "paid_ai_*": FLAG,
                    "model_*": WORD,
                },
            ),
        ),
    ),
    "signal": Kind(
        needed={
            "id": WORD,
            "symbol": _SYMBOL,
            "direction": pattern("BUY|SELL|HOLD"),
            "reason": pattern("[a-z_]+"),
            "confidence_bp": _SIGNED_SHARE,
            "coverage_bp": _SHARE,
            "agreement_bp": _SHARE,
            "price_scale": integer(0, 18),
            "entry": DECIMAL,
            "horizon_s": _HORIZON,
            "regime": pattern("[a-z_]+"),
            "profile": WORD,
            "reasoning": TEXT,
            "reasoning_source": WORD,
            "inputs_sha256": DIGEST,
            "feed": WORD,
        },
        optional={"stop": DECIMAL, "target": DECIMAL},
        groups=(
            Group(
                _SOURCE,
                {
                    "phi_*_bp": _SIGNED_SHARE,
                    "strength_*_e4": _SIGNED_SHARE,
                    "age_*_us": COUNT,
                    "raw_*_sha256": DIGEST,
                },
            ),
            Group(
                "[1-9]|1[0-2]",
                {
                    "e*_source": pattern(_SOURCE, "a source's name"),
                    "e*_kind": TEXT,
                    "e*_value": TEXT,
                    "e*_unit": TEXT,
                    "e*_as_of_us": TIME,
                },
                counted=True,
            ),
        ),
    ),
    "commit": Kind(needed={"commitment": DIGEST, "reveal_after_us": TIME}),
    "reveal": Kind(
        needed={"commitment": DIGEST, "commit_index": COUNT, "nonce": DIGEST, "body": TEXT}
    ),
    "quiet": Kind(
        needed={"from_us": TIME, "to_us": TIME, "cycles": COUNT, "holds": COUNT, "skips": COUNT},
        groups=(Group("[a-z_]+", {"count_*": COUNT}),),
    ),
    "outcome": Kind(
        needed={
            "signal_index": COUNT,
            "signal_id": WORD,
            "symbol": _SYMBOL,
            "rule": WORD,
            "result": pattern("target|stop|expired|void"),
            "prices": COUNT,
            "gap_us": COUNT,
        },
        optional={
            "official_us": TIME,
            "start": DECIMAL,
            "end": DECIMAL,
            "start_us": TIME,
            "end_us": TIME,
            "return_bp": integer(-100_000_000, 100_000_000),
            "problem": WORD,
        },
    ),
    "trade": Kind(
        needed={
            "order_id": WORD,
            "symbol": _SYMBOL,
            "side": pattern("BUY|SELL"),
            "event": pattern("submitted|filled|cancelled|rejected|expired"),
            "quantity": DECIMAL,
            "broker": WORD,
            "at_us": TIME,
        },
        optional={"price": DECIMAL, "fee": DECIMAL, "signal_index": COUNT, "execution_id": WORD},
    ),
    "correct": Kind(needed={"index": COUNT, "note": WORD}),
    "retire": Kind(needed={"note": WORD}),
    "key": Kind(
        needed={
            "key": WORD,
            "use": pattern("checkpoint|witness"),
            "from_us": TIME,
            "note": WORD,
        }
    ),
}
