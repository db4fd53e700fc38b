"""The kinds of entries a log holds, and the one door through which they pass both ways.

Members common to all: `v` the version of this format, `kind`, `log` the log's name, `strategy`,
`seq` gapless from 0 within the strategy, `decided_us` microseconds since 1970. Units are in the
names: `_us` microseconds, `_s` seconds, `_bp` basis points, `_e4` 1/10,000, `_sha256` hexadecimal.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Fields, Scalar, decode, encode
from argo_core.ledger.schema import (
    ANY_TEXT,
    COUNT,
    DECIMAL,
    DIGEST,
    FLAG,
    MICROS,
    WORD,
    Group,
    Kind,
    Rule,
    Text,
    Whole,
)

VERSION = 1
MAX_EVIDENCE = 12
_SOURCE = r"[a-z][a-z0-9_]*"
_PRICES = ("entry", "stop", "target")

_COMMON: Mapping[str, Rule] = {
    "v": Whole(VERSION, VERSION),
    "kind": Text(r"[a-z]+", "the kind of entry"),
    "log": Text(r"[!-~]{1,255}", "the log's name without spaces"),
    "strategy": Text(r"[a-z0-9][a-z0-9._-]{0,127}", "a name of a-z, 0-9, dot, _ and -"),
    "seq": COUNT,
    "decided_us": MICROS,
}


def _signal_agrees(fields: Fields) -> None:
    levels = {"stop", "target"} & fields.keys()
    if len(levels) != (0 if fields["direction"] == "HOLD" else 2):
        problem = f"{fields['direction']} does not go with {sorted(levels)}"
        raise InvalidInput("stop", problem, "BUY and SELL have stop and target, HOLD has neither")
    scale = fields["price_scale"]
    for name in _PRICES:
        price = str(fields.get(name, fields["entry"]))
        if len(price.partition(".")[2]) != scale or price.startswith("-") or not price.strip("0."):
            problem = f"{price} is no price with {scale} decimals"
            raise InvalidInput(name, problem, "give positive prices with price_scale decimals")
    total = sum(cast("list[int]", [fields[key] for key in _phis(tuple(fields))]))
    if total != fields["confidence_bp"]:
        problem = f"the contributions add up to {total}"
        raise InvalidInput("confidence_bp", problem, "make them add up exactly")


@lru_cache(maxsize=256)
def _phis(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in keys if key.startswith("phi_"))


def _quiet_agrees(fields: Fields) -> None:
    if cast(int, fields["from_us"]) > cast(int, fields["to_us"]):
        raise InvalidInput("from_us", "it is after to_us", "give the earlier moment first")


_SIGNAL = Kind(
    required={
        **_COMMON,
        "id": WORD,
        "symbol": Text(r"[A-Z][A-Z0-9./]{0,15}", "a symbol such as BRK.B"),
        "direction": Text("BUY|SELL|HOLD", "BUY, SELL or HOLD"),
        "reason": Text("[a-z_]+", "a reason code"),
        "confidence_bp": Whole(-10_000, 10_000),
        "coverage_bp": Whole(0, 10_000),
        "agreement_bp": Whole(0, 10_000),
        "price_scale": Whole(0, 18),
        "entry": DECIMAL,
        "horizon_s": Whole(1, 10**9),
        "regime": Text("[a-z_]+", "a regime"),
        "profile": WORD,
        "reasoning": ANY_TEXT,
        "reasoning_source": WORD,
        "inputs_sha256": DIGEST,
        "feed": WORD,
    },
    optional={"stop": DECIMAL, "target": DECIMAL},
    groups=(
        Group(
            _SOURCE,
            {
                "phi_*_bp": Whole(-10_000, 10_000),
                "strength_*_e4": Whole(-10_000, 10_000),
                "age_*_us": COUNT,
                "raw_*_sha256": DIGEST,
            },
        ),
        Group(
            f"[1-9]|1[0-{MAX_EVIDENCE - 10}]",
            {
                "e*_source": Text(_SOURCE, "a source's name"),
                "e*_kind": ANY_TEXT,
                "e*_value": ANY_TEXT,
                "e*_unit": ANY_TEXT,
                "e*_as_of_us": MICROS,
            },
            numbered=True,
        ),
    ),
    agree=_signal_agrees,
)

_STRATEGY = Kind(
    required={
        **_COMMON,
        "disclosure": Text("open|delayed", "open or delayed"),
        "profile": WORD,
        "universe": Text(r"[A-Z0-9./ ]+", "symbols separated by spaces"),
        "config_sha256": DIGEST,
        "code_sha256": DIGEST,
        "models_sha256": DIGEST,
        "beat_s": DECIMAL,
        "horizon_s": Whole(1, 10**9),
        "theta_bp": Whole(1, 10_000),
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
)

_QUIET = Kind(
    required={
        **_COMMON,
        "from_us": MICROS,
        "to_us": MICROS,
        "cycles": COUNT,
        "holds": COUNT,
        "skips": COUNT,
    },
    groups=(Group("[a-z_]+", {"count_*": COUNT}),),
    agree=_quiet_agrees,
)

KINDS: Mapping[str, Kind] = {"strategy": _STRATEGY, "signal": _SIGNAL, "quiet": _QUIET}


@frozen
class Entry:
    """A checked entry: its common members by name, and all members in `fields`."""

    kind: str
    log: str
    strategy: str
    seq: int
    decided_us: int
    fields: Fields

    def text(self, name: str) -> str:
        """A member that its kind declares as a string."""
        return cast(str, self.fields[name])

    def number(self, name: str) -> int:
        """A member that its kind declares as a whole number."""
        return cast(int, self.fields[name])


def check_entry(fields: Fields) -> None:
    """Refuse `fields` unless they are a whole entry of a known kind.

    Raises:
        InvalidInput: the kind is unknown, or a member is missing, unknown or wrong.
    """
    kind = KINDS.get(str(fields.get("kind")))
    if kind is None:
        problem = f"{str(fields.get('kind'))[:40]!r} is unknown"
        raise InvalidInput("kind", problem, f"give one of {', '.join(sorted(KINDS))}")
    kind.check(fields)


def encode_entry(fields: Fields) -> bytes:
    """The canonical bytes of a checked entry.

    Raises:
        InvalidInput: a member is missing, unknown, wrong or outside the canonical rules.
    """
    data = encode(fields)
    check_entry(fields)
    return data


def decode_entry(data: bytes) -> Entry:
    """The entry these canonical bytes spell.

    Raises:
        InvalidInput: they are not canonical, or not an entry of a known kind.
    """
    fields: dict[str, Scalar] = decode(data)
    check_entry(fields)
    return Entry(
        kind=cast(str, fields["kind"]),
        log=cast(str, fields["log"]),
        strategy=cast(str, fields["strategy"]),
        seq=cast(int, fields["seq"]),
        decided_us=cast(int, fields["decided_us"]),
        fields=fields,
    )
