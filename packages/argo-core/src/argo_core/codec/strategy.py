"""A strategy's registration as a log entry."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from argo_core.codec.members import common
from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Scalar, encode, float_text, sha256_hex
from argo_core.ledger.entry import encode_entry
from argo_core.market.instrument import Instrument


def strategy_entry(
    profile: Profile,
    *,
    log: str,
    strategy: str,
    seq: int,
    decided_at: datetime,
    universe: Sequence[Instrument],
    models: Mapping[SourceName, str],
    config_sha256: str,
    code_sha256: str,
    outcome_rule: str,
    reveal_after_s: int = 0,
) -> bytes:
    """The registration that opens a strategy's record: what decides, over what, how often.

    `models` names what forms each source's opinions, as `OpinionSource.model` does. The profile's
    numbers are the shortest decimals that read back exactly. `outcome_rule` names how its signals
    are scored. With `reveal_after_s` the log is given commits, and bodies that much later.

    Raises:
        InvalidInput: a source has no model, a symbol occurs twice, or a value cannot be written.
    """
    symbols = sorted(one.symbol for one in universe)
    if len(set(symbols)) < len(symbols):
        raise InvalidInput("universe", "a symbol occurs twice", "give each once")
    if models.keys() != profile.sources.keys():
        problem = f"{sorted(models)} are not the profile's sources"
        raise InvalidInput("models", problem, f"name one for each of {sorted(profile.sources)}")
    fields: dict[str, Scalar] = {
        **common("strategy", log, strategy, seq, decided_at),
        "disclosure": "delayed" if reveal_after_s else "open",
        "reveal_after_s": reveal_after_s,
        "outcome_rule": outcome_rule,
        "profile": profile.name,
        "universe": " ".join(symbols),
        "config_sha256": config_sha256,
        "code_sha256": code_sha256,
        "models_sha256": sha256_hex(encode({name: models[name] for name in models})),
        "horizon_s": profile.horizon_s,
        "theta_bp": profile.theta_bp,
        "publish_step_bp": profile.publish_step_bp,
    }
    for name in ("beat_s", "tau", "lam", "quorum", "publish_move", "max_quote_age_s"):
        fields[name] = float_text(getattr(profile, name))
    fields["price_deadline_s"] = float_text(profile.price_deadline_s)
    for name, policy in profile.sources.items():
        fields[f"weight_{name}"] = float_text(policy.weight)
        fields[f"half_life_{name}_s"] = float_text(policy.half_life_s)
        fields[f"refresh_after_{name}_s"] = float_text(policy.refresh_after_s)
        fields[f"min_interval_{name}_s"] = float_text(policy.min_interval_s)
        fields[f"timeout_{name}_s"] = float_text(policy.timeout_s)
        fields[f"max_symbols_{name}"] = policy.max_symbols
        fields[f"market_data_{name}"] = int(policy.market_data)
        fields[f"paid_ai_{name}"] = int(policy.paid_ai)
        fields[f"model_{name}"] = models[name]
    return encode_entry(fields)
