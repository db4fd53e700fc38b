"""`signal`: what is said of a symbol, complete with its reasons."""

from collections.abc import Iterable
from functools import lru_cache
from typing import cast

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Fields
from argo_core.ledger.kinds.common import COMMON, SOURCE, SYMBOL
from argo_core.ledger.schema import (
    ANY_TEXT,
    COUNT,
    DECIMAL,
    DIGEST,
    MICROS,
    WORD,
    Group,
    Kind,
    Text,
    Whole,
)

MAX_EVIDENCE = 12
_PRICES = ("entry", "stop", "target")


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
    total = sum(cast("Iterable[int]", map(fields.__getitem__, _phis(tuple(fields)))))
    if total != fields["confidence_bp"]:
        problem = f"the contributions add up to {total}"
        raise InvalidInput("confidence_bp", problem, "make them add up exactly")


@lru_cache(maxsize=256)
def _phis(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for key in keys if key.startswith("phi_"))


SIGNAL = Kind(
    required={
        **COMMON,
        "id": WORD,
        "symbol": SYMBOL,
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
            SOURCE,
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
                "e*_source": Text(SOURCE, "a source's name"),
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
