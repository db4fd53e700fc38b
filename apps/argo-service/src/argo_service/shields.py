"""A breaker and a purse in front of every vendor, as the settings have them."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from attrs import evolve

from argo_core.consensus.opinion import SourceName
from argo_core.engine.purse import Purse
from argo_core.engine.shield import Shield
from argo_core.ports import Clock, Observer, SpendingBook
from argo_core.resilience.budget import DayLimit
from argo_service.config.tree import Settings
from argo_service.turnstiles import Turnstiles

NO_LIMIT: Final = DayLimit()
CENT: Final = Decimal("0.01")


def words_of(source: SourceName) -> SourceName:
    """Under which name a vendor's words about signals are paid, beside its opinions."""
    return SourceName(f"{source}_words")


async def build_shields(
    settings: Settings,
    turnstiles: Turnstiles,
    books: Sequence[SpendingBook],
    *,
    clock: Clock,
    observer: Observer,
    chance: Callable[[], float],
) -> Mapping[SourceName, Shield]:
    """One for each vendor by its name, and one for the words of the vendor that writes them.

    What words may cost is taken out of the same day's budget, so that both together stay in it.

    Raises:
        InvalidInput: a vendor's day is unknown.
    """
    shields: dict[SourceName, Shield] = {}
    limits = day_limits(settings)
    sources = settings.sources.by_name()
    for name, breaker in turnstiles.items():
        for payer in (name, words_of(name)):
            limit = limits.get(payer)
            if payer != name and limit is None:
                continue
            purse = None
            if limit not in {None, NO_LIMIT}:
                days = sources[name].budget.days()
                purse = Purse(payer, limit, days, clock=clock, observer=observer, books=books)
                await purse.open()
            shields[payer] = Shield(breaker, purse, chance)
    return shields


def day_limits(settings: Settings) -> Mapping[SourceName, DayLimit]:
    """What each vendor of opinions may cost in a day, and the words apart."""
    limits = {name: one.budget.limit() for name, one in settings.sources.by_name().items()}
    words = settings.reasoning
    if words.enabled:
        name = SourceName(words.source)
        whole = limits[name]
        if whole.usd is not None:
            part = (whole.usd * Decimal(str(words.usd_share))).quantize(CENT)
            limits[name] = evolve(whole, usd=whole.usd - part)
            limits[words_of(name)] = DayLimit(usd=part)
    return limits
