"""Under which name prose is kept: the same key, the same words would be asked for.

A key has no time in it. It hashes what the writer is told, so that prose found under a key passes
the verifier for every brief of that key or for none; the price counts in buckets half a percent
wide, because words about a move do not outlive the next one.
"""

import json
from decimal import ROUND_FLOOR, Decimal
from hashlib import sha256

from argo_core.signals.brief import Brief
from argo_core.signals.prose_prompt import PROMPT_VERSION
from argo_core.signals.reasoning import TEMPLATE_VERSION
from argo_core.signals.verifier import VERIFIER_VERSION

BUCKET = Decimal("1.005")
_STEP = BUCKET.ln()


def price_bucket(price: Decimal) -> int:
    """The whole number of half percents above a price of 1; `price` is positive."""
    return int((price.ln() / _STEP).to_integral_value(rounding=ROUND_FLOOR))


def prose_key(brief: Brief, model: str) -> str:
    """SHA-256 in hexadecimal of what decides the words: who writes, by which rules, about what."""
    told = [
        TEMPLATE_VERSION,
        VERIFIER_VERSION,
        PROMPT_VERSION,
        model,
        brief.symbol,
        brief.direction,
        brief.reason,
        brief.confidence,
        price_bucket(brief.price),
        sorted((pull.source, pull.points) for pull in brief.pulls),
        [(one.id, one.source, one.kind, one.value, one.unit) for one in brief.evidence],
    ]
    return sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()
