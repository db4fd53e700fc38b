"""The vendors of opinions: where they are, how much they count, how they are asked, their cost."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from attrs import Attribute, evolve, field, frozen

from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, SourceName
from argo_core.consensus.profile import Profile, SourcePolicy
from argo_core.errors import InvalidInput
from argo_core.resilience.secret import Secret
from argo_service.config import checks, pacing
from argo_service.config.pacing import Breaker
from argo_service.config.spending import Budget

ENTITLEMENTS: Final = ("realtime", "delayed")
_POLICIES: Final = Profile().sources


@frozen
class Source:
    """One vendor of opinions.

    `key` is the vendor's key; `key_file` names a file that holds it. `limits` are the vendor's
    limits in words, see `read_limit`. The other numbers are those of its `SourcePolicy`.
    """

    weight: float = field(validator=checks.share)
    base_url: str = field(validator=checks.url)
    half_life_s: float = field(validator=checks.seconds)
    refresh_after_s: float = field(validator=checks.seconds)
    min_interval_s: float = field(validator=checks.seconds)
    timeout_s: float = field(validator=checks.seconds)
    max_symbols: int = field(validator=checks.count)
    limits: tuple[str, ...] = field(validator=pacing.limits)
    breaker: Breaker = Breaker()
    budget: Budget = Budget()
    enabled: bool = True
    key: Secret | None = None
    key_file: Path | None = None


def _entitlement(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if value not in ENTITLEMENTS:
        problem = f"{value[:40]!r} is no entitlement of Alpha Vantage"
        raise InvalidInput(attribute.name, problem, f"give {' or '.join(ENTITLEMENTS)}")


@frozen
class AlphaVantageSource(Source):
    """`entitlement` is what the key's plan allows: `realtime` or `delayed`."""

    entitlement: str = field(default=ENTITLEMENTS[0], validator=_entitlement)


@frozen
class ModelSource(Source):
    """A vendor of a language model; `model` is the name it is asked by, pinned."""

    model: str = field(default="-", validator=checks.ascii_name)


_LIMITS: Final[Mapping[SourceName, tuple[str, ...]]] = {
    MASSIVE: ("5/s burst 10",),
    # An ask about stocks, two pairs and the news is four calls; none should wait for another.
    ALPHA_VANTAGE: ("within 5/min burst 4",),
    GROK: ("1/s",),
    SONAR: ("1/s",),
}
_PAID_AI: Final = Budget(usd_per_day=Decimal(5))


def _numbers(name: SourceName) -> dict[str, Any]:
    policy = _POLICIES[name]
    return {
        "weight": policy.weight,
        "half_life_s": policy.half_life_s,
        "refresh_after_s": policy.refresh_after_s,
        "min_interval_s": policy.min_interval_s,
        "timeout_s": policy.timeout_s,
        "max_symbols": policy.max_symbols,
        "limits": _LIMITS[name],
    }


@frozen
class Sources:
    """The four vendors of opinions."""

    massive: Source = Source(base_url="https://api.massive.com", **_numbers(MASSIVE))
    alpha_vantage: AlphaVantageSource = AlphaVantageSource(
        base_url="https://www.alphavantage.co", **_numbers(ALPHA_VANTAGE)
    )
    grok: ModelSource = ModelSource(
        base_url="https://api.x.ai/v1",
        model="grok-4.20-non-reasoning",
        budget=_PAID_AI,
        **_numbers(GROK),
    )
    sonar: ModelSource = ModelSource(
        base_url="https://api.perplexity.ai",
        model="perplexity/sonar",
        budget=_PAID_AI,
        **_numbers(SONAR),
    )

    def by_name(self) -> dict[SourceName, Source]:
        return {
            MASSIVE: self.massive,
            ALPHA_VANTAGE: self.alpha_vantage,
            GROK: self.grok,
            SONAR: self.sonar,
        }

    def each(self, changes: Callable[[SourceName], Mapping[str, Any]]) -> "Sources":
        """These sources with the attributes changed that `changes` names for each."""
        return Sources(
            massive=evolve(self.massive, **changes(MASSIVE)),
            alpha_vantage=evolve(self.alpha_vantage, **changes(ALPHA_VANTAGE)),
            grok=evolve(self.grok, **changes(GROK)),
            sonar=evolve(self.sonar, **changes(SONAR)),
        )


def source_policy(name: SourceName, source: Source) -> SourcePolicy:
    """A source's standing in the consensus, as its settings have it."""
    return SourcePolicy(
        weight=source.weight,
        half_life_s=source.half_life_s,
        refresh_after_s=source.refresh_after_s,
        min_interval_s=source.min_interval_s,
        timeout_s=source.timeout_s,
        max_symbols=source.max_symbols,
        market_data=_POLICIES[name].market_data,
        paid_ai=_POLICIES[name].paid_ai,
    )
