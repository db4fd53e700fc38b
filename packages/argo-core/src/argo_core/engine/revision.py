"""Other numbers for an engine that runs: which of them may change, and how they are asked for."""

from attrs import evolve, frozen

from argo_core.consensus.profile import Profile
from argo_core.errors import InvalidInput


@frozen
class Revision:
    """From the next cycle on decide by this profile, registered under this hash of settings."""

    profile: Profile
    config_sha256: str


def refuse_more_than_numbers(before: Profile, after: Profile) -> None:
    """Weights and thresholds may change between two cycles, and nothing else of a profile.

    Sources, times and ages are in the hands of what asks and waits, which begins with them.

    Raises:
        InvalidInput: more differs; `field` is the first that does.
    """
    fix = "start again with it"
    if before.sources.keys() != after.sources.keys():
        raise InvalidInput("sources", "others are asked", fix)
    sources = {
        name: evolve(policy, weight=before.sources[name].weight)
        for name, policy in after.sources.items()
    }
    like_before = evolve(
        after,
        sources=sources,
        tau=before.tau,
        lam=before.lam,
        quorum=before.quorum,
        theta_bp=before.theta_bp,
        publish_step_bp=before.publish_step_bp,
    )
    for field in ("sources", *(name for name in Profile.__annotations__ if name != "sources")):
        if getattr(like_before, field) != getattr(before, field):
            raise InvalidInput(field, "it cannot change while the engine runs", fix)
