"""Whether paid AI may still be asked today."""

from argo_core.consensus.profile import Profile
from argo_service.api.errors import NotWell
from argo_service.api.probes import Level, Probe
from argo_service.figures import budget_words
from argo_service.tally import Tally


def budget_probe(profile: Profile, tally: Tally) -> Probe:
    """A deep check of what is left of each language model's day."""
    paid = [name for name, policy in profile.sources.items() if policy.paid_ai]

    async def look() -> str:
        said = ", ".join(f"{name} {budget_words(tally.source(name))}" for name in paid)
        for name in paid:
            refused = tally.source(name).refused
            if refused is not None:
                until = f"{refused.resets_at:%d %B, %H:%M} UTC"
                raise NotWell(f"{said}: wait until {until}, or raise sources.{name}.budget")
        return said or "no paid AI is asked"

    return Probe("budgets", Level.DEEP, look)
