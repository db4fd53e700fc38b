"""`strategy`: said beforehand, what decides, over what, and how it is scored."""

from typing import cast

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Fields
from argo_core.ledger.kinds.common import COMMON, SOURCE
from argo_core.ledger.schema import COUNT, DECIMAL, DIGEST, FLAG, WORD, Group, Kind, Text, Whole


def _agrees(fields: Fields) -> None:
    delayed = fields["disclosure"] == "delayed"
    if delayed != (cast(int, fields["reveal_after_s"]) > 0):
        problem = f"{fields['disclosure']} does not go with {fields['reveal_after_s']} s"
        raise InvalidInput("reveal_after_s", problem, "open is 0, delayed is more")


STRATEGY = Kind(
    required={
        **COMMON,
        "disclosure": Text("open|delayed", "open or delayed"),
        "reveal_after_s": Whole(0, 10**9),
        "outcome_rule": WORD,
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
            SOURCE,
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
    agree=_agrees,
)
