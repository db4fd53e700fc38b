"""Which source to ask about which symbols now: pure, from what is known."""

from collections.abc import Iterable
from datetime import datetime

from argo_core.consensus.gate import explores
from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile, SourcePolicy
from argo_core.engine.asks import Ask, AskBook
from argo_core.engine.decide import moved
from argo_core.engine.gate_memo import GateMemo
from argo_core.engine.known import Known
from argo_core.engine.picture import Picture
from argo_core.market.instrument import Instrument
from argo_core.market.session import Phase

# After a failure the next ask waits twice as long each time, so that a dead vendor costs little.
FIRST_BACK_OFF_S = 5.0
LONGEST_BACK_OFF_S = 60.0


def plan(
    known: Known,
    book: AskBook,
    gate: GateMemo,
    profile: Profile,
    *,
    pictures: Iterable[Picture],
    busy: Iterable[SourceName],
    seed: int,
    now: datetime,
) -> tuple[Ask, ...]:
    """One ask at most for each enabled source, in order of name; `busy` ones are still answering.

    A symbol is due when the market is open and its opinion is missing, has reached the source's
    refresh age, or was formed at a price that has since moved too far. The gate then spares paid
    sources whatever could not change the outcome, but for the share that explores.
    """
    waiting = frozenset(busy)
    due_of: dict[SourceName, list[Picture]] = {
        name: [] for name in profile.sources if name not in waiting and _may_ask(known, name, now)
    }
    for picture in pictures:
        if picture.basis.phase is Phase.REGULAR:
            for name, due in due_of.items():
                if _due(book, picture, name, profile, now):
                    due.append(picture)
    asks = (
        _gated(book, gate, name, profile, due=due_of[name], seed=seed, now=now)
        for name in sorted(due_of)
    )
    return tuple(ask for ask in asks if ask.asked or ask.spared)


def _may_ask(known: Known, source: SourceName, now: datetime) -> bool:
    failure = known.failures.get(source)
    if failure is None:
        return True
    back_off = min(LONGEST_BACK_OFF_S, FIRST_BACK_OFF_S * 2.0 ** (failure.times - 1))
    wait = max(back_off, failure.error.retry_after_s or 0.0)
    return (now - failure.at).total_seconds() >= wait


def _due(
    book: AskBook, picture: Picture, source: SourceName, profile: Profile, now: datetime
) -> bool:
    policy = profile.sources[source]
    before = book.last(source, picture.instrument.symbol)
    if before is None:
        return True
    since_ask = (now - before.at).total_seconds()
    if since_ask < policy.min_interval_s:
        return False
    return (
        since_ask >= policy.refresh_after_s
        or moved(before.quote, picture.basis.quote) > profile.publish_move
    )


def _gated(
    book: AskBook,
    gate: GateMemo,
    source: SourceName,
    profile: Profile,
    *,
    due: list[Picture],
    seed: int,
    now: datetime,
) -> Ask:
    policy = profile.sources[source]
    if not policy.paid_ai:
        return Ask(source, _first(due, policy))
    # A spared symbol stays due; it counts as a new occasion only once an answer would have aged.
    newly_due = {
        symbol
        for symbol in (picture.instrument.symbol for picture in due)
        if not book.spared_within(source, symbol, policy.refresh_after_s, now)
    }
    if newly_due and explores(seed, source, book.occasions(source)):
        return Ask(source, _first(due, policy), occasion=True)
    worth = [picture for picture in due if gate.worth_asking(picture, now)]
    spared = newly_due - {picture.instrument.symbol for picture in worth}
    return Ask(source, _first(worth, policy), tuple(sorted(spared)), bool(newly_due))


def _first(pictures: list[Picture], policy: SourcePolicy) -> tuple[Instrument, ...]:
    return tuple(picture.instrument for picture in pictures[: policy.max_symbols])
