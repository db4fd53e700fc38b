"""Whether limits, breakers, budgets and words, as they are set, can do what they are for."""

from collections.abc import Iterator

from argo_core.consensus.opinion import SourceName
from argo_service.config.sources import Source
from argo_service.config.tree import Settings
from argo_service.figures import allowance
from argo_service.finding import Finding, State
from argo_service.shields import day_limits, words_of


def vendor_findings(settings: Settings) -> Iterator[Finding]:
    """One line for each vendor of opinions that is switched on, and one for each thing amiss."""
    profile, limits, breakers = settings.profile(), settings.limits(), settings.breakers()
    for name, policy in profile.sources.items():
        source = settings.sources.by_name()[name]
        yield _budget(name, source, paid=policy.paid_ai)
        slowest = min(each.rate for each in limits[name].allowances)
        if slowest * policy.refresh_after_s < 1:
            detail = (
                f"a call every {1 / slowest:.0f} s at most, though an opinion is due every"
                f" {policy.refresh_after_s:g} s"
            )
            fix = f"raise sources.{name}.limits, or sources.{name}.refresh_after_s"
            yield Finding(f"limits {name}", State.WARNING, detail, fix)
        if breakers[name].slow_s >= policy.timeout_s:
            detail = f"no call is ever slow: it is given up after {policy.timeout_s:g} s"
            fix = f"set sources.{name}.breaker.slow_s below, or leave it out"
            yield Finding(f"breaker {name}", State.WARNING, detail, fix)
    if settings.reasoning.enabled:
        yield _reasoning(settings)


def _budget(name: SourceName, source: Source, *, paid: bool) -> Finding:
    budget, what = source.budget, f"budget {name}"
    midnight = f"until midnight in {budget.time_zone}"
    most = {
        "usd_per_day": None if budget.usd_per_day is None else allowance(budget.usd_per_day),
        "tokens_per_day": _counted(budget.tokens_per_day, "tokens"),
        "calls_per_day": _counted(budget.calls_per_day, "calls"),
    }
    for key in most:
        if getattr(budget, key) == 0:
            fix = f"raise sources.{name}.budget.{key}, or set sources.{name}.enabled = false"
            return Finding(what, State.WARNING, "nothing: it is never asked", fix)
    limited = ", ".join(each for each in most.values() if each)
    pace = " and ".join(source.limits)
    if paid and budget.usd_per_day is None:
        fix = f"set sources.{name}.budget.usd_per_day"
        return Finding(what, State.WARNING, "no bound on its dollars", fix)
    detail = f"{limited} a day, {midnight}; {pace}" if limited else f"unlimited; {pace}"
    return Finding(what, State.GOOD, detail)


def _counted(count: int | None, what: str) -> str | None:
    return None if count is None else f"{count:,} {what}"


def _reasoning(settings: Settings) -> Finding:
    wanted = settings.reasoning
    source = settings.sources.by_name()[SourceName(wanted.source)]
    if source.key is None:
        fix = f"set the key of {wanted.source}, or reasoning.enabled = false"
        return Finding("reasoning", State.FAULT, f"{wanted.source} has no key", fix)
    share = day_limits(settings).get(words_of(SourceName(wanted.source)))
    cost = "" if share is None else f", up to ${share.usd} a day"
    return Finding("reasoning", State.GOOD, f"{wanted.model} of {wanted.source}{cost}")
